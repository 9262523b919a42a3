/* read_sum.c: see read_sum.h.  Eight vectors of partial sums, so that no addition waits for another; their loops
 * are unrolled, which keeps them in registers.
 * SPDX-License-Identifier: MIT */
#include "read_sum.h"

#include <string.h>

#include "base/cpu.h"

#define DEFINE(name, TARGET, vector, type, ELEMENTS)                                               \
    TARGET static double name(const type *x, size_t count)                                         \
    {                                                                                              \
        vector s[8], v;                                                                            \
        type last[ELEMENTS];                                                                       \
        double sum = 0.0;                                                                          \
        size_t k = 0;                                                                              \
        memset(s, 0, sizeof(s));                                                                   \
        for (; k + 8 * (ELEMENTS) <= count; k += 8 * (ELEMENTS)) {                                 \
            UNROLL                                                                                 \
            for (int j = 0; j < 8; j++) {                                                          \
                memcpy(&v, x + k + (size_t)j * (ELEMENTS), sizeof(v));                             \
                s[j] += v;                                                                         \
            }                                                                                      \
        }                                                                                          \
        for (; k < count; k++) {                                                                   \
            sum += (double)x[k];                                                                   \
        }                                                                                          \
        UNROLL                                                                                     \
        for (int j = 1; j < 8; j++) {                                                              \
            s[0] += s[j];                                                                          \
        }                                                                                          \
        memcpy(last, &s[0], sizeof(last));                                                         \
        for (int j = 0; j < (ELEMENTS); j++) {                                                     \
            sum += (double)last[j];                                                                \
        }                                                                                          \
        return sum;                                                                                \
    }

typedef double double2 __attribute__((vector_size(16)));
typedef float float4 __attribute__((vector_size(16)));
DEFINE(double_baseline, , double2, double, 2)
DEFINE(float_baseline, , float4, float, 4)

#if RFI_X86_VECTORS
typedef double double4 __attribute__((vector_size(32)));
typedef float float8 __attribute__((vector_size(32)));
typedef double double8 __attribute__((vector_size(64)));
typedef float float16 __attribute__((vector_size(64)));
#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512vl,avx512dq")))
DEFINE(double_avx2, AVX2, double4, double, 4)
DEFINE(float_avx2, AVX2, float8, float, 8)
DEFINE(double_avx512, AVX512, double8, double, 8)
DEFINE(float_avx512, AVX512, float16, float, 16)
#endif

double read_sum_double(int level, const double *x, size_t count)
{
#if RFI_X86_VECTORS
    if (level == RFI_CPU_AVX512) {
        return double_avx512(x, count);
    }
    if (level == RFI_CPU_AVX2) {
        return double_avx2(x, count);
    }
#endif
    (void)level;
    return double_baseline(x, count);
}

double read_sum_float(int level, const float *x, size_t count)
{
#if RFI_X86_VECTORS
    if (level == RFI_CPU_AVX512) {
        return float_avx512(x, count);
    }
    if (level == RFI_CPU_AVX2) {
        return float_avx2(x, count);
    }
#endif
    (void)level;
    return float_baseline(x, count);
}
