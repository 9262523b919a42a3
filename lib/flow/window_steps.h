/* window_steps: what window.c needs of window_open.c.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_WINDOW_STEPS_H
#define RFI_WINDOW_STEPS_H

#include "flow/window.h"

/* Opens a window at chain->t, w in chain->T.  Returns RFI_SEES, or RFI_TIRES or RFI_DOUBTS as rfi_scout_next. */
int rfi_window_open(rfi_window *window, rfi_scout *scout, rfi_chain *chain, const rfi_problem *problem,
                    const rfi_pattern *pattern);
/* Bounds |sum h x x^T| over the first candidates, or those of them with s = 1, by the largest sum of sizes in a row of
 * the matrix of their products. */
double rfi_window_stiffness(const rfi_window *window, int64_t count, int turned_only);
/* What the next window is to be like, after one that ended so and had events. */
void rfi_window_learn(rfi_window *window, int seen);

#endif
