/* test_landscape.c: the stationary points of every landscape of tests/vectors (SCHEMA.md there).
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "algebra.h"
#include "run.h"

#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <reluflow/reluflow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The library sums in twice the working precision and rounds each number of its answer once or
 * twice (w, the ends of a range, which are relative to w, theta, the loss); reading the reference
 * adds a rounding. */
#define ROUNDINGS (4 * TEST_EPS)

static json_t *member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    ck_assert_msg(value != NULL, "no member %s", key);
    return value;
}

static double number(json_t *value)
{
    ck_assert(json_is_string(value));
    return strtod(json_string_value(value), NULL);
}

static void numbers(json_t *array, double *out, size_t count)
{
    ck_assert_uint_eq(json_array_size(array), count);
    for (size_t k = 0; k < count; k++)
        out[k] = number(json_array_get(array, k));
}

static rf_model *model_of(json_t *input)
{
    int64_t n = json_integer_value(member(input, "n"));
    const char *activation = json_string_value(member(input, "act"));
    double *X = test_doubles(2 * n), *y = test_doubles(n), *c = test_doubles(n);
    rf_model *model = NULL;

    ck_assert_int_eq(json_integer_value(member(input, "d")), 2);
    for (int64_t i = 0; i < n; i++)
        numbers(json_array_get(member(input, "X"), (size_t)i), X + 2 * i, 2);
    numbers(member(input, "y"), y, (size_t)n);
    numbers(member(input, "c"), c, (size_t)n);
    ck_assert_int_eq(rf_model_create(n, 2, X, y, &model), RF_OK);
    ck_assert_int_eq(rf_model_set_data_weights(model, c, n), RF_OK);
    if (strcmp(activation, "leaky") == 0)
        ck_assert_int_eq(rf_model_set_activation(model, RF_LEAKY_RELU,
                                                 number(member(input, "beta"))),
                         RF_OK);
    else
        ck_assert_str_eq(activation, "relu");
    free(X);
    free(y);
    free(c);
    return model;
}

static int32_t kind_of(json_t *point)
{
    static const struct {
        const char *name;
        int32_t kind;
    } kinds[] = {{"interior_min", RF_POINT_INTERIOR_MINIMUM},
                 {"flat_min", RF_POINT_FLAT_MINIMUM},
                 {"kink_min", RF_POINT_KINK_MINIMUM},
                 {"kink_saddle", RF_POINT_KINK_SADDLE},
                 {"kink_c1_min", RF_POINT_ZERO_LABEL_MINIMUM},
                 {"origin", RF_POINT_ORIGIN}};
    const char *name = json_string_value(member(point, "type"));

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (strcmp(name, kinds[k].name) == 0)
            return kinds[k].kind;
    ck_abort_msg("unknown type of a stationary point: %s", name);
    return 0;
}

static int near(double got, double expected, double size)
{
    return got == expected || fabs(got - expected) <= ROUNDINGS * size;
}

static int same_weight(const rf_stationary_point *p, json_t *expected, const char *key)
{
    double w[2];

    numbers(member(expected, key), w, 2);
    return test_distance(p->w, w, 2) <= ROUNDINGS * test_norm(w, 2);
}

/* The same line, with the direction of either sign. */
static int same_line(const rf_stationary_point *p, json_t *expected)
{
    double d[2], range[2], w = test_norm(p->w, 2), sign;

    numbers(member(expected, "line_dir"), d, 2);
    numbers(member(expected, "range"), range, 2);
    sign = test_dot(d, p->direction, 2) > 0 ? 1 : -1;
    for (int k = 0; k < 2; k++) {
        double end = sign > 0 ? range[k] : -range[1 - k];

        if (!near(sign * p->direction[k], d[k], 1) || !near(p->range[k], end, w + fabs(end)))
            return 0;
    }
    return same_weight(p, expected, "line_point");
}

static int same_kink(const rf_stationary_point *p, json_t *expected)
{
    json_t *kink = member(expected, "kink"), *datum;
    int64_t lowest = INT64_MAX;
    char key[32];
    size_t k;

    json_array_foreach(kink, k, datum)
        if (json_integer_value(datum) < lowest)
            lowest = json_integer_value(datum);
    snprintf(key, sizeof key, "%d", (int)lowest);
    return p->datum == lowest && same_weight(p, expected, "w")
           && (p->kind == RF_POINT_ZERO_LABEL_MINIMUM
               || near(p->theta, number(member(member(expected, "theta_member"), key)), 1));
}

static int same(const rf_stationary_point *p, json_t *expected)
{
    double loss = number(member(expected, "loss"));

    if (p->kind != kind_of(expected) || !near(p->loss, loss, loss))
        return 0;
    if (p->kind == RF_POINT_ORIGIN)
        return (p->flags & 1) == json_is_true(member(expected, "clarke_stationary"));
    if (p->kind == RF_POINT_FLAT_MINIMUM)
        return same_line(p, expected);
    if (p->kind == RF_POINT_INTERIOR_MINIMUM)
        return same_weight(p, expected, "w");
    return same_kink(p, expected);
}

/* Every point of the reference is listed, every listed point is in the reference, none is
 * doubtful. */
static void check_case(const char *path)
{
    json_t *root = json_load_file(path, 0, NULL), *points, *expected;
    rf_model *model = model_of(member(root, "input"));
    rf_landscape *landscape = NULL;
    size_t k;

    ck_assert_int_eq(rf_landscape_create(model, &landscape), RF_OK);
    points = member(member(root, "expect"), "points");
    ck_assert_int_eq(rf_landscape_count(landscape), (int64_t)json_array_size(points));
    json_array_foreach(points, k, expected) {
        int found = 0;

        for (int64_t i = 0; i < rf_landscape_count(landscape); i++) {
            rf_stationary_point p;

            ck_assert_int_eq(rf_landscape_point(landscape, i, &p), RF_OK);
            ck_assert_int_eq(p.flags & RF_FLAG_DOUBTFUL, 0);
            found += same(&p, expected);
        }
        ck_assert_msg(found == 1, "%s: point %d (%s) is listed %d times", path, (int)k,
                      json_string_value(member(expected, "type")), found);
    }
    rf_landscape_free(landscape);
    rf_model_free(model);
    json_decref(root);
}

START_TEST(landscapes)
{
    DIR *folder = opendir(VECTOR_DIR);
    struct dirent *entry;
    int count = 0;

    ck_assert_ptr_nonnull(folder);
    while ((entry = readdir(folder)) != NULL) {
        char path[1024];

        if (strncmp(entry->d_name, "landscape_", 10) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", VECTOR_DIR, entry->d_name);
        check_case(path);
        count++;
    }
    closedir(folder);
    ck_assert_int_ge(count, 2);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {{"landscapes", landscapes, 1}};

    return run_tests("oracle landscape", entries, sizeof entries / sizeof *entries);
}
