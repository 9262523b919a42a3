/* test_threads.c: clones in threads of their own, const functions at once on one model, kernels
 * with threads: always the bits of a sequential run. SPDX-License-Identifier: MIT */
#include "problem.h"
#include "random.h"
#include "run.h"
#include "snapshot.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 4, ROUNDS = 3 };

typedef struct task {
    pthread_t thread;
    rf_model *model;
    double *w0;
    int failures;
} task;

/* No Check assertion in a thread: it would leave the thread's stack by a jump into another. */
static void *run_clone(void *argument)
{
    task *t = argument;

    t->failures += rf_model_init(t->model, t->w0, rf_model_dim(t->model)) != RF_OK;
    t->failures += rf_model_integrate(t->model, 0.5) != RF_OK;
    t->failures += rf_model_integrate(t->model, INFINITY) != RF_OK;
    return NULL;
}

static void start_all(task *tasks, void *(*work)(void *))
{
    for (int k = 0; k < THREADS; k++)
        ck_assert_int_eq(pthread_create(&tasks[k].thread, NULL, work, &tasks[k]), 0);
    for (int k = 0; k < THREADS; k++)
        ck_assert_int_eq(pthread_join(tasks[k].thread, NULL), 0);
}

/* Clones share the data; each starts elsewhere; the original is freed while they are there. */
START_TEST(clones)
{
    vector_case *v = vector_read(_i == 0 ? "medium_60x8" : "multi_slide_0");
    problem *p = problem_of_vector(v);
    random_source source = random_seed(7);

    for (int round = 0; round < ROUNDS; round++) {
        rf_model *original = problem_model(p);
        task tasks[THREADS];

        for (int k = 0; k < THREADS; k++) {
            tasks[k].failures = 0;
            tasks[k].w0 = test_doubles(p->d);
            for (int64_t j = 0; j < p->d; j++)
                tasks[k].w0[j] = random_normal(&source);
            ck_assert_int_eq(rf_model_clone(original, &tasks[k].model), RF_OK);
        }
        start_all(tasks, run_clone);
        for (int k = 0; k < THREADS; k++) {
            task alone = {tasks[k].thread, NULL, tasks[k].w0, 0};

            ck_assert_int_eq(tasks[k].failures, 0);
            ck_assert_int_eq(rf_model_clone(original, &alone.model), RF_OK);
            run_clone(&alone);
            ck_assert_int_eq(alone.failures, 0);
            ck_assert(models_same(alone.model, tasks[k].model));
            rf_model_free(alone.model);
        }
        rf_model_free(original);
        for (int k = 0; k < THREADS; k++) {
            rf_model_free(tasks[k].model);
            free(tasks[k].w0);
        }
    }
    problem_free(p);
    vector_free(v);
}
END_TEST

/* Cloned and freed in the threads themselves: the count of users of the shared data is atomic. */
static void *clone_and_free(void *argument)
{
    task *t = argument;

    for (int k = 0; k < 200; k++) {
        rf_model *clone = NULL;

        t->failures += rf_model_clone(t->model, &clone) != RF_OK;
        if (k % 20 == 0)
            t->failures += rf_model_integrate(clone, INFINITY) != RF_OK;
        rf_model_free(clone);
    }
    return NULL;
}

START_TEST(cloning)
{
    vector_case *v = vector_read("mixed_slide_1");
    problem *p = problem_of_vector(v);
    rf_model *model = problem_model(p);
    task tasks[THREADS];

    for (int k = 0; k < THREADS; k++) {
        tasks[k].failures = 0;
        tasks[k].model = model;
    }
    start_all(tasks, clone_and_free);
    for (int k = 0; k < THREADS; k++)
        ck_assert_int_eq(tasks[k].failures, 0);
    rf_model_free(model);
    problem_free(p);
    vector_free(v);
}
END_TEST

typedef struct answers {
    double past[64], now[64], rows[3 * 64], loss;
    int64_t support[64], supports;
} answers;

/* Every const function that computes; all of them must give what they give alone. */
static int ask(const rf_model *model, answers *a)
{
    const double times[] = {0.7, 0.1, 0.3};
    int64_t n = rf_model_count(model), d = rf_model_dim(model);
    double w[64];
    int failures = 0;

    failures += rf_model_query(model, RF_WEIGHTS, w, d) != RF_OK;
    failures += rf_model_query_at(model, 0.2, RF_COEFFICIENTS, a->past, n) != RF_OK;
    failures += rf_model_query(model, RF_MARGINS, a->now, n) != RF_OK;
    failures += rf_model_sample(model, 3, times, RF_MULTIPLIERS, a->rows, 3 * n) != RF_OK;
    failures += rf_model_evaluate(model, w, d, RF_LOSS, &a->loss, 1) != RF_OK;
    failures +=
        rf_model_support(model, RF_SUPPORT_TRAJECTORY, a->support, 64, &a->supports) != RF_OK;
    return failures;
}

static void *ask_often(void *argument)
{
    task *t = argument;
    answers first = {{0}, {0}, {0}, 0, {0}, 0}, again = first;

    t->failures += ask(t->model, &first);
    for (int k = 0; k < 100; k++) {
        t->failures += ask(t->model, &again);
        t->failures += !same_bits(first.past, again.past, 64)
                       || !same_bits(first.now, again.now, 64)
                       || !same_bits(first.rows, again.rows, 3 * 64) || first.loss != again.loss
                       || first.supports != again.supports;
    }
    return NULL;
}

START_TEST(queries)
{
    vector_case *v = vector_read("multi_slide_0");
    problem *p = problem_of_vector(v);
    rf_model *model = problem_run(p, INFINITY);
    task tasks[THREADS];

    for (int k = 0; k < THREADS; k++) {
        tasks[k].failures = 0;
        tasks[k].model = model;
    }
    start_all(tasks, ask_often);
    for (int k = 0; k < THREADS; k++)
        ck_assert_int_eq(tasks[k].failures, 0);
    rf_model_free(model);
    problem_free(p);
    vector_free(v);
}
END_TEST

/* Data of single precision, of which 20 share no coordinate with the others and have label 0: their margins tend
 * to 0, as the segment of the model tells every thread that asks. */
static rf_model *settling(void)
{
    enum { N = 140, D = 60, FEW = 20 };
    random_source source = random_seed(5);
    float *X = test_alloc(N * D, sizeof *X);
    double y[N], w0[D];
    rf_model *model = NULL;

    for (int i = 0; i < N; i++) {
        y[i] = i < FEW ? 0.0 : 20.0 + random_normal(&source);
        for (int k = 0; k < D; k++) {
            const double x = random_normal(&source);
            X[i * D + k] = (i < FEW) != (k < D / 2) ? 0.0F : (float)(i >= FEW ? fabs(x) : i == k ? 2.0 : 0.02 * x);
        }
    }
    for (int k = 0; k < D; k++)
        w0[k] = 1.0 + 0.1 * random_normal(&source);
    ck_assert_int_eq(rf_model_create_ex(N, D, X, D, 1, y, RF_DATA_F32, NULL, &model, NULL, 0), RF_OK);
    ck_assert_int_eq(rf_model_init(model, w0, D), RF_OK);
    ck_assert_int_eq(rf_model_integrate(model, INFINITY), RF_OK);
    free(X);
    return model;
}

static void *ask_margins(void *argument)
{
    task *t = argument;
    double first[140], again[140];

    t->failures += rf_model_query(t->model, RF_MARGINS, first, 140) != RF_OK || first[0] != 0.0;
    for (int k = 0; k < 200; k++) {
        t->failures += rf_model_query(t->model, RF_MARGINS, again, 140) != RF_OK;
        t->failures += !same_bits(first, again, 140);
    }
    return NULL;
}

START_TEST(limits)
{
    rf_model *model = settling();
    task tasks[THREADS];

    for (int k = 0; k < THREADS; k++) {
        tasks[k].failures = 0;
        tasks[k].model = model;
    }
    start_all(tasks, ask_margins);
    for (int k = 0; k < THREADS; k++)
        ck_assert_int_eq(tasks[k].failures, 0);
    rf_model_free(model);
}
END_TEST

static problem *large(void)
{
    random_source source = random_seed(11);
    problem *p = problem_empty(60000, 24);

    for (int64_t k = 0; k < p->n * p->d; k++)
        p->X[k] = random_normal(&source);
    for (int64_t i = 0; i < p->n; i++)
        p->y[i] = random_normal(&source);
    for (int64_t k = 0; k < p->d; k++)
        p->w0[k] = random_normal(&source);
    problem_set_time(p);
    return p;
}

/* Everything the kernels compute for a large problem: at a point, after steps of descent, after a
 * piece of the flow. */
static double *kernel_results(const problem *p, int32_t threads)
{
    rf_model *model = problem_model(p);
    double *out = test_doubles(4 * p->n);
    double *at = out;

    ck_assert_int_eq(rf_model_set_threads(model, threads), RF_OK);
    ck_assert_int_eq(rf_model_evaluate(model, p->w0, p->d, RF_GRADIENT, at, p->d), RF_OK);
    at += p->d;
    ck_assert_int_eq(rf_model_evaluate(model, p->w0, p->d, RF_LOSS, at, 1), RF_OK);
    at += 1;
    ck_assert_int_eq(rf_model_evaluate(model, p->w0, p->d, RF_MARGINS, at, p->n), RF_OK);
    at += p->n;
    ck_assert_int_eq(rf_model_step(model, 0.1 * p->time / (double)p->d, 5), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, at, p->d), RF_OK);
    at += p->d;
    ck_assert_int_eq(rf_model_query(model, RF_RESIDUALS, at, p->n), RF_OK);
    at += p->n;
    ck_assert_int_eq(rf_model_init(model, p->w0, p->d), RF_OK);
    ck_assert_int_eq(rf_model_set_event_limit(model, 1), RF_OK);
    ck_assert_int_eq(rf_model_integrate(model, INFINITY), RF_EVENT_LIMIT);
    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, at, p->d), RF_OK);
    rf_model_free(model);
    return out;
}

/* Large enough that the kernels do divide the work (1.4 million numbers): the number of threads
 * leaves no trace. */
START_TEST(kernel_threads)
{
    problem *p = large();
    double *one = kernel_results(p, 1);

    for (int32_t threads = 2; threads <= 3; threads++) {
        double *more = kernel_results(p, threads);

        ck_assert(same_bits(one, more, 4 * p->n));
        free(more);
    }
    free(one);
    problem_free(p);
}
END_TEST

/* Of so many dimensions that a run goes through many events at once. */
static problem *wide(void)
{
    random_source source = random_seed(5);
    problem *p = problem_empty(1000, 400);

    for (int64_t k = 0; k < p->n * p->d; k++)
        p->X[k] = (double)(float)random_normal(&source);
    for (int64_t i = 0; i < p->n; i++)
        p->y[i] = 0.1 + fabs(random_normal(&source));
    for (int64_t k = 0; k < p->d; k++)
        p->w0[k] = 0.01 * random_normal(&source);
    problem_set_time(p);
    return p;
}

static int32_t count_events(const rf_model *model, const rf_event *event, void *user)
{
    (void)model;
    (void)event;
    ++*(int64_t *)user;
    return 0;
}

/* w after a run in pieces, with or without a callback between the events. */
static double *wide_run(const problem *p, int32_t threads, int single, int64_t *events)
{
    float *X = single ? test_alloc(p->n * p->d, sizeof *X) : NULL;
    double *w = test_doubles(p->d);
    rf_model *model = NULL;
    rf_event event;

    for (int64_t k = 0; k < p->n * p->d && single; k++)
        X[k] = (float)p->X[k];
    ck_assert_int_eq(rf_model_create_ex(p->n, p->d, single ? (const void *)X : (const void *)p->X, p->d, 1, p->y,
                                        single ? RF_DATA_F32 : 0, NULL, &model, NULL, 0), RF_OK);
    ck_assert_int_eq(rf_model_set_threads(model, threads), RF_OK);
    if (events != NULL)
        ck_assert_int_eq(rf_model_set_callback(model, count_events, events), RF_OK);
    ck_assert_int_eq(rf_model_init(model, p->w0, p->d), RF_OK);
    ck_assert_int_eq(rf_model_set_event_limit(model, 40), RF_OK);
    ck_assert_int_eq(rf_model_integrate(model, INFINITY), RF_EVENT_LIMIT);
    ck_assert_int_eq(rf_model_advance(model, INFINITY, &event), RF_OK);
    ck_assert_int_eq(rf_model_integrate(model, INFINITY), RF_EVENT_LIMIT);
    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, w, p->d), RF_OK);
    rf_model_free(model);
    free(X);
    return w;
}

/* The number of threads leaves no trace in a run whose windows and epochs they share. */
START_TEST(window_threads)
{
    problem *p = wide();
    const int single = _i == 2;
    int64_t events = 0;
    double *one = wide_run(p, 1, single, _i == 1 ? &events : NULL);

    for (int32_t threads = 2; threads <= 4; threads += 2) {
        double *more = wide_run(p, threads, single, _i == 1 ? &events : NULL);

        ck_assert(same_bits(one, more, p->d));
        free(more);
    }
    ck_assert_int_eq(events, _i == 1 ? 3 * 81 : 0);
    free(one);
    problem_free(p);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"clones", clones, 2},
        {"cloning", cloning, 0},
        {"queries", queries, 0},
        {"limits", limits, 0},
        {"kernel threads", kernel_threads, 0},
        {"window threads", window_threads, 3},
    };

    return run_tests("threads", entries, sizeof entries / sizeof *entries);
}
