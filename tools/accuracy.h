/* accuracy.h: how far rounding can move a limit.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_ACCURACY_H
#define TOOLS_ACCURACY_H

#include <reluflow/reluflow.h>

#include "dataset.h"
#include "network.h"

/* sum_i c_i |y_i| |x_i| |a|, a bound of |b|. */
double accuracy_pull(const struct dataset *data, const struct network *network, bool mean_loss);

/* The rounding error to be expected of the limit at which a model stands; rates is room for as
 * many numbers as there are weights. */
rf_status accuracy_of_limit(const rf_model *model, double pull, double *rates, double *out);

#endif
