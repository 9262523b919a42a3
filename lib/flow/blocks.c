/* blocks: the triangle of a tall matrix, block by block; see blocks.h.
 * SPDX-License-Identifier: MIT */
#include "flow/blocks.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/segment.h"

/* Reflections that are applied together, and rows of a block. */
enum { PANEL = 24, ROWS = 512 };

/* Elements of X from which the matrices of that size are not stored. */
#define MANY_ELEMENTS ((int64_t)1 << 22)

int rfi_blocks_pay(const rfi_problem *problem)
{
    return problem->neurons == 1 && problem->data->n >= problem->data->d
           && (problem->data->in_blocks || problem->data->n * problem->data->d >= MANY_ELEMENTS);
}

int rfi_blocks_create(rfi_blocks *b, const rfi_problem *problem)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t d = problem->data->d;
    memset(b, 0, sizeof(*b));
    b->product = rfi_tile_choose();
    b->columns = d + 2;
    b->ld = rfi_padded(d + 2);
    b->rows = ROWS;
    b->R = rfi_alloc(a, b->ld * b->ld, sizeof(double));
    b->T = rfi_alloc(a, 4 * PANEL * PANEL + 2 * PANEL * b->ld, sizeof(double));
    if (b->R == NULL || b->T == NULL) {
        rfi_blocks_free(b, a);
        return -1;
    }
    return 0;
}

void rfi_blocks_free(rfi_blocks *b, const rf_allocator *a)
{
    rfi_free(a, b->R);
    rfi_free(a, b->T);
    memset(b, 0, sizeof(*b));
}

void rfi_blocks_clear(rfi_blocks *b)
{
    memset(b->R, 0, (size_t)(b->ld * b->ld) * sizeof(double));
}

static void multiply(const rfi_blocks *b, int64_t m, int64_t n, int64_t k, const double *A, int64_t row,
                     int64_t step, const double *B, int64_t ldb, double *C, int64_t ldc, int how)
{
    const rfi_product product = {m, n, k, A, row, step, B, ldb, C, ldc, how, NULL, 0, NULL};
    rfi_tile_run(b->product, &product, b->team);
}

/* The reflection that clears column j of the block, and the columns up to `last` after it.  It is I - tau v v^T, v = 1
 * at row j of R and the column of B below. */
static double reflect(rfi_blocks *b, int64_t count, int64_t j, int64_t first, int64_t wide, double *w)
{
    const int64_t ld = b->ld;
    double *r = b->R + j * ld + first, *column = b->B + j, norm = 0.0, alpha = b->R[j * ld + j], tau;
    int64_t i, k;
    for (i = 0; i < count; ++i)
        norm += column[i * ld] * column[i * ld];
    if (norm == 0.0)
        return 0.0;
    norm = copysign(sqrt(alpha * alpha + norm), -alpha);
    tau = (norm - alpha) / norm;
    for (i = 0; i < count; ++i)
        column[i * ld] /= alpha - norm;
    multiply(b, 1, wide, count, column, 0, ld, b->B + first, ld, w, wide, RFI_TILE_SET);
    for (k = 0; k < wide; ++k) {
        w[k] = k + first > j ? tau * (w[k] + r[k]) : 0.0;
        r[k] -= w[k];
    }
    b->R[j * ld + j] = norm;
    multiply(b, count, wide, 1, column, ld, 0, w, wide, b->B + first, ld, RFI_TILE_SUBTRACT);
    return tau;
}

/* The triangle T of I - V T V^T, the product of the reflections of a panel. */
static void gather(rfi_blocks *b, int64_t count, int64_t first, int64_t wide, const double *tau)
{
    double *T = b->T, *S = T + PANEL * PANEL;
    int64_t i, j, k;
    multiply(b, wide, wide, count, b->B + first, 1, b->ld, b->B + first, b->ld, S, wide, RFI_TILE_SET);
    memset(T, 0, (size_t)(wide * wide) * sizeof(double));
    for (j = 0; j < wide; ++j) {
        T[j * wide + j] = tau[j];
        for (i = 0; i < j; ++i) {
            double sum = 0.0;
            for (k = i; k < j; ++k)
                sum += T[i * wide + k] * S[k * wide + j];
            T[i * wide + j] = -tau[j] * sum;
        }
    }
}

void rfi_blocks_add(rfi_blocks *b, int64_t count)
{
    const int64_t ld = b->ld;
    double tau[PANEL], *w = b->T + 2 * PANEL * PANEL;
    double *V = b->T + 4 * PANEL * PANEL, *W = V + PANEL * ld;
    int64_t first, wide, j, k;
    for (first = 0; first < ld && count > 0; first += wide) {
        const int64_t next = rfi_smaller(first + PANEL, ld), rest = ld - next;
        wide = next - first;
        for (j = 0; j < wide; ++j)
            tau[j] = reflect(b, count, first + j, first, wide, w);
        if (rest == 0)
            return;
        gather(b, count, first, wide, tau);
        /* V^T times what is to the right, T^T times that, and V times that. */
        multiply(b, wide, rest, count, b->B + first, 1, ld, b->B + next, ld, V, ld, RFI_TILE_SET);
        for (j = 0; j < wide; ++j)
            for (k = 0; k < rest; ++k)
                V[j * ld + k] += b->R[(first + j) * ld + next + k];
        multiply(b, wide, rest, wide, b->T, 1, wide, V, ld, W, ld, RFI_TILE_SET);
        for (j = 0; j < wide; ++j)
            for (k = 0; k < rest; ++k)
                b->R[(first + j) * ld + next + k] -= W[j * ld + k];
        multiply(b, count, rest, wide, b->B + first, ld, 1, W, ld, b->B + next, ld, RFI_TILE_SUBTRACT);
    }
}
