/* rows_group: the algorithm of rows.h for one neuron and rows that are not short.  Included by rows_kernel.h for both
 * types of X.  LANES rows are a group: their margins are formed in one vector, become coefficients there while those of
 * the next group are formed, as neither waits for the other, and rows with a coefficient are listed; those of a batch
 * are added to the gradient while it is in the first cache.  Rows are of a constant number of columns, whose weights
 * then stay in registers, or of 0: of any number.  The margins have the bits of dots.
 * SPDX-License-Identifier: MIT */

/* Rows of a batch, the first `done` of which have had their turn, and what becomes of them. */
typedef struct {
    ALIGNED double factor[LAST_ROWS + 8];
    selection picked;
} OF(group_batch);

/* The margins of LANES rows, `bytes` apart, from number `from` on, 0 for those before; moves x to the row after. */
TARGET ALWAYS_INLINE vec OF(group_dots)(const rfi_rows *rows, const char **x, int64_t bytes, const vec *w,
                                        const int from, int64_t ahead, const int columns, int rest)
{
    const char *const first = *x;
    int64_t offset[LANES];
    vec s[LANES];
    int q;
    if (columns > 0) {
        if (ahead != 0 && rows->stream == 2)
            fetch_rows((uintptr_t)*x + (uintptr_t)ahead, bytes, LANES - from, columns * LANES * (int)sizeof(REAL), 2);
        else if (ahead != 0)
            fetch_rows((uintptr_t)*x + (uintptr_t)ahead, bytes, LANES - from, columns * LANES * (int)sizeof(REAL), 1);
        return OF(narrow_group)(x, bytes, w, from, columns, rest);
    }
    UNROLL
    for (q = 0; q < LANES; ++q) {
        offset[q] = (q - from) * bytes;
        s[q] = v_zero();
    }
    *x += (LANES - from) * bytes;
    if (rows->stream == 2)
        OF(long_sums)(first, offset, from, LANES, rows->w, rows->d, ahead, 1, 1, s);
    else
        OF(long_sums)(first, offset, from, LANES, rows->w, rows->d, ahead, 1, 0, s);
    return v_group(s);
}

/* Margins and coefficients of rows first .. first + live - 1, the first `done` of them for the second time, if there
 * are fewer than LANES others.  The last group begins with rows of the one before if it would not be whole; if these
 * are half of it, their margins come from there.  Returns the loss with what the other rows add. */
TARGET ALWAYS_INLINE vec OF(group_margins)(const rfi_rows *rows, int64_t first, int64_t live, int done, int64_t ahead,
                                           const int columns, int rest, OF(group_batch) *batch, vec loss)
{
    const int last = columns - 1;
    const outer a = outer_of(rows);
    const char *x = (const char *)rows->X + first * rows->ld * (int64_t)sizeof(REAL);
    vec w[WIDEST], z = v_zero();
    int64_t q, count = 0;
    int v;
    UNROLL
    for (v = 0; v < last; ++v)
        w[v] = v_load(rows->w + v * LANES);
    if (columns > 0)
        w[last] = v_part(rows->w + last * LANES, rest);
    for (q = 0;; q += LANES) {
        vec next = z;
        if (q < live) {
            const int64_t bytes = rows->ld * (int64_t)sizeof(REAL);
            if (q > 0 && q >= live - LANES / 2) {
                x -= (q + LANES / 2 - live) * bytes;
                HIDE(x);
                next = OF(group_dots)(rows, &x, bytes, w, LANES / 2, ahead, columns, rest);
                next = v_join(z, (int)(live - q), next);
            } else {
                if (q > live - LANES)
                    x -= (q + LANES - live) * bytes;
                HIDE(x);
                next = OF(group_dots)(rows, &x, bytes, w, 0, ahead, columns, rest);
            }
        }
        if (q > 0) {
            const int64_t before = q - LANES, at = before < live - LANES ? before : live - LANES;
            const int skip = done + (int)(before - at);
            loss = finish_vectors(rows, first + at, a, &z, 1, skip, loss);
            v_store(batch->factor + at, z);
            count += v_list(batch->picked.row + count, skip > 0 ? v_after(z, skip) : z, at);
            if (q >= live)
                break;
            done = 0;
        }
        z = next;
    }
    batch->picked.count = count;
    return loss;
}

/* All rows, at least LANES.  To be inlined with a constant number of columns. */
TARGET ALWAYS_INLINE double OF(group_batches)(const rfi_rows *rows, int64_t ahead, int64_t most, const int columns,
                                              int rest)
{
    const int64_t more = most + most / LAST_MORE;
    OF(group_batch) batch;
    double sums[4];
    vec loss = v_zero();
    int64_t i, live;
    for (i = 0; i < rows->count; i += live) {
        const int64_t left = rows->count - i, first = left < LANES ? rows->count - LANES : i;
        live = left <= more ? left : most;
        loss = OF(group_margins)(rows, first, i - first + live, (int)(i - first), ahead, columns, rest, &batch, loss);
        if (rows->gradient != NULL && columns > 0)
            OF(narrow_axpys)((const REAL *)rows->X + first * rows->ld, rows->ld, &batch.picked, batch.factor,
                             rows->gradient, columns, rest);
        else if (rows->gradient != NULL)
            OF(axpys)((const REAL *)rows->X + first * rows->ld, rows->ld, 0, &batch.picked, batch.factor,
                      rows->gradient, rows->d, 0);
    }
    v_sums(loss, loss, loss, loss, sums);
    return sums[0];
}

/* One function for each number of columns, as for short rows; whole vectors need no mask. */
#define COLUMNS(columns)                                                                           \
    TARGET NEVER_INLINE double OF(group_##columns)(const rfi_rows *rows, int64_t ahead,            \
                                                   int64_t most, int rest)                         \
    {                                                                                              \
        return rest == LANES ? OF(group_batches)(rows, ahead, most, columns, LANES)                \
                             : OF(group_batches)(rows, ahead, most, columns, rest);                \
    }
#define CASE(columns)                                                                              \
    case columns:                                                                                  \
        return OF(group_##columns)(rows, ahead, most, rest);
#if WIDEST > SHORT
COLUMNS(3)
COLUMNS(4)
COLUMNS(5)
COLUMNS(6)
COLUMNS(7)
COLUMNS(8)
#define CASES CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8)
#else
#define CASES
#endif

/* All rows, at least LANES. */
TARGET static double OF(group_run)(const rfi_rows *rows)
{
    const int64_t most = batch_rows(1, rows->d);
    const int64_t ahead = rows->stream ? most * rows->ld * (int64_t)sizeof(REAL) : 0;
    const int columns = (int)((rows->d + LANES - 1) / LANES), rest = (int)rows->d - (columns - 1) * LANES;
    (void)rest;
    switch (columns) {
        CASES
    default:
        return OF(group_batches)(rows, ahead, most, 0, 0);
    }
}
#undef COLUMNS
#undef CASE
#undef CASES
