/* glance: see glance.h.
 * SPDX-License-Identifier: MIT */
#include "flow/glance.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/num.h"

#if RFI_X86_VECTORS
#include <immintrin.h>
#endif

#define RFI_NAME(f) f##_baseline
#define RFI_TARGET
#define RFI_WIDTH 1
#define VEC float
#define v_zero() 0.0F
#define v_set(a) (a)
#define v_load(p) (*(p))
#define v_store(p, a) ((void)(*(p) = (a)))
#define v_fma(a, b, c) ((a) * (b) + (c))
#define v_times(a, b) ((a) * (b))
#define v_add(a, b) ((a) + (b))
#define v_least(a, b) ((a) < (b) ? (a) : (b))
#define v_low(a, b) ((unsigned)!((a) > (b)))
#include "flow/glance_kernels.h"

#if RFI_X86_VECTORS
#define RFI_NAME(f) f##_sse2
#define RFI_TARGET
#define RFI_WIDTH 4
#define VEC __m128
#define v_zero() _mm_setzero_ps()
#define v_set(a) _mm_set1_ps(a)
#define v_load(p) _mm_loadu_ps(p)
#define v_store(p, a) _mm_storeu_ps(p, a)
#define v_fma(a, b, c) _mm_add_ps(_mm_mul_ps(a, b), c)
#define v_times(a, b) _mm_mul_ps(a, b)
#define v_add(a, b) _mm_add_ps(a, b)
#define v_least(a, b) _mm_min_ps(a, b)
#define v_low(a, b) ((unsigned)_mm_movemask_ps(_mm_cmpngt_ps(a, b)))
#include "flow/glance_kernels.h"

#define RFI_NAME(f) f##_avx2
#define RFI_TARGET __attribute__((target("avx2,fma")))
#define RFI_WIDTH 8
#define VEC __m256
#define v_zero() _mm256_setzero_ps()
#define v_set(a) _mm256_set1_ps(a)
#define v_load(p) _mm256_loadu_ps(p)
#define v_store(p, a) _mm256_storeu_ps(p, a)
#define v_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
#define v_times(a, b) _mm256_mul_ps(a, b)
#define v_add(a, b) _mm256_add_ps(a, b)
#define v_least(a, b) _mm256_min_ps(a, b)
#define v_low(a, b) ((unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_NGT_UQ)))
#include "flow/glance_kernels.h"

#define RFI_NAME(f) f##_avx512
#define RFI_TARGET __attribute__((target("avx512f,avx512vl,avx512dq")))
#define RFI_WIDTH 16
#define VEC __m512
#define v_zero() _mm512_setzero_ps()
#define v_set(a) _mm512_set1_ps(a)
#define v_load(p) _mm512_loadu_ps(p)
#define v_store(p, a) _mm512_storeu_ps(p, a)
#define v_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
#define v_times(a, b) _mm512_mul_ps(a, b)
#define v_add(a, b) _mm512_add_ps(a, b)
#define v_least(a, b) _mm512_min_ps(a, b)
#define v_low(a, b) ((unsigned)_mm512_cmp_ps_mask(a, b, _CMP_NGT_UQ))
#include "flow/glance_kernels.h"
#endif

static void choose(rfi_glance *glance, int level)
{
    glance->few = few_baseline;
    glance->all = all_baseline;
#if RFI_X86_VECTORS
    glance->few = level >= RFI_CPU_AVX512 ? few_avx512 : level >= RFI_CPU_AVX2 ? few_avx2 : few_sse2;
    glance->all = level >= RFI_CPU_AVX512 ? all_avx512 : level >= RFI_CPU_AVX2 ? all_avx2 : all_sse2;
#endif
    (void)level;
}

int rfi_glance_create(rfi_glance *glance, const rfi_data *data, int level)
{
    const int64_t lines = data->kinks.count, d = data->d;
    const int64_t blocks = (lines + RFI_GLANCE_LINES - 1) / RFI_GLANCE_LINES;
    int64_t line, j;
    choose(glance, level);
    glance->X = rfi_alloc(&data->allocator, blocks * RFI_GLANCE_LINES * d + RFI_GLANCE_MOST * rfi_padded(d) + lines,
                          sizeof(float));
    glance->leaves = rfi_alloc(&data->allocator, lines, sizeof(uint8_t));
    if (glance->X == NULL || glance->leaves == NULL) {
        rfi_glance_free(glance, &data->allocator);
        return -1;
    }
    glance->T = glance->X + blocks * RFI_GLANCE_LINES * d;
    glance->first = glance->T + RFI_GLANCE_MOST * rfi_padded(d);
    for (line = 0; line < lines; ++line) {
        const int64_t row = data->kinks.row[line];
        const rfi_view x = rfi_row(data, row);
        float *out = glance->X + line / RFI_GLANCE_LINES * RFI_GLANCE_LINES * d + line % RFI_GLANCE_LINES;
        for (j = 0; j < d; ++j)
            out[j * RFI_GLANCE_LINES] = (float)(rfi_view_at(x, j) / data->norm[row]);
    }
    return 0;
}

void rfi_glance_free(rfi_glance *glance, const rf_allocator *allocator)
{
    rfi_free(allocator, glance->X);
    rfi_free(allocator, glance->leaves);
    memset(glance, 0, sizeof(*glance));
}

/* The sizes of the terms of w up to tau: *sum of the first count, and what is beyond them, two by two. */
static double weigh(const rfi_chain *chain, double tau, int64_t count, double *sum)
{
    const int64_t order = chain->order, first = rfi_smaller(count, order + 1);
    const double *size = chain->size, square = tau * tau;
    double total = size[0], even = 0.0, odd = 0.0, power = tau;
    int64_t k;
    for (k = 1; k < first; ++k, power *= tau)
        total += size[k] * power;
    for (; k < order; k += 2, power *= square) {
        even += size[k] * power;
        odd += size[k + 1] * power;
    }
    *sum = total;
    return (k == order ? even + size[k] * power : even) + tau * odd;
}

/* One over the binomials of count - 1, for all and for half of the coefficients. */
static const double OVER_BINOMIALS[2][RFI_GLANCE_MOST] = {
    {1.0, 1.0 / 7.0, 1.0 / 21.0, 1.0 / 35.0, 1.0 / 35.0, 1.0 / 21.0, 1.0 / 7.0, 1.0},
    {1.0, 1.0 / 3.0, 1.0 / 3.0, 1.0}};

/* The coefficients at tau over their sum and over binomials: additions then make those of Bernstein of them. */
static void scale(rfi_glance *glance, const rfi_chain *chain, double tau, int64_t count, double sum)
{
    const double *over = OVER_BINOMIALS[count < RFI_GLANCE_MOST];
    const int64_t ld = chain->ld;
    double power = 1.0 / sum;
    int64_t j, k;
    for (k = 0; k < count; ++k, power *= tau) {
        const double factor = power * over[k], *from = chain->T + k * ld;
        float *to = glance->T + k * ld;
        for (j = 0; j < ld && k <= chain->order; ++j)
            to[j] = (float)(factor * from[j]);
        if (k > chain->order)
            memset(to, 0, (size_t)ld * sizeof(float));
    }
}

/* What the coefficients of Bernstein of a margin, RFI_GLANCE_LINES apart, tell of a line that was found, by more than
 * they are rounded by: the part of tau before which it is above the threshold; and whether, if it is 0 at first, it is
 * above that part of the threshold ever after. */
static void judge(const float *b, int64_t count, float threshold, float rounding, float *first, uint8_t *leaves)
{
    const float last = (float)(count - 1), above = b[0] - threshold;
    float fall = 0.0F, rise = last * b[RFI_GLANCE_LINES];
    int64_t k;
    for (k = 1; k < count; ++k) {
        const float part = last / (float)k, each = b[k * RFI_GLANCE_LINES];
        fall = fall > part * (b[0] - each) ? fall : part * (b[0] - each);
        rise = rise < part * each ? rise : part * each;
    }
    *first = above > 0.0F ? (1.0F - 16.0F * FLT_EPSILON) * above / fall : 0.0F;
    *leaves = rise > threshold + last * rounding;
}

/* The sides of a block as numbers; of whole blocks the number of turns is known to the compiler. */
static void sides_of(const int8_t *side, int64_t count, float *out)
{
    int64_t k;
    if (count == RFI_GLANCE_LINES)
        for (k = 0; k < RFI_GLANCE_LINES; ++k)
            out[k] = (float)side[k];
    else
        for (k = 0; k < RFI_GLANCE_LINES; ++k)
            out[k] = k < count ? (float)side[k] : 0.0F;
}

static int lowest_bit(unsigned mask)
{
#if defined(__GNUC__)
    return __builtin_ctz(mask);
#else
    int k = 0;
    while ((mask >> k & 1U) == 0)
        ++k;
    return k;
#endif
}

int64_t rfi_glance_find(rfi_glance *glance, const rfi_chain *chain, const rfi_data *data, const int8_t *side,
                        double tau, double near, int64_t *out)
{
    const int64_t lines = data->kinks.count, d = chain->d;
    int64_t count = RFI_GLANCE_MOST / 2, line, found = 0;
    double sum, rest = weigh(chain, tau, count, &sum), threshold, rounding;
    rfi_glance_kernel *kernel = glance->few;
    if (rest * (double)lines > 0.25 * sum) {
        kernel = glance->all;
        count = RFI_GLANCE_MOST;
        rest = weigh(chain, tau, count, &sum);
    }
    /* Rows and coefficients are rounded to single precision, and so are the sum of their d products and count - 1
     * additions of these; products that are no normal numbers are far smaller still. */
    rounding = (double)(d + 2 * RFI_GLANCE_MOST) * FLT_EPSILON;
    threshold = (rest + near) / sum + rounding;
    if (!(sum > 1e-150 && sum < 1e150 && threshold < 1.0))
        threshold = 2.0; /* all */
    else
        scale(glance, chain, tau, count, sum);
    for (line = 0; line < lines; line += RFI_GLANCE_LINES) {
        const int64_t here = rfi_smaller(RFI_GLANCE_LINES, lines - line);
        float sides[RFI_GLANCE_LINES], bernstein[RFI_GLANCE_MOST * RFI_GLANCE_LINES];
        unsigned low = (1U << here) - 1U;
        sides_of(side + line, here, sides);
        if (threshold < 2.0)
            low &= kernel(d, chain->ld, glance->X + line * d, glance->T, sides, (float)threshold, bernstein);
        for (; low != 0; low &= low - 1U) {
            const int k = lowest_bit(low);
            if (threshold < 2.0) {
                judge(bernstein + k, count, (float)threshold, (float)rounding, glance->first + found,
                      glance->leaves + found);
            } else {
                glance->first[found] = 0.0F;
                glance->leaves[found] = 0;
            }
            out[found++] = line + k;
        }
    }
    return found;
}
