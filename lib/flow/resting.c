/* resting: see resting.h.
 * SPDX-License-Identifier: MIT */
#include "flow/resting.h"

#include <math.h>
#include <string.h>

#include "base/blas.h"
#include "base/num.h"

/* -Gamma of a line of a neuron at rest, all of whose data are idle for it; *moves: others act on them. */
static rfi_expsum pull_of(const rfi_segment *seg, const rfi_problem *problem, int64_t g, double *p,
                          int *moves)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const double a = problem->a[g / seg->lines];
    const int64_t line = g % seg->lines;
    rfi_expsum f = {seg->modes, seg->rate, p, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    double size = 0.0;
    int64_t m, j;
    *moves = 0;
    memset(p, 0, (size_t)seg->modes * sizeof(double));
    for (m = kinks->start[line]; m < kinks->start[line + 1]; ++m) {
        const int64_t i = kinks->member[m], k = seg->row_at[i];
        const double root = a * sqrt(problem->c[i]) * fabs(kinks->factor[i]);
        const double label = sqrt(problem->c[i]) * problem->data->y[i];
        size += fabs(root) * (fabs(label) + (k >= 0 ? seg->terms[k] : 0.0));
        f.start += root * (k >= 0 ? seg->residual[k] : -label);
        *moves |= k >= 0;
        for (j = 0; k >= 0 && j < seg->modes; ++j)
            p[j] -= root * seg->U[k * seg->most + j] * seg->pull[j];
    }
    f.floor = 16.0 * RFI_EPS * size;
    rfi_expsum_finish(&f, NULL, 0.0);
    return f;
}

/* The sign that f begins with: that of its slope where it starts at 0 to rounding, as when another neuron
 * had its event just where the residual of the datum went through 0.  0: neither is told from rounding. */
static double first_sign(const rfi_expsum *f)
{
    rfi_value v;
    if (fabs(f->start) > f->floor)
        return f->start > 0.0 ? 1.0 : -1.0;
    v = rfi_expsum_at(f, 0.0);
    return fabs(v.slope) <= v.slope_noise ? 0.0 : v.slope > 0.0 ? 1.0 : -1.0;
}

int rfi_resting_may_leave(const rfi_segment *seg, const rfi_problem *problem,
                          const rfi_pattern *pattern, double until, double *line)
{
    int64_t g;
    for (g = 0; g < pattern->lines && seg->neurons > 1; ++g) {
        rfi_expsum f;
        rfi_exit exit;
        double side;
        int moves;
        if (pattern->side[g] != RFI_REST_MINUS)
            continue;
        f = pull_of(seg, problem, g, line, &moves);
        side = moves ? first_sign(&f) : 0.0;
        if (side < 0.0)
            return 1;
        if (side == 0.0)
            continue;
        exit = rfi_expsum_exit(&f, 1.0, f.start > f.floor ? RFI_ON_SIDE : RFI_CROSSED, 0.0, until,
                               line + seg->modes);
        if (exit.tau <= until && !isinf(exit.tau))
            return 1;
    }
    return 0;
}

int rfi_push_begin(rfi_push *push, const rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                   rfi_workspace *ws)
{
    const int64_t d = seg->d, held = seg->held[0];
    int64_t j, k;
    if (seg->neurons > 1 || problem->activation == RF_LINEAR || held == seg->slides[0] || held == d)
        return 0;
    push->segment = seg;
    push->problem = problem;
    push->pattern = pattern;
    push->ws = ws;
    push->w = ws->vector;
    push->q = ws->vector + d;
    push->inverse = ws->vector + 2 * d;
    push->scale = 0.0;
    memset(push->inverse, 0, (size_t)held * sizeof(double));
    for (j = 0; j < held; ++j) {
        memset(push->q, 0, (size_t)held * sizeof(double));
        push->q[j] = 1.0;
        rfi_solve_upper(held, 1, seg->QR, d, push->q, held);
        for (k = 0; k < held; ++k)
            push->inverse[k] = hypot(push->inverse[k], push->q[k]);
    }
    return 1;
}

/* b - H w into q, from the data, and the size of its terms.  Where w comes from far away its rounding is that of w0. */
static void form_force(rfi_push *push)
{
    const rfi_segment *seg = push->segment;
    const rfi_problem *problem = push->problem;
    const rfi_data *data = problem->data;
    const double a = problem->a[0];
    const double size = rfi_more(rfi_norm(push->w, seg->d), seg->direct ? 0.0 : seg->w_size);
    int64_t k;
    memset(push->q, 0, (size_t)seg->d * sizeof(double));
    push->scale = 0.0;
    for (k = 0; k < seg->rows; ++k) {
        const int64_t i = seg->row[k];
        const double slope = rfi_pattern_slope(problem, push->pattern, i), pull = problem->c[i] * a * slope;
        const double z = seg->still[k] ? 0.0 : rfi_view_dot(rfi_row(data, i), push->w, seg->d);
        rfi_view_axpy(-pull * (a * slope * z - data->y[i]), rfi_row(data, i), push->q, seg->d);
        push->scale += fabs(pull) * data->norm[i]
                       * (fabs(data->y[i]) + (seg->still[k] ? 0.0 : fabs(a) * slope * data->norm[i] * size));
    }
}

int64_t rfi_push_at(rfi_push *push, double tau, const uint8_t *spared)
{
    const rfi_segment *seg = push->segment;
    const int64_t d = seg->d, held = seg->held[0];
    /* Twice what counts as a tie, and what sums of d products err by at most. */
    const double rounding = (64.0 + 0.25 * (double)d) * RFI_EPS;
    int64_t k, count = 0;
    rfi_segment_weights(seg, tau, push->w);
    form_force(push);
    if (rfi_qr_apply(1, d, 1, held, seg->QR, d, seg->tau, push->q, d, push->ws->work, push->ws->work_size) != 0)
        return 0;
    rfi_solve_upper(held, 1, seg->QR, d, push->q, held);
    for (k = 0; k < held; ++k) {
        const int64_t line = seg->slide[k];
        const double norm = push->problem->data->norm[push->problem->data->kinks.row[line]];
        const double length = push->inverse[k];
        /* Set free alone, the line moves at q_k/length^2, which over |x_k| has the rounding of b - H w. */
        if (k < seg->slides[0] || (spared != NULL && spared[line] == UINT8_MAX)
            || !(fabs(push->q[k]) > rounding * (push->scale * length) * (length * norm)))
            push->q[k] = 0.0;
        count += push->q[k] != 0.0;
    }
    return count;
}

double rfi_push_first(rfi_push *push, double until, const uint8_t *spared)
{
    const rfi_segment *seg = push->segment;
    double before = 0.0, at;
    int64_t k;
    if (rfi_push_at(push, 0.0, spared) > 0)
        return 0.0;
    if (seg->modes == 0)
        return INFINITY;
    for (at = 1.0 / seg->rate[0]; at < until && rfi_push_at(push, at, spared) == 0; at *= 2.0) {
        if (seg->rate[seg->modes - 1] * at > 64.0) /* nothing moves any more */
            return INFINITY;
        before = at;
    }
    if (!(at < until))
        return INFINITY;
    for (k = 0; k < 7; ++k) {
        const double middle = before + 0.5 * (at - before);
        if (rfi_push_at(push, middle, spared) > 0)
            at = middle;
        else
            before = middle;
    }
    rfi_push_at(push, at, spared);
    return at;
}
