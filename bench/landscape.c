/* landscape.c: the time to list all stationary points for d = 2.
 * SPDX-License-Identifier: MIT
 *
 * Two families: Gaussian rows with labels max(v.x, 0) + 0.1 |noise|, which have few points, and
 * rows at equal angles with Gaussian labels n times as large, which have about sqrt(n)/2.  The time
 * is from the model to the list, freeing included, the smallest of a few; the last column divides
 * it by n log2 n and stays put if that is the cost. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "peer_random.h"

static void teacher(int64_t n, double *X, double *y)
{
    peer_random random = {(uint64_t)n};

    peer_random_fill(&random, 1.0, X, (size_t)(2 * n));
    for (int64_t i = 0; i < n; i++) {
        double margin = 0.6 * X[2 * i] - 0.8 * X[2 * i + 1];
        y[i] = fmax(margin, 0.0) + 0.1 * fabs(peer_random_normal(&random));
    }
}

static void noise(int64_t n, double *X, double *y)
{
    peer_random random = {(uint64_t)n};

    for (int64_t i = 0; i < n; i++) {
        double angle = 2.0 * acos(-1.0) * (double)i / (double)n;
        X[2 * i] = cos(angle + 0.3);
        X[2 * i + 1] = sin(angle + 0.3);
        y[i] = (double)n * peer_random_normal(&random);
    }
}

static double measure(const rf_model *model, int repetitions, int64_t *points)
{
    double best = INFINITY;

    for (int r = 0; r < repetitions; r++) {
        rf_landscape *landscape = NULL;
        double start = bench_processor_ms();
        bench_must(rf_landscape_create(model, &landscape), "landscape");
        *points = rf_landscape_count(landscape);
        rf_landscape_free(landscape);
        best = fmin(best, bench_processor_ms() - start);
    }
    return best;
}

static void run(const char *name, int64_t n, void (*fill)(int64_t, double *, double *))
{
    double *X = bench_allocate((size_t)(2 * n)), *y = bench_allocate((size_t)n), ms;
    rf_model *model = NULL;
    int64_t points = 0;

    fill(n, X, y);
    bench_must(rf_model_create(n, 2, X, y, &model), "create");
    ms = measure(model, n <= 10000 ? 7 : 3, &points);
    printf("| %-8s | %7lld | %6lld | %8.4f | %13.0f |\n", name, (long long)n, (long long)points,
           1e-3 * ms, 1e6 * ms / ((double)n * log2((double)n)));
    fflush(stdout);
    rf_model_free(model);
    free(X);
    free(y);
}

static int usage(void)
{
    fprintf(stderr, "usage: bench_landscape [--most n]\n");
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    long long most = 100000;

    if (argc != 1) {
        if (argc != 3 || strcmp(argv[1], "--most") != 0 || (most = atoll(argv[2])) < 1000) {
            return usage();
        }
    }
    printf("reluflow %s\n\n", rf_version_string());
    printf("| data     |       n | points | seconds  | ns/(n log2 n) |\n");
    printf("| -------- | ------- | ------ | -------- | ------------- |\n");
    for (int64_t n = 1000; n <= most; n *= 10) {
        run("teacher", n, teacher);
        run("noise", n, noise);
    }
    return EXIT_SUCCESS;
}
