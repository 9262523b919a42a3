/* test_oom_saved.c: saving, loading and landscapes with the k-th allocation failing, alone or with
 * all after it. SPDX-License-Identifier: MIT */
#include "calls.h"
#include "run.h"
#include "snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const scenes[] = {"pos_generic_0", "mixed_slide_0",      "slide_exits_0",
                                     "parallel_0",    "linear_reactivates", "leaky"};
static const char *const planes[] = {"pos_generic_0", "origin_through", "grazing_exact"};
enum { SCENES = 6, PLANES = 3 };

/* How far a model has run before it is saved. */
enum { FRESH, MIDWAY, FINISHED, STEPPING, VANISHING, STAGES };

static rf_model *prepared(const vector_case *v, const rf_allocator *allocator, int stage)
{
    rf_model *model = NULL;

    ck_assert_int_eq(
        rf_model_create_ex(v->n, v->d, v->X, v->d, 1, v->y, 0, allocator, &model, NULL, 0), RF_OK);
    ck_assert_int_eq(rf_model_set_activation(model, v->activation, v->beta), RF_OK);
    ck_assert_int_eq(rf_model_set_data_weights(model, v->c, v->n), RF_OK);
    ck_assert_int_eq(rf_model_init_direction(model, v->w0, v->d, stage != VANISHING), RF_OK);
    if (stage == MIDWAY)
        ck_assert_int_ge(rf_model_advance(model, INFINITY, NULL), 0);
    else if (stage == STEPPING)
        ck_assert_int_eq(rf_model_step(model, 0x1p-7, 50), RF_OK);
    else if (stage != FRESH)
        ck_assert_int_eq(rf_model_integrate(model, INFINITY), RF_OK);
    return model;
}

#define check(condition)                                                                           \
    ck_assert_msg(condition, "%s, stage %d, allocation %d%s: %s", v->name, stage, (int)k,          \
                  from ? " and all after it" : "", #condition)

/* Asks for the size and for the bytes, with allocations failing in either call. */
static void save(const vector_case *v, int stage, int from)
{
    failing_memory memory;
    rf_allocator allocator = failing_allocator(&memory);
    rf_model *model = prepared(v, &allocator, stage);
    int64_t need = 0, live = memory.live, k;
    unsigned char *expected, *buffer;

    ck_assert_int_eq(rf_model_save(model, NULL, 0, &need), RF_OK);
    expected = test_alloc(need, 1);
    buffer = test_alloc(need, 1);
    ck_assert_int_eq(rf_model_save(model, expected, need, &need), RF_OK);
    for (k = 1;; k++) {
        int64_t size = -7, asked = -7, fired;
        rf_status status, query;

        memset(buffer, 0x5a, (size_t)need);
        fail_from_now(&memory, k, from);
        query = rf_model_save(model, NULL, 0, &asked);
        fired = memory.fired;
        check(query == (fired ? RF_ERROR_MEMORY : RF_OK) && asked == (fired ? -7 : need));
        fail_from_now(&memory, k, from);
        status = rf_model_save(model, buffer, need, &size);
        fail_never(&memory);
        check(memory.live == live);
        if (!memory.fired) {
            check(status == RF_OK && size == need);
            check(memcmp(buffer, expected, (size_t)need) == 0);
            break;
        }
        check(status == RF_ERROR_MEMORY && size == -7);
        for (int64_t j = 0; j < need; j++)
            check(buffer[j] == 0x5a);
    }
    free(expected);
    free(buffer);
    rf_model_free(model);
    ck_assert_int_eq(memory.live, 0);
}

START_TEST(saving)
{
    vector_case *v = vector_read(scenes[_i]);

    for (int stage = 0; stage < STAGES; stage++)
        for (int from = 0; from < 2; from++)
            save(v, stage, from);
    vector_free(v);
}
END_TEST

static void load(const vector_case *v, int stage, int from)
{
    failing_memory memory, plain;
    rf_allocator allocator = failing_allocator(&memory);
    rf_allocator plain_allocator = failing_allocator(&plain);
    rf_model *model = prepared(v, &plain_allocator, stage);
    int64_t size = 0;
    unsigned char *bytes;

    ck_assert_int_eq(rf_model_save(model, NULL, 0, &size), RF_OK);
    bytes = test_alloc(size, 1);
    ck_assert_int_eq(rf_model_save(model, bytes, size, &size), RF_OK);
    for (int64_t k = 1;; k++) {
        rf_model *loaded = model;
        char message[64] = "";
        rf_status status;

        fail_from_now(&memory, k, from);
        status = rf_model_load(bytes, size, &allocator, &loaded, message, sizeof message);
        fail_never(&memory);
        if (!memory.fired) {
            check(status == RF_OK && k > 1 && message[0] == '\0');
            check(models_same(model, loaded));
            rf_model_free(loaded);
            check(memory.live == 0);
            break;
        }
        check(status == RF_ERROR_MEMORY && loaded == NULL && message[0] != '\0');
        check(memory.live == 0);
    }
    free(bytes);
    rf_model_free(model);
    ck_assert_int_eq(plain.live, 0);
}

START_TEST(loading)
{
    vector_case *v = vector_read(scenes[_i]);

    for (int stage = 0; stage < STAGES; stage++)
        for (int from = 0; from < 2; from++)
            load(v, stage, from);
    vector_free(v);
}
END_TEST

/* 1 if the two list the same points. */
static int same_points(const rf_landscape *a, const rf_landscape *b)
{
    int64_t count = rf_landscape_count(a);
    int same = rf_landscape_count(b) == count;

    for (int64_t i = 0; i < count && same; i++) {
        rf_stationary_point p, q;

        same = rf_landscape_point(a, i, &p) == RF_OK && rf_landscape_point(b, i, &q) == RF_OK
               && memcmp(&p, &q, sizeof p) == 0;
    }
    return same;
}

START_TEST(landscapes)
{
    vector_case *v = vector_read(planes[_i]);
    const int stage = FRESH;

    for (int from = 0; from < 2; from++) {
        failing_memory memory;
        rf_allocator allocator = failing_allocator(&memory);
        rf_model *model = prepared(v, &allocator, stage);
        rf_landscape *expected = NULL;
        int64_t live;

        ck_assert_int_eq(rf_landscape_create(model, &expected), RF_OK);
        live = memory.live;
        for (int64_t k = 1;; k++) {
            rf_landscape *landscape = expected;
            rf_status status;

            fail_from_now(&memory, k, from);
            status = rf_landscape_create(model, &landscape);
            if (!memory.fired) {
                check(status == RF_OK && k > 1);
                fail_from_now(&memory, 1, 1);
                check(same_points(expected, landscape) && memory.fired == 0);
                fail_never(&memory);
                rf_landscape_free(landscape);
                break;
            }
            check(status == RF_ERROR_MEMORY && landscape == NULL && memory.live == live);
        }
        rf_landscape_free(expected);
        rf_model_free(model);
        ck_assert_int_eq(memory.live, 0);
    }
    vector_free(v);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"saving", saving, SCENES},
        {"loading", loading, SCENES},
        {"landscapes", landscapes, PLANES},
    };

    return run_tests("oom saved", entries, sizeof entries / sizeof *entries);
}
