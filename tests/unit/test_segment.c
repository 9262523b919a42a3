/* test_segment.c: the propagator against the matrix exponential, margins, and the limit.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "flow/segment.h"

enum { D = 4, M = D + 1, MOST_N = 9 };

typedef struct {
    rfi_problem p;
    rfi_pattern pattern;
    rfi_segment seg;
    rfi_workspace ws;
    double w0[D], line[3 * D];
} fixture;

static void set_up(fixture *f, uint64_t seed, int64_t n, double slope)
{
    double X[MOST_N * D], y[MOST_N];
    int64_t i;
    unit_fill(&seed, X, n * D);
    unit_fill(&seed, y, n);
    unit_fill(&seed, f->w0, D);
    unit_problem(&f->p, n, D, X, y);
    f->p.activation = slope > 0.0 ? RF_LEAKY_RELU : RF_RELU;
    f->p.slope = slope;
    for (i = 0; i < n; ++i)
        f->p.c[i] = 1.5 + unit_random(&seed);
    rfi_problem_refresh(&f->p);
    unit_pattern(&f->pattern, &f->p, f->w0);
    ck_assert_int_eq(rfi_segment_create(&f->seg, &f->p), 0);
    ck_assert_int_eq(rfi_workspace_create(&f->ws, &f->p), 0);
    ck_assert_int_eq(rfi_segment_build(&f->seg, &f->p, &f->pattern, 0.0, f->w0, &f->ws), RF_OK);
}

static void tear_down(fixture *f)
{
    const rf_allocator a = f->p.data->allocator;
    rfi_segment_free(&f->seg, &a);
    rfi_workspace_free(&f->ws, &a);
    unit_pattern_free(&f->pattern, &f->p);
    rfi_problem_free(&f->p);
}

static void multiply(double A[M][M], double B[M][M], double out[M][M])
{
    double C[M][M] = {{0}};
    int i, j, k;
    for (i = 0; i < M; ++i)
        for (j = 0; j < M; ++j)
            for (k = 0; k < M; ++k)
                C[i][j] += A[i][k] * B[k][j];
    memcpy(out, C, sizeof(C));
}

/* exp(A) by scaling with 2^-8 and squaring.  For |A| below 200 the series of 24 terms is truncated at
 * 1^24/24! = 1e-24; eight squarings multiply its rounding by at most 2^8: 1e-13, times the size. */
static void exponential(double A[M][M], double out[M][M])
{
    double term[M][M] = {{0}}, sum[M][M] = {{0}};
    int i, j, k;
    for (i = 0; i < M; ++i) {
        term[i][i] = sum[i][i] = 1.0;
        for (j = 0; j < M; ++j)
            A[i][j] *= 0x1p-8;
    }
    for (k = 1; k <= 24; ++k) {
        multiply(term, A, term);
        for (i = 0; i < M; ++i)
            for (j = 0; j < M; ++j)
                sum[i][j] += term[i][j] /= k;
    }
    for (k = 0; k < 8; ++k)
        multiply(sum, sum, sum);
    memcpy(out, sum, sizeof(sum));
}

/* w(tau) from w' = b - H w, as the flow of (w, 1). */
static void reference(const fixture *f, double tau, double *w)
{
    double A[M][M] = {{0}}, E[M][M], v[D], at[D];
    int i, j;
    for (j = 0; j <= D;
         ++j) { /* the columns -H e_j, by differences of the affine velocity; then b */
        memset(at, 0, sizeof(at));
        unit_velocity(&f->p, &f->pattern, at, v);
        for (i = 0; i < D; ++i)
            A[i][D] = v[i] * tau;
        if (j == D)
            break;
        at[j] = 1.0;
        unit_velocity(&f->p, &f->pattern, at, v);
        for (i = 0; i < D; ++i)
            A[i][j] = v[i] * tau - A[i][D];
    }
    exponential(A, E);
    for (i = 0; i < D; ++i) {
        w[i] = E[i][D];
        for (j = 0; j < D; ++j)
            w[i] += E[i][j] * f->w0[j];
    }
}

/* Weights, velocity and acceleration; 1e-11: the rounding of the exponential of entries below 200. */
static void check_propagator(uint64_t seed, int64_t n, double slope)
{
    const double times[] = {0.0, 1e-9, 0.01, 0.3, 1.0, 5.0};
    double w[D], v[D], a[D], expected[D], ahead[D], there[D];
    fixture f;
    size_t k;
    int j;
    set_up(&f, seed, n, slope);
    for (k = 0; k < sizeof(times) / sizeof(*times); ++k) {
        double moved = 0.0;
        reference(&f, times[k], expected);
        rfi_segment_weights(&f.seg, times[k], w);
        for (j = 0; j < D; ++j) {
            ck_assert_double_eq_tol(w[j], expected[j], 1e-11);
            moved += (w[j] - f.w0[j]) * (w[j] - f.w0[j]);
        }
        ck_assert_double_eq_tol(rfi_segment_moved(&f.seg, times[k]), sqrt(moved), 1e-13);
        rfi_segment_velocity(&f.seg, times[k], v);
        unit_velocity(&f.p, &f.pattern, w, expected);
        for (j = 0; j < D; ++j)
            ck_assert_double_eq_tol(v[j], expected[j], 1e-12);
        rfi_segment_acceleration(&f.seg, times[k], a);
        for (j = 0; j < D; ++j) /* the field is affine: a is its difference along v */
            ahead[j] = w[j] + v[j];
        unit_velocity(&f.p, &f.pattern, ahead, there);
        for (j = 0; j < D; ++j)
            ck_assert_double_eq_tol(a[j], there[j] - expected[j], 1e-11);
    }
    tear_down(&f);
}

START_TEST(propagator_is_the_exponential)
{
    check_propagator(1, 9, 0.0);
    check_propagator(2, 9, 0.0);
    check_propagator(3, 9, 0.2);
    check_propagator(4, 3, 0.0);
    check_propagator(5, 2, 0.5);
}
END_TEST

/* x . w(tau) of every line, whether its data are in the matrix or not. */
static void check_margins(uint64_t seed, int64_t n, double slope)
{
    double w[D], tau;
    fixture f;
    int64_t g;
    set_up(&f, seed, n, slope);
    for (g = 0; g < f.p.data->kinks.count; ++g)
        for (tau = 0.0; tau < 1e4; tau = 3.0 * tau + 0.01) {
            const rfi_expsum z = rfi_segment_margin(&f.seg, &f.p, g, f.line);
            rfi_segment_weights(&f.seg, tau, w);
            ck_assert_double_eq_tol(rfi_expsum_at(&z, tau).f, rfi_view_dot(rfi_row(f.p.data, g), w, D),
                                    1e-12);
        }
    tear_down(&f);
}

START_TEST(margins_are_products)
{
    check_margins(6, 9, 0.0);
    check_margins(7, 9, 0.3);
    check_margins(8, 3, 0.0);
}
END_TEST

/* At infinity the active loss is at its minimum; with rows no more than dimensions it vanishes, and
 * then every margin on record has the exact limit y / slope. */
START_TEST(limit_is_a_minimum)
{
    uint64_t seed;
    for (seed = 20; seed < 30; ++seed) {
        const int64_t n = seed % 2 == 0 ? 9 : 3;
        double w[D], v[D];
        fixture f;
        int64_t k;
        set_up(&f, seed, n, 0.0);
        rfi_segment_weights(&f.seg, INFINITY, w);
        unit_velocity(&f.p, &f.pattern, w, v);
        ck_assert_double_le(rfi_norm(v, D), 1e-12);
        ck_assert_int_eq(f.seg.rows > 0 && f.seg.done[0], f.seg.rows > 0 && f.seg.rows <= D);
        for (k = 0; f.seg.rows > 0 && f.seg.done[0] && k < f.seg.rows; ++k) {
            const rfi_expsum z = rfi_segment_margin(&f.seg, &f.p, f.seg.row[k], f.line);
            ck_assert(z.limit_noise == 0.0);
            ck_assert_double_eq_tol(z.limit, f.p.data->y[f.seg.row[k]], 4 * RFI_EPS);
        }
        for (k = 1; k < f.seg.modes; ++k)
            ck_assert(f.seg.rate[k] > 0.0 && f.seg.rate[k] <= f.seg.rate[k - 1]);
        tear_down(&f);
    }
}
END_TEST

/* cond(X) = 1e8: w(inf) solves X w = y.  H has the condition 1e16: from it nothing would be left. */
START_TEST(ill_conditioned_limit)
{
    const double h = 1e-8, X[] = {1, 1, 1, 1 + 1e-8}, y[] = {2, 3}, w0[] = {1, 1};
    const double second = (X[3] - 1.0);
    rfi_problem p;
    rfi_pattern pattern;
    rfi_segment seg;
    rfi_workspace ws;
    double w[2];
    unit_problem(&p, 2, 2, X, y);
    unit_pattern(&pattern, &p, w0);
    ck_assert_int_eq(rfi_segment_create(&seg, &p), 0);
    ck_assert_int_eq(rfi_workspace_create(&ws, &p), 0);
    ck_assert_int_eq(rfi_segment_build(&seg, &p, &pattern, 0, w0, &ws), RF_OK);
    rfi_segment_weights(&seg, INFINITY, w);
    /* w_2 = 1/h: relative error eps cond = 4e-8, some units of it */
    ck_assert_double_eq_tol(w[1] * second, 1.0, 40 * RFI_EPS / h);
    ck_assert_double_eq_tol(w[0] + w[1], 2.0, 40 * RFI_EPS / h * 1e8 * h);
    rfi_segment_free(&seg, &p.data->allocator);
    rfi_workspace_free(&ws, &p.data->allocator);
    unit_pattern_free(&pattern, &p);
    rfi_problem_free(&p);
}
END_TEST

START_TEST(nothing_moves_when_dead)
{
    double w[D];
    fixture f;
    set_up(&f, 40, 3, 0.0);
    f.pattern.side[0] = f.pattern.side[1] = f.pattern.side[2] = RFI_MINUS;
    ck_assert_int_eq(rfi_segment_build(&f.seg, &f.p, &f.pattern, 0.0, f.w0, &f.ws), RF_OK);
    rfi_segment_weights(&f.seg, INFINITY, w);
    ck_assert_mem_eq(w, f.w0, sizeof(w));
    ck_assert(f.seg.modes == 0 && f.seg.rows == 0);
    tear_down(&f);
}
END_TEST

static const TTest *const *const tests[] = {
    &propagator_is_the_exponential, &margins_are_products,    &limit_is_a_minimum,
    &ill_conditioned_limit,         &nothing_moves_when_dead,
};
UNIT_MAIN("segment", tests)
