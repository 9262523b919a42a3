/* jacobi: see jacobi.h.
 * SPDX-License-Identifier: MIT */
#include "base/jacobi.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/cpu.h"
#include "base/lanes.h"
#include "base/num.h"

/* Pairs of rows that are rotated at once; where there are few, divisions and roots for others cost more than they. */
enum { PAIRS = 16, FEW_PAIRS = 4 };

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
    const int64_t row = rfi_padded(rfi_larger(m, n)) + rfi_padded(k);
    return k * (row + 2) + 2 * row;
}

/* The power of two that brings the largest element near 1; 0 if there is none. */
static double unit_of(int64_t m, int64_t n, const double *A, int64_t ld)
{
    double most = 0.0;
    int64_t i, j;
    for (j = 0; j < n; ++j)
        for (i = 0; i < m; ++i)
            most = rfi_more(fabs(A[i + j * ld]), most);
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

/* The column that is longest over the rows that are left, or -1 where nothing is; square: scratch. */
static int64_t longest_column(int64_t k, int64_t length, int64_t row, const double *W, const uint8_t *done,
                              double *square)
{
    int64_t i, j, best = 0;
    memset(square, 0, (size_t)length * sizeof(double));
    for (i = 0; i < k; ++i)
        for (j = 0; j < length && !done[i]; ++j)
            square[j] += W[i * row + j] * W[i * row + j];
    for (j = 1; j < length; ++j)
        best = square[j] > square[best] ? j : best;
    return square[best] >= RFI_LEAST_SQUARE ? best : -1;
}

/* The row with the largest element of a column among those that are left. */
static int64_t largest_element(int64_t k, int64_t row, const double *W, const uint8_t *done, int64_t column)
{
    int64_t i, at = -1;
    for (i = 0; i < k; ++i)
        if (!done[i] && (at < 0 || fabs(W[i * row + column]) > fabs(W[at * row + column])))
            at = i;
    return at;
}

/* W <- (I - v v^T / (v_at length)) W for the rows that are left, v in their column `column` but for v_at. */
static void reflect(int64_t k, int64_t row, double *W, const uint8_t *done, int64_t column, int64_t at, double size,
                    double *v, double *sum)
{
    const double corner = W[at * row + column] > 0.0 ? -size : size;
    int64_t i, j;
    memset(sum, 0, (size_t)row * sizeof(double));
    for (i = 0; i < k; ++i)
        v[i] = done[i] ? 0.0 : W[i * row + column] - (i == at ? corner : 0.0);
    for (i = 0; i < k; ++i)
        for (j = 0; j < row && v[i] != 0.0; ++j)
            sum[j] += v[i] * W[i * row + j];
    for (i = 0; i < k; ++i) {
        const double factor = v[i] / (corner * v[at]);
        for (j = 0; j < row && factor != 0.0; ++j)
            W[i * row + j] += factor * sum[j];
        if (!done[i])
            W[i * row + column] = i == at ? corner : 0.0;
    }
}

/* Columns whose lengths differ by less than that lose no more than so many bits without what follows. */
static const double LEAST_SPREAD = 64.0;

/* 1 if the columns of W differ in length by more; square: scratch. */
static int columns_differ(int64_t k, int64_t length, int64_t row, const double *W, double *square)
{
    double most = 0.0, least = INFINITY;
    int64_t i, j;
    memset(square, 0, (size_t)length * sizeof(double));
    for (i = 0; i < k; ++i)
        for (j = 0; j < length; ++j)
            square[j] += W[i * row + j] * W[i * row + j];
    for (j = 0; j < length; ++j) {
        most = square[j] > most ? square[j] : most;
        least = square[j] < least && square[j] > 0.0 ? square[j] : least;
    }
    return most > LEAST_SPREAD * LEAST_SPREAD * least;
}

/* Where columns differ in size the rows of W differ in nothing, and a small singular value would be rounded by
 * the largest.  Reflections make W triangular but for an order of rows and columns, that of the longest column
 * first and its largest element: these err in proportion to the sizes of both, and rows then differ in size. */
static void triangulate(int64_t k, int64_t length, int64_t row, double *W, double *work)
{
    double *square = work, *v = square + row, *sum = v + k;
    uint8_t done[MOST_VECTORS] = {0};
    int64_t step;
    for (step = 0; step + 1 < k; ++step) {
        const int64_t column = longest_column(k, length, row, W, done, square);
        int64_t at;
        if (column < 0)
            return;
        at = largest_element(k, row, W, done, column);
        reflect(k, row, W, done, column, at, sqrt(square[column]), v, sum);
        done[at] = 1;
    }
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
    if (wide && columns_differ(k, length, row, W, square + k))
        triangulate(k, length, row, W, square + k);
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
