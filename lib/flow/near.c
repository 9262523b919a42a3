/* near: see near.h.
 * SPDX-License-Identifier: MIT */
#include "flow/near.h"

#include <string.h>

#include "base/cpu.h"
#include "base/dense.h"

int rfi_known_create(rfi_known *known, int64_t lines, const rf_allocator *a)
{
    known->block = rfi_alloc(a, RFI_KNOWN * lines + RFI_LANES, sizeof(double));
    known->epoch = rfi_alloc(a, lines, sizeof(int32_t));
    if (known->block == NULL || known->epoch == NULL) {
        rfi_known_free(known, a);
        return -1;
    }
    known->of = rfi_aligned(known->block);
    return 0;
}

void rfi_known_free(rfi_known *known, const rf_allocator *a)
{
    rfi_free(a, known->block);
    rfi_free(a, known->epoch);
    memset(known, 0, sizeof(*known));
}

static int64_t near_baseline(int64_t first, int64_t last, const int64_t *line, const int8_t *side,
                             const rfi_known *known, const rfi_present *present, int64_t *out)
{
    int64_t k, near = 0;
    for (k = first; k < last; ++k) {
        const int64_t at = line != NULL ? line[k] : k;
        double f[3];
        rfi_known_least(known, at, present->by + rfi_known_age(known, at, present), side[at], f);
        out[near] = at;
        near += (side[at] == 1 || side[at] == -1) && !((f[0] > 0.0) & (f[1] > 0.0) & (f[2] > 0.0));
    }
    return near;
}

#if RFI_X86_VECTORS

#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define ADD _mm256_add_pd
#define TIMES _mm256_mul_pd

/* As rfi_known_least, operation by operation, for the three instants at once. */
TARGET static int64_t near_avx2(int64_t first, int64_t last, const int64_t *line, const int8_t *side,
                                const rfi_known *known, const rfi_present *present, int64_t *out)
{
    static const double sides[4] = {0.0, 1.0, 0.0, -1.0}; /* by their last two bits */
    int64_t k, near = 0;
    for (k = first; k < last; ++k) {
        const int64_t at = line != NULL ? line[k] : k;
        const rfi_since *b = present->by + rfi_known_age(known, at, present);
        const double *of = known->of + RFI_KNOWN * at;
        const __m256d s = _mm256_broadcast_sd(sides + (side[at] & 3));
        const __m256d x = ADD(ADD(TIMES(_mm256_broadcast_sd(of), _mm256_loadu_pd(b->w)),
                                  TIMES(_mm256_broadcast_sd(of + 1), _mm256_loadu_pd(b->g))),
                              TIMES(_mm256_broadcast_sd(of + 2), _mm256_loadu_pd(b->a)));
        const __m256d off = TIMES(_mm256_broadcast_sd(of + 3), _mm256_loadu_pd(b->off));
        const __m256d f = _mm256_sub_pd(TIMES(s, x), off);
        const int above = _mm256_movemask_pd(_mm256_cmp_pd(f, _mm256_setzero_pd(), _CMP_GT_OQ)) & 7;
        out[near] = at;
        near += (side[at] == 1 || side[at] == -1) & (above != 7);
    }
    return near;
}

#endif

rfi_near *rfi_near_at(int level)
{
#if RFI_X86_VECTORS
    if (level >= RFI_CPU_AVX2)
        return near_avx2;
#endif
    (void)level;
    return near_baseline;
}
