/* flow: the driver, segment -> event -> kink -> next segment.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_FLOW_H
#define RFI_FLOW_H

#include "flow/event.h"
#include "flow/follow.h"
#include "flow/frozen.h"
#include "flow/neuron.h"
#include "flow/origin.h"
#include "flow/record.h"
#include "flow/resolve.h"
#include "flow/resting.h"

/* Of a line that is held until time passes. */
enum { RFI_PINNED = UINT8_MAX };

/* A line that has acted in so many decisions is held by rounding: it rests on its kink whenever it acts, until more
 * than rounding moves it, and from RFI_SPARED on it stays there.  Of 50000 random problems no line acted more than 13
 * times. */
enum { RFI_MOST_ACTS = 64, RFI_SPARED = UINT8_MAX };

/* Beside RF_FLAG_*, and told by RF_CONVERGED: what has been reached is no limit. */
enum { RFI_FLAG_OPEN = 8, RFI_FLAGS_TOLD = RFI_FLAG_OPEN - 1 };

typedef struct rfi_flow {
    const rfi_problem *problem;
    rfi_pattern pattern, fresh; /* now, and under construction           */
    rfi_segment segment, other; /* the same two; t0 and w0 hold always   */
    int built, other_built;     /* all of it is that of its pattern      */
    rf_status failed;           /* why it could not be built             */
    rfi_follower follower;
    double next_time;           /* of the next event                     */
    int by_chain;               /* the follower has found it             */
    rfi_workspace ws;
    rfi_resolver resolver;
    rfi_inner inner;   /* of one neuron at a time              */
    rfi_neuron one;    /* the neuron that is decided           */
    rfi_frozen frozen;
    rfi_rays rays; /* found when a neuron of several is first held at w_j = 0 */
    rfi_next next; /* the next event, once it was looked for */
    rfi_sieve sieve;
    int next_known;
    double *w;        /* D: at the event in hand               */
    uint8_t *origin;  /* m: the event of the neuron itself: 0, RF_EVENT_ORIGIN or _EXIT */
    double t;         /* now; INFINITY at the limit            */
    double from;      /* time into the segment already searched */
    int32_t flags;    /* RF_FLAG_* since init, RFI_FLAG_OPEN   */
    int32_t ending;   /* of the inner flow, 0: there was none; of several neurons the first RFI_ESCAPE,
                         or that of neuron 0 */
    int64_t standing; /* events in a row without progress of t */
    int64_t idle;     /* instants in a row that changed nothing */
    rfi_team team;    /* the threads of a call of the host */
    uint8_t *turns;   /* lines of all neurons: how often each acted in them, or RFI_PINNED */
    uint8_t *acts;    /* behind them: in how many decisions each acted since init, RFI_SPARED at most */
} rfi_flow;

int rfi_flow_create(rfi_flow *flow, const rfi_problem *problem);
rf_status rfi_flow_copy(rfi_flow *flow, const rfi_flow *from);
void rfi_flow_free(rfi_flow *flow);
/* After a move of the flow, or of its problem. */
void rfi_flow_bind(rfi_flow *flow, const rfi_problem *problem);

/* Starts at w0 and clears the record.  On failure nothing has changed. */
rf_status rfi_flow_init(rfi_flow *flow, rfi_record *record, const double *w0);
/* Starts in the limit scale -> 0+ of scale u; the inner events are the first of the record. */
rf_status rfi_flow_init_vanishing(rfi_flow *flow, rfi_record *record, const double *u);

/* 1 if there is an event at or before t_end; looks for it if it is not known. */
int rfi_flow_due(rfi_flow *flow, double t_end);
/* Goes through the next event (rfi_flow_due said so), all of its instant at once.  On failure the flow
 * stands where it stood. */
rf_status rfi_flow_event(rfi_flow *flow, rfi_record *record);
/* Brings the record up to date if w where the present stretch begins has become known after its entry. */
void rfi_flow_amend(rfi_flow *flow, rfi_record *record);
/* At most this many threads from now on, up to the end of the call of the host: there, 1 ends the others. */
void rfi_flow_set_threads(rfi_flow *flow, int32_t threads);
/* What follows is one call of the host; hurries: it asks for w at the end of it only. */
void rfi_flow_hurry(rfi_flow *flow, int hurries);
/* The end of that: w is known where the present stretch begins. */
void rfi_flow_land(rfi_flow *flow, rfi_record *record);
/* Goes through the event of several neurons that the follower has found and decided. */
rf_status rfi_flow_cross_net(rfi_flow *flow, rfi_record *record);
/* Goes to t_end, no event being due; INFINITY is the limit, and RF_ERROR_NUMERICAL if that is not finite. */
rf_status rfi_flow_rest(rfi_flow *flow, double t_end);

/* Decides the pattern after the next event; flow->w becomes where it happens.  *ambiguous and *doubtful
 * are set, never cleared. */
rf_status rfi_flow_decide(rfi_flow *flow, int *ambiguous, int *doubtful);
/* 1 if t is past the last event by more than rounding, and w has moved; flow->w: where it is at t. */
int rfi_flow_passes(const rfi_flow *flow, double t);
/* Puts the line of an arrival to rest on its kink, at the bound it was last at; 0 if it rests there. */
int rfi_flow_rest_line(rfi_flow *flow, const rfi_arrival *arrival);
/* After a decision: a line that acts again and again while no time passes, or w does not move by more than its
 * rounding, is held by rounding: it rests on its kink, at the bound it was last at, until another event stirs it or it
 * is pushed away.  Returns 1 if there was one, or one that leaves such rest, or a line that crosses back at once. */
int rfi_flow_calm_down(rfi_flow *flow, double t);
/* flow->next becomes what lines at rest do of one neuron, if that comes first: they leave. */
void rfi_flow_watch_rests(rfi_flow *flow);
/* 1 if the lines at rest of one neuron are at rest at the limit of the segment. */
int rfi_flow_rests(rfi_flow *flow);
/* In the place of the decision: holds the lines of the next event, and marks them so in turns.  Returns 0, or -1 if
 * a neuron leaves its origin. */
int rfi_flow_pin(rfi_flow *flow);
/* flow->fresh = flow->pattern, everything standing on its side. */
void rfi_flow_copy_pattern(rfi_flow *flow);

/* Parts that the start and an event share.  Neuron one.j at w_j = 0: stands still unless the inner flow
 * from inner.omega, the velocity of the arrival, escapes. */
rf_status rfi_flow_leave_origin(rfi_flow *flow);
/* Freezes at inner.omega: settles flow->fresh, builds the segment of omega, and raises *flags. */
rf_status rfi_flow_freeze(rfi_flow *flow, int32_t *flags);
/* Takes frozen.fresh over, or thaws. */
void rfi_flow_take_frozen(rfi_flow *flow, int on);
/* After an escape, a datum orthogonal to all that moves keeps z = 0, but w has a part of order scale that may
 * turn and free it later, which is not followed: raises *flags unless that is excluded. */
rf_status rfi_flow_doubt_rest(rfi_flow *flow, int32_t *flags);
/* Neuron one.j, whose inner flow has ended without an escape, is held at w_j = 0, for ever if nothing can
 * free it. */
rf_status rfi_flow_hold(rfi_flow *flow);
/* All data of neuron j inactive, at w_j = 0; side is RFI_AT_ORIGIN or RFI_DEAD_ORIGIN. */
void rfi_flow_stop(rfi_flow *flow, int64_t j, int8_t side);
/* Readies the rays if the pattern has a neuron of several held at w_j = 0.  Returns 0 on success. */
int rfi_flow_find_rays(rfi_flow *flow, const rfi_pattern *pattern);
/* Builds flow->other from flow->fresh at (t, flow->w). */
rf_status rfi_flow_build(rfi_flow *flow, double t);
/* The same where the follower can do without: t0 and w0 only. */
rf_status rfi_flow_prepare(rfi_flow *flow, double t);
/* Builds flow->segment if it is not. */
rf_status rfi_flow_segment(rfi_flow *flow);
/* Exchanges the present pattern and segment with those just built. */
void rfi_flow_swap(rfi_flow *flow);

#endif
