/* test_num.c: scalar numerics against extended precision and exact cases.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <float.h>
#include <math.h>

/* e^{-x} and 1 - e^{-x}: one rounding of exp or expm1 (below an ulp) and, for the other of the two, one
 * more and the error carried over, at most 1.72 times for rest at x = 1 and less than 1 for done.
 * 4 eps holds all of it. */
START_TEST(decay_is_accurate)
{
    double x;
    for (x = 1e-300; x < 700.0; x *= 1.37) {
        const rfi_decay e = rfi_decay_at(x);
        const double rest = (double)expl(-(long double)x), done = (double)-expm1l(-(long double)x);
        ck_assert_double_eq_tol(e.rest / rest, 1.0, 4 * RFI_EPS);
        ck_assert_double_eq_tol(e.done / done, 1.0, 4 * RFI_EPS);
    }
    ck_assert(rfi_decay_at(0.0).rest == 1.0 && rfi_decay_at(0.0).done == 0.0);
    ck_assert(rfi_decay_at(INFINITY).rest == 0.0 && rfi_decay_at(INFINITY).done == 1.0);
}
END_TEST

/* x - (1 - e^{-x}) by its series, 40 terms: for x <= 4 the last is below 4^40/40! = 1e-24 and the
 * largest below 11. */
static long double lag_series(long double x)
{
    long double term = 1.0L, sum = 0.0L;
    int k;
    term = x;
    for (k = 2; k < 42; ++k) {
        term *= -x / (long double)k;
        sum -= term;
    }
    return sum;
}

/* Above 1/2 the sum x + expm1(-x) loses at most x / lag(x) <= 4.7 ulps; below, the series alternates with
 * falling terms.  8 eps. */
START_TEST(lag_is_accurate)
{
    double x;
    for (x = 1e-150; x < 4.0; x *= 1.21) {
        const double lag = (double)lag_series((long double)x);
        ck_assert_double_eq_tol(rfi_decay_lag(x) / lag, 1.0, 8 * RFI_EPS);
    }
    ck_assert_double_eq_tol(rfi_decay_lag(1e6), 1e6 - 1.0, 1e6 * RFI_EPS);
    ck_assert(rfi_decay_lag(0.0) == 0.0);
}
END_TEST

START_TEST(units_stay_in_range)
{
    ck_assert(rfi_unit_of(0.0) == 1.0);
    ck_assert(rfi_unit_of(0.75) == 1.0);
    ck_assert(rfi_unit_of(1.0) == 2.0);
    ck_assert(rfi_unit_of(DBL_MAX) == 0x1p1023);
    ck_assert(rfi_unit_of(0x1p-1074) == 0x1p-1000);
}
END_TEST

/* Small integers: every sum is exact, in whatever order it is formed. */
START_TEST(products_of_integers_are_exact)
{
    double x[37], y[37], z[37], sum = 0.0;
    int64_t d, k;
    for (k = 0; k < 37; ++k) {
        x[k] = (double)(k * k % 19 - 9);
        y[k] = (double)(k * 7 % 23 - 11);
    }
    for (d = 0; d <= 37; ++d) {
        ck_assert(rfi_dot(x, y, d) == sum && rfi_dot_accurate(x, y, d) == sum);
        sum += d < 37 ? x[d] * y[d] : 0.0;
    }
    for (k = 0; k < 37; ++k)
        z[k] = y[k];
    rfi_axpy(-3.0, x, z, 37);
    for (k = 0; k < 37; ++k)
        ck_assert(z[k] == y[k] - 3.0 * x[k]);
}
END_TEST

/* The sum of x_k y_k and its exact negative plus 1, of which an ordinary sum keeps nothing. */
START_TEST(accurate_product_survives_cancellation)
{
    const double x[] = {1e16, 1.0, -1e16}, one[] = {1.0, 1.0, 1.0};
    const double a = 1.0 + 0x1p-30, u[] = {a, -1.0, -0x1p-29}, v[] = {a, 1.0, 1.0};
    const double third[] = {1.0 / 3.0, 1.0 / 3.0, -2.0 / 3.0};
    ck_assert(rfi_dot_accurate(x, one, 3) == 1.0);
    ck_assert(rfi_dot_accurate(u, v, 3) == 0x1p-60); /* (1 + h)^2 - 1 - 2h = h^2 */
    ck_assert(rfi_dot_accurate(third, one, 3) == 0.0);
}
END_TEST

START_TEST(norm_does_not_leave_the_range)
{
    const double units[] = {1.0, 1e300, 1e-300, 1e160, 1e-160, 0x1p-1060};
    size_t k;
    for (k = 0; k < sizeof(units) / sizeof(*units); ++k) {
        const double x[] = {3.0 * units[k], 0.0, -4.0 * units[k]};
        ck_assert_double_eq_tol(rfi_norm(x, 3) / (5.0 * units[k]), 1.0, 4 * RFI_EPS);
    }
    ck_assert(rfi_norm(units, 0) == 0.0);
    ck_assert_double_eq(RFI_EPS, DBL_EPSILON);
}
END_TEST

START_TEST(first_not_finite_is_found)
{
    double x[6] = {0.0, -DBL_MAX, DBL_MIN, 1.0, NAN, INFINITY};
    ck_assert_int_eq(rfi_first_not_finite(x, 4), -1);
    ck_assert_int_eq(rfi_first_not_finite(x, 6), 4);
    x[1] = -INFINITY;
    ck_assert_int_eq(rfi_first_not_finite(x, 6), 1);
    ck_assert_int_eq(rfi_first_not_finite(x, 0), -1);
}
END_TEST

static const TTest *const *const tests[] = {
    &decay_is_accurate,
    &lag_is_accurate,
    &units_stay_in_range,
    &products_of_integers_are_exact,
    &accurate_product_survives_cancellation,
    &norm_does_not_leave_the_range,
    &first_not_finite_is_found,
};
UNIT_MAIN("num", tests)
