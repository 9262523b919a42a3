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

/* Columns of jobs. */
typedef struct {
    int64_t unit;    /* they are multiples of that */
    int64_t left;    /* units behind those of the job */
    int64_t first, count;
} share;

/* The columns of the next job: of the units that are left each member's part of one half.  Those of a job follow each
 * other, so that they are fetched ahead, and the last jobs are short. */
static void next_share(share *of, int64_t n, int32_t members)
{
    const int64_t parts = 2 * members, units = (of->left + parts - 1) / parts;
    of->first += of->count;
    of->count = rfi_smaller(units * of->unit, n - of->first);
    of->left -= units;
}

static share share_at(int64_t unit, int64_t n, int32_t members, int64_t index)
{
    share of = {unit, (n + unit - 1) / unit, 0, 0};
    int64_t k;
    for (k = 0; k <= index; ++k)
        next_share(&of, n, members);
    return of;
}

static int64_t shares(int64_t unit, int64_t n, int32_t members)
{
    share of = {unit, (n + unit - 1) / unit, 0, 0};
    int64_t count = 0;
    for (; of.left > 0; ++count)
        next_share(&of, n, members);
    return count;
}

typedef struct {
    const rfi_tiles *tiles;
    rfi_tile tile;
    const rfi_product *whole;
    const rfi_product_single *whole_single;
    int32_t members;
} shared;

static void some_columns(void *context, int32_t member, int64_t index)
{
    const shared *s = context;
    rfi_product part = *s->whole;
    const share of = share_at(RFI_TILE_PACK, part.n, s->members, index);
    part.B += of.first;
    part.C += of.first;
    part.n = of.count;
    part.pack = member < part.packs ? part.pack + member * RFI_TILE_PACK * part.k : NULL;
    s->tile(&part);
}

void rfi_tile_run(rfi_tile tile, const rfi_product *product, rfi_team *team)
{
    const int64_t work = product->m * product->n * product->k;
    shared s = {NULL, tile, product, NULL, 0};
    if (!rfi_team_pays(team, work)) {
        tile(product);
        return;
    }
    s.members = team->members;
    rfi_team_run(team, work, shares(RFI_TILE_PACK, product->n, s.members), some_columns, &s);
}

static void some_columns_single(void *context, int32_t member, int64_t index)
{
    const shared *s = context;
    rfi_product_single part = *s->whole_single;
    const share of = share_at(RFI_TILE_PACK_SINGLE, part.n, s->members, index);
    part.B += of.first;
    part.C += of.first;
    part.n = of.count;
    part.pack += index * RFI_TILE_PACK_SINGLE * part.k;
    (void)member;
    s->tiles->product_single(&part);
}

void rfi_tile_run_single(const rfi_tiles *tiles, const rfi_product_single *product, rfi_team *team)
{
    const int64_t work = product->m * product->n * product->k / 2;
    shared s = {tiles, NULL, NULL, product, 0};
    int64_t jobs = 0;
    if (rfi_team_pays(team, work)) {
        s.members = team->members;
        while ((jobs = shares(RFI_TILE_PACK_SINGLE, product->n, s.members)) > product->packs && s.members > 1)
            --s.members;
    }
    if (jobs > 0 && jobs <= product->packs)
        rfi_team_run(team, work, jobs, some_columns_single, &s);
    else
        tiles->product_single(product);
}
