/* window: see window.h.  From event to event, and what w is then.
 * SPDX-License-Identifier: MIT */
#include "flow/window.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/event.h"
#include "flow/window_steps.h"

enum { LINES = RFI_WINDOW_LINES, ORDER = RFI_WINDOW_ORDER, MOST = RFI_CHAIN_MOST };

int64_t rfi_window_size(int64_t d)
{
    const int64_t ld = rfi_padded(d), powers = RFI_WINDOW_POWERS;
    return ((MOST + 1) + (2 * powers + 1) * (LINES + 1) + (2 * powers + 2 + ORDER) + (ORDER + 1)
            + (powers + 3) * ld)
           * LINES;
}

int rfi_window_create(rfi_window *win, int64_t d, double *memory, const rf_allocator *a)
{
    const int64_t ld = rfi_padded(d), powers = RFI_WINDOW_POWERS;
    memset(win, 0, sizeof(*win));
    win->candidate = rfi_alloc(a, LINES, sizeof(*win->candidate));
    win->own = memory == NULL ? rfi_alloc(a, rfi_window_size(d), sizeof(double)) : NULL;
    if (win->candidate == NULL || (memory == NULL && win->own == NULL)) {
        rfi_window_free(win, a);
        return -1;
    }
    win->P = memory != NULL ? memory : win->own;
    win->work = win->P + (powers + 1) * LINES * ld;
    win->G = win->work + 2 * LINES * ld;
    win->c = win->G + (2 * powers + 1) * LINES * LINES;
    win->D = win->c + (MOST + 1) * LINES;
    win->kept = win->D + (2 * powers + 2 + ORDER) * LINES;
    win->S = win->kept + (2 * powers + 1) * LINES;
    win->tiles = rfi_tiles_choose();
    rfi_window_reset(win);
    return 0;
}

void rfi_window_free(rfi_window *win, const rf_allocator *a)
{
    rfi_free(a, win->candidate);
    rfi_free(a, win->own);
    memset(win, 0, sizeof(*win));
}

/* m rows of weights of the first `used` candidates by a block of G, in columns first .. last - 1 of both. */
static void multiply(const rfi_window *win, int64_t m, int64_t first, int64_t last, int64_t used, const double *A,
                     const double *G, double *C, int how)
{
    const rfi_product product = {m, rfi_padded(last - first), used, A, LINES, 1, G + first, LINES, C + first, LINES,
                                 how, NULL, 0, NULL};
    if (last > first)
        win->tiles->product(&product);
}

/* Rows of l = 0 .. ORDER become sum_j binomial(l, j) shift^{l - j} row_j: of derivatives d^l those of (d + shift)^l. */
static void twist(double shift, int64_t columns, int64_t ld, double *rows)
{
    int64_t l, j, c;
    for (l = ORDER; l > 0 && shift != 0.0; --l) {
        double factor = 1.0;
        for (j = l; j-- > 0;) {
            factor *= shift * (double)(j + 1) / (double)(l - j);
            for (c = 0; c < columns; ++c)
                rows[l * ld + c] += factor * rows[j * ld + c];
        }
    }
}

/* The derivatives (d + shift)^l of the margins if nothing happened, of the candidates first .. last - 1: of d^l they
 * are sum_k k!/(k - l)! c_k tau^{k - l}. */
static void undisturbed(rfi_window *win, const rfi_chain *chain, int64_t first, int64_t last)
{
    double A[(ORDER + 1) * (MOST + 1)] = {0.0};
    const rfi_product product = {ORDER + 1, last - first, chain->order + 1, A, MOST + 1, 1,
                                 win->c + first, LINES, win->S + first, LINES, RFI_TILE_SET, NULL, 0, NULL};
    int64_t k, l;
    for (l = 0; l <= ORDER; ++l) {
        double power = 1.0;
        for (k = l; k <= chain->order; ++k, power *= win->at) {
            double factor = power;
            int64_t j;
            for (j = 0; j < l; ++j)
                factor *= (double)(k - j);
            A[l * (MOST + 1) + k] = factor;
        }
    }
    twist(win->shift, chain->order + 1, MOST + 1, A);
    win->tiles->product(&product);
}

/* What G_k adds to so many derivatives, from that of order l on. */
static void add_pushes(rfi_window *win, int64_t k, int64_t l, int64_t rows, int64_t first, int64_t last)
{
    multiply(win, rows, first, last, win->used, win->D + (2 * win->powers - k + l) * LINES, win->G + k * LINES * LINES,
             win->S + l * LINES, k % 2 == 0 ? RFI_TILE_SUBTRACT : RFI_TILE_ADD);
}

/* The derivatives of the margins at win->at of the candidates that have turned, which come first, and with them those
 * of their F: of order l they need those of f below l only.  (d + shift) F_{k+1} = F_k, so that all are of d + shift,
 * first. */
static void derive(rfi_window *win, const rfi_chain *chain)
{
    const int64_t top = 2 * win->powers, used = rfi_padded(win->used);
    double power = 1.0;
    int64_t k, l, c;
    win->derived = used;
    if (used == 0)
        return;
    undisturbed(win, chain, 0, used);
    for (k = 0; k <= top; ++k)
        add_pushes(win, k, 0, rfi_smaller(k, ORDER) + 1, 0, used);
    for (l = 0; l <= ORDER; ++l, power *= win->shift) {
        double *f = win->D + (top + 1 + l) * LINES;
        for (k = 0; k < l && k <= top; ++k)
            add_pushes(win, k, l, 1, 0, used);
        for (c = 0; c < win->used && l < ORDER; ++c) {
            const rfi_candidate *line = &win->candidate[c];
            f[c] = line->turned * (line->h * win->S[l * LINES + c] - power * line->p);
        }
    }
    twist(-win->shift, used, LINES, win->S);
}

/* Those of the candidates that follow, up to one and some behind it; of most nothing is asked between two events. */
static void derive_to(rfi_window *win, const rfi_chain *chain, int64_t candidate)
{
    enum { MORE = RFI_TILE_PACK };
    const int64_t first = win->derived, last = rfi_padded(rfi_smaller(win->count, candidate + MORE));
    int64_t k;
    undisturbed(win, chain, first, last);
    for (k = 0; k <= 2 * win->powers && win->used > 0; ++k)
        add_pushes(win, k, 0, ORDER + 1, first, k <= win->powers ? last : rfi_smaller(last, win->hot));
    twist(-win->shift, last - first, LINES, win->S + first);
    win->derived = last;
}

/* F_{2 powers + 1} and what follows, up to F_1 and the derivatives of f, a step later. */
static void move(rfi_window *win, double step)
{
    const int64_t top = 2 * win->powers, rows = top + 1 + ORDER;
    const double fades = win->shift != 0.0 ? exp(-win->shift * step) : 1.0;
    int64_t i, m, c;
    win->at += step;
    win->stands = -1;
    for (i = 0; i <= top && win->used > 0; ++i) {
        double *row = win->D + i * LINES, factor = 1.0;
        for (m = 1; i + m < rows; ++m) {
            const double *higher = row + m * LINES;
            factor *= step / (double)m;
            for (c = 0; c < win->used; ++c)
                row[c] += factor * higher[c];
        }
        for (c = 0; c < win->used; ++c)
            row[c] *= fades;
    }
}

/* The margin of a candidate about win->at in powers of time, times its side; returns the order. */
static int64_t margin(rfi_window *win, const rfi_chain *chain, int64_t c, double *y)
{
    const double side = win->candidate[c].side;
    const int64_t order = rfi_larger(ORDER, chain->order);
    double factorial = 1.0;
    int64_t k, l;
    if (c >= win->derived)
        derive_to(win, chain, c);
    for (l = 0; l <= ORDER; ++l) {
        factorial *= l > 1 ? (double)l : 1.0;
        y[l] = side * win->S[l * LINES + c] / factorial;
    }
    for (; l <= order; ++l) {
        double power = 1.0, binomial = 1.0, sum = 0.0;
        for (k = l; k <= chain->order; ++k) {
            sum += win->c[k * LINES + c] * binomial * power;
            power *= win->at;
            binomial = binomial * (double)(k + 1) / (double)(k + 1 - l);
        }
        y[l] = side * sum;
    }
    if (c == win->stands)
        y[0] = 0.0;
    return order;
}

static double value(const double *y, int64_t order, double tau, double *slope)
{
    double f = y[order], s = 0.0;
    int64_t k;
    for (k = order; k-- > 0;) {
        s = s * tau + f;
        f = f * tau + y[k];
    }
    *slope = s;
    return f;
}

/* The state of a search for the next event. */
typedef struct {
    rfi_window *win;
    const rfi_chain *chain;
    double best, doubt; /* of the first event so far, and of the first doubt, from the anchor */
    int64_t who;
} seek;

/* How much sum h (z - z(at)) x may grow up to `until`: |w - w(at)| is no more than time by the largest speed. */
static double stiffens(const rfi_window *win, const rfi_chain *chain, double until)
{
    return win->stiff * (until - win->at)
           * (chain->size[1] + win->push * (1.0 + win->norm * win->end));
}

/* Looks for an event of a candidate before the best one; others that may come in between push its margin
 * as was foreseen, to within twice win->near and what those before them push more or less meanwhile. */
static void examine(seek *s, int64_t c)
{
    rfi_window *win = s->win;
    rfi_candidate *line = &win->candidate[c];
    const int stand = c == win->stands;
    const double noise[3] = {s->chain->noise[0] * line->norm, s->chain->noise[1] * line->norm,
                             s->chain->noise[2] * line->norm};
    const double reach = win->end - win->at;
    double y[MOST + 2], tau = 0.0, slope;
    const int64_t order = margin(win, s->chain, c, y);
    int seen;
    if (c >= win->hot)
        y[0] -= win->unseen * line->norm;
    slope = y[1];
    y[1] -= (2.0 * win->near + stiffens(win, s->chain, win->end)) * line->norm + line->sway;
    seen = rfi_scout_root(y + stand, order - stand, stand, noise, reach, reach, &tau);
    line->least = fmax(line->least, seen == RFI_TIRES ? win->end : win->at + tau);
    y[1] = slope;
    if (!(line->least < s->best))
        return;
    seen = rfi_scout_root(y + stand, order - stand, stand, noise, reach, s->best - win->at, &tau);
    if (seen == RFI_DOUBTS && c < win->hot)
        s->doubt = fmin(s->doubt, win->at + tau);
    if (seen == RFI_TIRES || (seen == RFI_DOUBTS && c < win->hot))
        return;
    s->best = win->at + tau; /* of one that is not hot: what is to be seen better */
    s->who = c;
}

/* 1 if another candidate is at its kink too, or the one that was found does not simply cross. */
static int is_special(const seek *s)
{
    rfi_window *win = s->win;
    const double *noise = s->chain->noise, tau = s->best - win->at;
    const double unit = noise[0] + s->best * (noise[1] + s->best * noise[2]);
    const rfi_candidate *line = &win->candidate[s->who];
    const double square = line->norm * line->norm;
    double y[MOST + 2], slope, speed, tie;
    int64_t c, order;
    for (c = 0; c < win->count; ++c) {
        if (c == s->who || win->candidate[c].least > s->best)
            continue;
        order = margin(win, s->chain, c, y);
        if (value(y, order, tau, &slope) <= (16.0 * unit + (c < win->hot ? 0.0 : win->unseen)) * win->candidate[c].norm)
            return 1;
    }
    order = margin(win, s->chain, s->who, y);
    value(y, order, tau, &slope);
    speed = -slope;
    tie = 32.0 * line->norm
          * (noise[1] + noise[2] * s->best + RFI_EPS * fabs(line->p) * line->norm);
    if (speed <= tie || (line->p < 0.0 && !(speed + line->p * square > tie)))
        return 1;
    return 0;
}

/* By how much sum f x differs from what was foreseen, from win->at to `until`: as it is, by what is foreseen to come
 * meanwhile, and by what f may change on the way. */
static double misses(const rfi_window *win, const rfi_chain *chain, double until)
{
    const double *f = win->D + (2 * win->powers + 1) * LINES;
    double off[LINES], along[LINES], square = 0.0, coming = 0.0;
    int64_t c;
    for (c = 0; c < win->count; ++c) {
        const rfi_candidate *line = &win->candidate[c];
        off[c] = f[c] + (line->when <= win->at ? line->foreseen * line->p : 0.0);
        coming += line->when > win->at && line->when <= until ? fabs(line->p) * line->norm : 0.0;
    }
    multiply(win, 1, 0, win->hot, win->hot, off, win->G, along, RFI_TILE_SET);
    for (c = 0; c < win->hot; ++c)
        square += off[c] * along[c];
    return sqrt(fmax(square, 0.0)) * (1.0 + 1e-9) + coming + stiffens(win, chain, until);
}

/* The next event, RFI_SEES, or RFI_TIRES if there is none up to win->end; RFI_DOUBTS where it is not simple, and
 * RFI_NOT_YET if the events push more than was assumed. */
static int search(rfi_window *win, const rfi_chain *chain, double t0, rfi_sight *sight)
{
    seek s = {win, chain, 0.0, INFINITY, -1};
    double miss;
    int64_t c;
    for (;;) {
        derive(win, chain);
        s.best = fmin(win->end, win->at + win->step);
        for (c = 0; c < win->count; ++c)
            if (win->candidate[c].least < s.best)
                examine(&s, c);
        if (s.who >= win->hot) {
            rfi_window_heat(win, chain, s.who);
            s.who = -1;
            continue;
        }
        miss = misses(win, chain, s.best);
        win->missed = fmax(win->missed, miss);
        if (miss > win->near)
            return RFI_NOT_YET;
        if (s.doubt <= s.best)
            return RFI_DOUBTS;
        if (s.who >= 0)
            break;
        if (!(s.best < win->end)) {
            win->over = 1;
            return RFI_TIRES;
        }
        if (!(s.best > win->at))
            return RFI_DOUBTS;
        move(win, s.best - win->at);
    }
    if (is_special(&s) || !(chain->t + s.best > t0))
        return RFI_DOUBTS;
    win->next = s.who;
    sight->what = RFI_ARRIVES;
    sight->line = win->candidate[s.who].line;
    sight->tau = s.best;
    return RFI_SEES;
}

int rfi_window_cross(rfi_window *win, const rfi_sight *sight)
{
    rfi_candidate *line = &win->candidate[win->next];
    move(win, sight->tau - win->at);
    line->side = (int8_t)-line->side;
    line->turned = (int8_t)(line->turned + line->side);
    line->touched = 1;
    line->least = win->at;
    win->used = rfi_larger(win->used, win->next + 1);
    win->stands = win->last = win->next;
    ++win->events;
    win->kept_at = win->at;
    memcpy(win->kept, win->D, (size_t)((2 * win->powers + 1) * LINES) * sizeof(double));
    return line->side;
}

/* A (A (...)) of what the powers beyond those of P add to w, from the last one on: what is too little to matter
 * is left out, with its product. */
static void weigh_rest(const rfi_window *win, rfi_chain *chain, double *w, double *rest, double *next)
{
    const int64_t ld = chain->ld, top = 2 * win->powers;
    double square;
    int64_t k;
    memset(rest, 0, (size_t)ld * sizeof(double));
    for (k = top; k > win->powers; --k) {
        rfi_window_combine(win, chain, win->D + (top - k) * LINES, win->powers, k % 2 == 0 ? -1.0 : 1.0, rest);
        chain->dense->dots(ld, 1, rest, rest, &square);
        if (sqrt(square) * rfi_raised(win->spread, k - win->powers) <= win->left_out) {
            memset(rest, 0, (size_t)ld * sizeof(double));
            continue;
        }
        rfi_window_apply(win, chain, rest, next);
        memcpy(rest, next, (size_t)ld * sizeof(double));
    }
    chain->dense->add(ld, 1.0, rest, w);
}

/* w at win->at, into chain->T: F_{k+1} is row 2 powers - k of D. */
static void weigh(const rfi_window *win, rfi_chain *chain)
{
    const int64_t ld = chain->ld, top = 2 * win->powers;
    double *w = win->work;
    int64_t k;
    rfi_chain_weights(chain, win->at, w);
    for (k = 0; k <= win->powers && win->used > 0; ++k)
        rfi_window_combine(win, chain, win->D + (top - k) * LINES, k, k % 2 == 0 ? -1.0 : 1.0, w);
    if (win->used > 0)
        weigh_rest(win, chain, w, w + ld, w + 2 * ld);
    memcpy(chain->T, w, (size_t)ld * sizeof(double));
}

/* H, b and what bounds their rounding, after all that has turned. */
static void turn(rfi_window *win, rfi_chain *chain)
{
    double weight[LINES], pull[LINES], size[LINES];
    const rfi_chain_lot lot = {win->used, weight, pull, size, NULL};
    int64_t c;
    for (c = 0; c < win->used; ++c) {
        const rfi_candidate *line = &win->candidate[c];
        weight[c] = line->turned * line->h;
        pull[c] = line->turned * line->p;
        size[c] = line->turned * line->size;
    }
    rfi_chain_add(chain, &lot, win->P, win->work);
    rfi_window_follow(win);
}

/* Gives the lines in hand back, to be looked at again at time t, and at `later` those that were found to have no
 * event in the window, in which `push` has proved right up to then. */
static void give_back(rfi_window *win, rfi_scout *scout, double t, double later)
{
    int64_t k;
    for (k = 0; k < win->count; ++k)
        rfi_heap_set(&scout->epochs.heap, win->candidate[k].line, t);
    for (k = 0; k < scout->hots; ++k)
        rfi_heap_set(&scout->epochs.heap, scout->hot[k], later);
    scout->hots = scout->close = 0;
    win->open = 0;
}

void rfi_window_land(rfi_window *win, rfi_scout *scout, rfi_chain *chain, const rfi_problem *problem,
                     double *w0)
{
    const rfi_candidate *line = &win->candidate[rfi_larger(0, win->last)];
    double t, off;
    if (!win->open || win->events == 0)
        return;
    win->at = win->kept_at;
    memcpy(win->D, win->kept, (size_t)((2 * win->powers + 1) * LINES) * sizeof(double));
    t = chain->t + win->at;
    give_back(win, scout, t, win->over ? chain->t + win->end : t);
    weigh(win, chain);
    off = rfi_view_dot_accurate(rfi_row(problem->data, problem->data->kinks.row[line->line]), chain->T,
                                chain->d); /* x . w = 0 */
    chain->dense->add(chain->ld, -off / (line->norm * line->norm), win->P + win->last * chain->ld,
                      chain->T);
    turn(win, chain);
    chain->t = t;
    win->going = 0;
    memcpy(w0, chain->T, (size_t)chain->d * sizeof(double));
}

/* A window without an event is over: the anchor moves on.  Returns 0 on success. */
static int pass(rfi_window *win, rfi_scout *scout, rfi_chain *chain)
{
    const double step = win->end;
    give_back(win, scout, chain->t + step, chain->t + step);
    ++scout->anchors;
    rfi_chain_weights(chain, step, win->work);
    memcpy(chain->T, win->work, (size_t)chain->ld * sizeof(double));
    win->want = 2.0 * step;
    win->next_push = win->push;
    chain->t += step;
    return isfinite(chain->t) ? 0 : -1;
}

/* Where the search for the next event of a stretch begins, or goes on. */
static void start(rfi_window *win, rfi_scout *scout, rfi_chain *chain, double t0, const double *w0)
{
    if (win->going && win->begin == t0)
        return;
    win->going = 1;
    win->begin = t0;
    rfi_scout_begin(scout);
    chain->t = t0;
    memcpy(chain->T, w0, (size_t)chain->d * sizeof(double));
}

int rfi_window_next(rfi_window *win, rfi_scout *scout, rfi_chain *chain, const rfi_problem *problem,
                    const rfi_pattern *pattern, int64_t patience, double t_end, double t0, double *w0,
                    int *landed, rfi_sight *sight)
{
    int seen;
    for (;;) {
        if (!win->open) {
            start(win, scout, chain, t0, w0);
            if (chain->t > t_end)
                return RFI_NOT_YET;
            seen = scout->anchors >= patience
                       ? RFI_TIRES
                       : rfi_window_open(win, scout, chain, problem, pattern);
            if (seen != RFI_SEES)
                break;
        }
        seen = search(win, chain, t0, sight);
        if (seen == RFI_SEES)
            return seen;
        if (win->events == 0 && seen == RFI_TIRES) {
            if (pass(win, scout, chain) == 0)
                continue;
            seen = RFI_DOUBTS;
        }
        if (win->events == 0) {
            seen = RFI_DOUBTS;
            break;
        }
        rfi_window_learn(win, seen);
        rfi_window_land(win, scout, chain, problem, w0);
        *landed = 1;
        if (seen == RFI_DOUBTS || rfi_chain_is_thin(chain)) {
            seen = RFI_DOUBTS;
            break;
        }
    }
    if (win->open)
        give_back(win, scout, chain->t, chain->t);
    win->going = 0;
    return seen;
}
