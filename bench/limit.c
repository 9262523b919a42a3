/* limit.c: time to the certified limit and to T = 10.  SPDX-License-Identifier: MIT
 *
 * Problems: problems.h, one seed per problem.  Every time is the processor time from the data in
 * memory to the answer: creating, running and freeing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "problems.h"

enum { MAX_PROBLEMS = 100, MAX_REPETITIONS = 16 };

static const double horizon = 10.0;

typedef struct plan {
    const char *name;
    int problems, repetitions;
} plan;

static const plan plans[] = {{"tiny", 3, 3},   {"small", 51, 5}, {"medium", 15, 3},
                             {"large", 3, 1},  {"xl", 1, 1},     {"signs", 3, 1},
                             {"ill", 3, 1}};

/* What one problem gave. */
typedef struct result {
    double limit_ms, finite_ms, limit_events, finite_events;
} result;

/* One run; w receives w(t_end).  Returns its time in ms. */
static double run_once(const bench_problem *p, double t_end, double *w, double *events)
{
    double start = bench_processor_ms();
    rf_model *model = bench_model(p, 0, NULL);

    bench_start(p, model);
    bench_must(rf_model_integrate(model, t_end), "run");
    bench_must(rf_model_query(model, RF_WEIGHTS, w, p->d), "weights");
    *events = (double)rf_model_event_count(model);
    rf_model_free(model);
    return bench_processor_ms() - start;
}

/* The repetitions of one problem, medians of the times. */
static result measure(const bench_problem *p, int repetitions)
{
    double limit[MAX_REPETITIONS], finite[MAX_REPETITIONS], *w = bench_allocate((size_t)p->d);
    result out = {0};

    for (int r = 0; r < repetitions; r++) {
        limit[r] = run_once(p, INFINITY, w, &out.limit_events);
        finite[r] = run_once(p, horizon, w, &out.finite_events);
    }
    out.limit_ms = bench_median(limit, repetitions);
    out.finite_ms = bench_median(finite, repetitions);
    free(w);
    return out;
}

static double median_of(const result *results, int count, size_t offset)
{
    double values[MAX_PROBLEMS];

    for (int k = 0; k < count; k++) {
        memcpy(&values[k], (const char *)&results[k] + offset, sizeof *values);
    }
    return bench_median(values, count);
}

static void run_size(const plan *size, int problems)
{
    const bench_shape *shape = bench_shape_named(size->name);
    result results[MAX_PROBLEMS] = {{0}};

    for (int k = 0; k < problems; k++) {
        bench_problem p = bench_draw(shape, (uint64_t)k);
        results[k] = measure(&p, size->repetitions);
        bench_release(&p);
    }
#define MEDIAN(field) median_of(results, problems, offsetof(result, field))
    printf("| %-6s | %5d | %3d | %3d | %5.0f | %9.3f | %5.0f | %9.3f |\n", size->name,
           (int)shape->n, (int)shape->d, problems, MEDIAN(limit_events), MEDIAN(limit_ms),
           MEDIAN(finite_events), MEDIAN(finite_ms));
#undef MEDIAN
    fflush(stdout);
}

static int usage(void)
{
    fprintf(stderr, "usage: bench_limit [--sizes tiny,small,medium,large,xl,signs,ill] "
                    "[--problems count]\n");
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
    printf("reluflow %s; medians over problems; processor times in ms; T = %g\n\n",
           rf_version_string(), horizon);
    printf("| size   |     n |   d | prb | ev.   | to limit  | ev. T | to T      |\n");
    printf("| ------ | ----- | --- | --- | ----- | --------- | ----- | --------- |\n");
    for (size_t k = 0; k < sizeof plans / sizeof *plans; k++) {
        if (bench_listed(wanted, plans[k].name)) {
            run_size(&plans[k], problems > 0 ? problems : plans[k].problems);
        }
    }
    return EXIT_SUCCESS;
}
