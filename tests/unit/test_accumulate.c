/* test_accumulate.c: coefficients and path length against fine quadrature.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "analysis/accumulate.h"

enum { D = 4, MOST_N = 9, STEPS = 4000 };

typedef struct {
    rfi_problem p;
    rfi_pattern pattern;
    rfi_segment seg;
    rfi_workspace ws;
    double line[3 * D];
} fixture;

static void set_up(fixture *f, int64_t n, int64_t d, const double *X, const double *y,
                   const double *w0, double slope)
{
    unit_problem(&f->p, n, d, X, y);
    f->p.activation = slope > 0.0 ? RF_LEAKY_RELU : RF_RELU;
    f->p.slope = slope;
    rfi_problem_refresh(&f->p);
    unit_pattern(&f->pattern, &f->p, w0);
    ck_assert_int_eq(rfi_segment_create(&f->seg, &f->p), 0);
    ck_assert_int_eq(rfi_workspace_create(&f->ws, &f->p), 0);
    ck_assert_int_eq(rfi_segment_build(&f->seg, &f->p, &f->pattern, 0.0, w0, &f->ws), RF_OK);
}

static void random_segment(fixture *f, uint64_t seed, int64_t n, double slope)
{
    double X[MOST_N * D], y[MOST_N], w0[D];
    unit_fill(&seed, X, n * D);
    unit_fill(&seed, y, n);
    unit_fill(&seed, w0, D);
    set_up(f, n, D, X, y, w0, slope);
}

static void tear_down(fixture *f)
{
    const rf_allocator a = f->p.data->allocator;
    rfi_segment_free(&f->seg, &a);
    rfi_workspace_free(&f->ws, &a);
    unit_pattern_free(&f->pattern, &f->p);
    rfi_problem_free(&f->p);
}

/* alpha_i' = c_i sigma'_i (y_i - sigma(z_i)) at one instant, with the speed as number n. */
static void rates(const fixture *f, double tau, double *out)
{
    const int64_t n = f->p.data->n;
    double w[D], v[D];
    int64_t i;
    rfi_segment_weights(&f->seg, tau, w);
    rfi_segment_velocity(&f->seg, tau, v);
    for (i = 0; i < n; ++i) {
        const double slope = rfi_pattern_slope(&f->p, &f->pattern, i);
        const double z = rfi_view_dot(rfi_row(f->p.data, i), w, f->p.data->d);
        out[i] = f->p.c[i] * slope * (f->p.data->y[i] - slope * z);
    }
    out[n] = rfi_norm(v, f->p.data->d);
}

/* Simpson's rule: with h = 2/4000 and rates below 10 its error is below (10 h)^4 / 180 = 4e-12, times
 * integrands below 10.  The path is promised to 1e-10. */
static void check_quadrature(uint64_t seed, int64_t n, double slope)
{
    const double from = 0.25, to = 2.25, h = (to - from) / STEPS;
    double sum[MOST_N + 1] = {0}, value[MOST_N + 1], alpha[MOST_N] = {0};
    fixture f;
    int64_t i, k;
    random_segment(&f, seed, n, slope);
    for (k = 0; k <= STEPS; ++k) {
        rates(&f, from + h * (double)k, value);
        for (i = 0; i <= n; ++i)
            sum[i] += value[i] * (k == 0 || k == STEPS ? 1.0 : k % 2 == 1 ? 4.0 : 2.0) * h / 3.0;
    }
    rfi_accumulate_coefficients(&f.seg, &f.p, &f.pattern, from, to, f.line, alpha);
    for (i = 0; i < n; ++i)
        ck_assert_double_eq_tol(alpha[i], sum[i], 5e-11);
    ck_assert_double_eq_tol(rfi_accumulate_path(&f.seg, from, to), sum[n], 1e-10 * sum[n] + 5e-11);
    tear_down(&f);
}

START_TEST(quadrature)
{
    check_quadrature(1, 9, 0.0);
    check_quadrature(2, 9, 0.4);
    check_quadrature(3, 3, 0.0);
    check_quadrature(4, 1, 0.5);
}
END_TEST

/* Independent rows: all residuals vanish, and w(inf) - w(0) = sum alpha_i(inf) x_i with finite alpha. */
START_TEST(to_the_limit)
{
    uint64_t seed;
    for (seed = 50; seed < 60; ++seed) {
        double alpha[3] = {0}, w[D], end[D];
        fixture f;
        int64_t i;
        random_segment(&f, seed, 3, 0.2);
        rfi_accumulate_coefficients(&f.seg, &f.p, &f.pattern, 0.0, INFINITY, f.line, alpha);
        memcpy(w, f.seg.w0, sizeof(w));
        rfi_segment_weights(&f.seg, INFINITY, end);
        for (i = 0; i < 3; ++i)
            rfi_view_axpy(alpha[i], rfi_row(f.p.data, i), w, D);
        for (i = 0; i < D; ++i) /* alpha ~ r / lambda with lambda above 1e-3 here */
            ck_assert_double_eq_tol(w[i], end[i], 1e-10);
        tear_down(&f);
    }
}
END_TEST

/* Two labels for one row: the limit is their mean, and each goes on pulling. */
START_TEST(diverges_with_a_residual)
{
    const double X[] = {1, 1}, y[] = {1, 3}, w0[] = {1};
    double alpha[2] = {0};
    fixture f;
    set_up(&f, 2, 1, X, y, w0, 0.0);
    rfi_accumulate_coefficients(&f.seg, &f.p, &f.pattern, 0.0, INFINITY, f.line, alpha);
    ck_assert(alpha[0] == -INFINITY && alpha[1] == INFINITY);
    tear_down(&f);
}
END_TEST

/* One datum: z = y + (z0 - y) e^{-t}; the length is |z0 - z|, alpha the same with its sign. */
START_TEST(closed_form)
{
    const double x = 1, y = 3, w0 = 1;
    double alpha = 0.0, t;
    fixture f;
    set_up(&f, 1, 1, &x, &y, &w0, 0.0);
    for (t = 1e-6; t < 1e3; t *= 7.0) {
        alpha = 0.0;
        rfi_accumulate_coefficients(&f.seg, &f.p, &f.pattern, 0.0, t, f.line, &alpha);
        ck_assert_double_eq_tol(alpha / (-2.0 * expm1(-t)), 1.0, 1e-14);
        ck_assert_double_eq_tol(rfi_accumulate_path(&f.seg, 0.0, t) / alpha, 1.0, 1e-10);
    }
    ck_assert_double_eq_tol(rfi_accumulate_path(&f.seg, 0.0, INFINITY), 2.0, 2e-10);
    ck_assert_double_eq(rfi_accumulate_path(&f.seg, 1.0, 1.0), 0.0);
    tear_down(&f);
}
END_TEST

/* Rates 1 and 1e-8: the path has a corner, |w(inf) - w(0)| along each axis in turn, up to the curvature at
 * the corner, where the slow speed 1e-8 is still of no matter. */
START_TEST(stiff_path)
{
    const double X[] = {1, 0, 0, 1e-4}, y[] = {2, 2e-4}, w0[] = {1, 1};
    fixture f;
    set_up(&f, 2, 2, X, y, w0, 0.0);
    ck_assert_double_eq_tol(rfi_accumulate_path(&f.seg, 0.0, INFINITY), 2.0, 1e-6);
    tear_down(&f);
}
END_TEST

static const TTest *const *const tests[] = {
    &quadrature, &to_the_limit, &diverges_with_a_residual, &closed_form, &stiff_path,
};
UNIT_MAIN("accumulate", tests)
