/* test_plane_sums.c: double-double arithmetic, the lines of a problem in the plane, sums of them,
 * and the hull of the gradients at the origin.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "analysis/plane.h"

/* ---- arithmetic ---- */

START_TEST(sums_keep_both_parts)
{
    const double tiny = ldexp(1.0, -80);
    const rfi_dd s = rfi_dd_add(rfi_dd_of(1.0), rfi_dd_of(tiny));
    ck_assert(s.hi == 1.0 && s.lo == tiny);
    ck_assert(rfi_dd_value(rfi_dd_sub(s, rfi_dd_of(1.0))) == tiny);
    ck_assert(rfi_dd_value(rfi_dd_sub(s, s)) == 0.0);
}
END_TEST

/* (1 + 2^-30)^2 = 1 + 2^-29 + 2^-60, exactly; (1 + 2^-70)(1 - 2^-70) = 1 - 2^-140. */
START_TEST(products)
{
    const double a = 1.0 + ldexp(1.0, -30);
    const rfi_dd p = rfi_dd_product(a, a);
    const rfi_dd u = rfi_dd_add(rfi_dd_of(1.0), rfi_dd_of(ldexp(1.0, -70)));
    const rfi_dd v = rfi_dd_sub(rfi_dd_of(1.0), rfi_dd_of(ldexp(1.0, -70)));
    ck_assert(p.hi == 1.0 + ldexp(1.0, -29) && p.lo == ldexp(1.0, -60));
    ck_assert_double_le(fabs(rfi_dd_value(rfi_dd_sub(rfi_dd_mul(u, v), rfi_dd_of(1.0)))),
                        ldexp(1.0, -102));
    ck_assert(rfi_dd_value(rfi_dd_sub(rfi_dd_scale(u, 3.0), rfi_dd_of(3.0)))
              == 3.0 * ldexp(1.0, -70));
}
END_TEST

START_TEST(quotients)
{
    uint64_t seed = 1;
    int k;
    for (k = 0; k < 1000; ++k) {
        const rfi_dd a = rfi_dd_sum(unit_random(&seed), ldexp(unit_random(&seed), -60));
        const rfi_dd b = rfi_dd_sum(unit_random(&seed), ldexp(unit_random(&seed), -60));
        const rfi_dd back = rfi_dd_mul(rfi_dd_div(a, b), b);
        ck_assert_double_le(fabs(rfi_dd_value(rfi_dd_sub(back, a))), ldexp(fabs(a.hi), -100));
    }
}
END_TEST

/* ---- lines ---- */

static int equal(rfi_dd a, double b)
{
    return a.hi == b && a.lo == 0.0;
}

/* Rows (0,2), (0,-1), (3,0) and a zero row.  The first two share a line; its normal e has the angle
 * -90, against the first row.  With weights 1, 4, 2, 1 and labels 3, -5, 7, 11. */
START_TEST(lines_by_hand)
{
    const double X[] = {0, 2, 0, -1, 3, 0, 0, 0}, y[] = {3, -5, 7, 11};
    rfi_problem p;
    rfi_plane plane;
    double unit_row, row; /* the scales of e and F cancel in F e */
    unit_problem(&p, 4, 2, X, y);
    p.c[1] = 4.0;
    p.c[2] = 2.0;
    rfi_problem_refresh(&p);
    ck_assert_int_eq(rfi_plane_create(&plane, &p), RF_OK);
    ck_assert_int_eq(plane.count, 2);
    ck_assert(plane.line[0].e[0] == 0.0 && plane.line[0].e[1] == -0.5);
    ck_assert(plane.line[1].e[0] == 0.75 && plane.line[1].e[1] == 0.0);
    ck_assert(plane.line[0].flipped == 1 && plane.line[1].flipped == 0);
    ck_assert(plane.line[0].datum == 0 && plane.line[1].datum == 2);
    /* +: row 1 alone, along e; -: row 0 alone, against it.  Gamma = 3*2 - 5*4 = -14 (times a
     * scale). */
    unit_row = ldexp(1.0, -plane.w_exponent); /* x F-scale over label scale */
    row = 2.0 * unit_row;
    ck_assert(
        equal(plane.line[0].pull[RFI_ON_PLUS], -5 * 4 * row * ldexp(1, -plane.loss_exponent)));
    ck_assert(
        equal(plane.line[0].pull[RFI_ON_MINUS], -3 * 2 * row * ldexp(1, -plane.loss_exponent)));
    ck_assert(equal(plane.line[0].curvature[RFI_ON_PLUS],
                    4 * row * row * ldexp(1, -plane.loss_exponent)));
    ck_assert(plane.line[0].rows[0] == 1 && plane.line[0].rows[1] == 1);
    ck_assert(plane.line[0].net == -1 && plane.line[1].net == 1);
    ck_assert(plane.line[1].rows[RFI_ON_MINUS] == 0 && equal(plane.line[1].pull[RFI_ON_MINUS], 0));
    ck_assert(equal(plane.labels, ldexp(9 + 100 + 98 + 121, -plane.loss_exponent)));
    rfi_plane_free(&plane, &p.data->allocator);
    rfi_problem_free(&p);
}
END_TEST

/* A leaky neuron: the other side's data have the slope 1/2. */
START_TEST(lines_of_a_leaky_neuron)
{
    const double X[] = {1, 0, -1, 0}, y[] = {1, 1};
    rfi_problem p;
    rfi_plane plane;
    double scale;
    unit_problem(&p, 2, 2, X, y);
    p.activation = RF_LEAKY_RELU;
    p.slope = 0.5;
    rfi_problem_refresh(&p);
    ck_assert_int_eq(rfi_plane_create(&plane, &p), RF_OK);
    ck_assert_int_eq(plane.count, 1);
    scale = plane.line[0].curvature[RFI_ON_PLUS].hi / 1.25;
    ck_assert(scale > 0.0 && plane.line[0].curvature[RFI_ON_MINUS].hi == 1.25 * scale);
    ck_assert(plane.line[0].rows[0] == 2 && plane.line[0].rows[1] == 2);
    ck_assert(plane.line[0].pull[RFI_ON_PLUS].hi == -plane.line[0].pull[RFI_ON_MINUS].hi);
    ck_assert_int_eq(plane.line[0].net, 1);
    rfi_plane_free(&plane, &p.data->allocator);
    rfi_problem_free(&p);
}
END_TEST

START_TEST(lines_are_sorted)
{
    enum { COUNT = 200 };
    double X[2 * COUNT], y[COUNT];
    uint64_t seed = 3;
    rfi_problem p;
    rfi_plane plane;
    int64_t g;
    unit_fill(&seed, X, 2 * COUNT);
    unit_fill(&seed, y, COUNT);
    unit_problem(&p, COUNT, 2, X, y);
    ck_assert_int_eq(rfi_plane_create(&plane, &p), RF_OK);
    ck_assert_int_eq(plane.count, COUNT);
    for (g = 0; g < plane.count; ++g) {
        const double *e = plane.line[g].e, *next = plane.line[g + (g + 1 < COUNT)].e;
        ck_assert(e[0] > 0.0 || (e[0] == 0.0 && e[1] < 0.0));
        ck_assert(rfi_norm(e, 2) >= 0.5 * (1.0 - 1e-15) && rfi_norm(e, 2) <= 1.0);
        ck_assert(g + 1 == plane.count || e[0] * next[1] > e[1] * next[0]);
    }
    rfi_plane_free(&plane, &p.data->allocator);
    rfi_problem_free(&p);
}
END_TEST

/* Rows 2^460 and 2^-460, labels likewise: more than the arithmetic holds. */
START_TEST(too_wide)
{
    const double narrow[] = {1, 1}, wide[] = {ldexp(1, 460), ldexp(1, -460)};
    const double X[] = {1, 0, 0, 1}, wide_X[] = {wide[0], 0, 0, wide[1]};
    rfi_plane plane;
    rfi_problem p;
    unit_problem(&p, 2, 2, wide_X, narrow);
    ck_assert_int_eq(rfi_plane_create(&plane, &p), RF_ERROR_NUMERICAL);
    p.c[0] = ldexp(1, -460); /* the weights narrow it */
    p.c[1] = ldexp(1, 460);
    ck_assert_int_eq(rfi_plane_create(&plane, &p), RF_OK);
    rfi_plane_free(&plane, &p.data->allocator);
    rfi_problem_free(&p);
    unit_problem(&p, 2, 2, X, wide);
    ck_assert_int_eq(rfi_plane_create(&plane, &p), RF_ERROR_NUMERICAL);
    rfi_problem_free(&p);
}
END_TEST

/* ---- sums ---- */

static rfi_plane_sums add_row(rfi_plane_sums sums, double x0, double x1, double y)
{
    sums.H[0] = rfi_dd_add(sums.H[0], rfi_dd_product(x0, x0));
    sums.H[1] = rfi_dd_add(sums.H[1], rfi_dd_product(x0, x1));
    sums.H[2] = rfi_dd_add(sums.H[2], rfi_dd_product(x1, x1));
    sums.b[0] = rfi_dd_add(sums.b[0], rfi_dd_product(y, x0));
    sums.b[1] = rfi_dd_add(sums.b[1], rfi_dd_product(y, x1));
    sums.size += fabs(y) * hypot(x0, x1);
    ++sums.rows;
    ++sums.lines;
    return sums;
}

static rfi_plane_sums no_rows(void)
{
    rfi_plane_sums sums;
    memset(&sums, 0, sizeof(sums));
    return sums;
}

/* Rows (1, 0), (1, h) with labels 1, 2: w = (1, 1/h), whose condition is 2/h.  H = [2 h; h h^2] is
 * exact, and so is its determinant h^2: w has no error at all but that of the division. */
START_TEST(solves_ill_conditioned)
{
    int k, doubtful;
    for (k = 1; k <= 50; ++k) {
        const double h = ldexp(1.0, -k);
        const rfi_plane_sums sums = add_row(add_row(no_rows(), 1, 0, 1), 1, h, 2);
        rfi_dd w[2];
        /* s_2/s_1 = h/2 to first order; the rank is cut at 2 eps, and doubted below 128 eps */
        ck_assert_int_eq(rfi_plane_rank(&sums, &doubtful), k <= 49 ? 2 : 1);
        ck_assert_int_eq(doubtful, k >= 44);
        rfi_plane_solve(&sums, w);
        ck_assert(equal(w[0], 1.0) && equal(w[1], 1.0 / h));
    }
}
END_TEST

START_TEST(ranks)
{
    rfi_plane_sums sums = no_rows();
    int doubtful = 1;
    ck_assert_int_eq(rfi_plane_rank(&sums, &doubtful), 0);
    ck_assert_int_eq(doubtful, 0);
    sums = add_row(sums, 3, 4, 1);
    ck_assert_int_eq(rfi_plane_rank(&sums, &doubtful), 1);
    ck_assert_int_eq(doubtful, 0);
}
END_TEST

START_TEST(zeros)
{
    ck_assert_int_eq(rfi_plane_zero(0, 0, 0), RFI_ZERO);
    ck_assert_int_eq(rfi_plane_zero(1e-300, 0, 5), RFI_CLEAR);
    ck_assert_int_eq(rfi_plane_zero(ldexp(1, -97), 1, 2), RFI_ZERO);
    ck_assert_int_eq(rfi_plane_zero(ldexp(-1, -90), 1, 2), RFI_CLOSE);
    ck_assert_int_eq(rfi_plane_zero(32 * RFI_EPS, 1, 2), RFI_CLOSE);
    ck_assert_int_eq(rfi_plane_zero(-33 * RFI_EPS, 1, 2), RFI_CLEAR);
}
END_TEST

/* ---- hull ---- */

static rfi_plane_hull hull_of(int count, const double *vectors)
{
    rfi_plane_hull hull;
    int k;
    memset(&hull, 0, sizeof(hull));
    for (k = 0; k < count; ++k) {
        rfi_plane_sums sums = no_rows();
        sums.b[0] = rfi_dd_of(vectors[2 * k]);
        sums.b[1] = rfi_dd_of(vectors[2 * k + 1]);
        sums.size = 1.0;
        sums.rows = 1;
        rfi_plane_hull_add(&hull, &sums);
    }
    return hull;
}

static void check_hull(int count, const double *vectors, int inside, int touch)
{
    const rfi_plane_hull hull = hull_of(count, vectors);
    ck_assert_int_eq(hull.inside, inside);
    if (!inside)
        ck_assert_int_eq(hull.touch, touch);
}

START_TEST(hulls_by_hand)
{
    const double triangle[] = {1, 0, -1, 1, -1, -1}, corner[] = {1, 0, 0, 1, 1, 1};
    const double line[] = {1, 0.5, -2, -1}, half[] = {1, 0, -1, 0, 0, 1};
    const double across[] = {1, 0, -1, 0, 0, 1, 0.25, -1}, zero[] = {1, 1, 0, 0};
    const double near[] = {1, 0, -1, 3e-15}, far[] = {1, 0, -1, 1e-13}, one[] = {1, 2, 2, 4};
    check_hull(3, triangle, 1, 0);
    check_hull(3, corner, 0, RFI_CLEAR);
    check_hull(2, line, 0, RFI_ZERO);
    check_hull(3, half, 0, RFI_ZERO);
    check_hull(4, across, 1, 0);
    check_hull(2, zero, 0, RFI_ZERO);
    check_hull(2, near, 0, RFI_CLOSE);
    check_hull(2, far, 0, RFI_CLEAR);
    check_hull(2, one, 0, RFI_CLEAR);
}
END_TEST

/* 0 is in the hull of m >= 3 vectors of different directions iff no gap between neighbours, by
 * angle, exceeds 180 degrees; here from the angles. */
static int surrounded(int count, const double *angles)
{
    double sorted[8], gap;
    int i, j;
    memcpy(sorted, angles, (size_t)count * sizeof(double));
    for (i = 1; i < count; ++i)
        for (j = i; j > 0 && sorted[j] < sorted[j - 1]; --j) {
            const double swap = sorted[j];
            sorted[j] = sorted[j - 1];
            sorted[j - 1] = swap;
        }
    gap = sorted[0] + 2.0 * acos(-1.0) - sorted[count - 1];
    for (i = 1; i < count; ++i)
        gap = fmax(gap, sorted[i] - sorted[i - 1]);
    return gap < acos(-1.0);
}

START_TEST(hulls_at_random)
{
    uint64_t seed = 5;
    int trial, k, seen[2] = {0, 0};
    for (trial = 0; trial < 5000; ++trial) {
        const int count = 1 + trial % 8;
        double angle[8], v[16];
        int expected;
        for (k = 0; k < count; ++k) {
            const double length = ldexp(1.0, (trial + 7 * k) % 5 - 4);
            angle[k] = acos(-1.0) * (1.0 + unit_random(&seed));
            v[2 * k] = length * cos(angle[k]);
            v[2 * k + 1] = length * sin(angle[k]);
        }
        expected = surrounded(count, angle);
        ++seen[expected];
        check_hull(count, v, expected, RFI_CLEAR);
    }
    ck_assert(seen[0] > 1000 && seen[1] > 1000);
}
END_TEST

static const TTest *const *const tests[] = {
    &sums_keep_both_parts,  &products,         &quotients,
    &lines_by_hand,         &lines_of_a_leaky_neuron,
    &lines_are_sorted,      &too_wide,         &solves_ill_conditioned,
    &ranks,                 &zeros,            &hulls_by_hand,
    &hulls_at_random,
};
UNIT_MAIN("plane sums", tests)
