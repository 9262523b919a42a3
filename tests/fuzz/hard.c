/* hard.c: problems that are hard for geometry or for arithmetic. SPDX-License-Identifier: MIT */
#include "hard.h"

#include "run.h"

#include <math.h>
#include <string.h>

/* Numbers of one kind: small integers, normal ones, the ends of the range, powers of two. */
static double number(random_source *source, int64_t kind)
{
    static const double ends[] = {0,      -0.0,    1,      -1,      0x1p-1074, -0x1p-1070, 1e-310,
                                  1e-300, -1e-300, 1e-154, -1e-162, 1e154,     -1e154,     1e300,
                                  -1e300, 1e-16,   1e16,   1e8,     -1e-8,     0x1p1023};

    switch (kind) {
    case 0: return (double)random_integer(source, -2, 2);
    case 1: return random_normal(source);
    case 2: return ends[random_integer(source, 0, 19)];
    case 3: return ldexp((double)random_integer(source, -3, 3), (int)random_integer(source, -8, 8));
    default: return random_normal(source) * pow(10, (double)random_integer(source, -5, 5));
    }
}

static int64_t kind_of_numbers(random_source *source)
{
    /* The ends of the range seldom: most of what they give is one overflow. */
    int64_t kind = random_integer(source, 0, 9);

    return kind < 4 ? 0 : kind < 7 ? 1 : kind - 5;
}

static void fill(random_source *source, double *out, int64_t count)
{
    int64_t kind = kind_of_numbers(source);

    for (int64_t k = 0; k < count; k++)
        out[k] = number(source, kind);
}

/* Rewrites a row: zero, a copy or a multiple of another, a unit vector, a sum of two. */
static void bend(problem *p, random_source *source, int64_t i)
{
    static const double factors[] = {1, -1, 2, -0.5, 3, 1e-8, -1e8};
    const double *other = p->X + random_integer(source, 0, p->n - 1) * p->d;
    const double *third = p->X + random_integer(source, 0, p->n - 1) * p->d;
    double factor = factors[random_integer(source, 0, 6)], *row = p->X + i * p->d;
    int64_t kind = random_integer(source, 0, 4);

    for (int64_t k = 0; k < p->d; k++) {
        double value = kind == 0   ? 0
                       : kind == 1 ? other[k]
                       : kind == 2 ? factor * other[k]
                       : kind == 3 ? (double)(k == i % p->d)
                                   : other[k] + third[k];

        row[k] = isfinite(value) ? value : 1;
    }
}

static void bend_labels(problem *p, random_source *source)
{
    int64_t kind = random_integer(source, 0, 5);

    for (int64_t i = 0; i < p->n; i++) {
        if (kind == 0)
            p->y[i] = 0;
        else if (kind == 1)
            p->y[i] = fabs(p->y[i]);
        else if (kind == 2)
            p->y[i] = -fabs(p->y[i]);
        else if (kind == 3 && i > 0)
            p->y[i] = i % 2 ? p->y[0] : -p->y[0];
    }
}

static void weigh(problem *p, random_source *source)
{
    if (random_integer(source, 0, 3) != 0)
        return;
    p->c = test_doubles(p->n);
    fill(source, p->c, p->n);
    for (int64_t i = 0; i < p->n; i++)
        p->c[i] = p->c[i] == 0 ? 1 : fabs(p->c[i]);
}

/* A start on the kink of a row, at 0, or as it is. */
static void place(problem *p, random_source *source)
{
    const double *row = p->X + random_integer(source, 0, p->n - 1) * p->d;
    int64_t kind = random_integer(source, 0, 5);

    if (kind == 0)
        memset(p->w0, 0, (size_t)p->d * sizeof *p->w0);
    if (kind == 1 && p->d > 1) {
        memset(p->w0, 0, (size_t)p->d * sizeof *p->w0);
        p->w0[0] = -row[1];
        p->w0[1] = row[0];
    }
}

problem *hard_problem(uint64_t seed)
{
    random_source source = random_seed(seed ^ 0x9e3779b97f4a7c15u);
    int64_t d = random_integer(&source, 1, 4), n = random_integer(&source, 1, 9);
    problem *p = problem_empty(n, d);
    int64_t bends = random_integer(&source, 0, n);

    p->seed = seed;
    if (random_integer(&source, 0, 3) == 0)
        for (int64_t i = 0; i < n; i++)
            fill(&source, p->X + i * d, d);
    else
        fill(&source, p->X, n * d);
    fill(&source, p->y, n);
    fill(&source, p->w0, d);
    for (int64_t k = 0; k < bends; k++)
        bend(p, &source, random_integer(&source, 0, n - 1));
    bend_labels(p, &source);
    weigh(p, &source);
    place(p, &source);
    p->activation = (int32_t)(random_integer(&source, 0, 5) % 4 % 3);
    p->beta = (double)random_integer(&source, 0, 3) / 4;
    return p;
}
