/* dense: see dense.h.
 * SPDX-License-Identifier: MIT */
#include "base/dense.h"

#include <math.h>
#include <stddef.h>

#include "base/cpu.h"
#include "base/lanes.h"

#if RFI_X86_VECTORS
#include <immintrin.h>
#endif

/* 1/(k (k + 1)) */
static const double power_factor[RFI_MOST_POWER + 1] = {
    0,           1.0 / 2.0,   1.0 / 6.0,   1.0 / 12.0,  1.0 / 20.0,  1.0 / 30.0,  1.0 / 42.0,
    1.0 / 56.0,  1.0 / 72.0,  1.0 / 90.0,  1.0 / 110.0, 1.0 / 132.0, 1.0 / 156.0, 1.0 / 182.0,
    1.0 / 210.0, 1.0 / 240.0, 1.0 / 272.0, 1.0 / 306.0, 1.0 / 342.0};

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
#include "base/dense_kernels.h"

#if RFI_X86_VECTORS
#define RFI_NAME(f) f##_avx2
#define RFI_TARGET __attribute__((target("avx2")))
#define RFI_GROUPS 4
#define RFI_WIDTH 4
#include "base/dense_kernels.h"

#define RFI_NAME(f) f##_avx512
#define RFI_TARGET __attribute__((target("avx512f,avx512vl,avx512dq")))
#define RFI_GROUPS 8
#define RFI_WIDTH 8
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
