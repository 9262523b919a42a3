/* vanishing.h: flows from vanishing initialization, taken apart into the inner and the outer one.
 * SPDX-License-Identifier: MIT */
#ifndef PROPERTY_VANISHING_H
#define PROPERTY_VANISHING_H

#include "flow_data.h"

/* The problem of a kind and a seed, started from the limit scale -> 0 along its w0 (along e_1 if w0 is
 * 0, as a grid may have it). */
problem *vanishing_make(enum problem_kind kind, uint64_t seed);

/* flow_each for these problems. */
void vanishing_each(enum problem_kind kind, uint64_t seeds, void (*check)(const flow_data *f));

/* The number of inner events: the first ones of f->events. */
int64_t vanishing_inner(const flow_data *f);

/* 1 if w leaves 0 at t = 0 by an event: a frozen start that lies on the kink it leaves by (integers
 * only).  The state at t = 0 is then the one after that event, and only a run brings it. */
int vanishing_leaves_by_event(const flow_data *f);

/* RF_INNER_ENDING. */
int32_t vanishing_ending(const flow_data *f);

/* What one flow is to another: time factor of the inner events, and data of the second one, datum
 * i having been datum[i] of the first (NULL: i). */
typedef struct vanishing_map {
    double inner_scale;
    const int64_t *datum;
} vanishing_map;

/* 1 if both have the same events: as many inner and outer ones, each datum (and the origin) with
 * the same kinds in the same order; two events of one instant, or nearer than rounding, may have
 * changed places. */
int vanishing_same_events(const flow_data *f, const flow_data *g, const vanishing_map *map);

/* For flows with the same events: the largest error of an inner time, relative, and of an outer
 * one in units of the time of the flow, f->p->time. */
double vanishing_inner_error(const flow_data *f, const flow_data *g, const vanishing_map *map);
double vanishing_outer_error(const flow_data *f, const flow_data *g, const vanishing_map *map);

#endif
