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
/* What counts as rounding of a singular value, beside the cut: those of matrices of dependent columns, of 20 x 5 to
 * 20000 x 64 elements, came out below 3 eps s_1. */
#define RFI_ROUNDED 16.0
/* What labels that agree to rounding may leave of themselves, in units of their sizes and those of the products that
 * fit them: eight times what residuals may. */
#define RFI_LABELS_DIFFER (64.0 * RFI_EPS)
/* The same as in labels_agree of segment_modes.c where U is not formed; g: d doubles. */
int rfi_labels_agree(const rfi_segment *segment, const rfi_problem *problem, double *g);
/* 1 if a singular value that is cut off is more than that: what the data say along its direction is lost. */
static inline int rfi_segment_loses(const rfi_segment *segment, double s, double cut)
{
    return !(s > cut) && s * (double)rfi_larger(segment->rows, segment->D) > RFI_ROUNDED * cut;
}

/* 1 if w and its first two derivatives are in the range of double: finite, and not all of w'' below the least normal
 * number where w' is not 0. */
int rfi_segment_in_range(const rfi_segment *segment);
/* u(0), |Gamma| and their coefficients, from the normal parts.  Returns 0 on success. */
int rfi_segment_multipliers(rfi_segment *segment, const rfi_problem *problem,
                            const rfi_pattern *pattern, const rfi_workspace *ws);

/* Memory of a factor: none for several neurons.  Returns 0 on success. */
int rfi_factor_create(rfi_factor *factor, const rfi_problem *problem);
void rfi_factor_free(rfi_factor *factor, const rf_allocator *allocator);
/* Memory of a tree, once.  Returns 0 on success. */
int rfi_tree_reserve(rfi_tree *tree, const rfi_problem *problem);
void rfi_tree_free(rfi_tree *tree, const rf_allocator *allocator);
/* 1 if a tree can serve rows of this unit. */
int rfi_tree_serves(rfi_tree *tree, const rfi_problem *problem, double unit);
/* The triangle of the rows of a segment in the coordinates V, in units of the tree, d rows of ld; with the columns
 * of residuals and of labels. */
void rfi_tree_fold(rfi_tree *tree, const rfi_segment *seg, const rfi_problem *problem, double *W);
/* q, of d elements, from the coordinates V to those of w. */
void rfi_tree_turn(const rfi_tree *tree, const rfi_data *data, double *q);
/* 1 if the modes of a pattern are to be found without U: many data, none at rest on its kink. */
int rfi_factor_serves(const rfi_factor *factor, const rfi_problem *problem,
                      const rfi_pattern *pattern);
/* From the rows of the segment: s, pull, and Q along the tangent coordinates, and ws->factor.  Returns 0 on
 * success. */
int rfi_segment_factor(rfi_segment *segment, const rfi_problem *problem, rfi_workspace *ws);
/* 1 if all residuals vanish at infinity. */
int rfi_factor_interpolates(const rfi_segment *segment, const rfi_problem *problem,
                            rfi_factor *factor);
/* 1 if that of row k does, whatever the others are, because it lies in the range of U; u: row k of U. */
int rfi_factor_settles(const rfi_segment *segment, const rfi_problem *problem, int64_t k,
                       const double *u);
/* b - H w in the coordinates of the QR of the held lines, normal parts first; NULL if that failed. */
double *rfi_factor_force(const rfi_segment *segment, const rfi_problem *problem,
                         const rfi_workspace *ws);

#endif
