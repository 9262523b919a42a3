/* event: the first certified event of a segment, or the certificate that there is none
 * (docs/mathematics.md 2).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_EVENT_H
#define RFI_EVENT_H

#include "flow/rays.h"
#include "flow/segment.h"
#include "flow/sieve.h"

/* What a line does: reaches its kink, or leaves its slide at u = 0 or at u = |Gamma|; or its neuron leaves
 * w_j = 0. */
enum { RFI_ARRIVES = 0, RFI_LEAVES_LOW = 1, RFI_LEAVES_HIGH = 2, RFI_LEAVES_ORIGIN = 3 };

typedef struct rfi_arrival {
    int64_t line; /* of a neuron that leaves w_j = 0 any */
    int64_t ray;  /* along which it leaves               */
    int32_t what;
    double tau, uncertainty;
} rfi_arrival;

typedef struct rfi_next {
    double tau;           /* INFINITY: certified, no event is left                    */
    int64_t count;        /* lines that act at that instant, to within rounding       */
    rfi_arrival *arrival; /* capacity: lines of all neurons + 2 D + neurons           */
    const rfi_rays *rays; /* of neurons that are held at w_j = 0                      */
    rfi_sieve *sieve;     /* scratch; NULL: every line is searched                    */
    double touch;         /* first touch that rounding cannot tell from an event; INFINITY: none */
} rfi_next;

/* Finds the first event after t0 + from.  line: scratch of 5 modes doubles. */
void rfi_event_find(const rfi_segment *segment, const rfi_problem *problem,
                    const rfi_pattern *pattern, double from, rfi_next *next, double *line);

#endif
