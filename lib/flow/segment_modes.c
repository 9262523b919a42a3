/* segment_modes: the singular vectors, and the motion along them.
 * SPDX-License-Identifier: MIT */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/blas.h"
#include "base/jacobi.h"
#include "base/num.h"
#include "flow/segment_steps.h"

/* rfi_svd, or where that has more set-up than arithmetic rotations; ws->work has room for both. */
static int svd(const rfi_problem *problem, int64_t m, int64_t n, double *A, int64_t ld, double *s,
               double *U, int64_t ldu, double *Vt, int64_t ldvt, rfi_workspace *ws)
{
    if (rfi_jacobi_suits(m, n))
        return rfi_jacobi_svd(problem->data->turns, m, n, A, ld, s, U, ldu, Vt, ldvt, ws->work);
    return rfi_svd(m, n, A, ld, s, U, ldu, Vt, ldvt, ws->work, ws->work_size, ws->integers);
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

/* Marks with `part` what hangs together with neuron j: its data, the neurons that share them, and so on.
 * The neurons still to be looked at wait in list. */
static void join(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                 int64_t j, int64_t part, int64_t *list)
{
    int64_t waiting = 0, k, l;
    list[waiting++] = j;
    seg->part_of[j] = part;
    while (waiting > 0) {
        j = list[--waiting];
        for (k = 0; k < seg->rows; ++k) {
            if (seg->row_part[k] >= 0
                || rfi_pattern_slope(problem, pattern, j * seg->n + seg->row[k]) == 0.0)
                continue;
            seg->row_part[k] = part;
            for (l = 0; l < seg->neurons; ++l)
                if (seg->part_of[l] < 0
                    && rfi_pattern_slope(problem, pattern, l * seg->n + seg->row[k]) != 0.0) {
                    seg->part_of[l] = part;
                    list[waiting++] = l;
                }
        }
    }
}

/* Numbers the parts of the network that do not act on each other: neurons without a common datum. */
static int64_t find_parts(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern)
{
    int64_t j, k, parts = 0;
    for (j = 0; j < seg->neurons; ++j)
        seg->part_of[j] = -1;
    for (k = 0; k < seg->rows; ++k)
        seg->row_part[k] = seg->neurons > 1 ? -1 : 0;
    if (seg->neurons == 1)
        return 1;
    for (k = 0; k < seg->rows; ++k)
        for (j = 0; j < seg->neurons && seg->row_part[k] < 0; ++j)
            if (rfi_pattern_slope(problem, pattern, j * seg->n + seg->row[k]) != 0.0)
                join(seg, problem, pattern, j, parts++, seg->list);
    return parts;
}

/* s_j above this are not 0: max(rows, D) eps s_max of the part; a projection onto the free directions
 * leaves rounding of the size of the whole rows. */
static double cut_of(const rfi_segment *seg, const rfi_problem *problem, int64_t part, double most)
{
    int64_t k;
    for (k = 0; k < seg->rows && seg->held_normal > 0; ++k)
        if (seg->row_part[k] == part)
            most = fmax(most, seg->root[k] * problem->data->norm[seg->row[k]] * seg->height[k]);
    return most * ((double)rfi_larger(seg->rows, seg->D) * RFI_EPS);
}

/* 1 if no active datum acts along a coordinate of the matrix: there every q_j is 0, and not the rounding
 * of the SVD, which would carry a margin of exactly 0 off its kink. */
static int idle_column(const rfi_segment *seg, const rfi_workspace *ws, int64_t part,
                       int64_t column)
{
    int64_t k;
    for (k = 0; k < seg->rows; ++k)
        if (seg->row_part[k] == part && ws->matrix[k * seg->D + column] != 0.0)
            return 0;
    return 1;
}

/* |u . sqrt(c) r|, u a column of U. */
static double pull_along(const rfi_segment *seg, const double *u)
{
    double sum = 0.0;
    int64_t k;
    for (k = 0; k < seg->rows; ++k)
        sum += seg->residual[k] * u[k * seg->most];
    return fabs(sum);
}

/* SVD of all tangent parts at once.  The matrix is stored row by row: as a column-major matrix it is the
 * transpose, so that Q comes out as its left singular vectors and U, row by row, as the right ones. */
static int decompose_whole(rfi_segment *seg, const rfi_problem *problem, int64_t size,
                           rfi_workspace *ws)
{
    const int64_t k = rfi_smaller(size, seg->rows);
    int64_t idle = 0, l, j;
    double cut;
    for (l = seg->held_normal; l < seg->held_normal + size; ++l)
        if (idle_column(seg, ws, 0, l))
            seg->list[idle++] = l;
    if (svd(problem, size, seg->rows, ws->matrix + seg->held_normal, seg->D, seg->s,
            seg->Q + seg->held_normal, seg->D, seg->U, seg->most, ws)
        != 0)
        return -1;
    cut = cut_of(seg, problem, 0, seg->s[0]);
    while (seg->modes < k && seg->s[seg->modes] > cut)
        seg->mode_part[seg->modes++] = 0;
    if (seg->modes < k && rfi_segment_loses(seg, seg->s[seg->modes], cut))
        seg->lost = pull_along(seg, seg->U + seg->modes);
    for (l = 0; l < idle; ++l)
        for (j = 0; j < seg->modes; ++j)
            seg->Q[j * seg->D + seg->list[l]] = 0.0;
    return 0;
}

/* The tangent coordinates of a part along which its data act, into list; returns their number. */
static int64_t columns_of(const rfi_segment *seg, const rfi_workspace *ws, int64_t part,
                          int64_t *list)
{
    int64_t j, k, count = 0;
    for (j = 0; j < seg->neurons; ++j)
        for (k = 0; k < seg->size[j] && seg->lead[j] == j && seg->part_of[j] == part; ++k)
            if (!idle_column(seg, ws, part, seg->tangent[j] + k))
                list[count++] = seg->tangent[j] + k;
    return count;
}

/* Puts a mode into its place among those that are there, by descending s. */
static void insert_mode(rfi_segment *seg, double s, int64_t part)
{
    const size_t row = (size_t)seg->D * sizeof(double);
    int64_t at = seg->modes++, k;
    for (; at > 0 && seg->s[at - 1] < s; --at) {
        seg->s[at] = seg->s[at - 1];
        seg->mode_part[at] = seg->mode_part[at - 1];
        memcpy(seg->Q + at * seg->D, seg->Q + (at - 1) * seg->D, row);
        for (k = 0; k < seg->rows; ++k)
            seg->U[k * seg->most + at] = seg->U[k * seg->most + at - 1];
    }
    seg->s[at] = s;
    seg->mode_part[at] = part;
    memset(seg->Q + at * seg->D, 0, row);
    for (k = 0; k < seg->rows; ++k)
        seg->U[k * seg->most + at] = 0.0;
    seg->place = at;
}

/* SVD of one part of several, whose modes are exactly 0 on the others. */
static int decompose_part(rfi_segment *seg, const rfi_problem *problem, int64_t part,
                          rfi_workspace *ws)
{
    int64_t *column = seg->list, columns = columns_of(seg, ws, part, column), rows = 0, k, l, j,
            most;
    double cut;
    for (k = 0; k < seg->rows; ++k)
        if (seg->row_part[k] == part) {
            for (l = 0; l < columns; ++l)
                ws->part[rows * columns + l] = ws->matrix[k * seg->D + column[l]];
            ++rows;
        }
    if ((most = rfi_smaller(rows, columns)) == 0)
        return 0;
    if (svd(problem, columns, rows, ws->part, columns, ws->vector, ws->left, columns, ws->right,
            most, ws)
        != 0)
        return -1;
    cut = cut_of(seg, problem, part, ws->vector[0]);
    for (j = 0; j < most && ws->vector[j] > cut; ++j) {
        insert_mode(seg, ws->vector[j], part);
        for (l = 0; l < columns; ++l)
            seg->Q[seg->place * seg->D + column[l]] = ws->left[j * columns + l];
        for (k = 0, rows = 0; k < seg->rows; ++k)
            if (seg->row_part[k] == part)
                seg->U[k * seg->most + seg->place] = ws->right[rows++ * most + j];
    }
    return 0;
}

/* What of a singular vector is rounding: a datum that has no part in a mode, because its row is orthogonal to
 * what moves say, would come into it all the same, and late in the flow a slow mode outlives all others. */
static void clean_left(rfi_segment *seg)
{
    int64_t k, j;
    for (k = 0; k < seg->rows; ++k)
        for (j = 0; j < seg->modes; ++j)
            if (fabs(seg->U[k * seg->most + j]) <= 4.0 * RFI_EPS)
                seg->U[k * seg->most + j] = 0.0;
}

int rfi_segment_decompose(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                          rfi_workspace *ws)
{
    int64_t j, size = 0, part;
    int failed = 0;
    for (j = 0; j < seg->neurons; ++j)
        size += seg->size[j];
    seg->parts = find_parts(seg, problem, pattern);
    seg->modes = 0;
    seg->lost = 0.0;
    if (rfi_smaller(size, seg->rows) == 0)
        return 0;
    if (seg->lean)
        failed = rfi_segment_factor(seg, problem, ws) != 0;
    else if (seg->parts == 1)
        failed = decompose_whole(seg, problem, size, ws) != 0;
    for (part = 0; part < seg->parts && seg->parts > 1 && !failed; ++part)
        failed = decompose_part(seg, problem, part, ws) != 0;
    for (j = 0; j < seg->modes && !failed; ++j) {
        seg->rate[j] = seg->s[j] * seg->s[j];
        failed = !(seg->rate[j] > 0.0) || isinf(seg->rate[j]);
    }
    if (failed)
        return -1;
    if (seg->neurons > 1 && !seg->lean)
        clean_left(seg);
    return spread_modes(seg, ws);
}

/* w is far out where its rounding makes so many times that of residuals and labels in the pulls. */
#define FAR 16.0

/* size: |sqrt(c) sigma' x| of every row, by which the rounding of w comes into its residual.  Returns the norm of
 * all. */
static double row_sizes(const rfi_segment *seg, const rfi_data *data, double *size)
{
    int64_t k;
    for (k = 0; k < seg->rows; ++k)
        size[k] =
            seg->still[k] ? 0.0 : fabs(seg->root[k]) * data->norm[seg->row[k]] * seg->height[k];
    return rfi_norm(size, seg->rows);
}

/* The same along u_j: the square root of sum_k (u_kj size_k)^2. */
static double size_along(const rfi_segment *seg, const rfi_problem *problem, const double *size,
                         int64_t j)
{
    double sum = 0.0;
    int64_t k;
    for (k = 0; k < seg->rows; ++k) {
        const double u = seg->lean ? seg->root[k] * problem->a[0] / seg->s[j]
                                         * rfi_view_dot(rfi_row(problem->data, seg->row[k]),
                                                        seg->Q + j * seg->D, seg->d)
                                   : seg->U[k * seg->most + j];
        sum = hypot(sum, u * size[k]);
    }
    return sum;
}

/* pull_j = u_j . sqrt(c) r and shift_j = -pull_j / s_j.  A pull below the rounding of the residuals
 * it is made of is none: then nothing is left to move along q_j (docs/mathematics.md 2).  Where w has gone far its own
 * rounding is most of that. */
static void project_residuals(rfi_segment *seg, const rfi_problem *problem, double *size)
{
    double noise, far, most;
    int64_t k, j;
    for (k = 0; k < seg->rows; ++k) {
        const int64_t i = seg->row[k];
        size[k] = fabs(seg->residual[k]) + 2.0 * sqrt(problem->c[i]) * fabs(problem->data->y[i])
                  + seg->terms[k];
    }
    seg->residual_size = rfi_norm(size, seg->rows);
    noise = RFI_EPS * seg->residual_size;
    for (j = 0; j < seg->modes && !seg->lean; ++j)
        seg->pull[j] = 0.0;
    for (k = 0; k < seg->rows && !seg->lean; ++k)
        rfi_axpy(seg->residual[k], seg->U + k * seg->most, seg->pull, seg->modes);
    far = 4.0 * RFI_EPS * seg->w_size;
    most = far * row_sizes(seg, problem->data, size);
    seg->far = seg->t0 > 0.0 && most > FAR * noise;
    for (j = 0; j < seg->modes; ++j) {
        const double pull = seg->pull[j];
        seg->error[j] = noise;
        if (seg->far && fabs(pull) < most)
            seg->error[j] = fmax(noise, far * size_along(seg, problem, size, j));
        if (fabs(pull) <= seg->error[j])
            seg->pull[j] = 0.0;
        seg->cut[j] = seg->far ? pull - seg->pull[j] : 0.0;
        seg->shift[j] = -seg->pull[j] / seg->s[j];
    }
    seg->reach = rfi_norm(seg->shift, seg->modes);
}

/* A line that has just left its slide has x . v = 0 by definition.  On ill-conditioned data the rounding of
 * the pulls, s_j eps |residual| in v_j, hides that, and x . Hv with it: it is taken out of the v_j in
 * proportion to the squares of their errors.  Where w is far out those that were cut take part only if the errors of
 * the others do not account for it: a fast mode that rounding moves would turn the line back.  Returns 1 if that was
 * done. */
static int release(rfi_segment *seg, const rfi_problem *problem, int64_t line, int all,
                   double *along)
{
    const int64_t at = line / seg->lines * seg->d;
    const rfi_view x = rfi_row(problem->data, problem->data->kinks.row[line % seg->lines]);
    double sum = 0.0, size = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j) {
        along[j] = rfi_view_dot(x, seg->Q + j * seg->D + at, seg->d);
        sum += along[j] * seg->s[j] * seg->pull[j];
        if (all || seg->pull[j] != 0.0)
            size = hypot(size, along[j] * seg->s[j] * seg->error[j]);
    }
    if (!(size > 0.0) || fabs(sum) > 16.0 * size)
        return 0;
    for (j = 0; j < seg->modes; ++j) {
        const double part = along[j] * seg->s[j] * seg->error[j] / size;
        const double change = sum / size * part * seg->error[j];
        if (!all && seg->pull[j] == 0.0)
            continue;
        seg->pull[j] -= change;
        seg->cut[j] += seg->far ? change : 0.0;
    }
    return 1;
}

/* Where w is far out, the errors of the pulls that were not cut, which nobody else asks for. */
static void far_errors(rfi_segment *seg, const rfi_problem *problem, double *size)
{
    const double far = 4.0 * RFI_EPS * seg->w_size;
    int64_t j;
    row_sizes(seg, problem->data, size);
    for (j = 0; j < seg->modes; ++j)
        if (seg->pull[j] != 0.0)
            seg->error[j] = fmax(RFI_EPS * seg->residual_size, far * size_along(seg, problem, size, j));
}

/* All lines that were released where the segment starts. */
void rfi_segment_release(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                         double *along)
{
    int64_t g, j, count = 0;
    for (g = 0; g < pattern->lines && problem->activation != RF_LINEAR; ++g)
        if (!rfi_held(pattern->side[g]) && pattern->stand[g] == RFI_RELEASED) {
            if (count == 0 && seg->far)
                far_errors(seg, problem, along);
            if (!seg->far || !release(seg, problem, g, 0, along))
                release(seg, problem, g, 1, along);
            ++count;
        }
    for (j = 0; j < seg->modes && count > 0; ++j)
        seg->shift[j] = -seg->pull[j] / seg->s[j];
    if (count > 0)
        seg->reach = rfi_norm(seg->shift, seg->modes);
}

/* level, aim and the choice between the two forms of w. */
static void aim_at_limit(rfi_segment *seg, const rfi_problem *problem, double *labels)
{
    int64_t k, j;
    seg->direct = seg->modes > 0 && seg->modes + seg->held_normal == seg->D;
    if (!seg->direct)
        return;
    for (j = 0; j < seg->modes; ++j) {
        seg->level[j] = rfi_dot(seg->Q + j * seg->D, seg->w0, seg->D);
        seg->aim[j] = seg->lean ? seg->label[j] : 0.0;
    }
    for (k = 0; k < seg->rows; ++k) {
        labels[k] = sqrt(problem->c[seg->row[k]]) * problem->data->y[seg->row[k]];
        if (!seg->lean)
            rfi_axpy(labels[k], seg->U + k * seg->most, seg->aim, seg->modes);
    }
    seg->label_size = rfi_norm(labels, seg->rows);
    for (j = 0; j < seg->modes; ++j)
        seg->aim[j] /= seg->s[j];
    seg->direct = rfi_norm(seg->level, seg->modes) > 2.0 * rfi_norm(seg->aim, seg->modes);
}

/* Where w has come from far away what is left of the residuals is its rounding, and tells nothing.  They tend to
 * -(I - U U^T) sqrt(c) y whatever w is: 0 if that certainly is not 0 in one neuron. */
static int labels_agree(const rfi_segment *seg, const rfi_problem *problem, double *label)
{
    double *b = label + seg->rows, rows = 0.0, way = 0.0, worst = 0.0;
    int64_t k, j;
    memset(b, 0, (size_t)seg->modes * sizeof(double));
    for (k = 0; k < seg->rows; ++k) {
        label[k] = seg->still[k] ? 0.0 : sqrt(problem->c[seg->row[k]]) * problem->data->y[seg->row[k]];
        rows = hypot(rows, seg->root[k] * problem->data->norm[seg->row[k]] * seg->height[k]);
        rfi_axpy(label[k], seg->U + k * seg->most, b, seg->modes);
    }
    for (j = 0; j < seg->modes; ++j)
        way = hypot(way, b[j] / seg->s[j]);
    for (k = 0; k < seg->rows; ++k)
        if (!seg->still[k])
            worst = rfi_more(fabs(label[k] - rfi_dot(seg->U + k * seg->most, b, seg->modes)), worst);
    return worst <= RFI_LABELS_DIFFER * hypot(rfi_norm(label, seg->rows), rows * way);
}

/* 1 if the residuals of the moving rows of a part vanish at infinity: because their rows are independent
 * along the tangent space, or because what the projection I - U U^T leaves of them is rounding.  size: scratch. */
static int interpolates(const rfi_segment *seg, const rfi_problem *problem, int64_t part, double *size)
{
    double floor, worst = 0.0;
    int64_t k, moving = 0, modes = 0;
    for (k = 0; k < seg->rows; ++k)
        moving += seg->row_part[k] == part && !seg->still[k];
    for (k = 0; k < seg->modes; ++k)
        modes += seg->mode_part[k] == part;
    if (moving == 0 || modes == moving)
        return moving > 0;
    for (k = 0; k < seg->rows; ++k)
        size[k] = seg->row_part[k] == part
                      ? seg->root[k] * problem->data->norm[seg->row[k]] * seg->height[k] * seg->w_size
                      : 0.0;
    floor = hypot(seg->residual_size, rfi_norm(size, seg->rows));
    for (k = 0; k < seg->rows; ++k) {
        const double left =
            seg->residual[k] - rfi_dot(seg->U + k * seg->most, seg->pull, seg->modes);
        if (seg->row_part[k] == part && !seg->still[k])
            worst = rfi_more(fabs(left), worst);
    }
    return worst <= 8.0 * RFI_EPS * floor && (seg->neurons > 1 || labels_agree(seg, problem, size));
}

/* 1 if the sum of the pulls of every line of a part that one neuron owns vanishes at infinity: rows of one
 * line count once, and where the lines are independent the sums vanish, though rows of one direction with
 * different labels keep residuals. */
static int balances(const rfi_segment *seg, const rfi_problem *problem, int64_t part)
{
    int64_t k, lines = 0, modes = 0;
    for (k = 0; k < seg->rows; ++k) {
        if (seg->row_part[k] != part)
            continue;
        if (seg->owner[k] < 0)
            return 0;
        lines += !seg->still[k]
                 && seg->row_of[seg->owner[k] * seg->lines + problem->data->kinks.line[seg->row[k]]]
                        == k;
    }
    for (k = 0; k < seg->modes; ++k)
        modes += seg->mode_part[k] == part;
    return modes == lines;
}

/* r(infinity) = (I - U U^T) r: the part of l across the range of U decides.  The direction u_j is known to
 * eps s_0/s_j. */
int rfi_segment_vanishes(const rfi_segment *seg, const double *l, double *b)
{
    double size = 0.0, known, left = 0.0;
    int64_t k, j;
    memset(b, 0, (size_t)seg->modes * sizeof(double));
    for (k = 0; k < seg->rows; ++k) {
        size = hypot(size, l[k]);
        if (l[k] != 0.0)
            rfi_axpy(l[k], seg->U + k * seg->most, b, seg->modes);
    }
    known = size;
    for (j = 0; j < seg->modes; ++j)
        known += fabs(b[j]) * (seg->s[0] / seg->s[j]);
    for (k = 0; k < seg->rows; ++k)
        left = hypot(left, l[k] - rfi_dot(seg->U + k * seg->most, b, seg->modes));
    return left <= 64.0 * RFI_EPS * known;
}

/* Rows whose residuals vanish though not those of all others of their part. */
static void find_done_rows(rfi_segment *seg, double *l)
{
    int64_t k;
    memset(l, 0, (size_t)seg->rows * sizeof(double));
    for (k = 0; k < seg->rows; ++k) {
        const double *u = seg->U + k * seg->most;
        if (seg->done[k] || seg->still[k] || rfi_dot(u, u, seg->modes) < 1.0 - 1e-6)
            continue;
        l[k] = 1.0;
        if (rfi_segment_vanishes(seg, l, l + seg->rows))
            seg->done[k] = seg->balanced[k] = 1;
        l[k] = 0.0;
    }
}

int rfi_segment_in_range(const rfi_segment *seg)
{
    double turn = 0.0, pull = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j) {
        const double size = fabs(seg->rate[j] * seg->s[j] * seg->pull[j]);
        if (!isfinite(seg->shift[j]) || !isfinite(size))
            return 0;
        turn = rfi_more(size, turn);
        pull = rfi_more(fabs(seg->pull[j]), pull);
    }
    return pull == 0.0 || turn >= DBL_MIN;
}

void rfi_segment_project(rfi_segment *seg, const rfi_problem *problem, const rfi_pattern *pattern,
                         rfi_workspace *ws)
{
    int64_t part, k;
    project_residuals(seg, problem, ws->vector);
    rfi_segment_release(seg, problem, pattern, ws->vector);
    aim_at_limit(seg, problem, ws->vector);
    for (part = 0; part < seg->parts; ++part) {
        const int done = seg->lean ? rfi_factor_interpolates(seg, problem, &ws->factor)
                                   : interpolates(seg, problem, part, ws->vector);
        const int balanced = done || balances(seg, problem, part);
        for (k = 0; k < seg->rows; ++k)
            if (seg->row_part[k] == part) {
                seg->done[k] = (uint8_t)done;
                seg->balanced[k] = (uint8_t)balanced;
            }
    }
    if (!seg->lean)
        find_done_rows(seg, ws->vector);
}
