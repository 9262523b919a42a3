/* algebra.h: the little linear algebra the tests check results with, written plainly and apart
 * from the library's. SPDX-License-Identifier: MIT */
#ifndef TEST_ALGEBRA_H
#define TEST_ALGEBRA_H

#include <stdint.h>

#define TEST_EPS 0x1p-52

/* Dot product and norm, accumulated in long double so that their own rounding does not count. */
double test_dot(const double *a, const double *b, int64_t count);
double test_norm(const double *a, int64_t count);
double test_distance(const double *a, const double *b, int64_t count);
double test_max_abs(const double *a, int64_t count);

/* Eigenvalues of a symmetric m x m matrix (destroyed), descending, by Jacobi's method. */
void symmetric_eigenvalues(double *A, int64_t m, double *values);

/* A random orthogonal m x m matrix, row-major. */
struct random_source;
void random_rotation(struct random_source *source, int64_t m, double *Q);

#endif
