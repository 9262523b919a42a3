/* expsum: the functions of time that are watched along a segment,
 *
 *     f(tau) = f(0) + sum_j p_j (1 - e^{-lambda_j tau})        (docs/mathematics.md 1; p_j = a_j/lambda_j)
 *            = f(inf) - sum_j p_j e^{-lambda_j tau},
 *
 * and the first instant at which one leaves its side, certified (docs/mathematics.md 2).
 * Pure; the caller owns the arrays.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_EXPSUM_H
#define RFI_EXPSUM_H

#include <stdint.h>

#include "model/pattern.h"

typedef struct rfi_expsum {
    int64_t modes;
    const double *rate; /* lambda_j > 0, descending             */
    const double *p;    /* p_j                                  */
    double start;       /* f(0)                                 */
    double limit;       /* f(inf)                               */
    double floor;       /* absolute error f(0) comes with       */
    double haze;        /* error of f(inf) from that of the p_j */
    double size;        /* |f(0)| + sum |p_j|                   */
    double limit_noise; /* error of f(inf)                      */
} rfi_expsum;

typedef struct rfi_value {
    double f, slope;           /* f(tau), f'(tau)                                    */
    double noise, slope_noise; /* rounding errors of both, docs/mathematics.md 2     */
} rfi_value;

/* Fills in size, limit and its error.  limit NULL: f(0) + sum p_j.  A limit within its error of 0 is 0. */
void rfi_expsum_finish(rfi_expsum *f, const double *limit, double limit_noise);

rfi_value rfi_expsum_at(const rfi_expsum *f, double tau);

/* Laguerre-Descartes: an upper bound of the number of zeros in (tau, infinity), with its parity when
 * it is certain.  side is the sign of f just after tau; at_zero says that f(tau) = 0. */
int64_t rfi_expsum_count(const rfi_expsum *f, double side, double tau, int at_zero);

/* Where a function leaves its side. */
typedef struct rfi_exit {
    double tau;         /* first tau > 0 with side f < 0 beyond it; INFINITY: never        */
    double uncertainty; /* of tau, from the rounding of f                                  */
    double touch;       /* first touch that is closer to a crossing than rounding can tell;
                           INFINITY: none                                                  */
} rfi_exit;

/* scratch: 4 * modes doubles. */
rfi_exit rfi_expsum_exit(const rfi_expsum *f, double side, int stand, double from, double until,
                         double *scratch);

#endif
