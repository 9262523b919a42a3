/* course: w_j . w_j' of one neuron of several along a segment (docs/mathematics.md 7).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_COURSE_H
#define RFI_COURSE_H

#include "flow/segment.h"

/* Orders of derivatives of w_j that are ever formed, w_j itself included. */
enum { RFI_COURSE_ORDERS = 6 };

/* The motion of neuron j along a segment, in units in which neither products nor derivatives leave the range of
 * double. */
typedef struct rfi_course {
    const rfi_segment *segment;
    int64_t j, modes;            /* those that move the neuron; for each:    */
    int64_t *mode;               /* its number in the segment                */
    double *rate, *shift;        /* lambda_l, and v_l / lambda_l             */
    double *part, *aim;          /* |q_l| of this neuron, q_l . w_j(infinity) */
    double *vector;              /* orders x d: w_j and its derivatives      */
    double most[RFI_COURSE_ORDERS];  /* what these do not exceed from now on */
    double noise[RFI_COURSE_ORDERS]; /* what they are rounded against        */
    double length, pace, size;
} rfi_course;

int rfi_course_create(rfi_course *course, const rfi_problem *problem);
void rfi_course_free(rfi_course *course, const rf_allocator *allocator);

/* The first time in [from, until) from which w_j . w_j' < 0, INFINITY: never; *touch is set where it may be 0
 * before. */
double rfi_course_leaves(rfi_course *course, const rfi_segment *segment, int64_t j, double from,
                         double until, int *touch);

#endif
