/* epoch: see epoch.h.
 * SPDX-License-Identifier: MIT */
#include "flow/epoch.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/num.h"

/* Elements of X beyond which a row is not at hand when it is looked at; what a look costs, in lines of the
 * begin of an epoch, if its row is at hand, and if it is not. */
enum { AT_HAND = 8192, NEAR_COST = 4, FAR_COST = 16 };

/* An epoch lasts so many times as long as the one before at most; where it begins, the rows of the lines that may
 * arrive meanwhile are read. */
#define AHEAD 1.5

/* Bounds are widened by this, many times the rounding of what they are made from. */
#define WIDER (1.0 + 1e-9)

/* A row is asked for so many rows before it is read. */
enum { SOON = 6 };

int rfi_epochs_create(rfi_epochs *e, int64_t lines, int64_t d, const rf_allocator *a)
{
    memset(e, 0, sizeof(*e));
    e->ld = rfi_padded(d);
    e->now = -1;
    e->find = rfi_near_at(rfi_cpu_level());
    e->near = rfi_alloc(a, lines, sizeof(*e->near));
    e->V = rfi_alloc(a, 3 * e->ld, sizeof(double));
    e->work = rfi_alloc(a, 3 * e->ld, sizeof(double));
    e->ring = rfi_larger(1, rfi_smaller(RFI_EPOCHS, lines * d / 2048));
    e->cost = lines * d <= AT_HAND ? NEAR_COST : FAR_COST;
    e->g = rfi_alloc(a, e->ring * 3 * e->ld, sizeof(double));
    if (rfi_heap_create(&e->heap, lines, a) != 0 || rfi_known_create(&e->known, lines, a) != 0 || e->near == NULL
        || e->V == NULL || e->work == NULL || e->g == NULL) {
        rfi_epochs_free(e, a);
        return -1;
    }
    return 0;
}

void rfi_epochs_free(rfi_epochs *e, const rf_allocator *a)
{
    rfi_heap_free(&e->heap, a);
    rfi_known_free(&e->known, a);
    rfi_free(a, e->near);
    rfi_free(a, e->V);
    rfi_free(a, e->work);
    rfi_free(a, e->g);
    memset(e, 0, sizeof(*e));
}

/* The smallest h > 0 with z + p h + q h^2 = 0, z > 0, a little less; INFINITY: none. */
static double quadratic_exit(double z, double p, double q)
{
    const double disc = p * p - 4.0 * q * z;
    double h;
    if (q >= 0.0 && (p >= 0.0 || disc < 0.0))
        return INFINITY;
    if (p >= 0.0)
        h = (p + sqrt(disc)) / (-2.0 * q);
    else
        h = 2.0 * z / (sqrt(disc) - p);
    return h * (1.0 - 1e-10);
}

/* A margin below this, over |x|, is not certain to be off its kink. */
static double slack_of(const rfi_chain *chain)
{
    return 16.0 * (chain->noise[0] + chain->noise[1] * chain->valid);
}

/* Narrow epochs are short, wide ones exclude little: both are to cost the same. */
static void adapt(rfi_epochs *e)
{
    if (e->cost * e->looks > e->heap.items)
        e->ratio = fmax(0.7 * e->ratio, 1e-3);
    else
        e->ratio = fmin(1.5 * e->ratio, 8.0);
}

/* An epoch whose looks have cost more than twice its begin was too wide. */
static int is_spent(const rfi_epochs *e)
{
    return e->cost * e->looks > 2 * e->heap.items + 64 * e->cost;
}

/* Norm of the difference of two references at time t, and of that of their slopes. */
static double apart(const rfi_epochs *e, const rfi_chain *chain, int64_t i, int64_t k, double t,
                    double *turn)
{
    const int64_t ld = e->ld;
    const double *g = e->g + ld * (3 * i + 1), *h = e->g + ld * (3 * k + 1);
    double *v = e->work, *a = e->work + ld, square;
    memcpy(v, g, (size_t)(2 * ld) * sizeof(double));
    chain->dense->add(ld, t - e->began[i], g + ld, v);
    chain->dense->add(ld, -1.0, h, v);
    chain->dense->add(ld, -(t - e->began[k]), h + ld, v);
    chain->dense->add(ld, -1.0, h + ld, a);
    chain->dense->dots(ld, 1, a, a, &square);
    *turn = sqrt(square);
    chain->dense->dots(ld, 1, v, v, &square);
    return sqrt(square);
}

/* How far w, in e->V, is at time t from where an epoch would have it; with the rounding of that sum of four, whose
 * last term has since |a| <= |g| + off + |g of the present epoch|. */
static double astray(const rfi_epochs *e, const rfi_chain *chain, int64_t i, double t)
{
    const int64_t ld = e->ld, now = e->now % e->ring;
    const double *then = e->g + 3 * ld * i, since = t - e->began[i];
    double *v = e->work, square;
    memcpy(v, e->V, (size_t)ld * sizeof(double));
    chain->dense->add(ld, -1.0, then, v);
    chain->dense->add(ld, -since, then + ld, v);
    chain->dense->add(ld, -0.5 * since * since, then + 2 * ld, v);
    chain->dense->dots(ld, 1, v, v, &square);
    return sqrt(square)
           + 16.0 * RFI_EPS
                 * (e->size[now][0] + e->size[i][0]
                    + since * (2.0 * e->size[i][1] + e->size[now][1] + e->off[i]));
}

/* The present epoch has lasted up to t: what w' has strayed from the references of the others by is no
 * more than from the present one, and the distance of the two, which is largest at an end. */
static void stray(rfi_epochs *e, const rfi_chain *chain, double t)
{
    const int64_t last = e->now % e->ring;
    const int64_t first = e->now >= e->ring ? e->now - e->ring + 1 : 0;
    const double length = t - e->began[last];
    int64_t k;
    for (k = first; k <= e->now; ++k) {
        const int64_t i = k % e->ring;
        double turn;
        const double end = i == last ? 0.0 : apart(e, chain, i, last, t, &turn);
        e->strayed[i] += length * (e->delta[last] + fmax(i == last ? 0.0 : e->off[i], end)) * WIDER;
    }
}

/* Sets up the reference of a new epoch at time t, from w' and its change over the epoch before. */
static void refer(rfi_epochs *e, const rfi_chain *chain, double t, double tau, double *length)
{
    const int64_t ld = e->ld, slot = (e->now + 1) % e->ring;
    double *g = e->V + ld, *a = e->V + 2 * ld;
    int64_t j, k;
    *length = e->now >= 0 ? t - e->began[e->now % e->ring] : 0.0;
    memcpy(e->work, g, (size_t)ld * sizeof(double));
    rfi_chain_weights(chain, tau, e->V);
    rfi_chain_velocity(chain, tau, g);
    rfi_chain_turning(chain, tau, a);
    for (j = 0; j<ld && * length> 0.0; ++j)
        a[j] = (g[j] - e->work[j]) / *length;
    ++e->now;
    memcpy(e->g + 3 * ld * slot, e->V, (size_t)(3 * ld) * sizeof(double));
    e->began[slot] = t;
    e->size[slot][0] = rfi_norm(e->V, ld);
    e->size[slot][1] = rfi_norm(g, ld);
    e->delta[slot] = e->ratio * e->size[slot][1];
    e->strayed[slot] = e->gone[slot] = e->off[slot] = e->turn[slot] = 0.0;
    for (k = e->now >= e->ring ? e->now - e->ring + 1 : 0; k < e->now; ++k) {
        const int64_t i = k % e->ring;
        e->off[i] = apart(e, chain, i, slot, t, &e->turn[i]);
        e->gone[i] = astray(e, chain, i, t);
    }
    e->looks = 0;
}

/* What the epochs in the ring tell, now that another one begins at time t. */
static void compare(rfi_epochs *e, double t, double slack)
{
    const int64_t now = e->now % e->ring;
    int64_t k;
    for (k = e->now >= e->ring ? e->now - e->ring + 1 : 0; k <= e->now; ++k) {
        const int64_t i = k % e->ring;
        rfi_since *by = &e->by[i];
        by->t = t - e->began[i];
        by->strayed = slack + e->strayed[i] * WIDER;
        by->gone = slack + e->gone[i] * WIDER;
        by->rate = e->delta[i] * WIDER;
        by->width = (e->delta[now] + e->off[i]) * WIDER;
        by->turn = e->turn[i] * WIDER;
    }
}

/* What is known of a line from now on, so long after the present epoch has begun. */
static void learn(rfi_epochs *e, int64_t line, double since, double z, const double along[2])
{
    rfi_known *known = &e->known;
    known->since[line] = since;
    known->z[line] = z;
    known->speed[line] = along[0];
    known->change[line] = along[1];
    known->slot[line] = (int32_t)(e->now % e->ring);
}

/* Reads the row of a line where an epoch begins. */
static void read_row(rfi_epochs *e, const rfi_chain *chain, const rfi_problem *problem, int64_t line)
{
    const rfi_data *data = problem->data;
    const int64_t row = data->kinks.row[line];
    double out[3];
    chain->dense->triple(chain->d, e->ld, rfi_chain_elements(chain, rfi_row(data, row)), e->V, out);
    learn(e, line, 0.0, out[0], out + 1);
    e->known.norm[line] = data->norm[row];
}

/* The time before which a line stays on its side, for an epoch that begins at time t. */
static double exclusion(const rfi_epochs *e, int64_t line, double side, double t)
{
    double f[3];
    rfi_known_least(&e->known, line, e->by, side, f);
    return f[0] > 0.0 ? t + quadratic_exit(f[0], f[1], f[2]) : t;
}

void rfi_epochs_open(rfi_epochs *e, const rfi_chain *chain, const rfi_problem *problem,
                     const rfi_pattern *pattern, double tau)
{
    const double t = chain->t + tau, slack = slack_of(chain);
    const int first = e->now < 0, all = first || e->ring == 1;
    double length, ahead;
    int64_t line, k, count, slot;
    if (!first)
        adapt(e);
    if (!first && e->ring > 1)
        stray(e, chain, t);
    refer(e, chain, t, tau, &length);
    compare(e, t, slack);
    slot = e->now % e->ring;
    for (line = 0; line < pattern->lines; ++line)
        if (all || e->known.slot[line] == slot) /* an epoch that is forgotten now */
            read_row(e, chain, problem, line);
    ahead = length > 0.0 ? AHEAD * length : INFINITY;
    e->horizon = t + ahead;
    ahead *= WIDER;
    count = e->find(pattern->lines, pattern->side, &e->known, e->by, ahead, e->near);
    rfi_heap_clear(&e->heap);
    for (k = 0; k < count; ++k) {
        const double side = pattern->side[e->near[k]];
        double f[3], key;
        if (k + SOON < count)
            rfi_chain_fetch(chain, rfi_row(problem->data, problem->data->kinks.row[e->near[k + SOON]]));
        if (e->known.slot[e->near[k]] != slot) { /* it would soon be looked at */
            read_row(e, chain, problem, e->near[k]);
            rfi_known_least(&e->known, e->near[k], e->by, side, f);
            if (rfi_is_positive(f, ahead))
                continue;
        }
        key = exclusion(e, e->near[k], side, t);
        if (key < e->horizon)
            rfi_heap_append(&e->heap, e->near[k], key);
    }
    rfi_heap_order(&e->heap);
}

double rfi_epochs_horizon(const rfi_epochs *e, const rfi_chain *chain, double tau)
{
    const int64_t ld = e->ld, slot = e->now % e->ring;
    double *v = e->work, *a = e->work + ld, since, off, turn, rest;
    if (e->now < 0 || is_spent(e))
        return 0.0;
    since = chain->t + tau - e->began[slot];
    rfi_chain_velocity(chain, tau, v);
    rfi_chain_turning(chain, tau, a);
    chain->dense->add(ld, -1.0, e->V + 2 * ld, a);
    chain->dense->add(ld, -1.0, e->V + ld, v);
    chain->dense->add(ld, -since, e->V + 2 * ld, v);
    chain->dense->dots(ld, 1, v, v, &off);
    chain->dense->dots(ld, 1, a, a, &turn);
    rest = e->delta[slot] * (1.0 - 1e-10) - sqrt(off) - chain->noise[1] - e->stray;
    if (!(rest > 0.0))
        return 0.0;
    /* |w'''| does not grow: off + turn h + 3 |T_3| h^2 = delta */
    return fmin(quadratic_exit(rest, -sqrt(turn), -3.0 * chain->size[3]),
                e->horizon - chain->t - tau);
}

double rfi_epochs_look(rfi_epochs *e, const rfi_chain *chain, const rfi_problem *problem,
                       int64_t line, double side, double tau)
{
    const int64_t slot = e->now % e->ring;
    const double since = chain->t + tau - e->began[slot], width = e->delta[slot] * WIDER;
    const rfi_view x = rfi_row(problem->data, problem->data->kinks.row[line]);
    const double norm = e->known.norm[line];
    double out[5], z, left;
    chain->dense->five(chain->d, e->ld, rfi_chain_elements(chain, x), chain->T, e->V + e->ld, out);
    ++e->looks;
    out[3] += since * out[4];
    /* What the margin is short of the third power, it is uncertain by. */
    z = out[0] + tau * (out[1] + tau * out[2]) - side * norm * (chain->size[3] * tau * tau * tau);
    learn(e, line, since, z, out + 3);
    left = side * z - norm * slack_of(chain);
    if (!(left > 0.0))
        return chain->t + tau;
    return chain->t + tau + quadratic_exit(left, side * out[3] - norm * width, 0.5 * side * out[4]);
}
