/* window_open: how a window begins: how long it may be, which lines may reach their kinks in it, and the products of
 * their rows.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/window_steps.h"

enum { LINES = RFI_WINDOW_LINES, ORDER = RFI_WINDOW_ORDER };

/* Candidates to look for in the first window and at most: there is to be room for those that have no event. */
enum { FIRST = 8, FULL = 72 };

void rfi_window_reset(rfi_window *win)
{
    win->open = win->going = 0;
    win->most = FIRST;
    win->pace = win->next_push = win->norm = 0.0;
}

void rfi_window_learn(rfi_window *win, int seen)
{
    if (win->count > 0)
        win->pace = fmax(win->end, win->kept_at) / (double)win->count;
    if (seen == RFI_NOT_YET) {
        win->next_push = 2.0 * fmax(win->push, win->pushed);
        win->most = rfi_larger(1, win->events);
        return;
    }
    win->next_push = fmax(1.5 * win->pushed, 0.25 * win->push);
    if (seen == RFI_TIRES && win->most < FULL) {
        win->next_push *= (double)rfi_smaller(2 * win->most, FULL) / (double)win->most;
        win->most = rfi_smaller(2 * win->most, FULL);
    }
}

/* The largest sum of sizes in a row of H bounds |H|. */
static double row_norm(const rfi_chain *chain)
{
    double most = 0.0;
    int64_t j, k;
    int i;
    for (j = 0; j < chain->d; ++j) {
        const double *row = chain->H + j * chain->ld;
        double part[RFI_LANES] = {0.0}, sum = 0.0;
        for (k = 0; k < chain->ld; k += RFI_LANES)
            for (i = 0; i < RFI_LANES; ++i)
                part[i] += fabs(row[k + i]);
        for (i = 0; i < RFI_LANES; ++i)
            sum += part[i];
        most = fmax(most, sum);
    }
    return most * (1.0 + 1e-9);
}

/* The largest tau for which push tau (norm tau)^m/(m + 1)! stays below an error, and the terms after it halve. */
static double reach_of(double push, double norm, int64_t m, double error)
{
    double factorial = 1.0;
    int64_t k;
    for (k = 2; k <= m + 1; ++k)
        factorial *= (double)k;
    return fmin(pow(0.5 * error * factorial / (push * pow(norm, (double)m)), 1.0 / (double)(m + 1)),
                0.5 * (double)(m + 2) / norm);
}

/* How many powers of H the rows are to be multiplied by, and for how long that is enough. */
static void choose_powers(rfi_window *win)
{
    double reach = 0.0;
    for (win->powers = 1; win->powers <= RFI_WINDOW_POWERS; ++win->powers) {
        reach = reach_of(win->push, win->norm, 2 * win->powers + 1, win->left_out);
        if (reach >= win->end || (win->powers == 2 && reach >= 0.5 * win->end)
            || win->powers == RFI_WINDOW_POWERS)
            break;
    }
    win->end = fmin(win->end, reach);
    win->step = reach_of(win->push, win->norm, ORDER, win->left_out / 64.0);
}

/* Takes a line in: its row is in win->work. */
static void take(rfi_window *win, const rfi_chain *chain, const rfi_problem *problem, int64_t line,
                 int8_t side, const double *c, double least)
{
    const rfi_data *data = problem->data;
    const double a = problem->a[0], slope = problem->slope;
    rfi_candidate *new = &win->candidate[win->count];
    double weight = 0.0, pull = 0.0;
    int64_t m, k;
    for (m = data->kinks.start[line]; m < data->kinks.start[line + 1]; ++m) {
        const int64_t i = data->kinks.member[m];
        const double factor = data->kinks.factor[i];
        weight += problem->c[i] * factor * fabs(factor);
        pull += fabs(problem->c[i] * data->y[i]) * factor;
    }
    new->line = line;
    new->least = least;
    new->h = a * a * (1.0 - slope * slope) * weight;
    new->p = a * problem->jump[line];
    new->size = fabs(a) * (1.0 - slope) * pull;
    new->norm = data->norm[data->kinks.row[line]];
    new->side = side;
    new->turned = 0;
    new->touched = 0;
    for (k = 0; k <= chain->order; ++k)
        win->c[k * LINES + win->count] = side * c[k];
    memcpy(win->P + win->count * chain->ld, win->work, (size_t)chain->ld * sizeof(double));
    ++win->count;
}

/* Gives up the later part of a window that has too many candidates. */
static int shorten(rfi_window *win, rfi_scout *scout, const rfi_chain *chain)
{
    const int64_t ld = chain->ld;
    double least[LINES] = {0.0}, limit;
    int64_t k, j, kept = 0;
    for (k = 0; k < win->count; ++k) {
        for (j = k; j > 0 && least[j - 1] > win->candidate[k].least; --j)
            least[j] = least[j - 1];
        least[j] = win->candidate[k].least;
    }
    limit = least[(3 * win->count) / 4];
    if (!(limit > 0.0))
        return -1;
    for (k = 0; k < win->count; ++k) {
        if (win->candidate[k].least >= limit) {
            rfi_heap_set(&scout->epochs.heap, win->candidate[k].line,
                         chain->t + win->candidate[k].least);
            win->stands = win->stands == k ? -1 : win->stands;
            continue;
        }
        if (kept < k) {
            win->candidate[kept] = win->candidate[k];
            memcpy(win->P + kept * ld, win->P + k * ld, (size_t)ld * sizeof(double));
            for (j = 0; j <= chain->order; ++j)
                win->c[j * LINES + kept] = win->c[j * LINES + k];
            win->stands = win->stands == k ? kept : win->stands;
        }
        ++kept;
    }
    win->count = kept;
    win->end = limit;
    return 0;
}

/* Looks at a line to the full order of the chain: a candidate, unless its kink is out of reach.  Returns 0, or
 * -1 if it is not simple. */
static int look_closely(rfi_window *win, rfi_scout *scout, const rfi_chain *chain,
                        const rfi_problem *problem, int64_t line, int8_t side, int stand)
{
    const rfi_data *data = problem->data;
    const int64_t row = data->kinks.row[line];
    const double norm = data->norm[row];
    const double noise[3] = {chain->noise[0] * norm, chain->noise[1] * norm, chain->noise[2] * norm};
    double *c = scout->c, speed, tau = 0.0;
    int64_t k;
    int seen;
    if (stand > RFI_CROSSED)
        return -1;
    rfi_view_copy(rfi_row(data, row), win->work, data->d);
    memset(win->work + data->d, 0, (size_t)(chain->ld - data->d) * sizeof(double));
    chain->dense->dots(chain->ld, chain->order + 1, win->work, chain->T, c);
    for (k = 0; k <= chain->order; ++k)
        c[k] *= side;
    if (stand == RFI_CROSSED)
        c[0] = 0.0;
    speed = c[1];
    c[1] -= win->push * norm;
    seen = rfi_scout_root(c + stand, chain->order - stand, stand, noise, win->end, win->end, &tau);
    c[1] = speed;
    if (seen == RFI_TIRES) {
        rfi_heap_set(&scout->epochs.heap, line, chain->t + win->end);
        return 0;
    }
    if (stand == RFI_CROSSED && win->stands >= 0)
        return -1;
    win->stands = stand == RFI_CROSSED ? win->count : win->stands;
    take(win, chain, problem, line, side, c, tau);
    rfi_heap_set(&scout->epochs.heap, line, INFINITY);
    return win->count < LINES ? 0 : shorten(win, scout, chain);
}

/* All lines that may reach their kinks before win->end.  Returns 0, or -1 if one is not simple. */
static int collect(rfi_window *win, rfi_scout *scout, const rfi_chain *chain,
                   const rfi_problem *problem, const rfi_pattern *pattern)
{
    rfi_epochs *e = &scout->epochs;
    while (e->heap.count > 0) {
        const int64_t line = rfi_heap_top(&e->heap);
        const int8_t side = pattern->side[line];
        const int stand = scout->anchors == 0 ? pattern->stand[line] : RFI_ON_SIDE;
        double key;
        if (!(e->heap.key[line] < chain->t + win->end))
            break;
        if (stand == RFI_ON_SIDE) {
            key = rfi_epochs_look(e, chain, problem, line, side, 0.0);
            if (key >= chain->t + win->end) {
                rfi_heap_set(&e->heap, line, key);
                continue;
            }
        }
        if (look_closely(win, scout, chain, problem, line, side, stand) != 0)
            return -1;
    }
    return 0;
}

/* x_c H^k, and their products for all pairs. */
static void multiply(rfi_window *win, const rfi_chain *chain)
{
    const int64_t ld = chain->ld;
    int64_t a, b, c, k;
    for (b = 0; b <= win->powers; ++b) {
        double *P = win->P + b * LINES * ld;
        const rfi_product power = {win->count, ld, chain->d, P,  ld, 1,
                                   chain->H,   ld, P + LINES * ld, ld, RFI_TILE_SET};
        for (c = 0; c < LINES; ++c)
            for (k = 0; k < ld; ++k)
                win->turn[k * LINES + c] = c < win->count ? P[c * ld + k] : 0.0;
        for (a = rfi_larger(0, b - 1); a <= b; ++a) {
            const rfi_product product = {win->count, LINES, ld, win->P + a * LINES * ld, ld, 1,
                                         win->turn, LINES, win->G + (a + b) * LINES * LINES, LINES,
                                         RFI_TILE_SET};
            win->product(&product);
        }
        if (b < win->powers)
            win->product(&power);
    }
    memset(win->D, 0, (size_t)((2 * win->powers + 2 + ORDER) * LINES) * sizeof(double));
}

/* Sets the anchor, and how long the window may be.  Returns RFI_SEES, or why not. */
static int prepare(rfi_window *win, rfi_chain *chain)
{
    if (!(win->norm > 0.0))
        win->norm = row_norm(chain);
    if (!(win->pace > 0.0))
        win->pace = 0.5 / win->norm / (double)chain->d;
    if (rfi_chain_anchor(chain, chain->t, (double)win->most * win->pace) != 0)
        return RFI_DOUBTS;
    if (!(chain->size[1] > 0.0) || !(chain->valid > 0.0))
        return RFI_TIRES;
    if (!(chain->t + chain->valid > chain->t))
        return RFI_DOUBTS;
    win->end = chain->valid;
    win->push = win->next_push > 0.0 ? win->next_push : 0.02 * chain->size[1];
    win->left_out = 0.25 * RFI_EPS * chain->size[0];
    choose_powers(win);
    return RFI_SEES;
}

/* The window is to end within the epoch; a new one begins where that would be soon.  Returns 0 on success. */
static int stay_in_epoch(rfi_window *win, rfi_scout *scout, const rfi_chain *chain,
                         const rfi_problem *problem, const rfi_pattern *pattern)
{
    double horizon;
    scout->epochs.stray = win->push * (1.0 + win->norm * win->end);
    horizon = rfi_epochs_horizon(&scout->epochs, chain, 0.0);
    if (!(horizon > 0.25 * win->end)) {
        rfi_epochs_open(&scout->epochs, chain, problem, pattern, 0.0);
        horizon = rfi_epochs_horizon(&scout->epochs, chain, 0.0);
    }
    scout->epochs.stray = 0.0;
    win->end = fmin(win->end, horizon);
    return chain->t + win->end > chain->t ? 0 : -1;
}

int rfi_window_open(rfi_window *win, rfi_scout *scout, rfi_chain *chain, const rfi_problem *problem,
                    const rfi_pattern *pattern)
{
    int64_t k;
    int seen;
    win->count = win->used = win->events = 0;
    win->at = win->kept_at = win->pushed = 0.0;
    win->stands = win->last = win->next = -1;
    if ((seen = prepare(win, chain)) != RFI_SEES)
        return seen;
    if (stay_in_epoch(win, scout, chain, problem, pattern) != 0)
        return RFI_DOUBTS;
    win->open = 1; /* lines in hand are given back when it is closed */
    if (collect(win, scout, chain, problem, pattern) != 0)
        return RFI_DOUBTS;
    for (k = 0; k <= chain->order; ++k)
        memset(win->c + k * LINES + win->count, 0, (size_t)(LINES - win->count) * sizeof(double));
    multiply(win, chain);
    return RFI_SEES;
}
