/* netfollow: see netfollow.h.
 * SPDX-License-Identifier: MIT */
#include "flow/netscout.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/event.h"

int rfi_netfollower_create(rfi_netfollower *f, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    const rf_allocator *a = &data->allocator;
    const int64_t m = problem->neurons, n = data->kinks.count, s = m * (data->d - 1);
    memset(f, 0, sizeof(*f));
    if (m < 2 || data->d < 2 || n < 1 || data->n > rfi_weight_count(problem)
        || data->kinks.start[n] != n)
        return 0;
    f->made = 1;
    f->path = rfi_alloc(a, m, sizeof(double));
    f->key = rfi_alloc(a, m * n, sizeof(double));
    f->near = rfi_alloc(a, m, sizeof(double));
    f->watched = rfi_alloc(a, m * n + 2 * s, sizeof(*f->watched));
    f->hit = rfi_alloc(a, m * data->d, sizeof(*f->hit));
    f->found = rfi_alloc(a, m, sizeof(*f->found));
    f->kink = rfi_alloc(a, data->d, sizeof(*f->kink));
    f->line = rfi_alloc(a, RFI_NET_ROOM, sizeof(double));
    if (rfi_netchain_create(&f->chain, problem) != 0 || rfi_kink_work_create(&f->work, data) != 0
        || f->kink == NULL || f->found == NULL || f->path == NULL || f->key == NULL
        || f->near == NULL || f->watched == NULL || f->hit == NULL
        || f->line == NULL) {
        rfi_netfollower_free(f, a);
        return -1;
    }
    return 0;
}

void rfi_netfollower_free(rfi_netfollower *f, const rf_allocator *allocator)
{
    if (f->made) {
        rfi_netchain_free(&f->chain, allocator);
        rfi_free(allocator, f->path);
        rfi_free(allocator, f->key);
        rfi_free(allocator, f->near);
        rfi_free(allocator, f->watched);
        rfi_free(allocator, f->hit);
        rfi_free(allocator, f->line);
        rfi_free(allocator, f->kink);
        rfi_free(allocator, f->found);
        rfi_kink_work_free(&f->work, allocator);
    }
    memset(f, 0, sizeof(*f));
}

void rfi_netfollow_forget(rfi_netfollower *f)
{
    f->gathered = f->anchored = f->measured = 0;
}

int rfi_netfollow_start(rfi_netfollower *f, const rfi_problem *problem)
{
    rfi_netfollow_forget(f);
    f->ready = 0;
    if (!f->made || problem->activation != RF_RELU || rfi_netchain_set(&f->chain, problem) != 0)
        return 0;
    f->ready = 1;
    return 1;
}

/* Lines at rest, and neurons that are held at w_j = 0 but may leave it, are not followed. */
static int plain(const rfi_pattern *pattern)
{
    int64_t g;
    for (g = 0; g < pattern->lines; ++g)
        if ((pattern->side[g] < RFI_MINUS || pattern->side[g] > RFI_PLUS)
            && pattern->side[g] != RFI_DEAD_ORIGIN)
            return 0;
    return 1;
}

int rfi_netfollow_accepts(rfi_netfollower *f, const rfi_problem *problem,
                          const rfi_pattern *pattern)
{
    rfi_netfollow_forget(f);
    if (!f->made || !plain(pattern) || (!f->ready && !rfi_netfollow_start(f, problem)))
        return 0;
    f->gathered = rfi_netchain_gather(&f->chain, pattern) == 0;
    return f->gathered;
}

/* All pairs and slides are to be looked at. */
static void measure(rfi_netfollower *f)
{
    const rfi_netchain *c = &f->chain;
    int64_t k;
    memset(f->path, 0, (size_t)c->m * sizeof(double));
    memset(f->near, 0, (size_t)c->m * sizeof(double));
    for (k = 0; k < c->m * c->n; ++k)
        f->key[k] = 0.0;
    f->measured = 1;
}

/* At most the reciprocal of the largest rate. */
static double start_step(const rfi_netchain *c)
{
    return 1.0 / (c->big * c->reach * c->reach);
}

static int begin(rfi_netfollower *f, const rfi_problem *problem, const rfi_pattern *pattern,
                 double t0, const double *w0, double want)
{
    if (!f->gathered && !rfi_netfollow_accepts(f, problem, pattern))
        return -1;
    rfi_netchain_put(&f->chain, w0);
    if (rfi_netchain_anchor(&f->chain, t0, want > 0.0 ? want : start_step(&f->chain)) != 0)
        return -1;
    if (!f->measured)
        measure(f);
    f->anchors = 0;
    f->anchored = 1;
    return 0;
}

/* What neuron j is on where pair `hit` arrives, and its velocity before, into h->v; returns the number of its
 * kinks, the last that of the pair. */
static int64_t gather_kinks(rfi_nethunt *h, const rfi_hit *hit)
{
    rfi_netchain *c = h->c;
    const int64_t j = hit->j, slides = c->slides[j];
    int64_t k;
    rfi_netchain_neuron(c, j);
    rfi_netchain_weight(c, h->best, h->w, h->v);
    for (k = 0; k <= slides; ++k) {
        const int64_t i = k < slides ? c->slide[j * c->most + k] : hit->i;
        rfi_kink *kink = &h->f->kink[k];
        double slope;
        memset(kink, 0, sizeof(*kink));
        kink->line = i;
        kink->x = rfi_view_of(c->X + i * c->d);
        kink->norm = c->norm[i];
        kink->jump = -c->a[j] * rfi_netchain_residual(c, i, h->best);
        kink->at0 = RFI_LOW;
        if (k < slides) {
            kink->u0 = kink->u =
                rfi_nethunt_polynomial(c->u + k * RFI_NET_ROOM, c->order, h->best, &slope);
            kink->floor = rfi_netchain_floor(c, j, k);
        } else {
            kink->at = (kink->jump >= 0.0) == (hit->from < 0) ? RFI_HIGH : RFI_LOW;
            kink->at0 = hit->from > 0 ? RFI_HIGH : RFI_LOW;
            kink->u0 = hit->from > 0 && kink->jump < 0.0 ? -kink->jump : 0.0;
        }
    }
    return slides + 1;
}

/* 1 if every slide still has room on both sides, so that the decision is that of section 3. */
static int slides_hold(const rfi_netfollower *f, int64_t slides)
{
    int64_t k;
    for (k = 0; k < slides; ++k)
        if (!(f->kink[k].u0 > 16.0 * f->kink[k].floor
              && -f->kink[k].jump - f->kink[k].u0 > 16.0 * f->kink[k].floor))
            return 0;
    return 1;
}

/* Adds a pair that changes, behind those that are there; by line among those of its neuron. */
static void add_hit(rfi_netfollower *f, const rfi_hit *hit)
{
    int64_t k;
    for (k = f->hits++; k > 0 && f->hit[k - 1].j == hit->j && f->hit[k - 1].i > hit->i; --k)
        f->hit[k] = f->hit[k - 1];
    f->hit[k] = *hit;
}

/* Where pair `hit` arrives: which side it takes, across or on its kink, and which slides of its neuron end.
 * Returns 0, or -1 if rounding may decide that. */
static int arrive(rfi_nethunt *h, const rfi_hit *arrival)
{
    rfi_netfollower *f = h->f;
    rfi_netchain *c = h->c;
    const int64_t slides = c->slides[arrival->j], count = gather_kinks(h, arrival);
    const rfi_kink *last = &f->kink[slides];
    int64_t k;
    double square, tie;
    int ambiguous = 0;
    if (slides >= c->most || !slides_hold(f, slides))
        return -1;
    rfi_netchain_noise(c, arrival->j, h->noise);
    square = rfi_netchain_tangent(c, arrival->j, c->X + arrival->i * c->d, h->w);
    tie = h->noise[1] + h->noise[2] * h->best;
    if (square <= 1e-8 * last->norm * last->norm
        || -arrival->from * rfi_dot(c->X + arrival->i * c->d, h->v, c->d)
               <= 32.0 * last->norm * (tie + RFI_EPS * fabs(last->jump) * last->norm))
        return -1;
    f->work.doubtful = 0;
    if (rfi_kink_solve(&f->work, c->d, h->v, tie / RFI_EPS, f->kink, count, h->w, &ambiguous) != RF_OK
        || ambiguous || f->work.doubtful)
        return -1;
    for (k = 0; k < count; ++k) {
        const rfi_kink *kink = &f->kink[k];
        rfi_hit hit = *arrival;
        if (kink->tie || (k == slides && kink->side == arrival->from))
            return -1;
        if (k < slides && kink->side == RFI_SLIDE)
            continue;
        hit.i = kink->line;
        hit.from = k < slides ? RFI_SLIDE : arrival->from;
        hit.to = kink->side;
        hit.stand = kink->stand;
        add_hit(f, &hit);
    }
    return 0;
}

/* 1 if the chain, anchored after the event, bears out the side that a pair has taken. */
static int holds_true(rfi_nethunt *h, const rfi_hit *hit)
{
    rfi_netchain *c = h->c;
    const double *x = c->X + hit->i * c->d;
    double sum = 0.0;
    int64_t k;
    int top;
    rfi_netchain_neuron(c, hit->j);
    for (k = 0; k < c->slides[hit->j]; ++k)
        for (top = 0; top < 2; ++top) {
            rfi_nethunt_slide(h, hit->j, k, top);
            if (!(h->f->line[0] > 16.0 * rfi_netchain_floor(c, hit->j, k)))
                return 0;
        }
    if (hit->to == RFI_SLIDE)
        return 1;
    for (k = 0; k < c->d; ++k) /* of w', or of w''/2 */
        sum += x[k] * c->B[k * RFI_NET_ROOM + hit->stand - 1] * c->part[hit->stand - 1];
    rfi_netchain_noise(c, hit->j, h->noise);
    return hit->to * sum > 8.0 * h->noise[hit->stand] * c->norm[hit->i];
}

/* The anchor has moved by tau. */
static void pass(rfi_netfollower *f, double tau)
{
    const rfi_netchain *c = &f->chain;
    int64_t j;
    for (j = 0; j < c->m; ++j)
        f->path[j] += rfi_nethunt_path(c, j, tau);
}

/* The pairs of an event have changed: they are to be looked at. */
static void look_again(rfi_netfollower *f)
{
    const rfi_netchain *c = &f->chain;
    int64_t k;
    for (k = 0; k < f->hits; ++k) {
        const int64_t j = f->hit[k].j;
        f->key[j * c->n + f->hit[k].i] = f->hit[k].to == RFI_SLIDE ? INFINITY : f->path[j];
        f->near[j] = f->path[j];
    }
}

/* What becomes of every pair of the event.  Returns 0, or -1 if that is not simple. */
static int decide(rfi_nethunt *h)
{
    rfi_netfollower *f = h->f;
    const int64_t found = f->hits;
    int64_t k;
    f->hits = 0;
    for (k = 0; k < found; ++k) {
        rfi_hit hit = f->found[k];
        if (hit.what == RFI_ARRIVES) {
            if (arrive(h, &hit) != 0)
                return -1;
            continue;
        }
        hit.to = hit.what == RFI_LEAVES_LOW ? RFI_MINUS : RFI_PLUS;
        hit.stand = RFI_RELEASED;
        add_hit(f, &hit);
    }
    return 0;
}

/* Goes through the event at h->best: the chain is anchored behind it.  Returns 0, or -1 if it is not
 * simple, and then the chain is of no use. */
static int cross(rfi_nethunt *h, double t0)
{
    rfi_netfollower *f = h->f;
    rfi_netchain *c = h->c;
    int64_t k;
    f->time = c->t + h->best;
    if (!(f->time > t0))
        return -1;
    if (decide(h) != 0)
        return -1;
    pass(f, h->best);
    rfi_netchain_move(c, h->best);
    for (k = 0; k < f->hits; ++k)
        if (f->hit[k].from != RFI_SLIDE)
            rfi_netchain_clean(c, f->hit[k].j, f->hit[k].i);
    for (k = 0; k < f->hits; ++k) {
        if (rfi_netchain_side(c, f->hit[k].j, f->hit[k].i, f->hit[k].to) != 0)
            return -1;
    }
    return 0;
}

/* The same, with the anchor that bears it out. */
static int cross_simply(rfi_nethunt *h, double t0, double want)
{
    rfi_netfollower *f = h->f;
    int64_t k;
    if (cross(h, t0) != 0
        || rfi_netchain_anchor(h->c, f->time, 0.8 * want + 0.6 * (f->time - t0)) != 0)
        return -1;
    for (k = 0; k < f->hits; ++k)
        if (!holds_true(h, &f->hit[k]))
            return -1;
    look_again(f);
    f->anchors = 0;
    return 0;
}

/* Where nothing happens within the validity of the chain: anchors at its end, or farther on if nothing can happen
 * up to there. */
static int go_on(rfi_nethunt *h)
{
    rfi_netchain *c = h->c;
    double step = c->valid, most;
    const double want = 2.0 * step;
    if (!h->started && c->bends && c->order == RFI_NET_MOST) {
        most = rfi_netchain_reach(c);
        while (2.0 * step <= most && rfi_nethunt_clears(h, 2.0 * step))
            step *= 2.0;
    }
    pass(h->f, step);
    if (step > c->valid)
        rfi_netchain_leap(c, step);
    else
        rfi_netchain_move(c, step);
    return rfi_netchain_anchor(c, c->t + step, want);
}

int rfi_netfollow_find(rfi_netfollower *f, const rfi_problem *problem, const rfi_pattern *pattern,
                       double t0, const double *w0, double t_end, double want, int64_t patience)
{
    rfi_netchain *c = &f->chain;
    rfi_nethunt h = {f, c, pattern, 1, 0.0, 0.0, 0.0, NULL, NULL, {0.0, 0.0, 0.0}};
    int seen;
    if (!f->anchored && begin(f, problem, pattern, t0, w0, want) != 0)
        return RFI_DOUBTS;
    h.w = c->row;
    h.v = c->row + c->d;
    for (;; ++f->anchors) {
        h.started = f->anchors == 0;
        if (c->t > t_end)
            return RFI_NOT_YET;
        if (!(c->size[1] > 0.0) || f->anchors >= patience || !(c->valid > 0.0))
            return RFI_TIRES;
        if (!(c->t + c->valid > c->t))
            return RFI_DOUBTS;
        seen = rfi_nethunt_search(&h);
        if (seen == RFI_SEES && cross_simply(&h, t0, want) == 0)
            return RFI_SEES;
        if (seen != RFI_TIRES) {
            rfi_netfollow_forget(f);
            return RFI_DOUBTS;
        }
        if (go_on(&h) != 0) {
            rfi_netfollow_forget(f);
            return RFI_DOUBTS;
        }
    }
}
