/* test_tile.c: the products in tiles, of both precisions, and rows by rows against plain sums, on every
 * instruction set of the machine and on threads. SPDX-License-Identifier: MIT */
#include "unit.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/dense.h"
#include "base/tile.h"

enum { TALLEST = 45, WIDEST = 128, DEEPEST = 33, LD = WIDEST + 8 };

static double A[DEEPEST * (TALLEST + 3)], B[DEEPEST * LD], C[TALLEST * LD], D[TALLEST * LD];
static double pack[2 * RFI_TILE_PACK * DEEPEST];

/* A sum of k products of numbers below 1, and one more: each rounding is of a sum below k + 1. */
static void check(const rfi_product *p, const double *before)
{
    const double bound = RFI_EPS * (double)((p->k + 1) * (p->k + 2));
    double worst = 0.0, beyond = 0.0; /* of the columns that are formed, and of the others */
    int64_t i, j, l;
    for (i = 0; i < p->m; ++i)
        for (j = 0; j < LD; ++j) {
            double sum = p->how == RFI_TILE_SET && j < p->n ? 0.0 : before[i * LD + j];
            for (l = 0; l < p->k && j < p->n; ++l)
                sum += (p->how == RFI_TILE_SUBTRACT ? -1.0 : 1.0) * p->A[i * p->row + l * p->step]
                       * p->B[l * p->ldb + j];
            if (j < p->n)
                worst = fmax(worst, fabs(p->C[i * LD + j] - sum));
            else
                beyond = fmax(beyond, fabs(p->C[i * LD + j] - sum));
        }
    ck_assert_double_le(worst, bound);
    ck_assert(beyond == 0.0);
}

START_TEST(plain_sums)
{
    const rfi_tile tile = rfi_tile_at(_i);
    uint64_t seed = 7;
    int64_t m, n, k;
    int how, turned;
    if (_i > rfi_cpu_level() || tile == NULL)
        return;
    unit_fill(&seed, A, DEEPEST * (TALLEST + 3));
    unit_fill(&seed, B, DEEPEST * LD);
    unit_fill(&seed, D, TALLEST * LD);
    for (m = 1; m <= TALLEST; m += m < 20 ? 1 : 7)
        for (n = 8; n <= WIDEST; n += n < 64 ? 8 : 24)
            for (k = 1; k <= DEEPEST; k += 8)
                for (how = RFI_TILE_SET; how <= RFI_TILE_SUBTRACT; ++how)
                    for (turned = 0; turned < 2; ++turned) {
                        const rfi_product p = {m, n, k, A, turned ? 1 : DEEPEST, turned ? TALLEST + 3 : 1,
                                               B, LD, C, LD, how, (m + n) % 16 == 0 ? pack : NULL, 1,
                                               k % 16 == 1 ? D : NULL};
                        memcpy(C, D, sizeof(C));
                        tile(&p);
                        check(&p, D);
                    }
}
END_TEST

static float A_single[DEEPEST * (TALLEST + 3)], C_single[TALLEST * LD], pack_single[RFI_TILE_PACK_SINGLE * DEEPEST];

/* Rounding of both factors to single precision, and of sums below k + 1; zeros behind, and nothing beyond them. */
START_TEST(single_sums)
{
    const rfi_tiles *tiles = rfi_tiles_at(_i);
    uint64_t seed = 17;
    int64_t m, n, k, i, j, l;
    if (_i > rfi_cpu_level() || tiles == NULL)
        return;
    unit_fill(&seed, A, DEEPEST * (TALLEST + 3));
    unit_fill(&seed, B, DEEPEST * LD);
    for (i = 0; i < DEEPEST * (TALLEST + 3); ++i)
        A_single[i] = (float)A[i];
    for (m = 1; m <= TALLEST; m += m < 20 ? 1 : 7)
        for (n = 8; n <= WIDEST - 8; n += 8)
            for (k = 1; k <= DEEPEST; k += 8) {
                const rfi_product_single p = {m, n, k, A_single, DEEPEST, 1, B, LD, C_single, LD, RFI_TILE_SET,
                                              pack_single, 1};
                const double bound = 0.5 * FLT_EPSILON * (double)((k + 3) * (k + 2));
                double worst = 0.0;
                for (i = 0; i < TALLEST * LD; ++i)
                    C_single[i] = 0.0f;
                tiles->product_single(&p);
                for (i = 0; i < m; ++i)
                    for (j = 0; j < LD; ++j) {
                        double sum = 0.0;
                        for (l = 0; l < k && j < n; ++l)
                            sum += A[i * DEEPEST + l] * B[l * LD + j];
                        worst = fmax(worst, fabs((double)C_single[i * LD + j] - sum));
                    }
                ck_assert_double_le(worst, bound);
            }
}
END_TEST

/* Rows by rows of both precisions, with nothing written beyond the last. */
START_TEST(rows_by_rows)
{
    enum { WIDE = 48, ROWS = 23, LONG = 48 };
    static double a[ROWS * WIDE], b[ROWS * WIDE], c[ROWS * ROWS], e[ROWS * ROWS];
    static float a_single[ROWS * WIDE], b_single[ROWS * WIDE];
    const rfi_tiles *tiles = rfi_tiles_at(_i);
    uint64_t seed = 19;
    int64_t m, n, k, i, j, l;
    if (_i > rfi_cpu_level() || tiles == NULL)
        return;
    unit_fill(&seed, a, ROWS * WIDE);
    unit_fill(&seed, b, ROWS * WIDE);
    for (i = 0; i < ROWS * WIDE; ++i) {
        a_single[i] = (float)a[i];
        b_single[i] = (float)b[i];
    }
    for (m = 1; m <= ROWS; ++m)
        for (n = 1; n <= ROWS; ++n)
            for (k = RFI_TILE_FLOATS; k <= LONG; k += RFI_TILE_FLOATS) {
                const rfi_pairs p = {m, n, k, a, WIDE, b, WIDE, c, ROWS};
                const rfi_pairs_single q = {m, n, k, a_single, WIDE, b_single, WIDE, e, ROWS};
                for (i = 0; i < ROWS * ROWS; ++i)
                    c[i] = e[i] = 3.0;
                tiles->pairs(&p);
                tiles->pairs_single(&q);
                for (i = 0; i < ROWS; ++i)
                    for (j = 0; j < ROWS; ++j) {
                        double sum = i < m && j < n ? 0.0 : 3.0;
                        for (l = 0; l < k && i < m && j < n; ++l)
                            sum += a[i * WIDE + l] * b[j * WIDE + l];
                        ck_assert_double_le(fabs(c[i * ROWS + j] - sum), RFI_EPS * (double)((k + 1) * (k + 2)));
                        ck_assert_double_le(fabs(e[i * ROWS + j] - sum),
                                            0.5 * FLT_EPSILON * (double)((k + 3) * (k + 2)));
                    }
            }
}
END_TEST

/* Large enough for threads to be started: the same bits for every number of them. */
START_TEST(threads_change_no_bit)
{
    enum { N = 400, K = 200, M = 60 };
    static double a[M * K], b[K * N], c[M * N], d[M * N], scratch[3 * RFI_TILE_PACK * K];
    const rfi_tile tile = rfi_tile_choose();
    uint64_t seed = 11;
    int32_t threads;
    rfi_team team = {0};
    rfi_product p = {M, N, K, a, K, 1, b, N, c, N, RFI_TILE_SET, NULL, 0, NULL};
    unit_fill(&seed, a, M * K);
    unit_fill(&seed, b, K * N);
    tile(&p);
    p.C = d;
    for (threads = 1; threads < 6; ++threads) {
        memset(d, 0, sizeof(d));
        p.pack = threads % 2 == 0 ? scratch : NULL;
        p.packs = p.pack != NULL ? 3 : 0;
        team.members = threads;
        rfi_tile_run(tile, &p, &team);
        rfi_team_dismiss(&team);
        ck_assert_mem_eq(c, d, sizeof(c));
    }
}
END_TEST

/* The same of single precision, also where there are fewer packs than threads or jobs. */
START_TEST(threads_change_no_bit_of_floats)
{
    enum { N = 392, K = 200, M = 90, LDC = 400, PACKS = 10 };
    static double b[K * N];
    static float a[M * K], c[M * LDC], d[M * LDC], scratch[PACKS * RFI_TILE_PACK_SINGLE * K];
    const rfi_tiles *tiles = rfi_tiles_choose();
    uint64_t seed = 13;
    int32_t threads;
    int64_t i;
    rfi_team team = {0};
    rfi_product_single p = {M, N, K, a, K, 1, b, N, c, LDC, RFI_TILE_SET, scratch, 1};
    unit_fill(&seed, b, K * N);
    for (i = 0; i < M * K; ++i)
        a[i] = (float)b[i];
    tiles->product_single(&p);
    p.C = d;
    for (threads = 1; threads < 6 * PACKS; ++threads) {
        memset(d, 0, sizeof(d));
        p.packs = 1 + threads % PACKS;
        team.members = 1 + threads / PACKS;
        rfi_tile_run_single(tiles, &p, &team);
        rfi_team_dismiss(&team);
        ck_assert_mem_eq(c, d, sizeof(c));
    }
}
END_TEST

START_TEST(levels)
{
    ck_assert(rfi_tile_at(RFI_CPU_BASELINE) != NULL);
    ck_assert(rfi_tile_at(RFI_CPU_LEVELS) == NULL && rfi_tiles_at(-1) == NULL);
    ck_assert(rfi_tile_choose() == rfi_tile_at(rfi_cpu_level()));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tile");
    TCase *tcase = tcase_create("tile");
    SRunner *runner;
    int failed;
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, plain_sums, 0, RFI_CPU_LEVELS);
    tcase_add_loop_test(tcase, single_sums, 0, RFI_CPU_LEVELS);
    tcase_add_loop_test(tcase, rows_by_rows, 0, RFI_CPU_LEVELS);
    tcase_add_test(tcase, threads_change_no_bit);
    tcase_add_test(tcase, threads_change_no_bit_of_floats);
    tcase_add_test(tcase, levels);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
