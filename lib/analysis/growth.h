/* growth: w . w' > 0 on parts of a stretch that the chain goes through, certified (docs/mathematics.md 4.3).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_GROWTH_H
#define RFI_GROWTH_H

#include "flow/chain.h"

typedef struct rfi_growth {
    double *w, *v, *a; /* d, padded: w and its first two derivatives */
    int fails;         /* 1: not certified somewhere                 */
} rfi_growth;

int rfi_growth_create(rfi_growth *g, const rfi_problem *problem);
void rfi_growth_free(rfi_growth *g, const rf_allocator *allocator);

/* For every part; context is the rfi_growth. */
void rfi_growth_visit(void *context, const rfi_chain *chain, double length);

#endif
