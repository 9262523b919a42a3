/* kinks: grouping of parallel rows in O(n d + n log n).
 * SPDX-License-Identifier: MIT */
#include "model/kinks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

/* A row's direction seen along a fixed generic vector: parallel rows have nearly equal keys. */
typedef struct {
    double key;
    int64_t row;
} keyed_row;

static int compare_keys(const void *a, const void *b)
{
    const keyed_row *p = a, *q = b;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return p->row < q->row ? -1 : 1;
}

/* Sorts few rows by their keys. */
static void sort_few(keyed_row *rows, int64_t count)
{
    int64_t j, k;
    for (j = 1; j < count; ++j) {
        const keyed_row row = rows[j];
        for (k = j; k > 0 && compare_keys(&rows[k - 1], &row) > 0; --k)
            rows[k] = rows[k - 1];
        rows[k] = row;
    }
}

/* Sorts rows by their keys, finite and not negative: into as many parts as there are rows, then each part.  place:
 * count + 1 zeros; out: count. */
static void sort_rows(const keyed_row *rows, int64_t count, int64_t *place, keyed_row *out)
{
    enum { MANY = 12 };
    double most = 0.0, scale;
    int64_t k;
    for (k = 0; k < count; ++k)
        most = rfi_more(most, rows[k].key);
    scale = most > 1e-300 ? 0.999 * (double)count / most : 0.0;
    for (k = 0; k < count; ++k)
        ++place[(int64_t)(rows[k].key * scale) + 1];
    for (k = 0; k < count; ++k)
        place[k + 1] += place[k];
    for (k = 0; k < count; ++k)
        out[place[(int64_t)(rows[k].key * scale)]++] = rows[k];
    for (k = 0; k < count; ++k) { /* now each place is the end of its part */
        const int64_t first = k > 0 ? place[k - 1] : 0;
        if (place[k] - first > MANY)
            qsort(out + first, (size_t)(place[k] - first), sizeof(*out), compare_keys);
        else
            sort_few(out + first, place[k] - first);
    }
}

/* A generic vector: fractional parts of multiples of the golden ratio. */
static void fill_generic(double *along, int64_t d)
{
    int64_t k;
    for (k = 0; k < d; ++k)
        along[k] = 0.5 + fmod((double)(k + 1) * 0.6180339887498949, 1.0);
}

static double direction_key(rfi_view x, const double *along, int64_t d, double norm)
{
    double sum = 0.0;
    int64_t k;
    if (norm > 1e-140 && norm < 1e140)
        return fabs(rfi_view_dot(x, along, d) / norm);
    for (k = 0; k < d; ++k)
        sum += (rfi_view_at(x, k) / norm) * along[k];
    return fabs(sum);
}

/* +1 parallel, -1 antiparallel, 0 neither. */
static int parallel(rfi_view x, double norm_x, rfi_view y, double norm_y, int64_t d)
{
    double ratio = norm_x / norm_y;
    int sign = 0;
    int64_t k;
    for (k = 0; k < d; ++k) {
        double a = rfi_view_at(x, k), b = rfi_view_at(y, k) * ratio, tolerance = 4.0 * RFI_EPS * norm_x;
        if (fabs(a - b) <= tolerance && fabs(a + b) <= tolerance)
            continue;
        if (fabs(a - b) <= tolerance && sign >= 0)
            sign = 1;
        else if (fabs(a + b) <= tolerance && sign <= 0)
            sign = -1;
        else
            return 0;
    }
    return sign;
}

/* f in x = f y, read off the largest coordinate: exact whenever the rows are exact multiples. */
static double factor_of(rfi_view x, rfi_view y, int64_t d)
{
    int64_t k, largest = 0;
    for (k = 1; k < d; ++k)
        if (fabs(rfi_view_at(y, k)) > fabs(rfi_view_at(y, largest)))
            largest = k;
    return rfi_view_at(x, largest) / rfi_view_at(y, largest);
}

/* leader[i]: the lowest row that is parallel to row i, for rows sorted by key. */
static void find_leaders(const keyed_row *sorted, int64_t count, int64_t d, rfi_matrix X,
                         const double *norm, int64_t *leader)
{
    const double window = 8.0 * RFI_EPS * (double)d;
    int64_t i, j;
    for (i = 0; i < count; ++i) {
        int64_t a = sorted[i].row;
        for (j = i - 1; j >= 0 && sorted[i].key - sorted[j].key <= window; --j) {
            const int64_t b = leader[sorted[j].row]; /* equal rows find theirs at once */
            if (parallel(rfi_matrix_row(X, a), norm[a], rfi_matrix_row(X, b), norm[b], d) != 0) {
                leader[a] = b;
                break;
            }
        }
    }
}

/* Numbers the lines by their lowest row and lists the members. */
static void number_lines(rfi_kinks *kinks, int64_t n, int64_t d, rfi_matrix X,
                         const int64_t *leader)
{
    int64_t i, g;
    for (i = 0; i < n; ++i)
        kinks->line[i] = -1;
    for (i = 0; i < n; ++i) {
        if (leader[i] < 0)
            continue;
        if (kinks->line[leader[i]] < 0) {
            kinks->row[kinks->count] = i;
            kinks->line[leader[i]] = kinks->count++;
        }
        g = kinks->line[leader[i]];
        kinks->line[i] = g;
        kinks->factor[i] =
            i == kinks->row[g] ? 1.0 : factor_of(rfi_matrix_row(X, i), rfi_matrix_row(X, kinks->row[g]), d);
        ++kinks->start[g + 1];
    }
    for (g = 0; g < kinks->count; ++g)
        kinks->start[g + 1] += kinks->start[g];
}

static void list_members(rfi_kinks *kinks, int64_t n)
{
    int64_t i, g;
    for (i = 0; i < n; ++i)
        if (kinks->line[i] >= 0)
            kinks->member[kinks->start[kinks->line[i]]++] = i;
    for (g = kinks->count; g > 0; --g)
        kinks->start[g] = kinks->start[g - 1];
    kinks->start[0] = 0;
}

int rfi_kinks_find(rfi_kinks *kinks, int64_t n, int64_t d, rfi_matrix X, const double *norm,
                   const rf_allocator *allocator)
{
    keyed_row *keyed = rfi_alloc(allocator, 2 * n, sizeof(*keyed)), *sorted;
    int64_t *leader = rfi_alloc(allocator, n, sizeof(*leader));
    double *along = rfi_alloc(allocator, d, sizeof(*along));
    int64_t i, count = 0;
    int result = -1;
    memset(kinks, 0, sizeof(*kinks));
    kinks->line = rfi_alloc(allocator, n, sizeof(*kinks->line));
    kinks->factor = rfi_alloc(allocator, n, sizeof(*kinks->factor));
    kinks->row = rfi_alloc(allocator, n, sizeof(*kinks->row));
    kinks->start = rfi_alloc(allocator, n + 1, sizeof(*kinks->start));
    kinks->member = rfi_alloc(allocator, n, sizeof(*kinks->member));
    if (keyed == NULL || leader == NULL || along == NULL || kinks->line == NULL || kinks->factor == NULL
        || kinks->row == NULL || kinks->start == NULL || kinks->member == NULL)
        goto done;
    sorted = keyed + n;
    fill_generic(along, d);
    for (i = 0; i < n; ++i) {
        leader[i] = norm[i] > 0.0 ? i : -1;
        if (norm[i] > 0.0) {
            keyed[count].row = i;
            keyed[count++].key = direction_key(rfi_matrix_row(X, i), along, d, norm[i]);
        }
    }
    sort_rows(keyed, count, kinks->start, sorted);
    memset(kinks->start, 0, (size_t)(n + 1) * sizeof(*kinks->start));
    find_leaders(sorted, count, d, X, norm, leader);
    number_lines(kinks, n, d, X, leader);
    list_members(kinks, n);
    kinks->apart = kinks->count == n;
    result = 0;
done:
    rfi_free(allocator, keyed);
    rfi_free(allocator, leader);
    rfi_free(allocator, along);
    if (result != 0)
        rfi_kinks_free(kinks, allocator);
    return result;
}

void rfi_kinks_free(rfi_kinks *kinks, const rf_allocator *allocator)
{
    rfi_free(allocator, kinks->line);
    rfi_free(allocator, kinks->factor);
    rfi_free(allocator, kinks->row);
    rfi_free(allocator, kinks->start);
    rfi_free(allocator, kinks->member);
    memset(kinks, 0, sizeof(*kinks));
}
