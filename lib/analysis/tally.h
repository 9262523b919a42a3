/* tally: what the fast-forwarded steps of descent add to alpha and to the path length
 * (docs/mathematics.md 5).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_TALLY_H
#define RFI_TALLY_H

#include "flow/fastforward.h"

/* alpha += what the first `steps` steps of the form add: -eta c_i sigma'_i sum_k r_i(k), as
 * geometric sums.  line: scratch of modes doubles. */
void rfi_tally_coefficients(const rfi_fastforward *forward, const rfi_problem *problem, double eta,
                            int64_t steps, double *line, double *alpha);

/* sum_k |w(k + 1) - w(k)| over the first `steps` steps, to 1e-10 relative. */
double rfi_tally_path(const rfi_fastforward *forward, double eta, int64_t steps);

#endif
