/* test_sweep_threads.c: sweeps that run in threads, sweeps side by side, and the const functions of
 * models and sweeps at once: always the bits of a sequential run. SPDX-License-Identifier: MIT */
#include "problem.h"
#include "random.h"
#include "run.h"
#include "snapshot.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, DIRECTIONS = 6, SCALES = 3, RUNS = DIRECTIONS * SCALES, MOST = 64 };

typedef struct bench {
    problem *p;
    rf_model *base;
    double U[DIRECTIONS * 16], w[RUNS * 16]; /* w: the limits, from one thread */
} bench;

static rf_sweep *sweep_of(const bench *b)
{
    const double eps[] = {1, 0.125, 0};
    rf_sweep *sweep = NULL;

    if (rf_sweep_create(b->base, DIRECTIONS, b->U, DIRECTIONS * b->p->d, SCALES, eps, &sweep)
        != RF_OK)
        return NULL;
    return sweep;
}

static bench *bench_make(enum problem_kind kind, uint64_t seed)
{
    random_source source = random_seed(seed);
    bench *b = test_alloc(1, sizeof *b);
    rf_sweep *sweep;

    b->p = problem_make(kind, seed);
    b->base = problem_model(b->p);
    for (int64_t k = 0; k < DIRECTIONS * b->p->d; k++)
        b->U[k] = random_normal(&source);
    ck_assert_ptr_nonnull(sweep = sweep_of(b));
    ck_assert_int_eq(rf_sweep_run(sweep, INFINITY), RF_OK);
    ck_assert_int_eq(rf_sweep_query(sweep, RF_WEIGHTS, b->w, RUNS * b->p->d), RF_OK);
    rf_sweep_free(sweep);
    return b;
}

static void bench_free(bench *b)
{
    rf_model_free(b->base);
    problem_free(b->p);
    free(b);
}

/* 1 if the weights of a sweep are those from one thread. */
static int same_weights(const bench *b, const rf_sweep *sweep)
{
    double *w = test_doubles(RUNS * b->p->d);
    int same = rf_sweep_query(sweep, RF_WEIGHTS, w, RUNS * b->p->d) == RF_OK
               && same_bits(w, b->w, RUNS * b->p->d);

    free(w);
    return same;
}

START_TEST(threads)
{
    const enum problem_kind kinds[] = {PROBLEM_MIXED, PROBLEM_MANY, PROBLEM_LINEAR};
    const int32_t numbers[] = {2, 3, 8, 1, 2 * RUNS};
    bench *b = bench_make(kinds[_i], 31);

    for (int k = 0; k < 5; k++) {
        rf_sweep *sweep = sweep_of(b);

        ck_assert_int_eq(rf_sweep_set_threads(sweep, numbers[k]), RF_OK);
        for (int piece = 0; piece < 3; piece++)
            ck_assert_int_eq(rf_sweep_run(sweep, piece < 2 ? piece * b->p->time : INFINITY), RF_OK);
        ck_assert(same_weights(b, sweep));
        rf_sweep_free(sweep);
    }
    bench_free(b);
}
END_TEST

typedef struct listener {
    pthread_t thread;
    int64_t calls, stop_after, last;
    int failures;
} listener;

static int32_t listen(int64_t done, int64_t total, void *user)
{
    listener *l = user;

    l->calls++;
    l->failures += !pthread_equal(l->thread, pthread_self()) || total != RUNS || done < l->last;
    l->last = done;
    return l->stop_after > 0 && l->calls % l->stop_after == 0 && done < total;
}

/* Stopped at every report, resumed with other threads. */
START_TEST(stopping)
{
    bench *b = bench_make(PROBLEM_MIXED, 32);

    for (int64_t stop_after = 1; stop_after <= 2; stop_after++) {
        listener l = {pthread_self(), 0, stop_after, 0, 0};
        rf_sweep *sweep = sweep_of(b);
        int rounds = 0;
        rf_status status;

        ck_assert_int_eq(rf_sweep_set_callback(sweep, listen, &l), RF_OK);
        do {
            ck_assert_int_eq(rf_sweep_set_threads(sweep, 1 + rounds % THREADS), RF_OK);
            status = rf_sweep_run(sweep, INFINITY);
            ck_assert(status == RF_OK || status == RF_STOPPED);
            ck_assert_int_lt(rounds++, 10 * RUNS);
        } while (status != RF_OK);
        ck_assert_int_eq(l.failures, 0);
        ck_assert_int_eq(l.last, RUNS);
        ck_assert(same_weights(b, sweep));
        rf_sweep_free(sweep);
    }
    bench_free(b);
}
END_TEST

typedef struct task {
    pthread_t thread;
    const bench *b;
    const rf_model *model;
    const rf_sweep *sweep;
    int failures;
} task;

/* The same work on the same things in all threads. */
static void in_all_threads(void *(*work)(void *), const bench *b, const rf_model *model,
                           const rf_sweep *sweep)
{
    task tasks[THREADS];

    memset(tasks, 0, sizeof tasks);
    for (int k = 0; k < THREADS; k++) {
        tasks[k].b = b;
        tasks[k].model = model;
        tasks[k].sweep = sweep;
        ck_assert_int_eq(pthread_create(&tasks[k].thread, NULL, work, &tasks[k]), 0);
    }
    for (int k = 0; k < THREADS; k++) {
        ck_assert_int_eq(pthread_join(tasks[k].thread, NULL), 0);
        ck_assert_int_eq(tasks[k].failures, 0);
    }
}

/* No Check assertion in a thread: it would leave the thread's stack by a jump into another. */
static void *sweep_alone(void *argument)
{
    task *t = argument;

    for (int round = 0; round < 2; round++) {
        rf_sweep *sweep = sweep_of(t->b);
        rf_model *run = NULL;

        t->failures += sweep == NULL;
        t->failures += rf_sweep_set_threads(sweep, 2) != RF_OK;
        t->failures += rf_sweep_run(sweep, t->b->p->time) != RF_OK;
        t->failures += rf_sweep_run(sweep, INFINITY) != RF_OK;
        t->failures += !same_weights(t->b, sweep);
        t->failures += rf_sweep_model(sweep, 3, &run) != RF_OK;
        rf_sweep_free(sweep);
        t->failures += rf_model_init(run, t->b->p->w0, t->b->p->d) != RF_OK;
        t->failures += rf_model_integrate(run, INFINITY) != RF_OK;
        rf_model_free(run);
    }
    return NULL;
}

/* Sweeps of one base, each made, run in two threads and freed in a thread of its own. */
START_TEST(side_by_side)
{
    bench *b = bench_make(PROBLEM_LEAKY, 33);

    in_all_threads(sweep_alone, b, NULL, NULL);
    bench_free(b);
}
END_TEST

static void *ask_sweep(void *argument)
{
    task *t = argument;
    const int64_t d = t->b->p->d;
    double *w = test_doubles(d);

    for (int round = 0; round < 5; round++) {
        t->failures += rf_sweep_count(t->sweep) != RUNS;
        t->failures += !same_weights(t->b, t->sweep);
        for (int64_t k = 0; k < RUNS; k++) {
            rf_model *run = NULL;

            t->failures += rf_sweep_model(t->sweep, k, &run) != RF_OK;
            t->failures += rf_model_query(run, RF_WEIGHTS, w, d) != RF_OK;
            t->failures += !same_bits(w, t->b->w + k * d, d);
            rf_model_free(run);
        }
    }
    free(w);
    return NULL;
}

START_TEST(sweep_queries)
{
    bench *b = bench_make(PROBLEM_MIXED, 34);
    rf_sweep *sweep = sweep_of(b);

    ck_assert_int_eq(rf_sweep_set_threads(sweep, 3), RF_OK);
    ck_assert_int_eq(rf_sweep_run(sweep, INFINITY), RF_OK);
    in_all_threads(ask_sweep, b, NULL, sweep);
    rf_sweep_free(sweep);
    bench_free(b);
}
END_TEST

/* What the const functions that compute give of one model. */
typedef struct answers {
    double W[MOST], failure;
    int32_t increasing;
    int64_t size, points;
    unsigned char *bytes;
} answers;

static int ask(const rf_model *model, answers *a)
{
    const int64_t d = rf_model_dim(model), data[] = {0, rf_model_count(model) - 1};
    rf_landscape *landscape = NULL;
    int failures = 0;

    memset(a, 0, sizeof *a);
    failures += rf_model_norm_certificate(model, &a->increasing, &a->failure) != RF_OK;
    failures += rf_model_leave_one_out(model, 2, data, a->W, 2 * d, NULL, NULL) != RF_OK;
    failures += rf_model_save(model, NULL, 0, &a->size) != RF_OK;
    a->bytes = test_alloc(a->size, 1);
    failures += rf_model_save(model, a->bytes, a->size, &a->size) != RF_OK;
    if (d == 2) {
        failures += rf_landscape_create(model, &landscape) != RF_OK;
        a->points = rf_landscape_count(landscape);
        rf_landscape_free(landscape);
    }
    return failures;
}

static int same_answers(const answers *a, const answers *b)
{
    return same_bits(a->W, b->W, MOST) && same_bits(&a->failure, &b->failure, 1)
           && a->increasing == b->increasing && a->size == b->size && a->points == b->points
           && memcmp(a->bytes, b->bytes, (size_t)a->size) == 0;
}

static void *ask_often(void *argument)
{
    task *t = argument;
    answers first, again;

    t->failures += ask(t->model, &first);
    for (int round = 0; round < 10; round++) {
        rf_model *loaded = NULL;

        t->failures += ask(t->model, &again) != 0 || !same_answers(&first, &again);
        t->failures += rf_model_load(again.bytes, again.size, NULL, &loaded, NULL, 0) != RF_OK;
        rf_model_free(loaded);
        free(again.bytes);
    }
    free(first.bytes);
    return NULL;
}

START_TEST(model_queries)
{
    vector_case *v = vector_read(_i == 0 ? "multi_slide_0" : "origin_through");
    problem *p = problem_of_vector(v);
    rf_model *model = problem_run(p, INFINITY);

    in_all_threads(ask_often, NULL, model, NULL);
    rf_model_free(model);
    problem_free(p);
    vector_free(v);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"threads", threads, 3},
        {"stopping", stopping, 0},
        {"side by side", side_by_side, 0},
        {"sweep queries", sweep_queries, 0},
        {"model queries", model_queries, 2},
    };

    return run_tests("sweep threads", entries, sizeof entries / sizeof *entries);
}
