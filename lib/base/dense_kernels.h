/* dense_kernels: the kernels of dense.h for one instruction set.  Included once for each, with
 * RFI_NAME(f), the name of f, RFI_TARGET, the attribute that chooses the instructions, RFI_WIDTH, the lanes of
 * a vector, and RFI_GROUPS, the groups of RFI_LANES lanes that are summed at once; all are undefined in the end.
 * SPDX-License-Identifier: MIT */

#define VEC RFI_NAME(vec)
#define PARTS (RFI_LANES / RFI_WIDTH)
#define HALF_ROWS (RFI_WIDTH == 8 ? 8 : RFI_WIDTH == 4 ? 4 : 2) /* as many as there are registers for */
#define AT(p, part) (*(const VEC *)((p) + (part)*RFI_WIDTH))
#define PUT(p, part) (*(VEC *)((p) + (part)*RFI_WIDTH))

#if RFI_WIDTH > 1
typedef double VEC __attribute__((vector_size(RFI_WIDTH * 8), aligned(8), may_alias));
#else
typedef double VEC;
#endif

/* The sum of the lanes of a group, in the order of sum_of_lanes. */
RFI_TARGET ALWAYS_INLINE double RFI_NAME(total)(const VEC *s)
{
#if RFI_WIDTH == 8
    const __m512d a = (__m512d)s[0];
    const __m256d b = _mm256_add_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd(a, 1));
#elif RFI_WIDTH == 4
    const __m256d b = _mm256_add_pd((__m256d)s[0], (__m256d)s[1]);
#endif
#if RFI_WIDTH >= 4
    const __m128d c = _mm_add_pd(_mm256_castpd256_pd128(b), _mm256_extractf128_pd(b, 1));
    return _mm_cvtsd_f64(c) + _mm_cvtsd_f64(_mm_unpackhi_pd(c, c));
#else
    double lane[RFI_LANES];
    int p;
    UNROLL
    for (p = 0; p < PARTS; ++p)
        PUT(lane, p) = s[p];
    return sum_of_lanes(lane);
#endif
}

/* The same of so many groups, of four at once where there are vectors: with the same bits. */
RFI_TARGET ALWAYS_INLINE void RFI_NAME(totals)(int count, const VEC *s, double *out)
{
    int r = 0;
#if RFI_WIDTH >= 4
    __m256d b[4], low, high;
    for (; count - r >= 4; r += 4) {
        int k;
        UNROLL
        for (k = 0; k < 4; ++k) {
#if RFI_WIDTH == 8
            const __m512d a = (__m512d)s[r + k];
            b[k] = _mm256_add_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd(a, 1));
#else
            b[k] = _mm256_add_pd((__m256d)s[(r + k) * PARTS], (__m256d)s[(r + k) * PARTS + 1]);
#endif
        }
        low = _mm256_add_pd(_mm256_permute2f128_pd(b[0], b[1], 0x20), _mm256_permute2f128_pd(b[0], b[1], 0x31));
        high = _mm256_add_pd(_mm256_permute2f128_pd(b[2], b[3], 0x20), _mm256_permute2f128_pd(b[2], b[3], 0x31));
        low = _mm256_add_pd(_mm256_unpacklo_pd(low, high), _mm256_unpackhi_pd(low, high));
        _mm256_storeu_pd(out + r, _mm256_permute4x64_pd(low, 0xd8));
    }
#endif
    UNROLL
    for (; r < count; ++r)
        out[r] = RFI_NAME(total)(s + r * PARTS);
}

/* The last count < RFI_LANES elements of a row as a group, zeros behind them. */
RFI_TARGET ALWAYS_INLINE void RFI_NAME(rest)(const double *x, int64_t count, VEC *s)
{
#if RFI_WIDTH == 8
    s[0] = (VEC)_mm512_maskz_loadu_pd((__mmask8)(0xffu >> (RFI_LANES - count)), x);
#else
    double lane[RFI_LANES] = {0.0};
    int64_t k;
    int p;
    for (k = 0; k < count; ++k)
        lane[k] = x[k];
    UNROLL
    for (p = 0; p < PARTS; ++p)
        s[p] = AT(lane, p);
#endif
}

/* y = f sum_j x_j H_j in the columns of so many groups; adds the squares of y to sum. */
#define RFI_APPLY(groups)                                                                          \
    RFI_TARGET ALWAYS_INLINE void RFI_NAME(apply_##groups)(int64_t d, int64_t ld, double f,        \
                                                           const double *H, const double *x,       \
                                                           double *y, VEC *sum)                    \
    {                                                                                              \
        VEC s[(groups)*PARTS];                                                                     \
        int64_t j;                                                                                 \
        int g;                                                                                     \
        UNROLL                                                                                     \
        for (g = 0; g < (groups)*PARTS; ++g)                                                       \
            s[g] = (VEC){0};                                                                       \
        for (j = 0; j < d; ++j) {                                                                  \
            const double *row = H + j * ld;                                                        \
            UNROLL                                                                                 \
            for (g = 0; g < (groups)*PARTS; ++g)                                                   \
                s[g] += x[j] * AT(row, g);                                                         \
        }                                                                                          \
        UNROLL                                                                                     \
        for (g = 0; g < (groups)*PARTS; ++g) {                                                     \
            s[g] = f * s[g];                                                                       \
            PUT(y, g) = s[g];                                                                      \
            sum[g % PARTS] += s[g] * s[g];                                                         \
        }                                                                                          \
    }
RFI_APPLY(1)
RFI_APPLY(2)
#if RFI_GROUPS >= 4
RFI_APPLY(3)
RFI_APPLY(4)
#endif
#if RFI_GROUPS >= 8
RFI_APPLY(5)
RFI_APPLY(6)
RFI_APPLY(7)
RFI_APPLY(8)
#endif
#undef RFI_APPLY

RFI_TARGET static double RFI_NAME(apply_scaled)(int64_t d, int64_t ld, double f, const double *H,
                                                const double *x, double *y)
{
    VEC sum[PARTS];
    int64_t at = 0;
    int p;
    UNROLL
    for (p = 0; p < PARTS; ++p)
        sum[p] = (VEC){0};
    for (; ld - at >= RFI_GROUPS * RFI_LANES; at += RFI_GROUPS * RFI_LANES) {
#if RFI_GROUPS == 8
        RFI_NAME(apply_8)(d, ld, f, H + at, x, y + at, sum);
#elif RFI_GROUPS == 4
        RFI_NAME(apply_4)(d, ld, f, H + at, x, y + at, sum);
#else
        RFI_NAME(apply_2)(d, ld, f, H + at, x, y + at, sum);
#endif
    }
    switch ((ld - at) / RFI_LANES) {
#if RFI_GROUPS == 8
    case 7:
        RFI_NAME(apply_7)(d, ld, f, H + at, x, y + at, sum);
        break;
    case 6:
        RFI_NAME(apply_6)(d, ld, f, H + at, x, y + at, sum);
        break;
    case 5:
        RFI_NAME(apply_5)(d, ld, f, H + at, x, y + at, sum);
        break;
    case 4:
        RFI_NAME(apply_4)(d, ld, f, H + at, x, y + at, sum);
        break;
#endif
#if RFI_GROUPS >= 4
    case 3:
        RFI_NAME(apply_3)(d, ld, f, H + at, x, y + at, sum);
        break;
    case 2:
        RFI_NAME(apply_2)(d, ld, f, H + at, x, y + at, sum);
        break;
#endif
    case 1:
        RFI_NAME(apply_1)(d, ld, f, H + at, x, y + at, sum);
        break;
    default:
        break;
    }
    return RFI_NAME(total)(sum);
}

RFI_TARGET static void RFI_NAME(apply)(int64_t d, int64_t ld, const double *H, const double *x,
                                       double *y)
{
    RFI_NAME(apply_scaled)(d, ld, 1.0, H, x, y);
}

/* What so many rows of a symmetric H from row i on, and their columns right of the diagonal block of RFI_LANES, add to
 * y = H x. */
RFI_TARGET ALWAYS_INLINE void RFI_NAME(half_rows)(const int rows, int64_t ld, int64_t i, const double *H,
                                                  const double *x, double *y)
{
    const int64_t diagonal = i / RFI_LANES * RFI_LANES;
    VEC s[HALF_ROWS * PARTS];
    double total[HALF_ROWS];
    int64_t j;
    int r, p;
    UNROLL
    for (r = 0; r < rows; ++r)
        UNROLL
        for (p = 0; p < PARTS; ++p)
            s[r * PARTS + p] = AT(H + (i + r) * ld + diagonal, p) * AT(x + diagonal, p);
    for (j = diagonal + RFI_LANES; j < ld; j += RFI_LANES)
        UNROLL
        for (p = 0; p < PARTS; ++p) {
            const VEC xj = AT(x + j, p);
            VEC yj = AT(y + j, p);
            UNROLL
            for (r = 0; r < rows; ++r) {
                const VEC h = AT(H + (i + r) * ld + j, p);
                s[r * PARTS + p] += h * xj;
                yj += x[i + r] * h;
            }
            PUT(y + j, p) = yj;
        }
    RFI_NAME(totals)(rows, s, total);
    UNROLL
    for (r = 0; r < rows; ++r)
        y[i + r] += total[r];
}

RFI_TARGET static void RFI_NAME(apply_half)(int64_t ld, int64_t first, int64_t last, const double *H, const double *x,
                                            double *y)
{
    int64_t i = first;
    for (; last - i >= HALF_ROWS; i += HALF_ROWS)
        RFI_NAME(half_rows)(HALF_ROWS, ld, i, H, x, y);
    for (; i < last; ++i)
        RFI_NAME(half_rows)(1, ld, i, H, x, y);
}

#include "base/power_kernels.h"

RFI_TARGET static void RFI_NAME(update)(int64_t d, int64_t ld, double a, const double *x, double *H)
{
    int64_t j, k;
    int p;
    for (j = 0; j < d; ++j) {
        const double ax = a * x[j];
        for (k = 0; k < ld; k += RFI_LANES)
            UNROLL
            for (p = 0; p < PARTS; ++p)
                PUT(H + j * ld + k, p) += ax * AT(x + k, p);
    }
}

RFI_TARGET static void RFI_NAME(update_eight)(int64_t d, int64_t ld, const double *a,
                                              const double *V, double *H)
{
    int64_t j, k;
    int r, p;
    for (j = 0; j < d; ++j) {
        double f[8];
        for (r = 0; r < 8; ++r)
            f[r] = a[r] * V[r * ld + j];
        for (k = 0; k < ld; k += RFI_LANES) {
            VEC s[PARTS];
            UNROLL
            for (p = 0; p < PARTS; ++p)
                s[p] = AT(H + j * ld + k, p);
            UNROLL
            for (r = 0; r < 8; ++r)
                UNROLL
                for (p = 0; p < PARTS; ++p)
                    s[p] += f[r] * AT(V + r * ld + k, p);
            UNROLL
            for (p = 0; p < PARTS; ++p)
                PUT(H + j * ld + k, p) = s[p];
        }
    }
}

RFI_TARGET static void RFI_NAME(add)(int64_t ld, double a, const double *x, double *y)
{
    int64_t k;
    int p;
    for (k = 0; k < ld; k += RFI_LANES)
        UNROLL
        for (p = 0; p < PARTS; ++p)
            PUT(y + k, p) += a * AT(x + k, p);
}

RFI_TARGET static void RFI_NAME(horner)(int64_t ld, int64_t order, const double *a, double tau,
                                        const double *T, double *y)
{
    const double square = tau * tau;
    int64_t j, k;
    int p;
    for (k = 0; k < ld; k += RFI_LANES) {
        VEC even[PARTS], odd[PARTS];
        j = order;
        UNROLL
        for (p = 0; p < PARTS; ++p)
            even[p] = odd[p] = (VEC){0};
        if (j % 2 == 0) {
            UNROLL
            for (p = 0; p < PARTS; ++p)
                even[p] = a[j] * AT(T + j * ld + k, p);
            --j;
        }
        for (; j > 0; j -= 2)
            UNROLL
            for (p = 0; p < PARTS; ++p) {
                odd[p] = odd[p] * square + a[j] * AT(T + j * ld + k, p);
                even[p] = even[p] * square + a[j - 1] * AT(T + (j - 1) * ld + k, p);
            }
        UNROLL
        for (p = 0; p < PARTS; ++p)
            PUT(y + k, p) = even[p] + tau * odd[p];
    }
}

/* out_r = x . v_r for so many vectors and x of d elements. */
#define RFI_DOTS(count)                                                                            \
    RFI_TARGET ALWAYS_INLINE void RFI_NAME(dots_##count)(int64_t d, const double *x,               \
                                                         const double *const *v, double *out)      \
    {                                                                                              \
        VEC s[(count)*PARTS], rest[PARTS];                                                         \
        const int64_t whole = d - d % RFI_LANES;                                                   \
        int64_t k;                                                                                 \
        int r, p;                                                                                  \
        UNROLL                                                                                     \
        for (r = 0; r < (count)*PARTS; ++r)                                                        \
            s[r] = (VEC){0};                                                                       \
        for (k = 0; k < whole; k += RFI_LANES)                                                     \
            UNROLL                                                                                 \
            for (r = 0; r < (count); ++r)                                                          \
                UNROLL                                                                             \
                for (p = 0; p < PARTS; ++p)                                                        \
                    s[r * PARTS + p] += AT(x + k, p) * AT(v[r] + k, p);                            \
        if (whole < d) {                                                                           \
            RFI_NAME(rest)(x + whole, d - whole, rest);                                            \
            UNROLL                                                                                 \
            for (r = 0; r < (count); ++r)                                                          \
                UNROLL                                                                             \
                for (p = 0; p < PARTS; ++p)                                                        \
                    s[r * PARTS + p] += rest[p] * AT(v[r] + whole, p);                             \
        }                                                                                          \
        RFI_NAME(totals)(count, s, out);                                                           \
    }
RFI_DOTS(1)
RFI_DOTS(2)
RFI_DOTS(3)
#if RFI_GROUPS >= 4
RFI_DOTS(4)
RFI_DOTS(5)
#endif
#undef RFI_DOTS

RFI_TARGET static void RFI_NAME(dots)(int64_t ld, int64_t count, const double *x, const double *V,
                                      double *out)
{
#if RFI_GROUPS >= 4
    for (; count >= 4; count -= 4, V += 4 * ld, out += 4) {
        const double *v[4] = {V, V + ld, V + 2 * ld, V + 3 * ld};
        RFI_NAME(dots_4)(ld, x, v, out);
    }
#endif
    for (; count >= 2; count -= 2, V += 2 * ld, out += 2) {
        const double *v[2] = {V, V + ld};
        RFI_NAME(dots_2)(ld, x, v, out);
    }
    if (count > 0)
        RFI_NAME(dots_1)(ld, x, &V, out);
}

#if RFI_GROUPS >= 4
/* out_r = x_r . v for so many rows x_r of d elements. */
RFI_TARGET ALWAYS_INLINE void RFI_NAME(each_rows)(const int count, int64_t d, const double *const *x, const double *v,
                                                  double *out)
{
    VEC s[RFI_GROUPS * PARTS] = {{0}}, rest[PARTS];
    const int64_t whole = d - d % RFI_LANES;
    int64_t k;
    int r, p;
    for (k = 0; k < whole; k += RFI_LANES)
        UNROLL
        for (r = 0; r < count; ++r)
            UNROLL
            for (p = 0; p < PARTS; ++p)
                s[r * PARTS + p] += AT(x[r] + k, p) * AT(v + k, p);
    for (r = 0; r < count && whole < d; ++r) {
        RFI_NAME(rest)(x[r] + whole, d - whole, rest);
        UNROLL
        for (p = 0; p < PARTS; ++p)
            s[r * PARTS + p] += rest[p] * AT(v + whole, p);
    }
    RFI_NAME(totals)(count, s, out);
}
#endif

RFI_TARGET static void RFI_NAME(each)(int64_t d, int64_t count, const double *const *x, const double *v,
                                      double *out)
{
#if RFI_GROUPS >= 8
    for (; count >= 8; count -= 8, x += 8, out += 8)
        RFI_NAME(each_rows)(8, d, x, v, out);
#endif
#if RFI_GROUPS >= 4
    for (; count >= 4; count -= 4, x += 4, out += 4)
        RFI_NAME(each_rows)(4, d, x, v, out);
#endif
    for (; count > 0; --count, ++x, ++out)
        RFI_NAME(dots_1)(d, *x, &v, out);
}

/* y += sum_r a_r x_r for so many rows x_r of d elements. */
RFI_TARGET ALWAYS_INLINE void RFI_NAME(combine_rows)(const int count, int64_t d, const double *a,
                                                     const double *const *x, double *y)
{
    const int64_t whole = d - d % RFI_LANES;
    VEC rest[PARTS];
    int64_t k;
    int r, p;
    for (k = 0; k < whole; k += RFI_LANES)
        UNROLL
        for (p = 0; p < PARTS; ++p) {
            VEC sum = AT(y + k, p);
            UNROLL
            for (r = 0; r < count; ++r)
                sum += a[r] * AT(x[r] + k, p);
            PUT(y + k, p) = sum;
        }
    for (r = 0; r < count && whole < d; ++r) {
        RFI_NAME(rest)(x[r] + whole, d - whole, rest);
        UNROLL
        for (p = 0; p < PARTS; ++p)
            PUT(y + whole, p) = AT(y + whole, p) + a[r] * rest[p];
    }
}

RFI_TARGET static void RFI_NAME(combine)(int64_t d, int64_t count, const double *a, const double *const *x, double *y)
{
#if RFI_GROUPS >= 8
    for (; count >= 8; count -= 8, x += 8, a += 8)
        RFI_NAME(combine_rows)(8, d, a, x, y);
#endif
    for (; count >= 4; count -= 4, x += 4, a += 4)
        RFI_NAME(combine_rows)(4, d, a, x, y);
    for (; count > 0; --count, ++x, ++a)
        RFI_NAME(combine_rows)(1, d, a, x, y);
}

RFI_TARGET static void RFI_NAME(triple)(int64_t d, int64_t ld, const double *x, const double *V,
                                        double *out)
{
    const double *v[3] = {V, V + ld, V + 2 * ld};
    RFI_NAME(dots_3)(d, x, v, out);
}

/* Of two rows at once: V is read once for both; where there are registers for that. */
RFI_TARGET static void RFI_NAME(triples)(int64_t d, int64_t ld, const double *const *x, const double *const *next,
                                         const double *V, double *const *out)
{
#if RFI_GROUPS >= 4
    VEC s[6 * PARTS] = {{0}}, rest[PARTS];
    const int64_t whole = d - d % RFI_LANES;
    int64_t k;
    int i, r, p;
    for (k = 0; k < whole; k += RFI_LANES) {
        PREFETCH(next[0] + k);
        PREFETCH(next[1] + k);
        UNROLL
        for (r = 0; r < 6; ++r)
            UNROLL
            for (p = 0; p < PARTS; ++p)
                s[r * PARTS + p] += AT(x[r / 3] + k, p) * AT(V + r % 3 * ld + k, p);
    }
    UNROLL
    for (i = 0; i < 2; ++i) { /* unrolled, or the sums would be kept in memory */
        if (whole == d)
            break;
        RFI_NAME(rest)(x[i] + whole, d - whole, rest);
        PREFETCH(next[i] + d - 1);
        UNROLL
        for (r = 0; r < 3; ++r)
            UNROLL
            for (p = 0; p < PARTS; ++p)
                s[(3 * i + r) * PARTS + p] += rest[p] * AT(V + r * ld + whole, p);
    }
    RFI_NAME(totals)(3, s, out[0]);
    RFI_NAME(totals)(3, s + 3 * PARTS, out[1]);
#else
    int64_t k;
    int i;
    for (i = 0; i < 2; ++i) {
        for (k = 0; k < d; k += RFI_LANES)
            PREFETCH(next[i] + k);
        RFI_NAME(triple)(d, ld, x[i], V, out[i]);
    }
#endif
}

RFI_TARGET static void RFI_NAME(five)(int64_t d, int64_t ld, const double *x, const double *V,
                                      const double *W, double *out)
{
#if RFI_GROUPS >= 4
    const double *v[5] = {V, V + ld, V + 2 * ld, W, W + ld};
    RFI_NAME(dots_5)(d, x, v, out);
#else
    const double *v[3] = {V, V + ld, V + 2 * ld}, *w[2] = {W, W + ld};
    RFI_NAME(dots_3)(d, x, v, out);
    RFI_NAME(dots_2)(d, x, w, out + 3);
#endif
}

/* Eight rows of a block become its columns. */
RFI_TARGET ALWAYS_INLINE void RFI_NAME(turn_block)(int64_t ld, const double *from, double *to)
{
    int i, j;
#if RFI_WIDTH == 8
    __m512d a[8], b[8];
    UNROLL
    for (i = 0; i < 8; i += 2) {
        const __m512d even = _mm512_loadu_pd(from + i * ld), odd = _mm512_loadu_pd(from + (i + 1) * ld);
        a[i] = _mm512_unpacklo_pd(even, odd);
        a[i + 1] = _mm512_unpackhi_pd(even, odd);
    }
    UNROLL
    for (i = 0; i < 8; i += 4)
        UNROLL
        for (j = 0; j < 2; ++j) { /* of four rows: columns j and j + 4, and those two further on */
            b[i + j] = _mm512_shuffle_f64x2(a[i + j], a[i + j + 2], 0x88);
            b[i + j + 2] = _mm512_shuffle_f64x2(a[i + j], a[i + j + 2], 0xdd);
        }
    UNROLL
    for (j = 0; j < 4; ++j) {
        _mm512_storeu_pd(to + j * ld, _mm512_shuffle_f64x2(b[j], b[j + 4], 0x88));
        _mm512_storeu_pd(to + (j + 4) * ld, _mm512_shuffle_f64x2(b[j], b[j + 4], 0xdd));
    }
#elif RFI_WIDTH == 4
    for (i = 0; i < 8; i += 4)
        for (j = 0; j < 8; j += 4) {
            const double *x = from + i * ld + j;
            const __m256d a = _mm256_loadu_pd(x), b = _mm256_loadu_pd(x + ld), c = _mm256_loadu_pd(x + 2 * ld),
                          d = _mm256_loadu_pd(x + 3 * ld);
            const __m256d p = _mm256_unpacklo_pd(a, b), q = _mm256_unpackhi_pd(a, b), r = _mm256_unpacklo_pd(c, d),
                          s = _mm256_unpackhi_pd(c, d);
            double *y = to + j * ld + i;
            _mm256_storeu_pd(y, _mm256_permute2f128_pd(p, r, 0x20));
            _mm256_storeu_pd(y + ld, _mm256_permute2f128_pd(q, s, 0x20));
            _mm256_storeu_pd(y + 2 * ld, _mm256_permute2f128_pd(p, r, 0x31));
            _mm256_storeu_pd(y + 3 * ld, _mm256_permute2f128_pd(q, s, 0x31));
        }
#else
    for (i = 0; i < RFI_LANES; ++i)
        for (j = 0; j < RFI_LANES; ++j)
            to[j * ld + i] = from[i * ld + j];
#endif
}

RFI_TARGET static void RFI_NAME(turn)(int64_t count, int64_t ld, const double *from, double *to)
{
    for (; count > 0; count -= RFI_LANES, from += RFI_LANES * ld, to += RFI_LANES)
        RFI_NAME(turn_block)(ld, from, to);
}

static const rfi_dense RFI_NAME(table) = {
    RFI_NAME(apply),  RFI_NAME(apply_scaled), RFI_NAME(apply_half), RFI_NAME(update), RFI_NAME(update_eight),
    RFI_NAME(dots),   RFI_NAME(each),         RFI_NAME(combine),    RFI_NAME(add),    RFI_NAME(horner),
    RFI_NAME(triple), RFI_NAME(triples),      RFI_NAME(five),       RFI_NAME(begin),  RFI_NAME(powers),
    RFI_NAME(turn)};

#undef VEC
#undef PARTS
#undef HALF_ROWS
#undef AT
#undef PUT
#undef RFI_NAME
#undef RFI_TARGET
#undef RFI_GROUPS
#undef RFI_WIDTH
