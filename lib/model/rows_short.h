/* rows_short: the algorithm of rows.h for one neuron and rows of a few vectors.  Included by rows_kernel.h for
 * both types of X.  A group of GROUP rows goes from its elements to the gradient at once and is loaded once; one
 * group overlaps with the next in the processor, so that memory is read at an even pace.  The margins and residuals
 * have the bits of narrow_dots and finish.
 * SPDX-License-Identifier: MIT */

/* The first `groups` groups of GROUP rows, of `columns` vectors, the last of `rest` elements.  To be inlined
 * with a constant number of columns.  Returns the loss. */
TARGET ALWAYS_INLINE double OF(short_groups)(const rfi_rows *rows, int64_t groups,
                                             const int columns, int rest, int64_t ahead)
{
    const REAL *x = rows->X;
    const int64_t ld = rows->ld;
    const int last = columns - 1;
    const vec a = v_set(rows->a[0]);
    ALIGNED double factor[GROUP];
    double sums[4];
    vec w[SHORT], g[2][SHORT], loss = v_zero();
    int64_t i;
    int v, q;
    UNROLL
    for (v = 0; v < last; ++v)
        w[v] = v_load(rows->w + v * LANES);
    w[last] = v_part(rows->w + last * LANES, rest);
    UNROLL
    for (v = 0; v < columns; ++v)
        g[0][v] = g[1][v] = v_zero();
    for (i = 0; i < groups; ++i, x += GROUP * ld) {
        vec s[GROUP], X[GROUP][SHORT];
        if (ahead != 0)
            fetch_rows((uintptr_t)x + (uintptr_t)ahead, ld * (int64_t)sizeof(REAL), columns);
        UNROLL
        for (q = 0; q < GROUP; ++q) {
            X[q][last] = OF(x_part)(x + q * ld + last * LANES, rest);
            s[q] = v_mul(X[q][last], w[last]);
            UNROLL
            for (v = 0; v < last; ++v) {
                X[q][v] = OF(x_load)(x + q * ld + v * LANES);
                s[q] = v_fma(X[q][v], w[v], s[q]);
            }
        }
        v_store(factor, finish_group(rows, i * GROUP, a, v_group(s), &loss));
        UNROLL
        for (q = 0; q < GROUP; ++q) {
            const vec f = v_set(factor[q]);
            UNROLL
            for (v = 0; v < columns; ++v)
                g[q % 2][v] = v_fma(X[q][v], f, g[q % 2][v]);
        }
    }
    if (rows->gradient != NULL) {
        UNROLL
        for (v = 0; v < columns; ++v) {
            const int count = v < last ? LANES : rest;
            double *to = rows->gradient + v * LANES;
            v_store_part(to, v_add(v_part(to, count), v_add(g[0][v], g[1][v])), count);
        }
    }
    v_sums(loss, loss, loss, loss, sums);
    return sums[0];
}

/* So many whole groups as there are, for rows short enough; *done: their rows. */
TARGET static double OF(short_run)(const rfi_rows *rows, int64_t ahead, int64_t *done)
{
    const int64_t groups = rows->count / GROUP;
    const int columns = (int)((rows->d + LANES - 1) / LANES),
              rest = (int)rows->d - (columns - 1) * LANES;
    *done = groups * GROUP;
    switch (columns) {
    case 1:
        return OF(short_groups)(rows, groups, 1, rest, ahead);
    case 2:
        return OF(short_groups)(rows, groups, 2, rest, ahead);
#if SHORT > 2
    case 3:
        return OF(short_groups)(rows, groups, 3, rest, ahead);
    case 4:
        return OF(short_groups)(rows, groups, 4, rest, ahead);
#endif
    default:
        *done = 0;
        return 0.0;
    }
}
