/* test_api_sweep.c: sweeps: creation, settings, order and results of the runs, and every error.
 * SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "sweeps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void refused(const rf_model *base, rf_status status, int64_t directions, const double *U,
                    int64_t U_len, int64_t scales, const double *eps)
{
    rf_sweep *sweep = (rf_sweep *)(void *)&status;

    expect(status, rf_sweep_create(base, directions, U, U_len, scales, eps, &sweep));
    ck_assert_ptr_null(sweep);
}

START_TEST(create_errors)
{
    const double U[] = {2, 1, 0, 1}, bad[] = {2, 1, NAN, 1}, far[] = {2, 1, 1, INFINITY};
    const double zero[] = {2, 1, 0, -0.0}, eps[] = {1, 0}, some[] = {1, 0.5};
    const double negative[] = {1, -1e-300}, nan[] = {1, NAN}, inf[] = {INFINITY, 1};
    rf_model *base = plane_model();
    rf_sweep *sweep = NULL;

    refused(NULL, RF_ERROR_ARGUMENT, 2, U, 4, 2, eps);
    refused(base, RF_ERROR_ARGUMENT, 2, NULL, 4, 2, eps);
    refused(base, RF_ERROR_ARGUMENT, 2, U, 4, 2, NULL);
    refused(base, RF_ERROR_ARGUMENT, 2, U, 4, 2, negative);
    refused(base, RF_ERROR_ARGUMENT, 2, zero, 4, 2, eps);
    refused(base, RF_ERROR_SIZE, 0, U, 0, 2, eps);
    refused(base, RF_ERROR_SIZE, -2, U, -4, 2, eps);
    refused(base, RF_ERROR_SIZE, 2, U, 4, 0, eps);
    refused(base, RF_ERROR_SIZE, 2, U, 4, -1, eps);
    refused(base, RF_ERROR_SIZE, 2, U, 3, 2, eps);
    refused(base, RF_ERROR_SIZE, 2, U, 5, 2, eps);
    refused(base, RF_ERROR_SIZE, 2, U, 0, 2, eps);
    refused(base, RF_ERROR_SIZE, 2, U, -4, 2, eps);
    refused(base, RF_ERROR_SIZE, INT64_MAX, U, -2, 2, eps);
    refused(base, RF_ERROR_NOT_FINITE, 2, bad, 4, 2, eps);
    refused(base, RF_ERROR_NOT_FINITE, 2, far, 4, 2, eps);
    refused(base, RF_ERROR_NOT_FINITE, 2, U, 4, 2, nan);
    refused(base, RF_ERROR_NOT_FINITE, 2, U, 4, 2, inf);
    expect(RF_ERROR_ARGUMENT, rf_sweep_create(base, 2, U, 4, 2, eps, NULL));
    expect(RF_OK, rf_sweep_create(base, 2, zero, 4, 2, some, &sweep));
    rf_sweep_free(sweep);
    rf_sweep_free(NULL);
    rf_model_free(base);
}
END_TEST

/* More runs than fit a machine: an error, not an overflow. */
START_TEST(too_many)
{
    const double U[] = {2, 1}, eps[] = {1};
    const int64_t huge = ((int64_t)1 << 62) + 1;
    problem *p = problem_empty(2, 4);
    rf_model *base = problem_model(p), *plane = plane_model();

    refused(base, RF_ERROR_SIZE, huge, p->X, 4, 1, eps);
    refused(plane, RF_ERROR_SIZE, INT64_MAX, U, 2, 1, eps);
    rf_model_free(base);
    rf_model_free(plane);
    problem_free(p);
}
END_TEST

START_TEST(null_arguments)
{
    double w[2];
    rf_model *model = NULL;
    rf_sweep *sweep = plane_sweep();

    guard_fill(w, 2);
    expect(RF_ERROR_ARGUMENT, rf_sweep_set_threads(NULL, 1));
    expect(RF_ERROR_ARGUMENT, rf_sweep_set_callback(NULL, NULL, NULL));
    expect(RF_ERROR_ARGUMENT, rf_sweep_run(NULL, INFINITY));
    expect(RF_ERROR_ARGUMENT, rf_sweep_query(NULL, RF_TIME, w, 1));
    expect(RF_ERROR_ARGUMENT, rf_sweep_query(sweep, RF_TIME, NULL, SWEEP_RUNS));
    model = (rf_model *)(void *)sweep;
    expect(RF_ERROR_ARGUMENT, rf_sweep_model(NULL, 0, &model));
    ck_assert_ptr_null(model);
    expect(RF_ERROR_ARGUMENT, rf_sweep_model(sweep, 0, NULL));
    ck_assert_int_eq(rf_sweep_count(NULL), 0);
    ck_assert_int_eq(rf_sweep_count(sweep), SWEEP_RUNS);
    ck_assert(guard_intact(w, 2));
    rf_sweep_free(sweep);
}
END_TEST

START_TEST(threads_range)
{
    const int32_t bad[] = {0, -1, 1025, INT32_MIN, INT32_MAX};
    rf_sweep *sweep = plane_sweep();

    for (int k = 0; k < 5; k++)
        expect(RF_ERROR_ARGUMENT, rf_sweep_set_threads(sweep, bad[k]));
    expect(RF_OK, rf_sweep_set_threads(sweep, 1024));
    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    expect(RF_OK, rf_sweep_set_threads(sweep, 1));
    rf_sweep_free(sweep);
}
END_TEST

START_TEST(run_errors)
{
    double before[2 * SWEEP_RUNS], after[2 * SWEEP_RUNS];
    rf_sweep *sweep = plane_sweep();

    expect(RF_ERROR_NOT_FINITE, rf_sweep_run(sweep, NAN));
    expect(RF_ERROR_ARGUMENT, rf_sweep_run(sweep, -1e-300));
    expect(RF_ERROR_ARGUMENT, rf_sweep_run(sweep, -INFINITY));
    expect(RF_OK, rf_sweep_query(sweep, RF_WEIGHTS, before, 2 * SWEEP_RUNS));
    for (int k = 0; k < 2 * SWEEP_RUNS; k++)
        ck_assert(isnan(before[k]));
    expect(RF_OK, rf_sweep_run(sweep, 1));
    expect(RF_OK, rf_sweep_query(sweep, RF_WEIGHTS, before, 2 * SWEEP_RUNS));
    expect(RF_ERROR_ARGUMENT, rf_sweep_run(sweep, nextafter(1, 0)));
    expect(RF_ERROR_NOT_FINITE, rf_sweep_run(sweep, NAN));
    expect(RF_OK, rf_sweep_query(sweep, RF_WEIGHTS, after, 2 * SWEEP_RUNS));
    ck_assert(same_bits(before, after, 2 * SWEEP_RUNS));
    expect(RF_OK, rf_sweep_run(sweep, 1));
    expect(RF_OK, rf_sweep_query(sweep, RF_WEIGHTS, after, 2 * SWEEP_RUNS));
    ck_assert(same_bits(before, after, 2 * SWEEP_RUNS));
    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    expect(RF_ERROR_ARGUMENT, rf_sweep_run(sweep, 1e300));
    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    rf_sweep_free(sweep);
}
END_TEST

START_TEST(query_errors)
{
    double out[4 * SWEEP_RUNS];
    rf_sweep *sweep = plane_sweep();

    for (int round = 0; round < 2; round++) {
        guard_fill(out, 4 * SWEEP_RUNS);
        expect(RF_ERROR_ARGUMENT, rf_sweep_query(sweep, 0, out, SWEEP_RUNS));
        expect(RF_ERROR_ARGUMENT, rf_sweep_query(sweep, RF_OUTPUTS + 1, out, SWEEP_RUNS));
        expect(RF_ERROR_ARGUMENT, rf_sweep_query(sweep, -1, out, SWEEP_RUNS));
        expect(RF_ERROR_SIZE, rf_sweep_query(sweep, RF_TIME, out, SWEEP_RUNS - 1));
        expect(RF_ERROR_SIZE, rf_sweep_query(sweep, RF_TIME, out, SWEEP_RUNS + 1));
        expect(RF_ERROR_SIZE, rf_sweep_query(sweep, RF_WEIGHTS, out, SWEEP_RUNS));
        expect(RF_ERROR_SIZE, rf_sweep_query(sweep, RF_MARGINS, out, 2 * SWEEP_RUNS));
        expect(RF_ERROR_SIZE, rf_sweep_query(sweep, RF_TIME, out, 0));
        expect(RF_ERROR_SIZE, rf_sweep_query(sweep, RF_TIME, out, -SWEEP_RUNS));
        ck_assert(guard_intact(out, 4 * SWEEP_RUNS));
        expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    }
    rf_sweep_free(sweep);
}
END_TEST

START_TEST(model_errors)
{
    rf_sweep *sweep = plane_sweep();
    const int64_t bad[] = {-1, SWEEP_RUNS, INT64_MAX, INT64_MIN};
    rf_model *model;

    for (int k = 0; k < 4; k++) {
        model = (rf_model *)(void *)sweep;
        expect(RF_ERROR_ARGUMENT, rf_sweep_model(sweep, bad[k], &model));
        ck_assert_ptr_null(model);
    }
    model = (rf_model *)(void *)sweep;
    expect(RF_ERROR_STATE, rf_sweep_model(sweep, 0, &model));
    ck_assert_ptr_null(model);
    expect(RF_OK, rf_sweep_run(sweep, 0));
    expect(RF_OK, rf_sweep_model(sweep, 0, &model));
    ck_assert_double_eq(query_one(model, RF_TIME), 0);
    rf_model_free(model);
    rf_sweep_free(sweep);
}
END_TEST

/* Every run is what rf_model_init_direction and rf_model_integrate give, in the promised order, for
 * each quantity and as a model. */
static void check_runs(const rf_sweep *sweep, const rf_model *base, const starts *s, double t)
{
    for (int64_t k = 0; k < s->directions * s->scales; k++) {
        rf_model *alone = run_alone(base, s, k, t), *run = NULL;

        expect(RF_OK, rf_sweep_model(sweep, k, &run));
        ck_assert_msg(models_same(run, alone), "run %d", (int)k);
        for (int32_t q = RF_TIME; q <= RF_RATES; q++)
            ck_assert_msg(row_is_of(sweep, k, alone, q), "run %d, quantity %d", (int)k, q);
        rf_model_free(alone);
        rf_model_free(run);
    }
}

START_TEST(as_alone)
{
    const enum problem_kind kinds[] = {PROBLEM_MIXED, PROBLEM_LEAKY, PROBLEM_LINEAR,
                                       PROBLEM_WEIGHTED, PROBLEM_PARALLEL};
    problem *p = problem_make(kinds[_i], 3);
    starts *s = starts_make(p->d, 4, 3, 17);
    rf_model *base = problem_model(p);
    rf_sweep *sweep = starts_sweep(s, base);

    expect(RF_OK, rf_sweep_run(sweep, p->time));
    check_runs(sweep, base, s, p->time);
    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    check_runs(sweep, base, s, INFINITY);
    rf_sweep_free(sweep);
    rf_model_free(base);
    starts_free(s);
    problem_free(p);
}
END_TEST

/* The base may change and go; U and eps are copied; the runs are those of the base then. */
START_TEST(independent)
{
    problem *p = problem_make(PROBLEM_MIXED, 8);
    starts *s = starts_make(p->d, 3, 2, 4), *copy = starts_make(p->d, 3, 2, 4);
    rf_model *base = problem_model(p), *same = problem_model(p), *run = NULL, *alone;
    rf_sweep *sweep;
    double c[64];

    for (int64_t i = 0; i < p->n; i++)
        c[i] = 2 + (double)i;
    sweep = starts_sweep(s, base);
    guard_fill(s->U, 3 * p->d);
    guard_fill(s->eps, 2);
    expect(RF_OK, rf_model_set_activation(base, RF_LINEAR, 0));
    expect(RF_OK, rf_model_set_data_weights(base, c, p->n));
    expect(RF_OK, rf_model_set_event_limit(base, 1));
    rf_model_free(base);
    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    check_runs(sweep, same, copy, INFINITY);
    expect(RF_OK, rf_sweep_model(sweep, 5, &run));
    rf_sweep_free(sweep);
    alone = run_alone(same, copy, 5, INFINITY);
    ck_assert(models_same(run, alone));
    expect(RF_OK, rf_model_init(run, p->w0, p->d));
    expect(RF_OK, rf_model_integrate(run, INFINITY));
    rf_model_free(run);
    rf_model_free(alone);
    rf_model_free(same);
    starts_free(s);
    starts_free(copy);
    problem_free(p);
}
END_TEST

/* A base without an init will do, and a model of a run has its settings but not its callback. */
static int32_t stop_always(const rf_model *model, const rf_event *event, void *user)
{
    (void)model;
    (void)event;
    (void)user;
    return 1;
}

START_TEST(base_without_init)
{
    rf_model *base = plane_model(), *run = NULL;
    rf_sweep *sweep = NULL;
    const double U[] = {2, 1}, eps[] = {1};

    expect(RF_OK, rf_model_set_activation(base, RF_LEAKY_RELU, 0.25));
    expect(RF_OK, rf_model_set_callback(base, stop_always, NULL));
    expect(RF_OK, rf_sweep_create(base, 1, U, 2, 1, eps, &sweep));
    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    expect(RF_OK, rf_sweep_model(sweep, 0, &run));
    plane_init(run);
    expect(RF_OK, rf_model_integrate(run, INFINITY));
    expect(RF_OK, rf_model_set_callback(base, NULL, NULL));
    plane_init(base);
    expect(RF_OK, rf_model_integrate(base, INFINITY));
    ck_assert(models_same(base, run));
    rf_model_free(run);
    rf_model_free(base);
    rf_sweep_free(sweep);
}
END_TEST

/* Recording off: the present only, in the queries and in the models. */
START_TEST(recording_off)
{
    double w[2 * SWEEP_RUNS], kept[2 * SWEEP_RUNS], out[3 * SWEEP_RUNS];
    const int32_t history[] = {RF_COEFFICIENTS, RF_DEACTIVATIONS, RF_REACTIVATIONS,
                               RF_FIRST_ACTIVE, RF_LAST_ACTIVE};
    rf_model *base = plane_model(), *run = NULL;
    rf_sweep *full = plane_sweep(), *sweep;

    expect(RF_OK, rf_model_set_recording(base, 0));
    sweep = plane_sweep_of(base);
    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    expect(RF_OK, rf_sweep_run(full, INFINITY));
    expect(RF_OK, rf_sweep_query(sweep, RF_WEIGHTS, w, 2 * SWEEP_RUNS));
    expect(RF_OK, rf_sweep_query(full, RF_WEIGHTS, kept, 2 * SWEEP_RUNS));
    ck_assert(same_bits(w, kept, 2 * SWEEP_RUNS));
    guard_fill(out, 3 * SWEEP_RUNS);
    for (int k = 0; k < 5; k++)
        expect(RF_ERROR_STATE, rf_sweep_query(sweep, history[k], out, 3 * SWEEP_RUNS));
    expect(RF_ERROR_STATE, rf_sweep_query(sweep, RF_PATH_LENGTH, out, SWEEP_RUNS));
    ck_assert(guard_intact(out, 3 * SWEEP_RUNS));
    expect(RF_OK, rf_sweep_model(sweep, 1, &run));
    expect(RF_ERROR_STATE, rf_model_query(run, RF_COEFFICIENTS, out, 3));
    expect(RF_OK, rf_model_query(run, RF_WEIGHTS, out, 2));
    ck_assert(same_bits(out, kept + 2, 2));
    rf_model_free(run);
    rf_model_free(base);
    rf_sweep_free(sweep);
    rf_sweep_free(full);
}
END_TEST

static int32_t sweep_inside(const rf_model *model, const rf_event *event, void *user)
{
    rf_sweep *sweep = plane_sweep_of(model);

    (void)event;
    ck_assert_int_eq(rf_sweep_run(sweep, INFINITY), RF_OK);
    ck_assert_int_eq(rf_sweep_query(sweep, RF_WEIGHTS, user, 2 * SWEEP_RUNS), RF_OK);
    rf_sweep_free(sweep);
    return 0;
}

/* Made and run from a callback of its base. */
START_TEST(from_a_callback)
{
    double inside[2 * SWEEP_RUNS], w[2 * SWEEP_RUNS];
    rf_model *model = plane_model();
    rf_sweep *sweep = plane_sweep();

    plane_init(model);
    expect(RF_OK, rf_model_set_callback(model, sweep_inside, inside));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    expect(RF_OK, rf_sweep_query(sweep, RF_WEIGHTS, w, 2 * SWEEP_RUNS));
    ck_assert(same_bits(inside, w, 2 * SWEEP_RUNS));
    rf_sweep_free(sweep);
    rf_model_free(model);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"create errors", create_errors, 0},
        {"too many", too_many, 0},
        {"null arguments", null_arguments, 0},
        {"threads range", threads_range, 0},
        {"run errors", run_errors, 0},
        {"query errors", query_errors, 0},
        {"model errors", model_errors, 0},
        {"as alone", as_alone, 5},
        {"independent", independent, 0},
        {"base without init", base_without_init, 0},
        {"recording off", recording_off, 0},
        {"from a callback", from_a_callback, 0},
    };

    return run_tests("api sweep", entries, sizeof entries / sizeof *entries);
}
