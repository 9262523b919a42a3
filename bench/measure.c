/* measure.c: clocks, medians, counted memory and runs with a time limit, for the benchmarks.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double clock_ms(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

double bench_now_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

double bench_processor_ms(void)
{
    return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

double bench_median(double *values, int count)
{
    if (count == 0) {
        return NAN;
    }
    qsort(values, (size_t)count, sizeof *values, ascending);
    return 0.5 * (values[(count - 1) / 2] + values[count / 2]);
}

double bench_dot(int64_t d, const double *a, const double *b)
{
    double sum = 0.0;

    for (int64_t k = 0; k < d; k++) {
        sum += a[k] * b[k];
    }
    return sum;
}

double bench_difference(int64_t d, const double *a, const double *b)
{
    double sum = 0.0;

    for (int64_t k = 0; k < d; k++) {
        sum += (a[k] - b[k]) * (a[k] - b[k]);
    }
    return sqrt(sum / bench_dot(d, b, b));
}

double *bench_allocate(size_t count)
{
    double *block = calloc(count, sizeof *block);

    if (block == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(EXIT_FAILURE);
    }
    return block;
}

void bench_must(rf_status status, const char *what)
{
    if (status != RF_OK) {
        fprintf(stderr, "%s: %s\n", what, rf_status_string(status));
        exit(EXIT_FAILURE);
    }
}

int bench_listed(const char *list, const char *name)
{
    size_t length = strlen(name);

    if (strcmp(list, "all") == 0) {
        return 1;
    }
    for (const char *item = list; item != NULL; item = strchr(item, ',')) {
        item += *item == ',';
        if (strncmp(item, name, length) == 0 && (item[length] == ',' || item[length] == '\0')) {
            return 1;
        }
    }
    return 0;
}

/* The size stands before the block; the block is aligned for any type. */
enum { HEAD = 64 };

static void *count_allocate(size_t size, void *user)
{
    bench_counter *counter = user;
    char *block = size <= SIZE_MAX - HEAD ? malloc(size + HEAD) : NULL;

    if (block == NULL) {
        return NULL;
    }
    memcpy(block, &size, sizeof size);
    counter->calls++;
    counter->live += size;
    if (counter->live > counter->peak) {
        counter->peak = counter->live;
    }
    return block + HEAD;
}

static void count_release(void *block, void *user)
{
    bench_counter *counter = user;
    size_t size;

    if (block != NULL) {
        memcpy(&size, (char *)block - HEAD, sizeof size);
        counter->live -= size;
        free((char *)block - HEAD);
    }
}

rf_allocator bench_counting(bench_counter *counter)
{
    memset(counter, 0, sizeof *counter);
    return (rf_allocator){count_allocate, count_release, counter};
}

/* The run is cut by limits of events that double, so that a run of N events is resumed log2 N times
 * at most; the last one is as large as the time that is left allows at the speed measured. */
bench_outcome bench_run(rf_model *model, double t_end, double seconds)
{
    bench_outcome out = {0};
    int64_t first = rf_model_event_count(model), limit = 1;
    double start = bench_now_ms(), work = bench_processor_ms(), most = 1e3 * seconds;

    if (seconds <= 0.0) {
        out.status = rf_model_integrate(model, t_end);
    } else {
        for (;;) {
            bench_must(rf_model_set_event_limit(model, limit), "event limit");
            out.status = rf_model_integrate(model, t_end);
            out.events = rf_model_event_count(model) - first;
            double left = most - (bench_now_ms() - start);
            double within = left * (double)out.events / fmax(most - left, 1e-6);
            if (out.status != RF_EVENT_LIMIT || within < 1.0) {
                break;
            }
            limit = (int64_t)fmin(within, 8.0 * (double)limit);
        }
        bench_must(rf_model_set_event_limit(model, 0), "event limit");
    }
    out.ms = bench_processor_ms() - work;
    out.wall_ms = bench_now_ms() - start;
    out.events = rf_model_event_count(model) - first;
    out.done = out.status == RF_OK;
    bench_must(rf_model_query(model, RF_TIME, &out.time, 1), "time");
    return out;
}
