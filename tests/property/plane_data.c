/* plane_data.c: small problems in the plane, and their landscapes seen by definition.
 * SPDX-License-Identifier: MIT */
#include "plane_data.h"

#include "algebra.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *plane_name(enum plane_kind kind)
{
    static const char *const names[PLANE_KIND_COUNT] = {
        "gaussian", "positive", "leaky", "linear", "zero labels", "parallel", "parallel leaky",
        "grid", "grid leaky"};

    return names[kind];
}

static int on_grid(enum plane_kind kind)
{
    return kind == PLANE_GRID || kind == PLANE_GRID_LEAKY;
}

static double entry(enum plane_kind kind, random_source *source)
{
    return on_grid(kind) ? (double)random_integer(source, -2, 2) : random_normal(source);
}

void plane_start(problem *p, enum plane_kind kind, random_source *source)
{
    for (int k = 0; k < 2; k++)
        p->w0[k] = entry(kind, source);
}

/* Rows on one to three lines, powers of two times each other; about a third of the labels 0. */
static void make_parallel(problem *p, random_source *source)
{
    static const double factors[] = {-2, -1, -0.5, 0.5, 1, 2};
    int64_t lines = random_integer(source, 1, 3);

    for (int64_t i = 0; i < p->n; i++) {
        double factor = factors[random_integer(source, 0, 5)];

        for (int k = 0; i >= lines && k < 2; k++)
            p->X[2 * i + k] = factor * p->X[2 * (i % lines) + k];
        if (random_integer(source, 0, 2) == 0)
            p->y[i] = 0;
    }
}

problem *plane_make(enum plane_kind kind, uint64_t seed)
{
    random_source source = random_seed(seed * PLANE_KIND_COUNT + (uint64_t)kind);
    problem *p = problem_empty(random_integer(&source, 1, 8), 2);

    p->seed = seed;
    for (int64_t i = 0; i < p->n; i++) {
        p->y[i] = entry(kind, &source);
        for (int k = 0; k < 2; k++)
            p->X[2 * i + k] = entry(kind, &source);
        if (kind == PLANE_POSITIVE)
            p->y[i] = fabs(p->y[i]);
        if (kind == PLANE_ZERO_LABELS && random_integer(&source, 0, 1) == 0)
            p->y[i] = 0;
    }
    if (kind == PLANE_PARALLEL || kind == PLANE_PARALLEL_LEAKY)
        make_parallel(p, &source);
    if (kind == PLANE_GAUSSIAN) {
        p->c = test_doubles(p->n);
        for (int64_t i = 0; i < p->n; i++)
            p->c[i] = 0.25 + 2 * random_uniform(&source);
    }
    if (kind == PLANE_LEAKY || kind == PLANE_PARALLEL_LEAKY || kind == PLANE_GRID_LEAKY) {
        p->activation = RF_LEAKY_RELU;
        p->beta = 0.125 * (double)random_integer(&source, 0, 6);
    }
    if (kind == PLANE_LINEAR)
        p->activation = RF_LINEAR;
    plane_start(p, kind, &source);
    return p;
}

plane_list plane_points(const rf_model *model)
{
    rf_landscape *landscape = NULL;
    plane_list list;

    ck_assert_int_eq(rf_landscape_create(model, &landscape), RF_OK);
    list.count = rf_landscape_count(landscape);
    list.point = test_alloc(list.count, sizeof *list.point);
    for (int64_t i = 0; i < list.count; i++)
        ck_assert_int_eq(rf_landscape_point(landscape, i, &list.point[i]), RF_OK);
    rf_landscape_free(landscape);
    return list;
}

void plane_free(plane_list *list)
{
    free(list->point);
}

/* From the part low <= s <= high of the line w + s d. */
static double from_line(const double *w, const double *start, const double *d, double low,
                        double high)
{
    const double r[] = {w[0] - start[0], w[1] - start[1]};
    const double s = fmin(fmax(r[0] * d[0] + r[1] * d[1], low), high);

    return hypot(r[0] - s * d[0], r[1] - s * d[1]);
}

double plane_distance(const rf_stationary_point *p, const double *w)
{
    static const double zero[] = {0, 0};

    if (p->kind == RF_POINT_FLAT_MINIMUM)
        return from_line(w, p->w, p->direction, p->range[0], p->range[1]);
    if (p->kind == RF_POINT_KINK_RAY)
        return from_line(w, p->w, p->direction, 0, INFINITY);
    if (p->kind != RF_POINT_DEAD_CONE)
        return test_distance(p->w, w, 2);
    if (p->w[0] * w[1] >= p->w[1] * w[0] && w[0] * p->direction[1] >= w[1] * p->direction[0])
        return 0;
    return fmin(from_line(w, zero, p->w, 0, INFINITY),
                from_line(w, zero, p->direction, 0, INFINITY));
}

int plane_parallel(const problem *p, int64_t i, int64_t k)
{
    const double *a = p->X + 2 * i, *b = p->X + 2 * k;

    return a[0] * b[1] == a[1] * b[0] && (a[0] != 0 || a[1] != 0) && (b[0] != 0 || b[1] != 0);
}

void plane_quadratic(const problem *p, const double *u, int64_t k, long double *H, long double *b)
{
    memset(H, 0, 3 * sizeof *H);
    memset(b, 0, 2 * sizeof *b);
    for (int64_t i = 0; i < p->n; i++) {
        const double *x = p->X + 2 * i;
        long double z = (long double)x[0] * u[0] + (long double)x[1] * u[1];
        long double slope = p->activation == RF_LINEAR || z > 0 ? 1 : problem_slope(p);
        long double c = slope * problem_weight(p, i);

        if (k >= 0 && plane_parallel(p, i, k))
            continue;
        for (int j = 0; j < 3; j++)
            H[j] += c * slope * x[j / 2] * x[(j + 1) / 2];
        for (int j = 0; j < 2; j++)
            b[j] += c * p->y[i] * x[j];
    }
}

void plane_velocity(const problem *p, const double *w, const double *u, int64_t k, double *v)
{
    long double H[3], b[2];

    plane_quadratic(p, u, k, H, b);
    v[0] = (double)(b[0] - H[0] * w[0] - H[1] * w[1]);
    v[1] = (double)(b[1] - H[1] * w[0] - H[2] * w[1]);
}

void plane_jump(const problem *p, int64_t k, double *minus, double *plus)
{
    const double *x = p->X + 2 * k;
    long double sides[2] = {0, 0};

    for (int64_t i = 0; i < p->n; i++) {
        const double *a = p->X + 2 * i;
        int large = fabs(x[0]) >= fabs(x[1]) ? 0 : 1;
        long double pull = problem_weight(p, i) * (long double)p->y[i] * a[large] / x[large];

        if (!plane_parallel(p, i, k))
            continue;
        sides[0] += (a[large] / x[large] > 0 ? problem_slope(p) : 1) * pull;
        sides[1] += (a[large] / x[large] > 0 ? 1 : problem_slope(p)) * pull;
    }
    *minus = (double)sides[0];
    *plus = (double)sides[1];
}
