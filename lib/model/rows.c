/* rows: the tables of kernels; see rows.h.
 * SPDX-License-Identifier: MIT */
#include "model/rows.h"

#include <stddef.h>

#include "base/cpu.h"

const rfi_rows_table *rfi_rows_at(int level)
{
    switch (level) {
    case RFI_CPU_BASELINE:
        return &rfi_rows_baseline;
#if RFI_X86_VECTORS
    case RFI_CPU_AVX2:
        return &rfi_rows_avx2;
    case RFI_CPU_AVX512:
        return &rfi_rows_avx512;
#endif
    default:
        return NULL;
    }
}

const rfi_rows_table *rfi_rows_choose(void)
{
    return rfi_rows_at(rfi_cpu_level());
}
