/* limit: see limit.h.
 * SPDX-License-Identifier: MIT */
#include "flow/limit.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* A component of the gradient is left if it is above this fraction of the sizes of its terms. */
static const double LEFT = 1e-3;

int rfi_limit_is_consistent(const rfi_problem *problem, const rfi_pattern *pattern, const double *w,
                            double far)
{
    const rfi_data *data = problem->data;
    const int64_t lines = data->kinks.count;
    int64_t g;
    for (g = 0; g < pattern->lines; ++g) {
        const int64_t row = data->kinks.row[g % lines];
        const int8_t side = pattern->side[g];
        const double z = rfi_view_dot(rfi_row(data, row), w + g / lines * data->d, data->d);
        if (!rfi_held(side) && side * z < -64.0 * RFI_EPS * (double)data->d * data->norm[row] * far)
            return 0;
    }
    return 1;
}

/* The residual of a datum, and what is certain to be above its rounding; length: |w_j| of every neuron. */
static double residual_of(const rfi_problem *problem, const rfi_pattern *pattern, const double *w,
                          const double *length, int64_t i, double *noise)
{
    const rfi_data *data = problem->data;
    double sum = -data->y[i], size = fabs(data->y[i]);
    int64_t j;
    for (j = 0; j < problem->neurons; ++j) {
        const double slope = problem->a[j] * rfi_pattern_slope(problem, pattern, j * data->n + i);
        if (slope == 0.0)
            continue;
        sum += slope * rfi_view_dot(rfi_row(data, i), w + j * data->d, data->d);
        size += fabs(slope) * data->norm[i] * length[j];
    }
    *noise = 64.0 * RFI_EPS * (double)data->d * size;
    return sum;
}

/* 1 if a line of neuron j slides, or its w is 0: then the gradient of its active data need not vanish. */
static int is_held(const rfi_pattern *pattern, int64_t j, int64_t lines)
{
    int64_t g;
    for (g = j * lines; g < (j + 1) * lines; ++g)
        if (rfi_held(pattern->side[g]))
            return 1;
    return 0;
}

int rfi_limit_is_stationary(const rfi_problem *problem, const rfi_pattern *pattern, const double *w,
                            double *vector)
{
    const rfi_data *data = problem->data;
    const int64_t n = data->n, d = data->d, D = problem->neurons * d;
    double *gradient = vector, *most = gradient + D, *x = most + D, *length = x + d;
    int64_t i, j, k;
    memset(gradient, 0, (size_t)(2 * D) * sizeof(double));
    for (j = 0; j < problem->neurons; ++j)
        length[j] = rfi_norm(w + j * d, d);
    for (i = 0; i < n; ++i) {
        double noise = 0.0, r = 0.0, size;
        int known = 0;
        for (j = 0; j < problem->neurons; ++j) {
            const double factor = problem->c[i] * rfi_pattern_slope(problem, pattern, j * n + i);
            if (factor == 0.0)
                continue;
            if (!known) {
                r = residual_of(problem, pattern, w, length, i, &noise);
                rfi_view_copy(rfi_row(data, i), x, d);
                known = 1;
            }
            size = factor * rfi_more(LEFT * fabs(r), noise);
            for (k = 0; k < d; ++k) {
                gradient[j * d + k] += factor * r * x[k];
                most[j * d + k] += size * fabs(x[k]);
            }
        }
    }
    for (k = 0; k < D; ++k)
        if (fabs(gradient[k]) > most[k] && !is_held(pattern, k / d, data->kinks.count))
            return 0;
    return 1;
}
