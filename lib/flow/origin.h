/* origin: the inner flow omega' = v(pattern of omega), piecewise constant, by which a trajectory leaves
 * w = 0 (docs/mathematics.md 3 and 4.2).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_ORIGIN_H
#define RFI_ORIGIN_H

#include "flow/event.h"
#include "flow/resolve.h"

/* How the inner flow ends, as RF_INNER_ENDING. */
enum { RFI_ESCAPE = 1, RFI_DEAD = 2, RFI_COLLAPSE = 3, RFI_FROZEN = 4 };

typedef struct rfi_inner {
    rfi_resolver *resolver;
    double *omega; /* d: in the start, out where it escaped                                */
    double *zero;  /* d: zeros                                                             */
    double *place; /* d: omega where it escaped                                            */
    double size;   /* the largest |omega| since the start or the last collapse: what omega
                      is rounded against                                                   */
    double s;      /* the inner time                                                       */
    int ending;
    int ambiguous;
    int doubtful;    /* of rfi_frozen_settle, or rounding ended the inner flow             */
    int transversal; /* omega arrives at its kinks with a velocity of a higher order: it crosses */
    uint8_t *state;  /* n: of every datum, before the next event                           */
    uint8_t *before; /* n: before the last instant with events                             */
    rf_event *event; /* of the last run that was recorded                                  */
    int64_t events, event_room;
    int64_t kept; /* of them, those that were there before a start */
} rfi_inner;

int rfi_inner_create(rfi_inner *inner, rfi_resolver *resolver, const rfi_data *data);
void rfi_inner_free(rfi_inner *inner, const rf_allocator *allocator);

/* Runs the inner flow from the velocity of an arrival at the origin, in inner->omega; its margins are
 * known to rounding only.  On escape, pattern is that of the outer flow at w = 0 and resolver->v its
 * velocity. */
rf_status rfi_inner_run(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern);

/* The same from a given direction, whose margins are taken as exact, with its events recorded: inner
 * flow of a vanishing initialization.  What the second order changes at s = infinity, and what follows
 * from it, is not an event. */
rf_status rfi_inner_start(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern);

/* Goes on from a frozen inner flow whose inner->omega has turned onto the kinks of the arrivals. */
rf_status rfi_inner_resume(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern,
                           const rfi_arrival *arrival, int64_t count);

#endif
