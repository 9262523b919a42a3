/* course: see course.h.
 * SPDX-License-Identifier: MIT
 *
 * With q_l the part of mode l that is neuron j's, e_l = e^{-lambda_l tau} and v_l = lambda_l shift_l,
 *
 *     w_j = w_j(t0) + sum_l shift_l (1 - e_l) q_l,     w_j^(k) = sum_l (-lambda_l)^(k-1) v_l e_l q_l,
 *     F = w_j . w_j',     F^(n) = sum_i C(n, i) w_j^(i) . w_j^(n+1-i).
 *
 * The q_l of one neuron are not orthogonal, so that F has a mode for every pair of rates.  It is not expanded:
 * |w_j^(k)| <= M_k from tau on, M_k = sum_l lambda_l^(k-1) |v_l| e_l |q_l| and M_0 = |w_j| + sum_l |shift_l| e_l
 * |q_l| not increasing, hence |F^(n)| <= sum_i C(n, i) M_i M_{n+1-i}: the certified step of section 2 needs no
 * more. */
#include "analysis/course.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

enum { MOST_STEPS = 4000, LAST = RFI_COURSE_ORDERS - 3 };

int rfi_course_create(rfi_course *c, const rfi_problem *problem)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t most = rfi_most_modes(problem);
    memset(c, 0, sizeof(*c));
    c->mode = rfi_alloc(a, most, sizeof(*c->mode));
    c->rate = rfi_alloc(a, most, sizeof(double));
    c->shift = rfi_alloc(a, most, sizeof(double));
    c->part = rfi_alloc(a, most, sizeof(double));
    c->aim = rfi_alloc(a, most, sizeof(double));
    c->vector = rfi_alloc(a, RFI_COURSE_ORDERS * problem->data->d, sizeof(double));
    if (c->mode != NULL && c->rate != NULL && c->shift != NULL && c->part != NULL && c->aim != NULL
        && c->vector != NULL)
        return 0;
    rfi_course_free(c, a);
    return -1;
}

void rfi_course_free(rfi_course *c, const rf_allocator *allocator)
{
    rfi_free(allocator, c->mode);
    rfi_free(allocator, c->rate);
    rfi_free(allocator, c->shift);
    rfi_free(allocator, c->part);
    rfi_free(allocator, c->aim);
    rfi_free(allocator, c->vector);
    memset(c, 0, sizeof(*c));
}

/* The power of 2 by which a size is brought near 1. */
static double unit_of(double size)
{
    int exponent = 0;
    if (size > 0.0)
        frexp(size, &exponent);
    return ldexp(1.0, -exponent);
}

static const double *block(const rfi_course *c, int64_t l)
{
    return c->segment->Q + c->mode[l] * c->segment->D + c->j * c->segment->d;
}

/* The modes that move neuron j, and what is left of the others at infinity: aim is 0 where no more than
 * the rounding of w_j and q_l is left of it. */
static void begin(rfi_course *c, const rfi_segment *seg, int64_t j)
{
    double *end = c->vector;
    int64_t l;
    c->segment = seg;
    c->j = j;
    c->modes = 0;
    c->length = unit_of(fmax(seg->w_size, seg->reach));
    c->pace = 1.0 / unit_of(seg->modes > 0 ? seg->rate[0] : 0.0);
    c->size = rfi_norm(seg->w0 + j * seg->d, seg->d) * c->length;
    memset(end, 0, (size_t)seg->d * sizeof(double));
    rfi_axpy(c->length, seg->w0 + j * seg->d, end, seg->d);
    for (l = 0; l < seg->modes; ++l) {
        const int64_t at = c->modes;
        if (seg->part_of[j] < 0 || seg->mode_part[l] != seg->part_of[j] || seg->shift[l] == 0.0)
            continue;
        c->mode[at] = l;
        if ((c->part[at] = rfi_norm(block(c, at), seg->d)) == 0.0)
            continue;
        c->rate[at] = seg->rate[l] / c->pace;
        c->shift[at] = seg->shift[l] * c->length;
        c->size += fabs(c->shift[at]) * c->part[at];
        rfi_axpy(c->shift[at], block(c, at), end, seg->d);
        ++c->modes;
    }
    for (l = 0; l < c->modes; ++l) {
        c->aim[l] = rfi_dot(block(c, l), end, seg->d);
        if (fabs(c->aim[l]) <= 4.0 * RFI_EPS * c->size)
            c->aim[l] = 0.0;
    }
}

/* w_j and its derivatives below the given order at tau, with their bounds and rounding errors.  The modes are
 * orthonormal over all neurons, which bounds the error of their sum. */
static void move_to(rfi_course *c, double tau, int orders)
{
    const int64_t d = c->segment->d;
    int64_t l;
    int k;
    memset(c->vector, 0, (size_t)(orders * d) * sizeof(double));
    rfi_axpy(c->length, c->segment->w0 + c->j * d, c->vector, d);
    for (k = 0; k < orders; ++k)
        c->most[k] = c->noise[k] = 0.0;
    c->noise[0] = c->size;
    for (l = 0; l < c->modes; ++l) {
        const rfi_decay e = rfi_decay_at(c->rate[l] * tau);
        double term = c->rate[l] * c->shift[l] * e.rest;
        rfi_axpy(c->shift[l] * e.done, block(c, l), c->vector, d);
        c->most[0] += fabs(c->shift[l]) * e.rest * c->part[l];
        for (k = 1; k < orders; ++k, term *= -c->rate[l]) {
            rfi_axpy(term, block(c, l), c->vector + k * d, d);
            c->most[k] += fabs(term) * c->part[l];
            c->noise[k] = hypot(c->noise[k], term);
        }
    }
    c->most[0] += rfi_norm(c->vector, d);
}

static const double binomial[LAST + 2][LAST + 2] = {
    {1}, {1, 1}, {1, 2, 1}, {1, 3, 3, 1}, {1, 4, 6, 4, 1}};

/* F^(n), its bound from tau on, and its rounding error. */
static double derivative(const rfi_course *c, int n)
{
    const int64_t d = c->segment->d;
    double sum = 0.0;
    int i;
    for (i = 0; i <= n; ++i)
        sum += binomial[n][i] * rfi_dot(c->vector + i * d, c->vector + (n + 1 - i) * d, d);
    return sum;
}

static double product(const double *size, int n)
{
    double sum = 0.0;
    int i;
    for (i = 0; i <= n; ++i)
        sum += binomial[n][i] * size[i] * size[n + 1 - i];
    return sum;
}

static double rounding(const rfi_course *c, int n)
{
    return 8.0 * RFI_EPS * product(c->noise, n);
}

/* The certified step of section 2 for F >= 0 with F'' >= -B beyond tau. */
static double certified_step(double f, double slope, double bound)
{
    const double root = hypot(slope, sqrt(2.0 * bound) * sqrt(f));
    if (slope < 0.0)
        return 2.0 * f / (root - slope);
    return bound > 0.0 ? (slope + root) / bound : INFINITY;
}

/* 1 if F > 0 from tau on for ever: its slowest mode is positive and exceeds all that is negative, which decays no
 * slower.  A pair of modes decays faster than it if it does so with the slowest rate of all. */
static int settled(const rfi_course *c, double tau)
{
    double slowest = INFINITY, slow = INFINITY, leading = 0.0, negative = 0.0, way = 0.0, speed = 0.0;
    int64_t l;
    for (l = 0; l < c->modes; ++l) {
        const double rest = rfi_decay_at(c->rate[l] * tau).rest;
        const double term = c->rate[l] * c->shift[l] * c->aim[l] * rest;
        const double size = fabs(c->shift[l]) * c->part[l] * rest;
        slowest = fmin(slowest, c->rate[l]);
        if (term != 0.0 && c->rate[l] < slow) {
            slow = c->rate[l];
            leading = term;
        }
        negative += fmax(0.0, -term);
        way += size;
        speed += c->rate[l] * size;
    }
    return slow < 2.0 * slowest && 2.0 * (negative + way * speed) < leading;
}

/* F = 0 to rounding at the beginning: the first derivative that is not 0 decides.  Returns the time up to which
 * F > 0 then, 0 if F < 0, INFINITY if none is found. */
static double rises_for(rfi_course *c, double tau)
{
    int n;
    move_to(c, tau, RFI_COURSE_ORDERS);
    for (n = 1; n <= LAST; ++n) {
        const double value = derivative(c, n);
        if (value < -rounding(c, n))
            return 0.0;
        if (value > rounding(c, n))
            return value / product(c->most, n + 1);
    }
    return INFINITY;
}

/* The certified iteration, from where F > 0 or has just left 0. */
static double search(rfi_course *c, double tau, double until, int *touch)
{
    int step;
    for (step = 0; step < MOST_STEPS && tau < until; ++step) {
        double f, slope, noise;
        move_to(c, tau, 4);
        f = derivative(c, 0);
        slope = derivative(c, 1);
        noise = rounding(c, 0);
        if (f < -noise || (f <= noise && slope < -rounding(c, 1)))
            return tau + (f > 0.0 ? f / -slope : 0.0);
        if (f > noise && isinf(until) && settled(c, tau))
            return INFINITY;
        *touch |= f <= noise;
        tau = fmax(tau + certified_step(fmax(f, noise), f > noise ? slope : 0.0, product(c->most, 2)),
                   tau * (1.0 + 2.0 * RFI_EPS));
    }
    *touch |= tau < until;
    return INFINITY;
}

double rfi_course_leaves(rfi_course *c, const rfi_segment *segment, int64_t j, double from,
                         double until, int *touch)
{
    double rises = 0.0, f, tau;
    begin(c, segment, j);
    if (c->modes == 0) {
        *touch = 1;
        return INFINITY;
    }
    from *= c->pace;
    until *= c->pace;
    move_to(c, from, 4);
    f = derivative(c, 0);
    if (f < -rounding(c, 0))
        return from / c->pace;
    if (f <= rounding(c, 0)) {
        rises = rises_for(c, from);
        if (rises == 0.0)
            return from / c->pace;
        *touch |= isinf(rises);
    }
    tau = isinf(rises) ? INFINITY : search(c, from + rises, until, touch);
    return tau < until ? tau / c->pace : INFINITY;
}
