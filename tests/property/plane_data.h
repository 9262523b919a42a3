/* plane_data.h: small problems in the plane, and their landscapes seen by definition.
 * SPDX-License-Identifier: MIT */
#ifndef PROPERTY_PLANE_DATA_H
#define PROPERTY_PLANE_DATA_H

#include "problem.h"
#include "run.h"

#include <reluflow/reluflow.h>

enum plane_kind {
    PLANE_GAUSSIAN,     /* labels of both signs, weights                                        */
    PLANE_POSITIVE,
    PLANE_LEAKY,
    PLANE_LINEAR,
    PLANE_ZERO_LABELS,
    PLANE_PARALLEL,     /* rows on few lines, factors of both signs, some labels 0              */
    PLANE_PARALLEL_LEAKY,
    PLANE_GRID,         /* integers from -2 to 2: exact ties, zero rows, repeated rows          */
    PLANE_GRID_LEAKY,
    PLANE_KIND_COUNT
};

const char *plane_name(enum plane_kind kind);

/* A problem with 1 to 8 data; its start is random, on the grid for the grids. */
problem *plane_make(enum plane_kind kind, uint64_t seed);

/* Another start for it. */
void plane_start(problem *p, enum plane_kind kind, random_source *source);

/* Asserts, telling the problem; the format takes at least one argument. */
#define plane_check(kind, seed, condition, format, ...)                                            \
    ck_assert_msg(condition, "%s, seed %d: " format, plane_name(kind), (int)(seed), __VA_ARGS__)

typedef struct plane_list {
    rf_stationary_point *point;
    int64_t count;
} plane_list;

plane_list plane_points(const rf_model *model);
void plane_free(plane_list *list);

/* How far w lies from the point, line, ray or cone p. */
double plane_distance(const rf_stationary_point *p, const double *w);

/* 1 if rows i and k share a kink line; their factors are powers of two, or quotients of
 * integers. */
int plane_parallel(const problem *p, int64_t i, int64_t k);

/* Sum of c_i sigma'_i (y_i - sigma'_i x_i.w) x_i over the data that do not share the line of row k
 * (-1: over all), with the sides of the direction u. */
void plane_velocity(const problem *p, const double *w, const double *u, int64_t k, double *v);

/* H and b over the same data. */
void plane_quadratic(const problem *p, const double *u, int64_t k, long double *H, long double *b);

/* What the data of row k's line add to the velocity on their kink, in units of row k: on the side
 * of x_k.w < 0 and on that of x_k.w > 0. */
void plane_jump(const problem *p, int64_t k, double *minus, double *plus);

#endif
