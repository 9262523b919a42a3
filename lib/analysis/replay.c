/* replay: see replay.h.
 * SPDX-License-Identifier: MIT */
#include "analysis/replay.h"

#include <math.h>
#include <string.h>

#include "analysis/accumulate.h"
#include "analysis/tally.h"
#include "base/num.h"

rf_status rfi_replay_create(rfi_replay *replay, const rfi_problem *problem,
                            const rfi_record *record, int descends, int carry)
{
    const rf_allocator *a = &problem->data->allocator;
    int failed;
    memset(replay, 0, sizeof(*replay));
    replay->problem = problem;
    replay->record = record;
    replay->descends = descends;
    replay->carry = carry;
    replay->at = -1;
    failed = (replay->alpha = rfi_alloc(a, rfi_pair_count(problem), sizeof(double))) == NULL;
    if (descends)
        failed |= rfi_iterate_create(&replay->iterate, problem) != 0;
    else
        failed |= rfi_pattern_create(&replay->pattern, rfi_kink_count(problem), a) != 0
                  || rfi_segment_create(&replay->segment, problem) != 0
                  || rfi_workspace_create(&replay->ws, problem) != 0
                  || (carry
                      && rfi_ledger_create(&replay->ledger, problem,
                                           rfi_record_weights(record, record->stretches - 1),
                                           (carry & RFI_WITH_PATH) != 0)
                             != 0);
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
    rfi_fastforward_free(&replay->forward, a);
    rfi_pattern_free(&replay->pattern, a);
    rfi_segment_free(&replay->segment, a);
    rfi_workspace_free(&replay->ws, a);
    rfi_retrace_free(&replay->retrace, a);
    rfi_ledger_free(&replay->ledger);
}

static int64_t changes_end(const rfi_record *record, int64_t k)
{
    return k + 1 < record->stretches ? record->stretch[k + 1].first_change : record->changes;
}

/* 1 if the chain may go through stretches, and what it adds up is in the ledger. */
static int by_chain(const rfi_replay *replay)
{
    return replay->problem->neurons == 1 && replay->problem->activation != RF_LINEAR;
}

/* A line takes another side; the ledger is told of its data. */
static void turn_line(rfi_replay *replay, const rfi_change *change)
{
    const rfi_problem *problem = replay->problem;
    const rfi_kinks *kinks = &problem->data->kinks;
    rfi_pattern *p = &replay->pattern;
    const int8_t side = p->side[change->line];
    int64_t m;
    if (by_chain(replay) && replay->carry)
        for (m = kinks->start[change->line]; m < kinks->start[change->line + 1]; ++m) {
            const int64_t i = kinks->member[m];
            double before;
            p->side[change->line] = side;
            before = rfi_pattern_drive(problem, p, i);
            p->side[change->line] = change->side;
            rfi_ledger_turn(&replay->ledger, i, before, rfi_pattern_drive(problem, p, i),
                            replay->alpha);
        }
    p->side[change->line] = change->side;
    p->stand[change->line] = change->stand;
    p->bound[change->line] = change->bound;
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
    for (c = record->stretch[k].first_change; c < changes_end(record, k); ++c)
        turn_line(replay, &record->change[c]);
}

rf_status rfi_replay_segment(rfi_replay *replay)
{
    rf_status status = RF_OK;
    if (!replay->built)
        status = rfi_segment_build(&replay->segment, replay->problem, &replay->pattern,
                                   replay->record->stretch[replay->at].anchor, replay->w,
                                   &replay->ws);
    replay->built = status == RF_OK;
    return status;
}

static void start_over(rfi_replay *replay)
{
    replay->at = -1;
    replay->built = 0;
    replay->path = 0.0;
    memset(replay->alpha, 0, (size_t)rfi_pair_count(replay->problem) * sizeof(double));
    if (replay->ledger.problem != NULL)
        rfi_ledger_clear(&replay->ledger);
}

/* From the begin of the stretch in hand for so long, by the chain. */
static int go_through(rfi_replay *replay, double length, rfi_visit visit, void *context, int needed)
{
    rfi_retrace *r = &replay->retrace;
    int result = -1;
    if (!by_chain(replay))
        return -1;
    if (rfi_retrace_create(r, replay->problem) != 0)
        return RF_ERROR_MEMORY;
    r->visit = visit;
    r->context = context;
    result = rfi_retrace_travel(r, replay->problem, replay->at, &replay->pattern, replay->w, length,
                                needed);
    r->visit = NULL;
    return result;
}

int rfi_replay_through(rfi_replay *replay, double t, rfi_visit visit, void *context)
{
    return go_through(replay, t - replay->record->stretch[replay->at].begin, visit, context, 0);
}

/* All of the stretch in hand by its segment: what it adds, and w where the next begins unless that is kept. */
static rf_status pass_by_segment(rfi_replay *replay, const double *kept)
{
    const rfi_stretch *stretch = &replay->record->stretch[replay->at];
    const double from = stretch->begin - stretch->anchor, to = stretch[1].begin - stretch->anchor;
    rf_status status = rfi_replay_segment(replay);
    if (status != RF_OK)
        return status;
    if (replay->carry & RFI_WITH_COEFFICIENTS)
        rfi_accumulate_coefficients(&replay->segment, replay->problem, &replay->pattern, from, to,
                                    replay->ws.line, replay->alpha);
    if (replay->carry & RFI_WITH_PATH)
        replay->path += rfi_accumulate_path(&replay->segment, from, to);
    replay->w = kept;
    if (kept != NULL)
        return RF_OK;
    rfi_segment_weights(&replay->segment, to, replay->retrace.w);
    replay->retrace.at = -1;
    replay->w = replay->retrace.w;
    return rfi_first_not_finite(replay->w, replay->record->d) < 0 ? RF_OK : RF_ERROR_NUMERICAL;
}

/* All of the stretch in hand: by the chain, or else by its segment. */
static rf_status pass_stretch(rfi_replay *replay, const double *kept)
{
    const rfi_stretch *stretch = &replay->record->stretch[replay->at];
    rfi_retrace *r = &replay->retrace;
    int result;
    if (replay->carry)
        rfi_ledger_begin(&replay->ledger);
    result = go_through(replay, stretch[1].begin - stretch->begin,
                        replay->carry ? rfi_ledger_visit : NULL, &replay->ledger, kept == NULL);
    if (result == RF_ERROR_MEMORY)
        return RF_ERROR_MEMORY;
    if (result != 0)
        return pass_by_segment(replay, kept);
    if (replay->carry)
        rfi_ledger_commit(&replay->ledger, replay->alpha);
    if (rfi_retrace_arrive(r, replay->problem, replay->record, replay->at, &replay->pattern, kept) != RF_OK)
        return RF_ERROR_MEMORY;
    replay->w = kept != NULL ? kept : r->w;
    return RF_OK;
}

static rf_status seek_flow(rfi_replay *replay, int64_t k)
{
    const rfi_record *record = replay->record;
    int64_t from = k; /* the stretch from which on weights are needed */
    rf_status status = RF_OK;
    if (k < replay->at)
        start_over(replay);
    while (record->place[from] < 0)
        --from;
    while (replay->at < k) {
        const int64_t next = replay->at + 1;
        const double *kept = rfi_record_weights(record, next);
        if (replay->at >= 0 && (replay->carry || (kept == NULL && next > from)))
            status = pass_stretch(replay, kept);
        else
            replay->w = kept;
        if (status != RF_OK)
            return status;
        replay->built = 0;
        apply_changes(replay, next);
        replay->at = next;
    }
    return replay->light ? RF_OK : rfi_replay_segment(replay);
}

/* Steps of the iterate in hand beyond the anchor of its form; 0 if it is not on one. */
static int64_t steps_on_form(const rfi_replay *replay)
{
    const int64_t lead = rfi_fastforward_lead(replay->problem);
    return replay->forward.status == RFI_FORM ? replay->steps - lead : 0;
}

/* The states of the data in stretch k, from those in the stretch in hand or from the start. */
static void restore_states(rfi_replay *replay, int64_t k)
{
    const rfi_record *record = replay->record;
    const int64_t last =
        k + 1 < record->stretches ? record->stretch[k + 1].first_event : record->events;
    int64_t e;
    if (replay->at < 0) {
        memcpy(replay->iterate.w, record->weights, (size_t)record->d * sizeof(double));
        rfi_iterate_start(&replay->iterate, replay->problem);
        e = record->stretch[0].first_event;
    } else {
        e = record->stretch[replay->at + 1].first_event;
    }
    for (; e < last; ++e)
        replay->iterate
            .state[record->event[e].neuron * replay->problem->data->n + record->event[e].datum] =
            record->event[e].kind == RF_EVENT_ACTIVATE ? RFI_ACTIVE : RFI_INACTIVE;
}

/* To the first iterate of stretch k, from an earlier stretch or from the start. */
static void restart_iterate(rfi_replay *replay, int64_t k)
{
    const rfi_record *record = replay->record;
    restore_states(replay, k);
    replay->at = k;
    replay->steps = 0;
    replay->forward.status = RFI_NO_FORM;
    memcpy(replay->iterate.w, rfi_record_weights(record, k), (size_t)record->d * sizeof(double));
    rfi_iterate_evaluate(&replay->iterate, replay->problem);
}

/* What `steps` steps from the iterate in hand add, if its gradient stays what it is. */
static void carry_steps(rfi_replay *replay, double eta, double steps)
{
    const rfi_problem *problem = replay->problem;
    const rfi_iterate *it = &replay->iterate;
    const int64_t n = problem->data->n;
    int64_t i;
    if (!replay->carry)
        return;
    for (i = 0; i < rfi_pair_count(problem); ++i) {
        const int moves = problem->data->kinks.line[i % n] >= 0; /* not a zero row */
        const double slope =
            it->state[i] || problem->activation == RF_LINEAR ? 1.0 : problem->slope;
        if (moves)
            replay->alpha[i] -=
                steps * (eta * problem->c[i % n] * slope * problem->a[i / n] * it->residual[i % n]);
    }
    replay->path += steps * (eta * rfi_norm(it->gradient, rfi_weight_count(problem)));
}

/* Walks to iterate `to` of the stretch, or to the anchor of its form; an iterate that stays
 * where it is is there at once. */
static void walk(rfi_replay *replay, double eta, int64_t to)
{
    rfi_iterate *it = &replay->iterate;
    const int64_t lead = rfi_fastforward_lead(replay->problem);
    const int64_t D = replay->record->d;
    const int refused = replay->forward.status == RFI_REFUSED;
    const int64_t last = refused ? to : rfi_smaller(to, lead);
    while (replay->steps < last) {
        const int rests = rfi_iterate_rests(it, D);
        carry_steps(replay, eta, 1.0);
        ++replay->steps;
        if (rfi_iterate_step(it, eta, D, it->w)) {
            rfi_iterate_evaluate(it, replay->problem);
        } else if (refused || rests) {
            carry_steps(replay, eta, (double)(to - replay->steps));
            replay->steps = to;
        }
    }
}

/* Goes to iterate `to` of the stretch; evaluates it there only if it is asked for. */
static rf_status go_to_step(rfi_replay *replay, int64_t to, int asked)
{
    const double eta = replay->record->stretch[replay->at].eta;
    rf_status status;
    if (replay->forward.status != RFI_FORM)
        walk(replay, eta, to);
    if (replay->steps < to && replay->forward.status == RFI_NO_FORM) {
        status = rfi_fastforward_build(&replay->forward, replay->problem, &replay->iterate, eta);
        if (status != RF_OK)
            return status;
        if (replay->forward.status == RFI_REFUSED)
            walk(replay, eta, to);
    }
    if (replay->steps < to) {
        replay->steps = to;
        if (asked) {
            rfi_fastforward_weights(&replay->forward, steps_on_form(replay), replay->iterate.w);
            rfi_iterate_evaluate(&replay->iterate, replay->problem);
        }
    }
    return RF_OK;
}

/* Adds what the form has added since its anchor; the iterate is left there. */
static void finish_form(const rfi_replay *replay, double *alpha, double *path)
{
    const double eta = replay->record->stretch[replay->at].eta;
    const int64_t steps = steps_on_form(replay);
    if (steps > 0 && (replay->carry & RFI_WITH_COEFFICIENTS) && alpha != NULL)
        rfi_tally_coefficients(&replay->forward, replay->problem, eta, steps,
                               replay->forward.ws.line, alpha);
    if (steps > 0 && (replay->carry & RFI_WITH_PATH) && path != NULL)
        *path += rfi_tally_path(&replay->forward, eta, steps);
}

/* The last iterate of a stretch that is not later than t. */
static int64_t step_at(const rfi_stretch *stretch, double t)
{
    int64_t low = 0, high = stretch->steps;
    while (low < high) {
        const int64_t middle = high - (high - low) / 2;
        if (stretch->begin + (double)middle * stretch->eta <= t)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static rf_status seek_descent(rfi_replay *replay, int64_t k, double t)
{
    const rfi_record *record = replay->record;
    const int64_t to = step_at(&record->stretch[k], t);
    rf_status status;
    if (replay->at > k || (replay->at == k && replay->steps > to))
        start_over(replay);
    if (replay->at < 0 || (replay->at < k && !replay->carry))
        restart_iterate(replay, replay->carry ? 0 : k);
    while (replay->at < k) {
        status = go_to_step(replay, record->stretch[replay->at].steps, 0);
        if (status != RF_OK)
            return status;
        finish_form(replay, replay->alpha, &replay->path);
        restart_iterate(replay, replay->at + 1);
    }
    return go_to_step(replay, to, 1);
}

rf_status rfi_replay_seek(rfi_replay *replay, double t)
{
    const int64_t k = rfi_record_find(replay->record, t);
    return replay->descends ? seek_descent(replay, k, t) : seek_flow(replay, k);
}

void rfi_replay_coefficients(rfi_replay *replay, double t, double *alpha)
{
    const rfi_stretch *stretch = &replay->record->stretch[replay->at];
    const int64_t pairs = rfi_pair_count(replay->problem);
    int64_t i;
    memcpy(alpha, replay->alpha, (size_t)pairs * sizeof(double));
    if (!replay->descends && by_chain(replay))
        for (i = 0; i < pairs; ++i)
            rfi_ledger_turn(&replay->ledger, i,
                            rfi_pattern_drive(replay->problem, &replay->pattern, i), 0.0, alpha);
    if (replay->descends)
        finish_form(replay, alpha, NULL);
    else
        rfi_accumulate_coefficients(&replay->segment, replay->problem, &replay->pattern,
                                    stretch->begin - stretch->anchor, t - stretch->anchor,
                                    replay->ws.line, alpha);
}

double rfi_replay_path(const rfi_replay *replay, double t)
{
    const rfi_stretch *stretch = &replay->record->stretch[replay->at];
    double path = replay->path + replay->ledger.path;
    if (replay->descends) {
        finish_form(replay, NULL, &path);
        return path;
    }
    return path
           + rfi_accumulate_path(&replay->segment, stretch->begin - stretch->anchor,
                                 t - stretch->anchor);
}
