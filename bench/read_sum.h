/* read_sum.h: the sum of an array at the speed of its memory, with the widest vectors of the machine.
 * SPDX-License-Identifier: MIT */
#ifndef READ_SUM_H
#define READ_SUM_H

#include <stddef.h>

/* The sum of count doubles or floats; level is one of base/cpu.h that the machine has. */
double read_sum_double(int level, const double *x, size_t count);
double read_sum_float(int level, const float *x, size_t count);

#endif
