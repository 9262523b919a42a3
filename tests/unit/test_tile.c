/* test_tile.c: the products in tiles against plain sums, on every instruction set of the machine and on
 * threads. SPDX-License-Identifier: MIT */
#include "unit.h"

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
                                               B, LD, C, LD, how, (m + n) % 16 == 0 ? pack : NULL, 1};
                        memcpy(C, D, sizeof(C));
                        tile(&p);
                        check(&p, D);
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
    rfi_product p = {M, N, K, a, K, 1, b, N, c, N, RFI_TILE_SET, NULL, 0};
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

START_TEST(levels)
{
    ck_assert(rfi_tile_at(RFI_CPU_BASELINE) != NULL);
    ck_assert(rfi_tile_at(RFI_CPU_LEVELS) == NULL);
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
    tcase_add_test(tcase, threads_change_no_bit);
    tcase_add_test(tcase, levels);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
