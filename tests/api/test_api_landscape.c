/* test_api_landscape.c: the calls of a landscape, their arguments and their errors.
 * SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "algebra.h"

#include <math.h>
#include <string.h>

START_TEST(null_arguments)
{
    rf_model *model = plane_model();
    rf_landscape *landscape = (rf_landscape *)(void *)model;
    rf_stationary_point point, copy;

    memset(&point, 0x5a, sizeof point);
    copy = point;
    expect(RF_ERROR_ARGUMENT, rf_landscape_create(NULL, &landscape));
    ck_assert_ptr_null(landscape);
    expect(RF_ERROR_ARGUMENT, rf_landscape_create(model, NULL));
    expect(RF_OK, rf_landscape_create(model, &landscape));
    expect(RF_ERROR_ARGUMENT, rf_landscape_point(NULL, 0, &point));
    expect(RF_ERROR_ARGUMENT, rf_landscape_point(landscape, 0, NULL));
    ck_assert_int_eq(memcmp(&point, &copy, sizeof point), 0);
    ck_assert_int_eq(rf_landscape_count(NULL), 0);
    rf_landscape_free(NULL);
    rf_landscape_free(landscape);
    rf_model_free(model);
}
END_TEST

START_TEST(range)
{
    rf_model *model = plane_model();
    rf_landscape *landscape = NULL;
    rf_stationary_point point, copy;
    int64_t count;

    expect(RF_OK, rf_landscape_create(model, &landscape));
    count = rf_landscape_count(landscape);
    ck_assert_int_ge(count, 1);
    memset(&point, 0x5a, sizeof point);
    copy = point;
    expect(RF_ERROR_ARGUMENT, rf_landscape_point(landscape, -1, &point));
    expect(RF_ERROR_ARGUMENT, rf_landscape_point(landscape, count, &point));
    expect(RF_ERROR_ARGUMENT, rf_landscape_point(landscape, INT64_MAX, &point));
    expect(RF_ERROR_ARGUMENT, rf_landscape_point(landscape, INT64_MIN, &point));
    ck_assert_int_eq(memcmp(&point, &copy, sizeof point), 0);
    for (int64_t i = 0; i < count; i++) {
        expect(RF_OK, rf_landscape_point(landscape, i, &point));
        ck_assert_int_eq(i == 0, point.kind == RF_POINT_ORIGIN);
        ck_assert(point.kind >= RF_POINT_INTERIOR_MINIMUM && point.kind <= RF_POINT_ORIGIN);
    }
    rf_landscape_free(landscape);
    rf_model_free(model);
}
END_TEST

START_TEST(plane_only)
{
    const int64_t dimensions[] = {1, 3, 7};

    for (int k = 0; k < 3; k++) {
        problem *p = problem_empty(4, dimensions[k]);
        rf_model *model = problem_model(p);
        rf_landscape *landscape = (rf_landscape *)(void *)model;

        expect_unchanged(model, RF_ERROR_SIZE, rf_landscape_create(model, &landscape));
        ck_assert_ptr_null(landscape);
        rf_model_free(model);
        problem_free(p);
    }
}
END_TEST

/* Wherever the model stands the same points, which outlive it; the model is unchanged. */
START_TEST(needs_no_init)
{
    rf_model *model = plane_model();
    rf_landscape *before = NULL, *after = NULL;

    expect(RF_OK, rf_landscape_create(model, &before));
    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 1));
    expect_unchanged(model, RF_OK, rf_landscape_create(model, &after));
    rf_model_free(model);
    ck_assert_int_eq(rf_landscape_count(before), rf_landscape_count(after));
    for (int64_t i = 0; i < rf_landscape_count(before); i++) {
        rf_stationary_point a, b;

        expect(RF_OK, rf_landscape_point(before, i, &a));
        expect(RF_OK, rf_landscape_point(after, i, &b));
        ck_assert_int_eq(memcmp(&a, &b, sizeof a), 0);
    }
    rf_landscape_free(before);
    rf_landscape_free(after);
}
END_TEST

/* The activation of the model counts: w = (1, 1.1875) is a minimum of the ReLU neuron alone, with
 * datum 2 inactive. */
static int lists(const rf_model *model, double w0, double w1)
{
    rf_landscape *landscape = NULL;
    const double w[] = {w0, w1};
    int found = 0;

    expect(RF_OK, rf_landscape_create(model, &landscape));
    for (int64_t i = 0; i < rf_landscape_count(landscape); i++) {
        rf_stationary_point point;

        expect(RF_OK, rf_landscape_point(landscape, i, &point));
        found |= point.kind == RF_POINT_INTERIOR_MINIMUM
                 && test_distance(point.w, w, 2) <= 16 * TEST_EPS;
    }
    rf_landscape_free(landscape);
    return found;
}

START_TEST(settings_count)
{
    rf_model *model = plane_model();

    ck_assert(lists(model, 1, 1.1875));
    expect(RF_OK, rf_model_set_activation(model, RF_LEAKY_RELU, 0.25));
    ck_assert(!lists(model, 1, 1.1875));
    expect(RF_OK, rf_model_set_activation(model, RF_LINEAR, 0));
    ck_assert(!lists(model, 1, 1.1875));
    rf_model_free(model);
}
END_TEST

static int32_t list_inside(const rf_model *model, const rf_event *event, void *user)
{
    (void)event;
    *(int *)user = lists(model, 1, 1.1875);
    return 0;
}

START_TEST(from_a_callback)
{
    int found = 0;
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_set_callback(model, list_inside, &found));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_int_eq(found, 1);
    rf_model_free(model);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"null arguments", null_arguments, 0}, {"range", range, 0},
        {"plane only", plane_only, 0},         {"needs no init", needs_no_init, 0},
        {"settings count", settings_count, 0}, {"from a callback", from_a_callback, 0},
    };

    return run_tests("api landscape", entries, sizeof entries / sizeof *entries);
}
