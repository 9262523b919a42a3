/* sieve: which margins may vanish along a segment, without forming their sums (docs/mathematics.md 2).  A
 * margin is a linear function of w, and between two instants w strays from its chord by a length that
 * the modes alone tell: a line whose margin is more than |x| times that from 0 at both does not reach its
 * kink between them.  Nor does one whose margin is more than |x| times the way of w; it is not looked at.
 * Lengths are also measured by the sum of the squares of all margins, X^T X, where many segments follow each
 * other: on ill-conditioned data w goes far along directions in which rows are short.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_SIEVE_H
#define RFI_SIEVE_H

#include "flow/segment.h"

/* A length, and the same in the metric of X^T X. */
typedef struct rfi_length {
    double plain, spread;
} rfi_length;

typedef struct rfi_sieve {
    int64_t ld;
    int64_t count;  /* lines that are left, and for each: */
    int64_t *line;  /* its index                          */
    double *z;      /* its margin when it was looked at   */
    rfi_length *met; /* and the way up to there           */
    int64_t hits;   /* lines that may have reached their kink: */
    int64_t *hit;   /* ascending                          */
    double *w;      /* 5 ld: w of the neuron at the next instants, and now */
    double *x;      /* ld: a row                          */
    double *all;    /* D: of all neurons                  */
    double tau;     /* the instant up to which all but the hits are certain; INFINITY: for ever */
    rfi_length way; /* how far the flow has come by tau, from instant to instant */
    double slack;   /* the rounding of margins, over |x|  */
    int wanted;     /* segments follow each other: X^T X is worth its cost     */
    int spreads;    /* its triangle is 1: known, -1: too badly conditioned     */
    double *R;      /* d x ld: the triangle, X^T X = R^T R                     */
    double *spread; /* lines: |R^{-T} x|, so that |x . v| <= spread |R v|      */
    double factor;  /* |R v| <= factor |(s_j q_j . v)_j| for all v along modes; 0: not in use */
} rfi_sieve;

int rfi_sieve_create(rfi_sieve *sieve, const rfi_problem *problem);
void rfi_sieve_free(rfi_sieve *sieve, const rf_allocator *allocator);

/* 1 if there are so many lines that the sieve costs less than their sums. */
int rfi_sieve_serves(const rfi_segment *segment);
/* Starts with the lines of a neuron; the hits are those that stand on their kink. */
void rfi_sieve_begin(rfi_sieve *sieve, const rfi_segment *segment, const rfi_problem *problem,
                     const rfi_pattern *pattern, int64_t neuron);
/* Goes on over four more instants, or to infinity where little is left to move; finds the hits. */
void rfi_sieve_next(rfi_sieve *sieve, const rfi_segment *segment, const rfi_problem *problem,
                    const rfi_pattern *pattern, int64_t neuron);

#endif
