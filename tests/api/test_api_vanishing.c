/* test_api_vanishing.c: rf_model_init_direction with scale 0: its arguments, its endings, and what
 * the inner flow leaves in the record. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "fixture.h"

#include <math.h>
#include <string.h>

/* plane_model from u = (2, 1): all three data are active, the velocity of omega is
 * 1 (1, 0) + 1.1875 (0, 1) + 0.0625 (1, -1) = (1.0625, 1.125), and the margin of datum 2,
 * 1 - 0.0625 s, is 0 at s = 16.  From there (1, 1.1875), which no datum crosses any more: escape.
 * The outer flow from 0 is then w(t) = (1 - e^-t)(1, 1.1875). */
static rf_model *vanishing_plane(void)
{
    const double u[] = {2, 1};
    rf_model *model = plane_model();

    expect(RF_OK, rf_model_init_direction(model, u, 2, 0));
    return model;
}

START_TEST(escape)
{
    double w[2], v[2], at_one[] = {-expm1(-1), -1.1875 * expm1(-1)};
    rf_model *model = vanishing_plane();

    ck_assert_double_eq(query_one(model, RF_TIME), 0);
    ck_assert_int_eq((int)query_one(model, RF_INNER_ENDING), RF_INNER_ESCAPE);
    ck_assert_double_eq(query_one(model, RF_CONVERGED), 0);
    ck_assert_int_eq((int)query_one(model, RF_STATUS), RF_OK);
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    expect(RF_OK, rf_model_query(model, RF_VELOCITY, v, 2));
    ck_assert(w[0] == 0 && w[1] == 0);
    ck_assert_double_eq_tol(v[0], 1, 4 * TEST_EPS);
    ck_assert_double_eq_tol(v[1], 1.1875, 4 * TEST_EPS);
    expect(RF_OK, rf_model_integrate(model, 1));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    ck_assert_double_le(test_distance(w, at_one, 2), 8 * TEST_EPS);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    ck_assert_double_eq_tol(w[0], 1, 4 * TEST_EPS);
    ck_assert_double_eq_tol(w[1], 1.1875, 4 * TEST_EPS);
    ck_assert_int_eq((int)query_one(model, RF_INNER_ENDING), RF_INNER_ESCAPE);
    ck_assert_double_eq(query_one(model, RF_CONVERGED), 1);
    rf_model_free(model);
}
END_TEST

static int32_t count_calls(const rf_model *model, const rf_event *event, void *user)
{
    (void)model;
    (void)event;
    ++*(int *)user;
    return 1;
}

/* The inner event is on record and flagged; no callback sees it, no event limit counts it, advance
 * does not hand it out. */
START_TEST(inner_events)
{
    int calls = 0;
    rf_model *model = vanishing_plane();
    rf_event event, copy;

    ck_assert_int_eq(rf_model_event_count(model), 1);
    expect(RF_OK, rf_model_events(model, 0, 1, &event));
    ck_assert_double_eq_tol(event.time, 16, 16 * 8 * TEST_EPS);
    ck_assert_int_eq(event.datum, 2);
    ck_assert_int_eq(event.neuron, 0);
    ck_assert_int_eq(event.kind, RF_EVENT_DEACTIVATE);
    ck_assert_int_eq(event.flags, RF_FLAG_INNER);
    ck_assert_int_eq((int)query_one(model, RF_FLAGS), RF_FLAG_INNER);
    expect(RF_OK, rf_model_set_callback(model, count_calls, &calls));
    expect(RF_OK, rf_model_set_event_limit(model, 1));
    copy = event;
    expect(RF_NO_EVENT, rf_model_advance(model, 1, &event));
    ck_assert_int_eq(memcmp(&copy, &event, sizeof event), 0);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_int_eq(calls, 0);
    ck_assert_int_eq(rf_model_event_count(model), 1);
    rf_model_free(model);
}
END_TEST

/* Quantities 14 to 18, the coefficients and the trajectory support begin at t = 0+. */
START_TEST(history_begins_after)
{
    double out[3];
    int64_t indices[3], count = 0;
    rf_model *model = vanishing_plane();

    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_query(model, RF_DEACTIVATIONS, out, 3));
    ck_assert(out[0] == 0 && out[1] == 0 && out[2] == 0);
    expect(RF_OK, rf_model_query(model, RF_REACTIVATIONS, out, 3));
    ck_assert(out[0] == 0 && out[1] == 0 && out[2] == 0);
    expect(RF_OK, rf_model_query(model, RF_FIRST_ACTIVE, out, 3));
    ck_assert(out[0] == 0 && out[1] == 0 && isnan(out[2]));
    expect(RF_OK, rf_model_query(model, RF_LAST_ACTIVE, out, 3));
    ck_assert(out[0] == INFINITY && out[1] == INFINITY && isnan(out[2]));
    expect(RF_OK, rf_model_query(model, RF_COEFFICIENTS, out, 3));
    /* alpha_i = y_i (1 - e^-t) for the two data at right angles. */
    ck_assert_double_eq_tol(out[0], 1, 8 * TEST_EPS);
    ck_assert_double_eq_tol(out[1], 1.1875, 8 * TEST_EPS);
    ck_assert_double_eq(out[2], 0);
    expect(RF_OK, rf_model_support(model, RF_SUPPORT_TRAJECTORY, indices, 3, &count));
    ck_assert_int_eq(count, 2);
    ck_assert(indices[0] == 0 && indices[1] == 1);
    /* A straight path, to the 1e-10 of the quadrature. */
    ck_assert_double_eq_tol(query_one(model, RF_PATH_LENGTH), hypot(1, 1.1875), 2e-10);
    rf_model_free(model);
}
END_TEST

/* The other endings, each with w = 0 for ever.  Data at right angles with negative labels: from
 * (1, -1) datum 0 deactivates at s = 1, which leaves no active datum; from (1, 1) both margins come
 * to 0 at once; a label 0 does not pull. */
START_TEST(other_endings)
{
    const double X[] = {1, 0, 0, 1}, y[] = {-1, -1}, zero[] = {0, 0};
    const struct {
        const double *y;
        double u[2];
        int ending;
        int64_t events;
    } cases[] = {
        {y, {1, -1}, RF_INNER_DEAD, 1},        {y, {-1, -2}, RF_INNER_DEAD, 0},
        {y, {1, 1}, RF_INNER_COLLAPSE, 1},     {zero, {1, 1}, RF_INNER_FROZEN, 0},
        {zero, {1, -1}, RF_INNER_FROZEN, 0},
    };

    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double w[2], v[2];
        rf_model *model = NULL;

        expect(RF_OK, rf_model_create(2, 2, X, cases[k].y, &model));
        expect(RF_OK, rf_model_init_direction(model, cases[k].u, 2, 0));
        ck_assert_int_eq((int)query_one(model, RF_INNER_ENDING), cases[k].ending);
        ck_assert_int_eq(rf_model_event_count(model), cases[k].events);
        expect(RF_OK, rf_model_integrate(model, 3));
        expect(RF_OK, rf_model_integrate(model, INFINITY));
        expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
        expect(RF_OK, rf_model_query_at(model, 1, RF_VELOCITY, v, 2));
        ck_assert(w[0] == 0 && w[1] == 0 && v[0] == 0 && v[1] == 0);
        ck_assert_double_eq(query_one(model, RF_CONVERGED), 1);
        ck_assert_int_eq((int)query_one(model, RF_INNER_ENDING), cases[k].ending);
        rf_model_free(model);
    }
}
END_TEST

/* The same ending for every positive multiple of u, with inner times that are so many times longer
 * (to two roundings of the product). */
START_TEST(length_of_the_direction)
{
    rf_model *model = plane_model();

    for (int k = -200; k <= 200; k += 100) {
        double factor = ldexp(1, k), u[] = {2 * factor, factor}, w[2];
        rf_event event;

        expect(RF_OK, rf_model_init_direction(model, u, 2, 0));
        ck_assert_int_eq((int)query_one(model, RF_INNER_ENDING), RF_INNER_ESCAPE);
        expect(RF_OK, rf_model_events(model, 0, 1, &event));
        ck_assert_double_eq_tol(event.time / factor, 16, 16 * 8 * TEST_EPS);
        expect(RF_OK, rf_model_integrate(model, INFINITY));
        expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
        ck_assert_double_eq_tol(w[0], 1, 4 * TEST_EPS);
    }
    rf_model_free(model);
}
END_TEST

START_TEST(errors)
{
    const double u[] = {2, 1, 0}, zero[] = {0, -0.0}, nan[] = {1, NAN}, inf[] = {-INFINITY, 1};
    rf_model *model = plane_model();

    expect(RF_ERROR_ARGUMENT, rf_model_init_direction(NULL, u, 2, 0));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_init_direction(model, zero, 2, 0));
    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 1));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_init_direction(model, NULL, 2, 0));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_init_direction(model, zero, 2, 0));
    ck_assert_str_ne(rf_model_error(model), "");
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_init_direction(model, zero, 2, -0.0));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_init_direction(model, u, 2, -0x1p-1074));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_init_direction(model, u, 2, -2.5));
    ck_assert_msg(strstr(rf_model_error(model), "-2.5"), "%s", rf_model_error(model));
    expect_unchanged(model, RF_ERROR_SIZE, rf_model_init_direction(model, u, 3, 0));
    ck_assert_msg(strstr(rf_model_error(model), "3"), "%s", rf_model_error(model));
    expect_unchanged(model, RF_ERROR_SIZE, rf_model_init_direction(model, u, 0, 0));
    expect_unchanged(model, RF_ERROR_SIZE, rf_model_init_direction(model, u, -2, 0));
    expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_init_direction(model, nan, 2, 0));
    ck_assert_msg(strstr(rf_model_error(model), "[1] = nan"), "%s", rf_model_error(model));
    expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_init_direction(model, inf, 2, 0));
    expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_init_direction(model, u, 2, NAN));
    /* Still of use after all that. */
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_init_direction(model, u, 2, -0.0));
    ck_assert_int_eq((int)query_one(model, RF_INNER_ENDING), RF_INNER_ESCAPE);
    rf_model_free(model);
}
END_TEST

/* u = 0 is a start at 0 like any other while the scale is positive. */
START_TEST(zero_direction_with_a_scale)
{
    const double zero[] = {0, 0};
    rf_model *model = plane_model(), *other = plane_model();

    expect(RF_OK, rf_model_init_direction(model, zero, 2, 0.5));
    expect(RF_OK, rf_model_init(other, zero, 2));
    ck_assert_int_eq((int)query_one(model, RF_INNER_ENDING), RF_INNER_NONE);
    ck_assert(models_same(model, other));
    rf_model_free(model);
    rf_model_free(other);
}
END_TEST

/* Descent does not start from the limit of vanishing initialization. */
START_TEST(no_descent)
{
    const double u[] = {2, 1};
    rf_model *model = vanishing_plane();

    expect_unchanged(model, RF_ERROR_STATE, rf_model_step(model, 0.125, 1));
    ck_assert_str_ne(rf_model_error(model), "");
    expect(RF_OK, rf_model_integrate(model, 1));
    expect_unchanged(model, RF_ERROR_STATE, rf_model_step(model, 0.125, 1));
    expect(RF_OK, rf_model_init_direction(model, u, 2, 1e-3));
    ck_assert_int_eq((int)query_one(model, RF_INNER_ENDING), RF_INNER_NONE);
    expect(RF_OK, rf_model_step(model, 0.125, 1));
    rf_model_free(model);
}
END_TEST

/* Another init forgets it. */
START_TEST(init_after)
{
    rf_model *model = vanishing_plane(), *other = plane_model();

    expect(RF_OK, rf_model_integrate(model, 1));
    plane_init(model);
    plane_init(other);
    ck_assert(models_same(model, other));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_integrate(other, INFINITY));
    ck_assert(models_same(model, other));
    rf_model_free(model);
    rf_model_free(other);
}
END_TEST

START_TEST(recording_off)
{
    const double u[] = {2, 1};
    double w[2], kept[2];
    rf_model *model = plane_model(), *full = vanishing_plane();
    rf_event event;

    expect(RF_OK, rf_model_set_recording(model, 0));
    expect(RF_OK, rf_model_init_direction(model, u, 2, 0));
    ck_assert_int_eq(rf_model_event_count(model), 1);
    expect(RF_ERROR_STATE, rf_model_events(model, 0, 1, &event));
    ck_assert_int_eq((int)query_one(model, RF_INNER_ENDING), RF_INNER_ESCAPE);
    expect(RF_NO_EVENT, rf_model_advance(model, 1, &event));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_integrate(full, INFINITY));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    expect(RF_OK, rf_model_query(full, RF_WEIGHTS, kept, 2));
    ck_assert(same_bits(w, kept, 2));
    rf_model_free(model);
    rf_model_free(full);
}
END_TEST

/* One datum in the plane, x = (1, 0), y = 1.  A linear neuron from (-1, 1): omega_1 = -1 + s, the
 * datum is called active from s = 1 on.  A leaky one, slope 1/4: omega_1 = -1 + s/4 up to s = 4. */
START_TEST(linear_and_leaky)
{
    const double X[] = {1, 0}, y[] = {1}, u[] = {-1, 1};
    const double times[] = {4, 1};
    const int32_t kinds[] = {RF_LEAKY_RELU, RF_LINEAR};

    for (int k = 0; k < 2; k++) {
        double w[2];
        rf_model *model = NULL;
        rf_event event;

        expect(RF_OK, rf_model_create(1, 2, X, y, &model));
        expect(RF_OK, rf_model_set_activation(model, kinds[k], 0.25));
        expect(RF_OK, rf_model_init_direction(model, u, 2, 0));
        ck_assert_int_eq((int)query_one(model, RF_INNER_ENDING), RF_INNER_ESCAPE);
        expect(RF_OK, rf_model_events(model, 0, 1, &event));
        ck_assert_double_eq_tol(event.time, times[k], 4 * 4 * TEST_EPS);
        ck_assert_int_eq(event.kind, RF_EVENT_ACTIVATE);
        ck_assert(event.flags & RF_FLAG_INNER);
        expect(RF_OK, rf_model_integrate(model, INFINITY));
        expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
        ck_assert_double_eq_tol(w[0], 1, 4 * TEST_EPS);
        ck_assert_double_eq_tol(w[1], 0, 4 * TEST_EPS);
        rf_model_free(model);
    }
}
END_TEST

static int32_t restart_inside(const rf_model *model, const rf_event *event, void *user)
{
    const double u[] = {2, 1};
    rf_model **m = user;

    (void)model;
    (void)event;
    ck_assert_int_eq(rf_model_init_direction(*m, u, 2, 0), RF_ERROR_STATE);
    *m = NULL;
    return 0;
}

START_TEST(from_a_callback)
{
    rf_model *model = plane_model(), *inside = model;

    plane_init(model);
    expect(RF_OK, rf_model_set_callback(model, restart_inside, &inside));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_ptr_null(inside);
    ck_assert_int_eq(rf_model_event_count(model), 1);
    rf_model_free(model);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"escape", escape, 0},
        {"inner events", inner_events, 0},
        {"history begins after", history_begins_after, 0},
        {"other endings", other_endings, 0},
        {"length of the direction", length_of_the_direction, 0},
        {"errors", errors, 0},
        {"zero direction with a scale", zero_direction_with_a_scale, 0},
        {"no descent", no_descent, 0},
        {"init after", init_after, 0},
        {"recording off", recording_off, 0},
        {"linear and leaky", linear_and_leaky, 0},
        {"from a callback", from_a_callback, 0},
    };

    return run_tests("api vanishing", entries, sizeof entries / sizeof *entries);
}
