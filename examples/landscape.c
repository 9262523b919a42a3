/* landscape.c: all stationary points of the loss of a neuron in the plane.
 * SPDX-License-Identifier: MIT
 *
 * Rows (1,0), (0,1), (1,-1) with labels 2, 1, 3.  With all three active the minimum is (8/3, 1/3),
 * with the first and the last (2, -1); between them, on the kink of the second, (5/2, 0) repels:
 * there the others push it down with 1/2, and it pushes up with 1 where it is active, so theta is
 * 1/2.  Where the second or the third alone is active the minima fill a half line each, w_2 = 1 and
 * w_1 - w_2 = 3, and where none is, between the rays (-1,0) and (-1,-1), the neuron is dead.
 */
#include <math.h>
#include <stdio.h>

#include <reluflow/reluflow.h>

static int failures = 0;

static void check(const char *what, int right)
{
    if (!right) {
        printf("WRONG: %s\n", what);
        failures++;
    }
}

static int close_to(double value, double expected)
{
    return value == expected || fabs(value - expected) <= 1e-14 * (1 + fabs(expected));
}

/* What the points must be, in the order of the list: counterclockwise. */
typedef struct {
    int kind;
    double w[2], loss;
} expectation;

static const expectation expected[] = {
    {RF_POINT_ORIGIN, {0, 0}, 7},
    {RF_POINT_KINK_SADDLE, {2.5, 0}, 0.75},
    {RF_POINT_INTERIOR_MINIMUM, {8.0 / 3, 1.0 / 3}, 2.0 / 3},
    {RF_POINT_FLAT_MINIMUM, {0, 1}, 6.5},
    {RF_POINT_DEAD_CONE, {-1, 0}, 7},
    {RF_POINT_FLAT_MINIMUM, {1.5, -1.5}, 2.5},
    {RF_POINT_INTERIOR_MINIMUM, {2, -1}, 0.5},
};

enum { POINTS = sizeof expected / sizeof *expected };

static void print_point(const rf_stationary_point *p)
{
    static const char *const names[] = {
        "", "minimum", "line of minima", "minimum on a kink", "saddle on a kink",
        "minimum on a zero label's kink", "ray on a kink", "dead cone", "origin"
    };
    printf("%-17s w = (%.6g, %.6g), loss %.6g", names[p->kind], p->w[0], p->w[1], p->loss);
    if (p->kind == RF_POINT_FLAT_MINIMUM) {
        printf(", + s (%.6g, %.6g), s from %.6g to %.6g", p->direction[0], p->direction[1],
               p->range[0], p->range[1]);
    }
    if (p->kind == RF_POINT_DEAD_CONE) {
        printf(", to (%.6g, %.6g)", p->direction[0], p->direction[1]);
    }
    if (p->kind == RF_POINT_KINK_SADDLE) {
        printf(", datum %d, theta %.6g", (int)p->datum, p->theta);
    }
    printf("\n");
}

static void check_point(const rf_stationary_point *p, const expectation *e)
{
    check("kind", p->kind == e->kind);
    check("w", close_to(p->w[0], e->w[0]) && close_to(p->w[1], e->w[1]));
    check("loss", close_to(p->loss, e->loss));
    check("not doubtful", (p->flags & RF_FLAG_DOUBTFUL) == 0);
    if (p->kind == RF_POINT_ORIGIN) {
        check("the origin is stationary, as the edge of the dead cone", p->flags == 1);
    }
    if (p->kind == RF_POINT_KINK_SADDLE) {
        check("kink", p->datum == 1 && close_to(p->theta, 0.5));
    }
    if (p->kind == RF_POINT_DEAD_CONE) {
        check("its end", close_to(p->direction[0], -sqrt(0.5))
              && close_to(p->direction[1], -sqrt(0.5)));
    }
    if (p->kind == RF_POINT_FLAT_MINIMUM) { /* the half lines end on the axes */
        double s = p->range[1];
        check("end", p->range[0] == -INFINITY
              && (close_to(p->w[0] + s * p->direction[0], 0)));
    }
}

/* From either side of the saddle the flow ends in another minimum, a listed point. */
static void run(rf_model *model, double w1, const double *limit)
{
    const double w0[] = {3, w1};
    double w[2] = {NAN, NAN};
    check("run", rf_model_init(model, w0, 2) == RF_OK
          && rf_model_integrate(model, INFINITY) == RF_OK
          && rf_model_query(model, RF_WEIGHTS, w, 2) == RF_OK);
    check("limit", close_to(w[0], limit[0]) && close_to(w[1], limit[1]));
    printf("from (3, %g) to (%.6g, %.6g)\n", w1, w[0], w[1]);
}

int main(void)
{
    const double X[] = {1, 0, 0, 1, 1, -1}, y[] = {2, 1, 3};
    rf_model *model = NULL;
    rf_landscape *landscape = NULL;
    int i;
    if (rf_model_create(3, 2, X, y, &model) != RF_OK
        || rf_landscape_create(model, &landscape) != RF_OK) {
        rf_model_free(model);
        return 1;
    }
    check("number of points", rf_landscape_count(landscape) == POINTS);
    for (i = 0; i < POINTS; i++) {
        rf_stationary_point p;
        if (rf_landscape_point(landscape, i, &p) != RF_OK) {
            check("point", 0);
            break;
        }
        print_point(&p);
        check_point(&p, &expected[i]);
    }
    rf_landscape_free(landscape);
    run(model, 1, expected[2].w);
    run(model, -1, expected[6].w);
    rf_model_free(model);
    return failures != 0;
}
