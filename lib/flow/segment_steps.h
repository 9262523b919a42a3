/* segment_steps: the steps in which rfi_segment_build works, in the order of their calls.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_SEGMENT_STEPS_H
#define RFI_SEGMENT_STEPS_H

#include "flow/segment.h"

/* The lines whose margin stays 0, of every neuron, and their QR.  Returns 0 on success. */
int rfi_segment_hold(rfi_segment *segment, const rfi_problem *problem, const rfi_pattern *pattern,
                     rfi_workspace *ws);
/* From the rows in ws->matrix, normal parts first: s, rate, U and Q.  Returns 0 on success. */
int rfi_segment_decompose(rfi_segment *segment, const rfi_problem *problem,
                          const rfi_pattern *pattern, rfi_workspace *ws);
/* pull, shift, level and aim, and which residuals vanish at infinity. */
void rfi_segment_project(rfi_segment *segment, const rfi_problem *problem,
                         const rfi_pattern *pattern, rfi_workspace *ws);
/* Takes the rounding of x . v out of the pulls for the lines that were released; along: scratch of modes. */
void rfi_segment_release(rfi_segment *segment, const rfi_problem *problem, const rfi_pattern *pattern,
                         double *along);
/* u(0), |Gamma| and their coefficients, from the normal parts. */
void rfi_segment_multipliers(rfi_segment *segment, const rfi_problem *problem,
                             const rfi_pattern *pattern, const rfi_workspace *ws);

#endif
