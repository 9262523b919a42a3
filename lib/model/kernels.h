/* kernels: loss, gradient, margins, residuals and pattern in one pass over X.  Pure: const
 * inputs, caller's workspace, no allocation.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_KERNELS_H
#define RFI_KERNELS_H

#include "model/problem.h"
#include "model/rows.h"

/* What to compute; pointers may be NULL where a result is not wanted. */
typedef struct rfi_pass {
    const double *w;        /* m x d                                                            */
    const uint8_t *state;   /* m x n: the pattern on record; NULL: the sign of x_i . w_j        */
    const uint8_t *on_kink; /* m x n: 1 where the margin is exactly 0; NULL: nowhere            */
    int32_t threads;        /* at most this many, the calling one included                      */
    double *margins;        /* m x n                                                            */
    double *residuals;      /* n: f(x_i) - y_i                                                  */
    uint8_t *pattern;       /* m x n: RFI_ACTIVE where the margin is positive, else RFI_INACTIVE */
    double *gradient;       /* m x d                                                            */
    double *work;           /* rfi_pass_work(problem) doubles                                   */
} rfi_pass;

int64_t rfi_pass_work(const rfi_problem *problem);

/* Returns the loss.  The sums are formed in blocks whose borders depend on n, m and d only and
 * are added in the order of the blocks, so the result has the same bits for every number of
 * threads.  Its rounding is bounded in model/rows.h. */
double rfi_pass_run(const rfi_problem *problem, const rfi_pass *pass);

#endif
