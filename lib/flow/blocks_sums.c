/* blocks_sums: the triangle of the rows of a segment from H, which the chain has at hand; see blocks.h.
 *
 * H = M^T M for the rows M of a pattern without lines at rest, so that its Cholesky factor is the triangle, and the
 * columns beside it are R^{-T} times sums over the data.  That squares the condition: it is done where H is far from
 * singular and w near the limit, and counts if the gradient at the limit, formed from the data, is so small that
 * another step of Newton's method would move w by its rounding at most.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/blas.h"
#include "base/num.h"
#include "flow/segment_steps.h"

/* The largest ratio of two rates, and the way to the limit over |w|: an error of H by f |H| moves w on its way by
 * MOST_RATIO f of that way at most. */
#define MOST_RATIO 64.0
#define MOST_WAY (1.0 / 1024.0)

/* x = R^{-1} R^{-T} x; after the first half it is kept as a column of R, in units of the rows' scale. */
static void solve(rfi_blocks *b, int64_t d, double *x, int64_t column)
{
    int64_t k;
    for (k = 0; k < d; ++k) {
        x[k] /= b->R[k * b->ld + k];
        rfi_axpy(-x[k], b->R + k * b->ld + k + 1, x + k + 1, d - k - 1);
        b->R[k * b->ld + column] = b->scale * b->scale * x[k];
    }
    for (k = d; k-- > 0;)
        x[k] = (x[k] - rfi_dot(b->R + k * b->ld + k + 1, x + k + 1, d - k - 1)) / b->R[k * b->ld + k];
    for (k = 0; k < d; ++k)
        x[k] *= b->scale * b->scale;
}

/* Parts into which the sums over the rows are divided, where there is room for them. */
enum { PARTS = 8 };

typedef struct {
    const rfi_segment *seg;
    const rfi_problem *problem;
    const double *way;
    double *sums; /* of every part two vectors */
    int labels;
    int64_t parts;
} summing;

static void sum_some(void *context, int32_t member, int64_t index)
{
    const summing *of = context;
    const rfi_segment *seg = of->seg;
    const rfi_problem *problem = of->problem;
    double *sum = of->sums + 2 * index * seg->d, *of_labels = sum + seg->d;
    int64_t k;
    (void)member;
    memset(sum, 0, (size_t)(2 * seg->d) * sizeof(double));
    for (k = seg->rows * index / of->parts; k < seg->rows * (index + 1) / of->parts; ++k) {
        const rfi_view x = rfi_row(problem->data, seg->row[k]);
        const double root = seg->root[k] * seg->total[0];
        const double residual =
            of->way != NULL ? seg->residual[k] - root * rfi_view_dot(x, of->way, seg->d) : seg->residual[k];
        rfi_view_axpy(root * residual, x, sum, seg->d);
        if (of->labels) {
            const double label = sqrt(problem->c[seg->row[k]]) * problem->data->y[seg->row[k]];
            rfi_view_axpy(root * label, x, of_labels, seg->d);
        }
    }
}

/* The sum of the rows of M by their residuals where w is less by `way`, and that by their labels; NULL: none.  Of
 * scratch there are so many vectors. */
static void sum_rows(const rfi_segment *seg, const rfi_problem *problem, rfi_team *team, const double *way,
                     double *sum, double *of_labels, int64_t vectors, double *scratch)
{
    const int64_t d = seg->d, parts = rfi_larger(1, rfi_smaller(PARTS, vectors / 2));
    summing of = {seg, problem, way, scratch, of_labels != NULL, parts};
    int64_t k, p;
    rfi_team_run(team, 2 * seg->rows * d, parts, sum_some, &of);
    for (k = 0; k < d; ++k) {
        sum[k] = scratch[k];
        for (p = 1; p < parts; ++p)
            sum[k] += scratch[2 * p * d + k];
    }
    for (k = 0; k < d && of_labels != NULL; ++k) {
        of_labels[k] = scratch[d + k];
        for (p = 1; p < parts; ++p)
            of_labels[k] += scratch[(2 * p + 1) * d + k];
    }
}

/* 1 if the diagonal of R does not say that H is close to singular. */
static int is_far_from_singular(const rfi_blocks *b, int64_t d)
{
    double least = INFINITY, most = 0.0;
    int64_t k;
    for (k = 0; k < d; ++k) {
        least = fmin(least, b->R[k * b->ld + k]);
        most = fmax(most, b->R[k * b->ld + k]);
    }
    return most * most <= MOST_RATIO * least * least;
}

int rfi_blocks_from_sums(rfi_segment *seg, const rfi_problem *problem, rfi_workspace *ws)
{
    rfi_blocks *b = &ws->blocks;
    const int64_t d = seg->d;
    double *way = ws->vector, *sum = way + d, *of_labels = sum + d, *scratch = of_labels + d;
    const int64_t vectors = problem->data->n / d + 1; /* of ws->vector, but for these three */
    int64_t k, j;
    if (b->H == NULL || seg->held[0] > 0 || seg->rows < d)
        return -1;
    for (k = 0; k < seg->rows; ++k)
        if (seg->still[k])
            return -1;
    rfi_blocks_clear(b);
    for (k = 0; k < d; ++k)
        for (j = k; j < d; ++j)
            b->R[k * b->ld + j] = b->scale * b->scale * b->H[k * rfi_padded(d) + j];
    if (rfi_cholesky(d, b->R, b->ld) != 0 || !is_far_from_singular(b, d))
        return -1;
    sum_rows(seg, problem, b->team, NULL, way, of_labels, vectors, scratch);
    solve(b, d, way, d);
    if (!(rfi_norm(way, d) <= MOST_WAY * seg->w_size))
        return -1;
    sum_rows(seg, problem, b->team, way, sum, NULL, vectors, scratch);
    solve(b, d, sum, d + 1);
    if (!(rfi_norm(sum, d) <= 4.0 * RFI_EPS * seg->w_size))
        return -1;
    solve(b, d, of_labels, d + 1);
    seg->size[0] = d;
    seg->tangent[0] = 0;
    return rfi_first_not_finite(b->R, b->ld * b->ld) < 0 ? 0 : -1;
}

/* The columns of Q in the other order. */
static void reverse(int64_t d, double *Q)
{
    int64_t j, k;
    for (j = 0; j < d / 2; ++j)
        for (k = 0; k < d; ++k) {
            const double kept = Q[j * d + k];
            Q[j * d + k] = Q[(d - 1 - j) * d + k];
            Q[(d - 1 - j) * d + k] = kept;
        }
}

int rfi_blocks_modes_of_sums(rfi_segment *seg, rfi_workspace *ws)
{
    const rfi_blocks *b = &ws->blocks;
    const int64_t d = seg->d;
    int64_t j, k;
    for (k = 0; k < d; ++k)
        for (j = 0; j < d; ++j)
            seg->Q[k * d + j] = b->scale * b->scale * b->H[k * rfi_padded(d) + j];
    if (rfi_eigen(d, seg->Q, d, ws->line, ws->work, ws->work_size, ws->integers) != 0
        || !(ws->line[d - 1] <= MOST_RATIO * ws->line[0]))
        return -1;
    reverse(d, seg->Q);
    for (j = 0; j < d; ++j) {
        seg->s[j] = sqrt(ws->line[d - 1 - j]) / b->scale;
        seg->rate[j] = seg->s[j] * seg->s[j];
        seg->mode_part[j] = 0;
        if (!(seg->rate[j] > 0.0) || isinf(seg->rate[j]))
            return -1;
    }
    seg->modes = d;
    seg->parts = 1;
    seg->lost = 0.0;
    for (j = 0; j < d * d && seg->share[0] != 1.0; ++j)
        seg->Q[j] *= seg->share[0];
    return 0;
}
