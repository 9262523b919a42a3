/* test_grid.c: the kernels of many neurons against plain sums, and their bits on every instruction set.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/grid.h"

enum { N = 13, D = 8, M = 19, LD = 24, NLD = 16, ROOM = 40 };

typedef struct {
    double X[N * D], M[N * LD], W[D * LD], sum[N], size[N], s[N], V[D * LD];
    double G[N * NLD], mask[NLD], Y[2 * NLD], K[N * NLD];
    double S[N * ROOM], out[ROOM], weight[NLD], inverse[NLD], y[NLD], square;
} numbers;

static void fill(numbers *s, int64_t d, uint64_t seed)
{
    int64_t i, j;
    memset(s, 0, sizeof(*s));
    unit_fill(&seed, s->X, N * d);
    unit_fill(&seed, s->s, N);
    for (i = 0; i < N; ++i)
        for (j = 0; j < M; ++j)
            s->M[i * LD + j] = unit_random(&seed) < 0.0 ? 0.0 : unit_random(&seed);
    for (i = 0; i < d; ++i)
        unit_fill(&seed, s->W + i * LD, M);
    for (i = 0; i < N; ++i) {
        s->mask[i] = i % 3 == 1 ? 0.0 : 1.0;
        for (j = 0; j <= i; ++j)
            s->G[i * NLD + j] = s->G[j * NLD + i] = unit_random(&seed);
    }
    unit_fill(&seed, s->Y, N);
    unit_fill(&seed, s->Y + NLD, N);
    unit_fill(&seed, s->S, N * ROOM);
    unit_fill(&seed, s->weight, N);
    unit_fill(&seed, s->inverse, N);
    unit_fill(&seed, s->y, N);
}

static void run(const rfi_grid *grid, numbers *s, int64_t d, int64_t count)
{
    grid->forward(N, d, LD, s->X, s->M, s->W, s->sum, s->size);
    grid->backward(N, d, LD, s->X, s->M, s->s, s->V);
    grid->block(N, NLD, s->G, s->mask, 2, s->Y, 0.3, 6.0, 1.0, s->K);
    grid->gather(N, count, ROOM, -0.7, s->mask, s->s, s->S, s->out);
    s->square = grid->weigh(NLD, -0.5, s->weight, s->inverse, s->y);
}

/* Sums of up to N D products below 1 in another order. */
#define BOUND (RFI_EPS * (N * D + M) * 8.0)

static void check_products(const numbers *s, int64_t d)
{
    int64_t i, j, k;
    for (i = 0; i < N; ++i) {
        double sum = 0.0, size = 0.0;
        for (j = 0; j < M; ++j) {
            double z = 0.0;
            for (k = 0; k < d; ++k)
                z += s->X[i * d + k] * s->W[k * LD + j];
            sum += s->M[i * LD + j] * z;
            size += fabs(s->M[i * LD + j] * z);
        }
        ck_assert_double_le(fabs(s->sum[i] - sum), BOUND);
        ck_assert_double_le(fabs(s->size[i] - size), BOUND);
    }
    for (j = 0; j < LD; ++j)
        for (k = 0; k < d; ++k) {
            double v = 0.0;
            for (i = 0; i < N; ++i)
                v += s->s[i] * s->M[i * LD + j] * s->X[i * d + k];
            ck_assert_double_le(fabs(s->V[k * LD + j] - v), BOUND);
        }
}

static void check_block(const numbers *s)
{
    int64_t i, l;
    for (i = 0; i < N; ++i)
        for (l = 0; l < NLD; ++l) {
            const double inner = s->G[i * NLD + l] - s->Y[i] * s->Y[l] - s->Y[NLD + i] * s->Y[NLD + l];
            const double k = s->K[i * NLD + l];
            ck_assert_double_le(fabs(k - s->mask[i] * s->mask[l] * 0.3 * inner), 4.0 * RFI_EPS);
            ck_assert(fmod(k, 4.0 * RFI_EPS) == 0.0); /* a multiple of the last place of 6 */
            ck_assert(l >= N || k == s->K[l * NLD + i]);
        }
}

START_TEST(plain_sums)
{
    const rfi_grid *grid = rfi_grid_at(RFI_CPU_BASELINE);
    int64_t d, i, k;
    for (d = 1; d <= D; ++d) {
        static numbers s, before;
        double square = 0.0;
        const int64_t count = 5 * d;
        fill(&s, d, (uint64_t)d);
        before = s;
        run(grid, &s, d, count);
        check_products(&s, d);
        check_block(&s);
        for (k = 0; k < count; ++k) {
            double sum = 0.0;
            for (i = 0; i < N; ++i)
                sum -= 0.7 * s.mask[i] * s.s[i] * s.S[i * ROOM + k];
            ck_assert_double_le(fabs(s.out[k] - sum), BOUND);
        }
        for (i = 0; i < N; ++i) {
            ck_assert_double_le(fabs(s.y[i] + 0.5 * before.weight[i] * before.y[i]), RFI_EPS);
            square += s.y[i] * s.y[i] * s.inverse[i];
        }
        ck_assert_double_le(fabs(s.square - square), BOUND);
    }
}
END_TEST

START_TEST(same_bits)
{
    int level;
    int64_t d;
    for (level = 0; level <= rfi_cpu_level(); ++level)
        for (d = 1; d <= D && rfi_grid_at(level) != NULL; ++d) {
            static numbers s, t;
            fill(&s, d, (uint64_t)d + 100);
            t = s;
            run(rfi_grid_at(RFI_CPU_BASELINE), &s, d, 5 * d);
            run(rfi_grid_at(level), &t, d, 5 * d);
            ck_assert(memcmp(&s, &t, sizeof(s)) == 0);
        }
}
END_TEST

static const TTest *const *const tests[] = {&plain_sums, &same_bits};

UNIT_MAIN("grid", tests)
