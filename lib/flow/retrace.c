/* retrace: see retrace.h.
 * SPDX-License-Identifier: MIT */
#include "flow/retrace.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* More anchors than any search of the flow goes without an event. */
enum { MOST_ANCHORS = 1000 };

/* Anchors that cost as much as a segment. */
static double worth(const rfi_problem *problem)
{
    const double n = (double)problem->data->n, d = (double)problem->data->d;
    const double segment = (0.35 * fmin(n, d) + 2.0) * n * d;
    return fmin(MOST_ANCHORS, 2.0 + segment / (10.0 * rfi_chain_work(problem->data) + 1000.0));
}

int rfi_retrace_create(rfi_retrace *r, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    const int64_t ld = rfi_padded(data->d);
    if (r->made)
        return 0;
    memset(r, 0, sizeof(*r));
    r->at = -1;
    r->w = rfi_alloc(&data->allocator, ld, sizeof(double));
    r->v = rfi_alloc(&data->allocator, ld, sizeof(double));
    if (r->w == NULL || r->v == NULL || rfi_chain_create(&r->chain, data) != 0) {
        rfi_free(&data->allocator, r->w);
        rfi_free(&data->allocator, r->v);
        memset(r, 0, sizeof(*r));
        return -1;
    }
    r->made = 1;
    return 0;
}

void rfi_retrace_free(rfi_retrace *r, const rf_allocator *allocator)
{
    if (!r->made)
        return;
    rfi_chain_free(&r->chain, allocator);
    rfi_free(allocator, r->w);
    rfi_free(allocator, r->v);
    memset(r, 0, sizeof(*r));
}

static int plain(const rfi_pattern *pattern)
{
    int64_t g;
    for (g = 0; g < pattern->lines; ++g)
        if (pattern->side[g] < RFI_MINUS || pattern->side[g] > RFI_PLUS)
            return 0;
    return 1;
}

/* Takes over the pattern of stretch k.  Returns 0 on success. */
static int take_over(rfi_retrace *r, const rfi_problem *problem, int64_t k, const rfi_pattern *pattern)
{
    if (r->at == k)
        return 0;
    r->at = -1;
    if (problem->neurons > 1 || problem->activation == RF_LINEAR || !plain(pattern))
        return -1;
    rfi_chain_gather(&r->chain, problem, pattern);
    if (rfi_chain_hold(&r->chain, problem, pattern) != 0)
        return -1;
    r->at = k;
    return 0;
}

/* Memory for what slides in the pattern.  Returns 0 on success. */
static int reserve(rfi_retrace *r, const rfi_pattern *pattern)
{
    int64_t g, slides = 0;
    for (g = 0; g < pattern->lines; ++g)
        slides += pattern->side[g] == RFI_SLIDE;
    return rfi_chain_reserve(&r->chain, rfi_smaller(slides, r->chain.d - 2)); /* it holds no more */
}

rf_status rfi_retrace_take(rfi_retrace *r, const rfi_problem *problem, int64_t k,
                           const rfi_pattern *pattern, const rfi_chain *chain)
{
    r->at = -1;
    if (!plain(pattern))
        return RF_OK;
    if (reserve(r, pattern) != 0)
        return RF_ERROR_MEMORY;
    rfi_chain_copy(&r->chain, chain);
    if (rfi_chain_hold(&r->chain, problem, pattern) == 0)
        r->at = k;
    return RF_OK;
}

int rfi_retrace_travel(rfi_retrace *r, const rfi_problem *problem, int64_t k,
                       const rfi_pattern *pattern, const double *w, double length, int needed)
{
    rfi_chain *chain = &r->chain;
    const double most = needed ? MOST_ANCHORS : worth(problem);
    double count = 0.0;
    if (!(length >= 0.0))
        return -1;
    if (problem->neurons == 1 && reserve(r, pattern) != 0)
        return RF_ERROR_MEMORY;
    if (take_over(r, problem, k, pattern) != 0)
        return -1;
    memcpy(chain->T, w, (size_t)chain->d * sizeof(double));
    if (length == 0.0)
        return 0;
    if (rfi_chain_anchor(chain, 0.0, length) != 0)
        return -1;
    while (length > chain->valid) {
        if (!(chain->valid > 0.0) || ++count + length / chain->valid > most)
            return -1;
        if (r->visit != NULL)
            r->visit(r->context, chain, chain->valid);
        length -= chain->valid;
        if (rfi_chain_move_on(chain) != 0)
            return -1;
    }
    if (r->visit != NULL)
        r->visit(r->context, chain, length);
    rfi_chain_weights(chain, length, r->v);
    memcpy(chain->T, r->v, (size_t)chain->ld * sizeof(double));
    return 0;
}

/* The lines that change at the next stretch: on their kinks x . w = 0, and the chain takes their new sides. */
static int turn_lines(rfi_retrace *r, const rfi_problem *problem, const rfi_record *record,
                      int64_t k, const rfi_pattern *pattern)
{
    const rfi_data *data = problem->data;
    const int64_t last =
        k + 2 < record->stretches ? record->stretch[k + 2].first_change : record->changes;
    rfi_chain *chain = &r->chain;
    int64_t c;
    for (c = record->stretch[k + 1].first_change; c < last; ++c) {
        const rfi_change *change = &record->change[c];
        const rfi_view x = rfi_row(data, data->kinks.row[change->line]);
        const double square = rfi_chain_tangent(chain, x, r->v);
        const int8_t from = pattern->side[change->line];
        if (from != RFI_SLIDE && square > 0.0)
            chain->dense->add(chain->ld, -rfi_view_dot_accurate(x, chain->T, chain->d) / square, r->v,
                              chain->T);
        if (rfi_held(change->side) && change->side != RFI_SLIDE)
            return -1;
        if (rfi_chain_side(chain, problem, change->line, from, change->side) != 0)
            return -1;
    }
    return 0;
}

rf_status rfi_retrace_arrive(rfi_retrace *r, const rfi_problem *problem, const rfi_record *record,
                             int64_t k, const rfi_pattern *pattern, const double *w)
{
    const int64_t first = record->stretch[k + 1].first_change;
    const int64_t last =
        k + 2 < record->stretches ? record->stretch[k + 2].first_change : record->changes;
    int64_t c, slides = r->chain.slides;
    r->at = -1;
    for (c = first; c < last; ++c)
        slides += record->change[c].side == RFI_SLIDE;
    if (rfi_chain_reserve(&r->chain, rfi_smaller(slides, r->chain.d - 2)) != 0)
        return RF_ERROR_MEMORY;
    if (turn_lines(r, problem, record, k, pattern) == 0 && !rfi_chain_is_thin(&r->chain))
        r->at = k + 1;
    memcpy(r->w, w != NULL ? w : r->chain.T, (size_t)r->chain.d * sizeof(double));
    return RF_OK;
}
