/* iterate: one iterate of descent with what a pass over the data tells of it
 * (docs/mathematics.md 5).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_ITERATE_H
#define RFI_ITERATE_H

#include "model/kernels.h"

typedef struct rfi_iterate {
    double *w, *gradient; /* D                             */
    double *residual;     /* n                             */
    double *margin;       /* m n                           */
    uint8_t *state;       /* m n: RFI_ACTIVE or RFI_INACTIVE */
    double *work;         /* of the pass                   */
    int32_t threads;
} rfi_iterate;

int rfi_iterate_create(rfi_iterate *iterate, const rfi_problem *problem);
void rfi_iterate_free(rfi_iterate *iterate, const rf_allocator *allocator);

/* Evaluates at iterate->w: with the states that the signs of the margins give; with the states
 * it has; and with those, changed for the data whose margin is on the other side.  In the last a
 * margin within rounding of 0 changes nothing unless x . w is 0 exactly: the sign of rounding
 * would change with every step. */
void rfi_iterate_start(rfi_iterate *iterate, const rfi_problem *problem);
void rfi_iterate_evaluate(rfi_iterate *iterate, const rfi_problem *problem);
void rfi_iterate_follow(rfi_iterate *iterate, const rfi_problem *problem);

/* 1 if the sign of the margin of pair i may be that of rounding. */
int rfi_iterate_in_band(const rfi_iterate *iterate, const rfi_problem *problem, int64_t i);
/* The half width of that band at the weights of all neurons: (d + 2) eps sum_l |x_l w_l|. */
double rfi_margin_band(const rfi_data *data, const double *w, int64_t i);

/* next = w - eta gradient (D values; next may be iterate->w).  Returns 0 if that is w, bit for
 * bit. */
int rfi_iterate_step(const rfi_iterate *iterate, double eta, int64_t D, double *next);
/* 1 if the gradient is 0, so that all later iterates are this one. */
int rfi_iterate_rests(const rfi_iterate *iterate, int64_t D);

#endif
