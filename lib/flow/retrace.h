/* retrace: goes again from one stretch of a record to the next, where the weights of that were not kept
 * (docs/mathematics.md 6).  The times and the patterns are known: nothing is searched.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_RETRACE_H
#define RFI_RETRACE_H

#include "flow/chain.h"
#include "flow/record.h"
#include "flow/segment.h"

typedef struct rfi_retrace {
    rfi_chain chain;
    int made;
    int64_t at;    /* the stretch whose pattern H, b and the slides are of; -1: none */
    double *w, *v; /* d, padded: w where that stretch begins, scratch                */
} rfi_retrace;

/* Memory for it, when it is first needed.  Returns 0 on success. */
int rfi_retrace_create(rfi_retrace *r, const rfi_problem *problem);
void rfi_retrace_free(rfi_retrace *r, const rf_allocator *allocator);

/* From stretch k, which begins at w (r->w itself, if it comes from here) with the pattern, to the begin of the
 * next: w there into r->w.  Where the chain cannot, a segment is built. */
rf_status rfi_retrace_step(rfi_retrace *r, const rfi_problem *problem, const rfi_record *record,
                           int64_t k, const rfi_pattern *pattern, const double *w,
                           rfi_segment *segment, rfi_workspace *ws);

#endif
