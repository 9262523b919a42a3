/* rows: margins, residuals, loss and gradient of consecutive rows, each row read from memory
 * once.  One function for every vector instruction set and type of X; a table of constants per
 * set.
 * SPDX-License-Identifier: MIT
 *
 * Rounding.  u = 2^-53, gamma_k = k u / (1 - k u); x_i is exact, a float being widened without
 * error. A margin is a dot product of d terms, summed in some order by the lanes of a vector:
 *
 *     |z - x_i.w| <= gamma_d sum_k |x_ik w_k|
 *
 * (Higham, Accuracy and Stability of Numerical Algorithms, 3.1; with fused products one less).
 * The order depends on d and the instruction set only, not on i or on what else is asked for:
 * equal rows have equal margins, and equal neurons too.  With s the slope, r^ = s z - y_i and
 * the coefficient c_i s a r^ bring gamma_2 and gamma_3 of their own, and the sum of the
 * coefficients times x_ik over n rows has at most n + B + 1 roundings per term, B the number of
 * blocks (kernels.c):
 *
 *     |g_k - sum_i c_i s_i a r_i x_ik| <= gamma_{n+B+4} sum_i |c_i s_i a r^_i x_ik|
 *                                         + sum_i |c_i s_i a x_ik| |r^_i - r_i|,
 *     |r^_i - r_i| <= |s_i| gamma_d sum_k |x_ik w_k| + gamma_2 (|s_i z_i| + |y_i|).
 *
 * Likewise the loss, with gamma_{n+B+4} on 1/2 sum c_i r^_i^2.  For m neurons the sum f_i of m
 * terms brings gamma_{m+1} on sum_j |a_j s_ij z_ij|. */
#ifndef RFI_ROWS_H
#define RFI_ROWS_H

#include <stdint.h>

/* The state of a datum, as in rf_model_pattern. */
enum { RFI_INACTIVE = 0, RFI_ACTIVE = 1, RFI_SLIDING = 2 };

/* Rows 0 .. count - 1 of a part of the data.  Per-datum arrays of m neurons have `pitch`
 * elements for each neuron.  Pointers may be NULL where it says so. */
typedef struct rfi_rows {
    const void *X; /* float or double, by the function; rows of leading dimension ld        */
    int64_t ld, count, d, neurons, pitch;
    const double *w;        /* m x d                                                        */
    const double *a;        /* m: outer weights                                             */
    const double *y;        /* count                                                        */
    const double *c;        /* count; NULL: `weight` for all of them                        */
    double weight, slope;   /* slope: of sigma where a datum is not active                  */
    const uint8_t *state;   /* the pattern; NULL: active where the margin is positive       */
    const uint8_t *on_kink; /* where the margin is exactly 0; NULL: nowhere                 */
    double *margins;        /* NULL: not wanted                                             */
    double *residuals;      /* count; NULL: not wanted                                      */
    uint8_t *pattern;       /* RFI_ACTIVE or RFI_INACTIVE by the margin; NULL: not wanted   */
    double *gradient;       /* m x d, added to; NULL: not wanted                            */
    int stream;             /* where X comes from, by n and d: 0 the second cache, 1 the third, 2
                               memory; decides what is fetched ahead, and no result          */
    double *scratch;        /* rfi_rows_scratch(m) doubles                                  */
} rfi_rows;

enum { RFI_ROWS_SEVERAL = 80 };

static inline int64_t rfi_rows_scratch(int64_t neurons)
{
    return neurons > 1 ? RFI_ROWS_SEVERAL * neurons : 0;
}

/* The sum of c_i r_i^2 of the rows; adds to the gradient. */
typedef double (*rfi_rows_function)(const rfi_rows *rows);

typedef struct rfi_rows_table {
    const char *name;
    rfi_rows_function of_double, of_float;
} rfi_rows_table;

/* The kernels of a level of base/cpu.h; NULL if the library was built without them.  Calling one
 * needs a machine that has the level. */
const rfi_rows_table *rfi_rows_at(int level);

/* The kernels to use on this machine. */
const rfi_rows_table *rfi_rows_choose(void);

extern const rfi_rows_table rfi_rows_baseline;
#if defined(__x86_64__) && defined(__GNUC__)
extern const rfi_rows_table rfi_rows_avx2, rfi_rows_avx512;
#endif

#endif
