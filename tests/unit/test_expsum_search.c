/* test_expsum_search.c: the certified exit, against polynomials in q = e^{-tau} and brute force.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>

#include "flow/expsum.h"

enum { MOST = 8 };

typedef struct {
    double rate[MOST], p[MOST], scratch[4 * MOST];
    rfi_expsum f;
} sum_of;

/* K prod (q - zero_j), in units of time `unit`. */
static void with_zeros(sum_of *s, const double *zero, int64_t m, double K, double unit)
{
    const rfi_expsum blank = {m, s->rate, s->p, 0, 0, 0, 0, 0, 0};
    double a[MOST + 1] = {0};
    int64_t j, k;
    a[0] = K;
    s->f = blank;
    for (j = 0; j < m; ++j) {
        for (k = j + 1; k > 0; --k)
            a[k] = a[k - 1] - zero[j] * a[k];
        a[0] *= -zero[j];
    }
    for (j = 0; j < m; ++j) {
        s->rate[j] = (double)(m - j) / unit;
        s->p[j] = -a[m - j];
    }
    for (k = 0; k <= m; ++k)
        s->f.start += a[k];
    rfi_expsum_finish(&s->f, &a[0], 0);
}

static rfi_exit leave(sum_of *s, double side, int stand, double from, double until)
{
    return rfi_expsum_exit(&s->f, side, stand, from, until, s->scratch);
}

/* The exit at q: all zeros here are well apart, so that f' is above 0.02 of the size of f and the
 * rounding 4 eps of the size moves the zero by 2e-13 at most. */
static void check_exit(const double *zero, int64_t m, int stand, double side, double q)
{
    const double size[] = {1, 1e250, 1e-250, 1, 1}, unit[] = {1, 1, 1, 1e40, 1e-40};
    sum_of s;
    int i, sign;
    for (i = 0; i < 5; ++i)
        for (sign = -1; sign <= 1; sign += 2) {
            rfi_exit e;
            with_zeros(&s, zero, m, sign * size[i], unit[i]);
            e = leave(&s, sign * side, stand, 0, INFINITY);
            ck_assert(isinf(e.touch));
            if (q == 0.0)
                ck_assert(isinf(e.tau));
            else
                ck_assert_double_eq_tol(e.tau / unit[i], -log(q), 2e-13);
        }
}

START_TEST(simple_zero)
{
    const double one[] = {0.5}, beyond[] = {0.25, 2}, behind[] = {0.25, -3},
                 cubic[] = {0.375, 2, 5};
    check_exit(one, 1, RFI_ON_SIDE, 1, 0.5);
    check_exit(beyond, 2, RFI_ON_SIDE, -1, 0.25);
    check_exit(behind, 2, RFI_ON_SIDE, 1, 0.25);
    check_exit(cubic, 3, RFI_ON_SIDE, 1, 0.375);
}
END_TEST

START_TEST(first_of_several)
{
    const double two[] = {0.25, 0.5}, three[] = {0.125, 0.75, 0.5},
                 four[] = {0.25, 0.5, 0.75, 0.875};
    check_exit(two, 2, RFI_ON_SIDE, 1, 0.5);
    check_exit(three, 3, RFI_ON_SIDE, 1, 0.75);
    check_exit(four, 4, RFI_ON_SIDE, 1, 0.875);
}
END_TEST

START_TEST(no_zero)
{
    const double none[] = {2, 3}, negative[] = {-1, -2, -3};
    check_exit(none, 2, RFI_ON_SIDE, 1, 0);
    check_exit(negative, 3, RFI_ON_SIDE, 1, 0);
}
END_TEST

/* q = 1 is a zero: the way it came from is not an exit. */
START_TEST(just_crossed)
{
    const double back[] = {1, 0.5}, never[] = {1, 2}, twice[] = {1, 0.5, 0.25};
    check_exit(back, 2, RFI_CROSSED, -1, 0.5);
    check_exit(never, 2, RFI_CROSSED, 1, 0);
    check_exit(twice, 3, RFI_CROSSED, -1, 0.5);
}
END_TEST

/* q = 1 is a double zero: f = f' = 0, then f'' moves it. */
START_TEST(just_released)
{
    const double back[] = {1, 1, 0.5}, never[] = {1, 1}, twice[] = {1, 1, 0.5, 0.25};
    check_exit(back, 3, RFI_RELEASED, 1, 0.5);
    check_exit(never, 2, RFI_RELEASED, 1, 0);
    check_exit(twice, 4, RFI_RELEASED, 1, 0.5);
}
END_TEST

/* q = 0 is a zero: f(inf) = 0 and the slowest mode decides. */
START_TEST(limit_zero)
{
    const double from_above[] = {0, -0.5}, crossing[] = {0, 0.5}, twice[] = {0, 0.5, 0.25};
    check_exit(from_above, 2, RFI_ON_SIDE, 1, 0);
    check_exit(crossing, 2, RFI_ON_SIDE, 1, 0.5);
    check_exit(twice, 3, RFI_ON_SIDE, 1, 0.5);
}
END_TEST

/* (q - 1/2)^2 + depth.  f is of size 2.25, so what is below 4 eps 2.25 = 2e-15 cannot be told. */
START_TEST(grazing)
{
    const double half[] = {0.5, 0.5};
    const double depth = 1e-12;
    double limit = 0.25 - depth;
    sum_of s;
    rfi_exit e;
    with_zeros(&s, half, 2, 1, 1);
    e = leave(&s, 1, RFI_ON_SIDE, 0, INFINITY);
    ck_assert(isinf(e.tau)); /* touches, and turns back: no event, but told */
    ck_assert_double_eq_tol(e.touch, log(2), 1e-7); /* sqrt(2e-15) / q */
    s.f.start = limit;
    rfi_expsum_finish(&s.f, &limit, 0);
    e = leave(&s, 1, RFI_ON_SIDE, 0, INFINITY);
    /* f' = -q 2 sqrt(depth) = -1e-6 there: rounding moves the zero by 2e-9 */
    ck_assert_double_eq_tol(e.tau, -log(0.5 + sqrt(depth)), 4e-9);
    limit = s.f.start = 0.25 + depth;
    rfi_expsum_finish(&s.f, &limit, 0);
    e = leave(&s, 1, RFI_ON_SIDE, 0, INFINITY);
    ck_assert(isinf(e.tau) && isinf(e.touch));
}
END_TEST

START_TEST(horizon_and_start)
{
    const double zero[] = {0.25, 0.5};
    sum_of s;
    with_zeros(&s, zero, 2, 1, 1);
    ck_assert(isinf(leave(&s, 1, RFI_ON_SIDE, 0, 0.999 * log(2)).tau));
    ck_assert_double_eq_tol(leave(&s, 1, RFI_ON_SIDE, 0, 1.001 * log(2)).tau, log(2), 1e-14);
    ck_assert_double_eq_tol(leave(&s, -1, RFI_ON_SIDE, 1.0, INFINITY).tau, log(4), 1e-14);
    ck_assert(isinf(leave(&s, 1, RFI_ON_SIDE, 2.0, INFINITY).tau));
    s.f.modes = 0; /* nothing moves */
    ck_assert(isinf(leave(&s, 1, RFI_ON_SIDE, 0, INFINITY).tau));
}
END_TEST

/* Random sums on a grid in q: up to the exit f keeps its side, beyond it f does not. */
static void check_by_force(sum_of *s, double side)
{
    const double slow = s->rate[s->f.modes - 1];
    const rfi_exit e = leave(s, side, RFI_ON_SIDE, 0, INFINITY);
    rfi_value v;
    int k;
    for (k = 1; k < 600; ++k) {
        const double tau = -log(1.0 - k / 600.0) / slow;
        v = rfi_expsum_at(&s->f, tau);
        if (tau < e.tau)
            ck_assert_double_ge(side * v.f, -v.noise);
    }
    if (isinf(e.tau))
        return;
    v = rfi_expsum_at(&s->f, e.tau);
    ck_assert_double_le(fabs(v.f), 2 * v.noise + 4 * RFI_EPS * e.tau * fabs(v.slope));
    v = rfi_expsum_at(&s->f, e.tau * (1.0 + 1e-9) + 4 * e.uncertainty);
    ck_assert_double_lt(side * v.f, 0);
}

START_TEST(brute_force)
{
    uint64_t seed = 77;
    sum_of s;
    int trial, j, k, found = 0;
    for (trial = 0; trial < 500; ++trial) {
        const rfi_expsum blank = {6, s.rate, s.p, 0, 0, 0, 0, 0, 0};
        s.f = blank;
        unit_fill(&seed, s.p, 6);
        for (j = 0; j < 6; ++j)
            s.rate[j] = pow(10.0, unit_random(&seed));
        for (j = 0; j < 6; ++j)
            for (k = j + 1; k < 6; ++k)
                if (s.rate[k] > s.rate[j]) {
                    const double swap = s.rate[k];
                    s.rate[k] = s.rate[j];
                    s.rate[j] = swap;
                }
        s.f.start = 0.5 * unit_random(&seed);
        rfi_expsum_finish(&s.f, NULL, 0);
        check_by_force(&s, s.f.start > 0 ? 1 : -1);
        found += isinf(leave(&s, s.f.start > 0 ? 1 : -1, RFI_ON_SIDE, 0, INFINITY).tau) == 0;
    }
    ck_assert_int_gt(found, 100); /* both outcomes were seen */
    ck_assert_int_lt(found, 400);
}
END_TEST

/* Rates over eighteen decades: the first zero may be one of the fast modes, the return one of the slow. */
START_TEST(rates_far_apart)
{
    uint64_t seed = 5;
    sum_of s;
    int trial, j, k, found = 0;
    for (trial = 0; trial < 300; ++trial) {
        const rfi_expsum blank = {6, s.rate, s.p, 0, 0, 0, 0, 0, 0};
        const double limit = 0.0;
        rfi_exit e;
        s.f = blank;
        unit_fill(&seed, s.p, 6);
        for (j = 0; j < 6; ++j) {
            s.rate[j] =
                pow(10.0, (j < 4 ? 0.0 : -17.0) + (4 - j) * 0.25 + 0.1 * unit_random(&seed));
            s.p[j] *= j < 4 ? 1.0 : 0.01;
            s.f.start -= s.p[j];
        }
        rfi_expsum_finish(&s.f, &limit, 0);
        e = leave(&s, s.f.start > 0 ? 1 : -1, RFI_ON_SIDE, 0, INFINITY);
        for (k = -60; k < 180; ++k) {
            const double tau = pow(10.0, 0.05 * k);
            const rfi_value v = rfi_expsum_at(&s.f, tau);
            if (tau < e.tau)
                ck_assert_double_ge((s.f.start > 0 ? 1 : -1) * v.f, -v.noise);
        }
        found += e.tau < 1e3;
    }
    ck_assert_int_gt(found, 60);
    ck_assert_int_lt(found, 240);
}
END_TEST

static const TTest *const *const tests[] = {
    &simple_zero, &first_of_several, &no_zero,           &just_crossed, &just_released,
    &limit_zero,  &grazing,          &horizon_and_start, &brute_force,  &rates_far_apart,
};
UNIT_MAIN("expsum search", tests)
