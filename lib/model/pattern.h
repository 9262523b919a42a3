/* pattern: where every kink, a pair of a neuron and a line, stands, and from that every datum
 * (docs/mathematics.md 0, 3, 7).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_PATTERN_H
#define RFI_PATTERN_H

#include "model/problem.h"

/* Side of a line, by the margin of its representative. */
enum {
    RFI_DEAD_ORIGIN = -4, /* the neuron is at w_j = 0 for ever: its data are inactive  */
    RFI_AT_ORIGIN = -3,   /* it is held there                                          */
    RFI_REST_MINUS = -2, /* at rest on the kink with theta = 0 */
    RFI_MINUS = -1,
    RFI_SLIDE = 0,
    RFI_PLUS = 1,
    RFI_REST_PLUS = 2 /* at rest on the kink with theta = 1 */
};

/* How a margin stands at the instant from which it is watched: off its kink, or k > 0 when its
 * derivatives of orders 0 .. k - 1 are 0 by definition and that of order k moves it to its side.  For a
 * sliding line the same of its multiplier at the bound. */
enum { RFI_ON_SIDE = 0, RFI_CROSSED = 1, RFI_RELEASED = 2 };

/* Which bound the multiplier of a sliding line starts on. */
enum { RFI_INSIDE = 0, RFI_AT_LOW = 1, RFI_AT_HIGH = 2 };

typedef struct rfi_pattern {
    int64_t lines;  /* of all neurons: index neuron * G + line                              */
    int8_t *side;   /* lines                                                                */
    uint8_t *stand; /* lines: RFI_ON_SIDE, RFI_CROSSED, RFI_RELEASED, ... at the start     */
    uint8_t *bound; /* lines: RFI_INSIDE, RFI_AT_LOW, RFI_AT_HIGH at the segment start      */
} rfi_pattern;

int rfi_pattern_create(rfi_pattern *pattern, int64_t lines, const rf_allocator *allocator);
void rfi_pattern_copy(rfi_pattern *pattern, const rfi_pattern *from);
void rfi_pattern_free(rfi_pattern *pattern, const rf_allocator *allocator);

/* 1 while the margin of a line is 0 for all of the segment. */
static inline int rfi_held(int8_t side)
{
    return side != RFI_MINUS && side != RFI_PLUS;
}

/* 1 if the neuron of that line is at w_j = 0 and stays there. */
static inline int rfi_at_origin(int8_t side)
{
    return side <= RFI_AT_ORIGIN;
}

/* The part of the pattern that is that of neuron j alone. */
static inline rfi_pattern rfi_pattern_of(const rfi_pattern *pattern, const rfi_problem *problem,
                                         int64_t j)
{
    const int64_t lines = problem->data->kinks.count;
    const rfi_pattern part = {lines, pattern->side + j * lines, pattern->stand + j * lines,
                              pattern->bound + j * lines};
    return part;
}

/* RFI_INACTIVE, RFI_ACTIVE or RFI_SLIDING, for a pair of a neuron and a datum, and for all of them. */
uint8_t rfi_pattern_datum(const rfi_problem *problem, const rfi_pattern *pattern, int64_t i);
void rfi_pattern_states(const rfi_problem *problem, const rfi_pattern *pattern, uint8_t *state);

/* The slope of sigma at pair i: 1, beta, or 0; sliding data have none and give 0. */
double rfi_pattern_slope(const rfi_problem *problem, const rfi_pattern *pattern, int64_t i);
/* The slope by which its pull enters w and alpha: 0 where the neuron rests at the origin. */
double rfi_pattern_drive(const rfi_problem *problem, const rfi_pattern *pattern, int64_t i);

#endif
