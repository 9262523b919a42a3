/* grid_kernels: the kernels of grid.h for one instruction set.  Included once for each, with RFI_NAME(f),
 * the name of f, RFI_TARGET, the attribute that chooses the instructions, and RFI_WIDTH, the lanes of a vector.
 * SPDX-License-Identifier: MIT */

RFI_TARGET static void RFI_NAME(forward)(int64_t n, int64_t d, int64_t ld, const double *X,
                                         const double *M, const double *W, double *sum,
                                         double *size)
{
    int64_t i, j, k;
    double part[RFI_LANES] = {0.0};
    for (i = 0; i < n; ++i) {
        const double *x = X + i * d;
        lanes s, t;
        LANES_ZERO(s);
        LANES_ZERO(t);
        for (j = 0; j < ld; j += RFI_LANES) {
            lanes z;
            LANES_ZERO(z);
            for (k = 0; k < d; ++k)
                LANES_ADD_SCALED(z, x[k], W + k * ld + j);
            LANES_TIMES(z, M + i * ld + j);
            LANES_ADD(s, z);
            LANES_ADD_SIZE(t, z);
        }
        LANES_STORE(part, s);
        sum[i] = sum_of_lanes(part);
        LANES_STORE(part, t);
        size[i] = sum_of_lanes(part);
    }
}

/* Elements k .. k + count - 1 of the V_j of a group of lanes. */
#define RFI_BACKWARD(count)                                                                        \
    {                                                                                              \
        lanes v[count];                                                                            \
        UNROLL                                                                                     \
        for (c = 0; c < (count); ++c)                                                              \
            LANES_ZERO(v[c]);                                                                      \
        for (i = 0; i < n; ++i) {                                                                  \
            const double *x = X + i * d + k;                                                       \
            lanes f;                                                                               \
            LANES_LOAD(f, M + i * ld + j);                                                         \
            LANES_SCALE(f, s[i]);                                                                  \
            UNROLL                                                                                 \
            for (c = 0; c < (count); ++c)                                                          \
                LANES_ADD_TIMES(v[c], x[c], f);                                                    \
        }                                                                                          \
        UNROLL                                                                                     \
        for (c = 0; c < (count); ++c)                                                              \
            LANES_STORE(V + (k + c) * ld + j, v[c]);                                               \
        k += (count);                                                                              \
    }

RFI_TARGET static void RFI_NAME(backward)(int64_t n, int64_t d, int64_t ld, const double *X,
                                          const double *M, const double *s, double *V)
{
    int64_t i, j, k;
    int c;
    for (j = 0; j < ld; j += RFI_LANES) {
        k = 0;
        while (d - k >= 6)
            RFI_BACKWARD(6)
        if (d - k == 5)
            RFI_BACKWARD(5)
        else if (d - k == 4)
            RFI_BACKWARD(4)
        else if (d - k == 3)
            RFI_BACKWARD(3)
        else if (d - k == 2)
            RFI_BACKWARD(2)
        else if (d - k == 1)
            RFI_BACKWARD(1)
    }
}

#undef RFI_BACKWARD

RFI_TARGET static void RFI_NAME(block)(int64_t n, int64_t ld, const double *G, const double *mask,
                                       int64_t count, const double *Y, double a, double big,
                                       double sign, double *K)
{
    int64_t i, j, k;
    for (i = 0; i < n; ++i) {
        if (mask[i] == 0.0)
            continue;
        for (j = 0; j < ld; j += RFI_LANES) {
            lanes g, s;
            LANES_LOAD(g, G + i * ld + j);
            for (k = 0; k < count; ++k)
                LANES_ADD_SCALED(g, -Y[k * ld + i], Y + k * ld + j);
            LANES_SCALE(g, a);
            LANES_ROUND(g, big);
            LANES_TIMES(g, mask + j);
            LANES_LOAD(s, K + i * ld + j);
            LANES_ADD_TIMES(s, sign, g);
            LANES_STORE(K + i * ld + j, s);
        }
    }
}

/* So many groups of lanes, from the first. */
#define RFI_GATHER(groups)                                                                         \
    {                                                                                              \
        lanes v[groups];                                                                           \
        UNROLL                                                                                     \
        for (c = 0; c < (groups); ++c)                                                             \
            LANES_ZERO(v[c]);                                                                      \
        for (i = 0; i < n; ++i) {                                                                  \
            const double w = a * (f[i] * g[i]);                                                    \
            if (f[i] == 0.0)                                                                       \
                continue;                                                                          \
            UNROLL                                                                                 \
            for (c = 0; c < (groups); ++c)                                                         \
                LANES_ADD_SCALED(v[c], w, S + i * ld + k + c * RFI_LANES);                         \
        }                                                                                          \
        UNROLL                                                                                     \
        for (c = 0; c < (groups); ++c)                                                             \
            LANES_STORE(out + k + c * RFI_LANES, v[c]);                                            \
        k += (groups)*RFI_LANES;                                                                   \
    }

RFI_TARGET static void RFI_NAME(gather)(int64_t n, int64_t count, int64_t ld, double a,
                                        const double *f, const double *g, const double *S,
                                        double *out)
{
    int64_t i, k = 0;
    int c;
    while (count - k > 2 * RFI_LANES)
        RFI_GATHER(3)
    if (count - k > RFI_LANES)
        RFI_GATHER(2)
    else if (count - k > 0)
        RFI_GATHER(1)
}

#undef RFI_GATHER

RFI_TARGET static void RFI_NAME(recur)(int64_t ld, double f, const double *w, const double *t,
                                       const double *p, double a, double *y, double *sum)
{
    int64_t j;
    for (j = 0; j < ld; j += RFI_LANES) {
        lanes s, r;
        LANES_LOAD(s, y + j);
        LANES_TIMES(s, w + j);
        LANES_SCALE(s, -f);
        LANES_ADD_SCALED(s, 1.0, t + j);
        LANES_SCALE(s, 2.0);
        LANES_ADD_SCALED(s, -1.0, p + j);
        LANES_STORE(y + j, s);
        LANES_LOAD(r, sum + j);
        LANES_ADD_TIMES(r, a, s);
        LANES_STORE(sum + j, r);
    }
}

RFI_TARGET static double RFI_NAME(weigh)(int64_t ld, double f, const double *w, const double *v,
                                         double *y)
{
    int64_t j;
    double part[RFI_LANES] = {0.0};
    lanes sum;
    LANES_ZERO(sum);
    for (j = 0; j < ld; j += RFI_LANES) {
        lanes s, t;
        LANES_LOAD(s, y + j);
        LANES_TIMES(s, w + j);
        LANES_SCALE(s, f);
        LANES_STORE(y + j, s);
        LANES_LOAD(t, y + j);
        LANES_TIMES(t, y + j);
        LANES_TIMES(t, v + j);
        LANES_ADD(sum, t);
    }
    LANES_STORE(part, sum);
    return sum_of_lanes(part);
}

static const rfi_grid RFI_NAME(table) = {RFI_NAME(forward), RFI_NAME(backward), RFI_NAME(block),
                                         RFI_NAME(gather), RFI_NAME(recur),
                                         RFI_NAME(weigh)};
