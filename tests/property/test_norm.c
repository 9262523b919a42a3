/* test_norm.c: the certificate that the norm of the weight strictly increases, against the rate
 * w . w' at many times. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "vanishing.h"

#include <math.h>
#include <stdlib.h>

enum { SEEDS = 10, SAMPLES = 1000, STARTS = 5 };

/* Starts: w0 times a factor, or the limit of vanishing initialization (factor 0).  Small starts
 * mostly grow, large ones fall at once. */
static const double factors[STARTS] = {0, 1e-4, 0.1, 1, 30};

typedef struct certificate {
    int32_t increasing;
    double failure;
} certificate;

static certificate certificate_of(const rf_model *model)
{
    certificate c = {-1, -1};

    ck_assert_int_eq(rf_model_norm_certificate(model, &c.increasing, &c.failure), RF_OK);
    ck_assert(c.increasing == 0 || (c.increasing == 1 && isnan(c.failure)));
    ck_assert(isnan(c.failure) || c.failure >= 0);
    return c;
}

static int64_t proved_count, refuted_count, refuted_later_count, neither_count;

/* flow_each over the starts. */
static void each_start(int loop, uint64_t seeds, void (*check)(const flow_data *f))
{
    double factor = factors[loop % STARTS];

    for (uint64_t seed = 1; seed <= seeds; seed++) {
        enum problem_kind kind = (enum problem_kind)(loop / STARTS);
        problem *p = factor == 0 ? vanishing_make(kind, seed) : problem_make(kind, seed);
        flow_data *f;

        for (int64_t k = 0; k < p->d; k++)
            p->w0[k] *= factor > 0 ? factor : 1;
        f = flow_run(p);
        check(f);
        flow_free(f);
        problem_free(p);
    }
}

static double *sampled(const flow_data *f, int64_t count, const double *times, int32_t quantity)
{
    int64_t size = 0;
    double *rows;

    ck_assert_int_eq(rf_model_query_size(f->model, quantity, &size), RF_OK);
    rows = test_doubles(count * size);
    ck_assert_int_eq(rf_model_sample(f->model, count, times, quantity, rows, count * size), RF_OK);
    return rows;
}

/* w . w' at some times, and bounds of its rounding: w is good to a few dozen units of the largest
 * |w| so far, w' to as many of its own size, mode by mode; K = 4 d + 60. */
typedef struct rates {
    double *value, *rounding;
} rates;

static rates rates_at(const flow_data *f, int64_t count, const double *times)
{
    rates r = {sampled(f, count, times, RF_NORM_RATE), test_doubles(count)};
    double *v = sampled(f, count, times, RF_VELOCITY);
    int64_t d = f->p->d;

    for (int64_t k = 0; k < count; k++)
        r.rounding[k] = (double)(4 * d + 60) * TEST_EPS * f->size * test_norm(v + k * d, d);
    free(v);
    return r;
}

static void rates_free(rates *r)
{
    free(r->value);
    free(r->rounding);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* SAMPLES times: on both sides of the events, before `failure` (none if NaN), and spread over
 * eight powers of ten about the time of the flow. */
static double *sample_times(const flow_data *f, double failure)
{
    random_source source = random_seed(f->p->seed);
    double *times = test_doubles(SAMPLES);
    int64_t count = 0;

    for (int64_t k = 0; k < f->event_count && count + 4 <= SAMPLES / 2; k++) {
        double t = f->events[k].time;

        if (f->events[k].flags & RF_FLAG_INNER)
            continue;
        times[count++] = t * (1 - 1e-9);
        times[count++] = t;
        times[count++] = t * (1 + 1e-9);
        times[count++] = t * (1 + 1e-4);
    }
    while (!isnan(failure) && count < SAMPLES * 3 / 4)
        times[count++] = failure * random_uniform(&source);
    while (count < SAMPLES)
        times[count++] = f->p->time * pow(10, 8 * random_uniform(&source) - 5);
    qsort(times, SAMPLES, sizeof *times, ascending);
    return times;
}

/* Proved: the rate is negative nowhere beyond its rounding, and |w| grows up to that of w. */
static void check_proved(const flow_data *f)
{
    double *times = sample_times(f, NAN), *norms = sampled(f, SAMPLES, times, RF_WEIGHT_NORM);
    double slack = (double)(4 * f->p->d + 60) * TEST_EPS * f->size;
    rates r = rates_at(f, SAMPLES, times);

    for (int64_t k = 0; k < SAMPLES; k++) {
        flow_check(f, r.value[k] >= -r.rounding[k], "proved, but the rate is %g at %g", r.value[k],
                   times[k]);
        flow_check(f, k == 0 || norms[k] >= norms[k - 1] - slack,
                   "proved, but |w| falls by %g at %g", norms[k - 1] - norms[k], times[k]);
    }
    rates_free(&r);
    free(norms);
    free(times);
}

/* The sign of the rate just after t: that of the first of some times, farther and farther from t,
 * at which it stands out of its rounding; 0 if there is none before the next event. */
static int sign_after(const flow_data *f, double t)
{
    enum { COUNT = 40 };
    double times[COUNT], next = INFINITY;
    rates r;
    int sign = 0;

    for (int64_t k = 0; k < f->event_count; k++)
        if (!(f->events[k].flags & RF_FLAG_INNER) && f->events[k].time > t)
            next = fmin(next, f->events[k].time);
    for (int k = 0; k < COUNT; k++)
        times[k] = t + ldexp(fmin(next - t, f->p->time + t), k - COUNT);
    r = rates_at(f, COUNT, times);
    for (int k = 0; k < COUNT && sign == 0; k++)
        if (fabs(r.value[k]) > r.rounding[k])
            sign = r.value[k] > 0 ? 1 : -1;
    rates_free(&r);
    return sign;
}

/* Refuted from t on: the rate is negative just after t, and nowhere before beyond its rounding.
 * With exact ties a mode may be absent that would decide; what follows may then be below rounding.
 */
static void check_refuted(const flow_data *f, double t)
{
    double *times = sample_times(f, t);
    rates r = rates_at(f, SAMPLES, times);

    int sign = sign_after(f, t);

    flow_check(f, sign < 0 || (sign == 0 && f->p->kind >= PROBLEM_GENERIC_COUNT),
               "refuted at %.17g, sign after is %d", t, sign);
    for (int64_t k = 0; k < SAMPLES && times[k] < t; k++)
        flow_check(f, r.value[k] >= -r.rounding[k],
                   "refuted at %.17g, but the rate is %g at %g before", t, r.value[k], times[k]);
    rates_free(&r);
    free(times);
}

/* Neither: a flow that does not move, or not at first (a frozen start, which may leave w = 0
 * later): at rest at t = 0, and w . w' nowhere negative beyond its rounding. */
static void check_neither(const flow_data *f)
{
    double *v = test_doubles(f->p->d), *times = sample_times(f, NAN);
    rates r = rates_at(f, SAMPLES, times);

    flow_at(f, 0, RF_VELOCITY, v);
    flow_check(f, test_norm(v, f->p->d) == 0, "neither, at speed %g", test_norm(v, f->p->d));
    for (int64_t k = 0; k < SAMPLES; k++)
        flow_check(f, r.value[k] >= -r.rounding[k], "neither, at the rate %g", r.value[k]);
    rates_free(&r);
    free(times);
    free(v);
}

static void check_samples(const flow_data *f)
{
    certificate c = certificate_of(f->model);

    if (c.increasing) {
        proved_count++;
        check_proved(f);
    } else if (isnan(c.failure)) {
        neither_count++;
        check_neither(f);
    } else {
        refuted_count++;
        refuted_later_count += c.failure > 0;
        check_refuted(f, c.failure);
    }
}

START_TEST(samples)
{
    each_start(_i, SEEDS, check_samples);
}
END_TEST

/* How far the zero of the rate at t may move: the rounding of the rate over its slope there. */
static double width_of(const flow_data *f, double t)
{
    const double times[] = {t * (1 - 1e-6), t * (1 + 1e-6)};
    rates r = rates_at(f, 2, times);
    double slope = (r.value[1] - r.value[0]) / (times[1] - times[0]);
    double width = 2 * fmax(r.rounding[0], r.rounding[1]) / fabs(slope) + 4 * TEST_EPS * t;

    rates_free(&r);
    return width;
}

/* A run stopped at t knows the failures up to t: none if t lies before the first, else the same.
 * A zero of the rate that is closer to t than its rounding may lie on either side. */
static void check_stop(const flow_data *f, certificate limit, double t)
{
    rf_model *model = problem_run(f->p, t);
    certificate c = certificate_of(model);
    double width = limit.failure > 0 ? width_of(f, limit.failure) : 0;

    if (isnan(limit.failure) || t < limit.failure - width)
        flow_check(f, isnan(c.failure), "failure at %.17g before the first, stopped at %.17g",
                   c.failure, t);
    else if (t > limit.failure + width)
        flow_check(f, fabs(c.failure - limit.failure) <= width,
                   "failure at %.17g, stopped at %.17g at %.17g", limit.failure, t, c.failure);
    if (limit.increasing)
        flow_check(f, c.increasing == 1, "proved to the limit, not to %g", t);
    rf_model_free(model);
}

static void check_stops(const flow_data *f)
{
    certificate limit = certificate_of(f->model);

    for (int64_t k = 1; k < f->time_count; k++)
        if (f->times[k] > 0)
            check_stop(f, limit, f->times[k]);
    if (limit.failure > 0) {
        check_stop(f, limit, limit.failure * (1 - 1e-4));
        check_stop(f, limit, limit.failure * (1 + 1e-4));
    }
}

START_TEST(stops)
{
    each_start(_i, 5, check_stops);
}
END_TEST

/* Data that are long in the first direction and short in the last, a positive teacher, and a start
 * far out in the last direction alone: the norm first grows with the fast mode, then falls with
 * the slow one. */
static problem *slow_descent(uint64_t seed)
{
    enum problem_kind kind = seed % 3 == 0 ? PROBLEM_LINEAR
                             : seed % 3 == 1 ? PROBLEM_GAUSSIAN
                                             : PROBLEM_LEAKY;
    problem *p = problem_make(kind, seed);

    for (int64_t i = 0; i < p->n; i++) {
        double *x = p->X + i * p->d;

        p->y[i] = fabs(x[0]) + 0.1 * fabs(p->y[i]);
        for (int64_t k = 0; k < p->d; k++)
            x[k] = ldexp(x[k], -2 * (int)k);
    }
    for (int64_t k = 0; k + 1 < p->d; k++)
        p->w0[k] = 0;
    p->w0[p->d - 1] = ldexp(fabs(p->w0[p->d - 1]), 1);
    problem_set_time(p);
    return p;
}

/* Failures on the way, many enough. */
START_TEST(late_failures)
{
    refuted_later_count = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        problem *p = slow_descent(seed);
        flow_data *f = flow_run(p);

        check_samples(f);
        check_stops(f);
        flow_free(f);
        problem_free(p);
    }
    ck_assert_int_ge(refuted_later_count, 15);
}
END_TEST

/* The starts above hold what they are chosen for: proofs and failures. */
START_TEST(both_outcomes)
{
    proved_count = refuted_count = neither_count = 0;
    for (int k = 0; k < STARTS; k++)
        each_start(PROBLEM_MIXED * STARTS + k, SEEDS, check_samples);
    ck_assert_int_ge(proved_count, 10);
    ck_assert_int_ge(refuted_count, 10);
    ck_assert_int_le(neither_count * 5, STARTS * SEEDS);
}
END_TEST

/* 1 if 0 < z_i < y_i on A, up to the given slack of y_i, and A is not empty.  w . w' = sum_A c_i
 * z_i (y_i - z_i) is then positive. */
static int condition_holds(const problem *p, const double *z, const double *theta, double slack)
{
    int64_t active = 0;

    for (int64_t i = 0; i < p->n; i++) {
        if (theta[i] == 0)
            continue;
        if (theta[i] < 1 || z[i] >= p->y[i] + slack * fabs(p->y[i]))
            return 0;
        active++;
    }
    return active > 0;
}

static int condition_at(const flow_data *f, int64_t count, const double *times, double slack)
{
    double *z = sampled(f, count, times, RF_MARGINS), *theta = sampled(f, count, times, RF_PATTERN);
    int holds = 1;

    for (int64_t k = 0; k < count && holds; k++)
        holds = condition_holds(f->p, z + k * f->p->n, theta + k * f->p->n, slack);
    free(z);
    free(theta);
    return holds;
}

static int64_t sufficient_count;

/* If it holds all the way the growth is proved; if that is refuted, it does not hold just after. */
static void check_sufficient(const flow_data *f)
{
    certificate c = certificate_of(f->model);
    double *times = sample_times(f, NAN), start = 0;

    /* Late samples have z_i = y_i to rounding: a slack of 1e-12, used up where the rate is gone
     * too. */
    if (condition_at(f, SAMPLES, times, 1e-12) && condition_at(f, 1, &start, 0)) {
        sufficient_count++;
        flow_check(f, c.increasing == 1, "0 < z < y on A, but failure at %g", c.failure);
    }
    if (!isnan(c.failure) && c.failure < 1e3 * f->p->time) {
        double after = c.failure + 1e-6 * (c.failure + f->p->time);

        flow_check(f, !condition_at(f, 1, &after, 0), "0 < z < y on A just after the failure at %g",
                   c.failure);
    }
    free(times);
}

/* Positive labels and a small start; margins of orthogonal rows approach their labels from below,
 * others need not. */
static problem *from_below(uint64_t seed)
{
    problem *p = problem_make(seed % 2 ? PROBLEM_FEW : PROBLEM_GAUSSIAN, seed);

    p->vanishing = seed % 4 < 2;
    for (int64_t i = 0; i < p->n; i++)
        p->y[i] = 0.5 + fabs(p->y[i]);
    for (int64_t k = 0; seed % 2 && k < p->n * p->d; k++)
        p->X[k] = k / p->d == k % p->d ? 0.5 + fabs(p->X[k]) : 0;
    for (int64_t k = 0; k < p->d; k++)
        p->w0[k] *= 1e-3;
    return p;
}

START_TEST(sufficient)
{
    sufficient_count = 0;
    for (uint64_t seed = 1; seed <= 6 * SEEDS; seed++) {
        problem *p = from_below(seed);
        flow_data *f = flow_run(p);

        check_sufficient(f);
        flow_free(f);
        problem_free(p);
    }
    ck_assert_int_ge(sufficient_count, SEEDS);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"samples", samples, PROBLEM_KIND_COUNT * STARTS},
        {"stops", stops, PROBLEM_KIND_COUNT * STARTS},
        {"late failures", late_failures, 0},
        {"both outcomes", both_outcomes, 0},
        {"sufficient", sufficient, 0},
    };

    return run_tests("property norm", entries, sizeof entries / sizeof *entries);
}
