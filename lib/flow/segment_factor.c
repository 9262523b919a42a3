/* segment_factor: the modes of one neuron of many data, without the left singular vectors: rows are folded
 * into a triangular factor R block by block, with sqrt(c) r and sqrt(c) y beside them, and its rows are made
 * orthogonal by rotations, J^T R = S Q^T.  What follows needs of U = (orthogonal) J only its products with
 * residuals, labels and normal parts, and these turn along (docs/mathematics.md 1).
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/blas.h"
#include "base/jacobi.h"
#include "base/num.h"
#include "flow/segment_steps.h"

/* Rows that are folded at a time: a column of them fits into the registers. */
enum { BLOCK = 64 };

/* Elements of X from which on U is not formed: below, it costs little, and tells the margins of
 * ill-conditioned data to more digits.  A build may set it, to test small problems so. */
#ifndef RFI_FACTOR_FROM
#define RFI_FACTOR_FROM 4096
#endif

/* Dimensions up to which the rotations cost no more than what LAPACK does with U.  Measured: as much at 300, twice as
 * much at 700 x 600 and 1100 x 1000; where there are fewer data than dimensions R is no smaller, and at 200 x 2000 they
 * cost a hundred times as much. */
enum { MOST_DIMENSIONS = 256 };

/* The columns that turn along. */
enum { RESIDUALS = 0, LABELS = 1, NORMALS = 2 };

static double *on_a_cache_line(double *block)
{
    return (double *)(((uintptr_t)block + 63) & ~(uintptr_t)63);
}

int rfi_factor_create(rfi_factor *factor, const rfi_problem *problem)
{
    const int64_t d = problem->data->d, most = rfi_padded(d) + rfi_padded(d + NORMALS);
    const int64_t block = rfi_larger(BLOCK, rfi_padded(d)) * (d + NORMALS);
    memset(factor, 0, sizeof(*factor));
    factor->from = RFI_FACTOR_FROM;
    if (problem->neurons > 1 || problem->data->n < d || d > MOST_DIMENSIONS)
        return 0;
    factor->memory = rfi_alloc(&problem->data->allocator, 2 * d * most + block + d * (d + 3) + 8,
                               sizeof(double));
    if (factor->memory == NULL)
        return -1;
    factor->R = on_a_cache_line(factor->memory);
    factor->W = factor->R + d * most;
    factor->B = factor->W + d * most;
    factor->square = factor->B + block;
    factor->force = factor->square + d;
    factor->spare = factor->force + d;
    factor->normal = factor->spare + d;
    return 0;
}

void rfi_factor_free(rfi_factor *factor, const rf_allocator *allocator)
{
    rfi_free(allocator, factor->memory);
    rfi_tree_free(&factor->tree, allocator);
    memset(factor, 0, sizeof(*factor));
}

int rfi_factor_serves(const rfi_factor *factor, const rfi_problem *problem,
                      const rfi_pattern *pattern)
{
    int64_t g;
    if (factor->memory == NULL || problem->activation == RF_LINEAR
        || problem->data->n * problem->data->d < factor->from)
        return 0;
    for (g = 0; g < pattern->lines; ++g)
        if (rfi_held(pattern->side[g]) && pattern->side[g] != RFI_SLIDE)
            return 0;
    return 1;
}

/* The power of two near the largest row: singular values are formed in units of it. */
static double unit_of(const rfi_segment *seg, const rfi_data *data)
{
    double most = 0.0;
    int64_t k;
    for (k = 0; k < seg->rows; ++k) {
        const double size = fabs(seg->root[k]) * data->norm[seg->row[k]] * seg->height[k];
        most = size > most ? size : most;
    }
    return rfi_unit_of(most);
}

/* R of all rows, with residuals and labels, in rows of ld. */
static void fold_rows(const rfi_segment *seg, const rfi_problem *problem, double unit, int64_t ld,
                      rfi_factor *factor)
{
    const rfi_data *data = problem->data;
    const int64_t d = seg->d, right = rfi_padded(d);
    const int64_t block = rfi_smaller(BLOCK, rfi_padded(seg->rows));
    int64_t first, k, l;
    memset(factor->R, 0, (size_t)(d * ld) * sizeof(double));
    for (first = 0; first < seg->rows; first += block) {
        const int64_t count = rfi_smaller(block, seg->rows - first);
        if (count < block)
            memset(factor->B, 0, (size_t)(block * (d + NORMALS)) * sizeof(double));
        for (k = 0; k < count; ++k) {
            const int64_t i = seg->row[first + k];
            const rfi_view x = rfi_row(data, i);
            const double root = seg->root[first + k] * seg->height[first + k] / unit;
            for (l = 0; l < d; ++l)
                factor->B[l * block + k] = root * rfi_view_at(x, l);
            factor->B[(d + RESIDUALS) * block + k] = seg->residual[first + k];
            factor->B[(d + LABELS) * block + k] = sqrt(problem->c[i]) * data->y[i];
        }
        data->turns->fold(d, ld, right, NORMALS, block, factor->R, factor->B);
    }
}

/* W from R: the factor of the tangent parts, with residuals, labels and normal parts, in rows of ld. */
static int fold_tangents(const rfi_segment *seg, const rfi_problem *problem, int64_t ld_R,
                         int64_t ld, rfi_factor *factor, rfi_workspace *ws)
{
    const int64_t d = seg->d, S = seg->held[0], size = d - S, block = rfi_padded(d);
    const int64_t from = rfi_padded(d), right = rfi_padded(size);
    int64_t k, l;
    if (rfi_qr_apply(1, d, d, S, seg->QR, d, seg->tau, factor->R, ld_R, ws->work, ws->work_size)
        != 0)
        return -1;
    memset(factor->W, 0, (size_t)(d * ld) * sizeof(double));
    memset(factor->B, 0, (size_t)(block * (d + NORMALS)) * sizeof(double));
    for (k = 0; k < d; ++k) {
        const double *row = factor->R + k * ld_R;
        for (l = 0; l < size; ++l)
            factor->B[l * block + k] = row[S + l];
        for (l = 0; l < NORMALS; ++l)
            factor->B[(size + l) * block + k] = row[from + l];
        for (l = 0; l < S; ++l)
            factor->B[(size + NORMALS + l) * block + k] = row[l];
    }
    problem->data->turns->fold(size, ld, right, NORMALS + S, block, factor->W, factor->B);
    return 0;
}

/* The largest row that is left, or -1. */
static int64_t take_largest(int64_t rows, double *square)
{
    int64_t k, at = 0;
    for (k = 1; k < rows; ++k)
        if (square[k] > square[at])
            at = k;
    square[at] = -1.0;
    return at;
}

/* s, Q along the tangent coordinates, and the products with u_j, from the rows of W, largest first. */
static void read_modes(rfi_segment *seg, double unit, double cut, int64_t ld, rfi_factor *factor,
                       const double *W)
{
    const int64_t S = seg->held[0], size = seg->d - S, right = rfi_padded(size);
    int64_t j, k;
    for (j = 0; j < size; ++j)
        factor->square[j] = rfi_norm(W + j * ld, size);
    for (k = 0; k < size; ++k) {
        const int64_t at = take_largest(size, factor->square);
        const double *w = W + at * ld, s = rfi_norm(w, size);
        double *q = seg->Q + seg->modes * seg->D + S;
        if (rfi_segment_loses(seg, s * unit, cut))
            seg->lost = fabs(w[right + RESIDUALS]);
        if (!(s * unit > cut) || seg->modes == seg->most)
            return;
        for (j = 0; j < size; ++j)
            q[j] = w[j] / s;
        seg->s[seg->modes] = s * unit;
        seg->pull[seg->modes] = w[right + RESIDUALS];
        seg->label[seg->modes] = w[right + LABELS];
        for (j = 0; j < S; ++j)
            factor->normal[seg->modes * S + j] = w[right + NORMALS + j] * unit;
        seg->mode_part[seg->modes++] = 0;
    }
}

int rfi_segment_factor(rfi_segment *seg, const rfi_problem *problem, rfi_workspace *ws)
{
    rfi_factor *factor = &ws->factor;
    const rfi_turns *turns = problem->data->turns;
    const int64_t d = seg->d, S = seg->held[0], size = d - S;
    const int64_t ld_R = rfi_padded(d) + rfi_padded(NORMALS);
    const int64_t ld = S == 0 ? ld_R : rfi_padded(size) + rfi_padded(NORMALS + S);
    double *W = S == 0 ? factor->R : factor->W, cut = 0.0, unit = unit_of(seg, problem->data);
    const int by_tree = S == 0 && factor->follows && rfi_tree_serves(&factor->tree, problem, unit);
    int64_t k;
    seg->modes = 0;
    if (seg->rows == 0 || size == 0)
        return 0;
    if (by_tree) {
        unit = factor->tree.unit;
        rfi_tree_fold(&factor->tree, seg, problem, W);
    } else {
        fold_rows(seg, problem, unit, ld_R, factor);
    }
    if (S > 0 && fold_tangents(seg, problem, ld_R, ld, factor, ws) != 0)
        return -1;
    if (rfi_first_not_finite(W, size * ld) >= 0
        || rfi_jacobi_rows(turns, size, rfi_padded(size), ld, W, factor->square) != 0)
        return -1;
    for (k = 0; k < size; ++k)
        cut = fmax(cut, sqrt(factor->square[k]) * unit);
    for (k = 0; k < seg->rows && S > 0; ++k) /* rounding of a projection of whole rows */
        cut = fmax(cut, fabs(seg->root[k]) * problem->data->norm[seg->row[k]] * seg->height[k]);
    cut *= (double)rfi_larger(seg->rows, d) * RFI_EPS;
    read_modes(seg, unit, cut, ld, factor, W);
    for (k = 0; k < seg->modes && by_tree; ++k)
        rfi_tree_turn(&factor->tree, problem->data, seg->Q + k * seg->D);
    return 0;
}

int rfi_labels_agree(const rfi_segment *seg, const rfi_problem *problem, double *g)
{
    double rows = 0.0, way = 0.0, size = 0.0, worst = 0.0;
    int64_t k, j;
    memset(g, 0, (size_t)seg->d * sizeof(double));
    for (j = 0; j < seg->modes; ++j) {
        rfi_axpy(seg->label[j] / seg->s[j], seg->Q + j * seg->D, g, seg->d);
        way = hypot(way, seg->label[j] / seg->s[j]);
    }
    for (k = 0; k < seg->rows; ++k) {
        const double label = sqrt(problem->c[seg->row[k]]) * problem->data->y[seg->row[k]];
        if (seg->still[k])
            continue;
        size = hypot(size, label);
        rows = hypot(rows, seg->root[k] * problem->data->norm[seg->row[k]] * seg->height[k]);
        worst = rfi_more(fabs(label
                              - seg->root[k] * problem->a[0]
                                    * rfi_view_dot(rfi_row(problem->data, seg->row[k]), g, seg->d)),
                         worst);
    }
    return worst <= RFI_LABELS_DIFFER * hypot(size, rows * way);
}

/* Delta w = w(infinity) - w(0) leaves residuals of the size of rounding. */
int rfi_factor_interpolates(const rfi_segment *seg, const rfi_problem *problem, rfi_factor *factor)
{
    const double norm = rfi_norm(seg->residual, seg->rows), met = rfi_norm(seg->pull, seg->modes);
    const double unit = unit_of(seg, problem->data);
    double floor = 0.0;
    int64_t k, j;
    if (seg->rows == 0 || seg->modes == seg->rows)
        return seg->rows > 0;
    for (k = 0; k < seg->rows; ++k) {
        const double size =
            seg->root[k] * problem->data->norm[seg->row[k]] * seg->height[k] / unit;
        floor += size * size;
    }
    floor = sqrt(floor) * unit * (seg->w_size + seg->reach);
    floor = 8.0 * RFI_EPS * hypot(seg->residual_size, floor);
    /* The differences of all rows together: above that one of them is. */
    if (norm * norm - met * met > 1e-8 * norm * norm
        && norm * norm - met * met > 4.0 * floor * floor * (double)seg->rows)
        return 0;
    memset(factor->spare, 0, (size_t)seg->d * sizeof(double));
    for (j = 0; j < seg->modes; ++j)
        rfi_axpy(seg->shift[j], seg->Q + j * seg->D, factor->spare, seg->d);
    for (k = 0; k < seg->rows; ++k) {
        const double change =
            seg->root[k] * problem->a[0]
            * rfi_view_dot(rfi_row(problem->data, seg->row[k]), factor->spare, seg->d);
        if (fabs(seg->residual[k] + change) > floor)
            return 0;
    }
    return rfi_labels_agree(seg, problem, factor->spare);
}

int rfi_factor_settles(const rfi_segment *seg, const rfi_problem *problem, int64_t k,
                       const double *u)
{
    const rfi_data *data = problem->data;
    double known = 1.0, left = 0.0;
    int64_t i, j;
    memset(seg->spare, 0, (size_t)seg->d * sizeof(double));
    for (j = 0; j < seg->modes; ++j) {
        known += fabs(u[j]) * (seg->s[0] / seg->s[j]);
        rfi_axpy(u[j] / seg->s[j], seg->Q + j * seg->D, seg->spare, seg->d);
    }
    for (i = 0; i < seg->rows; ++i)
        left = hypot(left, seg->root[i] * problem->a[0]
                                   * rfi_view_dot(rfi_row(data, seg->row[i]), seg->spare, seg->d)
                               - (i == k));
    return left <= 64.0 * RFI_EPS * known;
}

double *rfi_factor_force(const rfi_segment *seg, const rfi_problem *problem, const rfi_workspace *ws)
{
    double *force = ws->factor.force;
    int64_t k;
    memset(force, 0, (size_t)seg->d * sizeof(double));
    for (k = 0; k < seg->rows; ++k)
        rfi_view_axpy(-seg->residual[k] * seg->root[k] * seg->height[k],
                      rfi_row(problem->data, seg->row[k]), force, seg->d);
    return rfi_qr_apply(1, seg->d, 1, seg->held[0], seg->QR, seg->d, seg->tau, force, seg->d,
                        ws->work, ws->work_size)
                   == 0
               ? force
               : NULL;
}
