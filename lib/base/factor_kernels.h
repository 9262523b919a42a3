/* factor_kernels: the kernels of base/jacobi.h for one instruction set.  Included once for each by
 * base/jacobi.c, with RFI_NAME(f), the name of f, RFI_TARGET, the attribute that chooses the instructions,
 * RFI_WIDTH, the lanes of a vector, and RFI_COLUMNS, the columns that are reflected at once: as many as there are
 * registers for.
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
RFI_TARGET static inline void RFI_NAME(rotate)(int64_t ld, double c, double s, double *restrict x,
                                               double *restrict y)
{
    int64_t k;
    for (k = 0; k < ld; ++k) {
        const double u = c * x[k] - s * y[k];
        y[k] = s * x[k] + c * y[k];
        x[k] = u;
    }
}

/* Of so many pairs of rows with squares xx and yy: the cosine c and the sine s of the rotation that makes them
 * orthogonal, the larger coming first, and the squares they have then; measure: the larger of the squares of their
 * cosine and of what they gain of each other, over their sizes.  count is a literal. */
RFI_TARGET ALWAYS_INLINE void RFI_NAME(angles)(const int count, const double *restrict along, const double *restrict xx,
                                               const double *restrict yy, double *restrict c,
                                               double *restrict s, double *restrict large,
                                               double *restrict small, double *restrict measure)
{
    int64_t k;
    for (k = 0; k < count; ++k) { /* |yy - xx| and 2 x.y are the sides that belong to the double angle */
        const int turns = yy[k] > xx[k];
        const double most = turns ? yy[k] : xx[k], least = turns ? xx[k] : yy[k], a = 2.0 * along[k];
        const double size = sqrt((most - least) * (most - least) + a * a), sum = size + (most - least);
        const double cosine = sqrt(sum / (2.0 * size)), tangent = fabs(a) / sum, sine = cosine * tangent;
        const double gain = sine * sine * (most / least), met = along[k] * along[k] / (most * least);
        c[k] = turns ? sine : cosine;
        s[k] = copysign(turns ? cosine : sine, -a);
        large[k] = most + 0.5 * fabs(a) * tangent;
        small[k] = least - 0.5 * fabs(a) * tangent;
        measure[k] = gain > met ? gain : met;
    }
}

/* Rotates pairs of rows that have no row in common so that they become orthogonal, unless they are.  Each step is
 * taken for all pairs before the next, so that none waits for another.  *worst: the largest measure. */
RFI_TARGET static int64_t RFI_NAME(part)(int64_t count, const int64_t *pair, int64_t d, int64_t ld,
                                         double tolerance, double *W, double *square, double *worst)
{
    double along[PAIRS], xx[PAIRS], yy[PAIRS], c[PAIRS], s[PAIRS], large[PAIRS], small[PAIRS],
        measure[PAIRS];
    int64_t first[PAIRS], second[PAIRS], k, turned = 0;
    for (k = 0; k < FEW_PAIRS; ++k) { /* some that raise no exception, in the place of those that are not turned */
        xx[k] = 4.0;
        yy[k] = 1.0;
        along[k] = 0.0;
    }
    for (; k < PAIRS && count > FEW_PAIRS; ++k) {
        xx[k] = 4.0;
        yy[k] = 1.0;
        along[k] = 0.0;
    }
    for (k = 0; k < count; ++k) {
        const int64_t i = pair[2 * k], j = pair[2 * k + 1];
        const double product = RFI_NAME(product)(d, W + i * ld, W + j * ld);
        if (square[i] < RFI_LEAST_SQUARE || square[j] < RFI_LEAST_SQUARE
            || product * product <= tolerance * tolerance * (square[i] * square[j]))
            continue;
        first[turned] = i;
        second[turned] = j;
        xx[turned] = square[i];
        yy[turned] = square[j];
        along[turned++] = product;
    }
    if (turned == 0)
        return 0;
    if (turned <= FEW_PAIRS)
        RFI_NAME(angles)(FEW_PAIRS, along, xx, yy, c, s, large, small, measure);
    else
        RFI_NAME(angles)(PAIRS, along, xx, yy, c, s, large, small, measure);
    for (k = 0; k < turned; ++k) {
        square[first[k]] = large[k];
        square[second[k]] = small[k];
        *worst = measure[k] > *worst ? measure[k] : *worst;
        RFI_NAME(rotate)(ld, c[k], s[k], W + first[k] * ld, W + second[k] * ld);
    }
    return turned;
}

/* The pairs i + j = k (mod rows) have no row in common. */
RFI_TARGET static int64_t RFI_NAME(sweep)(int64_t rows, int64_t d, int64_t ld, double tolerance,
                                          double *W, double *square)
{
    int64_t i, j, k, count, pair[2 * PAIRS], turned = 0;
    double worst = 0.0;
    for (i = 0; i < rows; ++i)
        square[i] = RFI_NAME(product)(d, W + i * ld, W + i * ld);
    for (k = 0; k < rows; ++k) {
        for (i = 0, count = 0; i < rows; ++i) {
            j = i <= k ? k - i : k - i + rows;
            if (i >= j)
                continue;
            pair[2 * count] = i;
            pair[2 * count + 1] = j;
            if (++count < PAIRS)
                continue;
            turned += RFI_NAME(part)(count, pair, d, ld, tolerance, W, square, &worst);
            count = 0;
        }
        turned += RFI_NAME(part)(count, pair, d, ld, tolerance, W, square, &worst);
    }
    /* A cosine that is 0 grows by one of them times another at each later turn of its rows. */
    return 4.0 * (double)rows * worst <= tolerance ? 0 : turned;
}

/* The rows of a column without the zeros that it ends with, such as those of a triangle. */
RFI_TARGET static inline int64_t RFI_NAME(filled)(int64_t rows, const double *v)
{
    while (rows > RFI_LANES && v[rows - RFI_LANES] == 0.0 && v[rows - RFI_LANES + 1] == 0.0
           && v[rows - RFI_LANES + 2] == 0.0 && v[rows - RFI_LANES + 3] == 0.0
           && v[rows - RFI_LANES + 4] == 0.0 && v[rows - RFI_LANES + 5] == 0.0
           && v[rows - RFI_LANES + 6] == 0.0 && v[rows - RFI_LANES + 7] == 0.0)
        rows -= RFI_LANES;
    return rows;
}

/* The reflector that takes the column v into the entry *r of R above it; one without effect if it is 0. */
RFI_TARGET static inline reflector RFI_NAME(reflector)(int64_t rows, const double *v, double *r)
{
    reflector out = {v, RFI_NAME(filled)(rows, v), 0.0, 0.0};
    const double below = RFI_NAME(product)(out.rows, v, v), size = sqrt(*r * *r + below);
    if (below > RFI_LEAST_SQUARE) { /* what is left of rounding after rounding is no number to divide by */
        out.first = *r < 0.0 ? *r - size : *r + size;
        out.factor = 1.0 / (size * fabs(out.first));
        *r = *r < 0.0 ? size : -size;
    }
    return out;
}

/* What the reflector makes of the entry *r and the column b below it. */
RFI_TARGET static inline void RFI_NAME(reflect)(const reflector *by, double *r, double *b)
{
    const double s = by->factor * (by->first * *r + RFI_NAME(product)(by->rows, by->v, b));
    int64_t k;
    *r -= s * by->first;
    for (k = 0; k < by->rows; k += RFI_LANES) {
        lanes u;
        LANES_LOAD(u, b + k);
        LANES_ADD_SCALED(u, -s, by->v + k);
        LANES_STORE(b + k, u);
    }
}

/* What two reflectors of columns side by side, one after the other, make of so many entries r[0] .. of the row of the
 * first, those `down` after them in the row of the second, and the columns below, each `next` after the one before:
 * with the product of the two the columns are read twice and written once.  count is a literal. */
RFI_TARGET ALWAYS_INLINE void RFI_NAME(reflect_twice)(int count, const reflector by[2], double product, int64_t down,
                                                      int64_t next, double *r, double *b)
{
    const double *v = by[0].v, *w = by[1].v;
    const int64_t rows = by[0].rows > by[1].rows ? by[0].rows : by[1].rows;
    double part[2 * RFI_COLUMNS * RFI_LANES], s[RFI_COLUMNS], t[RFI_COLUMNS];
    lanes along[RFI_COLUMNS], across[RFI_COLUMNS];
    int64_t k;
    int c;
    UNROLL
    for (c = 0; c < count; ++c) {
        LANES_ZERO(along[c]);
        LANES_ZERO(across[c]);
    }
    for (k = 0; k < rows; k += RFI_LANES)
        UNROLL
        for (c = 0; c < count; ++c) {
            LANES_ADD_PRODUCT(along[c], v + k, b + c * next + k);
            LANES_ADD_PRODUCT(across[c], w + k, b + c * next + k);
        }
    UNROLL
    for (c = 0; c < count; ++c) {
        LANES_STORE(part + 2 * c * RFI_LANES, along[c]);
        LANES_STORE(part + (2 * c + 1) * RFI_LANES, across[c]);
    }
    for (c = 0; c < count; ++c) {
        s[c] = by[0].factor * (by[0].first * r[c] + sum_of_lanes(part + 2 * c * RFI_LANES));
        t[c] = by[1].factor
               * (by[1].first * r[c + down]
                  + (sum_of_lanes(part + (2 * c + 1) * RFI_LANES) - s[c] * product));
        r[c] -= s[c] * by[0].first;
        r[c + down] -= t[c] * by[1].first;
    }
    for (k = 0; k < rows; k += RFI_LANES) {
        lanes x, y;
        LANES_LOAD(x, v + k);
        LANES_LOAD(y, w + k);
        UNROLL
        for (c = 0; c < count; ++c) {
            LANES_LOAD(along[c], b + c * next + k);
            LANES_ADD_TIMES(along[c], -s[c], x);
            LANES_ADD_TIMES(along[c], -t[c], y);
            LANES_STORE(b + c * next + k, along[c]);
        }
    }
}

/* The last column of an odd number comes alone. */
RFI_TARGET static void RFI_NAME(fold)(int64_t d, int64_t ld, int64_t right, int64_t more,
                                      int64_t rows, double *R, double *B)
{
    int64_t j, k;
    for (j = 0; j + 1 < d; j += 2) {
        double *row = R + j * ld, product;
        reflector by[2];
        by[0] = RFI_NAME(reflector)(rows, B + j * rows, row + j);
        RFI_NAME(reflect)(&by[0], row + j + 1, B + (j + 1) * rows);
        by[1] = RFI_NAME(reflector)(rows, B + (j + 1) * rows, row + ld + j + 1);
        product = RFI_NAME(product)(by[0].rows, by[0].v, by[1].v);
        for (k = j + 2; k + RFI_COLUMNS <= d; k += RFI_COLUMNS)
            RFI_NAME(reflect_twice)(RFI_COLUMNS, by, product, ld, rows, row + k, B + k * rows);
        for (; k < d; ++k)
            RFI_NAME(reflect_twice)(1, by, product, ld, rows, row + k, B + k * rows);
        for (k = 0; k < more; ++k)
            RFI_NAME(reflect_twice)(1, by, product, ld, rows, row + right + k, B + (d + k) * rows);
    }
    if (j < d) {
        const reflector by = RFI_NAME(reflector)(rows, B + j * rows, R + j * ld + j);
        for (k = 0; k < more; ++k)
            RFI_NAME(reflect)(&by, R + j * ld + right + k, B + (d + k) * rows);
    }
}

static const rfi_turns RFI_NAME(turns) = {RFI_NAME(sweep), RFI_NAME(fold)};
