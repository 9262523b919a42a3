/* problems.h: the problems of the benchmarks, by name.  SPDX-License-Identifier: MIT
 *
 * Every program of this folder draws its data here, those in Python included (they run bench_data).
 * The numbers come from one splitmix64 generator (tests/peers/peer_random.h: normals by Box and
 * Muller from two uniforms each), seeded with 1000003 n + seed and read in this order: the rows of
 * X, the teacher v, w0, then the noise of each label.
 *
 *     positive   Gaussian rows, y = max(v.x, 0) + 0.1 |noise| + 0.001 with a unit vector v
 *     signs      the same with a random sign for every label
 *     ill        positive, the columns of X scaled by 1 .. 1e-3 (equal ratios), then rotated
 *     network    m neurons with outer weights +-1/sqrt(m), Gaussian labels
 *
 * All with the mean loss (c = 1/n), from 0.01 times a Gaussian vector. */
#ifndef BENCH_PROBLEMS_H
#define BENCH_PROBLEMS_H

#include <stdint.h>

#include <reluflow/reluflow.h>

enum { BENCH_POSITIVE, BENCH_SIGNS, BENCH_ILL, BENCH_NETWORK };

typedef struct bench_shape {
    const char *name;
    int64_t n, d, m;
    int family;
} bench_shape;

typedef struct bench_problem {
    int64_t n, d, m;
    double *X, *y, *c;          /* n x d, n, n                                                   */
    double *w0, *a;             /* m x d, m                                                      */
} bench_problem;

/* NULL for a name that is none. */
const bench_shape *bench_shape_named(const char *name);

/* The shapes one after the other; NULL after the last. */
const bench_shape *bench_shape_at(int index);

bench_problem bench_draw(const bench_shape *shape, uint64_t seed);
void bench_release(bench_problem *problem);

/* A model of it, not yet started.  flags and allocator as for rf_model_create_ex. */
rf_model *bench_model(const bench_problem *problem, uint32_t flags, const rf_allocator *allocator);

/* Starts it at w0. */
void bench_start(const bench_problem *problem, rf_model *model);

#endif
