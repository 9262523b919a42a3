/* origin: the inner flow omega' = v(pattern of omega), piecewise constant, by which a trajectory leaves
 * w = 0 (docs/mathematics.md 3 and 4.2).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_ORIGIN_H
#define RFI_ORIGIN_H

#include "flow/resolve.h"

/* How the inner flow ends, as RF_INNER_ENDING. */
enum { RFI_ESCAPE = 1, RFI_DEAD = 2, RFI_COLLAPSE = 3, RFI_FROZEN = 4 };

typedef struct rfi_inner {
    rfi_resolver *resolver;
    double *omega; /* d: in the start, out where it escaped          */
    double *zero;  /* d: zeros                                       */
    double size;   /* the largest |omega| since the start or the last collapse: what omega is
                      rounded against                                */
    int ending;
    int ambiguous;
} rfi_inner;

/* Runs the inner flow from inner->omega.  On escape, pattern holds the sides of the escaping ray,
 * with every line that the velocity leaves on its kink (or in its open half space, orthogonal to the
 * velocity) held, and resolver->v the velocity. */
rf_status rfi_inner_run(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern);

/* Turns the pattern of an escaping ray into that of the outer flow at w = 0: what is orthogonal to the
 * velocity is decided at second order. */
rf_status rfi_inner_settle(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern);

#endif
