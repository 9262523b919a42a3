/* test_api_sweep_run.c: how sweeps run: threads, stopping, resuming, event limits, failing runs.
 * SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "sweeps.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A problem, its starts, a base model and the sweep of one thread to compare with. */
typedef struct bench {
    problem *p;
    starts *s;
    rf_model *base;
    rf_sweep *one;
} bench;

static bench bench_make(enum problem_kind kind, uint64_t seed)
{
    bench b = {problem_make(kind, seed), NULL, NULL, NULL};

    b.s = starts_make(b.p->d, 5, 3, seed);
    b.base = problem_model(b.p);
    b.one = starts_sweep(b.s, b.base);
    return b;
}

static void bench_free(bench *b)
{
    rf_sweep_free(b->one);
    rf_model_free(b->base);
    starts_free(b->s);
    problem_free(b->p);
}

static int same_as_one(const bench *b, const rf_sweep *sweep)
{
    return sweeps_same(b->one, sweep, b->p->n, b->p->d);
}

START_TEST(any_number_of_threads)
{
    const enum problem_kind kinds[] = {PROBLEM_MIXED, PROBLEM_MANY, PROBLEM_LEAKY, PROBLEM_GRID};
    const int32_t threads[] = {1, 2, 3, 8, 40};
    bench b = bench_make(kinds[_i], 21);

    expect(RF_OK, rf_sweep_run(b.one, INFINITY));
    for (int k = 0; k < 5; k++) {
        rf_sweep *sweep = starts_sweep(b.s, b.base);

        expect(RF_OK, rf_sweep_set_threads(sweep, threads[k]));
        expect(RF_OK, rf_sweep_run(sweep, INFINITY));
        ck_assert_msg(same_as_one(&b, sweep), "%d threads", threads[k]);
        rf_sweep_free(sweep);
    }
    bench_free(&b);
}
END_TEST

/* In pieces: to an early time, then to a later one, then to the limit, with changing numbers of
 * threads. */
START_TEST(later_times)
{
    bench b = bench_make(PROBLEM_MIXED, 22);
    rf_sweep *sweep = starts_sweep(b.s, b.base);

    for (int k = 0; k < 4; k++) {
        double t = k == 3 ? INFINITY : 0.5 * k * b.p->time;

        expect(RF_OK, rf_sweep_set_threads(sweep, 1 + k));
        expect(RF_OK, rf_sweep_run(sweep, t));
        expect(RF_OK, rf_sweep_run(b.one, t));
        ck_assert_msg(same_as_one(&b, sweep), "time %g", t);
    }
    rf_sweep_free(sweep);
    bench_free(&b);
}
END_TEST

typedef struct observer {
    rf_sweep *sweep;
    pthread_t thread;
    int64_t total, calls, last, stop_at;    /* stops once so many runs are done; 0: never */
    int failures;
} observer;

static int32_t observe(int64_t done, int64_t total, void *user)
{
    observer *o = user;

    o->calls++;
    o->failures += !pthread_equal(o->thread, pthread_self());
    o->failures += total != o->total || done < o->last || done > total;
    o->last = done;
    return o->stop_at > 0 && done >= o->stop_at;
}

static observer observer_of(rf_sweep *sweep, int64_t stop_at)
{
    observer o = {sweep, pthread_self(), rf_sweep_count(sweep), 0, 0, stop_at, 0};

    return o;
}

START_TEST(reports)
{
    bench b = bench_make(PROBLEM_MIXED, 23);

    expect(RF_OK, rf_sweep_run(b.one, INFINITY));
    for (int32_t threads = 1; threads <= 4; threads++) {
        rf_sweep *sweep = starts_sweep(b.s, b.base);
        observer o = observer_of(sweep, 0);

        expect(RF_OK, rf_sweep_set_threads(sweep, threads));
        expect(RF_OK, rf_sweep_set_callback(sweep, observe, &o));
        expect(RF_OK, rf_sweep_run(sweep, INFINITY));
        ck_assert_int_gt(o.calls, 0);
        ck_assert_int_eq(o.last, o.total);
        ck_assert_int_eq(o.failures, 0);
        ck_assert(same_as_one(&b, sweep));
        o.calls = 0;
        expect(RF_OK, rf_sweep_set_callback(sweep, NULL, NULL));
        expect(RF_OK, rf_sweep_run(sweep, INFINITY));
        ck_assert_int_eq(o.calls, 0);
        rf_sweep_free(sweep);
    }
    bench_free(&b);
}
END_TEST

/* What a sweep that stopped shows: a run is either as it will be or NaN as a whole. */
static void check_partial(const bench *b, const rf_sweep *sweep)
{
    int64_t runs = rf_sweep_count(sweep), len = runs * b->p->d;
    double *w = test_doubles(len), *end = test_doubles(len);

    expect(RF_OK, rf_sweep_query(sweep, RF_WEIGHTS, w, len));
    expect(RF_OK, rf_sweep_query(b->one, RF_WEIGHTS, end, len));
    for (int64_t k = 0; k < runs; k++) {
        const double *row = w + k * b->p->d;
        rf_model *run = (rf_model *)(void *)w;
        rf_status status = rf_sweep_model(sweep, k, &run);

        if (isnan(row[0])) {
            for (int64_t j = 0; j < b->p->d; j++)
                ck_assert(isnan(row[j]));
            ck_assert_int_eq(status, RF_ERROR_STATE);
            ck_assert_ptr_null(run);
        } else {
            ck_assert_int_eq(status, RF_OK);
            ck_assert(same_bits(row, end + k * b->p->d, b->p->d));
            rf_model_free(run);
        }
    }
    free(w);
    free(end);
}

/* Stopped as soon as one more run is done, again and again: the same bits.  In the first round
 * there is one thread, which stops between runs; in the others the number changes, and a run may
 * have stopped on its way. */
static void stop_often(const bench *b, int round)
{
    rf_sweep *sweep = starts_sweep(b->s, b->base);
    observer o = observer_of(sweep, 1);
    int stops = 0;
    rf_status status;

    expect(RF_OK, rf_sweep_set_callback(sweep, observe, &o));
    for (;;) {
        expect(RF_OK, rf_sweep_set_threads(sweep, 1 + round * (stops + 1) % 4));
        status = rf_sweep_run(sweep, INFINITY);
        if (status != RF_STOPPED)
            break;
        ck_assert_int_ge(o.last, o.stop_at);
        if (round == 0)
            check_partial(b, sweep);
        o.stop_at = o.last + 1;
        ck_assert_int_lt(stops++, (int)o.total);
    }
    ck_assert_int_eq(status, RF_OK);
    if (round == 0)
        ck_assert_int_eq(stops, (int)o.total - 1);
    ck_assert_int_eq(o.last, o.total);
    ck_assert_int_eq(o.failures, 0);
    ck_assert(same_as_one(b, sweep));
    rf_sweep_free(sweep);
}

START_TEST(stop_and_resume)
{
    bench b = bench_make(PROBLEM_MIXED, 24);

    expect(RF_OK, rf_sweep_run(b.one, INFINITY));
    for (int round = 0; round < 4; round++)
        stop_often(&b, round);
    bench_free(&b);
}
END_TEST

/* The runs are on their way: only their number may be asked for. */
static int32_t intrude(int64_t done, int64_t total, void *user)
{
    observer *o = user;
    double *rows = test_doubles(total);
    rf_model *model = (rf_model *)(void *)rows;

    (void)done;
    o->calls++;
    guard_fill(rows, total);
    o->failures += rf_sweep_query(o->sweep, RF_TIME, rows, total) != RF_ERROR_STATE;
    o->failures += !guard_intact(rows, total);
    o->failures += rf_sweep_model(o->sweep, 0, &model) != RF_ERROR_STATE || model != NULL;
    free(rows);
    o->failures += rf_sweep_run(o->sweep, INFINITY) != RF_ERROR_STATE;
    o->failures += rf_sweep_set_threads(o->sweep, 2) != RF_ERROR_STATE;
    o->failures += rf_sweep_set_callback(o->sweep, NULL, NULL) != RF_ERROR_STATE;
    o->failures += rf_sweep_count(o->sweep) != total;
    return 0;
}

START_TEST(from_a_callback)
{
    bench b = bench_make(PROBLEM_MIXED, 25);

    expect(RF_OK, rf_sweep_run(b.one, INFINITY));
    for (int32_t threads = 1; threads <= 3; threads++) {
        rf_sweep *sweep = starts_sweep(b.s, b.base);
        observer o = observer_of(sweep, 0);

        expect(RF_OK, rf_sweep_set_threads(sweep, threads));
        expect(RF_OK, rf_sweep_set_callback(sweep, intrude, &o));
        expect(RF_OK, rf_sweep_run(sweep, INFINITY));
        ck_assert_int_gt(o.calls, 0);
        ck_assert_int_eq(o.failures, 0);
        expect(RF_OK, rf_sweep_set_callback(sweep, NULL, NULL));
        ck_assert(same_as_one(&b, sweep));
        rf_sweep_free(sweep);
    }
    bench_free(&b);
}
END_TEST

/* One event for each run and call: as many calls as the most eventful run has, the same ends. */
START_TEST(event_limit)
{
    bench b = bench_make(PROBLEM_MIXED, 26);
    rf_sweep *sweep;
    rf_model *run = NULL;
    int64_t calls = 0, most = 0;
    rf_status status;

    expect(RF_OK, rf_sweep_run(b.one, INFINITY));
    for (int64_t k = 0; k < rf_sweep_count(b.one); k++) {
        expect(RF_OK, rf_sweep_model(b.one, k, &run));
        if (rf_model_event_count(run) > most)
            most = rf_model_event_count(run);
        rf_model_free(run);
    }
    expect(RF_OK, rf_model_set_event_limit(b.base, 1));
    sweep = starts_sweep(b.s, b.base);
    while ((status = rf_sweep_run(sweep, INFINITY)) == RF_EVENT_LIMIT) {
        calls++;
        ck_assert_int_le(calls, most + 1);
        expect(RF_OK, rf_sweep_set_threads(sweep, 1 + (int32_t)(calls % 3)));
    }
    ck_assert_int_eq(status, RF_OK);
    ck_assert_int_gt(calls, 1);
    ck_assert(same_as_one(&b, sweep));
    rf_sweep_free(sweep);
    bench_free(&b);
}
END_TEST

/* A start that overflows: NaN in its row, the others run, and the status says so each time. */
START_TEST(failing_start)
{
    const double U[] = {2, 1, 1e200, 1e200}, eps[] = {1, 1e200};
    double w[8], time[4], size[4], status[4];

    for (int32_t threads = 1; threads <= 2; threads++) {
        rf_model *base = plane_model(), *run;
        rf_sweep *sweep = NULL;

        expect(RF_OK, rf_sweep_create(base, 2, U, 4, 2, eps, &sweep));
        expect(RF_OK, rf_sweep_set_threads(sweep, threads));
        expect(RF_ERROR_NUMERICAL, rf_sweep_run(sweep, INFINITY));
        expect(RF_OK, rf_sweep_query(sweep, RF_WEIGHTS, w, 8));
        expect(RF_OK, rf_sweep_query(sweep, RF_TIME, time, 4));
        expect(RF_OK, rf_sweep_query(sweep, RF_WEIGHT_NORM, size, 4));
        expect(RF_OK, rf_sweep_query(sweep, RF_STATUS, status, 4));
        ck_assert(fabs(w[0] - 1) < 1e-14 && time[0] == INFINITY && status[0] == RF_OK);
        ck_assert(isnan(w[6]) && isnan(w[7]) && isnan(time[3]) && isnan(size[3]));
        ck_assert(isnan(status[3]) || status[3] == RF_ERROR_NUMERICAL);
        run = base;
        expect(RF_ERROR_STATE, rf_sweep_model(sweep, 3, &run));
        ck_assert_ptr_null(run);
        expect(RF_OK, rf_sweep_model(sweep, 0, &run));
        rf_model_free(run);
        expect(RF_ERROR_NUMERICAL, rf_sweep_run(sweep, INFINITY));
        rf_sweep_free(sweep);
        rf_model_free(base);
    }
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"any number of threads", any_number_of_threads, 4},
        {"later times", later_times, 0},
        {"reports", reports, 0},
        {"stop and resume", stop_and_resume, 0},
        {"from a callback", from_a_callback, 0},
        {"event limit", event_limit, 0},
        {"failing start", failing_start, 0},
    };

    return run_tests("api sweep run", entries, sizeof entries / sizeof *entries);
}
