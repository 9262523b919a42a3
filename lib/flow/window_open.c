/* window_open: how a window begins: how long it may be, which lines may reach their kinks in it, and the products of
 * their rows.
 * SPDX-License-Identifier: MIT */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/window_steps.h"

enum { LINES = RFI_WINDOW_LINES, ORDER = RFI_WINDOW_ORDER };

/* Candidates to look for: there is to be room for those that have no event. */
enum { FULL = RFI_WINDOW_LINES / 4 * 3 };

void rfi_window_reset(rfi_window *win)
{
    win->open = win->going = 0;
    win->want = win->next_push = win->next_near = win->norm = win->fourth = win->spent = 0.0;
}

void rfi_window_learn(rfi_window *win, int seen)
{
    if (seen == RFI_NOT_YET) {
        win->next_near = 2.0 * win->missed;
        win->want = fmax(win->kept_at, 0.5 * win->end);
        return;
    }
    win->want = win->end * fmin(2.0, (double)FULL / (double)rfi_larger(1, win->count));
    win->next_near = fmax(1.5 * win->missed, 0.8 * win->near);
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

/* The error of the margin of a row of length 1 at tau, if the powers from m on are left out and their terms halve. */
static double left_out_of(double push, double norm, int64_t m, double tau)
{
    double error = 2.0 * push * tau;
    int64_t k;
    for (k = 1; k <= m; ++k)
        error *= norm * tau / (double)(k + 1);
    return error;
}

/* Takes a line in, its coefficients into the next slot. */
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
    new->slot = win->count;
    new->least = least;
    new->h = a * a * (1.0 - slope * slope) * weight;
    new->p = a * problem->jump[line];
    new->size = fabs(a) * (1.0 - slope) * pull;
    new->norm = data->norm[rfi_kinks_row(&data->kinks, line)];
    new->when = INFINITY;
    new->low = new->sway = 0.0;
    new->foreseen = side < 0 ? 1 : -1;
    new->side = side;
    new->turned = 0;
    new->touched = 0;
    for (k = 0; k <= chain->order; ++k)
        win->c[k * LINES + win->count] = side * c[k];
    ++win->count;
}

/* Gives up what of a window is later; there is no event before `first`.  What is in the slots stays there. */
static void shorten(rfi_window *win, rfi_scout *scout, const rfi_chain *chain, double limit,
                    double first)
{
    int64_t k, kept = 0;
    for (k = 0; k < win->count; ++k) {
        win->candidate[k].least = fmax(win->candidate[k].least, first);
        if (win->candidate[k].least >= limit) {
            rfi_heap_set(&scout->epochs.heap, win->candidate[k].line, chain->t + limit);
            rfi_scout_keep(scout, win->candidate[k].line);
            win->stands = win->stands == k ? -1 : win->stands;
            continue;
        }
        win->candidate[kept] = win->candidate[k];
        win->stands = win->stands == k ? kept : win->stands;
        ++kept;
    }
    win->count = kept;
    win->end = limit;
}

/* Brings what the candidates have in their slots together. */
static void close_up(rfi_window *win, const rfi_chain *chain)
{
    int64_t k, j;
    for (k = 0; k < win->count; ++k) {
        const int64_t from = win->candidate[k].slot;
        if (from == k)
            continue;
        for (j = 0; j <= chain->order; ++j)
            win->c[j * LINES + k] = win->c[j * LINES + from];
        win->candidate[k].slot = k;
    }
}

/* Makes room in a window that has too many candidates.  Returns 0 on success. */
static int relieve(rfi_window *win, rfi_scout *scout, const rfi_chain *chain)
{
    double least[LINES] = {0.0};
    int64_t k, j;
    for (k = 0; k < win->count; ++k) {
        for (j = k; j > 0 && least[j - 1] > win->candidate[k].least; --j)
            least[j] = least[j - 1];
        least[j] = win->candidate[k].least;
    }
    j = (3 * win->count) / 4;
    if (!(least[j] > 0.0))
        return -1;
    shorten(win, scout, chain, least[j], 0.0);
    close_up(win, chain);
    return 0;
}

/* Of a line that has no event in the window. */
static void set_aside(const rfi_window *win, rfi_scout *scout, const rfi_chain *chain, int64_t line)
{
    rfi_heap_set(&scout->epochs.heap, line, chain->t + win->end);
    rfi_scout_keep(scout, line);
}

/* Looks at a line to the full order of the chain, by the coefficients c of its margin: a candidate, unless its kink is
 * out of reach.  Returns 0, or -1 if it is not simple. */
static int look_closely(rfi_window *win, rfi_scout *scout, const rfi_chain *chain,
                        const rfi_problem *problem, int64_t line, int8_t side, int stand, double *c)
{
    const rfi_data *data = problem->data;
    const double norm = data->norm[rfi_kinks_row(&data->kinks, line)];
    const double noise[3] = {chain->noise[0] * norm, chain->noise[1] * norm, chain->noise[2] * norm};
    double speed, tau = 0.0;
    int64_t k;
    int seen;
    if (stand > RFI_CROSSED)
        return -1;
    for (k = 0; k <= chain->order; ++k)
        c[k] *= side;
    if (stand == RFI_CROSSED)
        c[0] = 0.0;
    speed = c[1];
    c[1] -= win->push * norm;
    seen = rfi_scout_root(c + stand, chain->order - stand, stand, noise, win->end, win->end, &tau);
    c[1] = speed;
    if (seen == RFI_TIRES) {
        set_aside(win, scout, chain, line);
        return 0;
    }
    if (stand == RFI_CROSSED && win->stands >= 0)
        return -1;
    win->stands = stand == RFI_CROSSED ? win->count : win->stands;
    take(win, chain, problem, line, side, c, tau);
    rfi_heap_drop(&scout->epochs.heap, line);
    return win->count < LINES ? 0 : relieve(win, scout, chain);
}

/* Lines that are looked at together. */
enum { BATCH = 64 };

static int stand_of(const rfi_scout *scout, const rfi_pattern *pattern, int64_t line)
{
    return scout->anchors == 0 ? pattern->stand[line] : RFI_ON_SIDE;
}

/* Fetches what is known of the lines below the top of the heap: one of them comes next. */
ALWAYS_INLINE void fetch_next(const rfi_scout *scout, const rfi_pattern *pattern)
{
    enum { NEXT = 5 };
    const rfi_heap *heap = &scout->epochs.heap;
    const int64_t last = rfi_smaller(heap->count, NEXT);
    int64_t k;
    for (k = 1; k < last; ++k) {
        rfi_epochs_fetch(&scout->epochs, heap->entry[k].item);
        PREFETCH(pattern->side + heap->entry[k].item);
        PREFETCH(pattern->stand + heap->entry[k].item);
    }
}

/* Fetches what is read of a line when it becomes a candidate. */
ALWAYS_INLINE void fetch_line(const rfi_problem *problem, int64_t line)
{
    const rfi_data *data = problem->data;
    const int64_t row = rfi_kinks_row(&data->kinks, line);
    PREFETCH(data->norm + row);
    PREFETCH(data->y + row);
    PREFETCH(data->kinks.start + line);
    PREFETCH(data->kinks.member + line);
    PREFETCH(data->kinks.factor + row);
    PREFETCH(problem->c + row);
    PREFETCH(problem->jump + line);
}

/* Takes out of the heap what is to be looked at next: not what the epoch itself excludes up to `before`.  Returns how
 * many. */
static int64_t take_batch(rfi_scout *scout, const rfi_chain *chain, const rfi_problem *problem,
                          const rfi_pattern *pattern, double before, int64_t *line)
{
    rfi_heap *heap = &scout->epochs.heap;
    int64_t count = 0;
    while (count < BATCH && heap->count > 0 && rfi_heap_top(heap)->key < before) {
        const int64_t next = rfi_heap_top(heap)->item;
        double key;
        fetch_next(scout, pattern);
        key = stand_of(scout, pattern, next) == RFI_ON_SIDE
                  ? rfi_epochs_glance(&scout->epochs, chain, next, pattern->side[next])
                  : chain->t;
        if (key >= before) {
            rfi_heap_set(heap, next, key);
            continue;
        }
        line[count++] = next;
        fetch_line(problem, next);
        rfi_heap_drop(heap, next);
    }
    return count;
}

/* All lines that may reach their kinks before win->end.  Returns 0, or -1 if one is not simple. */
static int collect(rfi_window *win, rfi_scout *scout, const rfi_chain *chain,
                   const rfi_problem *problem, const rfi_pattern *pattern)
{
    rfi_epochs *e = &scout->epochs;
    int64_t line[BATCH], count, k;
    double key[BATCH], c[BATCH * RFI_CHAIN_ROOM];
    int failed = 0;
    e->placed = 0;
    while (!failed && (count = take_batch(scout, chain, problem, pattern, chain->t + win->end, line)) > 0) {
        rfi_epochs_look_all(e, chain, problem, pattern, scout->anchors == 0, win->end, win->push, count, line, key, c);
        for (k = 0; k < count; ++k) {
            const int stand = stand_of(scout, pattern, line[k]);
            const int close = !failed && key[k] < chain->t + win->end;
            if (close && key[k] < chain->t)
                set_aside(win, scout, chain, line[k]);
            else if (close)
                failed = look_closely(win, scout, chain, problem, line[k], pattern->side[line[k]], stand,
                                      c + k * RFI_CHAIN_ROOM)
                         != 0;
            if (failed || !close)
                rfi_heap_set(&e->heap, line[k], fmax(key[k], chain->t));
        }
    }
    return failed ? -1 : 0;
}

/* The first root in the window of the margin of candidate c lowered by `lower` times the time; INFINITY: none. */
static double first_root(const rfi_window *win, const rfi_chain *chain, int64_t c, double lower)
{
    const rfi_candidate *line = &win->candidate[c];
    const int stand = c == win->stands;
    const double noise[3] = {chain->noise[0] * line->norm, chain->noise[1] * line->norm,
                             chain->noise[2] * line->norm};
    double y[RFI_CHAIN_MOST + 1], tau = 0.0;
    int64_t k;
    for (k = 0; k <= chain->order; ++k)
        y[k] = line->side * win->c[k * LINES + line->slot];
    y[1] -= lower;
    return rfi_scout_root(y + stand, chain->order - stand, stand, noise, win->end, win->end, &tau) == RFI_TIRES
               ? INFINITY
               : tau;
}

/* The first roots of all margins as they are, and their order; returns the number of those that have one. */
static int64_t find_roots(rfi_window *win, const rfi_chain *chain, int64_t *order)
{
    int64_t c, k, count = 0;
    for (c = 0; c < win->count; ++c) {
        const double tau = win->candidate[c].when = first_root(win, chain, c, 0.0);
        if (isinf(tau))
            continue;
        for (k = count++; k > 0 && win->candidate[order[k - 1]].when > tau; --k)
            order[k] = order[k - 1];
        order[k] = c;
    }
    return count;
}

/* What the events in their order push: the margins, and w' by win->strength at most; the window ends where that and
 * win->near would be more than what was assumed when the lines were looked at. */
static void foresee_pushes(rfi_window *win, const double *G, const int64_t *order, int64_t count)
{
    double pull[LINES] = {0.0}, high[LINES] = {0.0}, square = 0.0, most = 0.0;
    int64_t c, k;
    for (k = 0; k < count; ++k) {
        const int64_t e = order[k];
        const double p = win->candidate[e].foreseen * win->candidate[e].p;
        square += p * (2.0 * pull[e] + p * G[e * LINES + e]);
        most = fmax(most, sqrt(fmax(square, 0.0)) * (1.0 + 1e-9));
        if (most + win->near > win->push) { /* after the first event there is time to stop */
            win->end = fmin(win->end, win->candidate[e].when * (k == 0 ? 1.0 + 1e-9 : 1.0));
            break;
        }
        for (c = 0; c < win->count; ++c) {
            rfi_candidate *line = &win->candidate[c];
            pull[c] += p * G[e * LINES + c];
            line->low = fmin(line->low, line->side * pull[c]);
            high[c] = fmax(high[c], line->side * pull[c]);
        }
    }
    for (c = 0; c < win->count; ++c)
        win->candidate[c].sway = high[c] - win->candidate[c].low;
    win->next_push = 1.3 * (most + win->near);
}

/* The candidates that the foreseen events do not exclude: what others push is known to within win->near. */
static void foresee(rfi_window *win, rfi_scout *scout, const rfi_chain *chain, const rfi_problem *problem)
{
    const double *G = rfi_window_pair(win, chain, problem), end = win->end;
    int64_t order[LINES], count, c, k;
    double first, single = 0.0;
    win->stiff = rfi_window_stiffness(win, G, win->count, 0);
    count = find_roots(win, chain, order);
    first = count > 0 ? win->candidate[order[0]].when : end;
    for (k = 0; k < count; ++k)
        single = fmax(single, fabs(win->candidate[order[k]].p) * win->candidate[order[k]].norm);
    win->near = fmax(1.5 * single, win->next_near);
    foresee_pushes(win, G, order, count);
    for (c = 0; c < win->count; ++c) {
        rfi_candidate *line = &win->candidate[c];
        line->least = fmin(first_root(win, chain, c, win->near * line->norm - line->low), end);
    }
    shorten(win, scout, chain, win->end, fmin(first, win->end));
}

/* How many powers of A the rows are to be multiplied by; a window for which that is not enough is shortened.  What
 * tr A^4 becomes is known from two powers on. */
static void choose_powers(rfi_window *win, rfi_scout *scout, const rfi_chain *chain)
{
    double first = INFINITY, reach = 0.0; /* before the first event nothing is pushed, nor left out */
    int64_t c;
    for (c = 0; c < win->count; ++c)
        first = fmin(first, win->candidate[c].when);
    for (win->powers = win->fourth > 0.0 ? 2 : 1; win->count > 0; ++win->powers) {
        reach = reach_of(win->push, win->spread, 2 * win->powers + 1, win->left_out);
        if (first + reach >= win->end || (win->powers == 2 && first + reach >= 0.5 * win->end)
            || win->powers == RFI_WINDOW_POWERS)
            break;
    }
    win->step = win->end;
    win->unseen = 0.0;
    if (win->count == 0) /* nothing is pushed */
        return;
    shorten(win, scout, chain, fmin(win->end, first + reach), 0.0);
    win->step = reach_of(win->push, win->norm, ORDER, win->left_out / 64.0);
    win->unseen = 2.0 * left_out_of(win->push, win->spread, win->powers + 1, win->end);
}

/* The order of the candidates: that of their events, and after them those that are to have none. */
static void sort(rfi_window *win)
{
    int64_t c, k;
    win->hot = 0;
    for (c = 0; c < win->count; ++c) {
        const rfi_candidate moved = win->candidate[c];
        const int stands = win->stands == c;
        if (!(moved.when <= win->end) && !stands)
            continue;
        for (k = c; k > win->hot; --k)
            win->candidate[k] = win->candidate[k - 1];
        for (; k > 0 && win->candidate[k - 1].when > moved.when; --k)
            win->candidate[k] = win->candidate[k - 1];
        win->candidate[k] = moved;
        ++win->hot;
    }
}

/* Single precision will do for the second power of A where it moves a margin much less than rounding does anyway.
 * Its roundings are independent of each other: a sum of d products of size 1 in all is off by some sqrt(d) of them, and
 * what candidates push from their events on, F_3 of f = s (h z - p), adds up like the squares. */
static void choose_precision(rfi_window *win, const rfi_chain *chain)
{
    const double rounding = sqrt((double)chain->d) * (0.5 * FLT_EPSILON);
    const double speed = chain->size[1] + win->push * (1.0 + win->norm * win->end); /* bounds |w'| */
    double square = 0.0;
    int64_t c;
    for (c = 0; c < win->hot; ++c) {
        const rfi_candidate *line = &win->candidate[c];
        const double left = fmax(win->end - line->when, 0.0);
        const double gain = 0.25 * fabs(line->h) * line->norm * speed * left;
        const double push = (fabs(line->p) + gain) * rfi_raised(left, 3) / 6.0;
        square += push * line->norm * push * line->norm;
    }
    win->single = win->powers == 2 && win->hot >= RFI_TILE_FLOATS && chain->ld >= RFI_CHAIN_WIDE
                  && rounding * sqrt(square) * win->spread * win->spread <= chain->noise[0] / 16.0;
    win->rounding = win->single ? 8.0 * rounding : 1e-12;
}

/* Sets the anchor, and how long the window may be.  Returns RFI_SEES, or why not. */
static int prepare(rfi_window *win, rfi_chain *chain)
{
    rfi_window_bound(win, chain);
    if (!(win->want > 0.0))
        win->want = 4.0 / win->norm / (double)chain->d;
    if (rfi_chain_anchor_near(chain, chain->t, win->want, win->shift, win->spread) != 0)
        return RFI_DOUBTS;
    if (!(chain->size[1] > 0.0) || !(chain->valid > 0.0))
        return RFI_TIRES;
    if (!(chain->t + chain->valid > chain->t))
        return RFI_DOUBTS;
    win->end = chain->valid;
    win->push = win->next_push > 0.0 ? win->next_push : 0.02 * chain->size[1];
    win->left_out = 0.25 * RFI_EPS * chain->size[0];
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
    win->over = 0;
    win->at = win->kept_at = win->missed = 0.0;
    win->stands = win->last = win->next = -1;
    if ((seen = prepare(win, chain)) != RFI_SEES)
        return seen;
    for (k = 0; k < scout->hots && scout->epochs.now >= 0; ++k) /* of a search for a single event */
        rfi_heap_set(&scout->epochs.heap, scout->hot[k], chain->t);
    scout->hots = scout->close = 0;
    if (stay_in_epoch(win, scout, chain, problem, pattern) != 0)
        return RFI_DOUBTS;
    win->open = 1; /* lines in hand are given back when it is closed */
    if (collect(win, scout, chain, problem, pattern) != 0)
        return RFI_DOUBTS;
    foresee(win, scout, chain, problem);
    choose_powers(win, scout, chain);
    sort(win);
    choose_precision(win, chain);
    rfi_window_arrange(win, chain);
    rfi_window_multiply(win, chain);
    return RFI_SEES;
}
