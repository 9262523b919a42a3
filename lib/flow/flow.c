/* flow: the driver.  Everything new is built beside the present state, which it replaces in the end:
 * a failure leaves the flow at its last completed event.
 * SPDX-License-Identifier: MIT */
#include "flow/flow.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/limit.h"

/* Held rows that are dependent to half the digits: the directions they leave free, and the multipliers,
 * have lost the other half. */
#define MOST_CONDITION (1.0 / 1.5e-8)

int rfi_flow_create(rfi_flow *flow, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    const rf_allocator *a = &data->allocator;
    const int64_t kinks = rfi_kink_count(problem), D = rfi_weight_count(problem);
    int failed;
    memset(flow, 0, sizeof(*flow));
    flow->problem = problem;
    failed =
        rfi_pattern_create(&flow->pattern, kinks, a) != 0
        || rfi_pattern_create(&flow->fresh, kinks, a) != 0
        || rfi_segment_create(&flow->segment, problem) != 0
        || rfi_segment_create(&flow->other, problem) != 0
        || rfi_workspace_create(&flow->ws, problem) != 0
        || rfi_resolver_create(&flow->resolver, data) != 0
        || rfi_neuron_create(&flow->one, problem) != 0
        || rfi_follower_create(&flow->follower, problem, flow->ws.work, flow->ws.work_size) != 0
        || rfi_sieve_create(&flow->sieve, problem) != 0;
    flow->next.arrival =
        rfi_alloc(a, kinks + 2 * D + problem->neurons, sizeof(*flow->next.arrival));
    flow->w = rfi_alloc(a, D, sizeof(double));
    flow->origin = rfi_alloc(a, problem->neurons, sizeof(uint8_t));
    flow->turns = rfi_alloc(a, 2 * kinks, sizeof(uint8_t));
    failed |= rfi_inner_create(&flow->inner, &flow->resolver, data) != 0;
    if (failed || flow->next.arrival == NULL || flow->w == NULL || flow->origin == NULL
        || flow->turns == NULL) {
        rfi_flow_free(flow);
        return -1;
    }
    flow->acts = flow->turns + kinks;
    return 0;
}

void rfi_flow_bind(rfi_flow *flow, const rfi_problem *problem)
{
    flow->problem = problem;
    flow->inner.resolver = &flow->resolver;
    flow->one.whole = problem;
    flow->resolver.others = NULL;
    flow->resolver.around = NULL;
}

void rfi_flow_free(rfi_flow *flow)
{
    const rf_allocator *a;
    if (flow->problem == NULL)
        return;
    a = &flow->problem->data->allocator;
    rfi_pattern_free(&flow->pattern, a);
    rfi_pattern_free(&flow->fresh, a);
    rfi_segment_free(&flow->segment, a);
    rfi_segment_free(&flow->other, a);
    rfi_workspace_free(&flow->ws, a);
    rfi_resolver_free(&flow->resolver, a);
    rfi_free(a, flow->next.arrival);
    rfi_neuron_free(&flow->one, a);
    rfi_follower_free(&flow->follower, a);
    rfi_sieve_free(&flow->sieve, a);
    rfi_free(a, flow->w);
    rfi_free(a, flow->origin);
    rfi_free(a, flow->turns);
    rfi_inner_free(&flow->inner, a);
    rfi_frozen_free(&flow->frozen, a);
    rfi_rays_free(&flow->rays, a);
    memset(flow, 0, sizeof(*flow));
}

void rfi_flow_swap(rfi_flow *flow)
{
    const rfi_pattern pattern = flow->pattern;
    const rfi_segment segment = flow->segment;
    flow->built = flow->other_built;
    flow->pattern = flow->fresh;
    flow->fresh = pattern;
    flow->segment = flow->other;
    flow->other = segment;
    flow->other_built = 0; /* what was is needed no more */
}

int rfi_flow_find_rays(rfi_flow *flow, const rfi_pattern *pattern)
{
    const int64_t lines = flow->problem->data->kinks.count;
    int64_t j;
    for (j = 0; j < flow->problem->neurons && lines > 0 && flow->problem->neurons > 1; ++j)
        if (pattern->side[j * lines] == RFI_AT_ORIGIN)
            return rfi_rays_find(&flow->rays, flow->problem);
    return 0;
}

/* The memory of a segment, by choice that of the one which is not built. */
static rf_status make_room(rfi_flow *flow, rfi_segment *segment, rfi_segment *from)
{
    if (!(from == &flow->segment ? flow->built : flow->other_built))
        rfi_segment_take(segment, from);
    return rfi_segment_reserve(segment, flow->problem) == 0 ? RF_OK : RF_ERROR_MEMORY;
}

rf_status rfi_flow_build(rfi_flow *flow, double t)
{
    rf_status status = make_room(flow, &flow->other, &flow->segment);
    flow->ws.factor.follows = 0;
    if (status == RF_OK)
        status =
            rfi_segment_build(&flow->other, flow->problem, &flow->fresh, t, flow->w, &flow->ws);
    flow->other_built = status == RF_OK;
    return status;
}

rf_status rfi_flow_prepare(rfi_flow *flow, double t)
{
    flow->other.t0 = t;
    memcpy(flow->other.w0, flow->w, (size_t)flow->other.D * sizeof(double));
    flow->other_built = 0;
    return RF_OK;
}

rf_status rfi_flow_segment(rfi_flow *flow)
{
    const rfi_chain *sums;
    rf_status status;
    if (flow->built)
        return RF_OK;
    if ((status = make_room(flow, &flow->segment, &flow->other)) != RF_OK)
        return status;
    flow->ws.factor.follows = rfi_follow_is_tired(&flow->follower);
    flow->ws.margins = rfi_follow_margins(&flow->follower);
    sums = flow->ws.blocks.R != NULL ? rfi_follow_sums(&flow->follower) : NULL;
    flow->ws.blocks.H = sums != NULL ? sums->H : NULL;
    status = rfi_segment_build(&flow->segment, flow->problem, &flow->pattern, flow->segment.t0,
                               flow->segment.w0, &flow->ws);
    flow->ws.margins = NULL;
    flow->ws.blocks.H = NULL;
    flow->built = status == RF_OK;
    return status;
}

/* By the segment; without one the event in hand is its failure. */
static void find_by_segment(rfi_flow *flow)
{
    flow->by_chain = 0;
    flow->failed = rfi_flow_segment(flow);
    flow->next_time = flow->t;
    if (flow->failed != RF_OK)
        return;
    flow->next.rays = flow->rays.watched ? &flow->rays : NULL;
    flow->next.sieve = &flow->sieve;
    flow->sieve.wanted = rfi_follow_is_tired(&flow->follower);
    rfi_event_find(&flow->segment, flow->problem, &flow->pattern, flow->from, &flow->next,
                   flow->ws.line);
    rfi_flow_watch_rests(flow);
    flow->next_time = flow->segment.t0 + flow->next.tau;
}

/* Looks for the next event, at least up to t_end.  A segment gets its memory before the search, so that a run
 * that lacks it goes on later as if nothing had happened. */
static void find_next(rfi_flow *flow, double t_end)
{
    int seen = RFI_DOUBTS;
    flow->by_chain = 0;
    flow->failed = make_room(flow, &flow->segment, &flow->other);
    if (flow->failed == RF_OK && rfi_follow_reserve(&flow->follower, flow->problem, &flow->pattern, 0) != 0)
        flow->failed = RF_ERROR_MEMORY;
    flow->next_known = 1;
    flow->next_time = flow->t;
    if (flow->failed != RF_OK)
        return;
    if (!flow->frozen.on)
        seen = rfi_follow_find(&flow->follower, flow->problem, &flow->pattern, flow->segment.t0,
                               flow->segment.w0, t_end);
    if (flow->frozen.on) {
        rfi_neuron_at_zero(&flow->one, 0);
        if (!flow->frozen.built)
            rfi_frozen_build(&flow->frozen, &flow->one.problem, &flow->pattern, flow->frozen.omega,
                             &flow->ws, NULL);
        flow->sieve.wanted = 0;
        rfi_frozen_find(&flow->frozen, &flow->pattern, &flow->next, flow->ws.line);
        flow->next_time = flow->segment.t0 + flow->next.tau;
    } else if (seen == RFI_SEES || seen == RFI_NOT_YET) {
        flow->by_chain = 1;
        flow->next.touch = flow->next_time = INFINITY;
        flow->next_known = seen == RFI_SEES;
        if (seen == RFI_SEES)
            flow->next_time = rfi_follow_time(&flow->follower);
    } else {
        find_by_segment(flow);
    }
}

int rfi_flow_due(rfi_flow *flow, double t_end)
{
    if (isinf(flow->t))
        return 0;
    if (!flow->next_known)
        find_next(flow, t_end);
    return !isinf(flow->next_time) && flow->next_time <= t_end;
}

rf_status rfi_flow_rest(rfi_flow *flow, double t_end)
{
    if (isinf(t_end) && !isinf(flow->t)) {
        const rf_status status = rfi_flow_segment(flow);
        if (status != RF_OK)
            return status;
        rfi_segment_weights(&flow->segment, t_end, flow->w);
        if (rfi_first_not_finite(flow->w, flow->segment.D) >= 0)
            return RF_ERROR_NUMERICAL;
        if (!rfi_limit_is_consistent(flow->problem, &flow->pattern, flow->w,
                                     rfi_norm(flow->segment.w0, flow->segment.D) + flow->segment.reach,
                                     flow->ws.blocks.team)
            || !rfi_limit_is_stationary(flow->problem, &flow->pattern, flow->w, flow->ws.vector, flow->ws.blocks.team)
            || flow->segment.lost > 64.0 * RFI_EPS * flow->segment.residual_size)
            flow->flags |= RF_FLAG_DOUBTFUL;
        if (!rfi_flow_rests(flow))
            flow->flags |= RF_FLAG_DOUBTFUL | RFI_FLAG_OPEN;
    }
    if (flow->next_known && !isinf(flow->next.touch)
        && flow->segment.t0 + flow->next.touch <= t_end)
        flow->flags |= RF_FLAG_DOUBTFUL;
    if (!isinf(flow->t) && flow->built
        && rfi_resting_may_leave(&flow->segment, flow->problem, &flow->pattern,
                                 t_end - flow->segment.t0, flow->ws.line))
        flow->flags |= RF_FLAG_AMBIGUOUS;
    flow->t = t_end;
    return RF_OK;
}

/* The events of neuron j. */
static void commit_neuron(rfi_flow *flow, rfi_record *record, int64_t j, double t, int32_t flags)
{
    const rfi_kinks *kinks = &flow->problem->data->kinks;
    const int64_t n = flow->problem->data->n;
    rf_event event = {t, -1, j, flow->origin[j], flags};
    const int8_t side = flow->fresh.lines > 0 ? flow->fresh.side[j * flow->segment.lines] : 0;
    if (flow->origin[j])
        rfi_record_event(record, &event);
    for (event.datum = 0; event.datum < n && !rfi_at_origin(side); ++event.datum) {
        const int64_t i = j * n + event.datum, line = kinks->line[event.datum];
        const int64_t g = j * kinks->count + line;
        if (line < 0 || flow->pattern.side[g] == flow->fresh.side[g])
            continue;
        event.kind = rfi_record_kind(rfi_pattern_datum(flow->problem, &flow->pattern, i),
                                     rfi_pattern_datum(flow->problem, &flow->fresh, i));
        if (event.kind != 0)
            rfi_record_event(record, &event);
    }
}

/* Writes events and changes between pattern and fresh into the record, which has room. */
static void commit(rfi_flow *flow, rfi_record *record, double t, int32_t flags)
{
    const rfi_stretch *last = &record->stretch[record->stretches - 1];
    const int linear = flow->problem->activation == RF_LINEAR;
    rfi_stretch stretch = {t, t, 0.0, 0, record->events, record->changes};
    int64_t j, g;
    for (j = 0; j < flow->problem->neurons; ++j)
        commit_neuron(flow, record, j, t, flags);
    for (g = 0; g < flow->fresh.lines; ++g) {
        const int8_t side = flow->fresh.side[g];
        const uint8_t stand = linear ? (uint8_t)RFI_ON_SIDE : flow->fresh.stand[g], bound = flow->fresh.bound[g];
        if (side != flow->pattern.side[g] || stand != RFI_ON_SIDE || bound != RFI_INSIDE) {
            const rfi_change change = {g, side, stand, bound};
            rfi_record_change(record, &change);
        }
    }
    if (linear)
        stretch.anchor = last->anchor;
    rfi_record_stretch(record, &stretch, linear ? flow->segment.w0 : flow->w);
    flow->flags |= flags;
}

void rfi_flow_copy_pattern(rfi_flow *flow)
{
    rfi_pattern_copy(&flow->fresh, &flow->pattern);
    memset(flow->fresh.stand, RFI_ON_SIDE, (size_t)flow->fresh.lines);
    memset(flow->fresh.bound, RFI_INSIDE, (size_t)flow->fresh.lines);
    memset(flow->origin, 0, (size_t)flow->problem->neurons);
}

/* The linear neuron crosses z = 0 without noticing: its segment goes on. */
static void cross_linear(rfi_flow *flow, rfi_record *record, double t)
{
    rfi_pattern pattern;
    int64_t k;
    rfi_flow_copy_pattern(flow);
    for (k = 0; k < flow->next.count; ++k) {
        const int64_t line = flow->next.arrival[k].line;
        flow->fresh.side[line] = (int8_t)-flow->pattern.side[line];
        flow->fresh.stand[line] = RFI_CROSSED;
    }
    commit(flow, record, t, flow->next.touch <= flow->next.tau ? RF_FLAG_DOUBTFUL : 0);
    pattern = flow->pattern;
    flow->pattern = flow->fresh;
    flow->fresh = pattern;
    flow->from = flow->next.tau;
}

/* The inner flow goes on from where omega has turned to; w is 0 still, and leaves if that escapes. */
static rf_status thaw(rfi_flow *flow, int32_t *flags, int *frozen)
{
    rf_status status;
    int stands;
    rfi_flow_copy_pattern(flow);
    stands = flow->segment.t0 + flow->next.tau - flow->t <= 4.0 * RFI_EPS * flow->t;
    flow->standing = stands ? flow->standing + 1 : 0;
    if (flow->standing > 16 + 2 * flow->pattern.lines) { /* rounding holds it where it is */
        *flags |= RF_FLAG_DOUBTFUL;
        memset(flow->w, 0, (size_t)flow->problem->data->d * sizeof(double));
        rfi_flow_stop(flow, 0, RFI_AT_ORIGIN);
        return RF_OK;
    }
    rfi_segment_weights(&flow->frozen.segment, flow->next.tau, flow->inner.omega);
    memset(flow->w, 0, (size_t)flow->problem->data->d * sizeof(double));
    rfi_neuron_at_zero(&flow->one, 0);
    status = rfi_inner_resume(&flow->inner, &flow->one.problem, &flow->fresh, flow->next.arrival,
                              flow->next.count);
    *frozen = flow->inner.ending == RFI_FROZEN;
    *flags |= flow->inner.ambiguous ? RF_FLAG_AMBIGUOUS : 0;
    if (status == RF_OK && *frozen)
        status = rfi_flow_freeze(flow, flags);
    else if (status == RF_OK && flow->inner.ending == RFI_ESCAPE)
        status = rfi_flow_doubt_rest(flow, flags);
    else if (status == RF_OK && flow->inner.ending != RFI_ESCAPE)
        rfi_flow_stop(flow, 0, RFI_AT_ORIGIN);
    return status;
}

/* 1 if a line rests since a vanishing start and an active row is not orthogonal to it: then the part of w
 * of order scale may move along it, and free it. */
static int may_be_freed(const rfi_flow *flow)
{
    const rfi_data *data = flow->problem->data;
    const rfi_segment *seg = &flow->other;
    int64_t g, k;
    if (flow->ending == 0 || flow->problem->activation == RF_LINEAR)
        return 0;
    for (g = 0; g < flow->fresh.lines; ++g) {
        const int64_t line = g % seg->lines, first = g / seg->lines * data->n;
        const int64_t row = data->kinks.row[line];
        const int8_t side = flow->fresh.side[g];
        if (!rfi_held(side) || side == RFI_SLIDE || rfi_at_origin(side)
            || flow->problem->jump[line] == 0.0)
            continue;
        for (k = 0; k < seg->rows; ++k)
            if (data->kinks.line[seg->row[k]] != line
                && rfi_pattern_slope(flow->problem, &flow->fresh, first + seg->row[k]) != 0.0
                && fabs(rfi_view_product(rfi_row(data, row), rfi_row(data, seg->row[k]), data->d))
                       > 4.0 * RFI_EPS * data->norm[row] * data->norm[seg->row[k]])
                return 1;
    }
    return 0;
}

/* Events come at one instant, or change nothing, to no end: what happens holds its line, until time passes or
 * something does. */
static rf_status pin(rfi_flow *flow, int *doubtful)
{
    *doubtful = 1;
    return rfi_flow_pin(flow) == 0 ? RF_OK : RF_ERROR_NUMERICAL;
}

/* 1 if a neuron reached or left its origin at this instant. */
static int at_origin(const rfi_flow *flow)
{
    int64_t j;
    for (j = 0; j < flow->problem->neurons; ++j)
        if (flow->origin[j] != 0)
            return 1;
    return 0;
}

/* The first datum after a given one whose line the follower has moved, with the move; -1: none. */
static int64_t next_datum(const rfi_flow *flow, int64_t after, const rfi_move **move)
{
    const rfi_kinks *kinks = &flow->problem->data->kinks;
    int64_t best = -1, k, m;
    for (k = 0; k < flow->follower.moves; ++k) {
        const rfi_move *one = &flow->follower.move[k];
        for (m = kinks->start[one->line]; m < kinks->start[one->line + 1]; ++m)
            if (kinks->member[m] > after && (best < 0 || kinks->member[m] < best)) {
                best = kinks->member[m];
                *move = one;
            }
    }
    return best;
}

/* Writes into pattern and record where the follower has brought lines at time t. */
static void commit_moves(rfi_flow *flow, rfi_record *record, double t)
{
    const rfi_follower *f = &flow->follower;
    const rfi_stretch stretch = {t, t, 0.0, 0, record->events, record->changes};
    rfi_pattern *p = &flow->pattern;
    const rfi_move *move = NULL;
    rf_event event = {t, -1, 0, 0, 0};
    int64_t k;
    while ((event.datum = next_datum(flow, event.datum, &move)) >= 0) {
        uint8_t state;
        p->side[move->line] = move->from;
        state = rfi_pattern_datum(flow->problem, p, event.datum);
        p->side[move->line] = move->to;
        event.kind = rfi_record_kind(state, rfi_pattern_datum(flow->problem, p, event.datum));
        rfi_record_event(record, &event);
    }
    if (f->stood == -2) {
        memset(p->stand, RFI_ON_SIDE, (size_t)p->lines);
        memset(p->bound, RFI_INSIDE, (size_t)p->lines);
    } else if (f->stood >= 0) {
        p->stand[f->stood] = RFI_ON_SIDE;
    }
    for (k = 0; k < f->moves; ++k) {
        const rfi_change change = {f->move[k].line, f->move[k].to, f->move[k].stand, RFI_INSIDE};
        rfi_record_change(record, &change);
        p->stand[change.line] = change.stand;
    }
    rfi_record_stretch(record, &stretch, flow->segment.w0);
    if (f->window.open) /* w is not known */
        rfi_record_passes(record);
    else if (f->moves == 1)
        rfi_record_pass(record, flow->segment.D / 2);
    flow->follower.stood = f->moves == 1 ? f->move[0].line : -2;
}

/* Goes through the event that the follower has found; RF_NO_EVENT if that is not simple. */
static rf_status cross_by_chain(rfi_flow *flow, rfi_record *record)
{
    rfi_follower *f = &flow->follower;
    const int64_t D = flow->segment.D;
    const double t = flow->next_time;
    if (rfi_record_reserve(record, rfi_follow_most(f, flow->problem), RFI_MOVES) != 0
        || rfi_follow_reserve_cross(f, flow->problem) != 0)
        return RF_ERROR_MEMORY;
    if (rfi_follow_cross(f, flow->problem, &flow->pattern, flow->segment.t0) == RFI_NOT_SIMPLE)
        return RF_NO_EVENT;
    rfi_flow_amend(flow, record);
    flow->segment.t0 = flow->t = t;
    if (!f->window.open)
        memcpy(flow->segment.w0, f->chain.T, (size_t)D * sizeof(double));
    flow->built = flow->next_known = 0;
    flow->from = 0.0;
    commit_moves(flow, record, t);
    if (flow->standing > 0)
        memset(flow->turns, 0, (size_t)flow->pattern.lines);
    flow->standing = flow->idle = 0;
    return RF_OK;
}

/* What the follower has found, for the decision that knows all cases. */
static void hand_over(rfi_flow *flow)
{
    const rfi_sight *sight = &flow->follower.sight;
    const rfi_arrival arrival = {sight->line, -1, sight->what, sight->tau, 0.0};
    flow->next.arrival[0] = arrival;
    flow->next.count = 1;
    flow->next.tau = sight->tau;
    flow->next.touch = INFINITY;
}

/* Lines that may begin to slide at the event in hand, at most. */
static int64_t most_slides(const rfi_flow *flow)
{
    const double a = flow->problem->a[0];
    int64_t g, k, count = 0;
    for (g = 0; g < flow->pattern.lines; ++g)
        count += flow->problem->jump[g % flow->segment.lines] * a < 0.0
                 && (flow->frozen.on || (rfi_held(flow->pattern.side[g]) && flow->pattern.side[g] != RFI_SLIDE));
    for (k = 0; k < flow->next.count && !flow->frozen.on; ++k)
        count += flow->problem->jump[flow->next.arrival[k].line % flow->segment.lines] * a < 0.0;
    return count;
}

/* The flags of an event that has been decided, with those that were raised on the way. */
static int32_t flags_after(const rfi_flow *flow, int32_t flags, int ambiguous, int frozen)
{
    if (ambiguous
        || (flow->built
            && rfi_resting_may_leave(&flow->segment, flow->problem, &flow->pattern, flow->next.tau,
                                     flow->ws.line)))
        flags |= RF_FLAG_AMBIGUOUS;
    /* In a limit of vanishing scale the part of order scale would tell who comes first. */
    if (flow->ending != 0 && !at_origin(flow) && (flags & RF_FLAG_AMBIGUOUS) != 0
        && (flow->next.count > 1 || flow->resolver.resting))
        flags |= RF_FLAG_DOUBTFUL;
    if ((flow->other_built && flow->other.hold_condition > MOST_CONDITION)
        || (!frozen && may_be_freed(flow)))
        flags |= RF_FLAG_DOUBTFUL;
    return flags;
}

rf_status rfi_flow_event(rfi_flow *flow, rfi_record *record)
{
    double t;
    const int64_t pairs = rfi_pair_count(flow->problem);
    int32_t flags = 0;
    const int32_t flags_before = flow->flags;
    rf_status status;
    int64_t count;
    int ambiguous = 0, doubtful = 0, frozen = 0;
    if (flow->by_chain && flow->follower.net.made)
        return rfi_flow_cross_net(flow, record);
    if (flow->by_chain && (status = cross_by_chain(flow, record)) != RF_NO_EVENT)
        return status;
    if (flow->failed != RF_OK) {
        flow->next_known = 0;
        return flow->failed;
    }
    rfi_flow_amend(flow, record);
    t = flow->next_time;
    if (flow->by_chain)
        hand_over(flow);
    if (rfi_record_reserve(record, pairs + flow->problem->neurons, flow->pattern.lines) != 0
        || make_room(flow, &flow->other, &flow->segment) != RF_OK
        || rfi_follow_reserve(&flow->follower, flow->problem, &flow->pattern, most_slides(flow)) != 0)
        return RF_ERROR_MEMORY;
    flags = flow->next.touch <= flow->next.tau ? RF_FLAG_DOUBTFUL : 0;
    flow->next_known = 0;
    if (flow->problem->activation == RF_LINEAR) {
        cross_linear(flow, record, t);
        flow->t = t;
        return RF_OK;
    }
    if (flow->frozen.on)
        status = thaw(flow, &flags, &frozen);
    else if (flow->standing > 64 + 8 * flow->pattern.lines
             || flow->idle > 1000 + 8 * flow->pattern.lines)
        status = pin(flow, &doubtful);
    else
        status = rfi_flow_decide(flow, &ambiguous, &doubtful);
    if (status == RF_OK && !flow->frozen.on && (rfi_flow_calm_down(flow, t) || doubtful))
        flags |= RF_FLAG_DOUBTFUL;
    if (status == RF_OK)
        status = rfi_follow_accepts(&flow->follower, flow->problem, &flow->fresh)
                     ? rfi_flow_prepare(flow, t)
                     : rfi_flow_build(flow, t);
    if (status != RF_OK) {
        flow->flags = flags_before;
        return status;
    }
    flags = flags_after(flow, flags, ambiguous, frozen);
    flow->idle += 1;
    count = record->event_count;
    commit(flow, record, t, flags);
    if (record->event_count > count)
        flow->idle = 0;
    rfi_flow_swap(flow);
    rfi_follow_change(&flow->follower, flow->problem, &flow->fresh, &flow->pattern,
                      t - flow->other.t0);
    rfi_flow_take_frozen(flow, frozen);
    flow->t = t;
    flow->from = 0.0;
    return RF_OK;
}
