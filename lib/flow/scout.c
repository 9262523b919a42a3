/* scout: see scout.h.
 * SPDX-License-Identifier: MIT */
#include "flow/scout.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/num.h"
#include "flow/event.h"

/* So few lines, in so few dimensions, are all glanced at from every anchor; measured. */
enum { FEW_LINES = 512, FEW_DIMENSIONS = 64 };

/* The same where it ends after so few anchors: too soon for an epoch to pay. */
enum { BRIEF = 9 };

int rfi_scout_create(rfi_scout *scout, const rfi_data *data)
{
    const rf_allocator *a = &data->allocator;
    const int64_t lines = data->kinks.count;
    memset(scout, 0, sizeof(*scout));
    scout->few = lines <= FEW_LINES && data->d <= FEW_DIMENSIONS;
    scout->c = rfi_alloc(a, RFI_CHAIN_ROOM + lines, sizeof(double));
    scout->z = scout->c == NULL ? NULL : scout->c + RFI_CHAIN_ROOM;
    scout->hot = rfi_alloc(a, lines + 1, sizeof(int64_t));
    if (rfi_epochs_create(&scout->epochs, data) != 0 || scout->c == NULL || scout->hot == NULL
        || (scout->few && rfi_glance_create(&scout->glance, data, rfi_cpu_level()) != 0)) {
        rfi_scout_free(scout, a);
        return -1;
    }
    rfi_scout_close(scout);
    return 0;
}

void rfi_scout_free(rfi_scout *scout, const rf_allocator *a)
{
    rfi_epochs_free(&scout->epochs, a);
    rfi_glance_free(&scout->glance, a);
    rfi_free(a, scout->c);
    rfi_free(a, scout->hot);
    memset(scout, 0, sizeof(*scout));
}

/* The even powers and the odd ones by Horner's rule in tau^2, side by side: half as long to wait for.  half: half of
 * the second derivative. */
static double polynomial(const double *c, int64_t order, double tau, double *slope, double *half)
{
    const double square = tau * tau;
    double even = 0.0, even_slope = 0.0, even_half = 0.0, odd = 0.0, odd_slope = 0.0, odd_half = 0.0;
    int64_t k = order;
    if (k % 2 == 0)
        even = c[k--];
    for (; k > 0; k -= 2) {
        odd_half = odd_half * square + odd_slope;
        odd_slope = odd_slope * square + odd;
        odd = odd * square + c[k];
        even_half = even_half * square + even_slope;
        even_slope = even_slope * square + even;
        even = even * square + c[k - 1];
    }
    *slope = odd + 2.0 * tau * (even_slope + tau * odd_slope);
    *half = even_slope + tau * (3.0 * odd_slope + 4.0 * tau * (even_half + tau * odd_half));
    return even + tau * odd;
}

/* The error of s/tau^stand. */
static double error_at(const double noise[3], int stand, double tau)
{
    if (stand == 0)
        return noise[0] + tau * (noise[1] + tau * noise[2]);
    return stand == 1 ? noise[1] + tau * noise[2] : noise[2];
}

/* What a polynomial is certain of: -down <= s'' <= up on [0, valid], and s >= c_0 - fall on [0, until]. */
typedef struct {
    double down, up, fall;
} bends;

static bends bends_of(const double *c, int64_t order, double valid, double until)
{
    bends out = {0.0, 0.0, 0.0};
    double power = 0.5, time = 0.5 * until;
    int64_t k;
    out.fall = order > 0 ? fabs(c[1] * time) - c[1] * time : 0.0;
    for (k = 2; k <= order; ++k, power *= valid) { /* signs follow no pattern: |a| + a is 2 a or 0 without a branch */
        const double bend = (double)(k * (k - 1)) * c[k] * power, term = c[k] * (time *= until);
        out.down += fabs(bend) - bend;
        out.up += fabs(bend) + bend;
        out.fall += fabs(term) - term;
    }
    return out;
}

/* The only root between `at` and `to`, where f falls: f, its slope and half its second derivative are those at `at`,
 * and `bend` bounds |f''|.  Halley's method, until what a step of Newton's leaves (Kantorovich) is far below the error
 * of f.  Returns 0 if that does not come about. */
static int close_in(const double *c, int64_t order, double at, double to, double f, double slope, double half,
                    double bend, double error, double *root)
{
    const double from = at;
    int64_t k;
    for (k = 0; k < 8; ++k) {
        const double step = f / slope;
        if (bend * step * step <= 0.02 * error && bend * fabs(step) <= -0.25 * slope) {
            *root = at - step;
            return 1;
        }
        at -= f * slope / (slope * slope - f * half);
        if (!(at > from && at < to))
            return 0;
        f = polynomial(c, order, at, &slope, &half);
    }
    return 0;
}

int rfi_scout_root(const double *c, int64_t order, int stand, const double noise[3], double valid,
                   double until, double *tau)
{
    const bends b = bends_of(c, order, valid, until);
    const double bend = rfi_more(b.up, b.down), most = error_at(noise, stand, valid);
    double at = 0.0, f = c[0], slope = order > 0 ? c[1] : 0.0, half = order > 1 ? c[2] : 0.0;
    double error = error_at(noise, stand, 0.0), step;
    int64_t k;
    *tau = 0.0;
    if (!(c[0] > 4.0 * error))
        return RFI_DOUBTS;
    if (c[0] - b.fall > 4.0 * error_at(noise, stand, until))
        return RFI_TIRES;
    for (k = 0; k < 64; ++k) {
        error = error_at(noise, stand, at);
        if (f <= 2.0 * error)
            break;
        if (slope < 0.0) { /* before it can vanish f has fallen below its error, at the end of this step */
            step = -2.0 * (f + 8.0 * most) / slope;
            if (bend * step < -slope && at + step <= valid
                && close_in(c, order, at, at + step, f, slope, half, bend, error, tau))
                return *tau < until ? RFI_SEES : RFI_TIRES;
            step = 2.0 * f / (sqrt(slope * slope + 2.0 * b.down * f) - slope);
        } else
            step = b.down > 0.0 ? (slope + sqrt(slope * slope + 2.0 * b.down * f)) / b.down : INFINITY;
        if (!(at + step < until))
            return RFI_TIRES;
        if (step <= 2.0 * RFI_EPS * at)
            break;
        at += step;
        f = polynomial(c, order, at, &slope, &half);
    }
    *tau = at;
    /* Beyond `at` the polynomial falls by slope^2/(2 up) at least. */
    if (k == 64 || !(slope < 0.0) || slope * slope <= 2.0 * b.up * (fabs(f) + 8.0 * error))
        return RFI_DOUBTS;
    at -= f / slope;
    f = polynomial(c, order, at, &slope, &half);
    *tau = at - f / slope;
    return *tau < until ? RFI_SEES : RFI_TIRES;
}

/* What a search has in hand. */
typedef struct {
    rfi_scout *scout;
    const rfi_chain *chain;
    const rfi_problem *problem;
    const rfi_pattern *pattern;
    int brief, started;
    double from, limit; /* searched from anchor + from up to the best event or anchor + limit */
    double doubt;       /* where the first line is closer to a graze than can be told */
    rfi_sight *best;
    double end, rest; /* what margins of rows of length 1 may have up to an instant beyond the first three powers */
} hunt;

static double until(const hunt *h)
{
    return rfi_less(h->limit, h->best->tau);
}

/* 1 if a line was not moved by the event at the anchor. */
static int is_on_side(const hunt *h, int64_t line)
{
    return !h->started || h->pattern->stand[line] == RFI_ON_SIDE;
}

/* Fetches what will be read of a line if its arrival is the next event; the first of its data is its row. */
ALWAYS_INLINE void fetch_event(const rfi_problem *problem, int64_t line, int64_t row)
{
    const rfi_data *data = problem->data;
    PREFETCH(problem->jump + line);
    PREFETCH(data->kinks.start + line);
    PREFETCH(data->kinks.member + row); /* there, but for rows that are parallel */
    PREFETCH(data->kinks.factor + row);
    PREFETCH(data->kinks.line + row);
    PREFETCH(problem->c + row);
    PREFETCH(data->y + row);
}

/* The margin of a line to the full order of the chain. */
static void look_closely(hunt *h, int64_t line, double norm)
{
    const rfi_chain *chain = h->chain;
    const rfi_data *data = h->problem->data;
    const int64_t row = rfi_kinks_row(&data->kinks, line);
    const int stand = h->started ? h->pattern->stand[line] : 0;
    const double side = h->pattern->side[line];
    double *c = h->scout->c, tau;
    const double noise[3] = {chain->noise[0] * norm, chain->noise[1] * norm,
                             chain->noise[2] * norm};
    int64_t k;
    int seen;
    rfi_scout_keep(h->scout, line);
    rfi_heap_drop(&h->scout->epochs.heap, line);
    if (stand > 2) {
        h->doubt = 0.0;
        return;
    }
    chain->dense->dots(chain->ld, chain->order + 1, rfi_chain_row(chain, rfi_row(data, row)), chain->T, c);
    for (k = 0; k <= chain->order; ++k)
        c[k] *= side;
    seen =
        rfi_scout_root(c + stand, chain->order - stand, stand, noise, chain->valid, until(h), &tau);
    if (seen == RFI_DOUBTS)
        h->doubt = fmin(h->doubt, tau);
    if (seen != RFI_SEES)
        return;
    fetch_event(h->problem, line, row);
    h->best->what = RFI_ARRIVES;
    h->best->line = line;
    h->best->tau = tau;
}

/* The first powers of tau, and what of a margin a row of length 1 may have in those beyond and in its noise. */
static double raise_powers(const rfi_chain *chain, double tau, int64_t count, double *power)
{
    double rest = 0.0, high = 1.0;
    int64_t k;
    power[0] = 0.0;
    for (k = 1; k < count; ++k)
        power[k] = high *= tau;
    for (k = count; k <= chain->order; ++k)
        rest += chain->size[k] * (high *= tau);
    /* twice the distance that counts as a tie */
    return rest + 32.0 * (chain->noise[0] + tau * (chain->noise[1] + tau * chain->noise[2]));
}

/* Looks at one of them that a glance has found.  One that is seen to leave its kink for good can but be in a tie. */
static void look_at(hunt *h, int64_t k)
{
    const rfi_data *data = h->problem->data;
    const int64_t line = h->scout->epochs.near[k];
    if (h->started && h->pattern->stand[line] == RFI_CROSSED && h->scout->glance.leaves[k])
        rfi_scout_keep(h->scout, line);
    else
        look_closely(h, line, data->norm[rfi_kinks_row(&data->kinks, line)]);
}

/* Looks at all lines: where they are few that is less work than to tell which ones can wait.  First at the one that may
 * arrive first, but for those on their kinks: what cannot arrive before it need not be looked at. */
static void look_at_all(hunt *h)
{
    const rfi_chain *chain = h->chain;
    const double end = until(h);
    /* twice the distance that counts as a tie */
    const double near = 32.0 * (chain->noise[0] + end * (chain->noise[1] + end * chain->noise[2]));
    const float *first = h->scout->glance.first;
    int64_t *line = h->scout->epochs.near, count, k, soonest = -1;
    count = rfi_glance_find(&h->scout->glance, chain, h->problem->data, h->pattern->side, end, near, line);
    h->scout->hots = h->scout->close = 0;
    for (k = 0; k < count; ++k)
        if (!rfi_held(h->pattern->side[line[k]]) && first[k] > 0.0F && (soonest < 0 || first[k] < first[soonest]))
            soonest = k;
    if (soonest >= 0)
        look_at(h, soonest);
    for (k = 0; k < count; ++k)
        if (k != soonest && !rfi_held(h->pattern->side[line[k]]) && !((double)first[k] * end > until(h)))
            look_at(h, k);
}

/* 1 if a line stays on its side up to some instant, by its margin and the first two derivatives. */
static int stays(const hunt *h, int64_t line, double end)
{
    const rfi_chain *chain = h->chain;
    const int64_t row = rfi_kinks_row(&h->problem->data->kinks, line);
    const double side = h->pattern->side[line];
    double power[3], c[3];
    const double rest = raise_powers(chain, end, 3, power);
    chain->dense->triple(chain->d, chain->ld, rfi_chain_elements(chain, rfi_row(h->problem->data, row)), chain->T,
                         c);
    return side * c[0] + rfi_less(side * c[1], 0.0) * power[1] + rfi_less(side * c[2], 0.0) * power[2]
           > h->problem->data->norm[row] * rest;
}

/* The same where lines are many and the search is brief: all margins where it begins, and those lines alone that w
 * may take to their kinks from there on, tell no more than an epoch, but none has to begin. */
static void look_once(hunt *h)
{
    const rfi_chain *chain = h->chain;
    const rfi_data *data = h->problem->data;
    rfi_scout *scout = h->scout;
    double *z = scout->z, none[1], end = until(h), reach;
    int64_t line;
    rfi_scout_close(scout);
    if (scout->met == 0) {
        rfi_line_margins(data, 0, h->pattern->lines, chain->T, chain->x, z, chain->team);
        scout->met = scout->anchors + 1;
        scout->way = 0.0;
    }
    reach = scout->way + raise_powers(chain, end, 1, none);
    for (line = 0; line < h->pattern->lines; ++line) {
        const int64_t row = rfi_kinks_row(&data->kinks, line);
        if (rfi_held(h->pattern->side[line]))
            continue;
        if (is_on_side(h, line)
            && (h->pattern->side[line] * z[line] > data->norm[row] * reach || stays(h, line, end)))
            continue;
        look_closely(h, line, data->norm[row]);
        if (until(h) < end)
            reach = scout->way + raise_powers(chain, end = until(h), 1, none);
    }
    scout->way += raise_powers(chain, chain->valid, 1, none);
}

/* 1 if a line stays on its side from the anchor up to some instant, by the first three coefficients of its margin. */
static int stays_until(hunt *h, double side, double norm, double end, const double c[3])
{
    const double z = side * c[0], slope = side * c[1], half = side * c[2];
    double power[3], least = end * (slope + end * half);
    if (end != h->end) {
        h->rest = raise_powers(h->chain, end, 3, power);
        h->end = end;
    }
    if (half > 0.0 && slope < 0.0 && -slope < 2.0 * half * end)
        least = -0.25 * slope * slope / half;
    return z + rfi_less(least, 0.0) > norm * h->rest;
}

/* A line that is looked at: what its margin is made of at the anchor, and when it may be 0, about. */
typedef struct {
    int64_t line;
    double c[3], soon;
} glimpse;

/* Looks at a line at an instant.  Returns 1 if it may arrive before the best event; if not, it goes back into the
 * heap. */
static int look(hunt *h, int64_t line, double tau, glimpse *g)
{
    const rfi_chain *chain = h->chain;
    rfi_epochs *e = &h->scout->epochs;
    const double side = h->pattern->side[line];
    double key;
    g->line = line;
    g->soon = 0.0;
    if (rfi_held(h->pattern->side[line])) {
        rfi_heap_drop(&e->heap, line);
        return 0;
    }
    if (!is_on_side(h, line))
        return 1;
    key = rfi_epochs_look(e, chain, h->problem, line, side, tau, g->c);
    if (key >= chain->t + until(h)) {
        rfi_heap_set(&e->heap, line, key);
        return 0;
    }
    g->soon = side * g->c[1] < 0.0 ? side * g->c[0] / (-side * g->c[1]) : INFINITY;
    return 1;
}

/* Looks closely at such a line, unless it stays on its side up to the best event. */
static void settle(hunt *h, const glimpse *g)
{
    const double norm = rfi_known_of(&h->scout->epochs.known, g->line)[RFI_KNOWN - 1];
    if (is_on_side(h, g->line) && stays_until(h, h->pattern->side[g->line], norm, until(h), g->c)) {
        rfi_heap_drop(&h->scout->epochs.heap, g->line);
        h->scout->hot[h->scout->hots++] = g->line;
    } else
        look_closely(h, g->line, norm);
}

/* The multipliers of what slides, against both bounds. */
static void watch_multipliers(hunt *h)
{
    const rfi_chain *chain = h->chain;
    int64_t s, k;
    int top, seen;
    for (s = 0; s < chain->slides; ++s)
        for (top = 0; top < 2; ++top) {
            const double *u = chain->u + s * RFI_CHAIN_ROOM;
            const double noise[3] = {chain->u_noise[s], 0.0, 0.0};
            double *c = h->scout->c, sum = 0.0, power = 1.0, tau;
            for (k = 0; k <= chain->order; ++k) {
                c[k] = top ? -u[k] : u[k];
                sum += k > 0 ? fabs(u[k]) * (power *= until(h)) : 0.0;
            }
            c[0] += top ? chain->bound[s] : 0.0;
            if (c[0] - sum > 4.0 * noise[0])
                continue;
            seen = rfi_scout_root(c, chain->order, 0, noise, chain->valid, until(h), &tau);
            if (seen == RFI_DOUBTS)
                h->doubt = fmin(h->doubt, tau);
            if (seen != RFI_SEES)
                continue;
            h->best->what = top ? RFI_LEAVES_HIGH : RFI_LEAVES_LOW;
            h->best->line = chain->slide[s];
            h->best->tau = tau;
                }
}

/* 1 if another line that was looked at closely, or another multiplier, is at its zero too. */
static int ties(hunt *h)
{
    const rfi_chain *chain = h->chain;
    const rfi_data *data = h->problem->data;
    const double tau = h->best->tau;
    double *w = h->scout->epochs.work, z, unit, half;
    int64_t k;
    rfi_chain_weights(chain, tau, w);
    unit = chain->noise[0] + tau * (chain->noise[1] + tau * chain->noise[2]);
    for (k = 0; k < h->scout->close; ++k) {
        const int64_t line = h->scout->hot[k], row = rfi_kinks_row(&data->kinks, line);
        if (rfi_held(h->pattern->side[line])
            || (line == h->best->line && h->best->what == RFI_ARRIVES))
            continue;
        z = rfi_chain_dot(chain, rfi_row(data, row), w);
        if (h->pattern->side[line] * z <= 16.0 * unit * data->norm[row])
            return 1;
    }
    for (k = 0; k < chain->slides; ++k) {
        const double u = polynomial(chain->u + k * RFI_CHAIN_ROOM, chain->order, tau, &z, &half);
        if (chain->slide[k] == h->best->line)
            continue;
        if (u <= 16.0 * chain->u_noise[k] || chain->bound[k] - u <= 16.0 * chain->u_noise[k])
            return 1;
    }
    return 0;
}

/* Fetches the rows that will be looked at next, if the flow gets that far: those below the top of the heap. */
ALWAYS_INLINE void fetch_next(const hunt *h)
{
    enum { NEXT = 5 };
    const rfi_heap *heap = &h->scout->epochs.heap;
    const rfi_data *data = h->problem->data;
    const int64_t last = rfi_smaller(heap->count, NEXT);
    int64_t k;
    for (k = 1; k < last; ++k) {
        const int64_t line = heap->entry[k].item, row = rfi_kinks_row(&data->kinks, line);
        rfi_chain_fetch(h->chain, rfi_row(data, row));
        rfi_epochs_fetch(&h->scout->epochs, line);
        PREFETCH(data->norm + row);
    }
}

/* Looks again at the lines that are not in the heap, some at a time: first closely at the one that may arrive first. */
static void look_again(hunt *h)
{
    enum { SOME = 16 };
    rfi_scout *scout = h->scout;
    const int64_t again = scout->hots;
    glimpse some[SOME];
    int64_t k = 0, m;
    scout->hots = scout->close = 0;
    while (k < again) {
        int64_t count = 0, first = 0;
        for (; k < again && count < SOME; ++k) {
            if (!look(h, scout->hot[k], h->from, some + count))
                continue;
            first = some[count].soon < some[first].soon ? count : first;
            ++count;
        }
        for (m = 0; m < count; ++m)
            settle(h, some + (m == 0 ? first : m <= first ? m - 1 : m));
    }
}

/* Looks at lines as their time comes, up to the limit or the best event. */
static void hunt_lines(hunt *h)
{
    rfi_epochs *e = &h->scout->epochs;
    look_again(h);
    while (e->heap.count > 0) {
        const rfi_entry top = *rfi_heap_top(&e->heap);
        glimpse g;
        if (!(top.key < h->chain->t + until(h)))
            break;
        fetch_next(h);
        if (look(h, top.item, rfi_more(top.key - h->chain->t, h->from), &g))
            settle(h, &g);
    }
}

/* How a search up to the limit has ended. */
static int outcome(hunt *h)
{
    if (h->doubt <= rfi_less(h->best->tau, h->limit))
        return RFI_DOUBTS;
    if (h->best->tau <= h->limit)
        return ties(h) ? RFI_DOUBTS : RFI_SEES;
    return RFI_TIRES;
}

/* Searches up to the end of the chain's validity. */
static int hunt_chain(hunt *h)
{
    rfi_scout *scout = h->scout;
    const rfi_chain *chain = h->chain;
    double horizon, least = 0.0;
    int seen;
    h->from = 0.0;
    h->limit = chain->valid;
    h->doubt = INFINITY;
    h->end = -1.0;
    watch_multipliers(h);
    if (scout->few || h->brief) {
        (scout->few ? look_at_all : look_once)(h);
        return outcome(h);
    }
    for (;;) {
        horizon = rfi_epochs_horizon(&scout->epochs, chain, h->from);
        if (!(horizon > least)) { /* an epoch that is all but over ends */
            scout->met = 0;
            rfi_epochs_open(&scout->epochs, chain, h->problem, h->pattern, h->from);
            scout->hots = scout->close = 0; /* they are in the heap, if need be */
            horizon = rfi_epochs_horizon(&scout->epochs, chain, h->from);
            if (!(h->from + horizon > h->from))
                return RFI_DOUBTS;
        }
        h->limit = fmin(chain->valid, h->from + horizon);
        hunt_lines(h);
        if ((seen = outcome(h)) != RFI_TIRES || h->limit >= chain->valid)
            return seen;
        least = 0.5 * horizon;
        h->from = h->limit;
    }
}

int rfi_scout_next(rfi_scout *scout, rfi_chain *chain, const rfi_problem *problem,
                   const rfi_pattern *pattern, int64_t patience, double t_end, rfi_sight *sight)
{
    hunt h = {scout, chain, problem, pattern, patience <= BRIEF, 1, 0.0, 0.0, 0.0, sight, 0.0, 0.0};
    int seen;
    for (;; ++scout->anchors) {
        h.started = scout->anchors == 0;
        if (chain->t > t_end)
            return RFI_NOT_YET;
        sight->tau = INFINITY;
        if (!(chain->size[1] > 0.0) || scout->anchors >= patience || !(chain->valid > 0.0))
            return RFI_TIRES;
        if (!(chain->t + chain->valid > chain->t))
            return RFI_DOUBTS;
        if ((seen = hunt_chain(&h)) != RFI_TIRES)
            return seen;
        if (rfi_chain_move_on(chain) != 0)
            return RFI_DOUBTS;
    }
}
