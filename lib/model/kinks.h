/* kinks: the kink lines of the data.  Rows that are parallel or antiparallel share one kink
 * (docs/mathematics.md 3): x_i = f_i x with x the row of lowest index, its representative.
 * A kink of a network is a pair of a neuron and a line.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_KINKS_H
#define RFI_KINKS_H

#include <stdint.h>

#include "base/alloc.h"
#include "base/view.h"

typedef struct rfi_kinks {
    int64_t count;   /* G, the number of lines                                  */
    int64_t *line;   /* n: the line of a datum, -1 for a zero row               */
    double *factor;  /* n: f_i                                                  */
    int64_t *row;    /* G: the representative                                   */
    int64_t *start;  /* G + 1: members of line g are member[start[g]..start[g+1]-1], ascending */
    int64_t *member; /* n                                                       */
    int apart;       /* every row has a line of its own: those of the same numbers */
} rfi_kinks;

/* The representative of a line; without a look at a table that is not at hand, where that can be. */
static inline int64_t rfi_kinks_row(const rfi_kinks *kinks, int64_t line)
{
    return kinks->apart ? line : kinks->row[line];
}

/* Finds the lines of the rows of X (n x d; norm[i] the row norms).  Rows count
 * as parallel when their directions agree to rounding, 4 eps in every coordinate: the difference is
 * then below that of the data themselves.  Returns 0, or -1 without memory (nothing is kept). */
int rfi_kinks_find(rfi_kinks *kinks, int64_t n, int64_t d, rfi_matrix X, const double *norm,
                   const rf_allocator *allocator);
void rfi_kinks_free(rfi_kinks *kinks, const rf_allocator *allocator);

#endif
