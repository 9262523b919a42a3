/* norm: w . w' as a sum of exponentials on every stretch, and the first instant at which it fails.
 * SPDX-License-Identifier: MIT */
#include "analysis/norm.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* Buffers for a sum of up to 2 r modes. */
typedef struct {
    double *rate, *p; /* 2 r */
    double *scratch;  /* 6 r */
    double speed, length, pace;
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
        sum += seg->U[k * seg->most + j] * label;
        size = hypot(size, label);
    }
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
    *touch |= exit.touch * work->pace < until;
    return exit.tau < until ? exit.tau : INFINITY;
}

static rf_status create_work(norm_work *work, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    const int64_t most = rfi_most_modes(problem);
    work->rate = rfi_alloc(&data->allocator, 2 * most, sizeof(double));
    work->p = rfi_alloc(&data->allocator, 2 * most, sizeof(double));
    work->scratch = rfi_alloc(&data->allocator, 6 * most, sizeof(double));
    return work->rate == NULL || work->p == NULL || work->scratch == NULL ? RF_ERROR_MEMORY : RF_OK;
}

static void free_work(norm_work *work, const rfi_data *data)
{
    rfi_free(&data->allocator, work->rate);
    rfi_free(&data->allocator, work->p);
    rfi_free(&data->allocator, work->scratch);
}

/* One stretch after the other; those of no length have no right limit and are passed over. */
static rf_status walk(const rfi_subject *s, rfi_replay *replay, norm_work *work, int *touch,
                      double *failure)
{
    const rfi_record *record = s->record;
    int64_t k = rfi_record_find(record, 0.0);
    rf_status status = RF_OK;
    while (status == RF_OK && isnan(*failure)) {
        const rfi_stretch *stretch = &record->stretch[k];
        const int last = k == record->stretches - 1;
        const double end = last ? s->now : stretch[1].begin;
        double tau;
        if ((status = rfi_replay_seek(replay, stretch->begin)) != RF_OK)
            return status;
        tau = leaves(&replay->segment, s->problem, work, stretch->begin - stretch->anchor,
                     isinf(end) ? end : end - stretch->anchor, touch);
        if (!isinf(tau))
            *failure = stretch->anchor + tau;
        if (last)
            break;
        k = rfi_record_find(record, end);
    }
    return status;
}

rf_status rfi_norm_certificate(const rfi_subject *s, int32_t *strict, double *failure)
{
    norm_work work = {NULL, NULL, NULL, 1.0, 1.0, 1.0};
    rfi_replay replay;
    rf_status status = create_work(&work, s->problem);
    double first = NAN;
    int touch = 0;
    if (status == RF_OK
        && (status = rfi_replay_create(&replay, s->problem, s->record, 0, RFI_WALK)) == RF_OK) {
        status = walk(s, &replay, &work, &touch, &first);
        rfi_replay_free(&replay);
    }
    free_work(&work, s->problem->data);
    if (status != RF_OK)
        return status;
    *failure = first;
    *strict = isnan(first) && !touch;
    return RF_OK;
}
