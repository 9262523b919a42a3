/* test_record.c: what was written is found again.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>

#include "flow/record.h"

enum { MANY = 500 };

static void set_up(rfi_problem *p, rfi_record *record)
{
    const double X[] = {1, 0, 0, 1}, y[] = {1, 2};
    unit_problem(p, 2, 2, X, y);
    ck_assert_int_eq(rfi_record_create(record, p), 0);
}

static void write_one(rfi_record *record, int64_t k)
{
    const rf_event event = {(double)(k * k), k, 0, RF_EVENT_ACTIVATE, 0};
    const rfi_change change = {k, RFI_PLUS, RFI_CROSSED, RFI_INSIDE};
    const rfi_stretch stretch = {event.time, event.time, 0.0, 0, record->events, record->changes};
    const double w[] = {(double)k, -(double)k};
    ck_assert_int_eq(rfi_record_reserve(record, 1, 1), 0);
    rfi_record_stretch(record, &stretch, w);
    rfi_record_event(record, &event);
    rfi_record_change(record, &change);
}

static void check_all(const rfi_record *record)
{
    int64_t k;
    ck_assert_int_eq(record->stretches, MANY);
    ck_assert_int_eq(record->events, MANY);
    ck_assert_int_eq(record->changes, MANY);
    ck_assert_int_eq(record->event_count, MANY);
    for (k = 0; k < MANY; ++k) {
        ck_assert(record->stretch[k].begin == (double)(k * k) && record->event[k].datum == k);
        ck_assert(record->change[k].line == k && record->stretch[k].first_event == k);
        ck_assert(record->weights[2 * k] == (double)k && record->weights[2 * k + 1] == -(double)k);
    }
}

START_TEST(history_is_kept)
{
    rfi_problem p;
    rfi_record record;
    int64_t k;
    set_up(&p, &record);
    for (k = 0; k < MANY; ++k)
        write_one(&record, k);
    check_all(&record);
    rfi_record_clear(&record);
    ck_assert_int_eq(record.stretches + record.events + record.changes + record.event_count, 0);
    rfi_record_free(&record);
    rfi_problem_free(&p);
}
END_TEST

/* Stretches begin at k^2: t lies in number floor(sqrt(t)). */
START_TEST(stretch_of_a_time)
{
    rfi_problem p;
    rfi_record record;
    int64_t k;
    set_up(&p, &record);
    for (k = 0; k < MANY; ++k)
        write_one(&record, k);
    for (k = 0; k < MANY * MANY; k += 37)
        ck_assert_int_eq(rfi_record_find(&record, (double)k), (int64_t)sqrt((double)k));
    for (k = 0; k < MANY; ++k)
        ck_assert_int_eq(rfi_record_find(&record, (double)(k * k)), k);
    ck_assert_int_eq(rfi_record_find(&record, INFINITY), MANY - 1);
    rfi_record_free(&record);
    rfi_problem_free(&p);
}
END_TEST

/* Of stretches that begin at one instant the last holds it. */
START_TEST(stretches_without_length)
{
    const rfi_stretch at_zero = {0, 0, 0, 0, 0, 0}, at_one = {1, 1, 0, 0, 0, 0};
    const double w[] = {0, 0};
    rfi_problem p;
    rfi_record record;
    int k;
    set_up(&p, &record);
    for (k = 0; k < 4; ++k) {
        ck_assert_int_eq(rfi_record_reserve(&record, 0, 0), 0);
        rfi_record_stretch(&record, k < 1 ? &at_zero : &at_one, w);
    }
    ck_assert_int_eq(rfi_record_find(&record, 1.0), 3);
    ck_assert_int_eq(rfi_record_find(&record, 0.999), 0);
    rfi_record_free(&record);
    rfi_problem_free(&p);
}
END_TEST

START_TEST(copy_is_independent)
{
    rfi_problem p;
    rfi_record record, copy;
    int64_t k;
    set_up(&p, &record);
    ck_assert_int_eq(rfi_record_create(&copy, &p), 0);
    for (k = 0; k < MANY; ++k)
        write_one(&record, k);
    record.initial.side[1] = RFI_SLIDE;
    ck_assert_int_eq(rfi_record_copy(&copy, &record), 0);
    rfi_record_free(&record);
    check_all(&copy);
    ck_assert_int_eq(copy.initial.side[1], RFI_SLIDE);
    rfi_record_free(&copy);
    rfi_problem_free(&p);
}
END_TEST

/* Off: one stretch, the events until they are handed out, and the count. */
START_TEST(recording_off)
{
    rfi_problem p;
    rfi_record record;
    int64_t k, delivered = 3;
    set_up(&p, &record);
    record.on = 0;
    for (k = 0; k < 5; ++k)
        write_one(&record, k);
    ck_assert(record.stretches == 1 && record.changes == 0 && record.weights[0] == 4.0);
    ck_assert(record.events == 5 && record.event_count == 5);
    rfi_record_forget(&record, &delivered);
    ck_assert(record.events == 2 && delivered == 0 && record.event_count == 5);
    ck_assert(record.event[0].datum == 3 && record.event[1].datum == 4);
    record.on = 1;
    delivered = 1;
    rfi_record_forget(&record, &delivered); /* on: nothing is dropped */
    ck_assert(record.events == 2 && delivered == 1);
    rfi_record_free(&record);
    rfi_problem_free(&p);
}
END_TEST

static const TTest *const *const tests[] = {
    &history_is_kept,     &stretch_of_a_time, &stretches_without_length,
    &copy_is_independent, &recording_off,
};
UNIT_MAIN("record", tests)
