/* kernels.c: the one-pass kernel beside the bandwidth of the machine and two matrix-vector
 * products.
 * SPDX-License-Identifier: MIT
 *
 * What is compared: the pass (loss, gradient and pattern); the sum of the same matrix with the
 * widest vectors of the machine, which is the bandwidth; and two cblas_dgemv, z = X w and g =
 * X^T r.  A matrix that is in memory is cut into parts of some hundred rows or more: each takes
 * a part of its own (the second product too, or it would find its part in the cache), they
 * change places from turn to turn, and a ratio is formed within a turn, so that what else the
 * machine does hits all of them alike; the median over all turns of all rounds is printed.  A
 * matrix in the caches is one part, and each time is the least of some.  Two threads are
 * compared with one on the whole matrix, once a round; beside their gain stands what the plain
 * sum of the matrix gained from a second thread, each summing one half, which is what the memory
 * has to give, and what a loop that touches no memory gained, which on a busy machine is what the
 * processor had to give. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cpu.h"
#include "model/kernels.h"
#include "peer_random.h"
#include "read_sum.h"

#include RFI_CBLAS_HEADER

enum { MAX_ROUNDS = 101, MAX_TURNS = MAX_ROUNDS * 32 };

typedef struct shape {
    int n, d, parts; /* rows in all, columns, parts of n/parts rows */
    const char *where;
    double goal_read, goal_gemv, goal_ns; /* 0: none */
} shape;

static const shape shapes[] = {
    {60000, 784, 120, "memory", 0.8, 2.0, 0.0}, {1000000, 16, 40, "memory", 0.8, 2.0, 0.0},
    {1000, 784, 1, "L3", 0.5, 0.0, 0.0},        {1000, 128, 1, "L2", 0.5, 0.0, 0.0},
    {2000, 64, 1, "L2", 0.5, 0.0, 0.0},         {48, 64, 1, "L1", 0.5, 0.0, 0.0},
    {60, 64, 1, "L1", 0.5, 0.0, 0.0},           {1000, 10, 1, "L2", 0.0, 0.0, 2.0},
};
enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]), WAYS = 4, MOST_PARTS = 128 };
enum { READ, PASS, GEMV, GEMV_T };

typedef struct subject {
    const shape *shape;
    int n; /* rows of a part */
    double *X, *y, *w, *r, *work, *gradient;
    uint8_t *pattern;
    rfi_problem whole, part[MOST_PARTS];
    size_t repeats; /* of what is timed at once; the least time of some tries counts */
    int tries;
} subject;

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *must_allocate(size_t count, size_t size)
{
    void *block = NULL;

    if (posix_memalign(&block, 64, count * size) != 0) {
        fprintf(stderr, "bench_kernels: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return block;
}

static void create_problem(const subject *s, size_t first, int n, rfi_problem *problem)
{
    const rf_allocator allocator = rfi_allocator_default();
    const rfi_data_source source = {n, s->shape->d, s->X + first * (size_t)s->shape->d,
                                    s->shape->d, 1, s->y + first, 1, 0};
    rfi_data *data;

    if (rfi_data_create(&source, &allocator, &data, NULL) != RF_OK
        || rfi_problem_create(problem, data) != RF_OK) {
        fprintf(stderr, "bench_kernels: out of memory\n");
        exit(EXIT_FAILURE);
    }
    rfi_data_release(data);
}

static void create(subject *s, const shape *which)
{
    const size_t n = (size_t)which->n, d = (size_t)which->d;
    peer_random random = {(uint64_t)which->n};

    memset(s, 0, sizeof(*s));
    s->shape = which;
    s->n = which->n / which->parts;
    s->X = must_allocate(n * d, sizeof(double));
    s->y = must_allocate(n, sizeof(double));
    s->r = must_allocate(n, sizeof(double));
    s->w = must_allocate(d, sizeof(double));
    s->gradient = must_allocate(d, sizeof(double));
    s->pattern = must_allocate(n, 1);
    peer_random_fill(&random, 1.0, s->X, n * d);
    peer_random_fill(&random, 1.0, s->y, n);
    peer_random_fill(&random, 0.1, s->w, d);
    memset(s->r, 0, n * sizeof(double));
    memset(s->pattern, 0, n);
    for (int part = 0; part < which->parts; part++) {
        create_problem(s, (size_t)part * (size_t)s->n, s->n, &s->part[part]);
    }
    create_problem(s, 0, which->n, &s->whole);
    s->work = must_allocate((size_t)rfi_pass_work(&s->whole), sizeof(double));
    s->repeats = which->parts > 1 ? 1 : 1 + (size_t)(1e6 / (double)(n * d));
    s->tries = which->parts > 1 ? 1 : 25;
}

static void destroy(subject *s)
{
    for (int part = 0; part < s->shape->parts; part++) {
        rfi_problem_free(&s->part[part]);
    }
    rfi_problem_free(&s->whole);
    free(s->X);
    free(s->y);
    free(s->r);
    free(s->w);
    free(s->gradient);
    free(s->pattern);
    free(s->work);
}

static void one_pass(subject *s, const rfi_problem *problem, int32_t threads)
{
    rfi_pass pass = {0};
    volatile double loss;

    pass.w = s->w;
    pass.threads = threads;
    pass.gradient = s->gradient;
    pass.pattern = s->pattern;
    pass.work = s->work;
    loss = rfi_pass_run(problem, &pass);
    (void)loss;
}

static void gemv(subject *s, int transposed, int part)
{
    const int d = s->shape->d;
    const double *X = s->X + (size_t)part * (size_t)s->n * (size_t)d;

    if (transposed) {
        cblas_dgemv(CblasRowMajor, CblasTrans, s->n, d, 1.0, X, d, s->r, 1, 0.0, s->gradient, 1);
    } else {
        cblas_dgemv(CblasRowMajor, CblasNoTrans, s->n, d, 1.0, X, d, s->w, 1, 0.0, s->r, 1);
    }
}

/* Seconds of one of the ways on a part. */
static double time_of(subject *s, int way, int part)
{
    const size_t count = (size_t)s->n * (size_t)s->shape->d;
    const double begin = now_s();
    volatile double sum;

    for (size_t k = 0; k < s->repeats; k++) {
        if (way == READ) {
            sum = read_sum_double(rfi_cpu_level(), s->X + (size_t)part * count, count);
            (void)sum;
        } else if (way == PASS) {
            one_pass(s, &s->part[part], 1);
        } else {
            gemv(s, way == GEMV_T, part);
        }
    }
    return (now_s() - begin) / (double)s->repeats;
}

/* How much faster two threads are on the whole matrix. */
static double two_threads(subject *s)
{
    double begin = now_s(), one;

    one_pass(s, &s->whole, 1);
    one = now_s() - begin;
    begin = now_s();
    one_pass(s, &s->whole, 2);
    return one / (now_s() - begin);
}

typedef struct reader {
    const double *from;
    size_t count;
    double sum;
} reader;

static void *read_all(void *argument)
{
    reader *r = argument;

    r->sum = read_sum_double(rfi_cpu_level(), r->from, r->count);
    return NULL;
}

/* How much faster two threads sum the whole matrix, each a half of it. */
static double two_readers(const subject *s)
{
    const size_t count = (size_t)s->shape->n * (size_t)s->shape->d;
    reader whole = {s->X, count, 0.0}, left = {s->X, count / 2, 0.0},
           right = {s->X + count / 2, count - count / 2, 0.0};
    double begin = now_s(), one;
    pthread_t thread;

    read_all(&whole);
    one = now_s() - begin;
    begin = now_s();
    if (pthread_create(&thread, NULL, read_all, &right) != 0) {
        return 1.0;
    }
    read_all(&left);
    pthread_join(thread, NULL);
    return one / (now_s() - begin);
}

/* One turn of all ways from a part on. */
static void take_turn(subject *s, int part, int shift, double time[WAYS])
{
    for (int way = 0; way < WAYS; way++) {
        time[way] = INFINITY;
    }
    for (int t = 0; t < s->tries; t++) {
        for (int k = 0; k < WAYS; k++) {
            const int way = (k + shift) % WAYS, where = (part + k) % s->shape->parts;

            time[way] = fmin(time[way], time_of(s, way, where));
        }
    }
}

static void *turn(void *argument)
{
    volatile double *out = argument;

    *out = 1.0;
    for (int k = 0; k < 1000000; k++) {
        *out = *out * 0.999999 + 1e-6;
    }
    return NULL;
}

/* How much two threads gain that compute and touch no memory. */
static double gain_of_two(void)
{
    double one[8], other[8], begin = now_s(), alone, both;
    pthread_t thread;

    turn(one);
    turn(one);
    alone = now_s() - begin;
    begin = now_s();
    if (pthread_create(&thread, NULL, turn, other) != 0) {
        return 1.0;
    }
    turn(one);
    pthread_join(thread, NULL);
    both = now_s() - begin;
    return alone / both;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof(*values), compare);
    return count % 2 ? values[count / 2] : 0.5 * (values[count / 2 - 1] + values[count / 2]);
}

static void goal(double figure, double least)
{
    if (least > 0.0) {
        printf(" %7.2f (%.1f) |", figure, least);
    } else {
        printf(" %7.2f       |", figure);
    }
}

/* One line: a shape with an instruction set. */
static void measure(subject *s, int level, int rounds)
{
    static double time[MAX_TURNS], of_read[MAX_TURNS], of_gemv[MAX_TURNS], read[MAX_TURNS];
    static double two[MAX_ROUNDS], readers[MAX_ROUNDS], gain[MAX_ROUNDS];
    const double bytes = (double)s->n * (double)s->shape->d * (double)sizeof(double);
    const char *name = rfi_rows_at(level)->name;
    int turns = 0;

    for (int part = 0; part < s->shape->parts; part++) {
        s->part[part].data->rows = rfi_rows_at(level);
    }
    s->whole.data->rows = rfi_rows_at(level);
    for (int k = 0; k < rounds; k++) {
        for (int part = 0; part < s->shape->parts; part += WAYS, turns++) {
            double t[WAYS];

            take_turn(s, part, k + turns, t);
            time[turns] = t[PASS];
            read[turns] = bytes / t[READ];
            of_read[turns] = t[READ] / t[PASS];
            of_gemv[turns] = (t[GEMV] + t[GEMV_T]) / t[PASS];
        }
        two[k] = two_threads(s);
        readers[k] = two_readers(s);
        gain[k] = gain_of_two();
    }
    printf("| %7d | %3d | %-6s | %-8s | %6.1f |", s->shape->n, s->shape->d, s->shape->where, name,
           1e-9 * median(read, turns));
    goal(median(of_read, turns), s->shape->goal_read);
    goal(median(of_gemv, turns), s->shape->goal_gemv);
    goal(1e9 * median(time, turns) / s->n, s->shape->goal_ns);
    if (s->shape->n * (int64_t)s->shape->d < 1000000) {
        printf("          |      |      |\n"); /* too small for a second thread */
    } else {
        printf(" %8.2f | %4.2f | %4.2f |\n", median(two, rounds), median(readers, rounds),
               median(gain, rounds));
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *threads = getenv("OPENBLAS_NUM_THREADS");
    const int rounds = argc > 1 ? atoi(argv[1]) : 9, only = argc > 2 ? atoi(argv[2]) : 0;

    if (rounds < 1 || rounds > MAX_ROUNDS) {
        fprintf(stderr, "usage: bench_kernels [rounds, at most %d [rows]]\n", MAX_ROUNDS);
        return EXIT_FAILURE;
    }
    printf("OPENBLAS_NUM_THREADS=%s; medians over %d rounds; goals in brackets\n\n",
           threads != NULL ? threads : "(unset)", rounds);
    printf("|       n |   d | X in   | kernel   | read,  | of            | times two     | ns per "
           "       | two      | two  | idle |\n"
           "|         |     |        |          | GB/s   | bandwidth     | dgemv         | datum  "
           "       | threads  | read | loop |\n"
           "| ------- | --- | ------ | -------- | ------ | ------------- | ------------- | -------"
           "------ | -------- | ---- | ---- |\n");
    for (int k = 0; k < SHAPES; k++) {
        subject s;

        if (only != 0 && shapes[k].n != only) {
            continue;
        }
        create(&s, &shapes[k]);
        for (int level = rfi_cpu_level(); level >= 0; level--) {
            measure(&s, level, rounds);
        }
        destroy(&s);
    }
    return EXIT_SUCCESS;
}
