/* segment: decomposition and propagation.
 * SPDX-License-Identifier: MIT */
#include "flow/segment.h"

#include <math.h>
#include <string.h>

#include "base/blas.h"
#include "base/num.h"

int rfi_workspace_create(rfi_workspace *ws, const rfi_data *data)
{
    const rf_allocator *a = &data->allocator;
    const int64_t n = data->n, d = data->d, qr = rfi_qr_work(d, rfi_larger(n, d));
    memset(ws, 0, sizeof(*ws));
    ws->work_size = rfi_larger(rfi_svd_work(d, n), qr);
    ws->matrix = rfi_alloc(a, rfi_larger(n, d) * d, sizeof(double));
    ws->work = rfi_alloc(a, ws->work_size, sizeof(double));
    ws->integers = rfi_alloc(a, rfi_svd_integers(d, n), sizeof(int));
    ws->vector = rfi_alloc(a, 4 * rfi_larger(n, d), sizeof(double));
    ws->line = rfi_alloc(a, 6 * rfi_smaller(n, d) + 6, sizeof(double));
    if (ws->matrix == NULL || ws->work == NULL || ws->integers == NULL || ws->vector == NULL
        || ws->line == NULL) {
        rfi_workspace_free(ws, a);
        return -1;
    }
    return 0;
}

void rfi_workspace_free(rfi_workspace *ws, const rf_allocator *allocator)
{
    rfi_free(allocator, ws->matrix);
    rfi_free(allocator, ws->work);
    rfi_free(allocator, ws->integers);
    rfi_free(allocator, ws->vector);
    rfi_free(allocator, ws->line);
    memset(ws, 0, sizeof(*ws));
}

int rfi_segment_create(rfi_segment *segment, const rfi_data *data)
{
    const rf_allocator *a = &data->allocator;
    const int64_t n = data->n, d = data->d, m = rfi_smaller(n, d), lines = data->kinks.count;
    struct {
        double **block;
        int64_t count;
    } reals[] = {{&segment->w0, d},         {&segment->z, lines},     {&segment->root, n},
                 {&segment->residual, n},   {&segment->s, m},         {&segment->rate, m},
                 {&segment->pull, m},       {&segment->shift, m},     {&segment->Q, m * d},
                 {&segment->level, m},      {&segment->aim, m},       {&segment->U, n * m},
                 {&segment->QR, d * d},     {&segment->tau, d},       {&segment->hold, d},
                 {&segment->hold_floor, d}, {&segment->hold_p, d * m}};
    size_t k;
    int failed = 0;
    memset(segment, 0, sizeof(*segment));
    segment->n = n;
    segment->d = d;
    segment->most = m;
    for (k = 0; k < sizeof(reals) / sizeof(*reals); ++k)
        failed |= (*reals[k].block = rfi_alloc(a, reals[k].count, sizeof(double))) == NULL;
    failed |= (segment->row = rfi_alloc(a, n, sizeof(int64_t))) == NULL;
    failed |= (segment->still = rfi_alloc(a, n, sizeof(uint8_t))) == NULL;
    failed |= (segment->row_of = rfi_alloc(a, lines, sizeof(int64_t))) == NULL;
    failed |= (segment->slide = rfi_alloc(a, d, sizeof(int64_t))) == NULL;
    failed |= (segment->slide_of = rfi_alloc(a, lines, sizeof(int64_t))) == NULL;
    if (failed) {
        rfi_segment_free(segment, a);
        return -1;
    }
    return 0;
}

void rfi_segment_free(rfi_segment *segment, const rf_allocator *allocator)
{
    void *blocks[] = {segment->level,    segment->aim,      segment->w0,     segment->z,
                      segment->root,     segment->residual, segment->s,      segment->rate,
                      segment->pull,     segment->shift,    segment->Q,      segment->U,
                      segment->QR,       segment->tau,      segment->hold,   segment->hold_floor,
                      segment->hold_p,   segment->row,      segment->row_of, segment->slide,
                      segment->slide_of, segment->still};
    size_t k;
    for (k = 0; k < sizeof(blocks) / sizeof(*blocks); ++k)
        rfi_free(allocator, blocks[k]);
    memset(segment, 0, sizeof(*segment));
}

/* Margins of the lines: 0 by definition on a kink, never on the wrong side by rounding.  The first
 * segment gets them to the last bit, because there w0 is exact. */
static void start_margins(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern)
{
    const rfi_data *data = problem->data;
    const int linear = problem->activation == RF_LINEAR;
    int64_t g;
    for (g = 0; g < data->kinks.count; ++g) {
        const double *x = rfi_row(data, data->kinks.row[g]);
        const int8_t side = pattern->side[g];
        double z = 0.0;
        if (linear || (!rfi_held(side) && pattern->stand[g] == RFI_ON_SIDE))
            z = seg->t0 == 0.0 ? rfi_dot_accurate(x, seg->w0, seg->d) : rfi_dot(x, seg->w0, seg->d);
        seg->z[g] = z * side < 0.0 && !linear ? 0.0 : z;
    }
}

/* The data with a slope, their residuals, and the rows of the matrix. */
static void collect_rows(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                         double *matrix)
{
    const rfi_data *data = problem->data;
    const rfi_kinks *kinks = &data->kinks;
    int64_t i, k;
    seg->rows = 0;
    for (i = 0; i < kinks->count; ++i)
        seg->row_of[i] = -1;
    for (i = 0; i < data->n && !pattern->stopped; ++i) {
        const double slope = rfi_pattern_slope(problem, pattern, i);
        const double *x = rfi_row(data, i);
        const int64_t g = kinks->line[i];
        double z;
        if (slope == 0.0)
            continue;
        z = kinks->row[g] == i || seg->z[g] == 0.0 ? kinks->factor[i] * seg->z[g]
                                                   : rfi_dot(x, seg->w0, seg->d);
        if (seg->row_of[g] < 0)
            seg->row_of[g] = seg->rows;
        seg->row[seg->rows] = i;
        seg->still[seg->rows] = problem->activation != RF_LINEAR && rfi_held(pattern->side[g]);
        seg->root[seg->rows] = sqrt(problem->c[i]) * slope;
        seg->residual[seg->rows] = sqrt(problem->c[i]) * (slope * z - data->y[i]);
        for (k = 0; k < seg->d; ++k)
            matrix[seg->rows * seg->d + k] = seg->root[seg->rows] * x[k];
        ++seg->rows;
    }
}

/* Appends a line to the held ones if its row is independent of theirs; basis: held x d, orthonormal. */
static void hold_line(rfi_segment *seg, const rfi_data *data, int64_t line, double *basis)
{
    const double *x = rfi_row(data, data->kinks.row[line]);
    if (seg->held == seg->d || !rfi_extend_basis(basis, seg->held, x, seg->d))
        return;
    memcpy(seg->QR + seg->held * seg->d, x, (size_t)seg->d * sizeof(double));
    seg->slide[seg->held++] = line;
}

/* The lines whose margin stays 0: the flow is confined to the null space of their rows. */
static int hold_lines(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                      rfi_workspace *ws)
{
    const rfi_data *data = problem->data;
    int64_t g;
    seg->held = 0;
    for (g = 0; g < data->kinks.count; ++g) {
        const int64_t before = seg->held;
        if (pattern->side[g] == RFI_SLIDE)
            hold_line(seg, data, g, ws->matrix);
        seg->slide_of[g] = seg->held > before ? before : -1;
    }
    seg->slides = seg->held;
    for (g = 0; g < data->kinks.count && problem->activation != RF_LINEAR; ++g)
        if (pattern->side[g] != RFI_SLIDE && rfi_held(pattern->side[g]) && !pattern->stopped)
            hold_line(seg, data, g, ws->matrix);
    seg->hold_condition = 1.0;
    if (seg->held == 0)
        return 0;
    if (rfi_qr(seg->d, seg->held, seg->QR, seg->d, seg->tau, ws->work, ws->work_size) != 0)
        return -1;
    for (g = 0; g < seg->held; ++g)
        seg->hold_condition = fmax(seg->hold_condition, data->norm[data->kinks.row[seg->slide[g]]]
                                                            / fabs(seg->QR[g * seg->d + g]));
    return 0;
}

/* Turns every row of the matrix into its normal part (the first `held` entries, along the columns of
 * Q) and its tangent part (the rest). */
static int split_rows(rfi_segment *seg, rfi_workspace *ws)
{
    if (seg->held == 0 || seg->rows == 0)
        return 0;
    return rfi_qr_apply(1, seg->d, seg->rows, seg->held, seg->QR, seg->d, seg->tau, ws->matrix,
                        seg->d, ws->work, ws->work_size);
}

/* Rows at rest on a kink do not move: their tangent part is 0, not rounding. */
static void still_rows(const rfi_segment *seg, double *matrix)
{
    const int64_t size = seg->d - seg->held;
    int64_t k;
    for (k = 0; k < seg->rows; ++k)
        if (seg->still[k])
            memset(matrix + k * seg->d + seg->held, 0, (size_t)size * sizeof(double));
}

/* SVD of the tangent parts; keeps the modes with s_j above max(rows, d) eps s_max. */
static int decompose(rfi_segment *seg, const rfi_problem *problem, rfi_workspace *ws)
{
    const int64_t size = seg->d - seg->held, k = rfi_smaller(size, seg->rows);
    double cut;
    int64_t j;
    seg->modes = 0;
    if (k == 0)
        return 0;
    /* The matrix is stored row by row: as a column-major matrix it is the transpose, so that Q comes
     * out as its left singular vectors and U, row by row, as the right ones. */
    if (rfi_svd(size, seg->rows, ws->matrix + seg->held, seg->d, seg->s, seg->Q + seg->held, seg->d,
                seg->U, seg->most, ws->work, ws->work_size, ws->integers)
        != 0)
        return -1;
    /* A projection onto the free directions leaves rounding of the size of the whole rows. */
    for (j = 0, cut = seg->s[0]; j < seg->rows && seg->held > 0; ++j)
        cut = fmax(cut, seg->root[j] * problem->data->norm[seg->row[j]]);
    cut *= (double)rfi_larger(seg->rows, seg->d) * RFI_EPS;
    for (j = 0; j < k && seg->s[j] > cut; ++j) {
        seg->rate[j] = seg->s[j] * seg->s[j];
        if (!(seg->rate[j] > 0.0) || isinf(seg->rate[j]))
            return -1;
        memset(seg->Q + j * seg->d, 0, (size_t)seg->held * sizeof(double));
    }
    seg->modes = j;
    if (seg->held > 0 && seg->modes > 0)
        return rfi_qr_apply(0, seg->d, seg->modes, seg->held, seg->QR, seg->d, seg->tau, seg->Q,
                            seg->d, ws->work, ws->work_size);
    return 0;
}

/* pull_j = u_j . sqrt(c) r and shift_j = -pull_j / s_j.  A pull below the rounding of the residuals
 * it is made of is none: then nothing is left to move along q_j (docs/mathematics.md 2). */
static void project_residuals(rfi_segment *seg, const rfi_problem *problem, double *size)
{
    double noise;
    int64_t k, j;
    for (k = 0; k < seg->rows; ++k) {
        const int64_t i = seg->row[k];
        size[k] = fabs(seg->residual[k]) + 2.0 * sqrt(problem->c[i]) * fabs(problem->data->y[i]);
    }
    seg->residual_size = rfi_norm(size, seg->rows);
    noise = RFI_EPS * seg->residual_size;
    for (j = 0; j < seg->modes; ++j)
        seg->pull[j] = 0.0;
    for (k = 0; k < seg->rows; ++k)
        rfi_axpy(seg->residual[k], seg->U + k * seg->most, seg->pull, seg->modes);
    for (j = 0; j < seg->modes; ++j) {
        if (fabs(seg->pull[j]) <= noise)
            seg->pull[j] = 0.0;
        seg->shift[j] = -seg->pull[j] / seg->s[j];
    }
    seg->reach = rfi_norm(seg->shift, seg->modes);
}

/* Coefficients x . q_j of a line off its kink. */
static void along_modes(const rfi_segment *seg, const rfi_problem *problem, int64_t line,
                        double *along)
{
    const double *x = rfi_row(problem->data, problem->data->kinks.row[line]);
    int64_t j;
    for (j = 0; j < seg->modes; ++j)
        along[j] = rfi_dot(x, seg->Q + j * seg->d, seg->d);
}

/* A line that has just left its slide has x . v = 0 by definition.  On ill-conditioned data the rounding of
 * the pulls, s_j eps |residual| in v_j, hides that, and x . Hv with it: it is taken out of the v_j in
 * proportion to the squares of their errors. */
static void release(rfi_segment *seg, const rfi_problem *problem, int64_t line, double *along)
{
    const double floor = RFI_EPS * seg->residual_size;
    double sum = 0.0, weight = 0.0, share;
    int64_t j;
    along_modes(seg, problem, line, along);
    for (j = 0; j < seg->modes; ++j) {
        const double error = along[j] * seg->s[j] * floor;
        sum += along[j] * seg->s[j] * seg->pull[j];
        weight += error * error;
    }
    if (!(weight > 0.0) || fabs(sum) > 16.0 * sqrt(weight))
        return;
    share = sum / weight * floor * floor;
    for (j = 0; j < seg->modes; ++j)
        seg->pull[j] -= share * along[j] * seg->s[j];
}

/* All lines that were released where the segment starts. */
static void release_lines(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                          double *along)
{
    int64_t g, j, count = 0;
    for (g = 0; g < pattern->lines && problem->activation != RF_LINEAR; ++g)
        if (!rfi_held(pattern->side[g]) && pattern->stand[g] == RFI_RELEASED) {
            release(seg, problem, g, along);
            ++count;
        }
    for (j = 0; j < seg->modes && count > 0; ++j)
        seg->shift[j] = -seg->pull[j] / seg->s[j];
    if (count > 0)
        seg->reach = rfi_norm(seg->shift, seg->modes);
}

/* level, aim and the choice between the two forms of w. */
static void aim_at_limit(rfi_segment *seg, const rfi_problem *problem)
{
    int64_t k, j;
    seg->direct = seg->modes > 0 && seg->modes + seg->held == seg->d;
    if (!seg->direct)
        return;
    for (j = 0; j < seg->modes; ++j) {
        seg->level[j] = rfi_dot(seg->Q + j * seg->d, seg->w0, seg->d);
        seg->aim[j] = 0.0;
    }
    seg->label_size = 0.0;
    for (k = 0; k < seg->rows; ++k) {
        const double label = sqrt(problem->c[seg->row[k]]) * problem->data->y[seg->row[k]];
        rfi_axpy(label, seg->U + k * seg->most, seg->aim, seg->modes);
        seg->label_size = hypot(seg->label_size, label);
    }
    for (j = 0; j < seg->modes; ++j)
        seg->aim[j] /= seg->s[j];
    seg->direct = rfi_norm(seg->level, seg->modes) > 2.0 * rfi_norm(seg->aim, seg->modes);
}

/* u(0) and its coefficients: X_S^T u is the normal part of the velocity without the sliding data. */
static void hold_multipliers(rfi_segment *seg, const rfi_problem *problem,
                             const rfi_pattern *pattern, const rfi_workspace *ws)
{
    const int64_t S = seg->held;
    double *column = ws->vector, size = 0.0, others, own;
    int64_t j, k, g;
    if (seg->slides == 0)
        return;
    memset(seg->hold, 0, (size_t)S * sizeof(double));
    for (k = 0; k < seg->rows; ++k) {
        rfi_axpy(-seg->residual[k], ws->matrix + k * seg->d, seg->hold, S);
        size += fabs(seg->residual[k]) * seg->root[k] * problem->data->norm[seg->row[k]];
    }
    rfi_solve_upper(S, 1, seg->QR, seg->d, seg->hold, S);
    for (j = 0; j < seg->modes; ++j) {
        memset(column, 0, (size_t)S * sizeof(double));
        for (k = 0; k < seg->rows; ++k)
            rfi_axpy(seg->U[k * seg->most + j], ws->matrix + k * seg->d, column, S);
        rfi_solve_upper(S, 1, seg->QR, seg->d, column, S);
        for (k = 0; k < seg->slides; ++k)
            seg->hold_p[k * seg->most + j] = column[k] * seg->pull[j];
    }
    others = size;
    for (k = 0; k < seg->slides; ++k) {
        g = seg->slide[k];
        seg->hold[k] += problem->base[g];
        /* The pulls of the line itself are in its base; one whose label outweighs all else is not. */
        own = problem->width[g] * problem->data->norm[problem->data->kinks.row[g]];
        if (problem->base[g] != 0.0 || own <= 1024.0 * others)
            size += own;
        if (pattern->bound[g] == RFI_AT_LOW)
            seg->hold[k] = 0.0;
        else if (pattern->bound[g] == RFI_AT_HIGH)
            seg->hold[k] = -problem->jump[g];
    }
    /* Rounding of a solution of R u = rhs: eps |R^{-1}| |rhs|, row by row of R^{-1}. */
    memset(seg->hold_floor, 0, (size_t)S * sizeof(double));
    for (j = 0; j < S; ++j) {
        memset(column, 0, (size_t)S * sizeof(double));
        column[j] = 1.0;
        rfi_solve_upper(S, 1, seg->QR, seg->d, column, S);
        for (k = 0; k < S; ++k)
            seg->hold_floor[k] += fabs(column[k]) * 4.0 * RFI_EPS * size;
    }
}

/* 1 if the residuals of the moving rows vanish at infinity: because their rows are independent along the
 * tangent space, or because what the projection I - U U^T leaves of them is rounding. */
static int interpolates(const rfi_segment *seg, const rfi_problem *problem, int64_t moving)
{
    const double size = seg->w_size;
    double floor = seg->residual_size, worst = 0.0;
    int64_t k;
    if (moving == 0 || seg->modes == moving)
        return moving > 0;
    for (k = 0; k < seg->rows; ++k)
        floor = hypot(floor, seg->root[k] * problem->data->norm[seg->row[k]] * size);
    for (k = 0; k < seg->rows; ++k) {
        const double left =
            seg->residual[k] - rfi_dot(seg->U + k * seg->most, seg->pull, seg->modes);
        if (!seg->still[k])
            worst = fmax(worst, fabs(left));
    }
    return worst <= 8.0 * RFI_EPS * floor;
}

/* Rows of one line count once: where the lines are independent, the sum of the pulls of each vanishes
 * at infinity, though rows of one direction with different labels keep residuals. */
static int64_t moving_lines(const rfi_segment *seg, const rfi_problem *problem)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    int64_t k, count = 0;
    for (k = 0; k < seg->rows; ++k)
        count += !seg->still[k] && seg->row_of[kinks->line[seg->row[k]]] == k;
    return count;
}

/* The margin of a line at which its pulls cancel. */
static double balance(const rfi_segment *seg, const rfi_problem *problem, int64_t line)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    double pull = 0.0, size = 0.0, weight = 0.0;
    int64_t k;
    for (k = seg->row_of[line]; k < seg->rows; ++k) {
        const int64_t i = seg->row[k];
        const double slope = seg->root[k] * kinks->factor[i];
        const double label = sqrt(problem->c[i]) * problem->data->y[i];
        if (kinks->line[i] != line)
            continue;
        pull += slope * label;
        size += fabs(slope * label);
        weight += slope * slope;
    }
    return fabs(pull) <= 4.0 * RFI_EPS * size ? 0.0 : pull / weight;
}

rf_status rfi_segment_build(rfi_segment *seg, const rfi_problem *problem,
                            const rfi_pattern *pattern, double t0, const double *w0,
                            rfi_workspace *ws)
{
    int64_t k, moving = 0;
    seg->t0 = t0;
    if (w0 != seg->w0)
        memcpy(seg->w0, w0, (size_t)seg->d * sizeof(double));
    seg->w_size = rfi_norm(seg->w0, seg->d);
    start_margins(seg, problem, pattern);
    if (hold_lines(seg, problem, pattern, ws) != 0)
        return RF_ERROR_NUMERICAL;
    collect_rows(seg, problem, pattern, ws->matrix);
    if (split_rows(seg, ws) != 0)
        return RF_ERROR_NUMERICAL;
    still_rows(seg, ws->matrix);
    if (rfi_first_not_finite(ws->matrix, seg->rows * seg->d) >= 0
        || rfi_first_not_finite(seg->residual, seg->rows) >= 0 || decompose(seg, problem, ws) != 0)
        return RF_ERROR_NUMERICAL;
    project_residuals(seg, problem, ws->vector);
    release_lines(seg, problem, pattern, ws->vector);
    for (k = 0; k < seg->modes; ++k)
        if (!isfinite(seg->shift[k]) || !isfinite(seg->rate[k] * seg->s[k] * seg->pull[k]))
            return RF_ERROR_NUMERICAL;
    aim_at_limit(seg, problem);
    for (k = 0; k < seg->rows; ++k)
        moving += !seg->still[k];
    seg->complete = interpolates(seg, problem, moving);
    seg->balanced = seg->complete || seg->modes == moving_lines(seg, problem);
    seg->none_at_rest = moving == seg->rows;
    hold_multipliers(seg, problem, pattern, ws);
    return RF_OK;
}

void rfi_segment_weights(const rfi_segment *seg, double tau, double *w)
{
    int64_t j;
    if (seg->direct && tau > 0.0) {
        memset(w, 0, (size_t)seg->d * sizeof(double));
        for (j = 0; j < seg->modes; ++j) {
            const rfi_decay e = rfi_decay_at(seg->rate[j] * tau);
            rfi_axpy(seg->level[j] * e.rest + seg->aim[j] * e.done, seg->Q + j * seg->d, w, seg->d);
        }
        return;
    }
    memcpy(w, seg->w0, (size_t)seg->d * sizeof(double));
    for (j = 0; j < seg->modes; ++j)
        rfi_axpy(seg->shift[j] * rfi_decay_at(seg->rate[j] * tau).done, seg->Q + j * seg->d, w,
                 seg->d);
}

void rfi_segment_velocity(const rfi_segment *seg, double tau, double *v)
{
    int64_t j;
    memset(v, 0, (size_t)seg->d * sizeof(double));
    for (j = 0; j < seg->modes; ++j)
        rfi_axpy(-seg->s[j] * seg->pull[j] * rfi_decay_at(seg->rate[j] * tau).rest,
                 seg->Q + j * seg->d, v, seg->d);
}

void rfi_segment_acceleration(const rfi_segment *seg, double tau, double *a)
{
    int64_t j;
    memset(a, 0, (size_t)seg->d * sizeof(double));
    for (j = 0; j < seg->modes; ++j)
        rfi_axpy(seg->rate[j] * seg->s[j] * seg->pull[j] * rfi_decay_at(seg->rate[j] * tau).rest,
                 seg->Q + j * seg->d, a, seg->d);
}

double rfi_segment_speed_scale(const rfi_segment *seg, double tau)
{
    double scale = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j)
        scale += seg->s[j] * (seg->residual_size + fabs(seg->pull[j]))
                 * rfi_decay_at(seg->rate[j] * tau).rest;
    return scale;
}

double rfi_segment_moved(const rfi_segment *seg, double tau)
{
    double sum = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j)
        sum = hypot(sum, seg->shift[j] * rfi_decay_at(seg->rate[j] * tau).done);
    return sum;
}

rfi_expsum rfi_segment_margin(const rfi_segment *seg, const rfi_problem *problem, int64_t line,
                              double *p)
{
    const rfi_data *data = problem->data;
    const int64_t row = data->kinks.row[line], k = seg->row_of[line];
    rfi_expsum f = {seg->modes, seg->rate, p, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    const double *x = rfi_row(data, row);
    double limit = 0.0, limit_noise = 0.0;
    int64_t j;
    f.start = seg->z[line];
    if (f.start != 0.0 && seg->t0 > 0.0) /* x . w for a rounded w */
        f.floor = 2.0 * RFI_EPS * data->norm[row] * seg->w_size;
    for (j = 0; j < seg->modes; ++j) {
        double along, size; /* x . q_j, and what it is rounded against: below that it is 0 */
        size = k >= 0 ? seg->s[j] / (seg->root[k] * data->kinks.factor[seg->row[k]]) : INFINITY;
        /* From the left singular vectors, which is more accurate for the small s_j, unless a tiny
         * slope has spoiled them. */
        if (k >= 0 && fabs(size) <= 64.0 * data->norm[row]) {
            along = seg->U[k * seg->most + j] * size;
        } else {
            size = 2.0 * data->norm[row];
            along = rfi_dot(x, seg->Q + j * seg->d, seg->d);
        }
        if (fabs(along) <= 4.0 * RFI_EPS * fabs(size))
            along = 0.0;
        p[j] = along * seg->shift[j];
        if (seg->direct) {
            limit += along * seg->aim[j];
            limit_noise += 4.0 * RFI_EPS
                           * (fabs(size * seg->aim[j]) + fabs(along) * seg->label_size / seg->s[j]);
        }
        f.haze += 4.0 * RFI_EPS
                  * (fabs(size * seg->shift[j]) + fabs(along) * seg->residual_size / seg->s[j]);
    }
    if (k >= 0 && seg->complete) {
        limit = data->y[seg->row[k]] * sqrt(problem->c[seg->row[k]])
                / (seg->root[k] * data->kinks.factor[seg->row[k]]);
        rfi_expsum_finish(&f, &limit, 0.0);
    } else if (k >= 0 && seg->balanced && !seg->still[k]) {
        limit = balance(seg, problem, line);
        rfi_expsum_finish(&f, &limit, 0.0);
    } else {
        rfi_expsum_finish(&f, seg->direct ? &limit : NULL, limit_noise);
    }
    return f;
}

rfi_expsum rfi_segment_multiplier(const rfi_segment *seg, const rfi_problem *problem, int64_t k,
                                  int top, double *p)
{
    const int64_t line = seg->slide[k];
    const double bound = -problem->jump[line], *from = seg->hold_p + k * seg->most;
    rfi_expsum f = {seg->modes, seg->rate, p, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    double limit = top ? bound - problem->base[line] : problem->base[line];
    int64_t j;
    f.start = top ? bound - seg->hold[k] : seg->hold[k];
    f.floor = seg->hold_floor[k] + (top ? 4.0 * RFI_EPS * bound : 0.0);
    for (j = 0; j < seg->modes; ++j)
        p[j] = top ? -from[j] : from[j];
    /* If the pulls of all moving lines vanish at infinity, what is left to hold is the pull of the line. */
    rfi_expsum_finish(&f, seg->balanced && seg->none_at_rest ? &limit : NULL, 0.0);
    return f;
}
