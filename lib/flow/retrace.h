/* retrace: goes again through the stretches of a record of one neuron, by the chain (docs/mathematics.md 6).  The
 * times and the patterns are known: nothing is searched.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_RETRACE_H
#define RFI_RETRACE_H

#include "flow/chain.h"
#include "flow/record.h"
#include "flow/segment.h"

/* Called with every part of a stretch that is gone through: from the anchor of the chain on, for so long. */
typedef void (*rfi_visit)(void *context, const rfi_chain *chain, double length);

typedef struct rfi_retrace {
    rfi_chain chain;
    int made;
    int64_t at;      /* the stretch whose pattern H, b and the slides are of; -1: none  */
    double *w, *v;   /* d, padded: w where the next stretch begins, scratch             */
    rfi_visit visit; /* NULL: nobody                                                    */
    void *context;
} rfi_retrace;

/* Memory for it, when it is first needed.  Returns 0 on success. */
int rfi_retrace_create(rfi_retrace *r, const rfi_problem *problem);
void rfi_retrace_free(rfi_retrace *r, const rf_allocator *allocator);

/* Takes H and b of stretch k, of which that is the pattern, from a chain that has them, so that they need not be
 * gathered.  Returns RF_OK or RF_ERROR_MEMORY. */
rf_status rfi_retrace_take(rfi_retrace *r, const rfi_problem *problem, int64_t k,
                           const rfi_pattern *pattern, const rfi_chain *chain);

/* Goes from the begin of stretch k, where the weights are w and the pattern is given, for so long a time: w there
 * into chain.T.  Returns 0 on success, -1 where the chain cannot, or RF_ERROR_MEMORY: then what was visited
 * counts for nothing.  needed = 0: also where it can, but a segment is cheaper. */
int rfi_retrace_travel(rfi_retrace *r, const rfi_problem *problem, int64_t k,
                       const rfi_pattern *pattern, const double *w, double length, int needed);

/* From stretch k, of which rfi_retrace_travel has gone through all, to the begin of the next, where the weights
 * are w, or follow if that is NULL: into r->w.  Returns RF_OK or RF_ERROR_MEMORY. */
rf_status rfi_retrace_arrive(rfi_retrace *r, const rfi_problem *problem, const rfi_record *record,
                             int64_t k, const rfi_pattern *pattern, const double *w);

#endif
