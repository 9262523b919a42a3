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

enum { MANY = 12 };

/* An anchor that is to reach much farther than the powers do, about `shift` times the unit matrix: as far as it says,
 * its sum is w to rounding.  H is diagonal, of rates over five decades. */
static void check_anchor(const rfi_problem *problem, double want, double shift)
{
    const double radius = 1.0 + shift;
    double w[RFI_LANES * 2], worst = 0.0;
    rfi_chain chain;
    int64_t k;
    ck_assert_int_eq(rfi_chain_create(&chain, problem->data), 0);
    memset(chain.H, 0, (size_t)(MANY * chain.ld) * sizeof(double));
    memset(chain.b, 0, (size_t)chain.ld * sizeof(double));
    memset(chain.T, 0, (size_t)chain.ld * sizeof(double));
    for (k = 0; k < MANY; ++k) {
        chain.H[k * (chain.ld + 1)] = pow(10.0, -5.0 * (double)k / (MANY - 1.0));
        chain.b[k] = 1.0;
    }
    ck_assert_int_eq(rfi_chain_anchor_near(&chain, 0.0, want, shift, radius), 0);
    ck_assert_double_ge(chain.valid, fmin(want, 0.5));
    rfi_chain_weights(&chain, chain.valid, w);
    for (k = 0; k < MANY; ++k) {
        const double rate = chain.H[k * (chain.ld + 1)];
        worst = fmax(worst, fabs(w[k] + expm1(-rate * chain.valid) / rate));
    }
    ck_assert_double_le(worst, 16.0 * RFI_EPS * rfi_norm(w, MANY));
    rfi_chain_free(&chain, &problem->data->allocator);
}

START_TEST(long_anchors_are_true)
{
    static const double X[MANY] = {1.0, 2.0}, y[1] = {1.0};
    rfi_problem problem;
    double want;
    unit_problem(&problem, 1, MANY, X, y);
    for (want = 1e-3; want < 1e4; want *= 3.0) {
        check_anchor(&problem, want, 0.0);
        check_anchor(&problem, want, 0.15);
    }
    rfi_problem_free(&problem);
}
END_TEST

static const TTest *const *const tests[] = {&stiffness_of_either_sign, &long_anchors_are_true};

UNIT_MAIN("window", tests)
