/* test_api_save.c: rf_model_save and rf_model_load: a loaded model answers and runs on as the saved
 * one, and every error of the two calls. SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "saved.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(round_trip)
{
    rf_model *model = scenes[_i].make(), *loaded, *untouched = scenes[_i].make();
    saved s = save_model(model);

    ck_assert(models_same(model, untouched));
    loaded = load_model(&s);
    memset(s.bytes, 0x5a, (size_t)s.size);
    saved_free(&s);
    ck_assert_msg(models_same(model, loaded), "%s", scenes[_i].name);
    scene_finish(model);
    scene_finish(loaded);
    scene_finish(untouched);
    ck_assert_msg(models_same(model, untouched), "%s, saving", scenes[_i].name);
    ck_assert_msg(models_same(model, loaded), "%s, finished", scenes[_i].name);
    rf_model_free(model);
    rf_model_free(loaded);
    rf_model_free(untouched);
}
END_TEST

/* The same bytes each time, and of the loaded model. */
START_TEST(deterministic)
{
    rf_model *model = scenes[_i].make(), *other = scenes[_i].make(), *loaded;
    saved s = save_model(model), t = save_model(other), again;

    ck_assert_int_eq(s.size, t.size);
    ck_assert_int_eq(memcmp(s.bytes, t.bytes, (size_t)s.size), 0);
    loaded = load_model(&s);
    again = save_model(loaded);
    ck_assert_int_eq(s.size, again.size);
    ck_assert_msg(memcmp(s.bytes, again.bytes, (size_t)s.size) == 0, "%s", scenes[_i].name);
    saved_free(&s);
    saved_free(&t);
    saved_free(&again);
    rf_model_free(model);
    rf_model_free(other);
    rf_model_free(loaded);
}
END_TEST

/* A loaded model is as good as a clone: cloned, initialized, asked what a model alone is asked. */
START_TEST(loaded_is_a_model)
{
    rf_model *model = scenes[_i].make(), *loaded, *clone = NULL;
    saved s = save_model(model);
    int64_t n = rf_model_count(model), d = rf_model_dim(model);
    double *w0 = test_doubles(d);

    loaded = load_model(&s);
    ck_assert_int_eq(rf_model_count(loaded), n);
    ck_assert_int_eq(rf_model_dim(loaded), d);
    expect(RF_OK, rf_model_clone(loaded, &clone));
    ck_assert(models_same(model, clone));
    w0[0] = 1;
    expect(RF_OK, rf_model_init(model, w0, d));
    expect(RF_OK, rf_model_init(loaded, w0, d));
    scene_finish(model);
    scene_finish(loaded);
    ck_assert(models_same(model, loaded));
    rf_model_free(loaded);
    scene_finish(clone);
    rf_model_free(clone);
    rf_model_free(model);
    saved_free(&s);
    free(w0);
}
END_TEST

/* One event at a time from the middle of a run, asked at each for the past as well. */
START_TEST(event_by_event)
{
    rf_model *model = scenes[_i].make(), *loaded;
    saved s = save_model(model);
    rf_event a, b;
    rf_status status = RF_OK;
    double t;

    loaded = load_model(&s);
    if (rf_model_query(model, RF_TIME, &t, 1) == RF_ERROR_STATE)
        status = RF_ERROR_STATE;
    while (status == RF_OK) {
        memset(&a, 0, sizeof a);
        memset(&b, 0, sizeof b);
        status = rf_model_advance(model, INFINITY, &a);
        expect(status, rf_model_advance(loaded, INFINITY, &b));
        ck_assert_int_eq(memcmp(&a, &b, sizeof a), 0);
        ck_assert(models_same(model, loaded));
    }
    ck_assert(status == RF_NO_EVENT || status == RF_ERROR_STATE);
    rf_model_free(model);
    rf_model_free(loaded);
    saved_free(&s);
}
END_TEST

/* Saved and loaded after every event of a run. */
START_TEST(chain)
{
    rf_model *model = sliding_model(), *plain = sliding_model();

    while (rf_model_advance(model, INFINITY, NULL) == RF_OK) {
        saved s = save_model(model);

        rf_model_free(model);
        model = load_model(&s);
        saved_free(&s);
    }
    while (rf_model_advance(plain, INFINITY, NULL) == RF_OK)
        ;
    ck_assert_int_eq(rf_model_event_count(model), sliding_events());
    ck_assert(models_same(model, plain));
    rf_model_free(model);
    rf_model_free(plain);
}
END_TEST

/* Settings are saved; the callback is not. */
typedef struct pending {
    int64_t calls;
    saved s;
} pending;

static int32_t save_inside(const rf_model *model, const rf_event *event, void *user)
{
    pending *p = user;

    (void)event;
    p->calls++;
    if (p->calls == 1)
        p->s = save_model(model);
    return 0;
}

START_TEST(from_a_callback)
{
    rf_model *model = sliding_model(), *loaded;
    pending p = {0, {NULL, 0}};

    expect(RF_OK, rf_model_set_callback(model, save_inside, &p));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_int_eq(p.calls, sliding_events());
    loaded = load_model(&p.s);
    ck_assert_double_lt(query_one(loaded, RF_TIME), INFINITY);
    expect(RF_OK, rf_model_integrate(loaded, INFINITY));
    ck_assert_int_eq(p.calls, sliding_events());
    ck_assert(models_same(model, loaded));
    rf_model_free(model);
    rf_model_free(loaded);
    saved_free(&p.s);
}
END_TEST

static int32_t count_calls(const rf_model *model, const rf_event *event, void *user)
{
    pending *p = user;

    (void)model;
    (void)event;
    p->calls++;
    return 1;
}

/* What a run that was stopped has not reported is reported after loading, and once. */
START_TEST(pending_events)
{
    const double X[] = {1, 0, 0, 1, 1, -1, 1, -1}, y[] = {1, 1.1875, 0.03125, 0.03125};
    const double w0[] = {2, 1};
    pending p = {0, {NULL, 0}};
    rf_model *model = NULL, *loaded;
    saved s;

    expect(RF_OK, rf_model_create(4, 2, X, y, &model));
    expect(RF_OK, rf_model_init(model, w0, 2));
    expect(RF_OK, rf_model_set_callback(model, count_calls, &p));
    expect(RF_STOPPED, rf_model_integrate(model, INFINITY));
    s = save_model(model);
    loaded = load_model(&s);
    ck_assert_int_eq((int)query_one(loaded, RF_STATUS), RF_STOPPED);
    p.calls = 0;
    expect(RF_OK, rf_model_set_callback(loaded, count_calls, &p));
    expect(RF_STOPPED, rf_model_integrate(loaded, INFINITY));
    expect(RF_OK, rf_model_integrate(loaded, INFINITY));
    ck_assert_int_eq(p.calls, 1);
    ck_assert_int_eq(rf_model_event_count(loaded), 2);
    rf_model_free(model);
    rf_model_free(loaded);
    saved_free(&s);
}
END_TEST

START_TEST(event_limit_is_kept)
{
    rf_model *model = sliding_model(), *loaded;
    saved s;

    expect(RF_OK, rf_model_set_event_limit(model, 1));
    s = save_model(model);
    loaded = load_model(&s);
    expect(RF_EVENT_LIMIT, rf_model_integrate(loaded, INFINITY));
    expect(RF_EVENT_LIMIT, rf_model_integrate(model, INFINITY));
    ck_assert(models_same(model, loaded));
    rf_model_free(model);
    rf_model_free(loaded);
    saved_free(&s);
}
END_TEST

START_TEST(save_errors)
{
    rf_model *model = sliding_model();
    int64_t need = 0, size = -7;
    unsigned char *buffer;

    expect(RF_OK, rf_model_save(model, NULL, 0, &need));
    buffer = test_alloc(need + 9, 1);
    memset(buffer, 0x5a, (size_t)need + 9);
    expect(RF_ERROR_ARGUMENT, rf_model_save(NULL, buffer, need, &size));
    expect(RF_ERROR_ARGUMENT, rf_model_save(NULL, NULL, 0, &size));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_save(model, NULL, need, &size));
    expect(RF_ERROR_ARGUMENT, rf_model_save(model, NULL, 1, &size));
    expect(RF_ERROR_ARGUMENT, rf_model_save(model, buffer, -1, &size));
    expect(RF_ERROR_ARGUMENT, rf_model_save(model, NULL, -1, &size));
    expect(RF_ERROR_ARGUMENT, rf_model_save(model, buffer, INT64_MIN, &size));
    ck_assert_int_eq(size, -7);
    expect(RF_ERROR_ARGUMENT, rf_model_save(model, buffer, need, NULL));
    expect(RF_ERROR_ARGUMENT, rf_model_save(model, NULL, 0, NULL));
    for (int64_t capacity = 0; capacity < need; capacity += capacity < need - 3 ? need / 3 : 1) {
        size = -7;
        expect_unchanged(model, RF_ERROR_CAPACITY, rf_model_save(model, buffer, capacity, &size));
        ck_assert_int_eq(size, need);
    }
    size = -7;
    expect(RF_ERROR_CAPACITY, rf_model_save(model, buffer, need - 1, &size));
    ck_assert_int_eq(size, need);
    for (int64_t k = 0; k < need + 9; k++)
        ck_assert_int_eq(buffer[k], 0x5a);
    ck_assert_str_eq(rf_model_error(model), "");
    expect(RF_OK, rf_model_save(model, buffer, need + 8, &size));
    ck_assert_int_eq(size, need);
    for (int64_t k = need; k < need + 9; k++)
        ck_assert_int_eq(buffer[k], 0x5a);
    free(buffer);
    rf_model_free(model);
}
END_TEST

static void *no_allocate(size_t size, void *user)
{
    (void)size;
    ++*(int *)user;
    return NULL;
}

static void no_release(void *block, void *user)
{
    (void)block;
    (void)user;
}

START_TEST(load_errors)
{
    int calls = 0;
    const rf_allocator empty = {no_allocate, no_release, &calls};
    const rf_allocator no_first = {NULL, no_release, &calls}, no_last = {no_allocate, NULL, &calls};
    rf_model *model = sliding_model(), *out;
    saved s = save_model(model);
    char message[64];
    const struct {
        const void *buffer;
        int64_t size;
        const rf_allocator *allocator;
        int64_t capacity;
        rf_status status;
    } cases[] = {
        {NULL, s.size, NULL, 64, RF_ERROR_ARGUMENT},
        {NULL, 0, NULL, 64, RF_ERROR_ARGUMENT},
        {s.bytes, -1, NULL, 64, RF_ERROR_ARGUMENT},
        {s.bytes, INT64_MIN, NULL, 64, RF_ERROR_ARGUMENT},
        {s.bytes, s.size, NULL, -1, RF_ERROR_ARGUMENT},
        {s.bytes, s.size, &no_first, 64, RF_ERROR_ARGUMENT},
        {s.bytes, s.size, &no_last, 64, RF_ERROR_ARGUMENT},
        {s.bytes, 0, NULL, 64, RF_ERROR_CORRUPT},
        {s.bytes, s.size - 1, NULL, 64, RF_ERROR_CORRUPT},
        {s.bytes, s.size, &empty, 64, RF_ERROR_MEMORY},
    };

    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        memset(message, 'x', sizeof message);
        message[63] = '\0';
        out = model;
        ck_assert_msg(rf_model_load(cases[k].buffer, cases[k].size, cases[k].allocator, &out,
                                    message, cases[k].capacity)
                          == cases[k].status,
                      "case %d", (int)k);
        ck_assert_ptr_null(out);
        if (cases[k].capacity > 0) {
            ck_assert_str_ne(message, "");
            ck_assert_int_ne(message[0], 'x');
            ck_assert_int_lt((int)strlen(message), 63);
        } else {
            ck_assert_int_eq(message[0], 'x');
        }
    }
    expect(RF_ERROR_ARGUMENT, rf_model_load(s.bytes, s.size, NULL, NULL, message, 64));
    ck_assert_int_gt(calls, 0);
    rf_model_free(model);
    saved_free(&s);
}
END_TEST

/* The message is cut to fit, terminated, and nothing beyond it written; NULL is no message. */
START_TEST(message_capacity)
{
    rf_model *model = sliding_model(), *out = model;
    saved s = save_model(model);
    char message[16];

    for (int64_t capacity = 0; capacity < 12; capacity++) {
        memset(message, 'x', sizeof message);
        out = model;
        expect(RF_ERROR_CORRUPT, rf_model_load(s.bytes, 7, NULL, &out, message, capacity));
        ck_assert_ptr_null(out);
        if (capacity > 0)
            ck_assert_int_eq(message[capacity - 1], '\0');
        for (int64_t k = capacity; k < 16; k++)
            ck_assert_int_eq(message[k], 'x');
    }
    out = model;
    expect(RF_ERROR_CORRUPT, rf_model_load(s.bytes, 7, NULL, &out, NULL, 0));
    ck_assert_ptr_null(out);
    expect(RF_OK, rf_model_load(s.bytes, s.size, NULL, &out, NULL, 0));
    rf_model_free(out);
    rf_model_free(model);
    saved_free(&s);
}
END_TEST

/* At any address, whatever its alignment. */
START_TEST(unaligned)
{
    rf_model *model = sliding_model(), *out = NULL;
    saved s = save_model(model);
    unsigned char *buffer = test_alloc(s.size + 8, 1);
    int64_t size = 0;

    for (int offset = 0; offset < 8; offset++) {
        expect(RF_OK, rf_model_save(model, buffer + offset, s.size, &size));
        ck_assert_int_eq(memcmp(buffer + offset, s.bytes, (size_t)s.size), 0);
        expect(RF_OK, rf_model_load(buffer + offset, s.size, NULL, &out, NULL, 0));
        ck_assert(models_same(model, out));
        rf_model_free(out);
    }
    free(buffer);
    rf_model_free(model);
    saved_free(&s);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"round trip", round_trip, scene_count},
        {"deterministic", deterministic, scene_count},
        {"loaded is a model", loaded_is_a_model, scene_count},
        {"event by event", event_by_event, scene_count},
        {"chain", chain, 0},
        {"from a callback", from_a_callback, 0},
        {"pending events", pending_events, 0},
        {"event limit is kept", event_limit_is_kept, 0},
        {"save errors", save_errors, 0},
        {"load errors", load_errors, 0},
        {"message capacity", message_capacity, 0},
        {"unaligned", unaligned, 0},
    };

    return run_tests("api save", entries, sizeof entries / sizeof *entries);
}
