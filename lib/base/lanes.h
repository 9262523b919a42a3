/* lanes: RFI_LANES doubles at a time, for kernels that give the same bits everywhere: in parts of RFI_WIDTH
 * doubles, which the including file defines for each instruction set and which are its vectors, of GCC and Clang, or
 * plain doubles elsewhere.  (A vector wider than those of the instruction set would be kept in memory by GCC.)
 * SPDX-License-Identifier: MIT */
#ifndef RFI_LANES_H
#define RFI_LANES_H

#include <math.h>
#include <stdint.h>

#include "base/cpu.h"
#include "base/dense.h"

#if defined(__GNUC__)
#define RFI_LANES_OF(width)                                                                        \
    typedef double lane_part_##width                                                               \
        __attribute__((vector_size(8 * (width)), aligned(8), may_alias));                          \
    typedef int64_t lane_bits_##width __attribute__((vector_size(8 * (width))));                   \
    typedef struct {                                                                               \
        lane_part_##width at[RFI_LANES / (width)];                                                 \
    } lanes_##width;
RFI_LANES_OF(2)
RFI_LANES_OF(4)
RFI_LANES_OF(8)
#undef RFI_LANES_OF
#define RFI_LANES_LEAST 2 /* the width that every processor has */
#define LANES_SIZE(v) ((LANES_PART)((LANES_JOIN(lane_bits_, RFI_WIDTH))(v) & INT64_MAX))
#else
typedef double lane_part_1;
typedef struct {
    double at[RFI_LANES];
} lanes_1;
#define RFI_LANES_LEAST 1
#define LANES_SIZE(v) fabs(v)
#endif

#define LANES_JOIN_(a, b) a##b
#define LANES_JOIN(a, b) LANES_JOIN_(a, b)
#define LANES_PART LANES_JOIN(lane_part_, RFI_WIDTH)
#define lanes LANES_JOIN(lanes_, RFI_WIDTH)

#define LANES_EACH(statement)                                                                      \
    do {                                                                                           \
        int lane;                                                                                  \
        UNROLL                                                                                     \
        for (lane = 0; lane < RFI_LANES / RFI_WIDTH; ++lane)                                       \
            statement;                                                                             \
    } while (0)
#define LANES_FROM(p) (*(const LANES_PART *)((p) + lane * RFI_WIDTH))
#define LANES_ZERO(s) LANES_EACH((s).at[lane] = (LANES_PART){0})
#define LANES_LOAD(s, p) LANES_EACH((s).at[lane] = LANES_FROM(p))
#define LANES_STORE(p, s) LANES_EACH(*(LANES_PART *)((p) + lane * RFI_WIDTH) = (s).at[lane])
#define LANES_ADD(s, v) LANES_EACH((s).at[lane] += (v).at[lane])
#define LANES_ADD_SCALED(s, a, p) LANES_EACH((s).at[lane] += (a)*LANES_FROM(p))
#define LANES_ADD_PRODUCT(s, p, q) LANES_EACH((s).at[lane] += LANES_FROM(p) * LANES_FROM(q))
#define LANES_ADD_SIZE(s, v) LANES_EACH((s).at[lane] += LANES_SIZE((v).at[lane]))
#define LANES_ADD_TIMES(s, a, v) LANES_EACH((s).at[lane] += (a) * (v).at[lane])
#define LANES_TIMES(s, p) LANES_EACH((s).at[lane] *= LANES_FROM(p))
#define LANES_SCALE(s, a) LANES_EACH((s).at[lane] *= (a))
#define LANES_ROUND(s, big) LANES_EACH((s).at[lane] = ((s).at[lane] + (big)) - (big))

static inline double sum_of_lanes(const double *s)
{
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

#endif
