/* frozen: w = 0 in the limit of vanishing initialization while the pulls of the active data cancel (all
 * of them have label 0, say).  w = scale omega then moves too slowly to be seen, but
 *
 *     omega' = -H omega      (labels 0; held on the sliding kinks)
 *
 * turns omega at times t of order 1 until it meets a kink that sets w free (docs/mathematics.md 4.2).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_FROZEN_H
#define RFI_FROZEN_H

#include "flow/event.h"

typedef struct rfi_frozen {
    int on;         /* w is frozen                                                     */
    int built;      /* segment is that of the present stretch                          */
    double *omega;  /* d: at the start of the present stretch; NULL: never needed yet  */
    double *fresh;  /* d: the same under construction                                  */
    double *labels; /* n: zeros                                                        */
    rfi_data data;  /* the data with labels 0, and their problem                       */
    rfi_problem problem;
    rfi_segment segment; /* of omega, from time 0                                      */
} rfi_frozen;

/* Makes the buffers, if they are not there.  problem: of one neuron, here and below.  Returns 0 on
 * success. */
int rfi_frozen_reserve(rfi_frozen *frozen, const rfi_problem *problem);
void rfi_frozen_free(rfi_frozen *frozen, const rf_allocator *allocator);

/* Readies the pattern in which the inner flow froze at omega: a tied kink with Gamma < 0 slides at its
 * bound, one with Gamma = 0 is crossed.  Returns 1 if omega may not go on so with certainty. */
int rfi_frozen_settle(const rfi_problem *problem, rfi_pattern *pattern);

/* Builds the segment that starts at omega with the pattern.  *doubtful is set if a kink that slides at its
 * bound may leave it again, which is not followed. */
rf_status rfi_frozen_build(rfi_frozen *frozen, const rfi_problem *problem,
                           const rfi_pattern *pattern, const double *omega, rfi_workspace *ws,
                           int *doubtful);

/* The next kink that omega meets. */
void rfi_frozen_find(rfi_frozen *frozen, const rfi_pattern *pattern, rfi_next *next, double *line);

#endif
