/* test_expsum.c: values and counts of sums of exponentials.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>

#include "flow/expsum.h"

enum { MOST = 8 };

/* The value from both forms against extended precision: the claimed noise is a bound of the error. */
START_TEST(value_is_within_its_noise)
{
    uint64_t seed = 5;
    double rate[MOST], p[MOST];
    int trial, j, k;
    for (trial = 0; trial < 200; ++trial) {
        rfi_expsum f = {MOST, rate, p, 0, 0, 0, 0, 0, 0};
        double zero = 0.0;
        for (j = 0; j < MOST; ++j) {
            rate[j] = pow(10.0, 3.0 - j + unit_random(&seed) / 2);
            p[j] = unit_random(&seed) * pow(10.0, 3 * unit_random(&seed));
            f.start -= p[j]; /* f(inf) is 0 up to this rounding */
        }
        f.floor = 4 * RFI_EPS * 1e4;
        rfi_expsum_finish(&f, &zero, 0);
        for (k = -60; k < 60; ++k) {
            const double tau = pow(1.3, k);
            const rfi_value v = rfi_expsum_at(&f, tau);
            long double exact = 0.0L, slope = 0.0L;
            for (j = 0; j < MOST; ++j) {
                exact -= (long double)p[j] * expl(-(long double)rate[j] * tau);
                slope += (long double)p[j] * rate[j] * expl(-(long double)rate[j] * tau);
            }
            /* 1e-300: where everything has decayed below the smallest double */
            ck_assert_double_le(fabs(v.f - (double)exact), v.noise + f.floor + 1e-300);
            ck_assert_double_le(fabs(v.slope - (double)slope),
                                v.slope_noise * (1 + rate[0] * tau) + 1e-300);
        }
    }
}
END_TEST

START_TEST(limit_is_exact_or_rounded)
{
    const double rate[] = {2, 1}, p[] = {0.1, 0.2};
    const double given = 1.3;
    rfi_expsum f = {2, rate, p, -0.3, 0, 0, 0, 0, 0};
    rfi_expsum_finish(&f, NULL, 0); /* -0.3 + 0.1 + 0.2 is rounding */
    ck_assert(f.limit == 0.0 && f.limit_noise == 0.0);
    ck_assert_double_eq_tol(f.size, 0.6, 4 * RFI_EPS);
    f.start = 1.0;
    rfi_expsum_finish(&f, NULL, 0);
    ck_assert_double_eq_tol(f.limit, 1.3, 4 * RFI_EPS);
    ck_assert(f.limit_noise > 0.0);
    rfi_expsum_finish(&f, &given, 0);
    ck_assert(f.limit == 1.3 && f.limit_noise == 0.0);
    ck_assert_double_eq_tol(rfi_expsum_at(&f, INFINITY).f, 1.3, 4 * RFI_EPS);
}
END_TEST

/* f as a polynomial in e^{-tau} with the given zeros: rates m .. 1, all sums exact for these zeros. */
static rfi_expsum with_zeros(const double *zero, int64_t m, double *rate, double *p)
{
    double a[MOST + 1] = {1.0};
    rfi_expsum f = {m, rate, p, 0, 0, 0, 0, 0, 0};
    int64_t j, k;
    for (j = 0; j < m; ++j) {
        for (k = j + 1; k > 0; --k)
            a[k] = a[k - 1] - zero[j] * a[k];
        a[0] *= -zero[j];
    }
    for (j = 0; j < m; ++j) {
        rate[j] = (double)(m - j);
        p[j] = -a[m - j];
    }
    for (k = 0; k <= m; ++k)
        f.start += a[k];
    rfi_expsum_finish(&f, &a[0], 0);
    return f;
}

/* Descartes: at least the number of zeros beyond tau and of its parity. */
static void check_count(const double *zero, int64_t m)
{
    double rate[MOST], p[MOST], q;
    const rfi_expsum f = with_zeros(zero, m, rate, p);
    int64_t j;
    for (q = 0.999; q > 0.01; q *= 0.83) {
        const double value = rfi_expsum_at(&f, -log(q)).f;
        int64_t beyond = 0, count;
        for (j = 0; j < m; ++j)
            beyond += zero[j] > 0.0 && zero[j] < q;
        count = rfi_expsum_count(&f, value > 0 ? 1 : -1, -log(q), 0);
        ck_assert_int_ge(count, beyond);
        ck_assert_int_eq((count - beyond) % 2, 0);
        ck_assert_int_le(count, m);
    }
}

START_TEST(count_bounds_the_zeros)
{
    const double sets[][4] = {{0.5, 0.25, 0.75, 0.125}, {0.5, 2, 3, -1},
                              {0.5, 0.25, -2, -1},      {2, 3, 4, 5},
                              {0.75, 0.625, 0.5, 8},    {-1, -2, -3, -4}};
    const double quarter[] = {0.25};
    size_t k;
    for (k = 0; k < sizeof(sets) / sizeof(*sets); ++k)
        check_count(sets[k], 4);
    check_count(quarter, 1);
}
END_TEST

/* Four zeros of four possible; beyond them all, where the limit outweighs the modes, none. */
START_TEST(count_at_both_ends)
{
    const double zero[] = {0.5, 0.25, 0.75, 0.125};
    double rate[MOST], p[MOST];
    const rfi_expsum f = with_zeros(zero, 4, rate, p);
    ck_assert_int_eq(rfi_expsum_count(&f, 1, 0.0, 0), 4);
    ck_assert_int_eq(rfi_expsum_count(&f, 1, -log(0.01), 0), 0);
    ck_assert_int_eq(rfi_expsum_count(&f, -1, -log(0.2), 0) % 2, 1);
}
END_TEST

/* From a zero at tau = 0: only those beyond are counted. */
START_TEST(count_from_a_zero)
{
    const double crossing[] = {1, 0.5}, alone[] = {1, 2}, twice[] = {1, 0.5, 0.25};
    double rate[MOST], p[MOST];
    rfi_expsum f = with_zeros(crossing, 2, rate, p);
    ck_assert(f.start == 0.0);
    ck_assert_int_eq(rfi_expsum_count(&f, -1, 0.0, 1), 1);
    f = with_zeros(alone, 2, rate, p);
    ck_assert_int_eq(rfi_expsum_count(&f, 1, 0.0, 1), 0);
    f = with_zeros(twice, 3, rate, p);
    ck_assert_int_eq(rfi_expsum_count(&f, -1, 0.0, 1) % 2, 0);
    ck_assert_int_ge(rfi_expsum_count(&f, -1, 0.0, 1), 2);
}
END_TEST

static const TTest *const *const tests[] = {
    &value_is_within_its_noise, &limit_is_exact_or_rounded, &count_bounds_the_zeros,
    &count_at_both_ends,        &count_from_a_zero,
};
UNIT_MAIN("expsum", tests)
