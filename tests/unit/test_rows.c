/* test_rows.c: the kernels of every instruction set that this machine has, against sums of twice
 * the precision, within the bounds of model/rows.h.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "model/rows.h"

#if RFI_X86_VECTORS
#include <cpuid.h>
#endif

/* Every residue of n and of d modulo 16, and the sizes at which the way of going through a row
 * changes. */
enum { MOST_N = 403, MOST_D = 150, MOST_M = 3, GUARD = 7 };

static const int64_t few_rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 26, 27, 403};
static const int64_t some_d[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,  13, 14, 15,
                                 16, 17, 23, 24, 25, 31, 32, 33, 40, 41, 48, 50,  57, 63, 64,
                                 65, 71, 79, 80, 97, 98, 99, 100, 103, 126, 128, 129, 150};
enum {
    ROWS_COUNT = sizeof(few_rows) / sizeof(few_rows[0]),
    D_COUNT = sizeof(some_d) / sizeof(some_d[0])
};

typedef struct {
    int64_t n, d, m, ld, shift;
    double *X, *w, *y, *c, a[MOST_M];
    float *F;
    uint8_t *state, *on_kink, *pattern;
    double *margins, *residuals, *gradient, *scratch;
    int level, single;
} fixture;

static void *block(int64_t count, size_t size)
{
    void *memory = calloc((size_t)count, size);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

/* X begins `shift` elements behind its block; beyond its rows stands NaN, which must not be
 * used. */
static void set_up(fixture *f, int64_t n, int64_t d, int64_t m, int64_t extra, int64_t shift)
{
    uint64_t seed = (uint64_t)(n * 1000 + d * 10 + m);
    int64_t i, k;
    memset(f, 0, sizeof(*f));
    f->n = n;
    f->d = d;
    f->m = m;
    f->ld = d + extra;
    f->shift = shift;
    f->X = block(n * f->ld + shift + GUARD, sizeof(double));
    f->F = block(n * f->ld + shift + GUARD, sizeof(float));
    for (k = 0; k < n * f->ld + shift + GUARD; ++k)
        f->X[k] = f->F[k] = NAN;
    f->w = block(m * d, sizeof(double));
    f->y = block(n, sizeof(double));
    f->c = block(n, sizeof(double));
    f->state = block(m * n, 1);
    f->on_kink = block(m * n, 1);
    f->pattern = block(m * n + GUARD, 1);
    f->margins = block(m * n + GUARD, sizeof(double));
    f->residuals = block(n + GUARD, sizeof(double));
    f->gradient = block(m * d + GUARD, sizeof(double));
    f->scratch = block(rfi_rows_scratch(m) + 1, sizeof(double));
    for (i = 0; i < n; ++i)
        for (k = 0; k < d; ++k) {
            const int zero_row = i % 11 == 5;
            const double x = zero_row ? 0.0 : unit_random(&seed);
            f->F[shift + i * f->ld + k] = (float)x;
            f->X[shift + i * f->ld + k] = (double)(float)x;
        }
    unit_fill(&seed, f->w, m * d);
    unit_fill(&seed, f->y, n);
    for (i = 0; i < n; ++i)
        f->c[i] = 1.5 + unit_random(&seed);
    for (i = 0; i < m * n; ++i) {
        f->state[i] = (uint8_t)(i % 3);
        f->on_kink[i] = i % 4 == 0;
    }
    for (k = 0; k < m; ++k)
        f->a[k] = m == 1 ? 1.0 : 0.5 + (double)k * (k % 2 == 0 ? 1.0 : -1.0);
}

static void tear_down(fixture *f)
{
    free(f->X);
    free(f->F);
    free(f->w);
    free(f->y);
    free(f->c);
    free(f->state);
    free(f->on_kink);
    free(f->pattern);
    free(f->margins);
    free(f->residuals);
    free(f->gradient);
    free(f->scratch);
}

static double run(fixture *f, rfi_rows *rows)
{
    const rfi_rows_table *table = rfi_rows_at(f->level);
    int64_t k;
    memset(f->gradient, 0, sizeof(double) * (size_t)(f->m * f->d));
    for (k = 0; k < GUARD; ++k) {
        f->margins[f->m * f->n + k] = f->gradient[f->m * f->d + k] = f->residuals[f->n + k] = 77.0;
        f->pattern[f->m * f->n + k] = 77;
    }
    rows->X = f->single ? (const void *)(f->F + f->shift) : (const void *)(f->X + f->shift);
    rows->ld = f->ld;
    rows->count = rows->pitch = f->n;
    rows->d = f->d;
    rows->neurons = f->m;
    rows->w = f->w;
    rows->a = f->a;
    rows->y = f->y;
    rows->weight = 0.75;
    rows->scratch = f->scratch;
    return f->single ? table->of_float(rows) : table->of_double(rows);
}

/* An assertion of Check costs more than what it asserts here. */
static void require(int holds)
{
    if (!holds)
        ck_abort();
}

/* The definition, in long double. */
static void check(const fixture *f, const rfi_rows *rows, double loss)
{
    const long double u = 0x1p-53L, gamma = (long double)(f->n + f->d + f->m + 8) * u;
    long double total = 0.0L, total_error = 0.0L, g[MOST_M * MOST_D] = {0}, bound[MOST_M * MOST_D] = {0};
    int64_t i, j, k;
    for (i = 0; i < f->n; ++i) {
        const double *x = f->X + f->shift + i * f->ld;
        const long double c = rows->c != NULL ? f->c[i] : 0.75L;
        long double sum = 0.0L, error = 0.0L, slope[MOST_M], r;
        for (j = 0; j < f->m; ++j) {
            const int64_t pair = j * f->n + i;
            long double z = 0.0L, size = 0.0L;
            for (k = 0; k < f->d; ++k) {
                z += (long double)x[k] * (long double)f->w[j * f->d + k];
                size += fabsl((long double)x[k] * (long double)f->w[j * f->d + k]);
            }
            if (rows->on_kink != NULL && f->on_kink[pair])
                z = size = 0.0L;
            if (rows->margins != NULL)
                require(fabsl((long double)f->margins[pair] - z) <= (long double)f->d * u * size);
            slope[j] = (rows->state != NULL ? f->state[pair] == RFI_ACTIVE : z > 0.0L)
                           ? 1.0L
                           : (long double)rows->slope;
            require(rows->pattern == NULL || f->pattern[pair] == (z > 0.0L));
            sum += (long double)f->a[j] * slope[j] * z;
            error += fabsl((long double)f->a[j] * slope[j]) * gamma * (size + fabsl(z));
        }
        r = sum - (long double)f->y[i];
        error += gamma * (fabsl(sum) + fabsl((long double)f->y[i]));
        if (rows->residuals != NULL)
            require(fabsl((long double)f->residuals[i] - r) <= error);
        total += c * r * r;
        total_error += c * (gamma * r * r + 2.0L * fabsl(r) * error + error * error);
        for (j = 0; j < f->m; ++j)
            for (k = 0; k < f->d; ++k) {
                const long double pull = c * slope[j] * (long double)f->a[j] * (long double)x[k];
                g[j * f->d + k] += pull * r;
                bound[j * f->d + k] += fabsl(pull) * (gamma * (fabsl(r) + error) + error);
            }
    }
    require(fabsl((long double)loss - total) <= total_error);
    for (k = 0; k < f->m * f->d && rows->gradient != NULL; ++k)
        require(fabsl((long double)f->gradient[k] - g[k]) <= bound[k]);
    for (k = 0; k < GUARD; ++k) {
        require(f->margins[f->m * f->n + k] == 77.0 && f->gradient[f->m * f->d + k] == 77.0);
        require(f->residuals[f->n + k] == 77.0 && f->pattern[f->m * f->n + k] == 77);
    }
}

/* All that can be asked for, in several ways. */
static void check_ways(fixture *f)
{
    static const double slopes[] = {0.0, 0.3, 1.0};
    int way;
    for (way = 0; way < 12; ++way) {
        rfi_rows rows = {0};
        rows.slope = slopes[way % 3];
        rows.c = way % 2 == 0 ? f->c : NULL;
        rows.stream = way / 2 % 3;
        rows.state = way >= 6 ? f->state : NULL;
        rows.on_kink = way >= 6 && way < 9 ? f->on_kink : NULL;
        rows.margins = way % 4 != 3 ? f->margins : NULL;
        rows.residuals = way % 5 != 3 ? f->residuals : NULL;
        rows.pattern = way % 3 != 1 ? f->pattern : NULL;
        rows.gradient = way != 5 ? f->gradient : NULL;
        check(f, &rows, run(f, &rows));
    }
}

static void check_level(int level)
{
    int64_t a, b, m;
    if (level > rfi_cpu_level()) /* the machine cannot: then the library does not choose it either */
        ck_assert_ptr_ne(rfi_rows_choose(), rfi_rows_at(level));
    for (a = 0; a < ROWS_COUNT && level <= rfi_cpu_level(); ++a)
        for (b = 0; b < D_COUNT; ++b) {
            fixture f;
            if (few_rows[a] == MOST_N ? b % 6 != 5 : (a + b) % 2 == 0 && some_d[b] > 17)
                continue;
            m = (a + b) % 4 == 3 ? 1 + (a + b) % 3 : 1;
            set_up(&f, few_rows[a], some_d[b], m, (a + b) % 3, b % 5);
            f.level = level;
            for (f.single = 0; f.single < 2; ++f.single)
                check_ways(&f);
            tear_down(&f);
        }
}

START_TEST(baseline)
{
    check_level(RFI_CPU_BASELINE);
}
END_TEST

START_TEST(avx2)
{
    check_level(RFI_CPU_AVX2);
}
END_TEST

START_TEST(avx512)
{
    check_level(RFI_CPU_AVX512);
}
END_TEST

/* Equal rows have equal margins wherever they stand, and equal neurons too; what else is asked
 * for makes no difference, nor where X comes from; a float X gives what the same X in doubles gives. */
static void check_bits(int level, int64_t d, int64_t m, int stream)
{
    double other[2 * 203], loss, gradient[2 * MOST_D];
    rfi_rows rows = {0};
    fixture f;
    int64_t i, k;
    set_up(&f, 203, d, m, 1, 3);
    f.level = level;
    for (i = 0; i < f.n; ++i)
        for (k = 0; k < f.d; ++k) {
            f.X[f.shift + i * f.ld + k] = f.X[f.shift + k];
            f.F[f.shift + i * f.ld + k] = f.F[f.shift + k];
        }
    if (m > 1)
        memcpy(f.w + f.d, f.w, sizeof(double) * (size_t)f.d);
    rows.stream = stream;
    rows.margins = f.margins;
    rows.gradient = f.gradient;
    loss = run(&f, &rows);
    for (i = 0; i < m * f.n; ++i)
        require(f.margins[i] == f.margins[0]);
    memcpy(gradient, f.gradient, sizeof(double) * (size_t)(m * f.d));
    memcpy(other, f.margins, sizeof(double) * (size_t)(m * f.n));
    f.single = 1;
    rows.residuals = f.residuals;
    rows.pattern = f.pattern;
    ck_assert(run(&f, &rows) == loss);
    ck_assert_mem_eq(f.margins, other, sizeof(double) * (size_t)(m * f.n));
    ck_assert_mem_eq(f.gradient, gradient, sizeof(double) * (size_t)(m * f.d));
    rows.stream = (stream + 1) % 3;
    ck_assert(run(&f, &rows) == loss);
    ck_assert_mem_eq(f.gradient, gradient, sizeof(double) * (size_t)(m * f.d));
    rows.gradient = NULL;
    ck_assert(run(&f, &rows) == loss);
    tear_down(&f);
}

START_TEST(same_bits)
{
    static const int64_t dimension[] = {3, 10, 16, 31, 64, 147};
    int64_t which, m;
    int level, stream;
    for (level = 0; level <= rfi_cpu_level(); ++level)
        for (which = 0; which < 6; ++which)
            for (m = 1; m <= 2; ++m)
                for (stream = 0; stream < 3; ++stream)
                    check_bits(level, dimension[which], m, stream);
}
END_TEST

/* Nor does it how many rows there are. */
START_TEST(few)
{
    static const int64_t dimension[] = {3, 16, 17, 40, 64, 65, 127, 150};
    double margins[27];
    int64_t which, n;
    int level;
    for (level = 0; level <= rfi_cpu_level(); ++level)
        for (which = 0; which < 8; ++which)
            for (n = 27; n > 0; --n) {
                rfi_rows rows = {0};
                fixture f;
                set_up(&f, 27, dimension[which], 1, 1, 3);
                f.n = n;
                f.level = level;
                rows.margins = f.margins;
                rows.gradient = f.gradient;
                run(&f, &rows);
                if (n == 27)
                    memcpy(margins, f.margins, sizeof(margins));
                ck_assert_mem_eq(f.margins, margins, sizeof(double) * (size_t)n);
                tear_down(&f);
            }
}
END_TEST

START_TEST(levels)
{
    ck_assert_ptr_nonnull(rfi_rows_at(RFI_CPU_BASELINE));
    ck_assert_ptr_null(rfi_rows_at(RFI_CPU_LEVELS));
    ck_assert_ptr_eq(rfi_rows_choose(), rfi_rows_at(rfi_cpu_level()));
#if RFI_X86_VECTORS
    {
        unsigned int a, b, c, d; /* what the processor itself says: leaf 7 has AVX2, AVX-512 F, DQ, VL */
        const unsigned int wanted = 1u << 16 | 1u << 17 | 1u << 31;
        ck_assert(__get_cpuid_count(7, 0, &a, &b, &c, &d));
        ck_assert(rfi_cpu_level() < RFI_CPU_AVX2 || (b & 1u << 5) != 0);
        ck_assert(rfi_cpu_level() < RFI_CPU_AVX512 || (b & wanted) == wanted);
    }
#endif
}
END_TEST

static const TTest *const *const tests[] = {&baseline, &avx2, &avx512, &same_bits, &few, &levels};
UNIT_MAIN("rows", tests)
