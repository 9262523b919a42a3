/* power_kernels: the kernels of dense.h for RFI_LANES dimensions at most, H being kept in registers.  Included by
 * dense_kernels.h, with what is defined there.
 * SPDX-License-Identifier: MIT */

/* Lane j of so many vectors in all lanes of one; j is a literal. */
#if RFI_WIDTH == 8
#define LANE(s, lane, j) (VEC) _mm512_permutexvar_pd(_mm512_set1_epi64(j), (__m512d)(s)[0])
#elif RFI_WIDTH == 4
#define LANE(s, lane, j) (VEC) _mm256_permute4x64_pd((__m256d)(s)[(j) / 4], (j) % 4 * 0x55)
#else
#define LANE(s, lane, j) ((VEC){0} + (lane)[j])
#endif

/* y = f H^T x, of so many of eight rows: the products are added pair by pair. */
RFI_TARGET ALWAYS_INLINE void RFI_NAME(next_power)(int rows, const VEC *H, double f, const VEC *x, VEC *y)
{
    VEC next[PARTS];
    double lane[RFI_LANES];
    int p;
#if RFI_WIDTH < 4
    UNROLL
    for (p = 0; p < PARTS; ++p)
        PUT(lane, p) = x[p];
#endif
    (void)lane;
    UNROLL
    for (p = 0; p < PARTS; ++p) {
#define TERM(j) LANE(x, lane, j) * H[(j)*PARTS + p]
        next[p] = (TERM(0) + TERM(1)) + (TERM(2) + TERM(3));
        if (rows == 5)
            next[p] += TERM(4);
        else if (rows == 6)
            next[p] += TERM(4) + TERM(5);
        else if (rows == 8)
            next[p] += (TERM(4) + TERM(5)) + (TERM(6) + TERM(7));
#undef TERM
    }
    UNROLL
    for (p = 0; p < PARTS; ++p)
        y[p] = f * next[p];
}
#undef LANE

/* The rows of H, and zeros behind them. */
RFI_TARGET ALWAYS_INLINE void RFI_NAME(load_rows)(int64_t d, const double *H, VEC *h)
{
    int p;
    UNROLL
    for (p = 0; p < RFI_LANES * PARTS; ++p)
        h[p] = p / PARTS < d ? AT(H, p) : (VEC){0};
}

RFI_TARGET ALWAYS_INLINE void RFI_NAME(begin_of)(int rows, int64_t d, const double *H, const double *b, double *T,
                                                 double *length)
{
    VEC h[RFI_LANES * PARTS], x[PARTS], y[PARTS], sum[4 * PARTS];
    int p;
    RFI_NAME(load_rows)(d, H, h);
    UNROLL
    for (p = 0; p < PARTS; ++p)
        x[p] = AT(T, p);
    RFI_NAME(next_power)(rows, h, -1.0, x, y);
    UNROLL
    for (p = 0; p < PARTS; ++p) {
        sum[p] = x[p] * x[p];
        sum[2 * PARTS + p] = AT(b, p) * AT(b, p);
        sum[3 * PARTS + p] = y[p] * y[p];
        y[p] += AT(b, p);
        sum[PARTS + p] = y[p] * y[p];
        PUT(T + RFI_LANES, p) = y[p];
    }
    RFI_NAME(totals)(4, sum, length);
    UNROLL
    for (p = 0; p < 4; ++p)
        length[p] = sqrt(length[p]);
}

RFI_TARGET static void RFI_NAME(begin)(int64_t d, const double *H, const double *b, double *T, double *length)
{
    if (d <= 4)
        RFI_NAME(begin_of)(4, d, H, b, T, length);
    else if (d == 5)
        RFI_NAME(begin_of)(5, 5, H, b, T, length);
    else if (d == 6)
        RFI_NAME(begin_of)(6, 6, H, b, T, length);
    else
        RFI_NAME(begin_of)(8, d, H, b, T, length);
}

/* Puts T_k into its place, and the square of its length; returns what that of T_k want^k counts as, `power` being the
 * square of want^k. */
RFI_TARGET ALWAYS_INLINE double RFI_NAME(put_power)(int64_t k, const VEC *y, double power, double *T, double *size)
{
    VEC sum[PARTS];
    int p;
    UNROLL
    for (p = 0; p < PARTS; ++p) {
        PUT(T + k * RFI_LANES, p) = y[p];
        sum[p] = y[p] * y[p];
    }
    size[k] = RFI_NAME(total)(sum);
    return (size[k] > RFI_LEAST_LENGTH * RFI_LEAST_LENGTH ? size[k] : RFI_LEAST_LENGTH * RFI_LEAST_LENGTH) * power;
}

/* Each product would wait for the one before it: so even and odd powers are made side by side, with the square of H. */
RFI_TARGET ALWAYS_INLINE int64_t RFI_NAME(powers_of)(int rows, int64_t d, const double *H, double want,
                                                     double tolerance, int64_t most, double *T, double *size)
{
    VEC h[RFI_LANES * PARTS], square[RFI_LANES * PARTS], even[PARTS], odd[PARTS];
    const double step = want * want, least = tolerance * tolerance;
    double power = step * step * step;
    int64_t k, last;
    int p;
    RFI_NAME(load_rows)(d, H, h);
    UNROLL
    for (p = 0; p < PARTS; ++p)
        odd[p] = AT(T + RFI_LANES, p);
    RFI_NAME(next_power)(rows, h, -1.0 / 2.0, odd, even);
    RFI_NAME(put_power)(2, even, power, T, size);
    RFI_NAME(next_power)(rows, h, -1.0 / 3.0, even, odd);
    RFI_NAME(put_power)(3, odd, power, T, size);
    UNROLL
    for (p = 0; p < RFI_LANES; ++p)
        if (p < rows)
            RFI_NAME(next_power)(rows, h, 1.0, h + p * PARTS, square + p * PARTS);
    for (k = 3;; k += 2) {
        RFI_NAME(next_power)(rows, square, power_factor[k], even, even);
        last = k;
        if (RFI_NAME(put_power)(k + 1, even, power *= step, T, size) <= least || last == most)
            break;
        RFI_NAME(next_power)(rows, square, power_factor[k + 1], odd, odd);
        last = k + 1;
        if (RFI_NAME(put_power)(k + 2, odd, power *= step, T, size) <= least || last == most)
            break;
    }
    for (k = 2; k <= last + 1; ++k)
        size[k] = sqrt(size[k]);
    return last;
}

RFI_TARGET static int64_t RFI_NAME(powers)(int64_t d, const double *H, double want, double tolerance, int64_t most,
                                           double *T, double *size)
{
    if (d <= 4)
        return RFI_NAME(powers_of)(4, d, H, want, tolerance, most, T, size);
    if (d == 5)
        return RFI_NAME(powers_of)(5, 5, H, want, tolerance, most, T, size);
    if (d == 6)
        return RFI_NAME(powers_of)(6, 6, H, want, tolerance, most, T, size);
    return RFI_NAME(powers_of)(8, d, H, want, tolerance, most, T, size);
}
