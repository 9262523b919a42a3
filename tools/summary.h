/* summary.h: the runs of one scale in a few numbers.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_SUMMARY_H
#define TOOLS_SUMMARY_H

#include <stdint.h>

#include "limits.h"
#include "runs.h"

enum { INNER_ENDINGS = RF_INNER_FROZEN + 1, NORM_VERDICTS = NORM_NEITHER + 1 };

struct spread {
    double least; /* NaN where there is no run */
    double median;
    double most;
};

struct summary {
    double scale;
    int64_t runs;
    int64_t failed;      /* runs that ended by an error         */
    int64_t stopped;     /* by the event limit                  */
    int64_t certified;   /* at a limit                          */
    int64_t limits;      /* different ones                      */
    int64_t dead;
    int64_t not_unique;
    int64_t doubtful;
    int64_t inner[INNER_ENDINGS];
    int64_t norm[NORM_VERDICTS];
    struct spread loss;
    struct spread weight_norm;
    struct spread events;
};

/* Sums up the runs of every scale; out is room for runs->scales of them. */
int summarize(const struct runs *runs, const struct limits *limits, struct summary *out);

#endif
