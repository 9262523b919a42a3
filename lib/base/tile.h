/* tile: products of dense matrices in tiles that stay in registers, for the shapes that the flow of one
 * neuron of large dimension needs (docs/mathematics.md 6).  Not every BLAS knows every processor; these
 * kernels are chosen by base/cpu.h.  Fused where the instructions are there: results differ by rounding
 * between instruction sets, never between two calls on one machine.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_TILE_H
#define RFI_TILE_H

#include <stdint.h>

#include "base/team.h"

/* What becomes of C. */
enum { RFI_TILE_PACK = 24 };
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
    double *pack; /* scratch of RFI_TILE_PACK k doubles, or NULL: pays where m and k are large */
    int32_t packs; /* for so many threads; of one thread 1 or 0 */
} rfi_product;

typedef void (*rfi_tile)(const rfi_product *product);

/* A product by a team, or by the calling thread (NULL), with the same bits for every number of members: every
 * element is a sum in the order of l. */
void rfi_tile_run(rfi_tile tile, const rfi_product *product, rfi_team *team);

/* The kernel of a level of base/cpu.h; NULL if the library was built without it. */
rfi_tile rfi_tile_at(int level);
/* The kernel to use on this machine. */
rfi_tile rfi_tile_choose(void);

#endif
