/* segment_hold: what holds the sliding lines, and the directions that it leaves free.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/blas.h"
#include "base/num.h"
#include "flow/segment_steps.h"

/* Appends a line to the held ones of its neuron if its row is independent of theirs; basis: held x d,
 * orthonormal. */
static void hold_line(rfi_segment *seg, const rfi_data *data, int64_t line, double *basis)
{
    const int64_t j = line / seg->lines, d = seg->d;
    const rfi_view x = rfi_row(data, data->kinks.row[line % seg->lines]);
    if (seg->held[j] == d || !rfi_extend_basis(basis, seg->held[j], x, d))
        return;
    rfi_view_copy(x, seg->QR + (j * d + seg->held[j]) * d, d);
    seg->slide[j * d + seg->held[j]++] = line;
}

/* How much of a row is across the held ones: 1 if it is orthogonal to them. */
static double across(const rfi_segment *seg, int64_t j, rfi_view x, const double *basis,
                     double *rest)
{
    const int64_t d = seg->d;
    double size;
    int64_t k;
    rfi_view_copy(x, rest, d);
    size = rfi_norm(rest, d);
    for (k = 0; k < seg->held[j]; ++k)
        rfi_axpy(-rfi_dot(basis + k * d, rest, d), basis + k * d, rest, d);
    return rfi_norm(rest, d) / size;
}

/* The lines at rest of a lead.  Those that are clearly across the others come first: what two nearly parallel
 * rows leave of a third direction is known the less the nearer they are, and any rows that span it will do. */
static void hold_resting(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                         int64_t j, rfi_workspace *ws)
{
    const rfi_data *data = problem->data;
    const int64_t first = j * seg->lines, last = first + seg->lines;
    double least = 0.25;
    int64_t g;
    int pass;
    for (pass = 0; pass < 2 && seg->held[j] < seg->d; ++pass, least = 0.0)
        for (g = first; g < last && seg->held[j] < seg->d; ++g)
            if (pattern->side[g] != RFI_SLIDE && rfi_held(pattern->side[g])
                && !rfi_at_origin(pattern->side[g])
                && across(seg, j, rfi_row(data, data->kinks.row[g - first]), ws->matrix, ws->vector)
                       > least)
                hold_line(seg, data, g, ws->matrix);
}

/* The lines of a lead whose margin stays 0: the flow is confined to the null space of their rows. */
static int hold_lead(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                     int64_t j, rfi_workspace *ws)
{
    const rfi_data *data = problem->data;
    const int64_t first = j * seg->lines, last = first + seg->lines, d = seg->d;
    double *QR = seg->QR + j * d * d;
    int64_t g;
    for (g = first; g < last; ++g) {
        const int64_t before = seg->held[j];
        if (pattern->side[g] == RFI_SLIDE)
            hold_line(seg, data, g, ws->matrix);
        seg->slide_of[g] = seg->held[j] > before ? j * d + before : -1;
    }
    seg->slides[j] = seg->held[j];
    if (problem->activation != RF_LINEAR)
        hold_resting(seg, problem, pattern, j, ws);
    if (seg->held[j] == 0)
        return 0;
    if (rfi_qr(d, seg->held[j], QR, d, seg->tau + j * d, ws->work, ws->work_size) != 0)
        return -1;
    for (g = 0; g < seg->held[j]; ++g)
        seg->hold_condition = fmax(seg->hold_condition,
                                   data->norm[data->kinks.row[seg->slide[j * d + g] % seg->lines]]
                                       / fabs(QR[g * d + g]));
    return 0;
}

/* Neurons of one pattern hold the same lines. */
int rfi_segment_hold(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                     rfi_workspace *ws)
{
    int64_t j, g;
    seg->hold_condition = 1.0;
    seg->held_normal = 0;
    for (j = 0; j < seg->neurons; ++j) {
        const int64_t l = seg->lead[j];
        seg->held[j] = 0;
        if (l == j) {
            if (hold_lead(seg, problem, pattern, j, ws) != 0)
                return -1;
            seg->normal[j] = seg->held_normal;
            seg->held_normal += seg->held[j];
            continue;
        }
        seg->held[j] = seg->held[l];
        seg->slides[j] = seg->slides[l];
        for (g = 0; g < seg->held[j]; ++g)
            seg->slide[j * seg->d + g] = seg->slide[l * seg->d + g] + (j - l) * seg->lines;
        for (g = 0; g < seg->lines; ++g) {
            const int64_t at = seg->slide_of[l * seg->lines + g];
            seg->slide_of[j * seg->lines + g] = at < 0 ? -1 : at + (j - l) * seg->d;
        }
    }
    return 0;
}

/* |Gamma| of a sliding line and its base, with what other neurons make of them; returns the sum of the
 * sizes of the pulls. */
static double sliding_pulls(rfi_segment *seg, const rfi_problem *problem, int64_t at, double *base)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const int64_t line = seg->slide[at] % seg->lines;
    const double a = problem->a[seg->slide[at] / seg->lines];
    double bound = 0.0, width = 0.0;
    int64_t m;
    seg->moves[at] = 0;
    for (m = kinks->start[line]; m < kinks->start[line + 1]; ++m)
        seg->moves[at] = (uint8_t)(seg->moves[at] || seg->row_at[kinks->member[m]] >= 0);
    seg->bound[at] = -problem->jump[line] * a;
    *base = problem->base[line] * a;
    if (!seg->moves[at])
        return problem->width[line] * fabs(a);
    *base = 0.0;
    memset(seg->bound_p + at * seg->most, 0, (size_t)seg->modes * sizeof(double));
    for (m = kinks->start[line]; m < kinks->start[line + 1]; ++m) {
        const int64_t i = kinks->member[m], k = seg->row_at[i];
        const double f = kinks->factor[i];
        const double root = a * sqrt(problem->c[i]); /* of c_i r_i a = root (root_i r_i) */
        const double pull =
            k >= 0 ? -root * seg->residual[k] : a * problem->c[i] * problem->data->y[i];
        int64_t j;
        bound -= pull * fabs(f);
        *base += f < 0.0 ? pull * f : 0.0;
        width += fabs(pull * f);
        for (j = 0; k >= 0 && j < seg->modes; ++j) {
            const double change = root * seg->U[k * seg->most + j] * seg->pull[j];
            seg->bound_p[at * seg->most + j] -= change * fabs(f);
            seg->hold_p[at * seg->most + j] += f < 0.0 ? change * f : 0.0;
        }
    }
    seg->bound[at] = fabs(bound) <= 2.0 * RFI_EPS * width ? 0.0 : bound;
    return width;
}

/* 1 if everything that acts on the line vanishes at infinity but the pulls of its own idle data. */
static int settles(const rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                   int64_t at)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const int64_t j = seg->slide[at] / seg->lines, line = seg->slide[at] % seg->lines;
    int64_t k;
    for (k = 0; k < seg->rows; ++k) {
        const int64_t i = seg->row[k];
        if ((!seg->balanced[k] || seg->still[k])
            && (kinks->line[i] == line
                || rfi_pattern_slope(problem, pattern, j * seg->n + i) != 0.0))
            return 0;
    }
    return seg->rows > 0 || seg->neurons == 1;
}

/* The weights of the residuals in u of the slides of a lead, rows x held: u = -sum_k L_k residual_k. */
static const double *residual_weights(rfi_segment *seg, int64_t lead, const rfi_workspace *ws)
{
    const int64_t S = seg->held[lead], d = seg->d;
    const double *normal = ws->matrix + seg->normal[lead];
    int64_t k;
    for (k = 0; k < seg->rows; ++k)
        memcpy(ws->part + k * S, normal + k * seg->D, (size_t)S * sizeof(double));
    if (seg->rows > 0)
        rfi_solve_upper(S, seg->rows, seg->QR + lead * d * d, d, ws->part, S);
    return ws->part;
}

/* Which of u, |Gamma| - u and |Gamma| of the slide at position `at` vanish at infinity but for the pulls of
 * idle data: those in whose weights nothing is left of the residuals that stay. */
static int vanishing_bounds(rfi_segment *seg, const rfi_problem *problem, int64_t at,
                            const double *weights, double *scratch)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const int64_t j = seg->slide[at] / seg->lines, line = seg->slide[at] % seg->lines;
    double *u = scratch, *top = u + seg->rows, *bound = top + seg->rows, *b = bound + seg->rows;
    int64_t k, m;
    for (k = 0; k < seg->rows; ++k) {
        u[k] = -seg->share[j] * weights[k * seg->held[j] + at - j * seg->d];
        bound[k] = 0.0;
    }
    for (m = kinks->start[line]; m < kinks->start[line + 1]; ++m) {
        const double f = kinks->factor[kinks->member[m]];
        const double root = problem->a[j] * sqrt(problem->c[kinks->member[m]]);
        if ((k = seg->row_at[kinks->member[m]]) < 0)
            continue;
        bound[k] = root * fabs(f);
        u[k] -= f < 0.0 ? root * f : 0.0;
    }
    for (k = 0; k < seg->rows; ++k)
        top[k] = bound[k] - u[k];
    return (rfi_segment_vanishes(seg, u, b) ? RFI_LOW_SETTLES : 0)
           | (rfi_segment_vanishes(seg, top, b) ? RFI_TOP_SETTLES : 0)
           | (rfi_segment_vanishes(seg, bound, b) ? RFI_BOUND_SETTLES : 0);
}

/* The product of u_j with the columns of the normal parts of a lead. */
static void normal_products(const rfi_segment *seg, int64_t lead, int64_t j,
                            const rfi_workspace *ws, double *column)
{
    const int64_t S = seg->held[lead];
    const double *normal = ws->matrix + seg->normal[lead];
    int64_t k;
    if (seg->U == NULL) {
        rfi_blocks_normal(seg, &ws->blocks, j, column);
        return;
    }
    if (seg->lean) {
        memcpy(column, ws->factor.normal + j * S, (size_t)S * sizeof(double));
        return;
    }
    memset(column, 0, (size_t)S * sizeof(double));
    for (k = 0; k < seg->rows; ++k)
        rfi_axpy(seg->U[k * seg->most + j], normal + k * seg->D, column, S);
}

/* u(0) and its coefficients of a lead: X_S^T u is the normal part of the velocity without the sliding
 * data.  *size: what it is rounded against, over A.  Returns 0 on success. */
static int lead_multipliers(rfi_segment *seg, const rfi_problem *problem, int64_t lead,
                            const rfi_workspace *ws, double *size)
{
    const int64_t S = seg->held[lead], d = seg->d;
    const double *QR = seg->QR + lead * d * d, *normal = ws->matrix + seg->normal[lead];
    double *hold = seg->hold + lead * d, *column = ws->vector;
    int64_t j, k;
    memset(hold, 0, (size_t)S * sizeof(double));
    *size = 0.0;
    for (k = 0; k < seg->rows; ++k) {
        if (!seg->lean)
            rfi_axpy(-seg->residual[k], normal + k * seg->D, hold, S);
        *size += fabs(seg->residual[k]) * seg->root[k] * problem->data->norm[seg->row[k]];
    }
    if (seg->U == NULL)
        rfi_blocks_hold(seg, &ws->blocks, hold);
    if (seg->lean && seg->U != NULL) {
        const double *force = rfi_factor_force(seg, problem, ws);
        if (force == NULL)
            return -1;
        memcpy(hold, force, (size_t)S * sizeof(double));
    }
    rfi_solve_upper(S, 1, QR, d, hold, S);
    for (j = 0; j < seg->modes; ++j) {
        normal_products(seg, lead, j, ws, column);
        rfi_solve_upper(S, 1, QR, d, column, S);
        for (k = 0; k < seg->slides[lead]; ++k)
            seg->hold_p[(lead * d + k) * seg->most + j] = column[k] * seg->pull[j];
        for (k = 0; k < S && seg->cut[j] != 0.0; ++k)
            hold[k] += column[k] * seg->cut[j];
    }
    return 0;
}

/* The multipliers of neuron l from those of its lead, with the pulls of its own lines. */
static void own_multipliers(rfi_segment *seg, const rfi_problem *problem,
                            const rfi_pattern *pattern, int64_t l, double size,
                            const double *weights, const rfi_workspace *ws)
{
    const int64_t lead = seg->lead[l], S = seg->held[l], d = seg->d;
    double *column = ws->vector, *floor = seg->hold_floor + l * d, base, others;
    int64_t j, k, g;
    size *= fabs(problem->a[l]);
    others = size;
    for (k = 0; k < seg->slides[l]; ++k) {
        const int64_t at = l * d + k, from = lead * d + k;
        double own;
        g = seg->slide[at];
        seg->hold[at] = seg->share[l] * seg->hold[from];
        for (j = 0; j < seg->modes; ++j)
            seg->hold_p[at * seg->most + j] = seg->share[l] * seg->hold_p[from * seg->most + j];
        own = sliding_pulls(seg, problem, at, &base)
              * problem->data->norm[problem->data->kinks.row[g % seg->lines]];
        /* The pulls of the line itself are in its base; one whose label outweighs all else is not. */
        if (base != 0.0 || seg->moves[at] || own <= 1024.0 * others)
            size += own;
        seg->hold[at] += base;
        seg->settles[at] = settles(seg, problem, pattern, at) ? RFI_ALL_SETTLE : 0;
        if (seg->settles[at] == 0 && weights != NULL)
            seg->settles[at] = (uint8_t)vanishing_bounds(seg, problem, at, weights, ws->vector);
        if (pattern->bound[g] == RFI_AT_LOW)
            seg->hold[at] = 0.0;
        else if (pattern->bound[g] == RFI_AT_HIGH)
            seg->hold[at] = seg->bound[at];
    }
    /* Rounding of a solution of R u = rhs: eps |R^{-1}| |rhs|, row by row of R^{-1}. */
    memset(floor, 0, (size_t)S * sizeof(double));
    for (j = 0; j < S; ++j) {
        memset(column, 0, (size_t)S * sizeof(double));
        column[j] = 1.0;
        rfi_solve_upper(S, 1, seg->QR + lead * d * d, d, column, S);
        for (k = 0; k < S; ++k)
            floor[k] += fabs(column[k]) * 4.0 * RFI_EPS * size;
    }
}

int rfi_segment_multipliers(rfi_segment *seg, const rfi_problem *problem,
                            const rfi_pattern *pattern, const rfi_workspace *ws)
{
    int64_t j, l;
    for (j = 0; j < seg->neurons; ++j) {
        const double *weights;
        double size;
        if (seg->lead[j] != j || seg->slides[j] == 0)
            continue;
        if (lead_multipliers(seg, problem, j, ws, &size) != 0)
            return -1;
        weights = seg->neurons > 1 ? residual_weights(seg, j, ws) : NULL;
        for (l = seg->neurons - 1; l >= j; --l) /* the lead itself comes last */
            if (seg->lead[l] == j)
                own_multipliers(seg, problem, pattern, l, size, weights, ws);
    }
    return 0;
}
