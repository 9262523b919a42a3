/* lanes: RFI_LANES doubles at a time, as vectors of GCC and Clang, which become those of the instruction set, and
 * as plain loops elsewhere; for kernels that give the same bits everywhere.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_LANES_H
#define RFI_LANES_H

#include <math.h>
#include <stdint.h>

#include "base/dense.h"

#if defined(__GNUC__)
typedef double lanes __attribute__((vector_size(64), aligned(8), may_alias));
typedef int64_t lane_bits __attribute__((vector_size(64)));
#define LANES_ZERO(s) ((s) = (lanes){0})
#define LANES_LOAD(s, p) ((s) = *(const lanes *)(p))
#define LANES_STORE(p, s) (*(lanes *)(p) = (s))
#define LANES_SCALED(s, a, p) ((s) = (a) * *(const lanes *)(p))
#define LANES_ADD(s, v) ((s) += (v))
#define LANES_ADD_SCALED(s, a, p) ((s) += (a) * *(const lanes *)(p))
#define LANES_ADD_PRODUCT(s, p, q) ((s) += *(const lanes *)(p) * *(const lanes *)(q))
#define LANES_ADD_SIZE(s, v) ((s) += (lanes)((lane_bits)(v) & INT64_MAX))
#define LANES_ADD_TIMES(s, a, v) ((s) += (a) * (v))
#define LANES_TIMES(s, p) ((s) *= *(const lanes *)(p))
#define LANES_SCALE(s, a) ((s) *= (a))
#define LANES_ROUND(s, big) ((s) = ((s) + (big)) - (big))
#else
typedef struct {
    double at[RFI_LANES];
} lanes;
#define EACH_LANE(statement)                                                                       \
    do {                                                                                           \
        int lane;                                                                                  \
        for (lane = 0; lane < RFI_LANES; ++lane)                                                   \
            statement;                                                                             \
    } while (0)
#define LANES_ZERO(s) EACH_LANE((s).at[lane] = 0.0)
#define LANES_LOAD(s, p) EACH_LANE((s).at[lane] = (p)[lane])
#define LANES_STORE(p, s) EACH_LANE((p)[lane] = (s).at[lane])
#define LANES_SCALED(s, a, p) EACH_LANE((s).at[lane] = (a) * (p)[lane])
#define LANES_ADD(s, v) EACH_LANE((s).at[lane] += (v).at[lane])
#define LANES_ADD_SCALED(s, a, p) EACH_LANE((s).at[lane] += (a) * (p)[lane])
#define LANES_ADD_PRODUCT(s, p, q) EACH_LANE((s).at[lane] += (p)[lane] * (q)[lane])
#define LANES_ADD_SIZE(s, v) EACH_LANE((s).at[lane] += fabs((v).at[lane]))
#define LANES_ADD_TIMES(s, a, v) EACH_LANE((s).at[lane] += (a) * (v).at[lane])
#define LANES_TIMES(s, p) EACH_LANE((s).at[lane] *= (p)[lane])
#define LANES_SCALE(s, a) EACH_LANE((s).at[lane] *= (a))
#define LANES_ROUND(s, big) EACH_LANE((s).at[lane] = ((s).at[lane] + (big)) - (big))
#endif

static inline double sum_of_lanes(const double *s)
{
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

#endif
