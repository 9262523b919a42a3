/* tile_kernel: the product of tile.h for one instruction set.  Included once for each, with vec and
 *     v_zero() v_set(a) v_load(p) v_store(p, v) v_add(a, b) v_sub(a, b) v_fma(a, b, c) = a b + c
 * of LANES doubles, TARGET, the attribute that chooses the instructions, NAME(f), the name of f, and the
 * tile that fills the registers, TALL rows of WIDE vectors.
 * SPDX-License-Identifier: MIT */

/* Rows 0 .. tall - 1 and the first `wide` vectors of C.  tall and wide are constants where it is called; ahead: what
 * is multiplied next, to be asked for meanwhile, or NULL. */
TARGET ALWAYS_INLINE void NAME(part)(const rfi_product *p, const double *A, const double *B, int64_t ldb,
                                     double *C, const int tall, const int wide, const double *ahead)
{
    vec s[TALL][WIDE];
    int64_t l;
    int i, j;
    UNROLL
    for (i = 0; i < tall; ++i)
        UNROLL
        for (j = 0; j < wide; ++j)
            s[i][j] = v_zero();
    for (i = 0; i < tall && p->how != RFI_TILE_SET; ++i)
        for (j = 0; j < wide * LANES; j += 8)
            PREFETCH(C + i * p->ldc + j);
    for (l = 0; l < p->k; ++l) {
        vec b[WIDE];
        for (j = 0; j < wide * LANES && ahead != NULL; j += 8)
            PREFETCH(ahead + l * p->ldb + j);
        UNROLL
        for (j = 0; j < wide; ++j)
            b[j] = v_load(B + l * ldb + j * LANES);
        UNROLL
        for (i = 0; i < tall; ++i) {
            const vec a = v_set(A[i * p->row + l * p->step]);
            UNROLL
            for (j = 0; j < wide; ++j)
                s[i][j] = v_fma(a, b[j], s[i][j]);
        }
    }
    UNROLL
    for (i = 0; i < tall; ++i)
        UNROLL
        for (j = 0; j < wide; ++j) {
            double *c = C + i * p->ldc + j * LANES;
            if (p->how == RFI_TILE_ADD)
                s[i][j] = v_add(v_load(c), s[i][j]);
            else if (p->how == RFI_TILE_SUBTRACT)
                s[i][j] = v_sub(v_load(c), s[i][j]);
            v_store(c, s[i][j]);
        }
}

/* All rows of `wide` vectors of columns. */
TARGET ALWAYS_INLINE void NAME(columns)(const rfi_product *p, int64_t column, const int wide)
{
    const int packs = p->pack != NULL && p->m >= 2 * TALL;
    const int64_t ldb = packs ? wide * LANES : p->ldb;
    const double *B = packs ? p->pack : p->B + column;
    const double *ahead = packs && column + 2 * wide * LANES <= p->n ? p->B + column + wide * LANES : NULL;
    int64_t i = 0, l;
    int j;
    for (l = 0; l < p->k && packs; ++l)
        UNROLL
        for (j = 0; j < wide; ++j)
            v_store(p->pack + l * ldb + j * LANES, v_load(p->B + l * p->ldb + column + j * LANES));
    if (ahead != NULL) {
        NAME(part)(p, p->A, B, ldb, p->C + column, TALL, wide, ahead);
        i = TALL;
    }
    for (; p->m - i >= TALL; i += TALL)
        NAME(part)(p, p->A + i * p->row, B, ldb, p->C + i * p->ldc + column, TALL, wide, NULL);
    for (; p->m - i >= 4; i += 4)
        NAME(part)(p, p->A + i * p->row, B, ldb, p->C + i * p->ldc + column, 4, wide, NULL);
    for (; p->m - i >= 2; i += 2)
        NAME(part)(p, p->A + i * p->row, B, ldb, p->C + i * p->ldc + column, 2, wide, NULL);
    if (p->m > i)
        NAME(part)(p, p->A + i * p->row, B, ldb, p->C + i * p->ldc + column, 1, wide, NULL);
}

TARGET static void NAME(product)(const rfi_product *p)
{
    int64_t column = 0;
    for (; p->n - column >= WIDE * LANES; column += WIDE * LANES)
        NAME(columns)(p, column, WIDE);
    for (; column < p->n; column += LANES)
        NAME(columns)(p, column, 1);
}
