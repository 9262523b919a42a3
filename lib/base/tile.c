/* tile: see tile.h.
 * SPDX-License-Identifier: MIT */
#include "base/tile.h"

#include <stddef.h>

#include "base/cpu.h"

#include "base/num.h"

#define LEVEL 0
#define SINGLE 0
#include "base/tile_kernel.h"
#undef SINGLE
#define SINGLE 1
#include "base/tile_kernel.h"
#undef SINGLE
#undef LEVEL

#if RFI_X86_VECTORS

#include <immintrin.h>

/* The sum of the lanes, halves first. */
__attribute__((target("avx2,fma"))) ALWAYS_INLINE double total_of_doubles(__m256d v)
{
    const __m128d half = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
    return _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
}

__attribute__((target("avx2,fma"))) ALWAYS_INLINE double total_of_floats(__m256 v)
{
    const __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 two = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return (double)_mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#define LEVEL 1
#define SINGLE 0
#include "base/tile_kernel.h"
#undef SINGLE
#define SINGLE 1
#include "base/tile_kernel.h"
#undef SINGLE
#undef LEVEL

#define LEVEL 2
#define SINGLE 0
#include "base/tile_kernel.h"
#undef SINGLE
#define SINGLE 1
#include "base/tile_kernel.h"
#undef SINGLE
#undef LEVEL

#endif

static const rfi_tiles TILES[] = {
    {product_baseline, product_single_baseline, pairs_baseline, pairs_single_baseline},
#if RFI_X86_VECTORS
    {product_avx2, product_single_avx2, pairs_avx2, pairs_single_avx2},
    {product_avx512, product_single_avx512, pairs_avx512, pairs_single_avx512},
#endif
};

const rfi_tiles *rfi_tiles_at(int level)
{
    const int levels = (int)(sizeof(TILES) / sizeof(TILES[0]));
    return level >= 0 && level < levels ? &TILES[level] : NULL;
}

rfi_tile rfi_tile_at(int level)
{
    const rfi_tiles *tiles = rfi_tiles_at(level);
    return tiles != NULL ? tiles->product : NULL;
}

const rfi_tiles *rfi_tiles_choose(void)
{
    return rfi_tiles_at(rfi_cpu_level());
}

rfi_tile rfi_tile_choose(void)
{
    return rfi_tiles_choose()->product;
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

typedef struct {
    const rfi_tiles *tiles;
    const rfi_product_single *whole;
    int64_t jobs;
} shared_single;

/* Some of the strips, with a pack of its own. */
static void some_strips_single(void *context, int32_t member, int64_t index)
{
    const shared_single *s = context;
    int64_t column;
    (void)member;
    for (column = index * STRIP; column < s->whole->n; column += s->jobs * STRIP) {
        rfi_product_single part = *s->whole;
        part.B += column;
        part.C += column;
        part.n = rfi_smaller(STRIP, part.n - column);
        part.pack += index * RFI_TILE_PACK_SINGLE * part.k;
        s->tiles->product_single(&part);
    }
}

void rfi_tile_run_single(const rfi_tiles *tiles, const rfi_product_single *product, rfi_team *team)
{
    const int64_t work = product->m * product->n * product->k / 2, strips = (product->n + STRIP - 1) / STRIP;
    shared_single s = {tiles, product, rfi_smaller(strips, product->packs)};
    if (rfi_team_pays(team, work))
        rfi_team_run(team, work, s.jobs, some_strips_single, &s);
    else
        tiles->product_single(product);
}
