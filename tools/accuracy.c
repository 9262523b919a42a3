/* accuracy.c: the rounding error of a limit.
 * SPDX-License-Identifier: MIT
 *
 * In the span of the data that pull, a limit solves H w = b with H = sum c x x^T and b = sum c y x
 * over them.  Sums of n products, and a decomposition in dimension d, have a relative error of at
 * most about (n + d) eps, eps = 2^-52 (Higham, Accuracy and Stability of Numerical Algorithms, 2nd
 * ed., sections 3.1 and 10.1): H is off by (n + d) eps lambda_1, b by (n + d) eps B with
 * B = sum c |y| |x| over all rows, hence w by at most
 *
 *     (n + d) eps (B + lambda_1 |w|) / lambda_r,
 *
 * lambda_1 and lambda_r being the largest and the smallest positive rate.  What is orthogonal to
 * the span comes from the start and is kept to (n + d) eps |w|.  Twice the sum of both is taken:
 * two limits that are compared are both in error.  Of m neurons the row of datum i is at most
 * (a_j x_i)_j, of norm |a| |x_i| and dimension m d. */
#include "accuracy.h"

#include <float.h>
#include <math.h>

double accuracy_pull(const struct dataset *data, const struct network *network, bool mean_loss)
{
    double pull = 0;
    int64_t i;
    int64_t k;

    for (i = 0; i < data->n; i++) {
        double norm = 0;
        for (k = 0; k < data->d; k++) {
            norm = hypot(norm, data->X[i * data->d + k]);
        }
        pull += fabs(data->y[i]) * (mean_loss ? norm / (double)data->n : norm);
    }
    return pull * network->norm;
}

rf_status accuracy_of_limit(const rf_model *model, double pull, double *rates, double *out)
{
    const int64_t d = rf_model_neurons(model) * rf_model_dim(model);
    const double unit = 2 * (double)(rf_model_count(model) + d) * DBL_EPSILON;
    double norm = 0;
    double smallest = INFINITY;
    rf_status status = rf_model_query(model, RF_WEIGHT_NORM, &norm, 1);
    int64_t k;

    if (status == RF_OK) {
        status = rf_model_query(model, RF_RATES, rates, d);
    }
    for (k = 0; status == RF_OK && k < d; k++) {
        if (rates[k] > 0) {
            smallest = fmin(smallest, rates[k]);
        }
    }
    if (status == RF_OK) {
        *out = unit * norm;
        if (smallest < INFINITY) {
            *out += unit * (pull / smallest + rates[0] / smallest * norm);
        }
    }
    return status;
}
