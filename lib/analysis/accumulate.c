/* accumulate: see accumulate.h.
 * SPDX-License-Identifier: MIT */
#include "analysis/accumulate.h"

#include <math.h>

#include "analysis/quadrature.h"
#include "base/num.h"

/* The integral of f from 0 to tau, for f(tau) = start + sum_j p_j (1 - e^{-rate_j tau}).  Modes that
 * have decayed by tau are taken from their limit and the others from their start, so that neither
 * form cancels; once one has decayed, a limit that is known exactly is the better start for all. */
static double integral(const rfi_expsum *f, double tau)
{
    const int from_limit = f->modes > 0 && f->limit_noise == 0.0 && f->rate[0] * tau >= 1.0;
    double level = from_limit ? f->limit : f->start, sum = 0.0;
    int64_t j;
    for (j = 0; j < f->modes; ++j) {
        const double x = f->rate[j] * tau;
        if (from_limit || x >= 1.0) {
            level += from_limit ? 0.0 : f->p[j];
            sum -= f->p[j] * rfi_decay_at(x).done / f->rate[j];
        } else {
            sum += f->p[j] * rfi_decay_lag(x) / f->rate[j];
        }
    }
    return (level == 0.0 ? 0.0 : level * tau) + sum;
}

static double between(const rfi_expsum *f, double from, double to)
{
    return from > 0.0 ? integral(f, to) - integral(f, from) : integral(f, to);
}

static void add_slide(const rfi_segment *seg, const rfi_problem *problem, int64_t k, double from,
                      double to, double *p, double *alpha)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const int64_t g = seg->slide[k] % seg->lines, neuron = seg->slide[k] / seg->lines;
    const double a = problem->a[neuron], bound = -problem->jump[g] * a;
    int64_t m, j;
    for (m = kinks->start[g]; m < kinks->start[g + 1]; ++m) {
        const int64_t i = kinks->member[m];
        const double pull = problem->c[i] * problem->data->y[i] * a;
        const int along = kinks->factor[i] > 0.0;
        /* slope_i = beta + (1 - beta) theta_i with theta = u / |Gamma| of the line */
        rfi_expsum f = rfi_segment_multiplier(seg, problem, k, !along, p);
        const double scale = (1.0 - problem->slope) / bound;
        const double limit = problem->slope + scale * f.limit;
        f.start = problem->slope + scale * f.start;
        for (j = 0; j < seg->modes; ++j)
            p[j] *= scale;
        f.floor *= scale;
        rfi_expsum_finish(&f, f.limit_noise == 0.0 ? &limit : NULL, 0.0);
        alpha[neuron * seg->n + i] += pull == 0.0 ? 0.0 : pull * between(&f, from, to);
    }
}

static double speed(const void *context, double tau)
{
    const rfi_segment *seg = context;
    double sum = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j)
        sum = hypot(sum, seg->s[j] * seg->pull[j] * rfi_decay_at(seg->rate[j] * tau).rest);
    return sum;
}

/* Beyond 45 time constants of the slowest mode nothing is left.  Panels double in length, so every mode is
 * resolved on its own scale. */
static double over_scales(const rfi_integrand *f, const rfi_segment *seg, double from, double to)
{
    const double end = fmin(to, fmax(from, 45.0 / seg->rate[seg->modes - 1]));
    double a = from, b, length = 0.0;
    for (b = fmin(end, from + 1.0 / seg->rate[0]); a < end; b = fmin(end, 2.0 * b - from)) {
        length += rfi_integral(f, a, b, 12);
        a = b;
    }
    return length;
}

double rfi_accumulate_path(const rfi_segment *seg, double from, double to)
{
    const rfi_integrand f = {speed, seg};
    return seg->modes == 0 || seg->reach == 0.0 ? 0.0 : over_scales(&f, seg, from, to);
}

/* A datum of a sliding line whose pulls move: alpha_i' = gamma_i theta_i with theta = u/|Gamma|. */
typedef struct {
    rfi_expsum u, bound, residual;
    double start, scale; /* gamma_i = start, or scale times sqrt(c_i) r_i of its row */
    int along;           /* theta_i = theta, else 1 - theta                          */
} moving_datum;

static double moving_rate(const void *context, double tau)
{
    const moving_datum *m = context;
    const double bound = rfi_expsum_at(&m->bound, tau).f, u = rfi_expsum_at(&m->u, tau).f;
    const double theta = bound > 0.0 ? fmin(fmax(u / bound, 0.0), 1.0) : 0.0;
    const double pull = m->scale != 0.0 ? m->scale * rfi_expsum_at(&m->residual, tau).f : m->start;
    return pull * (m->along ? theta : 1.0 - theta);
}

/* Of a function whose value at infinity is last. */
static double moving_integral(const rfi_integrand *f, const rfi_segment *seg, double from, double to,
                              double last)
{
    const double end = seg->modes > 0 ? fmax(from, 45.0 / seg->rate[seg->modes - 1]) : from;
    const double sum = seg->modes > 0 ? over_scales(f, seg, from, to) : 0.0;
    return to > end && last != 0.0 ? sum + (to - end) * last : sum;
}

/* A line of one datum has gamma theta = -u; of several only the sum is a sum of exponentials.  line: 3
 * modes doubles. */
static void add_moving_slide(const rfi_segment *seg, const rfi_problem *problem, int64_t k,
                             double from, double to, double *line, double *alpha)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const int64_t g = seg->slide[k] % seg->lines, neuron = seg->slide[k] / seg->lines;
    const double a = problem->a[neuron];
    moving_datum moving;
    const rfi_integrand f = {moving_rate, &moving};
    int64_t m;
    moving.u = rfi_segment_multiplier(seg, problem, k, 0, line);
    if (kinks->start[g + 1] - kinks->start[g] == 1) {
        alpha[neuron * seg->n + kinks->row[g]] -= between(&moving.u, from, to);
        return;
    }
    moving.bound = rfi_segment_bound(seg, problem, k, line + seg->modes);
    for (m = kinks->start[g]; m < kinks->start[g + 1]; ++m) {
        const int64_t i = kinks->member[m], row = seg->row_at[i];
        double *sum = &alpha[neuron * seg->n + i], last;
        moving.along = kinks->factor[i] > 0.0;
        moving.start = a * problem->c[i] * problem->data->y[i];
        moving.scale = 0.0;
        if (row >= 0) {
            moving.scale = -a * sqrt(problem->c[i]);
            moving.residual = rfi_segment_residual(seg, problem, row, line + 2 * seg->modes);
        }
        last = moving_rate(&moving, INFINITY);
        if (last != 0.0 && isinf(to))
            *sum = last > 0.0 ? INFINITY : -INFINITY;
        else
            *sum += moving_integral(&f, seg, from, to, last);
    }
}

void rfi_accumulate_coefficients(const rfi_segment *seg, const rfi_problem *problem,
                                 const rfi_pattern *pattern, double from, double to, double *line,
                                 double *alpha)
{
    int64_t j, k;
    for (k = 0; k < seg->rows; ++k) {
        const rfi_expsum f = rfi_segment_residual(seg, problem, k, line);
        const double change = seg->root[k] * between(&f, from, to);
        for (j = 0; j < seg->neurons; ++j) {
            const int64_t i = j * seg->n + seg->row[k];
            if (rfi_pattern_drive(problem, pattern, i) != 0.0)
                alpha[i] -= problem->a[j] * change;
        }
    }
    for (j = 0; j < seg->neurons; ++j)
        for (k = j * seg->d; k < j * seg->d + seg->slides[j]; ++k)
            if (seg->moves[k])
                add_moving_slide(seg, problem, k, from, to, line, alpha);
            else
                add_slide(seg, problem, k, from, to, line, alpha);
}
