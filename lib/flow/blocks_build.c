/* blocks_build: a segment from the triangle of its rows; see blocks.h.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/blas.h"
#include "base/num.h"
#include "flow/segment_steps.h"

static double column_scale(const rfi_blocks *b)
{
    return 1.0 / b->scale;
}

/* The data with a slope and their residuals, as in segment_build.c. */
static void collect(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern)
{
    const rfi_data *data = problem->data;
    const rfi_kinks *kinks = &data->kinks;
    int64_t i;
    seg->rows = 0;
    for (i = 0; i < pattern->lines; ++i)
        seg->row_of[i] = -1;
    for (i = 0; i < seg->n; ++i) {
        const double slope = rfi_pattern_slope(problem, pattern, i);
        const int64_t line = kinks->line[i], r = seg->rows;
        double z;
        seg->row_at[i] = -1;
        if (slope == 0.0)
            continue;
        z = kinks->row[line] == i || seg->z[line] == 0.0
                ? kinks->factor[i] * seg->z[line]
                : rfi_view_dot(rfi_row(data, i), seg->w0, seg->d);
        if (seg->row_of[line] < 0)
            seg->row_of[line] = r;
        seg->row[r] = i;
        seg->row_at[i] = r;
        seg->root[r] = sqrt(problem->c[i]) * slope;
        seg->residual[r] = sqrt(problem->c[i]) * (problem->a[0] * (slope * z) - data->y[i]);
        seg->still[r] = problem->activation != RF_LINEAR && rfi_held(pattern->side[line]);
        seg->terms[r] = 0.0;
        seg->height[r] = seg->total[0];
        seg->owner[r] = seg->class_of[r] = seg->row_part[r] = 0;
        ++seg->rows;
    }
}

/* The power of two that brings the longest row near 1. */
static double choose_scale(const rfi_segment *seg, const rfi_problem *problem)
{
    double most = 0.0;
    int64_t k;
    for (k = 0; k < seg->rows; ++k) {
        most = fmax(most, seg->root[k] * seg->total[0] * problem->data->norm[seg->row[k]]);
        most = fmax(most, fabs(seg->residual[k]));
        most = fmax(most, sqrt(problem->c[seg->row[k]]) * fabs(problem->data->y[seg->row[k]]));
    }
    return 1.0 / rfi_unit_of(most);
}

/* Rows k .. k + count - 1 into B: tangent part, normal part, residual and label. */
static int fill_block(const rfi_segment *seg, const rfi_problem *problem, rfi_workspace *ws, int64_t k,
                      int64_t count)
{
    rfi_blocks *b = &ws->blocks;
    const int64_t d = seg->d, held = seg->held[0], ld = b->ld;
    int64_t r, l;
    for (r = 0; r < count; ++r) {
        double *row = b->B + r * ld;
        const double root = seg->root[k + r] * seg->total[0] * b->scale;
        rfi_view_copy(rfi_row(problem->data, seg->row[k + r]), row, d);
        for (l = 0; l < d; ++l)
            row[l] *= root;
    }
    if (held > 0
        && rfi_qr_apply(1, d, count, held, seg->QR, d, seg->tau, b->B, ld, ws->work, ws->work_size) != 0)
        return -1;
    for (r = 0; r < count; ++r) {
        double *row = b->B + r * ld;
        memcpy(ws->line, row, (size_t)held * sizeof(double));
        memmove(row, row + held, (size_t)(d - held) * sizeof(double));
        memcpy(row + d - held, ws->line, (size_t)held * sizeof(double));
        if (seg->still[k + r])
            memset(row, 0, (size_t)(d - held) * sizeof(double));
        row[d] = seg->residual[k + r] * b->scale;
        row[d + 1] =
            sqrt(problem->c[seg->row[k + r]]) * problem->data->y[seg->row[k + r]] * b->scale;
        memset(row + d + 2, 0, (size_t)(ld - d - 2) * sizeof(double));
    }
    return 0;
}

static int factor(rfi_segment *seg, const rfi_problem *problem, rfi_workspace *ws)
{
    rfi_blocks *b = &ws->blocks;
    int64_t k, moving = 0;
    rfi_blocks_clear(b);
    for (k = 0; k < seg->rows; k += b->rows) {
        const int64_t count = rfi_smaller(b->rows, seg->rows - k);
        if (fill_block(seg, problem, ws, k, count) != 0)
            return -1;
        rfi_blocks_add(b, count);
    }
    for (k = 0; k < seg->rows; ++k)
        moving += !seg->still[k];
    seg->size[0] = moving > 0 ? seg->d - seg->held[0] : 0;
    seg->tangent[0] = seg->held[0];
    return rfi_first_not_finite(b->R, b->ld * b->ld) < 0 ? 0 : -1;
}

/* s_j above this are not 0, as in segment_modes.c. */
static double cut_of(const rfi_segment *seg, const rfi_problem *problem)
{
    double most = seg->s[0];
    int64_t k;
    for (k = 0; k < seg->rows && seg->held_normal > 0; ++k)
        most = fmax(most, seg->root[k] * problem->data->norm[seg->row[k]] * seg->height[k]);
    return most * ((double)rfi_larger(seg->rows, seg->D) * RFI_EPS);
}

/* Along a coordinate in which no row moves every q_j is 0. */
static void clear_idle(rfi_segment *seg, const rfi_blocks *b, int64_t size)
{
    int64_t l, j, k;
    for (l = 0; l < size; ++l) {
        for (k = 0; k <= l && b->R[k * b->ld + l] == 0.0; ++k)
            ;
        for (j = 0; j < seg->modes && k > l; ++j)
            seg->Q[j * seg->D + seg->held[0] + l] = 0.0;
    }
}

static int decompose(rfi_segment *seg, const rfi_problem *problem, rfi_workspace *ws)
{
    const rfi_blocks *b = &ws->blocks;
    const int64_t size = seg->size[0], d = seg->d, held = seg->held[0];
    const int64_t most = rfi_smaller(size, seg->rows);
    double cut, *matrix = seg->hold_p; /* which comes later */
    int64_t j, k;
    seg->modes = 0;
    seg->lost = 0.0;
    seg->parts = 1;
    if (most == 0)
        return 0;
    for (k = 0; k < size; ++k)
        for (j = 0; j < size; ++j)
            matrix[k * size + j] = j < k ? 0.0 : b->R[k * b->ld + j];
    if (rfi_svd(size, size, matrix, size, seg->s, seg->Q + held, d, b->left, d, ws->work,
                ws->work_size, ws->integers)
        != 0)
        return -1;
    for (j = 0; j < size; ++j)
        seg->s[j] *= column_scale(b);
    cut = cut_of(seg, problem);
    for (; seg->modes < most && seg->s[seg->modes] > cut; ++seg->modes) {
        j = seg->modes;
        seg->mode_part[j] = 0;
        seg->rate[j] = seg->s[j] * seg->s[j];
        if (!(seg->rate[j] > 0.0) || isinf(seg->rate[j]))
            return -1;
    }
    if (seg->modes < most && rfi_segment_loses(seg, seg->s[seg->modes], cut)) {
        double pull = 0.0;
        for (k = 0; k < size; ++k)
            pull += b->R[k * b->ld + d] * column_scale(b) * b->left[k * d + seg->modes];
        seg->lost = fabs(pull);
    }
    clear_idle(seg, b, size);
    for (j = 0; j < seg->modes; ++j)
        memset(seg->Q + j * d, 0, (size_t)held * sizeof(double));
    if (held > 0 && seg->modes > 0
        && rfi_qr_apply(0, d, seg->modes, held, seg->QR, d, seg->tau, seg->Q, d, ws->work, ws->work_size)
               != 0)
        return -1;
    for (j = 0; j < seg->modes * d && seg->share[0] != 1.0; ++j)
        seg->Q[j] *= seg->share[0];
    return 0;
}

/* u_j . (a column of the matrix) for all modes; of those of H the u_j are M q_j/s_j, and R^T R = M^T M. */
static void project_column(const rfi_segment *seg, const rfi_blocks *b, int64_t column, double *work, double *out)
{
    const int64_t size = seg->size[0];
    int64_t k, j;
    memset(b->summed ? work : out, 0, (size_t)(b->summed ? size : seg->modes) * sizeof(double));
    for (k = 0; k < size; ++k) {
        const double factor = b->R[k * b->ld + column] * column_scale(b);
        if (b->summed)
            rfi_axpy(factor * column_scale(b), b->R + k * b->ld + k, work + k, size - k);
        else
            rfi_axpy(factor, b->left + k * seg->d, out, seg->modes);
    }
    for (j = 0; j < seg->modes && b->summed; ++j)
        out[j] = seg->share[0] * rfi_dot(seg->Q + j * seg->d, work, size) / seg->s[j];
}

/* pull and shift, as in segment_modes.c. */
static void project_residuals(rfi_segment *seg, const rfi_problem *problem, const rfi_workspace *ws)
{
    double *size = ws->vector;
    int64_t k, j;
    for (k = 0; k < seg->rows; ++k)
        size[k] = fabs(seg->residual[k])
                  + 2.0 * sqrt(problem->c[seg->row[k]]) * fabs(problem->data->y[seg->row[k]]);
    seg->residual_size = rfi_norm(size, seg->rows);
    project_column(seg, &ws->blocks, seg->d, ws->line, seg->pull);
    seg->far = 0;
    for (j = 0; j < seg->modes; ++j) {
        seg->cut[j] = 0.0;
        seg->error[j] = RFI_EPS * seg->residual_size;
        if (fabs(seg->pull[j]) <= seg->error[j])
            seg->pull[j] = 0.0;
        seg->shift[j] = -seg->pull[j] / seg->s[j];
    }
    seg->reach = rfi_norm(seg->shift, seg->modes);
}

/* 1 if H of the chain has told the modes and their pulls. */
static int take_sums(rfi_segment *seg, const rfi_problem *problem, rfi_workspace *ws)
{
    if (rfi_blocks_from_sums(seg, problem, ws) != 0 || rfi_blocks_modes_of_sums(seg, ws) != 0)
        return 0;
    ws->blocks.summed = 1;
    project_residuals(seg, problem, ws);
    return 1;
}

/* level, aim and the choice between the two forms of w, as in segment_modes.c. */
static void aim_at_limit(rfi_segment *seg, const rfi_problem *problem, const rfi_workspace *ws)
{
    int64_t k, j;
    project_column(seg, &ws->blocks, seg->d + 1, ws->line, seg->label);
    seg->direct = seg->modes > 0 && seg->modes + seg->held_normal == seg->D;
    if (!seg->direct)
        return;
    seg->label_size = 0.0;
    for (k = 0; k < seg->rows; ++k)
        seg->label_size = hypot(seg->label_size,
                                sqrt(problem->c[seg->row[k]]) * problem->data->y[seg->row[k]]);
    for (j = 0; j < seg->modes; ++j) {
        seg->level[j] = rfi_dot(seg->Q + j * seg->D, seg->w0, seg->D);
        seg->aim[j] = seg->label[j] / seg->s[j];
    }
    seg->direct = rfi_norm(seg->level, seg->modes) > 2.0 * rfi_norm(seg->aim, seg->modes);
}

/* g with u_k . p = root_k a x_k . g for all rows k. */
static void direction_of(const rfi_segment *seg, const double *p, double *g)
{
    int64_t j;
    memset(g, 0, (size_t)seg->d * sizeof(double));
    for (j = 0; j < seg->modes; ++j)
        rfi_axpy(seg->share[0] * p[j] / seg->s[j], seg->Q + j * seg->D, g, seg->d);
}

static double along_row(const rfi_segment *seg, const rfi_problem *problem, int64_t k, const double *g)
{
    return seg->root[k] * seg->total[0]
           * rfi_view_dot(rfi_row(problem->data, seg->row[k]), g, seg->d);
}

/* 1 if the residuals of the moving rows vanish at infinity, as in segment_modes.c. */
static int interpolates(const rfi_segment *seg, const rfi_problem *problem, double *g)
{
    double floor = seg->residual_size;
    int64_t k, moving = 0;
    for (k = 0; k < seg->rows; ++k) {
        moving += !seg->still[k];
        floor = hypot(floor, seg->root[k] * problem->data->norm[seg->row[k]] * seg->height[k]
                                 * seg->w_size);
    }
    if (moving == 0 || seg->modes == moving)
        return moving > 0;
    direction_of(seg, seg->pull, g);
    for (k = 0; k < seg->rows; ++k)
        if (!seg->still[k]
            && fabs(seg->residual[k] - along_row(seg, problem, k, g)) > 8.0 * RFI_EPS * floor)
            return 0;
    return rfi_labels_agree(seg, problem, g);
}

/* 1 if the sums of the pulls of every line vanish at infinity, as in segment_modes.c. */
static int balances(const rfi_segment *seg, const rfi_problem *problem)
{
    int64_t k, lines = 0;
    for (k = 0; k < seg->rows; ++k)
        lines += !seg->still[k] && seg->row_of[problem->data->kinks.line[seg->row[k]]] == k;
    return seg->modes == lines;
}

/* 1 if row k is, to rounding, in the span of U: then its residual vanishes at infinity. */
static int is_spanned(const rfi_segment *seg, const rfi_problem *problem, int64_t k, double *u)
{
    double *g = u + seg->modes, known = 1.0, left = 0.0;
    int64_t i, j;
    rfi_segment_left(seg, problem, k, u);
    if (rfi_dot(u, u, seg->modes) < 1.0 - 1e-6)
        return 0;
    for (j = 0; j < seg->modes; ++j)
        known += fabs(u[j]) * (seg->s[0] / seg->s[j]);
    direction_of(seg, u, g);
    for (i = 0; i < seg->rows; ++i)
        left = hypot(left, (i == k ? 1.0 : 0.0) - along_row(seg, problem, i, g));
    return left <= 64.0 * RFI_EPS * known;
}

/* Rows whose residuals vanish; |u_k| is no more than root |x|/s of the last mode. */
static void find_done_rows(rfi_segment *seg, const rfi_problem *problem, rfi_workspace *ws)
{
    const double least = seg->modes > 0 ? seg->s[seg->modes - 1] : 0.0;
    int64_t k;
    for (k = 0; k < seg->rows && seg->modes > 0; ++k) {
        const double size =
            seg->root[k] * seg->total[0] * problem->data->norm[seg->row[k]] / least;
        if (!seg->done[k] && !seg->still[k] && size * size >= 1.0 - 2e-6
            && is_spanned(seg, problem, k, ws->line))
            seg->done[k] = seg->balanced[k] = 1;
    }
}

void rfi_blocks_normal(const rfi_segment *seg, const rfi_blocks *b, int64_t mode, double *column)
{
    const int64_t held = seg->held[0], first = seg->d - held;
    int64_t k;
    memset(column, 0, (size_t)held * sizeof(double));
    for (k = 0; k < seg->size[0]; ++k)
        rfi_axpy(b->left[k * seg->d + mode] * column_scale(b), b->R + k * b->ld + first, column, held);
}

void rfi_blocks_hold(const rfi_segment *seg, const rfi_blocks *b, double *hold)
{
    const int64_t held = seg->held[0], first = seg->d - held;
    int64_t k;
    memset(hold, 0, (size_t)held * sizeof(double));
    for (k = 0; k <= seg->d; ++k)
        rfi_axpy(-b->R[k * b->ld + seg->d] * column_scale(b) * column_scale(b), b->R + k * b->ld + first,
                 hold, held);
}

/* Memory for what is held, where something is. */
static int reserve_held(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern)
{
    int64_t g;
    for (g = 0; g < pattern->lines && seg->QR == NULL; ++g)
        if (rfi_held(pattern->side[g])
            && (seg->QR = rfi_alloc(&problem->data->allocator, rfi_segment_most_held(seg) * seg->d, sizeof(double)))
                   == NULL)
            return -1;
    return 0;
}

rf_status rfi_blocks_build(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                           rfi_workspace *ws)
{
    int64_t k;
    seg->lead[0] = 0;
    seg->lean = 1;
    seg->total[0] = fabs(problem->a[0]);
    seg->share[0] = problem->a[0] / seg->total[0];
    if (reserve_held(seg, problem, pattern) != 0)
        return RF_ERROR_MEMORY;
    if (rfi_segment_hold(seg, problem, pattern, ws) != 0)
        return RF_ERROR_NUMERICAL;
    collect(seg, problem, pattern);
    if (rfi_first_not_finite(seg->residual, seg->rows) >= 0)
        return RF_ERROR_NUMERICAL;
    ws->blocks.scale = choose_scale(seg, problem);
    ws->blocks.summed = 0;
    if (!take_sums(seg, problem, ws)) {
        if (factor(seg, problem, ws) != 0 || decompose(seg, problem, ws) != 0)
            return RF_ERROR_NUMERICAL;
        project_residuals(seg, problem, ws);
    }
    rfi_segment_release(seg, problem, pattern, ws->vector);
    aim_at_limit(seg, problem, ws);
    for (k = 0; k < seg->rows; ++k)
        seg->done[k] = seg->balanced[k] = 0;
    if (interpolates(seg, problem, ws->vector))
        memset(seg->done, 1, (size_t)seg->rows);
    if (seg->rows > 0 && (seg->done[0] || balances(seg, problem)))
        memset(seg->balanced, 1, (size_t)seg->rows);
    find_done_rows(seg, problem, ws);
    if (!rfi_segment_in_range(seg))
        return RF_ERROR_NUMERICAL;
    return rfi_segment_multipliers(seg, problem, pattern, ws) == 0 ? RF_OK : RF_ERROR_NUMERICAL;
}
