/* test_certificate.c: the limit is checked on its own: first order conditions, sides, rest, and the
 * weight of least norm. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "flow_data.h"

#include <math.h>
#include <stdlib.h>

enum { SEEDS = 40 };

typedef struct limit_state {
    double *w, *z, *theta, *g;
    uint8_t *state;
} limit_state;

static limit_state limit_of(const flow_data *f)
{
    const problem *p = f->p;
    limit_state s = {test_doubles(p->d), test_doubles(p->n), test_doubles(p->n), test_doubles(p->d),
                     test_alloc(p->n, 1)};

    ck_assert_int_eq(rf_model_query(f->model, RF_WEIGHTS, s.w, p->d), RF_OK);
    ck_assert_int_eq(rf_model_query(f->model, RF_MARGINS, s.z, p->n), RF_OK);
    ck_assert_int_eq(rf_model_query(f->model, RF_PATTERN, s.theta, p->n), RF_OK);
    ck_assert_int_eq(rf_model_pattern(f->model, s.state, p->n), RF_OK);
    return s;
}

static void limit_free(limit_state *s)
{
    free(s->w);
    free(s->z);
    free(s->theta);
    free(s->g);
    free(s->state);
}

/* 0 is in Clarke's subdifferential at w(infinity), with the multipliers on record.  The gradient
 * there is H dw for an error dw of w; dw comes from the backward stable solution of the last
 * segment, so H dw is 1e-14 of the terms, and K = n + d + 60 units of rounding as for the
 * velocity.  theta moves the gradient by its terms as well. */
static void check_stationary(const flow_data *f)
{
    const problem *p = f->p;
    double bound = (double)(p->n + p->d + 60) * TEST_EPS * problem_gradient_size(p, f->size);
    limit_state s = limit_of(f);

    problem_gradient(p, s.w, s.state, s.theta, s.g);
    flow_check(f, test_norm(s.g, p->d) <= bound, "gradient %g at the limit, bound %g",
               test_norm(s.g, p->d), bound);
    limit_free(&s);
}

START_TEST(stationary)
{
    flow_each((enum problem_kind)_i, SEEDS, check_stationary);
}
END_TEST

/* Each datum lies on its side, or on its kink to rounding: d + 20 units of |x||w|, as a margin may
 * tend to 0 from its side (a zero label) and w(infinity) is rounded. */
static void check_limit_sides(const flow_data *f)
{
    const problem *p = f->p;
    limit_state s = limit_of(f);

    for (int64_t i = 0; i < p->n; i++) {
        const double *x = p->X + i * p->d;
        double bound = (double)(p->d + 20) * TEST_EPS * test_norm(x, p->d) * f->size;
        double naive = test_dot(x, s.w, p->d);

        flow_check(f, fabs(naive - s.z[i]) <= bound, "margin %d is %g, recomputed %g", (int)i,
                   s.z[i], naive);
        if (s.state[i] == STATE_ACTIVE)
            flow_check(f, s.z[i] >= -bound, "active datum %d at margin %g", (int)i, s.z[i]);
        else if (s.state[i] == STATE_INACTIVE)
            flow_check(f, s.z[i] <= bound, "inactive datum %d at margin %g", (int)i, s.z[i]);
        else
            flow_check(f, s.z[i] == 0 && s.theta[i] >= 0 && s.theta[i] <= 1,
                       "sliding datum %d at margin %g, theta %g", (int)i, s.z[i], s.theta[i]);
    }
    limit_free(&s);
}

START_TEST(limit_sides)
{
    flow_each((enum problem_kind)_i, SEEDS, check_limit_sides);
}
END_TEST

/* The state is final: converged, at time infinity, at rest, and the state long before is near. */
static void check_final(const flow_data *f)
{
    const problem *p = f->p;
    limit_state s = limit_of(f);
    double least = INFINITY, *rates = test_doubles(p->d), *late = test_doubles(p->d), last = 0;

    ck_assert_int_eq(rf_model_query(f->model, RF_VELOCITY, late, p->d), RF_OK);
    flow_check(f, test_norm(late, p->d) == 0, "velocity %g at the limit", test_norm(late, p->d));
    flow_check(f, flow_value(f, INFINITY, RF_CONVERGED) == 1, "converged is %g",
               flow_value(f, INFINITY, RF_CONVERGED));
    ck_assert_int_eq(rf_model_query(f->model, RF_RATES, rates, p->d), RF_OK);
    for (int64_t j = 0; j < p->d; j++)
        if (rates[j] > 0)
            least = fmin(least, rates[j]);
    if (f->event_count > 0)
        last = f->events[f->event_count - 1].time;
    /* 60 times the longest of the last segment: e^-60 is far below rounding. */
    if (isfinite(least) && isfinite(last + 60 / least)) {
        flow_at(f, last + 60 / least, RF_WEIGHTS, late);
        flow_check(f, test_distance(late, s.w, p->d) <= 60 * TEST_EPS * f->size,
                   "late state is off the limit by %g", test_distance(late, s.w, p->d));
    }
    free(rates);
    free(late);
    limit_free(&s);
}

START_TEST(final_state)
{
    flow_each((enum problem_kind)_i, SEEDS, check_final);
}
END_TEST

/* RF_LEAST_NORM: the same margins on the active data, no longer than w, in the span of the active
 * rows: orthogonal to the difference. */
static void check_least_norm(const flow_data *f)
{
    const problem *p = f->p;
    limit_state s = limit_of(f);
    double *least = test_doubles(p->d), *change = test_doubles(p->d);

    ck_assert_int_eq(rf_model_query(f->model, RF_LEAST_NORM, least, p->d), RF_OK);
    for (int64_t k = 0; k < p->d; k++)
        change[k] = s.w[k] - least[k];
    for (int64_t i = 0; i < p->n; i++) {
        const double *x = p->X + i * p->d;
        double size = test_norm(x, p->d) * test_norm(s.w, p->d);

        if (s.state[i] == STATE_ACTIVE)
            flow_check(f, fabs(test_dot(x, change, p->d)) <= (double)(p->n + 20) * TEST_EPS * size,
                       "margin %d changes by %g", (int)i, test_dot(x, change, p->d));
    }
    /* The projection is as orthogonal as the basis of the active rows, 1e-14, and the rank is
     * decided at n eps: a direction just above is one that carries 1e-2 of |w| at most in these
     * data. */
    flow_check(f, fabs(test_dot(least, change, p->d))
                   <= 1e-13 * test_norm(s.w, p->d) * test_norm(s.w, p->d),
               "least norm weight is not orthogonal to the difference: %g",
               test_dot(least, change, p->d));
    free(least);
    free(change);
    limit_free(&s);
}

START_TEST(least_norm)
{
    flow_each((enum problem_kind)_i, SEEDS, check_least_norm);
}
END_TEST

/* Rows that are parallel up to 1e-9: rates 1e-18 of the largest, limits as far as 1e9.  Such a run
 * must end, certified or flagged, and what it certifies must hold. */
static void check_nearly_parallel(enum problem_kind kind, uint64_t seed)
{
    problem *p = problem_make(kind, seed), *q = problem_disturbed(p, 0x1p-30, 0, seed);
    flow_data *f = flow_run(q);

    if (!flow_uncertain(f)) {
        check_stationary(f);
        check_limit_sides(f);
    }
    flow_free(f);
    problem_free(p);
    problem_free(q);
}

START_TEST(nearly_parallel)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        check_nearly_parallel(_i == 0 ? PROBLEM_DUPLICATES : PROBLEM_PARALLEL, seed);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"stationary", stationary, PROBLEM_KIND_COUNT},
        {"limit sides", limit_sides, PROBLEM_KIND_COUNT},
        {"final state", final_state, PROBLEM_KIND_COUNT},
        {"nearly parallel", nearly_parallel, 2},
        {"least norm", least_norm, PROBLEM_KIND_COUNT},
    };

    return run_tests("property certificate", entries, sizeof entries / sizeof *entries);
}
