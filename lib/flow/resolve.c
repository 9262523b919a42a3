/* resolve: see resolve.h.
 * SPDX-License-Identifier: MIT */
#include "flow/resolve.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

int rfi_resolver_create(rfi_resolver *r, const rfi_data *data)
{
    const rf_allocator *a = &data->allocator;
    memset(r, 0, sizeof(*r));
    r->kink = rfi_alloc(a, data->kinks.count, sizeof(*r->kink));
    r->in_K = rfi_alloc(a, data->kinks.count, sizeof(*r->in_K));
    r->v0 = rfi_alloc(a, 4 * data->d, sizeof(double));
    if (rfi_kink_work_create(&r->work, data) != 0 || r->kink == NULL || r->in_K == NULL || r->v0 == NULL) {
        rfi_resolver_free(r, a);
        return -1;
    }
    r->v = r->v0 + data->d;
    r->a0 = r->v + data->d;
    r->last = r->a0 + data->d;
    return 0;
}

void rfi_resolver_free(rfi_resolver *r, const rf_allocator *allocator)
{
    rfi_kink_work_free(&r->work, allocator);
    rfi_free(allocator, r->kink);
    rfi_free(allocator, r->in_K);
    rfi_free(allocator, r->v0);
    memset(r, 0, sizeof(*r));
}

void rfi_resolve_begin(rfi_resolver *r)
{
    int64_t k;
    for (k = 0; k < r->count; ++k)
        r->in_K[r->kink[k].line] = 0;
    r->count = 0;
    r->scale = 0.0;
    r->ambiguous = 0;
    r->work.doubtful = 0;
    r->settled = 0;
}

rfi_kink *rfi_resolve_add(rfi_resolver *r, const rfi_problem *problem, int64_t line, int8_t at)
{
    const rfi_data *data = problem->data;
    rfi_kink *kink;
    if (r->in_K[line])
        return NULL;
    kink = &r->kink[r->count++];
    memset(kink, 0, sizeof(*kink));
    kink->line = line;
    kink->x = rfi_row(data, data->kinks.row[line]);
    kink->norm = data->norm[data->kinks.row[line]];
    kink->jump = problem->jump[line];
    kink->at = kink->jump >= 0.0 && at == RFI_FREE ? RFI_LOW : at;
    kink->u = kink->jump < 0.0 && at == RFI_HIGH ? -kink->jump : 0.0;
    kink->at0 = RFI_LOW;
    r->in_K[line] = 1;
    return kink;
}

/* Pull -c sigma' r of a datum off K at w, 0 for the others. */
static double pull_of(const rfi_resolver *r, const rfi_problem *problem, const rfi_pattern *pattern,
                      const double *w, int64_t i)
{
    const rfi_data *data = problem->data;
    const double slope = rfi_pattern_slope(problem, pattern, i);
    if (slope == 0.0 || r->in_K[data->kinks.line[i]])
        return 0.0;
    return -problem->c[i] * slope * (slope * rfi_view_dot(rfi_row(data, i), w, data->d) - data->y[i]);
}

void rfi_resolve_scale(rfi_resolver *r, const rfi_problem *problem, const rfi_pattern *pattern,
                       const double *w)
{
    const rfi_data *data = problem->data;
    int64_t i, k;
    r->scale = 0.0;
    for (i = 0; i < data->n; ++i)
        r->scale += fabs(pull_of(r, problem, pattern, w, i)) * data->norm[i];
    for (k = 0; k < r->count; ++k)
        r->scale += problem->width[r->kink[k].line] * r->kink[k].norm;
}

void rfi_resolve_others(rfi_resolver *r, const rfi_problem *problem, const rfi_pattern *pattern,
                        const double *w)
{
    const rfi_data *data = problem->data;
    int64_t i, k;
    r->scale = 0.0;
    for (i = 0; i < data->n; ++i)
        r->scale += fabs(pull_of(r, problem, pattern, w, i)) * data->norm[i];
    for (k = 0; k < r->count; ++k)
        r->scale += fabs(problem->base[r->kink[k].line]) * r->kink[k].norm;
}

void rfi_resolve_base(rfi_resolver *r, const rfi_problem *problem, const rfi_pattern *pattern,
                      const double *w)
{
    const rfi_data *data = problem->data;
    int64_t i, k;
    memset(r->v0, 0, (size_t)data->d * sizeof(double));
    for (i = 0; i < data->n; ++i) {
        const double pull = pull_of(r, problem, pattern, w, i);
        if (pull != 0.0)
            rfi_view_axpy(pull, rfi_row(data, i), r->v0, data->d);
    }
    for (k = 0; k < r->count; ++k)
        rfi_view_axpy(problem->base[r->kink[k].line], r->kink[k].x, r->v0, data->d);
}

rf_status rfi_resolve_first(rfi_resolver *r, const rfi_problem *problem)
{
    return rfi_kink_solve(&r->work, problem->data->d, r->v0, r->scale, r->kink, r->count, r->v,
                          &r->ambiguous);
}

/* theta_i of a datum whose line ties at a bound of theta, 0 of one that slides. */
static double tied_slope(const rfi_resolver *r, const rfi_data *data, int64_t i)
{
    int64_t k;
    for (k = 0; k < r->count; ++k)
        if (r->kink[k].line == data->kinks.line[i] && r->kink[k].tie)
            return (r->kink[k].at == RFI_HIGH) == (data->kinks.factor[i] > 0.0) ? 1.0 : 0.0;
    return 0.0;
}

/* Adds what the moving labels make of the next derivative. */
static double add_labels(rfi_resolver *r, const rfi_problem *problem, const rfi_pattern *pattern)
{
    const rfi_data *data = problem->data;
    double size = 0.0;
    int64_t i;
    for (i = 0; i < data->n; ++i) {
        const int64_t line = data->kinks.line[i];
        const int tied = line >= 0 && r->in_K[line] == 2;
        const double slope =
            tied ? tied_slope(r, data, i) : rfi_pattern_slope(problem, pattern, i);
        const double pull = problem->c[i] * slope * r->others->rate[i];
        if (pull == 0.0)
            continue;
        rfi_view_axpy(pull, rfi_row(data, i), r->a0, data->d);
        size += fabs(pull) * data->norm[i];
    }
    return size;
}

/* a0 = -H last over the data whose margins move: the next derivative of the velocity without K's
 * multipliers.  Returns the size of what is rounded in it. */
static double next_derivative(rfi_resolver *r, const rfi_problem *problem,
                              const rfi_pattern *pattern)
{
    const rfi_data *data = problem->data;
    const double speed = rfi_norm(r->last, data->d);
    double size = 0.0;
    int64_t i;
    memset(r->a0, 0, (size_t)data->d * sizeof(double));
    for (i = 0; i < data->n; ++i) {
        const double slope = rfi_pattern_slope(problem, pattern, i);
        const double weight = problem->c[i] * slope * slope;
        if (slope == 0.0 || r->in_K[data->kinks.line[i]] == 2)
            continue;
        rfi_view_axpy(-weight * rfi_view_dot(rfi_row(data, i), r->last, data->d), rfi_row(data, i), r->a0,
                 data->d);
        size += weight * data->norm[i] * data->norm[i] * speed;
    }
    return r->others != NULL ? size + add_labels(r, problem, pattern) : size;
}

/* Writes the present outcome into the pattern; in_K is 2 for kinks whose margin stays 0 to first
 * order.  Returns the number of ties. */
static int64_t write_outcome(rfi_resolver *r, rfi_pattern *pattern)
{
    int64_t k, ties = 0;
    for (k = 0; k < r->count; ++k) {
        const rfi_kink *kink = &r->kink[k];
        pattern->side[kink->line] = kink->side;
        pattern->stand[kink->line] = kink->stand;
        pattern->bound[kink->line] = kink->bound;
        r->in_K[kink->line] = kink->tie || kink->side == RFI_SLIDE ? 2 : 1;
        ties += kink->tie;
    }
    return ties;
}

/* The size of what K adds to v0. */
static double jump_scale(const rfi_resolver *r)
{
    double size = 0.0;
    int64_t k;
    for (k = 0; k < r->count; ++k)
        if (r->kink[k].jump < 0.0)
            size += fabs(r->kink[k].u - r->kink[k].u0) * r->kink[k].norm;
        else if (r->kink[k].at != r->kink[k].at0)
            size += r->kink[k].jump * r->kink[k].norm;
    return size;
}

/* Only the directions of the derivatives count: a power of 2 keeps them in the range of double. */
static int normalize(double *x, int64_t d)
{
    int exponent = 0;
    int64_t k;
    frexp(rfi_norm(x, d), &exponent);
    for (k = 0; k < d; ++k)
        x[k] = ldexp(x[k], -exponent);
    return exponent;
}

/* Decides the ties by one derivative after the other.  On a fixed pattern w satisfies a linear
 * equation in d dimensions (all weights of a network): what so many derivatives do not move does not
 * move. */
static rf_status settle_ties(rfi_resolver *r, const rfi_problem *problem, rfi_pattern *pattern,
                             int first_known)
{
    const int64_t d = problem->data->d;
    rf_status status;
    int64_t order, most = d + 2;
    int exponent, first = 0; /* the units of the derivatives */
    /* A velocity that is rounding alone is 0, and everything that ties stays where it is. */
    memcpy(r->last, r->v, (size_t)d * sizeof(double));
    if (rfi_norm(r->v, d) <= 32.0 * RFI_EPS * (r->scale + jump_scale(r)))
        memset(r->last, 0, (size_t)d * sizeof(double));
    exponent = normalize(r->last, d);
    if (first_known)
        r->a_scale = ldexp(r->a_scale, -(first = normalize(r->a0, d)));
    if (r->others != NULL) {
        most = rfi_weight_count(r->others->whole) + 2;
        rfi_neuron_begin(r->others);
        rfi_neuron_scale(r->others, -exponent);
    }
    for (order = 2; order <= most && write_outcome(r, pattern) > 0; ++order) {
        double size;
        if (r->others != NULL)
            rfi_neuron_advance(r->others, r->around, r->last);
        if (r->others != NULL && order == 2 && first_known)
            rfi_neuron_scale(r->others, exponent - first);
        size = order == 2 && first_known ? r->a_scale : next_derivative(r, problem, pattern);
        if (size == 0.0)
            break;
        status =
            rfi_kink_settle(&r->work, d, order, r->a0, size, r->kink, r->count, r->work.trial_v);
        if (status != RF_OK)
            return status;
        memcpy(r->last, r->work.trial_v, (size_t)d * sizeof(double));
        exponent = normalize(r->last, d);
        if (r->others != NULL)
            rfi_neuron_scale(r->others, -exponent);
    }
    rfi_kink_rest(r->kink, r->count);
    write_outcome(r, pattern);
    return RF_OK;
}

rf_status rfi_resolve(rfi_resolver *r, const rfi_problem *problem, rfi_pattern *pattern)
{
    rf_status status = RF_NO_EVENT;
    int64_t round;
    for (round = 0; status == RF_NO_EVENT && round < 10 + 3 * r->count; ++round) {
        const int known = r->settled && round == 0;
        if (!known && (status = rfi_resolve_first(r, problem)) != RF_OK)
            return status;
        status = settle_ties(r, problem, pattern, known);
    }
    return status == RF_NO_EVENT ? RF_ERROR_NUMERICAL : status;
}
