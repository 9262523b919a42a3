/* random.h: random directions, the same bits on every machine.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_RANDOM_H
#define TOOLS_RANDOM_H

#include <stdint.h>

/* A uniformly random unit vector u of dimension d >= 1; returns a STATUS_. */
int random_direction(uint64_t seed, int64_t d, double *u);

#endif
