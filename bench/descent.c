/* descent.c: gradient descent of 10^6 and 10^9 steps, fast-forwarded, beside a loop that takes
 * every step.
 * SPDX-License-Identifier: MIT
 *
 * Problems: problems.h, one for each size.  The loop is measured
 * over as many steps as the table says, and its time for more is that times the ratio of the
 * steps; both sides run in this process, one after the other, on the same problem and in one
 * thread. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "problems.h"

typedef struct size {
    const char *name;
    int64_t looped; /* steps the loop is measured over */
} size;

static const size sizes[] = {
    {"small", 1000000},
    {"medium", 1000000},
    {"large", 20000},
};

static const double etas[] = {0.1, 0.001};
static const int64_t counts[] = {1000000, 1000000000};

/* Four partial sums, so that the compiler may use vectors. */
static double dot(int64_t d, const double *a, const double *b)
{
    double sum[4] = {0, 0, 0, 0}, rest = 0.0;
    int64_t k = 0;

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

/* Every step, one pass over the data each.  Returns the time in ms. */
static double run_loop(const bench_problem *p, double eta, int64_t steps, double *w)
{
    double *gradient = bench_allocate((size_t)p->d), start = bench_processor_ms(), elapsed;

    memcpy(w, p->w0, (size_t)p->d * sizeof *w);
    for (int64_t step = 0; step < steps; step++) {
        memset(gradient, 0, (size_t)p->d * sizeof *gradient);
        for (int64_t i = 0; i < p->n; i++) {
            const double *x = p->X + i * p->d;
            double z = dot(p->d, x, w);
            if (z > 0.0) {
                double pull = p->c[i] * (z - p->y[i]);
                for (int64_t k = 0; k < p->d; k++) {
                    gradient[k] += pull * x[k];
                }
            }
        }
        for (int64_t k = 0; k < p->d; k++) {
            w[k] -= eta * gradient[k];
        }
    }
    elapsed = bench_processor_ms() - start;
    free(gradient);
    return elapsed;
}

/* The library, from the data in memory to the last iterate.  Returns the time in ms. */
static double run_library(const bench_problem *p, double eta, int64_t steps, double *w,
                          int64_t *events)
{
    double start = bench_processor_ms();
    rf_model *model = bench_model(p, 0, NULL);

    bench_start(p, model);
    bench_must(rf_model_step(model, eta, steps), "descent");
    bench_must(rf_model_query(model, RF_WEIGHTS, w, p->d), "weights");
    *events = rf_model_event_count(model);
    rf_model_free(model);
    return bench_processor_ms() - start;
}

static void run_size(const size *which, double eta)
{
    const bench_shape *shape = bench_shape_named(which->name);
    bench_problem p = bench_draw(shape, 0);
    double *w = bench_allocate((size_t)p.d), *v = bench_allocate((size_t)p.d);
    double looped = run_loop(&p, eta, which->looped, v), off;
    int64_t events;

    run_library(&p, eta, which->looped, w, &events);
    off = bench_difference(p.d, w, v);
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        double library = run_library(&p, eta, counts[k], w, &events);
        double loop = looped * (double)counts[k] / (double)which->looped;
        printf("| %-6s | %4d | %3d | %5g | %5.0e | %6d | %10.3f | %12.1f%c | %9.3g | %7.1e |\n",
               which->name, (int)p.n, (int)p.d, eta, (double)counts[k], (int)events, library, loop,
               counts[k] == which->looped ? ' ' : '*', loop / library, off);
    }
    free(w);
    free(v);
    bench_release(&p);
}

int main(void)
{
    printf("reluflow %s; processor times in ms; *: extrapolated linearly from 1e6 steps, for large 2e4\n\n",
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
