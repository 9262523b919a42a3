/* fastforward: the iterates of descent while no datum changes side, in closed form, and the step at
 * which one may (docs/mathematics.md 5).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_FASTFORWARD_H
#define RFI_FASTFORWARD_H

#include "flow/crossing.h"
#include "flow/iterate.h"
#include "flow/segment.h"

/* RFI_REFUSED: a stretch that has no usable closed form and is walked step by step. */
enum { RFI_NO_FORM = 0, RFI_FORM = 1, RFI_REFUSED = 2 };

/* With H and b of the flow's segment of the same pattern, w(k) = w + sum_j shift_j (1 - mu_j^k)
 * q_j. */
typedef struct rfi_fastforward {
    int status;
    int allocated;
    rfi_pattern pattern;
    rfi_segment segment; /* from the anchor of the form, step 0 */
    rfi_workspace ws;
    rfi_factors factors;
    double *doubt; /* modes: relative error of the p_j of any margin */
    double *p;     /* those of the margins in hand                   */
    rfi_watch *watch;
    uint8_t *clear;
    double *work;
} rfi_fastforward;

void rfi_fastforward_free(rfi_fastforward *forward, const rf_allocator *allocator);

/* Steps that are walked in a stretch before its closed form is built. */
int64_t rfi_fastforward_lead(const rfi_problem *problem);

/* Builds the form that starts at the iterate; its memory is allocated by the first call.
 * Returns RF_OK, with status RFI_FORM or RFI_REFUSED, or RF_ERROR_MEMORY. */
rf_status rfi_fastforward_build(rfi_fastforward *forward, const rfi_problem *problem,
                                const rfi_iterate *anchor, double eta);

/* The first step k >= 1 after the anchor that is not certain to show the pattern of the steps
 * before it; most + 1 if steps 1 .. most are certain.  most is at most 2^62. */
int64_t rfi_fastforward_end(rfi_fastforward *forward, const rfi_problem *problem, int64_t most);

/* w after k >= 1 steps. */
void rfi_fastforward_weights(const rfi_fastforward *forward, int64_t k, double *w);

#endif
