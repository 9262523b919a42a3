/* replay.h: w(t) with the extended precision of long double, for errors of double precision.
 * SPDX-License-Identifier: MIT
 *
 * Takes from a run no more than the order of its events.  Their times and the weights are computed
 * anew: Taylor's series of w' = b - H w until a term no longer counts, Newton's method for each
 * event.  In the end every datum must be on the side that the events have left it on; a wrong order
 * fails there, or before, where an event has no root near its time. */
#ifndef BENCH_REPLAY_H
#define BENCH_REPLAY_H

#include "problems.h"

/* A problem with one neuron whose data only cross their kinks.  t_end INFINITY is the limit, which
 * needs an H of full rank.  w receives d values.  0, or -1 if the order of the events is
 * not right. */
int bench_replay(const bench_problem *problem, const rf_event *events, int64_t count, double t_end,
                 double *w);

/* The same for the events of a model. */
int bench_replay_model(const bench_problem *problem, const rf_model *model, double t_end,
                       double *w);

#endif
