/* stepsize.h: which steps of gradient descent are stable for given data.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_STEPSIZE_H
#define TOOLS_STEPSIZE_H

#include <stdbool.h>

#include "dataset.h"
#include "network.h"

/* 2 / (lambda |a|^2), lambda being the largest eigenvalue of sum_i c_i x_i x_i^T with c_i = 1/n or
 * 1, as estimated from below: a step beyond is beyond the true limit, too.  INFINITY if every step is
 * stable, NaN where the number leaves the range of double. */
int stepsize_limit(const struct dataset *data, const struct network *network, bool mean_loss, double *limit);

/* Half the limit. */
int stepsize_choose(double limit, double *eta);

#endif
