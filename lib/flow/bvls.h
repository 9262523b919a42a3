/* bvls: small bounded least squares, min |target - sum_k u_k x_k / |x_k||^2 with low_k <= u_k <= high_k,
 * by the active-set method of Stark and Parker (Computational Statistics 10, 1995).  The residual is
 * unique; the free columns are independent.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_BVLS_H
#define RFI_BVLS_H

#include <stdint.h>

#include "base/alloc.h"
#include "base/view.h"

enum { RFI_LOW = -1, RFI_FREE = 0, RFI_HIGH = 1 };

typedef struct rfi_box {
    rfi_view x;       /* d, any length                              */
    double norm;      /* of x                                       */
    double low, high; /* may be infinite on the side not started at */
    double u;         /* out                                        */
    int8_t at;        /* in: where to start; out: where it ended    */
    int8_t barred;    /* scratch: released, and came straight back  */
} rfi_box;

typedef struct rfi_bvls {
    int64_t d;
    const rf_allocator *allocator;
    int64_t room; /* columns that QR has memory for                  */
    double *QR, *tau, *rhs, *work; /* room*d, d, d, work_size */
    int64_t work_size;
    int64_t *free; /* d: the free columns, in the order of QR           */
    int64_t free_count;
    double condition; /* 1 / smallest diagonal of R: of the free columns */
} rfi_bvls;

int rfi_bvls_create(rfi_bvls *ls, int64_t d, const rf_allocator *allocator);
void rfi_bvls_free(rfi_bvls *ls, const rf_allocator *allocator);

/* residual (d) receives target - sum.  A multiplier enters or leaves only if its gradient exceeds the
 * tolerance.  Returns 0; 1 if rounding ended the iteration, with the best that it allows; -1 on
 * failure. */
int rfi_bvls_solve(rfi_bvls *ls, const double *target, rfi_box *box, int64_t count,
                   double tolerance, double *residual);

#endif
