/* plane: the stationary points of the loss for d = 2 (docs/mathematics.md 4.4).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_PLANE_H
#define RFI_PLANE_H

#include "base/dd.h"
#include "model/problem.h"

/* Sides of a line, by the sign of e . w. */
enum { RFI_ON_PLUS = 0, RFI_ON_MINUS = 1 };

/* The data of one kink line in a scaled problem: x_i = F_i e with the normal e.  On a side the line
 * adds curvature e e^T to H and pull e to b, over its data with a slope there. */
typedef struct rfi_plane_line {
    double e[2];         /* angle in [-90, 90) degrees, length in [1/2, 1)             */
    rfi_dd curvature[2]; /* per side: sum c sigma'^2 F^2                               */
    rfi_dd pull[2];      /* per side: sum c sigma' y F                                 */
    double size[2];      /* per side: sum c sigma' |y F|                               */
    int64_t rows[2];     /* per side: data with a slope                                */
    int64_t datum;       /* the row of lowest index                                    */
    int8_t flipped;      /* 1 if e points against that row                             */
    int8_t net;          /* sign of Gamma; 0 where problem.h says that it cancels      */
} rfi_plane_line;

/* The lines, sorted by the angle of e; lengths of w are 2^w_exponent, losses 2^loss_exponent, times
 * those of the scaled problem. */
typedef struct rfi_plane {
    int64_t count;
    rfi_plane_line *line;
    rfi_dd labels; /* sum c y^2 */
    int w_exponent, loss_exponent;
} rfi_plane;

/* RF_ERROR_MEMORY, or RF_ERROR_NUMERICAL when the data span too many powers of two. */
rf_status rfi_plane_create(rfi_plane *plane, const rfi_problem *problem);
void rfi_plane_free(rfi_plane *plane, const rf_allocator *allocator);

/* H and b over the data that have a slope somewhere, as sums of lines. */
typedef struct rfi_plane_sums {
    rfi_dd H[3]; /* H_11, H_12, H_22                                              */
    rfi_dd b[2];
    double size;   /* sum of the sizes of the terms of b                            */
    int64_t rows;  /* data with a slope                                             */
    int64_t lines; /* lines that have some                                          */
    int64_t which; /* sum of their indices: if lines is 1, which it is              */
} rfi_plane_sums;

/* How safely a number is not zero: it is; it is zero by structure or to the last bit of the
 * arithmetic; it is zero for data changed by their rounding. */
enum { RFI_CLEAR = 0, RFI_ZERO = 1, RFI_CLOSE = 2 };

rfi_plane_sums rfi_plane_sums_add(const rfi_plane_sums *a, const rfi_plane_sums *b);
rfi_plane_sums rfi_plane_sums_line(const rfi_plane *plane, int64_t g, int side);

double rfi_plane_trace(const rfi_plane_sums *sums);

/* 0, 1 or 2; *doubtful tells that the number hangs on rounding. */
int rfi_plane_rank(const rfi_plane_sums *sums, int *doubtful);

/* RFI_CLEAR, RFI_ZERO or RFI_CLOSE for a value made of terms of that size over so many data. */
int rfi_plane_zero(double value, double size, int64_t rows);

/* w = H^{-1} b for rank 2. */
void rfi_plane_solve(const rfi_plane_sums *sums, double *w);

/* L(w) of the scaled problem in the cone of the sums. */
double rfi_plane_loss(const rfi_plane *plane, const rfi_plane_sums *sums, const double *w);

/* Whether 0 lies in the convex hull of vectors given one by one: the wedge they span so far. */
typedef struct rfi_plane_hull {
    int begun;
    int inside; /* 1 if it does, beyond doubt                    */
    int touch;  /* else RFI_ZERO or RFI_CLOSE if it is on the edge, RFI_CLEAR if not */
    rfi_dd lo[2], hi[2];
    double lo_size, hi_size;
} rfi_plane_hull;

void rfi_plane_hull_add(rfi_plane_hull *hull, const rfi_plane_sums *sums);

/* All stationary points, the origin first, the others by angle; the block is the caller's. */
rf_status rfi_plane_points(const rfi_problem *problem, rf_stationary_point **points,
                           int64_t *count);

#endif
