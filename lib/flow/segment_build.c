/* segment_build: the decomposition that a segment is made of.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/blas.h"
#include "base/num.h"
#include "flow/segment.h"

/* Margins of the lines: 0 by definition on a kink, never on the wrong side by rounding.  The first
 * segment gets them to the last bit, because there w0 is exact. */
static void start_margins(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern)
{
    const rfi_data *data = problem->data;
    const int linear = problem->activation == RF_LINEAR;
    int64_t g;
    for (g = 0; g < pattern->lines; ++g) {
        const double *x = rfi_row(data, data->kinks.row[g % seg->lines]);
        const double *w = seg->w0 + g / seg->lines * seg->d;
        const int8_t side = pattern->side[g];
        double z = 0.0;
        if (linear || (!rfi_held(side) && pattern->stand[g] == RFI_ON_SIDE))
            z = seg->t0 == 0.0 ? rfi_dot_accurate(x, w, seg->d) : rfi_dot(x, w, seg->d);
        seg->z[g] = z * side < 0.0 && !linear ? 0.0 : z;
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

/* Appends a line to the held ones of its neuron if its row is independent of theirs; basis: held x d,
 * orthonormal. */
static void hold_line(rfi_segment *seg, const rfi_data *data, int64_t line, double *basis)
{
    const int64_t j = line / seg->lines, d = seg->d;
    const double *x = rfi_row(data, data->kinks.row[line % seg->lines]);
    if (seg->held[j] == d || !rfi_extend_basis(basis, seg->held[j], x, d))
        return;
    memcpy(seg->QR + (j * d + seg->held[j]) * d, x, (size_t)d * sizeof(double));
    seg->slide[j * d + seg->held[j]++] = line;
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
    for (g = first; g < last && problem->activation != RF_LINEAR; ++g)
        if (pattern->side[g] != RFI_SLIDE && rfi_held(pattern->side[g])
            && !rfi_at_origin(pattern->side[g]))
            hold_line(seg, data, g, ws->matrix);
    if (seg->held[j] == 0)
        return 0;
    if (rfi_qr(d, seg->held[j], QR, d, seg->tau + j * d, ws->work, ws->work_size) != 0)
        return -1;
    for (g = 0; g < seg->held[j]; ++g)
        seg->hold_condition = fmax(
            seg->hold_condition, data->norm[data->kinks.row[seg->slide[j * d + g] % seg->lines]]
                                     / fabs(QR[g * d + g]));
    return 0;
}

/* Of all neurons; those of one pattern hold the same lines. */
static int hold_lines(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
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

/* What a datum that some neuron has active is to all of them: row number seg->rows. */
static void fill_row(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                     int64_t i, double slope, double *block)
{
    const rfi_data *data = problem->data;
    const rfi_kinks *kinks = &data->kinks;
    const int64_t line = kinks->line[i], r = seg->rows;
    const double *x = rfi_row(data, i);
    double sum = 0.0, size = 0.0, height = 0.0;
    int64_t j, k, active = 0;
    seg->row[r] = i;
    seg->still[r] = problem->activation != RF_LINEAR;
    seg->root[r] = sqrt(problem->c[i]) * slope;
    for (j = 0; j < seg->neurons; ++j) {
        const int64_t g = j * seg->lines + line, lead = seg->lead[j];
        double z;
        if (rfi_pattern_slope(problem, pattern, j * seg->n + i) == 0.0)
            continue;
        z = kinks->row[line] == i || seg->z[g] == 0.0 ? kinks->factor[i] * seg->z[g]
                                                      : rfi_dot(x, seg->w0 + j * seg->d, seg->d);
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
        for (k = 0; k < seg->d; ++k)
            block[j * seg->d + k] = seg->root[r] * seg->total[j] * x[k];
    }
    seg->residual[r] = sqrt(problem->c[i]) * (sum - data->y[i]);
    seg->parts[r] = active > 1 ? sqrt(problem->c[i]) * size : 0.0;
    seg->height[r] = height;
}

/* The data with a slope, their residuals, and the rows of the matrix. */
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
        fill_row(seg, problem, pattern, i, slope, matrix + seg->rows * seg->D);
        seg->row_at[i] = seg->rows++;
    }
}

/* Turns every block of a row of the matrix into its normal part (the first `held` entries, along the
 * columns of Q) and its tangent part (the rest). */
static int split_rows(rfi_segment *seg, rfi_workspace *ws)
{
    const int64_t d = seg->d;
    int64_t j;
    for (j = 0; j < seg->neurons && seg->rows > 0; ++j)
        if (seg->lead[j] == j && seg->held[j] > 0
            && rfi_qr_apply(1, d, seg->rows, seg->held[j], seg->QR + j * d * d, d, seg->tau + j * d,
                            ws->matrix + j * d, seg->D, ws->work, ws->work_size)
                   != 0)
            return -1;
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

/* The vectors q_j of all weights from those of the tangent parts. */
static int spread_modes(rfi_segment *seg, rfi_workspace *ws)
{
    const int64_t d = seg->d;
    int64_t j, k, l;
    for (k = 0; k < seg->modes; ++k) {
        double *q = seg->Q + k * seg->D;
        memcpy(ws->vector, q, (size_t)seg->D * sizeof(double));
        memset(q, 0, (size_t)seg->D * sizeof(double));
        for (j = 0; j < seg->neurons; ++j)
            if (seg->lead[j] == j)
                memcpy(q + j * d + seg->held[j], ws->vector + seg->tangent[j],
                       (size_t)seg->size[j] * sizeof(double));
    }
    for (j = 0; j < seg->neurons && seg->modes > 0; ++j)
        if (seg->lead[j] == j && seg->size[j] > 0 && seg->held[j] > 0
            && rfi_qr_apply(0, d, seg->modes, seg->held[j], seg->QR + j * d * d, d,
                            seg->tau + j * d, seg->Q + j * d, seg->D, ws->work, ws->work_size)
                   != 0)
            return -1;
    for (k = 0; k < seg->modes; ++k)
        for (j = seg->neurons - 1; j >= 0; --j) /* a lead comes before the others */
            for (l = 0; l < d; ++l)
                seg->Q[k * seg->D + j * d + l] =
                    seg->share[j] * seg->Q[k * seg->D + seg->lead[j] * d + l];
    return 0;
}

/* SVD of the tangent parts; keeps the modes with s_j above max(rows, D) eps s_max. */
static int decompose(rfi_segment *seg, const rfi_problem *problem, rfi_workspace *ws)
{
    int64_t j, k, size = 0;
    double cut;
    for (j = 0; j < seg->neurons; ++j)
        size += seg->size[j];
    k = rfi_smaller(size, seg->rows);
    seg->modes = 0;
    if (k == 0)
        return 0;
    /* The matrix is stored row by row: as a column-major matrix it is the transpose, so that Q comes
     * out as its left singular vectors and U, row by row, as the right ones. */
    if (rfi_svd(size, seg->rows, ws->matrix + seg->held_normal, seg->D, seg->s,
                seg->Q + seg->held_normal, seg->D, seg->U, seg->most, ws->work, ws->work_size,
                ws->integers)
        != 0)
        return -1;
    /* A projection onto the free directions leaves rounding of the size of the whole rows. */
    for (j = 0, cut = seg->s[0]; j < seg->rows && seg->held_normal > 0; ++j)
        cut = fmax(cut, seg->root[j] * problem->data->norm[seg->row[j]] * seg->height[j]);
    cut *= (double)rfi_larger(seg->rows, seg->D) * RFI_EPS;
    for (j = 0; j < k && seg->s[j] > cut; ++j) {
        seg->rate[j] = seg->s[j] * seg->s[j];
        if (!(seg->rate[j] > 0.0) || isinf(seg->rate[j]))
            return -1;
    }
    seg->modes = j;
    return spread_modes(seg, ws);
}

/* pull_j = u_j . sqrt(c) r and shift_j = -pull_j / s_j.  A pull below the rounding of the residuals
 * it is made of is none: then nothing is left to move along q_j (docs/mathematics.md 2). */
static void project_residuals(rfi_segment *seg, const rfi_problem *problem, double *size)
{
    double noise;
    int64_t k, j;
    for (k = 0; k < seg->rows; ++k) {
        const int64_t i = seg->row[k];
        size[k] = fabs(seg->residual[k]) + 2.0 * sqrt(problem->c[i]) * fabs(problem->data->y[i])
                  + seg->parts[k];
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

/* level, aim and the choice between the two forms of w. */
static void aim_at_limit(rfi_segment *seg, const rfi_problem *problem)
{
    int64_t k, j;
    seg->direct = seg->modes > 0 && seg->modes + seg->held_normal == seg->D;
    if (!seg->direct)
        return;
    for (j = 0; j < seg->modes; ++j) {
        seg->level[j] = rfi_dot(seg->Q + j * seg->D, seg->w0, seg->D);
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
        const double pull = k >= 0 ? -root * seg->residual[k] : a * problem->c[i] * problem->data->y[i];
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

/* u(0) and its coefficients of a lead: X_S^T u is the normal part of the velocity without the sliding
 * data.  Returns the size of what it is rounded against, over A. */
static double lead_multipliers(rfi_segment *seg, const rfi_problem *problem, int64_t lead,
                               const rfi_workspace *ws)
{
    const int64_t S = seg->held[lead], d = seg->d;
    const double *QR = seg->QR + lead * d * d, *normal = ws->matrix + seg->normal[lead];
    double *hold = seg->hold + lead * d, *column = ws->vector, size = 0.0;
    int64_t j, k;
    memset(hold, 0, (size_t)S * sizeof(double));
    for (k = 0; k < seg->rows; ++k) {
        rfi_axpy(-seg->residual[k], normal + k * seg->D, hold, S);
        size += fabs(seg->residual[k]) * seg->root[k] * problem->data->norm[seg->row[k]];
    }
    rfi_solve_upper(S, 1, QR, d, hold, S);
    for (j = 0; j < seg->modes; ++j) {
        memset(column, 0, (size_t)S * sizeof(double));
        for (k = 0; k < seg->rows; ++k)
            rfi_axpy(seg->U[k * seg->most + j], normal + k * seg->D, column, S);
        rfi_solve_upper(S, 1, QR, d, column, S);
        for (k = 0; k < seg->slides[lead]; ++k)
            seg->hold_p[(lead * d + k) * seg->most + j] = column[k] * seg->pull[j];
    }
    return size;
}

/* The multipliers of neuron l from those of its lead, with the pulls of its own lines. */
static void own_multipliers(rfi_segment *seg, const rfi_problem *problem,
                            const rfi_pattern *pattern, int64_t l, double size,
                            const rfi_workspace *ws)
{
    const int64_t lead = seg->lead[l], S = seg->held[l], d = seg->d;
    double *column = ws->vector, *floor = seg->hold_floor + l * d, base;
    int64_t j, k, g;
    size *= fabs(problem->a[l]);
    for (k = 0; k < seg->slides[l]; ++k) {
        const int64_t at = l * d + k, from = lead * d + k;
        g = seg->slide[at];
        seg->hold[at] = seg->share[l] * seg->hold[from];
        for (j = 0; j < seg->modes; ++j)
            seg->hold_p[at * seg->most + j] = seg->share[l] * seg->hold_p[from * seg->most + j];
        size += sliding_pulls(seg, problem, at, &base)
                * problem->data->norm[problem->data->kinks.row[g % seg->lines]];
        seg->hold[at] += base;
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

static void hold_multipliers(rfi_segment *seg, const rfi_problem *problem,
                             const rfi_pattern *pattern, const rfi_workspace *ws)
{
    int64_t j, l;
    for (j = 0; j < seg->neurons; ++j) {
        double size;
        if (seg->lead[j] != j || seg->slides[j] == 0)
            continue;
        size = lead_multipliers(seg, problem, j, ws);
        for (l = seg->neurons - 1; l >= j; --l) /* the lead itself comes last */
            if (seg->lead[l] == j)
                own_multipliers(seg, problem, pattern, l, size, ws);
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
        floor = hypot(floor,
                      seg->root[k] * problem->data->norm[seg->row[k]] * seg->height[k] * size);
    for (k = 0; k < seg->rows; ++k) {
        const double left =
            seg->residual[k] - rfi_dot(seg->U + k * seg->most, seg->pull, seg->modes);
        if (!seg->still[k])
            worst = fmax(worst, fabs(left));
    }
    return worst <= 8.0 * RFI_EPS * floor;
}

rf_status rfi_segment_build(rfi_segment *seg, const rfi_problem *problem,
                            const rfi_pattern *pattern, double t0, const double *w0,
                            rfi_workspace *ws)
{
    int64_t k, moving = 0;
    seg->t0 = t0;
    if (w0 != seg->w0)
        memcpy(seg->w0, w0, (size_t)seg->D * sizeof(double));
    seg->w_size = rfi_norm(seg->w0, seg->D);
    start_margins(seg, problem, pattern);
    find_classes(seg, problem, pattern);
    if (hold_lines(seg, problem, pattern, ws) != 0)
        return RF_ERROR_NUMERICAL;
    collect_rows(seg, problem, pattern, ws->matrix);
    if (split_rows(seg, ws) != 0)
        return RF_ERROR_NUMERICAL;
    still_blocks(seg, problem, pattern, ws->matrix);
    sort_rows(seg, ws->matrix, ws->vector);
    if (rfi_first_not_finite(ws->matrix, seg->rows * seg->D) >= 0
        || rfi_first_not_finite(seg->residual, seg->rows) >= 0 || decompose(seg, problem, ws) != 0)
        return RF_ERROR_NUMERICAL;
    project_residuals(seg, problem, ws->vector);
    for (k = 0; k < seg->modes; ++k)
        if (!isfinite(seg->shift[k]) || !isfinite(seg->rate[k] * seg->s[k] * seg->pull[k]))
            return RF_ERROR_NUMERICAL;
    aim_at_limit(seg, problem);
    for (k = 0; k < seg->rows; ++k)
        moving += !seg->still[k];
    seg->complete = interpolates(seg, problem, moving);
    seg->none_at_rest = moving == seg->rows;
    hold_multipliers(seg, problem, pattern, ws);
    return RF_OK;
}
