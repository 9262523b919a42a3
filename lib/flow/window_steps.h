/* window_steps: what the files of window.h need of each other.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_WINDOW_STEPS_H
#define RFI_WINDOW_STEPS_H

#include "flow/window.h"

/* Opens a window at chain->t, w in chain->T.  Returns RFI_SEES, or RFI_TIRES or RFI_DOUBTS as rfi_scout_next. */
int rfi_window_open(rfi_window *window, rfi_scout *scout, rfi_chain *chain, const rfi_problem *problem,
                    const rfi_pattern *pattern);
/* Bounds |sum h x x^T| over the first candidates, or those of them with s = 1, by the largest sum of sizes in a row of
 * the matrix G of their products, as it is in win->G or before they are arranged. */
double rfi_window_stiffness(const rfi_window *window, const double *G, int64_t count, int turned_only);
/* Copies the rows of the candidates into slots that are their positions; returns their products: rows of LINES. */
const double *rfi_window_pair(rfi_window *window, const rfi_chain *chain, const rfi_problem *problem);
/* Brings rows, coefficients and G_0 of the candidates from their slots into their order. */
void rfi_window_arrange(rfi_window *window, const rfi_chain *chain);
/* out = rows by A */
void rfi_window_times(rfi_window *window, rfi_chain *chain, int64_t rows, const double *A, double *out);
/* The rows x_c A^k of the hot candidates, and all products. */
void rfi_window_multiply(rfi_window *window, rfi_chain *chain);
/* Makes a candidate a hot one, the last of them. */
void rfi_window_heat(rfi_window *window, const rfi_chain *chain, int64_t candidate);
/* out += or, if sign is -1, -= the sum of the rows x_c A^power, each times its weight. */
void rfi_window_combine(const rfi_window *window, const rfi_chain *chain, const double *weight, int64_t power,
                        double sign, double *out);
/* y = A x */
void rfi_window_apply(const rfi_window *window, const rfi_chain *chain, const double *x, double *y);

/* What bounds H and A, where a window begins. */
void rfi_window_bound(rfi_window *window, rfi_chain *chain);
/* The same after the window: the lines that have turned have changed H, not yet A. */
void rfi_window_follow(rfi_window *window);
/* What the next window is to be like, after one that ended so and had events. */
void rfi_window_learn(rfi_window *window, int seen);

#endif
