/* test_event.c: the first event of a segment, on problems that decouple.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>

#include "flow/event.h"

enum { MOST = 8 };

typedef struct {
    rfi_problem p;
    rfi_pattern pattern;
    rfi_segment seg;
    rfi_workspace ws;
    rfi_arrival arrival[2 * MOST];
    rfi_next next;
    double line[5 * MOST];
} fixture;

static void set_up(fixture *f, int64_t n, int64_t d, const double *X, const double *y,
                   const double *w0, int64_t slide)
{
    unit_problem(&f->p, n, d, X, y);
    unit_pattern(&f->pattern, &f->p, w0);
    if (slide >= 0)
        f->pattern.side[slide] = RFI_SLIDE;
    ck_assert_int_eq(rfi_segment_create(&f->seg, &f->p), 0);
    ck_assert_int_eq(rfi_workspace_create(&f->ws, &f->p), 0);
    ck_assert_int_eq(rfi_segment_build(&f->seg, &f->p, &f->pattern, 0.0, w0, &f->ws), RF_OK);
    f->next.arrival = f->arrival;
    f->next.rays = NULL;
    f->next.sieve = NULL;
    rfi_event_find(&f->seg, &f->p, &f->pattern, 0.0, &f->next, f->line);
}

static void tear_down(fixture *f)
{
    const rf_allocator a = f->p.data->allocator;
    rfi_segment_free(&f->seg, &a);
    rfi_workspace_free(&f->ws, &a);
    unit_pattern_free(&f->pattern, &f->p);
    rfi_problem_free(&f->p);
}

static const double identity[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};

/* X = 1: w_i = y_i + (w_i(0) - y_i) e^{-t} vanishes at ln((w_i(0) - y_i) / -y_i).  The logarithm of a
 * quotient with a few eps of error: 1e-14. */
START_TEST(first_of_three)
{
    const double y[] = {-1, -3, 1}, w0[] = {2, 2, 2};
    fixture f;
    set_up(&f, 3, 3, identity, y, w0, -1);
    ck_assert_int_eq(f.next.count, 1);
    ck_assert_int_eq(f.next.arrival[0].line, 1);
    ck_assert_int_eq(f.next.arrival[0].what, RFI_ARRIVES);
    ck_assert_double_eq_tol(f.next.tau, log(5.0 / 3.0), 1e-14);
    rfi_event_find(&f.seg, &f.p, &f.pattern, 0.4, &f.next, f.line); /* from before it: the same */
    ck_assert_double_eq_tol(f.next.tau, log(5.0 / 3.0), 1e-14);
    tear_down(&f);
}
END_TEST

START_TEST(simultaneous_arrivals)
{
    const double y[] = {-1, 5, -0.5}, w0[] = {0.2, 2, 0.1};
    fixture f;
    set_up(&f, 3, 3, identity, y, w0, -1);
    ck_assert_int_eq(f.next.count, 2);
    ck_assert(f.next.arrival[0].line == 0 && f.next.arrival[1].line == 2);
    ck_assert_double_eq_tol(f.next.tau, log(1.2), 1e-14);
    tear_down(&f);
}
END_TEST

/* The units of time and of the data: X = 10^k, t ~ 10^-2k. */
START_TEST(scales)
{
    int k;
    for (k = -60; k <= 60; k += 20) {
        const double s = pow(10.0, k), X[] = {s, 0, 0, s}, y[] = {-1, -2}, w0[] = {1 / s, 1 / s};
        fixture f;
        set_up(&f, 2, 2, X, y, w0, -1);
        ck_assert(f.next.count == 1 && f.next.arrival[0].line == 1);
        ck_assert_double_eq_tol(f.next.tau * s * s, log(1.5), 1e-13);
        tear_down(&f);
    }
}
END_TEST

/* Labels >= 0 that are reached from above or decayed to: the certificate that there is no event. */
START_TEST(none_is_certified)
{
    const double y[] = {1, 0, 3}, w0[] = {2, 2, 2}, dead[] = {-1, -2, -3};
    fixture f;
    set_up(&f, 3, 3, identity, y, w0, -1);
    ck_assert(f.next.count == 0 && isinf(f.next.tau) && isinf(f.next.touch));
    tear_down(&f);
    set_up(&f, 3, 3, identity, y, dead, -1);
    ck_assert(f.next.count == 0 && isinf(f.next.tau));
    tear_down(&f);
}
END_TEST

/* Row 0 slides along w_1 = 0 with u = r_1 - ... = y_1 - y_2 + w_2, and w_2' = y_1 + 2 y_2 - 5 w_2. */
static void sliding(fixture *f, double y1, double y2, double start)
{
    const double X[] = {1, 0, 1, 1, -1, 2}, y[] = {-1, y1, y2}, w0[] = {0, start};
    set_up(f, 3, 2, X, y, w0, 0);
}

/* u rises from 0.6 to 1.86: the upper bound 1 at w_2 = 0.9. */
START_TEST(leaves_at_the_upper_bound)
{
    fixture f;
    sliding(&f, 3.0, 2.9, 0.5);
    ck_assert(f.next.count == 1 && f.next.arrival[0].line == 0);
    ck_assert_int_eq(f.next.arrival[0].what, RFI_LEAVES_HIGH);
    ck_assert_double_eq_tol(f.next.tau, log(1.26 / 0.86) / 5.0, 1e-13);
    tear_down(&f);
}
END_TEST

/* u falls from 0.25 to -0.05: 0 at w_2 = 0.25, towards 0.2. */
START_TEST(leaves_at_the_lower_bound)
{
    fixture f;
    sliding(&f, 0.5 / 3.0, 0.5 / 3.0 + 0.25, 0.5);
    ck_assert(f.next.count == 1 && f.next.arrival[0].line == 0);
    ck_assert_int_eq(f.next.arrival[0].what, RFI_LEAVES_LOW);
    ck_assert_double_eq_tol(f.next.tau, log(0.3 / 0.05) / 5.0, 1e-13);
    tear_down(&f);
}
END_TEST

/* w_2 falls from 0.3 towards -0.2 while u = 0.5 + w_2 stays inside: the origin, told by row 2, which has
 * the steeper margin per length. */
START_TEST(origin)
{
    fixture f;
    sliding(&f, 0.0, -0.5, 0.3);
    ck_assert(f.next.count == 1 && f.next.arrival[0].what == RFI_ARRIVES);
    ck_assert_int_eq(f.next.arrival[0].line, 2);
    ck_assert_double_eq_tol(f.next.tau, log(2.5) / 5.0, 1e-14);
    tear_down(&f);
}
END_TEST

/* A margin that was just crossed does not come back by itself. */
START_TEST(just_crossed)
{
    const double y[] = {1, -1}, w0[] = {0, 1}, X[] = {1, 0, 0, 1};
    fixture f;
    set_up(&f, 2, 2, X, y, w0, -1);
    f.pattern.side[0] = RFI_PLUS;
    f.pattern.stand[0] = RFI_CROSSED;
    ck_assert_int_eq(rfi_segment_build(&f.seg, &f.p, &f.pattern, 0.0, w0, &f.ws), RF_OK);
    rfi_event_find(&f.seg, &f.p, &f.pattern, 0.0, &f.next, f.line);
    ck_assert(f.next.count == 1 && f.next.arrival[0].line == 1);
    ck_assert_double_eq_tol(f.next.tau, log(2.0), 1e-14);
    tear_down(&f);
}
END_TEST

static const TTest *const *const tests[] = {
    &first_of_three,
    &simultaneous_arrivals,
    &scales,
    &none_is_certified,
    &leaves_at_the_upper_bound,
    &leaves_at_the_lower_bound,
    &origin,
    &just_crossed,
};
UNIT_MAIN("event", tests)
