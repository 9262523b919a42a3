/* test_landscape_complete.c: no stationary point is left out.  Every cone and every ray of small
 * problems is looked at by itself, in long double and from the definition; what is stationary there
 * by a clear margin must be listed, and a landscape turned by 90 degrees must be the same.
 * SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "plane_data.h"

#include <math.h>
#include <stdlib.h>

enum { SEEDS = 600, MOST = 16 };

/* What is closer to a tie than this part of its size is not asked for. */
static const long double clear = 1e-9L;

/* A ray of a kink: its direction and a row of its line. */
typedef struct {
    double q[2], angle;
    int64_t row;
} kink_ray;

typedef struct {
    enum plane_kind kind;
    const problem *p;
    plane_list list;
    kink_ray ray[2 * MOST];
    int rays;
} scene;

static int by_angle(const void *a, const void *b)
{
    double x = ((const kink_ray *)a)->angle, y = ((const kink_ray *)b)->angle;

    return (x > y) - (x < y);
}

static void find_rays(scene *s)
{
    const problem *p = s->p;

    s->rays = 0;
    for (int64_t i = 0; i < p->n && p->activation != RF_LINEAR; i++) {
        const double *x = p->X + 2 * i;
        int known = x[0] == 0 && x[1] == 0;

        for (int64_t k = 0; k < i && !known; k++)
            known = plane_parallel(p, i, k);
        for (int side = -1; side <= 1 && !known; side += 2) {
            kink_ray *r = &s->ray[s->rays++];

            r->q[0] = -side * x[1];
            r->q[1] = side * x[0];
            r->angle = atan2(r->q[1], r->q[0]);
            r->row = i;
        }
    }
    qsort(s->ray, (size_t)s->rays, sizeof *s->ray, by_angle);
}

/* The number of listed points of the kind within the tolerance of w (dead cones: with the first ray
 * along w; rays: along w). */
static int listed(const scene *s, int32_t kind, const double *w, double tolerance)
{
    int count = 0;

    for (int64_t i = 0; i < s->list.count; i++) {
        const rf_stationary_point *q = &s->list.point[i];
        const double *at = q->kind == RF_POINT_KINK_RAY ? q->direction : q->w;

        count += q->kind == kind && test_distance(at, w, 2) <= tolerance;
    }
    return count;
}

static void must_list(const scene *s, int32_t kind, long double x, long double y)
{
    const double w[] = {(double)x, (double)y};
    int count = listed(s, kind, w, 1e-10 * test_norm(w, 2));

    plane_check(s->kind, s->p->seed, count == 1, "kind %d at (%.17g, %.17g) is listed %d times",
                (int)kind, w[0], w[1], count);
}

static long double cross(const long double *w, const double *q)
{
    return (w[0] * q[1] - w[1] * q[0]) / hypotl(q[0], q[1]);
}

/* The cone from ray k to the next, u a direction inside it. */
static void visit_cone(const scene *s, const kink_ray *from, const kink_ray *to, const double *u)
{
    long double H[3], b[2], det, trace, w[2];

    plane_quadratic(s->p, u, -1, H, b);
    trace = H[0] + H[2];
    det = H[0] * H[2] - H[1] * H[1];
    if (trace == 0) {
        must_list(s, RF_POINT_DEAD_CONE, from->q[0] / hypotl(from->q[0], from->q[1]),
                  from->q[1] / hypotl(from->q[0], from->q[1]));
    } else if (det > 1e-6L * trace * trace) {
        w[0] = (b[0] * H[2] - b[1] * H[1]) / det;
        w[1] = (b[1] * H[0] - b[0] * H[1]) / det;
        if (-cross(w, from->q) > clear * hypotl(w[0], w[1])
            && cross(w, to->q) > clear * hypotl(w[0], w[1]))
            must_list(s, RF_POINT_INTERIOR_MINIMUM, w[0], w[1]);
    } else if (det <= 1e-15L * trace * trace) {
        /* rank one, H = trace a a^T: the line of minima meets the cone if it is on the side of u */
        w[0] = (H[0] * b[0] + H[1] * b[1]) / (trace * trace);
        w[1] = (H[1] * b[0] + H[2] * b[1]) / (trace * trace);
        if (w[0] * u[0] + w[1] * u[1] > clear * hypotl(w[0], w[1]) * hypotl(u[0], u[1]))
            must_list(s, RF_POINT_FLAT_MINIMUM, w[0], w[1]);
    }
}

/* A ray: the minimum of the other data along it, and the velocities across it there. */
static void visit_ray(const scene *s, const kink_ray *r)
{
    const double *q = r->q, *x = s->p->X + 2 * r->row;
    long double H[3], b[2], bend, push, rho, across, low, high, size, trace;
    double minus, plus;

    plane_quadratic(s->p, q, r->row, H, b);
    plane_jump(s->p, r->row, &minus, &plus);
    trace = H[0] + H[2];
    size = (long double)q[0] * q[0] + (long double)q[1] * q[1];
    bend = (H[0] * q[0] + 2 * H[1] * q[1]) * q[0] + H[2] * q[1] * q[1];
    push = b[0] * q[0] + b[1] * q[1];
    if (trace > 0 && bend <= 1e-6L * trace * size)
        return;
    rho = trace > 0 ? push / bend : 0;
    across = x[0] * (b[0] - rho * (H[0] * q[0] + H[1] * q[1]))
             + x[1] * (b[1] - rho * (H[1] * q[0] + H[2] * q[1]));
    low = across + fminl(minus, plus) * size;
    high = across + fmaxl(minus, plus) * size;
    if (!(low < -clear * (fabsl(low) + fabsl(high)) && high > clear * (fabsl(low) + fabsl(high))))
        return;
    if (trace == 0)
        must_list(s, RF_POINT_KINK_RAY, q[0] / sqrtl(size), q[1] / sqrtl(size));
    else if (push > clear * hypotl(b[0], b[1]) * sqrtl(size))
        must_list(s, plus < minus ? RF_POINT_KINK_MINIMUM : RF_POINT_KINK_SADDLE, rho * q[0],
                  rho * q[1]);
}

static void inside_of(const kink_ray *from, const kink_ray *to, double *u)
{
    double end = to->angle + (to->angle <= from->angle ? 2 * acos(-1) : 0);

    u[0] = cos(0.5 * (from->angle + end));
    u[1] = sin(0.5 * (from->angle + end));
}

static void scene_make(scene *s, enum plane_kind kind, uint64_t seed)
{
    problem *p = plane_make(kind, seed);
    rf_model *model = problem_model(p);

    s->kind = kind;
    s->p = p;
    s->list = plane_points(model);
    find_rays(s);
    rf_model_free(model);
}

static void scene_free(scene *s)
{
    plane_free(&s->list);
    problem_free((problem *)s->p);
}

START_TEST(nothing_left_out)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        scene s;

        scene_make(&s, (enum plane_kind)_i, seed);
        for (int k = 0; k < s.rays; k++) {
            const kink_ray *from = &s.ray[k], *to = &s.ray[(k + 1) % s.rays];
            double u[2];

            inside_of(from, to, u);
            visit_cone(&s, from, to, u);
            visit_ray(&s, from);
        }
        scene_free(&s);
    }
}
END_TEST

/* 0 is in the convex hull of the vectors b of the cones unless they leave a gap of more than 180
 * degrees between neighbours; -1 if that is not clear. */
static int surrounded(const scene *s)
{
    double angle[2 * MOST], gap = 2 * acos(-1);
    int count = 0;

    for (int k = 0; k < s->rays; k++) {
        long double H[3], b[2];
        double u[2];

        inside_of(&s->ray[k], &s->ray[(k + 1) % s->rays], u);
        plane_quadratic(s->p, u, -1, H, b);
        if (b[0] == 0 && b[1] == 0)
            return 1;
        if (hypotl(b[0], b[1]) < 1e-9L)
            return -1;
        angle[count++] = atan2((double)b[1], (double)b[0]);
    }
    for (int k = 0; k < count; k++) { /* the gap after vector k */
        double next = 2 * acos(-1);

        for (int j = 0; j < count; j++) {
            double turn = angle[j] - angle[k];

            turn += turn < 0 ? 2 * acos(-1) : 0;
            next = turn > 1e-9 && turn < 2 * acos(-1) - 1e-9 ? fmin(next, turn) : next;
        }
        gap = k == 0 ? next : fmax(gap, next);
    }
    return fabs(gap - acos(-1)) < 1e-8 ? -1 : gap < acos(-1);
}

START_TEST(origin_by_angles)
{
    int seen[2] = {0, 0};

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        scene s;
        int expected;

        scene_make(&s, (enum plane_kind)_i, seed);
        expected = s.rays > 0 ? surrounded(&s) : -1;
        if (expected >= 0) {
            seen[expected]++;
            plane_check(s.kind, seed, (s.list.point[0].flags & 1) == expected,
                        "the origin has flags %d", (int)s.list.point[0].flags);
        }
        scene_free(&s);
    }
    /* With positive labels u.b > 0 in all cones is impossible: in that of -u it is negative. */
    ck_assert(_i == PLANE_LINEAR || seen[1] > SEEDS / 50);
    ck_assert(_i == PLANE_LINEAR || (_i == PLANE_POSITIVE ? seen[0] == 0 : seen[0] > SEEDS / 50));
}
END_TEST

/* (x, y) -> (-y, x) is exact. */
static void turn(double *v)
{
    double x = v[0];

    v[0] = -v[1];
    v[1] = x;
}

/* The data and the point turned; the sign of a direction of a line is free.  Near 0 a loss keeps
 * the rounding of its terms, which are those of w . grad L, in twice the working precision. */
static int same_turned(const problem *p, const rf_stationary_point *a,
                       const rf_stationary_point *b)
{
    rf_stationary_point t = *a;
    double size = test_norm(a->w, 2), lowest;

    turn(t.w);
    turn(t.direction);
    if (t.kind == RF_POINT_FLAT_MINIMUM && test_dot(t.direction, b->direction, 2) < 0) {
        double low = t.range[0];

        t.range[0] = -t.range[1];
        t.range[1] = -low;
        t.direction[0] = -t.direction[0];
        t.direction[1] = -t.direction[1];
    }
    lowest = 64 * TEST_EPS * TEST_EPS * size * problem_gradient_size(p, size);
    for (int k = 0; k < 2; k++)
        if (t.range[k] != b->range[k]
            && !(fabs(t.range[k] - b->range[k]) <= 8 * TEST_EPS * (size + fabs(t.range[k]))))
            return 0;
    return t.kind == b->kind && t.flags == b->flags && t.datum == b->datum
           && test_distance(t.w, b->w, 2) <= 4 * TEST_EPS * size
           && test_distance(t.direction, b->direction, 2) <= 4 * TEST_EPS
           && fabs(t.theta - b->theta) <= 4 * TEST_EPS
           && fabs(t.loss - b->loss) <= 4 * TEST_EPS * t.loss + lowest;
}

START_TEST(quarter_turn)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        scene s;
        problem *p;
        rf_model *model;
        plane_list list;

        scene_make(&s, (enum plane_kind)_i, seed);
        p = problem_copy(s.p);
        for (int64_t i = 0; i < p->n; i++)
            turn(p->X + 2 * i);
        model = problem_model(p);
        list = plane_points(model);
        plane_check(s.kind, seed, list.count == s.list.count, "%d points, turned %d",
                    (int)s.list.count, (int)list.count);
        for (int64_t i = 0; i < list.count; i++) {
            int found = 0;

            for (int64_t k = 0; k < list.count; k++)
                found += same_turned(p, &s.list.point[i], &list.point[k]);
            plane_check(s.kind, seed, found == 1 || s.rays == 0,
                        "point %d of kind %d is there %d times", (int)i,
                        (int)s.list.point[i].kind, found);
        }
        plane_free(&list);
        rf_model_free(model);
        problem_free(p);
        scene_free(&s);
    }
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"nothing left out", nothing_left_out, PLANE_KIND_COUNT},
        {"origin by angles", origin_by_angles, PLANE_KIND_COUNT},
        {"quarter turn", quarter_turn, PLANE_KIND_COUNT},
    };

    return run_tests("property landscape complete", entries, sizeof entries / sizeof *entries);
}
