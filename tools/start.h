/* start.h: the initial weight vector w(0).
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_START_H
#define TOOLS_START_H

#include <stdint.h>

#include "options.h"

/* Fills the d numbers of w(0): scale times a random direction, or what a file holds. */
int start_vector(const struct options *options, int64_t d, double *w);

#endif
