/* test_sweep.c: a sweep is its runs one by one, bit for bit, whatever the number of threads and
 * however it was stopped. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "problem.h"
#include "run.h"
#include "snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECTIONS = 3, SCALES = 5, RUNS = DIRECTIONS * SCALES };

static const double scales[SCALES] = {0, 1e-7, 0.25, 1, 40};

/* DIRECTIONS directions: w0 of the problem and random ones. */
static double *directions_of(const problem *p)
{
    random_source source = random_seed(p->seed + 77);
    double *U = test_doubles(DIRECTIONS * p->d);

    memcpy(U, p->w0, (size_t)p->d * sizeof *U);
    for (int64_t k = p->d; k < DIRECTIONS * p->d; k++)
        U[k] = test_max_abs(p->w0, p->d) * random_normal(&source);
    return U;
}

/* A grid problem may have w0 = 0, which is no direction. */
static problem *directed(enum problem_kind kind, uint64_t seed)
{
    problem *p = problem_make(kind, seed);

    if (test_norm(p->w0, p->d) == 0)
        p->w0[0] = 1;
    return p;
}

static rf_sweep *sweep_of(const problem *p, const rf_model *base)
{
    double *U = directions_of(p);
    rf_sweep *sweep = NULL;

    ck_assert_int_eq(
        rf_sweep_create(base, DIRECTIONS, U, DIRECTIONS * p->d, SCALES, scales, &sweep), RF_OK);
    ck_assert_int_eq(rf_sweep_count(sweep), RUNS);
    free(U);
    return sweep;
}

/* Run number `run` on its own: a clone of the base model, its start, and runs to the given times.
 */
static rf_model *single(const problem *p, const rf_model *base, int64_t run, int64_t count,
                        const double *times)
{
    double *U = directions_of(p);
    rf_model *model = NULL;

    ck_assert_int_eq(rf_model_clone(base, &model), RF_OK);
    ck_assert_int_eq(rf_model_set_callback(model, NULL, NULL), RF_OK);
    ck_assert_int_eq(
        rf_model_init_direction(model, U + run / SCALES * p->d, p->d, scales[run % SCALES]), RF_OK);
    for (int64_t k = 0; k < count; k++)
        ck_assert_int_ge(rf_model_integrate(model, times[k]), RF_OK);
    free(U);
    return model;
}

/* Every run of the sweep tells what it tells on its own. */
static void check_runs(const problem *p, const rf_model *base, const rf_sweep *sweep, int64_t count,
                       const double *times)
{
    for (int64_t run = 0; run < RUNS; run++) {
        rf_model *alone = single(p, base, run, count, times), *swept = NULL;

        ck_assert_int_eq(rf_sweep_model(sweep, run, &swept), RF_OK);
        ck_assert_msg(models_same(alone, swept), "%s, seed %d: run %d differs",
                      problem_name(p->kind), (int)p->seed, (int)run);
        rf_model_free(alone);
        rf_model_free(swept);
    }
}

START_TEST(single_runs)
{
    static const int32_t threads[] = {1, 2, 4};
    const double end = INFINITY;

    problem *p = directed((enum problem_kind)_i, 1);
    rf_model *base = problem_model(p);

    for (int k = 0; k < 3; k++) {
        rf_sweep *sweep = sweep_of(p, base);

        ck_assert_int_eq(rf_sweep_set_threads(sweep, threads[k]), RF_OK);
        ck_assert_int_eq(rf_sweep_run(sweep, INFINITY), RF_OK);
        check_runs(p, base, sweep, 1, &end);
        rf_sweep_free(sweep);
    }
    rf_model_free(base);
    problem_free(p);
}
END_TEST

/* rf_sweep_query stacks what the runs answer. */
START_TEST(queries)
{
    problem *p = directed((enum problem_kind)_i, 3);
    rf_model *base = problem_model(p);
    rf_sweep *sweep = sweep_of(p, base);

    ck_assert_int_eq(rf_sweep_run(sweep, 3 * p->time), RF_OK);
    for (int32_t q = RF_TIME; q <= RF_RATES; q++) {
        int64_t size = 0;
        double *all, *one;

        ck_assert_int_eq(rf_model_query_size(base, q, &size), RF_OK);
        all = test_doubles(RUNS * size);
        one = test_doubles(size);
        ck_assert_int_eq(rf_sweep_query(sweep, q, all, RUNS * size), RF_OK);
        for (int64_t run = 0; run < RUNS; run++) {
            rf_model *model = NULL;

            ck_assert_int_eq(rf_sweep_model(sweep, run, &model), RF_OK);
            ck_assert_int_eq(rf_model_query(model, q, one, size), RF_OK);
            ck_assert(same_bits(all + run * size, one, size));
            rf_model_free(model);
        }
        free(all);
        free(one);
    }
    rf_sweep_free(sweep);
    rf_model_free(base);
    problem_free(p);
}
END_TEST

/* Taken on to later times, the runs are those of models taken to the same times. */
START_TEST(later)
{
    problem *p = directed((enum problem_kind)_i, 4);
    const double times[] = {0.3 * p->time, p->time, INFINITY};
    rf_model *base = problem_model(p);
    rf_sweep *sweep = sweep_of(p, base);

    ck_assert_int_eq(rf_sweep_set_threads(sweep, 2), RF_OK);
    for (int64_t k = 0; k < 3; k++) {
        ck_assert_int_eq(rf_sweep_run(sweep, times[k]), RF_OK);
        check_runs(p, base, sweep, k + 1, times);
    }
    rf_sweep_free(sweep);
    rf_model_free(base);
    problem_free(p);
}
END_TEST

typedef struct stopper {
    int64_t every, calls, last, total;
    int in_order;
} stopper;

static int32_t stop_now_and_then(int64_t done, int64_t total, void *user)
{
    stopper *s = user;

    s->in_order = s->in_order && done >= s->last && done <= total;
    s->last = done;
    s->total = total;
    s->calls++;
    return s->every > 0 && s->calls % s->every == 0 && done < total;
}

/* Stopped by the callback after each report, and resumed: a call does at least one run more, the bits
 * are the same in the end, and runs that were not begun are NaN until then. */
START_TEST(stopped)
{
    const double end = INFINITY;
    problem *p = directed(PROBLEM_MIXED, 5);
    rf_model *base = problem_model(p);
    rf_sweep *sweep = sweep_of(p, base);
    stopper s = {1, 0, 0, 0, 1};
    rf_status status;
    int rounds = 0;
    double norms[RUNS];

    ck_assert_int_eq(rf_sweep_query(sweep, RF_WEIGHT_NORM, norms, RUNS), RF_OK);
    for (int run = 0; run < RUNS; run++)
        ck_assert(isnan(norms[run]));
    ck_assert_int_eq(rf_sweep_set_threads(sweep, _i + 1), RF_OK);
    ck_assert_int_eq(rf_sweep_set_callback(sweep, stop_now_and_then, &s), RF_OK);
    while ((status = rf_sweep_run(sweep, INFINITY)) == RF_STOPPED && rounds++ <= RUNS)
        ck_assert_int_eq(rf_sweep_query(sweep, RF_WEIGHT_NORM, norms, RUNS), RF_OK);
    ck_assert_int_eq(status, RF_OK);
    ck_assert(s.in_order && s.last == RUNS && s.total == RUNS);
    check_runs(p, base, sweep, 1, &end);
    rf_sweep_free(sweep);
    rf_model_free(base);
    problem_free(p);
}
END_TEST

/* Each call takes every run on by the event limit; the runs are those of models called as often. */
START_TEST(event_limit)
{
    problem *p = directed(PROBLEM_MIXED, 2);
    rf_model *base = problem_model(p);
    rf_sweep *sweep;
    double times[200];
    int64_t calls = 0;
    rf_status status = RF_EVENT_LIMIT;

    ck_assert_int_eq(rf_model_set_event_limit(base, 2), RF_OK);
    sweep = sweep_of(p, base);
    while (status == RF_EVENT_LIMIT && calls < 200) {
        times[calls++] = INFINITY;
        status = rf_sweep_run(sweep, INFINITY);
        check_runs(p, base, sweep, calls, times);
    }
    ck_assert_int_eq(status, RF_OK);
    ck_assert_int_gt(calls, 1);
    rf_sweep_free(sweep);
    rf_model_free(base);
    problem_free(p);
}
END_TEST

/* Without a history the last states are the same, and what asks for the past is refused alike. */
START_TEST(no_history)
{
    const double end = INFINITY;
    problem *p = directed((enum problem_kind)_i, 6);
    rf_model *base = problem_model(p);
    rf_sweep *sweep;
    double lengths[RUNS];

    ck_assert_int_eq(rf_model_set_recording(base, 0), RF_OK);
    sweep = sweep_of(p, base);
    ck_assert_int_eq(rf_sweep_set_threads(sweep, 2), RF_OK);
    ck_assert_int_eq(rf_sweep_run(sweep, INFINITY), RF_OK);
    ck_assert_int_eq(rf_sweep_query(sweep, RF_PATH_LENGTH, lengths, RUNS), RF_ERROR_STATE);
    check_runs(p, base, sweep, 1, &end);
    rf_sweep_free(sweep);
    rf_model_free(base);
    problem_free(p);
}
END_TEST

/* The base model may go first, and the models taken out of a sweep outlive it. */
START_TEST(lives)
{
    problem *p = directed(PROBLEM_GAUSSIAN, 7);
    rf_model *base = problem_model(p), *first = NULL, *again;
    rf_sweep *sweep = sweep_of(p, base);
    const double end = INFINITY;

    rf_model_free(base);
    ck_assert_int_eq(rf_sweep_run(sweep, INFINITY), RF_OK);
    ck_assert_int_eq(rf_sweep_model(sweep, 0, &first), RF_OK);
    rf_sweep_free(sweep);
    base = problem_model(p);
    again = single(p, base, 0, 1, &end);
    ck_assert(models_same(first, again));
    rf_model_free(first);
    rf_model_free(again);
    rf_model_free(base);
    problem_free(p);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"single runs", single_runs, PROBLEM_KIND_COUNT},
        {"queries", queries, PROBLEM_KIND_COUNT},
        {"later", later, PROBLEM_KIND_COUNT},
        {"stopped", stopped, 4},
        {"event limit", event_limit, 0},
        {"no history", no_history, PROBLEM_KIND_COUNT},
        {"lives", lives, 0},
    };

    return run_tests("property sweep", entries, sizeof entries / sizeof *entries);
}
