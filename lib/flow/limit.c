/* limit: see limit.h.
 * SPDX-License-Identifier: MIT */
#include "flow/limit.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "base/team.h"

/* A component of the gradient is left if it is above this fraction of the sizes of its terms. */
static const double LEFT = 1e-3;

/* Lines, or rows, of one job; parts into which sums are divided where there is room for them. */
enum { BLOCK = 256, PARTS = 8 };

typedef struct {
    const rfi_problem *problem;
    const rfi_pattern *pattern;
    const double *w;
    double far;
    int broken;
} consistency;

static void some_lines(void *context, int32_t member, int64_t index)
{
    consistency *of = context;
    const rfi_data *data = of->problem->data;
    const int64_t lines = data->kinks.count, end = rfi_smaller(of->pattern->lines, (index + 1) * BLOCK);
    int64_t g;
    (void)member;
    for (g = index * BLOCK; g < end; ++g) {
        const int64_t row = data->kinks.row[g % lines];
        const int8_t side = of->pattern->side[g];
        const double z = rfi_view_dot(rfi_row(data, row), of->w + g / lines * data->d, data->d);
        if (!rfi_held(side) && side * z < -64.0 * RFI_EPS * (double)data->d * data->norm[row] * of->far)
            __atomic_store_n(&of->broken, 1, __ATOMIC_RELAXED);
    }
}

int rfi_limit_is_consistent(const rfi_problem *problem, const rfi_pattern *pattern, const double *w,
                            double far, rfi_team *team)
{
    consistency of = {problem, pattern, w, far, 0};
    rfi_team_run(team, pattern->lines * problem->data->d, (pattern->lines + BLOCK - 1) / BLOCK, some_lines, &of);
    return !of.broken;
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

/* Sums over parts of the rows: of each part the gradient, what is left of it at most, and a row. */
typedef struct {
    const rfi_problem *problem;
    const rfi_pattern *pattern;
    const double *w, *length;
    double *sums;
    int64_t parts;
} stationarity;

static void some_rows(void *context, int32_t member, int64_t index)
{
    const stationarity *of = context;
    const rfi_problem *problem = of->problem;
    const rfi_data *data = problem->data;
    const int64_t n = data->n, d = data->d, D = problem->neurons * d;
    double *gradient = of->sums + index * (2 * D + d), *most = gradient + D, *spare = most + D;
    int64_t i, j, k;
    (void)member;
    memset(gradient, 0, (size_t)(2 * D) * sizeof(double));
    for (i = n * index / of->parts; i < n * (index + 1) / of->parts; ++i) {
        const double *x = rfi_row(data, i).wide;
        double noise = 0.0, r = 0.0, size;
        int known = 0;
        for (j = 0; j < problem->neurons; ++j) {
            const double factor = problem->c[i] * rfi_pattern_slope(problem, of->pattern, j * n + i);
            if (factor == 0.0)
                continue;
            if (!known)
                r = residual_of(problem, of->pattern, of->w, of->length, i, &noise);
            if (!known && x == NULL)
                rfi_view_copy(rfi_row(data, i), spare, d);
            x = x != NULL ? x : spare;
            known = 1;
            size = factor * rfi_more(LEFT * fabs(r), noise);
            for (k = 0; k < d; ++k) {
                gradient[j * d + k] += factor * r * x[k];
                most[j * d + k] += size * fabs(x[k]);
            }
        }
    }
}

int rfi_limit_is_stationary(const rfi_problem *problem, const rfi_pattern *pattern, const double *w,
                            double *vector, rfi_team *team)
{
    const rfi_data *data = problem->data;
    const int64_t n = data->n, d = data->d, m = problem->neurons, D = m * d, size = 2 * D + d;
    const int64_t room = (rfi_larger(n, 4 * D) - m) / size;
    const int64_t parts = n >= PARTS * BLOCK ? rfi_larger(1, rfi_smaller(room, PARTS)) : 1;
    double *gradient = vector + m, *most = gradient + D;
    stationarity of = {problem, pattern, w, vector, gradient, parts};
    int64_t j, k;
    for (j = 0; j < m; ++j)
        vector[j] = rfi_norm(w + j * d, d);
    rfi_team_run(team, 3 * n * D, parts, some_rows, &of);
    for (k = 0; k < D; ++k) {
        for (j = 1; j < parts; ++j) {
            gradient[k] += gradient[j * size + k];
            most[k] += most[j * size + k];
        }
        if (fabs(gradient[k]) > most[k] && !is_held(pattern, k / d, data->kinks.count))
            return 0;
    }
    return 1;
}
