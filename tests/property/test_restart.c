/* test_restart.c: the flow property: to t and then on is the same as at once; a query of the past
 * is the state a run to that time has. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "flow_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 10 };

/* A run cut at every time of the grid: the same events, the same weights to rounding. */
static void check_cut(const flow_data *f)
{
    const problem *p = f->p;
    double tolerance = flow_tolerance(f, flow_condition(f, p->seed));
    double *w = test_doubles(p->d), *v = test_doubles(p->d);
    rf_model *cut = problem_model(p);
    int64_t k;

    for (k = 0; k <= f->time_count; k++) {
        double t = k < f->time_count ? f->times[k] : INFINITY;

        ck_assert_int_eq(rf_model_integrate(cut, t), RF_OK);
        ck_assert_int_eq(rf_model_query(cut, RF_WEIGHTS, w, p->d), RF_OK);
        flow_at(f, t, RF_WEIGHTS, v);
        flow_check(f, test_distance(w, v, p->d) <= tolerance, "cut at %g: off by %g, bound %g", t,
                   test_distance(w, v, p->d), tolerance);
    }
    flow_check(f, rf_model_event_count(cut) == f->event_count, "cut: %d events instead of %d",
               (int)rf_model_event_count(cut), (int)f->event_count);
    for (k = 0; k < f->event_count; k++) {
        rf_event event;

        ck_assert_int_eq(rf_model_events(cut, k, 1, &event), RF_OK);
        flow_check(f, event.datum == f->events[k].datum && event.kind == f->events[k].kind,
                   "cut: event %d is datum %d kind %d", (int)k, (int)event.datum, event.kind);
    }
    rf_model_free(cut);
    free(w);
    free(v);
}

START_TEST(cut_in_pieces)
{
    flow_each((enum problem_kind)_i, SEEDS, check_cut);
}
END_TEST

/* A clone of a model at its start, run to t, tells what the finished model tells about t. */
static void check_past(const flow_data *f)
{
    static const int32_t quantities[] = {RF_WEIGHTS, RF_PATTERN, RF_DEACTIVATIONS, RF_REACTIVATIONS,
                                         RF_TIME};
    const problem *p = f->p;
    int64_t most = p->n > p->d ? p->n : p->d;
    double tolerance = flow_tolerance(f, flow_condition(f, p->seed));
    double *a = test_doubles(most), *b = test_doubles(most);
    rf_model *start = problem_model(p);

    for (int64_t k = 0; k < f->time_count; k += 2) {
        rf_model *clone = NULL;
        double t = f->times[k];

        ck_assert_int_eq(rf_model_clone(start, &clone), RF_OK);
        ck_assert_int_eq(rf_model_integrate(clone, t), RF_OK);
        for (int q = 0; q < 5; q++) {
            int64_t len = 0;

            ck_assert_int_eq(rf_model_query_size(clone, quantities[q], &len), RF_OK);
            ck_assert_int_eq(rf_model_query(clone, quantities[q], a, len), RF_OK);
            flow_at(f, t, quantities[q], b);
            /* theta is an output of the multipliers, as well conditioned as w for these data up to
             * the least singular value of the sliding rows; sides and counts are whole numbers. */
            if (quantities[q] == RF_WEIGHTS)
                flow_check(f, test_distance(a, b, len) <= tolerance, "weights at %g off by %g", t,
                           test_distance(a, b, len));
            else if (quantities[q] == RF_PATTERN)
                flow_check(f, test_distance(a, b, len) <= 1e-6, "pattern at %g off by %g", t,
                           test_distance(a, b, len));
            else
                flow_check(f, same_bits(a, b, len), "quantity %d at %g", (int)quantities[q], t);
        }
        rf_model_free(clone);
    }
    rf_model_free(start);
    free(a);
    free(b);
}

START_TEST(past_is_a_shorter_run)
{
    flow_each((enum problem_kind)_i, SEEDS, check_past);
}
END_TEST

/* Started anew from w(t) at a time where nothing slides, so that w(t) alone is the state. */
static void check_new_start(const flow_data *f)
{
    const problem *p = f->p;
    double tolerance = 2 * flow_tolerance(f, flow_condition(f, p->seed));
    double *w = test_doubles(p->d), *v = test_doubles(p->d), *theta = test_doubles(p->n);
    uint8_t *state = test_alloc(p->n, 1);

    for (int64_t k = 1; k < f->time_count && f->times[k] < 10 * p->time; k++) {
        double t = f->times[k];
        problem *rest;
        rf_model *model;
        int64_t e = 0;

        while (e < f->event_count && f->events[e].time != t)
            e++;
        if (e < f->event_count || flow_states(f, t, state, theta) > 0 || flow_uncertain(f))
            continue;
        rest = problem_copy(p);
        flow_at(f, t, RF_WEIGHTS, rest->w0);
        model = problem_run(rest, INFINITY);
        ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, w, p->d), RF_OK);
        flow_at(f, INFINITY, RF_WEIGHTS, v);
        flow_check(f, test_distance(w, v, p->d) <= tolerance, "anew from %g: off by %g, bound %g",
                   t, test_distance(w, v, p->d), tolerance);
        rf_model_free(model);
        problem_free(rest);
    }
    free(w);
    free(v);
    free(theta);
    free(state);
}

START_TEST(new_start)
{
    flow_each((enum problem_kind)_i, SEEDS, check_new_start);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"cut in pieces", cut_in_pieces, PROBLEM_KIND_COUNT},
        {"past is a shorter run", past_is_a_shorter_run, PROBLEM_KIND_COUNT},
        {"new start", new_start, PROBLEM_KIND_COUNT},
    };

    return run_tests("property restart", entries, sizeof entries / sizeof *entries);
}
