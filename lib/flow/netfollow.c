/* netfollow: see netfollow.h.
 * SPDX-License-Identifier: MIT */
#include "flow/netfollow.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/event.h"

/* Bounds are widened by this, many times the rounding of what they are made from. */
#define WIDER (1.0 + 1e-9)

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
    f->line = rfi_alloc(a, RFI_NET_POWERS, sizeof(double));
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

/* What a search has in hand. */
typedef struct {
    rfi_netfollower *f;
    rfi_netchain *c;
    const rfi_pattern *pattern;
    int started;                  /* the stretch begins at this anchor                */
    double best, limit, doubt;    /* tau: of the first root, of the end of the search, and from which
                                     on something is closer to a graze than can be told */
    double *w, *v;                /* of the neuron in hand                            */
    double noise[3];
} hunt;

static double until(const hunt *h)
{
    return fmin(h->limit, h->best);
}

static double polynomial(const double *c, int64_t order, double tau, double *slope)
{
    double f = c[order], s = 0.0;
    int64_t k;
    for (k = order; k-- > 0;) {
        s = s * tau + f;
        f = f * tau + c[k];
    }
    *slope = s;
    return f;
}

/* A bound of |w_j''| up to tau: neither the first nor the second derivative of s grows. */
static double bend_of(const rfi_netchain *c, int64_t j, double tau)
{
    const double pull = fabs(c->a[j]) * c->reach;
    return fmin(pull * c->size[1], c->turning[j] + 2.0 * tau * pull * c->size[2]);
}

/* How far neuron j goes at most within tau of the anchor. */
static double path_of(const rfi_netchain *c, int64_t j, double tau)
{
    const double pull = fabs(c->a[j]) * c->reach;
    if (c->actives[j] == 0)
        return 0.0;
    return (tau * (c->speed[j] + pull * c->noise + 0.5 * tau * bend_of(c, j, tau))) * WIDER;
}

/* 1 if a function of this start and slope and bound of the second derivative stays above `floor` up to tau. */
static int stays(double start, double slope, double bend, double floor, double tau)
{
    return start > floor && start + tau * (slope - 0.5 * bend * tau * WIDER) > floor * WIDER;
}

static rfi_watched *keep(hunt *h, int64_t j, int64_t i, int64_t at, int32_t what)
{
    rfi_watched *watched = &h->f->watched[h->f->watching++];
    watched->j = j;
    watched->i = i;
    watched->at = at;
    watched->what = what;
    return watched;
}

/* The first root of the function in f->line, to the full order of the chain. */
static void find_root(hunt *h, int64_t order, int stand, const double noise[3])
{
    double tau;
    const int seen = rfi_scout_root(h->f->line + stand, order - stand, stand, noise, h->c->valid,
                                    until(h), &tau);
    if (seen == RFI_DOUBTS)
        h->doubt = fmin(h->doubt, tau);
    else if (seen == RFI_SEES)
        h->best = tau;
}

/* Coefficients of side times the margin of pair (j, i), into f->line; T is of neuron j. */
static void margin_line(hunt *h, int64_t j, int64_t i)
{
    const rfi_netchain *c = h->c;
    const double side = h->pattern->side[j * c->n + i], *x = c->X + i * c->d;
    int64_t k, e;
    for (k = 0; k <= c->order + 1; ++k)
        h->f->line[k] = 0.0;
    for (e = 0; e < c->d; ++e)
        for (k = 0; k <= c->order + 1; ++k)
            h->f->line[k] += side * x[e] * c->T[e * RFI_NET_ROOM + k];
}

/* Of the slide at position k of neuron j: u, or |Gamma| - u. */
static void slide_line(hunt *h, int64_t j, int64_t k, int top)
{
    const rfi_netchain *c = h->c;
    const int64_t i = c->slide[j * c->most + k];
    int64_t l;
    for (l = 0; l <= c->order; ++l) {
        const double u = c->u[k * RFI_NET_ROOM + l];
        h->f->line[l] = top ? c->a[j] * c->S[l * c->nld + i] - u : u;
    }
}

/* Side times the margin at the anchor, its slope and a bound of its second derivative. */
static void margin_start(const hunt *h, int64_t j, int64_t i, double *z, double *slope, double *bend)
{
    const rfi_netchain *c = h->c;
    const double side = h->pattern->side[j * c->n + i], *x = c->X + i * c->d;
    double dot = 0.0, along = 0.0;
    int64_t e;
    for (e = 0; e < c->d; ++e) {
        dot += x[e] * h->w[e];
        along += x[e] * h->v[e];
    }
    *z = side * dot;
    *slope = side * along;
    *bend = c->norm[i] * bend_of(c, j, c->valid);
}

static void scaled_noise(const hunt *h, double norm, double noise[3])
{
    int k;
    for (k = 0; k < 3; ++k)
        noise[k] = norm * h->noise[k];
}

/* Looks at pair (j, i): sets its key, and its margin to full order if that may reach 0. */
static void look(hunt *h, int64_t j, int64_t i)
{
    rfi_netfollower *f = h->f;
    rfi_netchain *c = h->c;
    const int64_t g = j * c->n + i;
    const int stand = h->started ? h->pattern->stand[g] : RFI_ON_SIDE;
    const double norm = c->norm[i];
    const double floor = 16.0 * norm * (h->noise[0] + h->noise[1] * c->valid);
    double z, slope, bend, noise[3];
    rfi_watched *watched;
    margin_start(h, j, i, &z, &slope, &bend);
    f->key[g] = f->path[j] + fmax(z - floor, 0.0) / (norm * WIDER);
    if (stand == RFI_ON_SIDE && stays(z, slope, bend, floor, until(h)))
        return;
    if (stand > RFI_RELEASED) {
        h->doubt = 0.0;
        return;
    }
    rfi_netchain_neuron(c, j);
    margin_line(h, j, i);
    watched = keep(h, j, i, -1, RFI_ARRIVES);
    watched->start = stand == RFI_ON_SIDE ? z : 0.0;
    watched->slope = slope;
    watched->bend = bend;
    watched->floor = floor;
    scaled_noise(h, norm, noise);
    find_root(h, c->order + 1, stand, noise);
}

/* Sets up w_j and w_j' at the anchor. */
static void face(hunt *h, int64_t j)
{
    const rfi_netchain *c = h->c;
    int64_t e;
    for (e = 0; e < c->d; ++e) {
        h->w[e] = c->W[e * c->mld + j];
        h->v[e] = c->V[e * c->mld + j];
    }
    rfi_netchain_noise(c, j, h->noise);
}

/* The pairs of neuron j whose kinks it may reach. */
static void watch_margins(hunt *h, int64_t j)
{
    rfi_netfollower *f = h->f;
    rfi_netchain *c = h->c;
    const int8_t *side = h->pattern->side + j * c->n;
    double *key = f->key + j * c->n, far = f->path[j] + path_of(c, j, until(h)), least = INFINITY;
    int64_t i;
    if (f->near[j] > far)
        return;
    face(h, j);
    for (i = 0; i < c->n; ++i) {
        if (rfi_held(side[i]))
            key[i] = INFINITY;
        else if (key[i] <= far)
            look(h, j, i);
        least = fmin(least, key[i]);
    }
    f->near[j] = least;
}

/* The slide at position k of neuron j against one of its bounds. */
static void watch_bound(hunt *h, int64_t j, int64_t k, int top)
{
    rfi_netchain *c = h->c;
    const int64_t at = j * c->most + k, i = c->slide[at];
    const double floor = rfi_netchain_floor(c, j, k), noise[3] = {floor, 0.0, 0.0};
    const double bend = 2.0 * fabs(c->a[j]) * c->size[2]
                        * (c->inverse[at] * c->reach + (top ? sqrt(c->weight[i]) : 0.0));
    double start = c->u0[at], slope = c->u1[at];
    rfi_watched *watched;
    if (top) {
        start = c->a[j] * c->S[i] - start;
        slope = c->a[j] * c->S[c->nld + i] - slope;
    }
    if (stays(start, slope, bend, 16.0 * floor, until(h)))
        return;
    rfi_netchain_neuron(c, j);
    slide_line(h, j, k, top);
    watched = keep(h, j, i, k, top ? RFI_LEAVES_HIGH : RFI_LEAVES_LOW);
    watched->start = start;
    watched->slope = slope;
    watched->bend = bend;
    watched->floor = 16.0 * floor;
    find_root(h, c->order, 0, noise);
}

static void watch_slides(hunt *h, int64_t j)
{
    int64_t k;
    for (k = 0; k < h->c->slides[j]; ++k) {
        watch_bound(h, j, k, 0);
        watch_bound(h, j, k, 1);
    }
}

/* What a function that was looked at closely is at the first root: its value, slope and error. */
static double value_at(hunt *h, const rfi_watched *watched, double *slope, double *error)
{
    rfi_netchain *c = h->c;
    const double tau = h->best;
    rfi_netchain_neuron(c, watched->j);
    if (watched->at < 0) {
        double noise[3];
        rfi_netchain_noise(c, watched->j, h->noise);
        scaled_noise(h, c->norm[watched->i], noise);
        margin_line(h, watched->j, watched->i);
        *error = noise[0] + tau * (noise[1] + tau * noise[2]);
        return polynomial(h->f->line, c->order + 1, tau, slope);
    }
    slide_line(h, watched->j, watched->at, watched->what == RFI_LEAVES_HIGH);
    *error = rfi_netchain_floor(c, watched->j, watched->at);
    return polynomial(h->f->line, c->order, tau, slope);
}

/* What happens at the first root: of each neuron one pair, else this is not the place to decide. */
static int collect(hunt *h)
{
    rfi_netfollower *f = h->f;
    int64_t k;
    f->hits = 0;
    for (k = 0; k < f->watching; ++k) {
        const rfi_watched *watched = &f->watched[k];
        const rfi_hit *last = f->hits > 0 ? &f->found[f->hits - 1] : NULL;
        double z, slope, error;
        if (stays(watched->start, watched->slope, watched->bend, watched->floor, h->best))
            continue;
        z = value_at(h, watched, &slope, &error);
        if (z > 16.0 * error || (watched->start == 0.0 && slope > 0.0)) /* on its way from its kink */
            continue;
        if (!(slope < 0.0) || (last != NULL && last->j == watched->j))
            return RFI_DOUBTS;
        f->found[f->hits].j = watched->j;
        f->found[f->hits].i = watched->i;
        f->found[f->hits].what = watched->what;
        f->found[f->hits++].from = h->pattern->side[watched->j * h->c->n + watched->i];
    }
    return f->hits > 0 ? RFI_SEES : RFI_DOUBTS;
}

/* Searches up to the end of the chain's validity. */
static int hunt_chain(hunt *h)
{
    rfi_netfollower *f = h->f;
    int64_t j;
    h->best = h->doubt = INFINITY;
    h->limit = h->c->valid;
    f->watching = 0;
    for (j = 0; j < h->c->m; ++j) {
        if (h->c->slides[j] > 0)
            watch_slides(h, j);
        watch_margins(h, j);
    }
    if (h->doubt <= until(h))
        return RFI_DOUBTS;
    return h->best <= h->limit ? collect(h) : RFI_TIRES;
}

/* What neuron j is on where pair `hit` arrives, and its velocity before, into h->v; returns the number of its
 * kinks, the last that of the pair. */
static int64_t gather_kinks(hunt *h, const rfi_hit *hit)
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
                polynomial(c->u + k * RFI_NET_ROOM, c->order, h->best, &slope);
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
static int arrive(hunt *h, const rfi_hit *arrival)
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
static int holds_true(hunt *h, const rfi_hit *hit)
{
    rfi_netchain *c = h->c;
    const double *x = c->X + hit->i * c->d;
    double sum = 0.0;
    int64_t k;
    int top;
    rfi_netchain_neuron(c, hit->j);
    for (k = 0; k < c->slides[hit->j]; ++k)
        for (top = 0; top < 2; ++top) {
            slide_line(h, hit->j, k, top);
            if (!(h->f->line[0] > 16.0 * rfi_netchain_floor(c, hit->j, k)))
                return 0;
        }
    if (hit->to == RFI_SLIDE)
        return 1;
    for (k = 0; k < c->d; ++k)
        sum += x[k] * c->T[k * RFI_NET_ROOM + hit->stand];
    rfi_netchain_noise(c, hit->j, h->noise);
    return hit->to * sum > 8.0 * h->noise[hit->stand] * c->norm[hit->i];
}

/* The anchor has moved by tau. */
static void pass(rfi_netfollower *f, double tau)
{
    const rfi_netchain *c = &f->chain;
    int64_t j;
    for (j = 0; j < c->m; ++j)
        f->path[j] += path_of(c, j, tau);
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
static int decide(hunt *h)
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
static int cross(hunt *h, double t0)
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
static int cross_simply(hunt *h, double t0, double want)
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

int rfi_netfollow_find(rfi_netfollower *f, const rfi_problem *problem, const rfi_pattern *pattern,
                       double t0, const double *w0, double t_end, double want, int64_t patience)
{
    rfi_netchain *c = &f->chain;
    hunt h = {f, c, pattern, 1, 0.0, 0.0, 0.0, NULL, NULL, {0.0, 0.0, 0.0}};
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
        seen = hunt_chain(&h);
        if (seen == RFI_SEES && cross_simply(&h, t0, want) == 0)
            return RFI_SEES;
        if (seen != RFI_TIRES) {
            rfi_netfollow_forget(f);
            return RFI_DOUBTS;
        }
        pass(f, c->valid);
        rfi_netchain_move(c, c->valid);
        if (rfi_netchain_anchor(c, c->t + c->valid, 2.0 * c->valid) != 0) {
            rfi_netfollow_forget(f);
            return RFI_DOUBTS;
        }
    }
}
