/* neuron: one neuron of a network at a fixed state, seen as a single one (docs/mathematics.md 7): with
 * r the residuals without its own share, -grad_j L is that of a single neuron with labels -r_i/a_j and
 * weights c_i a_j^2.  Its labels move as the other neurons do.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_NEURON_H
#define RFI_NEURON_H

#include "flow/segment.h"

typedef struct rfi_neuron {
    const rfi_problem *whole;
    int64_t j;
    rfi_data data;       /* with the labels of neuron j                                */
    rfi_problem problem; /* of the single neuron                                       */
    double one;          /* its outer weight                                           */
    double *labels, *c;  /* n                                                          */
    double *constants;   /* 3 lines: jump, base, width                                 */
    double *velocity;    /* D: w' of all neurons at the state                          */
    double *known;       /* D: the derivative of w in hand                             */
    double *rate;        /* n: of the labels, of one order less                        */
    double *turn;        /* n: of the residuals                                        */
    double *basis;       /* d x d                                                      */
} rfi_neuron;

int rfi_neuron_create(rfi_neuron *one, const rfi_problem *problem);
void rfi_neuron_free(rfi_neuron *one, const rf_allocator *allocator);

/* Neuron j at w = 0. */
void rfi_neuron_at_zero(rfi_neuron *one, int64_t j);
/* Neuron j at any w (D), each neuron active where its margin is positive. */
void rfi_neuron_at(rfi_neuron *one, int64_t j, const double *w);
/* Neuron j at an instant of a segment at which it is on kinks; line: 6 modes doubles. */
void rfi_neuron_on_kink(rfi_neuron *one, int64_t j, const rfi_segment *segment, double tau,
                        double *line);

/* The derivatives of the labels, one order after the other, from one->velocity: begin, then advance
 * with the derivative of w_j of each order; one->rate receives that of the labels of the same order.
 * pattern: of all neurons. */
void rfi_neuron_begin(rfi_neuron *one);
/* Multiplies the derivative in hand by 2^exponent: a change of unit. */
void rfi_neuron_scale(rfi_neuron *one, int exponent);
void rfi_neuron_advance(rfi_neuron *one, const rfi_pattern *pattern, const double *last);

#endif
