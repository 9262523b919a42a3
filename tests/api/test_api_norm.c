/* test_api_norm.c: rf_model_norm_certificate. SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "algebra.h"

#include <math.h>
#include <string.h>

/* Two data at right angles, so that the margins are the weights. */
static rf_model *square(double y0, double y1, double c0)
{
    const double X[] = {1, 0, 0, 1}, y[] = {y0, y1}, c[] = {c0, 1};
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(2, 2, X, y, &model));
    expect(RF_OK, rf_model_set_data_weights(model, c, 2));
    return model;
}

static void start(rf_model *model, double w0, double w1)
{
    const double w[] = {w0, w1};

    expect(RF_OK, rf_model_init(model, w, 2));
}

/* The answer must be as given; a failure time NaN means that there is none. */
static void certificate(const rf_model *model, int increasing, double failure, double tolerance)
{
    int32_t answer = -5;
    double first = GUARD;

    expect(RF_OK, rf_model_norm_certificate(model, &answer, &first));
    ck_assert_int_eq(answer, increasing);
    if (isnan(failure))
        ck_assert_msg(isnan(first), "%g", first);
    else
        ck_assert_double_le(fabs(first - failure), tolerance);
}

/* 0 < z_i < y_i for both data: w . w' = sum z_i (y_i - z_i) > 0 up to any time. */
START_TEST(increases)
{
    rf_model *model = square(1, 2, 1);

    start(model, 0.125, 0.25);
    expect(RF_OK, rf_model_integrate(model, 0.5));
    certificate(model, 1, NAN, 0);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    certificate(model, 1, NAN, 0);
    rf_model_free(model);
}
END_TEST

/* From the limit of vanishing initialization: 0 at t = 0, and increasing from t = 0+. */
START_TEST(increases_from_zero)
{
    const double u[] = {1, 1};
    rf_model *model = square(1, 2, 1);

    expect(RF_OK, rf_model_init_direction(model, u, 2, 0));
    expect(RF_OK, rf_model_integrate(model, 0.5));
    certificate(model, 1, NAN, 0);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    certificate(model, 1, NAN, 0);
    rf_model_free(model);
}
END_TEST

/* From above: w . w' < 0 at t = 0. */
START_TEST(fails_at_once)
{
    rf_model *model = square(1, 2, 1);

    start(model, 3, 4);
    expect(RF_OK, rf_model_integrate(model, 0.5));
    certificate(model, 0, 0, 0);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    certificate(model, 0, 0, 0);
    rf_model_free(model);
}
END_TEST

/* Half of d|w|^2/dt for weights c = (100, 1), labels 1, start (0.1, 1.5). */
static double slow_fall(double t)
{
    double fast = 0.9 * exp(-100 * t), slow = 0.5 * exp(-t);

    return 100 * fast * (1 - fast) - slow * (1 + slow);
}

/* The first weight rises fast, the second falls slowly: one zero, found by bisection. */
START_TEST(fails_later)
{
    double from = 0, to = 1;
    rf_model *model = square(1, 1, 100);

    for (int k = 0; k < 100; k++) {
        double half = (from + to) / 2;

        *(slow_fall(half) > 0 ? &from : &to) = half;
    }
    ck_assert_double_gt(slow_fall(0), 0);
    ck_assert(from > 0.001 && to < 0.5);
    start(model, 0.1, 1.5);
    expect(RF_OK, rf_model_integrate(model, from / 2));
    certificate(model, 1, NAN, 0);
    /* The root is simple with slope near -75, the terms near 0.75: it is good to a few eps. */
    expect(RF_OK, rf_model_integrate(model, 1));
    certificate(model, 0, from, 64 * TEST_EPS);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    certificate(model, 0, from, 64 * TEST_EPS);
    rf_model_free(model);
}
END_TEST

/* Constant flows neither increase nor fail: at a minimum, dead, at 0. */
START_TEST(constant)
{
    const double starts[][2] = {{1, 2}, {-1, -2}, {0, 0}};

    for (int k = 0; k < 3; k++) {
        rf_model *model = square(1, 2, 1);

        start(model, starts[k][0], starts[k][1]);
        expect(RF_OK, rf_model_integrate(model, 1));
        certificate(model, 0, NAN, 0);
        expect(RF_OK, rf_model_integrate(model, INFINITY));
        certificate(model, 0, NAN, 0);
        rf_model_free(model);
    }
}
END_TEST

/* A linear neuron from (-1, 0), y = (1, 0): w . w' = w_1 (1 - w_1) < 0 at once, although it rises
 * after the crossing.  A leaky one likewise. */
START_TEST(linear_and_leaky)
{
    const int32_t kinds[] = {RF_LINEAR, RF_LEAKY_RELU};

    for (int k = 0; k < 2; k++) {
        rf_model *model = square(1, 0, 1);

        expect(RF_OK, rf_model_set_activation(model, kinds[k], 0.25));
        start(model, -1, 0);
        expect(RF_OK, rf_model_integrate(model, INFINITY));
        certificate(model, 0, 0, 0);
        start(model, 0.125, 0);
        expect(RF_OK, rf_model_integrate(model, INFINITY));
        certificate(model, 1, NAN, 0);
        rf_model_free(model);
    }
}
END_TEST

/* The call must fail, its outputs as they were. */
static void refused(const rf_model *model, rf_status status)
{
    int32_t answer = -5;
    double first = GUARD;

    expect(status, rf_model_norm_certificate(model, &answer, &first));
    ck_assert_int_eq(answer, -5);
    ck_assert_double_eq(first, GUARD);
}

START_TEST(errors)
{
    int32_t answer = -5;
    double first = GUARD;
    rf_model *model = plane_model();

    refused(NULL, RF_ERROR_ARGUMENT);
    refused(model, RF_ERROR_STATE);
    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 1));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_norm_certificate(model, NULL, &first));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_norm_certificate(model, &answer, NULL));
    ck_assert_int_eq(answer, -5);
    ck_assert_double_eq(first, GUARD);
    ck_assert_str_eq(rf_model_error(model), "");
    expect_unchanged(model, RF_OK, rf_model_norm_certificate(model, &answer, &first));
    plane_init(model);
    expect(RF_OK, rf_model_step(model, 0.0625, 4));
    refused(model, RF_ERROR_STATE);
    expect(RF_OK, rf_model_set_recording(model, 0));
    refused(model, RF_ERROR_STATE);
    plane_init(model);
    refused(model, RF_ERROR_STATE);
    expect(RF_OK, rf_model_integrate(model, 1));
    refused(model, RF_ERROR_STATE);
    rf_model_free(model);
}
END_TEST

static int32_t ask_inside(const rf_model *model, const rf_event *event, void *user)
{
    double *first = user;
    int32_t answer = -5;

    (void)event;
    ck_assert_int_eq(rf_model_norm_certificate(model, &answer, first), RF_OK);
    ck_assert_int_eq(answer, 0);
    return 0;
}

/* plane_model: w . w' = -2.75 at t = 0. */
START_TEST(from_a_callback)
{
    double first = GUARD;
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_set_callback(model, ask_inside, &first));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_double_eq(first, 0);
    rf_model_free(model);
}
END_TEST

/* Right after init nothing is on record but t = 0; the answer is one of the documented ones. */
START_TEST(fresh)
{
    int32_t answer = -5;
    double first = GUARD;
    rf_model *model = square(1, 2, 1);

    start(model, 0.125, 0.25);
    expect(RF_OK, rf_model_norm_certificate(model, &answer, &first));
    ck_assert(answer == 0 || answer == 1);
    ck_assert(isnan(first));
    start(model, 3, 4);
    expect(RF_OK, rf_model_norm_certificate(model, &answer, &first));
    ck_assert_int_eq(answer, 0);
    ck_assert(isnan(first) || first == 0);
    rf_model_free(model);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"increases", increases, 0},
        {"increases from zero", increases_from_zero, 0},
        {"fails at once", fails_at_once, 0},
        {"fails later", fails_later, 0},
        {"constant", constant, 0},
        {"linear and leaky", linear_and_leaky, 0},
        {"errors", errors, 0},
        {"from a callback", from_a_callback, 0},
        {"fresh", fresh, 0},
    };

    return run_tests("api norm", entries, sizeof entries / sizeof *entries);
}
