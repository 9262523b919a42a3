/* resting: a pair at rest on its kink whose pull has turned (docs/mathematics.md 7).  A neuron that has
 * stopped on a kink stays there, for sigma'(0) = 0; once Gamma > 0 it might leave as well.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_RESTING_H
#define RFI_RESTING_H

#include "flow/segment.h"

/* 1 if Gamma of a line at rest becomes positive before the time until of a segment; line: 5 modes
 * doubles. */
int rfi_resting_may_leave(const rfi_segment *segment, const rfi_problem *problem,
                          const rfi_pattern *pattern, double until, double *line);

#endif
