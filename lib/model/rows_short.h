/* rows_short: the algorithm of rows.h for one neuron and rows of a few vectors.  Included by rows_kernel.h for
 * both types of X.  A group of GROUP rows goes from its elements to the gradient at once and is loaded once; one
 * group overlaps with the next in the processor, so that memory is read at an even pace.  The margins and residuals
 * have the bits of narrow_dots and finish.
 * SPDX-License-Identifier: MIT */

/* The first `groups` groups of GROUP rows, of `columns` vectors, the last of `rest` elements, which is thin if at
 * most THIN are in it.  To be inlined with constants for columns and thin.  Returns the loss. */
TARGET ALWAYS_INLINE double OF(short_groups)(const rfi_rows *rows, int64_t groups,
                                             const int columns, const int thin, int rest,
                                             int64_t ahead)
{
    const REAL *x = rows->X;
    const int64_t ld = rows->ld;
    const int last = columns - 1;
    const vec a = v_set(rows->a[0]);
    ALIGNED double factor[GROUP];
    double sums[4];
    const int whole = thin ? last : columns; /* vectors that are kept as such */
    vec w[SHORT], g[2][SHORT], loss = v_zero();
    v_thin thin_w = thin_part(rows->w + last * LANES, thin ? rest : 1), thin_g[2];
    int64_t i;
    int v, q;
    UNROLL
    for (v = 0; v < last; ++v)
        w[v] = v_load(rows->w + v * LANES);
    w[last] = v_part(rows->w + last * LANES, rest);
    UNROLL
    for (v = 0; v < columns; ++v)
        g[0][v] = g[1][v] = v_zero();
    thin_g[0] = thin_g[1] = thin_zero();
    for (i = 0; i < groups; ++i, x += GROUP * ld) {
        vec s[GROUP], X[GROUP][SHORT];
        v_thin T[GROUP];
        if (ahead != 0)
            fetch_rows((uintptr_t)x + (uintptr_t)ahead, ld * (int64_t)sizeof(REAL), columns);
        UNROLL
        for (q = 0; q < GROUP; ++q) {
            if (thin) {
                T[q] = OF(x_thin)(x + q * ld + last * LANES, rest);
                s[q] = v_widened(thin_mul(T[q], thin_w));
            } else {
                X[q][last] = OF(x_part)(x + q * ld + last * LANES, rest);
                s[q] = v_mul(X[q][last], w[last]);
            }
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
            for (v = 0; v < whole; ++v)
                g[q % 2][v] = v_fma(X[q][v], f, g[q % 2][v]);
            if (thin)
                thin_g[q % 2] = thin_fma(T[q], thin_of(f), thin_g[q % 2]);
        }
    }
    if (thin)
        g[0][last] = v_widened(thin_add(thin_g[0], thin_g[1]));
    if (rows->gradient != NULL)
        add_short(rows->gradient, g, columns, rest);
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
        return OF(short_groups)(rows, groups, 1, 0, rest, ahead);
    case 2:
        return rest <= THIN ? OF(short_groups)(rows, groups, 2, 1, rest, ahead)
                            : OF(short_groups)(rows, groups, 2, 0, rest, ahead);
#if SHORT > 2
    case 3:
        return OF(short_groups)(rows, groups, 3, 0, rest, ahead);
    case 4:
        return OF(short_groups)(rows, groups, 4, 0, rest, ahead);
#endif
    default:
        *done = 0;
        return 0.0;
    }
}
