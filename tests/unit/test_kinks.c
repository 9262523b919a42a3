/* test_kinks.c: rows that are parallel or antiparallel share a line.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

enum { N = 60, D = 4 };

static void find(rfi_kinks *kinks, int64_t n, int64_t d, const double *X)
{
    const rf_allocator a = rfi_allocator_default();
    double norm[N];
    int64_t i;
    for (i = 0; i < n; ++i)
        norm[i] = rfi_norm(X + i * d, d);
    ck_assert_int_eq(rfi_kinks_find(kinks, n, d, (rfi_matrix){rfi_view_of(X), d}, norm, &a), 0);
}

static void release(rfi_kinks *kinks)
{
    const rf_allocator a = rfi_allocator_default();
    rfi_kinks_free(kinks, &a);
}

/* Every datum is in exactly one line, members ascend, the first is the representative. */
static void check_lists(const rfi_kinks *kinks, int64_t n)
{
    int64_t g, k, zero = 0;
    for (k = 0; k < n; ++k)
        zero += kinks->line[k] < 0;
    ck_assert_int_eq(kinks->start[0], 0);
    ck_assert_int_eq(kinks->start[kinks->count] + zero, n);
    for (g = 0; g < kinks->count; ++g) {
        ck_assert_int_lt(kinks->start[g], kinks->start[g + 1]);
        ck_assert_int_eq(kinks->member[kinks->start[g]], kinks->row[g]);
        ck_assert(kinks->factor[kinks->row[g]] == 1.0);
        ck_assert(g == 0 || kinks->row[g] > kinks->row[g - 1]);
        for (k = kinks->start[g]; k < kinks->start[g + 1]; ++k) {
            ck_assert_int_eq(kinks->line[kinks->member[k]], g);
            ck_assert(k == kinks->start[g] || kinks->member[k] > kinks->member[k - 1]);
        }
    }
}

START_TEST(generic_rows_are_alone)
{
    uint64_t seed = 3;
    double X[N * D];
    rfi_kinks kinks;
    int64_t i;
    unit_fill(&seed, X, N * D);
    find(&kinks, N, D, X);
    check_lists(&kinks, N);
    ck_assert_int_eq(kinks.count, N);
    for (i = 0; i < N; ++i)
        ck_assert(kinks.line[i] == i && kinks.factor[i] == 1.0);
    release(&kinks);
}
END_TEST

/* Ten directions, sixty multiples of them of either sign; powers of two keep them exact multiples. */
START_TEST(multiples_share_a_line)
{
    uint64_t seed = 4;
    double base[10 * D], X[N * D], factor[N];
    rfi_kinks kinks;
    int64_t i, k;
    unit_fill(&seed, base, 10 * D);
    for (i = 0; i < N; ++i) {
        factor[i] = (i % 3 == 1 ? -1.0 : 1.0) * ldexp(1.0, (int)(i % 7) * 40 - 120);
        for (k = 0; k < D; ++k)
            X[i * D + k] = factor[i] * base[(i * i + i / 10) % 10 * D + k];
    }
    find(&kinks, N, D, X);
    check_lists(&kinks, N);
    for (i = 0; i < N; ++i)
        for (k = 0; k < N; ++k)
            ck_assert_int_eq(kinks.line[i] == kinks.line[k],
                             (i * i + i / 10) % 10 == (k * k + k / 10) % 10);
    for (i = 0; i < N; ++i)
        ck_assert(kinks.factor[i] == factor[i] / factor[kinks.row[kinks.line[i]]]);
    release(&kinks);
}
END_TEST

/* Decimal multiples agree to rounding; a turn by 1e-12 is a different line. */
START_TEST(rounding_is_allowed_for)
{
    const double X[] = {0.1,  0.2,  0.3,  0.7, 0.3, 0.6, 0.9, 2.1, 0.1, 0.2, 0.3, 0.7 * (1 + 1e-12),
                        -0.7, -1.4, -2.1, -4.9};
    rfi_kinks kinks;
    find(&kinks, 4, 4, X);
    check_lists(&kinks, 4);
    ck_assert_int_eq(kinks.count, 2);
    ck_assert(kinks.line[1] == 0 && kinks.line[2] == 1 && kinks.line[3] == 0);
    ck_assert_double_eq_tol(kinks.factor[1], 3.0, 4 * RFI_EPS * 3.0);
    ck_assert_double_eq_tol(kinks.factor[3], -7.0, 4 * RFI_EPS * 7.0);
    release(&kinks);
}
END_TEST

START_TEST(zero_rows_have_no_line)
{
    const double X[] = {0, 0, 1, 2, 0, 0, -2, -4};
    rfi_kinks kinks;
    find(&kinks, 4, 2, X);
    check_lists(&kinks, 4);
    ck_assert_int_eq(kinks.count, 1);
    ck_assert(kinks.line[0] == -1 && kinks.line[2] == -1);
    ck_assert(kinks.row[0] == 1 && kinks.factor[3] == -2.0);
    release(&kinks);
    find(&kinks, 1, 2, X);
    ck_assert_int_eq(kinks.count, 0);
    release(&kinks);
}
END_TEST

START_TEST(one_dimension_is_one_line)
{
    const double X[] = {3, -1, 0, 1e-200};
    rfi_kinks kinks;
    find(&kinks, 4, 1, X);
    check_lists(&kinks, 4);
    ck_assert_int_eq(kinks.count, 1);
    ck_assert(kinks.factor[1] == -1.0 / 3.0 && kinks.factor[3] == 1e-200 / 3.0);
    release(&kinks);
}
END_TEST

static const TTest *const *const tests[] = {
    &generic_rows_are_alone, &multiples_share_a_line,    &rounding_is_allowed_for,
    &zero_rows_have_no_line, &one_dimension_is_one_line,
};
UNIT_MAIN("kinks", tests)
