/* netscout: see netscout.h.
 * SPDX-License-Identifier: MIT */
#include "flow/netscout.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/event.h"

/* Bounds are widened by this, many times the rounding of what they are made from. */
#define WIDER (1.0 + 1e-9)

static inline double lesser(double a, double b)
{
    return a < b ? a : b;
}

static double until(const rfi_nethunt *h)
{
    return lesser(h->limit, h->best);
}

enum { MOST_STEPS = 256 };

/* The bound of the rounding of its function may put an event off by this part of its time; bounds are some ten
 * times what happens.  Late and slow events are left to segments, whose slow modes have little rounding. */
#define MOST_ERROR 1e-10

/* The error of s/tau^stand. */
static double error_at(const double noise[3], int stand, double tau)
{
    if (stand == 0)
        return noise[0] + tau * (noise[1] + tau * noise[2]);
    return stand == 1 ? noise[1] + tau * noise[2] : noise[2];
}

double rfi_nethunt_polynomial(const double *c, int64_t order, double tau, double *slope)
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

/* A bound of |w_j''| up to tau.  No derivative of s grows, nor of all weights together; of these the square of that
 * of order k is -s^(k-1) . s^(k), which is less where what moves is slow. */
static double bend_of(const rfi_netchain *c, int64_t j, double tau)
{
    const double pull = fabs(c->a[j]) * c->reach;
    const double first = c->size[1], second = 2.0 * c->size[2], third = 6.0 * c->size[3];
    const double most = lesser(pull * first, sqrt(first * second));
    if (!c->bends)
        return most;
    return lesser(most, c->turning[j] + tau * lesser(pull * second, sqrt(second * third)));
}

/* How far neuron j goes at most within tau of the anchor. */
double rfi_nethunt_path(const rfi_netchain *c, int64_t j, double tau)
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

static rfi_watched *keep(rfi_nethunt *h, int64_t j, int64_t i, int64_t at, int32_t what)
{
    rfi_watched *watched = &h->f->watched[h->f->watching++];
    watched->j = j;
    watched->i = i;
    watched->at = at;
    watched->what = what;
    return watched;
}

/* The first root in (0, until(h)) of s(tau) = tau^stand sum_k c_k tau^k, c_0 > 0, as in flow/scout.h; bend: a bound
 * of the second derivative of the sum up to the validity of the chain. */
static int root_of(const rfi_nethunt *h, const double *c, int64_t order, int stand,
                   const double noise[3], double bend, double *tau)
{
    double at = 0.0, f = c[0], slope, error = 4.0 * error_at(noise, stand, 0.0), step;
    int k;
    *tau = 0.0;
    if (!(f > error))
        return RFI_DOUBTS;
    for (k = 0; k < MOST_STEPS; ++k) {
        f = rfi_nethunt_polynomial(c, order, at, &slope);
        error = error_at(noise, stand, at);
        if (f <= 2.0 * error)
            break;
        step = sqrt(slope * slope + 2.0 * bend * f);
        if (slope < 0.0)
            step = 2.0 * f / (step - slope);
        else
            step = bend > 0.0 ? (slope + step) / bend : INFINITY;
        if (!(at + step < until(h)))
            return RFI_TIRES;
        if (step <= 2.0 * RFI_EPS * at)
            break;
        at += step;
    }
    *tau = at;
    /* Beyond `at` the polynomial falls by slope^2/(2 bend) at least. */
    if (k == MOST_STEPS || !(slope < 0.0) || slope * slope <= 2.0 * bend * (fabs(f) + 8.0 * error))
        return RFI_DOUBTS;
    for (k = 0; k < 3; ++k) {
        f = rfi_nethunt_polynomial(c, order, at, &slope);
        at -= f / slope;
    }
    *tau = at;
    if (!(at < until(h)))
        return RFI_TIRES;
    return error_at(noise, stand, at) > MOST_ERROR * (h->c->t + at) * -slope ? RFI_DOUBTS : RFI_SEES;
}

/* The first root of the function in f->line, to the full order of the chain. */
static void find_root(rfi_nethunt *h, int64_t order, int stand, const double noise[3], double bend)
{
    double tau;
    const int seen = root_of(h, h->f->line + stand, order - stand, stand, noise, bend * WIDER, &tau);
    if (seen == RFI_DOUBTS)
        h->doubt = lesser(h->doubt, tau);
    else if (seen == RFI_SEES)
        h->best = tau;
}

/* Coefficients of side times the margin of pair (j, i), into f->line; B is of neuron j. */
static void margin_line(rfi_nethunt *h, int64_t j, int64_t i)
{
    const rfi_netchain *c = h->c;
    const double side = h->pattern->side[j * c->n + i], *x = c->X + i * c->d;
    double *line = h->f->line, sum = 0.0;
    int64_t k, e;
    memset(line, 0, RFI_NET_ROOM * sizeof(double));
    for (e = 0; e < c->d; ++e) {
        c->dense->add(rfi_padded(c->used + 1), side * x[e], c->B + e * RFI_NET_ROOM, line);
        sum += x[e] * c->W[e * c->mld + j];
    }
    for (k = c->used + 1; k > 0; --k)
        line[k] = line[k - 1] * c->part[k - 1];
    line[0] = side * sum;
}

/* Of the slide at position k of neuron j: u, or |Gamma| - u. */
void rfi_nethunt_slide(rfi_nethunt *h, int64_t j, int64_t k, int top)
{
    const rfi_netchain *c = h->c;
    const int64_t i = c->slide[j * c->most + k];
    int64_t l;
    for (l = 0; l <= c->used; ++l) {
        const double u = c->u[k * RFI_NET_ROOM + l];
        h->f->line[l] = top ? c->a[j] * c->S[l * c->nld + i] - u : u;
    }
}

/* Side times the margin at the anchor, its slope and a bound of its second derivative. */
static void margin_start(const rfi_nethunt *h, int64_t j, int64_t i, double *z, double *slope, double *bend)
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

static void scaled_noise(const rfi_nethunt *h, double norm, double noise[3])
{
    int k;
    for (k = 0; k < 3; ++k)
        noise[k] = norm * h->noise[k];
}

/* Looks at pair (j, i): sets its key, and its margin to full order if that may reach 0. */
static void look(rfi_nethunt *h, int64_t j, int64_t i)
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
    f->key[g] = f->path[j] + (z > floor ? z - floor : 0.0) / (norm * WIDER);
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
    /* of z, z/tau or z/tau^2, by the derivative of order stand + 2 of z */
    bend = norm * fabs(c->a[j]) * c->reach * rfi_netchain_derivative(c, stand + 1);
    if (stand == 0)
        bend = lesser(bend, norm * sqrt(rfi_netchain_derivative(c, 1) * rfi_netchain_derivative(c, 2)));
    find_root(h, c->used + 1, stand, noise, bend / (stand == 0 ? 1.0 : stand == 1 ? 3.0 : 12.0));
}

/* Sets up w_j and w_j' at the anchor. */
static void face(rfi_nethunt *h, int64_t j)
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
static void watch_margins(rfi_nethunt *h, int64_t j)
{
    rfi_netfollower *f = h->f;
    rfi_netchain *c = h->c;
    const int8_t *side = h->pattern->side + j * c->n;
    double *key = f->key + j * c->n, far = f->path[j] + rfi_nethunt_path(c, j, until(h)), least = INFINITY;
    int64_t i;
    if (f->near[j] > far)
        return;
    face(h, j);
    for (i = 0; i < c->n; ++i) {
        if (rfi_held(side[i]))
            key[i] = INFINITY;
        else if (key[i] <= far)
            look(h, j, i);
        least = lesser(least, key[i]);
    }
    f->near[j] = least;
}

/* The slide at position k of neuron j against one of its bounds. */
static void watch_bound(rfi_nethunt *h, int64_t j, int64_t k, int top)
{
    rfi_netchain *c = h->c;
    const int64_t at = j * c->most + k, i = c->slide[at];
    const double floor = rfi_netchain_floor(c, j, k), noise[3] = {floor, 0.0, 0.0};
    const double rate =
        fabs(c->a[j]) * (c->inverse[at] * c->reach + (top ? c->root[i] : 0.0));
    const double bend = c->bends ? 2.0 * rate * c->size[2] : 0.0;
    double start = c->u0[at], slope = c->u1[at];
    rfi_watched *watched;
    if (top) {
        start = c->a[j] * c->S[i] - start;
        slope = c->a[j] * c->S[c->nld + i] - slope;
    }
    if (!c->bends)
        slope = -rate * c->size[1] * WIDER;
    if (stays(start, slope, bend, 16.0 * floor, until(h)))
        return;
    rfi_netchain_neuron(c, j);
    rfi_nethunt_slide(h, j, k, top);
    watched = keep(h, j, i, k, top ? RFI_LEAVES_HIGH : RFI_LEAVES_LOW);
    watched->start = start;
    watched->slope = slope;
    watched->bend = bend;
    watched->floor = 16.0 * floor;
    find_root(h, c->used, 0, noise, rate * rfi_netchain_derivative(c, 2));
}

static void watch_slides(rfi_nethunt *h, int64_t j)
{
    int64_t k;
    for (k = 0; k < h->c->slides[j]; ++k) {
        watch_bound(h, j, k, 0);
        watch_bound(h, j, k, 1);
    }
}

/* What a function that was looked at closely is at the first root: its value, slope and error. */
static double value_at(rfi_nethunt *h, const rfi_watched *watched, double *slope, double *error)
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
        return rfi_nethunt_polynomial(h->f->line, c->used + 1, tau, slope);
    }
    rfi_nethunt_slide(h, watched->j, watched->at, watched->what == RFI_LEAVES_HIGH);
    *error = rfi_netchain_floor(c, watched->j, watched->at);
    return rfi_nethunt_polynomial(h->f->line, c->used, tau, slope);
}

/* What happens at the first root: of each neuron one pair, else this is not the place to decide. */
static int collect(rfi_nethunt *h)
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

/* 1 if a bound of a slide is not reached up to tau, by what is known at the anchor. */
static int bound_clears(const rfi_nethunt *h, int64_t j, int64_t k, double tau)
{
    const rfi_netchain *c = h->c;
    const int64_t at = j * c->most + k, i = c->slide[at];
    const double floor = 16.0 * rfi_netchain_floor(c, j, k), pull = fabs(c->a[j]);
    const double low = pull * c->inverse[at] * c->reach, high = low + pull * c->root[i];
    const double u = c->u0[at], top = c->a[j] * c->S[i] - u;
    const double slope = c->u1[at], turn = c->a[j] * c->S[c->nld + i] - slope;
    return (stays(u, slope, 2.0 * low * c->size[2], floor, tau)
            || stays(u, -low * c->size[1] * WIDER, 0.0, floor, tau))
           && (stays(top, turn, 2.0 * high * c->size[2], floor, tau)
               || stays(top, -high * c->size[1] * WIDER, 0.0, floor, tau));
}

/* The same by the first powers of its polynomial: what they leave out is at most size_k tau^k, k the first power
 * that is left out. */
static int powers_clear(rfi_nethunt *h, int64_t j, int64_t k, double tau)
{
    enum { PARTS = 8 };
    const rfi_netchain *c = h->c;
    const int64_t at = j * c->most + k;
    const double floor = 16.0 * rfi_netchain_floor(c, j, k), pull = fabs(c->a[j]);
    const double low = pull * c->inverse[at] * c->reach, high = low + pull * c->root[c->slide[at]];
    int top, part;
    rfi_netchain_neuron(h->c, j);
    for (top = 0; top < 2; ++top) {
        const double rest = (top ? high : low) * c->size[3] * WIDER, *u = h->f->line;
        rfi_nethunt_slide(h, j, k, top);
        for (part = 0; part < PARTS; ++part) {
            const double a = tau * part / PARTS, b = tau * (part + 1) / PARTS;
            if (!(u[0] + lesser(u[1] * a, u[1] * b) + lesser(u[2] * a * a, u[2] * b * b) - rest * b * b * b
                  > floor))
                return 0;
        }
    }
    return 1;
}

/* The same of the margins of neuron j. */
static int margins_clear(rfi_nethunt *h, int64_t j, double tau)
{
    rfi_netchain *c = h->c;
    const double far = h->f->path[j] + rfi_nethunt_path(c, j, tau);
    int64_t i;
    if (h->f->near[j] > far)
        return 1;
    face(h, j);
    for (i = 0; i < c->n; ++i) {
        const int64_t g = j * c->n + i;
        double z, slope, bend;
        if (rfi_held(h->pattern->side[g]) || h->f->key[g] > far)
            continue;
        margin_start(h, j, i, &z, &slope, &bend);
        if (!stays(z, slope, c->norm[i] * bend_of(c, j, tau),
                   16.0 * c->norm[i] * (h->noise[0] + h->noise[1] * tau), tau))
            return 0;
    }
    return 1;
}

int rfi_nethunt_clears(rfi_nethunt *h, double tau)
{
    const rfi_netchain *c = h->c;
    int64_t j, k;
    for (j = 0; j < c->m; ++j)
        for (k = 0; k < c->slides[j]; ++k)
            if (!bound_clears(h, j, k, tau) && !powers_clear(h, j, k, tau))
                return 0;
    for (j = 0; j < c->m; ++j)
        if (!margins_clear(h, j, tau))
            return 0;
    return 1;
}

/* Searches up to h->limit. */
static void search_part(rfi_nethunt *h)
{
    int64_t j;
    h->best = h->doubt = INFINITY;
    h->f->watching = 0;
    for (j = 0; j < h->c->m; ++j) {
        if (h->c->slides[j] > 0)
            watch_slides(h, j);
        watch_margins(h, j);
    }
}

/* The next event comes early as a rule, and up to there fewer functions need be looked at closely: first up to
 * a quarter of the validity, then half of it. */
int rfi_nethunt_search(rfi_nethunt *h)
{
    const double valid = h->c->valid;
    for (h->limit = h->c->bends ? 0.25 * valid : valid;; h->limit = lesser(2.0 * h->limit, valid)) {
        rfi_netchain_use(h->c, h->limit);
        search_part(h);
        if (h->doubt <= until(h))
            return RFI_DOUBTS;
        if (h->best <= h->limit)
            return collect(h);
        if (h->limit >= valid)
            return RFI_TIRES;
    }
}
