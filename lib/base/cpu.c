/* cpu: see cpu.h.
 * SPDX-License-Identifier: MIT */
#include "base/cpu.h"

#if RFI_X86_VECTORS

#include <cpuid.h>
#include <stdint.h>

/* Bits of the leaves 1 and 7 of cpuid, and of the register that says which registers the system saves
 * when it switches tasks (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1,
 * chapters 14 and 15). */
#define LEAF1_ECX (1u << 12 | 1u << 27 | 1u << 28)          /* FMA, OSXSAVE, AVX     */
#define LEAF7_AVX2 (1u << 5)
#define LEAF7_AVX512 (1u << 16 | 1u << 17 | 1u << 31)       /* F, DQ, VL             */
#define SAVED_AVX 0x06u                                     /* XMM, YMM              */
#define SAVED_AVX512 0xe6u                                  /* and opmask, all of ZMM */

static uint32_t saved_registers(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static int highest_level(void)
{
    unsigned int a, b, c, d;
    uint32_t saved;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & LEAF1_ECX) != LEAF1_ECX)
        return RFI_CPU_BASELINE;
    saved = saved_registers();
    if ((saved & SAVED_AVX) != SAVED_AVX || !__get_cpuid_count(7, 0, &a, &b, &c, &d)
        || (b & LEAF7_AVX2) == 0)
        return RFI_CPU_BASELINE;
    if ((saved & SAVED_AVX512) != SAVED_AVX512 || (b & LEAF7_AVX512) != LEAF7_AVX512)
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
