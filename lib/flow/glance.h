/* glance: which of few lines may reach their kinks, told for all at once in single precision
 * (docs/mathematics.md 6).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_GLANCE_H
#define RFI_GLANCE_H

#include "flow/chain.h"

/* So many lines have their rows in one block; so many coefficients of a margin are looked at, at most. */
enum { RFI_GLANCE_LINES = 16, RFI_GLANCE_MOST = 8 };

/* Of the lines of one block, over |x|: the mask of those whose margin may fall to the threshold.  X: d rows of
 * RFI_GLANCE_LINES; T: rows of ld, one for each coefficient; side: of the lines.  bernstein: rows of RFI_GLANCE_LINES,
 * the coefficients of Bernstein of the margins. */
typedef unsigned rfi_glance_kernel(int64_t d, int64_t ld, const float *X, const float *T, const float *side,
                                   float threshold, float *bernstein);

typedef struct rfi_glance {
    float *X;    /* blocks of d x RFI_GLANCE_LINES: the rows over their lengths, column by column */
    float *T;    /* RFI_GLANCE_MOST x ld: what w is about the anchor, scaled                      */
    float *first; /* of every line that was found: no root before this part of tau               */
    uint8_t *leaves; /* and 1 if it has none at all should it be 0 at the anchor                  */
    rfi_glance_kernel *few, *all; /* for half of the coefficients, and for all of them            */
} rfi_glance;

/* Takes the rows of all lines.  Returns 0 on success. */
int rfi_glance_create(rfi_glance *glance, const rfi_data *data, int level);
void rfi_glance_free(rfi_glance *glance, const rf_allocator *allocator);

/* The lines, in ascending order, that may come within |x| near of their kinks up to tau after the anchor; returns how
 * many.  What is held is among them. */
int64_t rfi_glance_find(rfi_glance *glance, const rfi_chain *chain, const rfi_data *data, const int8_t *side,
                        double tau, double near, int64_t *out);

#endif
