/* resolve: the decision of one neuron at a point on kinks, from its problem: collects the set K, forms velocities and
 * accelerations, and writes the outcome into a pattern (docs/mathematics.md 3).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_RESOLVE_H
#define RFI_RESOLVE_H

#include "flow/kink.h"
#include "flow/neuron.h"

typedef struct rfi_resolver {
    rfi_kink_work work;
    rfi_kink *kink; /* lines: the set K                           */
    int64_t count;
    uint8_t *in_K;  /* lines                                      */
    double *v0;     /* d: velocity with u0 and at0 on K           */
    double *v;      /* d: the velocity                            */
    double *a0;     /* d: base of the next derivative of v        */
    double *last;   /* d: the last derivative of w that is known  */
    double scale;   /* sum of the sizes of the terms of v0        */
    int ambiguous;  /* a solution was chosen among several        */
    double a_scale; /* the size of the terms of a0                */
    int resting;    /* K has lines at rest                        */
    int settled;    /* v, a0 and the ties are known: first order done */
    rfi_neuron *others;        /* moves the labels of the problem; NULL: they stand */
    const rfi_pattern *around; /* the pattern of all neurons, with others           */
} rfi_resolver;

int rfi_resolver_create(rfi_resolver *r, const rfi_data *data);
void rfi_resolver_free(rfi_resolver *r, const rf_allocator *allocator);

void rfi_resolve_begin(rfi_resolver *r);
/* Adds a line to K, with theta = 0 in v0; at as in rfi_kink. */
rfi_kink *rfi_resolve_add(rfi_resolver *r, const rfi_problem *problem, int64_t line, int8_t at);
/* Sets scale from the data off K at w. */
void rfi_resolve_scale(rfi_resolver *r, const rfi_problem *problem, const rfi_pattern *pattern,
                       const double *w);
/* The same without what K itself pulls. */
void rfi_resolve_others(rfi_resolver *r, const rfi_problem *problem, const rfi_pattern *pattern,
                        const double *w);
/* Sets v0 from the data off K at w. */
void rfi_resolve_base(rfi_resolver *r, const rfi_problem *problem, const rfi_pattern *pattern,
                      const double *w);
/* First order only. */
rf_status rfi_resolve_first(rfi_resolver *r, const rfi_problem *problem);
/* All orders; writes side, stand and bound of K into the pattern. */
rf_status rfi_resolve(rfi_resolver *r, const rfi_problem *problem, rfi_pattern *pattern);

#endif
