/* tile: see tile.h.
 * SPDX-License-Identifier: MIT */
#include "base/tile.h"

#include <stddef.h>

#include "base/cpu.h"

#define vec double
#define v_zero() 0.0
#define v_set(a) (a)
#define v_load(p) (*(p))
#define v_store(p, v) (*(p) = (v))
#define v_add(a, b) ((a) + (b))
#define v_sub(a, b) ((a) - (b))
#define v_fma(a, b, c) ((a) * (b) + (c))
#define TARGET
#define NAME(f) f##_baseline
enum { LANES_baseline = 1 };
#define LANES LANES_baseline
#define TALL 4
#define WIDE 2
#include "base/tile_kernel.h"
#undef vec
#undef v_zero
#undef v_set
#undef v_load
#undef v_store
#undef v_add
#undef v_sub
#undef v_fma
#undef TARGET
#undef NAME
#undef LANES
#undef TALL
#undef WIDE

#if RFI_X86_VECTORS

#include <immintrin.h>

#define vec __m256d
#define v_zero() _mm256_setzero_pd()
#define v_set(a) _mm256_set1_pd(a)
#define v_load(p) _mm256_loadu_pd(p)
#define v_store(p, v) _mm256_storeu_pd(p, v)
#define v_add(a, b) _mm256_add_pd(a, b)
#define v_sub(a, b) _mm256_sub_pd(a, b)
#define v_fma(a, b, c) _mm256_fmadd_pd(a, b, c)
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(f) f##_avx2
#define LANES 4
#define TALL 4
#define WIDE 2
#include "base/tile_kernel.h"
#undef vec
#undef v_zero
#undef v_set
#undef v_load
#undef v_store
#undef v_add
#undef v_sub
#undef v_fma
#undef TARGET
#undef NAME
#undef LANES
#undef TALL
#undef WIDE

#define vec __m512d
#define v_zero() _mm512_setzero_pd()
#define v_set(a) _mm512_set1_pd(a)
#define v_load(p) _mm512_loadu_pd(p)
#define v_store(p, v) _mm512_storeu_pd(p, v)
#define v_add(a, b) _mm512_add_pd(a, b)
#define v_sub(a, b) _mm512_sub_pd(a, b)
#define v_fma(a, b, c) _mm512_fmadd_pd(a, b, c)
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx2,fma")))
#define NAME(f) f##_avx512
#define LANES 8
#define TALL 8
#define WIDE 3
#include "base/tile_kernel.h"

#endif

rfi_tile rfi_tile_at(int level)
{
    switch (level) {
    case RFI_CPU_BASELINE:
        return product_baseline;
#if RFI_X86_VECTORS
    case RFI_CPU_AVX2:
        return product_avx2;
    case RFI_CPU_AVX512:
        return product_avx512;
#endif
    default:
        return NULL;
    }
}

rfi_tile rfi_tile_choose(void)
{
    return rfi_tile_at(rfi_cpu_level());
}

/* Columns of a job. */
enum { STRIP = 48 };

typedef struct {
    rfi_tile tile;
    const rfi_product *whole;
} shared;

static void one_strip(void *context, int32_t member, int64_t index)
{
    const shared *s = context;
    rfi_product part = *s->whole;
    const int64_t column = index * STRIP;
    part.B += column;
    part.C += column;
    part.n = part.n - column < STRIP ? part.n - column : STRIP;
    part.pack = member < part.packs ? part.pack + member * RFI_TILE_PACK * part.k : NULL;
    s->tile(&part);
}

void rfi_tile_run(rfi_tile tile, const rfi_product *product, rfi_team *team)
{
    shared s = {tile, product};
    const int64_t work = product->m * product->n * product->k;
    if (rfi_team_pays(team, work))
        rfi_team_run(team, work, (product->n + STRIP - 1) / STRIP, one_strip, &s);
    else
        tile(product);
}
