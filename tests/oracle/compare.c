/* compare.c: a run of the library against a reference vector. SPDX-License-Identifier: MIT */
#include "compare.h"

#include "algebra.h"
#include "problem.h"
#include "run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

rf_model *oracle_model(const vector_case *v)
{
    problem *p = problem_of_vector(v);
    rf_model *model = problem_model(p);

    problem_free(p);
    return model;
}

double *oracle_query(const rf_model *model, int32_t quantity)
{
    int64_t len = 0;
    double *out;

    ck_assert_int_eq(rf_model_query_size(model, quantity, &len), RF_OK);
    out = test_doubles(len);
    ck_assert_int_eq(rf_model_query(model, quantity, out, len), RF_OK);
    return out;
}

/* Two lists of events, the second that of the library. */
typedef struct event_lists {
    const vector_event *expected;
    const rf_event *got;
    int64_t expected_count, got_count;
} event_lists;

/* 1 if reference event e is among the library's events first .. last - 1. */
static int present(const vector_event *e, const rf_event *events, int64_t first, int64_t last)
{
    for (int64_t k = first; k < last; k++)
        if (events[k].datum == e->datum && events[k].kind == e->kind)
            return 1;
    return 0;
}

/* Events first .. last - 1 of the reference are one instant: the library's must be one too, with
 * the same members.  Returns the largest relative error of the time, or -1. */
static double instant_error(const event_lists *l, int64_t first, int64_t last, char *message,
                            size_t size)
{
    const vector_event *expected = l->expected;
    const rf_event *events = l->got;
    double worst = 0, t = expected[first].time;

    for (int64_t k = first; k < last; k++) {
        if (events[k].time != events[first].time || !present(&expected[k], events, first, last)) {
            snprintf(message, size,
                     "event %d: expected datum %d kind %d at %.17g, got datum %d kind %d at %.17g",
                     (int)k, (int)expected[k].datum, (int)expected[k].kind, expected[k].time,
                     (int)events[k].datum, (int)events[k].kind, events[k].time);
            return -1;
        }
        worst = fmax(worst, fabs(events[k].time - t) / (t > 0 ? t : 1));
    }
    return worst;
}

static double list_error(const event_lists *l, char *message, size_t size)
{
    double worst = 0;
    int64_t first = 0;

    while (first < l->expected_count && worst >= 0) {
        int64_t last = first + 1;
        double error = -1;

        while (last < l->expected_count && l->expected[last].time == l->expected[first].time)
            last++;
        if (last <= l->got_count)
            error = instant_error(l, first, last, message, size);
        else
            snprintf(message, size, "event %d is missing", (int)l->got_count);
        worst = error < 0 ? -1 : fmax(worst, error);
        first = last;
    }
    if (worst >= 0 && l->got_count != l->expected_count) {
        snprintf(message, size, "expected %d events, got %d", (int)l->expected_count,
                 (int)l->got_count);
        worst = -1;
    }
    return worst;
}

double oracle_event_error(const vector_case *v, const rf_model *model, char *message, size_t size)
{
    int64_t count = rf_model_event_count(model), inner = 0;
    rf_event *events = test_alloc(count, sizeof *events);
    double before, after;

    message[0] = 0;
    ck_assert_int_eq(rf_model_events(model, 0, count, events), RF_OK);
    while (inner < count && (events[inner].flags & RF_FLAG_INNER))
        inner++;
    {
        const event_lists first = {v->inner, events, v->inner_count, inner};
        const event_lists rest = {v->events, events + inner, v->event_count, count - inner};

        before = list_error(&first, message, size);
        after = before < 0 ? -1 : list_error(&rest, message, size);
    }
    free(events);
    return after < 0 ? -1 : fmax(before, after);
}

double oracle_weight_error(const vector_case *v, const rf_model *model)
{
    double *w = oracle_query(model, RF_WEIGHTS);
    double error = test_distance(w, v->w_end, v->d) / test_norm(v->w_end, v->d);

    free(w);
    return error;
}

double oracle_norm_rate(const rf_model *model, double t)
{
    double rate = NAN;

    ck_assert_int_eq(rf_model_query_at(model, t, RF_NORM_RATE, &rate, 1), RF_OK);
    return rate;
}

/* 1 if the flow of the case does not move at all. */
static int stands_still(const vector_case *v)
{
    int still = v->event_count == 0 && test_distance(v->w_end, v->w0, v->d) == 0;

    for (int64_t k = 0; k < v->point_count; k++)
        still = still && test_distance(v->points[k].w, v->w0, v->d) == 0;
    return still;
}

/* The error of a failing time other than 0, and its bound with the slope of w . w' there, from the
 * rates a millionth beside. */
static void compare_failure(const oracle_bounds *b, const rf_model *model, oracle_norm *norm)
{
    const double t = b->v->norm_fail_time, beside = 1e-6 * t;
    double slope = oracle_norm_rate(model, t + beside) - oracle_norm_rate(model, t - beside);

    norm->error = fabs(norm->failure - t);
    norm->bound = bound_failure(b, t, slope / (2 * beside));
}

oracle_norm oracle_norm_of(const oracle_bounds *b, const rf_model *model)
{
    const vector_case *v = b->v;
    oracle_norm norm = {-1, 0, stands_still(v), 0, 0, 0};

    ck_assert_int_eq(rf_model_norm_certificate(model, &norm.increasing, &norm.failure), RF_OK);
    norm.as_expected = norm.increasing == (v->norm_monotone && !norm.constant)
                       && isnan(norm.failure) == isnan(v->norm_fail_time);
    if (v->norm_fail_time > 0)
        compare_failure(b, model, &norm);
    else if (v->norm_fail_time == 0)
        norm.as_expected = norm.as_expected && norm.failure == 0;
    return norm;
}
