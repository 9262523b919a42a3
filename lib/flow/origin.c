/* origin: see origin.h.
 * SPDX-License-Identifier: MIT */
#include "flow/origin.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* Margins of omega below this, relative to |x| |omega|, are on the kink. */
#define ON_KINK (32.0 * RFI_EPS)

static double margin(const rfi_problem *problem, int64_t line, const double *omega)
{
    const rfi_data *data = problem->data;
    return rfi_dot(rfi_row(data, data->kinks.row[line]), omega, data->d);
}

static double norm_of(const rfi_problem *problem, int64_t line)
{
    return problem->data->norm[problem->data->kinks.row[line]];
}

/* The pattern of omega; lines on their kink become K, inactive at first. */
static void start_pattern(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern)
{
    const double size = rfi_norm(inner->omega, problem->data->d);
    int64_t g;
    inner->size = size;
    rfi_resolve_begin(inner->resolver);
    for (g = 0; g < pattern->lines; ++g) {
        const double z = margin(problem, g, inner->omega);
        pattern->side[g] = z > 0.0 ? RFI_PLUS : RFI_MINUS;
        pattern->stand[g] = RFI_ON_SIDE;
        pattern->bound[g] = RFI_INSIDE;
        if (fabs(z) <= ON_KINK * norm_of(problem, g) * size)
            rfi_resolve_add(inner->resolver, problem, g, RFI_LOW);
    }
    pattern->stopped = 0;
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
    inner->ambiguous |= r->ambiguous;
    for (k = 0; k < r->count; ++k) {
        const rfi_kink *kink = &r->kink[k];
        int8_t side = kink->side;
        if (kink->tie)
            side = kink->at == RFI_HIGH ? RFI_REST_PLUS : RFI_REST_MINUS;
        pattern->side[kink->line] = side;
    }
    return RF_OK;
}

/* The time to the first kink, INFINITY if none is ahead. */
static double time_ahead(const rfi_inner *inner, const rfi_problem *problem,
                         const rfi_pattern *pattern)
{
    const double *v = inner->resolver->v;
    const double tolerance = ON_KINK * inner->resolver->scale;
    double first = INFINITY;
    int64_t g;
    for (g = 0; g < pattern->lines; ++g) {
        const double rate = margin(problem, g, v);
        if (rfi_held(pattern->side[g])
            || pattern->side[g] * rate >= -tolerance * norm_of(problem, g))
            continue;
        first = fmin(first, fmax(0.0, -margin(problem, g, inner->omega) / rate));
    }
    return first;
}

/* Moves to the first kink: the lines that arrive join those that are held in a new K.  Returns 1 if
 * omega has collapsed to 0. */
static int move(rfi_inner *inner, const rfi_problem *problem, const rfi_pattern *pattern, double s)
{
    rfi_resolver *r = inner->resolver;
    const int64_t d = problem->data->d;
    double tolerance;
    int64_t g;
    rfi_axpy(s, r->v, inner->omega, d);
    inner->size = fmax(inner->size, rfi_norm(inner->omega, d));
    tolerance = 2.0 * ON_KINK * inner->size;
    if (rfi_norm(inner->omega, d) <= 16.0 * tolerance)
        return 1;
    rfi_resolve_begin(r);
    for (g = 0; g < pattern->lines; ++g) {
        const double rate = margin(problem, g, r->v), z = margin(problem, g, inner->omega);
        const int8_t side = pattern->side[g];
        const int arrives = side * rate < 0.0 && fabs(z) <= tolerance * norm_of(problem, g);
        if (!rfi_held(side) && !arrives)
            continue;
        if (side == RFI_SLIDE)
            rfi_resolve_add(r, problem, g, RFI_FREE);
        else if (rfi_held(side))
            rfi_resolve_add(r, problem, g, side > 0 ? RFI_HIGH : RFI_LOW);
        else /* Gamma >= 0: on its far side */
            rfi_resolve_add(r, problem, g,
                            (problem->jump[g] >= 0.0) == (side < 0) ? RFI_HIGH : RFI_LOW);
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

rf_status rfi_inner_run(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern)
{
    rfi_resolver *r = inner->resolver;
    const int64_t d = problem->data->d;
    int64_t round, collapses = 0;
    rf_status status;
    inner->ending = RFI_COLLAPSE;
    inner->ambiguous = 0;
    if (rfi_norm(inner->omega, d) == 0.0) {
        inner->ending = RFI_DEAD;
        return RF_OK;
    }
    start_pattern(inner, problem, pattern);
    for (round = 0; round < 1000 + 100 * pattern->lines; ++round) {
        double s;
        if ((status = decide(inner, problem, pattern)) != RF_OK)
            return status;
        if (rfi_norm(r->v, d) <= ON_KINK * r->scale) {
            inner->ending = any_active(problem, pattern) ? RFI_FROZEN : RFI_DEAD;
            return RF_OK;
        }
        s = time_ahead(inner, problem, pattern);
        if (isinf(s)) {
            inner->ending = RFI_ESCAPE;
            return RF_OK;
        }
        if (!move(inner, problem, pattern, s))
            continue;
        if (++collapses > pattern->lines + d + 2)
            return RF_OK;
        memcpy(inner->omega, r->v, (size_t)d * sizeof(double));
        start_pattern(inner, problem, pattern);
    }
    return RF_OK;
}

rf_status rfi_inner_settle(rfi_inner *inner, const rfi_problem *problem, rfi_pattern *pattern)
{
    rfi_resolver *r = inner->resolver;
    const double tolerance = ON_KINK * r->scale;
    int64_t g;
    rf_status status;
    memcpy(inner->omega, r->v, (size_t)problem->data->d * sizeof(double));
    rfi_resolve_begin(r);
    for (g = 0; g < pattern->lines; ++g) {
        const int8_t side = pattern->side[g];
        const int orthogonal =
            fabs(margin(problem, g, inner->omega)) <= tolerance * norm_of(problem, g);
        pattern->stand[g] = RFI_CROSSED;
        pattern->bound[g] = RFI_INSIDE;
        if (side == RFI_SLIDE)
            rfi_resolve_add(r, problem, g, RFI_FREE);
        else if (rfi_held(side) || orthogonal)
            rfi_resolve_add(r, problem, g, side > 0 ? RFI_HIGH : RFI_LOW);
    }
    rfi_resolve_scale(r, problem, pattern, inner->zero);
    rfi_resolve_base(r, problem, pattern, inner->zero);
    status = rfi_resolve(r, problem, pattern);
    inner->ambiguous |= r->ambiguous;
    return status;
}
