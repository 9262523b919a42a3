/* accumulate: what a stretch of the flow adds to alpha and to the path length, in closed form and by
 * quadrature (docs/mathematics.md 4.1).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_ACCUMULATE_H
#define RFI_ACCUMULATE_H

#include "flow/segment.h"

/* alpha (m x n) += integral of alpha' from `from` to `to` after the start of the segment of the pattern;
 * to may be INFINITY: then +-INFINITY where the integral diverges.  In closed form but for the data of a
 * sliding line of several that other neurons act on, by quadrature to 1e-10 relative.  line: scratch of
 * 3 modes doubles. */
void rfi_accumulate_coefficients(const rfi_segment *segment, const rfi_problem *problem,
                                 const rfi_pattern *pattern, double from, double to, double *line,
                                 double *alpha);

/* The length of the path between two instants of a segment, to 1e-10 relative. */
double rfi_accumulate_path(const rfi_segment *segment, double from, double to);

#endif
