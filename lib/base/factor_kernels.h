/* factor_kernels: the kernels of base/jacobi.h for one instruction set.  Included once for each by
 * base/jacobi.c, with RFI_NAME(f), the name of f, RFI_TARGET, the attribute that chooses the instructions, and
 * RFI_WIDTH, the lanes of a vector.
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

/* Of pairs of rows with squares xx and yy: the cosine c and the sine s of the rotation that makes them orthogonal,
 * the larger coming first, and the squares they have then; measure: the larger of the squares of their cosine and
 * of what they gain of each other, over their sizes. */
RFI_TARGET static inline void RFI_NAME(angles)(const double *restrict along, const double *restrict xx,
                                               const double *restrict yy, double *restrict c,
                                               double *restrict s, double *restrict large,
                                               double *restrict small, double *restrict measure)
{
    int64_t k;
    for (k = 0; k < PAIRS; ++k) { /* |yy - xx| and 2 x.y are the sides that belong to the double angle */
        const int turns = yy[k] > xx[k];
        const double most = turns ? yy[k] : xx[k], least = turns ? xx[k] : yy[k], a = 2.0 * along[k];
        const double size = sqrt((most - least) * (most - least) + a * a), sum = size + (most - least);
        const double cosine = sqrt(sum / (2.0 * size)), sine = cosine * fabs(a) / sum;
        const double gain = sine * sine * (most / least), met = along[k] * along[k] / (most * least);
        c[k] = turns ? sine : cosine;
        s[k] = copysign(turns ? cosine : sine, -a);
        large[k] = most + 0.5 * a * a / sum;
        small[k] = least - 0.5 * a * a / sum;
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
    for (k = turned; k < PAIRS; ++k) { /* some that raise no exception */
        xx[k] = 4.0;
        yy[k] = 1.0;
        along[k] = 0.0;
    }
    RFI_NAME(angles)(along, xx, yy, c, s, large, small, measure);
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

/* The same of four entries r_0 .. r_3 and the columns below them, each `next` after the one before. */
RFI_TARGET static inline void RFI_NAME(reflect_four)(int64_t rows, int64_t next, double first,
                                                     double factor, const double *v, double *r,
                                                     double *b)
{
    double part[4 * RFI_LANES] = {0.0}, s[4];
    double *c = b + next, *d = c + next, *e = d + next;
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

RFI_TARGET static void RFI_NAME(fold)(int64_t d, int64_t ld, int64_t right, int64_t more,
                                      int64_t rows, double *R, double *B)
{
    int64_t j, k;
    for (j = 0; j < d; ++j) {
        double *row = R + j * ld, *v = B + j * rows;
        const int64_t filled = RFI_NAME(filled)(rows, v);
        const double below = RFI_NAME(product)(filled, v, v), size = sqrt(row[j] * row[j] + below);
        double first, factor;
        if (!(below > 0.0))
            continue;
        first = row[j] < 0.0 ? row[j] - size : row[j] + size;
        factor = 1.0 / (size * fabs(first));
        row[j] = row[j] < 0.0 ? size : -size;
        for (k = j + 1; k + 4 <= d; k += 4)
            RFI_NAME(reflect_four)(filled, rows, first, factor, v, row + k, B + k * rows);
        for (; k < d; ++k)
            RFI_NAME(reflect)(filled, first, factor, v, row + k, B + k * rows);
        for (k = 0; k < more; ++k)
            RFI_NAME(reflect)(filled, first, factor, v, row + right + k, B + (d + k) * rows);
    }
}

static const rfi_turns RFI_NAME(turns) = {RFI_NAME(sweep), RFI_NAME(fold)};
