/* problem_make.c: random and adversarial problems from a kind and a seed.
 * SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "problem.h"
#include "run.h"

#include <math.h>
#include <string.h>

const char *problem_name(enum problem_kind kind)
{
    static const char *const names[PROBLEM_KIND_COUNT] = {
        "gaussian", "mixed", "weighted", "leaky", "linear", "few", "many", "tiny", "huge",
        "zero labels", "duplicates", "parallel", "grid", "line", "zero rows"};

    return names[kind];
}

static void fill(random_source *source, double *out, int64_t count, double scale)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = scale * random_normal(source);
}

static problem *sized(enum problem_kind kind, random_source *source)
{
    int64_t d = random_integer(source, 2, 6), n = random_integer(source, d + 1, 4 * d);

    if (kind == PROBLEM_FEW) {
        n = random_integer(source, 2, 5);
        d = random_integer(source, n + 1, n + 5);
    } else if (kind == PROBLEM_MANY) {
        d = random_integer(source, 2, 4);
        n = random_integer(source, 30, 60);
    } else if (kind == PROBLEM_LINE) {
        d = 1;
        n = random_integer(source, 1, 8);
    }
    return problem_empty(n, d);
}

static void make_rows_alike(problem *p, random_source *source, int parallel)
{
    static const double factors[] = {-2, -1, -0.5, 0.25, 0.5, 1, 2, 4};
    int64_t lines = p->d + 1 < p->n ? p->d + 1 : p->n;

    /* Factors are powers of two: the rows are parallel exactly. */
    for (int64_t i = lines; i < p->n; i++) {
        double factor = parallel ? factors[random_integer(source, 0, 7)] : 1;
        const double *from = p->X + random_integer(source, 0, lines - 1) * p->d;

        for (int64_t k = 0; k < p->d; k++)
            p->X[i * p->d + k] = factor * from[k];
    }
}

static void make_grid(problem *p, random_source *source)
{
    for (int64_t i = 0; i < p->n * p->d; i++)
        p->X[i] = (double)random_integer(source, -2, 2);
    for (int64_t i = 0; i < p->n; i++)
        p->y[i] = (double)random_integer(source, -2, 2);
    for (int64_t k = 0; k < p->d; k++)
        p->w0[k] = (double)random_integer(source, -2, 2);
}

static void scale_all(problem *p, double row, double label, double start)
{
    for (int64_t i = 0; i < p->n * p->d; i++)
        p->X[i] *= row;
    for (int64_t i = 0; i < p->n; i++)
        p->y[i] *= label;
    for (int64_t k = 0; k < p->d; k++)
        p->w0[k] *= start;
}

/* Rows far from 1, in two ways.  With unit weights |x| = |w| = 1e(+-)50: rates 1e(+-)100, margins
 * 1e(+-)100, and the second derivative of a margin, rate^2 z, 1e(+-)300.  With c = |x|^-2 rows of
 * 1e(+-)150 have rates near 1; c r x and |x|^2 stay finite. */
static void make_extreme(problem *p, random_source *source, double plain, double row, double weight)
{
    if (random_bits(source) & 1) {
        scale_all(p, plain, plain * plain, plain);
        return;
    }
    scale_all(p, row, row, 1);
    p->c = test_doubles(p->n);
    for (int64_t i = 0; i < p->n; i++)
        p->c[i] = weight;
}

static void make_weights(problem *p, random_source *source)
{
    p->c = test_doubles(p->n);
    for (int64_t i = 0; i < p->n; i++)
        p->c[i] = 0.25 + 2 * random_uniform(source);
}

static void adapt(problem *p, random_source *source)
{
    switch (p->kind) {
    case PROBLEM_WEIGHTED: make_weights(p, source); break;
    case PROBLEM_LEAKY:
        p->activation = RF_LEAKY_RELU;
        p->beta = 0.5 * random_uniform(source);
        break;
    case PROBLEM_LINEAR: p->activation = RF_LINEAR; break;
    case PROBLEM_TINY: make_extreme(p, source, 1e-50, 1e-150, 1e300); break;
    case PROBLEM_HUGE: make_extreme(p, source, 1e50, 1e150, 1e-300); break;
    case PROBLEM_ZERO_LABELS:
        for (int64_t i = 0; i < p->n; i += 2)
            p->y[i] = 0;
        break;
    case PROBLEM_DUPLICATES: make_rows_alike(p, source, 0); break;
    case PROBLEM_PARALLEL: make_rows_alike(p, source, 1); break;
    case PROBLEM_GRID: make_grid(p, source); break;
    case PROBLEM_ZERO_ROWS:
        for (int64_t i = 1; i < p->n; i += 3)
            memset(p->X + i * p->d, 0, (size_t)p->d * sizeof *p->X);
        break;
    default: break;
    }
}

problem *problem_make(enum problem_kind kind, uint64_t seed)
{
    random_source source = random_seed(seed * PROBLEM_KIND_COUNT + (uint64_t)kind);
    problem *p = sized(kind, &source);

    p->kind = kind;
    p->seed = seed;
    fill(&source, p->X, p->n * p->d, 1);
    fill(&source, p->y, p->n, 1);
    fill(&source, p->w0, p->d, 1);
    if (kind == PROBLEM_GAUSSIAN)
        for (int64_t i = 0; i < p->n; i++)
            p->y[i] = fabs(p->y[i]);
    adapt(p, &source);
    problem_set_time(p);
    return p;
}

/* The factor f with row i = f row j exactly, 0 if there is none. */
static double multiple(const problem *p, int64_t i, int64_t j)
{
    const double *a = p->X + i * p->d, *b = p->X + j * p->d;
    double factor = 0;

    for (int64_t k = 0; k < p->d && factor == 0; k++)
        if (b[k] != 0)
            factor = a[k] / b[k];
    for (int64_t k = 0; k < p->d; k++)
        if (a[k] != factor * b[k])
            return 0;
    return factor;
}

problem *problem_disturbed(const problem *p, double amount, int keep_parallel, uint64_t seed)
{
    random_source source = random_seed(seed);
    problem *q = problem_copy(p);

    for (int64_t i = 0; i < p->n; i++) {
        double factor = 0;
        int64_t j = 0;

        while (keep_parallel && j < i && (factor = multiple(p, i, j)) == 0)
            j++;
        for (int64_t k = 0; k < p->d; k++) {
            double other = 1 + amount * random_normal(&source);

            q->X[i * p->d + k] = factor != 0 ? factor * q->X[j * p->d + k]
                                             : p->X[i * p->d + k] * other;
        }
        q->y[i] *= 1 + amount * random_normal(&source);
    }
    for (int64_t k = 0; k < p->d; k++)
        q->w0[k] *= 1 + amount * random_normal(&source);
    return q;
}
