/* problems.c: the problems of the benchmarks, by name.  SPDX-License-Identifier: MIT */
#include "problems.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "peer_random.h"

static const bench_shape shapes[] = {
    {"tiny", 8, 3, 1, BENCH_POSITIVE},
    {"small", 20, 5, 1, BENCH_POSITIVE},
    {"medium", 200, 20, 1, BENCH_POSITIVE},
    {"large", 2000, 50, 1, BENCH_POSITIVE},
    {"xl", 20000, 100, 1, BENCH_POSITIVE},
    {"xxl", 60000, 784, 1, BENCH_POSITIVE},
    {"signs", 2000, 50, 1, BENCH_SIGNS},
    {"ill", 2000, 50, 1, BENCH_ILL},
    {"network", 50, 5, 50, BENCH_NETWORK},
};

const bench_shape *bench_shape_at(int index)
{
    return index >= 0 && (size_t)index < sizeof shapes / sizeof *shapes ? &shapes[index] : NULL;
}

const bench_shape *bench_shape_named(const char *name)
{
    for (int k = 0; bench_shape_at(k) != NULL; k++) {
        if (strcmp(shapes[k].name, name) == 0) {
            return &shapes[k];
        }
    }
    return NULL;
}

static void add(int64_t d, double factor, const double *x, double *y)
{
    for (int64_t k = 0; k < d; k++) {
        y[k] += factor * x[k];
    }
}

/* Gram-Schmidt, twice, of d Gaussian vectors: the rows of R are orthonormal to rounding. */
static void draw_rotation(peer_random *random, int64_t d, double *R)
{
    peer_random_fill(random, 1.0, R, (size_t)(d * d));
    for (int64_t j = 0; j < d; j++) {
        double *r = R + j * d;
        for (int pass = 0; pass < 2; pass++) {
            for (int64_t k = 0; k < j; k++) {
                add(d, -bench_dot(d, R + k * d, r), R + k * d, r);
            }
        }
        double length = sqrt(bench_dot(d, r, r));
        for (int64_t k = 0; k < d; k++) {
            r[k] /= length;
        }
    }
}

/* x <- (scaled x) R for every row. */
static void deform(const bench_problem *p, peer_random *random)
{
    const int64_t d = p->d;
    double *R = bench_allocate((size_t)(d * d)), *row = bench_allocate((size_t)d);

    draw_rotation(random, d, R);
    for (int64_t i = 0; i < p->n; i++) {
        double *x = p->X + i * d;
        memset(row, 0, (size_t)d * sizeof *row);
        for (int64_t j = 0; j < d; j++) {
            add(d, x[j] * pow(1e-3, (double)j / (double)(d > 1 ? d - 1 : 1)), R + j * d, row);
        }
        memcpy(x, row, (size_t)d * sizeof *x);
    }
    free(R);
    free(row);
}

static double draw_sign(peer_random *random)
{
    return peer_random_uniform(random) < 0.5 ? -1.0 : 1.0;
}

static double draw_label(const bench_shape *shape, peer_random *random, double teacher)
{
    double noise = peer_random_normal(random);

    if (shape->family == BENCH_NETWORK) {
        return noise;
    }
    double label = fmax(teacher, 0.0) + 0.1 * fabs(noise) + 0.001;
    return shape->family == BENCH_SIGNS ? label * draw_sign(random) : label;
}

bench_problem bench_draw(const bench_shape *shape, uint64_t seed)
{
    const size_t n = (size_t)shape->n, d = (size_t)shape->d, m = (size_t)shape->m;
    peer_random random = {(uint64_t)shape->n * 1000003u + seed};
    bench_problem p = {shape->n, shape->d, shape->m, bench_allocate(n * d), bench_allocate(n),
                       bench_allocate(n), bench_allocate(m * d), bench_allocate(m)};
    double *v = bench_allocate(d);

    peer_random_fill(&random, 1.0, p.X, n * d);
    peer_random_fill(&random, 1.0, v, d);
    peer_random_fill(&random, 0.01, p.w0, m * d);
    if (shape->family == BENCH_ILL) {
        deform(&p, &random);
    }
    double length = sqrt(bench_dot(p.d, v, v));
    for (size_t i = 0; i < n; i++) {
        p.y[i] = draw_label(shape, &random, bench_dot(p.d, v, p.X + i * d) / length);
        p.c[i] = 1.0 / (double)n;
    }
    for (size_t j = 0; j < m; j++) {
        p.a[j] = m == 1 ? 1.0 : draw_sign(&random) / sqrt((double)m);
    }
    free(v);
    return p;
}

void bench_release(bench_problem *problem)
{
    free(problem->X);
    free(problem->y);
    free(problem->c);
    free(problem->w0);
    free(problem->a);
}

rf_model *bench_model(const bench_problem *p, uint32_t flags, const rf_allocator *allocator)
{
    rf_model *model = NULL;

    bench_must(rf_model_create_ex(p->n, p->d, p->X, p->d, 1, p->y, flags, allocator, &model, NULL,
                                  0),
               "create");
    bench_must(rf_model_set_data_weights(model, p->c, p->n), "data weights");
    if (p->m > 1) {
        bench_must(rf_model_set_outer_weights(model, p->m, p->a, p->m), "outer weights");
    }
    return model;
}

void bench_start(const bench_problem *p, rf_model *model)
{
    bench_must(rf_model_init(model, p->w0, p->m * p->d), "start");
}
