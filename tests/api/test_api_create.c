/* test_api_create.c: version, status texts, creation, copies and the end of a model.
 * SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double plane_X[] = {1, 0, 0, 1, 1, -1}, plane_y[] = {1, 1.1875, 0.0625};

/* A value for *out that a failing create must overwrite with NULL. */
static rf_model *garbage(void)
{
    static char place;

    return (rf_model *)(void *)&place;
}

#define expect_no_model(status, call)                                                              \
    do {                                                                                           \
        out = garbage();                                                                           \
        ck_assert_int_eq((call), (status));                                                        \
        ck_assert_ptr_null(out);                                                                   \
    } while (0)

START_TEST(version)
{
    char text[32];

    snprintf(text, sizeof text, "%d.%d.%d", RF_VERSION_MAJOR, RF_VERSION_MINOR, RF_VERSION_PATCH);
    ck_assert_uint_eq(rf_version(), RF_VERSION);
    ck_assert_str_eq(rf_version_string(), text);
    ck_assert_str_eq(RF_VERSION_STRING, text);
}
END_TEST

START_TEST(status_strings)
{
    for (rf_status a = RF_ERROR_CAPACITY; a <= RF_NO_EVENT; a++) {
        ck_assert_str_ne(rf_status_string(a), "");
        ck_assert_str_ne(rf_status_string(a), "unknown status");
        for (rf_status b = RF_ERROR_CAPACITY; b < a; b++)
            ck_assert_str_ne(rf_status_string(a), rf_status_string(b));
    }
    ck_assert_str_eq(rf_status_string(4), "unknown status");
    ck_assert_str_eq(rf_status_string(-9), "unknown status");
    ck_assert_str_eq(rf_status_string(INT32_MAX), "unknown status");
    ck_assert_str_eq(rf_status_string(INT32_MIN), "unknown status");
}
END_TEST

START_TEST(counts)
{
    rf_model *model = plane_model();

    ck_assert_int_eq(rf_model_count(model), 3);
    ck_assert_int_eq(rf_model_dim(model), 2);
    ck_assert_str_eq(rf_model_error(model), "");
    ck_assert_int_eq(rf_model_event_count(model), 0);
    rf_model_free(model);
    ck_assert_int_eq(rf_model_count(NULL), 0);
    ck_assert_int_eq(rf_model_dim(NULL), 0);
    ck_assert_int_eq(rf_model_event_count(NULL), 0);
    ck_assert_ptr_nonnull(rf_model_error(NULL));
    rf_model_free(NULL);
}
END_TEST

START_TEST(create_null)
{
    rf_model *out;

    expect_no_model(RF_ERROR_ARGUMENT, rf_model_create(3, 2, NULL, plane_y, &out));
    expect_no_model(RF_ERROR_ARGUMENT, rf_model_create(3, 2, plane_X, NULL, &out));
    expect(RF_ERROR_ARGUMENT, rf_model_create(3, 2, plane_X, plane_y, NULL));
}
END_TEST

START_TEST(create_sizes)
{
    static const int64_t bad[][2] = {{0, 2}, {-1, 2}, {3, 0}, {3, -1}, {0, 0}, {INT64_MIN, 2},
                                     {3, INT64_MIN}, {-1, -6}, {INT64_MAX / 2, INT64_MAX / 2},
                                     {INT64_MAX, 2}, {2, INT64_MAX}, {INT64_MAX, INT64_MAX},
                                     {INT64_MAX, 1}, {1, INT64_MAX}, {INT64_MAX / 8 + 1, 1},
                                     {INT64_C(1) << 32, INT64_C(1) << 32},
                                     {INT64_C(1) << 31, INT64_C(1) << 30}};
    rf_model *out;
    char message[200];

    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        expect_no_model(RF_ERROR_SIZE,
                        rf_model_create(bad[k][0], bad[k][1], plane_X, plane_y, &out));
        message[0] = 0;
        expect_no_model(RF_ERROR_SIZE,
                        rf_model_create_ex(bad[k][0], bad[k][1], plane_X, 2, 1, plane_y, 0, NULL,
                                           &out, message, sizeof message));
        ck_assert_str_ne(message, "");
    }
}
END_TEST

START_TEST(create_not_finite)
{
    const double bad[] = {NAN, INFINITY, -INFINITY};
    rf_model *out;

    for (int b = 0; b < 3; b++) {
        for (int k = 0; k < 6; k++) {
            double X[6];

            memcpy(X, plane_X, sizeof X);
            X[k] = bad[b];
            expect_no_model(RF_ERROR_NOT_FINITE, rf_model_create(3, 2, X, plane_y, &out));
        }
        for (int k = 0; k < 3; k++) {
            double y[3];

            memcpy(y, plane_y, sizeof y);
            y[k] = bad[b];
            expect_no_model(RF_ERROR_NOT_FINITE, rf_model_create(3, 2, plane_X, y, &out));
        }
    }
}
END_TEST

/* 1 if text has the number as a word of its own. */
static int mentions(const char *text, int number)
{
    char digits[16];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%d", number);

    for (const char *at = strstr(text, digits); at; at = strstr(at + 1, digits)) {
        char before = at == text ? ' ' : at[-1], after = at[length];

        if (!strchr("0123456789.", before) && (!after || !strchr("0123456789", after)))
            return 1;
    }
    return 0;
}

START_TEST(message_tells_where)
{
    enum { N = 40, D = 20 };
    double *X = test_doubles(N * D), *y = test_doubles(N);
    rf_model *out;
    char message[256];

    X[37 * D + 13] = NAN;
    expect_no_model(RF_ERROR_NOT_FINITE,
                    rf_model_create_ex(N, D, X, D, 1, y, 0, NULL, &out, message, sizeof message));
    ck_assert_msg(mentions(message, 37) && mentions(message, 13) && strstr(message, "nan"), "%s",
                  message);
    X[37 * D + 13] = 0;
    y[29] = -INFINITY;
    expect_no_model(RF_ERROR_NOT_FINITE,
                    rf_model_create_ex(N, D, X, D, 1, y, 0, NULL, &out, message, sizeof message));
    ck_assert_msg(mentions(message, 29) && strstr(message, "-inf"), "%s", message);
    free(X);
    free(y);
}
END_TEST

START_TEST(message_truncated)
{
    const double y[] = {1, NAN, 1};
    char full[256], cut[256];
    rf_model *out;
    size_t length;

    expect_no_model(RF_ERROR_NOT_FINITE, rf_model_create_ex(3, 2, plane_X, 2, 1, y, 0, NULL, &out,
                                                            full, sizeof full));
    length = strlen(full);
    ck_assert_uint_gt(length, 0);
    for (size_t capacity = 0; capacity <= length + 2; capacity++) {
        size_t shown = capacity == 0 ? 0 : capacity - 1 < length ? capacity - 1 : length;

        memset(cut, '#', sizeof cut);
        expect_no_model(RF_ERROR_NOT_FINITE, rf_model_create_ex(3, 2, plane_X, 2, 1, y, 0, NULL,
                                                                &out, cut, (int64_t)capacity));
        ck_assert_int_eq(memcmp(cut, full, shown), 0);
        ck_assert(capacity == 0 || cut[shown] == 0);
        for (size_t k = capacity; k < sizeof cut; k++)
            ck_assert_int_eq(cut[k], '#');
    }
    expect_no_model(RF_ERROR_NOT_FINITE,
                    rf_model_create_ex(3, 2, plane_X, 2, 1, y, 0, NULL, &out, NULL, -5));
}
END_TEST

START_TEST(message_empty_on_success)
{
    char message[8];
    rf_model *out = NULL;

    memset(message, '#', sizeof message);
    expect(RF_OK, rf_model_create_ex(3, 2, plane_X, 2, 1, plane_y, 0, NULL, &out, message, 1));
    ck_assert_int_eq(message[0], 0);
    ck_assert_int_eq(message[1], '#');
    rf_model_free(out);
    expect(RF_OK, rf_model_create_ex(3, 2, plane_X, 2, 1, plane_y, 0, NULL, &out, message, 0));
    rf_model_free(out);
}
END_TEST

static void *counted_allocate(size_t size, void *user)
{
    int *balance = user;

    *balance += 1;
    return malloc(size);
}

static void counted_release(void *block, void *user)
{
    int *balance = user;

    *balance -= block != NULL;
    free(block);
}

START_TEST(create_ex_arguments)
{
    int balance = 0;
    rf_allocator no_allocate = {NULL, counted_release, &balance};
    rf_allocator no_release = {counted_allocate, NULL, &balance};
    const uint32_t unknown[] = {4, 5, 6, 0x80000000u, 0xffffffffu};
    char text[64];
    rf_model *out;

    expect_no_model(RF_ERROR_ARGUMENT, rf_model_create_ex(3, 2, NULL, 2, 1, plane_y, 0, NULL, &out,
                                                          NULL, 0));
    expect_no_model(RF_ERROR_ARGUMENT, rf_model_create_ex(3, 2, plane_X, 2, 1, NULL, 0, NULL, &out,
                                                          NULL, 0));
    expect(RF_ERROR_ARGUMENT,
           rf_model_create_ex(3, 2, plane_X, 2, 1, plane_y, 0, NULL, NULL, text, sizeof text));
    expect_no_model(RF_ERROR_ARGUMENT, rf_model_create_ex(3, 2, plane_X, 2, 1, plane_y, 0,
                                                          &no_allocate, &out, NULL, 0));
    expect_no_model(RF_ERROR_ARGUMENT, rf_model_create_ex(3, 2, plane_X, 2, 1, plane_y, 0,
                                                          &no_release, &out, NULL, 0));
    for (int k = 0; k < 5; k++)
        expect_no_model(RF_ERROR_ARGUMENT, rf_model_create_ex(3, 2, plane_X, 2, 1, plane_y,
                                                              unknown[k], NULL, &out, NULL, 0));
    memset(text, '#', sizeof text);
    expect_no_model(RF_ERROR_ARGUMENT,
                    rf_model_create_ex(3, 2, plane_X, 2, 1, plane_y, 0, NULL, &out, text, -1));
    ck_assert_int_eq(text[0], '#');
    ck_assert_int_eq(balance, 0);
}
END_TEST

/* A model from X at the given place and strides must do what the row-major copy does. */
static void check_layout(const double *X, int64_t row_stride, int64_t col_stride,
                         const double *plain)
{
    const double w0[] = {2, 1};
    rf_model *a = NULL, *b = NULL;

    expect(RF_OK,
           rf_model_create_ex(3, 2, X, row_stride, col_stride, plane_y, 0, NULL, &a, NULL, 0));
    expect(RF_OK, rf_model_create(3, 2, plain, plane_y, &b));
    expect(RF_OK, rf_model_init(a, w0, 2));
    expect(RF_OK, rf_model_init(b, w0, 2));
    expect(RF_OK, rf_model_integrate(a, INFINITY));
    expect(RF_OK, rf_model_integrate(b, INFINITY));
    ck_assert(models_same(a, b));
    rf_model_free(a);
    rf_model_free(b);
}

START_TEST(strides)
{
    const double columns[] = {1, 0, 1, 0, 1, -1};
    const double padded[] = {1, 0, NAN, 0, 1, NAN, 1, -1, NAN};
    const double backward[] = {-1, 1, 1, 0, 0, 1};
    const double row[] = {1, 0.5}, rows[] = {1, 0.5, 1, 0.5, 1, 0.5};
    const double column[] = {1, 2, 3}, same_columns[] = {1, 1, 2, 2, 3, 3};
    const double spread[] = {1, NAN, 0, NAN, 0, NAN, 1, NAN, 1, NAN, -1};
    const double one[] = {0.75}, all[] = {0.75, 0.75, 0.75, 0.75, 0.75, 0.75};

    check_layout(columns, 1, 3, plane_X);
    check_layout(padded, 3, 1, plane_X);
    check_layout(backward + 5, -2, -1, plane_X);
    check_layout(row, 0, 1, rows);
    check_layout(column, 1, 0, same_columns);
    check_layout(spread, 4, 2, plane_X);
    check_layout(one, 0, 0, all);
}
END_TEST

START_TEST(copied_data)
{
    double X[6], y[3];
    const double w0[] = {2, 1};
    rf_model *a = NULL, *b = plane_model();

    memcpy(X, plane_X, sizeof X);
    memcpy(y, plane_y, sizeof y);
    expect(RF_OK, rf_model_create(3, 2, X, y, &a));
    guard_fill(X, 6);
    guard_fill(y, 3);
    expect(RF_OK, rf_model_init(a, w0, 2));
    plane_init(b);
    expect(RF_OK, rf_model_integrate(a, INFINITY));
    expect(RF_OK, rf_model_integrate(b, INFINITY));
    ck_assert(models_same(a, b));
    rf_model_free(a);
    rf_model_free(b);
}
END_TEST

START_TEST(borrowed_data)
{
    vector_case *v = vector_read("medium_60x8");
    int64_t n = v->n, d = v->d, stride = d + 3;
    double *padded = test_doubles(n * stride);
    rf_model *models[3] = {NULL, NULL, NULL};

    for (int64_t i = 0; i < n; i++)
        memcpy(padded + i * stride, v->X + i * d, (size_t)d * sizeof *padded);
    expect(RF_OK, rf_model_create(n, d, v->X, v->y, &models[0]));
    expect(RF_OK, rf_model_create_ex(n, d, v->X, d, 1, v->y, RF_BORROW_DATA, NULL, &models[1], NULL,
                                     0));
    expect(RF_OK, rf_model_create_ex(n, d, padded, stride, 1, v->y, RF_BORROW_DATA, NULL,
                                     &models[2], NULL, 0));
    for (int k = 0; k < 3; k++) {
        expect(RF_OK, rf_model_init(models[k], v->w0, d));
        expect(RF_OK, rf_model_integrate(models[k], INFINITY));
    }
    ck_assert(models_same(models[0], models[1]));
    ck_assert(models_same(models[0], models[2]));
    for (int k = 0; k < 3; k++)
        rf_model_free(models[k]);
    free(padded);
    vector_free(v);
}
END_TEST

START_TEST(allocator_balance)
{
    int balance = 0;
    rf_allocator allocator = {counted_allocate, counted_release, &balance};
    const double w0[] = {2, 1};
    rf_model *model = NULL, *clone = NULL;

    expect(RF_OK, rf_model_create_ex(3, 2, plane_X, 2, 1, plane_y, 0, &allocator, &model, NULL, 0));
    allocator.allocate = NULL;   /* the struct was copied */
    allocator.release = NULL;
    ck_assert_int_gt(balance, 0);
    expect(RF_OK, rf_model_init(model, w0, 2));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_clone(model, &clone));
    rf_model_free(model);
    ck_assert_int_gt(balance, 0);
    rf_model_free(clone);
    ck_assert_int_eq(balance, 0);
}
END_TEST

START_TEST(clone_null)
{
    rf_model *model = plane_model(), *out;

    expect_no_model(RF_ERROR_ARGUMENT, rf_model_clone(NULL, &out));
    expect(RF_ERROR_ARGUMENT, rf_model_clone(model, NULL));
    rf_model_free(model);
}
END_TEST

/* A clone taken in the middle of a run goes on alone, and outlives the original. */
START_TEST(clone_mid_run)
{
    rf_model *whole = sliding_model(), *model = sliding_model(), *clone = NULL;

    expect(RF_OK, rf_model_integrate(whole, INFINITY));
    for (int k = 0; k < 4; k++)
        expect(RF_OK, rf_model_advance(model, INFINITY, NULL));
    expect(RF_OK, rf_model_clone(model, &clone));
    ck_assert(models_same(model, clone));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert(models_same_state(whole, model));
    ck_assert(!models_same_state(model, clone));
    rf_model_free(model);
    expect(RF_OK, rf_model_integrate(clone, INFINITY));
    ck_assert(models_same_state(whole, clone));
    rf_model_free(clone);
    rf_model_free(whole);
}
END_TEST

/* Settings are copied, and changing the clone's leaves the original's alone. */
START_TEST(clone_settings)
{
    const double c[] = {0.5, 2, 3};
    rf_model *model = plane_model(), *clone = NULL, *again = NULL;
    snapshot *before, *after;

    expect(RF_OK, rf_model_set_activation(model, RF_LEAKY_RELU, 0.25));
    expect(RF_OK, rf_model_set_data_weights(model, c, 3));
    expect(RF_OK, rf_model_clone(model, &clone));
    plane_init(model);
    plane_init(clone);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_integrate(clone, INFINITY));
    ck_assert(models_same(model, clone));
    before = snapshot_take(model);
    expect(RF_OK, rf_model_set_data_weights(clone, NULL, 0));
    expect(RF_OK, rf_model_set_activation(clone, RF_LINEAR, 0));
    plane_init(clone);
    expect(RF_OK, rf_model_integrate(clone, INFINITY));
    after = snapshot_take(model);
    ck_assert(snapshot_same(before, after));
    ck_assert(!models_same(model, clone));
    expect(RF_OK, rf_model_clone(model, &again));
    ck_assert(models_same(model, again));
    snapshot_free(before);
    snapshot_free(after);
    rf_model_free(model);
    rf_model_free(clone);
    rf_model_free(again);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"version", version, 0},
        {"status strings", status_strings, 0},
        {"counts", counts, 0},
        {"create null", create_null, 0},
        {"create sizes", create_sizes, 0},
        {"create not finite", create_not_finite, 0},
        {"message tells where", message_tells_where, 0},
        {"message truncated", message_truncated, 0},
        {"message empty on success", message_empty_on_success, 0},
        {"create_ex arguments", create_ex_arguments, 0},
        {"strides", strides, 0},
        {"copied data", copied_data, 0},
        {"borrowed data", borrowed_data, 0},
        {"allocator balance", allocator_balance, 0},
        {"clone null", clone_null, 0},
        {"clone mid run", clone_mid_run, 0},
        {"clone settings", clone_settings, 0},
    };

    return run_tests("api create", entries, sizeof entries / sizeof *entries);
}
