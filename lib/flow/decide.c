/* decide: the patterns after an event, neuron by neuron (docs/mathematics.md 3 and 7): the velocity of a
 * neuron jumps only at its own kinks.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/flow.h"
#include "flow/verge.h"

/* K = the sliding lines, the lines at rest and the arrivals of neuron one.j, each with the place it has in
 * the velocity before the event.  Returns the number of arrivals and exits. */
static int64_t collect_K(rfi_flow *flow)
{
    const rfi_problem *problem = &flow->one.problem;
    const rfi_next *next = &flow->next;
    const int64_t first = flow->one.j * flow->segment.lines;
    rfi_resolver *r = &flow->resolver;
    const int stands = flow->standing > 0 && !rfi_flow_passes(flow, flow->next_time);
    int64_t g, k, count = 0, arrivals = 0, resting = 0;
    rfi_resolve_begin(r);
    for (k = 0; k < next->count; ++k) {
        const rfi_arrival *arrival = &next->arrival[k];
        const int64_t line = arrival->line - first;
        int8_t at = arrival->what == RFI_LEAVES_LOW ? RFI_LOW : RFI_HIGH;
        if (line < 0 || line >= flow->segment.lines)
            continue;
        if (arrival->what == RFI_ARRIVES)
            at = (problem->jump[line] >= 0.0) == (flow->pattern.side[arrival->line] < 0) ? RFI_HIGH
                                                                                         : RFI_LOW;
        arrivals += arrival->what == RFI_ARRIVES;
        resting += flow->pattern.side[arrival->line] != RFI_SLIDE && arrival->what != RFI_ARRIVES;
        ++count;
        rfi_resolve_add(r, problem, line, at);
    }
    for (g = 0; g < flow->segment.lines; ++g) {
        const int8_t side = flow->pattern.side[first + g];
        if (side == RFI_SLIDE) {
            rfi_resolve_add(r, problem, g, RFI_FREE);
        } else if (rfi_held(side) && !(stands && flow->turns[first + g] == RFI_PINNED)
                   && flow->acts[first + g] < 2 * RFI_MOST_ACTS) {
            rfi_resolve_add(r, problem, g, side > 0 ? RFI_HIGH : RFI_LOW);
            ++resting;
        }
    }
    r->settled = arrivals == 0 && resting == 0;
    r->resting = resting > 0;
    return count;
}

/* The position of a kink among the slides of the segment, or of the chain, or -1. */
static int64_t slide_of(const rfi_flow *flow, const rfi_kink *kink)
{
    if (flow->by_chain)
        return rfi_chain_slide_of(&flow->follower.chain, kink->line);
    return flow->segment.slide_of[flow->one.j * flow->segment.lines + kink->line];
}

/* u of a slide at the event, or the distance to its upper bound. */
static rfi_value multiplier(rfi_flow *flow, int64_t slide, int top)
{
    rfi_value u;
    if (flow->by_chain) {
        const rfi_chain *chain = &flow->follower.chain;
        u.f = rfi_chain_multiplier(chain, slide, flow->next.tau, &u.slope);
        u.noise = chain->u_noise[slide];
        u.slope_noise = u.noise * chain->noise[2] / chain->noise[1];
    } else {
        const rfi_expsum f =
            rfi_segment_multiplier(&flow->segment, flow->problem, slide, top, flow->ws.line);
        u = rfi_expsum_at(&f, flow->next.tau);
    }
    return u;
}

/* The rounding error of a multiplier. */
static double floor_of(const rfi_flow *flow, int64_t slide)
{
    return flow->by_chain ? flow->follower.chain.u_noise[slide] : flow->segment.hold_floor[slide];
}

/* u0 and at0 of a kink of K, as they are in the velocity before the event. */
static void set_place(rfi_flow *flow, rfi_kink *kink)
{
    const int64_t slide = slide_of(flow, kink);
    const int8_t side = flow->pattern.side[flow->one.j * flow->segment.lines + kink->line];
    if (side == RFI_SLIDE && slide >= 0) {
        kink->u0 = fmin(fmax(multiplier(flow, slide, 0).f, 0.0), -kink->jump);
        kink->floor = floor_of(flow, slide);
        if (kink->at != RFI_FREE) /* it leaves: at its bound by definition */
            kink->u0 = kink->at == RFI_LOW ? 0.0 : -kink->jump;
    } else if (side > 0) {
        kink->at0 = RFI_HIGH;
        kink->u0 = kink->jump < 0.0 ? -kink->jump : 0.0;
    }
    if (kink->at == RFI_FREE)
        kink->u = kink->u0;
}

/* The sizes of the terms that the velocity and its derivative are sums of. */
static double speed_scale(const rfi_flow *flow)
{
    const double *noise = flow->follower.chain.noise;
    if (flow->by_chain)
        return (noise[1] + flow->next.tau * noise[2]) / (8.0 * RFI_EPS);
    return rfi_segment_speed_scale(&flow->segment, flow->one.j, flow->next.tau);
}

static double turn_scale(const rfi_flow *flow)
{
    if (flow->by_chain)
        return 2.0 * flow->follower.chain.noise[2] / (8.0 * RFI_EPS);
    return rfi_segment_turn_scale(&flow->segment, flow->one.j, flow->next.tau);
}

/* The lines at rest are held by nothing: what would move them off their kinks is part of v0. */
static void add_pushes(rfi_flow *flow)
{
    const rfi_segment *seg = &flow->segment;
    const rfi_data *data = flow->problem->data;
    rfi_push push;
    int64_t k;
    if (!rfi_push_begin(&push, seg, flow->problem, &flow->pattern, &flow->ws)
        || rfi_push_at(&push, flow->next.tau, flow->acts) == 0)
        return;
    for (k = seg->slides[0]; k < seg->held[0]; ++k)
        rfi_view_axpy(push.q[k], rfi_row(data, data->kinks.row[seg->slide[k]]), flow->resolver.v0, seg->d);
    flow->resolver.scale = fmax(flow->resolver.scale, push.scale);
}

/* The velocity before the event, from the closed form, which is more accurate than a sum over the
 * data. */
static void velocities(rfi_flow *flow)
{
    const int64_t d = flow->segment.d;
    rfi_resolver *r = &flow->resolver;
    int64_t k;
    memcpy(r->v, flow->one.velocity + flow->one.j * d, (size_t)d * sizeof(double));
    memcpy(r->v0, r->v, (size_t)d * sizeof(double));
    r->scale = speed_scale(flow);
    for (k = 0; k < r->count; ++k)
        set_place(flow, &r->kink[k]);
    if (r->resting && !flow->by_chain)
        add_pushes(flow);
}

/* Where the data of K pull so much more than all others that those are lost in the velocity, it is summed
 * anew over the others, with K at theta = 0. */
static void separate_K(rfi_flow *flow)
{
    enum { DOMINANT = 1024 };
    const rfi_problem *problem = &flow->one.problem;
    const rfi_pattern fresh = rfi_pattern_of(&flow->fresh, flow->problem, flow->one.j);
    const double *w = flow->w + flow->one.j * flow->segment.d;
    rfi_resolver *r = &flow->resolver;
    double largest = 0.0, all = r->scale;
    int64_t k;
    for (k = 0; k < r->count; ++k)
        largest = fmax(largest, fabs(r->kink[k].u0) * r->kink[k].norm);
    if (r->settled || largest < 0.25 * all)
        return;
    rfi_resolve_others(r, problem, &fresh, w);
    if (!(r->scale * DOMINANT < all)) {
        r->scale = all;
        return;
    }
    rfi_resolve_base(r, problem, &fresh, w);
    for (k = 0; k < r->count; ++k) {
        r->kink[k].u0 = r->kink[k].floor = 0.0;
        r->kink[k].at0 = RFI_LOW;
    }
}

/* a0 = v' + sum u' x before the event, from the closed forms; u' is that of the bound where a kink leaves
 * at a bound that moves. */
static void accelerations(rfi_flow *flow)
{
    const rfi_segment *seg = &flow->segment;
    rfi_resolver *r = &flow->resolver;
    int64_t k;
    if (flow->by_chain) {
        rfi_chain_turning(&flow->follower.chain, flow->next.tau, flow->follower.scout.epochs.work);
        memcpy(r->a0, flow->follower.scout.epochs.work, (size_t)seg->d * sizeof(double));
    } else {
        rfi_segment_acceleration(seg, flow->next.tau, flow->one.known);
        memcpy(r->a0, flow->one.known + flow->one.j * seg->d, (size_t)seg->d * sizeof(double));
    }
    r->a_scale = turn_scale(flow);
    for (k = 0; k < r->count; ++k) {
        const rfi_kink *kink = &r->kink[k];
        const int64_t slide = slide_of(flow, kink);
        rfi_value u;
        if (slide < 0)
            continue;
        u = multiplier(flow, slide, 0);
        if (!flow->by_chain && seg->moves[slide] && kink->at == RFI_HIGH) {
            u = multiplier(flow, slide, 1);
            u.slope = -u.slope;
        }
        rfi_view_axpy(u.slope, kink->x, r->a0, seg->d);
        r->a_scale += u.slope_noise / (4.0 * RFI_EPS) * kink->norm;
    }
}

/* With exits only, the velocity is continuous: the first order is known, and who exits is a tie. */
static void settle_exits(rfi_flow *flow)
{
    rfi_resolver *r = &flow->resolver;
    int64_t k;
    for (k = 0; k < r->count; ++k) {
        rfi_kink *kink = &r->kink[k];
        const int64_t slide = slide_of(flow, kink);
        const double floor = slide < 0 ? 0.0 : floor_of(flow, slide);
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

/* Looks at the rank of K where it may be special: if it leaves no direction, w_j = 0 (the result is 1);
 * if rows are dependent the multipliers are not unique, and those reached from u = 0 are taken. */
static int examine_K(rfi_flow *flow, int64_t acting)
{
    const int64_t d = flow->problem->data->d;
    rfi_resolver *r = &flow->resolver;
    int64_t k, rank;
    if (r->settled || (acting < 2 && r->count < d && !r->resting))
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

/* Margins on their kinks are 0: takes the rounding of w_j out of them. */
static void clean_weights(rfi_flow *flow)
{
    const int64_t d = flow->problem->data->d;
    const rfi_resolver *r = &flow->resolver;
    double *w = flow->w + flow->one.j * d;
    int64_t k;
    int pass;
    if (d == 1 && r->count > 0)
        w[0] = 0.0;
    for (pass = 0; pass < 2; ++pass)
        for (k = 0; k < r->count; ++k) {
            const rfi_kink *kink = &r->kink[k];
            const double unit = rfi_view_dot_accurate(kink->x, w, d) / kink->norm;
            rfi_view_axpy(-unit / kink->norm, kink->x, w, d);
        }
}

/* Of the only arrival among slides of a neuron of a network: the signs that decide a tie of it at theta = 0 and
 * at theta = 1. */
static void look_at_verge(rfi_flow *flow, int64_t acting)
{
    const rfi_segment *seg = &flow->segment;
    const int64_t d = seg->d, j = flow->one.j;
    double *g = flow->ws.matrix + d * d, *l = flow->ws.vector, size;
    rfi_resolver *r = &flow->resolver;
    int64_t k, rank = 0;
    if (seg->neurons == 1 || flow->by_chain || acting != 1 || r->settled || r->resting
        || r->kink[0].jump >= 0.0 || seg->U == NULL)
        return;
    for (k = 1; k < r->count && rank < d; ++k)
        rank += rfi_extend_basis(flow->ws.matrix, rank, r->kink[k].x, d);
    rfi_view_copy(r->kink[0].x, g, d);
    for (k = 0; k < rank; ++k)
        rfi_axpy(-rfi_dot(flow->ws.matrix + k * d, g, d), flow->ws.matrix + k * d, g, d);
    size = rfi_view_dot(r->kink[0].x, g, d);
    if (!(size > 1e-8 * r->kink[0].norm * r->kink[0].norm)) /* its row is in their span */
        return;
    for (k = 0; k < d; ++k)
        g[k] /= size;
    r->kink[0].low = rfi_verge_sign(seg, flow->problem, &flow->pattern, j, r->kink[0].line, g, 0,
                                    flow->next.tau, l);
    r->kink[0].high = rfi_verge_sign(seg, flow->problem, &flow->pattern, j, r->kink[0].line, g, 1,
                                     flow->next.tau, l);
}

/* 1 if a line that would have crossed its kink alone has come to rest on it because of what comes with it to within
 * rounding: whichever is first decides. */
static int hangs_on_order(const rfi_flow *flow, int64_t acting)
{
    const rfi_resolver *r = &flow->resolver;
    const int64_t first = flow->one.j * flow->segment.lines;
    int64_t k;
    for (k = 0; k < r->count && acting > 1; ++k)
        if (r->kink[k].jump >= 0.0 && rfi_held(r->kink[k].side)
            && !rfi_held(flow->pattern.side[first + r->kink[k].line]))
            return 1;
    return 0;
}

/* Decides the pattern of neuron one.j after the instant. */
static rf_status decide_neuron(rfi_flow *flow, int64_t acting, int *ambiguous, int *doubtful)
{
    const int64_t d = flow->problem->data->d, j = flow->one.j;
    rfi_resolver *r = &flow->resolver;
    rfi_pattern fresh = rfi_pattern_of(&flow->fresh, flow->problem, j);
    rf_status status;
    velocities(flow);
    if (examine_K(flow, acting)) {
        flow->origin[j] = RF_EVENT_ORIGIN;
        memcpy(flow->inner.omega, r->v, (size_t)d * sizeof(double));
        *ambiguous |= !rfi_problem_is_convex(flow->problem);
        status = rfi_flow_leave_origin(flow);
    } else {
        clean_weights(flow);
        separate_K(flow);
        look_at_verge(flow, acting);
        if (r->settled) {
            settle_exits(flow);
            accelerations(flow);
        }
        status = rfi_resolve(r, &flow->one.problem, &fresh);
        *ambiguous |= r->ambiguous;
        *doubtful |= hangs_on_order(flow, acting);
    }
    *doubtful |= r->work.doubtful;
    memcpy(flow->one.velocity + j * d, r->v, (size_t)d * sizeof(double));
    return status;
}

/* Neuron j leaves w_j = 0 along a ray, from rest: the kinks on its way slide, and the margins of the others
 * have a double zero. */
static void leave_along(rfi_flow *flow, int64_t j, int64_t ray)
{
    const rfi_pattern fresh = rfi_pattern_of(&flow->fresh, flow->problem, j);
    int64_t g;
    rfi_rays_exit(&flow->rays, &flow->segment, flow->problem, j, ray, flow->next.tau, fresh.side,
                  flow->ws.line);
    for (g = 0; g < fresh.lines; ++g) {
        const int side = fresh.side[g];
        fresh.side[g] = (int8_t)(side == 0 ? RFI_SLIDE : side > 0 ? RFI_PLUS : RFI_MINUS);
        fresh.stand[g] = side == 0 ? RFI_ON_SIDE : RFI_RELEASED;
    }
    memset(flow->w + j * flow->segment.d, 0, (size_t)flow->segment.d * sizeof(double));
    flow->origin[j] = RF_EVENT_ORIGIN_EXIT;
}

/* The ray along which neuron j leaves w_j = 0 now, or -1. */
static int64_t ray_of(const rfi_flow *flow, int64_t j)
{
    int64_t k;
    for (k = 0; k < flow->next.count; ++k)
        if (flow->next.arrival[k].what == RFI_LEAVES_ORIGIN
            && flow->next.arrival[k].line / flow->segment.lines == j)
            return flow->next.arrival[k].ray;
    return -1;
}

/* w and w' before the event. */
static void state_before(rfi_flow *flow)
{
    const size_t bytes = (size_t)flow->segment.D * sizeof(double);
    if (flow->by_chain) {
        double *work = flow->follower.scout.epochs.work;
        rfi_chain_weights(&flow->follower.chain, flow->next.tau, work);
        memcpy(flow->w, work, bytes);
        rfi_chain_velocity_of(&flow->follower.chain, work, work + rfi_padded(flow->segment.D));
        memcpy(flow->one.velocity, work + rfi_padded(flow->segment.D), bytes);
    } else {
        rfi_segment_weights(&flow->segment, flow->next.tau, flow->w);
        rfi_segment_velocity(&flow->segment, flow->next.tau, flow->one.velocity);
    }
}

rf_status rfi_flow_decide(rfi_flow *flow, int *ambiguous, int *doubtful)
{
    const int64_t neurons = flow->problem->neurons;
    rf_status status = RF_OK;
    int64_t j, k, acting;
    rfi_flow_copy_pattern(flow);
    state_before(flow);
    flow->resolver.others = neurons > 1 ? &flow->one : NULL;
    flow->resolver.around = &flow->fresh;
    for (j = 0; j < neurons && status == RF_OK; ++j) {
        for (k = 0, acting = 0; k < flow->next.count; ++k)
            acting += flow->next.arrival[k].line / flow->segment.lines == j;
        if (acting == 0)
            continue;
        if (ray_of(flow, j) >= 0) {
            leave_along(flow, j, ray_of(flow, j));
            *ambiguous = 1;
            continue;
        }
        if (flow->by_chain)
            rfi_neuron_at_zero(&flow->one, j); /* with no others its labels do not move */
        else
            rfi_neuron_on_kink(&flow->one, j, &flow->segment, flow->next.tau, flow->ws.line);
        status = decide_neuron(flow, collect_K(flow), ambiguous, doubtful);
    }
    return status;
}

int rfi_flow_passes(const rfi_flow *flow, double t)
{
    return t - flow->t > 4.0 * RFI_EPS * t
           && rfi_distance(flow->segment.w0, flow->w, flow->segment.D)
                  > 4.0 * RFI_EPS * rfi_norm(flow->w, flow->segment.D);
}

int rfi_flow_rest_line(rfi_flow *flow, const rfi_arrival *arrival)
{
    rfi_pattern *p = &flow->fresh;
    const int64_t g = arrival->line;
    if (rfi_held(p->side[g]) && p->side[g] != RFI_SLIDE)
        return 0;
    p->side[g] = p->side[g] > 0 || (p->side[g] == RFI_SLIDE && arrival->what == RFI_LEAVES_HIGH)
                     ? RFI_REST_PLUS
                     : RFI_REST_MINUS;
    p->stand[g] = RFI_ON_SIDE;
    p->bound[g] = RFI_INSIDE;
    return 1;
}

int rfi_flow_pin(rfi_flow *flow)
{
    int64_t k;
    for (k = 0; k < flow->next.count; ++k)
        if (flow->next.arrival[k].what == RFI_LEAVES_ORIGIN)
            return -1;
    rfi_flow_copy_pattern(flow);
    state_before(flow);
    for (k = 0; k < flow->next.count; ++k) {
        const int64_t g = flow->next.arrival[k].line;
        if (!rfi_flow_rest_line(flow, &flow->next.arrival[k]))
            flow->acts[g] = RFI_SPARED;
        flow->turns[g] = RFI_PINNED;
    }
    return 0;
}
