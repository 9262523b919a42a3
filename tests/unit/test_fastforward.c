/* test_fastforward.c: the closed form of descent against its steps.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "analysis/tally.h"
#include "flow/fastforward.h"

enum { N = 12, D = 4 };

typedef struct {
    rfi_problem p;
    rfi_iterate it, trial;
    rfi_fastforward forward;
    double eta;
} fixture;

static void set_up(fixture *f, int64_t n, int64_t d, const double *X, const double *y,
                   const double *w)
{
    memset(f, 0, sizeof(*f));
    unit_problem(&f->p, n, d, X, y);
    ck_assert_int_eq(rfi_iterate_create(&f->it, &f->p), 0);
    ck_assert_int_eq(rfi_iterate_create(&f->trial, &f->p), 0);
    memcpy(f->it.w, w, (size_t)d * sizeof(double));
}

static void build(fixture *f, int status)
{
    rfi_iterate_start(&f->it, &f->p);
    ck_assert_int_eq(rfi_fastforward_build(&f->forward, &f->p, &f->it, f->eta), RF_OK);
    ck_assert_int_eq(f->forward.status, status);
}

/* A random problem with active data, and eta times the sum of all rates, some n d / 3, near
 * part. */
static void set_up_random(fixture *f, uint64_t seed, int64_t n, int64_t d, double slope,
                          double part)
{
    double X[N * N], y[N], w[N];
    int64_t k;
    unit_fill(&seed, X, n * d);
    unit_fill(&seed, y, n);
    unit_fill(&seed, w, d);
    if (rfi_dot(X, w, d) < 0.0)
        for (k = 0; k < d; ++k)
            w[k] = -w[k];
    set_up(f, n, d, X, y, w);
    f->p.slope = slope;
    f->p.activation = slope == 0.0 ? RF_RELU : slope == 1.0 ? RF_LINEAR : RF_LEAKY_RELU;
    rfi_problem_refresh(&f->p);
    f->eta = 3.0 * part / (double)(n * d);
    build(f, RFI_FORM);
}

static void tear_down(fixture *f)
{
    const rf_allocator a = f->p.data->allocator;
    rfi_fastforward_free(&f->forward, &a);
    rfi_iterate_free(&f->it, &a);
    rfi_iterate_free(&f->trial, &a);
    rfi_problem_free(&f->p);
}

static void first_step(fixture *f)
{
    rfi_iterate_step(&f->it, f->eta, f->p.data->d, f->trial.w);
    memcpy(f->trial.state, f->it.state, (size_t)f->p.data->n);
    rfi_iterate_evaluate(&f->trial, &f->p);
}

static void next_step(fixture *f)
{
    rfi_iterate_step(&f->trial, f->eta, f->p.data->d, f->trial.w);
    rfi_iterate_evaluate(&f->trial, &f->p);
}

static int on_side(const rfi_iterate *it, int64_t n)
{
    int64_t i;
    for (i = 0; i < n; ++i)
        if ((it->margin[i] > 0.0) != (it->state[i] == RFI_ACTIVE))
            return 0;
    return 1;
}

/* Iterates, each to the rounding of k steps that do not amplify (some 100 eps each), and the
 * first one that shows another pattern. */
static void check_steps(fixture *f, int64_t *ended)
{
    const int64_t steps = 2000, end = rfi_fastforward_end(&f->forward, &f->p, steps);
    double w[N], worst = 0.0;
    int64_t k, j, first = steps + 1;
    for (first_step(f), k = 1; k <= steps; ++k, next_step(f)) {
        rfi_fastforward_weights(&f->forward, k, w);
        for (j = 0; j < f->p.data->d; ++j)
            worst = fmax(worst, fabs(w[j] - f->trial.w[j]) / (double)k);
        if (first > steps && !on_side(&f->trial, f->p.data->n))
            first = k;
    }
    ck_assert_double_le(worst, 100.0 * RFI_EPS);
    ck_assert_int_eq(end, first);
    *ended += end <= steps;
}

START_TEST(form_and_steps)
{
    static const double slopes[] = {0.0, 0.3, 1.0}, parts[] = {0.01, 0.3, 1.0, 2.5};
    int64_t ended = 0;
    uint64_t seed;
    int s, k;
    fixture f;
    for (s = 0; s < 3; ++s)
        for (k = 0; k < 4; ++k)
            for (seed = 1; seed <= 6; ++seed) {
                set_up_random(&f, seed, N, seed % 2 ? D : 2, slopes[s], parts[k]);
                check_steps(&f, &ended);
                tear_down(&f);
                set_up_random(&f, seed + 10, 3, 6, slopes[s], parts[k]); /* fewer data than d */
                check_steps(&f, &ended);
                tear_down(&f);
            }
    ck_assert_int_gt(ended, 40);
    ck_assert_int_lt(ended, 140);
}
END_TEST

/* w(k) = 1 + 1.5 (-0.9)^k: at the first step on the other side of 0, though the limit is on this
 * one and nearer than that to the start. */
START_TEST(overshoots)
{
    const double x = 1, y = 1, w = 2.5;
    fixture f;
    set_up(&f, 1, 1, &x, &y, &w);
    f.eta = 1.9;
    build(&f, RFI_FORM);
    ck_assert_int_eq(rfi_fastforward_end(&f.forward, &f.p, 1000), 1);
    tear_down(&f);
}
END_TEST

/* From far away the iterates keep the digits of where they go: w = (1e12, -1e12) to (3, 4). */
START_TEST(from_far_away)
{
    const double X[] = {1, 0.5, 0.25, 1}, w[] = {1e12, 1e12};
    const double y[] = {5, 4.75};
    double to[2];
    fixture f;
    set_up(&f, 2, 2, X, y, w);
    f.p.activation = RF_LINEAR;
    f.p.slope = 1.0;
    rfi_problem_refresh(&f.p);
    f.eta = 0.1;
    build(&f, RFI_FORM);
    rfi_fastforward_weights(&f.forward, 10000, to);
    ck_assert_double_eq_tol(to[0], 3.0, 1e-14);
    ck_assert_double_eq_tol(to[1], 4.0, 1e-14);
    tear_down(&f);
}
END_TEST

/* Sums over the iterates, added up: alpha = -eta c sigma' sum r, and the length of the path. */
static void check_sums(fixture *f, int64_t steps)
{
    double alpha[N] = {0}, line[N], sum[N] = {0}, path = 0.0, size = 0.0;
    const rfi_iterate *it = &f->it;
    int64_t k, i;
    for (k = 0; k < steps; ++k) {
        for (i = 0; i < f->p.data->n; ++i) {
            const double slope = it->state[i] == RFI_ACTIVE ? 1.0 : f->p.slope;
            sum[i] -= f->eta * slope * it->residual[i];
            size = fmax(size, fabs(it->residual[i]));
        }
        path += f->eta * rfi_norm(it->gradient, f->p.data->d);
        if (k == 0)
            first_step(f);
        else
            next_step(f);
        it = &f->trial;
    }
    rfi_tally_coefficients(&f->forward, &f->p, f->eta, steps, line, alpha);
    /* The loop rounds k times, by some 100 eps of the terms. */
    for (i = 0; i < f->p.data->n; ++i)
        ck_assert_double_eq_tol(alpha[i], sum[i],
                                (double)steps * 100.0 * RFI_EPS * (f->eta * size + fabs(sum[i])));
    ck_assert_double_eq_tol(rfi_tally_path(&f->forward, f->eta, steps), path, 1e-11 * path);
}

START_TEST(sums)
{
    static const double parts[] = {1e-3, 0.05, 0.3, 1.0, 1.9};
    static const int64_t counts[] = {1, 2, 50, 1024, 1025, 5000, 40000};
    uint64_t seed;
    int k, c;
    fixture f;
    for (k = 0; k < 5; ++k)
        for (c = 0; c < 7; ++c)
            for (seed = 1; seed <= 3; ++seed) {
                set_up_random(&f, seed, N, D, seed == 2 ? 0.3 : 0.0, parts[k]);
                check_sums(&f, counts[c]);
                tear_down(&f);
            }
}
END_TEST

/* A residual that begins at 0: sum r is the sum of what it lags, x K^2/2 for few short steps,
 * 1e-22 here. */
START_TEST(sums_that_cancel)
{
    const double X[] = {1, 0, 1, 1}, y[] = {0.75, 5}, w[] = {0.75, 0.5};
    const double eta = ldexp(1, -40);
    const int64_t steps = 50;
    double alpha[2] = {0, 0}, line[2];
    fixture f;
    set_up(&f, 2, 2, X, y, w);
    f.eta = eta;
    build(&f, RFI_FORM);
    rfi_tally_coefficients(&f.forward, &f.p, eta, steps, line, alpha);
    /* r_1(k) = k eta 3.75 to first order, r_2 = -3.75; the next order is 1e-10 of it. */
    ck_assert_double_eq_tol(alpha[0], -eta * eta * 3.75 * 50 * 49 / 2, 1e-9 * eta * eta * 5000);
    ck_assert_double_eq_tol(alpha[1], eta * 3.75 * 50, 1e-9 * eta * 200);
    tear_down(&f);
}
END_TEST

/* w_1 runs away by the factor -(1 + delta) a step beside a slow mode; the path is the sum of
 * both. */
START_TEST(sums_while_growing)
{
    const double X[] = {1, 0, 0, 0.01}, y[] = {1, 5}, w[] = {1 + 1e-6, 3};
    fixture f;
    set_up(&f, 2, 2, X, y, w);
    f.eta = 2.005;
    build(&f, RFI_FORM);
    ck_assert(f.forward.factors.growing);
    check_sums(&f, 2000);
    tear_down(&f);
}
END_TEST

/* A growing mode leaves rounding behind: it keeps a pull that a segment would call none. */
START_TEST(growth_from_rounding)
{
    const double x = 1, y = 1, w = 1 + RFI_EPS;
    double to;
    fixture f;
    set_up(&f, 1, 1, &x, &y, &w);
    f.eta = 2.5; /* mu = -1.5 */
    build(&f, RFI_FORM);
    rfi_fastforward_weights(&f.forward, 20, &to);
    ck_assert_double_eq_tol(to, 1.0 + RFI_EPS * pow(1.5, 20), 2.0 * RFI_EPS);
    ck_assert_int_le(rfi_fastforward_end(&f.forward, &f.p, 1000000), 70); /* grown by 2^40 */
    tear_down(&f);
}
END_TEST

/* At rest; data on both sides of one kink, all inactive; and rates out of range. */
START_TEST(refused)
{
    const double X[] = {1, 0, 0, 1, 0, -1}, y[] = {1, 1, 1}, w[] = {0.5, 0}, none[] = {0, 0};
    const double small = 1e-200, label = 1, start = 1;
    fixture f;
    set_up(&f, 3, 2, X, y, w);
    f.eta = 0.1;
    build(&f, RFI_REFUSED);
    memcpy(f.it.w, none, sizeof(none));
    build(&f, RFI_REFUSED);
    tear_down(&f);
    set_up(&f, 1, 1, &small, &label, &start);
    f.eta = 1.0;
    build(&f, RFI_REFUSED);
    tear_down(&f);
}
END_TEST

/* A datum with label 0 decays onto its kink and never crosses; one that is there by rounding is
 * left alone. */
START_TEST(settles_on_its_kink)
{
    const double X[] = {1, 0.25, 0.5, 1}, y[] = {0, 1}, w[] = {0.75, 2};
    fixture f;
    double to[2];
    set_up(&f, 2, 2, X, y, w);
    f.eta = 0.5;
    build(&f, RFI_FORM);
    ck_assert_int_eq(rfi_fastforward_end(&f.forward, &f.p, (int64_t)1 << 61),
                     ((int64_t)1 << 61) + 1);
    rfi_fastforward_weights(&f.forward, 1000, to);
    memcpy(f.it.w, to, sizeof(to));
    build(&f, RFI_FORM);
    ck_assert_int_eq(rfi_fastforward_end(&f.forward, &f.p, (int64_t)1 << 61),
                     ((int64_t)1 << 61) + 1);
    tear_down(&f);
}
END_TEST

/* x . w = eps |x||w|/4 on the far side is rounding and no event; 0 is one, and so is a clear
 * side. */
START_TEST(band_of_rounding)
{
    const double X[] = {1, -1}, y[] = {1}, w[] = {1, 0.5};
    fixture f;
    set_up(&f, 1, 2, X, y, w);
    rfi_iterate_start(&f.it, &f.p);
    ck_assert_int_eq(f.it.state[0], RFI_ACTIVE);
    f.it.w[1] = 1.0 + RFI_EPS;
    rfi_iterate_follow(&f.it, &f.p);
    ck_assert_int_eq(f.it.state[0], RFI_ACTIVE);
    ck_assert(f.it.margin[0] < 0.0 && f.it.gradient[0] < 0.0); /* still pulled */
    ck_assert_int_eq(rfi_iterate_in_band(&f.it, &f.p, 0), 1);
    f.it.w[1] = 1.0;
    rfi_iterate_follow(&f.it, &f.p);
    ck_assert_int_eq(f.it.state[0], RFI_INACTIVE);
    f.it.w[1] = 1.0 - RFI_EPS;
    rfi_iterate_follow(&f.it, &f.p);
    ck_assert_int_eq(f.it.state[0], RFI_INACTIVE);
    f.it.w[1] = 1.0 - 64.0 * RFI_EPS;
    rfi_iterate_follow(&f.it, &f.p);
    ck_assert_int_eq(f.it.state[0], RFI_ACTIVE);
    tear_down(&f);
}
END_TEST

static const TTest *const *const tests[] = {
    &form_and_steps,      &overshoots,         &from_far_away,        &sums,
    &sums_that_cancel,    &sums_while_growing, &growth_from_rounding, &refused,
    &settles_on_its_kink, &band_of_rounding,
};
UNIT_MAIN("fastforward", tests)
