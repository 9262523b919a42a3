/* test_api_callback.c: the callback: what it sees, stopping and resuming, what it may not call.
 * SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct listener {
    int64_t calls, stop_after;      /* stops at each multiple of stop_after; 0: never */
    rf_event *events;               /* room for what comes */
    rf_model *model;
    int failures;                   /* of the checks made inside the callback */
} listener;

static int32_t listen(const rf_model *model, const rf_event *event, void *user)
{
    listener *l = user;
    double now = NAN;

    l->events[l->calls++] = *event;
    l->failures += model != l->model;
    l->failures += rf_model_query(model, RF_TIME, &now, 1) != RF_OK || now != event->time;
    return l->stop_after > 0 && l->calls % l->stop_after == 0 ? 17 : 0;
}

static listener listener_on(rf_model *model, int64_t stop_after)
{
    listener l = {0, stop_after, test_alloc(sliding_events() + 8, sizeof(rf_event)), model, 0};

    return l;
}

START_TEST(every_event)
{
    rf_model *plain = sliding_model(), *heard = sliding_model();
    listener l = listener_on(heard, 0);
    int64_t count = sliding_events();
    rf_event *events = test_alloc(count, sizeof *events);

    expect(RF_OK, rf_model_set_callback(heard, listen, &l));
    expect(RF_OK, rf_model_integrate(plain, INFINITY));
    expect(RF_OK, rf_model_integrate(heard, INFINITY));
    expect(RF_OK, rf_model_events(plain, 0, count, events));
    ck_assert_int_eq(l.calls, count);
    ck_assert_int_eq(l.failures, 0);
    ck_assert_int_eq(memcmp(l.events, events, (size_t)count * sizeof *events), 0);
    ck_assert(models_same(plain, heard));
    free(events);
    free(l.events);
    rf_model_free(plain);
    rf_model_free(heard);
}
END_TEST

/* Stopped after every event, and after every third: resuming reports each event once. */
START_TEST(stop_and_resume)
{
    for (int64_t stop_after = 1; stop_after <= 3; stop_after += 2) {
        rf_model *plain = sliding_model(), *heard = sliding_model();
        listener l = listener_on(heard, stop_after);
        int64_t stops = 0;
        rf_status status;

        expect(RF_OK, rf_model_set_callback(heard, listen, &l));
        expect(RF_OK, rf_model_integrate(plain, INFINITY));
        while ((status = rf_model_integrate(heard, INFINITY)) == RF_STOPPED) {
            ck_assert_int_eq(l.calls % stop_after, 0);
            ck_assert_double_eq(query_one(heard, RF_TIME), l.events[l.calls - 1].time);
            ck_assert_int_eq((int)query_one(heard, RF_STATUS), RF_STOPPED);
            stops++;
        }
        ck_assert_int_eq(status, RF_OK);
        ck_assert_int_eq(l.calls, sliding_events());
        ck_assert_int_eq(stops, sliding_events() / stop_after);
        ck_assert_int_eq(l.failures, 0);
        ck_assert(models_same(plain, heard));
        free(l.events);
        rf_model_free(plain);
        rf_model_free(heard);
    }
}
END_TEST

/* Two equal data: two events of one instant; stopped at the first, the second is still due. */
START_TEST(stop_inside_an_instant)
{
    const double X[] = {1, 0, 0, 1, 1, -1, 1, -1}, y[] = {1, 1.1875, 0.03125, 0.03125};
    const double w0[] = {2, 1};
    rf_model *model = NULL;
    listener l;

    expect(RF_OK, rf_model_create(4, 2, X, y, &model));
    expect(RF_OK, rf_model_init(model, w0, 2));
    l = listener_on(model, 1);
    expect(RF_OK, rf_model_set_callback(model, listen, &l));
    expect(RF_STOPPED, rf_model_integrate(model, INFINITY));
    expect(RF_STOPPED, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_int_eq(l.calls, 2);
    ck_assert_double_eq(l.events[0].time, l.events[1].time);
    ck_assert_int_ne(l.events[0].datum, l.events[1].datum);
    ck_assert_int_eq(rf_model_event_count(model), 2);
    free(l.events);
    rf_model_free(model);
}
END_TEST

START_TEST(stop_advance)
{
    rf_model *model = plane_model();
    listener l = listener_on(model, 1);
    rf_event event;

    memset(&event, 0, sizeof event);
    plane_init(model);
    expect(RF_OK, rf_model_set_callback(model, listen, &l));
    expect(RF_STOPPED, rf_model_advance(model, INFINITY, &event));
    ck_assert_int_eq(memcmp(&event, &l.events[0], sizeof event), 0);
    expect(RF_NO_EVENT, rf_model_advance(model, INFINITY, &event));
    ck_assert_int_eq(l.calls, 1);
    free(l.events);
    rf_model_free(model);
}
END_TEST

START_TEST(stop_descent)
{
    rf_model *plain = plane_model(), *heard = plane_model();
    listener l = listener_on(heard, 1);
    rf_event event;

    plane_init(plain);
    plane_init(heard);
    expect(RF_OK, rf_model_set_callback(heard, listen, &l));
    expect(RF_OK, rf_model_step(plain, 0.0625, 40));
    expect(RF_STOPPED, rf_model_step(heard, 0.0625, 40));
    expect(RF_OK, rf_model_events(plain, 0, 1, &event));
    ck_assert_int_eq(l.calls, 1);
    ck_assert_double_eq(l.events[0].time, event.time);
    ck_assert_double_eq(query_one(heard, RF_TIME), event.time);
    expect(RF_OK, rf_model_step(heard, 0.0625, 40 - (int64_t)(event.time / 0.0625)));
    ck_assert_double_eq(query_one(heard, RF_TIME), query_one(plain, RF_TIME));
    ck_assert_int_eq(l.calls, 1);
    free(l.events);
    rf_model_free(plain);
    rf_model_free(heard);
}
END_TEST

/* Removed by NULL; kept by init; copied to a clone. */
START_TEST(set_remove_clone)
{
    rf_model *model = plane_model(), *clone = NULL;
    listener l = listener_on(model, 0);

    expect(RF_OK, rf_model_set_callback(model, listen, &l));
    plane_init(model);
    expect(RF_OK, rf_model_clone(model, &clone));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_int_eq(l.calls, 1);
    l.model = clone;
    expect(RF_OK, rf_model_integrate(clone, INFINITY));
    ck_assert_int_eq(l.calls, 2);
    ck_assert_int_eq(l.failures, 0);
    expect(RF_OK, rf_model_set_callback(model, NULL, NULL));
    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_int_eq(l.calls, 2);
    free(l.events);
    rf_model_free(model);
    rf_model_free(clone);
}
END_TEST

/* Every function that is not const, called from inside. */
static int32_t intrude(const rf_model *model, const rf_event *event, void *user)
{
    listener *l = user;
    rf_model *m = l->model;
    const double w0[] = {2, 1}, c[] = {1, 1, 1};
    rf_event other;

    (void)model;
    (void)event;
    l->calls++;
    l->failures += rf_model_init(m, w0, 2) != RF_ERROR_STATE;
    l->failures += rf_model_init_direction(m, w0, 2, 1) != RF_ERROR_STATE;
    l->failures += rf_model_step(m, 0.1, 1) != RF_ERROR_STATE;
    l->failures += rf_model_integrate(m, INFINITY) != RF_ERROR_STATE;
    l->failures += rf_model_advance(m, INFINITY, &other) != RF_ERROR_STATE;
    l->failures += rf_model_set_activation(m, RF_LINEAR, 0) != RF_ERROR_STATE;
    l->failures += rf_model_set_data_weights(m, c, 3) != RF_ERROR_STATE;
    l->failures += rf_model_set_event_limit(m, 1) != RF_ERROR_STATE;
    l->failures += rf_model_set_recording(m, 0) != RF_ERROR_STATE;
    l->failures += rf_model_set_threads(m, 1) != RF_ERROR_STATE;
    l->failures += rf_model_set_callback(m, NULL, NULL) != RF_ERROR_STATE;
    return 0;
}

START_TEST(intruding)
{
    rf_model *model = plane_model(), *plain = plane_model();
    listener l = listener_on(model, 0);

    plane_init(model);
    plane_init(plain);
    expect(RF_OK, rf_model_set_callback(model, intrude, &l));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_integrate(plain, INFINITY));
    ck_assert_int_eq(l.calls, 1);
    ck_assert_int_eq(l.failures, 0);
    ck_assert(models_same(model, plain));
    free(l.events);
    rf_model_free(model);
    rf_model_free(plain);
}
END_TEST

/* Every const function works inside; a clone made there is a model of its own. */
static int32_t inquire(const rf_model *model, const rf_event *event, void *user)
{
    listener *l = user;
    double w[2], at[2], rows[4], times[] = {0, 0.5}, t;
    uint8_t state[3];
    int64_t len = 0, count = 0, indices[3];
    rf_event last;
    rf_model *clone = NULL;

    l->calls++;
    l->failures += rf_model_query_size(model, RF_WEIGHTS, &len) != RF_OK || len != 2;
    l->failures += rf_model_query(model, RF_WEIGHTS, w, 2) != RF_OK;
    l->failures += rf_model_query_at(model, event->time, RF_WEIGHTS, at, 2) != RF_OK;
    l->failures += memcmp(w, at, sizeof w) != 0;
    l->failures += rf_model_sample(model, 2, times, RF_WEIGHTS, rows, 4) != RF_OK;
    l->failures += rf_model_evaluate(model, w, 2, RF_LOSS, &t, 1) != RF_OK;
    l->failures += rf_model_pattern(model, state, 3) != RF_OK || state[2] != 0;
    l->failures += rf_model_event_count(model) != 1;
    l->failures += rf_model_events(model, 0, 1, &last) != RF_OK;
    l->failures += memcmp(&last, event, sizeof last) != 0;
    l->failures += rf_model_support(model, RF_SUPPORT_ACTIVE, indices, 3, &count) != RF_OK;
    l->failures += count != 2;
    l->failures += rf_model_clone(model, &clone) != RF_OK;
    l->failures += rf_model_set_callback(clone, NULL, NULL) != RF_OK;
    l->failures += rf_model_integrate(clone, INFINITY) != RF_OK;
    l->failures += rf_model_event_count(clone) != 1;
    rf_model_free(clone);
    return 0;
}

START_TEST(inquiring)
{
    rf_model *model = plane_model();
    listener l = listener_on(model, 0);

    plane_init(model);
    expect(RF_OK, rf_model_set_callback(model, inquire, &l));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_int_eq(l.calls, 1);
    ck_assert_int_eq(l.failures, 0);
    free(l.events);
    rf_model_free(model);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"every event", every_event, 0},
        {"stop and resume", stop_and_resume, 0},
        {"stop inside an instant", stop_inside_an_instant, 0},
        {"stop advance", stop_advance, 0},
        {"stop descent", stop_descent, 0},
        {"set remove clone", set_remove_clone, 0},
        {"intruding", intruding, 0},
        {"inquiring", inquiring, 0},
    };

    return run_tests("api callback", entries, sizeof entries / sizeof *entries);
}
