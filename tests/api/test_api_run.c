/* test_api_run.c: init, step, integrate, advance: results, resuming, and every error.
 * SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "fixture.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(null_arguments)
{
    const double w0[] = {2, 1};
    rf_event event;
    rf_model *model = plane_model();

    expect(RF_ERROR_ARGUMENT, rf_model_init(NULL, w0, 2));
    expect(RF_ERROR_ARGUMENT, rf_model_init_direction(NULL, w0, 2, 1));
    expect(RF_ERROR_ARGUMENT, rf_model_step(NULL, 0.1, 1));
    expect(RF_ERROR_ARGUMENT, rf_model_integrate(NULL, 1));
    expect(RF_ERROR_ARGUMENT, rf_model_advance(NULL, 1, &event));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_init(model, NULL, 2));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_init_direction(model, NULL, 2, 1));
    plane_init(model);
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_init(model, NULL, 2));
    rf_model_free(model);
}
END_TEST

START_TEST(before_init)
{
    rf_model *model = plane_model();
    rf_event event = {1, 2, 3, 4, 5}, copy = event;

    expect_unchanged(model, RF_ERROR_STATE, rf_model_integrate(model, 1));
    expect_unchanged(model, RF_ERROR_STATE, rf_model_advance(model, 1, &event));
    expect_unchanged(model, RF_ERROR_STATE, rf_model_step(model, 0.1, 1));
    ck_assert_int_eq(memcmp(&event, &copy, sizeof event), 0);
    ck_assert_str_ne(rf_model_error(model), "");
    rf_model_free(model);
}
END_TEST

START_TEST(init_errors)
{
    const double bad[] = {NAN, INFINITY, -INFINITY};
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 0.5));
    for (int b = 0; b < 3; b++) {
        for (int k = 0; k < 2; k++) {
            double w0[] = {2, 1};

            w0[k] = bad[b];
            expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_init(model, w0, 2));
            expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_init_direction(model, w0, 2, 1));
        }
    }
    {
        const double w0[] = {2, 1, 0}, huge[] = {1.7e308, -1.7e308};

        expect_unchanged(model, RF_ERROR_SIZE, rf_model_init(model, w0, 1));
        expect_unchanged(model, RF_ERROR_SIZE, rf_model_init(model, w0, 3));
        expect_unchanged(model, RF_ERROR_SIZE, rf_model_init(model, w0, 0));
        expect_unchanged(model, RF_ERROR_SIZE, rf_model_init(model, w0, -2));
        expect_unchanged(model, RF_ERROR_NUMERICAL, rf_model_init(model, huge, 2));
        expect_unchanged(model, RF_ERROR_SIZE, rf_model_init_direction(model, w0, 3, 1));
        expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_init_direction(model, w0, 2, -1));
        expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_init_direction(model, w0, 2, NAN));
        expect_unchanged(model, RF_ERROR_NOT_FINITE,
                         rf_model_init_direction(model, w0, 2, INFINITY));
    }
    rf_model_free(model);
}
END_TEST

/* Rows whose square overflows have no curvature that a double holds: they are refused, up to the largest double, and
 * never taken for rows of 0.  Inactive ones do no harm. */
START_TEST(rows_beyond_range_are_refused)
{
    const double sizes[] = {1e155, 1e300, 0x1.fffffffffffffp1022, 0x1p1023, 1e308, 0x1.fffffffffffffp1023};
    size_t k;
    for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); ++k) {
        const double one[] = {1}, w1[] = {0.001}, w2[] = {1, 1}, labels[] = {2, 3, 1};
        const double plane[] = {1, 0, 0, 1, -sizes[k], 0};
        double w[2] = {0, 0};
        rf_model *model = NULL;
        expect(RF_OK, rf_model_create(1, 1, &sizes[k], one, &model));
        expect(RF_ERROR_NUMERICAL, rf_model_init(model, w1, 1));
        rf_model_free(model);
        expect(RF_OK, rf_model_create(3, 2, plane, labels, &model));
        expect(RF_OK, rf_model_init(model, w2, 2));
        expect(RF_OK, rf_model_integrate(model, INFINITY));
        expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
        ck_assert_double_eq_tol(w[0], 2.0, 8 * DBL_EPSILON);
        ck_assert_double_eq_tol(w[1], 3.0, 8 * DBL_EPSILON);
        rf_model_free(model);
    }
}
END_TEST

START_TEST(init_direction_is_init)
{
    const double u[] = {20, 10}, w0[] = {20 * 0.1, 10 * 0.1};
    rf_model *a = plane_model(), *b = plane_model();

    expect(RF_OK, rf_model_init_direction(a, u, 2, 0.1));
    expect(RF_OK, rf_model_init(b, w0, 2));
    ck_assert(models_same(a, b));
    expect(RF_OK, rf_model_integrate(a, INFINITY));
    expect(RF_OK, rf_model_integrate(b, INFINITY));
    ck_assert(models_same(a, b));
    rf_model_free(a);
    rf_model_free(b);
}
END_TEST

/* An init clears time, history, flags and status. */
START_TEST(init_again)
{
    rf_model *a = plane_model(), *b = plane_model();

    plane_init(a);
    expect(RF_OK, rf_model_integrate(a, INFINITY));
    plane_init(a);
    plane_init(b);
    ck_assert(models_same(a, b));
    ck_assert_double_eq(query_one(a, RF_TIME), 0);
    ck_assert_int_eq((int)query_one(a, RF_STATUS), RF_OK);
    ck_assert_int_eq(rf_model_event_count(a), 0);
    expect(RF_OK, rf_model_step(a, 0.125, 3));
    plane_init(a);
    expect(RF_OK, rf_model_integrate(a, 1));
    rf_model_free(a);
    rf_model_free(b);
}
END_TEST

START_TEST(integrate_errors)
{
    rf_model *model = plane_model();

    plane_init(model);
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_integrate(model, -1e-300));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_integrate(model, -INFINITY));
    expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_integrate(model, NAN));
    expect(RF_OK, rf_model_integrate(model, 1));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_integrate(model, nextafter(1, 0)));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_advance(model, 0.5, NULL));
    expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_advance(model, NAN, NULL));
    expect(RF_OK, rf_model_integrate(model, 1));
    ck_assert_double_eq(query_one(model, RF_TIME), 1);
    rf_model_free(model);
}
END_TEST

START_TEST(the_plane)
{
    double w[2], v[2];
    rf_event event;
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_int_eq(rf_model_event_count(model), 1);
    expect(RF_OK, rf_model_events(model, 0, 1, &event));
    /* One segment, well conditioned: a few units of rounding. */
    ck_assert_double_eq_tol(event.time, PLANE_EVENT_TIME, 1e-14);
    ck_assert_int_eq(event.datum, 2);
    ck_assert_int_eq(event.neuron, 0);
    ck_assert_int_eq(event.kind, RF_EVENT_DEACTIVATE);
    ck_assert_int_eq(event.flags, 0);
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    expect(RF_OK, rf_model_query(model, RF_VELOCITY, v, 2));
    ck_assert_double_eq_tol(w[0], 1, 1e-15 * 4);
    ck_assert_double_eq_tol(w[1], 1.1875, 1e-15 * 4);
    ck_assert(v[0] == 0 && v[1] == 0);
    ck_assert_double_eq(query_one(model, RF_TIME), INFINITY);
    ck_assert_double_eq(query_one(model, RF_CONVERGED), 1);
    ck_assert_double_eq_tol(query_one(model, RF_LOSS), 0.001953125, 1e-16);
    rf_model_free(model);
}
END_TEST

/* At the limit every run is already over. */
START_TEST(after_the_limit)
{
    rf_model *model = plane_model();
    rf_event event = {1, 2, 3, 4, 5}, copy = event;
    snapshot *before, *after;

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    before = snapshot_take(model);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    after = snapshot_take(model);
    ck_assert(snapshot_same(before, after));
    expect(RF_NO_EVENT, rf_model_advance(model, INFINITY, &event));
    ck_assert_int_eq(memcmp(&event, &copy, sizeof event), 0);
    expect(RF_ERROR_ARGUMENT, rf_model_integrate(model, 1e300));
    snapshot_free(before);
    snapshot_free(after);
    rf_model_free(model);
}
END_TEST

START_TEST(step_errors)
{
    rf_model *model = plane_model();

    plane_init(model);
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_step(model, 0, 1));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_step(model, -0.1, 1));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_step(model, 0.1, -1));
    expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_step(model, NAN, 1));
    expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_step(model, INFINITY, 1));
    expect(RF_OK, rf_model_step(model, 0.0625, 2));
    expect_unchanged(model, RF_ERROR_STATE, rf_model_integrate(model, 5));
    expect_unchanged(model, RF_ERROR_STATE, rf_model_advance(model, 5, NULL));
    ck_assert_double_eq(query_one(model, RF_TIME), 0.125);
    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 0.5));
    expect_unchanged(model, RF_ERROR_STATE, rf_model_step(model, 0.1, 1));
    rf_model_free(model);
}
END_TEST

/* Every factor 1 - eta lambda is below -2: the iterates leave the range of double.  The model is
 * then at the last finite one and can be asked. */
START_TEST(step_overflows)
{
    const double X[] = {1, 0, 0, 2}, y[] = {1, 1}, w0[] = {3, 4};
    double w[2];
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(2, 2, X, y, &model));
    expect(RF_OK, rf_model_set_activation(model, RF_LINEAR, 0));
    expect(RF_OK, rf_model_init(model, w0, 2));
    expect(RF_ERROR_NUMERICAL, rf_model_step(model, 4, 100000));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    ck_assert(isfinite(w[0]) && isfinite(w[1]));
    ck_assert_double_gt(fabs(w[1]), 1e290);
    ck_assert(isfinite(query_one(model, RF_TIME)));
    rf_model_free(model);
}
END_TEST

START_TEST(step_zero_times)
{
    rf_model *model = plane_model();
    double w[2];

    plane_init(model);
    expect(RF_OK, rf_model_step(model, 0.1, 0));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    ck_assert(w[0] == 2 && w[1] == 1);
    ck_assert_double_eq(query_one(model, RF_TIME), 0);
    ck_assert_int_eq(rf_model_event_count(model), 0);
    rf_model_free(model);
}
END_TEST

/* The limit and the events must not depend on how the run was cut. */
START_TEST(event_limit)
{
    for (int64_t limit = 1; limit <= 4; limit++) {
        rf_model *whole = sliding_model(), *cut = sliding_model();
        int64_t runs = 0, before = 0;
        rf_status status;

        expect(RF_OK, rf_model_integrate(whole, INFINITY));
        expect(RF_OK, rf_model_set_event_limit(cut, limit));
        while ((status = rf_model_integrate(cut, INFINITY)) == RF_EVENT_LIMIT) {
            ck_assert_int_ge(rf_model_event_count(cut), before + limit);
            ck_assert_int_eq((int)query_one(cut, RF_STATUS), RF_EVENT_LIMIT);
            before = rf_model_event_count(cut);
            runs++;
        }
        ck_assert_int_eq(status, RF_OK);
        ck_assert_int_gt(runs, 0);
        ck_assert_int_le(rf_model_event_count(cut) - before, limit);
        ck_assert(models_same(whole, cut));
        rf_model_free(whole);
        rf_model_free(cut);
    }
}
END_TEST

/* A limit equal to the number of events does not stop the run. */
START_TEST(event_limit_just_enough)
{
    rf_model *model = plane_model();

    expect(RF_OK, rf_model_set_event_limit(model, 1));
    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_int_eq(rf_model_event_count(model), 1);
    expect(RF_OK, rf_model_set_event_limit(model, 0));
    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    rf_model_free(model);
}
END_TEST

/* The limit counts for descent too. */
START_TEST(event_limit_descent)
{
    rf_model *whole = sliding_model(), *cut = sliding_model();
    double t = 0, total = 0.001 * 400, w[8], w_cut[8];
    int64_t d = rf_model_dim(whole);

    expect(RF_OK, rf_model_step(whole, 0.001, 400));
    ck_assert_int_gt(rf_model_event_count(whole), 2);
    expect(RF_OK, rf_model_set_event_limit(cut, 1));
    while (t < total - 0.0005) {
        rf_status status = rf_model_step(cut, 0.001, (int64_t)floor((total - t) / 0.001 + 0.5));

        ck_assert(status == RF_OK || status == RF_EVENT_LIMIT);
        t = query_one(cut, RF_TIME);
    }
    ck_assert_int_eq(rf_model_event_count(whole), rf_model_event_count(cut));
    expect(RF_OK, rf_model_query(whole, RF_WEIGHTS, w, d));
    expect(RF_OK, rf_model_query(cut, RF_WEIGHTS, w_cut, d));
    /* The same iterates up to 400 times a few roundings. */
    ck_assert_double_le(test_distance(w, w_cut, d), 400 * 8 * TEST_EPS * (1 + test_norm(w, d)));
    rf_model_free(whole);
    rf_model_free(cut);
}
END_TEST

/* One event at a time: the same events, the same end, bit for bit. */
START_TEST(advance_is_integrate)
{
    rf_model *whole = sliding_model(), *one = sliding_model();
    int64_t count, k = 0;
    rf_event *events, event;
    rf_status status;

    expect(RF_OK, rf_model_integrate(whole, INFINITY));
    count = rf_model_event_count(whole);
    ck_assert_int_eq(count, sliding_events());
    events = test_alloc(count, sizeof *events);
    expect(RF_OK, rf_model_events(whole, 0, count, events));
    while ((status = rf_model_advance(one, INFINITY, &event)) == RF_OK) {
        ck_assert_int_lt(k, count);
        ck_assert_int_eq(memcmp(&event, &events[k++], sizeof event), 0);
        ck_assert_double_eq(query_one(one, RF_TIME), event.time);
    }
    ck_assert_int_eq(status, RF_NO_EVENT);
    ck_assert_int_eq(k, count);
    ck_assert(models_same_state(whole, one));
    free(events);
    rf_model_free(whole);
    rf_model_free(one);
}
END_TEST

START_TEST(advance_to_t_max)
{
    rf_event event = {1, 2, 3, 4, 5}, copy = event;
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_NO_EVENT, rf_model_advance(model, 1, &event));
    ck_assert_int_eq(memcmp(&event, &copy, sizeof event), 0);
    ck_assert_double_eq(query_one(model, RF_TIME), 1);
    ck_assert_int_eq((int)query_one(model, RF_STATUS), RF_NO_EVENT);
    expect(RF_NO_EVENT, rf_model_advance(model, 1, NULL));
    expect(RF_OK, rf_model_advance(model, INFINITY, NULL));
    ck_assert_double_eq_tol(query_one(model, RF_TIME), PLANE_EVENT_TIME, 1e-14);
    expect(RF_NO_EVENT, rf_model_advance(model, INFINITY, &event));
    ck_assert_double_eq(query_one(model, RF_CONVERGED), 1);
    ck_assert_int_eq(memcmp(&event, &copy, sizeof event), 0);
    rf_model_free(model);
}
END_TEST

/* Two equal data cross in one instant: handed out one at a time, the model after both. */
START_TEST(advance_simultaneous)
{
    const double X[] = {1, 0, 0, 1, 1, -1, 1, -1}, y[] = {1, 1.1875, 0.03125, 0.03125};
    const double w0[] = {2, 1};
    rf_event first, second;
    uint8_t state[4];
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(4, 2, X, y, &model));
    expect(RF_OK, rf_model_init(model, w0, 2));
    expect(RF_OK, rf_model_advance(model, INFINITY, &first));
    expect(RF_OK, rf_model_pattern(model, state, 4));
    ck_assert(state[2] == 0 && state[3] == 0);
    expect(RF_OK, rf_model_advance(model, INFINITY, &second));
    ck_assert_double_eq(first.time, second.time);
    ck_assert_int_ne(first.datum, second.datum);
    ck_assert_int_eq(first.kind, RF_EVENT_DEACTIVATE);
    ck_assert_int_eq(second.kind, RF_EVENT_DEACTIVATE);
    expect(RF_NO_EVENT, rf_model_advance(model, INFINITY, NULL));
    rf_model_free(model);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"null arguments", null_arguments, 0},
        {"before init", before_init, 0},
        {"init errors", init_errors, 0},
        {"rows beyond range are refused", rows_beyond_range_are_refused, 0},
        {"init_direction is init", init_direction_is_init, 0},
        {"init again", init_again, 0},
        {"integrate errors", integrate_errors, 0},
        {"the plane", the_plane, 0},
        {"after the limit", after_the_limit, 0},
        {"step errors", step_errors, 0},
        {"step overflows", step_overflows, 0},
        {"step zero times", step_zero_times, 0},
        {"event limit", event_limit, 0},
        {"event limit just enough", event_limit_just_enough, 0},
        {"event limit descent", event_limit_descent, 0},
        {"advance is integrate", advance_is_integrate, 0},
        {"advance to t_max", advance_to_t_max, 0},
        {"advance simultaneous", advance_simultaneous, 0},
    };

    return run_tests("api run", entries, sizeof entries / sizeof *entries);
}
