/* crossing: the first step of descent at which a margin may have changed side, certified
 * (docs/mathematics.md 5).  Along a stretch of constant pattern a margin is, after k steps,
 *
 *     z(k) = z(0) + sum_j p_j (1 - mu_j^k) = z(inf) - sum_j p_j mu_j^k,  mu_j = 1 - eta lambda_j.
 *
 * Pure; the caller owns the arrays.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_CROSSING_H
#define RFI_CROSSING_H

#include <stdint.h>

/* The factors mu_j of one stretch. */
typedef struct rfi_factors {
    int64_t modes;
    double *rate;   /* -log |mu_j|: INFINITY for mu_j = 0, negative for a mode that grows        */
    double *bend;   /* eta lambda_j / |mu_j|: relative change of mu_j per that of eta lambda_j   */
    double *part;   /* eta lambda_j                                                            */
    uint8_t *turns; /* 1 where mu_j < 0                                                        */
    int64_t *order; /* the modes by rate, slowest first                                        */
    int turning, growing; /* there is such a mode                                              */
} rfi_factors;

/* Fills the factors in for eta and the rates lambda_j. */
void rfi_factors_set(rfi_factors *factors, double eta, const double *lambda, int64_t modes);

/* mu^k of mode j in *rest and 1 - mu^k, to full relative accuracy for mu > 0, in *done; k >= 1. */
void rfi_factors_power(const rfi_factors *factors, int64_t j, int64_t k, double *rest,
                       double *done);

/* A margin to watch: side z > 0 now. */
typedef struct rfi_watch {
    const double *p; /* modes                    */
    double start, limit;
    double start_noise; /* error z(0) comes with    */
    double limit_noise; /* error z(inf) comes with  */
    double side;        /* 1 or -1                  */
} rfi_watch;

/* doubt[j]: relative error of all p_j.  watch: count margins, in any order after the call;
 * clear: count bytes and work: 7 modes doubles of scratch.  Returns the first step k, from 1 to
 * most, up to which a margin is not certain to stay on its side; most + 1 if all are certain. */
int64_t rfi_crossing_first(const rfi_factors *factors, const double *doubt, rfi_watch *watch,
                           int64_t count, int64_t most, uint8_t *clear, double *work);

#endif
