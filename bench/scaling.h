/* scaling.h: the rows of bench_scaling.  SPDX-License-Identifier: MIT */
#ifndef BENCH_SCALING_H
#define BENCH_SCALING_H

#include <stdint.h>

#include "problems.h"

typedef struct settings {
    double seconds;             /* for one run                                                   */
    int64_t divide;             /* sizes are divided by it; goals hold for 1 only                */
} settings;

/* One line of the table: measured beside its goal.  met: 1, 0, or -1 where there is no goal. */
void scaling_report(const char *what, const char *problem, const char *goal, int met,
                    const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 5, 6)))
#endif
    ;

/* 1 or 0; -1 where nothing can be said: within the goal, but cut short, or with divided sizes. */
int scaling_met(const settings *how, int complete, double value, double goal);

/* The named shape, divided. */
bench_shape scaling_shape(const settings *how, const char *name);
bench_shape scaling_gaussian(const settings *how, int64_t n, int64_t d);

/* A timed run from w0, and how much of it was done. */
typedef struct scaled_run {
    double setup_ms, run_ms, time;  /* create and init; the run; the time of the flow            */
    int64_t events;
    int done;
} scaled_run;

scaled_run scaling_run(const bench_problem *problem, double seconds);

/* " (stopped at T = ... after N events)", or "". */
const char *scaling_ending(const scaled_run *run);

double scaling_us_per_event(const scaled_run *run);

/* The groups of rows. */
void scaling_in_n(const settings *how);
void scaling_in_d(const settings *how);
void scaling_small(const settings *how);
void scaling_recording(const settings *how);
void scaling_memory(const settings *how);
void scaling_signs(const settings *how);
void scaling_ill(const settings *how);
void scaling_network(const settings *how);
void scaling_xxl(const settings *how);

#endif
