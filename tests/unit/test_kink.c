/* test_kink.c: Filippov's decision, one kink by the table and several by the inclusion that defines it.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "flow/resolve.h"

enum { D = 4, MOST = 6 };

typedef struct {
    rfi_problem p;
    rfi_resolver r;
    rfi_pattern pattern;
    double X[MOST * D];
} fixture;

static void set_up(fixture *f, int64_t n, int64_t d, const double *X, const double *y)
{
    double zero[D] = {0};
    unit_problem(&f->p, n, d, X, y);
    unit_pattern(&f->pattern, &f->p, zero);
    ck_assert_int_eq(rfi_resolver_create(&f->r, f->p.data), 0);
    rfi_resolve_begin(&f->r);
}

static void tear_down(fixture *f)
{
    rfi_resolver_free(&f->r, &f->p.data->allocator);
    unit_pattern_free(&f->pattern, &f->p);
    rfi_problem_free(&f->p);
}

/* One kink x = (2, 0) with jump y and x . v0 = 2 push, entered with theta = 0 or 1. */
static rfi_kink decide(double push, double jump, int8_t at, double *v, int *ambiguous)
{
    const double x[] = {2, 0}, v0[] = {push, 1};
    fixture f;
    rfi_kink kink;
    set_up(&f, 1, 2, x, &jump);
    kink = *rfi_resolve_add(&f.r, &f.p, 0, at);
    kink.x = rfi_view_of(x);
    *ambiguous = 0;
    ck_assert_int_eq(rfi_kink_solve(&f.r.work, 2, v0, 10.0, &kink, 1, v, ambiguous), RF_OK);
    tear_down(&f);
    return kink;
}

/* math 3, Gamma < 0: slides between the pushes, else goes where both push. */
START_TEST(convex_kink)
{
    double v[2];
    int ambiguous;
    rfi_kink k = decide(3, -4, RFI_LOW, v, &ambiguous); /* 2(3) > 0 > 2(3 - 8) */
    ck_assert(k.side == RFI_SLIDE && !k.tie && !ambiguous);
    ck_assert_double_eq_tol(k.u, 1.5, 1e-14);
    ck_assert_double_eq_tol(v[0], 0.0, 1e-14);
    ck_assert_double_eq_tol(v[1], 1.0, 1e-14);
    k = decide(-1, -4, RFI_HIGH, v, &ambiguous);
    ck_assert(k.side == RFI_MINUS && k.u == 0.0 && v[0] == -1.0 && !ambiguous);
    k = decide(9, -4, RFI_LOW, v, &ambiguous);
    ck_assert(k.side == RFI_PLUS && k.u == 4.0 && !ambiguous);
    ck_assert_double_eq_tol(v[0], 1.0, 1e-14);
}
END_TEST

/* Gamma > 0: crosses, or is repelled to the side it has: then another solution exists. */
START_TEST(concave_kink)
{
    double v[2];
    int ambiguous;
    rfi_kink k = decide(1, 4, RFI_HIGH, v, &ambiguous);
    ck_assert(k.side == RFI_PLUS && v[0] == 9.0 && !ambiguous);
    k = decide(1, 4, RFI_LOW, v, &ambiguous);
    ck_assert(k.side == RFI_PLUS && v[0] == 9.0 && !ambiguous);
    k = decide(-9, 4, RFI_HIGH, v, &ambiguous);
    ck_assert(k.side == RFI_MINUS && v[0] == -9.0 && !ambiguous);
    k = decide(-3, 4, RFI_LOW, v, &ambiguous);
    ck_assert(k.side == RFI_MINUS && v[0] == -3.0 && ambiguous);
    k = decide(-3, 4, RFI_HIGH, v, &ambiguous);
    ck_assert(k.side == RFI_PLUS && v[0] == 5.0 && ambiguous);
}
END_TEST

START_TEST(flat_kink)
{
    double v[2];
    int ambiguous;
    ck_assert_int_eq(decide(3, 0, RFI_LOW, v, &ambiguous).side, RFI_PLUS);
    ck_assert(v[0] == 3.0 && !ambiguous);
    ck_assert_int_eq(decide(-3, 0, RFI_HIGH, v, &ambiguous).side, RFI_MINUS);
    ck_assert(decide(0, 0, RFI_LOW, v, &ambiguous).tie);
    ck_assert(decide(1e-16, -4, RFI_LOW, v, &ambiguous).tie); /* eps of the scale */
}
END_TEST

/* A tie at theta = 0 of a convex kink: the next derivative lets it slide or go. */
START_TEST(ties_by_the_next_derivative)
{
    const double push[] = {1, -1, 0};
    const int8_t side[] = {RFI_SLIDE, RFI_MINUS, RFI_REST_MINUS};
    int k;
    for (k = 0; k < 3; ++k) {
        const double x[] = {2, 0}, y = -4, v0[] = {0, 1};
        double base[2] = {0, 5}, v[2], a[2];
        fixture f;
        rfi_kink *kink;
        int ambiguous = 0;
        base[0] = push[k];
        set_up(&f, 1, 2, x, &y);
        kink = rfi_resolve_add(&f.r, &f.p, 0, RFI_LOW);
        ck_assert_int_eq(rfi_kink_solve(&f.r.work, 2, v0, 1, kink, 1, v, &ambiguous), RF_OK);
        ck_assert(kink->tie);
        ck_assert_int_eq(rfi_kink_settle(&f.r.work, 2, 2, base, 5, kink, 1, a), RF_OK);
        ck_assert_int_eq(kink->tie, k == 2);
        rfi_kink_rest(kink, 1);
        ck_assert_int_eq(kink->side, side[k]);
        ck_assert_int_eq(kink->stand, k == 0 ? RFI_CROSSED : k == 1 ? RFI_RELEASED : RFI_ON_SIDE);
        ck_assert_int_eq(kink->bound, k == 0 ? RFI_AT_LOW : RFI_INSIDE);
        ck_assert_double_eq_tol(a[0], k == 0 ? 0.0 : push[k], 1e-14);
        tear_down(&f);
    }
}
END_TEST

/* v = v0 + sum theta_k Gamma_k x_k, theta_k in [0, 1], on the side that theta says.  Terms below 10. */
static void check_inclusion(const fixture *f, const double *v0, const double *v)
{
    double sum[D];
    int64_t k;
    memcpy(sum, v0, sizeof(sum));
    for (k = 0; k < f->r.count; ++k) {
        const rfi_kink *kink = &f->r.kink[k];
        const double speed = rfi_view_dot(kink->x, v, D);
        double pull = kink->at == RFI_HIGH ? kink->jump : 0.0;
        if (kink->jump < 0.0)
            pull = -kink->u;
        rfi_view_axpy(pull, kink->x, sum, D);
        ck_assert(kink->jump >= 0.0 || (kink->u >= 0.0 && kink->u <= -kink->jump + 1e-14));
        if (kink->side == RFI_SLIDE)
            ck_assert(kink->jump < 0.0 && fabs(speed) < 1e-12);
        else if (!kink->tie)
            ck_assert(kink->side * speed > 0.0
                      && fabs(pull - (kink->side == RFI_PLUS ? kink->jump : 0.0)) < 1e-14);
    }
    for (k = 0; k < D; ++k)
        ck_assert_double_eq_tol(v[k], sum[k], 1e-12);
}

/* Convex kinks alone: the solution has the least norm of all theta. */
static void check_least(const fixture *f, const double *v0, const double *v, uint64_t *seed)
{
    int64_t k, trial;
    for (trial = 0; trial < 50; ++trial) {
        double other[D];
        memcpy(other, v0, sizeof(other));
        for (k = 0; k < f->r.count; ++k)
            rfi_view_axpy(f->r.kink[k].jump * (0.5 + 0.5 * unit_random(seed)), f->r.kink[k].x, other,
                          D);
        ck_assert_double_le(rfi_norm(v, D), rfi_norm(other, D) + 1e-12);
    }
}

START_TEST(several_kinks)
{
    uint64_t seed = 8;
    int trial;
    int64_t k;
    for (trial = 0; trial < 300; ++trial) {
        const int convex = trial % 2;
        double X[MOST * D], y[MOST], v0[D], v[D];
        int ambiguous = 0;
        fixture f;
        unit_fill(&seed, X, MOST * D);
        unit_fill(&seed, y, MOST);
        unit_fill(&seed, v0, D);
        for (k = 0; k < MOST && convex; ++k)
            y[k] = -fabs(y[k]);
        set_up(&f, MOST, D, X, y);
        for (k = 0; k < MOST; ++k)
            rfi_resolve_add(&f.r, &f.p, k, RFI_LOW);
        ck_assert_int_eq(rfi_kink_solve(&f.r.work, D, v0, 10.0, f.r.kink, f.r.count, v, &ambiguous),
                         RF_OK);
        check_inclusion(&f, v0, v);
        if (convex)
            check_least(&f, v0, v, &seed);
        ck_assert(!convex || !ambiguous);
        tear_down(&f);
    }
}
END_TEST

/* Rows x and f x with f < 0: one kink, theta for the one and 1 - theta for the other. */
static void check_group(double y1, double f, double y2, int8_t side, double speed)
{
    const double X[] = {1, 0, f, 0}, y[] = {y1, y2}, w[] = {0, 3};
    fixture s;
    set_up(&s, 2, 2, X, y);
    rfi_resolve_add(&s.r, &s.p, 0, RFI_LOW);
    ck_assert_ptr_null(rfi_resolve_add(&s.r, &s.p, 0, RFI_LOW)); /* once only */
    rfi_resolve_scale(&s.r, &s.p, &s.pattern, w);
    rfi_resolve_base(&s.r, &s.p, &s.pattern, w);
    ck_assert_int_eq(rfi_resolve(&s.r, &s.p, &s.pattern), RF_OK);
    ck_assert_int_eq(s.pattern.side[0], side);
    ck_assert_double_eq_tol(s.r.v[0], speed, 1e-14);
    tear_down(&s);
}

START_TEST(groups_share_theta)
{
    check_group(1, -2, -3, RFI_PLUS, 1);     /* 6 on the left, 1 on the right */
    check_group(-1, -2, -1, RFI_SLIDE, 0);   /* 2 and -1 */
    check_group(-3, -2, 2, RFI_MINUS, -4);   /* -4 and -3 */
    check_group(1, 2, 1, RFI_REST_MINUS, 0); /* 0 and 3: theta = 0 rests */
}
END_TEST

static const TTest *const *const tests[] = {
    &convex_kink,   &concave_kink,       &flat_kink, &ties_by_the_next_derivative,
    &several_kinks, &groups_share_theta,
};
UNIT_MAIN("kink", tests)
