/* neuron: see neuron.h.
 * SPDX-License-Identifier: MIT */
#include "flow/neuron.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/num.h"

int rfi_neuron_create(rfi_neuron *one, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    const rf_allocator *a = &data->allocator;
    const int64_t n = data->n, D = rfi_weight_count(problem), lines = data->kinks.count;
    const int64_t basis = problem->neurons > 1 ? data->d * data->d : 0;
    memset(one, 0, sizeof(*one));
    one->whole = problem;
    one->one = 1.0;
    one->labels = rfi_alloc(a, 4 * n + 3 * lines + 2 * D + basis, sizeof(double));
    if (one->labels == NULL)
        return -1;
    one->c = one->labels + n;
    one->rate = one->c + n;
    one->turn = one->rate + n;
    one->constants = one->turn + n;
    one->velocity = one->constants + 3 * lines;
    one->known = one->velocity + D;
    one->basis = one->known + D;
    return 0;
}

void rfi_neuron_free(rfi_neuron *one, const rf_allocator *allocator)
{
    rfi_free(allocator, one->labels);
    memset(one, 0, sizeof(*one));
}

/* Sets up the single neuron; its labels become those without other neurons. */
static void set_up(rfi_neuron *one, int64_t j)
{
    const rfi_problem *whole = one->whole;
    const double a = whole->a[j];
    const int64_t lines = whole->data->kinks.count;
    int64_t i;
    one->j = j;
    /* All but the count of references, the last member, which other threads change. */
    memcpy(&one->data, whole->data, offsetof(rfi_data, references));
    one->data.y = one->labels;
    one->problem = *whole;
    one->problem.data = &one->data;
    one->problem.neurons = 1;
    one->problem.a = &one->one;
    one->problem.c = one->c;
    one->problem.jump = one->constants;
    one->problem.base = one->constants + lines;
    one->problem.width = one->constants + 2 * lines;
    for (i = 0; i < whole->data->n; ++i) {
        one->labels[i] = whole->data->y[i] / a;
        one->c[i] = whole->c[i] * a * a;
    }
}

void rfi_neuron_at_zero(rfi_neuron *one, int64_t j)
{
    set_up(one, j);
    rfi_problem_refresh(&one->problem);
}

void rfi_neuron_at(rfi_neuron *one, int64_t j, const double *w)
{
    const rfi_problem *whole = one->whole;
    const rfi_data *data = whole->data;
    int64_t i, l;
    set_up(one, j);
    for (i = 0; i < data->n && whole->neurons > 1; ++i) {
        double sum = 0.0;
        for (l = 0; l < whole->neurons; ++l) {
            const double z = l == j ? 0.0 : rfi_view_dot(rfi_row(data, i), w + l * data->d, data->d);
            sum += z > 0.0 ? whole->a[l] * z : 0.0;
        }
        one->labels[i] = (data->y[i] - sum) / whole->a[j];
    }
    rfi_problem_refresh(&one->problem);
}

void rfi_neuron_on_kink(rfi_neuron *one, int64_t j, const rfi_segment *segment, double tau,
                        double *line)
{
    const rfi_problem *whole = one->whole;
    int64_t i;
    set_up(one, j);
    for (i = 0; i < whole->data->n && whole->neurons > 1; ++i) {
        rfi_expsum f;
        if (!rfi_segment_shared(segment, j, i))
            continue;
        f = rfi_segment_residual(segment, whole, segment->row_at[i], line);
        one->labels[i] = -rfi_expsum_at(&f, tau).f / (sqrt(whole->c[i]) * whole->a[j]);
    }
    rfi_problem_refresh(&one->problem);
}

void rfi_neuron_begin(rfi_neuron *one)
{
    memcpy(one->known, one->velocity, (size_t)rfi_weight_count(one->whole) * sizeof(double));
}

void rfi_neuron_scale(rfi_neuron *one, int exponent)
{
    const int64_t D = rfi_weight_count(one->whole);
    int64_t k;
    for (k = 0; k < D; ++k)
        one->known[k] = ldexp(one->known[k], exponent);
}

/* Derivatives of the residuals and of the labels from those of the weights. */
static void turn_residuals(rfi_neuron *one, const rfi_pattern *pattern)
{
    const rfi_problem *whole = one->whole;
    const rfi_data *data = whole->data;
    int64_t i, l;
    for (i = 0; i < data->n; ++i) {
        double others = 0.0, own = 0.0;
        for (l = 0; l < whole->neurons; ++l) {
            const double slope = rfi_pattern_slope(whole, pattern, l * data->n + i);
            double change;
            if (slope == 0.0)
                continue;
            change =
                whole->a[l] * slope * rfi_view_dot(rfi_row(data, i), one->known + l * data->d, data->d);
            if (l == one->j)
                own = change;
            else
                others += change;
        }
        one->turn[i] = others + own;
        one->rate[i] = -others / whole->a[one->j];
    }
}

/* Takes what is normal to the held lines of neuron l out of a derivative of its weight. */
static void confine(rfi_neuron *one, const rfi_pattern *pattern, int64_t l, double *v)
{
    const rfi_data *data = one->whole->data;
    const int64_t lines = data->kinks.count, d = data->d;
    int64_t g, rank = 0, k;
    for (g = 0; g < lines && rank < d; ++g) {
        const int8_t side = pattern->side[l * lines + g];
        if (rfi_at_origin(side))
            memset(v, 0, (size_t)d * sizeof(double));
        if (rfi_held(side) && !rfi_at_origin(side))
            rank += rfi_extend_basis(one->basis, rank, rfi_row(data, data->kinks.row[g]), d);
    }
    for (k = 0; k < rank; ++k)
        rfi_axpy(-rfi_dot(one->basis + k * d, v, d), one->basis + k * d, v, d);
}

void rfi_neuron_advance(rfi_neuron *one, const rfi_pattern *pattern, const double *last)
{
    const rfi_problem *whole = one->whole;
    const rfi_data *data = whole->data;
    const int64_t d = data->d;
    int64_t i, l;
    memcpy(one->known + one->j * d, last, (size_t)d * sizeof(double));
    turn_residuals(one, pattern);
    for (l = 0; l < whole->neurons; ++l) {
        double *next = one->known + l * d;
        if (l == one->j)
            continue;
        memset(next, 0, (size_t)d * sizeof(double));
        for (i = 0; i < data->n; ++i) {
            const double slope = rfi_pattern_slope(whole, pattern, l * data->n + i);
            if (slope != 0.0)
                rfi_view_axpy(-whole->c[i] * whole->a[l] * slope * one->turn[i], rfi_row(data, i), next,
                         d);
        }
        confine(one, pattern, l, next);
    }
}
