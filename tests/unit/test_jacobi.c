/* test_jacobi.c: rotations give decompositions, and the same bits on every instruction set.  Tolerances: a
 * backward error of a few eps for each of some ten turns, 1e-13 for entries below 1 and at most 24 vectors.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/jacobi.h"

#define TOLERANCE 1e-13

enum { LONG = 64, SHORT = 24, ROOM = LONG * SHORT };

typedef struct {
    double A[ROOM], s[SHORT], U[ROOM], V[ROOM];
    double work[SHORT * (LONG + SHORT + 16)];
} numbers;

static void decompose(numbers *t, int level, int64_t m, int64_t n)
{
    const int64_t k = m < n ? m : n;
    ck_assert_int_le(rfi_jacobi_work(m, n), (int64_t)(sizeof(t->work) / sizeof(double)));
    ck_assert_int_eq(
        rfi_jacobi_svd(rfi_turns_at(level), m, n, t->A, m, t->s, t->U, m, t->V, k, t->work), 0);
}

/* A = U diag(s) V, and the rows of V and columns of U are orthonormal. */
static void check(const numbers *t, int64_t m, int64_t n, double size)
{
    const int64_t k = m < n ? m : n;
    int64_t i, j, l;
    for (i = 0; i < m; ++i)
        for (j = 0; j < n; ++j) {
            double sum = 0.0;
            for (l = 0; l < k; ++l)
                sum += t->U[i + l * m] * t->s[l] * t->V[l + j * k];
            ck_assert_double_le(fabs(sum - t->A[i + j * m]), TOLERANCE * size);
        }
    for (i = 0; i < k; ++i) {
        ck_assert(t->s[i] > 0.0 && (i == 0 || t->s[i] <= t->s[i - 1]));
        for (j = 0; j < k; ++j) {
            double right = 0.0;
            for (l = 0; l < n; ++l)
                right += t->V[i + l * k] * t->V[j + l * k];
            ck_assert_double_le(fabs(rfi_dot(t->U + i * m, t->U + j * m, m) - (i == j)), TOLERANCE);
            ck_assert_double_le(fabs(right - (i == j)), TOLERANCE);
        }
    }
}

START_TEST(recomposes)
{
    const int64_t sizes[][2] = {{1, 1}, {1, 9}, {7, 1}, {5, 20}, {20, 5}, {8, 8}, {24, 64}, {64, 17}};
    const double units[] = {1.0, 1e-200, 1e200};
    static numbers t;
    size_t k, l;
    for (k = 0; k < sizeof(sizes) / sizeof(*sizes); ++k)
        for (l = 0; l < 3; ++l) {
            uint64_t seed = k + 1;
            int64_t i;
            unit_fill(&seed, t.A, sizes[k][0] * sizes[k][1]);
            for (i = 0; i < sizes[k][0] * sizes[k][1]; ++i)
                t.A[i] *= units[l];
            decompose(&t, RFI_CPU_BASELINE, sizes[k][0], sizes[k][1]);
            check(&t, sizes[k][0], sizes[k][1], units[l]);
        }
}
END_TEST

/* An entry of the Hadamard matrix of order 8. */
static double sign_at(int64_t bits)
{
    return ((bits ^ (bits >> 1) ^ (bits >> 2)) & 1) != 0 ? -1.0 : 1.0;
}

/* Columns that differ in size only keep the relative accuracy of their singular values, though it is the rows that
 * are turned where there are as many: those of a matrix with orthogonal columns of sizes 1 .. 1e-14.  A turn of all
 * pairs, and the reflections before it, err by some eps for each of 8 products. */
START_TEST(sizes_do_not_mix)
{
    static numbers t;
    int64_t i, j, n;
    for (n = 7; n <= 8; ++n) {
        for (j = 0; j < n; ++j)
            for (i = 0; i < 8; ++i)
                t.A[i + j * 8] = pow(0.01, (double)j) * sign_at(i & j);
        decompose(&t, RFI_CPU_BASELINE, 8, n);
        for (j = 0; j < n; ++j)
            ck_assert_double_eq_tol(t.s[j] / (sqrt(8.0) * pow(0.01, (double)j)), 1.0, 16.0 * RFI_EPS);
    }
}
END_TEST

/* A matrix of rank 2, and one of zeros. */
START_TEST(rank_is_told)
{
    static numbers t;
    uint64_t seed = 5;
    int64_t i, j;
    unit_fill(&seed, t.A, 6 * 4);
    for (i = 0; i < 6; ++i)
        for (j = 2; j < 4; ++j)
            t.A[i + j * 6] = t.A[i] * (double)j - t.A[i + 6];
    decompose(&t, RFI_CPU_BASELINE, 6, 4);
    ck_assert(t.s[1] > 0.01 && t.s[2] < 16.0 * RFI_EPS * t.s[0]);
    memset(t.A, 0, sizeof(t.A));
    decompose(&t, RFI_CPU_BASELINE, 6, 4);
    for (j = 0; j < 4; ++j)
        ck_assert(t.s[j] == 0.0 && t.U[j * 6] == 0.0);
}
END_TEST

START_TEST(levels_agree)
{
    static numbers t, u;
    uint64_t seed = 9;
    int level;
    unit_fill(&seed, t.A, 11 * 50);
    memcpy(u.A, t.A, sizeof(t.A));
    decompose(&t, RFI_CPU_BASELINE, 11, 50);
    for (level = 1; level < RFI_CPU_LEVELS && level <= rfi_cpu_level(); ++level) {
        if (rfi_turns_at(level) == NULL)
            continue;
        decompose(&u, level, 11, 50);
        ck_assert(memcmp(t.s, u.s, 11 * sizeof(double)) == 0);
        ck_assert(memcmp(t.U, u.U, 11 * 11 * sizeof(double)) == 0);
        ck_assert(memcmp(t.V, u.V, 11 * 50 * sizeof(double)) == 0);
    }
}
END_TEST

/* R^T R = A^T A, and the right-hand sides keep their products with the columns: rows come block by block. */
START_TEST(factor_of_all_rows)
{
    enum { D = 11, MORE = 2, LD = 24, RIGHT = 16, ROWS = 8, BLOCKS = 5 };
    double A[BLOCKS * ROWS * (D + MORE)], B[ROWS * (D + MORE)], R[D * LD], first[D * LD];
    int level;
    for (level = 0; level < RFI_CPU_LEVELS && level <= rfi_cpu_level(); ++level) {
        uint64_t seed = 3;
        int64_t i, j, k;
        if (rfi_turns_at(level) == NULL)
            continue;
        unit_fill(&seed, A, BLOCKS * ROWS * (D + MORE));
        memset(R, 0, sizeof(R));
        for (k = 0; k < BLOCKS; ++k) {
            memcpy(B, A + k * ROWS * (D + MORE), sizeof(B));
            rfi_turns_at(level)->fold(D, LD, RIGHT, MORE, ROWS, R, B);
        }
        for (i = 0; i < D; ++i)
            for (j = 0; j < D + MORE; ++j) {
                const int64_t at = j < D ? j : RIGHT + j - D;
                double sum = 0.0;
                for (k = 0; k < D; ++k)
                    sum += R[k * LD + i] * R[k * LD + at];
                for (k = 0; k < BLOCKS; ++k)
                    sum -= rfi_dot(A + (k * (D + MORE) + i) * ROWS, A + (k * (D + MORE) + j) * ROWS,
                                   ROWS);
                ck_assert_double_le(fabs(sum), TOLERANCE);
            }
        for (i = 0; i < D; ++i)
            for (j = 0; j < i; ++j)
                ck_assert(R[i * LD + j] == 0.0);
        if (level == 0)
            memcpy(first, R, sizeof(R));
        ck_assert(memcmp(first, R, sizeof(R)) == 0);
    }
}
END_TEST

/* Eight rows in many more columns: what is left of rounding after eight more of them is rounded again, and so on until
 * its square is no number any more. */
START_TEST(few_rows_of_many_columns)
{
    enum { D = 256, LD = 264, ROWS = 8 };
    static double B[ROWS * (D + 1)], R[D * LD];
    int level;
    int64_t k, l;
    for (level = RFI_CPU_BASELINE; level <= rfi_cpu_level(); ++level) {
        uint64_t seed = 17;
        unit_fill(&seed, B, ROWS * (D + 1));
        memset(R, 0, sizeof(R));
        rfi_turns_at(level)->fold(D, LD, D, 1, ROWS, R, B);
        for (k = ROWS; k < D; ++k) /* eight reflections of columns below 3 have left these */
            for (l = k; l <= D; ++l)
                ck_assert_double_le(fabs(R[k * LD + l]), 64.0 * RFI_EPS);
        for (k = 0; k < D * LD; ++k)
            ck_assert(isfinite(R[k]));
    }
}
END_TEST

static const TTest *const *const tests[] = {&recomposes, &sizes_do_not_mix, &rank_is_told, &levels_agree,
                                            &factor_of_all_rows, &few_rows_of_many_columns};

UNIT_MAIN("jacobi", tests)
