/* replay: see replay.h.
 * SPDX-License-Identifier: MIT */
#include "analysis/replay.h"

#include <math.h>
#include <string.h>

#include "analysis/accumulate.h"
#include "base/num.h"

rf_status rfi_replay_create(rfi_replay *replay, const rfi_problem *problem,
                            const rfi_record *record, int descends, int carry)
{
    const rfi_data *data = problem->data;
    const rf_allocator *a = &data->allocator;
    int failed;
    memset(replay, 0, sizeof(*replay));
    replay->problem = problem;
    replay->record = record;
    replay->descends = descends;
    replay->carry = carry;
    replay->at = -1;
    failed = (replay->alpha = rfi_alloc(a, data->n, sizeof(double))) == NULL;
    if (descends)
        failed |= rfi_iterate_create(&replay->iterate, data) != 0;
    else
        failed |= rfi_pattern_create(&replay->pattern, data->kinks.count, a) != 0
                  || rfi_segment_create(&replay->segment, data) != 0
                  || rfi_workspace_create(&replay->ws, data) != 0;
    if (failed) {
        rfi_replay_free(replay);
        return RF_ERROR_MEMORY;
    }
    return RF_OK;
}

void rfi_replay_free(rfi_replay *replay)
{
    const rf_allocator *a = &replay->problem->data->allocator;
    rfi_free(a, replay->alpha);
    rfi_iterate_free(&replay->iterate, a);
    rfi_pattern_free(&replay->pattern, a);
    rfi_segment_free(&replay->segment, a);
    rfi_workspace_free(&replay->ws, a);
}

static int64_t changes_end(const rfi_record *record, int64_t k)
{
    return k + 1 < record->stretches ? record->stretch[k + 1].first_change : record->changes;
}

/* The pattern of stretch k from that of stretch k - 1. */
static void apply_changes(rfi_replay *replay, int64_t k)
{
    const rfi_record *record = replay->record;
    rfi_pattern *p = &replay->pattern;
    int64_t c;
    if (k == 0) {
        rfi_pattern_copy(p, &record->initial);
        return;
    }
    memset(p->stand, RFI_ON_SIDE, (size_t)p->lines);
    memset(p->bound, RFI_INSIDE, (size_t)p->lines);
    for (c = record->stretch[k].first_change; c < changes_end(record, k); ++c) {
        const rfi_change *change = &record->change[c];
        p->side[change->line] = change->side;
        p->stand[change->line] = change->stand;
        p->bound[change->line] = change->bound;
    }
    p->stopped = record->stretch[k].stopped;
}

static rf_status rebuild(rfi_replay *replay)
{
    const rfi_record *record = replay->record;
    return rfi_segment_build(&replay->segment, replay->problem, &replay->pattern,
                             record->stretch[replay->at].anchor,
                             record->weights + replay->at * record->d, &replay->ws);
}

static void finish_stretch(rfi_replay *replay)
{
    const rfi_stretch *stretch = &replay->record->stretch[replay->at];
    const double from = stretch->begin - stretch->anchor, to = stretch[1].begin - stretch->anchor;
    if (replay->carry & RFI_WITH_COEFFICIENTS)
        rfi_accumulate_coefficients(&replay->segment, replay->problem, from, to, replay->ws.line,
                                    replay->alpha);
    if (replay->carry & RFI_WITH_PATH)
        replay->path += rfi_accumulate_path(&replay->segment, from, to);
}

static void start_over(rfi_replay *replay)
{
    replay->at = -1;
    replay->path = 0.0;
    memset(replay->alpha, 0, (size_t)replay->problem->data->n * sizeof(double));
}

static rf_status seek_flow(rfi_replay *replay, int64_t k)
{
    rf_status status = RF_OK;
    if (k < replay->at)
        start_over(replay);
    while (replay->at < k && status == RF_OK) {
        if (replay->at >= 0 && replay->carry)
            finish_stretch(replay);
        apply_changes(replay, ++replay->at);
        if (replay->carry || replay->at == k)
            status = rebuild(replay);
    }
    return status;
}

static void restart_iterate(rfi_replay *replay, int64_t k)
{
    const rfi_record *record = replay->record;
    replay->at = k;
    replay->steps = 0;
    memcpy(replay->iterate.w, record->weights + k * record->d, (size_t)record->d * sizeof(double));
    rfi_iterate_evaluate(&replay->iterate, replay->problem);
}

/* One step of descent, with what it adds. */
static void step_iterate(rfi_replay *replay, double eta)
{
    const rfi_problem *problem = replay->problem;
    rfi_iterate *it = &replay->iterate;
    int64_t i;
    for (i = 0; i < problem->data->n; ++i) {
        const double slope =
            it->state[i] || problem->activation == RF_LINEAR ? 1.0 : problem->slope;
        replay->alpha[i] -= eta * problem->c[i] * slope * it->residual[i];
    }
    replay->path += eta * rfi_norm(it->gradient, problem->data->d);
    for (i = 0; i < problem->data->d; ++i)
        it->w[i] = it->w[i] - eta * it->gradient[i];
    ++replay->steps;
    rfi_iterate_evaluate(it, problem);
}

static rf_status seek_descent(rfi_replay *replay, int64_t k, double t)
{
    const rfi_record *record = replay->record;
    const rfi_stretch *s;
    if (replay->at > k
        || (replay->at == k
            && record->stretch[k].begin + (double)replay->steps * record->stretch[k].eta > t))
        start_over(replay);
    if (replay->at < 0 || (replay->at < k && !replay->carry))
        restart_iterate(replay, replay->carry ? 0 : k);
    for (;;) {
        s = &record->stretch[replay->at];
        if (replay->steps < s->steps
            && (replay->at < k || s->begin + (double)(replay->steps + 1) * s->eta <= t))
            step_iterate(replay, s->eta);
        else if (replay->at < k)
            restart_iterate(replay, replay->at + 1);
        else
            return RF_OK;
    }
}

rf_status rfi_replay_seek(rfi_replay *replay, double t)
{
    const int64_t k = rfi_record_find(replay->record, t);
    return replay->descends ? seek_descent(replay, k, t) : seek_flow(replay, k);
}

void rfi_replay_coefficients(rfi_replay *replay, double t, double *alpha)
{
    const rfi_stretch *stretch = &replay->record->stretch[replay->at];
    memcpy(alpha, replay->alpha, (size_t)replay->problem->data->n * sizeof(double));
    if (!replay->descends)
        rfi_accumulate_coefficients(&replay->segment, replay->problem,
                                    stretch->begin - stretch->anchor, t - stretch->anchor,
                                    replay->ws.line, alpha);
}

double rfi_replay_path(const rfi_replay *replay, double t)
{
    const rfi_stretch *stretch = &replay->record->stretch[replay->at];
    if (replay->descends)
        return replay->path;
    return replay->path
           + rfi_accumulate_path(&replay->segment, stretch->begin - stretch->anchor,
                                 t - stretch->anchor);
}
