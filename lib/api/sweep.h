/* sweep.h: what a sweep holds.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_SWEEP_H
#define RFI_SWEEP_H

#include "base/crew.h"
#include "api/archive.h"

typedef struct {
    uint8_t *state; /* archived; NULL: not begun, or its start failed */
    int64_t size;
    double t_end;     /* of the last call that took it on                             */
    rf_status status; /* of its last run; RF_STOPPED: not begun, or stopped on its way */
    int32_t wanted;   /* by the present call                                          */
} rfi_sweep_run;

struct rf_sweep {
    rf_allocator allocator;
    rf_model *base; /* the problem and the settings, never run */
    int64_t directions, scales, total;
    double *U, *eps;
    uint64_t digest; /* of problem, settings and starts */
    rfi_sweep_run *run;
    int32_t threads;
    int32_t in_callback;
    int32_t (*callback)(int64_t done, int64_t total, void *user);
    void *user;
    double t_end; /* of the last call             */
    /* While a call runs: */
    int32_t (*progress)(int64_t done, int64_t total, void *user);
    void *progress_user;
    rf_model **worker;
    rfi_crew *crew;
    int64_t *pending; /* the runs it has to do            */
    int64_t pendings;
    int64_t wanted; /* these, and those done before     */
};

/* A model with the problem and the settings of a sweep. */
rf_status rfi_sweep_model(const rf_model *base, rf_model **out);
/* Puts such a model where a run stands. */
rf_status rfi_sweep_stand(rf_model *model, const rfi_sweep_run *run);
/* Whether a list of runs is one: count >= 0, and every index in range.  NULL: 0 .. count - 1. */
int rfi_sweep_lists(const rf_sweep *sweep, int64_t count, const int64_t *runs);

#endif
