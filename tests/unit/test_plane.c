/* test_plane.c: the stationary points of small problems in the plane, worked out by hand.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/plane.h"

typedef struct {
    rf_stationary_point *point;
    int64_t count;
} points;

static points points_of(int64_t n, const double *X, const double *y, int32_t activation,
                        double slope)
{
    rfi_problem p;
    points all = {NULL, 0};
    unit_problem(&p, n, 2, X, y);
    p.activation = activation;
    p.slope = slope;
    rfi_problem_refresh(&p);
    ck_assert_int_eq(rfi_plane_points(&p, &all.point, &all.count), RF_OK);
    rfi_problem_free(&p);
    ck_assert_int_eq(all.point[0].kind, RF_POINT_ORIGIN);
    return all;
}

static void done(points *all)
{
    const rf_allocator a = rfi_allocator_default();
    rfi_free(&a, all->point);
}

/* Point i is expected, to rounding. */
static void check_point(const points *all, int64_t i, const rf_stationary_point *expected)
{
    const rf_stationary_point *p = &all->point[i];
    int k;
    ck_assert_int_lt(i, all->count);
    ck_assert_msg(p->kind == expected->kind && p->flags == expected->flags
                      && p->datum == expected->datum,
                  "point %d: kind %d, flags %d, datum %d; expected %d, %d, %d", (int)i,
                  (int)p->kind, (int)p->flags, (int)p->datum, (int)expected->kind,
                  (int)expected->flags, (int)expected->datum);
    for (k = 0; k < 2; ++k) {
        ck_assert_double_eq_tol(p->w[k], expected->w[k], 1e-15);
        ck_assert_double_eq_tol(p->direction[k], expected->direction[k], 1e-15);
        if (isinf(expected->range[k]))
            ck_assert(p->range[k] == expected->range[k]);
        else
            ck_assert_double_eq_tol(p->range[k], expected->range[k], 1e-15);
    }
    ck_assert_double_eq_tol(p->loss, expected->loss, 1e-15);
    ck_assert_double_eq_tol(p->theta, expected->theta, 1e-15);
}

/* The only point of a kind on the kink of a datum. */
static int64_t find_kink(const points *all, int32_t kind, int64_t datum)
{
    int64_t i, found = -1;
    for (i = 0; i < all->count; ++i)
        if (all->point[i].kind == kind && all->point[i].datum == datum) {
            ck_assert_int_eq(found, -1);
            found = i;
        }
    ck_assert_int_ge(found, 0);
    return found;
}

static void check_points(int64_t n, const double *X, const double *y, int32_t activation,
                         double slope, int64_t count, const rf_stationary_point *expected)
{
    points all = points_of(n, X, y, activation, slope);
    int64_t i;
    ck_assert_int_eq(all.count, count);
    for (i = 0; i < count; ++i)
        check_point(&all, i, &expected[i]);
    done(&all);
}

/* x = (1, 0): dead for w_1 < 0; with a positive label the minima are the line w_1 = y. */
START_TEST(one_row)
{
    const double x[] = {1, 0}, y = 2, negative = -2, none = 0;
    const rf_stationary_point live[] = {
        {RF_POINT_ORIGIN, 1, -1, {0, 0}, {0, 0}, {0, 0}, 2, 0},
        {RF_POINT_FLAT_MINIMUM, 0, -1, {2, 0}, {0, 1}, {-INFINITY, INFINITY}, 0, 0},
        {RF_POINT_DEAD_CONE, 0, -1, {0, 1}, {0, -1}, {0, 0}, 2, 0}};
    const rf_stationary_point dead[] = {{RF_POINT_ORIGIN, 1, -1, {0, 0}, {0, 0}, {0, 0}, 2, 0},
                                        {RF_POINT_DEAD_CONE, 0, -1, {0, 1}, {0, -1}, {0, 0}, 2, 0}};
    const rf_stationary_point zero[] = {{RF_POINT_ORIGIN, 1, -1, {0, 0}, {0, 0}, {0, 0}, 0, 0},
                                        {RF_POINT_DEAD_CONE, 0, -1, {0, 1}, {0, -1}, {0, 0}, 0, 0}};
    check_points(1, x, &y, RF_RELU, 0, 3, live);
    check_points(1, x, &negative, RF_RELU, 0, 2, dead);
    check_points(1, x, &none, RF_RELU, 0, 2, zero);
}
END_TEST

/* Opposite rows on one line.  Labels -1, -3: both sides push to the kink, 0 = v_- + theta Gamma
 * with v_- = 3, Gamma = -4.  Labels 1, 3: both push away, and each side has its line of minima. */
START_TEST(opposite_rows)
{
    const double X[] = {0, 1, 0, -1}, negative[] = {-1, -3}, positive[] = {1, 3};
    const rf_stationary_point held[] = {
        {RF_POINT_ORIGIN, 1, -1, {0, 0}, {0, 0}, {0, 0}, 5, 0},
        {RF_POINT_KINK_RAY, 0, 0, {0, 0}, {1, 0}, {0, 0}, 5, 0.75},
        {RF_POINT_KINK_RAY, 0, 0, {0, 0}, {-1, 0}, {0, 0}, 5, 0.75}};
    const rf_stationary_point pushed[] = {
        {RF_POINT_ORIGIN, 1, -1, {0, 0}, {0, 0}, {0, 0}, 5, 0},
        {RF_POINT_KINK_RAY, 0, 0, {0, 0}, {1, 0}, {0, 0}, 5, 0.75},
        {RF_POINT_FLAT_MINIMUM, 0, -1, {0, 1}, {1, 0}, {-INFINITY, INFINITY}, 4.5, 0},
        {RF_POINT_KINK_RAY, 0, 0, {0, 0}, {-1, 0}, {0, 0}, 5, 0.75},
        {RF_POINT_FLAT_MINIMUM, 0, -1, {0, -3}, {1, 0}, {-INFINITY, INFINITY}, 0.5, 0}};
    check_points(2, X, negative, RF_RELU, 0, 3, held);
    check_points(2, X, positive, RF_RELU, 0, 5, pushed);
}
END_TEST

/* Rows (1,0), (0,1).  Labels 1, -1: on the kink of datum 1 the minimum (1, 0), where datum 1 active
 * pushes back with -1 and inactive with 0: theta = 0, the end of the line of minima w_1 = 1, w_2 <=
 * 0. Labels 1, 2: the interior minimum (1, 2), and the two lines of minima of either datum
 * alone. */
START_TEST(right_angle)
{
    const double X[] = {1, 0, 0, 1}, mixed[] = {1, -1}, positive[] = {1, 2};
    const rf_stationary_point end[] = {
        {RF_POINT_ORIGIN, 1, -1, {0, 0}, {0, 0}, {0, 0}, 1, 0},
        {RF_POINT_FLAT_MINIMUM, 0, -1, {1, 0}, {0, 1}, {-INFINITY, 0}, 0.5, 0},
        {RF_POINT_KINK_MINIMUM, 0, 1, {1, 0}, {0, 0}, {0, 0}, 0.5, 0},
        {RF_POINT_DEAD_CONE, 0, -1, {-1, 0}, {0, -1}, {0, 0}, 1, 0}};
    const rf_stationary_point both[] = {
        {RF_POINT_ORIGIN, 1, -1, {0, 0}, {0, 0}, {0, 0}, 2.5, 0},
        {RF_POINT_FLAT_MINIMUM, 0, -1, {1, 0}, {0, 1}, {-INFINITY, 0}, 2, 0},
        {RF_POINT_INTERIOR_MINIMUM, 0, -1, {1, 2}, {0, 0}, {0, 0}, 0, 0},
        {RF_POINT_FLAT_MINIMUM, 0, -1, {0, 2}, {1, 0}, {-INFINITY, 0}, 0.5, 0},
        {RF_POINT_DEAD_CONE, 0, -1, {-1, 0}, {0, -1}, {0, 0}, 2.5, 0}};
    check_points(2, X, mixed, RF_RELU, 0, 4, end);
    check_points(2, X, positive, RF_RELU, 0, 5, both);
}
END_TEST

/* Rows (1,0), (1,1), (0,1), labels 2, 1, -1.  On the kink of datum 2 (w_2 = 0): the others have
 * their minimum at w_1 = 3/2, where datum 1 pushes along (0,1) with 1 - 3/2 = -1/2; with datum 2
 * active -3/2.  Both below 0: no point.  The minimum of data 0, 1 is (2, -1), in its cone. */
START_TEST(pushed_off)
{
    const double X[] = {1, 0, 1, 1, 0, 1}, y[] = {2, 1, -1};
    points all = points_of(3, X, y, RF_RELU, 0);
    const rf_stationary_point minimum = {
        RF_POINT_INTERIOR_MINIMUM, 0, -1, {2, -1}, {0, 0}, {0, 0}, 0.5, 0};
    int64_t i;
    check_point(&all, all.count - 1, &minimum);
    for (i = 1; i < all.count; ++i)
        ck_assert(all.point[i].kind != RF_POINT_KINK_MINIMUM
                  && all.point[i].kind != RF_POINT_KINK_SADDLE);
    done(&all);
}
END_TEST

/* Rows (1,0), (1,1), (0,1), labels 1, 2, g: on w_2 = 0 the others have their minimum at w_1 = 3/2
 * and push datum 2 up with 2 - 3/2 = 1/2.  g = -2: theta = 1/4, a minimum.  Reflected, rows (1,-1)
 * and g = 2: pushed down with 1/2, theta = 1/4 again, but it repels. */
START_TEST(kink_points)
{
    const double X[] = {1, 0, 1, 1, 0, 1}, y[] = {1, 2, -2};
    const double reflected[] = {1, 0, 1, -1, 0, 1}, z[] = {1, 2, 2};
    const rf_stationary_point minimum = {
        RF_POINT_KINK_MINIMUM, 0, 2, {1.5, 0}, {0, 0}, {0, 0}, 2.25, 0.25};
    const rf_stationary_point saddle = {
        RF_POINT_KINK_SADDLE, 0, 2, {1.5, 0}, {0, 0}, {0, 0}, 2.25, 0.25};
    points all = points_of(3, X, y, RF_RELU, 0);
    check_point(&all, find_kink(&all, RF_POINT_KINK_MINIMUM, 2), &minimum);
    done(&all);
    all = points_of(3, reflected, z, RF_RELU, 0);
    check_point(&all, find_kink(&all, RF_POINT_KINK_SADDLE, 2), &saddle);
    done(&all);
}
END_TEST

/* Rows (1,0), (0,1), (0,-1), labels 2, 0, 0: L = (w_1 - 2)^2/2 + w_2^2/2 for w_1 > 0. */
START_TEST(zero_labels)
{
    const double X[] = {1, 0, 0, 1, 0, -1}, y[] = {2, 0, 0};
    const rf_stationary_point expected[] = {
        {RF_POINT_ORIGIN, 1, -1, {0, 0}, {0, 0}, {0, 0}, 2, 0},
        {RF_POINT_ZERO_LABEL_MINIMUM, 0, 1, {2, 0}, {0, 0}, {0, 0}, 0, 0},
        {RF_POINT_KINK_RAY, 0, 1, {0, 0}, {-1, 0}, {0, 0}, 2, 0}};
    check_points(3, X, y, RF_RELU, 0, 3, expected);
}
END_TEST

/* The linear neuron: one cone.  And rows of zeros: nothing is ever active. */
START_TEST(without_kinks)
{
    const double X[] = {1, 0, 0, 2}, y[] = {3, 4}, same[] = {3, 4, 3, 4}, two[] = {5, 15};
    const double none[] = {0, 0, 0, 0}, zero[] = {0, 0};
    const rf_stationary_point full[] = {
        {RF_POINT_ORIGIN, 0, -1, {0, 0}, {0, 0}, {0, 0}, 12.5, 0},
        {RF_POINT_INTERIOR_MINIMUM, 0, -1, {3, 2}, {0, 0}, {0, 0}, 0, 0}};
    const rf_stationary_point flat[] = {
        {RF_POINT_ORIGIN, 0, -1, {0, 0}, {0, 0}, {0, 0}, 125, 0},
        {RF_POINT_FLAT_MINIMUM, 0, -1, {1.2, 1.6}, {-0.8, 0.6}, {-INFINITY, INFINITY}, 25, 0}};
    const rf_stationary_point start[] = {
        {RF_POINT_ORIGIN, 1, -1, {0, 0}, {0, 0}, {0, 0}, 0, 0},
        {RF_POINT_INTERIOR_MINIMUM, 0, -1, {0, 0}, {0, 0}, {0, 0}, 0, 0}};
    const rf_stationary_point dead[] = {
        {RF_POINT_ORIGIN, 1, -1, {0, 0}, {0, 0}, {0, 0}, 12.5, 0},
        {RF_POINT_DEAD_CONE, 0, -1, {1, 0}, {-1, 0}, {0, 0}, 12.5, 0},
        {RF_POINT_DEAD_CONE, 0, -1, {-1, 0}, {1, 0}, {0, 0}, 12.5, 0}};
    check_points(2, X, y, RF_LINEAR, 1, 2, full);
    check_points(2, same, two, RF_LINEAR, 1, 2, flat);
    check_points(2, X, zero, RF_LINEAR, 1, 2, start);
    check_points(2, none, y, RF_LINEAR, 1, 3, dead);
    check_points(2, none, y, RF_RELU, 0, 3, dead);
    check_points(2, none, y, RF_LEAKY_RELU, 0.5, 3, dead);
}
END_TEST

/* A leaky neuron has no dead cone: x = (1,0), y = 1 has its minima at w_1 = 1; y = -1 at w_1 =
 * -2. */
START_TEST(leaky)
{
    const double x[] = {1, 0}, y = 1, negative = -1;
    const rf_stationary_point up[] = {
        {RF_POINT_ORIGIN, 0, -1, {0, 0}, {0, 0}, {0, 0}, 0.5, 0},
        {RF_POINT_FLAT_MINIMUM, 0, -1, {1, 0}, {0, 1}, {-INFINITY, INFINITY}, 0, 0}};
    const rf_stationary_point down[] = {
        {RF_POINT_ORIGIN, 0, -1, {0, 0}, {0, 0}, {0, 0}, 0.5, 0},
        {RF_POINT_FLAT_MINIMUM, 0, -1, {-2, 0}, {0, 1}, {-INFINITY, INFINITY}, 0, 0}};
    check_points(1, x, &y, RF_LEAKY_RELU, 0.5, 2, up);
    check_points(1, x, &negative, RF_LEAKY_RELU, 0.5, 2, down);
}
END_TEST

/* Rows (1,0), (0,1), (-1,-1) cover the plane, and positive labels pull w out of the origin in
 * directions that surround 0.  Rows (1,0), (1,1), (-1,0) with labels 1, 1, -1: the cones with data
 * {0,1}, {1,2}, {2}, {0} active have b = (2,1), (2,1), (1,0), (1,0), all to the right. */
START_TEST(origin_by_hand)
{
    const double X[] = {1, 0, 0, 1, -1, -1}, y[] = {1, 1, 1};
    const double right[] = {1, 0, 1, 1, -1, 0}, z[] = {1, 1, -1};
    points all = points_of(3, X, y, RF_RELU, 0);
    ck_assert_int_eq(all.point[0].flags, 1);
    done(&all);
    all = points_of(3, right, z, RF_RELU, 0);
    ck_assert_int_eq(all.point[0].flags, 0);
    done(&all);
}
END_TEST

/* Powers of two leave every bit: X by 2^a, y by 2^b, c by 2^(2k). */
START_TEST(scales_exactly)
{
    enum { COUNT = 12 };
    const int a[] = {0, 300, -300, 480}, b[] = {0, -200, 200, 400}, k[] = {0, 100, -250, -400};
    double X[2 * COUNT], y[COUNT], scaled[2 * COUNT], labels[COUNT];
    uint64_t seed = 11;
    int trial, i, t;
    for (trial = 0; trial < 20; ++trial) {
        points plain;
        unit_fill(&seed, X, 2 * COUNT);
        unit_fill(&seed, y, COUNT);
        plain = points_of(COUNT, X, y, RF_RELU, 0);
        for (t = 1; t < 4; ++t) {
            points all = {NULL, 0};
            rfi_problem p;
            for (i = 0; i < 2 * COUNT; ++i)
                scaled[i] = ldexp(X[i], a[t]);
            for (i = 0; i < COUNT; ++i)
                labels[i] = ldexp(y[i], b[t]);
            unit_problem(&p, COUNT, 2, scaled, labels);
            for (i = 0; i < COUNT; ++i)
                p.c[i] = ldexp(1.0, 2 * k[t]);
            rfi_problem_refresh(&p);
            ck_assert_int_eq(rfi_plane_points(&p, &all.point, &all.count), RF_OK);
            ck_assert_int_eq(all.count, plain.count);
            for (i = 0; i < all.count; ++i) {
                const rf_stationary_point *u = &plain.point[i], *v = &all.point[i];
                const int units = u->kind == RF_POINT_DEAD_CONE ? 0 : b[t] - a[t];
                ck_assert(u->kind == v->kind && u->flags == v->flags && u->datum == v->datum);
                ck_assert(v->w[0] == ldexp(u->w[0], units) && v->w[1] == ldexp(u->w[1], units));
                ck_assert(v->range[0] == ldexp(u->range[0], units));
                ck_assert(v->loss == ldexp(u->loss, 2 * (b[t] + k[t])));
                ck_assert(v->theta == u->theta && v->direction[0] == u->direction[0]);
            }
            done(&all);
            rfi_problem_free(&p);
        }
        done(&plain);
    }
}
END_TEST

/* x = 1e-200, y = 1e200: w = 1e400; the other way 1e-400; a loss of 1e400. */
START_TEST(out_of_range)
{
    const double tiny[] = {1e-200, 0}, huge[] = {1e200, 0}, up = 1e200, down = 1e-200,
                 one[] = {1, 0};
    rf_stationary_point *point = NULL;
    int64_t count = 0;
    rfi_problem p;
    unit_problem(&p, 1, 2, tiny, &up);
    ck_assert_int_eq(rfi_plane_points(&p, &point, &count), RF_ERROR_NUMERICAL);
    rfi_problem_free(&p);
    unit_problem(&p, 1, 2, huge, &down);
    ck_assert_int_eq(rfi_plane_points(&p, &point, &count), RF_ERROR_NUMERICAL);
    rfi_problem_free(&p);
    unit_problem(&p, 1, 2, one, &up);
    ck_assert_int_eq(rfi_plane_points(&p, &point, &count), RF_ERROR_NUMERICAL);
    rfi_problem_free(&p);
    ck_assert(point == NULL && count == 0);
}
END_TEST

/* Labels of a teacher (1, 0), two of them on its kink: an exact tie.  With one label off by 1e-15
 * rounding decides on which side of the kink the minimum is: it is listed, and said to be
 * doubtful. */
START_TEST(near_ties)
{
    const double X[] = {1, 1, 1, -1, 0, 1, 0, -1};
    double y[] = {1, 1, 0, 0};
    points all = points_of(4, X, y, RF_RELU, 0);
    int64_t i, found = 0;
    for (i = 0; i < all.count; ++i)
        ck_assert_int_eq(all.point[i].flags & RF_FLAG_DOUBTFUL, 0);
    ck_assert_int_ge(find_kink(&all, RF_POINT_ZERO_LABEL_MINIMUM, 2), 1);
    done(&all);
    y[0] = 1.0 + 1e-15;
    all = points_of(4, X, y, RF_RELU, 0);
    for (i = 0; i < all.count; ++i)
        if (fabs(all.point[i].w[0] - 1.0) < 1e-14 && fabs(all.point[i].w[1]) < 1e-14) {
            ck_assert_int_eq(all.point[i].flags, RF_FLAG_DOUBTFUL);
            ++found;
        }
    ck_assert_int_ge(found, 1);
    done(&all);
}
END_TEST

/* ---- memory ---- */

typedef struct {
    int64_t live, left;
} counted;

static void *count_up(size_t size, void *user)
{
    counted *c = user;
    if (c->left == 0)
        return NULL;
    --c->left;
    ++c->live;
    return malloc(size);
}

static void count_down(void *block, void *user)
{
    counted *c = user;
    c->live -= block != NULL;
    free(block);
}

/* Every allocation fails once; nothing is left behind. */
START_TEST(no_memory)
{
    enum { COUNT = 60 };
    double X[2 * COUNT], y[COUNT];
    counted memory = {0, -1};
    const rf_allocator allocator = {count_up, count_down, &memory};
    rfi_data_source source = {COUNT, 2, X, 2, 1, y, 0, 0};
    rfi_data *data = NULL;
    rfi_problem p;
    rf_stationary_point *point = NULL;
    uint64_t seed = 17;
    int64_t before, count = 0, k;
    rf_status status = RF_ERROR_MEMORY;
    unit_fill(&seed, X, 2 * COUNT);
    unit_fill(&seed, y, COUNT);
    ck_assert_int_eq(rfi_data_create(&source, &allocator, &data, NULL), RF_OK);
    ck_assert_int_eq(rfi_problem_create(&p, data), RF_OK);
    rfi_data_release(data);
    before = memory.live;
    for (k = 0; status == RF_ERROR_MEMORY; ++k) {
        memory.left = k;
        status = rfi_plane_points(&p, &point, &count);
        ck_assert_int_eq(memory.live, before + (status == RF_OK));
    }
    ck_assert_int_eq(status, RF_OK);
    ck_assert_int_ge(k, 4); /* the lines, the sums, the list and its growth */
    rfi_free(&allocator, point);
    rfi_problem_free(&p);
    ck_assert_int_eq(memory.live, 0);
}
END_TEST

static const TTest *const *const tests[] = {
    &one_row,       &opposite_rows, &right_angle,    &pushed_off,     &kink_points,
    &zero_labels,   &without_kinks, &leaky,          &origin_by_hand, &scales_exactly,
    &out_of_range,  &near_ties,     &no_memory,
};
UNIT_MAIN("plane", tests)
