/* test_window.c: what bounds the lines of a window, in numbers.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "flow/window_steps.h"

enum { LINES = RFI_WINDOW_LINES, COUNT = 21, D = 8 };

/* |sum f_c x_c x_c^T| for f_c >= 0, from below, by powers. */
static double size_of(const double *f, const double *X)
{
    uint64_t seed = 3;
    double v[D], most = 0.0;
    int64_t c, k, steps;
    unit_fill(&seed, v, D);
    for (steps = 0; steps < 200; ++steps) {
        double next[D] = {0.0}, size;
        for (c = 0; c < COUNT; ++c) {
            const double z = f[c] * rfi_dot(X + c * D, v, D);
            for (k = 0; k < D; ++k)
                next[k] += z * X[c * D + k];
        }
        size = rfi_norm(next, D);
        most = steps > 0 ? fmax(most, size) : 0.0;
        for (k = 0; k < D; ++k)
            v[k] = next[k] / size;
    }
    return most;
}

static void check_stiffness(int round)
{
    static rfi_candidate candidate[LINES];
    static double G[LINES * LINES], X[COUNT * D];
    rfi_window win;
    double all[COUNT], raised[COUNT];
    uint64_t seed = (uint64_t)round + 1;
    int64_t c, k;
    memset(&win, 0, sizeof(win));
    memset(candidate, 0, sizeof(candidate));
    win.candidate = candidate;
    unit_fill(&seed, X, COUNT * D);
    for (c = 0; c < COUNT; ++c) {
        const double h = unit_random(&seed);
        candidate[c].h = round == 0 ? fabs(h) : round == 1 ? -fabs(h) : round == 2 && c == 4 ? 0.0 : h;
        candidate[c].turned = (int8_t)(c % 3 - 1);
        for (k = 0; k < COUNT; ++k)
            G[c * LINES + k] = rfi_dot(X + c * D, X + k * D, D);
        all[c] = fabs(candidate[c].h);
        raised[c] = fmax(candidate[c].turned * candidate[c].h, 0.0);
    }
    ck_assert_double_gt(size_of(all, X), 0.0);
    ck_assert_double_ge(rfi_window_stiffness(&win, G, COUNT, 0), size_of(all, X));
    ck_assert_double_gt(size_of(raised, X), 0.0);
    ck_assert_double_ge(rfi_window_stiffness(&win, G, COUNT, 1), size_of(raised, X));
}

/* Opposite rows share a line, which may take from H what it turns on: h has either sign, or all have one. */
START_TEST(stiffness_of_either_sign)
{
    int round;
    for (round = 0; round < 8; ++round)
        check_stiffness(round);
}
END_TEST

static const TTest *const *const tests[] = {&stiffness_of_either_sign};

UNIT_MAIN("window", tests)
