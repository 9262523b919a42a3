/* norm: w . w' on every stretch, for all neurons as a sum of exponentials, and the first instant at which it
 * fails.
 * SPDX-License-Identifier: MIT */
#include "analysis/norm.h"

#include <math.h>
#include <string.h>

#include "analysis/course.h"
#include "analysis/growth.h"
#include "base/num.h"

/* Buffers for a sum of up to 2 r modes, or for the course of one neuron of several. */
typedef struct {
    double *rate, *p; /* 2 r */
    double *scratch;  /* 8 r */
    double speed, length, pace;
    int each;          /* of several neurons each alone     */
    rfi_course course;
    int64_t count;     /* of answers, and each:             */
    int *touch;        /* w . w' may be 0 at some time      */
    double *failure;   /* w . w' < 0 from then on, or NaN   */
} norm_work;

/* The power of 2 by which a size is brought near 1. */
static double unit_of(double size)
{
    int exponent = 0;
    if (size > 0.0)
        frexp(size, &exponent);
    return ldexp(1.0, -exponent);
}

/* Units in which neither products nor derivatives leave the range of double. */
static void choose_units(const rfi_segment *seg, norm_work *work)
{
    double speed = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j)
        speed = hypot(speed, seg->s[j] * seg->pull[j]);
    work->speed = unit_of(speed);
    work->length = unit_of(fmax(seg->w_size, seg->reach));
    work->pace = unit_of(seg->modes > 0 ? seg->rate[0] : 0.0);
}

/* aim_j = q_j . w(infinity) = u_j . sqrt(c) y / s_j; 0 if no more than rounding is left of the sum. */
static double aim_of(const rfi_segment *seg, const rfi_problem *problem, int64_t j)
{
    double sum = 0.0, size = 0.0;
    int64_t k;
    for (k = 0; k < seg->rows; ++k) {
        const double label = sqrt(problem->c[seg->row[k]]) * problem->data->y[seg->row[k]];
        if (!seg->lean)
            sum += seg->U[k * seg->most + j] * label;
        size = hypot(size, label);
    }
    if (seg->lean)
        sum = seg->label[j];
    return fabs(sum) <= 4.0 * RFI_EPS * size ? 0.0 : sum / seg->s[j];
}

/* Appends a mode, or adds it to the last one if their rates are equal to rounding. */
static int64_t add_mode(norm_work *work, int64_t modes, double rate, double p)
{
    if (modes > 0 && fabs(work->rate[modes - 1] - rate) <= 16.0 * RFI_EPS * rate) {
        work->p[modes - 1] += p;
        return modes;
    }
    work->rate[modes] = rate;
    work->p[modes] = p;
    return modes + 1;
}

/* With q_j . w = aim_j - shift_j e_j, e_j = e^{-lambda_j tau}, and q_j . w' = v_j e_j,
 *
 *     w . w' = sum_j aim_j v_j e^{-lambda_j tau} - shift_j v_j e^{-2 lambda_j tau}:
 *
 * the limit is exactly 0, and the rates are those of two descending lists, merged. */
static rfi_expsum norm_rate(const rfi_segment *seg, const rfi_problem *problem, norm_work *work)
{
    rfi_expsum f = {0, NULL, NULL, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    const double zero = 0.0;
    int64_t slow = 0, fast = 0, j;
    double speed = 0.0;
    while (fast < seg->modes || slow < seg->modes) { /* in the order of their rates */
        const int twice =
            fast < seg->modes && (slow == seg->modes || 2.0 * seg->rate[fast] >= seg->rate[slow]);
        double level, v, shift;
        j = twice ? fast++ : slow++;
        v = -seg->s[j] * seg->pull[j] * work->speed;
        if (v == 0.0)
            continue;
        level = rfi_dot(seg->Q + j * seg->D, seg->w0, seg->D) * work->length;
        shift = seg->shift[j] * work->length;
        if (twice) {
            f.start += level * v;
            speed = hypot(speed, v);
        }
        f.modes = add_mode(work, f.modes, (twice ? 2.0 : 1.0) * seg->rate[j] * work->pace,
                           twice ? shift * v : -aim_of(seg, problem, j) * work->length * v);
    }
    f.rate = work->rate;
    f.p = work->p;
    f.floor = 4.0 * RFI_EPS * seg->w_size * work->length * speed; /* w and q_j are rounded */
    rfi_expsum_finish(&f, &zero, 0.0);
    return f;
}

/* A mode gives v_j e_j (level_j + shift_j (1 - e_j)), and shift_j v_j = v_j^2/lambda_j: if all level_j v_j are
 * 0 or more, w . w' > 0 for all times, and nothing had to cancel to see it. */
static int grows_in_every_mode(const rfi_segment *seg)
{
    int moves = 0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j) {
        const double v = -seg->pull[j];
        if (v != 0.0 && rfi_dot(seg->Q + j * seg->D, seg->w0, seg->D) * v < 0.0)
            return 0;
        moves |= v != 0.0;
    }
    return moves;
}

/* A zero of w . w' = sum_j v_j e_j (level_j + shift_j (1 - e_j)), in which nothing cancels within a mode: where slow
 * modes are small beside what fast ones were, or beside their own way, both forms of a sum of exponentials lose
 * digits.  Newton's method from a zero known to within slack, and to how far aim_j is from level_j + shift_j. */
static double refined(const rfi_segment *seg, const rfi_problem *problem, const norm_work *work, double tau,
                      double slack)
{
    const double first = tau;
    int64_t j;
    int step;
    for (step = 0; step < 3; ++step) {
        double value = 0.0, slope = 0.0, apart = 0.0;
        for (j = 0; j < seg->modes; ++j) {
            const rfi_decay e = rfi_decay_at(seg->rate[j] * tau);
            const double v = -seg->s[j] * seg->pull[j] * work->speed * e.rest;
            const double level = rfi_dot(seg->Q + j * seg->D, seg->w0, seg->D) * work->length;
            const double shift = seg->shift[j] * work->length, at = level + shift * e.done;
            value += v * at;
            slope += seg->rate[j] * v * (shift * e.rest - at);
            apart += fabs(v * (aim_of(seg, problem, j) * work->length - level - shift));
        }
        if (!(fabs(tau - value / slope - first) <= slack + 2.0 * apart / fabs(slope)))
            return first;
        tau -= value / slope;
    }
    return tau;
}

/* The first time in (from, until) at which w . w' leaves the side > 0, INFINITY: never; *touch: it may
 * have been 0 before.  What begins with w . w' = 0 = w is decided by |w'|^2 > 0. */
static double leaves(const rfi_segment *seg, const rfi_problem *problem, norm_work *work,
                     double from, double until, int *touch)
{
    const int at_zero = seg->w_size == 0.0 && from == 0.0;
    rfi_expsum f;
    rfi_value begin;
    rfi_exit exit;
    int tied;
    if (grows_in_every_mode(seg))
        return INFINITY;
    choose_units(seg, work);
    f = norm_rate(seg, problem, work);
    if (f.modes == 0) {
        *touch = 1;
        return INFINITY;
    }
    begin = rfi_expsum_at(&f, from / work->pace);
    tied = at_zero || fabs(begin.f) <= begin.noise; /* then the derivatives decide */
    if (!tied && begin.f < 0.0)
        return from;
    if (tied && from == 0.0)
        f.start = 0.0;
    exit = rfi_expsum_exit(&f, 1.0, tied ? RFI_CROSSED : RFI_ON_SIDE, from / work->pace,
                           until / work->pace, work->scratch);
    exit.tau *= work->pace;
    if (exit.tau > from && exit.tau < until)
        exit.tau = refined(seg, problem, work, exit.tau, 4.0 * work->pace * exit.uncertainty);
    *touch |= exit.touch * work->pace < until;
    return exit.tau < until ? exit.tau : INFINITY;
}

static rf_status create_work(norm_work *work, const rfi_problem *problem, int each)
{
    const rfi_data *data = problem->data;
    const int64_t most = rfi_most_modes(problem);
    int64_t k;
    memset(work, 0, sizeof(*work));
    work->speed = work->length = work->pace = 1.0;
    work->count = each ? problem->neurons : 1;
    work->each = problem->neurons > 1 && each;
    if (work->each && rfi_course_create(&work->course, problem) != 0)
        return RF_ERROR_MEMORY;
    work->touch = rfi_alloc(&data->allocator, work->count, sizeof(*work->touch));
    work->failure = rfi_alloc(&data->allocator, work->count, sizeof(double));
    work->rate = rfi_alloc(&data->allocator, 2 * most, sizeof(double));
    work->p = rfi_alloc(&data->allocator, 2 * most, sizeof(double));
    work->scratch = rfi_alloc(&data->allocator, 8 * most, sizeof(double));
    if (work->touch == NULL || work->failure == NULL || work->rate == NULL || work->p == NULL
        || work->scratch == NULL)
        return RF_ERROR_MEMORY;
    for (k = 0; k < work->count; ++k) {
        work->touch[k] = 0;
        work->failure[k] = NAN;
    }
    return RF_OK;
}

static void free_work(norm_work *work, const rfi_data *data)
{
    rfi_free(&data->allocator, work->touch);
    rfi_free(&data->allocator, work->failure);
    rfi_free(&data->allocator, work->rate);
    rfi_free(&data->allocator, work->p);
    rfi_free(&data->allocator, work->scratch);
    rfi_course_free(&work->course, &data->allocator);
}

/* One stretch, for all answers that have not failed yet; returns 0 when there are no more. */
static int judge(const rfi_subject *s, const rfi_segment *segment, norm_work *work,
                 const rfi_stretch *stretch, double end)
{
    const double from = stretch->begin - stretch->anchor;
    const double until = isinf(end) ? end : end - stretch->anchor;
    int64_t j, left = 0;
    for (j = 0; j < work->count; ++j) {
        double tau;
        if (!isnan(work->failure[j]))
            continue;
        tau = work->each
                  ? rfi_course_leaves(&work->course, segment, j, from, until, &work->touch[j])
                  : leaves(segment, s->problem, work, from, until, &work->touch[j]);
        if (isinf(tau))
            ++left;
        else
            work->failure[j] = stretch->anchor + tau;
    }
    return left > 0;
}

/* 1 if the chain alone certifies a stretch of one neuron that is behind, -1 without memory. */
static int grows_by_chain(rfi_replay *replay, rfi_growth *growth, double end)
{
    int through;
    growth->fails = 0;
    through = rfi_replay_through(replay, end, rfi_growth_visit, growth);
    return through == RF_ERROR_MEMORY ? -1 : through == 0 && !growth->fails;
}

/* One stretch after the other; those of no length have no right limit and are passed over. */
static rf_status walk(const rfi_subject *s, rfi_replay *replay, rfi_growth *growth, norm_work *work)
{
    const rfi_record *record = s->record;
    int64_t k = rfi_record_find(record, 0.0);
    rf_status status;
    for (;;) {
        const rfi_stretch *stretch = &record->stretch[k];
        const int last = k == record->stretches - 1;
        const double end = last ? s->now : stretch[1].begin;
        int grows = 0;
        if ((status = rfi_replay_seek(replay, stretch->begin)) != RF_OK)
            return status;
        if (!last && s->problem->neurons == 1 && (grows = grows_by_chain(replay, growth, end)) < 0)
            return RF_ERROR_MEMORY;
        if (!grows) {
            if ((status = rfi_replay_segment(replay)) != RF_OK)
                return status;
            if (!judge(s, &replay->segment, work, stretch, end))
                return RF_OK;
        }
        if (last)
            return RF_OK;
        k = rfi_record_find(record, end);
    }
}

static rf_status certify(const rfi_subject *s, int each, int32_t *strict, double *failure)
{
    norm_work work;
    rfi_replay replay;
    rfi_growth growth = {NULL, NULL, NULL, 0};
    rf_status status = create_work(&work, s->problem, each);
    int64_t j;
    if (status == RF_OK && rfi_growth_create(&growth, s->problem) != 0)
        status = RF_ERROR_MEMORY;
    if (status == RF_OK
        && (status = rfi_replay_create(&replay, s->problem, s->record, 0, RFI_WALK)) == RF_OK) {
        replay.light = 1;
        status = walk(s, &replay, &growth, &work);
        rfi_replay_free(&replay);
    }
    rfi_growth_free(&growth, &s->problem->data->allocator);
    for (j = 0; status == RF_OK && j < work.count; ++j) {
        failure[j] = work.failure[j];
        strict[j] = isnan(work.failure[j]) && !work.touch[j];
    }
    free_work(&work, s->problem->data);
    return status;
}

rf_status rfi_norm_certificate(const rfi_subject *s, int32_t *strict, double *failure)
{
    return certify(s, 0, strict, failure);
}

rf_status rfi_norm_certificates(const rfi_subject *s, int32_t *strict, double *failure)
{
    return certify(s, 1, strict, failure);
}
