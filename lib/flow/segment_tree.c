/* segment_tree: the triangle of the rows of one neuron where segments follow each other.  Data are cut into
 * leaves; each has the triangle of its rows, and each pair the triangle of its two.  Where a line has turned,
 * only its leaf and what lies above are folded again: what is kept is a function of the rows alone, so
 * that it does not matter which segments came before (docs/mathematics.md 6).
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/jacobi.h"
#include "base/num.h"
#include "flow/segment_steps.h"

/* Data of a leaf over d, at least: its triangle is the smaller part of its cost. */
enum { LEAF = 4 };

/* Singular values of all rows that are this much smaller than the largest have no vector to rely on. */
#define LEAST_SIZE 1e-10

/* Elements of a node. */
static int64_t node_size(const rfi_tree *tree)
{
    return tree->d * tree->ld;
}

int rfi_tree_reserve(rfi_tree *tree, const rfi_problem *problem)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t n = problem->data->n, d = problem->data->d;
    int64_t count, block;
    if (tree->memory != NULL)
        return 0;
    tree->d = d;
    tree->ld = rfi_padded(d) + RFI_LANES;
    tree->leaves = 1;
    while (n / (2 * tree->leaves) >= LEAF * d)
        tree->leaves *= 2;
    tree->data = (n + tree->leaves - 1) / tree->leaves;
    tree->known = 0;
    block = rfi_larger(rfi_padded(tree->data), rfi_padded(d)) * (d + 2);
    count = (2 * tree->leaves + 2) * node_size(tree) + block + tree->ld + 2 * n + RFI_LANES;
    tree->memory = rfi_alloc(a, count, sizeof(double));
    if (tree->memory == NULL)
        return -1;
    tree->R = rfi_aligned(tree->memory);
    tree->V = tree->R + 2 * tree->leaves * node_size(tree);
    tree->turned = tree->V + node_size(tree);
    tree->B = tree->turned + node_size(tree);
    tree->square = tree->B + block;
    tree->row = tree->square + tree->ld;
    tree->label = tree->row + n;
    return 0;
}

void rfi_tree_free(rfi_tree *tree, const rf_allocator *allocator)
{
    rfi_free(allocator, tree->memory);
    memset(tree, 0, sizeof(*tree));
}

/* Folds the data first .. last, each with its factor, into a triangle. */
static void fold_leaf(rfi_tree *tree, const rfi_problem *problem, int64_t first, int64_t last,
                      const double *factor, double *R)
{
    const rfi_data *data = problem->data;
    const int64_t d = tree->d;
    int64_t count = 0, block, i, k, l;
    for (i = first; i < last; ++i)
        count += factor[i - first] != 0.0;
    block = rfi_padded(count);
    memset(tree->B, 0, (size_t)(block * (d + 1)) * sizeof(double));
    for (i = first, k = 0; i < last; ++i) {
        const rfi_view x = rfi_row(data, i);
        if (factor[i - first] == 0.0)
            continue;
        for (l = 0; l < d; ++l)
            tree->B[l * block + k] = factor[i - first] * rfi_view_at(x, l);
        tree->B[d * block + k++] = sqrt(problem->c[i]) * data->y[i];
    }
    if (count > 0)
        data->turns->fold(d, tree->ld, tree->ld - RFI_LANES, 1, block, R, tree->B);
}

/* Folds the triangle of one node and its column into that of another. */
static void fold_node(rfi_tree *tree, const rfi_data *data, const double *from, double *R)
{
    const int64_t d = tree->d, block = rfi_padded(d), right = tree->ld - RFI_LANES;
    int64_t k, l;
    memset(tree->B, 0, (size_t)(block * (d + 1)) * sizeof(double));
    for (k = 0; k < d; ++k) {
        for (l = k; l < d; ++l)
            tree->B[l * block + k] = from[k * tree->ld + l];
        tree->B[d * block + k] = from[k * tree->ld + right];
    }
    data->turns->fold(d, tree->ld, right, 1, block, R, tree->B);
}

/* The vectors of all rows, each as it counts where its slope is 1: along them the triangle of a part of the
 * rows is nearly diagonal. */
static void find_vectors(rfi_tree *tree, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    const int64_t d = tree->d, ld = tree->ld, n = data->n;
    double *R = tree->R, most = 0.0, size;
    int64_t first, i, j, k;
    tree->known = -1;
    for (i = 0; i < n; ++i)
        most = fmax(most, (tree->row[i] = sqrt(problem->c[i]) * fabs(problem->a[0])) * data->norm[i]);
    tree->unit = rfi_unit_of(most);
    for (i = 0; i < n; ++i)
        tree->row[i] /= tree->unit;
    memset(R, 0, (size_t)node_size(tree) * sizeof(double));
    for (first = 0; first < n; first += tree->data)
        fold_leaf(tree, problem, first, rfi_smaller(n, first + tree->data), tree->row + first, R);
    if (!(most > 0.0) || rfi_first_not_finite(R, node_size(tree)) >= 0
        || rfi_jacobi_rows(data->turns, d, rfi_padded(d), ld, R, tree->square) != 0)
        return;
    for (k = 0, most = 0.0; k < d; ++k)
        most = fmax(most, rfi_norm(R + k * ld, d));
    for (k = 0; k < d; ++k) {
        for (i = 0, j = 0; i < d; ++i)
            j = tree->square[i] > tree->square[j] ? i : j;
        tree->square[j] = -1.0;
        size = rfi_norm(R + j * ld, d);
        if (!(size > LEAST_SIZE * most))
            return;
        for (i = 0; i < d; ++i)
            tree->V[k * ld + i] = tree->turned[i * ld + k] = R[j * ld + i] / size;
    }
    for (i = 0; i < n; ++i)
        tree->row[i] = -1.0; /* no factor: no leaf is known */
    tree->known = 1;
}

int rfi_tree_serves(rfi_tree *tree, const rfi_problem *problem, double unit)
{
    if (tree->known == 0)
        find_vectors(tree, problem);
    return tree->known > 0 && unit > ldexp(tree->unit, -24);
}

/* Notes the rows of a segment among the data first .. last; 1 if they are not those of before. */
static int note_rows(rfi_tree *tree, const rfi_segment *seg, const rfi_data *data, int64_t first,
                     int64_t last)
{
    int64_t i;
    int changed = 0;
    for (i = first; i < last; ++i) {
        const int64_t k = seg->row_at[i];
        const double row = k < 0 ? 0.0 : seg->root[k] * seg->height[k] / tree->unit;
        const double label = k < 0 ? 0.0 : data->y[i];
        changed |= row != tree->row[i] || label != tree->label[i];
        tree->row[i] = row;
        tree->label[i] = label;
    }
    return changed;
}

/* Brings a node up to the rows of a segment, with what lies below; 1 if it has changed. */
static int refresh(rfi_tree *tree, const rfi_segment *seg, const rfi_problem *problem, int64_t node)
{
    double *R = tree->R + node * node_size(tree);
    const double *left = tree->R + 2 * node * node_size(tree);
    int changed;
    if (node >= tree->leaves) {
        const int64_t n = seg->n, first = rfi_smaller(n, (node - tree->leaves) * tree->data);
        const int64_t last = rfi_smaller(n, first + tree->data);
        if (!note_rows(tree, seg, problem->data, first, last))
            return 0;
        memset(R, 0, (size_t)node_size(tree) * sizeof(double));
        fold_leaf(tree, problem, first, last, tree->row + first, R);
        return 1;
    }
    changed = refresh(tree, seg, problem, 2 * node);
    changed |= refresh(tree, seg, problem, 2 * node + 1);
    if (changed) {
        memcpy(R, left, (size_t)node_size(tree) * sizeof(double));
        fold_node(tree, problem->data, left + node_size(tree), R);
    }
    return changed;
}

/* The products of the residuals at t0 are those of M w0 and of the labels. */
void rfi_tree_fold(rfi_tree *tree, const rfi_segment *seg, const rfi_problem *problem, double *W)
{
    const rfi_data *data = problem->data;
    const int64_t d = tree->d, ld = tree->ld, right = ld - RFI_LANES, block = rfi_padded(d);
    const double *R = tree->R + node_size(tree);
    double *product = tree->square;
    int64_t k, l;
    refresh(tree, seg, problem, 1);
    memset(W, 0, (size_t)node_size(tree) * sizeof(double));
    memset(tree->B, 0, (size_t)(block * (d + 2)) * sizeof(double));
    for (k = 0; k < d; ++k) {
        const double label = R[k * ld + right], along = rfi_dot(R + k * ld + k, seg->w0 + k, d - k);
        data->dense->apply_scaled(d - k, ld, 1.0, tree->turned + k * ld, R + k * ld + k, product);
        for (l = 0; l < d; ++l)
            tree->B[l * block + k] = product[l];
        tree->B[d * block + k] = copysign(along * tree->unit, along * problem->a[0]) - label;
        tree->B[(d + 1) * block + k] = label;
    }
    data->turns->fold(d, ld, right, 2, block, W, tree->B);
}

void rfi_tree_turn(const rfi_tree *tree, const rfi_data *data, double *q)
{
    data->dense->apply_scaled(tree->d, tree->ld, 1.0, tree->V, q, tree->square);
    memcpy(q, tree->square, (size_t)tree->d * sizeof(double));
}
