/* test_blas.c: the decompositions are decompositions.  Tolerances: a backward error of a few eps times
 * the size, 1e-13 for matrices with entries below 1 and at most 8 rows and columns.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"

#define TOLERANCE 1e-13

enum { MOST = 8 };

START_TEST(sizes_that_fit)
{
    ck_assert(rfi_blas_fits(1) && rfi_blas_fits(1000000));
    ck_assert(!rfi_blas_fits(INT64_C(1) << 40));
}
END_TEST

static void check_svd(int64_t m, int64_t n, uint64_t seed)
{
    double A[MOST * MOST], B[MOST * MOST], s[MOST], U[MOST * MOST], V[MOST * MOST];
    const int64_t k = m < n ? m : n, size = rfi_svd_work(m, n);
    double *work = malloc((size_t)size * sizeof(double));
    int *integers = malloc((size_t)rfi_svd_integers(m, n) * sizeof(int));
    int64_t i, j, l;
    unit_fill(&seed, A, m * n);
    memcpy(B, A, sizeof(A));
    ck_assert_int_eq(rfi_svd(m, n, B, m, s, U, m, V, k, work, size, integers), 0);
    for (i = 0; i < m; ++i)
        for (j = 0; j < n; ++j) {
            double sum = 0.0;
            for (l = 0; l < k; ++l)
                sum += U[i + l * m] * s[l] * V[l + j * k];
            ck_assert_double_eq_tol(sum, A[i + j * m], TOLERANCE);
        }
    for (i = 0; i < k; ++i) {
        ck_assert(s[i] >= 0.0 && (i == 0 || s[i] <= s[i - 1]));
        for (j = 0; j < k; ++j) {
            double right = 0.0;
            for (l = 0; l < n; ++l)
                right += V[i + l * k] * V[j + l * k];
            ck_assert_double_eq_tol(rfi_dot(U + i * m, U + j * m, m), i == j, TOLERANCE);
            ck_assert_double_eq_tol(right, i == j, TOLERANCE);
        }
    }
    free(work);
    free(integers);
}

START_TEST(svd_recomposes)
{
    check_svd(5, 3, 1);
    check_svd(3, 7, 2);
    check_svd(8, 8, 3);
    check_svd(1, 4, 4);
    check_svd(1, 1, 5);
}
END_TEST

/* A V = V diag(values), V^T V = 1, and the values ascend. */
static void check_eigen(int64_t n, uint64_t seed)
{
    double A[MOST * MOST], V[MOST * MOST], values[MOST];
    double *work = malloc((size_t)rfi_eigen_work(n) * sizeof(double));
    int *integers = malloc((size_t)rfi_eigen_integers(n) * sizeof(int));
    int64_t i, j, l;
    unit_fill(&seed, A, n * n);
    for (i = 0; i < n; ++i)
        for (j = 0; j < i; ++j)
            A[j * n + i] = A[i * n + j];
    memcpy(V, A, sizeof(A));
    ck_assert_int_eq(rfi_eigen(n, V, n, values, work, rfi_eigen_work(n), integers), 0);
    for (j = 0; j < n; ++j) {
        ck_assert(j == 0 || values[j] >= values[j - 1]);
        for (i = 0; i < n; ++i) {
            double sum = 0.0;
            for (l = 0; l < n; ++l)
                sum += A[i + l * n] * V[l + j * n];
            ck_assert_double_eq_tol(sum, values[j] * V[i + j * n], TOLERANCE);
            ck_assert_double_eq_tol(rfi_dot(V + i * n, V + j * n, n), i == j, TOLERANCE);
        }
    }
    free(work);
    free(integers);
}

START_TEST(eigenvectors)
{
    check_eigen(8, 21);
    check_eigen(5, 22);
    check_eigen(1, 23);
}
END_TEST

/* Q R = A, Q^T Q C = C, and R^{-1} undoes R. */
static void check_qr(int64_t m, int64_t n, uint64_t seed)
{
    double A[MOST * MOST], F[MOST * MOST], C[MOST * MOST] = {0}, B[MOST * MOST], tau[MOST];
    const int64_t size = rfi_qr_work(m, MOST);
    double *work = malloc((size_t)size * sizeof(double));
    int64_t i, j;
    unit_fill(&seed, A, m * n);
    memcpy(F, A, sizeof(A));
    ck_assert_int_eq(rfi_qr(m, n, F, m, tau, work, size), 0);
    for (j = 0; j < n; ++j)
        for (i = 0; i <= j; ++i)
            C[i + j * m] = F[i + j * m];
    memcpy(B, C, sizeof(C));
    ck_assert_int_eq(rfi_qr_apply(0, m, n, n, F, m, tau, C, m, work, size), 0);
    for (i = 0; i < m * n; ++i)
        ck_assert_double_eq_tol(C[i], A[i], TOLERANCE);
    ck_assert_int_eq(rfi_qr_apply(1, m, n, n, F, m, tau, C, m, work, size), 0);
    for (i = 0; i < m * n; ++i)
        ck_assert_double_eq_tol(C[i], B[i], TOLERANCE);
    rfi_solve_upper(n, n, F, m, B, m); /* R^{-1} R = 1; the condition of R is a few hundred */
    for (j = 0; j < n; ++j)
        for (i = 0; i < n; ++i)
            ck_assert_double_eq_tol(B[i + j * m], i == j, 1e3 * TOLERANCE);
    free(work);
}

START_TEST(qr_recomposes)
{
    check_qr(6, 4, 11);
    check_qr(8, 8, 12);
    check_qr(5, 1, 13);
    check_qr(1, 1, 14);
}
END_TEST

static const TTest *const *const tests[] = {
    &sizes_that_fit,
    &svd_recomposes,
    &eigenvectors,
    &qr_recomposes,
};
UNIT_MAIN("blas", tests)
