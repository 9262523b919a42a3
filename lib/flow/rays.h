/* rays: when a neuron that is held at w_j = 0 leaves it (docs/mathematics.md 7).  The first-order loss
 *
 *     phi(rho) = -sum_i gamma_ij sigma(x_i . rho) = a_j sum_i c_i r_i sigma(x_i . rho)
 *
 * is linear on every cone of the lines x_i . rho = 0, so that the origin attracts while phi > 0 on the
 * extreme rays of all cones: +-null(X_I) with |I| = d - 1.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_RAYS_H
#define RFI_RAYS_H

#include "flow/segment.h"

typedef struct rfi_rays {
    int built;
    int watched;  /* 0: a neuron at the origin stays there: some omega has X omega < 0           */
    int doubtful; /* 0 is kept for want of a better answer: too many rays, or rows that span less */
    int64_t count; /* of lines through the origin; two rays each                                  */
    double *vector;  /* count x d, of length 1                                                  */
    double *weights; /* n + most modes: scratch                                                 */
} rfi_rays;

/* Finds the rays, if that was not done.  Returns 0, or -1 without memory. */
int rfi_rays_find(rfi_rays *rays, const rfi_problem *problem);
void rfi_rays_free(rfi_rays *rays, const rf_allocator *allocator);

/* Ray number k of 2 count: rho (d). */
void rfi_rays_vector(const rfi_rays *rays, const rfi_problem *problem, int64_t k, double *rho);
/* The side of a line on a ray: -1, 0 or 1. */
int rfi_rays_side(const rfi_problem *problem, int64_t line, const double *rho);
/* The ways out of w_j = 0 at tau, where phi is 0 on the given ray: where it is on several rays of one cone it
 * is on all between them, and that of steepest descent is taken, a positive combination of some of the
 * rays.  side: of every line on it, as rfi_rays_side; p as below. */
void rfi_rays_exit(const rfi_rays *rays, const rfi_segment *segment, const rfi_problem *problem,
                   int64_t j, int64_t ray, double tau, int8_t *side, double *p);
/* phi of neuron j on ray k along a segment; p holds modes doubles. */
rfi_expsum rfi_rays_loss(const rfi_rays *rays, const rfi_segment *segment,
                         const rfi_problem *problem, int64_t j, int64_t k, double *p);

#endif
