/* rows_avx512: the kernels of rows.h with AVX-512 (F, VL, DQ) and BMI2, eight doubles at a time.
 * SPDX-License-Identifier: MIT */
#include "base/cpu.h"

#if RFI_X86_VECTORS

#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx2,fma,bmi2")))
#include "model/rows.h"

typedef __m512d vec;
enum { LANES = 8 };

TARGET ALWAYS_INLINE __mmask8 lanes(int count)
{
    return (__mmask8)(0xffu >> (LANES - count));
}

TARGET ALWAYS_INLINE vec v_part(const double *p, int count)
{
    return _mm512_maskz_loadu_pd(lanes(count), p);
}

TARGET ALWAYS_INLINE void v_store_part(double *p, vec v, int count)
{
    _mm512_mask_storeu_pd(p, lanes(count), v);
}

TARGET ALWAYS_INLINE vec x_load_float(const float *p)
{
    return _mm512_cvtps_pd(_mm256_loadu_ps(p));
}

TARGET ALWAYS_INLINE vec x_part_float(const float *p, int count)
{
    return _mm512_cvtps_pd(_mm256_maskz_loadu_ps(lanes(count), p));
}

/* Pairs of lanes, then the quarters 0 and 2, 1 and 3, then both halves. */
TARGET ALWAYS_INLINE void v_sums(vec a, vec b, vec c, vec d, double z[4])
{
    const vec ab = _mm512_add_pd(_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b));
    const vec cd = _mm512_add_pd(_mm512_unpacklo_pd(c, d), _mm512_unpackhi_pd(c, d));
    const vec s =
        _mm512_add_pd(_mm512_shuffle_f64x2(ab, cd, 0x44), _mm512_shuffle_f64x2(ab, cd, 0xee));
    const __m256d low = _mm512_castpd512_pd256(s), high = _mm512_extractf64x4_pd(s, 1);
    _mm256_storeu_pd(z, _mm256_add_pd(_mm256_permute2f128_pd(low, high, 0x20),
                                      _mm256_permute2f128_pd(low, high, 0x31)));
}

/* Eight sums: pairs of lanes, then of pairs, then of quarters, two vectors becoming one at every step, which
 * takes half as many shuffles.  The same order of the sum for each. */
TARGET ALWAYS_INLINE vec v_pairs(vec a, vec b)
{
    return _mm512_add_pd(_mm512_mask_blend_pd(0xaa, a, b), _mm512_shuffle_pd(a, b, 0x55));
}

TARGET ALWAYS_INLINE vec v_quarters(vec a, vec b)
{
    const __m512i others = _mm512_set_epi64(13, 12, 7, 6, 9, 8, 3, 2);
    return _mm512_add_pd(_mm512_mask_blend_pd(0xcc, a, b), _mm512_permutex2var_pd(a, others, b));
}

TARGET ALWAYS_INLINE vec v_group(const vec s[8])
{
    const vec a = v_quarters(v_pairs(s[0], s[1]), v_pairs(s[2], s[3]));
    const vec b = v_quarters(v_pairs(s[4], s[5]), v_pairs(s[6], s[7]));
    return _mm512_add_pd(_mm512_mask_blend_pd(0xf0, a, b), _mm512_shuffle_f64x2(a, b, 0x4e));
}

TARGET ALWAYS_INLINE void v_flags(uint8_t *p, vec z)
{
    const __mmask8 flags = _mm512_cmp_pd_mask(z, _mm512_setzero_pd(), _CMP_GT_OQ);
    const uint64_t bytes = _pdep_u64(flags, 0x0101010101010101u);
    memcpy(p, &bytes, sizeof(bytes));
}

TARGET ALWAYS_INLINE int nonzero4(const double *z)
{
    return _mm256_movemask_pd(_mm256_cmp_pd(_mm256_loadu_pd(z), _mm256_setzero_pd(), _CMP_NEQ_UQ));
}

#define WIDEST 8
#define GROUP 8
#define SHORT 0
#define v_group_sums(s, z) _mm512_storeu_pd(z, v_group(s))
#define v_store_flags(p, z) v_flags(p, v_load(z))
#define v_zero() _mm512_setzero_pd()
#define v_set(a) _mm512_set1_pd(a)
#define v_load(p) _mm512_loadu_pd(p)
#define v_store(p, v) _mm512_storeu_pd(p, v)
#define v_add(a, b) _mm512_add_pd(a, b)
#define v_sub(a, b) _mm512_sub_pd(a, b)
#define v_mul(a, b) _mm512_mul_pd(a, b)
#define v_fma(a, b, c) _mm512_fmadd_pd(a, b, c)
#define v_positive(z, a, b)                                                                        \
    _mm512_mask_blend_pd(_mm512_cmp_pd_mask(z, v_zero(), _CMP_GT_OQ), b, a)

#include "model/rows_finish.h"

#define REAL double
#define OF(name) name##_double
#define x_load_double v_load
#define x_part_double v_part
#include "model/rows_kernel.h"
#undef REAL
#undef OF

#define REAL float
#define OF(name) name##_float
#include "model/rows_kernel.h"

/* Rows that four vectors of AVX2 hold take as many vectors of half the width as their elements ask for,
 * and their sums two steps in place of three: wider vectors would have more lanes idle, and nothing is left to gain. */
static int narrow(const rfi_rows *rows)
{
    return rows->d <= 2 * LANES;
}

static double of_double(const rfi_rows *rows)
{
    return (narrow(rows) ? rfi_rows_avx2.of_double : run_double)(rows);
}

static double of_float(const rfi_rows *rows)
{
    return (narrow(rows) ? rfi_rows_avx2.of_float : run_float)(rows);
}

const rfi_rows_table rfi_rows_avx512 = {"avx512", of_double, of_float};

#else

typedef int rfi_no_avx512; /* a translation unit is not empty */

#endif
