/* grid: products of data with many neurons at once, the neurons in the lanes.  Weights lie dimension by
 * dimension: W[k ld + j] is element k of w_j, ld a multiple of RFI_LANES, and what is beyond the neurons is
 * 0.
 *
 * Every sum is rounded as written, in RFI_LANES partial sums where it runs over neurons: the results have
 * the same bits on every instruction set, and equal neurons have equal results.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_GRID_H
#define RFI_GRID_H

#include <stdint.h>

#include "base/dense.h"

typedef struct rfi_grid {
    /* sum_i = sum_j M_ij (x_i . w_j) and size_i = sum_j |M_ij (x_i . w_j)| for n rows x_i of d elements. */
    void (*forward)(int64_t n, int64_t d, int64_t ld, const double *X, const double *M,
                    const double *W, double *sum, double *size);
    /* V_j = sum_i s_i M_ij x_i */
    void (*backward)(int64_t n, int64_t d, int64_t ld, const double *X, const double *M,
                     const double *s, double *V);
    /* K_il += sign [a (G_il - sum_k y_ki y_kl)] over the i and l of mask 1, count rows y_k of ld elements.
     * The bracket is rounded to a multiple of the last place of `big`, 1.5 times a power of 2 that is at least
     * twice its size, so that sums and differences of brackets up to that power are exact. */
    void (*block)(int64_t n, int64_t ld, const double *G, const double *mask, int64_t count,
                  const double *Y, double a, double big, double sign, double *K);
    /* out_k = sum_i a f_i g_i S_ik for k < count, at most ld, and what else is in their groups of lanes; rows of
     * S have ld elements.  Lines with f_i = 0 are left out. */
    void (*gather)(int64_t n, int64_t count, int64_t ld, double a, const double *f,
                   const double *g, const double *S, double *out);
    /* y_i <- 2 (t_i - f w_i y_i) - p_i, sum_i += a y_i */
    void (*recur)(int64_t ld, double f, const double *w, const double *t, const double *p, double a,
                  double *y, double *sum);
    /* y_i <- f w_i y_i; returns sum_i y_i^2 v_i. */
    double (*weigh)(int64_t ld, double f, const double *w, const double *v, double *y);
} rfi_grid;

/* The kernels of a level of base/cpu.h; NULL if the library was built without them. */
const rfi_grid *rfi_grid_at(int level);

#endif
