/* origin: see origin.h.
 * SPDX-License-Identifier: MIT */
#include "flow/origin.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/frozen.h"
#include "flow/record.h"

/* Margins of omega below this, relative to |x| |omega|, are on the kink. */
#define ON_KINK (32.0 * RFI_EPS)

int rfi_inner_create(rfi_inner *inner, rfi_resolver *resolver, const rfi_data *data)
{
    const rf_allocator *a = &data->allocator;
    memset(inner, 0, sizeof(*inner));
    inner->resolver = resolver;
    inner->omega = rfi_alloc(a, data->d, sizeof(double));
    inner->zero = rfi_alloc(a, data->d, sizeof(double));
    inner->place = rfi_alloc(a, data->d, sizeof(double));
    inner->state = rfi_alloc(a, data->n, sizeof(uint8_t));
    inner->before = rfi_alloc(a, data->n, sizeof(uint8_t));
    return inner->omega == NULL || inner->zero == NULL || inner->place == NULL
                   || inner->state == NULL || inner->before == NULL
               ? -1
               : 0;
}

void rfi_inner_free(rfi_inner *inner, const rf_allocator *allocator)
{
    rfi_free(allocator, inner->omega);
    rfi_free(allocator, inner->zero);
    rfi_free(allocator, inner->place);
    rfi_free(allocator, inner->state);
    rfi_free(allocator, inner->before);
    rfi_free(allocator, inner->event);
    memset(inner, 0, sizeof(*inner));
}

static double margin(const rfi_problem *problem, int64_t line, const double *omega)
{
    const rfi_data *data = problem->data;
    return rfi_view_dot(rfi_row(data, data->kinks.row[line]), omega, data->d);
}

static double norm_of(const rfi_problem *problem, int64_t line)
{
    return problem->data->norm[problem->data->kinks.row[line]];
}

/* The pattern of omega; lines on their kink, within a tolerance of |x| |omega|, become K, inactive at
 * first. */
static void start_pattern(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern,
                          double tolerance)
{
    const rfi_data *data = problem->data;
    const double size = rfi_norm(inner->omega, data->d);
    int64_t g;
    inner->size = size;
    rfi_resolve_begin(inner->resolver);
    for (g = 0; g < pattern->lines; ++g) {
        const double z = rfi_view_dot_accurate(rfi_row(data, data->kinks.row[g]), inner->omega, data->d);
        pattern->side[g] = z > 0.0 ? RFI_PLUS : RFI_MINUS;
        pattern->stand[g] = RFI_ON_SIDE;
        pattern->bound[g] = RFI_INSIDE;
        if (fabs(z) <= tolerance * norm_of(problem, g) * size)
            rfi_resolve_add(inner->resolver, problem, g, RFI_LOW);
    }
}

/* First order at the present omega: sides of K and the velocity. */
static rf_status decide(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern)
{
    rfi_resolver *r = inner->resolver;
    rf_status status;
    int64_t k;
    rfi_resolve_scale(r, problem, pattern, inner->zero);
    rfi_resolve_base(r, problem, pattern, inner->zero);
    if ((status = rfi_resolve_first(r, problem)) != RF_OK)
        return status;
    inner->ambiguous |= r->ambiguous && !inner->transversal;
    inner->transversal = 0;
    for (k = 0; k < r->count; ++k) {
        const rfi_kink *kink = &r->kink[k];
        int8_t side = kink->side;
        if (kink->tie)
            side = kink->at == RFI_HIGH ? RFI_REST_PLUS : RFI_REST_MINUS;
        pattern->side[kink->line] = side;
    }
    return RF_OK;
}

/* Room for the events of one instant. */
static int reserve_events(rfi_inner *inner, const rfi_problem *problem)
{
    void *block = inner->event;
    const int failed =
        rfi_grow(&problem->data->allocator, &block, inner->events, &inner->event_room,
                 inner->events + problem->data->n + 1, sizeof(*inner->event));
    inner->event = block;
    return failed;
}

/* Records what the instant changed; at round 0, the start, there is nothing before it. */
static rf_status note_events(rfi_inner *inner, const rfi_problem *problem,
                             const rfi_pattern *pattern, int64_t round)
{
    rf_event event = {inner->s, -1, 0, 0, RF_FLAG_INNER};
    if (reserve_events(inner, problem) != 0)
        return RF_ERROR_MEMORY;
    if (inner->resolver->ambiguous)
        event.flags |= RF_FLAG_AMBIGUOUS;
    memcpy(inner->before, inner->state, (size_t)problem->data->n);
    for (event.datum = 0; event.datum < problem->data->n; ++event.datum) {
        const uint8_t state = rfi_pattern_datum(problem, pattern, event.datum);
        event.kind = rfi_record_kind(inner->state[event.datum], state);
        inner->state[event.datum] = state;
        if (round > 0 && event.kind != 0)
            inner->event[inner->events++] = event;
    }
    return RF_OK;
}

/* The time to the first kink, INFINITY if none is ahead, NaN if a product leaves the range. */
static double time_ahead(const rfi_inner *inner, const rfi_problem *problem,
                         const rfi_pattern *pattern)
{
    const double *v = inner->resolver->v;
    const double tolerance = ON_KINK * inner->resolver->scale;
    double first = INFINITY;
    int64_t g;
    for (g = 0; g < pattern->lines; ++g) {
        const double rate = margin(problem, g, v);
        if (!isfinite(rate) || !isfinite(inner->size))
            return NAN;
        if (rfi_held(pattern->side[g])
            || pattern->side[g] * rate >= -tolerance * norm_of(problem, g))
            continue;
        first = fmin(first, fmax(0.0, -margin(problem, g, inner->omega) / rate));
    }
    return first;
}

/* K = the lines that are held. */
static void keep_held(rfi_inner *inner, const rfi_problem *problem, const rfi_pattern *pattern)
{
    int64_t g;
    rfi_resolve_begin(inner->resolver);
    for (g = 0; g < pattern->lines; ++g) {
        const int8_t side = pattern->side[g];
        if (side == RFI_SLIDE)
            rfi_resolve_add(inner->resolver, problem, g, RFI_FREE);
        else if (rfi_held(side))
            rfi_resolve_add(inner->resolver, problem, g, side > 0 ? RFI_HIGH : RFI_LOW);
    }
}

/* A line with Gamma >= 0 arrives on its far side. */
static void add_arrival(rfi_inner *inner, const rfi_problem *problem, const rfi_pattern *pattern,
                        int64_t g)
{
    const int far_is_high = (problem->jump[g] >= 0.0) == (pattern->side[g] < 0);
    rfi_resolve_add(inner->resolver, problem, g, far_is_high ? RFI_HIGH : RFI_LOW);
}

/* Moves to the first kink: the lines that arrive join those that are held in a new K.  Returns 1 if
 * omega has collapsed to 0. */
static int move(rfi_inner *inner, const rfi_problem *problem, const rfi_pattern *pattern, double s)
{
    rfi_resolver *r = inner->resolver;
    const int64_t d = problem->data->d;
    double tolerance;
    int64_t g;
    inner->s += s;
    rfi_axpy(s, r->v, inner->omega, d);
    inner->size = fmax(inner->size, rfi_norm(inner->omega, d));
    tolerance = 2.0 * ON_KINK * inner->size;
    if (rfi_norm(inner->omega, d) <= 16.0 * tolerance)
        return 1;
    keep_held(inner, problem, pattern);
    for (g = 0; g < pattern->lines; ++g) {
        const double rate = margin(problem, g, r->v), z = margin(problem, g, inner->omega);
        const int8_t side = pattern->side[g];
        if (!rfi_held(side) && side * rate < 0.0 && fabs(z) <= tolerance * norm_of(problem, g))
            add_arrival(inner, problem, pattern, g);
    }
    return 0;
}

static int any_active(const rfi_problem *problem, const rfi_pattern *pattern)
{
    int64_t i;
    for (i = 0; i < problem->data->n; ++i)
        if (rfi_pattern_slope(problem, pattern, i) != 0.0)
            return 1;
    return 0;
}

/* A velocity that is rounding, as where pulls are what others have left of residuals that vanish, is tossed from kink
 * to kink or from ray to ray: omega stays at 0. */
static rf_status lose_way(rfi_inner *inner)
{
    inner->ending = RFI_COLLAPSE;
    inner->doubtful = 1;
    return RF_OK;
}

/* Goes on until no kink is ahead, nothing moves, or omega = 0; record: with its events. */
static rf_status run_once(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern,
                          int record)
{
    rfi_resolver *r = inner->resolver;
    const int64_t d = problem->data->d;
    const int64_t most = 1000 + 100 * pattern->lines;
    int64_t round;
    rf_status status;
    for (round = 0; round < most; ++round) {
        double s;
        if ((status = decide(inner, problem, pattern)) != RF_OK
            || (record && (status = note_events(inner, problem, pattern, round)) != RF_OK))
            return status;
        if (!isfinite(r->scale))
            return RF_ERROR_NUMERICAL;
        if (rfi_norm(r->v, d) <= ON_KINK * r->scale) {
            inner->ending = any_active(problem, pattern) ? RFI_FROZEN : RFI_DEAD;
            return RF_OK;
        }
        s = time_ahead(inner, problem, pattern);
        if (isnan(s))
            return RF_ERROR_NUMERICAL;
        inner->ending = isinf(s) ? RFI_ESCAPE : RFI_COLLAPSE;
        if (isinf(s) || move(inner, problem, pattern, s))
            return RF_OK;
    }
    return record ? RF_ERROR_NUMERICAL : lose_way(inner); /* an endless inner flow is a failure, not a hang */
}

/* After a collapse omega leaves 0 as the inner flow from its velocity does. */
static rf_status leave_collapses(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern)
{
    rf_status status = RF_OK;
    const int64_t most = pattern->lines + problem->data->d + 2;
    const double s = inner->s; /* what follows takes no time: omega has become a velocity */
    int64_t collapses;
    for (collapses = 0; status == RF_OK && inner->ending == RFI_COLLAPSE && !inner->doubtful && collapses < most;
         ++collapses) {
        memcpy(inner->omega, inner->resolver->v, (size_t)problem->data->d * sizeof(double));
        start_pattern(inner, problem, pattern, ON_KINK);
        status = run_once(inner, problem, pattern, 0);
    }
    inner->s = s;
    return status;
}

/* Turns the pattern of an escaping ray into that of the outer flow at w = 0: what is orthogonal to the
 * velocity is decided at second order.  omega becomes the velocity of the ray. */
static rf_status settle_ray(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern)
{
    rfi_resolver *r = inner->resolver;
    const double tolerance = ON_KINK * r->scale;
    int64_t g;
    int concave = 0;
    rf_status status;
    memcpy(inner->omega, r->v, (size_t)problem->data->d * sizeof(double));
    rfi_resolve_begin(r);
    for (g = 0; g < pattern->lines; ++g) {
        const int8_t side = pattern->side[g];
        const int orthogonal =
            fabs(margin(problem, g, inner->omega)) <= tolerance * norm_of(problem, g);
        pattern->stand[g] = RFI_CROSSED;
        pattern->bound[g] = RFI_INSIDE;
        concave |= rfi_held(side) && problem->jump[g] > 0.0;
        if (side == RFI_SLIDE)
            rfi_resolve_add(r, problem, g, RFI_FREE);
        else if (rfi_held(side) || orthogonal)
            rfi_resolve_add(r, problem, g, side > 0 ? RFI_HIGH : RFI_LOW);
    }
    rfi_resolve_scale(r, problem, pattern, inner->zero);
    rfi_resolve_base(r, problem, pattern, inner->zero);
    status = rfi_resolve(r, problem, pattern);
    /* A line off its kink in omega has a side: only one on its kink could have gone both ways. */
    inner->ambiguous |= r->ambiguous && concave;
    return status;
}

/* 1 if the second order gave the velocity another value than the ray had. */
static int has_jumped(const rfi_inner *inner, int64_t d)
{
    const double *v = inner->resolver->v;
    double size = 0.0;
    int64_t k;
    for (k = 0; k < d; ++k)
        size = hypot(size, v[k] - inner->omega[k]);
    return size > ON_KINK * inner->resolver->scale;
}

/* Settles the escape, with all that follows at the same instant: a line with Gamma > 0 that the second
 * order carries across its kink changes the velocity at once, and the inner flow goes on from the ray
 * with the line on its new side. */
static rf_status settle(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern)
{
    const int64_t most = pattern->lines + 2;
    const double s = inner->s;
    int64_t round, g;
    rf_status status = RF_OK;
    memcpy(inner->place, inner->omega, (size_t)problem->data->d * sizeof(double));
    for (round = 0; status == RF_OK && inner->ending == RFI_ESCAPE; ++round) {
        if ((status = settle_ray(inner, problem, pattern)) != RF_OK
            || !has_jumped(inner, problem->data->d))
            return status;
        if (round == most)
            return lose_way(inner);
        inner->size = rfi_norm(inner->omega, problem->data->d);
        for (g = 0; g < pattern->lines; ++g)
            if (rfi_held(pattern->side[g]))
                pattern->side[g] = pattern->side[g] > 0 ? RFI_REST_PLUS : RFI_REST_MINUS;
        keep_held(inner, problem, pattern);
        if ((status = run_once(inner, problem, pattern, 0)) == RF_OK)
            status = leave_collapses(inner, problem, pattern);
        inner->s = s;
    }
    return status;
}

rf_status rfi_inner_run(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern)
{
    rf_status status;
    inner->ambiguous = inner->doubtful = 0;
    inner->ending = RFI_DEAD;
    inner->s = 0.0;
    if (rfi_norm(inner->omega, problem->data->d) == 0.0)
        return RF_OK;
    start_pattern(inner, problem, pattern, ON_KINK);
    if ((status = run_once(inner, problem, pattern, 0)) != RF_OK
        || (status = leave_collapses(inner, problem, pattern)) != RF_OK)
        return status;
    if ((status = settle(inner, problem, pattern)) == RF_OK && inner->ending == RFI_ESCAPE)
        inner->doubtful |= rfi_norm(inner->resolver->v, problem->data->d) <= 16.0 * ON_KINK * inner->resolver->scale;
    return status;
}

/* Replaces the events of the last instant for the data that tied in it. */
static rf_status correct_events(rfi_inner *inner, const rfi_problem *problem,
                                const rfi_pattern *pattern)
{
    rf_event event = {inner->s, -1, 0, 0, RF_FLAG_INNER};
    int64_t k, kept = 0;
    if (reserve_events(inner, problem) != 0)
        return RF_ERROR_MEMORY;
    for (k = 0; k < inner->events; ++k) {
        const rf_event *old = &inner->event[k];
        if (old->time < inner->s || old->datum < 0 || inner->before[old->datum] == 3)
            inner->event[kept++] = *old;
    }
    inner->events = kept;
    for (event.datum = 0; event.datum < problem->data->n; ++event.datum) {
        event.kind = rfi_record_kind(inner->before[event.datum],
                                     rfi_pattern_datum(problem, pattern, event.datum));
        if (inner->before[event.datum] != 3 && event.kind != 0)
            inner->event[inner->events++] = event;
    }
    return RF_OK;
}

/* What tied on its kink in the last instant is decided by the order above (frozen: by what holds it), and
 * the events of that instant are those that lead to this decision. */
static rf_status decide_ties(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern)
{
    const rfi_data *data = problem->data;
    int64_t g, m;
    int differs = 0;
    rf_status status;
    for (g = 0; g < pattern->lines; ++g) /* 3: not tied */
        for (m = data->kinks.start[g]; m < data->kinks.start[g + 1]; ++m)
            if (!rfi_held(pattern->side[g]))
                inner->before[data->kinks.member[m]] = 3;
    if ((status = settle(inner, problem, pattern)) != RF_OK)
        return status;
    if (inner->ending == RFI_FROZEN)
        inner->doubtful = rfi_frozen_settle(problem, pattern);
    else if (inner->ending != RFI_ESCAPE)
        return RF_OK;
    for (m = 0; m < data->n; ++m)
        differs |=
            inner->before[m] != 3 && rfi_pattern_datum(problem, pattern, m) != inner->state[m];
    return differs ? correct_events(inner, problem, pattern) : RF_OK;
}

/* One dimension: omega has arrived at the kink of all rows, and does not leave it. */
static rf_status stay_on_kink(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern)
{
    rfi_resolver *r = inner->resolver;
    int64_t g;
    rfi_resolve_begin(r);
    for (g = 0; g < pattern->lines; ++g)
        rfi_resolve_add(r, problem, g, RFI_LOW);
    rfi_resolve_scale(r, problem, pattern, inner->zero);
    rfi_resolve_base(r, problem, pattern, inner->zero);
    return rfi_resolve(r, problem, pattern);
}

rf_status rfi_inner_resume(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern,
                           const rfi_arrival *arrival, int64_t count)
{
    rfi_resolver *r = inner->resolver;
    const int64_t d = problem->data->d;
    rf_status status;
    int64_t k;
    inner->ambiguous = 0;
    inner->s = 0.0;
    inner->size = rfi_norm(inner->omega, d);
    inner->transversal = 1;
    keep_held(inner, problem, pattern);
    for (k = 0; k < count; ++k)
        add_arrival(inner, problem, pattern, arrival[k].line);
    for (k = 0; k < 2 * r->count; ++k) { /* what is on its kink is there exactly */
        const rfi_kink *kink = &r->kink[k % r->count];
        const double unit = rfi_view_dot_accurate(kink->x, inner->omega, d) / kink->norm;
        rfi_view_axpy(-unit / kink->norm, kink->x, inner->omega, d);
    }
    if ((status = run_once(inner, problem, pattern, 0)) != RF_OK
        || (status = leave_collapses(inner, problem, pattern)) != RF_OK)
        return status;
    return settle(inner, problem, pattern);
}

/* omega = 0 was reached: the origin, and where it escapes from there. */
static rf_status collapse(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern)
{
    const int unique = rfi_problem_is_convex(problem) || problem->data->d == 1;
    const int32_t flags = unique ? 0 : RF_FLAG_AMBIGUOUS;
    const rf_event origin = {inner->s, -1, 0, RF_EVENT_ORIGIN, flags | RF_FLAG_INNER};
    rf_status status = leave_collapses(inner, problem, pattern);
    if (status != RF_OK)
        return status;
    inner->ambiguous |= flags != 0;
    if (problem->data->d > 1) {
        if (reserve_events(inner, problem) != 0)
            return RF_ERROR_MEMORY;
        inner->event[inner->events++] = origin;
    }
    if (inner->ending == RFI_ESCAPE)
        status = settle(inner, problem, pattern);
    if (inner->ending != RFI_ESCAPE && problem->data->d == 1)
        status = stay_on_kink(inner, problem, pattern);
    if (inner->ending != RFI_ESCAPE)
        inner->ending = RFI_COLLAPSE;
    if (status != RF_OK || (inner->ending == RFI_COLLAPSE && problem->data->d > 1))
        return status;
    inner->resolver->ambiguous = flags != 0;
    return note_events(inner, problem, pattern, 1);
}

rf_status rfi_inner_start(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern)
{
    rf_status status;
    inner->ambiguous = inner->doubtful = 0;
    inner->s = 0.0;
    inner->events = inner->kept;
    start_pattern(inner, problem, pattern, 0.0);
    status = run_once(inner, problem, pattern, 1);
    if (status != RF_OK)
        return status;
    if (inner->ending == RFI_COLLAPSE)
        return collapse(inner, problem, pattern);
    if ((inner->ending == RFI_ESCAPE || inner->ending == RFI_FROZEN) && inner->events > 0)
        return decide_ties(inner, problem, pattern);
    return settle(inner, problem, pattern);
}
