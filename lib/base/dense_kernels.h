/* dense_kernels: the kernels of dense.h for one instruction set.  Included once for each, with
 * RFI_NAME(f), the name of f, and RFI_TARGET, the attribute that chooses the instructions.
 * SPDX-License-Identifier: MIT */

/* Lane-wise s += a x for so many groups of lanes of y = H x, from column `at`. */
#define RFI_APPLY(groups)                                                                          \
    {                                                                                              \
        lanes s[groups];                                                                           \
        for (g = 0; g < (groups); ++g)                                                             \
            LANES_ZERO(s[g]);                                                                      \
        for (j = 0; j < d; ++j) {                                                                  \
            const double *row = H + j * ld + at;                                                   \
            for (g = 0; g < (groups); ++g)                                                         \
                LANES_ADD_SCALED(s[g], x[j], row + g * RFI_LANES);                                 \
        }                                                                                          \
        for (g = 0; g < (groups); ++g)                                                             \
            LANES_STORE(y + at + g * RFI_LANES, s[g]);                                             \
        at += (groups)*RFI_LANES;                                                                  \
    }

RFI_TARGET static void RFI_NAME(apply)(int64_t d, int64_t ld, const double *H, const double *x,
                                       double *y)
{
    int64_t at = 0, j;
    int g;
    while (ld - at >= 4 * RFI_LANES)
        RFI_APPLY(4)
    if (ld - at == 3 * RFI_LANES)
        RFI_APPLY(3)
    else if (ld - at == 2 * RFI_LANES)
        RFI_APPLY(2)
    else if (ld - at == RFI_LANES)
        RFI_APPLY(1)
}

#undef RFI_APPLY

RFI_TARGET static void RFI_NAME(update)(int64_t d, int64_t ld, double a, const double *x, double *H)
{
    int64_t j, k;
    for (j = 0; j < d; ++j) {
        const double ax = a * x[j];
        for (k = 0; k < ld; k += RFI_LANES) {
            lanes s;
            LANES_LOAD(s, H + j * ld + k);
            LANES_ADD_SCALED(s, ax, x + k);
            LANES_STORE(H + j * ld + k, s);
        }
    }
}

RFI_TARGET static void RFI_NAME(update_eight)(int64_t d, int64_t ld, const double *a,
                                              const double *V, double *H)
{
    int64_t j, k;
    int r;
    for (j = 0; j < d; ++j) {
        double f[8];
        for (r = 0; r < 8; ++r)
            f[r] = a[r] * V[r * ld + j];
        for (k = 0; k < ld; k += RFI_LANES) {
            lanes s;
            LANES_LOAD(s, H + j * ld + k);
            for (r = 0; r < 8; ++r)
                LANES_ADD_SCALED(s, f[r], V + r * ld + k);
            LANES_STORE(H + j * ld + k, s);
        }
    }
}

RFI_TARGET static void RFI_NAME(add)(int64_t ld, double a, const double *x, double *y)
{
    int64_t k;
    for (k = 0; k < ld; k += RFI_LANES) {
        lanes s;
        LANES_LOAD(s, y + k);
        LANES_ADD_SCALED(s, a, x + k);
        LANES_STORE(y + k, s);
    }
}

RFI_TARGET static void RFI_NAME(dots)(int64_t ld, int64_t count, const double *x, const double *V,
                                      double *out)
{
    int64_t j, k;
    double part[RFI_LANES] = {0.0};
    for (j = 0; j < count; ++j) {
        const double *v = V + j * ld;
        lanes s;
        LANES_ZERO(s);
        for (k = 0; k < ld; k += RFI_LANES)
            LANES_ADD_PRODUCT(s, x + k, v + k);
        LANES_STORE(part, s);
        out[j] = sum_of_lanes(part);
    }
}

RFI_TARGET static void RFI_NAME(triple)(int64_t d, int64_t ld, const double *x, const double *V,
                                        double *out)
{
    const double *u = V, *v = V + ld, *w = V + 2 * ld;
    double part[RFI_LANES] = {0.0};
    const int64_t whole = d - d % RFI_LANES;
    double tail[3] = {0.0, 0.0, 0.0};
    int64_t k;
    lanes a, b, c;
    LANES_ZERO(a);
    LANES_ZERO(b);
    LANES_ZERO(c);
    for (k = 0; k < whole; k += RFI_LANES) {
        LANES_ADD_PRODUCT(a, x + k, u + k);
        LANES_ADD_PRODUCT(b, x + k, v + k);
        LANES_ADD_PRODUCT(c, x + k, w + k);
    }
    for (; k < d; ++k) {
        tail[0] += x[k] * u[k];
        tail[1] += x[k] * v[k];
        tail[2] += x[k] * w[k];
    }
    LANES_STORE(part, a);
    out[0] = sum_of_lanes(part) + tail[0];
    LANES_STORE(part, b);
    out[1] = sum_of_lanes(part) + tail[1];
    LANES_STORE(part, c);
    out[2] = sum_of_lanes(part) + tail[2];
}

RFI_TARGET static void RFI_NAME(five)(int64_t d, int64_t ld, const double *x, const double *V,
                                      const double *W, double *out)
{
    const double *v[5] = {V, V + ld, V + 2 * ld, W, W + ld};
    double part[5 * RFI_LANES] = {0.0};
    const int64_t whole = d - d % RFI_LANES;
    int64_t k, j;
    lanes s0, s1, s2, s3, s4;
    LANES_ZERO(s0);
    LANES_ZERO(s1);
    LANES_ZERO(s2);
    LANES_ZERO(s3);
    LANES_ZERO(s4);
    for (k = 0; k < whole; k += RFI_LANES) {
        LANES_ADD_PRODUCT(s0, x + k, v[0] + k);
        LANES_ADD_PRODUCT(s1, x + k, v[1] + k);
        LANES_ADD_PRODUCT(s2, x + k, v[2] + k);
        LANES_ADD_PRODUCT(s3, x + k, v[3] + k);
        LANES_ADD_PRODUCT(s4, x + k, v[4] + k);
    }
    LANES_STORE(part, s0);
    LANES_STORE(part + RFI_LANES, s1);
    LANES_STORE(part + 2 * RFI_LANES, s2);
    LANES_STORE(part + 3 * RFI_LANES, s3);
    LANES_STORE(part + 4 * RFI_LANES, s4);
    for (j = 0; j < 5; ++j) {
        double tail = 0.0;
        for (k = whole; k < d; ++k)
            tail += x[k] * v[j][k];
        out[j] = sum_of_lanes(part + j * RFI_LANES) + tail;
    }
}

static const rfi_dense RFI_NAME(table) = {RFI_NAME(apply), RFI_NAME(update),
                                          RFI_NAME(update_eight), RFI_NAME(dots), RFI_NAME(add),
                                          RFI_NAME(triple), RFI_NAME(five)};
