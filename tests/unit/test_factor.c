/* test_factor.c: segments whose modes come from a triangular factor are those that have all singular vectors,
 * and the sieve finds the events that a search through every line finds.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "flow/event.h"

enum { N = 90, D = 7, LINE = 8 * D };

typedef struct {
    rfi_problem p;
    rfi_pattern pattern;
    rfi_segment whole, lean;
    rfi_workspace ws;
    rfi_sieve sieve;
    double X[N * D], y[N], w0[D], line[LINE];
} fixture;

/* Lines 0 .. slides - 1 slide: their rows are the first unit vectors, and w0 is orthogonal to them. */
static void draw(fixture *f, uint64_t seed, int64_t slides)
{
    int64_t i, k;
    memset(f, 0, sizeof(*f));
    unit_fill(&seed, f->X, N * D);
    unit_fill(&seed, f->y, N);
    unit_fill(&seed, f->w0, D);
    for (i = 0; i < slides; ++i) {
        for (k = 0; k < D; ++k)
            f->X[i * D + k] = (k == i) + (k < i ? 0.25 : 0.0);
        f->y[i] = -3.0 - fabs(f->y[i]);
        f->w0[i] = 0.0;
    }
}

static void set_up(fixture *f, int64_t slides, double slope, double a, double t0)
{
    uint64_t seed = 11;
    int64_t i;
    unit_problem(&f->p, N, D, f->X, f->y);
    if (a != 1.0)
        ck_assert_int_eq(rfi_problem_set_neurons(&f->p, 1, &a), RF_OK);
    for (i = 0; i < N; ++i)
        f->p.c[i] = 1.25 + unit_random(&seed);
    f->p.activation = slope > 0.0 ? RF_LEAKY_RELU : RF_RELU;
    f->p.slope = slope;
    rfi_problem_refresh(&f->p);
    unit_pattern(&f->pattern, &f->p, f->w0);
    for (i = 0; i < slides; ++i)
        f->pattern.side[i] = RFI_SLIDE;
    ck_assert_int_eq(rfi_segment_create(&f->whole, &f->p), 0);
    ck_assert_int_eq(rfi_segment_create(&f->lean, &f->p), 0);
    ck_assert_int_eq(rfi_workspace_create(&f->ws, &f->p), 0);
    ck_assert_int_eq(rfi_sieve_create(&f->sieve, &f->p), 0);
    f->ws.factor.from = INT64_MAX;
    ck_assert_int_eq(rfi_segment_build(&f->whole, &f->p, &f->pattern, t0, f->w0, &f->ws), RF_OK);
    f->ws.factor.from = 0;
    ck_assert_int_eq(rfi_segment_build(&f->lean, &f->p, &f->pattern, t0, f->w0, &f->ws), RF_OK);
    ck_assert(!f->whole.lean && f->lean.lean);
}

static void tear_down(fixture *f)
{
    const rf_allocator a = f->p.data->allocator;
    rfi_segment_free(&f->whole, &a);
    rfi_segment_free(&f->lean, &a);
    rfi_workspace_free(&f->ws, &a);
    rfi_sieve_free(&f->sieve, &a);
    unit_pattern_free(&f->pattern, &f->p);
    rfi_problem_free(&f->p);
}

static void check_function(const rfi_expsum *a, const double *kept, const rfi_expsum *b,
                           double tolerance)
{
    rfi_expsum whole = *a;
    double tau;
    whole.p = kept;
    for (tau = 0.0; tau < 1e3; tau = 2.0 * tau + 0.01)
        ck_assert_double_eq_tol(rfi_expsum_at(&whole, tau).f, rfi_expsum_at(b, tau).f, tolerance);
    ck_assert_double_eq_tol(whole.limit, b->limit, tolerance);
    ck_assert((whole.limit == 0.0) == (b->limit == 0.0));
}

/* Entries below 1 and weights below 3: sums of 90 terms and conditions below 100 lose three to four digits of
 * 16 in the worst case. */
static void check_all(fixture *f, int64_t slides)
{
    const double tolerance = 1e-12;
    double kept[LINE], w[D], v[D], tau;
    int64_t k, j;
    ck_assert_int_eq(f->whole.modes, f->lean.modes);
    ck_assert_int_eq(f->lean.slides[0], slides);
    for (j = 0; j < f->lean.modes; ++j) {
        ck_assert_double_eq_tol(f->whole.s[j], f->lean.s[j], tolerance);
        ck_assert_double_eq_tol(fabs(f->whole.pull[j]), fabs(f->lean.pull[j]), tolerance);
    }
    for (tau = 0.0; tau < 1e3; tau = 2.0 * tau + 0.01) {
        rfi_segment_weights(&f->whole, tau, w);
        rfi_segment_weights(&f->lean, tau, v);
        ck_assert_double_le(rfi_distance(w, v, D), tolerance);
        rfi_segment_velocity(&f->whole, tau, w);
        rfi_segment_velocity(&f->lean, tau, v);
        ck_assert_double_le(rfi_distance(w, v, D), tolerance);
    }
    for (k = 0; k < f->lean.lines; ++k) {
        const rfi_expsum a = rfi_segment_margin(&f->whole, &f->p, k, kept);
        const rfi_expsum b = rfi_segment_margin(&f->lean, &f->p, k, f->line);
        check_function(&a, kept, &b, tolerance);
    }
    for (k = 0; k < f->lean.rows; ++k) {
        const rfi_expsum a = rfi_segment_residual(&f->whole, &f->p, k, kept);
        const rfi_expsum b = rfi_segment_residual(&f->lean, &f->p, k, f->line);
        ck_assert_double_eq_tol(a.limit, b.limit, tolerance);
    }
    for (k = 0; k < 2 * slides; ++k) {
        const rfi_expsum a = rfi_segment_multiplier(&f->whole, &f->p, k / 2, (int)(k % 2), kept);
        const rfi_expsum b = rfi_segment_multiplier(&f->lean, &f->p, k / 2, (int)(k % 2), f->line);
        check_function(&a, kept, &b, 10.0 * tolerance);
    }
}

START_TEST(both_are_the_same)
{
    uint64_t seed;
    for (seed = 1; seed <= 8; ++seed) {
        static fixture f;
        const int64_t slides = (int64_t)(seed % 4) * 2 % D;
        draw(&f, seed, slides);
        set_up(&f, slides, seed % 3 == 0 ? 0.25 : 0.0, seed % 5 == 0 ? -0.75 : 1.0, 1.5);
        check_all(&f, slides);
        tear_down(&f);
    }
}
END_TEST

/* From far away w is summed from level and aim. */
START_TEST(far_from_the_limit)
{
    static fixture f;
    int64_t k;
    draw(&f, 21, 0);
    for (k = 0; k < D; ++k)
        f.w0[k] *= 1e3;
    set_up(&f, 0, 0.5, 1.0, 1.5);
    ck_assert(f.whole.direct && f.lean.direct);
    for (k = 0; k < D; ++k)
        ck_assert_double_eq_tol(fabs(f.whole.aim[k]), fabs(f.lean.aim[k]), 1e-12);
    tear_down(&f);
}
END_TEST

/* Labels that a w fits: all residuals vanish, and a label 0 is a margin that ends on its kink. */
START_TEST(labels_that_fit)
{
    double to[D];
    static fixture f;
    uint64_t seed = 5;
    int64_t i, j;
    draw(&f, 31, 0);
    unit_fill(&seed, to, D);
    for (i = 0; i < N; ++i)
        f.y[i] = rfi_dot(f.X + i * D, to, D);
    f.X[3 * D] -= f.y[3] / to[0]; /* x . to = 0 */
    f.y[3] = 0.0;
    memcpy(f.w0, f.X + 3 * D, sizeof(f.w0)); /* on its active side */
    set_up(&f, 0, 0.0, 1.0, 1.5);
    ck_assert_int_gt(f.lean.rows, D);
    for (j = 0; j < f.lean.rows; ++j)
        ck_assert(f.lean.done[j] && f.whole.done[j]);
    ck_assert(rfi_segment_margin(&f.lean, &f.p, 3, f.line).limit == 0.0);
    check_all(&f, 0);
    tear_down(&f);
}
END_TEST

/* Of labels that no w fits one vanishes all the same: its datum alone acts along a coordinate. */
START_TEST(a_coordinate_of_its_own)
{
    static fixture f;
    int64_t i;
    draw(&f, 41, 0);
    for (i = 0; i < N; ++i)
        f.X[i * D + D - 1] = i == 2 ? 1.0 : 0.0;
    f.y[2] = 0.0;
    f.w0[D - 1] = 5.0;
    set_up(&f, 0, 0.0, 1.0, 1.5);
    ck_assert_int_ge(f.lean.row_at[2], 0);
    ck_assert(!f.lean.done[f.lean.row_at[0] >= 0 ? f.lean.row_at[0] : f.lean.row_at[2]]);
    ck_assert(rfi_segment_margin(&f.whole, &f.p, 2, f.line).limit == 0.0);
    ck_assert(rfi_segment_margin(&f.lean, &f.p, 2, f.line).limit == 0.0);
    tear_down(&f);
}
END_TEST

/* |x . v| <= spread factor |(s_j q_j . v)_j|, and the left side comes near for one line or another. */
static void check_spreads(fixture *f, uint64_t seed)
{
    double most = 0.0;
    int64_t trial, g, j;
    for (trial = 0; trial < 20; ++trial) {
        double v[D] = {0.0}, size = 0.0;
        for (j = 0; j < f->lean.modes; ++j) {
            const double part = unit_random(&seed);
            size = hypot(size, part);
            rfi_axpy(part / f->lean.s[j], f->lean.Q + j * D, v, D);
        }
        for (g = 0; g < N; ++g)
            most = fmax(most, fabs(rfi_dot(f->X + g * D, v, D))
                                  / (f->sieve.spread[g] * f->sieve.factor * size));
    }
    ck_assert(most > 0.2 && most <= 1.0);
}

/* The first event and the lines that act are those that a search through every line finds.  The search of a line is
 * bracketed by the best instant so far, and that by the order of the lines: the last bit may differ. */
START_TEST(sieve_misses_nothing)
{
    rfi_arrival all[N + 3 * D], some[N + 3 * D];
    int64_t found = 0;
    uint64_t seed;
    for (seed = 1; seed <= 60; ++seed) {
        static fixture f;
        rfi_next plain, sieved;
        int64_t k;
        memset(&plain, 0, sizeof(plain));
        memset(&sieved, 0, sizeof(sieved));
        plain.arrival = all;
        sieved.arrival = some;
        sieved.sieve = &f.sieve;
        draw(&f, 100 + seed, 0);
        for (k = 0; k < N * D && seed % 2 == 0; ++k) /* rates 1e6 apart */
            f.X[k] *= pow(0.1, 3.0 * (double)(k % D) / (double)(D - 1));
        for (k = 0; k < N && seed % 3 == 0; ++k) /* few events, late */
            f.y[k] = fabs(rfi_dot(f.X + k * D, f.w0, D)) * (1.0 + 0.1 * f.y[k]);
        set_up(&f, 0, 0.0, 1.0, 1.5);
        ck_assert(rfi_sieve_serves(&f.lean));
        rfi_event_find(&f.lean, &f.p, &f.pattern, 0.0, &plain, f.line);
        for (f.sieve.wanted = 0; f.sieve.wanted < 2; ++f.sieve.wanted) {
            rfi_event_find(&f.lean, &f.p, &f.pattern, 0.0, &sieved, f.line);
            ck_assert((f.sieve.factor > 0.0) == f.sieve.wanted);
            ck_assert_int_eq(plain.count, sieved.count);
            ck_assert(plain.tau == sieved.tau || fabs(plain.tau - sieved.tau) <= RFI_EPS * plain.tau);
            for (k = 0; k < plain.count; ++k) {
                ck_assert_int_eq(all[k].line, some[k].line);
                ck_assert_double_le(fabs(all[k].tau - some[k].tau), RFI_EPS * all[k].tau);
            }
        }
        check_spreads(&f, seed);
        found += plain.count > 0;
        tear_down(&f);
    }
    ck_assert(found > 10 && found < 60);
}
END_TEST

static const TTest *const *const tests[] = {&both_are_the_same, &far_from_the_limit, &labels_that_fit,
                                            &a_coordinate_of_its_own, &sieve_misses_nothing};

UNIT_MAIN("factor", tests)
