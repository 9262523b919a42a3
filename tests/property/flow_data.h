/* flow_data.h: what a flow gave, taken out of the model for checking.
 * SPDX-License-Identifier: MIT */
#ifndef PROPERTY_FLOW_DATA_H
#define PROPERTY_FLOW_DATA_H

#include "problem.h"
#include "run.h"

#include <reluflow/reluflow.h>

typedef struct flow_data {
    const problem *p;
    rf_model *model;        /* run to the limit */
    int64_t event_count;
    rf_event *events;
    int64_t time_count; /* grid: 0, powers of the scale of the flow, between and at the events */
    double *times;          /* ascending, finite */
    double size;            /* largest |w| on the grid and at the limit */
    int flags;
} flow_data;

flow_data *flow_run(const problem *p);
void flow_free(flow_data *f);

/* Runs the problems of a kind with seeds 1 .. seeds to the limit and checks each. */
void flow_each(enum problem_kind kind, uint64_t seeds, void (*check)(const flow_data *f));

/* Asserts, telling the problem; the format takes at least one argument. */
#define flow_check(f, condition, format, ...)                                                      \
    ck_assert_msg(condition, "%s, seed %d: " format, problem_name((f)->p->kind),                   \
                  (int)(f)->p->seed, __VA_ARGS__)

/* 1 if the run says that its pattern or its solution could be another one. */
int flow_uncertain(const flow_data *f);

void flow_at(const flow_data *f, double t, int32_t quantity, double *out);
double flow_value(const flow_data *f, double t, int32_t quantity);

/* State of every datum at time t, from the initial pattern and the events, and theta, which must
 * agree; returns how many slide. */
int64_t flow_states(const flow_data *f, double t, uint8_t *state, double *theta);

/* Largest relative change of w(t), in units of the largest |w|, over the grid and the limit, per
 * unit relative change of X, y and w0: three random disturbances of 2^-30 that keep parallel rows
 * parallel, as all the transformations of these tests do (otherwise the limit, which depends on the
 * rank, would not be continuous).  The result is the condition number the tolerances of the other
 * tests are scaled with. */
double flow_condition(const flow_data *f, uint64_t seed);

/* Tolerance on |w| for two runs that differ in their rounding only.  A run is exact for data
 * disturbed by 1e-14 (45 units of rounding: a few dozen roundings per segment, the bound of the
 * reference vectors); transforming the data adds d + 2 roundings of each number; random
 * disturbances see the worst direction among N numbers to within about sqrt(N) <= 10.  Together
 * below 1e-13 each. */
double flow_tolerance(const flow_data *f, double condition);

#endif
