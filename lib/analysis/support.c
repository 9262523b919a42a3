/* support: kinds of support, histories of the data, and the weight of least norm
 * (docs/mathematics.md 4.1).
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "analysis/quantity.h"
#include "base/blas.h"
#include "base/num.h"
#include "model/kernels.h"

/* The state of a datum when the run began. */
static uint8_t initial_state(const rfi_subject *s, int64_t i)
{
    const rfi_data *data = s->problem->data;
    if (!s->descends)
        return rfi_pattern_datum(s->problem, &s->record->initial, i);
    return rfi_dot(rfi_row(data, i), s->record->weights, data->d) > 0.0 ? RFI_ACTIVE : RFI_INACTIVE;
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

/* What is kept of every datum while its events go by. */
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

/* 1 if the run stopped at the origin with this event. */
static int stops(const rfi_record *record, const rf_event *event)
{
    return event->kind == RF_EVENT_ORIGIN
           && record->stretch[rfi_record_find(record, event->time)].stopped;
}

static void run_history(const rfi_subject *s, double t, history *all)
{
    const rfi_record *record = s->record;
    const int64_t n = s->problem->data->n;
    int64_t i, k;
    for (i = 0; i < n; ++i) {
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
            enter(&all[event->datum], state_after(event->kind), event->time);
        else if (stops(record, event))
            for (i = 0; i < n; ++i)
                enter(&all[i], RFI_INACTIVE, event->time);
    }
}

rf_status rfi_history(const rfi_subject *s, double t, int32_t quantity, double *out)
{
    const rfi_data *data = s->problem->data;
    history *all = rfi_alloc(&data->allocator, data->n, sizeof(*all));
    int64_t i;
    if (all == NULL)
        return RF_ERROR_MEMORY;
    run_history(s, t, all);
    for (i = 0; i < data->n; ++i)
        out[i] = read_history(&all[i], t, quantity);
    rfi_free(&data->allocator, all);
    return RF_OK;
}

/* Data that were active or sliding at some time. */
static void mark_trajectory(const rfi_subject *s, uint8_t *mark)
{
    const rfi_record *record = s->record;
    int64_t i, k;
    for (i = 0; i < s->problem->data->n; ++i)
        mark[i] = initial_state(s, i) != RFI_INACTIVE;
    for (k = record->stretch[0].first_event; k < record->events; ++k)
        if (record->event[k].datum >= 0 && state_after(record->event[k].kind) != RFI_INACTIVE)
            mark[record->event[k].datum] = 1;
}

/* Data of a line that was ever held on its kink, by a slide or at rest. */
static void mark_held(const rfi_subject *s, uint8_t *mark)
{
    const rfi_record *record = s->record;
    const rfi_kinks *kinks = &s->problem->data->kinks;
    int64_t g, k, m;
    for (g = 0; g < kinks->count; ++g)
        for (m = kinks->start[g]; m < kinks->start[g + 1] && rfi_held(record->initial.side[g]); ++m)
            mark[kinks->member[m]] = 1;
    for (k = 0; k < record->changes; ++k) {
        g = record->change[k].line;
        for (m = kinks->start[g]; m < kinks->start[g + 1] && rfi_held(record->change[k].side); ++m)
            mark[kinks->member[m]] = 1;
    }
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
            mark[record->event[k].datum] = 1;
    for (i = 0; i < data->n; ++i)
        mark[i] = (uint8_t)((mark[i] || s->problem->slope != 0.0) && data->kinks.line[i] >= 0);
}

/* Sliding or at rest on its kink; a datum that has just crossed is on its way. */
static int on_boundary(const rfi_inquiry *q, int64_t i)
{
    const int64_t g = q->subject->problem->data->kinks.line[i];
    if (g < 0)
        return 0;
    if (q->segment == NULL || q->subject->problem->activation == RF_LINEAR)
        return q->margin[i] == 0.0;
    return q->pattern->stopped || rfi_held(q->pattern->side[g])
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
    for (i = 0; status == RF_OK && i < s->problem->data->n; ++i)
        mark[i] =
            (uint8_t)(kind == RF_SUPPORT_ACTIVE ? q.state[i] == RFI_ACTIVE : on_boundary(&q, i));
    rfi_inquiry_free(&q);
    return status;
}

rf_status rfi_least_norm(const rfi_problem *problem, const uint8_t *state, const double *w,
                         double *out)
{
    const rfi_data *data = problem->data;
    const rf_allocator *a = &data->allocator;
    rfi_segment s = {0};
    rfi_workspace ws = {0};
    rf_status status = RF_ERROR_MEMORY;
    int64_t i, j, rows = 0, most;
    if (rfi_segment_create(&s, data) == 0 && rfi_workspace_create(&ws, data) == 0) {
        for (i = 0; i < data->n; ++i) {
            if (state[i] != RFI_ACTIVE)
                continue;
            for (j = 0; j < data->d; ++j)
                ws.matrix[rows * data->d + j] = rfi_row(data, i)[j] / data->norm[i];
            ++rows;
        }
        most = rfi_smaller(rows, data->d);
        memset(out, 0, (size_t)data->d * sizeof(double));
        status = RF_OK;
        if (rows > 0
            && rfi_svd(data->d, rows, ws.matrix, data->d, s.s, s.Q, data->d, s.U, s.most, ws.work,
                       ws.work_size, ws.integers)
                   != 0)
            status = RF_ERROR_NUMERICAL;
        for (j = 0; status == RF_OK && j < most; ++j)
            if (s.s[j] > (double)rfi_larger(data->n, data->d) * RFI_EPS * s.s[0])
                rfi_axpy(rfi_dot(s.Q + j * data->d, w, data->d), s.Q + j * data->d, out, data->d);
    }
    rfi_workspace_free(&ws, a);
    rfi_segment_free(&s, a);
    return status;
}
