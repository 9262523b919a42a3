/* verge: on which side of a bound a new slide of a network begins where the first order cannot tell
 * (docs/mathematics.md 7, at a kink).  Pure; the caller owns the arrays.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_VERGE_H
#define RFI_VERGE_H

#include "flow/segment.h"

/* The sign of u (top = 0) or |Gamma| - u (top = 1) that would hold a line of neuron j at tau, 0 where rounding
 * hides it.  It is looked at where it vanishes at infinity but for the pulls of idle data: its modes are then
 * known, however small they have become.  g: the direction with x . g = 1 along which the line acts, orthogonal
 * to what else the neuron is held by; l: n + modes doubles. */
int8_t rfi_verge_sign(const rfi_segment *segment, const rfi_problem *problem,
                      const rfi_pattern *pattern, int64_t j, int64_t line, const double *g, int top,
                      double tau, double *l);

#endif
