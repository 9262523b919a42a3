/* support: kinds of support, histories of the data, and the weight of least norm
 * (docs/mathematics.md 4.1).
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "analysis/quantity.h"
#include "base/blas.h"
#include "base/num.h"
#include "model/kernels.h"

/* The state of a pair when the run began. */
static uint8_t initial_state(const rfi_subject *s, int64_t i)
{
    const rfi_data *data = s->problem->data;
    const double *w = s->record->weights + i / data->n * data->d;
    if (!s->descends)
        return rfi_pattern_datum(s->problem, &s->record->initial, i);
    return rfi_view_dot(rfi_row(data, i % data->n), w, data->d) > 0.0 ? RFI_ACTIVE : RFI_INACTIVE;
}

static uint8_t state_after(int32_t kind)
{
    switch (kind) {
    case RF_EVENT_ACTIVATE:
    case RF_EVENT_SLIDE_EXIT_ACTIVE:
        return RFI_ACTIVE;
    case RF_EVENT_SLIDE_ENTER:
        return RFI_SLIDING;
    default:
        return RFI_INACTIVE;
    }
}

/* What is kept of every pair while its events go by. */
typedef struct {
    uint8_t state, settled; /* now; and last state that was not sliding, 3: none yet */
    uint8_t ever_active;
    int64_t deactivations, reactivations;
    double first, last;
} history;

static void enter(history *h, uint8_t state, double t)
{
    if (h->state == RFI_ACTIVE && state != RFI_ACTIVE)
        h->last = t;
    if (state == RFI_ACTIVE && !h->ever_active)
        h->first = t;
    if (state != RFI_SLIDING) {
        h->deactivations += h->settled == RFI_ACTIVE && state == RFI_INACTIVE;
        h->reactivations += h->settled == RFI_INACTIVE && state == RFI_ACTIVE && h->ever_active;
        h->settled = state;
    }
    h->ever_active = (uint8_t)(h->ever_active || state == RFI_ACTIVE);
    h->state = state;
}

static double read_history(const history *h, double t, int32_t quantity)
{
    switch (quantity) {
    case RF_DEACTIVATIONS:
        return (double)h->deactivations;
    case RF_REACTIVATIONS:
        return (double)h->reactivations;
    case RF_FIRST_ACTIVE:
        return h->first;
    default:
        return h->state == RFI_ACTIVE ? t : h->last;
    }
}

/* The pair of an event. */
static int64_t pair_of(const rfi_subject *s, const rf_event *event)
{
    return event->neuron * s->problem->data->n + event->datum;
}

/* 1 if a neuron stopped at the origin with this event. */
static int stops(const rfi_subject *s, const rf_event *event)
{
    const rfi_record *record = s->record;
    const int64_t lines = s->problem->data->kinks.count;
    const int64_t k = rfi_record_find(record, event->time);
    const int64_t last =
        k + 1 < record->stretches ? record->stretch[k + 1].first_change : record->changes;
    int64_t c;
    for (c = record->stretch[k].first_change; event->kind == RF_EVENT_ORIGIN && c < last; ++c)
        if (record->change[c].line / lines == event->neuron
            && rfi_at_origin(record->change[c].side))
            return 1;
    return 0;
}

static void run_history(const rfi_subject *s, double t, history *all)
{
    const rfi_record *record = s->record;
    const int64_t n = s->problem->data->n;
    int64_t i, k;
    for (i = 0; i < rfi_pair_count(s->problem); ++i) {
        history *h = &all[i];
        memset(h, 0, sizeof(*h));
        h->state = h->settled = 3;
        h->first = h->last = NAN;
        enter(h, initial_state(s, i), 0.0);
    }
    for (k = record->stretch[0].first_event; k < record->events && record->event[k].time <= t;
         ++k) {
        const rf_event *event = &record->event[k];
        if (event->datum >= 0)
            enter(&all[pair_of(s, event)], state_after(event->kind), event->time);
        else if (stops(s, event))
            for (i = event->neuron * n; i < (event->neuron + 1) * n; ++i)
                enter(&all[i], RFI_INACTIVE, event->time);
    }
}

rf_status rfi_history(const rfi_subject *s, double t, int32_t quantity, double *out)
{
    const rf_allocator *a = &s->problem->data->allocator;
    const int64_t pairs = rfi_pair_count(s->problem);
    history *all = rfi_alloc(a, pairs, sizeof(*all));
    int64_t i;
    if (all == NULL)
        return RF_ERROR_MEMORY;
    run_history(s, t, all);
    for (i = 0; i < pairs; ++i)
        out[i] = read_history(&all[i], t, quantity);
    rfi_free(a, all);
    return RF_OK;
}

/* Data that were active or sliding at some time. */
static void mark_trajectory(const rfi_subject *s, uint8_t *mark)
{
    const rfi_record *record = s->record;
    int64_t i, k;
    for (i = 0; i < rfi_pair_count(s->problem); ++i)
        mark[i] = initial_state(s, i) != RFI_INACTIVE;
    for (k = record->stretch[0].first_event; k < record->events; ++k)
        if (record->event[k].datum >= 0 && state_after(record->event[k].kind) != RFI_INACTIVE)
            mark[pair_of(s, &record->event[k])] = 1;
}

/* Marks the data of a line of a neuron. */
static void mark_line(const rfi_subject *s, int64_t g, uint8_t *mark)
{
    const rfi_kinks *kinks = &s->problem->data->kinks;
    const int64_t line = g % kinks->count;
    int64_t m;
    for (m = kinks->start[line]; m < kinks->start[line + 1]; ++m)
        mark[g / kinks->count * s->problem->data->n + kinks->member[m]] = 1;
}

/* Lines that were ever held on their kink, by a slide or at rest. */
static void mark_held(const rfi_subject *s, uint8_t *mark)
{
    const rfi_record *record = s->record;
    int64_t k;
    for (k = 0; k < record->initial.lines; ++k)
        if (rfi_held(record->initial.side[k]))
            mark_line(s, k, mark);
    for (k = 0; k < record->changes; ++k)
        if (rfi_held(record->change[k].side))
            mark_line(s, record->change[k].line, mark);
}

void rfi_support_acting(const rfi_subject *s, uint8_t *mark)
{
    const rfi_data *data = s->problem->data;
    const rfi_record *record = s->record;
    int64_t i, k;
    mark_trajectory(s, mark);
    mark_held(s, mark);
    for (k = 0; k < record->stretch[0].first_event; ++k) /* it was, or became, something else */
        if (record->event[k].datum >= 0)
            mark[pair_of(s, &record->event[k])] = 1;
    for (i = 0; i < rfi_pair_count(s->problem); ++i)
        mark[i] =
            (uint8_t)((mark[i] || s->problem->slope != 0.0) && data->kinks.line[i % data->n] >= 0);
}

/* Sliding or at rest on its kink; a datum that has just crossed is on its way. */
static int on_boundary(const rfi_inquiry *q, int64_t i)
{
    const rfi_data *data = q->subject->problem->data;
    const int64_t line = data->kinks.line[i % data->n];
    if (line < 0)
        return 0;
    if (q->subject->descends || q->subject->problem->activation == RF_LINEAR)
        return q->margin[i] == 0.0;
    return rfi_held(q->pattern->side[i / data->n * data->kinks.count + line])
           || (isinf(q->t) && q->on_kink[i]); /* tends to its kink */
}

rf_status rfi_support_mark(const rfi_subject *s, int32_t kind, uint8_t *mark)
{
    rfi_inquiry q;
    rf_status status;
    double w;
    int64_t i;
    if (kind == RF_SUPPORT_TRAJECTORY) {
        mark_trajectory(s, mark);
        return RF_OK;
    }
    if ((status = rfi_inquiry_create(&q, s, RF_LOSS, s->descends)) != RF_OK)
        return status;
    status = rfi_inquiry_answer(&q, s->now, RF_LOSS, &w);
    for (i = 0; status == RF_OK && i < rfi_pair_count(s->problem); ++i)
        mark[i] =
            (uint8_t)(kind == RF_SUPPORT_ACTIVE ? q.state[i] == RFI_ACTIVE : on_boundary(&q, i));
    rfi_inquiry_free(&q);
    return status;
}

/* The row of J of a datum, over |x_i|; 0 if no neuron has it active. */
static int least_norm_row(const rfi_problem *problem, const uint8_t *state, int64_t i, double *row)
{
    const rfi_data *data = problem->data;
    const rfi_view x = rfi_row(data, i);
    int64_t j, k;
    int active = 0;
    for (j = 0; j < problem->neurons; ++j) {
        const int on = state[j * data->n + i] == RFI_ACTIVE;
        for (k = 0; k < data->d; ++k)
            row[j * data->d + k]
                = on ? problem->a[j] * (rfi_view_at(x, k) / data->norm[i]) : 0.0;
        active |= on;
    }
    return active;
}

rf_status rfi_least_norm(const rfi_problem *problem, const uint8_t *state, const double *w,
                         double *out)
{
    const rfi_data *data = problem->data;
    const rf_allocator *a = &data->allocator;
    const int64_t D = rfi_weight_count(problem);
    rfi_segment s = {0};
    rfi_workspace ws = {0};
    rf_status status = RF_ERROR_MEMORY;
    int64_t i, j, rows = 0, most;
    if (rfi_segment_create_whole(&s, problem) == 0 && rfi_workspace_create_whole(&ws, problem) == 0) {
        for (i = 0; i < data->n; ++i)
            rows += least_norm_row(problem, state, i, ws.matrix + rows * D);
        most = rfi_smaller(rows, D);
        memset(out, 0, (size_t)D * sizeof(double));
        status = RF_OK;
        if (rows > 0
            && rfi_svd(D, rows, ws.matrix, D, s.s, s.Q, D, s.U, s.most, ws.work, ws.work_size,
                       ws.integers)
                   != 0)
            status = RF_ERROR_NUMERICAL;
        for (j = 0; status == RF_OK && j < most; ++j)
            if (s.s[j] > (double)rfi_larger(data->n, D) * RFI_EPS * s.s[0])
                rfi_axpy(rfi_dot(s.Q + j * D, w, D), s.Q + j * D, out, D);
    }
    rfi_workspace_free(&ws, a);
    rfi_segment_free(&s, a);
    return status;
}
