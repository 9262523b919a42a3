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
void rfi_plane_solve(const rfi_plane_sums *sums, rfi_dd *w);

/* L(w) of the scaled problem in the cone of the sums. */
double rfi_plane_loss(const rfi_plane *plane, const rfi_plane_sums *sums, const rfi_dd *w);

/* Whether 0 lies in the convex hull of vectors given one by one: the wedge they span so far. */
typedef struct rfi_plane_hull {
    int begun;
    int inside; /* 1 if it does, beyond doubt                    */
    int touch;  /* else RFI_ZERO or RFI_CLOSE if it is on the edge, RFI_CLEAR if not */
    rfi_dd lo[2], hi[2];
    double lo_size, hi_size;
} rfi_plane_hull;

void rfi_plane_hull_add(rfi_plane_hull *hull, const rfi_plane_sums *sums);

/* An open cone: what has a slope in it. */
typedef struct rfi_plane_cone {
    rfi_plane_sums sums;
    int rank, doubtful;
} rfi_plane_cone;

/* One of the two rays of a line: direction q = e turned by +90 degrees, for half 1 by -90.  On it L
 * has, as far as the other lines go, its minimum at rho q, where the velocity across the ray is v e
 * |e|^-2, for each side its own v. */
typedef struct rfi_plane_ray {
    int64_t line;
    int half;
    double q[2];
    int flat;     /* the other lines do not curve L along the ray: v holds for all of it */
    int doubtful; /* flat to rounding only                                               */
    rfi_dd rho;   /* 0 where it is not clear of 0                                        */
    rfi_dd v[2];  /* per side                                                            */
    int zero[2];  /* per side: how v is zero                                             */
    int rank[2];  /* per side: the rank of the cone there                                */
} rfi_plane_ray;

/* The sides of its line on which the cones before and after a ray lie. */
static inline int rfi_plane_before(const rfi_plane_ray *ray)
{
    return ray->half == 0 ? RFI_ON_PLUS : RFI_ON_MINUS;
}

static inline int rfi_plane_after(const rfi_plane_ray *ray)
{
    return ray->half == 0 ? RFI_ON_MINUS : RFI_ON_PLUS;
}

/* The list in the making. */
typedef struct rfi_plane_list {
    const rfi_plane *plane;
    const rf_allocator *allocator;
    rf_stationary_point *point;
    int64_t count, capacity;
    rfi_plane_hull hull;
    rf_status status; /* what went wrong */
} rfi_plane_list;

rf_stationary_point rfi_plane_blank(int32_t kind, int doubtful);
/* Adds a point of the scaled problem, its w and range in units of 2^exponent. */
void rfi_plane_add(rfi_plane_list *s, const rf_stationary_point *scaled, int exponent);

rfi_plane_cone rfi_plane_cone_of(const rfi_plane_sums *sums);

/* A ray seen with the data of the other lines, then told its cone on a side. */
rfi_plane_ray rfi_plane_look(const rfi_plane *plane, int64_t g, int half,
                             const rfi_plane_sums *others);
void rfi_plane_meet(rfi_plane_ray *r, int side, const rfi_plane_cone *c);

/* List what is stationary on a ray; in a cone between two rays; without kinks in all the plane. */
void rfi_plane_visit_ray(rfi_plane_list *s, const rfi_plane_ray *r, const rfi_plane_sums *others);
void rfi_plane_visit_cone(rfi_plane_list *s, const rfi_plane_cone *c, const rfi_plane_ray *from,
                          const rfi_plane_ray *to);
void rfi_plane_visit_plane(rfi_plane_list *s);

/* All stationary points, the origin first, the others by angle; the block is the caller's. */
rf_status rfi_plane_points(const rfi_problem *problem, rf_stationary_point **points,
                           int64_t *count);

#endif
