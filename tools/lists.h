/* lists.h: lists of numbers given on the command line.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_LISTS_H
#define TOOLS_LISTS_H

#include <stdint.h>

/* "1e2,1,0" or "1e-12:1e2:15" (15 numbers in geometric progression), or both with commas between
 * them: numbers from 0.  *values is to be freed also after a failure. */
int list_scales(const char *text, double **values, int64_t *count);

/* "all" or "3,7-9": rows from 1 to n, here counted from 0, ascending and without repeats. */
int list_rows(const char *text, int64_t n, int64_t **rows, int64_t *count);

#endif
