/* compare.h: a run of the library against a reference vector, as errors and their bounds.
 * SPDX-License-Identifier: MIT */
#ifndef ORACLE_COMPARE_H
#define ORACLE_COMPARE_H

#include "bounds.h"

#include <reluflow/reluflow.h>

/* A model of the case, initialized, not yet run; asserts that nothing fails. */
rf_model *oracle_model(const vector_case *v);

/* One quantity now, as a new array; asserts RF_OK. */
double *oracle_query(const rf_model *model, int32_t quantity);

/* The largest error of an event time in units of the time; -1 if the events differ as sets per
 * instant, which message (of the given size) then tells.  Inner events come first, flagged, and are
 * compared with the inner ones of the case. */
double oracle_event_error(const vector_case *v, const rf_model *model, char *message, size_t size);

/* |w - w_end| / |w_end|. */
double oracle_weight_error(const vector_case *v, const rf_model *model);

/* What rf_model_norm_certificate says of a model run to the end of the case. */
typedef struct oracle_norm {
    int32_t increasing;     /* its answers */
    double failure;
    int constant;           /* the flow does not move: neither proved nor refuted */
    int as_expected;        /* the answers agree with the case but for the rounding of the time */
    double error, bound;    /* of the time, absolute; 0 where it is exact */
} oracle_norm;

oracle_norm oracle_norm_of(const oracle_bounds *b, const rf_model *model);

/* w . w' at t, by rf_model_query_at. */
double oracle_norm_rate(const rf_model *model, double t);

#endif
