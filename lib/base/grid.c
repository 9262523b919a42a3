/* grid: see grid.h.
 * SPDX-License-Identifier: MIT */
#include "base/grid.h"

#include <math.h>
#include <stddef.h>

#include "base/cpu.h"

#if defined(__GNUC__)
typedef double lanes __attribute__((vector_size(64), aligned(8), may_alias));
typedef int64_t bits __attribute__((vector_size(64)));
#define LANES_ZERO(s) ((s) = (lanes){0})
#define LANES_LOAD(s, p) ((s) = *(const lanes *)(p))
#define LANES_STORE(p, s) (*(lanes *)(p) = (s))
#define LANES_ADD_SCALED(s, a, p) ((s) += (a) * *(const lanes *)(p))
#define LANES_ADD(s, v) ((s) += (v))
#define LANES_ADD_SIZE(s, v) ((s) += (lanes)((bits)(v) & INT64_MAX))
#define LANES_TIMES(s, p) ((s) *= *(const lanes *)(p))
#define LANES_SCALE(s, a) ((s) *= (a))
#define LANES_ADD_TIMES(s, a, v) ((s) += (a) * (v))
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
#define LANES_ADD_SCALED(s, a, p) EACH_LANE((s).at[lane] += (a) * (p)[lane])
#define LANES_ADD(s, v) EACH_LANE((s).at[lane] += (v).at[lane])
#define LANES_ADD_SIZE(s, v) EACH_LANE((s).at[lane] += fabs((v).at[lane]))
#define LANES_TIMES(s, p) EACH_LANE((s).at[lane] *= (p)[lane])
#define LANES_SCALE(s, a) EACH_LANE((s).at[lane] *= (a))
#define LANES_ADD_TIMES(s, a, v) EACH_LANE((s).at[lane] += (a) * (v).at[lane])
#define LANES_ROUND(s, big) EACH_LANE((s).at[lane] = ((s).at[lane] + (big)) - (big))
#endif

static inline double sum_of_lanes(const double *s)
{
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

#define RFI_NAME(f) f##_baseline
#define RFI_TARGET
#include "base/grid_kernels.h"
#undef RFI_NAME
#undef RFI_TARGET

#if RFI_X86_VECTORS
#define RFI_NAME(f) f##_avx2
#define RFI_TARGET __attribute__((target("avx2")))
#include "base/grid_kernels.h"
#undef RFI_NAME
#undef RFI_TARGET

#define RFI_NAME(f) f##_avx512
#define RFI_TARGET __attribute__((target("avx512f,avx512vl,avx512dq")))
#include "base/grid_kernels.h"
#undef RFI_NAME
#undef RFI_TARGET
#endif

const rfi_grid *rfi_grid_at(int level)
{
    switch (level) {
    case RFI_CPU_BASELINE:
        return &table_baseline;
#if RFI_X86_VECTORS
    case RFI_CPU_AVX2:
        return &table_avx2;
    case RFI_CPU_AVX512:
        return &table_avx512;
#endif
    default:
        return NULL;
    }
}
