/* jacobi: see jacobi.h.
 * SPDX-License-Identifier: MIT */
#include "base/jacobi.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/cpu.h"
#include "base/lanes.h"
#include "base/num.h"

/* Pairs of rows that are rotated at once. */
enum { PAIRS = 16 };

/* I - factor (first, v) (first, v)^T, of an entry of R and the column v below it, of which so many rows count. */
typedef struct {
    const double *v;
    int64_t rows;
    double first, factor;
} reflector;

#define RFI_NAME(f) f##_baseline
#define RFI_TARGET
#define RFI_WIDTH RFI_LANES_LEAST
#define RFI_COLUMNS 1
#include "base/factor_kernels.h"
#undef RFI_WIDTH
#undef RFI_COLUMNS
#undef RFI_NAME
#undef RFI_TARGET

#if RFI_X86_VECTORS
#define RFI_NAME(f) f##_avx2
#define RFI_TARGET __attribute__((target("avx2")))
#define RFI_WIDTH 4
#define RFI_COLUMNS 2
#include "base/factor_kernels.h"
#undef RFI_WIDTH
#undef RFI_COLUMNS
#undef RFI_NAME
#undef RFI_TARGET

#define RFI_NAME(f) f##_avx512
#define RFI_TARGET __attribute__((target("avx512f,avx512vl,avx512dq")))
#define RFI_WIDTH 8
#define RFI_COLUMNS 4
#include "base/factor_kernels.h"
#undef RFI_WIDTH
#undef RFI_COLUMNS
#undef RFI_NAME
#undef RFI_TARGET
#endif

const rfi_turns *rfi_turns_at(int level)
{
    switch (level) {
    case RFI_CPU_BASELINE:
        return &turns_baseline;
#if RFI_X86_VECTORS
    case RFI_CPU_AVX2:
        return &turns_avx2;
    case RFI_CPU_AVX512:
        return &turns_avx512;
#endif
    default:
        return NULL;
    }
}

/* Turns over all pairs; convergence is quadratic, and some ten are enough. */
enum { MOST_SWEEPS = 60 };

/* Vectors up to which one turn costs less than LAPACK's reduction to a bidiagonal matrix. */
enum { MOST_VECTORS = 24, MOST_ELEMENTS = 4096 };

int rfi_jacobi_rows(const rfi_turns *turns, int64_t rows, int64_t d, int64_t ld, double *W,
                    double *square)
{
    /* A cosine of d products is rounded by some sqrt(d) eps; orthogonal to that is orthogonal. */
    const double tolerance = RFI_EPS * sqrt((double)rfi_larger(d, 8));
    int k;
    for (k = 0; k < MOST_SWEEPS; ++k)
        if (turns->sweep(rows, d, ld, tolerance, W, square) == 0)
            return 0;
    return -1;
}

int rfi_jacobi_suits(int64_t m, int64_t n)
{
    const int64_t k = rfi_smaller(m, n);
    return k <= MOST_VECTORS && k * rfi_larger(m, n) <= MOST_ELEMENTS;
}

int64_t rfi_jacobi_work(int64_t m, int64_t n)
{
    const int64_t k = rfi_smaller(m, n);
    return k * (rfi_padded(rfi_larger(m, n)) + rfi_padded(k) + 1);
}

/* The power of two that brings the largest element near 1; 0 if there is none. */
static double unit_of(int64_t m, int64_t n, const double *A, int64_t ld)
{
    double most = 0.0;
    int64_t i, j;
    for (j = 0; j < n; ++j)
        for (i = 0; i < m; ++i)
            most = fmax(most, fabs(A[i + j * ld]));
    return most > 0.0 ? rfi_unit_of(most) : 0.0;
}

/* The largest row that is left, or -1. */
static int64_t take_largest(int64_t rows, double *square)
{
    int64_t k, at = -1;
    for (k = 0; k < rows; ++k)
        if (square[k] >= 0.0 && (at < 0 || square[k] > square[at]))
            at = k;
    return at;
}

int rfi_jacobi_svd(const rfi_turns *turns, int64_t m, int64_t n, const double *A, int64_t ld,
                   double *s, double *U, int64_t ldu, double *Vt, int64_t ldvt, double *work)
{
    const int wide = m <= n; /* the rows of A are turned, else its columns */
    const int64_t k = wide ? m : n, length = wide ? n : m;
    const int64_t padded = rfi_padded(length), row = padded + rfi_padded(k);
    const double unit = unit_of(m, n, A, ld);
    double *W = work, *square = work + k * row;
    int64_t i, j, at;
    memset(W, 0, (size_t)(k * row) * sizeof(double));
    for (i = 0; i < k; ++i) {
        for (j = 0; j < length && unit > 0.0; ++j)
            W[i * row + j] = (wide ? A[i + j * ld] : A[j + i * ld]) / unit;
        W[i * row + padded + i] = 1.0;
    }
    if (rfi_jacobi_rows(turns, k, padded, row, W, square) != 0)
        return -1;
    for (i = 0; i < k; ++i) {
        const double *w = W + (at = take_largest(k, square)) * row;
        const double size = rfi_norm(w, length);
        s[i] = size * unit;
        square[at] = -1.0;
        for (j = 0; j < length; ++j)
            *(wide ? Vt + i + j * ldvt : U + j + i * ldu) = size > 0.0 ? w[j] / size : 0.0;
        for (j = 0; j < k; ++j)
            *(wide ? U + j + i * ldu : Vt + i + j * ldvt) = w[padded + j];
    }
    for (i = 1; i < k; ++i) /* by squares that are rounded otherwise */
        s[i] = fmin(s[i], s[i - 1]);
    return 0;
}
