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

/* Opposite rows share a line, which may take from H what it turns on: h has either sign, or all have one. */
START_TEST(stiffness_of_either_sign)
{
    static rfi_candidate candidate[LINES];
    static double G[LINES * LINES], X[COUNT * D];
    rfi_window win;
    double all[COUNT], raised[COUNT];
    uint64_t seed = (uint64_t)_i + 1;
    int64_t c, k;
    memset(&win, 0, sizeof(win));
    memset(candidate, 0, sizeof(candidate));
    win.candidate = candidate;
    unit_fill(&seed, X, COUNT * D);
    for (c = 0; c < COUNT; ++c) {
        const double h = unit_random(&seed);
        candidate[c].h = _i == 0 ? fabs(h) : _i == 1 ? -fabs(h) : _i == 2 && c == 4 ? 0.0 : h;
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
END_TEST

int main(void)
{
    Suite *suite = suite_create("window");
    TCase *tcase = tcase_create("window");
    SRunner *runner;
    int failed;
    tcase_add_loop_test(tcase, stiffness_of_either_sign, 0, 8);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
