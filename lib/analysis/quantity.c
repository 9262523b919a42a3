/* quantity: see quantity.h.
 * SPDX-License-Identifier: MIT */
#include "analysis/quantity.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "model/kernels.h"

int64_t rfi_quantity_size(const rfi_problem *problem, int32_t quantity)
{
    switch (quantity) {
    case RF_WEIGHTS:
    case RF_VELOCITY:
    case RF_GRADIENT:
    case RF_LEAST_NORM:
    case RF_RATES:
        return rfi_weight_count(problem);
    case RF_RESIDUALS:
    case RF_OUTPUTS:
        return problem->data->n;
    case RF_MARGINS:
    case RF_PATTERN:
    case RF_COEFFICIENTS:
    case RF_MULTIPLIERS:
    case RF_DEACTIVATIONS:
    case RF_REACTIVATIONS:
    case RF_FIRST_ACTIVE:
    case RF_LAST_ACTIVE:
        return rfi_pair_count(problem);
    default:
        return quantity >= RF_TIME && quantity <= RF_OUTPUTS ? 1 : -1;
    }
}

int rfi_quantity_needs_history(int32_t quantity)
{
    return quantity == RF_COEFFICIENTS
           || (quantity >= RF_DEACTIVATIONS && quantity <= RF_PATH_LENGTH);
}

int rfi_quantity_of_weights(int32_t quantity)
{
    return quantity == RF_WEIGHTS || (quantity >= RF_LOSS && quantity <= RF_WEIGHT_NORM)
           || (quantity >= RF_MARGINS && quantity <= RF_PATTERN) || quantity == RF_OUTPUTS;
}

static int carries(int32_t quantity)
{
    if (quantity == RF_COEFFICIENTS)
        return RFI_WITH_COEFFICIENTS;
    return quantity == RF_PATH_LENGTH ? RFI_WITH_PATH : RFI_WALK;
}

static int create_buffers(rfi_inquiry *q, const rfi_problem *problem)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t pairs = rfi_pair_count(problem), D = rfi_weight_count(problem);
    q->w = rfi_alloc(a, D, sizeof(double));
    q->v = rfi_alloc(a, D, sizeof(double));
    q->gradient = rfi_alloc(a, D, sizeof(double));
    q->margin = rfi_alloc(a, pairs, sizeof(double));
    q->residual = rfi_alloc(a, problem->data->n, sizeof(double));
    q->state = rfi_alloc(a, pairs, sizeof(uint8_t));
    q->on_kink = rfi_alloc(a, pairs, sizeof(uint8_t));
    q->pass_work = rfi_alloc(a, rfi_pass_work(problem), sizeof(double));
    q->line = rfi_alloc(a, 6 * rfi_most_modes(problem) + 6 + 2 * problem->data->d, sizeof(double));
    return q->w == NULL || q->v == NULL || q->gradient == NULL || q->margin == NULL || q->residual == NULL
           || q->state == NULL || q->on_kink == NULL || q->pass_work == NULL || q->line == NULL;
}

rf_status rfi_inquiry_create(rfi_inquiry *q, const rfi_subject *subject, int32_t quantity, int past)
{
    const int carry = carries(quantity);
    memset(q, 0, sizeof(*q));
    q->subject = subject;
    if (create_buffers(q, subject->problem)) {
        rfi_inquiry_free(q);
        return RF_ERROR_MEMORY;
    }
    if (!past && !carry)
        return RF_OK;
    if (rfi_replay_create(&q->replay, subject->problem, subject->record, subject->descends, carry)
        != RF_OK) {
        rfi_inquiry_free(q);
        return RF_ERROR_MEMORY;
    }
    q->replays = 1;
    q->replay.light = !carry && (rfi_quantity_of_weights(quantity) || quantity == RF_MULTIPLIERS);
    q->replay.iterate.threads = subject->threads;
    return RF_OK;
}

void rfi_inquiry_free(rfi_inquiry *q)
{
    const rf_allocator *a = &q->subject->problem->data->allocator;
    if (q->replays)
        rfi_replay_free(&q->replay);
    rfi_retrace_free(&q->trace, a);
    if (q->owns) {
        rfi_segment_free(&q->own, a);
        rfi_workspace_free(&q->own_ws, a);
    }
    rfi_free(a, q->w);
    rfi_free(a, q->v);
    rfi_free(a, q->gradient);
    rfi_free(a, q->margin);
    rfi_free(a, q->residual);
    rfi_free(a, q->state);
    rfi_free(a, q->on_kink);
    rfi_free(a, q->pass_work);
    rfi_free(a, q->line);
    memset(q, 0, sizeof(*q));
}

/* One pass over the data at q->w. */
static void pass(rfi_inquiry *q, const uint8_t *state, const uint8_t *on_kink)
{
    rfi_pass p = {0};
    p.w = q->w;
    p.state = state;
    p.on_kink = on_kink;
    p.threads = q->subject->threads;
    p.margins = q->margin;
    p.residuals = q->residual;
    p.gradient = q->gradient;
    p.work = q->pass_work;
    q->loss = rfi_pass_run(q->subject->problem, &p);
}

/* At the limit: margins that tend to 0 are 0 there, not rounding.  Others may ask the same segment meanwhile. */
static void clear_limits(rfi_inquiry *q)
{
    const rfi_problem *problem = q->subject->problem;
    const rfi_data *data = problem->data;
    const double far = rfi_norm(q->segment->w0, q->segment->D) + q->segment->reach;
    rfi_segment segment = *q->segment;
    int64_t i;
    segment.spare = q->line + 6 * rfi_most_modes(problem) + 6;
    for (i = 0; i < rfi_pair_count(problem); ++i) {
        const int64_t j = i / data->n, datum = i % data->n, g = j * data->kinks.count + data->kinks.line[datum];
        const double z = rfi_view_dot(rfi_row(data, datum), q->w + j * data->d, data->d);
        if (q->on_kink[i] || fabs(z) > 64.0 * RFI_EPS * data->norm[datum] * far)
            continue;
        q->on_kink[i] = rfi_segment_margin(&segment, problem, g, q->line).limit == 0.0;
    }
}

/* w, w' and the pattern of a moment of the flow. */
static void moment_of_flow(rfi_inquiry *q, double anchor, double begin)
{
    const rfi_problem *problem = q->subject->problem;
    const rfi_data *data = problem->data;
    const int linear = problem->activation == RF_LINEAR;
    int64_t i;
    q->tau = isinf(q->t) ? q->t : q->t - anchor;
    if (q->segment != NULL) {
        rfi_segment_weights(q->segment, q->tau, q->w);
        rfi_segment_velocity(q->segment, q->tau, q->v);
    } else { /* for what depends on w alone */
        memcpy(q->w, q->at_hand, (size_t)rfi_weight_count(problem) * sizeof(double));
    }
    rfi_pattern_states(problem, q->pattern, q->state);
    for (i = 0; i < rfi_pair_count(problem); ++i) {
        const int64_t line = data->kinks.line[i % data->n];
        const int64_t g = i / data->n * data->kinks.count + line;
        const int crossing = line >= 0 && q->t == begin && q->pattern->stand[g] != RFI_ON_SIDE;
        q->on_kink[i] = line < 0 || rfi_at_origin(q->pattern->side[g])
                        || (!linear && (rfi_held(q->pattern->side[g]) || crossing));
    }
    if (isinf(q->t))
        clear_limits(q);
    pass(q, q->state, q->on_kink);
}

/* state NULL: that of the signs of the margins. */
static void moment_of_descent(rfi_inquiry *q, const double *w, const uint8_t *state)
{
    const rfi_problem *problem = q->subject->problem;
    int64_t i;
    memcpy(q->w, w, (size_t)rfi_weight_count(problem) * sizeof(double));
    pass(q, state, NULL);
    for (i = 0; i < rfi_weight_count(problem); ++i)
        q->v[i] = -q->gradient[i];
    for (i = 0; i < rfi_pair_count(problem); ++i) {
        q->state[i] = q->margin[i] > 0.0 ? RFI_ACTIVE : RFI_INACTIVE;
        if (state != NULL)
            q->state[i] = state[i];
        q->on_kink[i] = q->margin[i] == 0.0;
    }
}

/* The present segment, of which the last stretch on record is the begin. */
static rf_status present_segment(rfi_inquiry *q)
{
    const rfi_subject *s = q->subject;
    const rfi_record *record = s->record;
    const int64_t last = record->stretches - 1;
    rf_status status = RF_OK;
    q->segment = s->segment != NULL ? s->segment : &q->own;
    if (s->segment != NULL || q->owns == 2)
        return RF_OK;
    if (!q->owns && rfi_segment_create(&q->own, s->problem) != 0)
        return RF_ERROR_MEMORY;
    if (!q->owns && rfi_workspace_create(&q->own_ws, s->problem) != 0) {
        rfi_segment_free(&q->own, &s->problem->data->allocator);
        return RF_ERROR_MEMORY;
    }
    q->own_ws.factor.follows = rfi_follow_is_tired(s->follower); /* as the flow would */
    status = rfi_segment_build(&q->own, s->problem, s->pattern, record->stretch[last].anchor,
                               rfi_record_weights(record, last), &q->own_ws);
    q->owns = status == RF_OK ? 2 : 1;
    return status;
}

/* 1 if a quantity needs no segment at the begin of a stretch: w is on record. */
static int is_at_hand(const rfi_inquiry *q, const rfi_stretch *stretch, int32_t quantity)
{
    return q->subject->segment == NULL && q->t == stretch->begin && stretch->begin == stretch->anchor
           && rfi_quantity_of_weights(quantity) && quantity != RF_PATTERN;
}

/* 1 if lines stay on their kinks: their theta is that of a segment. */
static int holds(const rfi_pattern *pattern)
{
    int64_t g;
    for (g = 0; g < pattern->lines; ++g)
        if (rfi_held(pattern->side[g]))
            return 1;
    return 0;
}

/* The segment of a stretch of the past, or w alone where that is enough and comes cheaper. */
static rf_status past_moment(rfi_inquiry *q, const rfi_stretch *stretch, int32_t quantity)
{
    rfi_replay *replay = &q->replay;
    const int shares = (quantity == RF_PATTERN || quantity == RF_MULTIPLIERS) && holds(&replay->pattern);
    int found;
    rf_status status;
    q->pattern = &replay->pattern;
    q->segment = NULL;
    q->at_hand = replay->w;
    if (replay->light && !shares && q->t == stretch->begin && stretch->begin == stretch->anchor)
        return RF_OK;
    found = replay->light && !shares ? rfi_replay_through(replay, q->t, NULL, NULL) : -1;
    q->at_hand = replay->retrace.chain.T;
    if (found == 0 || found == RF_ERROR_MEMORY)
        return found == 0 ? RF_OK : RF_ERROR_MEMORY;
    if ((status = rfi_replay_segment(replay)) == RF_OK)
        q->segment = &replay->segment;
    return status;
}

/* w alone in the present stretch, by the chain: 1 if that is enough and comes cheaper, 0 if not, or RF_ERROR_MEMORY.
 * That the segment is built does not count: what is loaded again has none, and must give the same bits. */
static int present_weights(rfi_inquiry *q, const rfi_stretch *stretch, int32_t quantity)
{
    const rfi_subject *s = q->subject;
    const int64_t k = s->record->stretches - 1;
    const int light = rfi_quantity_of_weights(quantity)
                      && !(quantity == RF_PATTERN && holds(s->pattern));
    const rfi_chain *chain = light && !isinf(q->t) ? rfi_follow_sums(s->follower) : NULL;
    rfi_retrace *r = &q->trace;
    int found;
    if (chain == NULL)
        return 0;
    if (rfi_retrace_create(r, s->problem) != 0
        || (r->at != k && rfi_retrace_take(r, s->problem, k, s->pattern, chain) != RF_OK))
        return RF_ERROR_MEMORY;
    q->at_hand = r->chain.T;
    found = r->at != k ? -1
                       : rfi_retrace_travel(r, s->problem, k, s->pattern, rfi_record_weights(s->record, k),
                                            q->t - stretch->begin, 0);
    return found == RF_ERROR_MEMORY ? RF_ERROR_MEMORY : found == 0;
}

/* The present stretch is at hand. */
static rf_status present_moment(rfi_inquiry *q, const rfi_stretch *stretch, int32_t quantity)
{
    const rfi_subject *s = q->subject;
    int found;
    q->pattern = s->pattern;
    q->segment = NULL;
    q->at_hand = rfi_record_weights(s->record, s->record->stretches - 1);
    if (is_at_hand(q, stretch, quantity))
        return RF_OK;
    found = present_weights(q, stretch, quantity);
    if (found == RF_ERROR_MEMORY)
        return RF_ERROR_MEMORY;
    return found ? RF_OK : present_segment(q);
}

/* Brings the inquiry to time t, for a quantity. */
static rf_status go_to(rfi_inquiry *q, double t, int32_t quantity)
{
    const rfi_subject *s = q->subject;
    const int64_t k = rfi_record_find(s->record, t);
    const rfi_stretch *stretch = &s->record->stretch[k];
    rf_status status;
    q->t = t;
    if (s->descends && t == s->now && !q->replay.carry) {
        moment_of_descent(q, s->iterate->w, s->iterate->state);
        return RF_OK;
    }
    if (q->replays && (status = rfi_replay_seek(&q->replay, t)) != RF_OK)
        return status;
    if (s->descends) {
        moment_of_descent(q, q->replay.iterate.w, q->replay.iterate.state);
        return RF_OK;
    }
    status = k == s->record->stretches - 1 ? present_moment(q, stretch, quantity)
                                           : past_moment(q, stretch, quantity);
    if (status != RF_OK)
        return status;
    moment_of_flow(q, stretch->anchor, stretch->begin);
    return RF_OK;
}

/* theta = u/|Gamma| of sliding line k at the moment, within its box.  Where both tend to 0 theta
 * tends to the ratio of their slowest modes. */
static double slide_theta(rfi_inquiry *q, int64_t k)
{
    const rfi_problem *problem = q->subject->problem;
    rfi_expsum f = rfi_segment_bound(q->segment, problem, k, q->line);
    const double bound = rfi_expsum_at(&f, q->tau).f;
    double u, slow = 0.0, edge = 0.0;
    int64_t j = q->segment->modes - 1;
    if (bound > 0.0) {
        f = rfi_segment_multiplier(q->segment, problem, k, 0, q->line);
        return fmin(fmax(rfi_expsum_at(&f, q->tau).f, 0.0), bound) / bound;
    }
    while (j >= 0 && q->line[j] == 0.0)
        --j;
    if (j >= 0) {
        edge = q->line[j];
        rfi_segment_multiplier(q->segment, problem, k, 0, q->line);
        slow = q->line[j];
    }
    u = edge != 0.0 ? slow / edge : 0.0;
    return fmin(fmax(u, 0.0), 1.0);
}

/* theta of a line that slides, or rests with its theta at a bound. */
static double line_theta(rfi_inquiry *q, int64_t g)
{
    const int64_t k = q->segment->slide_of[g];
    if (k >= 0)
        return slide_theta(q, k);
    return q->pattern->side[g] > 0 ? 1.0 : 0.0;
}

/* u = -theta (1 - beta) gamma of a datum that slides; gamma is a_j c_i y_i where no other neuron
 * acts on the datum. */
static double multiplier(const rfi_inquiry *q, int64_t j, int64_t i, double theta)
{
    const rfi_problem *problem = q->subject->problem;
    const double part = -theta * (1.0 - problem->slope) * problem->c[i];
    if (problem->neurons == 1)
        return part * problem->data->y[i] * problem->a[0];
    return part * -q->residual[i] * problem->a[j];
}

/* RF_PATTERN, or RF_MULTIPLIERS. */
static void pattern_values(rfi_inquiry *q, int multipliers, double *out)
{
    const rfi_problem *problem = q->subject->problem;
    const rfi_kinks *kinks = &problem->data->kinks;
    const int64_t n = problem->data->n;
    int64_t i;
    for (i = 0; i < rfi_pair_count(problem); ++i) {
        double theta = q->state[i] == RFI_ACTIVE ? 1.0 : 0.0;
        if (q->state[i] == RFI_SLIDING) {
            theta = line_theta(q, i / n * kinks->count + kinks->line[i % n]);
            theta = kinks->factor[i % n] > 0.0 ? theta : 1.0 - theta;
        }
        out[i] = theta;
        if (multipliers)
            out[i] = q->state[i] == RFI_SLIDING ? multiplier(q, i / n, i % n, theta) : 0.0;
    }
}

static void rates_of(const rfi_segment *segment, double *out)
{
    memset(out, 0, (size_t)segment->D * sizeof(double));
    memcpy(out, segment->rate, (size_t)segment->modes * sizeof(double));
}

/* A segment with the pattern of an iterate. */
static rf_status rates_of_descent(rfi_inquiry *q, double *out)
{
    const rfi_problem *problem = q->subject->problem;
    const rfi_data *data = problem->data;
    const rf_allocator *a = &data->allocator;
    rfi_pattern pattern = {0};
    rfi_segment segment = {0};
    rfi_workspace ws = {0};
    rf_status status = RF_ERROR_MEMORY;
    int64_t g;
    if (rfi_pattern_create(&pattern, rfi_kink_count(problem), a) == 0
        && rfi_segment_create(&segment, problem) == 0 && rfi_workspace_create(&ws, problem) == 0) {
        for (g = 0; g < pattern.lines; ++g) {
            const int64_t row = data->kinks.row[g % data->kinks.count];
            pattern.side[g] =
                q->margin[g / data->kinks.count * data->n + row] > 0.0 ? RFI_PLUS : RFI_MINUS;
        }
        status = rfi_segment_build(&segment, problem, &pattern, q->t, q->w, &ws);
        if (status == RF_OK)
            rates_of(&segment, out);
    }
    rfi_workspace_free(&ws, a);
    rfi_segment_free(&segment, a);
    rfi_pattern_free(&pattern, a);
    return status;
}

/* f(x_i) = r_i + y_i loses digits where r_i is small: the sum itself. */
static void outputs_of(const rfi_inquiry *q, double *out)
{
    const rfi_problem *problem = q->subject->problem;
    const int64_t n = problem->data->n;
    int64_t i;
    memset(out, 0, (size_t)n * sizeof(double));
    for (i = 0; i < rfi_pair_count(problem); ++i) {
        const int unit = problem->activation == RF_LINEAR || q->state[i] == RFI_ACTIVE;
        out[i % n] += problem->a[i / n] * (unit ? 1.0 : problem->slope) * q->margin[i];
    }
}

static void copy(double *out, const double *from, int64_t count)
{
    memcpy(out, from, (size_t)count * sizeof(double));
}

/* Quantities that are read off the moment. */
static rf_status read_moment(rfi_inquiry *q, int32_t quantity, double *out)
{
    const rfi_problem *problem = q->subject->problem;
    const int64_t D = rfi_weight_count(problem);
    switch (quantity) {
    case RF_WEIGHTS:
        copy(out, q->w, D);
        break;
    case RF_VELOCITY:
        copy(out, q->v, D);
        break;
    case RF_LOSS:
        *out = q->loss;
        break;
    case RF_GRADIENT:
        copy(out, q->gradient, D);
        break;
    case RF_GRADIENT_NORM:
        *out = rfi_norm(q->gradient, D);
        break;
    case RF_WEIGHT_NORM:
        *out = rfi_norm(q->w, D);
        break;
    case RF_NORM_RATE:
        *out = rfi_dot(q->w, q->v, D);
        break;
    case RF_MARGINS:
        copy(out, q->margin, rfi_pair_count(problem));
        break;
    case RF_RESIDUALS:
        copy(out, q->residual, problem->data->n);
        break;
    case RF_OUTPUTS:
        outputs_of(q, out);
        break;
    case RF_PATTERN:
        pattern_values(q, 0, out);
        break;
    case RF_MULTIPLIERS:
        pattern_values(q, 1, out);
        break;
    case RF_LEAST_NORM:
        return rfi_least_norm(problem, q->state, q->w, out);
    case RF_RATES:
        if (q->segment == NULL)
            return rates_of_descent(q, out);
        rates_of(q->segment, out);
        break;
    case RF_COEFFICIENTS:
        rfi_replay_coefficients(&q->replay, q->t, out);
        break;
    case RF_PATH_LENGTH:
        *out = rfi_replay_path(&q->replay, q->t);
        break;
    default:
        return RF_ERROR_ARGUMENT;
    }
    return RF_OK;
}

rf_status rfi_inquiry_answer(rfi_inquiry *q, double t, int32_t quantity, double *out)
{
    const rfi_subject *s = q->subject;
    rf_status status;
    switch (quantity) {
    case RF_TIME:
        *out = t;
        return RF_OK;
    case RF_CONVERGED:
        *out = isinf(t) && !s->open ? 1.0 : 0.0;
        return RF_OK;
    case RF_FLAGS:
        *out = (double)s->flags;
        return RF_OK;
    case RF_STATUS:
        *out = (double)s->status;
        return RF_OK;
    case RF_INNER_ENDING:
        *out = (double)s->ending;
        return RF_OK;
    case RF_DEACTIVATIONS:
    case RF_REACTIVATIONS:
    case RF_FIRST_ACTIVE:
    case RF_LAST_ACTIVE:
        return rfi_history(s, t, quantity, out);
    default:
        break;
    }
    if ((status = go_to(q, t, quantity)) != RF_OK)
        return status;
    return read_moment(q, quantity, out);
}

/* What a pass gives by itself: one read of X, and nothing of the size of the data is written but
 * the answer.  work: D doubles, then those of the pass; pattern: m n for RF_PATTERN, else NULL. */
static void evaluate_pass(const rfi_problem *problem, const double *w, int32_t threads,
                          int32_t quantity, double *work, uint8_t *pattern, double *out)
{
    const int64_t D = rfi_weight_count(problem);
    rfi_pass p = {0};
    double loss;
    int64_t i;
    p.w = w;
    p.threads = threads;
    p.work = work + D;
    p.margins = quantity == RF_MARGINS ? out : NULL;
    p.residuals = quantity == RF_RESIDUALS ? out : NULL;
    p.gradient = quantity == RF_GRADIENT ? out : quantity == RF_GRADIENT_NORM ? work : NULL;
    p.pattern = pattern;
    loss = rfi_pass_run(problem, &p);
    if (quantity == RF_LOSS)
        *out = loss;
    if (quantity == RF_GRADIENT_NORM)
        *out = rfi_norm(work, D);
    for (i = 0; pattern != NULL && i < rfi_pair_count(problem); ++i)
        out[i] = pattern[i] == RFI_ACTIVE ? 1.0 : 0.0;
}

static rf_status evaluate_outputs(const rfi_problem *problem, const double *w, int32_t threads,
                                  double *out)
{
    rfi_subject subject = {0};
    rfi_inquiry q;
    rf_status status;
    subject.problem = problem;
    subject.descends = 1;
    subject.threads = threads;
    if ((status = rfi_inquiry_create(&q, &subject, RF_OUTPUTS, 0)) != RF_OK)
        return status;
    moment_of_descent(&q, w, NULL);
    outputs_of(&q, out);
    rfi_inquiry_free(&q);
    return RF_OK;
}

rf_status rfi_quantity_evaluate(const rfi_problem *problem, const double *w, int32_t threads,
                                int32_t quantity, double *out)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t D = rfi_weight_count(problem), pairs = rfi_pair_count(problem);
    double *work = NULL;
    uint8_t *pattern = NULL;
    rf_status status = RF_OK;
    if (quantity == RF_OUTPUTS)
        return evaluate_outputs(problem, w, threads, out);
    if (quantity == RF_WEIGHTS) {
        copy(out, w, D);
        return RF_OK;
    }
    if (quantity == RF_WEIGHT_NORM) {
        *out = rfi_norm(w, D);
        return RF_OK;
    }
    work = rfi_alloc(a, D + rfi_pass_work(problem), sizeof(double));
    if (quantity == RF_PATTERN)
        pattern = rfi_alloc(a, pairs, sizeof(uint8_t));
    if (work == NULL || (quantity == RF_PATTERN && pattern == NULL))
        status = RF_ERROR_MEMORY;
    else
        evaluate_pass(problem, w, threads, quantity, work, pattern, out);
    rfi_free(a, work);
    rfi_free(a, pattern);
    return status;
}
