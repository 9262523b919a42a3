/* start.h: where a trajectory starts: w(0) = scale u.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_START_H
#define TOOLS_START_H

#include <stdint.h>

#include "dataset.h"
#include "options.h"

/* Fills the d numbers of u for each of the neurons: a random direction, or what the file of --start
 * holds. */
int start_direction(const struct options *options, int64_t neurons, int64_t d, double *u);

/* Directions of many starts, in rows of d numbers; *U is to be freed also after a failure. */
int start_random_directions(uint64_t seed, int64_t count, int64_t d, double **U);

/* The same from a file: one direction of all neurons on a line, commas between its numbers. */
int start_read_directions(const char *path, const struct dataset *data, int64_t neurons, double **U,
                          int64_t *count);

#endif
