/* test_api_history.c: the record of events, queries of the past, and recording off.
 * SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(events_errors)
{
    rf_event out[4], copy[4];
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    memset(out, 0x5a, sizeof out);
    memcpy(copy, out, sizeof out);
    expect(RF_ERROR_ARGUMENT, rf_model_events(NULL, 0, 1, out));
    expect(RF_ERROR_ARGUMENT, rf_model_events(model, 0, 1, NULL));
    expect(RF_ERROR_ARGUMENT, rf_model_events(model, -1, 1, out));
    expect(RF_ERROR_ARGUMENT, rf_model_events(model, 0, -1, out));
    expect(RF_ERROR_ARGUMENT, rf_model_events(model, 0, 2, out));
    expect(RF_ERROR_ARGUMENT, rf_model_events(model, 1, 1, out));
    expect(RF_ERROR_ARGUMENT, rf_model_events(model, 2, 0, out));
    expect(RF_ERROR_ARGUMENT, rf_model_events(model, INT64_MAX, 1, out));
    expect(RF_ERROR_ARGUMENT, rf_model_events(model, 1, INT64_MAX, out));
    ck_assert_int_eq(memcmp(out, copy, sizeof out), 0);
    expect(RF_OK, rf_model_events(model, 0, 0, NULL));
    expect(RF_OK, rf_model_events(model, 1, 0, NULL));
    expect(RF_OK, rf_model_events(model, 0, 1, out));
    ck_assert_int_eq(out[0].datum, 2);
    ck_assert_int_eq(memcmp(out + 1, copy + 1, sizeof out - sizeof *out), 0);
    rf_model_free(model);
}
END_TEST

START_TEST(events_in_pieces)
{
    rf_model *model = sliding_model();
    int64_t count = sliding_events();
    rf_event *all = test_alloc(count, sizeof *all), one;

    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_events(model, 0, count, all));
    for (int64_t k = 0; k < count; k++) {
        expect(RF_OK, rf_model_events(model, k, 1, &one));
        ck_assert_int_eq(memcmp(&one, all + k, sizeof one), 0);
        ck_assert_int_eq(one.neuron, 0);
        if (k > 0)
            ck_assert_double_ge(one.time, all[k - 1].time);
    }
    free(all);
    rf_model_free(model);
}
END_TEST

/* At the time of an event a query gives the state after it, just before it the state before. */
START_TEST(right_limits)
{
    double theta[3], t;
    rf_event event;
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_events(model, 0, 1, &event));
    t = event.time;
    expect(RF_OK, rf_model_query_at(model, nextafter(t, 0), RF_PATTERN, theta, 3));
    ck_assert_double_eq(theta[2], 1);
    expect(RF_OK, rf_model_query_at(model, t, RF_PATTERN, theta, 3));
    ck_assert_double_eq(theta[2], 0);
    expect(RF_OK, rf_model_query_at(model, t, RF_MARGINS, theta, 3));
    ck_assert_double_eq(theta[2], 0);
    expect(RF_OK, rf_model_query_at(model, 0, RF_PATTERN, theta, 3));
    ck_assert_double_eq(theta[2], 1);
    rf_model_free(model);
}
END_TEST

/* Once the limit is reached every time may be asked for, INFINITY included. */
START_TEST(any_time_after_the_limit)
{
    double w[2], end[2], late;
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, end, 2));
    expect(RF_OK, rf_model_query_at(model, INFINITY, RF_WEIGHTS, w, 2));
    ck_assert(same_bits(w, end, 2));
    expect(RF_OK, rf_model_query_at(model, 1e300, RF_WEIGHTS, w, 2));
    ck_assert_double_le(test_distance(w, end, 2), 4 * TEST_EPS * test_norm(end, 2));
    expect(RF_OK, rf_model_query_at(model, 1e300, RF_TIME, &late, 1));
    ck_assert_double_eq(late, 1e300);
    /* One rate 1 is left after the event: w_1 - 1.1875 = C e^-t, still visible at t = 10. */
    expect(RF_OK, rf_model_query_at(model, 10, RF_WEIGHTS, w, 2));
    ck_assert_double_gt(test_distance(w, end, 2), 1e-6);
    expect(RF_OK, rf_model_query_at(model, 10, RF_CONVERGED, &late, 1));
    ck_assert_double_eq(late, 0);
    rf_model_free(model);
}
END_TEST

START_TEST(activity_times)
{
    double first[3], last[3];
    rf_event event;
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 1));
    expect(RF_OK, rf_model_query(model, RF_LAST_ACTIVE, last, 3));
    ck_assert(last[0] == 1 && last[1] == 1 && last[2] == 1);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_events(model, 0, 1, &event));
    expect(RF_OK, rf_model_query(model, RF_FIRST_ACTIVE, first, 3));
    expect(RF_OK, rf_model_query(model, RF_LAST_ACTIVE, last, 3));
    ck_assert(first[0] == 0 && first[1] == 0 && first[2] == 0);
    ck_assert(last[0] == INFINITY && last[1] == INFINITY && last[2] == event.time);
    expect(RF_OK, rf_model_query_at(model, 0.5, RF_LAST_ACTIVE, last, 3));
    ck_assert(last[0] == 0.5 && last[2] == 0.5);
    rf_model_free(model);
}
END_TEST

/* The passages and times of activity, recomputed from the events. */
START_TEST(passages_from_events)
{
    rf_model *model = sliding_model();
    int64_t n = rf_model_count(model), count = sliding_events();
    rf_event *events = test_alloc(count, sizeof *events);
    double *off = test_doubles(n), *again = test_doubles(n), *first = test_doubles(n);
    uint8_t *state = test_alloc(n, 1);

    expect(RF_OK, rf_model_pattern(model, state, n));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_events(model, 0, count, events));
    expect(RF_OK, rf_model_query(model, RF_DEACTIVATIONS, off, n));
    expect(RF_OK, rf_model_query(model, RF_REACTIVATIONS, again, n));
    expect(RF_OK, rf_model_query(model, RF_FIRST_ACTIVE, first, n));
    for (int64_t i = 0; i < n; i++) {
        int side = state[i], active_before = state[i] == 1;
        double since = active_before ? 0 : NAN, passed_off = 0, passed_on = 0;

        for (int64_t k = 0; k < count; k++) {
            int32_t kind = events[k].kind;
            int now = kind == RF_EVENT_ACTIVATE || kind == RF_EVENT_SLIDE_EXIT_ACTIVE;

            if (events[k].datum != i || kind == RF_EVENT_SLIDE_ENTER)
                continue;
            passed_off += side == 1 && !now;
            passed_on += side == 0 && now && active_before;
            if (now && !active_before)
                since = events[k].time;
            active_before |= now;
            side = now;
        }
        ck_assert_double_eq(off[i], passed_off);
        ck_assert_double_eq(again[i], passed_on);
        ck_assert(isnan(since) ? isnan(first[i]) : first[i] == since);
    }
    free(events);
    free(off);
    free(again);
    free(first);
    free(state);
    rf_model_free(model);
}
END_TEST

static int is_history(int32_t q)
{
    return q == RF_COEFFICIENTS || q == RF_PATH_LENGTH
        || (q >= RF_DEACTIVATIONS && q <= RF_LAST_ACTIVE);
}

/* Recording off: the same present, no past. */
START_TEST(recording_off)
{
    rf_model *on = sliding_model(), *off = sliding_model();
    int64_t n = rf_model_count(on), d = rf_model_dim(on), count = 0;
    double *w0 = test_doubles(d), *a = test_doubles(n), *b = test_doubles(n), now;
    rf_event event;

    expect(RF_OK, rf_model_query(off, RF_WEIGHTS, w0, d));
    expect(RF_OK, rf_model_set_recording(off, 0));
    expect(RF_OK, rf_model_init(off, w0, d));
    for (int k = 0; k < 5; k++) {
        expect(RF_OK, rf_model_advance(on, INFINITY, NULL));
        expect(RF_OK, rf_model_advance(off, INFINITY, &event));
    }
    now = query_one(off, RF_TIME);
    ck_assert_int_eq(rf_model_event_count(on), rf_model_event_count(off));
    for (int32_t q = RF_TIME; q <= RF_OUTPUTS; q++) {
        int64_t len = 0;

        expect(RF_OK, rf_model_query_size(on, q, &len));
        guard_fill(b, n);
        if (is_history(q)) {
            expect(RF_ERROR_STATE, rf_model_query(off, q, b, len));
            expect(RF_ERROR_STATE, rf_model_query_at(off, now, q, b, len));
            ck_assert(guard_intact(b, n));
            continue;
        }
        expect(RF_ERROR_STATE, rf_model_query_at(off, now / 2, q, b, len));
        ck_assert(guard_intact(b, n));
        expect(RF_OK, rf_model_query(on, q, a, len));
        expect(RF_OK, rf_model_query(off, q, b, len));
        ck_assert_msg(same_bits(a, b, len), "quantity %d", (int)q);
        expect(RF_OK, rf_model_query_at(off, now, q, b, len));
        ck_assert_msg(same_bits(a, b, len), "quantity %d at the present time", (int)q);
    }
    now /= 2;
    expect(RF_ERROR_STATE, rf_model_sample(off, 1, &now, RF_WEIGHTS, b, d));
    expect(RF_ERROR_STATE, rf_model_events(off, 0, 1, &event));
    expect(RF_ERROR_STATE, rf_model_support(off, RF_SUPPORT_TRAJECTORY, NULL, 0, &count));
    expect(RF_OK, rf_model_support(off, RF_SUPPORT_ACTIVE, NULL, 0, &count));
    free(w0);
    free(a);
    free(b);
    rf_model_free(on);
    rf_model_free(off);
}
END_TEST

START_TEST(recording_off_to_the_limit)
{
    rf_model *on = sliding_model(), *off = sliding_model();
    int64_t d = rf_model_dim(on);
    double *a = test_doubles(d), *b = test_doubles(d);

    expect(RF_OK, rf_model_query(off, RF_WEIGHTS, a, d));
    expect(RF_OK, rf_model_set_recording(off, 0));
    expect(RF_OK, rf_model_init(off, a, d));
    expect(RF_OK, rf_model_integrate(on, INFINITY));
    expect(RF_OK, rf_model_integrate(off, INFINITY));
    expect(RF_OK, rf_model_query(on, RF_WEIGHTS, a, d));
    expect(RF_OK, rf_model_query(off, RF_WEIGHTS, b, d));
    ck_assert(same_bits(a, b, d));
    ck_assert_int_eq(rf_model_event_count(on), rf_model_event_count(off));
    free(a);
    free(b);
    rf_model_free(on);
    rf_model_free(off);
}
END_TEST

/* Descent: a query of the past is the last iterate not after it. */
START_TEST(descent_history)
{
    double at[2], direct[2];
    rf_model *model = plane_model(), *other = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_step(model, 0.0625, 32));
    ck_assert_double_eq(query_one(model, RF_TIME), 2);
    ck_assert_int_eq(rf_model_event_count(model), 1);
    for (int64_t k = 0; k < 32; k++) {
        double t = (double)k * 0.0625;

        plane_init(other);
        expect(RF_OK, rf_model_step(other, 0.0625, k));
        expect(RF_OK, rf_model_query(other, RF_WEIGHTS, direct, 2));
        expect(RF_OK, rf_model_query_at(model, t, RF_WEIGHTS, at, 2));
        /* k products of factors below 1, each rounded a few times. */
        ck_assert_double_le(test_distance(at, direct, 2), (double)(k + 4) * 4 * TEST_EPS * 2.5);
        expect(RF_OK, rf_model_query_at(model, t + 0.06, RF_WEIGHTS, direct, 2));
        ck_assert(same_bits(at, direct, 2));
    }
    rf_model_free(model);
    rf_model_free(other);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"events errors", events_errors, 0},
        {"events in pieces", events_in_pieces, 0},
        {"right limits", right_limits, 0},
        {"any time after the limit", any_time_after_the_limit, 0},
        {"activity times", activity_times, 0},
        {"passages from events", passages_from_events, 0},
        {"recording off", recording_off, 0},
        {"recording off to the limit", recording_off_to_the_limit, 0},
        {"descent history", descent_history, 0},
    };

    return run_tests("api history", entries, sizeof entries / sizeof *entries);
}
