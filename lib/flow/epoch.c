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

/* A row is asked for so many rows before it is read, and no more elements. */
enum { SOON = 6, SOON_ELEMENTS = 512 };

int rfi_epochs_create(rfi_epochs *e, const rfi_data *data)
{
    const rf_allocator *a = &data->allocator;
    const int64_t lines = data->kinks.count, d = data->d;
    int64_t line;
    memset(e, 0, sizeof(*e));
    e->ld = rfi_padded(d);
    e->now = -1;
    e->find = rfi_near_at(rfi_cpu_level());
    e->near = rfi_alloc(a, lines, sizeof(*e->near));
    e->ring = (int32_t)rfi_larger(1, rfi_smaller(RFI_EPOCHS, lines * d / 4096));
    e->cost = lines * d <= AT_HAND ? NEAR_COST : FAR_COST;
    e->block = rfi_alloc(a, (e->ring + 2) * 3 * e->ld + RFI_LANES, sizeof(double));
    if (rfi_heap_create(&e->heap, lines, a) != 0 || rfi_known_create(&e->known, lines, a) != 0 || e->near == NULL
        || e->block == NULL) {
        rfi_epochs_free(e, a);
        return -1;
    }
    e->V = rfi_aligned(e->block);
    e->work = e->V + 3 * e->ld;
    e->g = e->work + 3 * e->ld;
    for (line = 0; line < lines; ++line)
        rfi_known_of(&e->known, line)[RFI_KNOWN - 1] = data->norm[data->kinks.row[line]];
    return 0;
}

void rfi_epochs_free(rfi_epochs *e, const rf_allocator *a)
{
    rfi_heap_free(&e->heap, a);
    rfi_known_free(&e->known, a);
    rfi_free(a, e->near);
    rfi_free(a, e->block);
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

/* Narrow epochs are short, wide ones exclude little: both are to cost the same.  What looks cost grows faster than the
 * width, and by what came before, so that the width follows slowly: by the cube root, with the fewest rows read. */
static void adapt(rfi_epochs *e)
{
    const double begin = (double)e->heap.items, looks = (double)(e->cost * e->looks);
    e->ratio *= looks > 0.0 ? fmin(1.5, fmax(0.35, cbrt(begin / looks))) : 1.5;
    e->ratio = fmin(fmax(e->ratio, 1e-3), 8.0);
}

/* An epoch whose looks have cost more than twice its begin was too wide. */
static int is_spent(const rfi_epochs *e)
{
    return e->cost * e->looks > 2 * e->heap.items + 64 * e->cost;
}

/* L and D of the products of w, g and a of an epoch with each other, L D L^T; D is 0 for one that is all but a
 * combination of those before it. */
static void factor(const rfi_dense *dense, int64_t ld, const double *V, double L[3][3])
{
    int j, k, m;
    for (j = 0; j < 3; ++j) {
        double square;
        dense->dots(ld, 3, V + j * ld, V, L[j]);
        square = L[j][j];
        for (k = 0; k <= j; ++k) {
            double sum = L[j][k];
            for (m = 0; m < k; ++m)
                sum -= L[j][m] * L[k][m] * L[m][m];
            L[j][k] = k == j ? sum : L[k][k] > 0.0 ? sum / L[k][k] : 0.0;
        }
        if (!(L[j][j] > 1e-10 * square))
            L[j][j] = 0.0;
    }
}

/* c with L D L^T c = c. */
static void solve(double L[3][3], double c[3])
{
    int j, k;
    for (j = 0; j < 3; ++j)
        for (k = 0; k < j; ++k)
            c[j] -= L[j][k] * c[k];
    for (j = 2; j >= 0; --j) {
        c[j] = L[j][j] > 0.0 ? c[j] / L[j][j] : 0.0;
        for (k = j + 1; k < 3; ++k)
            c[j] -= L[k][j] * c[k];
    }
}

/* y, of that length, w so long after an epoch has begun, as a combination c of its w, g and a: that which the epoch
 * tells, and what is nearest to the rest of y, which is left in e->work.  Returns a bound of what is left, and of the
 * rounding of the sum and of the products of a row of length 1 with its terms. */
static double express(rfi_epochs *e, const rfi_dense *dense, int64_t i, const double *y, double length, double since,
                      double c[3])
{
    const int64_t ld = e->ld;
    const double *V = e->g + 3 * ld * i, told[3] = {1.0, since, 0.5 * since * since};
    double *rest = e->work, sizes = 0.0, square;
    int j;
    memcpy(rest, y, (size_t)ld * sizeof(double));
    for (j = 0; j < 3; ++j)
        dense->add(ld, -told[j], V + j * ld, rest);
    dense->dots(ld, 3, rest, V, c);
    solve(e->factor[i], c);
    for (j = 0; j < 3; ++j) {
        dense->add(ld, -c[j], V + j * ld, rest);
        sizes += (told[j] + fabs(c[j])) * e->size[i][j];
        c[j] += told[j];
    }
    dense->dots(ld, 1, rest, rest, &square);
    return sqrt(square) + (32.0 + (double)ld) * RFI_EPS * (sizes + length);
}

/* What the epochs in the ring tell of w where the present one begins, and of w + h g, and w + h g + h^2 a/2. */
static void compare(rfi_epochs *e, const rfi_dense *dense, double slack, double h)
{
    const int64_t ld = e->ld, now = e->now % e->ring;
    double *y = e->work + ld;
    int64_t k;
    int end;
    memcpy(y, e->V, (size_t)ld * sizeof(double));
    for (end = 0; end < 3; ++end) {
        double length;
        if (end > 0)
            dense->add(ld, end == 1 ? h : 0.5 * h * h, e->V + end * ld, y);
        length = rfi_norm(y, ld);
        for (k = e->now >= e->ring ? e->now - e->ring + 1 : 0; k <= e->now; ++k) {
            const int64_t i = k % e->ring;
            rfi_since *by = &e->by[e->now - k];
            double c[3] = {1.0, end > 0 ? h : 0.0, end > 1 ? 0.5 * h * h : 0.0}, off = 0.0;
            if (i != now)
                off = express(e, dense, i, y, length, e->began[now] - e->began[i] + c[1], c);
            by->w[end] = c[0];
            by->g[end] = c[1];
            by->a[end] = c[2];
            by->off[end] = (slack + off + (end > 0 ? h * e->delta[now] : 0.0)) * WIDER;
        }
    }
}

/* Sets up the reference of a new epoch at time t, from w' and its change over the epoch before. */
static void refer(rfi_epochs *e, const rfi_chain *chain, double t, double tau, double *length)
{
    const int64_t ld = e->ld, slot = (e->now + 1) % e->ring;
    double *g = e->V + ld, *a = e->V + 2 * ld;
    int64_t j;
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
    for (j = 0; j < 3; ++j)
        e->size[slot][j] = rfi_norm(e->V + j * ld, ld);
    e->delta[slot] = e->ratio * e->size[slot][1];
    factor(chain->dense, ld, e->V, e->factor[slot]);
    e->looks = 0;
}

static rfi_view row_of(const rfi_problem *problem, int64_t line)
{
    return rfi_row(problem->data, rfi_kinks_row(&problem->data->kinks, line));
}

/* The products of two rows with three rows of V; two others are fetched meanwhile. */
static void multiply_two(const rfi_chain *chain, const rfi_view x[2], const rfi_view next[2], const double *V,
                         double *const out[2])
{
    const double *rows[2] = {x[0].wide, x[1].wide}, *soon[2] = {next[0].wide, next[1].wide};
    int i;
    if (x[0].wide != NULL) {
        chain->dense->triples(chain->d, chain->ld, rows, soon, V, out);
        return;
    }
    for (i = 0; i < 2; ++i) {
        rfi_chain_fetch(chain, next[i]);
        chain->dense->triple(chain->d, chain->ld, rfi_chain_elements(chain, x[i]), V, out[i]);
    }
}

/* The rows of lines k and k + 1, of which those from `end` on count as the one before, and of those `ahead` of them, of
 * which those behind the last count as the last. */
static void take_two(const rfi_problem *problem, const int64_t *line, int64_t k, int64_t end, int64_t ahead,
                     int64_t last, rfi_view x[2], rfi_view next[2])
{
    int i;
    for (i = 0; i < 2; ++i) {
        x[i] = row_of(problem, line[rfi_smaller(k + i, end - 1)]);
        next[i] = row_of(problem, line[rfi_smaller(k + i + ahead, last)]);
    }
}

/* Reads the row of a line where an epoch begins, or later for the same. */
static void read_row(rfi_epochs *e, const rfi_chain *chain, const rfi_problem *problem, int64_t line)
{
    double *of = rfi_known_of(&e->known, line);
    chain->dense->triple(chain->d, e->ld, rfi_chain_elements(chain, row_of(problem, line)), e->V, of);
    e->known.epoch[line] = e->now;
}

/* Lines of one job. */
enum { BLOCK = 64 };

/* Lines that are read where an epoch begins, in blocks that are shared. */
typedef struct {
    rfi_epochs *e;
    const rfi_chain *chain;
    const rfi_problem *problem;
    const int64_t *line;
    int64_t count;
} reading;

static void read_block(void *context, int32_t member, int64_t index)
{
    const reading *r = context;
    const int64_t first = index * BLOCK, end = rfi_smaller(r->count, first + BLOCK), last = r->count - 1;
    const int64_t ahead = rfi_larger(2, rfi_smaller(SOON, SOON_ELEMENTS / r->chain->d));
    double none[RFI_KNOWN] = {0.0};
    int64_t k, i;
    (void)member;
    for (k = first; k < end && k < first + ahead; ++k)
        rfi_chain_fetch(r->chain, row_of(r->problem, r->line[k]));
    for (k = first; k < end; k += 2) {
        rfi_view x[2], next[2];
        double *of[2];
        take_two(r->problem, r->line, k, end, ahead, last, x, next);
        for (i = 0; i < 2; ++i)
            of[i] = k + i < end ? rfi_known_of(&r->e->known, r->line[k + i]) : none;
        multiply_two(r->chain, x, next, r->e->V, of);
        for (i = k; i < end && i < k + 2; ++i)
            r->e->known.epoch[r->line[i]] = r->e->now;
    }
}

/* Rows of single precision go through scratch that is not to be shared. */
static rfi_team *team_of(const rfi_chain *chain, const rfi_problem *problem)
{
    return rfi_row(problem->data, 0).wide != NULL ? chain->team : NULL;
}

static void read_rows(rfi_epochs *e, const rfi_chain *chain, const rfi_problem *problem, const int64_t *line,
                      int64_t count)
{
    reading r = {e, chain, problem, line, count};
    rfi_team_run(team_of(chain, problem), 3 * count * chain->d, (count + BLOCK - 1) / BLOCK, read_block, &r);
}

/* How long after the begin of the epoch, in which its row was read, a line stays on its side. */
static double exclusion(const rfi_epochs *e, int64_t line, double side, double slack)
{
    const double *of = rfi_known_of(&e->known, line), norm = of[RFI_KNOWN - 1];
    const double left = side * of[0] - norm * slack, width = e->delta[e->now % e->ring] * WIDER;
    return left > 0.0 ? quadratic_exit(left, side * of[1] - norm * width, 0.5 * side * of[2]) : 0.0;
}

/* Parts into which lines are divided that are asked whether they may arrive. */
enum { PARTS = 8 };

typedef struct {
    const rfi_epochs *e;
    const rfi_pattern *pattern;
    const rfi_present *present;
    const int64_t *line; /* as in rfi_near */
    int64_t count, found[PARTS];
} asking;

static void ask_some(void *context, int32_t member, int64_t index)
{
    asking *a = context;
    const int64_t first = a->count * index / PARTS, last = a->count * (index + 1) / PARTS;
    (void)member;
    a->found[index] = a->e->find(first, last, a->line, a->pattern->side, &a->e->known, a->present, a->e->near + first);
}

/* Those of the lines, or of count ones in e->near, that may arrive, into e->near; returns how many. */
static int64_t ask(rfi_epochs *e, const rfi_pattern *pattern, const rfi_present *present, rfi_team *team,
                   const int64_t *line, int64_t count)
{
    asking a = {e, pattern, present, line, count, {0}};
    int64_t part, found;
    rfi_team_run(team, 3 * RFI_KNOWN * count, PARTS, ask_some, &a);
    found = a.found[0];
    for (part = 1; part < PARTS; ++part) {
        memmove(e->near + found, e->near + count * part / PARTS, (size_t)a.found[part] * sizeof(int64_t));
        found += a.found[part];
    }
    return found;
}

/* The lines that may arrive within `ahead`, of those that are not known to stay on their sides, into e->near, with
 * their rows read: they would soon be looked at.  Returns how many. */
static int64_t find_near(rfi_epochs *e, const rfi_chain *chain, const rfi_problem *problem,
                         const rfi_pattern *pattern, double slack, double ahead)
{
    const rfi_present present = {e->by, e->now, e->ring};
    int64_t line, count = 0;
    if (ahead < INFINITY) {
        compare(e, chain->dense, slack, ahead);
        count = ask(e, pattern, &present, chain->team, NULL, pattern->lines);
        read_rows(e, chain, problem, e->near, count);
        return ask(e, pattern, &present, chain->team, e->near, count);
    }
    for (line = 0; line < pattern->lines; ++line) {
        e->near[count] = line;
        count += !rfi_held(pattern->side[line]);
    }
    read_rows(e, chain, problem, e->near, count);
    return count;
}

void rfi_epochs_open(rfi_epochs *e, const rfi_chain *chain, const rfi_problem *problem,
                     const rfi_pattern *pattern, double tau)
{
    const double t = chain->t + tau, slack = slack_of(chain);
    double length, ahead;
    int64_t k, count;
    if (e->now >= 0)
        adapt(e);
    for (k = 0; k < pattern->lines && e->now < 0; ++k)
        e->known.epoch[k] = -RFI_EPOCHS; /* nothing is known of it */
    refer(e, chain, t, tau, &length);
    ahead = length > 0.0 ? AHEAD * length : INFINITY;
    e->horizon = t + ahead;
    count = find_near(e, chain, problem, pattern, slack, ahead * WIDER);
    rfi_heap_clear(&e->heap);
    for (k = 0; k < count; ++k) {
        const double key = t + exclusion(e, e->near[k], pattern->side[e->near[k]], slack * WIDER);
        if (key < e->horizon)
            rfi_heap_append(&e->heap, e->near[k], key);
    }
    rfi_heap_order(&e->heap);
    e->placed = 0;
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

/* w at the anchor in terms of the present epoch; what is left is all of it if the epoch began later. */
static void place(rfi_epochs *e, const rfi_chain *chain)
{
    const int64_t slot = e->now % e->ring;
    const double since = chain->t - e->began[slot];
    e->placed = 1;
    e->off = INFINITY;
    if (since >= 0.0)
        e->off = (slack_of(chain) + express(e, chain->dense, slot, chain->T, chain->size[0], since, e->here)) * WIDER;
}

double rfi_epochs_glance(rfi_epochs *e, const rfi_chain *chain, int64_t line, double side)
{
    const int64_t slot = e->now % e->ring;
    const double *of = rfi_known_of(&e->known, line), norm = of[RFI_KNOWN - 1];
    const double since = chain->t - e->began[slot], width = e->delta[slot] * WIDER;
    double left;
    if (e->known.epoch[line] != e->now)
        return chain->t;
    if (!e->placed)
        place(e, chain);
    left = side * (e->here[0] * of[0] + e->here[1] * of[1] + e->here[2] * of[2]) - norm * e->off;
    if (!(left > 0.0))
        return chain->t;
    return chain->t + quadratic_exit(left, side * (of[1] + since * of[2]) - norm * width, 0.5 * side * of[2]);
}

/* The time before which a line stays on its side, by the products `out` of its row, which the epoch knows, with the
 * first three coefficients of the chain. */
static double stays(const rfi_epochs *e, const rfi_chain *chain, int64_t line, double side, double tau,
                    const double *out)
{
    const int64_t slot = e->now % e->ring;
    const double since = chain->t + tau - e->began[slot], width = e->delta[slot] * WIDER;
    const double *of = rfi_known_of(&e->known, line), norm = of[RFI_KNOWN - 1];
    /* What the margin is short of the third power, it is uncertain by. */
    const double z = out[0] + tau * (out[1] + tau * out[2]) - side * norm * (chain->size[3] * tau * tau * tau);
    const double left = side * z - norm * slack_of(chain);
    if (!(left > 0.0))
        return chain->t + tau;
    return chain->t + tau + quadratic_exit(left, side * (of[1] + since * of[2]) - norm * width, 0.5 * side * of[2]);
}

double rfi_epochs_look(rfi_epochs *e, const rfi_chain *chain, const rfi_problem *problem,
                       int64_t line, double side, double tau, double c[3])
{
    ++e->looks;
    if (e->known.epoch[line] != e->now)
        read_row(e, chain, problem, line);
    chain->dense->triple(chain->d, e->ld, rfi_chain_elements(chain, row_of(problem, line)), chain->T, c);
    return stays(e, chain, line, side, tau, c);
}

/* Lines of one job of a batch. */
enum { FEW = 4 };

typedef struct {
    rfi_epochs *e;
    const rfi_chain *chain;
    const rfi_problem *problem;
    const rfi_pattern *pattern;
    const int64_t *line;
    int64_t count;
    double reach, push; /* how far from the anchor on lines may arrive, and what w' may differ from the chain's by */
    double rest;        /* |w| of the third power and above is no more than that, times the square of the time */
    double *key, *c;
} looking;

/* What the powers from the third on come to at `reach`, over its square. */
static double rest_of(const rfi_chain *chain, double reach)
{
    double sum = 0.0;
    int64_t k;
    for (k = chain->order; k > 2; --k)
        sum = (sum + chain->size[k]) * reach;
    return sum * WIDER;
}

/* 1 if the first three coefficients tell that a line stays on its side up to l->reach. */
static int is_out_of_reach(const looking *l, double norm, double side, const double *c)
{
    const double left = side * c[0] - norm * slack_of(l->chain);
    return left > 0.0
           && quadratic_exit(left, side * c[1] - norm * l->push * WIDER, side * c[2] - norm * l->rest) > l->reach;
}

/* The coefficients of the margin of a row from the fourth on, three at a time: there are more than three. */
static void multiply_rest(const rfi_chain *chain, rfi_view x, double *c)
{
    const double *elements = rfi_chain_elements(chain, x);
    int64_t k;
    for (k = 3; k <= chain->order; k += 3) {
        const int64_t at = rfi_smaller(k, chain->order - 2);
        chain->dense->triple(chain->d, chain->ld, elements, chain->T + at * chain->ld, c + at);
    }
}

static void look_at_few(void *context, int32_t member, int64_t index)
{
    const looking *l = context;
    const int64_t end = rfi_smaller(l->count, (index + 1) * FEW), last = l->count - 1;
    double none[RFI_CHAIN_ROOM] = {0.0};
    int64_t k, i;
    (void)member;
    for (k = index * FEW; k < end; k += 2) {
        rfi_view x[2], next[2];
        double *c[2];
        take_two(l->problem, l->line, k, end, 2, last, x, next);
        for (i = 0; i < 2; ++i)
            c[i] = k + i < end ? l->c + (k + i) * RFI_CHAIN_ROOM : none;
        multiply_two(l->chain, x, next, l->chain->T, c);
        for (i = 0; i < 2 && k + i < end; ++i) {
            const int64_t line = l->line[k + i];
            const double side = l->pattern->side[line], norm = rfi_known_of(&l->e->known, line)[RFI_KNOWN - 1];
            double *key = l->key + k + i;
            if (*key == INFINITY) {
                if (l->e->known.epoch[line] != l->e->now)
                    read_row(l->e, l->chain, l->problem, line);
                *key = stays(l->e, l->chain, line, side, 0.0, c[i]);
                if (*key < l->chain->t + l->reach && is_out_of_reach(l, norm, side, c[i]))
                    *key = -INFINITY;
            }
            if (*key < l->chain->t + l->reach && *key > -INFINITY)
                multiply_rest(l->chain, x[i], c[i]);
        }
    }
}

void rfi_epochs_look_all(rfi_epochs *e, const rfi_chain *chain, const rfi_problem *problem, const rfi_pattern *pattern,
                         int standing, double reach, double push, int64_t count, const int64_t *line, double *key,
                         double *c)
{
    looking l = {e, chain, problem, pattern, line, count, reach, push, rest_of(chain, reach), key, c};
    int64_t k;
    for (k = 0; k < count; ++k) {
        const int on_side = !standing || pattern->stand[line[k]] == RFI_ON_SIDE;
        key[k] = on_side ? INFINITY : chain->t;
        e->looks += on_side;
    }
    rfi_team_run(team_of(chain, problem), 8 * count * chain->d, (count + FEW - 1) / FEW, look_at_few, &l);
}
