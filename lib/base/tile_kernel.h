/* tile_kernel: the kernels of tile.h for one instruction set and one kind of numbers.  Included once for each, with
 * LEVEL and SINGLE of tile_lanes.h; the tile that fills the registers has TALL rows of WIDE vectors, that of rows by
 * rows so many of the one by so many of the other.
 * SPDX-License-Identifier: MIT */
#include "base/tile_lanes.h"

#undef TALL
#undef WIDE
#undef ROWS
#undef OTHERS
#if LEVEL == 2
#define TALL 8
#define WIDE 3
#define ROWS 6
#define OTHERS 4
#else
#define TALL 4
#define WIDE 2
#define ROWS 3
#define OTHERS 4
#endif

/* Of a row that is multiplied next, so much is asked for while TALL rows are multiplied: all at once would take as long
 * as they do. */
#undef AHEAD
#define AHEAD (SINGLE ? 16 : 8)

#undef PRODUCT
#undef PAIRS
#undef ALWAYS_PACKS
#if SINGLE
#define PRODUCT rfi_product_single
#define PAIRS rfi_pairs_single
#define ALWAYS_PACKS 1
#else
#define PRODUCT rfi_product
#define PAIRS rfi_pairs
#define ALWAYS_PACKS 0
#endif

/* Adds a row of B times a column of A, whose elements are `row` apart.  tall and wide are constants where it is called,
 * here and below. */
TARGET ALWAYS_INLINE void NAME(step)(const real *A, int64_t row, const real *B, const int tall, const int wide,
                                     vec s[TALL][WIDE])
{
    vec b[WIDE];
    int i, j;
    UNROLL
    for (j = 0; j < wide; ++j)
        b[j] = v_load(B + j * LANES);
    UNROLL
    for (i = 0; i < tall; ++i) {
        const vec a = v_set(A[i * row]);
        UNROLL
        for (j = 0; j < wide; ++j)
            s[i][j] = v_fma(a, b[j], s[i][j]);
    }
}

TARGET ALWAYS_INLINE void NAME(clear)(const int tall, const int wide, vec s[TALL][WIDE])
{
    int i, j;
    UNROLL
    for (i = 0; i < tall; ++i)
        UNROLL
        for (j = 0; j < wide; ++j)
            s[i][j] = v_zero();
}

/* Rows 0 .. tall - 1 and the first `wide` vectors of C = A B; ahead: of what is multiplied next the part that is asked
 * for meanwhile, or NULL. */
TARGET ALWAYS_INLINE void NAME(set_part)(const PRODUCT *p, const real *A, const real *B, int64_t ldb, real *C,
                                         const int tall, const int wide, const double *ahead)
{
    vec s[TALL][WIDE];
    int64_t l;
    int i, j;
    NAME(clear)(tall, wide, s);
    for (l = 0; l < p->k; ++l) {
        for (j = 0; j < AHEAD && ahead != NULL; j += 8)
            PREFETCH(ahead + l * p->ldb + j);
        NAME(step)(A + l * p->step, p->row, B + l * ldb, tall, wide, s);
    }
    UNROLL
    for (i = 0; i < tall; ++i)
        UNROLL
        for (j = 0; j < wide; ++j)
            v_store(C + i * p->ldc + j * LANES, s[i][j]);
}

/* The same of C += A B or C -= A B; next: where C of what follows is, which is asked for meanwhile. */
TARGET ALWAYS_INLINE void NAME(add_part)(const PRODUCT *p, const int how, const real *A, const int64_t row,
                                         const real *B, real *C, const int tall, const int wide, const real *next)
{
    const int64_t k = p->k, step = p->step, ldb = p->ldb, ldc = p->ldc;
    vec s[TALL][WIDE];
    int64_t l = 0;
    int i, j;
    NAME(clear)(tall, wide, s);
    for (i = 0; i < tall; ++i)
        for (j = 0; j < wide && l < k; ++j, ++l) {
            PREFETCH_FIRST(next + i * ldc + j * LANES);
            NAME(step)(A + l * step, row, B + l * ldb, tall, wide, s);
        }
    for (; l < k; ++l)
        NAME(step)(A + l * step, row, B + l * ldb, tall, wide, s);
    UNROLL
    for (i = 0; i < tall; ++i)
        UNROLL
        for (j = 0; j < wide; ++j) {
            real *c = C + i * ldc + j * LANES;
            v_store(c, how == RFI_TILE_ADD ? v_add(v_load(c), s[i][j]) : v_sub(v_load(c), s[i][j]));
        }
}

/* A strip of B as it is read: of a width that is known, and of the numbers that are multiplied. */
TARGET ALWAYS_INLINE void NAME(pack)(const PRODUCT *p, int64_t column, const int wide)
{
    const int64_t ldb = wide * LANES, left = rfi_smaller(ldb, p->n - column);
    int64_t l, j;
    for (l = 0; l < p->k; ++l) {
        const double *from = p->B + l * p->ldb + column;
        real *to = p->pack + l * ldb;
        if (left == ldb)
            for (j = 0; j < wide * LANES; ++j)
                to[j] = (real)from[j];
        else
            for (j = 0; j < ldb; ++j)
                to[j] = j < left ? (real)from[j] : (real)0;
    }
}

/* All rows of `wide` vectors of columns of C = A B. */
TARGET ALWAYS_INLINE void NAME(set_columns)(const PRODUCT *p, int64_t column, const int wide)
{
    const int packs = ALWAYS_PACKS || (p->pack != NULL && p->m >= 2 * TALL);
    const int64_t ldb = packs ? wide * LANES : p->ldb;
#if SINGLE
    const real *B = p->pack;
#else
    const real *B = packs ? p->pack : p->B + column;
#endif
    const int follows = packs && column + 2 * wide * LANES <= p->n && p->m >= TALL;
    const double *ahead = follows ? p->B + column + wide * LANES : NULL;
    int64_t i = 0;
    if (packs)
        NAME(pack)(p, column, wide);
    for (; ahead != NULL && i / TALL * AHEAD < wide * LANES && p->m - i >= TALL; i += TALL)
        NAME(set_part)(p, p->A + i * p->row, B, ldb, p->C + i * p->ldc + column, TALL, wide, ahead + i / TALL * AHEAD);
    for (; p->m - i >= TALL; i += TALL)
        NAME(set_part)(p, p->A + i * p->row, B, ldb, p->C + i * p->ldc + column, TALL, wide, NULL);
    for (; p->m - i >= 4; i += 4)
        NAME(set_part)(p, p->A + i * p->row, B, ldb, p->C + i * p->ldc + column, 4, wide, NULL);
    for (; p->m - i >= 2; i += 2)
        NAME(set_part)(p, p->A + i * p->row, B, ldb, p->C + i * p->ldc + column, 2, wide, NULL);
    if (p->m > i)
        NAME(set_part)(p, p->A + i * p->row, B, ldb, p->C + i * p->ldc + column, 1, wide, NULL);
}

#if !SINGLE
/* The same of C += A B or C -= A B.  how is a constant where it is called, and row may be 1. */
TARGET ALWAYS_INLINE void NAME(add_columns)(const PRODUCT *p, const int how, const int64_t row, int64_t column,
                                            const int wide)
{
    const real *B = p->B + column, *A = p->A;
    real *C = p->C + column;
    int64_t left;
    for (left = p->m; left >= TALL; left -= TALL, A += TALL * row, C += TALL * p->ldc)
        NAME(add_part)(p, how, A, row, B, C, TALL, wide,
                       left >= 2 * TALL ? C + TALL * p->ldc : p->next != NULL ? p->next : C);
    for (; left >= 4; left -= 4, A += 4 * row, C += 4 * p->ldc)
        NAME(add_part)(p, how, A, row, B, C, 4, wide, C);
    for (; left >= 2; left -= 2, A += 2 * row, C += 2 * p->ldc)
        NAME(add_part)(p, how, A, row, B, C, 2, wide, C);
    if (left > 0)
        NAME(add_part)(p, how, A, row, B, C, 1, wide, C);
}

TARGET ALWAYS_INLINE void NAME(add)(const PRODUCT *p, const int how, const int64_t row)
{
    int64_t column = 0;
    for (; p->n - column >= WIDE * LANES; column += WIDE * LANES)
        NAME(add_columns)(p, how, row, column, WIDE);
    for (; column < p->n; column += LANES)
        NAME(add_columns)(p, how, row, column, 1);
}

/* A by columns, as it is where H is updated. */
TARGET NEVER_INLINE void NAME(add_upright)(const PRODUCT *p)
{
    NAME(add)(p, RFI_TILE_ADD, 1);
}
#endif

TARGET static void NAME(product)(const PRODUCT *p)
{
    int64_t column = 0;
#if !SINGLE
    if (p->how == RFI_TILE_ADD && p->row == 1)
        NAME(add_upright)(p);
    else if (p->how == RFI_TILE_ADD)
        NAME(add)(p, RFI_TILE_ADD, p->row);
    else if (p->how == RFI_TILE_SUBTRACT)
        NAME(add)(p, RFI_TILE_SUBTRACT, p->row);
    if (p->how != RFI_TILE_SET)
        return;
#endif
    for (; p->n - column >= WIDE * LANES; column += WIDE * LANES)
        NAME(set_columns)(p, column, WIDE);
    for (; column < p->n; column += LANES)
        NAME(set_columns)(p, column, 1);
}

/* Of a few rows by `others` ones; rows and others are constants where it is called. */
TARGET ALWAYS_INLINE void NAME(few_pairs)(const PAIRS *p, int64_t i, int64_t j, const int rows, const int others)
{
    const real *A = p->A + i * p->lda, *B = p->B + j * p->ldb;
    vec s[ROWS][OTHERS];
    int64_t l;
    int r, o;
    UNROLL
    for (r = 0; r < rows; ++r)
        UNROLL
        for (o = 0; o < others; ++o)
            s[r][o] = v_zero();
    for (l = 0; l < p->k; l += LANES) {
        vec a[ROWS];
        UNROLL
        for (r = 0; r < rows; ++r)
            a[r] = v_load(A + r * p->lda + l);
        UNROLL
        for (o = 0; o < others; ++o) {
            const vec b = v_load(B + o * p->ldb + l);
            UNROLL
            for (r = 0; r < rows; ++r)
                s[r][o] = v_fma(a[r], b, s[r][o]);
        }
    }
    UNROLL
    for (r = 0; r < rows; ++r)
        UNROLL
        for (o = 0; o < others; ++o)
            p->C[(i + r) * p->ldc + j + o] = v_total(s[r][o]);
}

/* All rows by `others` ones. */
TARGET ALWAYS_INLINE void NAME(some_pairs)(const PAIRS *p, int64_t j, const int others)
{
    int64_t i = 0;
    for (; p->m - i >= ROWS; i += ROWS)
        NAME(few_pairs)(p, i, j, ROWS, others);
    for (; p->m - i >= 2; i += 2)
        NAME(few_pairs)(p, i, j, 2, others);
    if (p->m > i)
        NAME(few_pairs)(p, i, j, 1, others);
}

TARGET static void NAME(pairs)(const PAIRS *p)
{
    int64_t j = 0;
    for (; p->n - j >= OTHERS; j += OTHERS)
        NAME(some_pairs)(p, j, OTHERS);
    for (; j < p->n; ++j)
        NAME(some_pairs)(p, j, 1);
}
