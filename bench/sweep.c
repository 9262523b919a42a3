/* sweep.c: what rf_sweep_run costs beside the same runs one by one, and what a second thread
 * gains. SPDX-License-Identifier: MIT
 *
 * Problems: problems.h; Gaussian directions of unit length, scales 0, 1e-3, 0.1, 1 and 10; every
 * run to its certified limit.  Three ways in turn, round after round: models one after the other
 * (a clone of the base, its start, its run, its weights), a sweep on one thread, a sweep on more.
 * Each is timed from the base model to the weights of all runs, freeing included.  A ratio is
 * formed within a round; the median over the rounds is printed.  `work` is the processor time of
 * all threads over that of one: what the threads cost.  `machine` is the speed-up of a plain loop on as
 * many threads in the same round: what there was to gain. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "peer_random.h"
#include "problems.h"

enum { SCALES = 5, MAX_ROUNDS = 101, MAX_THREADS = 64 };

static const double scales[SCALES] = {0.0, 1e-3, 0.1, 1.0, 10.0};

typedef struct size {
    const char *name;
    int directions, rounds;
} size;

static const size sizes[] = {
    {"small", 40, 15},
    {"medium", 4, 7},
};

/* A base model and the directions of its sweep. */
typedef struct problem {
    const size *size;
    rf_model *base;
    double *U;
    int64_t d, runs, len; /* directions x scales; runs x d */
} problem;

/* A Gaussian vector of unit length. */
static void direction(peer_random *random, int64_t d, double *u)
{
    double length;

    peer_random_fill(random, 1.0, u, (size_t)d);
    length = sqrt(bench_dot(d, u, u));
    for (int64_t k = 0; k < d; k++) {
        u[k] /= length;
    }
}

static problem draw(const size *which, int history)
{
    const bench_shape *shape = bench_shape_named(which->name);
    bench_problem data = bench_draw(shape, 0);
    const int64_t runs = (int64_t)which->directions * SCALES;
    double *U = bench_allocate((size_t)(which->directions * shape->d));
    problem p = {which, NULL, U, shape->d, runs, runs * shape->d};
    peer_random random = {(uint64_t)runs};

    for (int k = 0; k < which->directions; k++) {
        direction(&random, p.d, p.U + k * p.d);
    }
    p.base = bench_model(&data, 0, NULL);
    bench_must(rf_model_set_recording(p.base, history), "recording");
    bench_release(&data);
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
    const int64_t d = p->d;
    double start = bench_now_ms();

    for (int64_t run = 0; run < p->runs; run++) {
        rf_model *model = NULL;

        bench_must(rf_model_clone(p->base, &model), "clone");
        bench_must(rf_model_init_direction(model, p->U + run / SCALES * d, d, scales[run % SCALES]),
             "start");
        bench_must(rf_model_integrate(model, INFINITY), "run");
        bench_must(rf_model_query(model, RF_WEIGHTS, W + run * d, d), "weights");
        rf_model_free(model);
    }
    return bench_now_ms() - start;
}

static double swept(const problem *p, int threads, double *W)
{
    const int64_t directions = p->size->directions;
    rf_sweep *sweep = NULL;
    double start = bench_now_ms();

    bench_must(rf_sweep_create(p->base, directions, p->U, directions * p->d, SCALES, scales,
                         &sweep),
         "sweep");
    bench_must(rf_sweep_set_threads(sweep, threads), "threads");
    bench_must(rf_sweep_run(sweep, INFINITY), "run of the sweep");
    bench_must(rf_sweep_query(sweep, RF_WEIGHTS, W, p->len), "weights of the sweep");
    rf_sweep_free(sweep);
    return bench_now_ms() - start;
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
    double start = bench_now_ms();
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
    return bench_now_ms() - start;
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
    start = bench_processor_ms();
    out->one[r] = swept(p, 1, V);
    one_work = bench_processor_ms() - start;
    out->same = out->same && memcmp(W, V, bytes) == 0;
    start = bench_processor_ms();
    out->more[r] = swept(p, threads, V);
    out->work[r] = (bench_processor_ms() - start) / one_work;
    out->same = out->same && memcmp(W, V, bytes) == 0;
    out->cost[r] = out->one[r] / out->alone[r];
    out->gain[r] = out->one[r] / out->more[r];
    out->machine[r] = turn_ms(20000000, 1) / turn_ms(20000000, threads);
}

static void compare(const problem *p, int rounds, int threads)
{
    double *W = bench_allocate((size_t)p->len), *V = bench_allocate((size_t)p->len);
    rounds_of o = {.same = 1};

    one_by_one(p, W); /* warms up */
    while (o.count < rounds) {
        run_round(p, threads, W, V, &o);
    }
    printf("| %-6s | %4d | %3d | %4d | %10.3f | %9.3f | %5.3f | %7d | %9.3f | %8.2f | %7.2f "
           "| %5.2f | %-9s |\n",
           p->size->name, (int)rf_model_count(p->base), (int)p->d, (int)p->runs,
           bench_median(o.alone, rounds), bench_median(o.one, rounds),
           bench_median(o.cost, rounds), threads, bench_median(o.more, rounds),
           bench_median(o.gain, rounds), bench_median(o.machine, rounds),
           bench_median(o.work, rounds),
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
        if (bench_listed(wanted, sizes[k].name)) {
            problem p = draw(&sizes[k], history);

            compare(&p, rounds > 0 ? rounds : sizes[k].rounds, threads);
            release(&p);
        }
    }
    return EXIT_SUCCESS;
}
