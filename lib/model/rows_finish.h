/* rows_finish: from the margins of a batch to residuals, loss and coefficients of the gradient.
 * Included by every rows_<set>.c, with these defined; the same for every type of X.
 *
 *     TARGET           attribute of every function
 *     LANES, vec       doubles in a vector, and the vector
 *     WIDEST           so many vectors of the gradient stay in registers: 4 or 8
 *     GROUP            so many rows have their sums formed together, 4 or 8, by
 *     v_group_sums(s, z)    z[0..GROUP-1] = the sums of the lanes of s[0..GROUP-1], all in the same order
 *     SHORT            rows of at most so many vectors are short (rows_short.h), 0: none are
 *     GROUPS           whether those that are longer go by groups (rows_group.h)
 *     VECTORS          whether there is either; then GROUP is LANES, and there are
 *     v_group(s)            the same sums as a vector
 *     mask                  of lanes
 *     m_positive(z)         where z > 0
 *     m_bytes(p, byte)      where p[0..LANES-1] are `byte`
 *     v_where(m, a, b)      a in the lanes of m, else b
 *     v_flags(p, m)         p[0..LANES-1], bytes: the lanes of m
 *     v_spread(v, each)     where SHORT: each[q] = lane q of v in all lanes
 *     v_after(v, skip)      where GROUPS: v with 0 in the first lanes
 *     v_join(a, from, b)    where GROUPS: LANES/2 lanes of a, then those of b in the same places
 *     v_list(p, z, first)   where GROUPS: the numbers of the lanes with z != 0 (NaN is not 0), plus `first`, as bytes;
 *                           returns how many
 *     v_zero v_set v_load v_store v_part v_store_part v_add v_sub v_mul
 *     v_fma(a, b, c)        a b + c
 *     v_positive(z, a, b)   a where z > 0, else b
 *     nonzero4(z)           bit q says whether z[q] != 0 (NaN is not 0)
 *     v_store_flags(p, z)   p[0..GROUP-1], bytes: z > 0
 *     v_sums(a, b, c, d, z) z[0..3] = the sums of the lanes, all formed in the same order
 *
 * The partial loads and stores take 0 < count <= LANES elements; a load gives zeros for the
 * others.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_ROWS_FINISH_H
#define RFI_ROWS_FINISH_H

#include <stddef.h>
#include <string.h>

#include "base/cpu.h"
#include "model/rows.h"

enum {
    /* The most rows of a batch for one neuron and for several; the elements of X in a batch of
     * more than four rows: doubles then take half of a first cache of 48 KiB, three quarters of one
     * of 32 KiB. */
    MOST_ROWS = 192,
    MOST_SHARED_ROWS = RFI_ROWS_SEVERAL / 2 - 8,
    BATCH_ELEMENTS = 3072,
    /* The last batch of one neuron may have so much more, a fourth: a small batch costs as much as it. */
    LAST_MORE = 4,
    LAST_ROWS = MOST_ROWS + MOST_ROWS / LAST_MORE,
    /* So many vectors of the gradient stay in registers where rows are long. */
    CHUNK = 8,
    /* From so many elements on half of the rows ahead is fetched while those at hand are added up, so that the third
     * cache and memory are read at an even pace.  With fewer there are more rows in a batch, and too many lines are
     * asked for at once. */
    HALF = 4 * CHUNK * LANES,
    CACHE_LINE = 64 /* bytes */
};

/* Has rows, `bytes` apart and `length` bytes long, fetched into the second cache: each line is asked for so many times.
 * From memory more than once, which brings more, as requests may be dropped. */
ALWAYS_INLINE void fetch_rows(uintptr_t row, int64_t bytes, const int count, const int length, const int times)
{
    int q, k;
    for (q = 0; q < count; ++q, row += (uintptr_t)bytes) {
        HIDE(row);
        for (k = 0; k < length; k += CACHE_LINE / times)
            PREFETCH(row + (uintptr_t)k);
    }
}

/* Rows in a batch: a multiple of four.  The same for every type of X, so the sums have the same
 * order. */
static int64_t batch_rows(int64_t neurons, int64_t d)
{
    const int64_t rows = BATCH_ELEMENTS / d / 4 * 4;
    const int64_t most = neurons > 1 ? MOST_SHARED_ROWS : MOST_ROWS;
    return rows < 4 ? 4 : rows > most ? most : rows;
}

/* For four flags as bits: the places of those set as bytes, and their number. */
static const uint8_t flag_places[16][4] = {
    {0, 0, 0, 0}, {0, 0, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}, {2, 0, 0, 0}, {0, 2, 0, 0},
    {1, 2, 0, 0}, {0, 1, 2, 0}, {3, 0, 0, 0}, {0, 3, 0, 0}, {1, 3, 0, 0}, {0, 1, 3, 0},
    {2, 3, 0, 0}, {0, 2, 3, 0}, {1, 2, 3, 0}, {0, 1, 2, 3}};
static const uint8_t flag_count[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};

/* The rows of a batch whose coefficient is not 0. */
typedef struct {
    int64_t count;
    uint8_t row[LAST_ROWS + 8];
} selection;

TARGET static void pick(selection *picked, double *factor, int64_t live)
{
    int64_t q;
    picked->count = 0;
    for (q = live; q % 4 != 0; ++q)
        factor[q] = 0.0;
    for (q = 0; q < live; q += 4) {
        const int bits = nonzero4(factor + q);
        uint32_t places;
        memcpy(&places, flag_places[bits], 4);
        places += (uint32_t)q * 0x01010101u;
        memcpy(picked->row + picked->count, &places, 4);
        picked->count += flag_count[bits];
    }
}

/* Margins of one neuron: 0 on the kinks; hands them out; the slopes of sigma; 0 behind both. */
TARGET static void slopes(const rfi_rows *rows, int64_t pair, int64_t live, double *z, double *slope)
{
    int64_t q;
    if (rows->on_kink != NULL)
        for (q = 0; q < live; ++q)
            z[q] = rows->on_kink[pair + q] ? 0.0 : z[q];
    if (rows->margins != NULL)
        memcpy(rows->margins + pair, z, (size_t)live * sizeof(double));
    if (rows->pattern != NULL) {
        for (q = 0; q + GROUP <= live; q += GROUP)
            v_store_flags(rows->pattern + pair + q, z + q);
        for (; q < live; ++q)
            rows->pattern[pair + q] = (uint8_t)(z[q] > 0.0); /* RFI_ACTIVE is 1 */
    }
    if (rows->state != NULL) {
        for (q = 0; q < live; ++q)
            slope[q] = rows->state[pair + q] == RFI_ACTIVE ? 1.0 : rows->slope;
    } else {
        const vec active = v_set(1.0), other = v_set(rows->slope);
        for (q = 0; q < live; q += LANES)
            v_store(slope + q, v_positive(v_load(z + q), active, other));
    }
    for (q = live; q % LANES != 0; ++q)
        z[q] = slope[q] = 0.0;
}

/* LANES rows from q on, count of them live, of neurons `pitch` apart: from margins and slopes to residuals and, where
 * the slopes are, coefficients.  The sum over the neurons is in their order.  Returns the loss with what they add. */
TARGET ALWAYS_INLINE vec finish_lanes(const rfi_rows *rows, int64_t i, int64_t q, int count, const double *z,
                                      double *factor, int64_t pitch, vec loss)
{
    const vec y = count == LANES ? v_load(rows->y + i + q) : v_part(rows->y + i + q, count);
    vec f = v_mul(v_set(rows->a[0]), v_mul(v_load(factor + q), v_load(z + q))), c = v_set(rows->weight), r, pull;
    int64_t j;
    for (j = 1; j < rows->neurons; ++j)
        f = v_add(f, v_mul(v_set(rows->a[j]), v_mul(v_load(factor + j * pitch + q), v_load(z + j * pitch + q))));
    r = v_sub(f, y);
    if (rows->residuals != NULL)
        v_store_part(rows->residuals + i + q, r, count);
    if (rows->c != NULL)
        c = count == LANES ? v_load(rows->c + i + q) : v_part(rows->c + i + q, count);
    pull = v_mul(c, r);
    for (j = 0; j < rows->neurons; ++j)
        v_store(factor + j * pitch + q, v_mul(pull, v_mul(v_load(factor + j * pitch + q), v_set(rows->a[j]))));
    return v_fma(pull, r, loss);
}

/* z and factor are m x pitch.  Slopes are kept where the coefficients will be. */
TARGET static double finish(const rfi_rows *rows, int64_t i, int64_t live, double *z, double *factor, int64_t pitch)
{
    vec loss = v_zero();
    double sums[4];
    int64_t q, j;
    for (j = 0; j < rows->neurons; ++j)
        slopes(rows, j * rows->pitch + i, live, z + j * pitch, factor + j * pitch);
    for (q = 0; q + LANES <= live; q += LANES)
        loss = finish_lanes(rows, i, q, LANES, z, factor, pitch, loss);
    if (q < live)
        loss = finish_lanes(rows, i, q, (int)(live - q), z, factor, pitch, loss);
    v_sums(loss, loss, loss, loss, sums);
    return sums[0];
}

#if VECTORS
/* What the margins of one neuron are multiplied by: a, and a times the slope where it is not active; and the weight of
 * each row. */
typedef struct {
    vec active, other, weight;
} outer;

TARGET ALWAYS_INLINE outer outer_of(const rfi_rows *rows)
{
    const outer of = {v_set(rows->a[0]), v_set(rows->a[0] * rows->slope), v_set(rows->weight)};
    return of;
}

/* The same of some vectors of rows from i on, z their margins, which become coefficients; adds to the loss.  The first
 * `skip` rows of a single one have had their turn, and add nothing. */
TARGET ALWAYS_INLINE vec finish_vectors(const rfi_rows *rows, int64_t i, outer a, vec *z, const int vectors, int skip,
                                        vec loss)
{
    mask active[2];
    vec slope[2], r[2], c[2];
    int k;
    if (rows->on_kink != NULL)
        for (k = 0; k < vectors; ++k)
            z[k] = v_where(m_bytes(rows->on_kink + i + k * LANES, 0), z[k], v_zero());
    if (rows->margins != NULL)
        for (k = 0; k < vectors; ++k)
            v_store(rows->margins + i + k * LANES, z[k]);
    for (k = 0; k < vectors; ++k)
        active[k] = m_positive(z[k]);
    if (rows->pattern != NULL)
        for (k = 0; k < vectors; ++k)
            v_flags(rows->pattern + i + k * LANES, active[k]);
    if (rows->state != NULL)
        for (k = 0; k < vectors; ++k)
            active[k] = m_bytes(rows->state + i + k * LANES, RFI_ACTIVE);
    for (k = 0; k < vectors; ++k) {
        slope[k] = v_where(active[k], a.active, a.other);
        r[k] = v_sub(v_mul(slope[k], z[k]), v_load(rows->y + i + k * LANES));
    }
    if (rows->residuals != NULL)
        for (k = 0; k < vectors; ++k)
            v_store(rows->residuals + i + k * LANES, r[k]);
    c[0] = c[vectors - 1] = a.weight;
    if (rows->c != NULL)
        for (k = 0; k < vectors; ++k)
            c[k] = v_load(rows->c + i + k * LANES);
    for (k = 0; k < vectors; ++k) {
        const vec pull = v_mul(c[k], r[k]);
        loss = v_fma(skip > 0 ? v_after(pull, skip) : pull, r[k], loss);
        z[k] = v_mul(pull, slope[k]);
    }
    return loss;
}
#endif

#if SHORT
/* Adds both sums of so many vectors, the last of `rest` elements, to the gradient. */
TARGET ALWAYS_INLINE void add_short(double *gradient, vec g[2][SHORT], const int columns, int rest)
{
    int v;
    UNROLL
    for (v = 0; v < columns; ++v) {
        const int count = v < columns - 1 ? LANES : rest;
        double *to = gradient + v * LANES;
        v_store_part(to, v_add(v_part(to, count), v_add(g[0][v], g[1][v])), count);
    }
}
#endif

#endif
