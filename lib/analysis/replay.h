/* replay: walks through a record again and rebuilds its stretches, for questions about the past and
 * for the quantities that accumulate along the path: alpha and the path length
 * (docs/mathematics.md 4.1).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_REPLAY_H
#define RFI_REPLAY_H

#include "analysis/ledger.h"
#include "flow/descent.h"
#include "flow/record.h"
#include "flow/retrace.h"
#include "flow/segment.h"

/* What a replay carries along. */
enum { RFI_WALK = 0, RFI_WITH_COEFFICIENTS = 1, RFI_WITH_PATH = 2 };

typedef struct rfi_replay {
    const rfi_problem *problem;
    const rfi_record *record;
    int descends; /* the record is of descent                             */
    int carry;
    int light;  /* the segment of the stretch in hand is built only where it is asked for */
    int64_t at; /* the stretch in hand, -1: none                        */
    rfi_pattern pattern;
    rfi_segment segment;
    int built; /* 1: the segment is that of the stretch in hand        */
    rfi_workspace ws;
    rfi_retrace retrace; /* goes through stretches without their segments        */
    rfi_ledger ledger;   /* what it adds up on the way                           */
    const double *w;     /* where the stretch in hand begins; NULL: not known    */
    rfi_iterate iterate;     /* descent: the iterate in hand                         */
    int64_t steps;           /* and its number of steps since the stretch began      */
    rfi_fastforward forward; /* of the stretch, once its lead is behind              */
    double *alpha;           /* m n: at the start of the stretch (descent: the iterate, */
    double path;             /* or the anchor of the form it is on)                   */
} rfi_replay;

rf_status rfi_replay_create(rfi_replay *replay, const rfi_problem *problem,
                            const rfi_record *record, int descends, int carry);
void rfi_replay_free(rfi_replay *replay);

/* Goes to the stretch (or iterate) that holds t; forward from where it is, or again from the
 * start. */
rf_status rfi_replay_seek(rfi_replay *replay, double t);

/* The segment of the stretch in hand, if it is not built. */
rf_status rfi_replay_segment(rfi_replay *replay);
/* Goes by the chain from the begin of the stretch in hand to a time t of it, visit (NULL: nobody) being called
 * with every part: w there into retrace.chain.T.  Returns 0, or -1 where the chain cannot or a segment is cheaper;
 * RF_ERROR_MEMORY. */
int rfi_replay_through(rfi_replay *replay, double t, rfi_visit visit, void *context);

/* alpha (m n) and path length at time t of the stretch in hand (for the flow; t may be INFINITY). */
void rfi_replay_coefficients(rfi_replay *replay, double t, double *alpha);
double rfi_replay_path(const rfi_replay *replay, double t);

#endif
