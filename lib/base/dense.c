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
