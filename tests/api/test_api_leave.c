/* test_api_leave.c: rf_model_leave_one_out. SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "algebra.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The limit without datum `out`, on a model of the others. */
static void limit_without(const problem *p, int64_t out, const double *u, double scale, double *w)
{
    problem *q = problem_copy(p);
    rf_model *model = NULL;

    q->n--;
    for (int64_t i = out; i < q->n; i++) {
        memcpy(q->X + i * q->d, p->X + (i + 1) * p->d, (size_t)p->d * sizeof *p->X);
        q->y[i] = p->y[i + 1];
        if (p->c)
            q->c[i] = p->c[i + 1];
    }
    model = problem_model(q);
    expect(RF_OK, rf_model_init_direction(model, u, q->d, scale));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, q->d));
    rf_model_free(model);
    problem_free(q);
}

static int64_t *all_data(int64_t n)
{
    int64_t *data = test_alloc(n, sizeof *data);

    for (int64_t i = 0; i < n; i++)
        data[i] = i;
    return data;
}

/* Rows (1, 0), (0, 1), (1, 1), labels 1, 2, 4, from (1, 1): all are active throughout, and any two
 * can be fitted: without datum 0 by (2, 2), without 1 by (1, 3), without 2 by (1, 2). */
START_TEST(by_hand)
{
    const double X[] = {1, 0, 0, 1, 1, 1}, y[] = {1, 2, 4}, w0[] = {1, 1};
    const double limits[3][2] = {{2, 2}, {1, 3}, {1, 2}};
    const int64_t data[] = {2, 0, 1, 0};
    double W[8];
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(3, 2, X, y, &model));
    expect(RF_OK, rf_model_init(model, w0, 2));
    expect_unchanged(model, RF_OK, rf_model_leave_one_out(model, 4, data, W, 8, NULL, NULL));
    for (int k = 0; k < 4; k++)
        ck_assert_double_le(test_distance(W + 2 * k, limits[data[k]], 2), 32 * TEST_EPS);
    ck_assert(same_bits(W + 2, W + 6, 2));
    rf_model_free(model);
}
END_TEST

/* A problem of a few data: the same as a model of the others, to what rounding and the other order
 * of summation leave: the rows are Gaussian and the condition of their sums is below 1e4. */
static const enum problem_kind kinds[] = {PROBLEM_GAUSSIAN, PROBLEM_MIXED, PROBLEM_WEIGHTED,
                                          PROBLEM_LEAKY, PROBLEM_LINEAR};
enum { KINDS = 5, SEEDS = 4 };

static void compare_all(const problem *p, double scale, int steps)
{
    const int64_t n = p->n, d = p->d;
    int64_t *data = all_data(n);
    double *W = test_doubles(n * d), *w = test_doubles(d);
    rf_model *model = problem_model(p);

    expect(RF_OK, rf_model_init_direction(model, p->w0, d, scale));
    if (steps)
        expect(RF_OK, rf_model_step(model, 0.01 * p->time, 3));
    expect_unchanged(model, RF_OK, rf_model_leave_one_out(model, n, data, W, n * d, NULL, NULL));
    for (int64_t i = 0; i < n; i++) {
        limit_without(p, i, p->w0, scale, w);
        ck_assert_msg(test_distance(W + i * d, w, d) <= 1e4 * 64 * TEST_EPS * (1 + test_norm(w, d)),
                      "%s %d, datum %d: %g", problem_name(p->kind), (int)p->seed, (int)i,
                      test_distance(W + i * d, w, d));
    }
    rf_model_free(model);
    free(data);
    free(W);
    free(w);
}

START_TEST(as_without)
{
    problem *p = problem_make(kinds[_i / SEEDS], 100 + (uint64_t)(_i % SEEDS));

    compare_all(p, 1, 0);
    compare_all(p, 1, 1);
    compare_all(p, 0, 0);
    problem_free(p);
}
END_TEST

/* What never acts costs nothing: its row is the limit itself, bit for bit.  The inactive data of a
 * leaky or linear neuron do act. */
START_TEST(idle_data)
{
    problem *p = problem_make(PROBLEM_MANY, (uint64_t)_i);
    rf_model *model = problem_run(p, INFINITY);
    int64_t *data = all_data(p->n), *acted = test_alloc(p->n, sizeof *acted), count = 0, idle = 0;
    double *W = test_doubles(p->n * p->d), *w = test_doubles(p->d);

    expect(RF_OK, rf_model_support(model, RF_SUPPORT_TRAJECTORY, acted, p->n, &count));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, p->d));
    expect(RF_OK, rf_model_leave_one_out(model, p->n, data, W, p->n * p->d, NULL, NULL));
    for (int64_t i = 0, k = 0; i < p->n; i++) {
        if (k < count && acted[k] == i) {
            k++;
            continue;
        }
        idle++;
        ck_assert(same_bits(W + i * p->d, w, p->d));
    }
    ck_assert_int_gt(idle, 0);
    rf_model_free(model);
    problem_free(p);
    free(data);
    free(acted);
    free(W);
    free(w);
}
END_TEST

/* Wherever the model stands, whatever its event limit, callback and recording: the same bits. */
static int32_t never(const rf_model *model, const rf_event *event, void *user)
{
    (void)model;
    (void)event;
    ++*(int *)user;
    return 1;
}

START_TEST(standpoint)
{
    problem *p = problem_make(PROBLEM_MIXED, 5);
    const int64_t n = p->n, d = p->d;
    int64_t *data = all_data(n);
    double *first = test_doubles(n * d), *W = test_doubles(n * d);
    int calls = 0;
    rf_model *model = problem_model(p);

    expect(RF_OK, rf_model_leave_one_out(model, n, data, first, n * d, NULL, NULL));
    for (int k = 0; k < 6; k++) {
        rf_model *other = problem_model(p);

        if (k == 1 || k == 2)
            expect(RF_OK, rf_model_integrate(other, k == 1 ? p->time : INFINITY));
        if (k == 3)
            expect(RF_OK, rf_model_step(other, 0.01 * p->time, 20));
        if (k == 4) {
            expect(RF_OK, rf_model_set_event_limit(other, 1));
            expect(RF_OK, rf_model_set_callback(other, never, &calls));
        }
        if (k == 5) {
            expect(RF_OK, rf_model_set_recording(other, 0));
            expect(RF_OK, rf_model_init(other, p->w0, d));
            expect(RF_OK, rf_model_integrate(other, p->time));
        }
        memset(W, 0, (size_t)(n * d) * sizeof *W);
        expect_unchanged(other, RF_OK,
                         rf_model_leave_one_out(other, n, data, W, n * d, NULL, NULL));
        ck_assert_msg(same_bits(first, W, n * d), "standpoint %d", k);
        rf_model_free(other);
    }
    ck_assert_int_eq(calls, 0);
    rf_model_free(model);
    problem_free(p);
    free(data);
    free(first);
    free(W);
}
END_TEST

/* Without its only datum nothing moves; from vanishing initialization nothing leaves 0. */
START_TEST(one_datum)
{
    const double X[] = {1, 1}, y[] = {2}, w0[] = {3, 1};
    const int64_t data[] = {0};
    double W[2];
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(1, 2, X, y, &model));
    expect(RF_OK, rf_model_init(model, w0, 2));
    expect(RF_OK, rf_model_leave_one_out(model, 1, data, W, 2, NULL, NULL));
    ck_assert(W[0] == 3 && W[1] == 1);
    expect(RF_OK, rf_model_init_direction(model, w0, 2, 0));
    expect(RF_OK, rf_model_leave_one_out(model, 1, data, W, 2, NULL, NULL));
    ck_assert(W[0] == 0 && W[1] == 0);
    rf_model_free(model);
}
END_TEST

typedef struct watcher {
    int64_t calls, stop_at, total;
    int failures;
} watcher;

static int32_t watch(int64_t done, int64_t total, void *user)
{
    watcher *w = user;

    w->calls++;
    w->failures += done != w->calls || total != w->total;
    return done == w->stop_at ? -3 : 0;
}

START_TEST(progress)
{
    const int64_t data[] = {0, 1, 2, 1};
    double all[8], W[8];
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_leave_one_out(model, 4, data, all, 8, NULL, NULL));
    for (int64_t stop = 0; stop <= 4; stop++) {
        watcher w = {0, stop, 4, 0};

        guard_fill(W, 8);
        expect_unchanged(model, stop ? RF_STOPPED : RF_OK,
                         rf_model_leave_one_out(model, 4, data, W, 8, watch, &w));
        ck_assert_int_eq(w.calls, stop ? stop : 4);
        ck_assert_int_eq(w.failures, 0);
        ck_assert(same_bits(W, all, 2 * w.calls));
        for (int64_t k = 2 * w.calls; k < 8; k++)
            ck_assert(isnan(W[k]));
    }
    rf_model_free(model);
}
END_TEST

static void refused(rf_model *model, rf_status status, int64_t count, const int64_t *data,
                    int64_t len)
{
    double W[8];
    watcher w = {0, 0, count, 0};

    guard_fill(W, 8);
    expect(status, rf_model_leave_one_out(model, count, data, W, len, watch, &w));
    ck_assert(guard_intact(W, 8));
    ck_assert_int_eq(w.calls, 0);
}

START_TEST(errors)
{
    const int64_t data[] = {0, 2, 1}, high[] = {0, 3}, low[] = {-1, 0};
    const int64_t far[] = {0, INT64_MAX}, least[] = {0, INT64_MIN};
    rf_model *model = plane_model();

    refused(NULL, RF_ERROR_ARGUMENT, 2, data, 4);
    refused(model, RF_ERROR_STATE, 2, data, 4);
    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 1));
    refused(model, RF_ERROR_ARGUMENT, 2, NULL, 4);
    refused(model, RF_ERROR_ARGUMENT, 2, high, 4);
    refused(model, RF_ERROR_ARGUMENT, 2, low, 4);
    refused(model, RF_ERROR_ARGUMENT, 2, far, 4);
    refused(model, RF_ERROR_ARGUMENT, 2, least, 4);
    refused(model, RF_ERROR_SIZE, 0, data, 0);
    refused(model, RF_ERROR_SIZE, -1, data, -2);
    refused(model, RF_ERROR_SIZE, INT64_MIN, data, 0);
    refused(model, RF_ERROR_SIZE, 2, data, 3);
    refused(model, RF_ERROR_SIZE, 2, data, 5);
    refused(model, RF_ERROR_SIZE, 2, data, 0);
    refused(model, RF_ERROR_SIZE, 2, data, -4);
    /* count*d is -2 in 64 bits. */
    refused(model, RF_ERROR_SIZE, INT64_MAX, data, -2);
    expect_unchanged(model, RF_ERROR_ARGUMENT,
                     rf_model_leave_one_out(model, 2, data, NULL, 4, NULL, NULL));
    ck_assert_str_eq(rf_model_error(model), "");
    expect(RF_OK, rf_model_set_activation(model, RF_LINEAR, 0));
    refused(model, RF_ERROR_STATE, 2, data, 4);
    rf_model_free(model);
}
END_TEST

/* In four dimensions a count of 2^62 + 1 asks for 2^64 + 4 numbers, which is 4 in 64 bits. */
START_TEST(size_overflow)
{
    problem *p = problem_empty(2, 4);
    const int64_t data[] = {0, 1};
    rf_model *model = problem_model(p);

    refused(model, RF_ERROR_SIZE, ((int64_t)1 << 62) + 1, data, 4);
    refused(model, RF_ERROR_SIZE, ((int64_t)1 << 61) + 1, data, 4);
    rf_model_free(model);
    problem_free(p);
}
END_TEST

static int32_t leave_inside(const rf_model *model, const rf_event *event, void *user)
{
    const int64_t data[] = {0, 1};

    (void)event;
    ck_assert_int_eq(rf_model_leave_one_out(model, 2, data, user, 4, NULL, NULL), RF_OK);
    return 0;
}

/* From a callback of the model, whose state it neither needs nor changes. */
START_TEST(from_a_callback)
{
    const int64_t data[] = {0, 1};
    double inside[4], W[4];
    rf_model *model = plane_model(), *plain = plane_model();

    plane_init(model);
    plane_init(plain);
    expect(RF_OK, rf_model_set_callback(model, leave_inside, inside));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_integrate(plain, INFINITY));
    expect(RF_OK, rf_model_leave_one_out(plain, 2, data, W, 4, NULL, NULL));
    ck_assert(same_bits(inside, W, 4));
    ck_assert(models_same(model, plain));
    rf_model_free(model);
    rf_model_free(plain);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"by hand", by_hand, 0},
        {"as without", as_without, KINDS * SEEDS},
        {"idle data", idle_data, 6},
        {"standpoint", standpoint, 0},
        {"one datum", one_datum, 0},
        {"progress", progress, 0},
        {"errors", errors, 0},
        {"size overflow", size_overflow, 0},
        {"from a callback", from_a_callback, 0},
    };

    return run_tests("api leave one out", entries, sizeof entries / sizeof *entries);
}
