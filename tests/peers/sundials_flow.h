/* sundials_flow.h: the flow integrated step by step with SUNDIALS (ARKODE or CVODE) and located
 * events, independent of the library.  SPDX-License-Identifier: MIT */
#ifndef SUNDIALS_FLOW_H
#define SUNDIALS_FLOW_H

#include "peer_pattern.h"

enum {
    PEER_DONE = 0,
    PEER_TIE = 1,               /* an instant this integrator does not resolve: not comparable   */
    PEER_FAILED = 2,            /* memory, or an error of the integrator                         */
    PEER_LATE = 3               /* the allowed seconds were over: the run ended after an event   */
};

/* The integration methods.  Each starts anew after an event. */
enum {
    PEER_DORMAND_PRINCE_5 = 0,  /* ARKODE, explicit Runge-Kutta                                  */
    PEER_CASH_KARP_5,
    PEER_ADAMS,                 /* CVODE, functional iteration                                   */
    PEER_BDF,                   /* CVODE, Newton's method with the dense Jacobian -H             */
    PEER_METHODS
};

/* kind has the values of RF_EVENT_*; speed is the rate of the function that vanished: |x.w'|/|x|
 * for a margin, |theta'| for a multiplier.  The error of time is that of the state over speed. */
typedef struct peer_event {
    double time, speed;
    int datum, kind;
} peer_event;

typedef struct peer_options {
    double t_end, relative, absolute;
    double least_gap;           /* events closer than this times (1 + t) are a tie; 0: never     */
    int method;                 /* one of the above                                              */
    double seconds;             /* of wall time allowed; 0: no limit                             */
} peer_options;

typedef struct peer_run {
    double *w;                  /* d: w(t_end)                                                   */
    peer_event *events;
    int event_count, event_capacity;
    double end_time;            /* t_end, or where it was cut short                               */
    long steps, rhs_calls;
} peer_run;

/* Integrates from w0 at time 0.  Whatever it returns, the run is freed with peer_run_free. */
int peer_integrate(const peer_problem *problem, const double *w0, const peer_options *options,
                   peer_run *run);
void peer_run_free(peer_run *run);

#endif
