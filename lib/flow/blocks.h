/* blocks: the segment of one neuron on much data (docs/mathematics.md 1): the matrix sqrt(C) J N is decomposed
 * from blocks of its rows, and neither it nor its left singular vectors are ever stored.
 *
 * The rows of [tangent parts, normal parts, sqrt(c) r, sqrt(c) y] are brought to a triangle R block by block, by
 * Householder reflections of R on top of the block, so that nothing is squared; with the SVD W S Q^T of its first
 * part the left singular vectors are U = Q_R W, and what is formed from them are products of W with the other
 * columns of R.  A row of U is u_kj = sqrt(c_k) sigma'_k a x_k . q_j/s_j where one is needed.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_BLOCKS_H
#define RFI_BLOCKS_H

#include "base/tile.h"
#include "model/pattern.h"

struct rfi_segment;
struct rfi_workspace;

typedef struct rfi_blocks {
    rfi_tile product;
    rfi_team *team;      /* that helps, or NULL                                     */
    int64_t columns, ld; /* of R: d + 2, padded                                     */
    int64_t rows;        /* of a block                                              */
    double *R;           /* ld x ld, the upper triangle                             */
    double *B;           /* rows x ld: the block; then the reflectors; of the caller */
    double *T;           /* scratch: 4 PANEL x PANEL and 2 PANEL x ld               */
    double *left;        /* d x d: W; of the caller                                 */
    int summed;          /* the modes are those of H, W is not formed                */
    double scale;        /* a power of two: R is that of the rows times it          */
    const double *H;     /* of the pattern, rows padded, from its events, or NULL; of the caller */
} rfi_blocks;

/* 1 if a problem is so large that the n x d matrices are to be avoided. */
int rfi_blocks_pay(const rfi_problem *problem);
int rfi_blocks_create(rfi_blocks *blocks, const rfi_problem *problem);
void rfi_blocks_free(rfi_blocks *blocks, const rf_allocator *allocator);

/* R of no rows. */
void rfi_blocks_clear(rfi_blocks *blocks);
/* Takes the first `count` rows of B into R. */
void rfi_blocks_add(rfi_blocks *blocks, int64_t count);

/* R from b->H for the rows that a segment has collected, b->scale chosen: 0 if that is as good as from the rows, but
 * for what the rates tell, once they are there. */
int rfi_blocks_from_sums(struct rfi_segment *segment, const rfi_problem *problem, struct rfi_workspace *ws);
/* The modes from there; 0 if the rates tell that they are as good. */
int rfi_blocks_modes_of_sums(struct rfi_segment *segment, struct rfi_workspace *ws);
/* rfi_segment_build for a workspace that has blocks. */
rf_status rfi_blocks_build(struct rfi_segment *segment, const rfi_problem *problem,
                           const rfi_pattern *pattern, struct rfi_workspace *ws);
/* Sums over the rows of a segment, u_j . (normal part) for a mode j, and -sum r_k normal_k. */
void rfi_blocks_normal(const struct rfi_segment *segment, const rfi_blocks *blocks, int64_t mode,
                       double *column);
void rfi_blocks_hold(const struct rfi_segment *segment, const rfi_blocks *blocks, double *hold);

#endif
