/* dense: see dense.h.
 * SPDX-License-Identifier: MIT */
#include "base/dense.h"

#include <math.h>
#include <stddef.h>

#include "base/cpu.h"

#if RFI_X86_VECTORS
#include <immintrin.h>
#endif

#if defined(__GNUC__)
typedef double lanes __attribute__((vector_size(64), aligned(8), may_alias));
#define LANES_ZERO(s) ((s) = (lanes){0})
#define LANES_LOAD(s, p) ((s) = *(const lanes *)(p))
#define LANES_STORE(p, s) (*(lanes *)(p) = (s))
#define LANES_ADD_SCALED(s, a, p) ((s) += (a) * *(const lanes *)(p))
#define LANES_ADD_PRODUCT(s, p, q) ((s) += *(const lanes *)(p) * *(const lanes *)(q))
#define LANES_ADD(s, t) ((s) += (t))
#define LANES_SCALED(s, a, p) ((s) = (a) * *(const lanes *)(p))
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
#define LANES_ADD_PRODUCT(s, p, q) EACH_LANE((s).at[lane] += (p)[lane] * (q)[lane])
#define LANES_ADD(s, t) EACH_LANE((s).at[lane] += (t).at[lane])
#define LANES_SCALED(s, a, p) EACH_LANE((s).at[lane] = (a) * (p)[lane])
#endif

static inline double sum_of_lanes(const double *s)
{
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/* RFI_WIDTH lanes are a vector; RFI_GROUPS groups of RFI_LANES are summed at once: as many as there are
 * registers for. */
#define RFI_NAME(f) f##_baseline
#define RFI_TARGET
#define RFI_GROUPS 2
#if defined(__GNUC__)
#define RFI_WIDTH 2
#else
#define RFI_WIDTH 1
#endif
#include "base/factor_kernels.h"
#include "base/dense_kernels.h"

#if RFI_X86_VECTORS
#define RFI_NAME(f) f##_avx2
#define RFI_TARGET __attribute__((target("avx2")))
#define RFI_GROUPS 4
#define RFI_WIDTH 4
#include "base/factor_kernels.h"
#include "base/dense_kernels.h"

#define RFI_NAME(f) f##_avx512
#define RFI_TARGET __attribute__((target("avx512f,avx512vl,avx512dq")))
#define RFI_GROUPS 8
#define RFI_WIDTH 8
#include "base/factor_kernels.h"
#include "base/dense_kernels.h"
#endif

const rfi_dense *rfi_dense_at(int level)
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
