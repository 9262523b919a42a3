/* cpu: see cpu.h.
 * SPDX-License-Identifier: MIT */
#include "base/cpu.h"

#if RFI_X86_VECTORS

/* The compiler's own library asks the processor once, when the program starts, and whether the system
 * saves the wider registers; to ask again would cost microseconds under a hypervisor, which has to
 * answer in the processor's place. */
static int highest_level(void)
{
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return RFI_CPU_BASELINE;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl")
        || !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("bmi2"))
        return RFI_CPU_AVX2;
    return RFI_CPU_AVX512;
}

#else

static int highest_level(void)
{
    return RFI_CPU_BASELINE;
}

#endif

int rfi_cpu_level(void)
{
    const int level = highest_level();
    return level < RFI_CPU_MOST ? level : RFI_CPU_MOST;
}
