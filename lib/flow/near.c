/* near: see near.h.
 * SPDX-License-Identifier: MIT */
#include "flow/near.h"

#include <string.h>

#include "base/cpu.h"

int rfi_known_create(rfi_known *known, int64_t lines, const rf_allocator *a)
{
    known->since = rfi_alloc(a, 5 * lines, sizeof(double));
    known->slot = rfi_alloc(a, lines, sizeof(int32_t));
    if (known->since == NULL || known->slot == NULL) {
        rfi_known_free(known, a);
        return -1;
    }
    known->z = known->since + lines;
    known->speed = known->z + lines;
    known->change = known->speed + lines;
    known->norm = known->change + lines;
    return 0;
}

void rfi_known_free(rfi_known *known, const rf_allocator *a)
{
    rfi_free(a, known->since);
    rfi_free(a, known->slot);
    memset(known, 0, sizeof(*known));
}

/* The lines from `line` on. */
static int64_t near_from(int64_t line, int64_t lines, const int8_t *side, const rfi_known *known,
                         const rfi_since *by, double h, int64_t *out)
{
    int64_t count = 0;
    for (; line < lines; ++line) {
        double f[3];
        rfi_known_least(known, line, by, side[line], f);
        out[count] = line;
        count += (side[line] == 1 || side[line] == -1) && !rfi_is_positive(f, h);
    }
    return count;
}

static int64_t near_baseline(int64_t lines, const int8_t *side, const rfi_known *known, const rfi_since *by,
                             double h, int64_t *out)
{
    return near_from(0, lines, side, known, by, h, out);
}

#if RFI_X86_VECTORS

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx2")))
#define ADD _mm512_add_pd
#define SUBTRACT _mm512_sub_pd
#define TIMES _mm512_mul_pd
#define POSITIVE(x) _mm512_cmp_pd_mask(x, _mm512_setzero_pd(), _CMP_GT_OQ)

/* A number of each line's epoch.  Without optimization the intrinsic is a macro whose mask changes its sign. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
TARGET ALWAYS_INLINE __m512d of(const double *first, __m256i at)
{
    return _mm512_i32gather_pd(at, first, sizeof(double));
}
#pragma GCC diagnostic pop

/* The mask of the lines among the eight from `line` on that stay on their sides, or are on none; as
 * rfi_known_least and rfi_is_positive, operation by operation. */
TARGET ALWAYS_INLINE __mmask8 stay(int64_t line, const int8_t *side, const rfi_known *known,
                                   const rfi_since *by, __m512d h)
{
    const __m512d half = _mm512_set1_pd(0.5);
    const __m512i sides = _mm512_cvtepi8_epi64(_mm_loadl_epi64((const __m128i *)(const void *)(side + line)));
    const __mmask8 free = _mm512_cmpeq_epi64_mask(_mm512_abs_epi64(sides), _mm512_set1_epi64(1));
    const __m512d s = _mm512_cvtepi64_pd(sides);
    const __m256i slot = _mm256_loadu_si256((const __m256i *)(const void *)(known->slot + line));
    const __m256i at = _mm256_mullo_epi32(slot, _mm256_set1_epi32(sizeof(rfi_since) / sizeof(double)));
    const __m512d before = _mm512_loadu_pd(known->since + line), speed = _mm512_loadu_pd(known->speed + line);
    const __m512d change = _mm512_loadu_pd(known->change + line), norm = _mm512_loadu_pd(known->norm + line);
    const __m512d since = SUBTRACT(of(&by->t, at), before), lost = TIMES(of(&by->rate, at), before);
    const __m512d at_most = SUBTRACT(of(&by->strayed, at), lost), gone = ADD(of(&by->gone, at), lost);
    const __m512d z = ADD(_mm512_loadu_pd(known->z + line),
                          TIMES(since, ADD(speed, TIMES(TIMES(half, since), change))));
    const __m512d f0 = SUBTRACT(TIMES(s, z), TIMES(norm, _mm512_min_pd(gone, at_most)));
    const __m512d f1 =
        SUBTRACT(TIMES(s, ADD(speed, TIMES(since, change))), TIMES(norm, of(&by->width, at)));
    const __m512d f2 = TIMES(half, SUBTRACT(TIMES(s, change), TIMES(norm, of(&by->turn, at))));
    const __m512d first = ADD(f0, TIMES(h, f1));
    const int positive = POSITIVE(f0) & POSITIVE(first) & POSITIVE(ADD(first, TIMES(TIMES(h, h), f2)));
    return (__mmask8)(positive | ~free);
}

TARGET static int64_t near_avx512(int64_t lines, const int8_t *side, const rfi_known *known,
                                  const rfi_since *by, double h, int64_t *out)
{
    enum { EIGHT = 8 };
    const __m512d wide = _mm512_set1_pd(h);
    int64_t line, count = 0;
    for (line = 0; line + EIGHT <= lines; line += EIGHT) {
        unsigned left = 0xffu & ~(unsigned)stay(line, side, known, by, wide);
        for (; left != 0; left &= left - 1)
            out[count++] = line + __builtin_ctz(left);
    }
    return count + near_from(line, lines, side, known, by, h, out + count);
}

#endif

rfi_near *rfi_near_at(int level)
{
#if RFI_X86_VECTORS
    if (level >= RFI_CPU_AVX512)
        return near_avx512;
#endif
    (void)level;
    return near_baseline;
}
