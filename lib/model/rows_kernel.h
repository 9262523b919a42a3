/* rows_kernel: the algorithm of rows.h for one instruction set and one type of X.  Included by
 * rows_<set>.c, twice, with these defined besides what rows_finish.h asks for:
 *
 *     REAL             float or double
 *     OF(name)         the name with the suffix of REAL
 *     x_load, x_part   vec from LANES elements of X; from 0 < count <= LANES of them, then zeros
 *
 * A batch of rows, as many as stay in the first cache, is gone through three times: margins;
 * residuals and coefficients; sum of the rows times their coefficients.  Long chains of
 * dependent operations, from a row to its coefficient and back, are so cut, and the rows without
 * a coefficient are left out of the sum.  Short rows of one neuron go another way (rows_short.h), longer
 * ones in groups (rows_group.h); very long ones and those of several neurons as said.
 * SPDX-License-Identifier: MIT */

/* s_q, the lanes of which have the sum x_q . w, of rows from .. rows - 1, which are offset[q] bytes from x: even
 * columns of vectors, odd ones, both together.  skip: 2 where of the rows ahead every second one is fetched by axpys.
 * twice: each line of them is asked for twice at least, as requests may be dropped; one of two vectors always is. */
TARGET ALWAYS_INLINE void OF(long_sums)(const char *x, const int64_t *offset, const int from, const int rows,
                                        const double *w, int64_t d, int64_t ahead, const int skip, const int twice,
                                        vec *s)
{
    const int size = LANES * (int)sizeof(REAL), step = twice && size == CACHE_LINE ? size / 2 : size;
    vec t[GROUP];
    int q, v;
    UNROLL
    for (q = from; q < rows; ++q)
        s[q] = t[q] = v_zero();
    for (; d >= 2 * LANES; d -= 2 * LANES, w += 2 * LANES, x += 2 * size) {
        const vec wa = v_load(w), wb = v_load(w + LANES);
        HIDE(x);
        UNROLL
        for (q = from; q < rows; ++q) {
            const REAL *row = (const void *)(x + offset[q]);
            if (ahead != 0 && q % skip == 0)
                for (v = 0; v < 2 * size; v += step)
                    PREFETCH((uintptr_t)row + (uintptr_t)ahead + (uintptr_t)v);
            s[q] = v_fma(OF(x_load)(row), wa, s[q]);
            t[q] = v_fma(OF(x_load)(row + LANES), wb, t[q]);
        }
    }
    if (d >= LANES) {
        const vec wa = v_load(w);
        UNROLL
        for (q = from; q < rows; ++q)
            s[q] = v_fma(OF(x_load)((const void *)(x + offset[q])), wa, s[q]);
        x += size;
    }
    if (d % LANES != 0) {
        const int rest = (int)(d % LANES), even = d < LANES;
        const vec wa = v_part(w + (even ? 0 : LANES), rest);
        UNROLL
        for (q = from; q < rows; ++q) {
            const vec sum = v_fma(OF(x_part)((const void *)(x + offset[q]), rest), wa, even ? s[q] : t[q]);
            if (even)
                s[q] = sum;
            else
                t[q] = sum;
        }
    }
    UNROLL
    for (q = from; q < rows; ++q)
        s[q] = v_add(s[q], t[q]);
}

/* z_q = x_q . w of four rows, the last ones the same if there are less than four. */
TARGET ALWAYS_INLINE void OF(dot4)(const REAL *x, int64_t ld, int64_t live, const double *w, int64_t d,
                                   int64_t ahead, const int skip, double z[4])
{
    int64_t offset[4];
    vec s[4];
    int q;
    UNROLL
    for (q = 0; q < 4; ++q)
        offset[q] = (q < live ? q : live - 1) * ld * (int64_t)sizeof(REAL);
    OF(long_sums)((const char *)x, offset, 0, 4, w, d, ahead, skip, 0, s);
    v_sums(s[0], s[1], s[2], s[3], z);
}

/* The same of rows of `columns` vectors, the last of `rest` elements, one column after the other, for
 * `groups` groups of GROUP rows.  To be inlined with a constant number of columns: w then stays in
 * registers. */
TARGET ALWAYS_INLINE void OF(narrow_dots)(const REAL *x, int64_t ld, int64_t groups, const double *w_,
                                          const int columns, int rest, int64_t ahead, double *z)
{
    const int last = columns - 1;
    vec w[WIDEST];
    int64_t i;
    int v, q;
    UNROLL
    for (v = 0; v < last; ++v)
        w[v] = v_load(w_ + v * LANES);
    w[last] = v_part(w_ + last * LANES, rest);
    for (i = 0; i < groups; ++i, x += GROUP * ld, z += GROUP) {
        vec s[GROUP];
        HIDE(x);
        if (ahead != 0)
            fetch_rows((uintptr_t)x + (uintptr_t)ahead, ld * (int64_t)sizeof(REAL), GROUP,
                       columns * LANES * (int)sizeof(REAL), 1);
        UNROLL
        for (q = 0; q < GROUP; ++q) {
            const REAL *row = x + q * ld;
            s[q] = v_mul(OF(x_part)(row + last * LANES, rest), w[last]);
            UNROLL
            for (v = 0; v < last; ++v)
                s[q] = v_fma(OF(x_load)(row + v * LANES), w[v], s[q]);
        }
        v_group_sums(s, z);
    }
}

/* g += a picked row times its coefficient, of `columns` vectors, the last of `rest` elements. */
TARGET ALWAYS_INLINE void OF(add_row)(const REAL *X, int64_t ld, int64_t row, const double *factor, vec *g,
                                      const int columns, int rest)
{
    const REAL *x = X + row * ld;
    const vec f = v_set(factor[row]);
    int v;
    UNROLL
    for (v = 0; v < columns - 1; ++v)
        g[v] = v_fma(OF(x_load)(x + v * LANES), f, g[v]);
    g[v] = v_fma(OF(x_part)(x + v * LANES, rest), f, g[v]);
}

/* The same of all picked rows: none is added that is not picked.  To be inlined with a constant number of columns: g
 * then stays in registers, several times where there are few columns, as each sum waits for the one before it. */
TARGET ALWAYS_INLINE void OF(narrow_axpys)(const REAL *X, int64_t ld, const selection *picked,
                                           const double *factor, double *g_, const int columns, int rest)
{
    const int last = columns - 1, sums = columns > CHUNK / 2 ? 1 : columns > CHUNK / 4 ? 2 : 4;
    vec g[4][CHUNK];
    int64_t i;
    int v, q;
    UNROLL
    for (v = 0; v < columns; ++v) {
        g[0][v] = v < last ? v_load(g_ + v * LANES) : v_part(g_ + last * LANES, rest);
        UNROLL
        for (q = 1; q < sums; ++q)
            g[q][v] = v_zero();
    }
    for (i = 0; i + sums <= picked->count; i += sums) {
        UNROLL
        for (q = 0; q < sums; ++q)
            OF(add_row)(X, ld, picked->row[i + q], factor, g[q], columns, rest);
    }
    for (; sums > 1 && i < picked->count; ++i)
        OF(add_row)(X, ld, picked->row[i], factor, g[0], columns, rest);
    UNROLL
    for (v = 0; v < columns; ++v) {
        UNROLL
        for (q = 1; q < sums; ++q)
            g[0][v] = v_add(g[0][v], g[q][v]);
        if (v < last)
            v_store(g_ + v * LANES, g[0][v]);
        else
            v_store_part(g_ + last * LANES, g[0][v], rest);
    }
}

/* The same of all rows, `fours` times four of them: where rows are short, leaving some out costs more. */
TARGET ALWAYS_INLINE void OF(all_axpys)(const REAL *x, int64_t ld, int64_t fours,
                                        const double *factor, double *g_, const int columns,
                                        int rest)
{
    const int last = columns - 1;
    vec g[4][2];
    int64_t i;
    int v, q;
    UNROLL
    for (q = 0; q < 4; ++q) {
        g[q][0] = v_zero();
        g[q][last] = v_zero();
    }
    for (i = 0; i < fours; ++i, x += 4 * ld, factor += 4) {
        UNROLL
        for (q = 0; q < 4; ++q) {
            const vec f = v_set(factor[q]);
            if (last > 0)
                g[q][0] = v_fma(OF(x_load)(x + q * ld), f, g[q][0]);
            g[q][last] = v_fma(OF(x_part)(x + q * ld + last * LANES, rest), f, g[q][last]);
        }
    }
    UNROLL
    for (v = 0; v < last; ++v)
        v_store(g_, v_add(v_load(g_), v_add(v_add(g[0][0], g[1][0]), v_add(g[2][0], g[3][0]))));
    v_store_part(g_ + last * LANES,
                 v_add(v_part(g_ + last * LANES, rest),
                       v_add(v_add(g[0][last], g[1][last]), v_add(g[2][last], g[3][last]))),
                 rest);
}

#define COLUMNS(columns)                                                                           \
    case columns:                                                                                  \
        EACH(columns)                                                                              \
        return;
#define FEW_COLUMNS COLUMNS(1) COLUMNS(2) COLUMNS(3) COLUMNS(4)
#define ALL_COLUMNS FEW_COLUMNS COLUMNS(5) COLUMNS(6) COLUMNS(7) COLUMNS(8)
#if WIDEST == 8
#define WIDEST_COLUMNS ALL_COLUMNS
#else
#define WIDEST_COLUMNS FEW_COLUMNS
#endif

/* Margins of `live` rows; z has room for GROUP more.  ahead: bytes from a row to the one that is
 * fetched into the second cache meanwhile, 0 for none; half: long rows leave every second one to axpys. */
TARGET NEVER_INLINE void OF(dots)(const REAL *x, int64_t ld, int64_t live, const double *w, int64_t d,
                                  int64_t ahead, int half, double *z)
{
    const int columns = (int)(d <= WIDEST * LANES ? (d + LANES - 1) / LANES : 0);
    const int rest = (int)(d - (columns - 1) * LANES);
    const int64_t step = live < GROUP ? 1 : GROUP;
    const int64_t left = live % GROUP == 0 ? live : step > 1 ? live - GROUP : 0;
    int64_t i;
/* The rows that make no group are the last of one that has others again, or go one by one. */
#define EACH(columns)                                                                              \
    OF(narrow_dots)(x, ld, live / GROUP, w, columns, rest, ahead, z);                              \
    for (i = left; i < live; i += step)                                                            \
        OF(narrow_dots)(x + i * ld, step > 1 ? ld : 0, 1, w, columns, rest, 0, z + i);
    switch (columns) {
        WIDEST_COLUMNS
    default:
        break;
    }
#undef EACH
    for (i = 0; i < live; i += 4) {
        if (half)
            OF(dot4)(x + i * ld, ld, live - i, w, d, ahead, 2, z + i);
        else
            OF(dot4)(x + i * ld, ld, live - i, w, d, ahead, 1, z + i);
    }
}

/* Has so many elements of every second row ahead fetched. */
TARGET ALWAYS_INLINE void OF(fetch_half)(const REAL *X, int64_t ld, int64_t live, int64_t ahead,
                                         int elements)
{
    int64_t q;
    for (q = 1; q < live; q += 2)
        fetch_rows((uintptr_t)(X + q * ld) + (uintptr_t)ahead, 0, 1, elements * (int)sizeof(REAL), 1);
}

/* The same of whole rows, `live` of them: as many columns at a time as there are registers for.  ahead: as for dots, of
 * the rows that those have left. */
TARGET static void OF(axpys)(const REAL *X, int64_t ld, int64_t live, const selection *picked,
                             const double *factor, double *g, int64_t d, int64_t ahead)
{
    const int64_t fetched = ahead != 0 ? live : 0;
    int64_t columns;
    int rest;
    for (; d >= CHUNK * LANES; d -= CHUNK * LANES, X += CHUNK * LANES, g += CHUNK * LANES) {
        OF(fetch_half)(X, ld, fetched, ahead, CHUNK * LANES);
        OF(narrow_axpys)(X, ld, picked, factor, g, CHUNK, LANES);
    }
    OF(fetch_half)(X, ld, fetched, ahead, (int)d);
    columns = (d + LANES - 1) / LANES;
    rest = (int)(d - (columns - 1) * LANES);
#define EACH(columns) OF(narrow_axpys)(X, ld, picked, factor, g, columns, rest);
    switch (columns) {
        ALL_COLUMNS
    default:
        break;
    }
#undef EACH
}

/* g += sum of the `live` rows times their coefficients. */
TARGET static void OF(add_rows)(const REAL *X, int64_t ld, int64_t live, double *factor, double *g, int64_t d,
                                int64_t ahead)
{
    selection picked;
    if (d <= LANES) {
        OF(all_axpys)(X, ld, live / 4, factor, g, 1, (int)d);
    } else if (d <= 2 * LANES) {
        OF(all_axpys)(X, ld, live / 4, factor, g, 2, (int)d - LANES);
    } else {
        pick(&picked, factor, live);
        OF(axpys)(X, ld, live, &picked, factor, g, d, ahead);
        return;
    }
    if (live % 4 != 0) {
        X += live / 4 * 4 * ld;
        pick(&picked, factor + live / 4 * 4, live % 4);
        OF(axpys)(X, ld, live, &picked, factor + live / 4 * 4, g, d, 0);
    }
}

#undef COLUMNS
#undef FEW_COLUMNS
#undef ALL_COLUMNS
#undef WIDEST_COLUMNS

#if VECTORS
/* The margins of LANES rows, `bytes` apart, from number `from` on, 0 for those before; moves x to the row after. */
TARGET ALWAYS_INLINE vec OF(narrow_group)(const char **x, int64_t bytes, const vec *w, const int from,
                                        const int columns, int rest)
{
    const int last = columns - 1;
    vec s[LANES];
    int v, q;
    UNROLL
    for (q = 0; q < from; ++q)
        s[q] = v_zero();
    UNROLL
    for (q = from; q < LANES; ++q) {
        const REAL *row = (const void *)*x;
        s[q] = v_mul(OF(x_part)(row + last * LANES, rest), w[last]);
        UNROLL
        for (v = 0; v < last; ++v)
            s[q] = v_fma(OF(x_load)(row + v * LANES), w[v], s[q]);
        *x += bytes;
        HIDE(*x);
    }
    return v_group(s);
}
#endif

#if SHORT
#include "model/rows_short.h"
#endif
#if GROUPS
#include "model/rows_group.h"
#endif

/* The rows from i on in batches. */
TARGET NEVER_INLINE double OF(batches)(const rfi_rows *rows, int64_t i)
{
    const int64_t m = rows->neurons, d = rows->d, ld = rows->ld;
    const int64_t most = batch_rows(m, d), last = most + (m > 1 ? 0 : most / LAST_MORE);
    const int64_t pitch = m > 1 ? most + 8 : LAST_ROWS + 8;
    const int64_t ahead = rows->stream * most * ld * (int64_t)sizeof(REAL); /* memory answers later than a cache */
    const int half = rows->stream > 0 && rows->gradient != NULL && d >= HALF;
    ALIGNED double own[2 * (LAST_ROWS + 8)];
    double *z = m > 1 ? rows->scratch : own, *factor = z + m * pitch, loss = 0.0;
    int64_t live, j;
    for (; i < rows->count; i += live) {
        const REAL *X = (const REAL *)rows->X + i * ld;
        live = rows->count - i <= last ? rows->count - i : most;
        for (j = 0; j < m; ++j)
            OF(dots)(X, ld, live, rows->w + j * d, d, j == 0 ? ahead : 0, half, z + j * pitch);
        loss += finish(rows, i, live, z, factor, pitch);
        for (j = 0; j < m && rows->gradient != NULL; ++j) {
            OF(add_rows)(X, ld, live, factor + j * pitch, rows->gradient + j * d, d, half && j == 0 ? ahead : 0);
        }
    }
    return loss;
}

/* Short rows in pairs of vectors first, the rows that are left in batches; longer ones in groups; what is neither, the
 * rows of several neurons among them, in batches. */
TARGET static double OF(run)(const rfi_rows *rows)
{
#if SHORT
    if (rows->neurons == 1 && rows->d <= SHORT * LANES && rows->count >= 2 * LANES) {
        const int64_t pairs = rows->count / (2 * LANES);
        const double loss = OF(short_run)(rows, pairs);
        return loss + OF(batches)(rows, pairs * (2 * LANES));
    }
#endif
#if GROUPS
    if (rows->neurons == 1 && rows->d > SHORT * LANES && rows->d < HALF && rows->count >= LANES)
        return OF(group_run)(rows);
#endif
    return OF(batches)(rows, 0);
}
