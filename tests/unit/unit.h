/* unit.h: what the unit tests share.
 * SPDX-License-Identifier: MIT */
#ifndef UNIT_H
#define UNIT_H

#include <check.h>
#include <stdint.h>

#include "base/num.h"
#include "model/kernels.h"
#include "model/pattern.h"
#include "model/problem.h"

/* Uniform on (-1, 1): splitmix64, the same on every machine. */
double unit_random(uint64_t *seed);
void unit_fill(uint64_t *seed, double *x, int64_t count);

/* A problem over a copy of X (row-major) and y; ReLU, unit weights. */
void unit_problem(rfi_problem *problem, int64_t n, int64_t d, const double *X, const double *y);

/* The pattern of the signs of x . w. */
void unit_pattern(rfi_pattern *pattern, const rfi_problem *problem, const double *w);
void unit_pattern_free(rfi_pattern *pattern, const rfi_problem *problem);

/* sum_i -c_i slope_i (slope_i x_i . w - y_i) x_i: the velocity with the sliding data left out. */
void unit_velocity(const rfi_problem *problem, const rfi_pattern *pattern, const double *w,
                   double *v);

/* Runs the tests as a suite of that name; the exit status of main. */
int unit_main(const char *name, const TTest *const *const *tests, int count);
#define UNIT_MAIN(name, tests)                                                                     \
    int main(void)                                                                                 \
    {                                                                                              \
        return unit_main(name, tests, (int)(sizeof(tests) / sizeof(*(tests))));                    \
    }

#endif
