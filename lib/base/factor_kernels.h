/* factor_kernels: the kernels of triangular factors and their singular values (base/dense.h) for one
 * instruction set.  Included as base/dense_kernels.h is, before it.
 * SPDX-License-Identifier: MIT */

/* x . y, the vectors x and y being so many lanes long. */
RFI_TARGET static inline double RFI_NAME(product)(int64_t ld, const double *x, const double *y)
{
    double part[RFI_LANES] = {0.0};
    int64_t k = 0;
    lanes s, t;
    LANES_ZERO(s);
    LANES_ZERO(t);
    for (; k + RFI_LANES < ld; k += 2 * RFI_LANES) {
        LANES_ADD_PRODUCT(s, x + k, y + k);
        LANES_ADD_PRODUCT(t, x + k + RFI_LANES, y + k + RFI_LANES);
    }
    for (; k < ld; k += RFI_LANES)
        LANES_ADD_PRODUCT(s, x + k, y + k);
    LANES_ADD(s, t);
    LANES_STORE(part, s);
    return sum_of_lanes(part);
}

/* (x, y) <- (c x - s y, s x + c y) */
RFI_TARGET static inline void RFI_NAME(rotate)(int64_t ld, double c, double s, double *x, double *y)
{
    int64_t k;
    for (k = 0; k < ld; k += RFI_LANES) {
        lanes u, v;
        LANES_SCALED(u, c, x + k);
        LANES_ADD_SCALED(u, -s, y + k);
        LANES_SCALED(v, s, x + k);
        LANES_ADD_SCALED(v, c, y + k);
        LANES_STORE(x + k, u);
        LANES_STORE(y + k, v);
    }
}

/* Rotates rows x and y of the given squares so that they become orthogonal, unless they are. */
RFI_TARGET static inline int64_t RFI_NAME(part)(int64_t d, int64_t ld, double tolerance, double *x,
                                                double *y, double *xx, double *yy)
{
    double along, ratio, t, c;
    if (*xx < RFI_LEAST_SQUARE || *yy < RFI_LEAST_SQUARE)
        return 0;
    along = RFI_NAME(product)(d, x, y);
    if (along * along <= tolerance * tolerance * (*xx * *yy))
        return 0;
    ratio = (*yy - *xx) / (2.0 * along);
    t = 1.0 / (ratio + copysign(sqrt(1.0 + ratio * ratio), ratio));
    c = 1.0 / sqrt(1.0 + t * t);
    RFI_NAME(rotate)(ld, c, c * t, x, y);
    *xx -= t * along;
    *yy += t * along;
    return 1;
}

/* The pairs i + j = k (mod rows) have no row in common, so that the processor works at several at once. */
RFI_TARGET static int64_t RFI_NAME(sweep)(int64_t rows, int64_t d, int64_t ld, double tolerance,
                                          double *W, double *square)
{
    int64_t i, j, k, turned = 0;
    for (i = 0; i < rows; ++i)
        square[i] = RFI_NAME(product)(d, W + i * ld, W + i * ld);
    for (k = 0; k < rows; ++k)
        for (i = 0; i < rows; ++i) {
            j = i <= k ? k - i : k - i + rows;
            if (i < j)
                turned += RFI_NAME(part)(d, ld, tolerance, W + i * ld, W + j * ld, square + i,
                                         square + j);
        }
    return turned;
}

/* What the reflector (first, v) with a factor makes of the entry *r and the column b below it. */
RFI_TARGET static inline void RFI_NAME(reflect)(int64_t rows, double first, double factor,
                                                const double *v, double *r, double *b)
{
    const double s = factor * (first * *r + RFI_NAME(product)(rows, v, b));
    int64_t k;
    *r -= s * first;
    for (k = 0; k < rows; k += RFI_LANES) {
        lanes u;
        LANES_LOAD(u, b + k);
        LANES_ADD_SCALED(u, -s, v + k);
        LANES_STORE(b + k, u);
    }
}

/* The same of four entries r_0 .. r_3 and the columns below them, one after the other. */
RFI_TARGET static inline void RFI_NAME(reflect_four)(int64_t rows, double first, double factor,
                                                     const double *v, double *r, double *b)
{
    double part[4 * RFI_LANES] = {0.0}, s[4];
    double *c = b + rows, *d = c + rows, *e = d + rows;
    int64_t k;
    lanes s0, s1, s2, s3;
    LANES_ZERO(s0);
    LANES_ZERO(s1);
    LANES_ZERO(s2);
    LANES_ZERO(s3);
    for (k = 0; k < rows; k += RFI_LANES) {
        LANES_ADD_PRODUCT(s0, v + k, b + k);
        LANES_ADD_PRODUCT(s1, v + k, c + k);
        LANES_ADD_PRODUCT(s2, v + k, d + k);
        LANES_ADD_PRODUCT(s3, v + k, e + k);
    }
    LANES_STORE(part, s0);
    LANES_STORE(part + RFI_LANES, s1);
    LANES_STORE(part + 2 * RFI_LANES, s2);
    LANES_STORE(part + 3 * RFI_LANES, s3);
    for (k = 0; k < 4; ++k) {
        s[k] = factor * (first * r[k] + sum_of_lanes(part + k * RFI_LANES));
        r[k] -= s[k] * first;
    }
    for (k = 0; k < rows; k += RFI_LANES) {
        LANES_LOAD(s0, b + k);
        LANES_LOAD(s1, c + k);
        LANES_LOAD(s2, d + k);
        LANES_LOAD(s3, e + k);
        LANES_ADD_SCALED(s0, -s[0], v + k);
        LANES_ADD_SCALED(s1, -s[1], v + k);
        LANES_ADD_SCALED(s2, -s[2], v + k);
        LANES_ADD_SCALED(s3, -s[3], v + k);
        LANES_STORE(b + k, s0);
        LANES_STORE(c + k, s1);
        LANES_STORE(d + k, s2);
        LANES_STORE(e + k, s3);
    }
}

RFI_TARGET static void RFI_NAME(fold)(int64_t d, int64_t ld, int64_t right, int64_t more,
                                      int64_t rows, double *R, double *B)
{
    int64_t j, k;
    for (j = 0; j < d; ++j) {
        double *row = R + j * ld, *v = B + j * rows;
        const double below = RFI_NAME(product)(rows, v, v), size = sqrt(row[j] * row[j] + below);
        double first, factor;
        if (!(below > 0.0))
            continue;
        first = row[j] < 0.0 ? row[j] - size : row[j] + size;
        factor = 1.0 / (size * fabs(first));
        row[j] = row[j] < 0.0 ? size : -size;
        for (k = j + 1; k + 4 <= d; k += 4)
            RFI_NAME(reflect_four)(rows, first, factor, v, row + k, B + k * rows);
        for (; k < d; ++k)
            RFI_NAME(reflect)(rows, first, factor, v, row + k, B + k * rows);
        for (k = 0; k < more; ++k)
            RFI_NAME(reflect)(rows, first, factor, v, row + right + k, B + (d + k) * rows);
    }
}
