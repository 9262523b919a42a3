/* test_support.c: histories of the data from a record made by hand, and the weight of least norm.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "analysis/quantity.h"

enum { N = 4 };

typedef struct {
    rfi_problem p;
    rfi_record record;
    rfi_pattern pattern;
    rfi_subject subject;
} fixture;

/* Data 0 and 1 begin active, 2 and 3 inactive. */
static void set_up(fixture *f)
{
    const double X[] = {1, 0, 0, 1, -1, 0.5, 0.5, -1}, y[] = {1, 1, 1, 1}, w0[] = {1, 1};
    const rfi_stretch first = {0, 0, 0, 0, 0, 0};
    unit_problem(&f->p, N, 2, X, y);
    ck_assert_int_eq(rfi_record_create(&f->record, &f->p), 0);
    unit_pattern(&f->pattern, &f->p, w0);
    rfi_pattern_copy(&f->record.initial, &f->pattern);
    ck_assert_int_eq(rfi_record_reserve(&f->record, 16, 1), 0);
    rfi_record_stretch(&f->record, &first, w0);
    memset(&f->subject, 0, sizeof(f->subject));
    f->subject.problem = &f->p;
    f->subject.record = &f->record;
    f->subject.pattern = &f->pattern;
    f->subject.now = 10.0;
}

static void tear_down(fixture *f)
{
    rfi_record_free(&f->record);
    unit_pattern_free(&f->pattern, &f->p);
    rfi_problem_free(&f->p);
}

static void happens(fixture *f, double time, int64_t datum, int32_t kind)
{
    const rf_event event = {time, datum, 0, kind, 0};
    rfi_record_event(&f->record, &event);
}

static void check(const fixture *f, double t, int32_t quantity, const double *expected)
{
    double out[N];
    int i;
    ck_assert_int_eq(rfi_history(&f->subject, t, quantity, out), RF_OK);
    for (i = 0; i < N; ++i)
        ck_assert(isnan(expected[i]) ? isnan(out[i]) : out[i] == expected[i]);
}

START_TEST(without_events)
{
    const double none[N] = {0, 0, 0, 0}, first[N] = {0, 0, NAN, NAN}, last[N] = {7, 7, NAN, NAN};
    fixture f;
    set_up(&f);
    check(&f, 7.0, RF_DEACTIVATIONS, none);
    check(&f, 7.0, RF_REACTIVATIONS, none);
    check(&f, 7.0, RF_FIRST_ACTIVE, first);
    check(&f, 7.0, RF_LAST_ACTIVE, last);
    tear_down(&f);
}
END_TEST

/* 0: off at 1, on at 4.  2: on at 2, off at 3, on at 5.  3: on at 5. */
START_TEST(crossings)
{
    const double off[N] = {1, 0, 1, 0}, on[N] = {1, 0, 1, 0};
    const double first[N] = {0, 0, 2, 5}, last[N] = {10, 10, 10, 10};
    const double early_on[N] = {0, 0, 0, 0}, early_last[N] = {1, 3.5, 3, NAN};
    fixture f;
    set_up(&f);
    happens(&f, 1, 0, RF_EVENT_DEACTIVATE);
    happens(&f, 2, 2, RF_EVENT_ACTIVATE);
    happens(&f, 3, 2, RF_EVENT_DEACTIVATE);
    happens(&f, 4, 0, RF_EVENT_ACTIVATE);
    happens(&f, 5, 2, RF_EVENT_ACTIVATE);
    happens(&f, 5, 3, RF_EVENT_ACTIVATE);
    check(&f, 10, RF_DEACTIVATIONS, off);
    check(&f, 10, RF_REACTIVATIONS, on);
    check(&f, 10, RF_FIRST_ACTIVE, first);
    check(&f, 10, RF_LAST_ACTIVE, last);
    check(&f, 3.5, RF_DEACTIVATIONS, off);
    check(&f, 3.5, RF_REACTIVATIONS, early_on);
    check(&f, 3.5, RF_LAST_ACTIVE, early_last);
    tear_down(&f);
}
END_TEST

/* A slide between two states: active -> sliding -> inactive deactivates once, active -> sliding -> active
 * never; the last active time is when the slide began. */
START_TEST(slides)
{
    const double off[N] = {1, 0, 0, 0}, on[N] = {0, 0, 0, 0};
    const double first[N] = {0, 0, NAN, 6}, last[N] = {1, 10, NAN, 10},
                 within[N] = {1, 2, NAN, NAN};
    uint8_t mark[N];
    fixture f;
    set_up(&f);
    happens(&f, 1, 0, RF_EVENT_SLIDE_ENTER);
    happens(&f, 2, 1, RF_EVENT_SLIDE_ENTER);
    happens(&f, 3, 0, RF_EVENT_SLIDE_EXIT_INACTIVE);
    happens(&f, 4, 1, RF_EVENT_SLIDE_EXIT_ACTIVE);
    happens(&f, 5, 3, RF_EVENT_SLIDE_ENTER);
    happens(&f, 6, 3, RF_EVENT_SLIDE_EXIT_ACTIVE);
    check(&f, 10, RF_DEACTIVATIONS, off);
    check(&f, 10, RF_REACTIVATIONS, on);
    check(&f, 10, RF_FIRST_ACTIVE, first);
    check(&f, 10, RF_LAST_ACTIVE, last);
    check(&f, 2.5, RF_LAST_ACTIVE, within);
    ck_assert_int_eq(rfi_support_mark(&f.subject, RF_SUPPORT_TRAJECTORY, mark), RF_OK);
    ck_assert(mark[0] == 1 && mark[1] == 1 && mark[2] == 0 && mark[3] == 1);
    tear_down(&f);
}
END_TEST

/* A run that stops at the origin ends every activity; one that goes on ends none. */
START_TEST(stop_at_the_origin)
{
    const rfi_stretch next = {2, 2, 0, 0, 1, 0};
    const rfi_change stopped = {0, RFI_AT_ORIGIN, RFI_ON_SIDE, RFI_INSIDE};
    const double w[] = {0, 0}, off[N] = {1, 1, 0, 0}, last[N] = {2, 2, NAN, NAN};
    const double none[N] = {0, 0, 0, 0};
    fixture f;
    set_up(&f);
    happens(&f, 2, -1, RF_EVENT_ORIGIN);
    check(&f, 10, RF_DEACTIVATIONS, none);
    rfi_record_stretch(&f.record, &next, w);
    rfi_record_change(&f.record, &stopped);
    check(&f, 10, RF_DEACTIVATIONS, off);
    check(&f, 10, RF_LAST_ACTIVE, last);
    tear_down(&f);
}
END_TEST

/* The same margins on the active data, and in the span of their rows: orthogonal to what is left.  The
 * rows have a condition below 100: 1e-12. */
START_TEST(least_norm)
{
    enum { n = 6, d = 4 };
    uint64_t seed;
    for (seed = 0; seed < 30; ++seed) {
        double X[n * d], y[n], w[d], out[d], again[d], rest[d];
        uint8_t state[n];
        uint64_t s = seed;
        rfi_problem p;
        int64_t i;
        unit_fill(&s, X, n * d);
        unit_fill(&s, y, n);
        unit_fill(&s, w, d);
        unit_problem(&p, n, d, X, y);
        for (i = 0; i < n; ++i)
            state[i] = (uint8_t)((seed >> i) & 1 ? RFI_ACTIVE : RFI_SLIDING);
        ck_assert_int_eq(rfi_least_norm(&p, state, w, out), RF_OK);
        ck_assert_int_eq(rfi_least_norm(&p, state, out, again), RF_OK);
        for (i = 0; i < d; ++i) {
            rest[i] = w[i] - out[i];
            ck_assert_double_eq_tol(out[i], again[i], 1e-12);
        }
        ck_assert_double_eq_tol(rfi_dot(rest, out, d), 0.0, 1e-12);
        for (i = 0; i < n; ++i)
            if (state[i] == RFI_ACTIVE)
                ck_assert_double_eq_tol(rfi_dot(X + i * d, rest, d), 0.0, 1e-12);
        if (seed == 0)
            ck_assert(rfi_norm(out, d) == 0.0);
        rfi_problem_free(&p);
    }
}
END_TEST

static const TTest *const *const tests[] = {
    &without_events, &crossings, &slides, &stop_at_the_origin, &least_norm,
};
UNIT_MAIN("support", tests)
