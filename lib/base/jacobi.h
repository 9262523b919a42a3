/* jacobi: singular values and vectors of small matrices by one-sided Jacobi rotations: to full relative
 * accuracy where rows differ in size only, and without the set-up of LAPACK.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_JACOBI_H
#define RFI_JACOBI_H

#include "base/dense.h"

/* Makes the rows of W orthogonal by a rotation from the left: W <- J^T W.  The first d elements of a
 * row count (a multiple of RFI_LANES), those up to ld turn along.  square: scratch, rows.  Returns 0, or
 * -1 if that did not come to an end. */
int rfi_jacobi_rows(const rfi_dense *dense, int64_t rows, int64_t d, int64_t ld, double *W,
                    double *square);

/* 1 if rfi_jacobi_svd is the faster way for an m x n matrix. */
int rfi_jacobi_suits(int64_t m, int64_t n);
/* As rfi_svd of base/blas.h, but A is kept and a singular value 0 has a vector 0 on its longer side.  work:
 * rfi_jacobi_work(m, n) doubles. */
int64_t rfi_jacobi_work(int64_t m, int64_t n);
int rfi_jacobi_svd(const rfi_dense *dense, int64_t m, int64_t n, const double *A, int64_t ld,
                   double *s, double *U, int64_t ldu, double *Vt, int64_t ldvt, double *work);

#endif
