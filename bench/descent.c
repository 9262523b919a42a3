/* descent.c: gradient descent of 10^6 and 10^9 steps, fast-forwarded, beside a loop that takes
 * every step.
 * SPDX-License-Identifier: MIT
 *
 * Problems: Gaussian rows, labels max(v.x, 0) + 0.1 |noise| + 0.001 with a random unit v, mean
 * loss (c = 1/n), start 0.01 times a Gaussian vector; one seed per size.  The loop is measured
 * over as many steps as the table says, and its time for more is that times the ratio of the
 * steps; both sides run in this process, one after the other, on the same problem and in one
 * thread. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <reluflow/reluflow.h>

#include "peer_random.h"

typedef struct size {
    const char *name;
    int n, d;
    int64_t looped; /* steps the loop is measured over */
} size;

static const size sizes[] = {
    {"small", 20, 5, 1000000},
    {"medium", 200, 20, 1000000},
    {"large", 2000, 50, 20000},
};

static const double etas[] = {0.1, 0.001};
static const int64_t counts[] = {1000000, 1000000000};

typedef struct problem {
    int n, d;
    double *X, *y, *c, *w0;
} problem;

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static double *must_allocate(int count)
{
    double *block = calloc((size_t)count, sizeof *block);

    if (block == NULL) {
        fprintf(stderr, "bench_descent: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return block;
}

/* Four partial sums, so that the compiler may use vectors. */
static double dot(int d, const double *a, const double *b)
{
    double sum[4] = {0, 0, 0, 0}, rest = 0.0;
    int k = 0;

    for (; k + 4 <= d; k += 4) {
        for (int j = 0; j < 4; j++) {
            sum[j] += a[k + j] * b[k + j];
        }
    }
    for (; k < d; k++) {
        rest += a[k] * b[k];
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3]) + rest;
}

static problem draw(const size *which)
{
    peer_random random = {(uint64_t)which->n};
    problem p = {which->n,
                 which->d,
                 must_allocate(which->n * which->d),
                 must_allocate(which->n),
                 must_allocate(which->n),
                 must_allocate(which->d)};
    double *v = must_allocate(which->d);

    peer_random_fill(&random, 1.0, p.X, (size_t)(p.n * p.d));
    peer_random_fill(&random, 1.0, v, (size_t)p.d);
    peer_random_fill(&random, 0.01, p.w0, (size_t)p.d);
    double length = sqrt(dot(p.d, v, v));
    for (int i = 0; i < p.n; i++) {
        double teacher = dot(p.d, v, p.X + i * p.d) / length;
        p.y[i] = fmax(teacher, 0.0) + 0.1 * fabs(peer_random_normal(&random)) + 0.001;
        p.c[i] = 1.0 / p.n;
    }
    free(v);
    return p;
}

static void release(problem *p)
{
    free(p->X);
    free(p->y);
    free(p->c);
    free(p->w0);
}

/* Every step, one pass over the data each.  Returns the wall time in ms. */
static double run_loop(const problem *p, double eta, int64_t steps, double *w)
{
    double *gradient = must_allocate(p->d), start = now_ms(), elapsed;

    memcpy(w, p->w0, (size_t)p->d * sizeof *w);
    for (int64_t step = 0; step < steps; step++) {
        memset(gradient, 0, (size_t)p->d * sizeof *gradient);
        for (int i = 0; i < p->n; i++) {
            const double *x = p->X + i * p->d;
            double z = dot(p->d, x, w);
            if (z > 0.0) {
                double pull = p->c[i] * (z - p->y[i]);
                for (int k = 0; k < p->d; k++) {
                    gradient[k] += pull * x[k];
                }
            }
        }
        for (int k = 0; k < p->d; k++) {
            w[k] -= eta * gradient[k];
        }
    }
    elapsed = now_ms() - start;
    free(gradient);
    return elapsed;
}

/* The library, from the data in memory to the last iterate.  Returns the wall time in ms. */
static double run_library(const problem *p, double eta, int64_t steps, double *w, int64_t *events)
{
    rf_model *model = NULL;
    double start = now_ms();

    if (rf_model_create(p->n, p->d, p->X, p->y, &model) != RF_OK
        || rf_model_set_data_weights(model, p->c, p->n) != RF_OK
        || rf_model_init(model, p->w0, p->d) != RF_OK || rf_model_step(model, eta, steps) != RF_OK
        || rf_model_query(model, RF_WEIGHTS, w, p->d) != RF_OK) {
        fprintf(stderr, "bench_descent: the library failed: %s\n", rf_model_error(model));
        exit(EXIT_FAILURE);
    }
    *events = rf_model_event_count(model);
    rf_model_free(model);
    return now_ms() - start;
}

static double difference(int d, const double *a, const double *b)
{
    double sum = 0.0;

    for (int k = 0; k < d; k++) {
        sum += (a[k] - b[k]) * (a[k] - b[k]);
    }
    return sqrt(sum / dot(d, b, b));
}

static void run_size(const size *which, double eta)
{
    problem p = draw(which);
    double *w = must_allocate(p.d), *v = must_allocate(p.d);
    double looped = run_loop(&p, eta, which->looped, v), off;
    int64_t events;

    run_library(&p, eta, which->looped, w, &events);
    off = difference(p.d, w, v);
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        double library = run_library(&p, eta, counts[k], w, &events);
        double loop = looped * (double)counts[k] / (double)which->looped;
        printf("| %-6s | %4d | %3d | %5g | %5.0e | %6d | %10.3f | %12.1f%c | %9.3g | %7.1e |\n",
               which->name, which->n, which->d, eta, (double)counts[k], (int)events, library, loop,
               counts[k] == which->looped ? ' ' : '*', loop / library, off);
    }
    free(w);
    free(v);
    release(&p);
}

int main(void)
{
    printf("reluflow %s; times in ms; *: extrapolated linearly from 1e6 steps, for large 2e4\n\n",
           rf_version_string());
    printf("| size   |    n |   d |   eta | steps | events | library    | every step    "
           "| ratio     | dw      |\n");
    printf("| ------ | ---- | --- | ----- | ----- | ------ | ---------- | ------------- "
           "| --------- | ------- |\n");
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        for (size_t e = 0; e < sizeof etas / sizeof *etas; e++) {
            run_size(&sizes[k], etas[e]);
        }
    }
    return EXIT_SUCCESS;
}
