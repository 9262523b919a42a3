/* quantity: the values behind rf_model_query, at one moment of a run.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_QUANTITY_H
#define RFI_QUANTITY_H

#include "analysis/replay.h"
#include "flow/follow.h"

/* What a model gives to be asked. */
typedef struct rfi_subject {
    const rfi_problem *problem;
    const rfi_record *record;
    const rfi_segment *segment; /* the present segment, NULL if it is not built */
    const rfi_pattern *pattern; /* the present pattern             */
    const rfi_follower *follower; /* may have H and b of the present stretch */
    const rfi_iterate *iterate; /* the present iterate of descent  */
    int descends;
    double now;
    int32_t flags, status, ending, threads;
    int open; /* at infinity: that is no limit */
} rfi_subject;

/* Buffers of one inquiry, and the moment they hold. */
typedef struct rfi_inquiry {
    const rfi_subject *subject;
    rfi_replay replay;
    int replays;               /* replay was created                        */
    rfi_segment own;           /* the present one, where the subject has none */
    rfi_workspace own_ws;
    int owns;                  /* it was created, and 2: built              */
    rfi_retrace trace;         /* through the present stretch               */
    double *w, *v, *gradient;  /* D                                         */
    double *margin;            /* m n                                       */
    double *residual;          /* n                                         */
    uint8_t *state, *on_kink;  /* m n                                       */
    double *pass_work;
    double *line;  /* scratch of a segment                      */
    double t, tau; /* the moment, and its time in the segment   */
    double loss;
    const rfi_segment *segment; /* of the moment; NULL for descent, and where w is enough */
    const double *at_hand;      /* then w, for the flow                      */
    const rfi_pattern *pattern;
} rfi_inquiry;

/* Size of a quantity, -1 if there is none of this number. */
int64_t rfi_quantity_size(const rfi_problem *problem, int32_t quantity);
/* 1 if the quantity needs the history. */
int rfi_quantity_needs_history(int32_t quantity);
/* 1 if rf_model_evaluate knows it. */
int rfi_quantity_of_weights(int32_t quantity);

/* past: the inquiry will be made at past times too. */
rf_status rfi_inquiry_create(rfi_inquiry *inquiry, const rfi_subject *subject, int32_t quantity,
                             int past);
void rfi_inquiry_free(rfi_inquiry *inquiry);
/* Answers at time t; out is the size of the quantity and may be left half written on failure. */
rf_status rfi_inquiry_answer(rfi_inquiry *inquiry, double t, int32_t quantity, double *out);

/* rf_model_evaluate. */
rf_status rfi_quantity_evaluate(const rfi_problem *problem, const double *w, int32_t threads,
                                int32_t quantity, double *out);

/* Support of one kind at the present moment: marks it in mark (m n). */
rf_status rfi_support_mark(const rfi_subject *subject, int32_t kind, uint8_t *mark);

/* Marks the pairs (m n) that had a part in the flow from its start to the present, inner flow included: without
 * any datum none of whose pairs is marked it is the same. */
void rfi_support_acting(const rfi_subject *subject, uint8_t *mark);

/* RF_DEACTIVATIONS, RF_REACTIVATIONS, RF_FIRST_ACTIVE, RF_LAST_ACTIVE at time t, from the events. */
rf_status rfi_history(const rfi_subject *subject, double t, int32_t quantity, double *out);

/* The projection of w onto the span of the active rows, those of J for all neurons. */
rf_status rfi_least_norm(const rfi_problem *problem, const uint8_t *state, const double *w,
                         double *out);

#endif
