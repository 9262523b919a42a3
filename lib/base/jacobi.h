/* jacobi: singular values and vectors of small matrices by one-sided Jacobi rotations: to full relative
 * accuracy where rows differ in size only, and without the set-up of LAPACK.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_JACOBI_H
#define RFI_JACOBI_H

#include "base/dense.h"

/* Kernels: as in base/dense.h, of the same bits on every instruction set. */
typedef struct rfi_turns {
    /* One turn of one-sided Jacobi: rotates each pair of rows of W whose first d elements (a multiple of
     * RFI_LANES) have a cosine above the tolerance so that they become orthogonal; the elements from d to
     * ld turn along.  square (rows): scratch, |row|^2 afterwards.  Returns how many pairs were turned, or 0 if
     * they were so nearly orthogonal that all are now.  Rows whose square is below RFI_LEAST_SQUARE are left
     * alone. */
    int64_t (*sweep)(int64_t rows, int64_t d, int64_t ld, double tolerance, double *W,
                     double *square);
    /* R <- the triangular factor of R above B, by Householder reflections.  R: d rows of ld, upper
     * triangular, and `more` columns of right-hand sides from column `right` on; B: d + more columns of
     * `rows` elements (a multiple of RFI_LANES).  B is overwritten. */
    void (*fold)(int64_t d, int64_t ld, int64_t right, int64_t more, int64_t rows, double *R,
                 double *B);
} rfi_turns;

/* Squares of rows that hold nothing, where the largest are about 1. */
#define RFI_LEAST_SQUARE 1e-140

/* The kernels of a level of base/cpu.h; NULL if the library was built without them. */
const rfi_turns *rfi_turns_at(int level);

/* Makes the rows of W orthogonal by a rotation from the left: W <- J^T W.  The first d elements of a
 * row count (a multiple of RFI_LANES), those up to ld turn along.  square: scratch, rows.  Returns 0, or
 * -1 if that did not come to an end. */
int rfi_jacobi_rows(const rfi_turns *turns, int64_t rows, int64_t d, int64_t ld, double *W,
                    double *square);

/* 1 if rfi_jacobi_svd is the faster way for an m x n matrix. */
int rfi_jacobi_suits(int64_t m, int64_t n);
/* As rfi_svd of base/blas.h, but A is kept and a singular value 0 has a vector 0 on its longer side.  work:
 * rfi_jacobi_work(m, n) doubles. */
int64_t rfi_jacobi_work(int64_t m, int64_t n);
int rfi_jacobi_svd(const rfi_turns *turns, int64_t m, int64_t n, const double *A, int64_t ld,
                   double *s, double *U, int64_t ldu, double *Vt, int64_t ldvt, double *work);

#endif
