/* dense: products of small dense matrices and vectors, for sizes at which a call of BLAS costs more than
 * the arithmetic.  Vectors are padded with zeros to a multiple of RFI_LANES.
 *
 * Every sum runs in RFI_LANES partial sums and is rounded as written: the results have the same bits on
 * every instruction set.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_DENSE_H
#define RFI_DENSE_H

#include <stdint.h>

/* RFI_MOST_POWER: of H, in a polynomial. */
enum { RFI_LANES = 8, RFI_MOST_POWER = 18 };

#define RFI_LEAST_LENGTH 1.5e-154 /* the square of a length below this is not a normal number */

static inline int64_t rfi_padded(int64_t d)
{
    return (d + RFI_LANES - 1) / RFI_LANES * RFI_LANES;
}

/* The first place in a block that begins a cache line, RFI_LANES - 1 further on at most. */
static inline double *rfi_aligned(double *block)
{
    const uintptr_t line = RFI_LANES * sizeof(double);
    return block + (line - (uintptr_t)block % line) % line / sizeof(double);
}

typedef struct rfi_dense {
    /* y = H x: H symmetric, d rows of ld; x and y of ld. */
    void (*apply)(int64_t d, int64_t ld, const double *H, const double *x, double *y);
    /* y = f H^T x for d rows of ld, x of d; returns y . y. */
    double (*apply_scaled)(int64_t d, int64_t ld, double f, const double *H, const double *x, double *y);
    /* y += what the rows first .. last - 1 of a symmetric H, and as many of its columns, add to H x, but for what those
     * before them add; first is a multiple of RFI_LANES, and so is last, or it is the number of rows. */
    void (*apply_half)(int64_t ld, int64_t first, int64_t last, const double *H, const double *x, double *y);
    /* H += a x x^T */
    void (*update)(int64_t d, int64_t ld, double a, const double *x, double *H);
    /* H += sum_r a_r v_r v_r^T over the eight rows v_r of V. */
    void (*update_eight)(int64_t d, int64_t ld, const double *a, const double *V, double *H);
    /* out_k = x . V_k for count rows of V.  Of one row ld is any number of elements of x; V is padded. */
    void (*dots)(int64_t ld, int64_t count, const double *x, const double *V, double *out);
    /* out_k = x_k . v for count rows x_k of d elements, not padded: with the bits of dots; v is padded. */
    void (*each)(int64_t d, int64_t count, const double *const *x, const double *v, double *out);
    /* y += sum_k a_k x_k for count rows x_k of d elements, not padded, one after the other; y is padded. */
    void (*combine)(int64_t d, int64_t count, const double *a, const double *const *x, double *y);
    /* y += a x */
    void (*add)(int64_t ld, double a, const double *x, double *y);
    /* y = sum_k a_k tau^k T_k, k <= order, for the rows T_k of T; by Horner's rule, even and odd k apart. */
    void (*horner)(int64_t ld, int64_t order, const double *a, double tau, const double *T, double *y);
    /* out_0..2 = x . V_0..2 for a row x of d elements, not padded; V has rows of ld. */
    void (*triple)(int64_t d, int64_t ld, const double *x, const double *V, double *out);
    /* The same, with the same bits, for two rows into out_0 and out_1; fetches d elements of two others meanwhile. */
    void (*triples)(int64_t d, int64_t ld, const double *const *x, const double *const *next, const double *V,
                    double *const *out);
    /* As triple for the rows 0 .. 2 of V and 0 .. 1 of W. */
    void (*five)(int64_t d, int64_t ld, const double *x, const double *V, const double *W,
                 double *out);
    /* The row T_1 = b - H T_0 of RFI_LANES, for H of d <= RFI_LANES rows; length: of T_0, T_1, b and H T_0. */
    void (*begin)(int64_t d, const double *H, const double *b, double *T, double *length);
    /* Rows T_{k+1} = -H T_k/(k + 1) of RFI_LANES from k = 1 on, for H of d <= RFI_LANES rows, and size_k = |T_k|,
     * up to the k = 3 .. most <= RFI_MOST_POWER at which max(size_{k+1}, RFI_LEAST_LENGTH) want^{k+1} <= tolerance, or
     * the squares of both are too small to tell; returns that k. */
    int64_t (*powers)(int64_t d, const double *H, double want, double tolerance, int64_t most, double *T,
                      double *size);
    /* Rows 0 .. count - 1 of RFI_LANES columns become columns, both by rows of ld; count is a multiple of RFI_LANES. */
    void (*turn)(int64_t count, int64_t ld, const double *from, double *to);
} rfi_dense;

/* The kernels of a level of base/cpu.h; NULL if the library was built without them. */
const rfi_dense *rfi_dense_at(int level);

#endif
