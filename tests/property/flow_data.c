/* flow_data.c: what a flow gave, taken out for checking. SPDX-License-Identifier: MIT */
#include "flow_data.h"

#include "algebra.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void make_grid(flow_data *f)
{
    static const double powers[] = {0, 0.003, 0.03, 0.1, 0.3, 0.7, 1, 2, 5, 15, 50, 200};
    const int count = (int)(sizeof powers / sizeof *powers);

    f->times = test_doubles(2 * f->event_count + count);
    for (int k = 0; k < count; k++)
        f->times[f->time_count++] = powers[k] * f->p->time;
    for (int64_t k = 0; k < f->event_count; k++) {
        double before = k > 0 ? f->events[k - 1].time : 0;

        f->times[f->time_count++] = f->events[k].time;
        f->times[f->time_count++] = before + 0.5 * (f->events[k].time - before);
    }
    qsort(f->times, (size_t)f->time_count, sizeof *f->times, ascending);
}

flow_data *flow_run(const problem *p)
{
    flow_data *f = test_alloc(1, sizeof *f);
    double flags = 0;

    f->p = p;
    f->model = problem_run(p, INFINITY);
    f->event_count = rf_model_event_count(f->model);
    f->events = test_alloc(f->event_count, sizeof *f->events);
    ck_assert_int_eq(rf_model_events(f->model, 0, f->event_count, f->events), RF_OK);
    ck_assert_int_eq(rf_model_query(f->model, RF_FLAGS, &flags, 1), RF_OK);
    f->flags = (int)flags;
    make_grid(f);
    f->size = flow_value(f, INFINITY, RF_WEIGHT_NORM);
    for (int64_t k = 0; k < f->time_count; k++)
        f->size = fmax(f->size, flow_value(f, f->times[k], RF_WEIGHT_NORM));
    return f;
}

void flow_free(flow_data *f)
{
    rf_model_free(f->model);
    free(f->events);
    free(f->times);
    free(f);
}

void flow_each(enum problem_kind kind, uint64_t seeds, void (*check)(const flow_data *f))
{
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        problem *p = problem_make(kind, seed);
        flow_data *f = flow_run(p);

        check(f);
        flow_free(f);
        problem_free(p);
    }
}

int flow_uncertain(const flow_data *f)
{
    return (f->flags & (RF_FLAG_AMBIGUOUS | RF_FLAG_DOUBTFUL)) != 0;
}

void flow_at(const flow_data *f, double t, int32_t quantity, double *out)
{
    int64_t len = 0;
    rf_status status;

    ck_assert_int_eq(rf_model_query_size(f->model, quantity, &len), RF_OK);
    status = rf_model_query_at(f->model, t, quantity, out, len);
    ck_assert_msg(status == RF_OK, "%s: quantity %d at %g: %s", problem_name(f->p->kind),
                  (int)quantity, t, rf_status_string(status));
}

double flow_value(const flow_data *f, double t, int32_t quantity)
{
    double value = NAN;

    flow_at(f, t, quantity, &value);
    return value;
}

/* The state of datum i after all events up to t. */
static uint8_t state_at(const flow_data *f, int64_t i, double t, uint8_t initial)
{
    uint8_t state = initial;

    for (int64_t k = 0; k < f->event_count && f->events[k].time <= t; k++) {
        int32_t kind = f->events[k].kind;

        if (kind == RF_EVENT_ORIGIN && (k + 1 == f->event_count
                                        || f->events[k + 1].time > f->events[k].time))
            state = STATE_INACTIVE;     /* the flow stops there: all data are inactive */
        if (f->events[k].datum != i)
            continue;
        if (kind == RF_EVENT_ACTIVATE || kind == RF_EVENT_SLIDE_EXIT_ACTIVE)
            state = STATE_ACTIVE;
        else
            state = kind == RF_EVENT_SLIDE_ENTER ? STATE_SLIDING : STATE_INACTIVE;
    }
    return state;
}

int64_t flow_states(const flow_data *f, double t, uint8_t *state, double *theta)
{
    rf_model *start = problem_model(f->p);
    int64_t sliding = 0;

    ck_assert_int_eq(rf_model_pattern(start, state, f->p->n), RF_OK);
    rf_model_free(start);
    flow_at(f, t, RF_PATTERN, theta);
    for (int64_t i = 0; i < f->p->n; i++) {
        state[i] = state_at(f, i, t, state[i]);
        sliding += state[i] == STATE_SLIDING;
        ck_assert_msg(state[i] == STATE_SLIDING ? theta[i] >= 0 && theta[i] <= 1
                                                : theta[i] == state[i],
                      "%s: datum %d at %g: state %d by the events, pattern %g",
                      problem_name(f->p->kind), (int)i, t, state[i], theta[i]);
    }
    return sliding;
}

static double relative_change(const flow_data *f, const rf_model *other, double *w, double *v)
{
    int64_t d = f->p->d;
    double worst = 0;

    for (int64_t k = 0; k <= f->time_count; k++) {
        double t = k < f->time_count ? f->times[k] : INFINITY;

        flow_at(f, t, RF_WEIGHTS, w);
        ck_assert_int_eq(rf_model_query_at(other, t, RF_WEIGHTS, v, d), RF_OK);
        worst = fmax(worst, test_distance(w, v, d) / f->size);
    }
    return worst;
}

double flow_condition(const flow_data *f, uint64_t seed)
{
    const double amount = 0x1p-30;
    double worst = 0, *w = test_doubles(f->p->d), *v = test_doubles(f->p->d);

    for (uint64_t k = 0; f->size > 0 && k < 3; k++) {
        problem *q = problem_disturbed(f->p, amount, 1, 3 * seed + k);
        rf_model *other = problem_run(q, INFINITY);

        worst = fmax(worst, relative_change(f, other, w, v) / amount);
        rf_model_free(other);
        problem_free(q);
    }
    free(w);
    free(v);
    return worst;
}

double flow_tolerance(const flow_data *f, double condition)
{
    return (1e-13 + 1e-13 * condition) * f->size;
}
