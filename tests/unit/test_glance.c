/* test_glance.c: the lines that a glance leaves out keep their distance, on every instruction set.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/num.h"
#include "flow/glance.h"

enum { LINES = 53, MOST = 21, ROUNDS = 20, POINTS = 12 };

static rfi_data *data_of(int64_t d, double size, uint64_t *seed)
{
    const rf_allocator a = rfi_allocator_default();
    double X[LINES * MOST], y[LINES];
    const rfi_data_source source = {LINES, d, X, d, 1, y, 0, 0};
    rfi_data *data = NULL;
    int64_t k;
    unit_fill(seed, X, LINES * d);
    unit_fill(seed, y, LINES);
    for (k = 0; k < LINES * d; ++k)
        X[k] *= size;
    ck_assert_int_eq(rfi_data_create(&source, &a, &data, NULL), RF_OK);
    ck_assert_int_eq(data->kinks.count, LINES);
    return data;
}

/* Powers of w whose sizes fall as those of a chain; size: of w. */
static void fill(rfi_chain *chain, double size, int round, uint64_t *seed)
{
    int64_t k;
    chain->order = 3 + round % 8;
    for (k = 0; k <= chain->order; ++k) {
        unit_fill(seed, chain->T + k * chain->ld, chain->d);
        for (int64_t j = 0; j < chain->d; ++j)
            chain->T[k * chain->ld + j] *= size;
        chain->size[k] = rfi_norm(chain->T + k * chain->ld, chain->d);
        size *= 0.3 / (double)(k + 1);
    }
}

/* The least of a margin over |x| on its side, at some instants up to tau. */
static double least(const rfi_chain *chain, const rfi_data *data, int64_t line, double side, double tau)
{
    const int64_t row = data->kinks.row[line];
    double most = INFINITY, w[MOST + RFI_LANES];
    int k;
    for (k = 0; k <= POINTS; ++k) {
        rfi_chain_weights(chain, tau * k / POINTS, w);
        most = fmin(most, side * rfi_view_dot(rfi_row(data, row), w, chain->d) / data->norm[row]);
    }
    return most;
}

static void check(int64_t d, int level, double scale, double size)
{
    uint64_t seed = 11;
    rfi_data *data = data_of(d, scale, &seed);
    rfi_glance glance;
    rfi_chain chain;
    int8_t side[LINES];
    int64_t out[LINES], line, count, at, clear = 0;
    int round;
    ck_assert_int_eq(rfi_chain_create(&chain, data), 0);
    ck_assert_int_eq(rfi_glance_create(&glance, data, level), 0);
    for (round = 0; round < ROUNDS; ++round) {
        const double tau = 0.1 * round, near = size * 1e-3;
        fill(&chain, size, round, &seed);
        for (line = 0; line < LINES; ++line)
            side[line] = (int8_t)(least(&chain, data, line, 1.0, 0.0) > 0.0 ? 1 : -1);
        side[round] = 0;
        count = rfi_glance_find(&glance, &chain, data, side, tau, near, out);
        for (line = 0, at = 0; line < LINES; ++line) {
            const int found = at < count && out[at] == line;
            at += found;
            if (side[line] == 0)
                ck_assert_int_eq(found, 1);
            else if (!found)
                ck_assert(least(&chain, data, line, side[line], tau) > near && ++clear > 0);
            else
                ck_assert(glance.first[at - 1] == 0.0F
                          || least(&chain, data, line, side[line], tau * (double)glance.first[at - 1]) > near);
            if (found && side[line] != 0 && round == 0) /* w itself alone */
                ck_assert_double_le(least(&chain, data, line, side[line], tau), near + 2e-5 * chain.size[0]);
        }
        ck_assert_int_eq(at, count);
    }
    ck_assert_int_gt(clear, LINES);
    rfi_glance_free(&glance, &data->allocator);
    rfi_chain_free(&chain, &data->allocator);
    rfi_data_release(data);
}

START_TEST(no_line_is_missed)
{
    static const double sizes[] = {1.0, 1e-30, 1e40, 1e-200, 1e200};
    int level;
    size_t k;
    for (level = RFI_CPU_BASELINE; level <= rfi_cpu_level(); ++level)
        for (k = 0; k < sizeof(sizes) / sizeof(*sizes); ++k) {
            check(2, level, sizes[k] * 3.0, 1.0);
            check(7, level, 1.0 / 3.0, 1e-30);
            check(MOST, level, sizes[k], 7.0);
        }
}
END_TEST

/* Lines that are on their kinks and are said to leave them do not come back. */
START_TEST(what_leaves_stays_away)
{
    uint64_t seed = 3;
    rfi_data *data = data_of(5, 2.0, &seed);
    int64_t out[LINES], line, count, at, left = 0;
    rfi_glance glance;
    rfi_chain chain;
    int8_t side[LINES];
    int round, level, k;
    ck_assert_int_eq(rfi_chain_create(&chain, data), 0);
    for (level = RFI_CPU_BASELINE; level <= rfi_cpu_level(); ++level) {
        ck_assert_int_eq(rfi_glance_create(&glance, data, level), 0);
        for (round = 0; round < 20 * LINES; ++round) {
            const double tau = 0.05 * (round % 40), near = 1e-3;
            double x[5], w[RFI_LANES];
            fill(&chain, 1.0, round, &seed);
            line = round % LINES;
            rfi_view_copy(rfi_row(data, data->kinks.row[line]), x, 5);
            rfi_axpy(-rfi_dot(x, chain.T, 5) / rfi_dot(x, x, 5), x, chain.T, 5);
            memset(side, 1, sizeof(side));
            side[line] = (int8_t)(rfi_dot(x, chain.T + chain.ld, 5) > 0.0 ? 1 : -1);
            count = rfi_glance_find(&glance, &chain, data, side, tau, near, out);
            for (at = 0; at < count && out[at] != line; ++at) {
            }
            ck_assert_int_lt(at, count);
            for (k = 1; k <= POINTS && glance.leaves[at]; ++k) {
                rfi_chain_weights(&chain, tau * k / POINTS, w);
                ck_assert_double_gt(side[line] * rfi_dot(x, w, 5) / data->norm[data->kinks.row[line]],
                                    near * k / POINTS);
                ++left;
            }
        }
        rfi_glance_free(&glance, &data->allocator);
    }
    ck_assert_int_gt(left, 20 * LINES);
    rfi_chain_free(&chain, &data->allocator);
    rfi_data_release(data);
}
END_TEST

/* Sizes that leave the range of single precision, and worse: all lines are to be looked at. */
START_TEST(extremes_are_looked_at)
{
    uint64_t seed = 5;
    rfi_data *data = data_of(5, 1.0, &seed);
    static const double sizes[] = {1e-170, 1e170, INFINITY, 0.0};
    int8_t side[LINES];
    int64_t out[LINES];
    rfi_glance glance;
    rfi_chain chain;
    size_t k;
    memset(side, 1, sizeof(side));
    ck_assert_int_eq(rfi_chain_create(&chain, data), 0);
    ck_assert_int_eq(rfi_glance_create(&glance, data, rfi_cpu_level()), 0);
    for (k = 0; k < sizeof(sizes) / sizeof(*sizes); ++k) {
        fill(&chain, 1.0, 5, &seed);
        chain.size[0] = sizes[k];
        chain.size[1] = chain.size[2] = chain.size[3] = 0.0;
        ck_assert_int_eq(rfi_glance_find(&glance, &chain, data, side, 0.0, 0.0, out), LINES);
    }
    fill(&chain, 1.0, 5, &seed);
    ck_assert_int_eq(rfi_glance_find(&glance, &chain, data, side, INFINITY, 0.0, out), LINES);
    rfi_glance_free(&glance, &data->allocator);
    rfi_chain_free(&chain, &data->allocator);
    rfi_data_release(data);
}
END_TEST

static const TTest *const *const tests[] = {&no_line_is_missed, &what_leaves_stays_away, &extremes_are_looked_at};

UNIT_MAIN("glance", tests)
