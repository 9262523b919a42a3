/* test_landscape.c: limits of trajectories are listed points, and listed points are what they are
 * said
 * to be, by the definition of the loss. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "plane_data.h"

#include <math.h>
#include <stdlib.h>

enum { SEEDS = 240, STARTS = 5 }; /* 9 kinds: 10800 trajectories */

/* ---- limits ---- */

/* The smallest singular value that is not 0 of diag(sqrt c sigma') X, all data on the sides of
 * w. */
static double least_singular(const problem *p, const double *w)
{
    long double H[3], b[2], det, mean, largest;

    plane_quadratic(p, w, -1, H, b);
    det = H[0] * H[2] - H[1] * H[1];
    mean = (H[0] + H[2]) / 2;
    largest = mean + sqrtl(fmaxl(mean * mean - det, 0));
    return (double)sqrtl(det > 1e-17L * mean * mean ? det / largest : largest);
}

/* The same along the kink of row k, of the data off it. */
static double along_kink(const problem *p, const double *w, int64_t k)
{
    const double *x = p->X + 2 * k;
    long double H[3], b[2], square;

    plane_quadratic(p, w, k, H, b);
    square = (H[0] * x[1] - H[1] * x[0]) * x[1] + (H[2] * x[0] - H[1] * x[1]) * x[0];
    return (double)sqrtl(fmaxl(square, 0)) / test_norm(x, 2);
}

/* How far the limit w of a run may be off.  Where the flow ends it has solved a least squares
 * problem with singular values from s_1 down to s, of diag(sqrt c sigma') X or of its part along a
 * kink, to a backward error of 45 roundings (1e-14) for each of its segments.  By Wedin's theorem
 * |dw| <= (kappa |w| + kappa^2 |r|/s_1) times that,    kappa = s_1/s, r the residual; what it does
 * not determine keeps the rounding of the way, |w0| and |w|. */
static double tolerance_of(const problem *p, const double *w, int64_t events)
{
    double size = fmax(test_norm(w, 2), test_norm(p->w0, 2)), s = least_singular(p, w);
    double trace = 0, kappa;

    for (int64_t i = 0; i < p->n; i++) {
        double norm = test_norm(p->X + 2 * i, 2), other;

        trace += problem_weight(p, i) * norm * norm;
        if (fabs(test_dot(p->X + 2 * i, w, 2)) > 1e-9 * norm * size || norm == 0)
            continue;
        other = along_kink(p, w, i);
        s = other > 0 && (other < s || s == 0) ? other : s;
    }
    kappa = s > 0 ? sqrt(trace) / s : 1;
    if (trace > 0)
        size += kappa * sqrt(2 * problem_loss(p, w) / trace);
    return 1e-14 * (double)(1 + events) * kappa * size;
}

static void check_limit(enum plane_kind kind, const problem *p, rf_model *model,
                        const plane_list *list, int *sharp)
{
    double w[2], nearest = INFINITY, tolerance;

    ck_assert_int_eq(rf_model_init(model, p->w0, 2), RF_OK);
    ck_assert_int_eq(rf_model_integrate(model, INFINITY), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, w, 2), RF_OK);
    tolerance = tolerance_of(p, w, rf_model_event_count(model));
    for (int64_t i = 0; i < list->count; i++)
        nearest = fmin(nearest, plane_distance(&list->point[i], w));
    plane_check(kind, p->seed, nearest <= tolerance,
                "from (%.17g, %.17g) the limit (%.17g, %.17g) is %g from all points, bound %g",
                p->w0[0], p->w0[1], w[0], w[1], nearest, tolerance);
    *sharp += tolerance <= 1e-8 * (test_norm(w, 2) + test_norm(p->w0, 2) + 1e-300);
}

START_TEST(limits_are_listed)
{
    enum plane_kind kind = (enum plane_kind)_i;
    int sharp = 0;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        problem *p = plane_make(kind, seed);
        random_source source = random_seed(seed);
        rf_model *model = problem_model(p);
        plane_list list = plane_points(model);

        for (int start = 0; start < STARTS; start++) {
            check_limit(kind, p, model, &list, &sharp);
            plane_start(p, kind, &source);
        }
        plane_free(&list);
        rf_model_free(model);
        problem_free(p);
    }
    ck_assert_int_ge(sharp, SEEDS * STARTS * 9 / 10); /* the bound is rarely vacuous */
}
END_TEST

/* ---- points ---- */

/* L(w) may be off by the rounding of w, 2 eps |w| |grad| in each term, and that of the sum. */
static double loss_error(const problem *p, const double *w)
{
    double size = test_norm(w, 2);

    return 8 * TEST_EPS * (problem_loss(p, w) + size * problem_gradient_size(p, size));
}

static void check_loss(enum plane_kind kind, const problem *p, const rf_stationary_point *q,
                       const double *w)
{
    plane_check(kind, p->seed, fabs(q->loss - problem_loss(p, w)) <= loss_error(p, w),
                "kind %d: loss %.17g, at (%g, %g) it is %.17g", (int)q->kind, q->loss, w[0], w[1],
                problem_loss(p, w));
}

/* The velocity at w, theta on the line of q->datum, is 0: w is rounded, its parts to 2 eps |w|. */
static void check_velocity(enum plane_kind kind, const problem *p, const rf_stationary_point *q,
                           const double *w, double theta)
{
    double v[2], minus, plus, bound = 8 * TEST_EPS * problem_gradient_size(p, test_norm(w, 2));

    plane_velocity(p, w, w, q->datum, v);
    if (q->datum >= 0) {
        plane_jump(p, q->datum, &minus, &plus);
        for (int k = 0; k < 2; k++)
            v[k] += (minus + theta * (plus - minus)) * p->X[2 * q->datum + k];
    }
    plane_check(kind, p->seed, test_norm(v, 2) <= bound,
                "kind %d at (%.17g, %.17g): velocity %g, bound %g", (int)q->kind, w[0], w[1],
                test_norm(v, 2), bound);
}

/* Nowhere near w, as far as there is no other kink, is the loss smaller. */
static void check_minimum(enum plane_kind kind, const problem *p, const rf_stationary_point *q,
                          const double *w)
{
    double step = 1e-3 * test_norm(w, 2), here = problem_loss(p, w);

    for (int64_t i = 0; i < p->n && p->activation != RF_LINEAR; i++) {
        const double *x = p->X + 2 * i;

        if (test_norm(x, 2) > 0 && (q->datum < 0 || !plane_parallel(p, i, q->datum)))
            step = fmin(step, 0.5 * fabs(test_dot(x, w, 2)) / test_norm(x, 2));
    }
    for (int k = 0; k < 24; k++) {
        const double u[] = {w[0] + step * cos(0.2618 * k), w[1] + step * sin(0.2618 * k)};

        plane_check(kind, p->seed, problem_loss(p, u) >= here - loss_error(p, w),
                    "kind %d at (%g, %g) is no minimum", (int)q->kind, w[0], w[1]);
    }
}

static void check_interior(enum plane_kind kind, const problem *p, const rf_stationary_point *q)
{
    plane_check(kind, p->seed, q->datum == -1 && q->theta == 0, "datum %d", (int)q->datum);
    check_velocity(kind, p, q, q->w, 0);
    check_loss(kind, p, q, q->w);
    check_minimum(kind, p, q, q->w);
}

/* A finite point of the range that is inside it: a share of the way. */
static double inside(const double *range, double share)
{
    if (isinf(range[0]))
        return isinf(range[1]) ? tan(3 * (share - 0.5)) : range[1] - share / (1 - share);
    if (isinf(range[1]))
        return range[0] + share / (1 - share);
    return range[0] + share * (range[1] - range[0]);
}

static void check_flat(enum plane_kind kind, const problem *p, const rf_stationary_point *q)
{
    plane_check(kind, p->seed, fabs(test_norm(q->direction, 2) - 1) <= 2 * TEST_EPS,
                "length of the direction %.17g", test_norm(q->direction, 2));
    plane_check(kind, p->seed,
                fabs(test_dot(q->w, q->direction, 2)) <= 4 * TEST_EPS * test_norm(q->w, 2),
                "the point (%g, %g) is not that of least norm", q->w[0], q->w[1]);
    for (int k = 1; k < 8; k++) {
        double s = inside(q->range, k / 8.0);
        const double w[] = {q->w[0] + s * q->direction[0], q->w[1] + s * q->direction[1]};

        check_velocity(kind, p, q, w, 0);
        check_loss(kind, p, q, w);
        check_minimum(kind, p, q, w);
    }
    for (int k = 0; k < 2; k++) { /* a finite end is on a kink */
        const double w[] = {q->w[0] + q->range[k] * q->direction[0],
                            q->w[1] + q->range[k] * q->direction[1]};
        int on_kink = isinf(q->range[k]);

        for (int64_t i = 0; i < p->n && !on_kink; i++) {
            const double *x = p->X + 2 * i, size = test_norm(q->w, 2) + fabs(q->range[k]);

            on_kink = fabs(test_dot(x, w, 2)) <= 8 * TEST_EPS * test_norm(x, 2) * size;
        }
        plane_check(kind, p->seed, on_kink, "end %g is on no kink", q->range[k]);
    }
}

static void check_kink(enum plane_kind kind, const problem *p, const rf_stationary_point *q)
{
    const double *x = p->X + 2 * q->datum;
    double minus, plus, scale = problem_gradient_size(p, 0) / test_norm(x, 2);
    int sign;

    plane_jump(p, q->datum, &minus, &plus);
    sign = fabs(plus - minus) <= 8 * TEST_EPS * scale ? 0 : plus > minus ? 1 : -1;
    plane_check(kind, p->seed,
                fabs(test_dot(x, q->w, 2)) <= 2 * TEST_EPS * test_norm(x, 2) * test_norm(q->w, 2),
                "(%g, %g) is not on the kink", q->w[0], q->w[1]);
    plane_check(kind, p->seed,
                q->kind == (sign == 0  ? RF_POINT_ZERO_LABEL_MINIMUM
                            : sign > 0 ? RF_POINT_KINK_SADDLE
                                       : RF_POINT_KINK_MINIMUM),
                "kind %d with Gamma %g", (int)q->kind, plus - minus);
    plane_check(kind, p->seed, q->theta >= 0 && q->theta <= 1, "theta %g", q->theta);
    check_velocity(kind, p, q, q->w, q->theta);
    check_loss(kind, p, q, q->w);
    if (sign <= 0)
        check_minimum(kind, p, q, q->w);
}

static void check_ray(enum plane_kind kind, const problem *p, const rf_stationary_point *q)
{
    plane_check(kind, p->seed, q->w[0] == 0 && q->w[1] == 0, "it starts at (%g, %g)", q->w[0],
                q->w[1]);
    for (int k = -2; k <= 2; k++) {
        const double w[] = {ldexp(q->direction[0], 4 * k), ldexp(q->direction[1], 4 * k)};

        check_velocity(kind, p, q, w, q->theta);
        check_loss(kind, p, q, w);
    }
}

/* No datum is active inside, and just outside either ray one is. */
static void check_dead(enum plane_kind kind, const problem *p, const rf_stationary_point *q)
{
    double angle = atan2(q->w[1], q->w[0]), end = atan2(q->direction[1], q->direction[0]);
    int rows = 0, left = 0, right = 0;

    end += end <= angle ? 2 * acos(-1) : 0;
    for (int64_t i = 0; i < p->n; i++) {
        const double *x = p->X + 2 * i, norm = test_norm(x, 2);

        for (int k = 1; k < 8; k++) {
            double a = angle + k / 8.0 * (end - angle);

            plane_check(kind, p->seed, x[0] * cos(a) + x[1] * sin(a) <= 1e-15 * norm,
                        "datum %d is active in the dead cone", (int)i);
        }
        rows += norm > 0;
        left |= x[0] * cos(end + 1e-9) + x[1] * sin(end + 1e-9) > 0;
        right |= x[0] * cos(angle - 1e-9) + x[1] * sin(angle - 1e-9) > 0;
    }
    plane_check(kind, p->seed, rows == 0 || (left && right), "it ends too early: %d, %d", left,
                right);
    check_loss(kind, p, q, q->w);
}

static void check_point(enum plane_kind kind, const problem *p, const rf_stationary_point *q)
{
    switch (q->kind) {
    case RF_POINT_INTERIOR_MINIMUM: check_interior(kind, p, q); break;
    case RF_POINT_FLAT_MINIMUM: check_flat(kind, p, q); break;
    case RF_POINT_KINK_MINIMUM:
    case RF_POINT_KINK_SADDLE:
    case RF_POINT_ZERO_LABEL_MINIMUM: check_kink(kind, p, q); break;
    case RF_POINT_KINK_RAY: check_ray(kind, p, q); break;
    case RF_POINT_DEAD_CONE: check_dead(kind, p, q); break;
    default: plane_check(kind, p->seed, 0, "kind %d", (int)q->kind);
    }
}

static double angle_of(const rf_stationary_point *q)
{
    const double *v = q->w[0] != 0 || q->w[1] != 0 ? q->w : q->direction;
    double angle = atan2(v[1], v[0]);

    return angle < 0 ? angle + 2 * acos(-1) : angle;
}

START_TEST(points_by_definition)
{
    enum plane_kind kind = (enum plane_kind)_i;

    for (uint64_t seed = 1; seed <= 4 * SEEDS; seed++) {
        problem *p = plane_make(kind, seed);
        rf_model *model = problem_model(p);
        plane_list list = plane_points(model);

        plane_check(kind, seed, list.point[0].kind == RF_POINT_ORIGIN, "first kind %d",
                    (int)list.point[0].kind);
        for (int64_t i = 1; i < list.count; i++) {
            check_point(kind, p, &list.point[i]);
            plane_check(kind, seed,
                        i == 1 || p->activation == RF_LINEAR
                            || angle_of(&list.point[i]) >= angle_of(&list.point[i - 1]) - 1e-15,
                        "point %d is out of order", (int)i);
        }
        plane_free(&list);
        rf_model_free(model);
        problem_free(p);
    }
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"limits are listed", limits_are_listed, PLANE_KIND_COUNT},
        {"points by definition", points_by_definition, PLANE_KIND_COUNT},
    };

    return run_tests("property landscape", entries, sizeof entries / sizeof *entries);
}
