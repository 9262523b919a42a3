/* near: which lines may arrive at their kinks within a time, by what is known of each (docs/mathematics.md 6).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_NEAR_H
#define RFI_NEAR_H

#include "base/alloc.h"

/* What lines were when their rows were last read, one array of all lines for each number. */
typedef struct rfi_known {
    double *since, *z;       /* the time since the epoch began, and the margin           */
    double *speed, *change;  /* x . g(t) and x . a of the epoch                          */
    double *norm;            /* |x|                                                      */
    int32_t *slot;           /* of the epoch in the ring                                 */
} rfi_known;

/* What the lines of one epoch have in common where another one begins. */
typedef struct rfi_since {
    double t;             /* since it began                                           */
    double strayed, gone; /* |z - what the epoch tells| <= |x| (strayed - rate since) */
    double rate;          /* and <= |x| (gone + rate since)                           */
    double width, turn;   /* by how much x . (w' - g) and its slope may be off        */
} rfi_since;

int rfi_known_create(rfi_known *known, int64_t lines, const rf_allocator *allocator);
void rfi_known_free(rfi_known *known, const rf_allocator *allocator);

/* The least that the margin of a line on a side may be, h after an epoch has begun, is f_0 + f_1 h + f_2 h^2. */
static inline void rfi_known_least(const rfi_known *known, int64_t line, const rfi_since *by, double side,
                                   double f[3])
{
    const rfi_since *b = by + known->slot[line];
    const double before = known->since[line], change = known->change[line], norm = known->norm[line];
    const double since = b->t - before;
    const double z = known->z[line] + since * (known->speed[line] + 0.5 * since * change);
    const double at_most = b->strayed - b->rate * before, gone = b->gone + b->rate * before;
    f[0] = side * z - norm * (gone < at_most ? gone : at_most);
    f[1] = side * (known->speed[line] + since * change) - norm * b->width;
    f[2] = 0.5 * (side * change - norm * b->turn);
}

/* 1 if f is positive on [0, h]: a concave one where it is so at both ends, a convex one where its first two
 * terms are. */
static inline int rfi_is_positive(const double f[3], double h)
{
    const double line = f[0] + h * f[1];
    return (f[0] > 0.0) & (line > 0.0) & (line + h * h * f[2] > 0.0);
}

/* The lines on a side, 1 or -1, that may arrive within h of the begin of an epoch, ascending, into out; returns
 * how many. */
typedef int64_t rfi_near(int64_t lines, const int8_t *side, const rfi_known *known, const rfi_since *by, double h,
                         int64_t *out);
/* For a level of base/cpu.h: the results are the same. */
rfi_near *rfi_near_at(int level);

#endif
