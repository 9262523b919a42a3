/* test_api_settings.c: the settings of a model: what they do and every error.
 * SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <math.h>
#include <string.h>

START_TEST(null_model)
{
    const double c[] = {1, 1, 1};

    expect(RF_ERROR_ARGUMENT, rf_model_set_activation(NULL, RF_RELU, 0));
    expect(RF_ERROR_ARGUMENT, rf_model_set_data_weights(NULL, c, 3));
    expect(RF_ERROR_ARGUMENT, rf_model_set_data_weights(NULL, NULL, 0));
    expect(RF_ERROR_ARGUMENT, rf_model_set_event_limit(NULL, 1));
    expect(RF_ERROR_ARGUMENT, rf_model_set_recording(NULL, 1));
    expect(RF_ERROR_ARGUMENT, rf_model_set_threads(NULL, 1));
    expect(RF_ERROR_ARGUMENT, rf_model_set_callback(NULL, NULL, NULL));
}
END_TEST

/* Every failing setter, on a model that has run: nothing may change, runs and queries go on. */
START_TEST(failing_setters_change_nothing)
{
    const double zero[] = {1, 0, 1}, negative[] = {1, 1, -1}, nan[] = {1, NAN, 1};
    const double inf[] = {INFINITY, 1, 1}, good[] = {1, 1, 1};
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 1.0));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_set_activation(model, 3, 0));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_set_activation(model, -1, 0));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_set_activation(model, RF_LEAKY_RELU, 1));
    expect_unchanged(model, RF_ERROR_ARGUMENT,
                     rf_model_set_activation(model, RF_LEAKY_RELU, -1e-9));
    expect_unchanged(model, RF_ERROR_NOT_FINITE,
                     rf_model_set_activation(model, RF_LEAKY_RELU, NAN));
    expect_unchanged(model, RF_ERROR_NOT_FINITE,
                     rf_model_set_activation(model, RF_LEAKY_RELU, INFINITY));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_set_data_weights(model, zero, 3));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_set_data_weights(model, negative, 3));
    expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_set_data_weights(model, nan, 3));
    expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_set_data_weights(model, inf, 3));
    expect_unchanged(model, RF_ERROR_SIZE, rf_model_set_data_weights(model, good, 2));
    expect_unchanged(model, RF_ERROR_SIZE, rf_model_set_data_weights(model, good, 4));
    expect_unchanged(model, RF_ERROR_SIZE, rf_model_set_data_weights(model, good, 0));
    expect_unchanged(model, RF_ERROR_SIZE, rf_model_set_data_weights(model, good, -3));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_set_data_weights(model, NULL, 3));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_set_event_limit(model, -1));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_set_threads(model, 0));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_set_threads(model, 1025));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_set_threads(model, -1));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_int_eq(rf_model_event_count(model), 1);
    rf_model_free(model);
}
END_TEST

START_TEST(error_text)
{
    const double c[] = {1, -2.5, 1};
    rf_model *model = plane_model();
    const char *text;

    expect(RF_ERROR_ARGUMENT, rf_model_set_data_weights(model, c, 3));
    text = rf_model_error(model);
    ck_assert_msg(strstr(text, "1") && strstr(text, "-2.5"), "%s", text);
    expect(RF_ERROR_ARGUMENT, rf_model_set_threads(model, 4711));
    text = rf_model_error(model);
    ck_assert_msg(strstr(text, "4711"), "%s", text);
    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_int_eq(rf_model_event_count(model), 1);
    expect(RF_OK, rf_model_set_activation(model, RF_LEAKY_RELU, 0.1));
    ck_assert_int_eq(rf_model_event_count(model), 0);
    expect(RF_ERROR_STATE, rf_model_integrate(model, INFINITY));
    text = rf_model_error(model);
    ck_assert_msg(strstr(text, "a setting has changed") && strstr(text, "init"), "%s", text);
    plane_init(model);
    expect(RF_ERROR_NUMERICAL, rf_model_step(model, 1e300, 10));
    text = rf_model_error(model);
    ck_assert_msg(strstr(text, "a step leads out of the range") && !strstr(text, "decomposition"), "%s", text);
    rf_model_free(model);
}
END_TEST

/* The slope is read with RF_LEAKY_RELU only. */
START_TEST(slope_ignored)
{
    rf_model *model = plane_model();

    expect(RF_OK, rf_model_set_activation(model, RF_RELU, NAN));
    expect(RF_OK, rf_model_set_activation(model, RF_LINEAR, -3));
    expect(RF_OK, rf_model_set_activation(model, RF_LEAKY_RELU, 0));
    expect(RF_OK, rf_model_set_activation(model, RF_LEAKY_RELU, 1 - 0x1p-53));
    rf_model_free(model);
}
END_TEST

/* Values of the residuals at w = (2, 1) + the leaking (1, 3): z = (1, 3, -2). */
START_TEST(activations)
{
    const double w[] = {1, 3};
    double r[3];
    rf_model *model = plane_model();

    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_RESIDUALS, r, 3));
    ck_assert_double_eq(r[2], -0.0625);
    expect(RF_OK, rf_model_set_activation(model, RF_LEAKY_RELU, 0.25));
    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_RESIDUALS, r, 3));
    ck_assert_double_eq(r[0], 0);
    ck_assert_double_eq(r[1], 1.8125);
    ck_assert_double_eq(r[2], -0.5625);
    expect(RF_OK, rf_model_set_activation(model, RF_LINEAR, 0));
    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_RESIDUALS, r, 3));
    ck_assert_double_eq(r[2], -2.0625);
    rf_model_free(model);
}
END_TEST

START_TEST(data_weights)
{
    const double w[] = {1, 3};
    double c[] = {2, 4, 8}, loss;
    rf_model *model = plane_model();

    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_LOSS, &loss, 1));
    ck_assert_double_eq(loss, (1.8125 * 1.8125 + 0.0625 * 0.0625) / 2);
    expect(RF_OK, rf_model_set_data_weights(model, c, 3));
    guard_fill(c, 3);   /* copied */
    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_LOSS, &loss, 1));
    ck_assert_double_eq(loss, 2 * 1.8125 * 1.8125 + 4 * 0.0625 * 0.0625);
    expect(RF_OK, rf_model_set_data_weights(model, NULL, 0));
    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_LOSS, &loss, 1));
    ck_assert_double_eq(loss, (1.8125 * 1.8125 + 0.0625 * 0.0625) / 2);
    rf_model_free(model);
}
END_TEST

/* Runs and queries of a model whose setting was changed after its init. */
static void check_stale(rf_model *model)
{
    double w[2], t;
    uint8_t state[3];
    int64_t count;
    rf_event event;

    guard_fill(w, 2);
    expect(RF_ERROR_STATE, rf_model_integrate(model, 2.0));
    expect(RF_ERROR_STATE, rf_model_advance(model, 2.0, &event));
    expect(RF_ERROR_STATE, rf_model_step(model, 0.1, 1));
    expect(RF_ERROR_STATE, rf_model_query(model, RF_WEIGHTS, w, 2));
    expect(RF_ERROR_STATE, rf_model_query_at(model, 0.5, RF_WEIGHTS, w, 2));
    t = 0.5;
    expect(RF_ERROR_STATE, rf_model_sample(model, 1, &t, RF_WEIGHTS, w, 2));
    expect(RF_ERROR_STATE, rf_model_pattern(model, state, 3));
    expect(RF_ERROR_STATE, rf_model_support(model, RF_SUPPORT_ACTIVE, NULL, 0, &count));
    ck_assert(guard_intact(w, 2));
    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 2.0));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
}

START_TEST(set_after_init)
{
    const double c[] = {1, 2, 1};

    for (int setting = 0; setting < 4; setting++) {
        rf_model *model = plane_model();

        plane_init(model);
        expect(RF_OK, rf_model_integrate(model, 1.0));
        switch (setting) {
        case 0: expect(RF_OK, rf_model_set_activation(model, RF_LEAKY_RELU, 0.5)); break;
        case 1: expect(RF_OK, rf_model_set_data_weights(model, c, 3)); break;
        case 2: expect(RF_OK, rf_model_set_data_weights(model, NULL, 0)); break;
        default: expect(RF_OK, rf_model_set_recording(model, 0)); break;
        }
        check_stale(model);
        rf_model_free(model);
    }
}
END_TEST

/* The other settings may change between runs. */
START_TEST(set_between_runs)
{
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 1.0));
    expect(RF_OK, rf_model_set_event_limit(model, 5));
    expect(RF_OK, rf_model_set_threads(model, 2));
    expect(RF_OK, rf_model_set_threads(model, 1024));
    expect(RF_OK, rf_model_set_threads(model, 1));
    expect(RF_OK, rf_model_set_callback(model, NULL, NULL));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    rf_model_free(model);
}
END_TEST

/* Settings survive init. */
START_TEST(settings_survive)
{
    const double c[] = {2, 3, 4};
    rf_model *once = plane_model(), *twice = plane_model();

    expect(RF_OK, rf_model_set_activation(once, RF_LEAKY_RELU, 0.25));
    expect(RF_OK, rf_model_set_data_weights(once, c, 3));
    expect(RF_OK, rf_model_set_activation(twice, RF_LEAKY_RELU, 0.25));
    expect(RF_OK, rf_model_set_data_weights(twice, c, 3));
    plane_init(twice);
    expect(RF_OK, rf_model_integrate(twice, INFINITY));
    plane_init(once);
    plane_init(twice);
    expect(RF_OK, rf_model_integrate(once, INFINITY));
    expect(RF_OK, rf_model_integrate(twice, INFINITY));
    ck_assert(models_same(once, twice));
    rf_model_free(once);
    rf_model_free(twice);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"null model", null_model, 0},
        {"failing setters change nothing", failing_setters_change_nothing, 0},
        {"error text", error_text, 0},
        {"slope ignored", slope_ignored, 0},
        {"activations", activations, 0},
        {"data weights", data_weights, 0},
        {"set after init", set_after_init, 0},
        {"set between runs", set_between_runs, 0},
        {"settings survive", settings_survive, 0},
    };

    return run_tests("api settings", entries, sizeof entries / sizeof *entries);
}
