/* test_support_limit.c: the limit is the least squares solution over the active data, with the
 * sliding ones as constraints and the rest inherited from the last event; the weight of least
 * norm. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "flow_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 40 };

/* Kinds for which the final pattern alone tells the constraints: no data at rest on a kink. */
static const enum problem_kind kinds[] = {PROBLEM_GAUSSIAN, PROBLEM_MIXED, PROBLEM_WEIGHTED,
                                          PROBLEM_LEAKY, PROBLEM_LINEAR, PROBLEM_FEW,
                                          PROBLEM_MANY, PROBLEM_DUPLICATES};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Orthonormal rows, at most d of them, in long double.  least is the smallest part of a row outside
 * the span of those before it: the inverse of the condition of the rows but for a factor of d. */
typedef struct span {
    int64_t d, rank;
    long double *rows, least;
} span;

static span span_of_nothing(int64_t d)
{
    span s = {d, 0, test_alloc(d * d, sizeof(long double)), 1};

    return s;
}

static long double dot(const long double *a, const long double *b, int64_t d)
{
    long double sum = 0;

    for (int64_t k = 0; k < d; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Takes away what x has in the span, twice for orthogonality to rounding. */
static void project_out(const span *s, long double *x)
{
    for (int pass = 0; pass < 2; pass++)
        for (int64_t j = 0; j < s->rank; j++) {
            long double along = dot(s->rows + j * s->d, x, s->d);

            for (int64_t k = 0; k < s->d; k++)
                x[k] -= along * s->rows[j * s->d + k];
        }
}

/* Adds a row to the span if more than 1e-14 of it lies outside: these data are either dependent
 * exactly or far from it. */
static void extend(span *s, const long double *x)
{
    long double *rest = test_alloc(s->d, sizeof *rest), size = sqrtl(dot(x, x, s->d)), outside;

    memcpy(rest, x, (size_t)s->d * sizeof *rest);
    project_out(s, rest);
    outside = sqrtl(dot(rest, rest, s->d));
    if (s->rank < s->d && outside > 1e-14L * size) {
        for (int64_t k = 0; k < s->d; k++)
            s->rows[s->rank * s->d + k] = rest[k] / outside;
        s->rank++;
        s->least = outside < s->least * size ? outside / size : s->least;
    }
    free(rest);
}

/* Row i in long double, with what it has in the span taken away if there is one. */
static void row_outside(const problem *p, int64_t i, const span *s, long double *x)
{
    for (int64_t k = 0; k < p->d; k++)
        x[k] = p->X[i * p->d + k];
    if (s)
        project_out(s, x);
}

/* The problem in the coordinates eta of the directions in which the last segment moves: w = w_L +
 * sum eta_j q_j, minimize 1/2 sum c_i (slope_i x_i . w - y_i)^2 over the data off their kinks.  H
 * eta = -g, H the Gram matrix in these directions. */
typedef struct least_squares {
    span moves;             /* the q_j: rows off their kinks, orthogonal to the sliding ones */
    long double *H, *g;
    double condition, size; /* of the matrix M whose Gram matrix H is */
    double residual;        /* sqrt(sum c r^2) at w_L */
    double held_condition;  /* of the sliding rows */
} least_squares;

static double slope_of(const problem *p, uint8_t state)
{
    return state == STATE_ACTIVE ? 1 : problem_slope(p);
}

static void find_moves(least_squares *l, const problem *p, const uint8_t *state)
{
    span held = span_of_nothing(p->d);
    long double *x = test_alloc(p->d, sizeof *x);

    l->moves = span_of_nothing(p->d);
    for (int64_t i = 0; i < p->n; i++) {
        row_outside(p, i, NULL, x);
        if (state[i] == STATE_SLIDING)
            extend(&held, x);
    }
    for (int64_t i = 0; i < p->n; i++) {
        row_outside(p, i, &held, x);
        if (state[i] != STATE_SLIDING && slope_of(p, state[i]) > 0
            && sqrtl(dot(x, x, p->d)) > 1e-14L * test_norm(p->X + i * p->d, p->d))
            extend(&l->moves, x);
    }
    l->held_condition = (double)((long double)p->d / held.least);
    free(held.rows);
    free(x);
}

static void assemble(least_squares *l, const problem *p, const uint8_t *state, const double *w)
{
    int64_t m = l->moves.rank, d = p->d;
    long double *a = test_alloc(m, sizeof *a);

    l->H = test_alloc(m * m, sizeof *l->H);
    l->g = test_alloc(m, sizeof *l->g);
    l->residual = 0;
    for (int64_t i = 0; i < p->n; i++) {
        long double slope = slope_of(p, state[i]), r = -(long double)p->y[i];

        if (state[i] == STATE_SLIDING || slope == 0)
            continue;
        for (int64_t k = 0; k < d; k++)
            r += slope * p->X[i * d + k] * w[k];
        l->residual = hypot(l->residual, sqrt(problem_weight(p, i)) * (double)r);
        for (int64_t j = 0; j < m; j++) {
            a[j] = 0;
            for (int64_t k = 0; k < d; k++)
                a[j] += slope * p->X[i * d + k] * l->moves.rows[j * d + k];
        }
        for (int64_t j = 0; j < m; j++) {
            l->g[j] += problem_weight(p, i) * a[j] * r;
            for (int64_t k = 0; k < m; k++)
                l->H[j * m + k] += problem_weight(p, i) * a[j] * a[k];
        }
    }
    free(a);
}

static void estimate_condition(least_squares *l)
{
    int64_t m = l->moves.rank;
    double *copy = test_doubles(m * m), *values = test_doubles(m);

    for (int64_t k = 0; k < m * m; k++)
        copy[k] = (double)l->H[k];
    symmetric_eigenvalues(copy, m, values);
    l->condition = m > 0 ? sqrt(values[0] / values[m - 1]) : 1;
    l->size = m > 0 ? sqrt(values[0]) : 1;
    free(copy);
    free(values);
}

/* Cholesky's method in long double; leaves eta in g. */
static void solve(least_squares *l)
{
    int64_t m = l->moves.rank;
    long double *H = l->H, *g = l->g;

    for (int64_t j = 0; j < m; j++) {
        for (int64_t k = 0; k < j; k++)
            for (int64_t i = j; i < m; i++)
                H[i * m + j] -= H[i * m + k] * H[j * m + k];
        for (int64_t i = m - 1; i >= j; i--)
            H[i * m + j] /= sqrtl(H[j * m + j]);
        g[j] = -g[j];
    }
    for (int64_t j = 0; j < m; j++) {
        for (int64_t k = 0; k < j; k++)
            g[j] -= H[j * m + k] * g[k];
        g[j] /= H[j * m + j];
    }
    for (int64_t j = m - 1; j >= 0; j--) {
        for (int64_t k = j + 1; k < m; k++)
            g[j] -= H[k * m + j] * g[k];
        g[j] /= H[j * m + j];
    }
}

/* w(infinity) from the last event on.  The error of w_L is shared.  That of the solution is, by the
 * perturbation theory of least squares, K eps (cond |w| + cond^2 |r|/|M|), K = 100 for the roundings
 * of the data, of one decomposition and of the sums; the directions of motion are wrong by K eps times
 * the condition of the sliding rows.  A flow that stops at the origin is not of this kind. */
static void check_limit(const flow_data *f)
{
    const problem *p = f->p;
    uint8_t *state;
    double *w, *limit, bound, last = f->event_count > 0 ? f->events[f->event_count - 1].time : 0;
    least_squares l;

    if (flow_value(f, INFINITY, RF_WEIGHT_NORM) == 0)
        return;
    state = test_alloc(p->n, 1);
    w = test_doubles(p->d);
    limit = test_doubles(p->d);
    ck_assert_int_eq(rf_model_pattern(f->model, state, p->n), RF_OK);
    flow_at(f, last, RF_WEIGHTS, w);
    flow_at(f, INFINITY, RF_WEIGHTS, limit);
    find_moves(&l, p, state);
    assemble(&l, p, state, w);
    estimate_condition(&l);
    solve(&l);
    for (int64_t j = 0; j < l.moves.rank; j++)
        for (int64_t k = 0; k < p->d; k++)
            w[k] += (double)(l.g[j] * l.moves.rows[j * p->d + k]);
    bound = 100 * TEST_EPS
            * ((l.condition + l.held_condition) * f->size
               + l.condition * l.condition * l.residual / l.size);
    flow_check(f, test_distance(w, limit, p->d) <= bound,
               "least squares from the last event: off by %g, bound %g, condition %g",
               test_distance(w, limit, p->d), bound, l.condition);
    free(l.moves.rows);
    free(l.H);
    free(l.g);
    free(state);
    free(w);
    free(limit);
}

START_TEST(least_squares_limit)
{
    flow_each(kinds[_i], SEEDS, check_limit);
}
END_TEST

START_TEST(least_squares_limit_of_vanishing)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        problem *p = problem_make(kinds[_i], seed);
        flow_data *f;

        p->vanishing = 1;
        f = flow_run(p);
        if (f->event_count == 0 || !(f->events[f->event_count - 1].flags & RF_FLAG_INNER))
            check_limit(f);
        flow_free(f);
        problem_free(p);
    }
}
END_TEST

/* RF_LEAST_NORM: in the span of the active rows, with the margins of w on them: so of least norm.
 * The margins to K = n + 50 roundings, the span to as many times the condition of the rows. */
static void check_least_norm(const flow_data *f, double t)
{
    const problem *p = f->p;
    rf_model *model = problem_run(p, t);
    uint8_t *state = test_alloc(p->n, 1);
    double *w = test_doubles(p->d), *least = test_doubles(p->d), left;
    long double *x = test_alloc(p->d, sizeof *x);
    span active = span_of_nothing(p->d);
    double K = (double)(p->n + 50) * TEST_EPS;

    ck_assert_int_eq(rf_model_pattern(model, state, p->n), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, w, p->d), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_LEAST_NORM, least, p->d), RF_OK);
    for (int64_t i = 0; i < p->n; i++) {
        const double *row = p->X + i * p->d;
        double change = fabs(test_dot(row, w, p->d) - test_dot(row, least, p->d));

        if (state[i] != STATE_ACTIVE)
            continue;
        row_outside(p, i, NULL, x);
        extend(&active, x);
        flow_check(f, change <= K * test_norm(row, p->d) * test_norm(w, p->d),
                   "margin %d at %g changes by %g", (int)i, t, change);
    }
    for (int64_t k = 0; k < p->d; k++)
        x[k] = least[k];
    project_out(&active, x);
    left = (double)sqrtl(dot(x, x, p->d));
    flow_check(f, left <= K * (double)(p->d / active.least) * test_norm(w, p->d),
               "least norm at %g: %g outside the span", t, left);
    flow_check(f, test_norm(least, p->d) <= (1 + K) * test_norm(w, p->d),
               "least norm at %g: %g is longer than w", t, test_norm(least, p->d));
    free(state);
    free(w);
    free(least);
    free(x);
    free(active.rows);
    rf_model_free(model);
}

static void check_least_norms(const flow_data *f)
{
    check_least_norm(f, INFINITY);
    check_least_norm(f, f->p->time);
    check_least_norm(f, 0);
}

START_TEST(least_norm)
{
    flow_each(kinds[_i], SEEDS / 2, check_least_norms);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"least squares limit", least_squares_limit, KINDS},
        {"least squares limit of vanishing", least_squares_limit_of_vanishing, KINDS},
        {"least norm", least_norm, KINDS},
    };

    return run_tests("property support limit", entries, sizeof entries / sizeof *entries);
}
