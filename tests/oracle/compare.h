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
 * instant, which message (of the given size) then tells. */
double oracle_event_error(const vector_case *v, const rf_model *model, char *message, size_t size);

/* |w - w_end| / |w_end|. */
double oracle_weight_error(const vector_case *v, const rf_model *model);

#endif
