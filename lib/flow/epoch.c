/* epoch: see epoch.h.
 * SPDX-License-Identifier: MIT */
#include "flow/epoch.h"

#include <math.h>
#include <string.h>

#include "base/crew.h"
#include "base/num.h"

/* Elements of X beyond which a row is not at hand when it is looked at; what a look costs, in lines of the
 * begin of an epoch, if its row is at hand, and if it is not. */
enum { AT_HAND = 8192, NEAR_COST = 2, FAR_COST = 8 };

/* Bounds are widened by this, many times the rounding of what they are made from. */
#define WIDER (1.0 + 1e-9)

int rfi_epochs_create(rfi_epochs *e, int64_t lines, int64_t d, const rf_allocator *a)
{
    memset(e, 0, sizeof(*e));
    e->ld = rfi_padded(d);
    e->now = -1;
    e->known = rfi_alloc(a, lines, sizeof(*e->known));
    e->V = rfi_alloc(a, 3 * e->ld, sizeof(double));
    e->work = rfi_alloc(a, 3 * e->ld, sizeof(double));
    e->ring = rfi_larger(1, rfi_smaller(RFI_EPOCHS, lines * d / 2048));
    e->cost = lines * d <= AT_HAND ? NEAR_COST : FAR_COST;
    e->g = rfi_alloc(a, e->ring * 2 * e->ld, sizeof(double));
    if (rfi_heap_create(&e->heap, lines, a) != 0 || e->known == NULL || e->V == NULL
        || e->work == NULL || e->g == NULL) {
        rfi_epochs_free(e, a);
        return -1;
    }
    return 0;
}

void rfi_epochs_free(rfi_epochs *e, const rf_allocator *a)
{
    rfi_heap_free(&e->heap, a);
    rfi_free(a, e->known);
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

/* Norm of the difference of two references at time t. */
static double apart(const rfi_epochs *e, const rfi_chain *chain, int64_t i, int64_t k, double t,
                    double *turn)
{
    const int64_t ld = e->ld;
    const double *g = e->g + 2 * ld * i, *h = e->g + 2 * ld * k;
    const double tg = t - e->began[i], th = t - e->began[k];
    double *v = e->work, *a = e->work + ld, square;
    int64_t j;
    for (j = 0; j < ld; ++j) {
        v[j] = (g[j] + tg * g[ld + j]) - (h[j] + th * h[ld + j]);
        a[j] = g[ld + j] - h[ld + j];
    }
    chain->dense->dots(ld, 1, a, a, &square);
    *turn = sqrt(square);
    chain->dense->dots(ld, 1, v, v, &square);
    return sqrt(square);
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
    memcpy(e->g + 2 * ld * slot, g, (size_t)(2 * ld) * sizeof(double));
    e->began[slot] = t;
    e->delta[slot] = e->ratio * rfi_norm(g, ld);
    e->strayed[slot] = e->off[slot] = e->turn[slot] = 0.0;
    for (k = e->now >= e->ring ? e->now - e->ring + 1 : 0; k < e->now; ++k) {
        const int64_t i = k % e->ring;
        e->off[i] = apart(e, chain, i, slot, t, &e->turn[i]);
    }
    e->looks = 0;
}

/* Reads the row of a line whose epoch is forgotten. */
static void read_row(rfi_epochs *e, const rfi_chain *chain, const double *x, double t, int64_t line)
{
    rfi_known *known = &e->known[line];
    double out[3];
    chain->dense->triple(chain->d, e->ld, x, e->V, out);
    known->t = t;
    known->z = out[0];
    known->along[0] = out[1];
    known->along[1] = out[2];
    known->epoch = e->now;
}

/* The time before which a line stays on its side, at time t, from what is known of it. */
static double exclusion(const rfi_epochs *e, const rfi_known *known, double t, double side,
                        double norm, double slack)
{
    const int64_t i = known->epoch % e->ring;
    const double since = t - known->t;
    const double speed = known->along[0] + since * known->along[1];
    const double z = known->z + since * (known->along[0] + 0.5 * since * known->along[1]);
    const double strayed = e->strayed[i] - e->delta[i] * (known->t - e->began[i]);
    const double width = (e->delta[e->now % e->ring] + e->off[i]) * WIDER;
    const double left = side * z - norm * (slack + strayed * WIDER);
    return left > 0.0
               ? t
                     + quadratic_exit(left, side * speed - norm * width,
                                      0.5 * (side * known->along[1] - norm * e->turn[i] * WIDER))
               : t;
}

/* What all lines need to know where an epoch begins. */
typedef struct {
    rfi_epochs *e;
    const rfi_chain *chain;
    const rfi_problem *problem;
    const rfi_pattern *pattern;
    double t, slack, length;
    int all; /* all rows are read */
} opening;

/* Lines of a job, and the elements of X from which starting a thread pays. */
enum { CHUNK = 1024, THREADS_PAY = 4000000 };

static double key_of(const opening *o, int64_t line)
{
    const rfi_data *data = o->problem->data;
    const int8_t side = o->pattern->side[line];
    return rfi_held(side) ? INFINITY
                          : exclusion(o->e, &o->e->known[line], o->t, side,
                                      data->norm[data->kinks.row[line]], o->slack);
}

static void read_line(const opening *o, int64_t line)
{
    const rfi_data *data = o->problem->data;
    read_row(o->e, o->chain, rfi_chain_elements(o->chain, rfi_row(data, data->kinks.row[line])), o->t,
             line);
    o->e->heap.key[line] = key_of(o, line);
}

/* Lines that are forgotten, or would soon be looked at, are read; each row is fetched while the one before is in
 * use. */
static rf_status open_lines(void *context, int32_t member, int64_t index)
{
    const opening *o = context;
    const int64_t first = index * CHUNK, last = rfi_smaller(first + CHUNK, o->pattern->lines);
    int64_t line, waiting = -1;
    (void)member;
    for (line = first; line < last; ++line) {
        const rfi_known *known = &o->e->known[line];
        double key = 0.0;
        if (!o->all && known->epoch > o->e->now - o->e->ring) {
            key = key_of(o, line);
            if (!(key < o->t + 2.0 * o->length) || known->epoch >= o->e->now) {
                o->e->heap.key[line] = key;
                continue;
            }
        }
        rfi_view_fetch(rfi_row(o->problem->data, o->problem->data->kinks.row[line]), o->chain->d);
        if (waiting >= 0)
            read_line(o, waiting);
        waiting = line;
    }
    if (waiting >= 0)
        read_line(o, waiting);
    return RF_OK;
}

void rfi_epochs_open(rfi_epochs *e, const rfi_chain *chain, const rfi_problem *problem,
                     const rfi_pattern *pattern, double tau)
{
    opening o = {e, chain, problem, pattern, chain->t + tau, slack_of(chain), 0.0, 0};
    const int first = e->now < 0;
    rfi_crew crew = {0};
    int64_t k;
    o.all = first || e->ring == 1;
    if (!first)
        adapt(e);
    if (!first && e->ring > 1)
        stray(e, chain, o.t);
    refer(e, chain, o.t, tau, &o.length);
    crew.total = (pattern->lines + CHUNK - 1) / CHUNK;
    crew.members = e->threads < RFI_CREW_MOST ? e->threads : RFI_CREW_MOST;
    crew.job = open_lines;
    crew.context = &o;
    /* Rows of single precision are widened in scratch of the chain. */
    if (e->threads < 2 || problem->data->X.first.single != NULL
        || pattern->lines * chain->d < THREADS_PAY || rfi_crew_run(&crew) != RF_OK)
        for (k = 0; k < crew.total; ++k)
            open_lines(&o, 0, k);
    e->horizon = o.length > 0.0 ? o.t + 4.0 * o.length : INFINITY;
    rfi_heap_order(&e->heap, e->horizon);
}

double rfi_epochs_horizon(const rfi_epochs *e, const rfi_chain *chain, double tau)
{
    const int64_t ld = e->ld, slot = e->now % e->ring;
    double *v = e->work, *a = e->work + ld, since, off, turn, rest;
    int64_t j;
    if (e->now < 0 || is_spent(e))
        return 0.0;
    since = chain->t + tau - e->began[slot];
    rfi_chain_velocity(chain, tau, v);
    rfi_chain_turning(chain, tau, a);
    for (j = 0; j < ld; ++j) {
        a[j] -= e->V[2 * ld + j];
        v[j] -= e->V[ld + j] + since * e->V[2 * ld + j];
    }
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
    const rfi_data *data = problem->data;
    const int64_t row = data->kinks.row[line], slot = e->now % e->ring;
    const double since = chain->t + tau - e->began[slot], norm = data->norm[row];
    rfi_known *known = &e->known[line];
    double out[5], left, width = e->delta[slot] * WIDER;
    chain->dense->five(chain->d, e->ld, rfi_chain_elements(chain, rfi_row(data, row)), chain->T, e->V + e->ld, out);
    ++e->looks;
    known->t = chain->t + tau;
    known->z = out[0] + tau * (out[1] + tau * out[2]);
    known->along[0] = out[3] + since * out[4];
    known->along[1] = out[4];
    known->epoch = e->now;
    /* What the margin is short of the third power, it is uncertain by. */
    left = chain->size[3] * tau * tau * tau;
    known->z -= side * norm * left;
    left = side * known->z - norm * slack_of(chain);
    if (!(left > 0.0))
        return known->t;
    return known->t
           + quadratic_exit(left, side * known->along[0] - norm * width, 0.5 * side * out[4]);
}
