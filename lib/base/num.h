/* num: scalar numerics that every layer needs.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_NUM_H
#define RFI_NUM_H

#include <stdint.h>

#include "base/view.h"

/* Unit roundoff of the comparisons in docs/mathematics.md: the distance from 1 to the next double. */
#define RFI_EPS 2.2204460492503131e-16

/* e^{-x} and 1 - e^{-x} for x >= 0, both to full relative accuracy, with one transcendental. */
typedef struct rfi_decay {
    double rest; /* e^{-x} */
    double done; /* 1 - e^{-x} */
} rfi_decay;
rfi_decay rfi_decay_at(double x);

/* x - (1 - e^{-x}) for x >= 0 to full relative accuracy: x^2 phi2(-x), docs/mathematics.md 1. */
double rfi_decay_lag(double x);

/* Dot product with independent partial sums (fast), and the same to twice the working precision
 * (its sign is that of the exact value unless that is below about d^2 eps^2 sum |x_k w_k|, when it
 * is given as 0). */
double rfi_dot(const double *x, const double *y, int64_t d);
double rfi_dot_accurate(const double *x, const double *y, int64_t d);

/* The second one piece by piece: a value of zeros, then pieces, then the sum of all d products. */
typedef struct rfi_accurate {
    double sum, lost, size;
} rfi_accurate;
void rfi_accurate_add(rfi_accurate *total, const double *x, const double *y, int64_t count);
double rfi_accurate_value(const rfi_accurate *total, int64_t d);

/* y += a x. */
void rfi_axpy(double a, const double *x, double *y, int64_t d);

/* Euclidean norm without overflow or underflow. */
double rfi_norm(const double *x, int64_t d);

/* The norm of x - y. */
double rfi_distance(const double *x, const double *y, int64_t d);

/* The power of two just above a size, or the nearest that can be divided by and into; of 0 it is 1. */
double rfi_unit_of(double size);

/* Appends the direction of x to an orthonormal basis of `rank` rows of length d, which has room for one
 * more.  Returns 1, or 0 if x depends on the basis: if no more than rounding is left of it. */
int rfi_extend_basis(double *basis, int64_t rank, rfi_view x, int64_t d);

static inline int64_t rfi_larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static inline int64_t rfi_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* x^k for k > 0. */
double rfi_raised(double x, int64_t k);

/* As fmax and fmin of numbers, without a call. */
static inline double rfi_more(double a, double b)
{
    return a > b ? a : b;
}

static inline double rfi_less(double a, double b)
{
    return a < b ? a : b;
}

/* Index of the first value that is NaN or infinite, or -1. */
int64_t rfi_first_not_finite(const double *x, int64_t count);

#endif
