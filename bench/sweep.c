/* sweep.c: what rf_sweep_run costs beside the same runs one by one, and what a second thread
 * gains. SPDX-License-Identifier: MIT
 *
 * Problems: Gaussian rows, labels max(v.x, 0) + 0.1 |noise| + 0.001 with a random unit v, mean
 * loss (c = 1/n); Gaussian directions of unit length, scales 0, 1e-3, 0.1, 1 and 10; every run to
 * its certified limit.  Three ways in turn, round after round: models one after the other (a clone
 * of the base, its start, its run, its weights), a sweep on one thread, a sweep on more.  Each is
 * timed from the base model to the weights of all runs, freeing included.  A ratio is formed
 * within a round; the median over the rounds is printed.  `work` is the processor time of all
 * threads over that of one: what the threads cost.  `machine` is the speed-up of a plain loop on as
 * many threads in the same round: what there was to gain. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <reluflow/reluflow.h>

#include "peer_random.h"

enum { SCALES = 5, MAX_ROUNDS = 101, MAX_THREADS = 64 };

static const double scales[SCALES] = {0.0, 1e-3, 0.1, 1.0, 10.0};

typedef struct size {
    const char *name;
    int n, d, directions, rounds;
} size;

static const size sizes[] = {
    {"small", 20, 5, 40, 15},
    {"medium", 200, 20, 4, 7},
};

/* A base model and the directions of its sweep. */
typedef struct problem {
    const size *size;
    rf_model *base;
    double *U;
    int64_t runs, len; /* directions x scales; runs x d */
} problem;

static double clock_ms(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static double now_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

/* Of all threads together. */
static double processor_ms(void)
{
    return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

static double *must_allocate(size_t count)
{
    double *block = calloc(count, sizeof *block);

    if (block == NULL) {
        fprintf(stderr, "bench_sweep: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return block;
}

static void must(rf_status status, const char *what)
{
    if (status != RF_OK) {
        fprintf(stderr, "bench_sweep: %s: %s\n", what, rf_status_string(status));
        exit(EXIT_FAILURE);
    }
}

static double dot(int d, const double *a, const double *b)
{
    double sum = 0.0;

    for (int k = 0; k < d; k++) {
        sum += a[k] * b[k];
    }
    return sum;
}

/* A Gaussian vector of unit length. */
static void direction(peer_random *random, int d, double *u)
{
    double length;

    peer_random_fill(random, 1.0, u, (size_t)d);
    length = sqrt(dot(d, u, u));
    for (int k = 0; k < d; k++) {
        u[k] /= length;
    }
}

static problem draw(const size *which, int history)
{
    size_t n = (size_t)which->n, d = (size_t)which->d;
    peer_random random = {(uint64_t)which->n * 1000003u};
    problem p = {which, NULL, must_allocate((size_t)which->directions * d),
                 (int64_t)which->directions * SCALES, 0};
    double *X = must_allocate(n * d), *y = must_allocate(n), *c = must_allocate(n);
    double *v = must_allocate(d);

    p.len = p.runs * which->d;
    peer_random_fill(&random, 1.0, X, n * d);
    direction(&random, which->d, v);
    for (size_t i = 0; i < n; i++) {
        double teacher = dot(which->d, v, X + i * d);

        y[i] = fmax(teacher, 0.0) + 0.1 * fabs(peer_random_normal(&random)) + 0.001;
        c[i] = 1.0 / (double)n;
    }
    for (int k = 0; k < which->directions; k++) {
        direction(&random, which->d, p.U + (size_t)k * d);
    }
    must(rf_model_create(which->n, which->d, X, y, &p.base), "create");
    must(rf_model_set_data_weights(p.base, c, which->n), "data weights");
    must(rf_model_set_recording(p.base, history), "recording");
    free(X);
    free(y);
    free(c);
    free(v);
    return p;
}

static void release(problem *p)
{
    rf_model_free(p->base);
    free(p->U);
}

/* Both return their wall time in ms; W receives the weights of all runs. */
static double one_by_one(const problem *p, double *W)
{
    const int d = p->size->d;
    double start = now_ms();

    for (int64_t run = 0; run < p->runs; run++) {
        rf_model *model = NULL;

        must(rf_model_clone(p->base, &model), "clone");
        must(rf_model_init_direction(model, p->U + run / SCALES * d, d, scales[run % SCALES]),
             "start");
        must(rf_model_integrate(model, INFINITY), "run");
        must(rf_model_query(model, RF_WEIGHTS, W + run * d, d), "weights");
        rf_model_free(model);
    }
    return now_ms() - start;
}

static double swept(const problem *p, int threads, double *W)
{
    const int64_t directions = p->size->directions;
    rf_sweep *sweep = NULL;
    double start = now_ms();

    must(rf_sweep_create(p->base, directions, p->U, directions * p->size->d, SCALES, scales,
                         &sweep),
         "sweep");
    must(rf_sweep_set_threads(sweep, threads), "threads");
    must(rf_sweep_run(sweep, INFINITY), "run of the sweep");
    must(rf_sweep_query(sweep, RF_WEIGHTS, W, p->len), "weights of the sweep");
    rf_sweep_free(sweep);
    return now_ms() - start;
}

/* A loop of so many steps, nothing in memory. */
static void *turn(void *steps)
{
    volatile double x = 1.0;

    for (long k = *(const long *)steps; k > 0; k--) {
        x = x * 0.5 + 0.5;
    }
    return NULL;
}

/* The wall time of a loop of so many steps, shared by some threads. */
static double turn_ms(long steps, int threads)
{
    pthread_t other[MAX_THREADS];
    long share = steps / threads;
    double start = now_ms();
    int started = 0;

    while (started < threads - 1 && pthread_create(&other[started], NULL, turn, &share) == 0) {
        started++;
    }
    for (int k = started; k < threads; k++) {
        turn(&share);
    }
    for (int k = 0; k < started; k++) {
        pthread_join(other[k], NULL);
    }
    return now_ms() - start;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
    return 0.5 * (values[(count - 1) / 2] + values[count / 2]);
}

/* What a number of rounds gave: wall times in ms, and the ratios within the rounds. */
typedef struct rounds_of {
    double alone[MAX_ROUNDS], one[MAX_ROUNDS], more[MAX_ROUNDS];
    double cost[MAX_ROUNDS], gain[MAX_ROUNDS], work[MAX_ROUNDS], machine[MAX_ROUNDS];
    int count, same;
} rounds_of;

static void run_round(const problem *p, int threads, double *W, double *V, rounds_of *out)
{
    const size_t bytes = (size_t)p->len * sizeof *W;
    const int r = out->count++;
    double start, one_work;

    out->alone[r] = one_by_one(p, W);
    start = processor_ms();
    out->one[r] = swept(p, 1, V);
    one_work = processor_ms() - start;
    out->same = out->same && memcmp(W, V, bytes) == 0;
    start = processor_ms();
    out->more[r] = swept(p, threads, V);
    out->work[r] = (processor_ms() - start) / one_work;
    out->same = out->same && memcmp(W, V, bytes) == 0;
    out->cost[r] = out->one[r] / out->alone[r];
    out->gain[r] = out->one[r] / out->more[r];
    out->machine[r] = turn_ms(20000000, 1) / turn_ms(20000000, threads);
}

static void compare(const problem *p, int rounds, int threads)
{
    double *W = must_allocate((size_t)p->len), *V = must_allocate((size_t)p->len);
    rounds_of o = {.same = 1};

    one_by_one(p, W); /* warms up */
    while (o.count < rounds) {
        run_round(p, threads, W, V, &o);
    }
    printf("| %-6s | %4d | %3d | %4d | %10.3f | %9.3f | %5.3f | %7d | %9.3f | %8.2f | %7.2f "
           "| %5.2f | %-9s |\n",
           p->size->name, p->size->n, p->size->d, (int)p->runs, median(o.alone, rounds),
           median(o.one, rounds), median(o.cost, rounds), threads, median(o.more, rounds),
           median(o.gain, rounds), median(o.machine, rounds), median(o.work, rounds),
           o.same ? "yes" : "NO");
    fflush(stdout);
    free(W);
    free(V);
}

static int usage(void)
{
    fprintf(stderr, "usage: bench_sweep [--sizes small,medium] [--rounds count] [--threads count] "
                    "[--history 0|1]\n");
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const char *wanted = "small,medium";
    int rounds = 0, threads = 2, history = 0;

    for (int k = 1; k < argc; k += 2) {
        if (k + 1 < argc && strcmp(argv[k], "--sizes") == 0) {
            wanted = argv[k + 1];
        } else if (k + 1 < argc && strcmp(argv[k], "--rounds") == 0) {
            rounds = atoi(argv[k + 1]);
        } else if (k + 1 < argc && strcmp(argv[k], "--threads") == 0) {
            threads = atoi(argv[k + 1]);
        } else if (k + 1 < argc && strcmp(argv[k], "--history") == 0) {
            history = atoi(argv[k + 1]);
        } else {
            return usage();
        }
    }
    if (rounds < 0 || rounds > MAX_ROUNDS || threads < 1 || threads > MAX_THREADS) {
        return usage();
    }
    printf("reluflow %s; medians over rounds; times in ms; history %s\n\n", rf_version_string(),
           history ? "kept" : "off");
    printf("| size   |    n |   d | runs | one by one | sweep     | ratio | threads | sweep     "
           "| speed-up | machine | work  | same bits |\n");
    printf("| ------ | ---- | --- | ---- | ---------- | --------- | ----- | ------- | --------- "
           "| -------- | ------- | ----- | --------- |\n");
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        if (strstr(wanted, sizes[k].name) != NULL) {
            problem p = draw(&sizes[k], history);

            compare(&p, rounds > 0 ? rounds : sizes[k].rounds, threads);
            release(&p);
        }
    }
    return EXIT_SUCCESS;
}
