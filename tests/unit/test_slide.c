/* test_slide.c: the sliding segment stays on its kinks, its multipliers balance the velocity, and the
 * coefficients of the data add up to the path.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "analysis/accumulate.h"
#include "flow/segment.h"

enum { D = 5, N = 12 };

typedef struct {
    rfi_problem p;
    rfi_pattern pattern;
    rfi_segment seg;
    rfi_workspace ws;
    double w0[D], line[3 * D];
} fixture;

/* Makes x orthogonal to the orthonormal vectors of the basis, twice for the sake of rounding. */
static void remove_from(const double *basis, int64_t count, double *x)
{
    int64_t k;
    for (k = 0; k < 2 * count; ++k)
        rfi_axpy(-rfi_dot(basis + k % count * D, x, D), basis + k % count * D, x, D);
}

/* Lines 0 .. slides - 1 have negative labels and slide; the last row is antiparallel to row 0. */
static void set_up(fixture *f, uint64_t seed, int64_t slides, double slope)
{
    double X[N * D], y[N], basis[D * D], norm;
    int64_t i, k;
    unit_fill(&seed, X, N * D);
    unit_fill(&seed, y, N);
    unit_fill(&seed, f->w0, D);
    for (k = 0; k < D; ++k)
        X[(N - 1) * D + k] = -0.5 * X[k];
    y[N - 1] = -0.75;
    for (i = 0; i < slides; ++i) {
        y[i] = -1.0 - fabs(y[i]);
        memcpy(basis + i * D, X + i * D, D * sizeof(double));
        remove_from(basis, i, basis + i * D);
        norm = rfi_norm(basis + i * D, D);
        for (k = 0; k < D; ++k)
            basis[i * D + k] /= norm;
    }
    remove_from(basis, slides, f->w0);
    unit_problem(&f->p, N, D, X, y);
    f->p.activation = slope > 0.0 ? RF_LEAKY_RELU : RF_RELU;
    f->p.slope = slope;
    rfi_problem_refresh(&f->p);
    unit_pattern(&f->pattern, &f->p, f->w0);
    for (k = 0; k < slides; ++k)
        f->pattern.side[k] = RFI_SLIDE;
    ck_assert_int_eq(rfi_segment_create(&f->seg, &f->p), 0);
    ck_assert_int_eq(rfi_workspace_create(&f->ws, &f->p), 0);
    ck_assert_int_eq(rfi_segment_build(&f->seg, &f->p, &f->pattern, 2.5, f->w0, &f->ws), RF_OK);
}

static void tear_down(fixture *f)
{
    const rf_allocator a = f->p.data->allocator;
    rfi_segment_free(&f->seg, &a);
    rfi_workspace_free(&f->ws, &a);
    unit_pattern_free(&f->pattern, &f->p);
    rfi_problem_free(&f->p);
}

/* x . w = 0 and w' = (velocity without the sliding data) + sum (base - u) x.  Terms are below 100 and
 * the sliding rows have a condition below 100: 1e-11. */
static void check_balance(uint64_t seed, int64_t slides, double slope)
{
    double w[D], v[D], free_v[D], tau;
    fixture f;
    int64_t k, j;
    set_up(&f, seed, slides, slope);
    ck_assert_int_eq(f.seg.slides[0], slides);
    for (tau = 0.0; tau < 100.0; tau = 2.0 * tau + 0.01) {
        rfi_segment_weights(&f.seg, tau, w);
        rfi_segment_velocity(&f.seg, tau, v);
        unit_velocity(&f.p, &f.pattern, w, free_v);
        for (k = 0; k < slides; ++k) {
            const int64_t g = f.seg.slide[k];
            const rfi_expsum u = rfi_segment_multiplier(&f.seg, &f.p, k, 0, f.line);
            const double value = rfi_expsum_at(&u, tau).f;
            const rfi_expsum top = rfi_segment_multiplier(&f.seg, &f.p, k, 1, f.line);
            ck_assert_double_eq_tol(rfi_expsum_at(&top, tau).f, -f.p.jump[g] - value, 1e-11);
            ck_assert_double_eq_tol(rfi_view_dot(rfi_row(f.p.data, g), w, D), 0.0, 1e-13);
            ck_assert_double_eq_tol(rfi_view_dot(rfi_row(f.p.data, g), v, D), 0.0, 1e-12);
            rfi_view_axpy(f.p.base[g] - value, rfi_row(f.p.data, g), free_v, D);
        }
        for (j = 0; j < D; ++j)
            ck_assert_double_eq_tol(v[j], free_v[j], 1e-11);
    }
    tear_down(&f);
}

START_TEST(multipliers_balance)
{
    int64_t slides;
    for (slides = 1; slides < D; ++slides) {
        check_balance(100 + (uint64_t)slides, slides, 0.0);
        check_balance(200 + (uint64_t)slides, slides, 0.3);
    }
}
END_TEST

/* All dimensions are held: nothing moves. */
START_TEST(held_in_every_direction)
{
    double v[D];
    fixture f;
    set_up(&f, 7, D, 0.0);
    rfi_segment_velocity(&f.seg, 0.0, v);
    ck_assert(f.seg.modes == 0 && f.seg.held[0] == D && rfi_norm(v, D) == 0.0);
    tear_down(&f);
}
END_TEST

/* w(to) - w(from) = sum_i alpha_i x_i, the sliding data and their groups included. */
START_TEST(coefficients_add_up)
{
    const double slopes[] = {0.0, 0.3};
    int64_t slides, i, s;
    for (slides = 0; slides < D; ++slides)
        for (s = 0; s < 2; ++s) {
            double alpha[N] = {0}, w[D], from[D];
            fixture f;
            set_up(&f, 300 + (uint64_t)slides, slides, slopes[s]);
            rfi_accumulate_coefficients(&f.seg, &f.p, &f.pattern, 0.125, 2.0, f.line, alpha);
            rfi_segment_weights(&f.seg, 0.125, from);
            rfi_segment_weights(&f.seg, 2.0, w);
            for (i = 0; i < N; ++i)
                rfi_view_axpy(alpha[i], rfi_row(f.p.data, i), from, D);
            for (i = 0; i < D; ++i)
                ck_assert_double_eq_tol(from[i], w[i], 1e-11);
            tear_down(&f);
        }
}
END_TEST

static const TTest *const *const tests[] = {
    &multipliers_balance,
    &held_in_every_direction,
    &coefficients_add_up,
};
UNIT_MAIN("slide", tests)
