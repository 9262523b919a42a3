/* start: how a flow begins, at a weight, in the limit of vanishing initialization or as a copy, and how it leaves
 * the origin (docs/mathematics.md 3 and 4.2).
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/flow.h"

void rfi_flow_stop(rfi_flow *flow, int64_t j, int8_t side)
{
    const rfi_pattern p = rfi_pattern_of(&flow->fresh, flow->problem, j);
    const size_t bytes = (size_t)p.lines;
    memset(p.side, side, bytes);
    memset(p.stand, RFI_ON_SIDE, bytes);
    memset(p.bound, RFI_INSIDE, bytes);
}

rf_status rfi_flow_leave_origin(rfi_flow *flow)
{
    const int64_t d = flow->problem->data->d, j = flow->one.j;
    rfi_pattern fresh = rfi_pattern_of(&flow->fresh, flow->problem, j);
    rf_status status = rfi_inner_run(&flow->inner, &flow->one.problem, &fresh);
    memset(flow->w + j * d, 0, (size_t)d * sizeof(double));
    flow->flags |= status == RF_OK && flow->inner.doubtful ? RF_FLAG_DOUBTFUL : 0;
    if (status != RF_OK || flow->inner.ending == RFI_ESCAPE)
        return status;
    memset(flow->resolver.v, 0, (size_t)d * sizeof(double));
    return rfi_flow_hold(flow);
}

/* 1 if an end of the inner flow of one of several neurons is for now only: pulls cancel, to rounding, or rows
 * of both senses hold a line with pulls that the others move. */
static int rests_on_others(const rfi_flow *flow)
{
    const rfi_pattern fresh = rfi_pattern_of(&flow->fresh, flow->problem, flow->one.j);
    int64_t g;
    for (g = 0; g < fresh.lines && flow->inner.ending == RFI_DEAD; ++g)
        if (fresh.side[g] == RFI_SLIDE)
            return 1;
    return flow->inner.ending == RFI_FROZEN;
}

rf_status rfi_flow_hold(rfi_flow *flow)
{
    const int64_t j = flow->one.j;
    const int several = flow->problem->neurons > 1;
    int8_t side = flow->inner.ending == RFI_DEAD ? RFI_DEAD_ORIGIN : RFI_AT_ORIGIN;
    if (several && rests_on_others(flow))
        flow->flags |= RF_FLAG_DOUBTFUL;
    if (several && side == RFI_AT_ORIGIN) {
        if (rfi_rays_find(&flow->rays, flow->problem) != 0)
            return RF_ERROR_MEMORY;
        if (!flow->rays.watched)
            side = RFI_DEAD_ORIGIN;
        flow->flags |= flow->rays.doubtful ? RF_FLAG_DOUBTFUL : 0;
    }
    rfi_flow_stop(flow, j, side);
    return RF_OK;
}

/* The linear neuron has no kinks: a start on z = 0 takes the side of the first derivative that is not
 * 0, and the inactive one if there is none. */
static rf_status start_linear(rfi_flow *flow)
{
    rfi_pattern *p = &flow->fresh;
    rf_status status = rfi_flow_build(flow, 0.0);
    int64_t g, j;
    for (g = 0; status == RF_OK && g < p->lines; ++g) {
        double first = 0.0, second = 0.0;
        rfi_expsum f;
        if (flow->other.z[g] != 0.0) {
            p->side[g] = flow->other.z[g] > 0.0 ? RFI_PLUS : RFI_MINUS;
            continue;
        }
        f = rfi_segment_margin(&flow->other, flow->problem, g, flow->ws.line);
        for (j = 0; j < f.modes; ++j) {
            first += f.p[j] * f.rate[j];
            second -= f.p[j] * f.rate[j] * f.rate[j];
        }
        if (fabs(first) <= rfi_expsum_at(&f, 0.0).slope_noise)
            first = 0.0;
        p->stand[g] = first != 0.0 ? RFI_CROSSED : RFI_RELEASED;
        p->side[g] = first > 0.0 || (first == 0.0 && second > 0.0) ? RFI_PLUS : RFI_MINUS;
        if (first == 0.0 && second == 0.0)
            p->side[g] = RFI_REST_MINUS;
    }
    return status;
}

/* A margin whose sign is certain: the plain product x.w errs by less than d eps |x||w|, size = |w|, and by the
 * products that are not normal numbers; where it is below that, or sizes are extreme, the accurate one. */
static double start_margin(const rfi_data *data, int64_t row, const double *w, double size)
{
    const double z = rfi_view_dot(rfi_row(data, row), w, data->d), terms = data->norm[row] * size;
    if (terms > 1e-150 && terms < 1e150 && fabs(z) > 2.0 * RFI_EPS * (double)data->d * terms)
        return z;
    return rfi_view_dot_accurate(rfi_row(data, row), w, data->d);
}

/* Sides of w_j and, in the resolver, what is on a kink; of a single neuron that is on none no more is asked. */
static rf_status start_sides(rfi_flow *flow, int64_t j)
{
    const rfi_data *data = flow->problem->data;
    const double *w = flow->w + j * data->d;
    const double size = rfi_norm(w, data->d);
    rfi_pattern p = rfi_pattern_of(&flow->fresh, flow->problem, j);
    int64_t g;
    int ready = 0;
    rfi_resolve_begin(&flow->resolver);
    for (g = 0; g < p.lines; ++g) {
        const double z = start_margin(data, data->kinks.row[g], w, size);
        if (!isfinite(z))
            return RF_ERROR_NUMERICAL;
        p.side[g] = z > 0.0 ? RFI_PLUS : RFI_MINUS;
        if (z != 0.0)
            continue;
        if (!ready)
            rfi_neuron_at(&flow->one, j, flow->w);
        ready = 1;
        rfi_resolve_add(&flow->resolver, &flow->one.problem, g, RFI_LOW);
    }
    if (!ready && p.lines > 0 && flow->problem->neurons == 1)
        return RF_OK;
    if (!ready)
        rfi_neuron_at(&flow->one, j, flow->w);
    rfi_resolve_scale(&flow->resolver, &flow->one.problem, &p, w);
    rfi_resolve_base(&flow->resolver, &flow->one.problem, &p, w);
    return RF_OK;
}

/* A start at w_j = 0. */
static rf_status start_at_origin(rfi_flow *flow)
{
    const rfi_problem *problem = &flow->one.problem;
    const rfi_data *data = problem->data;
    int64_t i;
    memset(flow->inner.omega, 0, (size_t)data->d * sizeof(double));
    for (i = 0; i < data->n; ++i)
        if (data->kinks.line[i] >= 0)
            rfi_view_axpy(problem->slope * problem->c[i] * data->y[i], rfi_row(data, i),
                     flow->inner.omega, data->d);
    if (!rfi_problem_is_convex(flow->problem))
        flow->flags |= RF_FLAG_AMBIGUOUS;
    return rfi_flow_leave_origin(flow);
}

/* Sides and velocity of neuron j; what is on a kink is resolved, all orders or the first only. */
static rf_status start_neuron(rfi_flow *flow, int64_t j, int first_only)
{
    rfi_pattern p = rfi_pattern_of(&flow->fresh, flow->problem, j);
    const int64_t d = flow->problem->data->d;
    rfi_resolver *r = &flow->resolver;
    rf_status status = start_sides(flow, j);
    if (status != RF_OK)
        return status;
    if (rfi_norm(flow->w + j * d, d) == 0.0 && d > 1)
        return first_only ? RF_OK : start_at_origin(flow);
    if (r->count == 0 && flow->problem->neurons == 1)
        return RF_OK; /* none asks for the velocity */
    if (r->count == 0) {
        memcpy(flow->one.velocity + j * d, r->v0, (size_t)d * sizeof(double));
        return RF_OK;
    }
    status = first_only ? rfi_resolve_first(r, &flow->one.problem)
                        : rfi_resolve(r, &flow->one.problem, &p);
    if (r->ambiguous)
        flow->flags |= RF_FLAG_AMBIGUOUS;
    memcpy(flow->one.velocity + j * d, r->v, (size_t)d * sizeof(double));
    return status;
}

/* Ties of one neuron depend on the velocities of the others: these come first. */
static rf_status start_kinks(rfi_flow *flow)
{
    const int64_t neurons = flow->problem->neurons;
    rf_status status = RF_OK;
    int64_t j;
    memset(flow->one.velocity, 0, (size_t)flow->segment.D * sizeof(double));
    flow->resolver.around = &flow->fresh;
    flow->resolver.others = NULL;
    for (j = 0; neurons > 1 && j < neurons && status == RF_OK; ++j)
        status = start_neuron(flow, j, 1);
    flow->resolver.others = neurons > 1 ? &flow->one : NULL;
    for (j = 0; j < neurons && status == RF_OK; ++j)
        status = start_neuron(flow, j, 0);
    return status;
}

rf_status rfi_flow_freeze(rfi_flow *flow, int32_t *flags)
{
    rfi_frozen *frozen = &flow->frozen;
    const int64_t d = flow->problem->data->d;
    int doubtful, exponent = 0;
    rf_status status;
    int64_t k;
    if (rfi_frozen_reserve(frozen, &flow->one.problem) != 0)
        return RF_ERROR_MEMORY;
    doubtful = rfi_frozen_settle(&flow->one.problem, &flow->fresh);
    frexp(rfi_norm(flow->inner.omega, d), &exponent);
    for (k = 0; k < d; ++k) /* its size is of no consequence, and it decays */
        frozen->fresh[k] = ldexp(flow->inner.omega[k], -exponent);
    flow->next_known = 0;
    status =
        rfi_frozen_build(frozen, &flow->one.problem, &flow->fresh, frozen->fresh, &flow->ws,
                         &doubtful);
    *flags |= doubtful ? RF_FLAG_DOUBTFUL : 0;
    return status;
}

static int rests(const rfi_problem *problem, const rfi_pattern *pattern, int64_t g)
{
    const int8_t side = pattern->side[g];
    return rfi_held(side) && side != RFI_SLIDE && !rfi_at_origin(side)
           && problem->jump[g % problem->data->kinks.count] != 0.0;
}

/* The part of order scale moves by omega' = -H omega as a frozen one does; loose is the pattern with the
 * lines at rest let go. */
static rf_status count_rests(rfi_flow *flow, rfi_pattern *loose, int32_t *flags)
{
    const rfi_problem *problem = &flow->one.problem;
    const rfi_data *data = problem->data;
    rfi_frozen *frozen = &flow->frozen;
    rf_status status;
    int64_t g;
    rfi_pattern_copy(loose, &flow->fresh);
    for (g = 0; g < loose->lines; ++g) {
        const double z = rfi_view_dot(rfi_row(data, data->kinks.row[g]), flow->inner.place, data->d);
        if (rfi_held(loose->side[g]) && loose->side[g] != RFI_SLIDE && z != 0.0)
            loose->side[g] = z > 0.0 ? RFI_PLUS : RFI_MINUS;
    }
    memset(loose->stand, RFI_ON_SIDE, (size_t)loose->lines);
    status = rfi_frozen_build(frozen, problem, loose, flow->inner.place, &flow->ws, NULL);
    for (g = 0; status == RF_OK && g < loose->lines; ++g) {
        rfi_expsum f;
        if (!rests(problem, &flow->fresh, g) || rfi_held(loose->side[g]))
            continue;
        f = rfi_segment_margin(&frozen->segment, &frozen->problem, g, flow->ws.line);
        if (rfi_expsum_count(&f, loose->side[g], 0.0, 0) != 0)
            *flags |= RF_FLAG_DOUBTFUL;
    }
    frozen->built = 0;
    return status;
}

rf_status rfi_flow_doubt_rest(rfi_flow *flow, int32_t *flags)
{
    const rf_allocator *a = &flow->problem->data->allocator;
    rfi_pattern loose = {0};
    rf_status status = RF_ERROR_MEMORY;
    int64_t g, count = 0;
    for (g = 0; g < flow->fresh.lines; ++g)
        count += rests(flow->problem, &flow->fresh, g);
    if (count == 0)
        return RF_OK;
    if (flow->problem->neurons > 1) { /* the others move its bound as well */
        *flags |= RF_FLAG_DOUBTFUL;
        return RF_OK;
    }
    if (rfi_frozen_reserve(&flow->frozen, &flow->one.problem) == 0
        && rfi_pattern_create(&loose, flow->fresh.lines, a) == 0)
        status = count_rests(flow, &loose, flags);
    rfi_pattern_free(&loose, a);
    return status;
}

void rfi_flow_take_frozen(rfi_flow *flow, int on)
{
    double *omega = flow->frozen.omega;
    flow->frozen.on = on;
    if (!on)
        return;
    flow->frozen.omega = flow->frozen.fresh;
    flow->frozen.fresh = omega;
}

/* The inner flow of neuron j along U_j, in flow->w; its events are added to those of the neurons before.
 * It takes no part in the outer flow unless it escapes. */
static rf_status start_inner(rfi_flow *flow, int64_t j)
{
    const int64_t d = flow->problem->data->d;
    rfi_pattern fresh = rfi_pattern_of(&flow->fresh, flow->problem, j);
    rfi_inner *inner = &flow->inner;
    rf_status status = RF_OK;
    int64_t k;
    rfi_neuron_at_zero(&flow->one, j);
    memcpy(inner->omega, flow->w + j * d, (size_t)d * sizeof(double));
    inner->ending = RFI_DEAD;
    inner->ambiguous = 1;
    if (rfi_norm(inner->omega, d) > 0.0)
        status = rfi_inner_start(inner, &flow->one.problem, &fresh);
    for (k = inner->kept; k < inner->events; ++k)
        inner->event[k].neuron = j;
    memset(flow->one.velocity + j * d, 0, (size_t)d * sizeof(double));
    if (status == RF_OK && inner->ending == RFI_ESCAPE)
        memcpy(flow->one.velocity + j * d, flow->resolver.v, (size_t)d * sizeof(double));
    return status;
}

/* What becomes of a neuron whose inner flow has ended. */
static rf_status end_inner(rfi_flow *flow, int64_t j)
{
    const rfi_problem *problem = flow->problem;
    const int32_t ending = flow->inner.ending;
    flow->flags |= flow->inner.ambiguous ? RF_FLAG_AMBIGUOUS : 0;
    flow->flags |= flow->inner.doubtful ? RF_FLAG_DOUBTFUL : 0;
    if (j == 0 || (ending == RFI_ESCAPE && flow->ending != RFI_ESCAPE))
        flow->ending = ending;
    if (ending == RFI_FROZEN && problem->activation != RF_LINEAR && problem->neurons == 1)
        return rfi_flow_freeze(flow, &flow->flags);
    /* In one dimension a collapse is an arrival at the only kink. */
    if (ending != RFI_ESCAPE && (ending != RFI_COLLAPSE || problem->data->d > 1))
        return rfi_flow_hold(flow);
    return RF_OK;
}

/* Brings the inner events of all neurons into the order of time. */
static void sort_inner(rfi_inner *inner)
{
    int64_t i, k;
    for (i = 1; i < inner->events; ++i) {
        const rf_event event = inner->event[i];
        for (k = i; k > 0 && inner->event[k - 1].time > event.time; --k)
            inner->event[k] = inner->event[k - 1];
        inner->event[k] = event;
    }
}

/* The segment at the start, unless the follower can do without. */
static rf_status begin_outer(rfi_flow *flow)
{
    return rfi_follow_start(&flow->follower, flow->problem, &flow->fresh, flow->w)
               ? rfi_flow_prepare(flow, 0.0)
               : rfi_flow_build(flow, 0.0);
}

/* The limit of vanishing initialization along flow->w: the inner flows decide, each neuron for itself but
 * for ties, which depend on the velocities of the others: these come first. */
static rf_status start_vanishing(rfi_flow *flow)
{
    const rfi_problem *problem = flow->problem;
    rf_status status = RF_OK;
    int64_t j;
    flow->resolver.around = &flow->fresh;
    flow->resolver.others = NULL;
    flow->inner.events = flow->inner.kept = 0;
    for (j = 0; problem->neurons > 1 && j < problem->neurons && status == RF_OK; ++j)
        status = start_inner(flow, j);
    flow->resolver.others = problem->neurons > 1 ? &flow->one : NULL;
    flow->inner.events = 0;
    for (j = 0; j < problem->neurons && status == RF_OK; ++j) {
        flow->inner.kept = flow->inner.events;
        if ((status = start_inner(flow, j)) == RF_OK)
            status = end_inner(flow, j);
    }
    flow->inner.kept = 0;
    memset(flow->w, 0, (size_t)flow->segment.D * sizeof(double));
    if (status != RF_OK)
        return status;
    sort_inner(&flow->inner);
    flow->flags |= flow->inner.events > 0 ? RF_FLAG_INNER : 0;
    if (problem->activation == RF_LINEAR && flow->ending == RFI_ESCAPE)
        return start_linear(flow);
    if (flow->ending == RFI_ESCAPE
        && (status = rfi_flow_doubt_rest(flow, &flow->flags)) != RF_OK)
        return status;
    return flow->ending == RFI_ESCAPE ? begin_outer(flow) : rfi_flow_build(flow, 0.0);
}

/* Sides, velocity and segment of the start flow->w, or of the vanishing start along it. */
static rf_status start(rfi_flow *flow, int vanishing)
{
    rf_status status;
    memset(flow->fresh.stand, 0, (size_t)flow->fresh.lines);
    memset(flow->fresh.bound, 0, (size_t)flow->fresh.lines);
    memset(flow->fresh.side, RFI_MINUS, (size_t)flow->fresh.lines);
    flow->flags = 0;
    rfi_follow_reset(&flow->follower);
    flow->ws.factor.tree.known = 0; /* the weights of the data may be others */
    if (vanishing)
        return start_vanishing(flow);
    if (flow->problem->activation == RF_LINEAR)
        return start_linear(flow);
    status = start_kinks(flow);
    if (status != RF_OK)
        return status;
    return begin_outer(flow);
}

/* Makes the start just built the present state, with the record of it.  Cannot fail. */
static void take_start(rfi_flow *flow, rfi_record *record, int64_t events)
{
    const rfi_stretch stretch = {0.0, 0.0, 0.0, 0, events, 0};
    int64_t k;
    rfi_flow_swap(flow);
    flow->t = flow->from = 0.0;
    flow->next_known = 0;
    flow->standing = flow->idle = 0;
    flow->frozen.on = 0;
    memset(flow->turns, 0, (size_t)(2 * flow->pattern.lines));
    rfi_record_clear(record);
    for (k = 0; k < events; ++k)
        rfi_record_event(record, &flow->inner.event[k]);
    rfi_pattern_copy(&record->initial, &flow->pattern);
    rfi_record_stretch(record, &stretch, flow->segment.w0);
}

/* Room for a start with so many events: a record that held a run has it as a rule. */
static int make_room(rfi_record *record, int64_t events)
{
    if (record->stretches > 0 && record->event_room >= events)
        return 0;
    return rfi_record_reserve(record, events, 0);
}

rf_status rfi_flow_init(rfi_flow *flow, rfi_record *record, const double *w0)
{
    const int32_t flags = flow->flags;
    const rfi_followed before = rfi_follow_before(&flow->follower);
    rf_status status;
    if (make_room(record, 0) != 0)
        return RF_ERROR_MEMORY;
    memcpy(flow->w, w0, (size_t)flow->segment.D * sizeof(double));
    if ((status = start(flow, 0)) != RF_OK) {
        flow->flags = flags;
        rfi_follow_restore(&flow->follower, &before);
        return status;
    }
    flow->ending = 0;
    take_start(flow, record, 0);
    return RF_OK;
}

rf_status rfi_flow_init_vanishing(rfi_flow *flow, rfi_record *record, const double *u)
{
    const int32_t flags = flow->flags, ending = flow->ending;
    const rfi_followed before = rfi_follow_before(&flow->follower);
    rf_status status;
    memcpy(flow->w, u, (size_t)flow->segment.D * sizeof(double));
    status = start(flow, 1);
    if (status == RF_OK && make_room(record, flow->inner.events) != 0)
        status = RF_ERROR_MEMORY;
    if (status != RF_OK) {
        flow->flags = flags;
        rfi_follow_restore(&flow->follower, &before);
        flow->ending = ending;
        return status;
    }
    take_start(flow, record, flow->inner.events);
    rfi_flow_take_frozen(flow, flow->ending == RFI_FROZEN && flow->problem->neurons == 1
                                   && flow->problem->activation != RF_LINEAR);
    return RF_OK;
}

static int copy_frozen(rfi_flow *flow, const rfi_flow *from)
{
    flow->frozen.on = from->frozen.on;
    flow->frozen.built = 0;
    if (!from->frozen.on)
        return 0;
    rfi_neuron_at_zero(&flow->one, 0);
    if (rfi_frozen_reserve(&flow->frozen, &flow->one.problem) != 0)
        return -1;
    memcpy(flow->frozen.omega, from->frozen.omega, (size_t)flow->problem->data->d * sizeof(double));
    return 0;
}

rf_status rfi_flow_copy(rfi_flow *flow, const rfi_flow *from)
{
    rf_status status;
    /* A segment is a function of its pattern and start: it is rebuilt, bit for bit. */
    rfi_pattern_copy(&flow->pattern, &from->pattern);
    flow->segment.t0 = from->segment.t0;
    memcpy(flow->segment.w0, from->segment.w0, (size_t)from->segment.D * sizeof(double));
    flow->built = 0;
    rfi_follower_copy(&flow->follower, &from->follower);
    if (from->built && (status = rfi_flow_segment(flow)) != RF_OK)
        return status;
    flow->t = from->t;
    flow->from = from->from;
    flow->flags = from->flags;
    flow->ending = from->ending;
    flow->standing = from->standing;
    flow->idle = from->idle;
    if (flow->pattern.lines > 0)
        memcpy(flow->turns, from->turns, (size_t)(2 * flow->pattern.lines));
    flow->next_known = 0;
    if (rfi_flow_find_rays(flow, &flow->pattern) != 0 || copy_frozen(flow, from) != 0)
        return RF_ERROR_MEMORY;
    return RF_OK;
}
