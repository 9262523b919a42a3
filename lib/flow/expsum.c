/* expsum: the certified step, the certified count, and what to do at a graze.
 * SPDX-License-Identifier: MIT */
#include "flow/expsum.h"

#include <math.h>
#include <stddef.h>

#include "base/num.h"

/* Steps of the certified iteration before a graze is suspected: at a simple zero it converges
 * quadratically, at a graze linearly (docs/mathematics.md 2). */
enum { QUADRATIC_STEPS = 24, MOST_STEPS = 4000, DEEPEST = 3 };

void rfi_expsum_finish(rfi_expsum *f, const double *limit, double limit_noise)
{
    double sum = f->start, size = fabs(f->start);
    int64_t j;
    for (j = 0; j < f->modes; ++j) {
        sum += f->p[j];
        size += fabs(f->p[j]);
    }
    f->size = size;
    f->limit = limit != NULL ? *limit : sum;
    f->limit_noise = limit != NULL ? limit_noise : 4.0 * RFI_EPS * size + f->floor + f->haze;
    if (fabs(f->limit) <= f->limit_noise) {
        f->limit = 0.0;
        f->limit_noise = 0.0;
    }
}

/* rfi_expsum_at, with e^{-lambda_j tau} for all j into rest, unless that is NULL. */
static rfi_value value_at(const rfi_expsum *f, double tau, double *rest)
{
    double rising = f->start, rising_size = fabs(f->start) + f->floor / (4.0 * RFI_EPS);
    double falling = f->limit, slope = 0.0, slope_size = 0.0;
    double falling_size = fabs(f->limit) + f->limit_noise / (4.0 * RFI_EPS);
    rfi_value value;
    int64_t j;
    for (j = 0; j < f->modes; ++j) {
        const double p = f->p[j], rate = f->rate[j];
        const rfi_decay e = rfi_decay_at(rate * tau);
        if (rest != NULL)
            rest[j] = e.rest;
        rising += p * e.done;
        rising_size += fabs(p) * e.done;
        falling -= p * e.rest;
        falling_size += fabs(p) * e.rest;
        slope += p * rate * e.rest;
        slope_size += fabs(p) * rate * e.rest;
    }
    value.slope = slope;
    value.slope_noise = 4.0 * RFI_EPS * slope_size;
    if (falling_size < rising_size) {
        value.f = falling;
        value.noise = 4.0 * RFI_EPS * falling_size;
    } else {
        value.f = rising;
        value.noise = 4.0 * RFI_EPS * rising_size;
    }
    return value;
}

/* The two forms of f differ in their rounding: the first is accurate near the start, the second near
 * a limit that is known better than the start. */
rfi_value rfi_expsum_at(const rfi_expsum *f, double tau)
{
    return value_at(f, tau, NULL);
}

/* e^{-lambda_j tau}, which may be known for all j. */
static double rest_of(const rfi_expsum *f, int64_t j, double tau, const double *rest)
{
    return rest != NULL ? rest[j] : rfi_decay_at(f->rate[j] * tau).rest;
}

/* Counts sign changes of a sequence whose uncertain members take the sign that gives more. */
typedef struct {
    int64_t changes;
    int64_t uncertain; /* in a row, since the last certain sign */
    double last;       /* last certain sign, 0: none yet        */
    double first;      /* first certain sign                    */
} sign_counter;

static void count_sign(sign_counter *s, double value, double tolerance)
{
    double sign;
    int64_t gaps;
    if (fabs(value) <= tolerance) {
        if (s->last != 0.0)
            ++s->uncertain;
        return;
    }
    sign = value > 0.0 ? 1.0 : -1.0;
    if (s->last == 0.0) {
        s->first = sign;
    } else {
        gaps = s->uncertain + 1;
        if ((gaps % 2 == 1) == (sign != s->last))
            s->changes += gaps;
        else
            s->changes += gaps - 1;
    }
    s->last = sign;
    s->uncertain = 0;
}

static sign_counter count_partial_sums(const rfi_expsum *f, double side, double tau, int at_zero,
                                       const double *rest)
{
    sign_counter s = {0, 0, 0.0, 0.0};
    double sum = f->limit, size = fabs(f->limit);
    const double slack = f->limit_noise;
    int64_t j;
    if (sum != 0.0)
        count_sign(&s, sum, 0.0);
    for (j = f->modes - 1; j >= 0; --j) {
        const double term = f->p[j] * rest_of(f, j, tau, rest);
        if (term == 0.0)
            continue;
        sum -= term;
        size += fabs(term);
        if (j > 0)
            count_sign(&s, sum, s.last == 0.0 ? 0.0 : 4.0 * RFI_EPS * size + slack);
    }
    if (!at_zero)
        count_sign(&s, side, 0.0); /* S_m = f(tau) */
    if (at_zero && s.uncertain > 0)
        s.changes += s.uncertain;
    return s;
}

/* rfi_expsum_count, with e^{-lambda_j tau} where it is known. */
static int64_t count_zeros(const rfi_expsum *f, double side, double tau, int at_zero, const double *rest)
{
    const sign_counter s = count_partial_sums(f, side, tau, at_zero, rest);
    if (!at_zero || s.first == 0.0)
        return s.changes;
    /* S_m = 0 was dropped: the parity comes from the signs at both ends. */
    if ((s.changes % 2 == 1) != (s.first != side))
        return s.changes > 0 ? s.changes - 1 : 1;
    return s.changes;
}

int64_t rfi_expsum_count(const rfi_expsum *f, double side, double tau, int at_zero)
{
    return count_zeros(f, side, tau, at_zero, NULL);
}

/* The side on which f ends: of its limit, or of its slowest mode if the limit is 0. */
static double final_side(const rfi_expsum *f)
{
    int64_t j;
    if (f->limit != 0.0)
        return f->limit > 0.0 ? 1.0 : -1.0;
    for (j = f->modes - 1; j >= 0; --j)
        if (f->p[j] != 0.0)
            return f->p[j] < 0.0 ? 1.0 : -1.0;
    return 0.0;
}

/* f' is again such a sum, with the exact limit 0 and p'_j = -p_j lambda_j. */
static rfi_expsum derivative(const rfi_expsum *f, double *p, int zero_start)
{
    rfi_expsum g = {f->modes, f->rate, p, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    int64_t j;
    for (j = 0; j < f->modes; ++j) {
        p[j] = -f->p[j] * f->rate[j];
        g.start -= p[j];
        g.size += fabs(p[j]);
    }
    g.size += fabs(g.start);
    if (zero_start)
        g.start = 0.0;
    return g;
}

/* The certified step h of docs/mathematics.md 2 for side f: f'' >= -B beyond tau; rest: e^{-lambda_j tau}. */
static double certified_step(const rfi_expsum *f, double side, const double *rest, double z, double slope)
{
    double bound = 0.0, root;
    int64_t j;
    for (j = 0; j < f->modes; ++j)
        if (side * f->p[j] > 0.0)
            bound += side * f->p[j] * f->rate[j] * f->rate[j] * rest[j];
    if (z < 0.0)
        z = 0.0;
    root = hypot(slope, sqrt(2.0 * bound) * sqrt(z));
    if (slope < 0.0)
        return 2.0 * z / (root - slope);
    return bound > 0.0 ? (slope + root) / bound : INFINITY;
}

static rfi_exit never(double touch)
{
    rfi_exit none = {INFINITY, 0.0, INFINITY};
    none.touch = touch;
    return none;
}

/* The single zero in [a, b]: Newton's method kept inside a shrinking bracket. */
static rfi_exit bracketed(const rfi_expsum *f, double side, double a, double b)
{
    rfi_exit exit = {0.0, 0.0, INFINITY};
    rfi_value v;
    double tau = a;
    int k;
    v = rfi_expsum_at(f, a);
    for (k = 0; k < 200; ++k) {
        double next = v.slope != 0.0 ? tau - v.f / v.slope : INFINITY;
        if (fabs(next - tau) <= RFI_EPS * tau || b - a <= 2.0 * RFI_EPS * b)
            break;
        if (!(next > a && next < b) || (k > 60 && k % 2 == 0))
            next = a + 0.5 * (b - a);
        tau = next;
        v = rfi_expsum_at(f, tau);
        if (side * v.f < 0.0)
            b = tau;
        else if (v.f != 0.0)
            a = tau;
        else
            break;
    }
    exit.tau = tau;
    exit.uncertainty = 2.0 * RFI_EPS * tau;
    if (v.slope != 0.0)
        exit.uncertainty += v.noise / fabs(v.slope);
    return exit;
}

/* At most one zero is left between tau, where side f > 0, and until. */
static rfi_exit only_zero(const rfi_expsum *f, double side, double tau, double until)
{
    double b = until, step = fmax(1.0 / f->rate[0], tau);
    if (isinf(until)) {
        if (final_side(f) == side || final_side(f) == 0.0)
            return never(INFINITY);
        for (b = tau + step; side * rfi_expsum_at(f, b).f >= 0.0; b = tau + step) {
            if (isinf(b))
                return never(tau);
            step *= 2.0;
        }
    } else if (side * rfi_expsum_at(f, until).f >= 0.0) {
        return never(INFINITY);
    }
    return bracketed(f, side, tau, b);
}

/* scratch: the decays of all modes, and from scratch + depth * modes on what is deeper. */
static rfi_exit search(const rfi_expsum *f, double side, double tau, int at_zero, double until,
                       double *scratch, int depth);

/* The iteration has stalled at tau: f is small and falling.  f falls until its derivative turns, so
 * the value there decides whether there is a zero.  Returns the turning point in *turn when the
 * search must go on from it. */
static rfi_exit graze(const rfi_expsum *f, double side, double tau, double until, double *scratch,
                      int depth, double *turn)
{
    rfi_expsum slope;
    rfi_exit low;
    rfi_value v;
    *turn = INFINITY;
    slope = derivative(f, scratch + (depth + 1) * f->modes, 0);
    low = search(&slope, -side, tau, 0, until, scratch, depth + 1);
    if (isinf(low.tau))
        return only_zero(f, side, tau, until);
    v = rfi_expsum_at(f, low.tau);
    if (side * v.f < -v.noise)
        return bracketed(f, side, tau, low.tau);
    *turn = low.tau;
    return never(side * v.f <= v.noise ? low.tau : INFINITY);
}

/* The certified iteration from tau, where side f > 0 or, at_zero, f = 0 and rising.  At the greatest depth there
 * is no derivative to ask: the steps go on, however many it takes, until they have passed the zero. */
static rfi_exit search(const rfi_expsum *f, double side, double tau, int at_zero, double until,
                       double *scratch, int depth)
{
    double touch = INFINITY, before = tau, turn;
    rfi_value low;
    rfi_exit exit;
    int64_t step;
    for (step = 0; step < MOST_STEPS; ++step) {
        const int start = at_zero && step == 0;
        const rfi_value v = value_at(f, tau, scratch);
        const int64_t zeros = count_zeros(f, side, tau, start, scratch);
        const double z = start ? 0.0 : side * v.f;
        const int stalled =
            depth < DEEPEST && (z <= v.noise || step % QUADRATIC_STEPS == QUADRATIC_STEPS - 1);
        const double least = tau * (1.0 + 2.0 * RFI_EPS); /* every step moves on */
        if (zeros == 0)
            return never(touch);
        if (zeros == 1 && z > v.noise) {
            exit = only_zero(f, side, tau, until);
            exit.touch = fmin(exit.touch, touch);
            return exit;
        }
        if (depth == DEEPEST && !start && z < -v.noise)
            return bracketed(f, side, before, tau);
        if (z > v.noise)
            before = tau;
        if (stalled && !start && side * v.slope < 0.0) {
            exit = graze(f, side, tau, until, scratch, depth, &turn);
            exit.touch = touch = fmin(exit.touch, touch);
            if (isinf(turn))
                return exit;
            tau = fmax(turn, tau);
            low = value_at(f, tau, scratch);
            tau += certified_step(f, side, scratch, low.noise, -low.slope_noise);
        } else {
            tau += certified_step(f, side, scratch, start ? 0.0 : fmax(z, v.noise), side * v.slope);
        }
        tau = fmax(tau, least);
        if (!(tau <= until))
            return never(touch);
    }
    return never(fmin(touch, tau));
}

/* f = 0 at `from` together with its derivatives below order `stand`, or below their rounding.  Let k be
 * the first order whose derivative is not 0: f^(k-1) rises from 0 until it turns, and so do all lower
 * ones, f included.  So f is on its side up to that turn, and the search begins there (from (0, 0) the
 * certified step is 0 for ever). */
static rfi_exit released(const rfi_expsum *f, double side, int stand, double from, double until,
                         double *scratch)
{
    rfi_exit now = {0.0, 0.0, INFINITY}, turn;
    rfi_expsum g = *f;
    int64_t order;
    now.tau = from;
    for (order = 1; order <= f->modes + stand; ++order) {
        rfi_value v;
        g = derivative(&g, scratch + f->modes, from == 0.0);
        if (order + 1 < stand)
            continue;
        v = rfi_expsum_at(&g, from);
        if (side * v.slope < -v.slope_noise)
            return now;
        if (side * v.slope > v.slope_noise)
            break;
    }
    if (order > f->modes + stand)
        return never(INFINITY);
    turn = search(&g, side, from, 1, until, scratch, 1);
    if (isinf(turn.tau))
        return never(turn.touch);
    return search(f, side, turn.tau, 0, until, scratch, 0);
}

rfi_exit rfi_expsum_exit(const rfi_expsum *f, double side, int stand, double from, double until,
                         double *scratch)
{
    rfi_exit now = {0.0, 0.0, INFINITY};
    rfi_value v;
    now.tau = from;
    if (f->modes == 0)
        return never(INFINITY);
    if (stand == RFI_ON_SIDE)
        return search(f, side, from, 0, until, scratch, 0);
    v = rfi_expsum_at(f, from);
    if (stand == RFI_CROSSED && side * v.slope > v.slope_noise)
        return search(f, side, from, 1, until, scratch, 0);
    if (stand == RFI_CROSSED && side * v.slope < -v.slope_noise)
        return now;
    return released(f, side, stand, from, until, scratch);
}
