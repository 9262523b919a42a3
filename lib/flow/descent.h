/* descent: gradient descent w <- w - eta grad L(w), sigma'(0) the slope of z < 0
 * (docs/mathematics.md 5).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_DESCENT_H
#define RFI_DESCENT_H

#include "flow/record.h"

/* An iterate with what one pass over the data tells of it. */
typedef struct rfi_iterate {
    double *w, *gradient; /* d                  */
    double *residual;     /* n                  */
    double *margin;       /* n                  */
    uint8_t *state;       /* n: 1 where z_i > 0 */
    double *work;         /* of the pass        */
    int32_t threads;
} rfi_iterate;

int rfi_iterate_create(rfi_iterate *iterate, const rfi_data *data);
void rfi_iterate_free(rfi_iterate *iterate, const rf_allocator *allocator);
/* Evaluates at iterate->w. */
void rfi_iterate_evaluate(rfi_iterate *iterate, const rfi_problem *problem);

typedef struct rfi_descent {
    rfi_iterate now, trial;
    double t, begin, eta; /* t = begin + steps eta since the present stretch began */
    int64_t steps;
} rfi_descent;

int rfi_descent_create(rfi_descent *descent, const rfi_data *data);
void rfi_descent_free(rfi_descent *descent, const rf_allocator *allocator);
void rfi_descent_copy(rfi_descent *descent, const rfi_descent *from, const rfi_problem *problem);

/* Begins at w0, t = 0. */
void rfi_descent_begin(rfi_descent *descent, const rfi_problem *problem, const double *w0,
                       int32_t threads);
/* Sets the step size from here on; a change of it begins a stretch of the record. */
rf_status rfi_descent_set_eta(rfi_descent *descent, rfi_record *record, double eta);
/* Looks one step ahead: the number of data that change sides, -1 if the iterate overflows. */
int64_t rfi_descent_look(rfi_descent *descent, const rfi_problem *problem);
/* Takes the step that was looked at, and records its events. */
rf_status rfi_descent_take(rfi_descent *descent, const rfi_problem *problem, rfi_record *record,
                           int64_t events);

#endif
