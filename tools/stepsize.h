/* stepsize.h: a step size of gradient descent that is stable for given data.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_STEPSIZE_H
#define TOOLS_STEPSIZE_H

#include <stdbool.h>

#include "dataset.h"
#include "network.h"

/* 1 / (lambda |a|^2), lambda being the largest eigenvalue of sum_i c_i x_i x_i^T with c_i = 1/n or
 * 1. */
int stepsize_choose(const struct dataset *data, const struct network *network, bool mean_loss,
                    double *eta);

#endif
