/* bounds.h: how far a result may lie from its reference, each bound derived.
 * SPDX-License-Identifier: MIT
 *
 * The two measured bounds, for a case of condition kappa_t, kappa_w (relative change of an event
 * time, of the end, per relative change of the data):
 *
 *     |dt| <= (1e-12 + 1e-14 kappa_t) t,      |dw| <= (1e-14 + 1e-14 kappa_w) |w|.
 *
 * They ask that the result be the exact one for data disturbed by 1e-14, 45 units of rounding: the
 * few dozen roundings of one decomposition per segment.  The other bounds follow from these two. */
#ifndef ORACLE_BOUNDS_H
#define ORACLE_BOUNDS_H

#include "vectors.h"

typedef struct oracle_bounds {
    const vector_case *v;
    double kappa_t, kappa_w;
    double size;            /* largest |w| among the reference points */
    double gradient_size;   /* sum c |x| (|y| + |x| size) */
} oracle_bounds;

oracle_bounds bounds_of(const vector_case *v);

double bound_time(const oracle_bounds *b, double t);

/* scale is |w| at the end; along the way the largest |w| so far, as what was lost before is not
 * regained. */
double bound_weight(const oracle_bounds *b, double scale);

/* z_i = x_i . w: |x_i| |dw| and the d roundings of the dot product. */
double bound_margin(const oracle_bounds *b, int64_t i, double weight_error);

/* L = 1/2 sum c r^2: sum c |r| dr + 1/2 sum c dr^2 and n roundings, with
 * dr_i = |x_i| |dw| + (d + 2) eps (|x_i||w| + |y_i|); w is the reference. */
double bound_loss(const oracle_bounds *b, const double *w, double weight_error);

/* theta of the kinks that slide in the given state. */
double bound_theta(const oracle_bounds *b, const uint8_t *state);

/* alpha_i(t), see the derivation at the function. */
double bound_alpha(const oracle_bounds *b, int64_t i, double t);

/* The velocity at w = 0 in the given state, see the derivation at the function. */
double bound_velocity(const oracle_bounds *b, const uint8_t *state);

/* w . w' along the flow: dw and dw' = H dw, both bound_weight, and the roundings of w'. */
double bound_rate(const oracle_bounds *b);

/* A zero of w . w' at t, slope its derivative there: bound_rate moves it by bound_rate / |slope|;
 * no more is asked than of an event. */
double bound_failure(const oracle_bounds *b, double t, double slope);

#endif
