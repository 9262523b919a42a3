/* kink: first order by bounded least squares and flips, ties by the next derivative.
 * SPDX-License-Identifier: MIT */
#include "flow/kink.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* A product x . v / |x| below this times the size of the terms of v is rounding: v is a sum of
 * rounded products, each with a few eps of error. */
#define TIE (32.0 * RFI_EPS)

enum { MOST_FLIPS = 2 };

int rfi_kink_work_create(rfi_kink_work *work, const rfi_data *data)
{
    const rf_allocator *a = &data->allocator;
    const int64_t lines = data->kinks.count;
    memset(work, 0, sizeof(*work));
    work->box = rfi_alloc(a, lines, sizeof(*work->box));
    work->target = rfi_alloc(a, data->d, sizeof(double));
    work->trial_v = rfi_alloc(a, data->d, sizeof(double));
    work->trial_u = rfi_alloc(a, lines, sizeof(double));
    work->trial = rfi_alloc(a, lines, sizeof(*work->trial));
    if (rfi_bvls_create(&work->ls, data->d, a) != 0 || work->box == NULL || work->target == NULL
        || work->trial_v == NULL || work->trial_u == NULL || work->trial == NULL) {
        rfi_kink_work_free(work, a);
        return -1;
    }
    return 0;
}

void rfi_kink_work_free(rfi_kink_work *work, const rf_allocator *allocator)
{
    rfi_bvls_free(&work->ls, allocator);
    rfi_free(allocator, work->box);
    rfi_free(allocator, work->target);
    rfi_free(allocator, work->trial_v);
    rfi_free(allocator, work->trial_u);
    rfi_free(allocator, work->trial);
    memset(work, 0, sizeof(*work));
}

/* x_k . v / |x_k| */
static double along(const rfi_kink *kink, const double *v, int64_t d)
{
    return rfi_view_dot(kink->x, v, d) / kink->norm;
}

/* What a kink with Gamma >= 0 adds to v0 along x. */
static double added(const rfi_kink *kink, int8_t at)
{
    if (at == kink->at0)
        return 0.0;
    return at == RFI_HIGH ? kink->jump : -kink->jump;
}

/* Rounding of x . v / |x|: of the terms that are really added to v0. */
static double tie_tolerance(const rfi_kink *kink, int64_t count, const int8_t *at, double scale)
{
    int64_t k;
    for (k = 0; k < count; ++k)
        scale += fabs(kink[k].jump < 0.0 ? kink[k].u - kink[k].u0 : added(&kink[k], at[k]))
                 * kink[k].norm;
    return TIE * scale;
}

/* The box problem over the kinks with Gamma < 0, the others fixed at at[k]. */
static int solve_box(rfi_kink_work *work, int64_t d, const double *v0, double tolerance,
                     rfi_kink *kink, int64_t count, int8_t *at, double *v)
{
    int64_t k, boxes = 0;
    int ending;
    memcpy(work->target, v0, (size_t)d * sizeof(double));
    for (k = 0; k < count; ++k) {
        rfi_box *b = &work->box[boxes];
        if (kink[k].jump >= 0.0) {
            rfi_view_axpy(added(&kink[k], at[k]), kink[k].x, work->target, d);
            continue;
        }
        b->x = kink[k].x;
        b->norm = kink[k].norm;
        b->low = -kink[k].u0 * kink[k].norm;
        b->high = (-kink[k].jump - kink[k].u0) * kink[k].norm;
        b->u = (kink[k].u - kink[k].u0) * kink[k].norm;
        b->at = at[k];
        ++boxes;
    }
    if ((ending = rfi_bvls_solve(&work->ls, work->target, work->box, boxes, tolerance, v)) < 0)
        return -1;
    work->doubtful |= ending;
    for (k = 0, boxes = 0; k < count; ++k) {
        if (kink[k].jump >= 0.0)
            continue;
        kink[k].u = kink[k].u0 + work->box[boxes].u / kink[k].norm;
        at[k] = work->box[boxes++].at;
    }
    return 0;
}

/* Flips the inconsistent kink with Gamma > 0 of smallest index until there is none; |v|^2 grows with
 * every flip, so this ends, by rounding at the latest. */
static int solve_flips(rfi_kink_work *work, int64_t d, const double *v0, double scale,
                       rfi_kink *kink, int64_t count, int8_t *at, double *v)
{
    double largest = -1.0, norm;
    int64_t k, flips;
    for (flips = 0; flips < 100 + 10 * count; ++flips) {
        double tolerance = tie_tolerance(kink, count, at, scale);
        if (solve_box(work, d, v0, tolerance, kink, count, at, v) != 0)
            return -1;
        tolerance = tie_tolerance(kink, count, at, scale);
        for (k = 0; k < count; ++k)
            if (kink[k].jump > 0.0 && at[k] * along(&kink[k], v, d) < -tolerance)
                break;
        if (k == count)
            return 0;
        if ((norm = rfi_norm(v, d)) <= largest)
            break;
        largest = norm;
        at[k] = (int8_t)-at[k];
    }
    work->doubtful = 1;
    return 0;
}

/* One assignment of the kinks with Gamma > 0, number `choice` in binary: 1 if it is a solution and not
 * the one that was found. */
static int is_another(rfi_kink_work *work, int64_t d, const double *v0, double scale,
                      rfi_kink *kink, int64_t count, int64_t choice)
{
    double tolerance;
    int64_t k;
    int differs = 0;
    for (k = 0; k < count; ++k) {
        work->trial[k] = kink[k].jump < 0.0 ? RFI_LOW : kink[k].at;
        if (!(kink[k].jump > 0.0))
            continue;
        work->trial[k] = choice % 2 != 0 ? RFI_HIGH : RFI_LOW;
        differs |= work->trial[k] != kink[k].at;
        choice /= 2;
    }
    tolerance = tie_tolerance(kink, count, work->trial, scale);
    if (!differs || solve_box(work, d, v0, tolerance, kink, count, work->trial, work->trial_v) != 0)
        return 0;
    tolerance = tie_tolerance(kink, count, work->trial, scale);
    for (k = 0; k < count; ++k)
        if (kink[k].jump > 0.0 && work->trial[k] * along(&kink[k], work->trial_v, d) < -tolerance)
            return 0;
    return 1;
}

/* Another solution exists if another assignment of the kinks with Gamma > 0 is consistent.  All are
 * tried where they are few; where many meet, those that differ in one kink. */
static int find_another(rfi_kink_work *work, int64_t d, const double *v0, double scale,
                        rfi_kink *kink, int64_t count)
{
    enum { FEW = 6, MANY = 40 };
    int64_t k, found = 0, positive = 0, choice;
    for (k = 0; k < count; ++k) {
        if (positive < MANY && kink[k].jump > 0.0 && kink[k].at == RFI_HIGH)
            found += (int64_t)1 << positive;
        positive += kink[k].jump > 0.0;
    }
    if (positive > MANY)
        return 0;
    if (positive > FEW) {
        for (k = 0; k < positive; ++k)
            if (is_another(work, d, v0, scale, kink, count, found ^ ((int64_t)1 << k)))
                return 1;
        return 0;
    }
    for (choice = 0; choice < (int64_t)1 << positive; ++choice)
        if (is_another(work, d, v0, scale, kink, count, choice))
            return 1;
    return 0;
}

/* Reads off where a kink goes, and whether that is a tie. */
static void read_outcome(rfi_kink *kink, double speed, double tolerance, double condition)
{
    const double tolerance_u = tolerance * condition + kink->floor * kink->norm;
    const double bound = -kink->jump * kink->norm, u = kink->u * kink->norm;
    kink->tie = 0;
    kink->bound = RFI_INSIDE;
    kink->stand = RFI_CROSSED;
    if (kink->jump < 0.0 && kink->at == RFI_FREE) {
        kink->side = RFI_SLIDE;
        kink->stand = RFI_ON_SIDE;
        if (u > tolerance_u && u < bound - tolerance_u)
            return;
        kink->tie = 1;
        kink->at = u <= tolerance_u ? RFI_LOW : RFI_HIGH;
        return;
    }
    if (kink->jump == 0.0 && fabs(speed) > tolerance)
        kink->at = speed > 0.0 ? RFI_HIGH : RFI_LOW;
    kink->side = kink->at == RFI_HIGH ? RFI_PLUS : RFI_MINUS;
    kink->tie = fabs(speed) <= tolerance;
}

/* A tie of the first kink among slides that are certain, which low or high decides. */
static void decide_at_verge(rfi_kink *kink, int64_t count)
{
    const int8_t sign = kink->at == RFI_LOW ? kink->low : kink->high;
    int64_t k;
    for (k = 1; k < count; ++k)
        if (kink[k].side != RFI_SLIDE || kink[k].tie)
            return;
    if (!kink->tie || sign == 0)
        return;
    kink->tie = 0;
    if (sign > 0) {
        kink->side = RFI_SLIDE;
        kink->stand = RFI_ON_SIDE;
        kink->at = RFI_FREE;
    } else {
        kink->side = kink->at == RFI_HIGH ? RFI_PLUS : RFI_MINUS;
        kink->stand = RFI_CROSSED;
    }
}

rf_status rfi_kink_solve(rfi_kink_work *work, int64_t d, const double *v0, double scale,
                         rfi_kink *kink, int64_t count, double *v, int *ambiguous)
{
    double tolerance;
    int64_t k;
    int doubtful;
    for (k = 0; k < count; ++k) {
        work->trial[k] = kink[k].at;
        if (kink[k].at != RFI_FREE)
            kink[k].u = kink[k].jump < 0.0 && kink[k].at == RFI_HIGH ? -kink[k].jump : 0.0;
    }
    if (solve_flips(work, d, v0, scale, kink, count, work->trial, v) != 0)
        return RF_ERROR_NUMERICAL;
    tolerance = tie_tolerance(kink, count, work->trial, scale);
    for (k = 0; k < count; ++k) {
        kink[k].at = work->trial[k];
        read_outcome(&kink[k], along(&kink[k], v, d), tolerance, work->ls.condition);
    }
    if (count > 0 && kink->jump < 0.0)
        decide_at_verge(kink, count);
    for (k = 0; k < count; ++k)
        work->trial_u[k] = kink[k].u;
    doubtful = work->doubtful;
    if (find_another(work, d, v0, scale, kink, count))
        *ambiguous = 1;
    work->doubtful = doubtful;
    for (k = 0; k < count; ++k)
        kink[k].u = work->trial_u[k];
    return RF_OK;
}

static int is_boxed(const rfi_kink *kink)
{
    return kink->jump < 0.0 && (kink->tie || kink->side == RFI_SLIDE);
}

/* Puts the ties with Gamma < 0 and the sliding kinks into one problem for the next derivatives of u:
 * free where a kink slides, into the box where it is tied at a bound. */
static int64_t next_order_boxes(rfi_kink_work *work, const rfi_kink *kink, int64_t count)
{
    int64_t k, boxes = 0;
    for (k = 0; k < count; ++k) {
        rfi_box *b = &work->box[boxes];
        if (!is_boxed(&kink[k]))
            continue;
        b->x = kink[k].x;
        b->norm = kink[k].norm;
        b->low = kink[k].tie && kink[k].at == RFI_LOW ? 0.0 : -INFINITY;
        b->high = kink[k].tie && kink[k].at == RFI_HIGH ? 0.0 : INFINITY;
        b->u = 0.0;
        b->at = kink[k].tie ? kink[k].at : RFI_FREE;
        ++boxes;
    }
    return boxes;
}

/* Decides one tie by turn = x . derivative / |x|, or leaves it. */
static void settle_tie(rfi_kink *kink, int8_t at, double turn, double tolerance, uint8_t order)
{
    if (kink->jump < 0.0 && at == RFI_FREE) {
        kink->side = RFI_SLIDE;
        kink->stand = (uint8_t)(order - 1); /* of u, one order below the velocity's */
        kink->bound = kink->at == RFI_LOW ? RFI_AT_LOW : RFI_AT_HIGH;
        kink->at = RFI_FREE;
        kink->tie = 0;
    } else if (fabs(turn) > tolerance) {
        kink->side = kink->at == RFI_HIGH ? RFI_PLUS : RFI_MINUS;
        kink->stand = order;
        kink->tie = 0;
    }
}

rf_status rfi_kink_settle(rfi_kink_work *work, int64_t d, int64_t order, const double *base,
                          double scale, rfi_kink *kink, int64_t count, double *derivative)
{
    const double tolerance = TIE * scale;
    const uint8_t stand = (uint8_t)(order < UINT8_MAX ? order : UINT8_MAX);
    int64_t k, boxes = next_order_boxes(work, kink, count);
    int ending;
    if ((ending = rfi_bvls_solve(&work->ls, base, work->box, boxes, tolerance, derivative)) < 0)
        return RF_ERROR_NUMERICAL;
    work->doubtful |= ending;
    for (k = 0; k < count; ++k) {
        const double turn = along(&kink[k], derivative, d);
        if (!kink[k].tie || kink[k].jump < 0.0 || turn * kink[k].at >= -tolerance)
            continue;
        if (kink[k].flips == MOST_FLIPS) { /* back where it began, and no further */
            work->doubtful = 1;
            continue;
        }
        kink[k].at = (int8_t)-kink[k].at;
        kink[k].flips = (int8_t)(kink[k].flips + (kink[k].jump > 0.0));
        if (kink[k].jump > 0.0)
            return RF_NO_EVENT;
    }
    for (k = 0, boxes = 0; k < count; ++k) {
        const int boxed = is_boxed(&kink[k]);
        const int8_t at = boxed ? work->box[boxes].at : kink[k].at;
        boxes += boxed;
        if (kink[k].tie)
            settle_tie(&kink[k], at, along(&kink[k], derivative, d), tolerance, stand);
    }
    return RF_OK;
}

void rfi_kink_rest(rfi_kink *kink, int64_t count)
{
    int64_t k;
    for (k = 0; k < count; ++k) {
        if (!kink[k].tie)
            continue;
        if (kink[k].jump == 0.0) /* theta moves nothing: inactive */
            kink[k].at = RFI_LOW;
        kink[k].side = kink[k].at == RFI_HIGH ? RFI_REST_PLUS : RFI_REST_MINUS;
        kink[k].stand = RFI_ON_SIDE;
        kink[k].tie = 0;
    }
}
