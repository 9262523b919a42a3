/* test_leave_one_out.c: each row of rf_model_leave_one_out is the limit of the flow without that
 * datum. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "snapshot.h"
#include "vanishing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 8, BOTH = 2 };

/* Loop l: kind l / 2, from w0 or from the limit of vanishing scale along w0. */
static problem *problem_of_loop(int l, uint64_t seed)
{
    enum problem_kind kind = (enum problem_kind)(l / BOTH);

    return l % BOTH ? vanishing_make(kind, seed) : problem_make(kind, seed);
}

static problem *without(const problem *p, int64_t i)
{
    problem *q = problem_copy(p);

    q->n = p->n - 1;
    for (int64_t k = i; k < q->n; k++) {
        memcpy(q->X + k * p->d, p->X + (k + 1) * p->d, (size_t)p->d * sizeof(double));
        q->y[k] = p->y[k + 1];
        if (p->c)
            q->c[k] = p->c[k + 1];
    }
    return q;
}

/* Rows for all data in their order. */
static double *all_rows(const rf_model *model)
{
    int64_t n = rf_model_count(model), d = rf_model_dim(model);
    int64_t *data = test_alloc(n, sizeof *data);
    double *W = test_doubles(n * d);

    for (int64_t i = 0; i < n; i++)
        data[i] = i;
    ck_assert_int_eq(rf_model_leave_one_out(model, n, data, W, n * d, NULL, NULL), RF_OK);
    free(data);
    return W;
}

/* The row against a fresh model without the datum.  Where that run is flagged, rounding alone may
 * send it to another limit: then the row must be finite. */
static int64_t uncertain_count, compared_count;

static void check_row(const problem *p, int64_t i, const double *row)
{
    problem *q = without(p, i);
    flow_data *f = flow_run(q);
    double *w = test_doubles(p->d);

    flow_at(f, INFINITY, RF_WEIGHTS, w);
    compared_count++;
    if (same_bits(row, w, p->d)) {
        /* The same run: nothing is left to ask. */
    } else if (flow_uncertain(f)) {
        uncertain_count++;
        ck_assert(isfinite(test_norm(row, p->d)));
    } else {
        double bound = 2 * flow_tolerance(f, flow_condition(f, p->seed));

        flow_check(f, test_distance(row, w, p->d) <= bound, "without datum %d: off by %g, bound %g",
                   (int)i, test_distance(row, w, p->d), bound);
    }
    free(w);
    flow_free(f);
    problem_free(q);
}

START_TEST(fresh_models)
{
    uncertain_count = compared_count = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        problem *p = problem_of_loop(_i, seed);
        rf_model *model = problem_model(p);
        double *W = all_rows(model);

        for (int64_t i = 0; p->n > 1 && i < p->n; i += 1 + p->n / 12)
            check_row(p, i, W + i * p->d);
        free(W);
        rf_model_free(model);
        problem_free(p);
    }
    if (_i / BOTH < PROBLEM_GENERIC_COUNT)
        ck_assert_int_le(uncertain_count * 6, compared_count);
}
END_TEST

/* 1 if datum i acts: active or sliding at the start or by an event, inner ones included; or the flow
 * meets the origin, the kink of all data; or the activation has a slope everywhere. */
static int acts(const flow_data *f, int64_t i)
{
    const problem *p = f->p;
    double start = test_dot(p->X + i * p->d, p->w0, p->d);
    uint8_t *state = test_alloc(p->n, 1);
    rf_model *model = problem_model(p);
    int found;

    ck_assert_int_eq(rf_model_pattern(model, state, p->n), RF_OK);
    found = state[i] != STATE_INACTIVE || start >= 0 || problem_slope(p) > 0;
    for (int64_t k = 0; k < f->event_count; k++)
        found |= f->events[k].datum == i || f->events[k].kind == RF_EVENT_ORIGIN;
    rf_model_free(model);
    free(state);
    return found;
}

static int64_t idle_count;

/* A datum that never acts: its row is the limit, bit for bit. */
static void check_idle(const flow_data *f)
{
    int64_t n = f->p->n, d = f->p->d;
    double *W = all_rows(f->model), *w = test_doubles(d);

    flow_at(f, INFINITY, RF_WEIGHTS, w);
    for (int64_t i = 0; i < n; i++) {
        if (acts(f, i))
            continue;
        idle_count++;
        flow_check(f, same_bits(W + i * d, w, d), "row of datum %d, never active, is off by %g",
                   (int)i, test_distance(W + i * d, w, d));
    }
    free(W);
    free(w);
}

START_TEST(idle_data)
{
    idle_count = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        problem *p = problem_of_loop(_i, seed);
        flow_data *f = flow_run(p);

        check_idle(f);
        flow_free(f);
        problem_free(p);
    }
    if (_i / BOTH == PROBLEM_GAUSSIAN || _i / BOTH == PROBLEM_MANY)
        ck_assert_int_gt(idle_count, 0);
}
END_TEST

/* The same rows from a model at its start, half way, at the limit, stopped by the event limit, and
 * without a history; the model tells the same before and after. */
static void check_standing(rf_model *model, const double *expected)
{
    int64_t n = rf_model_count(model), d = rf_model_dim(model);
    snapshot *before = snapshot_take(model), *after;
    double *W = all_rows(model);

    after = snapshot_take(model);
    ck_assert(snapshot_same(before, after));
    ck_assert(same_bits(W, expected, n * d));
    snapshot_free(before);
    snapshot_free(after);
    free(W);
}

START_TEST(from_the_start)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        problem *p = problem_of_loop(_i, seed);
        rf_model *model = problem_model(p);
        double *W = all_rows(model);

        check_standing(model, W);
        ck_assert_int_eq(rf_model_integrate(model, p->time), RF_OK);
        check_standing(model, W);
        ck_assert_int_eq(rf_model_set_event_limit(model, 1), RF_OK);
        rf_model_integrate(model, INFINITY);
        check_standing(model, W);
        ck_assert_int_eq(rf_model_set_event_limit(model, 0), RF_OK);
        ck_assert_int_eq(rf_model_integrate(model, INFINITY), RF_OK);
        check_standing(model, W);
        free(W);
        rf_model_free(model);
        problem_free(p);
    }
}
END_TEST

/* A model that steps answers for the flow from its start all the same. */
START_TEST(stepping)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        problem *p = problem_make((enum problem_kind)_i, seed);
        rf_model *model = problem_model(p);
        double *W = all_rows(model);

        ck_assert_int_eq(rf_model_step(model, 0.1 * p->time, 20), RF_OK);
        check_standing(model, W);
        free(W);
        rf_model_free(model);
        problem_free(p);
    }
}
END_TEST

static int32_t no_event(const rf_model *model, const rf_event *event, void *user)
{
    (void)model;
    (void)event;
    ++*(int *)user;
    return 1;
}

/* Any order, with repeats: the rows of the data asked for; without a history too; the callback of
 * the model is not called. */
START_TEST(order)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        problem *p = problem_of_loop(_i, seed);
        random_source source = random_seed(seed);
        rf_model *model = problem_model(p);
        int64_t count = 2 * p->n, *data = test_alloc(count, sizeof *data);
        double *W = all_rows(model), *V = test_doubles(count * p->d);
        int calls = 0;

        ck_assert_int_eq(rf_model_set_recording(model, 0), RF_OK);
        if (p->vanishing)
            ck_assert_int_eq(rf_model_init_direction(model, p->w0, p->d, 0), RF_OK);
        else
            ck_assert_int_eq(rf_model_init(model, p->w0, p->d), RF_OK);
        ck_assert_int_eq(rf_model_set_callback(model, no_event, &calls), RF_OK);
        for (int64_t k = 0; k < count; k++)
            data[k] = random_integer(&source, 0, p->n - 1);
        ck_assert_int_eq(
            rf_model_leave_one_out(model, count, data, V, count * p->d, NULL, NULL), RF_OK);
        ck_assert_int_eq(calls, 0);
        for (int64_t k = 0; k < count; k++)
            ck_assert(same_bits(V + k * p->d, W + data[k] * p->d, p->d));
        free(data);
        free(W);
        free(V);
        rf_model_free(model);
        problem_free(p);
    }
}
END_TEST

/* Nothing is left: w stays where it starts, at 0 for vanishing initialization. */
START_TEST(only_datum)
{
    const double X[] = {1, 2, -1}, y = 3, u[] = {0.5, 1, -0.25}, zero[3] = {0};
    const int64_t none = 0;
    double w[3];
    rf_model *model = NULL;

    ck_assert_int_eq(rf_model_create(1, 3, X, &y, &model), RF_OK);
    ck_assert_int_eq(rf_model_init_direction(model, u, 3, _i == 0 ? 1 : 0), RF_OK);
    ck_assert_int_eq(rf_model_leave_one_out(model, 1, &none, w, 3, NULL, NULL), RF_OK);
    ck_assert_double_eq(test_distance(w, _i == 0 ? u : zero, 3), 0);
    rf_model_free(model);
}
END_TEST

typedef struct progress_log {
    int64_t calls, total, stop_at;
    int in_order;
} progress_log;

static int32_t progress(int64_t done, int64_t total, void *user)
{
    progress_log *log = user;

    log->in_order = log->in_order && done == ++log->calls;
    log->total = total;
    return done == log->stop_at;
}

/* One report per row; after a stop the rows not done are NaN, the others as ever. */
START_TEST(stopped)
{
    problem *p = problem_make(PROBLEM_MIXED, 3);
    rf_model *model = problem_run(p, p->time);
    double *W = all_rows(model), *V = test_doubles(p->n * p->d);
    int64_t *data = test_alloc(p->n, sizeof *data);
    progress_log log = {0, 0, 0, 1};

    for (int64_t i = 0; i < p->n; i++)
        data[i] = p->n - 1 - i;
    ck_assert_int_eq(rf_model_leave_one_out(model, p->n, data, V, p->n * p->d, progress, &log),
                     RF_OK);
    ck_assert(log.in_order && log.calls == p->n && log.total == p->n);
    for (int64_t stop = 1; stop < p->n; stop += 3) {
        progress_log again = {0, 0, stop, 1};

        ck_assert_int_eq(
            rf_model_leave_one_out(model, p->n, data, V, p->n * p->d, progress, &again),
            RF_STOPPED);
        ck_assert_int_eq(again.calls, stop);
        for (int64_t i = 0; i < p->n; i++) {
            if (i < stop)
                ck_assert(same_bits(V + i * p->d, W + data[i] * p->d, p->d));
            for (int64_t k = 0; i >= stop && k < p->d; k++)
                ck_assert(isnan(V[i * p->d + k]));
        }
    }
    free(W);
    free(V);
    free(data);
    rf_model_free(model);
    problem_free(p);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"fresh models", fresh_models, PROBLEM_KIND_COUNT * BOTH},
        {"idle data", idle_data, PROBLEM_KIND_COUNT * BOTH},
        {"from the start", from_the_start, PROBLEM_KIND_COUNT * BOTH},
        {"stepping", stepping, PROBLEM_GENERIC_COUNT},
        {"order", order, PROBLEM_KIND_COUNT * BOTH},
        {"only datum", only_datum, 2},
        {"stopped", stopped, 0},
    };

    return run_tests("property leave one out", entries, sizeof entries / sizeof *entries);
}
