/* test_dense.c: the dense kernels against plain sums, and their bits on every instruction set.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/dense.h"

enum { MOST = 70, ROOM = 72 };

typedef struct {
    double H[MOST * ROOM], V[3 * ROOM], W[2 * ROOM], E[8 * ROOM], x[ROOM], y[ROOM],
        z[ROOM], out[8], powers[8 * RFI_LANES], size[8];
} numbers;

static void fill(numbers *s, int64_t d, uint64_t seed)
{
    const int64_t ld = rfi_padded(d);
    int64_t j, k;
    memset(s, 0, sizeof(*s));
    for (j = 0; j < d; ++j)
        for (k = 0; k <= j; ++k)
            s->H[j * ld + k] = s->H[k * ld + j] = unit_random(&seed);
    for (j = 0; j < 3; ++j)
        unit_fill(&seed, s->V + j * ld, d);
    for (j = 0; j < 2; ++j)
        unit_fill(&seed, s->W + j * ld, d);
    for (j = 0; j < 8; ++j)
        unit_fill(&seed, s->E + j * ld, d);
    unit_fill(&seed, s->x, d);
}

static double plain(const double *x, const double *y, int64_t d)
{
    double sum = 0.0;
    int64_t k;
    for (k = 0; k < d; ++k)
        sum += x[k] * y[k];
    return sum;
}

/* Sums of d products of numbers below 1 in another order differ by d eps d at most. */
START_TEST(plain_sums)
{
    const double weights[8] = {1.0, -0.25, 0.3, 2.0, 0.7, -1.1, 0.01, 5.0};
    const rfi_dense *dense = rfi_dense_at(RFI_CPU_BASELINE);
    double square;
    int64_t d, k;
    for (d = 1; d <= MOST; ++d) {
        const int64_t ld = rfi_padded(d);
        const double bound = RFI_EPS * (double)(d * d);
        const double *rows[8];
        numbers s, t;
        const double *two[2] = {s.x, s.E};
        double *const out[2] = {s.out, s.out + 3};
        double triple[3];
        fill(&s, d, (uint64_t)d);
        dense->apply(d, ld, s.H, s.x, s.y);
        for (k = 0; k < d; ++k)
            ck_assert_double_le(fabs(s.y[k] - plain(s.H + k * ld, s.x, d)), bound);
        for (k = d; k < ld; ++k)
            ck_assert(s.y[k] == 0.0);
        square = dense->apply_scaled(d, ld, -0.5, s.H, s.x, s.z);
        ck_assert_double_le(fabs(square - plain(s.z, s.z, d)), bound * square);
        for (k = 0; k < ld; ++k)
            ck_assert(s.z[k] == -0.5 * s.y[k]);
        memset(s.z, 0, (size_t)ld * sizeof(double));
        for (k = 0; k < d; k += 3 * RFI_LANES)
            dense->apply_half(ld, k, k + 3 * RFI_LANES < d ? k + 3 * RFI_LANES : d, s.H, s.x, s.z);
        for (k = 0; k < ld; ++k)
            ck_assert_double_le(fabs(s.z[k] - s.y[k]), bound);
        dense->turn(d / RFI_LANES * RFI_LANES, ld, s.H, t.H);
        for (k = 0; k < d / RFI_LANES * RFI_LANES * RFI_LANES; ++k)
            ck_assert(t.H[k % RFI_LANES * ld + k / RFI_LANES] == s.H[k / RFI_LANES * ld + k % RFI_LANES]);
        dense->horner(ld, 2, weights, 0.5, s.V, s.z);
        for (k = 0; k < d; ++k)
            ck_assert_double_le(fabs(s.z[k] - (s.V[k] - 0.125 * s.V[ld + k] + 0.075 * s.V[2 * ld + k])),
                                4.0 * RFI_EPS);
        dense->dots(ld, 3, s.x, s.V, s.out);
        for (k = 0; k < 3; ++k)
            ck_assert_double_le(fabs(s.out[k] - plain(s.V + k * ld, s.x, d)), bound);
        dense->triple(d, ld, s.x, s.V, s.out);
        for (k = 0; k < 3; ++k)
            ck_assert_double_le(fabs(s.out[k] - plain(s.V + k * ld, s.x, d)), bound);
        memcpy(triple, s.out, sizeof(triple));
        dense->triples(d, ld, two, two, s.V, out);
        ck_assert(memcmp(s.out, triple, sizeof(triple)) == 0); /* the same sums in the same order */
        for (k = 0; k < 3; ++k)
            ck_assert_double_le(fabs(s.out[3 + k] - plain(s.V + k * ld, s.E, d)), bound);
        dense->five(d, ld, s.x, s.V, s.W, s.out);
        for (k = 0; k < 5; ++k)
            ck_assert_double_le(
                fabs(s.out[k] - plain(k < 3 ? s.V + k * ld : s.W + (k - 3) * ld, s.x, d)), bound);
        for (k = 0; k < 8; ++k)
            rows[k] = s.E + k * ld;
        dense->each(d, 8, rows, s.x, s.out);
        for (k = 0; k < 8; ++k) {
            dense->dots(d, 1, rows[k], s.x, &square);
            ck_assert(s.out[k] == square); /* the same sums in the same order */
            ck_assert_double_le(fabs(square - plain(rows[k], s.x, d)), bound);
        }
        memset(s.z, 0, sizeof(s.z));
        dense->combine(d, 7, weights, rows, s.z);
        for (k = 0; k < ROOM; ++k) {
            double sum = 0.0;
            int64_t j;
            for (j = 0; j < 7 && k < d; ++j)
                sum += weights[j] * rows[j][k];
            ck_assert(s.z[k] == sum); /* the same sums in the same order, and nothing behind them */
        }
        t = s;
        dense->update_eight(d, ld, weights, s.E, s.H);
        for (k = 0; k < 8; ++k)
            dense->update(d, ld, weights[k], s.E + k * ld, t.H);
        ck_assert(memcmp(&s, &t, sizeof(s)) == 0); /* the same sums in the same order */
        dense->update(d, ld, -0.5, s.x, s.H);
        dense->add(ld, 0.25, s.x, s.y);
        for (k = 0; k < d; ++k) {
            ck_assert_double_le(fabs(s.H[k * ld] - (t.H[k * ld] - 0.5 * s.x[k] * s.x[0])),
                                2.0 * RFI_EPS);
            ck_assert_double_le(fabs(s.y[k] - (t.y[k] + 0.25 * s.x[k])), bound);
        }
    }
}
END_TEST

/* Each power of the one before by a plain product; they end where they are short enough, or at the last. */
START_TEST(powers_of_few_dimensions)
{
    const rfi_dense *dense = rfi_dense_at(RFI_CPU_BASELINE);
    int64_t d, k, j;
    for (d = 2; d <= RFI_LANES; ++d) {
        numbers s;
        fill(&s, d, (uint64_t)d);
        memcpy(s.powers, s.x, RFI_LANES * sizeof(double));
        dense->begin(d, s.H, s.E, s.powers, s.out);
        s.size[1] = dense->apply_scaled(d, RFI_LANES, -1.0, s.H, s.x, s.z);
        ck_assert_double_le(fabs(s.out[3] - sqrt(s.size[1])), 8.0 * RFI_EPS * s.out[3]);
        dense->add(RFI_LANES, 1.0, s.E, s.z);
        for (j = 0; j < RFI_LANES; ++j)
            ck_assert_double_le(fabs(s.powers[RFI_LANES + j] - s.z[j]), 8.0 * RFI_EPS * (double)d * s.out[3]);
        for (j = 0; j < 3; ++j) {
            const double *of = j == 0 ? s.x : j == 1 ? s.powers + RFI_LANES : s.E;
            ck_assert_double_le(fabs(s.out[j] - sqrt(plain(of, of, d))), 8.0 * RFI_EPS * s.out[j]);
        }
        memcpy(s.powers + RFI_LANES, s.x, RFI_LANES * sizeof(double));
        ck_assert_int_eq(dense->powers(d, s.H, 0.5, 0.0, 6, s.powers, s.size), 6);
        for (k = 1; k <= 6; ++k) {
            const double *next = s.powers + (k + 1) * RFI_LANES;
            dense->apply_scaled(d, RFI_LANES, -1.0 / (double)(k + 1), s.H, s.powers + k * RFI_LANES, s.z);
            for (j = 0; j < RFI_LANES; ++j)
                ck_assert_double_le(fabs(next[j] - s.z[j]), 8.0 * RFI_EPS * (double)d * s.size[k + 1]);
            ck_assert_double_le(fabs(s.size[k + 1] - sqrt(plain(next, next, d))), 8.0 * RFI_EPS * s.size[k + 1]);
        }
        ck_assert_int_eq(dense->powers(d, s.H, 0.5, s.size[6] * 0x1.0000001p-6, 6, s.powers, s.size), 5);
        ck_assert_int_eq(dense->powers(d, s.H, 0.5, 1e3, 6, s.powers, s.size), 3);
    }
}
END_TEST

static void run_all(const rfi_dense *dense, int64_t d, numbers *s)
{
    const int64_t ld = rfi_padded(d);
    const double *rows[7], *two[2] = {s->x, s->E};
    double *const out[2] = {s->out, s->out + 3};
    int64_t k;
    dense->update(d, ld, 0.75, s->x, s->H);
    dense->update_eight(d, ld, s->x, s->E, s->H);
    dense->apply(d, ld, s->H, s->x, s->y);
    dense->add(ld, -0.3, s->V, s->y);
    s->y[0] += dense->apply_scaled(d, ld, 0.7, s->H, s->y, s->z);
    dense->apply_half(ld, 0, d, s->H, s->z, s->y);
    for (k = 0; d - k >= RFI_LANES; k += RFI_LANES)
        dense->turn(k, ld, s->H + k, s->H + k * ld);
    dense->horner(ld, 7, s->x, 0.3, s->E, s->z);
    dense->add(ld, 0.1, s->z, s->y);
    dense->dots(ld, 3, s->y, s->V, s->out);
    memcpy(s->V, s->out, 3 * sizeof(double));
    dense->triple(d, ld, s->x, s->V, s->out);
    memcpy(s->W, s->out, (size_t)(d < 3 ? d : 3) * sizeof(double));
    dense->triples(d, ld, two, two, s->V, out);
    memcpy(s->W, s->out + 3, (size_t)(d < 3 ? d : 3) * sizeof(double));
    dense->five(d, ld, s->x, s->V, s->W, s->out);
    for (k = 0; k < 7; ++k)
        rows[k] = s->E + k * ld;
    dense->each(d, 7, rows, s->y, s->out);
    dense->combine(d, 7, s->out, rows, s->y);
    if (d > RFI_LANES)
        return;
    memcpy(s->powers, s->y, RFI_LANES * sizeof(double));
    dense->begin(d, s->H, s->x, s->powers, s->out);
    dense->powers(d, s->H, 0.9, 0.0, 6, s->powers, s->size);
}

START_TEST(same_bits_at_every_level)
{
    int level;
    int64_t d;
    for (level = RFI_CPU_BASELINE + 1; level <= rfi_cpu_level(); ++level)
        for (d = 3; d <= MOST; ++d) {
            numbers s, t;
            fill(&s, d, (uint64_t)d);
            t = s;
            run_all(rfi_dense_at(RFI_CPU_BASELINE), d, &s);
            run_all(rfi_dense_at(level), d, &t);
            ck_assert_msg(memcmp(&s, &t, sizeof(s)) == 0, "level %d, d = %d", level, (int)d);
        }
    ck_assert_ptr_null(rfi_dense_at(RFI_CPU_LEVELS));
}
END_TEST

static const TTest *const *const tests[] = {&plain_sums, &powers_of_few_dimensions, &same_bits_at_every_level};

UNIT_MAIN("dense", tests)
