/* descent: gradient descent w <- w - eta grad L(w), sigma'(0) the slope of z < 0
 * (docs/mathematics.md 5).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_DESCENT_H
#define RFI_DESCENT_H

#include "flow/fastforward.h"
#include "flow/record.h"

/* A stretch of the record has at most so many steps. */
#define RFI_MOST_STEPS ((int64_t)1 << 62)

typedef struct rfi_descent {
    rfi_iterate now, trial;
    rfi_fastforward forward; /* of the present stretch, anchored after its lead              */
    int64_t end;             /* the step of the stretch that it does not reach               */
    int64_t ahead;           /* steps from now to the trial                                  */
    double t, begin, eta;    /* t = begin + steps eta since the present stretch began        */
    int64_t steps;
    int32_t flags; /* of the events of the last step taken                         */
} rfi_descent;

/* The memory for steps: asked for before the first one, for most models take none.  Returns 0 on success, also if
 * it is there. */
int rfi_descent_reserve(rfi_descent *descent, const rfi_problem *problem);
void rfi_descent_free(rfi_descent *descent, const rf_allocator *allocator);
void rfi_descent_copy(rfi_descent *descent, const rfi_descent *from, const rfi_problem *problem);

/* Begins at w0, t = 0. */
void rfi_descent_begin(rfi_descent *descent, const rfi_problem *problem, const double *w0,
                       int32_t threads);
/* Goes on at w with the states of the data on record; t, begin, eta and steps are the caller's to
 * set.  With them, w and the states a run is resumed bit for bit. */
void rfi_descent_resume(rfi_descent *descent, const rfi_problem *problem, const double *w,
                        const uint8_t *state, int32_t threads);
/* Sets the step size from here on; a change of it begins a stretch of the record. */
rf_status rfi_descent_set_eta(rfi_descent *descent, rfi_record *record, double eta);
/* Looks ahead: one step, or as many (most at most, descent->ahead) as surely have no event.
 * *changes receives the number of data that change sides in the one step.  Fails with
 * RF_ERROR_NUMERICAL if the iterate overflows, with RF_ERROR_MEMORY, and then has changed
 * nothing. */
rf_status rfi_descent_look(rfi_descent *descent, const rfi_problem *problem,
                           const rfi_record *record, int64_t most, int64_t *changes);
/* Takes the steps that were looked at, and records the events. */
rf_status rfi_descent_take(rfi_descent *descent, const rfi_problem *problem, rfi_record *record,
                           int64_t changes);

#endif
