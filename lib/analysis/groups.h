/* groups: neurons whose weights have the same direction (docs/mathematics.md 7).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_GROUPS_H
#define RFI_GROUPS_H

#include "model/problem.h"

/* group[j]: the lowest index of a neuron from which j is reached in steps from one direction to another by no
 * more than `angle`; -1 where w_j = 0.  weight[j]: the sum of a_k |w_k| over the group of j, else 0.
 * w, m x d, is changed.  RF_OK, or RF_ERROR_NUMERICAL if a sum leaves the range of double. */
rf_status rfi_groups(const rfi_problem *problem, double *w, double angle, int64_t *group,
                     double *weight);

#endif
