/* tile_lanes: the vectors of tile_kernel.h, for the LEVEL of base/cpu.h, of doubles or, if SINGLE, of floats:
 * real, vec of LANES of them, and
 *     v_zero() v_set(a) v_load(p) v_store(p, v) v_add(a, b) v_sub(a, b) v_fma(a, b, c) = a b + c
 *     v_total(v), the sum of the lanes, a double
 * TARGET, the attribute that chooses the instructions, and NAME(f), the name of f.
 * SPDX-License-Identifier: MIT */
#undef real
#undef vec
#undef LANES
#undef v_zero
#undef v_set
#undef v_load
#undef v_store
#undef v_add
#undef v_sub
#undef v_fma
#undef v_total
#undef TARGET
#undef NAME

#if SINGLE
#define real float
#else
#define real double
#endif

#if LEVEL == 0

#define TARGET
#define vec real
#define LANES 1
#define v_zero() ((real)0)
#define v_set(a) (a)
#define v_load(p) (*(p))
#define v_store(p, v) (*(p) = (v))
#define v_add(a, b) ((a) + (b))
#define v_sub(a, b) ((a) - (b))
#define v_fma(a, b, c) ((a) * (b) + (c))
#define v_total(v) ((double)(v))
#if SINGLE
#define NAME(f) f##_single_baseline
#else
#define NAME(f) f##_baseline
#endif

#elif LEVEL == 1

#define TARGET __attribute__((target("avx2,fma")))
#if SINGLE
#define NAME(f) f##_single_avx2
#define vec __m256
#define LANES 8
#define v_zero() _mm256_setzero_ps()
#define v_set(a) _mm256_set1_ps(a)
#define v_load(p) _mm256_loadu_ps(p)
#define v_store(p, v) _mm256_storeu_ps(p, v)
#define v_add(a, b) _mm256_add_ps(a, b)
#define v_sub(a, b) _mm256_sub_ps(a, b)
#define v_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
#define v_total(v) total_of_floats(v)
#else
#define NAME(f) f##_avx2
#define vec __m256d
#define LANES 4
#define v_zero() _mm256_setzero_pd()
#define v_set(a) _mm256_set1_pd(a)
#define v_load(p) _mm256_loadu_pd(p)
#define v_store(p, v) _mm256_storeu_pd(p, v)
#define v_add(a, b) _mm256_add_pd(a, b)
#define v_sub(a, b) _mm256_sub_pd(a, b)
#define v_fma(a, b, c) _mm256_fmadd_pd(a, b, c)
#define v_total(v) total_of_doubles(v)
#endif

#else

#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx2,fma")))
#if SINGLE
#define NAME(f) f##_single_avx512
#define vec __m512
#define LANES 16
#define v_zero() _mm512_setzero_ps()
#define v_set(a) _mm512_set1_ps(a)
#define v_load(p) _mm512_loadu_ps(p)
#define v_store(p, v) _mm512_storeu_ps(p, v)
#define v_add(a, b) _mm512_add_ps(a, b)
#define v_sub(a, b) _mm512_sub_ps(a, b)
#define v_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
#define v_total(v) total_of_floats(_mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1)))
#else
#define NAME(f) f##_avx512
#define vec __m512d
#define LANES 8
#define v_zero() _mm512_setzero_pd()
#define v_set(a) _mm512_set1_pd(a)
#define v_load(p) _mm512_loadu_pd(p)
#define v_store(p, v) _mm512_storeu_pd(p, v)
#define v_add(a, b) _mm512_add_pd(a, b)
#define v_sub(a, b) _mm512_sub_pd(a, b)
#define v_fma(a, b, c) _mm512_fmadd_pd(a, b, c)
#define v_total(v) total_of_doubles(_mm256_add_pd(_mm512_castpd512_pd256(v), _mm512_extractf64x4_pd(v, 1)))
#endif

#endif
