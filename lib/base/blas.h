/* blas: the one seam to CBLAS and LAPACK.  Matrices here are column-major with leading dimension ld;
 * all sizes have been checked to fit a BLAS integer by rfi_blas_fits at create.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_BLAS_H
#define RFI_BLAS_H

#include <stdint.h>

/* 1 if a size can be handed to BLAS. */
int rfi_blas_fits(int64_t size);

/* Thin singular value decomposition A = U diag(s) Vt of A m x n, k = min(m, n) values descending;
 * A is overwritten.  U has leading dimension ldu, Vt ldvt >= k.  Returns 0 on success. */
int64_t rfi_svd_work(int64_t m, int64_t n);
int64_t rfi_svd_integers(int64_t m, int64_t n);
int rfi_svd(int64_t m, int64_t n, double *A, int64_t ld, double *s, double *U, int64_t ldu,
            double *Vt, int64_t ldvt, double *work, int64_t work_size, int *integers);

/* Eigenvalues of a symmetric A n x n, ascending, and its vectors, which become the columns of A.  Returns 0 on
 * success. */
int64_t rfi_eigen_work(int64_t n);
int64_t rfi_eigen_integers(int64_t n);
int rfi_eigen(int64_t n, double *A, int64_t ld, double *values, double *work, int64_t work_size, int *integers);

/* Householder QR of A m x n, n <= m: R above the diagonal, reflectors below, scalars in tau (n).
 * work holds rfi_qr_work(m, columns) doubles, columns the widest matrix Q is applied to. */
int64_t rfi_qr_work(int64_t m, int64_t columns);
int rfi_qr(int64_t m, int64_t n, double *A, int64_t ld, double *tau, double *work,
           int64_t work_size);
/* C (m x columns) <- Q C or Q^T C. */
int rfi_qr_apply(int transpose, int64_t m, int64_t columns, int64_t n, const double *A, int64_t ld,
                 const double *tau, double *C, int64_t ldc, double *work, int64_t work_size);
/* B (n x columns) <- R^{-1} B with R the upper triangle of A. */
void rfi_solve_upper(int64_t n, int64_t columns, const double *A, int64_t ld, double *B,
                     int64_t ldb);

/* R with R^T R = A in the upper triangle of A by rows, n x n.  Returns 0 on success. */
int rfi_cholesky(int64_t n, double *A, int64_t ld);

#endif
