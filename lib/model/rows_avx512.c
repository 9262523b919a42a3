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

TARGET ALWAYS_INLINE void v_sums(vec a, vec b, vec c, vec d, double z[4])
{
    const vec zero = _mm512_setzero_pd(), s[8] = {a, b, c, d, zero, zero, zero, zero};
    _mm256_storeu_pd(z, _mm512_castpd512_pd256(v_group(s)));
}

typedef __mmask8 mask;

/* The lanes of m as bytes, 1 each. */
TARGET ALWAYS_INLINE uint64_t bytes_of(mask m)
{
    return _pdep_u64(m, 0x0101010101010101u);
}

TARGET ALWAYS_INLINE void v_flags(uint8_t *p, mask m)
{
    const uint64_t bytes = bytes_of(m);
    memcpy(p, &bytes, sizeof(bytes));
}

TARGET ALWAYS_INLINE mask m_bytes(const uint8_t *p, int64_t value)
{
    const __m128i eight = _mm_loadl_epi64((const __m128i *)(const void *)p);
    return _mm512_cmpeq_epi64_mask(_mm512_cvtepu8_epi64(eight), _mm512_set1_epi64(value));
}

TARGET ALWAYS_INLINE vec v_after(vec v, int skip)
{
    return _mm512_maskz_mov_pd((mask)(0xffu << skip), v);
}

TARGET ALWAYS_INLINE vec v_join(vec a, int from, vec b)
{
    const __m512i lane = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    return _mm512_mask_permutexvar_pd(b, 0x0f, _mm512_add_epi64(lane, _mm512_set1_epi64(from)), a);
}

TARGET ALWAYS_INLINE int v_list(uint8_t *p, vec z, int64_t first)
{
    const mask listed = _mm512_cmp_pd_mask(z, _mm512_setzero_pd(), _CMP_NEQ_UQ);
    const uint64_t places = _pext_u64(0x0706050403020100u, bytes_of(listed) * 0xffu) + (uint64_t)first * bytes_of(0xff);
    memcpy(p, &places, sizeof(places));
    return __builtin_popcount(listed);
}

TARGET ALWAYS_INLINE int nonzero4(const double *z)
{
    return _mm256_movemask_pd(_mm256_cmp_pd(_mm256_loadu_pd(z), _mm256_setzero_pd(), _CMP_NEQ_UQ));
}

#define WIDEST 8
#define GROUP 8
#define SHORT 0
#define GROUPS 1
#define VECTORS 1
#define v_group_sums(s, z) _mm512_storeu_pd(z, v_group(s))
#define v_store_flags(p, z) v_flags(p, m_positive(v_load(z)))
#define v_zero() _mm512_setzero_pd()
#define v_set(a) _mm512_set1_pd(a)
#define v_load(p) _mm512_loadu_pd(p)
#define v_store(p, v) _mm512_storeu_pd(p, v)
#define v_add(a, b) _mm512_add_pd(a, b)
#define v_sub(a, b) _mm512_sub_pd(a, b)
#define v_mul(a, b) _mm512_mul_pd(a, b)
#define v_fma(a, b, c) _mm512_fmadd_pd(a, b, c)
#define m_positive(z) _mm512_cmp_pd_mask(z, v_zero(), _CMP_GT_OQ)
#define v_where(m, a, b) _mm512_mask_blend_pd(m, b, a)
#define v_positive(z, a, b) v_where(m_positive(z), a, b)

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
