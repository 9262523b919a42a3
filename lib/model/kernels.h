/* kernels: loss, gradient, margins and residuals in one pass over X.  Pure: const inputs, caller's
 * workspace, no allocation.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_KERNELS_H
#define RFI_KERNELS_H

#include "model/problem.h"

/* The state of a datum, as in rf_model_pattern. */
enum { RFI_INACTIVE = 0, RFI_ACTIVE = 1, RFI_SLIDING = 2 };

/* What to compute; pointers may be NULL where a result is not wanted. */
typedef struct rfi_pass {
    const double *w;        /* m x d                                                            */
    const uint8_t *state;   /* m x n: the pattern on record; NULL: the sign of x_i . w_j        */
    const uint8_t *on_kink; /* m x n: 1 where the margin is exactly 0; NULL: nowhere            */
    int32_t threads;        /* at most this many, the calling one included                      */
    double *margins;        /* m x n                                                            */
    double *residuals;      /* n: f(x_i) - y_i                                                  */
    double *gradient;       /* m x d                                                            */
    double *work;           /* rfi_pass_work(problem) doubles                                   */
} rfi_pass;

int64_t rfi_pass_work(const rfi_problem *problem);

/* Returns the loss.  The sums are formed in blocks whose borders depend on n, m and d only, so the
 * result has the same bits for every number of threads. */
double rfi_pass_run(const rfi_problem *problem, const rfi_pass *pass);

#endif
