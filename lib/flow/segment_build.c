/* segment_build: the margins and rows that a segment is made of, and the order of its steps.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/blas.h"
#include "base/num.h"
#include "flow/segment_steps.h"

/* The products of all rows with w0.  The first segment gets them to the last bit, because there w0 is exact. */
static void multiply_rows(rfi_segment *seg, const rfi_data *data, const double *known, rfi_team *team)
{
    double *w = seg->spare;
    int64_t j, g;
    for (j = 0; j < seg->neurons; ++j) {
        double *z = seg->z + j * seg->lines;
        memcpy(w, seg->w0 + j * seg->d, (size_t)seg->d * sizeof(double));
        memset(w + seg->d, 0, (size_t)(rfi_padded(seg->d) - seg->d) * sizeof(double));
        for (g = 0; g < seg->lines && seg->t0 == 0.0; ++g)
            z[g] = rfi_view_dot_accurate(rfi_row(data, data->kinks.row[g]), w, seg->d);
        if (seg->t0 != 0.0 && known == NULL)
            rfi_line_margins(data, 0, seg->lines, w, w + rfi_padded(seg->d), z, team);
        else if (seg->t0 != 0.0)
            memcpy(z, known, (size_t)seg->lines * sizeof(double));
    }
}

/* Margins of the lines: 0 by definition on a kink, never on the wrong side by rounding. */
static void start_margins(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                          const double *known, rfi_team *team)
{
    const int linear = problem->activation == RF_LINEAR;
    int64_t g;
    multiply_rows(seg, problem->data, known, team);
    for (g = 0; g < pattern->lines; ++g) {
        const int8_t side = pattern->side[g];
        const int off = linear || (!rfi_held(side) && pattern->stand[g] == RFI_ON_SIDE);
        if (!off || (seg->z[g] * side < 0.0 && !linear))
            seg->z[g] = 0.0;
    }
}

/* Neurons of one pattern: lead, A and a_j/A. */
static void find_classes(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern)
{
    const size_t bytes = (size_t)seg->lines;
    int64_t j, l;
    for (j = 0; j < seg->neurons; ++j) {
        for (l = 0; l < j; ++l)
            if (seg->lead[l] == l
                && memcmp(pattern->side + l * seg->lines, pattern->side + j * seg->lines, bytes)
                       == 0)
                break;
        seg->lead[j] = l;
        if (l == j)
            seg->total[j] = fabs(problem->a[j]);
        else
            seg->total[l] = hypot(seg->total[l], problem->a[j]);
    }
    for (j = 0; j < seg->neurons; ++j)
        seg->share[j] = problem->a[j] / seg->total[seg->lead[j]];
}

/* What a datum that some neuron has active is to all of them: row number seg->rows, with its block of the
 * matrix unless that is NULL. */
static void fill_row(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                     int64_t i, double slope, double *block)
{
    const rfi_data *data = problem->data;
    const rfi_kinks *kinks = &data->kinks;
    const int64_t line = kinks->line[i], r = seg->rows;
    const rfi_view x = rfi_row(data, i);
    const double weight = sqrt(problem->c[i]);
    double sum = 0.0, size = 0.0, height = 0.0;
    int64_t j, k, active = 0;
    seg->row[r] = i;
    seg->still[r] = problem->activation != RF_LINEAR;
    seg->root[r] = weight * slope;
    for (j = 0; j < seg->neurons; ++j) {
        const int64_t g = j * seg->lines + line, lead = seg->lead[j];
        double z;
        if (seg->neurons > 1 && rfi_pattern_slope(problem, pattern, j * seg->n + i) == 0.0)
            continue;
        z = kinks->row[line] == i || seg->z[g] == 0.0 ? kinks->factor[i] * seg->z[g]
                                                      : rfi_view_dot(x, seg->w0 + j * seg->d, seg->d);
        sum = active == 0 ? problem->a[j] * (slope * z) : sum + problem->a[j] * (slope * z);
        size += fabs(problem->a[j] * z);
        seg->still[r] = (uint8_t)(seg->still[r] && rfi_held(pattern->side[g]));
        if (seg->row_of[g] < 0)
            seg->row_of[g] = r;
        seg->owner[r] = active == 0 ? j : -1;
        seg->class_of[r] = active == 0 || seg->class_of[r] == lead ? lead : -1;
        ++active;
        if (lead != j)
            continue;
        height = height == 0.0 ? seg->total[j] : hypot(height, seg->total[j]);
        for (k = 0; k < seg->d && block != NULL; ++k)
            block[j * seg->d + k] = seg->root[r] * seg->total[j] * rfi_view_at(x, k);
    }
    seg->residual[r] = weight * (sum - data->y[i]);
    seg->terms[r] = active > 1 ? weight * size : 0.0;
    seg->height[r] = height;
}

/* The data with a slope, their residuals, and the rows of the matrix unless that is NULL. */
static void collect_rows(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                         double *matrix)
{
    int64_t i, j;
    seg->rows = 0;
    for (i = 0; i < pattern->lines; ++i)
        seg->row_of[i] = -1;
    for (i = 0; i < seg->n; ++i) {
        double slope = 0.0;
        seg->row_at[i] = -1;
        for (j = 0; j < seg->neurons && slope == 0.0; ++j)
            slope = rfi_pattern_slope(problem, pattern, j * seg->n + i);
        if (slope == 0.0)
            continue;
        if (seg->neurons > 1)
            memset(matrix + seg->rows * seg->D, 0, (size_t)seg->D * sizeof(double));
        fill_row(seg, problem, pattern, i, slope,
                 matrix == NULL ? NULL : matrix + seg->rows * seg->D);
        seg->row_at[i] = seg->rows++;
    }
}

/* What is left of a block of a row along a direction to which its datum is orthogonal is rounding. */
static void clean_block(double *block, int64_t d)
{
    const double floor = 4.0 * RFI_EPS * rfi_norm(block, d);
    int64_t k;
    for (k = 0; k < d; ++k)
        if (fabs(block[k]) <= floor)
            block[k] = 0.0;
}

/* Turns every block of a row of the matrix into its normal part (the first `held` entries, along the
 * columns of Q) and its tangent part (the rest). */
static int split_rows(rfi_segment *seg, rfi_workspace *ws)
{
    const int64_t d = seg->d;
    int64_t j, k;
    for (j = 0; j < seg->neurons && seg->rows > 0; ++j) {
        if (seg->lead[j] != j || seg->held[j] == 0)
            continue;
        if (rfi_qr_apply(1, d, seg->rows, seg->held[j], seg->QR + j * d * d, d, seg->tau + j * d,
                         ws->matrix + j * d, seg->D, ws->work, ws->work_size)
            != 0)
            return -1;
        for (k = 0; k < seg->rows && seg->neurons > 1; ++k)
            clean_block(ws->matrix + k * seg->D + j * d, d);
    }
    return 0;
}

/* The tangent part of a datum at rest on its kink does not move: it is 0, not rounding.  Neurons without
 * a datum that moves have none. */
static void still_blocks(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                         double *matrix)
{
    const int linear = problem->activation == RF_LINEAR;
    int64_t j, k, at = seg->held_normal;
    for (j = 0; j < seg->neurons; ++j) {
        const int64_t size = seg->d - seg->held[j];
        int64_t moving = 0;
        for (k = 0; k < seg->rows && seg->lead[j] == j; ++k) {
            const int64_t i = seg->row[k];
            const int64_t g = j * seg->lines + problem->data->kinks.line[i];
            if (rfi_pattern_slope(problem, pattern, j * seg->n + i) == 0.0)
                continue;
            if (linear || !rfi_held(pattern->side[g]))
                ++moving;
            else
                memset(matrix + k * seg->D + j * seg->d + seg->held[j], 0,
                       (size_t)size * sizeof(double));
        }
        seg->size[j] = moving > 0 ? size : 0;
        seg->tangent[j] = at;
        at += seg->size[j];
    }
}

/* Brings the normal parts of a row to its front, and the tangent parts behind them. */
static void sort_rows(const rfi_segment *seg, double *matrix, double *work)
{
    const int64_t d = seg->d;
    int64_t j, k;
    for (k = 0; k < seg->rows && seg->neurons > 1; ++k) {
        double *row = matrix + k * seg->D;
        memcpy(work, row, (size_t)seg->D * sizeof(double));
        for (j = 0; j < seg->neurons; ++j) {
            if (seg->lead[j] != j)
                continue;
            memcpy(row + seg->normal[j], work + j * d, (size_t)seg->held[j] * sizeof(double));
            memcpy(row + seg->tangent[j], work + j * d + seg->held[j],
                   (size_t)seg->size[j] * sizeof(double));
        }
    }
}

/* The matrix of all rows, and its singular vectors.  Returns 0 on success. */
static int decompose_rows(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                          rfi_workspace *ws)
{
    collect_rows(seg, problem, pattern, ws->matrix);
    if (split_rows(seg, ws) != 0)
        return -1;
    still_blocks(seg, problem, pattern, ws->matrix);
    sort_rows(seg, ws->matrix, ws->vector);
    if (rfi_first_not_finite(ws->matrix, seg->rows * seg->D) >= 0
        || rfi_first_not_finite(seg->residual, seg->rows) >= 0)
        return -1;
    return rfi_segment_decompose(seg, problem, pattern, ws);
}

/* The same of one neuron without the matrix and its left singular vectors. */
static int factor_rows(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                       rfi_workspace *ws)
{
    collect_rows(seg, problem, pattern, NULL);
    seg->size[0] = seg->rows > 0 ? seg->d - seg->held[0] : 0;
    seg->tangent[0] = seg->held_normal;
    if (rfi_first_not_finite(seg->residual, seg->rows) >= 0)
        return -1;
    return rfi_segment_decompose(seg, problem, pattern, ws);
}

rf_status rfi_segment_build(rfi_segment *seg, const rfi_problem *problem,
                            const rfi_pattern *pattern, double t0, const double *w0,
                            rfi_workspace *ws)
{
    if (rfi_segment_reserve(seg, problem) != 0)
        return RF_ERROR_MEMORY;
    seg->t0 = t0;
    if (w0 != seg->w0)
        memcpy(seg->w0, w0, (size_t)seg->D * sizeof(double));
    seg->w_size = rfi_norm(seg->w0, seg->D);
    start_margins(seg, problem, pattern, ws->margins, ws->blocks.team);
    if (seg->U == NULL)
        return rfi_blocks_build(seg, problem, pattern, ws);
    find_classes(seg, problem, pattern);
    if (rfi_segment_hold(seg, problem, pattern, ws) != 0)
        return RF_ERROR_NUMERICAL;
    seg->lean = rfi_factor_serves(&ws->factor, problem, pattern);
    if (seg->lean && ws->factor.follows && rfi_tree_reserve(&ws->factor.tree, problem) != 0)
        return RF_ERROR_MEMORY;
    if ((seg->lean ? factor_rows : decompose_rows)(seg, problem, pattern, ws) != 0)
        return RF_ERROR_NUMERICAL;
    rfi_segment_project(seg, problem, pattern, ws);
    if (!rfi_segment_in_range(seg))
        return RF_ERROR_NUMERICAL;
    return rfi_segment_multipliers(seg, problem, pattern, ws) == 0 ? RF_OK : RF_ERROR_NUMERICAL;
}
