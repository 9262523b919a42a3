/* flow: the driver.  Everything new is built beside the present state, which it replaces in the end:
 * a failure leaves the flow at its last completed event.
 * SPDX-License-Identifier: MIT */
#include "flow/flow.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* Held rows that are dependent to half the digits: the directions they leave free, and the multipliers,
 * have lost the other half. */
#define MOST_CONDITION (1.0 / 1.5e-8)

int rfi_flow_create(rfi_flow *flow, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    const rf_allocator *a = &data->allocator;
    int failed;
    memset(flow, 0, sizeof(*flow));
    flow->problem = problem;
    failed = rfi_pattern_create(&flow->pattern, data->kinks.count, a) != 0
             || rfi_pattern_create(&flow->fresh, data->kinks.count, a) != 0
             || rfi_segment_create(&flow->segment, data) != 0
             || rfi_segment_create(&flow->other, data) != 0
             || rfi_workspace_create(&flow->ws, data) != 0
             || rfi_resolver_create(&flow->resolver, data) != 0;
    flow->next.arrival = rfi_alloc(a, data->kinks.count + data->d, sizeof(*flow->next.arrival));
    flow->w = rfi_alloc(a, data->d, sizeof(double));
    flow->turns = rfi_alloc(a, data->kinks.count, sizeof(uint8_t));
    failed |= rfi_inner_create(&flow->inner, &flow->resolver, data) != 0;
    if (failed || flow->next.arrival == NULL || flow->w == NULL || flow->turns == NULL) {
        rfi_flow_free(flow);
        return -1;
    }
    return 0;
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
    rfi_free(a, flow->w);
    rfi_free(a, flow->turns);
    rfi_inner_free(&flow->inner, a);
    rfi_frozen_free(&flow->frozen, a);
    memset(flow, 0, sizeof(*flow));
}

void rfi_flow_swap(rfi_flow *flow)
{
    const rfi_pattern pattern = flow->pattern;
    const rfi_segment segment = flow->segment;
    flow->pattern = flow->fresh;
    flow->fresh = pattern;
    flow->segment = flow->other;
    flow->other = segment;
}

static int copy_frozen(rfi_flow *flow, const rfi_flow *from)
{
    flow->frozen.on = from->frozen.on;
    flow->frozen.built = 0;
    if (!from->frozen.on)
        return 0;
    if (rfi_frozen_reserve(&flow->frozen, flow->problem) != 0)
        return -1;
    memcpy(flow->frozen.omega, from->frozen.omega, (size_t)flow->problem->data->d * sizeof(double));
    return 0;
}

int rfi_flow_copy(rfi_flow *flow, const rfi_flow *from)
{
    /* A segment is a function of its pattern and start: it is rebuilt, bit for bit. */
    rfi_pattern_copy(&flow->pattern, &from->pattern);
    if (rfi_segment_build(&flow->segment, flow->problem, &flow->pattern, from->segment.t0,
                          from->segment.w0, &flow->ws)
        != RF_OK)
        return -1;
    flow->t = from->t;
    flow->from = from->from;
    flow->flags = from->flags;
    flow->ending = from->ending;
    flow->standing = from->standing;
    flow->idle = from->idle;
    if (flow->pattern.lines > 0)
        memcpy(flow->turns, from->turns, (size_t)flow->pattern.lines);
    flow->next_known = 0;
    return copy_frozen(flow, from);
}

rf_status rfi_flow_build(rfi_flow *flow, double t)
{
    return rfi_segment_build(&flow->other, flow->problem, &flow->fresh, t, flow->w, &flow->ws);
}

int rfi_flow_due(rfi_flow *flow, double t_end)
{
    if (isinf(flow->t))
        return 0;
    if (!flow->next_known && flow->frozen.on) {
        if (!flow->frozen.built)
            rfi_frozen_build(&flow->frozen, flow->problem, &flow->pattern, flow->frozen.omega,
                             &flow->ws, NULL);
        rfi_frozen_find(&flow->frozen, &flow->pattern, &flow->next, flow->ws.line);
        flow->next_known = 1;
    } else if (!flow->next_known) {
        rfi_event_find(&flow->segment, flow->problem, &flow->pattern, flow->from, &flow->next,
                       flow->ws.line);
        flow->next_known = 1;
    }
    return !isinf(flow->next.tau) && flow->segment.t0 + flow->next.tau <= t_end;
}

/* The limit is on the right side of every kink, to the rounding of x . w. */
static int limit_is_consistent(rfi_flow *flow)
{
    const rfi_data *data = flow->problem->data;
    const double far = rfi_norm(flow->segment.w0, data->d) + flow->segment.reach;
    int64_t g;
    for (g = 0; g < flow->pattern.lines; ++g) {
        const int64_t row = data->kinks.row[g];
        const int8_t side = flow->pattern.side[g];
        const double z = rfi_dot(rfi_row(data, row), flow->w, data->d);
        if (!rfi_held(side) && side * z < -64.0 * RFI_EPS * (double)data->d * data->norm[row] * far)
            return 0;
    }
    return 1;
}

rf_status rfi_flow_rest(rfi_flow *flow, double t_end)
{
    if (isinf(t_end) && !isinf(flow->t)) {
        rfi_segment_weights(&flow->segment, t_end, flow->w);
        if (rfi_first_not_finite(flow->w, flow->problem->data->d) >= 0)
            return RF_ERROR_NUMERICAL;
        if (!limit_is_consistent(flow))
            flow->flags |= RF_FLAG_DOUBTFUL;
    }
    if (flow->next_known && !isinf(flow->next.touch)
        && flow->segment.t0 + flow->next.touch <= t_end)
        flow->flags |= RF_FLAG_DOUBTFUL;
    flow->t = t_end;
    return RF_OK;
}

/* K = the sliding lines, the lines at rest and the arrivals, each with the place it has in the velocity
 * before the event. */
static void collect_K(rfi_flow *flow)
{
    const rfi_problem *problem = flow->problem;
    const rfi_next *next = &flow->next;
    rfi_resolver *r = &flow->resolver;
    int64_t g, k, arrivals = 0, resting = 0;
    rfi_resolve_begin(r);
    for (k = 0; k < next->count; ++k) {
        const rfi_arrival *arrival = &next->arrival[k];
        const int8_t side = flow->pattern.side[arrival->line];
        int8_t at = arrival->what == RFI_LEAVES_LOW ? RFI_LOW : RFI_HIGH;
        if (arrival->what == RFI_ARRIVES)
            at = (problem->jump[arrival->line] >= 0.0) == (side < 0) ? RFI_HIGH : RFI_LOW;
        arrivals += arrival->what == RFI_ARRIVES;
        rfi_resolve_add(r, problem, arrival->line, at);
    }
    for (g = 0; g < flow->pattern.lines; ++g) {
        const int8_t side = flow->pattern.side[g];
        if (side == RFI_SLIDE) {
            rfi_resolve_add(r, problem, g, RFI_FREE);
        } else if (rfi_held(side)) {
            rfi_resolve_add(r, problem, g, side > 0 ? RFI_HIGH : RFI_LOW);
            ++resting;
        }
    }
    r->settled = arrivals == 0 && resting == 0;
    r->resting = resting > 0;
}

/* u0 and at0 of a kink of K, as they are in the velocity before the event. */
static void set_place(rfi_flow *flow, rfi_kink *kink)
{
    const int64_t slide = flow->segment.slide_of[kink->line];
    const int8_t side = flow->pattern.side[kink->line];
    if (side == RFI_SLIDE && slide >= 0) {
        rfi_expsum f =
            rfi_segment_multiplier(&flow->segment, flow->problem, slide, 0, flow->ws.line);
        kink->u0 = fmin(fmax(rfi_expsum_at(&f, flow->next.tau).f, 0.0), -kink->jump);
        kink->floor = flow->segment.hold_floor[slide];
        if (kink->at != RFI_FREE) /* it leaves: at its bound by definition */
            kink->u0 = kink->at == RFI_LOW ? 0.0 : -kink->jump;
    } else if (side > 0) {
        kink->at0 = RFI_HIGH;
        kink->u0 = kink->jump < 0.0 ? -kink->jump : 0.0;
    }
    if (kink->at == RFI_FREE)
        kink->u = kink->u0;
}

/* The velocity before the event, from the closed form, which is more accurate than a sum over the
 * data. */
static void velocities(rfi_flow *flow)
{
    rfi_resolver *r = &flow->resolver;
    int64_t k;
    rfi_segment_velocity(&flow->segment, flow->next.tau, r->v);
    memcpy(r->v0, r->v, (size_t)flow->segment.d * sizeof(double));
    r->scale = rfi_segment_speed_scale(&flow->segment, flow->next.tau);
    for (k = 0; k < r->count; ++k)
        set_place(flow, &r->kink[k]);
}

/* Where the data of K pull so much more than all others that those are lost in the velocity, it is summed
 * anew over the others, with K at theta = 0. */
static void separate_K(rfi_flow *flow)
{
    enum { DOMINANT = 1024 };
    rfi_resolver *r = &flow->resolver;
    double largest = 0.0, all = r->scale;
    int64_t k;
    for (k = 0; k < r->count; ++k)
        largest = fmax(largest, fabs(r->kink[k].u0) * r->kink[k].norm);
    if (r->settled || largest < 0.25 * all)
        return;
    rfi_resolve_others(r, flow->problem, &flow->fresh, flow->w);
    if (!(r->scale * DOMINANT < all)) {
        r->scale = all;
        return;
    }
    rfi_resolve_base(r, flow->problem, &flow->fresh, flow->w);
    for (k = 0; k < r->count; ++k) {
        r->kink[k].u0 = r->kink[k].floor = 0.0;
        r->kink[k].at0 = RFI_LOW;
    }
}

/* a0 = v' + sum u' x before the event, from the closed forms. */
static void accelerations(rfi_flow *flow)
{
    rfi_resolver *r = &flow->resolver;
    int64_t k;
    rfi_segment_acceleration(&flow->segment, flow->next.tau, r->a0);
    r->a_scale = 0.0;
    for (k = 0; k < flow->segment.modes; ++k)
        r->a_scale += flow->segment.rate[k] * flow->segment.s[k] * fabs(flow->segment.pull[k])
                      * rfi_decay_at(flow->segment.rate[k] * flow->next.tau).rest;
    for (k = 0; k < r->count; ++k) {
        const int64_t slide = flow->segment.slide_of[r->kink[k].line];
        rfi_expsum f;
        rfi_value u;
        if (slide < 0)
            continue;
        f = rfi_segment_multiplier(&flow->segment, flow->problem, slide, 0, flow->ws.line);
        u = rfi_expsum_at(&f, flow->next.tau);
        rfi_axpy(u.slope, r->kink[k].x, r->a0, flow->segment.d);
        r->a_scale += u.slope_noise / (4.0 * RFI_EPS) * r->kink[k].norm;
    }
}

/* With exits only, the velocity is continuous: the first order is known, and who exits is a tie. */
static void settle_exits(rfi_flow *flow)
{
    rfi_resolver *r = &flow->resolver;
    int64_t k;
    for (k = 0; k < r->count; ++k) {
        rfi_kink *kink = &r->kink[k];
        const int64_t slide = flow->segment.slide_of[kink->line];
        const double floor = slide < 0 ? 0.0 : flow->segment.hold_floor[slide];
        const double bound = -kink->jump;
        kink->side = RFI_SLIDE;
        kink->stand = RFI_ON_SIDE;
        kink->bound = RFI_INSIDE;
        if (kink->at == RFI_FREE
            && (kink->u <= floor || kink->u >= bound - floor - 4.0 * RFI_EPS * bound))
            kink->at = kink->u <= floor ? RFI_LOW : RFI_HIGH;
        kink->tie = kink->at != RFI_FREE;
    }
}

static int64_t rank_of_K(rfi_flow *flow)
{
    const int64_t d = flow->problem->data->d;
    int64_t k, rank = 0;
    for (k = 0; k < flow->resolver.count && rank < d; ++k)
        rank += rfi_extend_basis(flow->ws.matrix, rank, flow->resolver.kink[k].x, d);
    return rank;
}

/* Looks at the rank of K where it may be special: if it leaves no direction, w = 0 (the result is 1);
 * if rows are dependent the multipliers are not unique, and those reached from u = 0 are taken. */
static int examine_K(rfi_flow *flow)
{
    const int64_t d = flow->problem->data->d;
    rfi_resolver *r = &flow->resolver;
    int64_t k, rank;
    if (r->settled || (flow->next.count < 2 && r->count < d && !r->resting))
        return 0;
    rank = rank_of_K(flow);
    if (rank == d && d > 1)
        return 1;
    for (k = 0; k < r->count && rank < r->count; ++k)
        if (r->kink[k].jump < 0.0) {
            r->kink[k].at = RFI_LOW;
            r->kink[k].u = 0.0;
        }
    return 0;
}

/* Margins on their kinks are 0: takes the rounding of w out of them. */
static void clean_weights(rfi_flow *flow)
{
    const int64_t d = flow->problem->data->d;
    const rfi_resolver *r = &flow->resolver;
    int64_t k;
    int pass;
    if (d == 1 && r->count > 0)
        flow->w[0] = 0.0;
    for (pass = 0; pass < 2; ++pass)
        for (k = 0; k < r->count; ++k) {
            const rfi_kink *kink = &r->kink[k];
            const double unit = rfi_dot_accurate(kink->x, flow->w, d) / kink->norm;
            rfi_axpy(-unit / kink->norm, kink->x, flow->w, d);
        }
}

/* Writes events and changes between pattern and fresh into the record, which has room. */
static void commit(rfi_flow *flow, rfi_record *record, double t, int origin, int32_t flags)
{
    const rfi_data *data = flow->problem->data;
    const rfi_stretch *last = &record->stretch[record->stretches - 1];
    rfi_stretch stretch = {t, t, 0.0, 0, record->events, record->changes, flow->fresh.stopped};
    rf_event event = {t, -1, 0, RF_EVENT_ORIGIN, flags};
    int64_t i, g;
    if (origin)
        rfi_record_event(record, &event);
    for (i = 0; i < data->n && !(origin && flow->fresh.stopped); ++i) {
        event.datum = i;
        event.kind = rfi_record_kind(rfi_pattern_datum(flow->problem, &flow->pattern, i),
                                     rfi_pattern_datum(flow->problem, &flow->fresh, i));
        if (event.kind != 0)
            rfi_record_event(record, &event);
    }
    for (g = 0; g < flow->fresh.lines; ++g) {
        const int linear = flow->problem->activation == RF_LINEAR;
        const rfi_change change = {g, flow->fresh.side[g],
                                   linear ? (uint8_t)RFI_ON_SIDE : flow->fresh.stand[g],
                                   flow->fresh.bound[g]};
        if (flow->fresh.side[g] != flow->pattern.side[g] || change.stand != RFI_ON_SIDE
            || change.bound != RFI_INSIDE)
            rfi_record_change(record, &change);
    }
    if (flow->problem->activation == RF_LINEAR)
        stretch.anchor = last->anchor;
    rfi_record_stretch(record, &stretch,
                       flow->problem->activation == RF_LINEAR ? flow->segment.w0 : flow->w);
    flow->flags |= flags;
}

static void copy_pattern_clean(rfi_flow *flow)
{
    rfi_pattern_copy(&flow->fresh, &flow->pattern);
    memset(flow->fresh.stand, RFI_ON_SIDE, (size_t)flow->fresh.lines);
    memset(flow->fresh.bound, RFI_INSIDE, (size_t)flow->fresh.lines);
}

/* The linear neuron crosses z = 0 without noticing: its segment goes on. */
static void cross_linear(rfi_flow *flow, rfi_record *record, double t)
{
    rfi_pattern pattern;
    int64_t k;
    copy_pattern_clean(flow);
    for (k = 0; k < flow->next.count; ++k) {
        const int64_t line = flow->next.arrival[k].line;
        flow->fresh.side[line] = (int8_t)-flow->pattern.side[line];
        flow->fresh.stand[line] = RFI_CROSSED;
    }
    commit(flow, record, t, 0, flow->next.touch <= flow->next.tau ? RF_FLAG_DOUBTFUL : 0);
    pattern = flow->pattern;
    flow->pattern = flow->fresh;
    flow->fresh = pattern;
    flow->from = flow->next.tau;
}

/* Decides the pattern after the instant; flow->w is where it happens. */
static rf_status decide(rfi_flow *flow, int *origin)
{
    rfi_resolver *r = &flow->resolver;
    copy_pattern_clean(flow);
    collect_K(flow);
    rfi_segment_weights(&flow->segment, flow->next.tau, flow->w);
    velocities(flow);
    *origin = examine_K(flow);
    if (*origin) {
        memcpy(flow->inner.omega, r->v, (size_t)flow->problem->data->d * sizeof(double));
        return rfi_flow_leave_origin(flow);
    }
    clean_weights(flow);
    separate_K(flow);
    if (r->settled) {
        settle_exits(flow);
        accelerations(flow);
    }
    return rfi_resolve(r, flow->problem, &flow->fresh);
}

/* The inner flow goes on from where omega has turned to; w is 0 still, and leaves if that escapes. */
static rf_status thaw(rfi_flow *flow, int32_t *flags, int *frozen)
{
    rf_status status;
    int stands;
    copy_pattern_clean(flow);
    stands = flow->segment.t0 + flow->next.tau - flow->t <= 4.0 * RFI_EPS * flow->t;
    flow->standing = stands ? flow->standing + 1 : 0;
    if (flow->standing > 16 + 2 * flow->pattern.lines) { /* rounding holds it where it is */
        *flags |= RF_FLAG_DOUBTFUL;
        memset(flow->w, 0, (size_t)flow->problem->data->d * sizeof(double));
        rfi_flow_stop(flow);
        return RF_OK;
    }
    rfi_segment_weights(&flow->frozen.segment, flow->next.tau, flow->inner.omega);
    memset(flow->w, 0, (size_t)flow->problem->data->d * sizeof(double));
    status = rfi_inner_resume(&flow->inner, flow->problem, &flow->fresh, flow->next.arrival,
                              flow->next.count);
    *frozen = flow->inner.ending == RFI_FROZEN;
    *flags |= flow->inner.ambiguous ? RF_FLAG_AMBIGUOUS : 0;
    flow->resolver.ambiguous = 0;
    if (status == RF_OK && *frozen)
        status = rfi_flow_freeze(flow, flags);
    else if (status == RF_OK && flow->inner.ending == RFI_ESCAPE)
        status = rfi_flow_doubt_rest(flow, flags);
    else if (status == RF_OK && flow->inner.ending != RFI_ESCAPE)
        rfi_flow_stop(flow);
    return status;
}

/* 1 if a line rests since a vanishing start and an active row is not orthogonal to it: then the part of w
 * of order scale may move along it, and free it. */
static int may_be_freed(const rfi_flow *flow)
{
    const rfi_data *data = flow->problem->data;
    const rfi_segment *seg = &flow->other;
    int64_t g, k;
    if (flow->ending == 0 || flow->problem->activation == RF_LINEAR || flow->fresh.stopped)
        return 0;
    for (g = 0; g < flow->fresh.lines; ++g) {
        const int64_t row = data->kinks.row[g];
        if (!rfi_held(flow->fresh.side[g]) || flow->fresh.side[g] == RFI_SLIDE
            || flow->problem->jump[g] == 0.0)
            continue;
        for (k = 0; k < seg->rows; ++k)
            if (data->kinks.line[seg->row[k]] != g
                && fabs(rfi_dot(rfi_row(data, row), rfi_row(data, seg->row[k]), data->d))
                       > 4.0 * RFI_EPS * data->norm[row] * data->norm[seg->row[k]])
                return 1;
    }
    return 0;
}

/* A line that acts again and again while no time passes, or w does not move by more than its rounding, is
 * held by rounding: it rests on its kink, at the bound it was last at, until another event stirs it.
 * Returns 1 if there was one. */
static int calm_down(rfi_flow *flow, double t)
{
    enum { MOST_TURNS = 4 };
    rfi_pattern *p = &flow->fresh;
    int64_t g, k;
    int calmed = 0, high;
    if (t - flow->t > 4.0 * RFI_EPS * t
        && rfi_segment_moved(&flow->segment, flow->next.tau)
               > 4.0 * RFI_EPS * rfi_norm(flow->w, flow->problem->data->d)) {
        flow->standing = 0;
        memset(flow->turns, 0, (size_t)p->lines);
        return 0;
    }
    ++flow->standing;
    for (k = 0; k < flow->next.count; ++k) {
        g = flow->next.arrival[k].line;
        flow->turns[g] = (uint8_t)(flow->turns[g] + (flow->turns[g] < UINT8_MAX));
        if (flow->turns[g] < MOST_TURNS || (rfi_held(p->side[g]) && p->side[g] != RFI_SLIDE))
            continue;
        high = p->side[g] > 0
               || (p->side[g] == RFI_SLIDE && flow->next.arrival[k].what == RFI_LEAVES_HIGH);
        p->side[g] = high ? RFI_REST_PLUS : RFI_REST_MINUS;
        p->stand[g] = RFI_ON_SIDE;
        p->bound[g] = RFI_INSIDE;
        calmed = 1;
    }
    return calmed;
}

rf_status rfi_flow_event(rfi_flow *flow, rfi_record *record)
{
    const double t = flow->segment.t0 + flow->next.tau;
    int32_t flags = flow->next.touch <= flow->next.tau ? RF_FLAG_DOUBTFUL : 0;
    const int32_t flags_before = flow->flags;
    rf_status status;
    int64_t count;
    int origin = 0, frozen = 0;
    if (rfi_record_reserve(record, flow->problem->data->n + 1, flow->pattern.lines) != 0)
        return RF_ERROR_MEMORY;
    if (flow->standing > 64 + 8 * flow->pattern.lines
        || flow->idle > 1000 + 8 * flow->pattern.lines)
        return RF_ERROR_NUMERICAL; /* an endless instant is a failure, not a hang */
    flow->next_known = 0;
    if (flow->problem->activation == RF_LINEAR) {
        cross_linear(flow, record, t);
        flow->t = t;
        return RF_OK;
    }
    status = flow->frozen.on ? thaw(flow, &flags, &frozen) : decide(flow, &origin);
    if (status == RF_OK && !flow->frozen.on && (calm_down(flow, t) || flow->resolver.work.doubtful))
        flags |= RF_FLAG_DOUBTFUL;
    if (status == RF_OK)
        status = rfi_flow_build(flow, t);
    if (status != RF_OK) {
        flow->flags = flags_before;
        return status;
    }
    if (origin ? !rfi_problem_is_convex(flow->problem) : flow->resolver.ambiguous)
        flags |= RF_FLAG_AMBIGUOUS;
    /* In a limit of vanishing scale the part of order scale would tell who comes first. */
    if (flow->ending != 0 && !origin && (flags & RF_FLAG_AMBIGUOUS) != 0
        && (flow->next.count > 1 || flow->resolver.resting))
        flags |= RF_FLAG_DOUBTFUL;
    if (flow->other.hold_condition > MOST_CONDITION || (!frozen && may_be_freed(flow)))
        flags |= RF_FLAG_DOUBTFUL;
    flow->idle += 1;
    count = record->event_count;
    commit(flow, record, t, origin, flags);
    if (record->event_count > count)
        flow->idle = 0;
    rfi_flow_swap(flow);
    rfi_flow_take_frozen(flow, frozen);
    flow->t = t;
    flow->from = 0.0;
    return RF_OK;
}
