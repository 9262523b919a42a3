/* rows_avx2: the kernels of rows.h with AVX2 and FMA, four doubles at a time.
 * SPDX-License-Identifier: MIT */
#include "base/cpu.h"

#if RFI_X86_VECTORS

#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,fma")))
#include "model/rows.h"

typedef __m256d vec;
enum { LANES = 4 };

/* -1 in the lanes below count. */
static const int64_t lanes_64[8] = {-1, -1, -1, -1, 0, 0, 0, 0};
static const int32_t lanes_32[8] = {-1, -1, -1, -1, 0, 0, 0, 0};

TARGET ALWAYS_INLINE __m256i mask_64(int count)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)(lanes_64 + LANES - count));
}

TARGET ALWAYS_INLINE __m128i mask_32(int count)
{
    return _mm_loadu_si128((const __m128i *)(const void *)(lanes_32 + LANES - count));
}

/* Whole vectors, where the compiler knows them to be: masks cost, on some processors much. */
#define WHOLE(count) (__builtin_constant_p(count) && (count) == LANES)

TARGET ALWAYS_INLINE vec v_part(const double *p, int count)
{
    return WHOLE(count) ? _mm256_loadu_pd(p) : _mm256_maskload_pd(p, mask_64(count));
}

TARGET ALWAYS_INLINE void v_store_part(double *p, vec v, int count)
{
    if (WHOLE(count))
        _mm256_storeu_pd(p, v);
    else
        _mm256_maskstore_pd(p, mask_64(count), v);
}

TARGET ALWAYS_INLINE vec x_load_float(const float *p)
{
    return _mm256_cvtps_pd(_mm_loadu_ps(p));
}

TARGET ALWAYS_INLINE vec x_part_float(const float *p, int count)
{
    if (WHOLE(count))
        return x_load_float(p);
    return _mm256_cvtps_pd(_mm_maskload_ps(p, mask_32(count)));
}

/* Pairs of lanes, then of pairs; a blend in place of a second shuffle, of which processors have fewer. */
TARGET ALWAYS_INLINE vec v_pairs(vec a, vec b)
{
    return _mm256_add_pd(_mm256_blend_pd(a, b, 0xa), _mm256_shuffle_pd(a, b, 0x5));
}

TARGET ALWAYS_INLINE vec v_group(const vec s[4])
{
    const vec ab = v_pairs(s[0], s[1]), cd = v_pairs(s[2], s[3]);
    return _mm256_add_pd(_mm256_blend_pd(ab, cd, 0xc), _mm256_permute2f128_pd(ab, cd, 0x21));
}

TARGET ALWAYS_INLINE void v_spread(vec v, vec each[4])
{
    each[0] = _mm256_permute4x64_pd(v, 0x00);
    each[1] = _mm256_permute4x64_pd(v, 0x55);
    each[2] = _mm256_permute4x64_pd(v, 0xaa);
    each[3] = _mm256_permute4x64_pd(v, 0xff);
}

TARGET ALWAYS_INLINE void v_sums(vec a, vec b, vec c, vec d, double z[4])
{
    const vec s[4] = {a, b, c, d};
    _mm256_storeu_pd(z, v_group(s));
}

typedef __m256d mask; /* all bits of a lane, or none */

TARGET ALWAYS_INLINE mask m_bytes(const uint8_t *p, int64_t value)
{
    int32_t four;
    memcpy(&four, p, sizeof(four));
    return _mm256_castsi256_pd(
        _mm256_cmpeq_epi64(_mm256_cvtepu8_epi64(_mm_cvtsi32_si128(four)), _mm256_set1_epi64x(value)));
}

TARGET ALWAYS_INLINE vec v_after(vec v, int skip)
{
    return _mm256_andnot_pd(_mm256_castsi256_pd(mask_64(skip)), v);
}

TARGET ALWAYS_INLINE vec v_join(vec a, int from, vec b)
{
    static const int32_t halves[12] = {0, 1, 2, 3, 4, 5, 6, 7};
    const __m256i place = _mm256_loadu_si256((const __m256i *)(const void *)(halves + 2 * from));
    return _mm256_blend_pd(_mm256_castps_pd(_mm256_permutevar8x32_ps(_mm256_castpd_ps(a), place)), b, 0xc);
}

TARGET ALWAYS_INLINE int nonzero4(const double *z)
{
    return _mm256_movemask_pd(_mm256_cmp_pd(_mm256_loadu_pd(z), _mm256_setzero_pd(), _CMP_NEQ_UQ));
}

#define WIDEST 4
#define GROUP 4
#define GROUPS 1
#define VECTORS 1
#define SHORT 4
#define v_group_sums(s, z) v_store(z, v_group(s))
#define v_zero() _mm256_setzero_pd()
#define v_set(a) _mm256_set1_pd(a)
#define v_load(p) _mm256_loadu_pd(p)
#define v_store(p, v) _mm256_storeu_pd(p, v)
#define v_add(a, b) _mm256_add_pd(a, b)
#define v_sub(a, b) _mm256_sub_pd(a, b)
#define v_mul(a, b) _mm256_mul_pd(a, b)
#define v_fma(a, b, c) _mm256_fmadd_pd(a, b, c)
#define m_positive(z) _mm256_cmp_pd(z, v_zero(), _CMP_GT_OQ)
#define v_where(m, a, b) _mm256_blendv_pd(b, a, m)
#define v_positive(z, a, b) v_where(m_positive(z), a, b)

/* Four flags as bytes. */
static const uint8_t flag_bytes[16][4] = {
    {0, 0, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}, {1, 1, 0, 0}, {0, 0, 1, 0}, {1, 0, 1, 0},
    {0, 1, 1, 0}, {1, 1, 1, 0}, {0, 0, 0, 1}, {1, 0, 0, 1}, {0, 1, 0, 1}, {1, 1, 0, 1},
    {0, 0, 1, 1}, {1, 0, 1, 1}, {0, 1, 1, 1}, {1, 1, 1, 1}};
#define v_flags(p, m) memcpy(p, flag_bytes[_mm256_movemask_pd(m)], 4)
#define v_store_flags(p, z) v_flags(p, m_positive(v_load(z)))

#include "model/rows_finish.h"

TARGET ALWAYS_INLINE int v_list(uint8_t *p, vec z, int64_t first)
{
    const int bits = _mm256_movemask_pd(_mm256_cmp_pd(z, v_zero(), _CMP_NEQ_UQ));
    uint32_t places;
    memcpy(&places, flag_places[bits], 4);
    places += (uint32_t)first * 0x01010101u;
    memcpy(p, &places, 4);
    return flag_count[bits];
}

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

const rfi_rows_table rfi_rows_avx2 = {"avx2", run_double, run_float};

#else

typedef int rfi_no_avx2; /* a translation unit is not empty */

#endif
