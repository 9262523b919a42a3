/* test_invariance.c: scaling, permutation, rotation and splitting of the data change the flow in a
 * known way. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "flow_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 12 };

/* What a transformed problem is to the one it was made from. */
typedef struct transformed {
    problem *p;
    double weight_scale, time_scale;    /* w' = weight_scale R w, t' = time_scale t */
    double *rotation;                   /* R, d x d; NULL: identity */
    int64_t *datum;                     /* datum i of p was datum[i] */
    int same_events; /* each datum has one image: the events correspond one by one */
} transformed;

static transformed identity(const problem *p)
{
    transformed t = {problem_copy(p), 1, 1, NULL, test_alloc(2 * p->n, sizeof(int64_t)), 1};

    for (int64_t i = 0; i < p->n; i++)
        t.datum[i] = i;
    return t;
}

static void discard(transformed *t)
{
    problem_free(t->p);
    free(t->rotation);
    free(t->datum);
}

/* The flow of the original at t, as the transformed problem should have it. */
static void image(const flow_data *f, const transformed *t, double time, double *w)
{
    int64_t d = f->p->d;
    double *original = test_doubles(d);

    flow_at(f, time, RF_WEIGHTS, original);
    for (int64_t k = 0; k < d; k++) {
        double sum = t->rotation ? test_dot(t->rotation + k * d, original, d) : original[k];

        w[k] = t->weight_scale * sum;
    }
    free(original);
}

static void compare_weights(const flow_data *f, const transformed *t, const flow_data *g,
                            double tolerance)
{
    double *expected = test_doubles(f->p->d), *got = test_doubles(f->p->d);

    for (int64_t k = 0; k <= f->time_count; k++) {
        double time = k < f->time_count ? f->times[k] : INFINITY, error;

        image(f, t, time, expected);
        flow_at(g, t->time_scale * time, RF_WEIGHTS, got);
        error = test_distance(expected, got, f->p->d) / t->weight_scale;
        flow_check(f, error <= tolerance, "weights at %g are off by %g, bound %g", time, error,
                   tolerance);
    }
    free(expected);
    free(got);
}

/* The same data in the same order.  Two events of one instant, or nearer than rounding, may come in
 * either order: the events of each datum are compared. */
static void compare_events(const flow_data *f, const transformed *t, const flow_data *g)
{
    flow_check(f, f->event_count == g->event_count, "%d events became %d", (int)f->event_count,
               (int)g->event_count);
    for (int64_t i = 0; i < g->p->n; i++) {
        int64_t k = 0;

        for (int64_t j = 0; j < g->event_count; j++) {
            if (g->events[j].datum != i)
                continue;
            while (k < f->event_count && f->events[k].datum != t->datum[i])
                k++;
            flow_check(f, k < f->event_count && f->events[k].kind == g->events[j].kind,
                       "event %d of the image, datum %d kind %d, has no original", (int)j, (int)i,
                       g->events[j].kind);
            k++;
        }
    }
}

static int64_t uncertain_count;

/* Weights must agree unless one of the runs is flagged: then only finiteness is asked. */
static void compare(const flow_data *f, transformed *t)
{
    double condition = flow_condition(f, f->p->seed);
    flow_data *g;

    t->p->time = f->p->time * t->time_scale;
    g = flow_run(t->p);
    if (flow_uncertain(f) || flow_uncertain(g)) {
        uncertain_count++;
        flow_check(f, isfinite(g->size), "size %g", g->size);
    } else {
        compare_weights(f, t, g, 2 * flow_tolerance(f, condition));
        if (t->same_events && f->p->kind < PROBLEM_GENERIC_COUNT)
            compare_events(f, t, g);
    }
    flow_free(g);
    discard(t);
}

/* Flows without exact ties are hardly ever doubtful: at most one in ten here. */
static void run_all(int kind, void (*check)(const flow_data *f))
{
    uncertain_count = 0;
    flow_each((enum problem_kind)kind, SEEDS, check);
    if (kind < PROBLEM_GENERIC_COUNT)
        ck_assert_int_le(uncertain_count * 10, SEEDS);
}

/* X -> a X, y -> b y, c -> s c: w -> b/a w, t -> t / (s a^2).  a and b are no powers of two. */
static void check_scaling(const flow_data *f)
{
    const double a = 1.7, b = 0.3, s = 2.9;
    transformed t = identity(f->p);

    if (!t.p->c) {
        t.p->c = test_doubles(t.p->n);
        for (int64_t i = 0; i < t.p->n; i++)
            t.p->c[i] = 1;
    }
    for (int64_t k = 0; k < t.p->n * t.p->d; k++)
        t.p->X[k] *= a;
    for (int64_t i = 0; i < t.p->n; i++) {
        t.p->y[i] *= b;
        t.p->c[i] *= s;
    }
    for (int64_t k = 0; k < t.p->d; k++)
        t.p->w0[k] *= b / a;
    t.weight_scale = b / a;
    t.time_scale = 1 / (s * a * a);
    compare(f, &t);
}

START_TEST(scaling)
{
    run_all(_i, check_scaling);
}
END_TEST

static void check_permutation(const flow_data *f)
{
    random_source source = random_seed(f->p->seed);
    transformed t = identity(f->p);
    int64_t n = f->p->n, d = f->p->d;

    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = random_integer(&source, 0, i), swap = t.datum[i];

        t.datum[i] = t.datum[j];
        t.datum[j] = swap;
    }
    for (int64_t i = 0; i < n; i++) {
        memcpy(t.p->X + i * d, f->p->X + t.datum[i] * d, (size_t)d * sizeof(double));
        t.p->y[i] = f->p->y[t.datum[i]];
        if (t.p->c)
            t.p->c[i] = f->p->c[t.datum[i]];
    }
    compare(f, &t);
}

START_TEST(permutation)
{
    run_all(_i, check_permutation);
}
END_TEST

static void check_rotation(const flow_data *f)
{
    random_source source = random_seed(f->p->seed);
    transformed t = identity(f->p);
    int64_t n = f->p->n, d = f->p->d;

    t.rotation = test_doubles(d * d);
    random_rotation(&source, d, t.rotation);
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < d; k++)
            t.p->X[i * d + k] = test_dot(t.rotation + k * d, f->p->X + i * d, d);
    for (int64_t k = 0; k < d; k++)
        t.p->w0[k] = test_dot(t.rotation + k * d, f->p->w0, d);
    compare(f, &t);
}

START_TEST(rotation)
{
    run_all(_i, check_rotation);
}
END_TEST

/* Every other datum becomes two, with a quarter and three quarters of its weight. */
static void check_splitting(const flow_data *f)
{
    const problem *p = f->p;
    transformed t = identity(p);
    int64_t n = 0, d = p->d;

    problem_free(t.p);
    t.p = problem_empty(p->n + (p->n + 1) / 2, d);
    t.p->kind = p->kind;
    t.p->seed = p->seed;
    t.p->activation = p->activation;
    t.p->beta = p->beta;
    t.p->c = test_doubles(t.p->n);
    memcpy(t.p->w0, p->w0, (size_t)d * sizeof(double));
    for (int64_t i = 0; i < p->n; i++) {
        for (int part = 0; part < (i % 2 == 0 ? 2 : 1); part++) {
            double share = i % 2 == 0 ? (part == 0 ? 0.25 : 0.75) : 1;

            memcpy(t.p->X + n * d, p->X + i * d, (size_t)d * sizeof(double));
            t.p->y[n] = p->y[i];
            t.p->c[n++] = share * problem_weight(p, i);
        }
    }
    t.same_events = 0;
    compare(f, &t);
}

START_TEST(splitting)
{
    run_all(_i, check_splitting);
}
END_TEST

/* The clause that keeps the tolerances honest: the problems are well conditioned, mostly. */
static int64_t ill_conditioned;

static void check_condition(const flow_data *f)
{
    ill_conditioned += !(flow_condition(f, f->p->seed) < 1e5);
}

START_TEST(conditioning)
{
    ill_conditioned = 0;
    flow_each((enum problem_kind)_i, SEEDS, check_condition);
    ck_assert_int_le(ill_conditioned * 4, SEEDS);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"scaling", scaling, PROBLEM_KIND_COUNT},
        {"permutation", permutation, PROBLEM_KIND_COUNT},
        {"rotation", rotation, PROBLEM_KIND_COUNT},
        {"splitting", splitting, PROBLEM_KIND_COUNT},
        {"conditioning", conditioning, PROBLEM_KIND_COUNT},
    };

    return run_tests("property invariance", entries, sizeof entries / sizeof *entries);
}
