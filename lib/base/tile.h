/* tile: products of dense matrices in tiles that stay in registers, for the shapes that the flow of one
 * neuron of large dimension needs (docs/mathematics.md 6).  Not every BLAS knows every processor; these
 * kernels are chosen by base/cpu.h.  Fused where the instructions are there: results differ by rounding
 * between instruction sets, never between two calls on one machine.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_TILE_H
#define RFI_TILE_H

#include <stdint.h>

#include "base/team.h"

/* Columns of a strip that is packed, and floats of a vector at most. */
enum { RFI_TILE_PACK = 24, RFI_TILE_PACK_SINGLE = 48, RFI_TILE_FLOATS = 16 };
/* What becomes of C. */
enum { RFI_TILE_SET = 0, RFI_TILE_ADD = 1, RFI_TILE_SUBTRACT = 2 };

/* C = A B, C += A B or C -= A B: A is m x k with element (i, l) at A[i row + l step], B k x n and C m x n by
 * rows of ldb and ldc; n is a multiple of RFI_LANES.  C overlaps neither. */
typedef struct rfi_product {
    int64_t m, n, k;
    const double *A;
    int64_t row, step;
    const double *B;
    int64_t ldb;
    double *C;
    int64_t ldc;
    int how;
    double *pack; /* scratch of RFI_TILE_PACK k doubles for C = A B, or NULL: pays where m and k are large */
    int32_t packs; /* for so many threads; of one thread 1 or 0 */
    const double *next; /* C of what is added next, by rows of ldc, which is asked for meanwhile; or NULL */
} rfi_product;

/* C = A B in single precision, B rounded to it where it is packed: by rows of ldc, a multiple of RFI_TILE_FLOATS, up to
 * which zeros are written behind column n.  Packs are of RFI_TILE_PACK_SINGLE k floats, one for each job of a team: a
 * product with too few of them is not shared. */
typedef struct rfi_product_single {
    int64_t m, n, k;
    const float *A;
    int64_t row, step;
    const double *B;
    int64_t ldb;
    float *C;
    int64_t ldc;
    int how; /* RFI_TILE_SET */
    float *pack;
    int32_t packs;
} rfi_product_single;

/* C = A B^T, rows by rows: A is m x k by rows of lda, B n x k and C m x n by rows of ldb and ldc; k is a multiple of
 * RFI_LANES.  C overlaps neither. */
typedef struct rfi_pairs {
    int64_t m, n, k;
    const double *A;
    int64_t lda;
    const double *B;
    int64_t ldb;
    double *C;
    int64_t ldc;
} rfi_pairs;

/* The same of single precision, k a multiple of RFI_TILE_FLOATS. */
typedef struct rfi_pairs_single {
    int64_t m, n, k;
    const float *A;
    int64_t lda;
    const float *B;
    int64_t ldb;
    double *C;
    int64_t ldc;
} rfi_pairs_single;

typedef void (*rfi_tile)(const rfi_product *product);

/* The kernels of an instruction set. */
typedef struct rfi_tiles {
    rfi_tile product;
    void (*product_single)(const rfi_product_single *product);
    void (*pairs)(const rfi_pairs *pairs);
    void (*pairs_single)(const rfi_pairs_single *pairs);
} rfi_tiles;

static inline int64_t rfi_padded_single(int64_t d)
{
    return (d + RFI_TILE_FLOATS - 1) / RFI_TILE_FLOATS * RFI_TILE_FLOATS;
}

/* A product by a team, or by the calling thread (NULL), with the same bits for every number of members: every
 * element is a sum in the order of l. */
void rfi_tile_run(rfi_tile tile, const rfi_product *product, rfi_team *team);
void rfi_tile_run_single(const rfi_tiles *tiles, const rfi_product_single *product, rfi_team *team);

/* The kernels of a level of base/cpu.h; NULL if the library was built without it. */
const rfi_tiles *rfi_tiles_at(int level);
rfi_tile rfi_tile_at(int level);
/* The kernels to use on this machine. */
const rfi_tiles *rfi_tiles_choose(void);
rfi_tile rfi_tile_choose(void);

#endif
