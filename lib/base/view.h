/* view: vectors and matrices that the caller may have given in single precision.  They are read
 * only; an element is widened to double when it is used, which is exact, so that every result is
 * bit for bit that of the same numbers given in double precision.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_VIEW_H
#define RFI_VIEW_H

#include <stddef.h>
#include <stdint.h>

/* One of the pointers is NULL. */
typedef struct rfi_view {
    const double *wide;
    const float *single;
} rfi_view;

/* Rows of leading dimension ld, from `first` on. */
typedef struct rfi_matrix {
    rfi_view first;
    int64_t ld;
} rfi_matrix;

static inline rfi_view rfi_view_of(const double *x)
{
    const rfi_view view = {x, NULL};
    return view;
}

static inline rfi_view rfi_view_of_single(const float *x)
{
    const rfi_view view = {NULL, x};
    return view;
}

/* The same from element k on. */
static inline rfi_view rfi_view_from(rfi_view x, int64_t k)
{
    return x.single != NULL ? rfi_view_of_single(x.single + k) : rfi_view_of(x.wide + k);
}

static inline double rfi_view_at(rfi_view x, int64_t k)
{
    return x.single != NULL ? (double)x.single[k] : x.wide[k];
}

static inline rfi_view rfi_matrix_row(rfi_matrix X, int64_t i)
{
    return rfi_view_from(X.first, i * X.ld);
}

/* As rfi_dot, rfi_dot_accurate, rfi_axpy and rfi_norm of base/num.h. */
double rfi_view_dot(rfi_view x, const double *y, int64_t d);
double rfi_view_dot_accurate(rfi_view x, const double *y, int64_t d);
void rfi_view_axpy(double a, rfi_view x, double *y, int64_t d);
double rfi_view_norm(rfi_view x, int64_t d);

/* The product of two of a kind. */
double rfi_view_product(rfi_view x, rfi_view y, int64_t d);

void rfi_view_copy(rfi_view x, double *out, int64_t d);

#endif
