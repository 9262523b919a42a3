/* test_near.c: the lines that may arrive, on every instruction set and against what is known of them.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "flow/near.h"

enum { LINES = 203, SLOTS = 5, NOW = 9, ROUNDS = 40 };

static void fill(rfi_known *known, rfi_since *by, int8_t *side, uint64_t *seed)
{
    int64_t k;
    int i;
    for (k = 0; k < SLOTS; ++k)
        for (i = 0; i < 4; ++i) {
            by[k].w[i] = 1.0 + 0.1 * unit_random(seed);
            by[k].g[i] = 0.3 * i + 0.1 * unit_random(seed);
            by[k].a[i] = 0.1 * i * i + 0.1 * unit_random(seed);
            by[k].off[i] = 0.2 * fabs(unit_random(seed));
        }
    for (k = 0; k < LINES; ++k) {
        double *of = rfi_known_of(known, k);
        for (i = 0; i < RFI_KNOWN; ++i)
            of[i] = unit_random(seed);
        of[RFI_KNOWN - 1] = 0.5 + fabs(of[RFI_KNOWN - 1]);
        known->epoch[k] = (int32_t)(NOW - k % (SLOTS + 2));
        side[k] = (int8_t)(k % 7 == 3 ? k % 3 - 1 : k % 11 == 5 ? k % 7 - 4 : of[0] > 0.0 ? 1 : -1);
    }
}

/* 1 if a line, of an epoch not forgotten, is known to have its margins at the three instants on its side. */
static int stays(const rfi_known *known, const rfi_since *by, int64_t line, double side)
{
    const int64_t age = NOW - known->epoch[line];
    const rfi_since *b = &by[age];
    const double *of = rfi_known_of(known, line);
    int k, above = 0;
    if (age >= SLOTS)
        return 0;
    for (k = 0; k < 3; ++k)
        above += side * (of[0] * b->w[k] + of[1] * b->g[k] + of[2] * b->a[k]) > of[3] * b->off[k];
    return above == 3;
}

START_TEST(no_line_is_missed)
{
    const rf_allocator a = rfi_allocator_default();
    rfi_since by[SLOTS + 1];
    const rfi_present present = {by, NOW, SLOTS};
    rfi_known known = {0};
    int8_t side[LINES];
    int64_t near[LINES], twin[LINES], line, count, half, at, clear = 0;
    uint64_t seed = 3;
    int round, level;
    memset(by, 0, sizeof(by));
    ck_assert_int_eq(rfi_known_create(&known, LINES, &a), 0);
    for (round = 0; round < ROUNDS; ++round) {
        fill(&known, by, side, &seed);
        count = rfi_near_at(RFI_CPU_BASELINE)(0, LINES, NULL, side, &known, &present, near);
        for (line = 0, at = 0; line < LINES; ++line) {
            const int found = at < count && near[at] == line;
            at += found;
            if (side[line] != 1 && side[line] != -1)
                ck_assert_int_eq(found, 0);
            else
                ck_assert_int_eq(found, !stays(&known, by, line, side[line]));
            clear += !found;
        }
        ck_assert_int_eq(at, count);
        for (level = RFI_CPU_BASELINE; level <= rfi_cpu_level(); ++level) {
            half = rfi_near_at(level)(0, LINES / 3, NULL, side, &known, &present, twin); /* of two parts */
            half += rfi_near_at(level)(LINES / 3, LINES, NULL, side, &known, &present, twin + half);
            ck_assert_int_eq(half, count);
            for (at = 0; at < count; ++at)
                ck_assert_int_eq(twin[at], near[at]);
            for (line = 0; line < LINES / 2; ++line) /* of a list, in its place */
                twin[line] = 2 * line;
            half = rfi_near_at(level)(0, LINES / 2, twin, side, &known, &present, twin);
            for (at = 0, line = 0; at < count; ++at)
                if (near[at] % 2 == 0 && near[at] < LINES - 1)
                    ck_assert_int_eq(twin[line++], near[at]);
            ck_assert_int_eq(line, half);
        }
    }
    ck_assert_int_gt(clear, LINES);
    rfi_known_free(&known, &a);
}
END_TEST

static const TTest *const *const tests[] = {&no_line_is_missed};

UNIT_MAIN("near", tests)
