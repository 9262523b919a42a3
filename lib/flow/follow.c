/* follow: see follow.h.
 * SPDX-License-Identifier: MIT */
#include "flow/follow.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/event.h"

/* The traces of H within which no square of |w|, |b| or their first three derivatives leaves the range of
 * normal doubles, and the sizes of w and b: (1e-36)^4 > 1.5e-154. */
#define LEAST_SCALE 1e-36
#define MOST_SCALE 1e36

/* Dimensions from which on windows are faster than single events; measured, docs/performance.md. */
enum { WINDOWS_PAY = 128 };

int rfi_follower_make_windows(rfi_follower *f, const rfi_problem *problem, double *shared)
{
    return rfi_window_create(&f->window, problem->data->d, shared, &problem->data->allocator);
}

int rfi_follower_create(rfi_follower *f, const rfi_problem *problem, double *shared, int64_t size)
{
    const rfi_data *data = problem->data;
    memset(f, 0, sizeof(*f));
    if (problem->neurons > 1)
        return rfi_netfollower_create(&f->net, problem);
    if (data->d < 2)
        return 0;
    f->made = 1;
    if (rfi_chain_create(&f->chain, data) != 0
        || rfi_scout_create(&f->scout, data) != 0
        || (data->d >= WINDOWS_PAY && !rfi_chain_by_rows(data)
            && rfi_follower_make_windows(f, problem,
                                         size >= rfi_window_size(data->d) ? shared : NULL)
                   != 0)) {
        rfi_follower_free(f, &data->allocator);
        return -1;
    }
    return 0;
}

void rfi_follower_free(rfi_follower *f, const rf_allocator *allocator)
{
    rfi_netfollower_free(&f->net, allocator);
    if (f->made) {
        rfi_chain_free(&f->chain, allocator);
        rfi_scout_free(&f->scout, allocator);
        rfi_window_free(&f->window, allocator);
    }
    memset(f, 0, sizeof(*f));
}

void rfi_follow_resume(rfi_follower *f)
{
    f->anchored = 0;
    f->stood = -2;
    f->seen = RFI_DOUBTS;
    f->single = f->landed = 0;
    rfi_window_reset(&f->window);
    rfi_scout_close(&f->scout);
}

void rfi_follow_hurry(rfi_follower *f, int hurries)
{
    const int windows = f->window.tiles != NULL && (hurries || f->hurries);
    f->hurries = hurries;
    if (!windows)
        return;
    f->anchored = f->single = 0;
    rfi_window_reset(&f->window);
    rfi_scout_close(&f->scout);
    rfi_netfollow_forget(&f->net);
}

void rfi_follower_copy(rfi_follower *f, const rfi_follower *from)
{
    f->method = from->method;
    f->gathered = from->gathered;
    f->off = from->off;
    f->want = from->want;
    f->tired = from->tired;
    rfi_follow_resume(f);
    f->net.ready = 0;
    if (f->made && from->gathered)
        rfi_chain_copy(&f->chain, &from->chain);
}

static int usable(const rfi_follower *f, const rfi_problem *problem)
{
    return (f->made || f->net.made) && !f->off && f->method != RFI_BY_SEGMENTS && problem->activation != RF_LINEAR;
}

static int in_range(double size)
{
    return size >= LEAST_SCALE && size <= MOST_SCALE;
}

void rfi_follow_reset(rfi_follower *f)
{
    f->gathered = 0;
    f->off = 1;
    f->tired = 0;
    f->want = 0.0;
    rfi_follow_resume(f);
}

rfi_followed rfi_follow_before(const rfi_follower *f)
{
    const rfi_followed before = {f->gathered, f->off, f->want, f->tired};
    return before;
}

void rfi_follow_restore(rfi_follower *f, const rfi_followed *before)
{
    f->gathered = before->gathered && !f->gathered; /* else H is that of the start that failed */
    f->off = before->off;
    f->want = before->want;
    f->tired = before->tired;
}

int rfi_follow_start(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern,
                     const double *w)
{
    double scale, size;
    f->off = 0;
    if (!usable(f, problem)) {
        f->off = 1;
        return 0;
    }
    if (f->net.made) {
        f->off = !rfi_netfollow_start(&f->net, problem);
        return !f->off && rfi_netfollow_accepts(&f->net, problem, pattern);
    }
    rfi_chain_gather(&f->chain, problem, pattern);
    f->gathered = 1;
    scale = rfi_chain_trace(&f->chain);
    size = rfi_norm(w, f->chain.d);
    f->off = !in_range(scale) || !in_range(rfi_norm(f->chain.b, f->chain.d))
             || !(size == 0.0 || in_range(size)) || !in_range(size * scale + scale);
    f->want = f->off ? 0.0 : 1.0 / scale;
    return !f->off;
}

/* Where the pattern has lines that are at rest or at the origin, or slides that leave one direction only,
 * the decisions are not simple. */
static int plain(const rfi_pattern *pattern)
{
    int64_t g;
    for (g = 0; g < pattern->lines; ++g)
        if (pattern->side[g] < RFI_MINUS || pattern->side[g] > RFI_PLUS)
            return 0;
    return 1;
}

const rfi_chain *rfi_follow_sums(const rfi_follower *f)
{
    const rfi_chain *chain = &f->chain;
    const int lags = f->window.open && f->window.events > 0;
    int64_t k;
    if (!f->made || !f->gathered || f->off || lags)
        return NULL;
    if (chain->few.data != NULL)
        return chain;
    if (rfi_first_not_finite(chain->b, chain->d) >= 0
        || rfi_first_not_finite(chain->pull, chain->d) >= 0
        || rfi_first_not_finite(chain->peak, 2 * chain->ld) >= 0)
        return NULL;
    for (k = 0; k < chain->d; ++k)
        if (rfi_first_not_finite(chain->H + k * chain->ld, chain->d) >= 0)
            return NULL;
    return chain;
}

int rfi_follow_reserve(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern, int64_t more)
{
    const int under_way = f->anchored || f->window.open || f->window.going;
    int64_t g, slides = more;
    if (!f->made || !usable(f, problem) || (more == 0 && under_way))
        return 0;
    for (g = 0; g < pattern->lines; ++g)
        slides += pattern->side[g] == RFI_SLIDE;
    return rfi_chain_reserve(&f->chain, rfi_smaller(slides, f->chain.d - 2)); /* it holds no more */
}

int rfi_follow_reserve_cross(rfi_follower *f, const rfi_problem *problem)
{
    const int begins = f->made && !f->window.open && f->sight.what == RFI_ARRIVES
                       && problem->jump[f->sight.line] * problem->a[0] < 0.0;
    return begins ? rfi_chain_reserve(&f->chain, rfi_smaller(f->chain.slides + 1, f->chain.d - 2)) : 0;
}

int rfi_follow_accepts(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern)
{
    f->anchored = 0;
    if (f->net.made)
        return usable(f, problem) && rfi_netfollow_accepts(&f->net, problem, pattern);
    return usable(f, problem) && plain(pattern) && rfi_chain_hold(&f->chain, problem, pattern) == 0;
}

/* H and b of the pattern, what is left of them being well known. */
static void gather(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern)
{
    if (f->gathered && in_range(rfi_chain_trace(&f->chain)) && !rfi_chain_is_thin(&f->chain))
        return;
    rfi_chain_gather(&f->chain, problem, pattern);
    rfi_scout_close(&f->scout);
    f->gathered = 1;
}

static int begin(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern, double t0,
                 const double *w0)
{
    rfi_chain *chain = &f->chain;
    if (!plain(pattern))
        return -1;
    gather(f, problem, pattern);
    if (rfi_chain_hold(chain, problem, pattern) != 0)
        return -1;
    memcpy(chain->T, w0, (size_t)chain->d * sizeof(double));
    if (!in_range(rfi_chain_trace(chain)) || rfi_chain_anchor(chain, t0, f->want) != 0)
        return -1;
    rfi_scout_begin(&f->scout);
    f->anchored = 1;
    return 0;
}

/* Anchors without an event until a segment, with its search, is as cheap.  Measured: in units of an element of
 * H at an anchor, that has d^2 of them or what is read in their place, and 300 more, a segment with U costs
 * 0.35 n d min(n, d) and its search 2 n d; one from a factor 0.011 n d^2 for the factor and 0.6 d^3 for its singular
 * values, and its search 0.6 n d. */
static int64_t patience(const rfi_follower *f, const rfi_problem *problem)
{
    const double n = (double)problem->data->n, d = (double)f->chain.ld;
    const double whole = (0.35 * fmin(n, d) + 2.0) * n * d;
    const double lean = (0.011 * n + 0.6 * d) * d * d + 0.6 * n * d;
    const double steps = 8.0 + fmin(whole, lean) / (rfi_chain_work(problem->data) + 300.0);
    const int64_t most = steps > 400.0 ? 400 : (int64_t)steps;
    return rfi_larger(1, most >> rfi_smaller(f->tired, 20));
}

/* 1 if nothing is held, so that a window may begin. */
static int is_free(const rfi_pattern *pattern)
{
    int64_t g;
    for (g = 0; g < pattern->lines; ++g)
        if (rfi_held(pattern->side[g]))
            return 0;
    return 1;
}

/* 1 if the next event is to be found by a window; one that begins gets what it needs. */
static int by_window(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern,
                     double t0)
{
    const rfi_window *win = &f->window;
    if (win->tiles == NULL || !f->hurries || f->single)
        return 0;
    if (win->open || (win->going && win->begin == t0))
        return 1;
    f->single = !is_free(pattern);
    if (f->single)
        return 0;
    gather(f, problem, pattern);
    f->single = !in_range(rfi_chain_trace(&f->chain));
    return !f->single && rfi_chain_hold(&f->chain, problem, pattern) == 0;
}

void rfi_follow_land(rfi_follower *f, const rfi_problem *problem, double *w0)
{
    if (!f->window.open || f->window.events == 0)
        return;
    rfi_window_land(&f->window, &f->scout, &f->chain, problem, w0);
    f->landed = 1;
}

/* The same of several neurons: a segment is the SVD of a matrix of n rows and m d columns. */
static int64_t patience_of_net(const rfi_follower *f, const rfi_problem *problem)
{
    const int64_t most = 8 + rfi_smaller(rfi_weight_count(problem), 400) / 4;
    return rfi_larger(2, most >> rfi_smaller(f->tired, 20));
}

int rfi_follow_is_tired(const rfi_follower *f)
{
    return f->tired >= 2;
}

const double *rfi_follow_margins(const rfi_follower *f)
{
    return f->made && f->anchored ? rfi_scout_margins(&f->scout) : NULL;
}

double rfi_follow_time(const rfi_follower *f)
{
    return f->net.made ? f->net.time : f->chain.t + f->sight.tau;
}

int rfi_follow_find(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern,
                    double t0, double *w0, double t_end)
{
    f->seen = RFI_DOUBTS;
    if (!usable(f, problem))
        return RFI_DOUBTS;
    if (f->net.made) {
        f->seen = rfi_netfollow_find(&f->net, problem, pattern, t0, w0, t_end, f->want,
                                     patience_of_net(f, problem));
        return f->seen;
    }
    if (by_window(f, problem, pattern, t0)) {
        f->anchored = 0;
        f->seen = rfi_window_next(&f->window, &f->scout, &f->chain, problem, pattern,
                                  patience(f, problem), t_end, t0, w0, &f->landed, &f->sight);
        if (f->seen != RFI_DOUBTS)
            return f->seen;
        f->single = 1;
        f->want = 0.02 * f->window.want;
        if (f->chain.t > t0) /* what is known of the lines is of a later time */
            rfi_scout_close(&f->scout);
    }
    if (!f->anchored && begin(f, problem, pattern, t0, w0) != 0)
        return RFI_DOUBTS;
    f->seen = rfi_scout_next(&f->scout, &f->chain, problem, pattern, patience(f, problem), t_end,
                             &f->sight);
    return f->seen;
}

/* The side that an arriving line takes: across, or on its kink.  v is the velocity before; px becomes what of
 * its row is along the slides' null space, *square its square. */
static int arrive(const rfi_follower *f, const rfi_problem *problem, int8_t side, const double *v,
                  double *px, double *square)
{
    const rfi_chain *chain = &f->chain;
    const rfi_data *data = problem->data;
    const int64_t line = f->sight.line, row = rfi_kinks_row(&data->kinks, line);
    const double jump = problem->jump[line] * problem->a[0], norm = data->norm[row];
    const double speed = -side * rfi_chain_dot(chain, rfi_row(data, row), v);
    const double tie =
        32.0 * norm
        * (chain->noise[1] + chain->noise[2] * f->sight.tau + RFI_EPS * fabs(jump) * norm
           + rfi_chain_rest(chain, f->sight.tau));
    *square = rfi_chain_tangent(chain, rfi_row(data, row), px);
    if (*square <= 1e-8 * norm * norm || speed <= tie)
        return RFI_NOT_SIMPLE;
    if (jump >= 0.0 || speed + jump * *square > tie)
        return -side;
    return speed + jump * *square < -tie ? RFI_SLIDE : RFI_NOT_SIMPLE;
}

/* 1 if the chain, anchored after the event, bears out the sides that the lines have taken. */
static int holds_true(const rfi_follower *f, const rfi_problem *problem)
{
    const rfi_chain *chain = &f->chain;
    const rfi_data *data = problem->data;
    int64_t k;
    for (k = 0; k < chain->slides; ++k) {
        const double u = chain->u[k * RFI_CHAIN_ROOM], floor = 16.0 * chain->u_noise[k];
        if (!(u > floor) || !(chain->bound[k] - u > floor))
            return 0;
    }
    for (k = 0; k < f->moves; ++k) {
        const rfi_move *m = &f->move[k];
        const int64_t row = rfi_kinks_row(&data->kinks, m->line);
        if (m->stand != RFI_ON_SIDE
            && !(m->to * rfi_chain_dot(chain, rfi_row(data, row), chain->T + m->stand * chain->ld)
                 > 8.0 * chain->noise[m->stand] * data->norm[row]))
            return 0;
    }
    return 1;
}

/* The line whose multiplier is farthest beyond a bound leaves its slide in the same instant.  Returns 1 if there
 * is one, 0 if there is none, or -1 if it has just arrived there. */
static int release(rfi_follower *f, const rfi_problem *problem)
{
    const rfi_chain *chain = &f->chain;
    const rfi_data *data = problem->data;
    rfi_move m = {-1, RFI_SLIDE, 0, RFI_CROSSED};
    double most = 0.0;
    int64_t k;
    for (k = 0; k < chain->slides; ++k) {
        const double u = chain->u[k * RFI_CHAIN_ROOM], over = fmax(-u, u - chain->bound[k]);
        if (over > 16.0 * chain->u_noise[k] && over * data->norm[data->kinks.row[chain->slide[k]]] > most) {
            most = over * data->norm[data->kinks.row[chain->slide[k]]];
            m.line = chain->slide[k];
            m.to = u < 0.0 ? RFI_MINUS : RFI_PLUS;
        }
    }
    if (m.line < 0)
        return 0;
    if (m.line == f->sight.line || f->moves == RFI_MOVES || f->sight.what != RFI_ARRIVES)
        return -1;
    f->move[f->moves++] = m;
    return 1;
}

/* Makes f->move[0], and what it entails: the chain is anchored at (t, w).  Where no line has Gamma > 0 but one
 * that has crossed, the conditions of the bounded least squares of section 3 hold for one choice of sides only:
 * one for which holds_true is the decision.  Returns 1 if it has been found. */
static int settle(rfi_follower *f, const rfi_problem *problem, const double *w, double t, double want)
{
    rfi_chain *chain = &f->chain;
    for (;;) {
        const rfi_move *m = &f->move[f->moves - 1];
        int more;
        memcpy(chain->T, w, (size_t)chain->ld * sizeof(double));
        if (rfi_chain_side(chain, problem, m->line, m->from, m->to) != 0 || rfi_chain_is_thin(chain)
            || rfi_chain_anchor(chain, t, want) != 0)
            return 0;
        more = release(f, problem);
        if (more <= 0)
            return more == 0 && holds_true(f, problem);
    }
}

/* The moves in the order of their lines. */
static void sort_moves(rfi_follower *f)
{
    int64_t j, k;
    for (j = 1; j < f->moves; ++j) {
        const rfi_move m = f->move[j];
        for (k = j; k > 0 && f->move[k - 1].line > m.line; --k)
            f->move[k] = f->move[k - 1];
        f->move[k] = m;
    }
}

int64_t rfi_follow_most(const rfi_follower *f, const rfi_problem *problem)
{
    const int64_t *start = problem->data->kinks.start;
    int64_t count = start[f->sight.line + 1] - start[f->sight.line], k;
    for (k = 0; k < f->chain.slides && f->sight.what == RFI_ARRIVES; ++k)
        count += start[f->chain.slide[k] + 1] - start[f->chain.slide[k]];
    return count;
}

int rfi_follow_cross(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern,
                     double t0)
{
    rfi_chain *chain = &f->chain;
    const int64_t line = f->sight.line, ld = chain->ld;
    const double tau = f->sight.tau, t = chain->t + tau;
    double *w = f->scout.epochs.work, *v = w + ld, *px = w + 2 * ld, square = 1.0, off;
    rfi_move m = {line, pattern->side[line], 0, RFI_RELEASED};
    int64_t k;
    int to = f->sight.what == RFI_LEAVES_LOW ? RFI_MINUS : RFI_PLUS;
    if (f->window.open) {
        m.to = (int8_t)rfi_window_cross(&f->window, &f->sight);
        m.stand = RFI_CROSSED;
        f->move[0] = m;
        f->moves = 1;
        f->tired = 0;
        return 0;
    }
    if (!(t > t0))
        return RFI_NOT_SIMPLE;
    rfi_chain_weights(chain, tau, w);
    rfi_chain_velocity(chain, tau, v);
    if (f->sight.what == RFI_ARRIVES)
        to = arrive(f, problem, m.from, v, px, &square);
    if (to == RFI_NOT_SIMPLE)
        return RFI_NOT_SIMPLE;
    if (f->sight.what == RFI_ARRIVES) { /* x . w = 0 */
        off = rfi_view_dot_accurate(rfi_row(problem->data, rfi_kinks_row(&problem->data->kinks, line)), w, chain->d);
        chain->dense->add(ld, -off / square, px, w);
        m.stand = to == RFI_SLIDE ? RFI_ON_SIDE : RFI_CROSSED;
    }
    m.to = (int8_t)to;
    f->move[0] = m;
    f->moves = 1;
    rfi_chain_keep(chain);
    if (settle(f, problem, w, t, 0.8 * f->want + 0.4 * (t - t0))) {
        f->want = chain->want;
        f->tired -= f->tired > 0;
        rfi_scout_begin(&f->scout);
        f->single = 0;
        if (f->scout.few && f->window.tiles != NULL) /* its heap was not kept */
            rfi_scout_close(&f->scout);
        for (k = 0; k < f->moves; ++k)
            if (f->move[k].from == RFI_SLIDE)
                rfi_scout_keep(&f->scout, f->move[k].line);
        sort_moves(f);
        return 0;
    }
    while (f->moves-- > 0)
        rfi_chain_side(chain, problem, f->move[f->moves].line, f->move[f->moves].to, f->move[f->moves].from);
    rfi_chain_return(chain);
    return RFI_NOT_SIMPLE;
}

/* Lines that turn or begin anew are looked at again, unless they are so already. */
static void look_again(rfi_follower *f, int64_t line)
{
    int64_t k;
    for (k = 0; k < f->scout.hots; ++k)
        if (f->scout.hot[k] == line)
            return;
    rfi_scout_keep(&f->scout, line);
}

void rfi_follow_change(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *from,
                       const rfi_pattern *to, double gap)
{
    int64_t g;
    const int seen = f->seen == RFI_SEES;
    f->tired = f->seen == RFI_TIRES ? f->tired + 1 : 0;
    f->anchored = f->single = 0;
    f->stood = -2;
    if (f->net.made) {
        f->want = 0.8 * f->want + 0.6 * gap;
        f->net.anchored = f->net.measured = 0;
    }
    if (!f->gathered)
        return;
    if (!seen)
        rfi_scout_close(&f->scout);
    f->want = 0.8 * f->want + 0.4 * gap;
    for (g = 0; g < to->lines; ++g) {
        const int step = rfi_chain_upper(to->side[g]) - rfi_chain_upper(from->side[g]);
        if (step != 0)
            rfi_chain_turn(&f->chain, problem, g, step);
        if (seen && (to->side[g] != from->side[g] || to->stand[g] != RFI_ON_SIDE))
            look_again(f, g);
    }
}
