/* frozen: see frozen.h.
 * SPDX-License-Identifier: MIT */
#include "flow/frozen.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/num.h"

int rfi_frozen_reserve(rfi_frozen *frozen, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    const rf_allocator *a = &data->allocator;
    if (frozen->omega != NULL)
        return 0;
    frozen->omega = rfi_alloc(a, data->d, sizeof(double));
    frozen->fresh = rfi_alloc(a, data->d, sizeof(double));
    frozen->labels = rfi_alloc(a, data->n, sizeof(double));
    if (rfi_segment_create(&frozen->segment, problem) != 0 || frozen->omega == NULL
        || frozen->fresh == NULL || frozen->labels == NULL) {
        rfi_frozen_free(frozen, a);
        return -1;
    }
    return 0;
}

void rfi_frozen_free(rfi_frozen *frozen, const rf_allocator *allocator)
{
    rfi_free(allocator, frozen->omega);
    rfi_free(allocator, frozen->fresh);
    rfi_free(allocator, frozen->labels);
    rfi_segment_free(&frozen->segment, allocator);
    memset(frozen, 0, sizeof(*frozen));
}

int rfi_frozen_settle(const rfi_problem *problem, rfi_pattern *pattern)
{
    int64_t g;
    int doubtful = 0;
    for (g = 0; g < pattern->lines; ++g) {
        const int high = pattern->side[g] > 0;
        if (!rfi_held(pattern->side[g]) || pattern->side[g] == RFI_SLIDE)
            continue;
        if (problem->jump[g] < 0.0) {
            pattern->side[g] = RFI_SLIDE;
            pattern->stand[g] = RFI_ON_SIDE;
            pattern->bound[g] = high ? RFI_AT_HIGH : RFI_AT_LOW;
        } else {
            doubtful |= problem->jump[g] > 0.0;
            pattern->side[g] = high ? RFI_PLUS : RFI_MINUS;
            pattern->stand[g] = RFI_CROSSED;
            pattern->bound[g] = RFI_INSIDE;
        }
    }
    return doubtful;
}

/* The multiplier of a kink that slides at its bound is of the order of omega: it must keep the sign
 * that holds it there, for ever. */
static int bounds_hold(rfi_frozen *frozen, const rfi_pattern *pattern, double *line)
{
    int64_t k;
    for (k = 0; k < frozen->segment.slides[0]; ++k) {
        const uint8_t bound = pattern->bound[frozen->segment.slide[k]];
        const double side = bound == RFI_AT_HIGH ? -1.0 : 1.0;
        rfi_expsum u;
        if (bound == RFI_INSIDE)
            continue;
        u = rfi_segment_multiplier(&frozen->segment, &frozen->problem, k, 0, line);
        if (!(side * u.start > u.floor) || rfi_expsum_count(&u, side, 0.0, 0) != 0)
            return 0;
    }
    return 1;
}

/* omega keeps its direction for ever if it is an eigenvector: a mode that is in it by rounding alone, of
 * the sum and of the singular vectors, must not outlive the others. */
static void drop_rounding(rfi_segment *segment)
{
    const double noise = 16.0 * RFI_EPS * segment->residual_size;
    int64_t j;
    for (j = 0; j < segment->modes; ++j)
        if (fabs(segment->pull[j]) <= noise)
            segment->pull[j] = segment->shift[j] = 0.0;
}

rf_status rfi_frozen_build(rfi_frozen *frozen, const rfi_problem *problem,
                           const rfi_pattern *pattern, const double *omega, rfi_workspace *ws,
                           int *doubtful)
{
    rfi_pattern plain = *pattern;
    rf_status status;
    memcpy(&frozen->data, problem->data, offsetof(rfi_data, references)); /* as in neuron.c */
    frozen->data.y = frozen->labels;
    frozen->problem = *problem;
    frozen->problem.data = &frozen->data;
    frozen->built = 0;
    /* No pull is left at any kink, and no multiplier is at a bound.  There are no more lines than data. */
    frozen->problem.jump = frozen->problem.base = frozen->problem.width = frozen->labels;
    plain.bound = (uint8_t *)frozen->labels;
    status = rfi_segment_build(&frozen->segment, &frozen->problem, &plain, 0.0, omega, ws);
    if (status != RF_OK)
        return status;
    drop_rounding(&frozen->segment);
    frozen->built = 1;
    if (doubtful != NULL)
        *doubtful |= !bounds_hold(frozen, pattern, ws->line);
    return RF_OK;
}

void rfi_frozen_find(rfi_frozen *frozen, const rfi_pattern *pattern, rfi_next *next, double *line)
{
    const int64_t slides = frozen->segment.slides[0];
    frozen->segment.slides[0] = 0; /* margins only: what slides goes on sliding */
    next->sieve = NULL;
    rfi_event_find(&frozen->segment, &frozen->problem, pattern, 0.0, next, line);
    frozen->segment.slides[0] = slides;
}
