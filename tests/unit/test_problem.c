/* test_problem.c: reading data, the constants of the kinks, and patterns.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

START_TEST(any_layout_is_read)
{
    const double columns[] = {1, 2, 3, 4, 5, 6}, y[] = {7, 8};
    const rf_allocator a = rfi_allocator_default();
    const rfi_data_source by_column = {2, 3, columns, 1, 2, y, 0, 0};
    const rfi_data_source backwards = {2, 3, columns + 5, -3, -1, y, 1, 0};
    const rfi_data_source borrowed = {2, 2, columns, 3, 1, y, 1, 0};
    rfi_data *data = NULL;
    ck_assert_int_eq(rfi_data_create(&by_column, &a, &data, NULL), RF_OK);
    ck_assert(rfi_view_at(rfi_row(data, 0), 2) == 5 && rfi_view_at(rfi_row(data, 1), 0) == 2 && data->y != y);
    rfi_data_release(data);
    ck_assert_int_eq(rfi_data_create(&backwards, &a, &data, NULL), RF_OK);
    ck_assert(rfi_view_at(rfi_row(data, 0), 0) == 6 && rfi_view_at(rfi_row(data, 1), 2) == 1 && data->y == y);
    rfi_data_release(data);
    ck_assert_int_eq(rfi_data_create(&borrowed, &a, &data, NULL), RF_OK);
    ck_assert(data->X.first.wide == columns && rfi_view_at(rfi_row(data, 1), 1) == 5 && data->X.ld == 3);
    rfi_data_retain(data);
    rfi_data_release(data);
    ck_assert_double_eq_tol(data->norm[0], sqrt(5.0), 4 * RFI_EPS);
    rfi_data_release(data);
}
END_TEST

static void check_refused(int64_t n, int64_t d, const double *X, const double *y, rf_status status,
                          const char *text)
{
    const rf_allocator a = rfi_allocator_default();
    const rfi_data_source source = {n, d, X, d, 1, y, 0, 0};
    rfi_data *data = NULL;
    rfi_message m;
    rfi_message_clear(&m);
    ck_assert_int_eq(rfi_data_create(&source, &a, &data, &m), status);
    ck_assert_str_eq(m.text, text);
    ck_assert_ptr_null(data);
}

START_TEST(bad_data_are_refused)
{
    const double X[] = {1, 2, 3, NAN}, y[] = {1, -INFINITY}, huge[] = {1.7e308, 1.7e308};
    check_refused(0, 2, X, y, RF_ERROR_SIZE, "the number of data must be positive, not 0");
    check_refused(2, -1, X, y, RF_ERROR_SIZE, "the dimension must be positive, not -1");
    check_refused(2, 2, X, y, RF_ERROR_NOT_FINITE, "X[1][1] = nan is not finite");
    check_refused(2, 1, X, y, RF_ERROR_NOT_FINITE, "y[1] = -inf is not finite");
    check_refused(1, 2, huge, y, RF_ERROR_NUMERICAL, "the norm overflows in row 0");
}
END_TEST

/* What the members of a line pull with on either side of it, from the definition of sigma'. */
static double pull_on_side(const rfi_problem *p, int64_t g, int side)
{
    const rfi_kinks *kinks = &p->data->kinks;
    double sum = 0.0;
    int64_t k;
    for (k = kinks->start[g]; k < kinks->start[g + 1]; ++k) {
        const int64_t i = kinks->member[k];
        const int active = side * kinks->factor[i] > 0.0;
        sum += p->c[i] * p->data->y[i] * kinks->factor[i] * (active ? 1.0 : p->slope);
    }
    return sum;
}

/* base is the pull at theta = 0 and base + Gamma that at theta = 1.  Sums of four terms below 50:
 * 1e-13. */
START_TEST(constants_are_one_sided_pulls)
{
    const double X[] = {1, 2, -2, -4, 3, 1, 0, 0, 0.5, 1}, y[] = {2, -3, 1, 5, -0.25};
    const double slopes[] = {0.0, 0.3, 1.0};
    rfi_problem p;
    int64_t g, k;
    unit_problem(&p, 5, 2, X, y);
    ck_assert_int_eq(p.data->kinks.count, 2);
    for (k = 0; k < 3; ++k) {
        p.slope = slopes[k];
        p.c[0] = 0.5;
        p.c[1] = 2.0;
        rfi_problem_refresh(&p);
        for (g = 0; g < 2; ++g) {
            ck_assert_double_eq_tol(p.base[g], pull_on_side(&p, g, -1), 1e-13);
            ck_assert_double_eq_tol(p.base[g] + p.jump[g], pull_on_side(&p, g, 1), 1e-13);
            ck_assert_double_ge(p.width[g] * (1.0 + 4 * RFI_EPS), fabs(p.jump[g]));
        }
    }
    rfi_problem_free(&p);
}
END_TEST

/* 0.1 + 0.2 - 0.3 is rounding: no net pull. */
START_TEST(cancelled_jump_is_zero)
{
    const double X[] = {1, -2, 1}, y[] = {0.1, 0.1, -0.3};
    rfi_problem p, q;
    unit_problem(&p, 3, 1, X, y);
    ck_assert(p.jump[0] == 0.0);
    p.c[2] = 0.5;
    rfi_problem_refresh(&p);
    ck_assert_double_eq_tol(p.jump[0], 0.15, 1e-16);
    ck_assert_int_eq(rfi_problem_create(&q, p.data), RF_OK);
    ck_assert(q.jump[0] == 0.0);
    rfi_problem_set(&q, &p);
    ck_assert(q.jump[0] == p.jump[0] && q.c[2] == 0.5);
    rfi_problem_free(&p);
    rfi_problem_free(&q); /* the data outlive the problem that had them first */
}
END_TEST

START_TEST(states_follow_the_line)
{
    const double X[] = {1, -2, 3, 0}, y[] = {1, 1, 0, 1};
    const int8_t side[] = {RFI_PLUS, RFI_MINUS, RFI_SLIDE, RFI_REST_PLUS, RFI_REST_MINUS};
    /* At rest the pull of row 0 (theta = 1) or of row 1 (theta = 0) holds the line: sliding, though the
     * data on its side keep their slope. */
    const uint8_t expected[5][4] = {
        {1, 0, 1, 0}, {0, 1, 0, 0}, {2, 2, 2, 0}, {2, 2, 2, 0}, {2, 2, 2, 0}};
    const double slope[5][3] = {
        {1, 0.25, 1}, {0.25, 1, 0.25}, {0, 0, 0}, {1, 0.25, 1}, {0.25, 1, 0.25}};
    rfi_problem p;
    rfi_pattern pattern, copy;
    uint8_t state[4];
    int64_t k, i;
    unit_problem(&p, 4, 1, X, y);
    p.slope = 0.25;
    unit_pattern(&pattern, &p, X);
    unit_pattern(&copy, &p, X);
    for (k = 0; k < 5; ++k) {
        pattern.side[0] = side[k];
        rfi_pattern_copy(&copy, &pattern);
        rfi_pattern_states(&p, &copy, state);
        ck_assert_mem_eq(state, expected[k], 4);
        for (i = 0; i < 3; ++i)
            ck_assert(rfi_pattern_slope(&p, &copy, i) == slope[k][i]);
        ck_assert(rfi_pattern_slope(&p, &copy, 3) == 0.0);
        ck_assert_int_eq(rfi_held(side[k]), k >= 2);
    }
    pattern.side[0] = RFI_AT_ORIGIN;
    rfi_pattern_states(&p, &pattern, state);
    ck_assert(state[0] + state[1] + state[2] + state[3] == 0);
    p.jump[0] = 0.0; /* no net pull holds nothing */
    pattern.side[0] = RFI_REST_PLUS;
    rfi_pattern_states(&p, &pattern, state);
    ck_assert(state[0] + state[1] + state[2] + state[3] == 0);
    unit_pattern_free(&pattern, &p);
    unit_pattern_free(&copy, &p);
    rfi_problem_free(&p);
}
END_TEST

static const TTest *const *const tests[] = {
    &any_layout_is_read,     &bad_data_are_refused,   &constants_are_one_sided_pulls,
    &cancelled_jump_is_zero, &states_follow_the_line,
};
UNIT_MAIN("problem", tests)
