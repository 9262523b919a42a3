/* test_vanishing_start.c: vanishing initialization seen from t = 0+: what the record begins with,
 * the escape velocity, and the endings after which w stays 0. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "vanishing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 20, CLOSED_SEEDS = 40 };

/* w(t) = sum alpha_i x_i, from w(0) = 0 and alpha(0) = 0 on; the bound is that of the coefficients
 * in test_identities.c. */
static void check_coefficients(const flow_data *f)
{
    const problem *p = f->p;
    double *alpha = test_doubles(p->n), *w = test_doubles(p->d), *sum = test_doubles(p->d);
    double K = (double)(4 * p->d + 10) * (double)(f->event_count + 1);

    flow_at(f, 0, RF_COEFFICIENTS, alpha);
    flow_check(f, test_norm(alpha, p->n) == 0, "alpha(0) is %g", test_norm(alpha, p->n));
    flow_check(f, flow_value(f, 0, RF_WEIGHT_NORM) == 0, "|w(0)| is %g",
               flow_value(f, 0, RF_WEIGHT_NORM));
    for (int64_t k = 0; k < f->time_count; k++) {
        double t = f->times[k];
        double bound = K * TEST_EPS * (f->size + t * problem_gradient_size(p, f->size));

        flow_at(f, t, RF_COEFFICIENTS, alpha);
        flow_at(f, t, RF_WEIGHTS, w);
        for (int64_t j = 0; j < p->d; j++) {
            long double part = 0;

            for (int64_t i = 0; i < p->n; i++)
                part += (long double)alpha[i] * p->X[i * p->d + j];
            sum[j] = (double)part;
        }
        flow_check(f, test_distance(sum, w, p->d) <= bound,
                   "coefficients at %g are off by %g, bound %g", t, test_distance(sum, w, p->d),
                   bound);
    }
    free(alpha);
    free(w);
    free(sum);
}

START_TEST(coefficients)
{
    vanishing_each((enum problem_kind)_i, SEEDS, check_coefficients);
}
END_TEST

/* The state before any run is the right limit at 0 of the finished one. */
static void check_right_limit(const flow_data *f)
{
    static const int32_t quantities[] = {RF_WEIGHTS, RF_VELOCITY, RF_MARGINS, RF_PATTERN,
                                         RF_MULTIPLIERS, RF_RESIDUALS, RF_LOSS};
    rf_model *start = problem_model(f->p);
    int64_t most = f->p->n > f->p->d ? f->p->n : f->p->d;
    double *before = test_doubles(most), *after = test_doubles(most);

    for (int q = 0; q < 7 && !vanishing_leaves_by_event(f); q++) {
        int64_t len = 0;

        ck_assert_int_eq(rf_model_query_size(start, quantities[q], &len), RF_OK);
        ck_assert_int_eq(rf_model_query(start, quantities[q], before, len), RF_OK);
        flow_at(f, 0, quantities[q], after);
        flow_check(f, same_bits(before, after, len), "quantity %d at 0 is not that of the start",
                   (int)quantities[q]);
    }
    flow_check(f, rf_model_event_count(start) == vanishing_inner(f), "%d events at the start",
               (int)rf_model_event_count(start));
    rf_model_free(start);
    free(before);
    free(after);
}

START_TEST(right_limit)
{
    vanishing_each((enum problem_kind)_i, SEEDS, check_right_limit);
}
END_TEST

/* Sides of the outer pattern at 0+, as rf_model_pattern gives it. */
static uint8_t *starting_pattern(const flow_data *f)
{
    rf_model *start = problem_model(f->p);
    uint8_t *state = test_alloc(f->p->n, 1);

    ck_assert_int_eq(rf_model_pattern(start, state, f->p->n), RF_OK);
    rf_model_free(start);
    return state;
}

/* The escape velocity is the v of its own pattern: v = sum c_i (slope of i) y_i x_i with theta_i
 * while sliding, and no margin x_i . v contradicts its side.  Bounds: n + d + 60 units of rounding
 * of the terms, as for the velocity of a flow; RF_VELOCITY at 0 is w'(0+): w(h) / h to first
 * order. */
static void check_velocity(const flow_data *f)
{
    const problem *p = f->p;
    uint8_t *state = starting_pattern(f);
    double *v = test_doubles(p->d), *g = test_doubles(p->d), *theta = test_doubles(p->n);
    double *zero = test_doubles(p->d);
    double bound = (double)(p->n + p->d + 60) * TEST_EPS * problem_gradient_size(p, 0);

    flow_at(f, 0, RF_VELOCITY, v);
    flow_at(f, 0, RF_PATTERN, theta);
    problem_gradient(p, zero, state, theta, g);
    for (int64_t k = 0; k < p->d; k++)
        g[k] = -g[k];
    flow_check(f, test_distance(v, g, p->d) <= bound, "velocity at 0 off by %g, bound %g",
               test_distance(v, g, p->d), bound);
    if (vanishing_ending(f) != RF_INNER_ESCAPE)
        flow_check(f, test_norm(v, p->d) == 0, "velocity %g without an escape", test_norm(v, p->d));
    for (int64_t i = 0; i < p->n; i++) {
        double norm = test_norm(p->X + i * p->d, p->d), z = test_dot(p->X + i * p->d, v, p->d);
        int wrong = state[i] == STATE_ACTIVE     ? z < -bound * norm
                    : state[i] == STATE_INACTIVE ? z > bound * norm
                                                 : fabs(z) > bound * norm;

        flow_check(f, !wrong, "datum %d in state %d escapes with x.v = %g", (int)i, state[i], z);
    }
    free(state);
    free(v);
    free(g);
    free(theta);
    free(zero);
}

static void check_escape(const flow_data *f)
{
    if (!vanishing_leaves_by_event(f))
        check_velocity(f);
}

START_TEST(escape_velocity)
{
    vanishing_each((enum problem_kind)_i, SEEDS, check_escape);
}
END_TEST

/* Passages and times of activity count from 0+ on: recomputed here from the pattern at 0+ and the
 * outer events. */
typedef struct past {
    uint8_t state, settled;
    int seen;           /* was active or sliding since 0+ */
    int active_once, off, again;
    double first;
} past;

static void enter(past *h, uint8_t state, double t)
{
    h->seen |= state != STATE_INACTIVE;
    if (state == STATE_ACTIVE && !h->active_once)
        h->first = t;
    if (state != STATE_SLIDING) {
        h->off += h->settled == STATE_ACTIVE && state == STATE_INACTIVE;
        h->again += h->settled == STATE_INACTIVE && state == STATE_ACTIVE && h->active_once;
        h->settled = state;
    }
    h->active_once |= state == STATE_ACTIVE;
    h->state = state;
}

static past past_of(const flow_data *f, int64_t i, uint8_t state)
{
    past h = {0, 3, 0, 0, 0, 0, NAN};

    enter(&h, state, 0);
    for (int64_t k = vanishing_inner(f); k < f->event_count; k++) {
        int32_t kind = f->events[k].kind;

        if (kind == RF_EVENT_ORIGIN && k + 1 == f->event_count)
            enter(&h, STATE_INACTIVE, f->events[k].time);
        if (f->events[k].datum != i)
            continue;
        if (kind == RF_EVENT_ACTIVATE || kind == RF_EVENT_SLIDE_EXIT_ACTIVE)
            enter(&h, STATE_ACTIVE, f->events[k].time);
        else
            enter(&h, kind == RF_EVENT_SLIDE_ENTER ? STATE_SLIDING : STATE_INACTIVE,
                  f->events[k].time);
    }
    return h;
}

static int in_support(const rf_model *model, int64_t i)
{
    int64_t n = rf_model_count(model), count = 0, *indices = test_alloc(n, sizeof *indices);
    int found = 0;

    ck_assert_int_eq(rf_model_support(model, RF_SUPPORT_TRAJECTORY, indices, n, &count), RF_OK);
    for (int64_t k = 0; k < count; k++)
        found |= indices[k] == i;
    free(indices);
    return found;
}

static void check_histories(const flow_data *f)
{
    int64_t n = f->p->n;
    uint8_t *state = starting_pattern(f);
    double *off = test_doubles(n), *again = test_doubles(n), *first = test_doubles(n);

    flow_at(f, INFINITY, RF_DEACTIVATIONS, off);
    flow_at(f, INFINITY, RF_REACTIVATIONS, again);
    flow_at(f, INFINITY, RF_FIRST_ACTIVE, first);
    for (int64_t i = 0; i < n; i++) {
        past h = past_of(f, i, state[i]);

        flow_check(f, off[i] == h.off && again[i] == h.again,
                   "datum %d: %g and %g passages, counted %d and %d", (int)i, off[i], again[i],
                   h.off, h.again);
        flow_check(f, first[i] == h.first || (isnan(first[i]) && isnan(h.first)),
                   "datum %d: first active at %g, counted %g", (int)i, first[i], h.first);
        flow_check(f, in_support(f->model, i) == h.seen, "datum %d: trajectory support", (int)i);
    }
    free(state);
    free(off);
    free(again);
    free(first);
}

START_TEST(histories)
{
    vanishing_each((enum problem_kind)_i, SEEDS, check_histories);
}
END_TEST

/* The path begins at w = 0 at t = 0: no shorter than |w(t)|, and |v| t to first order.  The
 * velocity has relative change at most rate t, rate = sum c |x|^2 bounding every eigenvalue of H,
 * until the first event; the quadrature is good to 1e-10. */
static void check_path(const flow_data *f)
{
    const problem *p = f->p;
    int64_t inner = vanishing_inner(f);
    double rate = (double)p->d / p->time, t = 1e-4 / rate, *v = test_doubles(p->d), length;

    flow_check(f, flow_value(f, 0, RF_PATH_LENGTH) == 0, "path length %g at 0",
               flow_value(f, 0, RF_PATH_LENGTH));
    if (inner < f->event_count)
        t = fmin(t, f->events[inner].time / 2);
    flow_at(f, 0, RF_VELOCITY, v);
    length = flow_value(f, t, RF_PATH_LENGTH);
    flow_check(f, fabs(length - t * test_norm(v, p->d)) <= 2 * rate * t * t * test_norm(v, p->d),
               "path length %g at %g, speed %g", length, t, test_norm(v, p->d));
    for (int64_t k = 0; k < f->time_count; k++)
        flow_check(f, flow_value(f, f->times[k], RF_PATH_LENGTH) * (1 + 2e-10)
                          >= flow_value(f, f->times[k], RF_WEIGHT_NORM),
                   "path shorter than |w| at %g", f->times[k]);
    free(v);
}

START_TEST(path_length)
{
    vanishing_each((enum problem_kind)_i, SEEDS, check_path);
}
END_TEST

/* w stays 0 for ever: converged, without an outer event, at the loss of the labels; the norm
 * neither grows nor falls. */
static void check_stays(const problem *p, double T)
{
    rf_model *model = problem_model(p);
    double *w = test_doubles(p->d), loss = NAN, converged = NAN, failure = 0;
    int64_t count = rf_model_event_count(model);
    int32_t increasing = -1;

    ck_assert_int_eq(rf_model_integrate(model, T), RF_OK);
    ck_assert_int_eq(rf_model_integrate(model, INFINITY), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_CONVERGED, &converged, 1), RF_OK);
    ck_assert_double_eq(converged, 1);
    for (int k = 0; k < 4; k++) {
        ck_assert_int_eq(rf_model_query_at(model, k < 3 ? k * T : INFINITY, RF_WEIGHTS, w, p->d),
                         RF_OK);
        ck_assert_double_eq(test_norm(w, p->d), 0);
    }
    ck_assert_int_eq(rf_model_query(model, RF_VELOCITY, w, p->d), RF_OK);
    ck_assert_double_eq(test_norm(w, p->d), 0);
    ck_assert_int_eq(rf_model_query(model, RF_LOSS, &loss, 1), RF_OK);
    ck_assert_double_le(fabs(loss - problem_loss(p, w)), (double)p->n * TEST_EPS * loss);
    ck_assert_int_eq(rf_model_event_count(model), count);
    ck_assert_int_eq(rf_model_norm_certificate(model, &increasing, &failure), RF_OK);
    ck_assert(increasing == 0 && isnan(failure));
    rf_model_free(model);
    free(w);
}

static int32_t ending_of(const problem *p)
{
    rf_model *model = problem_model(p);
    double ending = -1;

    ck_assert_int_eq(rf_model_query(model, RF_INNER_ENDING, &ending, 1), RF_OK);
    rf_model_free(model);
    return (int32_t)ending;
}

/* n data in d dimensions with negative labels, rows and direction Gaussian. */
static problem *negative(random_source *source, int64_t n, int64_t d)
{
    problem *p = problem_empty(n, d);

    p->kind = PROBLEM_MIXED;
    p->vanishing = 1;
    for (int64_t k = 0; k < n * d; k++)
        p->X[k] = random_normal(source);
    for (int64_t i = 0; i < n; i++)
        p->y[i] = -fabs(random_normal(source));
    for (int64_t k = 0; k < d; k++)
        p->w0[k] = random_normal(source);
    return p;
}

/* All labels negative, and the rows add up to 0: with phi(omega) = -sum c y sigma(x . omega)
 * positive but at 0, the inner flow descends it at a speed bounded below and reaches 0 in finite
 * time. */
START_TEST(collapse)
{
    random_source source = random_seed(100u + (uint64_t)_i);
    int64_t d = 1 + _i % 4, n = d + 1 + random_integer(&source, 0, 3);
    problem *p = negative(&source, n, d);

    for (int64_t k = 0; k < d; k++) {
        p->X[(n - 1) * d + k] = 0;
        for (int64_t i = 0; i + 1 < n; i++)
            p->X[(n - 1) * d + k] -= p->X[i * d + k];
    }
    ck_assert_int_eq(ending_of(p), RF_INNER_COLLAPSE);
    check_stays(p, 1.5);
    problem_free(p);
}
END_TEST

/* All labels negative and all rows in a half space: phi vanishes on the opposite cone, where the
 * inner flow stops, or at its tip. */
START_TEST(dead)
{
    random_source source = random_seed(200u + (uint64_t)_i);
    int64_t d = 1 + _i % 4, n = random_integer(&source, 1, 6);
    problem *p = negative(&source, n, d);

    for (int64_t i = 0; i < n; i++)
        p->X[i * d] = 0.1 + fabs(p->X[i * d]);
    ck_assert(ending_of(p) == RF_INNER_DEAD || ending_of(p) == RF_INNER_COLLAPSE);
    check_stays(p, 0.7);
    problem_free(p);
}
END_TEST

/* No datum active from the start on. */
START_TEST(dead_at_once)
{
    random_source source = random_seed(300u + (uint64_t)_i);
    int64_t d = 1 + _i % 4;
    problem *p = negative(&source, d, d);

    for (int64_t i = 0; i < d; i++) {
        int64_t sign = test_dot(p->X + i * d, p->w0, d) > 0 ? -1 : 1;

        for (int64_t k = 0; k < d; k++)
            p->X[i * d + k] *= (double)sign;
        p->y[i] *= random_integer(&source, 0, 1) ? -1 : 1;
    }
    ck_assert_int_eq(ending_of(p), RF_INNER_DEAD);
    check_stays(p, 2);
    problem_free(p);
}
END_TEST

/* Dead after an event at s = |u_0|: one datum with a negative label, left on its kink. */
START_TEST(dead_later)
{
    const double X[] = {1, 0}, u[] = {0.75, 0.5};
    problem *p = problem_empty(1, 2);
    rf_model *model;
    rf_event event;

    memcpy(p->X, X, sizeof X);
    memcpy(p->w0, u, sizeof u);
    p->y[0] = -1;
    p->vanishing = 1;
    model = problem_model(p);
    ck_assert_int_eq(ending_of(p), RF_INNER_DEAD);
    ck_assert_int_eq(rf_model_event_count(model), 1);
    ck_assert_int_eq(rf_model_events(model, 0, 1, &event), RF_OK);
    ck_assert_double_eq(event.time, 0.75);
    ck_assert(event.kind == RF_EVENT_DEACTIVATE && event.datum == 0);
    ck_assert_int_eq(event.flags, RF_FLAG_INNER);
    check_stays(p, 1);
    rf_model_free(model);
    problem_free(p);
}
END_TEST

/* Active data whose pulls cancel, and the homogeneous flow omega' = -H omega, H over the active rows,
 * never turns to the kink of another datum: each row twice with opposite labels, where H is a
 * multiple of 1 or leaves a direction as it is; and three rows, x_0 + x_1 = x_2, where the direction
 * is an eigenvector of H. */
START_TEST(frozen)
{
    static const struct {
        int64_t n;
        double X[8], y[4];
    } cases[] = {
        {2, {1, 0, 1, 0}, {1, -1}},
        {4, {1, 0, 1, 0, 0, 1, 0, 1}, {1, -1, 2, -2}},
        {3, {1, 0, 0, 1, 1, 1}, {1, 1, -1}},
    };
    problem *p = problem_empty(cases[_i].n, 2);

    memcpy(p->X, cases[_i].X, (size_t)(2 * p->n) * sizeof(double));
    memcpy(p->y, cases[_i].y, (size_t)p->n * sizeof(double));
    p->w0[0] = p->w0[1] = 1;
    p->vanishing = 1;
    ck_assert_int_eq(ending_of(p), RF_INNER_FROZEN);
    check_stays(p, 1);
    problem_free(p);
}
END_TEST

/* A start with a scale has no inner flow. */
START_TEST(no_inner_flow)
{
    problem *p = problem_make(PROBLEM_MIXED, 1);
    rf_model *model = problem_model(p);
    double ending = -1;

    ck_assert_int_eq(rf_model_query(model, RF_INNER_ENDING, &ending, 1), RF_OK);
    ck_assert_double_eq(ending, RF_INNER_NONE);
    ck_assert_int_eq(rf_model_init_direction(model, p->w0, p->d, 0), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_INNER_ENDING, &ending, 1), RF_OK);
    ck_assert_double_ne(ending, RF_INNER_NONE);
    ck_assert_int_eq(rf_model_init_direction(model, p->w0, p->d, 1), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_INNER_ENDING, &ending, 1), RF_OK);
    ck_assert_double_eq(ending, RF_INNER_NONE);
    ck_assert_int_eq(rf_model_event_count(model), 0);
    rf_model_free(model);
    problem_free(p);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"coefficients", coefficients, PROBLEM_KIND_COUNT},
        {"right limit", right_limit, PROBLEM_KIND_COUNT},
        {"escape velocity", escape_velocity, PROBLEM_KIND_COUNT},
        {"histories", histories, PROBLEM_KIND_COUNT},
        {"path length", path_length, PROBLEM_KIND_COUNT},
        {"collapse", collapse, CLOSED_SEEDS},
        {"dead", dead, CLOSED_SEEDS},
        {"dead at once", dead_at_once, CLOSED_SEEDS},
        {"dead later", dead_later, 0},
        {"frozen", frozen, 3},
        {"no inner flow", no_inner_flow, 0},
    };

    return run_tests("property vanishing start", entries, sizeof entries / sizeof *entries);
}
