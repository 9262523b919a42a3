/* kernels.c: the one-pass kernel beside the bandwidth of the machine and two matrix-vector products.
 * SPDX-License-Identifier: MIT
 *
 * For every shape and instruction set: loss, gradient and pattern in one pass; the sum of the same
 * matrix (the best instruction set and the best of three in every round), which is the bandwidth; and
 * two cblas_dgemv, z = X w and g = X^T r.  They take turns, round after round; every ratio is formed
 * within a round, and the median over the rounds is printed.  Of two threads: how much faster they
 * are than one, and beside it what a loop that touches no memory gained from a second thread in the
 * same round, which on a busy machine is what there was to gain. */
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

enum { MAX_ROUNDS = 101 };

typedef struct shape {
    int n, d;
    const char *where;
    double goal_read, goal_gemv, goal_ns; /* 0: none */
} shape;

static const shape shapes[] = {
    {60000, 784, "memory", 0.8, 2.0, 0.0}, {1000000, 16, "memory", 0.8, 2.0, 0.0},
    {2000, 784, "L3", 0.5, 0.0, 0.0},      {1000, 128, "L2", 0.5, 0.0, 0.0},
    {2000, 64, "L2", 0.5, 0.0, 0.0},       {60, 64, "L1", 0.5, 0.0, 0.0},
    {1000, 10, "L2", 0.0, 0.0, 2.0},
};
enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

typedef struct subject {
    const shape *shape;
    double *X, *y, *w, *r, *work, *gradient;
    uint8_t *pattern;
    rfi_problem problem;
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

static void create(subject *s, const shape *which)
{
    const size_t n = (size_t)which->n, d = (size_t)which->d;
    const rf_allocator allocator = rfi_allocator_default();
    peer_random random = {(uint64_t)which->n};
    rfi_data_source source = {which->n, which->d, NULL, which->d, 1, NULL, 1};
    rfi_data *data;

    memset(s, 0, sizeof(*s));
    s->shape = which;
    s->X = must_allocate(n * d, sizeof(double));
    s->y = must_allocate(n, sizeof(double));
    s->r = must_allocate(n, sizeof(double));
    s->w = must_allocate(d, sizeof(double));
    s->gradient = must_allocate(d, sizeof(double));
    s->pattern = must_allocate(n, 1);
    peer_random_fill(&random, 1.0, s->X, n * d);
    peer_random_fill(&random, 1.0, s->y, n);
    peer_random_fill(&random, 0.1, s->w, d);
    peer_random_fill(&random, 1.0, s->r, n);
    source.X = s->X;
    source.y = s->y;
    if (rfi_data_create(&source, &allocator, &data, NULL) != RF_OK
        || rfi_problem_create(&s->problem, data) != RF_OK) {
        fprintf(stderr, "bench_kernels: out of memory\n");
        exit(EXIT_FAILURE);
    }
    rfi_data_release(data);
    s->work = must_allocate((size_t)rfi_pass_work(&s->problem), sizeof(double));
    s->repeats = 1 + (size_t)(2e6 / (double)(n * d));
    s->tries = n * d > 2000000 ? 3 : 25;
}

static void destroy(subject *s)
{
    rfi_problem_free(&s->problem);
    free(s->X);
    free(s->y);
    free(s->r);
    free(s->w);
    free(s->gradient);
    free(s->pattern);
    free(s->work);
}

/* Seconds of one pass. */
static double pass_s(subject *s, int32_t threads)
{
    rfi_pass pass = {0};
    volatile double loss = 0.0;
    double begin = now_s();

    pass.w = s->w;
    pass.threads = threads;
    pass.gradient = s->gradient;
    pass.pattern = s->pattern;
    pass.work = s->work;
    for (size_t k = 0; k < s->repeats; k++) {
        loss += rfi_pass_run(&s->problem, &pass);
    }
    return (now_s() - begin) / (double)s->repeats;
}

static double gemv_s(subject *s)
{
    const int n = s->shape->n, d = s->shape->d;
    double *z = s->r, begin = now_s();

    for (size_t k = 0; k < s->repeats; k++) {
        cblas_dgemv(CblasRowMajor, CblasNoTrans, n, d, 1.0, s->X, d, s->w, 1, 0.0, z, 1);
        cblas_dgemv(CblasRowMajor, CblasTrans, n, d, 1.0, s->X, d, z, 1, 0.0, s->gradient, 1);
    }
    return (now_s() - begin) / (double)s->repeats;
}

/* The least time of a sum over X. */
static double read_s(subject *s)
{
    const size_t count = (size_t)s->shape->n * (size_t)s->shape->d;
    const int most = rfi_cpu_level();
    volatile double sum = 0.0;
    double least = INFINITY;

    for (int level = most > 0 ? most - 1 : 0; level <= most; level++) {
        double begin = now_s(), time;

        for (size_t k = 0; k < s->repeats; k++) {
            sum += read_sum_double(level, s->X, count);
        }
        time = (now_s() - begin) / (double)s->repeats;
        least = time < least ? time : least;
    }
    return least;
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
        printf(" %5.2f (%.1f) |", figure, least);
    } else {
        printf(" %5.2f       |", figure);
    }
}

/* One line: a shape with an instruction set. */
static void measure(subject *s, int level, int rounds)
{
    static double time[MAX_ROUNDS], of_read[MAX_ROUNDS], of_gemv[MAX_ROUNDS], read[MAX_ROUNDS];
    static double two[MAX_ROUNDS], gain[MAX_ROUNDS];
    const double bytes = (double)s->shape->n * (double)s->shape->d * (double)sizeof(double);
    double ns;

    s->problem.data->rows = rfi_rows_at(level);
    (void)pass_s(s, 1);
    (void)gemv_s(s);
    for (int k = 0; k < rounds; k++) {
        double sum = INFINITY, one = INFINITY, gemv = INFINITY, both = INFINITY;

        for (int t = 0; t < s->tries; t++) {
            sum = fmin(sum, read_s(s));
            one = fmin(one, pass_s(s, 1));
            gemv = fmin(gemv, gemv_s(s));
            both = fmin(both, pass_s(s, 2));
        }
        time[k] = one;
        read[k] = bytes / sum;
        of_read[k] = sum / one;
        of_gemv[k] = gemv / one;
        two[k] = one / both;
        gain[k] = gain_of_two();
    }
    ns = 1e9 * median(time, rounds) / s->shape->n;
    printf("| %7d | %3d | %-6s | %-8s | %6.1f | %9.4f |", s->shape->n, s->shape->d, s->shape->where,
           s->problem.data->rows->name, 1e-9 * median(read, rounds), 1e3 * median(time, rounds));
    goal(median(of_read, rounds), s->shape->goal_read);
    goal(median(of_gemv, rounds), s->shape->goal_gemv);
    goal(ns, s->shape->goal_ns);
    printf(" %8.2f | %4.2f |\n", median(two, rounds), median(gain, rounds));
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
    printf("|       n |   d | X in   | kernel   | read   | pass      | of         | times two  | "
           "ns per     | two      | idle |\n"
           "|         |     |        |          | GB/s   | ms        | bandwidth  | dgemv      | "
           "datum      | threads  | loop |\n"
           "| ------- | --- | ------ | -------- | ------ | --------- | ----------- | ----------- | "
           "----------- | -------- | ---- |\n");
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
