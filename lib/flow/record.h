/* record: the append-only history of a run: its stretches of constant pattern, its events, and the
 * changes of the pattern between them.  Everything about the past is rebuilt from it.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_RECORD_H
#define RFI_RECORD_H

#include "model/pattern.h"

/* A stretch: w is known at `anchor`, the stretch begins at `begin` (later than the anchor only for
 * the linear neuron, whose segment outlives its crossings).  For descent: iterates of step eta. */
typedef struct rfi_stretch {
    double begin, anchor, eta;
    int64_t steps;        /* descent: how many were taken in this stretch     */
    int64_t first_event;  /* events that led to it, in the list of events   */
    int64_t first_change; /* changes that led to it, in the list of changes */
} rfi_stretch;

typedef struct rfi_change {
    int64_t line;
    int8_t side;
    uint8_t stand, bound;
} rfi_change;

typedef struct rfi_record {
    rf_allocator allocator;
    int64_t d;           /* of the weights of all neurons                          */
    int on;              /* 0: only the present stretch is kept, and no events */
    rfi_pattern initial; /* of stretch 0                                       */
    rfi_stretch *stretch;
    int64_t *place;      /* of a stretch: the row of weights that is w at its anchor; -1: w follows from
                            the stretch before (docs/mathematics.md 6)                       */
    double *weights;     /* kept x d                                                    */
    int64_t kept;
    int passing;         /* the weights of the last stretch go when another one comes   */
    int64_t dropped;     /* how many have gone in a row                                 */
    int64_t stretches, stretch_room, place_room, weight_room;
    rf_event *event;
    int64_t events, event_room;
    rfi_change *change;
    int64_t changes, change_room;
    int64_t event_count; /* since init, recorded or not                        */
} rfi_record;

int rfi_record_create(rfi_record *record, const rfi_problem *problem);
int rfi_record_copy(rfi_record *record, const rfi_record *from);
void rfi_record_free(rfi_record *record);

/* Forgets everything. */
void rfi_record_clear(rfi_record *record);
/* Makes room for one stretch and so many events and changes: what follows cannot fail. */
int rfi_record_reserve(rfi_record *record, int64_t events, int64_t changes);
/* Makes room for so many more of each; what is there stays.  Returns 0 on success. */
int rfi_record_room(rfi_record *record, int64_t stretches, int64_t events, int64_t changes);
/* With recording off, drops the events that were already handed out. */
void rfi_record_forget(rfi_record *record, int64_t *delivered);
void rfi_record_stretch(rfi_record *record, const rfi_stretch *stretch, const double *w);
/* The weights of the last stretch may go when another one comes; every so many are kept all the same. */
void rfi_record_pass(rfi_record *record, int64_t every);
/* The weights of the last stretch are those; and they go whatever was kept before (passes). */
void rfi_record_amend(rfi_record *record, const double *w);
void rfi_record_passes(rfi_record *record);
/* w at the anchor of a stretch, NULL if it was not kept; that of the first and the last one is. */
static inline const double *rfi_record_weights(const rfi_record *record, int64_t k)
{
    return record->place[k] < 0 ? NULL : record->weights + record->place[k] * record->d;
}
void rfi_record_event(rfi_record *record, const rf_event *event);
void rfi_record_change(rfi_record *record, const rfi_change *change);

/* The kind of event by which a datum passes from one state to another; 0: none. */
int32_t rfi_record_kind(uint8_t before, uint8_t after);

/* The stretch that holds time t: the last that begins at or before it. */
int64_t rfi_record_find(const rfi_record *record, double t);

#endif
