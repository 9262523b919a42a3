/* limit: what the limit of a run must satisfy, asked of its w alone and not of the modes that led there
 * (docs/mathematics.md 2).  Pure; the caller owns the arrays.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_LIMIT_H
#define RFI_LIMIT_H

#include "model/pattern.h"

/* 1 if w is on the right side of every kink, to the rounding of x . w on a way of length `far`.  A team, or NULL, helps
 * here and below. */
int rfi_limit_is_consistent(const rfi_problem *problem, const rfi_pattern *pattern, const double *w,
                            double far, rfi_team *team);
/* 1 if no component of the gradient is left of a neuron without slides, to three digits of what it is the sum of or to
 * rounding.  vector: scratch of four times the doubles of w, or n if that is more. */
int rfi_limit_is_stationary(const rfi_problem *problem, const rfi_pattern *pattern, const double *w,
                            double *vector, rfi_team *team);

#endif
