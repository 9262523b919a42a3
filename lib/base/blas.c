/* blas: the only file that calls CBLAS and LAPACK.  LAPACK by its Fortran symbols: every
 * implementation has them, not every one has LAPACKE.
 * SPDX-License-Identifier: MIT */
#include "base/blas.h"

#include <limits.h>
#include <stddef.h>

#include "base/num.h"

#include RFI_CBLAS_HEADER

/* Fortran passes the lengths of character arguments behind the others. */
void dgesdd_(const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s,
             double *u, const int *ldu, double *vt, const int *ldvt, double *work, const int *lwork,
             int *iwork, int *info, size_t jobz_length);
void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau, double *work,
             const int *lwork, int *info);
void dormqr_(const char *side, const char *trans, const int *m, const int *n, const int *k,
             const double *a, const int *lda, const double *tau, double *c, const int *ldc,
             double *work, const int *lwork, int *info, size_t side_length, size_t trans_length);

void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
             const int *lwork, int *iwork, const int *liwork, int *info, size_t jobz_length, size_t uplo_length);
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t uplo_length);

static int narrow(int64_t size)
{
    return size > INT_MAX ? INT_MAX : (int)size;
}

int rfi_blas_fits(int64_t size)
{
    return size <= INT_MAX / 16;
}

/* The documented minimum of dgesdd, JOBZ = 'S', with room for blocks of 64 columns. */
int64_t rfi_svd_work(int64_t m, int64_t n)
{
    int64_t k = rfi_smaller(m, n), largest = rfi_larger(m, n);
    return 4 * k * k + 7 * k + 64 * (largest + 2 * k) + 64;
}

int64_t rfi_svd_integers(int64_t m, int64_t n)
{
    return 8 * rfi_smaller(m, n) + 8;
}

int rfi_svd(int64_t m, int64_t n, double *A, int64_t ld, double *s, double *U, int64_t ldu,
            double *Vt, int64_t ldvt, double *work, int64_t work_size, int *integers)
{
    const int im = (int)m, in = (int)n, ild = (int)ld, ildu = (int)ldu, ildvt = (int)ldvt;
    const int size = narrow(work_size);
    int info = 0;
    dgesdd_("S", &im, &in, A, &ild, s, U, &ildu, Vt, &ildvt, work, &size, integers, &info, 1);
    return info;
}

/* The documented minimum of dsyevd, JOBZ = 'V', of which dsyevd itself makes use of no more. */
int64_t rfi_eigen_work(int64_t n)
{
    return 2 * n * n + 6 * n + 1;
}

int64_t rfi_eigen_integers(int64_t n)
{
    return 5 * n + 3;
}

int rfi_eigen(int64_t n, double *A, int64_t ld, double *values, double *work, int64_t work_size, int *integers)
{
    const int in = (int)n, ild = (int)ld, size = narrow(work_size), room = (int)rfi_eigen_integers(n);
    int info = 0;
    dsyevd_("V", "L", &in, A, &ild, values, work, &size, integers, &room, &info, 1, 1);
    return info;
}

int64_t rfi_qr_work(int64_t m, int64_t columns)
{
    return 64 * rfi_larger(m, columns) + 64 * 65;
}

int rfi_qr(int64_t m, int64_t n, double *A, int64_t ld, double *tau, double *work,
           int64_t work_size)
{
    const int im = (int)m, in = (int)n, ild = (int)ld, size = narrow(work_size);
    int info = 0;
    dgeqrf_(&im, &in, A, &ild, tau, work, &size, &info);
    return info;
}

int rfi_qr_apply(int transpose, int64_t m, int64_t columns, int64_t n, const double *A, int64_t ld,
                 const double *tau, double *C, int64_t ldc, double *work, int64_t work_size)
{
    const int im = (int)m, ic = (int)columns, in = (int)n, ild = (int)ld, ildc = (int)ldc;
    const int size = narrow(work_size);
    int info = 0;
    dormqr_("L", transpose ? "T" : "N", &im, &ic, &in, A, &ild, tau, C, &ildc, work, &size, &info,
            1, 1);
    return info;
}

void rfi_solve_upper(int64_t n, int64_t columns, const double *A, int64_t ld, double *B,
                     int64_t ldb)
{
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, (int)n,
                (int)columns, 1.0, A, (int)ld, B, (int)ldb);
}

int rfi_cholesky(int64_t n, double *A, int64_t ld)
{
    const int in = (int)n, ild = (int)ld;
    int info = 0;
    dpotrf_("L", &in, A, &ild, &info, 1); /* by columns: the lower triangle */
    return info;
}
