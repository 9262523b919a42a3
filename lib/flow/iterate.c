/* iterate: see iterate.h.
 * SPDX-License-Identifier: MIT */
#include "flow/iterate.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

int rfi_iterate_create(rfi_iterate *it, const rfi_problem *problem)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t D = rfi_weight_count(problem), pairs = rfi_pair_count(problem);
    memset(it, 0, sizeof(*it));
    it->w = rfi_alloc(a, D, sizeof(double));
    it->gradient = rfi_alloc(a, D, sizeof(double));
    it->residual = rfi_alloc(a, problem->data->n, sizeof(double));
    it->margin = rfi_alloc(a, pairs, sizeof(double));
    it->state = rfi_alloc(a, pairs, sizeof(uint8_t));
    it->work = rfi_alloc(a, rfi_pass_work(problem), sizeof(double));
    it->threads = 1;
    if (it->w == NULL || it->gradient == NULL || it->residual == NULL || it->margin == NULL
        || it->state == NULL || it->work == NULL) {
        rfi_iterate_free(it, a);
        return -1;
    }
    return 0;
}

void rfi_iterate_free(rfi_iterate *it, const rf_allocator *allocator)
{
    rfi_free(allocator, it->w);
    rfi_free(allocator, it->gradient);
    rfi_free(allocator, it->residual);
    rfi_free(allocator, it->margin);
    rfi_free(allocator, it->state);
    rfi_free(allocator, it->work);
    memset(it, 0, sizeof(*it));
}

static void pass(rfi_iterate *it, const rfi_problem *problem, const uint8_t *state)
{
    rfi_pass p = {0};
    p.w = it->w;
    p.state = state;
    p.threads = it->threads;
    p.margins = it->margin;
    p.residuals = it->residual;
    p.gradient = it->gradient;
    p.work = it->work;
    rfi_pass_run(problem, &p);
}

void rfi_iterate_start(rfi_iterate *it, const rfi_problem *problem)
{
    int64_t i;
    pass(it, problem, NULL);
    for (i = 0; i < rfi_pair_count(problem); ++i)
        it->state[i] = it->margin[i] > 0.0 ? RFI_ACTIVE : RFI_INACTIVE;
}

void rfi_iterate_evaluate(rfi_iterate *it, const rfi_problem *problem)
{
    pass(it, problem, it->state);
}

/* x . w is summed with an error of at most d eps sum |x_l w_l|, and w itself is rounded to eps/2
 * of every coordinate. */
double rfi_margin_band(const rfi_data *data, const double *w, int64_t i)
{
    const rfi_view x = rfi_row(data, i % data->n);
    double size = 0.0;
    int64_t l;
    w += i / data->n * data->d;
    for (l = 0; l < data->d; ++l)
        size += fabs(rfi_view_at(x, l) * w[l]);
    return (double)(data->d + 2) * RFI_EPS * size;
}

int rfi_iterate_in_band(const rfi_iterate *it, const rfi_problem *problem, int64_t i)
{
    return fabs(it->margin[i]) < rfi_margin_band(problem->data, it->w, i);
}

void rfi_iterate_follow(rfi_iterate *it, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    int64_t i, kept = 0;
    pass(it, problem, NULL);
    for (i = 0; i < rfi_pair_count(problem); ++i) {
        const uint8_t state = it->margin[i] > 0.0 ? RFI_ACTIVE : RFI_INACTIVE;
        if (state == it->state[i])
            continue;
        if (rfi_iterate_in_band(it, problem, i)
            && rfi_view_dot_accurate(rfi_row(data, i % data->n), it->w + i / data->n * data->d,
                                     data->d)
                   != 0.0)
            ++kept;
        else
            it->state[i] = state;
    }
    if (kept > 0)
        pass(it, problem, it->state);
}

int rfi_iterate_step(const rfi_iterate *it, double eta, int64_t D, double *next)
{
    int64_t k, moved = 0;
    for (k = 0; k < D; ++k) {
        const double to = it->w[k] - eta * it->gradient[k];
        moved += to != it->w[k];
        next[k] = to;
    }
    return moved != 0;
}

int rfi_iterate_rests(const rfi_iterate *it, int64_t D)
{
    int64_t k;
    for (k = 0; k < D; ++k)
        if (it->gradient[k] != 0.0)
            return 0;
    return 1;
}
