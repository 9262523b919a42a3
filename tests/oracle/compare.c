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
static double instant_error(const vector_case *v, const rf_event *events, int64_t first,
                            int64_t last, char *message, size_t size)
{
    double worst = 0, t = v->events[first].time;

    for (int64_t k = first; k < last; k++) {
        if (events[k].time != events[first].time || !present(&v->events[k], events, first, last)) {
            snprintf(message, size,
                     "event %d: expected datum %d kind %d at %.17g, got datum %d kind %d at %.17g",
                     (int)k, (int)v->events[k].datum, (int)v->events[k].kind, v->events[k].time,
                     (int)events[k].datum, (int)events[k].kind, events[k].time);
            return -1;
        }
        worst = fmax(worst, fabs(events[k].time - t) / (t > 0 ? t : 1));
    }
    return worst;
}

double oracle_event_error(const vector_case *v, const rf_model *model, char *message, size_t size)
{
    int64_t count = rf_model_event_count(model), first = 0;
    rf_event *events = test_alloc(count, sizeof *events);
    double worst = 0;

    message[0] = 0;
    ck_assert_int_eq(rf_model_events(model, 0, count, events), RF_OK);
    while (first < v->event_count && worst >= 0) {
        int64_t last = first + 1;
        double error = -1;

        while (last < v->event_count && v->events[last].time == v->events[first].time)
            last++;
        if (last <= count)
            error = instant_error(v, events, first, last, message, size);
        else
            snprintf(message, size, "event %d is missing", (int)count);
        worst = error < 0 ? -1 : fmax(worst, error);
        first = last;
    }
    if (worst >= 0 && count != v->event_count) {
        snprintf(message, size, "expected %d events, got %d", (int)v->event_count, (int)count);
        worst = -1;
    }
    free(events);
    return worst;
}

double oracle_weight_error(const vector_case *v, const rf_model *model)
{
    double *w = oracle_query(model, RF_WEIGHTS);
    double error = test_distance(w, v->w_end, v->d) / test_norm(v->w_end, v->d);

    free(w);
    return error;
}
