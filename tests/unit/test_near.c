/* test_near.c: the lines that may arrive, on every instruction set and against their quadratics.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>

#include "base/cpu.h"
#include "flow/near.h"

enum { LINES = 203, SLOTS = 5, ROUNDS = 40 };

static void fill(rfi_known *known, rfi_since *by, int8_t *side, uint64_t *seed)
{
    int64_t k;
    for (k = 0; k < SLOTS; ++k) {
        by[k].t = fabs(unit_random(seed));
        by[k].strayed = 0.3 * fabs(unit_random(seed));
        by[k].gone = 0.3 * fabs(unit_random(seed));
        by[k].rate = 0.1 * fabs(unit_random(seed));
        by[k].width = 0.2 * fabs(unit_random(seed));
        by[k].turn = 0.2 * fabs(unit_random(seed));
    }
    for (k = 0; k < LINES; ++k) {
        known->since[k] = fabs(unit_random(seed));
        known->z[k] = unit_random(seed);
        known->speed[k] = unit_random(seed);
        known->change[k] = unit_random(seed);
        known->norm[k] = 0.5 + fabs(unit_random(seed));
        known->slot[k] = (int32_t)(k % SLOTS);
        side[k] = (int8_t)(k % 7 == 3 ? 0 : k % 11 == 5 ? 2 : known->z[k] > 0.0 ? 1 : -1);
    }
}

/* 1 if the least margin of a line is above 0 at many instants up to h. */
static int stays(const rfi_known *known, const rfi_since *by, int64_t line, double side, double h)
{
    double f[3];
    int k;
    rfi_known_least(known, line, by, side, f);
    for (k = 0; k <= 1000; ++k) {
        const double at = h * 0.001 * k;
        if (!(f[0] + at * (f[1] + at * f[2]) > 0.0))
            return 0;
    }
    return 1;
}

START_TEST(no_line_is_missed)
{
    const rf_allocator a = rfi_allocator_default();
    rfi_since by[SLOTS];
    rfi_known known = {0};
    int8_t side[LINES];
    int64_t near[LINES], twin[LINES], line, count, at, clear = 0;
    uint64_t seed = 3;
    int round, level;
    ck_assert_int_eq(rfi_known_create(&known, LINES, &a), 0);
    for (round = 0; round < ROUNDS; ++round) {
        const double h = round == 0 ? INFINITY : 0.02 * round;
        fill(&known, by, side, &seed);
        count = rfi_near_at(RFI_CPU_BASELINE)(LINES, side, &known, by, h, near);
        for (line = 0, at = 0; line < LINES; ++line) {
            const int found = at < count && near[at] == line;
            at += found;
            if (side[line] != 1 && side[line] != -1)
                ck_assert_int_eq(found, 0);
            else if (round > 0 && !found)
                ck_assert(stays(&known, by, line, side[line], h) && ++clear > 0);
            else if (round == 0 && !found) { /* for ever */
                double f[3];
                rfi_known_least(&known, line, by, side[line], f);
                ck_assert(f[0] > 0.0 && f[1] >= 0.0 && f[2] >= 0.0);
            }
        }
        ck_assert_int_eq(at, count);
        for (level = RFI_CPU_BASELINE + 1; level <= rfi_cpu_level(); ++level) {
            ck_assert_int_eq(rfi_near_at(level)(LINES, side, &known, by, h, twin), count);
            for (at = 0; at < count; ++at)
                ck_assert_int_eq(twin[at], near[at]);
        }
    }
    ck_assert_int_gt(clear, LINES);
    rfi_known_free(&known, &a);
}
END_TEST

static const TTest *const *const tests[] = {&no_line_is_missed};

UNIT_MAIN("near", tests)
