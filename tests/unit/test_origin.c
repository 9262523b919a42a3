/* test_origin.c: the endings of the inner flow, by hand and by what defines a ray that escapes.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "flow/origin.h"

enum { N = 10, D = 3 };

typedef struct {
    rfi_problem p;
    rfi_pattern pattern;
    rfi_resolver r;
    rfi_inner inner;
} fixture;

static void run(fixture *f, int64_t n, int64_t d, const double *X, const double *y,
                const double *omega)
{
    memset(f, 0, sizeof(*f));
    unit_problem(&f->p, n, d, X, y);
    unit_pattern(&f->pattern, &f->p, omega);
    ck_assert_int_eq(rfi_resolver_create(&f->r, f->p.data), 0);
    ck_assert_int_eq(rfi_inner_create(&f->inner, &f->r, f->p.data), 0);
    memcpy(f->inner.omega, omega, (size_t)d * sizeof(double));
    ck_assert_int_eq(rfi_inner_run(&f->inner, &f->p, &f->pattern), RF_OK);
}

static void tear_down(fixture *f)
{
    rfi_inner_free(&f->inner, &f->p.data->allocator);
    rfi_resolver_free(&f->r, &f->p.data->allocator);
    unit_pattern_free(&f->pattern, &f->p);
    rfi_problem_free(&f->p);
}

static int ending(int64_t n, int64_t d, const double *X, const double *y, const double *omega)
{
    fixture f;
    int how;
    run(&f, n, d, X, y, omega);
    how = f.inner.ending;
    tear_down(&f);
    return how;
}

START_TEST(one_dimension)
{
    const double right = 1, left = -1, zero = 0, pair[] = {1, -1}, attracting[] = {-1, -1};
    const double through[] = {-1, 1};
    ck_assert_int_eq(ending(1, 1, &right, &right, &right), RFI_ESCAPE);
    ck_assert_int_eq(ending(1, 1, &right, &right, &left), RFI_DEAD);
    ck_assert_int_eq(ending(1, 1, &right, &right, &zero), RFI_DEAD);
    /* through the origin, from where it goes on as a dead neuron */
    ck_assert_int_eq(ending(1, 1, &right, &left, &right), RFI_DEAD);
    /* and as one whose other datum pulls it on */
    ck_assert_int_eq(ending(2, 1, pair, through, &right), RFI_ESCAPE);
    /* both sides push back */
    ck_assert_int_eq(ending(2, 1, pair, attracting, &right), RFI_COLLAPSE);
    ck_assert_int_eq(ending(2, 1, pair, attracting, &left), RFI_COLLAPSE);
}
END_TEST

/* (1, 1) + (1, -1) - 2 (1, 0) = 0: active, and without a velocity. */
START_TEST(frozen)
{
    const double X[] = {1, 1, 1, -1, 1, 0}, y[] = {1, 1, -2}, omega[] = {1, 0};
    ck_assert_int_eq(ending(3, 2, X, y, omega), RFI_FROZEN);
}
END_TEST

/* The velocity (1, 0) + (-1, 1) / 4 carries (-1, 1) onto its kink; there both sides push out of it, and
 * (1, 0) alone is the velocity from then on. */
START_TEST(crosses_and_escapes)
{
    const double X[] = {1, 0, -1, 1}, y[] = {1, 0.25}, omega[] = {0.5, 1.5};
    fixture f;
    run(&f, 2, 2, X, y, omega);
    ck_assert_int_eq(f.inner.ending, RFI_ESCAPE);
    ck_assert(f.r.v[0] == 1.0 && f.r.v[1] == 0.0);
    ck_assert(f.pattern.side[0] == RFI_PLUS && f.pattern.side[1] == RFI_MINUS);
    /* left at s: omega = (0.5, 1.5) + s (3/4, 1/4) with -omega_1 + omega_2 = 1 - s / 2 = 0 */
    ck_assert_double_eq_tol(f.inner.s, 2.0, 1e-14);
    tear_down(&f);
}
END_TEST

/* On the kink of (-1, 1), (1, 2) pushes in and (1, 2) + 3 (1, -1) out: it slides along (1, 1). */
START_TEST(slides_out)
{
    const double X[] = {1, 0, 0, 1, -1, 1}, y[] = {1, 2, -3}, omega[] = {1, 0.5};
    fixture f;
    run(&f, 3, 2, X, y, omega);
    ck_assert_int_eq(f.inner.ending, RFI_ESCAPE);
    ck_assert_int_eq(f.pattern.side[2], RFI_SLIDE);
    ck_assert_double_eq_tol(f.r.v[0], 1.5, 1e-14);
    ck_assert_double_eq_tol(f.r.v[1], 1.5, 1e-14);
    tear_down(&f);
}
END_TEST

/* A ray that escapes for ever: v is the pull of the data that are active on it, less the multipliers of
 * those that slide, and no margin runs towards its kink.  Sums of ten terms below 2: 1e-12. */
static void check_ray(const fixture *f)
{
    double pull[D] = {0};
    int64_t g, k;
    for (g = 0; g < N; ++g)
        if (f->pattern.side[g] > 0)
            rfi_view_axpy(f->p.data->y[g], rfi_row(f->p.data, g), pull, D);
    for (k = 0; k < f->r.count; ++k)
        if (f->pattern.side[f->r.kink[k].line] == RFI_SLIDE)
            rfi_view_axpy(-f->r.kink[k].u, f->r.kink[k].x, pull, D);
    for (k = 0; k < D; ++k)
        ck_assert_double_eq_tol(f->r.v[k], pull[k], 1e-12);
    for (g = 0; g < N; ++g) {
        const double rate = rfi_view_dot(rfi_row(f->p.data, g), f->r.v, D);
        if (rfi_held(f->pattern.side[g]))
            ck_assert_double_eq_tol(rate, 0.0, 1e-12);
        else
            ck_assert_double_ge(f->pattern.side[g] * rate, -1e-12);
    }
}

START_TEST(random_rays)
{
    uint64_t seed = 6;
    int trial, k, escapes = 0, others = 0;
    for (trial = 0; trial < 400; ++trial) {
        double X[N * D], y[N], omega[D];
        fixture f;
        unit_fill(&seed, X, N * D);
        unit_fill(&seed, y, N);
        unit_fill(&seed, omega, D);
        for (k = 0; k < N; ++k)
            y[k] += trial % 3 - 1.0; /* mostly negative, mixed, mostly positive */
        run(&f, N, D, X, y, omega);
        ck_assert(f.inner.ending >= RFI_ESCAPE && f.inner.ending <= RFI_FROZEN);
        escapes += f.inner.ending == RFI_ESCAPE;
        others += f.inner.ending != RFI_ESCAPE;
        if (f.inner.ending == RFI_ESCAPE)
            check_ray(&f);
        tear_down(&f);
    }
    ck_assert_int_gt(escapes, 50);
    ck_assert_int_gt(others, 50);
}
END_TEST

/* v = (1, 0) + (1, 1) = (2, 1), H v = (5, 3).  A row orthogonal to v is decided by z'' = -x . H v. */
static void check_second_order(double sign, int8_t side)
{
    const double X[] = {1, 0, 1, 1, sign, -2 * sign}, y[] = {1, 1, -1};
    const double omega[] = {1, 1 + sign}; /* x . omega = -sign - 2 < 0: inactive */
    fixture f;
    run(&f, 3, 2, X, y, omega);
    ck_assert_int_eq(f.inner.ending, RFI_ESCAPE);
    ck_assert(f.r.v[0] == 2.0 && f.r.v[1] == 1.0);
    ck_assert_int_eq(f.pattern.side[2], side);
    ck_assert_int_eq(f.pattern.bound[2], side == RFI_SLIDE ? RFI_AT_LOW : RFI_INSIDE);
    ck_assert(f.pattern.side[0] == RFI_PLUS && f.pattern.side[1] == RFI_PLUS);
    tear_down(&f);
}

/* v = (2, 1) on the ray of X_0 = (1, 0), X_1 = (1, 1); (-1, 2), inactive, has z'' = x . (-H v) = -1 with
 * labels 1, 1, and z'' = +1 after a change of sign of the row: with a positive label it is carried
 * across at once, and the flow leaves along v + x. */
START_TEST(second_order_carries_across)
{
    const double X[] = {1, 0, 1, 1, 1, -2}, y[] = {1, 1, 0.25}, omega[] = {1, 2};
    fixture f;
    run(&f, 3, 2, X, y, omega);
    ck_assert_int_eq(f.inner.ending, RFI_ESCAPE);
    ck_assert(f.r.v[0] == 2.25 && f.r.v[1] == 0.5);
    ck_assert_int_eq(f.pattern.side[2], RFI_PLUS);
    tear_down(&f);
}
END_TEST

START_TEST(second_order)
{
    check_second_order(1, RFI_SLIDE);  /* x = (1, -2): z'' = 1 > 0 into a convex kink */
    check_second_order(-1, RFI_MINUS); /* x = (-1, 2): z'' = -1 */
}
END_TEST

static const TTest *const *const tests[] = {
    &one_dimension, &frozen, &crosses_and_escapes, &slides_out, &random_rays, &second_order,
    &second_order_carries_across,
};
UNIT_MAIN("origin", tests)
