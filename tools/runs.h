/* runs.h: many trajectories of one problem, directions x scales, and what came out of each.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_RUNS_H
#define TOOLS_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include <reluflow/reluflow.h>

#include "dataset.h"
#include "network.h"
#include "options.h"
#include "progress.h"

/* What the certificate of the norm says of a trajectory. */
enum norm_verdict {
    NORM_UNKNOWN, /* there is no certificate                  */
    NORM_PROVED,  /* |w| strictly increases                   */
    NORM_REFUTED, /* |w| falls from some time on              */
    NORM_NEITHER  /* |w| never falls, but rests at some time  */
};

/* Numbers that a run does not have are NaN. */
struct run {
    int64_t direction;
    int64_t scale;         /* number in the list                             */
    bool begun;            /* false: the start itself failed                 */
    rf_status status;      /* how the run ended                              */
    bool certified;        /* at its limit                                   */
    int32_t flags;
    int32_t inner_ending;
    int64_t events;        /* without the inner ones                         */
    int64_t inner_events;
    int64_t active;        /* rows at the end; of several neurons, pairs     */
    int64_t sliding;
    double time;
    double loss;
    double norm;
    double start_norm;
    enum norm_verdict verdict;
    double first_failure;
    double accuracy;       /* rounding error to be expected of a limit       */
    int64_t limit;         /* number of the limit, from 1; 0: no limit       */
};

struct runs {
    const struct options *options;
    const struct dataset *data;
    const struct network *network;
    bool certify;          /* whether the norm increases                     */
    int64_t size;          /* weights of all neurons, m d; set by runs_make  */
    double *U;             /* directions x m d                               */
    int64_t directions;
    double *scale;         /* scales                                         */
    int64_t scales;
    struct run *run;       /* directions x scales, a direction after another */
    int64_t count;
    double *weights;       /* count x m d, at the end                        */
};

/* STATUS_OK, or fail() if so many runs cannot be kept; option is the one that gives the number of
 * directions, size that of weights. */
int runs_check_memory(const char *option, int64_t directions, int64_t scales, int64_t size);

/* Takes every run to t_end.  Members up to scales are set; the rest is filled.  Fails only where
 * memory runs out or every run failed. */
int runs_make(struct runs *runs, double t_end);

void runs_free(struct runs *runs);

/* The certificate of a model's trajectory. */
rf_status runs_certify(const rf_model *model, enum norm_verdict *verdict, double *first_failure);

/* ReLU neurons none of whose rows is active at the end: they are 0 on all of them. */
bool runs_dead(const struct runs *runs, const struct run *run);

#endif
