/* model.h: what a handle holds.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_MODEL_H
#define RFI_MODEL_H

#include "analysis/quantity.h"
#include "flow/descent.h"
#include "flow/flow.h"

/* What an initialized model does; decided by its first run. */
enum { RFI_UNINITIALIZED = 0, RFI_FRESH = 1, RFI_FLOWS = 2, RFI_DESCENDS = 3 };

struct rf_model {
    rf_allocator allocator;
    rfi_problem problem;
    rfi_flow flow;
    rfi_descent descent;
    rfi_record record;
    double *start;     /* D: where the last init began, or the direction of a vanishing one */
    double *scratch;   /* D                                                                 */
    int32_t vanishing; /* the last init had scale 0                                      */
    int32_t mode;
    int32_t recording; /* setting; record.on is that of the run                */
    int32_t threads;
    int32_t in_callback;
    rf_status last_status; /* of the last run                                      */
    int64_t event_limit;
    int64_t delivered;  /* events on record that were handed to the caller      */
    int64_t run_events; /* events of this run                                   */
    int32_t (*callback)(const rf_model *, const rf_event *, void *);
    void *user;
    rfi_message message;
};

/* A model of data that are shared, with so many neurons of outer weights a, and else the settings of a
 * new one. */
rf_status rfi_model_of(rfi_data *data, int64_t neurons, const double *a, rf_model **out);
/* A model with the problem of another. */
rf_status rfi_model_like(const rf_model *model, rf_model **out);
/* 1 if so many neurons fit the sizes of a problem. */
int rfi_model_fits(int64_t n, int64_t d, int64_t neurons);
/* The present time. */
double rfi_model_now(const rf_model *model);
/* What the analysis asks. */
rfi_subject rfi_model_subject(const rf_model *model);

#endif
