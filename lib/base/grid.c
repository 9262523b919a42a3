/* grid: see grid.h.
 * SPDX-License-Identifier: MIT */
#include "base/grid.h"

#include <math.h>
#include <stddef.h>

#include "base/cpu.h"
#include "base/lanes.h"

#define RFI_NAME(f) f##_baseline
#define RFI_TARGET
#define RFI_WIDTH RFI_LANES_LEAST
#include "base/grid_kernels.h"
#undef RFI_WIDTH
#undef RFI_NAME
#undef RFI_TARGET

#if RFI_X86_VECTORS
#define RFI_NAME(f) f##_avx2
#define RFI_TARGET __attribute__((target("avx2")))
#define RFI_WIDTH 4
#include "base/grid_kernels.h"
#undef RFI_WIDTH
#undef RFI_NAME
#undef RFI_TARGET

#define RFI_NAME(f) f##_avx512
#define RFI_TARGET __attribute__((target("avx512f,avx512vl,avx512dq")))
#define RFI_WIDTH 8
#include "base/grid_kernels.h"
#undef RFI_WIDTH
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
