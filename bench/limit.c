/* limit.c: time to the certified limit, and to T = 10 beside an event-exact Runge-Kutta code.
 * SPDX-License-Identifier: MIT
 *
 * Problems: Gaussian rows, labels max(v.x, 0) + 0.1 |noise| + 0.001 with a random unit v, mean loss
 * (c = 1/n), start 0.01 times a Gaussian vector; one seed per problem.  Every time is the wall time
 * from the data in memory to the answer: creating, running and freeing.  Both sides run in this
 * process, one after the other, on the same problems. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <reluflow/reluflow.h>

#include "peer_random.h"
#ifdef BENCH_SUNDIALS
#include "sundials_flow.h"
#endif

enum { MAX_PROBLEMS = 100 };

static const double horizon = 10.0;

typedef struct size {
    const char *name;
    int n, d, problems, repetitions;
} size;

static const size sizes[] = {
    {"small", 20, 5, 51, 5},
    {"medium", 200, 20, 15, 3},
    {"large", 2000, 50, 3, 1},
};

typedef struct problem {
    int n, d;
    double *X, *y, *c, *w0;
} problem;

/* What one problem gave. */
typedef struct result {
    double limit_ms, finite_ms, peer_ms, difference;
    double limit_events, finite_events, peer_events, peer_steps;
} result;

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void *must_allocate(size_t count)
{
    void *block = calloc(count, sizeof(double));

    if (block == NULL) {
        fprintf(stderr, "bench_limit: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return block;
}

static double dot(int d, const double *a, const double *b)
{
    double sum = 0.0;

    for (int k = 0; k < d; k++) {
        sum += a[k] * b[k];
    }
    return sum;
}

static problem draw(const size *which, int seed)
{
    size_t n = (size_t)which->n, d = (size_t)which->d;
    peer_random random = {(uint64_t)which->n * 1000003u + (uint64_t)seed};
    problem p = {which->n, which->d, must_allocate(n * d), must_allocate(n), must_allocate(n),
                 must_allocate(d)};
    double *v = must_allocate(d);

    peer_random_fill(&random, 1.0, p.X, n * d);
    peer_random_fill(&random, 1.0, v, d);
    peer_random_fill(&random, 0.01, p.w0, d);
    double length = sqrt(dot(p.d, v, v));
    for (size_t i = 0; i < n; i++) {
        double teacher = dot(p.d, v, p.X + i * d) / length;
        p.y[i] = fmax(teacher, 0.0) + 0.1 * fabs(peer_random_normal(&random)) + 0.001;
        p.c[i] = 1.0 / (double)n;
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

/* One run of the library; w receives w(t_end).  Returns its wall time in ms. */
static double run_library(const problem *p, double t_end, double *w, double *events)
{
    rf_model *model = NULL;
    double start = now_ms(), stop;

    if (rf_model_create(p->n, p->d, p->X, p->y, &model) != RF_OK
        || rf_model_set_data_weights(model, p->c, p->n) != RF_OK
        || rf_model_init(model, p->w0, p->d) != RF_OK
        || rf_model_integrate(model, t_end) != RF_OK
        || rf_model_query(model, RF_WEIGHTS, w, p->d) != RF_OK) {
        fprintf(stderr, "bench_limit: the library failed: %s\n", rf_model_error(model));
        exit(EXIT_FAILURE);
    }
    *events = (double)rf_model_event_count(model);
    rf_model_free(model);
    stop = now_ms();
    return stop - start;
}

#ifdef BENCH_SUNDIALS
static double run_peer(const problem *p, double *w, result *out)
{
    peer_problem peer = {p->n, p->d, p->X, p->y, p->c, 0.0};
    peer_options options = {horizon, 1e-10, 1e-12, 0.0};
    peer_run run;
    double start = now_ms(), elapsed;
    int status = peer_integrate(&peer, p->w0, &options, &run);

    if (status == PEER_FAILED) {
        fprintf(stderr, "bench_limit: SUNDIALS failed\n");
        exit(EXIT_FAILURE);
    }
    memcpy(w, run.w, (size_t)p->d * sizeof *w);
    out->peer_events = run.event_count;
    out->peer_steps = (double)run.steps;
    peer_run_free(&run);
    elapsed = now_ms() - start;
    return status == PEER_DONE ? elapsed : NAN;
}
#else
static double run_peer(const problem *p, double *w, result *out)
{
    memset(w, 0, (size_t)p->d * sizeof *w);
    out->peer_events = NAN;
    out->peer_steps = NAN;
    return NAN;
}
#endif

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *values, int count)
{
    if (count == 0) {
        return NAN;
    }
    qsort(values, (size_t)count, sizeof *values, ascending);
    return 0.5 * (values[(count - 1) / 2] + values[count / 2]);
}

/* The repetitions of one problem, medians of the times. */
static result measure(const problem *p, int repetitions)
{
    result out = {0};
    double limit[16], finite[16], peer[16], *w = must_allocate((size_t)p->d);
    double *v = must_allocate((size_t)p->d);

    for (int r = 0; r < repetitions; r++) {
        limit[r] = run_library(p, INFINITY, w, &out.limit_events);
        finite[r] = run_library(p, horizon, w, &out.finite_events);
        peer[r] = run_peer(p, v, &out);
    }
    double norm = sqrt(dot(p->d, w, w));
    for (int k = 0; k < p->d; k++) {
        v[k] -= w[k];
    }
    out.difference = sqrt(dot(p->d, v, v)) / norm;
    out.limit_ms = median(limit, repetitions);
    out.finite_ms = median(finite, repetitions);
    out.peer_ms = isnan(peer[0]) ? NAN : median(peer, repetitions);
    free(w);
    free(v);
    return out;
}

static double median_of(const result *results, int count, size_t offset)
{
    double values[MAX_PROBLEMS];
    int kept = 0;

    for (int k = 0; k < count; k++) {
        double value;
        memcpy(&value, (const char *)&results[k] + offset, sizeof value);
        if (!isnan(value)) {
            values[kept++] = value;
        }
    }
    return median(values, kept);
}

static void print_size(const size *which, const result *results, int count)
{
    double ratios[MAX_PROBLEMS], worst = 0.0;
    int compared = 0, same_count = 0;

#define MEDIAN(field) median_of(results, count, offsetof(result, field))
    printf("| %-6s | %4d | %3d | %3d | %5.0f | %9.3f | %5.0f | %9.3f |", which->name, which->n,
           which->d, count, MEDIAN(limit_events), MEDIAN(limit_ms), MEDIAN(finite_events),
           MEDIAN(finite_ms));
    for (int k = 0; k < count; k++) {
        if (!isnan(results[k].peer_ms)) {
            ratios[compared++] = results[k].peer_ms / results[k].finite_ms;
            worst = fmax(worst, results[k].difference);
            same_count += results[k].finite_events == results[k].peer_events;
        }
    }
    if (compared == 0) {
        printf(" %9s | %6s | %7s | %7s | %8s |\n", "-", "-", "-", "-", "-");
    } else {
        printf(" %9.3f | %6.0f | %7.2f | %3d/%-3d | %8.1e |\n", MEDIAN(peer_ms),
               MEDIAN(peer_steps), median(ratios, compared), same_count, count, worst);
    }
#undef MEDIAN
    fflush(stdout);
}

static void run_size(const size *which, int problems)
{
    result results[MAX_PROBLEMS] = {{0}};

    for (int k = 0; k < problems; k++) {
        problem p = draw(which, k);
        results[k] = measure(&p, which->repetitions);
        release(&p);
    }
    print_size(which, results, problems);
}

/* Is name an item of the comma-separated list? */
static int listed(const char *list, const char *name)
{
    size_t length = strlen(name);

    for (const char *item = list; item != NULL; item = strchr(item, ',')) {
        item += *item == ',';
        if (strncmp(item, name, length) == 0 && (item[length] == ',' || item[length] == '\0')) {
            return 1;
        }
    }
    return 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: bench_limit [--sizes small,medium,large] [--problems count]\n");
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const char *wanted = "small,medium";
    int problems = 0;

    for (int k = 1; k < argc; k += 2) {
        if (k + 1 < argc && strcmp(argv[k], "--sizes") == 0) {
            wanted = argv[k + 1];
        } else if (k + 1 < argc && strcmp(argv[k], "--problems") == 0) {
            problems = atoi(argv[k + 1]);
        } else {
            return usage();
        }
    }
    if (problems < 0 || problems > MAX_PROBLEMS) {
        return usage();
    }
    printf("reluflow %s; medians over problems; times in ms; T = %g\n\n", rf_version_string(),
           horizon);
    printf("| size   |    n |   d | prb | ev.   | to limit  | ev. T | to T      | SUNDIALS  | "
           "steps  | ratio   | same ev | worst dw |\n");
    printf("| ------ | ---- | --- | --- | ----- | --------- | ----- | --------- | --------- | "
           "------ | ------- | ------- | -------- |\n");
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        if (listed(wanted, sizes[k].name)) {
            run_size(&sizes[k], problems > 0 ? problems : sizes[k].problems);
        }
    }
    return EXIT_SUCCESS;
}
