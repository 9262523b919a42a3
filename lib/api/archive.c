/* archive: every field of a model's state, in the order of the format; see docs/abi.md.
 * SPDX-License-Identifier: MIT */
#include "api/archive.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "model/kernels.h"

enum { ALL_FLAGS = RF_FLAG_AMBIGUOUS | RF_FLAG_DOUBTFUL | RF_FLAG_INNER };

/* Bytes of one stretch without its weights, one event, one change. */
enum { STRETCH_BYTES = 48, EVENT_BYTES = 32, CHANGE_BYTES = 11 };

/* A number that is 0 or more, and finite. */
static void real_from_0(rfi_stream *s, double *value)
{
    rfi_stream_real(s, value);
    rfi_stream_expect(s, *value >= 0.0 && isfinite(*value));
}

static void finite_reals(rfi_stream *s, double *value, int64_t count)
{
    rfi_stream_reals(s, value, count);
    rfi_stream_expect(s, rfi_first_not_finite(value, count) < 0);
}

static void integer_in(rfi_stream *s, int64_t *value, int64_t low, int64_t high)
{
    rfi_stream_i64(s, value);
    rfi_stream_expect(s, *value >= low && *value <= high);
    if (s->bad)
        *value = low;
}

static void small_in(rfi_stream *s, int32_t *value, int32_t low, int32_t high)
{
    rfi_stream_i32(s, value);
    rfi_stream_expect(s, *value >= low && *value <= high);
    if (s->bad)
        *value = low;
}

static int is_side(int8_t side)
{
    return side >= RFI_DEAD_ORIGIN && side <= RFI_REST_PLUS;
}

static void pattern_fields(rfi_stream *s, rfi_pattern *pattern)
{
    int64_t g;
    rfi_stream_bytes(s, pattern->side, pattern->lines);
    rfi_stream_bytes(s, pattern->stand, pattern->lines);
    rfi_stream_bytes(s, pattern->bound, pattern->lines);
    for (g = 0; g < pattern->lines; ++g)
        rfi_stream_expect(s, is_side(pattern->side[g]) && pattern->bound[g] <= RFI_AT_HIGH);
}

/* before: the stretch before this one, or NULL. */
static void stretch_fields(rfi_stream *s, rfi_stretch *stretch, const rfi_record *record,
                           const rfi_stretch *before)
{
    const int64_t events = record->on ? record->events : INT64_MAX;
    real_from_0(s, &stretch->begin);
    real_from_0(s, &stretch->anchor);
    real_from_0(s, &stretch->eta);
    integer_in(s, &stretch->steps, 0, RFI_MOST_STEPS);
    integer_in(s, &stretch->first_event, before != NULL ? before->first_event : 0, events);
    integer_in(s, &stretch->first_change, before != NULL ? before->first_change : 0,
               record->changes);
    rfi_stream_expect(s, stretch->anchor <= stretch->begin
                             && (before == NULL || before->begin <= stretch->begin));
}

/* Which stretches have kept their weights: the first and the last one have, and all where they cannot be
 * found again. */
static void place_fields(rfi_stream *s, rfi_record *record, int all)
{
    int32_t passing = record->passing;
    int64_t k, kept = 0, dropped = 0;
    small_in(s, &passing, 0, 1);
    for (k = 0; k < record->stretches; ++k) {
        uint8_t here = (uint8_t)(s->mode != RFI_READS && record->place[k] >= 0);
        rfi_stream_bytes(s, &here, 1);
        rfi_stream_expect(s, here == 1 || (here == 0 && !all && k > 0 && k + 1 < record->stretches));
        if (s->mode == RFI_READS)
            record->place[k] = here == 1 ? kept : -1;
        if (k + 1 < record->stretches)
            dropped = here == 1 ? 0 : dropped + 1;
        kept += here == 1;
    }
    if (s->mode != RFI_READS)
        return;
    record->passing = passing;
    record->kept = kept;
    record->dropped = dropped;
}

static void event_fields(rfi_stream *s, rf_event *event, int64_t n, int64_t neurons)
{
    real_from_0(s, &event->time);
    integer_in(s, &event->datum, -1, n - 1);
    integer_in(s, &event->neuron, 0, neurons - 1);
    small_in(s, &event->kind, RF_EVENT_DEACTIVATE, RF_EVENT_ORIGIN_EXIT);
    small_in(s, &event->flags, 0, ALL_FLAGS);
    rfi_stream_expect(s, (event->datum < 0) == (event->kind >= RF_EVENT_ORIGIN));
}

static void change_fields(rfi_stream *s, rfi_change *change, int64_t lines)
{
    integer_in(s, &change->line, 0, lines - 1);
    rfi_stream_bytes(s, &change->side, 1);
    rfi_stream_bytes(s, &change->stand, 1);
    rfi_stream_bytes(s, &change->bound, 1);
    rfi_stream_expect(s, is_side(change->side) && change->bound <= RFI_AT_HIGH);
}

/* How much is on record, with room for it when reading. */
static rf_status record_sizes(rfi_stream *s, rfi_record *record)
{
    int32_t on = record->on;
    rfi_record sizes = *record;
    small_in(s, &on, 0, 1);
    integer_in(s, &sizes.stretches, 1, INT64_MAX);
    rfi_stream_expect_room(s, sizes.stretches, STRETCH_BYTES + 1);
    integer_in(s, &sizes.events, 0, INT64_MAX);
    rfi_stream_expect_room(s, sizes.events, EVENT_BYTES);
    integer_in(s, &sizes.changes, 0, INT64_MAX);
    rfi_stream_expect_room(s, sizes.changes, CHANGE_BYTES);
    integer_in(s, &sizes.event_count, sizes.events, INT64_MAX);
    rfi_stream_expect(s, on ? sizes.event_count == sizes.events : sizes.stretches == 1);
    if (s->bad)
        return RF_ERROR_CORRUPT;
    if (s->mode != RFI_READS)
        return RF_OK;
    if (rfi_record_room(record, sizes.stretches, sizes.events, sizes.changes) != 0)
        return RF_ERROR_MEMORY;
    record->on = on;
    record->stretches = sizes.stretches;
    record->events = sizes.events;
    record->changes = sizes.changes;
    record->event_count = sizes.event_count;
    return RF_OK;
}

static rf_status record_fields(rfi_stream *s, rfi_record *record, const rfi_problem *problem,
                               int32_t mode)
{
    rf_status status = record_sizes(s, record);
    int64_t k;
    if (status != RF_OK)
        return status;
    pattern_fields(s, &record->initial);
    for (k = 0; k < record->stretches; ++k)
        stretch_fields(s, &record->stretch[k], record, k > 0 ? &record->stretch[k - 1] : NULL);
    place_fields(s, record,
                 mode == RFI_DESCENDS || problem->neurons > 1 || problem->activation == RF_LINEAR);
    if (s->bad)
        return RF_ERROR_CORRUPT;
    finite_reals(s, record->weights, record->kept * record->d);
    for (k = 0; k < record->events; ++k)
        event_fields(s, &record->event[k], problem->data->n, problem->neurons);
    for (k = 0; k < record->changes; ++k)
        change_fields(s, &record->change[k], rfi_kink_count(problem));
    return s->bad ? RF_ERROR_CORRUPT : RF_OK;
}

/* What frozen.omega turns from, if it does. */
static rf_status frozen_fields(rfi_stream *s, rfi_flow *flow)
{
    int32_t on = flow->frozen.on;
    small_in(s, &on, 0, 1);
    if (s->mode == RFI_READS) {
        rfi_neuron_at_zero(&flow->one, 0);
        if (on && rfi_frozen_reserve(&flow->frozen, &flow->one.problem) != 0)
            return RF_ERROR_MEMORY;
        flow->frozen.on = on;
        flow->frozen.built = 0;
    }
    if (!on)
        return RF_OK;
    finite_reals(s, flow->frozen.omega, flow->problem->data->d);
    return RF_OK;
}

/* What the follower goes on from; its vectors without their padding.  H and b that have left the range of double
 * it gathers again, and without H all, which is a function of the pattern. */
static void follower_fields(rfi_stream *s, rfi_follower *f)
{
    int32_t off = f->off, gathered = s->mode != RFI_READS && rfi_follow_sums(f) != NULL;
    int64_t k;
    int sums;
    small_in(s, &off, 0, 1);
    small_in(s, &gathered, 0, f->made ? 1 : 0);
    real_from_0(s, &f->want);
    integer_in(s, &f->tired, 0, INT64_MAX);
    sums = gathered && f->chain.H != NULL;
    for (k = 0; sums && k < f->chain.d; ++k)
        finite_reals(s, f->chain.H + k * f->chain.ld, f->chain.d);
    if (sums) {
        finite_reals(s, f->chain.b, f->chain.d);
        finite_reals(s, f->chain.pull, f->chain.d);
        finite_reals(s, f->chain.peak, f->chain.d);
        finite_reals(s, f->chain.peak + f->chain.ld, f->chain.d);
    }
    if (s->mode != RFI_READS)
        return;
    f->off = off;
    f->gathered = gathered;
}

static rf_status flow_fields(rfi_stream *s, rfi_flow *flow)
{
    const int64_t D = rfi_weight_count(flow->problem);
    rf_status status;
    rfi_stream_real(s, &flow->t);
    rfi_stream_expect(s, flow->t >= 0.0);
    real_from_0(s, &flow->from);
    small_in(s, &flow->flags, 0, RFI_FLAGS_TOLD | RFI_FLAG_OPEN);
    small_in(s, &flow->ending, 0, RFI_FROZEN);
    integer_in(s, &flow->standing, 0, INT64_MAX - 1);
    integer_in(s, &flow->idle, 0, INT64_MAX - 1);
    rfi_stream_bytes(s, flow->turns, 2 * flow->pattern.lines);
    pattern_fields(s, &flow->pattern);
    real_from_0(s, &flow->segment.t0);
    rfi_stream_expect(s, flow->segment.t0 <= flow->t);
    finite_reals(s, flow->segment.w0, D);
    if ((status = frozen_fields(s, flow)) != RF_OK || s->bad)
        return s->bad ? RF_ERROR_CORRUPT : status;
    follower_fields(s, &flow->follower);
    if (s->bad || s->mode != RFI_READS)
        return s->bad ? RF_ERROR_CORRUPT : RF_OK;
    flow->next_known = flow->built = 0;
    rfi_follow_resume(&flow->follower);
    if (flow->follower.gathered && flow->follower.chain.H == NULL)
        rfi_chain_gather(&flow->follower.chain, flow->problem, &flow->pattern);
    if (rfi_flow_find_rays(flow, &flow->pattern) != 0)
        return RF_ERROR_MEMORY;
    memcpy(flow->w, flow->segment.w0, (size_t)D * sizeof(double));
    /* A segment that leaves the range of double is a failure of what asks for it. */
    if ((!flow->follower.gathered || flow->follower.off) && rfi_flow_segment(flow) == RF_ERROR_MEMORY)
        return RF_ERROR_MEMORY;
    return RF_OK;
}

static rf_status descent_fields(rfi_stream *s, rf_model *model)
{
    rfi_descent *descent = &model->descent;
    rfi_iterate *now = &descent->now;
    const int64_t pairs = rfi_pair_count(&model->problem);
    int64_t i;
    if (rfi_descent_reserve(descent, &model->problem) != 0)
        return RF_ERROR_MEMORY;
    finite_reals(s, now->w, rfi_weight_count(&model->problem));
    rfi_stream_bytes(s, now->state, pairs);
    for (i = 0; i < pairs; ++i)
        rfi_stream_expect(s, now->state[i] <= RFI_ACTIVE);
    if (s->mode == RFI_READS && !s->bad)
        rfi_descent_resume(descent, &model->problem, now->w, now->state, model->threads);
    real_from_0(s, &descent->t);
    real_from_0(s, &descent->begin);
    real_from_0(s, &descent->eta);
    integer_in(s, &descent->steps, 0, RFI_MOST_STEPS);
    return s->bad ? RF_ERROR_CORRUPT : RF_OK;
}

/* The present state belongs to the last stretch on record. */
static void expect_together(rfi_stream *s, const rf_model *model)
{
    const rfi_record *record = &model->record;
    const rfi_stretch *last = &record->stretch[record->stretches - 1];
    const double *w = rfi_record_weights(record, record->stretches - 1);
    if (s->mode != RFI_READS)
        return;
    if (model->mode == RFI_DESCENDS)
        rfi_stream_expect(s, last->begin <= model->descent.t);
    else
        rfi_stream_expect(
            s, last->begin <= model->flow.t && last->anchor == model->flow.segment.t0
                   && memcmp(w, model->flow.segment.w0, (size_t)record->d * sizeof(*w)) == 0);
}

/* A linear neuron has no kinks to slide on; one whose vanishing start has ended stays at w = 0. */
static int fits_linear(int8_t side)
{
    return side == RFI_MINUS || side == RFI_PLUS || side == RFI_REST_MINUS || rfi_at_origin(side);
}

static void expect_linear(rfi_stream *s, const rf_model *model)
{
    const rfi_record *record = &model->record;
    int64_t k;
    if (s->mode != RFI_READS || model->problem.activation != RF_LINEAR)
        return;
    for (k = 0; k < record->initial.lines; ++k)
        rfi_stream_expect(s, fits_linear(record->initial.side[k])
                                 && fits_linear(model->flow.pattern.side[k]));
    for (k = 0; k < record->changes; ++k)
        rfi_stream_expect(s, fits_linear(record->change[k].side));
}

rf_status rfi_archive_state(rfi_stream *s, rf_model *model)
{
    rf_status status;
    small_in(s, &model->recording, 0, 1);
    integer_in(s, &model->event_limit, 0, INT64_MAX);
    small_in(s, &model->mode, RFI_UNINITIALIZED, RFI_DESCENDS);
    if (model->mode == RFI_UNINITIALIZED)
        return s->bad ? RF_ERROR_CORRUPT : RF_OK;
    small_in(s, &model->vanishing, 0, 1);
    small_in(s, &model->last_status, RF_ERROR_CAPACITY, RF_NO_EVENT);
    finite_reals(s, model->start, rfi_weight_count(&model->problem));
    if ((status = record_fields(s, &model->record, &model->problem, model->mode)) != RF_OK)
        return status;
    integer_in(s, &model->delivered, 0, model->record.events);
    status = flow_fields(s, &model->flow);
    if (status == RF_OK && model->mode == RFI_DESCENDS)
        status = descent_fields(s, model);
    if (status == RF_OK)
        expect_together(s, model);
    if (status == RF_OK)
        expect_linear(s, model);
    return status == RF_OK && s->bad ? RF_ERROR_CORRUPT : status;
}
