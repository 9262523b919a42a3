/* groups: see groups.h.
 * SPDX-License-Identifier: MIT */
#include "analysis/groups.h"

#include <math.h>

#include "base/num.h"

/* The angle between unit vectors, accurate near 0 and near pi: 2 atan(|u - v| / |u + v|) (Kahan). */
static double angle_between(const double *u, const double *v, int64_t d)
{
    double minus = 0.0, plus = 0.0;
    int64_t k;
    for (k = 0; k < d; ++k) {
        minus += (u[k] - v[k]) * (u[k] - v[k]);
        plus += (u[k] + v[k]) * (u[k] + v[k]);
    }
    return 2.0 * atan2(sqrt(minus), sqrt(plus));
}

/* Makes w a unit vector and returns its norm; 0: it has no direction. */
static double normalize(double *w, int64_t d)
{
    const double norm = rfi_norm(w, d);
    int exponent = 0;
    double rest;
    int64_t k;
    if (norm == 0.0)
        return 0.0;
    rest = frexp(norm, &exponent);
    for (k = 0; k < d; ++k)
        w[k] = ldexp(w[k], -exponent) / rest;
    return norm;
}

/* The neurons of the group of `from` become those of the group of `to`. */
static void merge(int64_t *group, int64_t count, int64_t from, int64_t to)
{
    int64_t k;
    for (k = 0; k < count; ++k)
        if (group[k] == from)
            group[k] = to;
}

rf_status rfi_groups(const rfi_problem *problem, double *w, double angle, int64_t *group,
                     double *weight)
{
    const int64_t d = problem->data->d, m = problem->neurons;
    int64_t j, k;
    for (j = 0; j < m; ++j) {
        const double norm = normalize(w + j * d, d);
        weight[j] = problem->a[j] * norm;
        group[j] = norm > 0.0 ? j : -1;
        for (k = 0; k < j; ++k)
            if (group[j] >= 0 && group[k] >= 0 && group[k] != group[j]
                && angle_between(w + j * d, w + k * d, d) <= angle)
                merge(group, j + 1, rfi_larger(group[j], group[k]),
                      rfi_smaller(group[j], group[k]));
    }
    for (j = 0; j < m; ++j) /* group[j] <= j: what belongs to j is added before it is read */
        if (group[j] >= 0 && group[j] < j)
            weight[group[j]] += weight[j];
    for (j = 0; j < m; ++j)
        if (group[j] >= 0)
            weight[j] = weight[group[j]];
    return rfi_first_not_finite(weight, m) < 0 ? RF_OK : RF_ERROR_NUMERICAL;
}
