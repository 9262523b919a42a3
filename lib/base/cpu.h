/* cpu: which vector instructions the processor and its system offer.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_CPU_H
#define RFI_CPU_H

/* RFI_X86_VECTORS: the compiler can be asked for instructions beyond the target's baseline,
 * function by function, and has their intrinsics. */
#if defined(__x86_64__) && defined(__GNUC__)
#define RFI_X86_VECTORS 1
#else
#define RFI_X86_VECTORS 0
#endif

/* PREFETCH: a function that does nothing else is to be ALWAYS_INLINE: GCC takes it for one without effect, and
 * leaves out its calls. */
#if defined(__GNUC__)
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NEVER_INLINE static __attribute__((noinline))
#define ALIGNED __attribute__((aligned(64))) /* to a cache line */
#define PREFETCH(address)                                                                          \
    __builtin_prefetch((const void *)(address), 0, 2) /* into the second cache */
#define PREFETCH_FIRST(address) __builtin_prefetch((const void *)(address), 1, 3) /* into the first, to be changed */
#else
#define ALWAYS_INLINE static inline
#define NEVER_INLINE static
#define ALIGNED
#define PREFETCH(address) ((void)(address))
#define PREFETCH_FIRST(address) ((void)(address))
#endif

/* In a loop over groups of rows: the compiler is not to follow the pointer from turn to turn, or it would keep one
 * pointer for each row of a group, more than there are registers. */
#if defined(__GNUC__)
#define HIDE(pointer) __asm__("" : "+r"(pointer))
#else
#define HIDE(pointer) ((void)(pointer))
#endif

/* In a loop that waits for another thread. */
#if RFI_X86_VECTORS
#define RELAX() __builtin_ia32_pause()
#elif defined(__aarch64__) && defined(__GNUC__)
#define RELAX() __asm__ volatile("yield")
#else
#define RELAX() ((void)0)
#endif

/* Before a loop of a constant number of turns over an array of vectors: only unrolled does it keep them in
 * registers.  Clang does so by itself at -O2, GCC does not. */
#if defined(__GNUC__) && !defined(__clang__)
#define UNROLL _Pragma("GCC unroll 16")
#else
#define UNROLL
#endif

/* Each level includes those before it. */
enum {
    RFI_CPU_BASELINE = 0, /* what every processor of the target has: SSE2 on x86-64 */
    RFI_CPU_AVX2 = 1,     /* AVX2 and FMA                                           */
    RFI_CPU_AVX512 = 2,   /* AVX-512 F, VL and DQ, BMI2                             */
    RFI_CPU_LEVELS = 3
};

/* The library uses no level above this one; a build may set it, to test the others. */
#ifndef RFI_CPU_MOST
#define RFI_CPU_MOST RFI_CPU_AVX512
#endif

/* The highest level of this machine. */
int rfi_cpu_level(void);

#endif
