/* netfollow: goes through the events of several neurons by chain, and says where it cannot
 * (docs/mathematics.md 7).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_NETFOLLOW_H
#define RFI_NETFOLLOW_H

#include "flow/kink.h"
#include "flow/netchain.h"
#include "flow/scout.h"

/* What a pair does at an event, and what becomes of it. */
typedef struct rfi_hit {
    int64_t j, i; /* neuron and line */
    int32_t what; /* as in rfi_arrival */
    int8_t from, to;
    uint8_t stand;
} rfi_hit;

/* A function that was looked at closely since the anchor: a margin, or a distance of a multiplier to a bound. */
typedef struct rfi_watched {
    int64_t j, i, at; /* at: the position of the slide; -1: a margin */
    int32_t what;
    double start, slope, bend; /* of the function, side times that, and a bound of its second derivative */
    double floor;              /* below which it may be 0                                                */
} rfi_watched;

typedef struct rfi_netfollower {
    rfi_netchain chain;
    int made;
    int ready;     /* the numbers of the problem are taken over            */
    int gathered;  /* the chain is of the present pattern                  */
    int anchored;  /* and of the present stretch                           */
    int measured;  /* keys and paths hold                                  */
    double *path;  /* m: how far a neuron has gone at most                 */
    double *key;   /* m lines: the path at which a pair is to be looked at */
    double *near;  /* m: the least key of a neuron                         */
    rfi_watched *watched; /* m lines + 2 m (d - 1)                         */
    int64_t watching;
    rfi_hit *found; /* m: what was found at an instant, of each neuron one pair */
    rfi_hit *hit;  /* m d: the event that was found, by neuron and line    */
    int64_t hits;
    double time;   /* when it happens                                      */
    int64_t anchors;
    double *line;  /* RFI_NET_ROOM: coefficients                           */
    rfi_kink_work work;
    rfi_kink *kink; /* d: what a neuron is on, the slides first            */
} rfi_netfollower;

int rfi_netfollower_create(rfi_netfollower *f, const rfi_problem *problem);
void rfi_netfollower_free(rfi_netfollower *f, const rf_allocator *allocator);

/* What was known of a pattern or a stretch holds no longer. */
void rfi_netfollow_forget(rfi_netfollower *f);
/* 1 if the numbers of the problem are such that it can be followed. */
int rfi_netfollow_start(rfi_netfollower *f, const rfi_problem *problem);
/* 1 if it can be followed from the pattern on. */
int rfi_netfollow_accepts(rfi_netfollower *f, const rfi_problem *problem,
                          const rfi_pattern *pattern);
/* The next event of the stretch that began at (t0, w0): RFI_SEES, with f->hit and f->time, and the chain at the
 * event with its pairs on their new sides; or why not; RFI_NOT_YET if there is none up to t_end.  want: the step to
 * ask for; patience: anchors without an event after which it tires. */
int rfi_netfollow_find(rfi_netfollower *f, const rfi_problem *problem, const rfi_pattern *pattern,
                       double t0, const double *w0, double t_end, double want, int64_t patience);

#endif
