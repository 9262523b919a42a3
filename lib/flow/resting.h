/* resting: lines at rest on their kinks that may, or must, leave them.
 *
 * Of several neurons: a pair whose pull has turned (docs/mathematics.md 7).  A neuron that has stopped on a kink stays
 * there, for sigma'(0) = 0; once Gamma > 0 it might leave as well.
 *
 * Of one neuron: a line rests where no derivative of the flow moves it.  One that rounding has put to rest is moved as
 * soon as its velocity is more than rounding: it must leave (docs/mathematics.md 3).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_RESTING_H
#define RFI_RESTING_H

#include "flow/segment.h"

/* 1 if Gamma of a line at rest becomes positive before the time until of a segment; line: 5 modes
 * doubles. */
int rfi_resting_may_leave(const rfi_segment *segment, const rfi_problem *problem,
                          const rfi_pattern *pattern, double until, double *line);

/* What moves the lines at rest of one neuron. */
typedef struct rfi_push {
    const rfi_segment *segment;
    const rfi_problem *problem;
    const rfi_pattern *pattern;
    rfi_workspace *ws;
    double *w, *q, *inverse; /* d each: w at an instant; of the lines that are held, in the order of segment->slide,
                                q in b - H w = sum q_k x_k + (what leaves them on their kinks), which is 0 for slides
                                and where it is within rounding; and of the rows of R^{-1} the lengths          */
    double scale;            /* the size of the terms of b - H w                                                */
} rfi_push;

/* 1 if there is a line at rest that could leave its kink alone; the push is then that of the segment.  In ws, which
 * nobody else may use meanwhile. */
int rfi_push_begin(rfi_push *push, const rfi_segment *segment, const rfi_problem *problem, const rfi_pattern *pattern,
                   rfi_workspace *ws);
/* q at a time of the segment, up to INFINITY; spared: UINT8_MAX for lines that are not looked at, or NULL.  Returns how
 * many are not 0. */
int64_t rfi_push_at(rfi_push *push, double tau, const uint8_t *spared);
/* A time before `until` from which on, to within a hundredth, one is not 0, with the push at that time; INFINITY: none.
 * Times are tried, 1/(largest rate) and then each twice the one before. */
double rfi_push_first(rfi_push *push, double until, const uint8_t *spared);

#endif
