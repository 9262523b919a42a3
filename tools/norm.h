/* norm.h: how the norm of w changes along a trajectory.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_NORM_H
#define TOOLS_NORM_H

#include <stdbool.h>

#include "experiment.h"
#include "runs.h"

/* |w| and w . w' at a time. */
struct norm_point {
    double time;  /* NaN: there is no such time */
    double norm;
    double rate;
};

struct norm_event {
    bool exists;
    rf_event event;
};

struct norm_report {
    enum norm_verdict verdict;
    double first_failure;      /* NaN unless refuted; then also what follows: */
    struct norm_point before;  /* shortly before it                           */
    struct norm_point at;      /* at it, the right limit                      */
    struct norm_point after;   /* shortly after                               */
    struct norm_event last;    /* the last event before it                    */
    struct norm_event same;    /* the first of its own instant                */
    struct norm_event next;    /* the first event after it                    */
    double drop;               /* the largest by which |w| falls; 0 unless refuted */
    struct norm_point from;    /* from here ...                               */
    struct norm_point to;      /* ... to here                                 */
};

/* Examines a finished experiment. */
int norm_examine(const struct experiment *experiment, struct norm_report *out);

#endif
