/* test_api_query.c: query, query_at, sample, evaluate, pattern, support: sizes, values, errors.
 * SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t size_of(int32_t q, int64_t n, int64_t d)
{
    switch (q) {
    case RF_WEIGHTS:
    case RF_VELOCITY:
    case RF_GRADIENT:
    case RF_LEAST_NORM:
    case RF_RATES:
        return d;
    case RF_MARGINS: case RF_RESIDUALS: case RF_PATTERN: case RF_COEFFICIENTS: case RF_MULTIPLIERS:
    case RF_DEACTIVATIONS:
    case RF_REACTIVATIONS:
    case RF_FIRST_ACTIVE:
    case RF_LAST_ACTIVE:
    case RF_OUTPUTS:
        return n;
    default: return 1;
    }
}

START_TEST(sizes)
{
    rf_model *model = plane_model();
    int64_t len;

    for (int32_t q = RF_TIME; q <= RF_OUTPUTS; q++) {
        len = -1;
        expect(RF_OK, rf_model_query_size(model, q, &len));
        ck_assert_int_eq(len, size_of(q, 3, 2));
    }
    len = -77;
    expect(RF_ERROR_ARGUMENT, rf_model_query_size(model, 0, &len));
    expect(RF_ERROR_ARGUMENT, rf_model_query_size(model, RF_OUTPUTS + 1, &len));
    expect(RF_ERROR_ARGUMENT, rf_model_query_size(model, -1, &len));
    expect(RF_ERROR_ARGUMENT, rf_model_query_size(NULL, RF_TIME, &len));
    expect(RF_ERROR_ARGUMENT, rf_model_query_size(model, RF_TIME, NULL));
    ck_assert_int_eq(len, -77);
    rf_model_free(model);
}
END_TEST

START_TEST(before_init)
{
    rf_model *model = plane_model();
    double out[3], t = 0;
    uint8_t state[] = {9, 9, 9};
    int64_t indices[] = {-5, -5, -5}, count = -5;
    rf_event event;

    guard_fill(out, 3);
    for (int32_t q = RF_TIME; q <= RF_OUTPUTS; q++) {
        int64_t len = size_of(q, 3, 2);

        expect(RF_ERROR_STATE, rf_model_query(model, q, out, len));
        expect(RF_ERROR_STATE, rf_model_query_at(model, 0, q, out, len));
        expect(RF_ERROR_STATE, rf_model_sample(model, 1, &t, q, out, len));
    }
    expect(RF_ERROR_STATE, rf_model_pattern(model, state, 3));
    expect(RF_ERROR_STATE, rf_model_support(model, RF_SUPPORT_ACTIVE, indices, 3, &count));
    expect(RF_ERROR_STATE, rf_model_events(model, 0, 0, &event));
    ck_assert(guard_intact(out, 3));
    ck_assert(state[0] == 9 && indices[0] == -5 && count == -5);
    ck_assert_int_eq(rf_model_event_count(model), 0);
    rf_model_free(model);
}
END_TEST

START_TEST(wrong_arguments)
{
    rf_model *model = plane_model();
    double out[8], t = 0.25, nan = NAN;

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 0.5));
    guard_fill(out, 8);
    for (int32_t q = RF_TIME; q <= RF_OUTPUTS; q++) {
        int64_t len = size_of(q, 3, 2);
        const int64_t wrong[] = {len - 1, len + 1, 0, -len, INT64_MAX, INT64_MIN};

        for (int k = 0; k < 6; k++) {
            expect(RF_ERROR_SIZE, rf_model_query(model, q, out, wrong[k]));
            expect(RF_ERROR_SIZE, rf_model_query_at(model, t, q, out, wrong[k]));
            expect(RF_ERROR_SIZE, rf_model_sample(model, 1, &t, q, out, wrong[k]));
        }
        expect(RF_ERROR_ARGUMENT, rf_model_query(NULL, q, out, len));
        expect(RF_ERROR_ARGUMENT, rf_model_query(model, q, NULL, len));
        expect(RF_ERROR_ARGUMENT, rf_model_query_at(NULL, t, q, out, len));
        expect(RF_ERROR_ARGUMENT, rf_model_query_at(model, t, q, NULL, len));
        expect(RF_ERROR_ARGUMENT, rf_model_query_at(model, -1e-300, q, out, len));
        expect(RF_ERROR_ARGUMENT, rf_model_query_at(model, 0.75, q, out, len));
        expect(RF_ERROR_ARGUMENT, rf_model_query_at(model, INFINITY, q, out, len));
        expect(RF_ERROR_ARGUMENT, rf_model_query_at(model, -INFINITY, q, out, len));
        expect(RF_ERROR_NOT_FINITE, rf_model_query_at(model, NAN, q, out, len));
        expect(RF_ERROR_ARGUMENT, rf_model_sample(NULL, 1, &t, q, out, len));
        expect(RF_ERROR_ARGUMENT, rf_model_sample(model, 1, NULL, q, out, len));
        expect(RF_ERROR_ARGUMENT, rf_model_sample(model, 1, &t, q, NULL, len));
        expect(RF_ERROR_NOT_FINITE, rf_model_sample(model, 1, &nan, q, out, len));
    }
    expect(RF_ERROR_ARGUMENT, rf_model_query(model, 0, out, 1));
    expect(RF_ERROR_ARGUMENT, rf_model_query(model, 26, out, 1));
    expect(RF_ERROR_ARGUMENT, rf_model_query_at(model, t, 0, out, 1));
    expect(RF_ERROR_ARGUMENT, rf_model_sample(model, 1, &t, -3, out, 1));
    ck_assert(guard_intact(out, 8));
    rf_model_free(model);
}
END_TEST

START_TEST(sample_arguments)
{
    rf_model *model = plane_model();
    double out[8], late[] = {0, 0.25, 0.75}, nan[] = {0, NAN, 0.25}, good[] = {0, 0.5, 0.25};

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 0.5));
    guard_fill(out, 8);
    expect(RF_ERROR_SIZE, rf_model_sample(model, 0, good, RF_WEIGHTS, out, 0));
    expect(RF_ERROR_SIZE, rf_model_sample(model, -1, good, RF_WEIGHTS, out, 2));
    expect(RF_ERROR_SIZE, rf_model_sample(model, 3, good, RF_WEIGHTS, out, 5));
    expect(RF_ERROR_SIZE, rf_model_sample(model, INT64_MAX / 2 + 2, good, RF_WEIGHTS, out, 2));
    expect(RF_ERROR_ARGUMENT, rf_model_sample(model, 3, late, RF_WEIGHTS, out, 6));
    expect(RF_ERROR_NOT_FINITE, rf_model_sample(model, 3, nan, RF_WEIGHTS, out, 6));
    ck_assert(guard_intact(out, 8));
    expect(RF_OK, rf_model_sample(model, 3, good, RF_WEIGHTS, out, 6));
    ck_assert(!guard_intact(out, 1) && guard_intact(out + 6, 2));
    rf_model_free(model);
}
END_TEST

/* Now, and at the present time: the same. */
START_TEST(query_is_query_at_now)
{
    for (int limit = 0; limit < 2; limit++) {
        rf_model *model = sliding_model();
        int64_t n = rf_model_count(model), d = rf_model_dim(model);
        double now, *a = test_doubles(n), *b = test_doubles(n);

        expect(RF_OK, rf_model_integrate(model, limit ? INFINITY : 0.7));
        now = query_one(model, RF_TIME);
        for (int32_t q = RF_TIME; q <= RF_OUTPUTS; q++) {
            int64_t len = size_of(q, n, d);

            expect(RF_OK, rf_model_query(model, q, a, len));
            expect(RF_OK, rf_model_query_at(model, now, q, b, len));
            ck_assert_msg(same_bits(a, b, len), "quantity %d", (int)q);
        }
        free(a);
        free(b);
        rf_model_free(model);
    }
}
END_TEST

/* Quantities that are functions of others. */
START_TEST(consistent)
{
    rf_model *model = sliding_model();
    int64_t n = rf_model_count(model), d = rf_model_dim(model);
    double *w = test_doubles(d), *v = test_doubles(d), *g = test_doubles(d),
           *theta = test_doubles(n);
    uint8_t *state = test_alloc(n, 1);

    for (int k = 0; k < 12; k++) {
        expect(RF_OK, rf_model_advance(model, INFINITY, NULL));
        expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, d));
        expect(RF_OK, rf_model_query(model, RF_VELOCITY, v, d));
        expect(RF_OK, rf_model_query(model, RF_GRADIENT, g, d));
        expect(RF_OK, rf_model_query(model, RF_PATTERN, theta, n));
        expect(RF_OK, rf_model_pattern(model, state, n));
        /* d + 2 roundings of sums of squares and products. */
        ck_assert_double_eq_tol(query_one(model, RF_WEIGHT_NORM), test_norm(w, d),
                                10 * TEST_EPS * test_norm(w, d));
        ck_assert_double_eq_tol(query_one(model, RF_GRADIENT_NORM), test_norm(g, d),
                                10 * TEST_EPS * test_norm(g, d));
        ck_assert_double_eq_tol(query_one(model, RF_NORM_RATE), test_dot(w, v, d),
                                10 * TEST_EPS * test_norm(w, d) * test_norm(v, d));
        for (int64_t i = 0; i < n; i++)
            ck_assert(state[i] == 2 ? theta[i] >= 0 && theta[i] <= 1 : theta[i] == state[i]);
    }
    free(w);
    free(v);
    free(g);
    free(theta);
    free(state);
    rf_model_free(model);
}
END_TEST

START_TEST(evaluate_values)
{
    const double w[] = {2, 1}, kink[] = {1, 1};
    double out[3];
    rf_model *model = plane_model();

    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_WEIGHTS, out, 2));
    ck_assert(out[0] == 2 && out[1] == 1);
    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_MARGINS, out, 3));
    ck_assert(out[0] == 2 && out[1] == 1 && out[2] == 1);
    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_RESIDUALS, out, 3));
    ck_assert(out[0] == 1 && out[1] == -0.1875 && out[2] == 0.9375);
    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_GRADIENT, out, 2));
    ck_assert(out[0] == 1.9375 && out[1] == -1.125);
    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_GRADIENT_NORM, out, 1));
    ck_assert_double_eq_tol(out[0], sqrt(1.9375 * 1.9375 + 1.125 * 1.125), 1e-15);
    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_WEIGHT_NORM, out, 1));
    ck_assert_double_eq_tol(out[0], sqrt(5), 1e-15);
    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_LOSS, out, 1));
    ck_assert_double_eq(out[0], (1 + 0.1875 * 0.1875 + 0.9375 * 0.9375) / 2);
    expect(RF_OK, rf_model_evaluate(model, kink, 2, RF_PATTERN, out, 3));
    ck_assert(out[0] == 1 && out[1] == 1 && out[2] == 0);
    expect(RF_OK, rf_model_evaluate(model, kink, 2, RF_GRADIENT, out, 2));
    ck_assert(out[0] == 0 && out[1] == -0.1875);
    rf_model_free(model);
}
END_TEST

START_TEST(evaluate_errors)
{
    const double w[] = {2, 1};
    double out[3];
    rf_model *model = plane_model();

    guard_fill(out, 3);
    for (int32_t q = -1; q <= RF_OUTPUTS + 1; q++) {
        int allowed = q == RF_WEIGHTS || (q >= RF_LOSS && q <= RF_WEIGHT_NORM)
            || (q >= RF_MARGINS && q <= RF_PATTERN) || q == RF_OUTPUTS;
        int64_t len = size_of(q, 3, 2);
        double bad[] = {NAN, 1};

        if (!allowed) {
            expect(RF_ERROR_ARGUMENT, rf_model_evaluate(model, w, 2, q, out, len));
            continue;
        }
        expect(RF_ERROR_ARGUMENT, rf_model_evaluate(NULL, w, 2, q, out, len));
        expect(RF_ERROR_ARGUMENT, rf_model_evaluate(model, NULL, 2, q, out, len));
        expect(RF_ERROR_ARGUMENT, rf_model_evaluate(model, w, 2, q, NULL, len));
        expect(RF_ERROR_SIZE, rf_model_evaluate(model, w, 1, q, out, len));
        expect(RF_ERROR_SIZE, rf_model_evaluate(model, w, 3, q, out, len));
        expect(RF_ERROR_SIZE, rf_model_evaluate(model, w, -2, q, out, len));
        expect(RF_ERROR_SIZE, rf_model_evaluate(model, w, 2, q, out, len + 1));
        expect(RF_ERROR_SIZE, rf_model_evaluate(model, w, 2, q, out, len - 1));
        expect(RF_ERROR_NOT_FINITE, rf_model_evaluate(model, bad, 2, q, out, len));
        bad[0] = 1;
        bad[1] = -INFINITY;
        expect(RF_ERROR_NOT_FINITE, rf_model_evaluate(model, bad, 2, q, out, len));
    }
    ck_assert(guard_intact(out, 3));
    rf_model_free(model);
}
END_TEST

/* Evaluating has nothing to do with the run. */
START_TEST(evaluate_leaves_the_run)
{
    const double w[] = {-3, 5};
    double out[3];
    rf_model *model = plane_model();
    snapshot *before, *after;

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 1));
    before = snapshot_take(model);
    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_GRADIENT, out, 2));
    after = snapshot_take(model);
    ck_assert(snapshot_same(before, after));
    snapshot_free(before);
    snapshot_free(after);
    rf_model_free(model);
}
END_TEST

START_TEST(pattern_errors)
{
    uint8_t state[] = {9, 9, 9, 9};
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_ERROR_ARGUMENT, rf_model_pattern(NULL, state, 3));
    expect(RF_ERROR_ARGUMENT, rf_model_pattern(model, NULL, 3));
    expect(RF_ERROR_SIZE, rf_model_pattern(model, state, 2));
    expect(RF_ERROR_SIZE, rf_model_pattern(model, state, 4));
    expect(RF_ERROR_SIZE, rf_model_pattern(model, state, -3));
    ck_assert(state[0] == 9 && state[1] == 9 && state[2] == 9);
    expect(RF_OK, rf_model_pattern(model, state, 3));
    ck_assert(state[0] == 1 && state[1] == 1 && state[2] == 1 && state[3] == 9);
    rf_model_free(model);
}
END_TEST

START_TEST(support_kinds)
{
    int64_t indices[] = {-5, -5, -5, -5}, count = -5;
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_support(model, RF_SUPPORT_ACTIVE, indices, 4, &count));
    ck_assert(count == 2 && indices[0] == 0 && indices[1] == 1 && indices[2] == -5);
    expect(RF_OK, rf_model_support(model, RF_SUPPORT_TRAJECTORY, indices, 3, &count));
    ck_assert(count == 3 && indices[0] == 0 && indices[1] == 1 && indices[2] == 2);
    expect(RF_OK, rf_model_support(model, RF_SUPPORT_BOUNDARY, NULL, 0, &count));
    ck_assert_int_eq(count, 0);
    rf_model_free(model);
}
END_TEST

START_TEST(support_of_a_slide)
{
    vector_case *v = vector_read("mixed_slide_0");
    problem *p = problem_of_vector(v);
    rf_model *model = problem_run(p, INFINITY);
    int64_t indices[8], count = 0, expected = 0;

    expect(RF_OK, rf_model_support(model, RF_SUPPORT_BOUNDARY, indices, 8, &count));
    for (int64_t i = 0; i < v->n; i++) {
        if (v->final[i] == STATE_SLIDING) {
            ck_assert_int_lt(expected, count);
            ck_assert_int_eq(indices[expected], i);
            expected++;
        }
    }
    ck_assert_int_eq(count, expected);
    rf_model_free(model);
    problem_free(p);
    vector_free(v);
}
END_TEST

START_TEST(support_errors)
{
    int64_t indices[] = {-5, -5, -5}, count = -5;
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_ERROR_ARGUMENT, rf_model_support(NULL, RF_SUPPORT_ACTIVE, indices, 3, &count));
    expect(RF_ERROR_ARGUMENT, rf_model_support(model, RF_SUPPORT_ACTIVE, indices, 3, NULL));
    expect(RF_ERROR_ARGUMENT, rf_model_support(model, RF_SUPPORT_ACTIVE, NULL, 3, &count));
    expect(RF_ERROR_ARGUMENT, rf_model_support(model, 3, indices, 3, &count));
    expect(RF_ERROR_ARGUMENT, rf_model_support(model, -1, indices, 3, &count));
    expect(RF_ERROR_ARGUMENT, rf_model_support(model, RF_SUPPORT_ACTIVE, indices, -1, &count));
    expect(RF_ERROR_CAPACITY, rf_model_support(model, RF_SUPPORT_ACTIVE, indices, 2, &count));
    ck_assert(indices[0] == -5 && indices[1] == -5 && count == -5);
    expect(RF_OK, rf_model_support(model, RF_SUPPORT_ACTIVE, NULL, 0, &count));
    ck_assert_int_eq(count, 3);
    expect(RF_OK, rf_model_support(model, RF_SUPPORT_ACTIVE, indices, 3, &count));
    ck_assert_int_eq(count, 3);
    rf_model_free(model);
}
END_TEST

/* Data on one line keep residuals; the others, coupled to them, do not: their coefficients are finite. */
START_TEST(coefficients_of_data_that_are_met)
{
    enum { N = 9, D = 7, LINE = 4 };
    uint32_t state = 1;
    int run, i, k;
    for (run = 0; run < 60; ++run) {
        double X[N * D], y[N], w0[D] = {1}, alpha[N], w[D];
        rf_model *model;
        for (k = 0; k < N * D; ++k) {
            state = 1664525u * state + 1013904223u;
            X[k] = k % D == 0 ? 2.0 : state / 4294967296.0 - 0.5;
        }
        for (i = 0; i < N; ++i)
            y[i] = 2.0 + 0.1 * i;
        for (k = D; k < LINE * D; ++k)
            X[k] = X[k % D] * (1.0 + 0.3 * (k / D));
        expect(RF_OK, rf_model_create(N, D, X, y, &model));
        expect(RF_OK, rf_model_init(model, w0, D));
        expect(RF_OK, rf_model_integrate(model, INFINITY));
        expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, D));
        expect(RF_OK, rf_model_query(model, RF_COEFFICIENTS, alpha, N));
        for (i = 0; i < LINE; ++i)
            ck_assert(isinf(alpha[i]));
        for (i = LINE; i < N; ++i)
            ck_assert_msg(isfinite(alpha[i]), "run %d, datum %d", run, i);
        rf_model_free(model);
    }
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"sizes", sizes, 0},
        {"before init", before_init, 0},
        {"wrong arguments", wrong_arguments, 0},
        {"sample arguments", sample_arguments, 0},
        {"query is query_at now", query_is_query_at_now, 0},
        {"consistent", consistent, 0},
        {"evaluate values", evaluate_values, 0},
        {"evaluate errors", evaluate_errors, 0},
        {"evaluate leaves the run", evaluate_leaves_the_run, 0},
        {"pattern errors", pattern_errors, 0},
        {"support kinds", support_kinds, 0},
        {"support of a slide", support_of_a_slide, 0},
        {"support errors", support_errors, 0},
        {"coefficients of data that are met", coefficients_of_data_that_are_met, 0},
    };

    return run_tests("api query", entries, sizeof entries / sizeof *entries);
}
