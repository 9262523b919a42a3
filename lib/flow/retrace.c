/* retrace: see retrace.h.
 * SPDX-License-Identifier: MIT */
#include "flow/retrace.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* More anchors than any search of the flow goes without an event. */
enum { MOST_ANCHORS = 1000 };

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
    if (r->w == NULL || r->v == NULL
        || rfi_chain_create(&r->chain, data->d, data->dense, &data->allocator) != 0) {
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

/* w after so long a time on the pattern of the chain, from w.  Returns 0 on success. */
static int travel(rfi_retrace *r, const double *w, double gap)
{
    rfi_chain *chain = &r->chain;
    int64_t k;
    memcpy(chain->T, w, (size_t)chain->d * sizeof(double));
    if (!(gap > 0.0))
        return gap == 0.0 ? 0 : -1;
    if (rfi_chain_anchor(chain, 0.0, gap) != 0)
        return -1;
    for (k = 0; k < MOST_ANCHORS && gap > chain->valid && chain->valid > 0.0; ++k) {
        gap -= chain->valid;
        if (rfi_chain_move_on(chain) != 0)
            return -1;
    }
    if (gap > chain->valid)
        return -1;
    rfi_chain_weights(chain, gap, r->v);
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

static int plain(const rfi_pattern *pattern)
{
    int64_t g;
    for (g = 0; g < pattern->lines; ++g)
        if (pattern->side[g] < RFI_MINUS || pattern->side[g] > RFI_PLUS)
            return 0;
    return 1;
}

rf_status rfi_retrace_step(rfi_retrace *r, const rfi_problem *problem, const rfi_record *record,
                           int64_t k, const rfi_pattern *pattern, const double *w,
                           rfi_segment *segment, rfi_workspace *ws)
{
    const double gap = record->stretch[k + 1].begin - record->stretch[k].begin;
    rfi_chain *chain = &r->chain;
    int done = r->at == k;
    if (!done && problem->neurons == 1 && problem->activation != RF_LINEAR && plain(pattern)) {
        rfi_chain_gather(chain, problem, pattern);
        done = rfi_chain_hold(chain, problem, pattern) == 0;
    }
    r->at = -1;
    if (done && travel(r, w, gap) == 0) {
        if (turn_lines(r, problem, record, k, pattern) == 0 && !rfi_chain_is_thin(chain))
            r->at = k + 1;
        memcpy(r->w, chain->T, (size_t)chain->ld * sizeof(double));
        return RF_OK;
    }
    if (rfi_segment_build(segment, problem, pattern, record->stretch[k].begin, w, ws) != RF_OK)
        return RF_ERROR_NUMERICAL;
    rfi_segment_weights(segment, gap, r->w);
    return rfi_first_not_finite(r->w, chain->d) < 0 ? RF_OK : RF_ERROR_NUMERICAL;
}
