/* measure.h: clocks, medians, counted memory and runs with a time limit, for the benchmarks.
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include <reluflow/reluflow.h>

/* Wall time, and the processor time of all threads together.  What runs in one thread is measured
 * by the latter: on a busy machine wall time measures the others. */
double bench_now_ms(void);
double bench_processor_ms(void);

/* Sorts the values.  NaN for none. */
double bench_median(double *values, int count);

double bench_dot(int64_t d, const double *a, const double *b);

/* |a - b| / |b|. */
double bench_difference(int64_t d, const double *a, const double *b);

/* Zeroed doubles.  Ends the program if there is no memory. */
double *bench_allocate(size_t count);

/* Ends the program, with what was being done, unless status is RF_OK. */
void bench_must(rf_status status, const char *what);

/* Is name an item of the comma-separated list?  "all" lists everything. */
int bench_listed(const char *list, const char *name);

/* An allocator that counts. */
typedef struct bench_counter {
    size_t live, peak;          /* bytes                                                         */
    int64_t calls;              /* of allocate                                                   */
} bench_counter;

rf_allocator bench_counting(bench_counter *counter);

/* A run to t_end, or as far as it came in the given seconds of wall time (0: no limit). */
typedef struct bench_outcome {
    double ms, wall_ms;         /* processor time and wall time of the run                       */
    double time;                /* RF_TIME at its end                                            */
    int64_t events;             /* of this run                                                   */
    int done;                   /* t_end was reached                                             */
    rf_status status;           /* RF_OK, RF_EVENT_LIMIT (out of time), or an error              */
} bench_outcome;

bench_outcome bench_run(rf_model *model, double t_end, double seconds);

#endif
