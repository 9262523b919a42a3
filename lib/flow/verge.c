/* verge: see verge.h.
 * SPDX-License-Identifier: MIT */
#include "flow/verge.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* What -c_i r_i a_j of datum i adds to u or to |Gamma| - u, per unit of it: x_i . g off the line, on it the
 * members of the side that the bound belongs to. */
static double weight_of(const rfi_problem *problem, const rfi_pattern *pattern, int64_t j,
                        int64_t line, const double *g, int top, int64_t i)
{
    const rfi_data *data = problem->data;
    const double f = data->kinks.factor[i];
    if (data->kinks.line[i] == line)
        return (f > 0.0) == (top != 0) ? (top ? -f : f) : 0.0;
    if (rfi_pattern_slope(problem, pattern, j * data->n + i) == 0.0)
        return 0.0;
    return (top ? -1.0 : 1.0) * rfi_view_dot(rfi_row(data, i), g, data->d);
}

int8_t rfi_verge_sign(const rfi_segment *seg, const rfi_problem *problem,
                      const rfi_pattern *pattern, int64_t j, int64_t line, const double *g, int top,
                      double tau, double *l)
{
    double sum = 0.0, noise = 0.0, *b = l + seg->rows;
    int64_t i, k, m;
    for (i = 0; i < seg->n; ++i) {
        const double weight = weight_of(problem, pattern, j, line, g, top, i);
        if (seg->row_at[i] >= 0)
            l[seg->row_at[i]] = -problem->a[j] * sqrt(problem->c[i]) * weight;
        else if (weight != 0.0) {
            sum += problem->a[j] * problem->c[i] * problem->data->y[i] * weight;
            noise += fabs(problem->a[j] * problem->c[i] * problem->data->y[i] * weight);
        }
    }
    if (seg->rows == 0 || !rfi_segment_vanishes(seg, l, b))
        return 0;
    noise *= 8.0 * RFI_EPS;
    for (m = 0; m < seg->modes; ++m) {
        const double rest = rfi_decay_at(seg->rate[m] * tau).rest;
        double size = 0.0;
        for (k = 0; k < seg->rows; ++k)
            size += fabs(l[k] * seg->U[k * seg->most + m]);
        sum += b[m] * seg->pull[m] * rest;
        noise += 16.0 * RFI_EPS * (size * fabs(seg->pull[m]) + fabs(b[m]) * seg->residual_size)
                 * rest * (1.0 + seg->rate[m] * tau);
    }
    return (int8_t)(sum > noise ? 1 : sum < -noise ? -1 : 0);
}
