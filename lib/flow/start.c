/* start: how a flow begins, at a weight or in the limit of vanishing initialization, and how it leaves
 * the origin (docs/mathematics.md 3 and 4.2).
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/flow.h"

void rfi_flow_stop(rfi_flow *flow)
{
    int64_t g;
    for (g = 0; g < flow->fresh.lines; ++g) {
        flow->fresh.side[g] = RFI_REST_MINUS;
        flow->fresh.stand[g] = RFI_ON_SIDE;
        flow->fresh.bound[g] = RFI_INSIDE;
    }
    flow->fresh.stopped = 1;
}

rf_status rfi_flow_leave_origin(rfi_flow *flow)
{
    const rfi_problem *problem = flow->problem;
    rf_status status = rfi_inner_run(&flow->inner, problem, &flow->fresh);
    memset(flow->w, 0, (size_t)problem->data->d * sizeof(double));
    if (status != RF_OK)
        return status;
    if (flow->inner.ending != RFI_ESCAPE)
        rfi_flow_stop(flow);
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

/* Sides of w0; what is on a kink is resolved. */
static rf_status start_kinks(rfi_flow *flow)
{
    const rfi_problem *problem = flow->problem;
    const rfi_data *data = problem->data;
    rfi_pattern *p = &flow->fresh;
    rfi_resolver *r = &flow->resolver;
    rf_status status;
    int64_t g, i;
    rfi_resolve_begin(r);
    for (g = 0; g < p->lines; ++g) {
        const double z = rfi_dot_accurate(rfi_row(data, data->kinks.row[g]), flow->w, data->d);
        if (!isfinite(z))
            return RF_ERROR_NUMERICAL;
        p->side[g] = z > 0.0 ? RFI_PLUS : RFI_MINUS;
        if (z == 0.0)
            rfi_resolve_add(r, problem, g, RFI_LOW);
    }
    if (rfi_norm(flow->w, data->d) == 0.0 && data->d > 1) {
        memset(flow->inner.omega, 0, (size_t)data->d * sizeof(double));
        for (i = 0; i < data->n; ++i)
            if (data->kinks.line[i] >= 0)
                rfi_axpy(problem->slope * problem->c[i] * data->y[i], rfi_row(data, i),
                         flow->inner.omega, data->d);
        if (!rfi_problem_is_convex(problem))
            flow->flags |= RF_FLAG_AMBIGUOUS;
        return rfi_flow_leave_origin(flow);
    }
    if (r->count == 0)
        return RF_OK;
    rfi_resolve_scale(r, problem, p, flow->w);
    rfi_resolve_base(r, problem, p, flow->w);
    status = rfi_resolve(r, problem, p);
    if (r->ambiguous)
        flow->flags |= RF_FLAG_AMBIGUOUS;
    return status;
}

rf_status rfi_flow_freeze(rfi_flow *flow, int32_t *flags)
{
    rfi_frozen *frozen = &flow->frozen;
    const int64_t d = flow->problem->data->d;
    int doubtful, exponent = 0;
    rf_status status;
    int64_t k;
    if (rfi_frozen_reserve(frozen, flow->problem) != 0)
        return RF_ERROR_MEMORY;
    doubtful = rfi_frozen_settle(flow->problem, &flow->fresh);
    frexp(rfi_norm(flow->inner.omega, d), &exponent);
    for (k = 0; k < d; ++k) /* its size is of no consequence, and it decays */
        frozen->fresh[k] = ldexp(flow->inner.omega[k], -exponent);
    flow->next_known = 0;
    status =
        rfi_frozen_build(frozen, flow->problem, &flow->fresh, frozen->fresh, &flow->ws, &doubtful);
    *flags |= doubtful ? RF_FLAG_DOUBTFUL : 0;
    return status;
}

static int rests(const rfi_problem *problem, const rfi_pattern *pattern, int64_t g)
{
    return rfi_held(pattern->side[g]) && pattern->side[g] != RFI_SLIDE && problem->jump[g] != 0.0;
}

/* The part of order scale moves by omega' = -H omega as a frozen one does; loose is the pattern with the
 * lines at rest let go. */
static rf_status count_rests(rfi_flow *flow, rfi_pattern *loose, int32_t *flags)
{
    const rfi_data *data = flow->problem->data;
    rfi_frozen *frozen = &flow->frozen;
    rf_status status;
    int64_t g;
    rfi_pattern_copy(loose, &flow->fresh);
    for (g = 0; g < loose->lines; ++g) {
        const double z = rfi_dot(rfi_row(data, data->kinks.row[g]), flow->inner.place, data->d);
        if (rfi_held(loose->side[g]) && loose->side[g] != RFI_SLIDE && z != 0.0)
            loose->side[g] = z > 0.0 ? RFI_PLUS : RFI_MINUS;
    }
    memset(loose->stand, RFI_ON_SIDE, (size_t)loose->lines);
    status = rfi_frozen_build(frozen, flow->problem, loose, flow->inner.place, &flow->ws, NULL);
    for (g = 0; status == RF_OK && g < loose->lines; ++g) {
        rfi_expsum f;
        if (!rests(flow->problem, &flow->fresh, g) || rfi_held(loose->side[g]))
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
    if (rfi_frozen_reserve(&flow->frozen, flow->problem) == 0
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

/* The limit of vanishing initialization along inner.omega, w being 0: the inner flow decides. */
static rf_status start_vanishing(rfi_flow *flow)
{
    const rfi_problem *problem = flow->problem;
    rf_status status = rfi_inner_start(&flow->inner, problem, &flow->fresh);
    if (status != RF_OK)
        return status;
    flow->flags |= flow->inner.ambiguous ? RF_FLAG_AMBIGUOUS : 0;
    flow->flags |= flow->inner.doubtful ? RF_FLAG_DOUBTFUL : 0;
    flow->flags |= flow->inner.events > 0 ? RF_FLAG_INNER : 0;
    if (flow->inner.ending == RFI_FROZEN && problem->activation != RF_LINEAR) {
        if ((status = rfi_flow_freeze(flow, &flow->flags)) != RF_OK)
            return status;
    } else if (flow->inner.ending != RFI_ESCAPE
               && (flow->inner.ending != RFI_COLLAPSE || problem->data->d > 1)) {
        rfi_flow_stop(flow); /* in one dimension a collapse is an arrival at the only kink */
    }
    if (problem->activation == RF_LINEAR && flow->inner.ending == RFI_ESCAPE)
        return start_linear(flow);
    if (flow->inner.ending == RFI_ESCAPE
        && (status = rfi_flow_doubt_rest(flow, &flow->flags)) != RF_OK)
        return status;
    return rfi_flow_build(flow, 0.0);
}

/* Sides, velocity and segment of the start flow->w, or of the vanishing start inner.omega. */
static rf_status start(rfi_flow *flow, int vanishing)
{
    rf_status status;
    memset(flow->fresh.stand, 0, (size_t)flow->fresh.lines);
    memset(flow->fresh.bound, 0, (size_t)flow->fresh.lines);
    memset(flow->fresh.side, RFI_MINUS, (size_t)flow->fresh.lines);
    flow->fresh.stopped = 0;
    flow->flags = 0;
    if (vanishing)
        return start_vanishing(flow);
    if (flow->problem->activation == RF_LINEAR)
        return start_linear(flow);
    status = start_kinks(flow);
    return status == RF_OK ? rfi_flow_build(flow, 0.0) : status;
}

/* Makes the start just built the present state, with the record of it.  Cannot fail. */
static void take_start(rfi_flow *flow, rfi_record *record, int64_t events)
{
    rfi_stretch stretch = {0.0, 0.0, 0.0, 0, events, 0, 0};
    int64_t k;
    rfi_flow_swap(flow);
    flow->t = flow->from = 0.0;
    flow->next_known = 0;
    flow->standing = flow->idle = 0;
    flow->frozen.on = 0;
    memset(flow->turns, 0, (size_t)flow->pattern.lines);
    rfi_record_clear(record);
    for (k = 0; k < events; ++k)
        rfi_record_event(record, &flow->inner.event[k]);
    rfi_pattern_copy(&record->initial, &flow->pattern);
    stretch.stopped = flow->pattern.stopped;
    rfi_record_stretch(record, &stretch, flow->segment.w0);
}

rf_status rfi_flow_init(rfi_flow *flow, rfi_record *record, const double *w0)
{
    const int32_t flags = flow->flags;
    rf_status status;
    if (rfi_record_reserve(record, 0, 0) != 0)
        return RF_ERROR_MEMORY;
    memcpy(flow->w, w0, (size_t)flow->problem->data->d * sizeof(double));
    if ((status = start(flow, 0)) != RF_OK) {
        flow->flags = flags;
        return status;
    }
    flow->ending = 0;
    take_start(flow, record, 0);
    return RF_OK;
}

rf_status rfi_flow_init_vanishing(rfi_flow *flow, rfi_record *record, const double *u)
{
    const int64_t d = flow->problem->data->d;
    const int32_t flags = flow->flags;
    rf_status status;
    memcpy(flow->inner.omega, u, (size_t)d * sizeof(double));
    memset(flow->w, 0, (size_t)d * sizeof(double));
    status = start(flow, 1);
    if (status == RF_OK && rfi_record_reserve(record, flow->inner.events, 0) != 0)
        status = RF_ERROR_MEMORY;
    if (status != RF_OK) {
        flow->flags = flags;
        return status;
    }
    flow->ending = flow->inner.ending;
    take_start(flow, record, flow->inner.events);
    rfi_flow_take_frozen(flow, flow->ending == RFI_FROZEN && !flow->pattern.stopped
                                   && flow->problem->activation != RF_LINEAR);
    return RF_OK;
}
