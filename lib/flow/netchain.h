/* netchain: the flow of several neurons on a constant pattern as a Taylor polynomial about an anchor, made
 * on the side of the residuals (docs/mathematics.md 7):
 *
 *     s(t + tau) = sum_k S_k tau^k,   S_{k+1} = -D K S_k/(k + 1),   w_j' = -a_j P_j sum_{A_j} s_i x_i,
 *
 * s_i = c_i r_i, K = sum_j a_j^2 X_{A_j} P_j X_{A_j}^T, D = diag(c), P_j the projection onto the null space
 * of what slides of neuron j.  The rows x_i are brought to lengths between 1/2 and 1 by powers of 2, with c and
 * y to match.  K is kept in fixed point: it is that of its pattern to the last bit, however it came about.
 * Every line has one datum; a pair is a neuron j and a line i.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_NETCHAIN_H
#define RFI_NETCHAIN_H

#include "base/grid.h"
#include "model/pattern.h"

/* The highest power of s; w has one more. */
enum { RFI_NET_MOST = 40, RFI_NET_POWERS = RFI_NET_MOST + 2, RFI_NET_ROOM = 48 };
/* The most coefficients of a leap. */
enum { RFI_NET_LEAP = 640 };

typedef struct rfi_netchain {
    const rfi_dense *dense;
    const rfi_grid *grid;
    int64_t m, n, d; /* neurons, lines, dimensions                                       */
    int64_t mld, nld;
    double *X;       /* n x d: rows                                                      */
    double *columns; /* d x nld: the same by columns                                     */
    double *norm;    /* n: their lengths                                                 */
    double *weight, *inverse_weight; /* nld: c_i, and 1/c_i; 0 in the padding                */
    double *label;   /* nld: c_i y_i                                                     */
    double *G;       /* n x nld: X X^T                                                   */
    double *a;       /* m: outer weights                                                 */
    double big;      /* the last place of K is that of this number                       */
    double reach;    /* at least the norm of sqrt(D) X                                   */
    double *K;       /* n x nld                                                          */
    double *M;       /* n x mld: a_j of pairs that are active, else 0                    */
    double *mask;    /* m x nld: 1 and 0                                                 */
    int64_t *actives; /* m: pairs that are active                                        */
    double *W, *V;   /* d x mld: weights and velocities at the anchor                    */
    double *shift;   /* d x mld: scratch; at the anchor w_j''                            */
    double *S;       /* RFI_NET_POWERS x nld                                             */
    double *turned;  /* n x RFI_NET_ROOM: the same by lines, once a neuron is asked for  */
    int has_turned;
    double *sum, *lost; /* nld: scratch                                                  */
    double size[RFI_NET_POWERS]; /* |S_k| in the norm sqrt(s D^{-1} s)                       */
    double t, want, valid;
    double noise;     /* what S_0 is rounded by, and by how much s is off up to `valid`    */
    double leapt;     /* what the leap to the next anchor rounds S_0 by                    */
    double fastest;   /* the largest ratio of two derivatives of s                         */
    int64_t order;
    double *speed;    /* m: |w_j'|                                                        */
    int bends;        /* turning and u1 are known; they are not where `valid` is short    */
    double *turning;  /* m: |w_j''|                                                       */
    double *length;   /* m: |w_j|                                                         */
    int64_t most;     /* slides of a neuron at most                                      */
    int64_t *slides;  /* m: how many, and from j most on for each, ascending:            */
    int64_t *slide;   /* its line                                                        */
    double *Q;        /* d: an element of an orthonormal basis                           */
    double *R;        /* most: x_k = sum_l R_kl q_l, l <= k                              */
    double *Y;        /* nld: X q                                                        */
    double *inverse;  /* of its row of R^{-T}, the sum of sizes                          */
    double *u0, *u1;  /* its multiplier at the anchor, and the derivative                */
    double *B;        /* d x RFI_NET_ROOM: of w_j' of one neuron, by dimension           */
    double *u;        /* most x RFI_NET_ROOM: those of its multipliers                   */
    double *part;     /* RFI_NET_ROOM: 1/(k + 1)                                         */
    double *row;      /* 4 d: scratch                                                    */
    double rate;      /* a bound of the rates of the pattern, -1: not known              */
    double *decay;    /* RFI_NET_LEAP: coefficients of a leap                            */
    int64_t neuron;   /* whose coefficients B and u are, -1: none                        */
} rfi_netchain;

int rfi_netchain_create(rfi_netchain *c, const rfi_problem *problem);
void rfi_netchain_free(rfi_netchain *c, const rf_allocator *allocator);

/* Takes the numbers of the problem over.  Returns 0, or -1 if they leave the range in which this is safe. */
int rfi_netchain_set(rfi_netchain *c, const rfi_problem *problem);
/* K, the masks and the slides of a pattern.  Returns 0, or -1 if slides of a neuron are dependent or leave no
 * direction. */
int rfi_netchain_gather(rfi_netchain *c, const rfi_pattern *pattern);
/* The same after pair (j, i) has come to a side. */
int rfi_netchain_side(rfi_netchain *c, int64_t j, int64_t i, int to);

void rfi_netchain_put(rfi_netchain *c, const double *w);
void rfi_netchain_get(const rfi_netchain *c, double *w);
/* Sets the anchor at W.  Returns 0, or -1 if a number is not finite. */
int rfi_netchain_anchor(rfi_netchain *c, double t, double want);
/* W becomes that at the anchor + tau. */
void rfi_netchain_move(rfi_netchain *c, double tau);

/* The same beyond the validity of the polynomials; rfi_netchain_reach says how far. */
void rfi_netchain_leap(rfi_netchain *c, double tau);
double rfi_netchain_reach(rfi_netchain *c);

/* Moves W by what the integral of s in c->sum makes. */
void rfi_netchain_shift(rfi_netchain *c);

/* B and u of neuron j about the anchor. */
void rfi_netchain_neuron(rfi_netchain *c, int64_t j);
/* w_j and w_j' at the anchor + tau, from B. */
void rfi_netchain_weight(const rfi_netchain *c, double tau, double *w, double *v);
/* What is left of a row x after the projection for neuron j, in px; returns its square. */
double rfi_netchain_tangent(const rfi_netchain *c, int64_t j, const double *x, double *px);
/* Takes what x_i . w_j is off from 0 out of W. */
void rfi_netchain_clean(rfi_netchain *c, int64_t j, int64_t i);

/* What w_j, w_j' and w_j''/2 are rounded by. */
void rfi_netchain_noise(const rfi_netchain *c, int64_t j, double noise[3]);
/* The same of a multiplier, of the slide at position k of neuron j. */
double rfi_netchain_floor(const rfi_netchain *c, int64_t j, int64_t k);
/* A bound of the derivative of an order, 3 at most, of s and of its polynomial, in the norm of `size`. */
double rfi_netchain_derivative(const rfi_netchain *c, int64_t order);
/* s_i at the anchor + tau. */
double rfi_netchain_residual(const rfi_netchain *c, int64_t i, double tau);

#endif
