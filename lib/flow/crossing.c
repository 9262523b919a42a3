/* crossing: the factors of the steps, enclosures of a margin over runs of steps, and the search.
 * SPDX-License-Identifier: MIT */
#include "flow/crossing.h"

#include <math.h>

#include "base/num.h"

void rfi_factors_set(rfi_factors *f, double eta, const double *lambda, int64_t modes)
{
    int64_t j, k;
    f->modes = modes;
    f->turning = f->growing = 0;
    for (j = 0; j < modes; ++j) {
        const double part = eta * lambda[j];
        const double size = fabs(1.0 - part);
        f->part[j] = part;
        f->turns[j] = part > 1.0;
        if (size == 0.0)
            f->rate[j] = INFINITY;
        else
            f->rate[j] = part < 1.0 ? -log1p(-part) : -log1p(part - 2.0);
        f->bend[j] = part / size;
        f->turning |= f->turns[j];
        f->growing |= f->rate[j] < 0.0;
    }
    for (j = 0; j < modes; ++j) { /* by insertion: the rates come sorted but for the turning ones */
        for (k = j; k > 0 && f->rate[f->order[k - 1]] > f->rate[j]; --k)
            f->order[k] = f->order[k - 1];
        f->order[k] = j;
    }
}

void rfi_factors_power(const rfi_factors *f, int64_t j, int64_t k, double *rest, double *done)
{
    const rfi_decay e = rfi_decay_at(f->rate[j] * (double)k);
    const int negative = f->turns[j] && k % 2 != 0;
    *rest = negative ? -e.rest : e.rest;
    *done = negative ? 1.0 + e.rest : e.done;
}

/* One run of steps a .. b, seen by the steps of one parity: with s_j = -1 for a turning mode at
 * odd steps, else 1, the margin is the function z(t) = z(inf) - sum_j p_j s_j |mu_j|^t of a real
 * t there. */
typedef struct {
    int64_t modes;
    double *rest_a, *rest_b; /* s_j |mu_j|^t at a and b                                         */
    double *done_a, *done_b; /* 1 minus those                                                    */
    double *bulge;   /* s_j times how far |mu_j|^t is below its chord at most, a <= t <= b */
    double *rising;  /* error of the terms of z(0) + sum_j p_j (1 - ...), per |p_j|      */
    double *falling; /* error of the terms of z(inf) - sum_j p_j ..., per |p_j|          */
} run;

static run run_of(double *work, int64_t modes)
{
    run r;
    r.modes = modes;
    r.rest_a = work;
    r.rest_b = work + modes;
    r.done_a = work + 2 * modes;
    r.done_b = work + 3 * modes;
    r.bulge = work + 4 * modes;
    r.rising = work + 5 * modes;
    r.falling = work + 6 * modes;
    return r;
}

/* e^{-x s} on 0 <= s <= 1 lies below its chord by at most 1 - m + m log m, where
 * m = (1 - e^{-x})/x is minus the slope of the chord over x; that is at most x^2/8. */
static double below_chord(double x)
{
    double m;
    if (x < 0.5)
        return 0.125 * x * x;
    if (isinf(x))
        return 1.0;
    m = rfi_decay_at(x).done / x;
    return (1.0 - m + m * log(m)) * (1.0 + 1e-12);
}

/* Errors hold for all steps of the run: that of |mu|^t is at most 4 eps t eta lambda/|mu| of its
 * value, for eta lambda and the product with t are rounded; the terms come with that of p_j. */
static void fill_run(const rfi_factors *f, const double *doubt, int64_t a, int64_t b, int odd,
                     run *r)
{
    int64_t j;
    for (j = 0; j < f->modes; ++j) {
        const rfi_decay at_a = rfi_decay_at(f->rate[j] * (double)a);
        const rfi_decay at_b = rfi_decay_at(f->rate[j] * (double)b);
        const double most = fmax(at_a.rest, at_b.rest);
        const int negative = odd && f->turns[j];
        const double drift = most > 0.0 ? 4.0 * RFI_EPS * f->bend[j] * (double)b * most : 0.0;
        r->rest_a[j] = negative ? -at_a.rest : at_a.rest;
        r->rest_b[j] = negative ? -at_b.rest : at_b.rest;
        r->done_a[j] = negative ? 1.0 + at_a.rest : at_a.done;
        r->done_b[j] = negative ? 1.0 + at_b.rest : at_b.done;
        r->bulge[j] =
            most > 0.0 && b > a ? most * below_chord(fabs(f->rate[j]) * (double)(b - a)) : 0.0;
        if (negative)
            r->bulge[j] = -r->bulge[j];
        r->rising[j] = doubt[j] * (f->turns[j] ? 1.0 + most : fabs(at_b.done)) + drift;
        r->falling[j] = doubt[j] * most + drift;
    }
}

/* 1 if the margin is certain to be on its side at all steps of the run: at both ends, and by
 * more than a function can bulge between them.  Of the two forms of z the one with the smaller
 * error counts. */
static int stays(const rfi_watch *z, const run *r)
{
    double from_start_a = z->start, from_start_b = from_start_a;
    double from_limit_a = z->limit, from_limit_b = from_limit_a;
    double rising = z->start_noise, falling = z->limit_noise, below = 0.0, least;
    int64_t j;
    for (j = 0; j < r->modes; ++j) {
        const double p = z->p[j], size = fabs(p), bulge = z->side * p * r->bulge[j];
        from_start_a += p * r->done_a[j];
        from_start_b += p * r->done_b[j];
        from_limit_a -= p * r->rest_a[j];
        from_limit_b -= p * r->rest_b[j];
        rising += size * r->rising[j];
        falling += size * r->falling[j];
        below += bulge < 0.0 ? -bulge : 0.0;
    }
    if (falling < rising)
        least = fmin(z->side * from_limit_a, z->side * from_limit_b) - falling;
    else
        least = fmin(z->side * from_start_a, z->side * from_start_b) - rising;
    return least > below;
}

/* Laguerre-Descartes (docs/mathematics.md 2) for the function of one parity from step a on: if
 * its partial sums, beginning with z(inf) and the slowest mode, all lie on its side, it has no
 * zero beyond a. */
static int stays_for_ever(const rfi_factors *f, const double *doubt, const rfi_watch *z,
                          const run *r, int64_t a)
{
    double sum = z->limit, noise = z->limit_noise;
    int64_t i;
    for (i = 0; i < f->modes; ++i) {
        const int64_t j = f->order[i];
        const double term = z->p[j] * r->rest_a[j];
        if (term == 0.0)
            continue;
        if (f->rate[j] > 0.0 && sum != 0.0 && !(z->side * sum > noise))
            return 0;
        sum -= term;
        noise += fabs(term) * (doubt[j] + 4.0 * RFI_EPS * f->bend[j] * (double)a);
    }
    return z->side * sum > noise;
}

typedef struct {
    const rfi_factors *factors;
    const double *doubt;
    rfi_watch *watch;
    uint8_t *clear;
    run run;
} search;

/* Brings the margins that are not clear to the front; returns their number. */
static int64_t sift(search *s, int64_t count)
{
    int64_t i, left = 0;
    for (i = 0; i < count; ++i) {
        if (!s->clear[i]) {
            const rfi_watch kept = s->watch[i];
            s->watch[i] = s->watch[left];
            s->watch[left++] = kept;
        }
    }
    return left;
}

/* Of the first `count` margins those that may change side in a .. b; from a on, if for_ever. */
static int64_t left_over(search *s, int64_t count, int64_t a, int64_t b, int for_ever)
{
    const int first = a == b && !for_ever ? (int)(a % 2) : 0;
    const int last = s->factors->turning && (b > a || for_ever) ? 1 : first;
    int parity;
    int64_t i;
    for (parity = first; parity <= last; ++parity) {
        fill_run(s->factors, s->doubt, a, b, parity, &s->run);
        for (i = 0; i < count; ++i) {
            const int clear = for_ever
                                  ? stays_for_ever(s->factors, s->doubt, &s->watch[i], &s->run, a)
                                  : stays(&s->watch[i], &s->run);
            s->clear[i] = (uint8_t)(clear && (parity == first || s->clear[i]));
        }
    }
    return sift(s, count);
}

/* The first step of a .. b at which one of the first `count` margins may have changed side; b +
 * 1 if there is none.  The front of the list holds the same margins afterwards. */
static int64_t bisect(search *s, int64_t count, int64_t a, int64_t b)
{
    const int64_t middle = a + (b - a) / 2;
    int64_t found;
    count = left_over(s, count, a, b, 0);
    if (count == 0)
        return b + 1;
    if (a == b)
        return a;
    found = bisect(s, count, a, middle);
    return found <= middle ? found : bisect(s, count, middle + 1, b);
}

int64_t rfi_crossing_first(const rfi_factors *factors, const double *doubt, rfi_watch *watch,
                           int64_t count, int64_t most, uint8_t *clear, double *work)
{
    search s;
    int64_t a, b;
    s.factors = factors;
    s.doubt = doubt;
    s.watch = watch;
    s.clear = clear;
    s.run = run_of(work, factors->modes);
    for (a = 1; a <= most; a = b + 1) {
        int64_t found;
        if (!factors->growing)
            count = left_over(&s, count, a, a, 1);
        if (count == 0)
            return most + 1;
        b = rfi_smaller(most, 2 * a - 1);
        found = bisect(&s, count, a, b);
        if (found <= b)
            return found;
    }
    return most + 1;
}
