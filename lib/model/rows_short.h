/* rows_short: the algorithm of rows.h for one neuron and rows of a few vectors.  Included by rows_kernel.h for
 * both types of X.  Rows go in groups of two vectors of them.  While the margins of one group are formed, the one
 * before it is added to the gradient: neither waits for the other, so that the processor does both at once, and
 * memory is read at an even pace.  The margins and residuals have the bits of narrow_dots and finish.
 * SPDX-License-Identifier: MIT */

/* g += the sum of LANES rows times their coefficients. */
TARGET ALWAYS_INLINE void OF(short_axpys)(const char *x, int64_t bytes, vec factor, vec g[2][SHORT],
                                          const int columns, int rest)
{
    const int last = columns - 1;
    vec f[LANES];
    int v, q;
    v_spread(factor, f);
    UNROLL
    for (q = 0; q < LANES; ++q) {
        const REAL *row = (const void *)(x + q * bytes);
        const int k = columns < SHORT ? q % 2 : 0; /* as many sums as there are registers for */
        UNROLL
        for (v = 0; v < last; ++v)
            g[k][v] = v_fma(OF(x_load)(row + v * LANES), f[q], g[k][v]);
        g[k][last] = v_fma(OF(x_part)(row + last * LANES, rest), f[q], g[k][last]);
    }
}

/* The first `pairs` pairs of LANES rows, of `columns` vectors, the last of `rest` elements.  To be inlined with a
 * constant number of columns.  Returns the loss. */
TARGET ALWAYS_INLINE double OF(short_pairs)(const rfi_rows *rows, int64_t pairs, const int columns,
                                            int rest, int64_t ahead)
{
    const char *x = rows->X, *before = x;
    const int64_t bytes = rows->ld * (int64_t)sizeof(REAL), pitch = LANES * bytes;
    const int last = columns - 1;
    const int often = rows->stream == 2 && bytes % CACHE_LINE == 0; /* else neighbours ask for the lines they share */
    const outer a = outer_of(rows);
    double sums[4];
    vec w[SHORT], g[2][SHORT], factor[2], loss = v_zero();
    int64_t i;
    int v;
    UNROLL
    for (v = 0; v < last; ++v)
        w[v] = v_load(rows->w + v * LANES);
    w[last] = v_part(rows->w + last * LANES, rest);
    UNROLL
    for (v = 0; v < columns; ++v)
        g[0][v] = g[1][v] = v_zero();
    factor[0] = factor[1] = v_zero();
    for (i = 0; i < 2 * LANES * pairs; i += 2 * LANES) {
        vec z[2];
        HIDE(x);
        if (ahead != 0 && often)
            fetch_rows((uintptr_t)x + (uintptr_t)ahead, bytes, 2 * LANES, columns * LANES * (int)sizeof(REAL), 4);
        else if (ahead != 0)
            fetch_rows((uintptr_t)x + (uintptr_t)ahead, bytes, 2 * LANES, columns * LANES * (int)sizeof(REAL), 1);
        z[0] = OF(narrow_group)(&x, bytes, w, 0, columns, rest);
        z[1] = OF(narrow_group)(&x, bytes, w, 0, columns, rest);
        OF(short_axpys)(before, bytes, factor[0], g, columns, rest);
        OF(short_axpys)(before + pitch, bytes, factor[1], g, columns, rest);
        loss = finish_vectors(rows, i, a, z, 2, 0, loss);
        factor[0] = z[0];
        factor[1] = z[1];
        before = x - 2 * pitch;
    }
    HIDE(before);
    OF(short_axpys)(before, bytes, factor[0], g, columns, rest);
    OF(short_axpys)(before + pitch, bytes, factor[1], g, columns, rest);
    if (rows->gradient != NULL)
        add_short(rows->gradient, g, columns, rest);
    v_sums(loss, loss, loss, loss, sums);
    return sums[0];
}

/* One function for each number of columns: in one of all, compilers mix up what each has in registers. */
#define COLUMNS(columns)                                                                           \
    TARGET NEVER_INLINE double OF(short_##columns)(const rfi_rows *rows, int64_t pairs, int rest,  \
                                                   int64_t ahead)                                  \
    {                                                                                              \
        return OF(short_pairs)(rows, pairs, columns, rest, ahead);                                 \
    }
COLUMNS(1)
COLUMNS(2)
COLUMNS(3)
COLUMNS(4)
#undef COLUMNS

/* So many whole pairs as there are; returns their loss. */
TARGET static double OF(short_run)(const rfi_rows *rows, int64_t pairs)
{
    const int64_t ahead = rows->stream ? batch_rows(1, rows->d) * rows->ld * (int64_t)sizeof(REAL) : 0;
    const int columns = (int)((rows->d + LANES - 1) / LANES),
              rest = (int)rows->d - (columns - 1) * LANES;
    switch (columns) {
    case 1:
        return OF(short_1)(rows, pairs, rest, ahead);
    case 2:
        return OF(short_2)(rows, pairs, rest, ahead);
    case 3:
        return OF(short_3)(rows, pairs, rest, ahead);
    default:
        return OF(short_4)(rows, pairs, rest, ahead);
    }
}
