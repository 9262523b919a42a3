/* circle.c: where a start on a circle ends, exactly.
 * SPDX-License-Identifier: MIT
 *
 * Six data in the plane, symmetric under the exchange of the two coordinates.  The starts are
 * radius (cos a, sin a); radius 0 stands for vanishing ones.  The order of the events changes at
 * finitely many angles, and each is found by bisection, down to two neighbouring doubles with
 * different events.  The classes between them are listed with their limits, points of the
 * landscape.  A class of a single double is a start on a kink.
 *
 *     circle                  the classes for three radii, and whether they are as they must be
 *     circle --csv [RADIUS]   for a plot: angle,limit class,w1,w2,loss; the class is the number of
 *                             a point of the landscape
 *
 * By hand: on the ray (-1, -1) q all data are active and the loss (q + 1)^2 + (2 q)^2 + (q - 3)^2
 * has its minimum 28/3 at q = 1/3.  On the kink of datum 0, the ray (1, 2) s, datum 5 alone is
 * active and fitted at s = 3, with loss 11/2 left; datum 0 slides there.  No datum is active
 * between the angles of (3, 2) and (2, 3): those starts stay where they are.
 *
 * The search begins with 720 angles.  A class narrower than their distance that lies between two
 * equal ones is not seen.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reluflow/reluflow.h>

enum { N = 6, GRID = 720, LENGTH = 64, MOST = 128 };

static const double X[] = {-2, 1, 1, -2, -3, 1, 1, -3, 2, -3, -3, 2}, y[] = {-1, -1, 0, 0, 3, 3};
static const double pi = 3.141592653589793;
static int failures = 0;

/* What happened to a start: the pattern it has, then its events, each as one number; its limit. */
typedef struct outcome {
    int length, code[LENGTH];
    int point; /* of the landscape */
    double w[2], loss;
} outcome;

/* Classes of starts in the order of their angles, the first from -pi on: the last angle of each. */
typedef struct classes {
    int count;
    double last[MOST];
    outcome what[MOST];
} classes;

typedef struct circle {
    rf_model *model;
    rf_landscape *landscape;
    double radius;
} circle;

static void check(const char *what, int right)
{
    if (!right) {
        printf("WRONG: %s\n", what);
        failures++;
    }
}

static void need(const char *what, rf_status status)
{
    if (status < 0) {
        printf("%s: %s\n", what, rf_status_string(status));
        exit(1);
    }
}

/* Does w lie on the point, line, ray or cone p?  Weights and data are below 10 here and the data of
 * condition below 10: a limit is good to some 100 eps 10, and 1e-12 is forty times that. */
static int lies_on(const rf_stationary_point *p, const double *w)
{
    const double tolerance = 1e-12, dx = w[0] - p->w[0], dy = w[1] - p->w[1];
    const double along = dx * p->direction[0] + dy * p->direction[1];
    const double across = dx * p->direction[1] - dy * p->direction[0];
    switch (p->kind) {
    case RF_POINT_FLAT_MINIMUM:
        return fabs(across) <= tolerance && along >= p->range[0] - tolerance
               && along <= p->range[1] + tolerance;
    case RF_POINT_KINK_RAY:
        return fabs(across) <= tolerance && along > tolerance;
    case RF_POINT_DEAD_CONE:
        return p->w[0] * w[1] - p->w[1] * w[0] >= -tolerance
               && w[0] * p->direction[1] - w[1] * p->direction[0] >= -tolerance;
    default:
        return hypot(dx, dy) <= tolerance;
    }
}

/* The number of the point of the landscape where w lies, -1 if there is none. */
static int find_point(const rf_landscape *landscape, const double *w)
{
    rf_stationary_point p;
    int64_t i;
    for (i = 0; i < rf_landscape_count(landscape); i++) {
        need("point", rf_landscape_point(landscape, i, &p));
        if (lies_on(&p, w)) {
            return (int)i;
        }
    }
    return -1;
}

/* Follows the start at an angle to its limit. */
static outcome follow(const circle *c, double angle)
{
    const double u[] = {cos(angle), sin(angle)};
    outcome o = {1, {0}, -1, {NAN, NAN}, NAN};
    double margin[N];
    rf_event event;
    int64_t i;
    need("margins", rf_model_evaluate(c->model, u, 2, RF_MARGINS, margin, N));
    for (i = 0; i < N; i++) {
        o.code[0] = 2 * o.code[0] + (margin[i] > 0);
    }
    need("init", rf_model_init_direction(c->model, u, 2, c->radius));
    need("integrate", rf_model_integrate(c->model, INFINITY));
    for (i = 0; i < rf_model_event_count(c->model) && i + 1 < LENGTH; i++) {
        need("event", rf_model_events(c->model, i, 1, &event));
        o.code[o.length++] = event.kind * N + (int)event.datum;
    }
    check("room for the events", rf_model_event_count(c->model) < LENGTH);
    need("weights", rf_model_query(c->model, RF_WEIGHTS, o.w, 2));
    need("loss", rf_model_query(c->model, RF_LOSS, &o.loss, 1));
    o.point = find_point(c->landscape, o.w);
    check("the limit is in the landscape", o.point >= 0);
    return o;
}

static int alike(const outcome *a, const outcome *b)
{
    return a->length == b->length && a->point == b->point
           && memcmp(a->code, b->code, (size_t)a->length * sizeof *a->code) == 0;
}

/* Appends the classes that end between two angles, of which the outcomes are known. */
static void bisect(const circle *c, double low, const outcome *at_low, double high,
                   const outcome *at_high, classes *found)
{
    const double middle = low + (high - low) / 2;
    outcome at_middle;
    if (alike(at_low, at_high)) {
        return;
    }
    if (middle <= low || middle >= high) {
        if (found->count < MOST) {
            found->last[found->count] = low;
            found->what[found->count++] = *at_low;
        }
        return;
    }
    at_middle = follow(c, middle);
    bisect(c, low, at_low, middle, &at_middle, found);
    bisect(c, middle, &at_middle, high, at_high, found);
}

/* All classes from -pi to pi.  If the last is like the first it is one class, cut at -pi. */
static void classify(const circle *c, classes *found)
{
    double low = -pi, high;
    outcome at_low = follow(c, low), at_high;
    int k;
    found->count = 0;
    for (k = 1; k <= GRID; k++) {
        high = k < GRID ? pi * (2.0 * k / GRID - 1) : pi;
        at_high = follow(c, high);
        bisect(c, low, &at_low, high, &at_high, found);
        low = high;
        at_low = at_high;
    }
    check("room for the classes", found->count < MOST);
    found->last[found->count] = pi;
    found->what[found->count++] = at_low;
}

static double first_angle(const classes *found, int k)
{
    return k > 0 ? nextafter(found->last[k - 1], 4) : -pi;
}

static void print_classes(const circle *c, const classes *found)
{
    rf_stationary_point p;
    int k;
    printf("radius %g:\n%-22s %-22s events  point kind      w1          w2       loss\n", c->radius,
           "  first angle", "last angle");
    for (k = 0; k < found->count; k++) {
        const outcome *o = &found->what[k];
        need("point", rf_landscape_point(c->landscape, o->point, &p));
        printf("  %-20.17g %-22.17g %4d %7d %4d %11.7f %11.7f %10.7f\n", first_angle(found, k),
               found->last[k], o->length - 1, o->point, p.kind, o->w[0], o->w[1], o->loss);
    }
}

/* The classes cover the circle without a gap, each boundary is sharp, and a class is one: angles
 * inside it have its events, at both ends and at seven places between. */
static void check_classes(const circle *c, const classes *found)
{
    int k, part;
    for (k = 0; k < found->count; k++) {
        const double first = first_angle(found, k), width = found->last[k] - first;
        check("the classes follow each other", first <= found->last[k]);
        check("neighbours differ", k == 0 || !alike(&found->what[k - 1], &found->what[k]));
        for (part = 0; part <= 8; part++) {
            const double angle = part < 8 ? first + width * part / 8 : found->last[k];
            const outcome o = follow(c, angle);
            check("a class is one", alike(&o, &found->what[k]));
        }
    }
}

/* The angle of the start that the exchange of the coordinates makes of this one. */
static double mirrored(double angle)
{
    const double other = pi / 2 - angle;
    return other > pi ? other - 2 * pi : other;
}

/* The exchange turns datum i into datum i^1, and each class into another one.  Events of the
 * mirrored start at the middle of each class wider than 1e-9, and its limit. */
static void check_mirrored(const circle *c, const classes *found)
{
    int k, i;
    for (k = 0; k < found->count; k++) {
        const double first = first_angle(found, k), middle = (first + found->last[k]) / 2;
        outcome here, there;
        int same;
        if (found->last[k] - first < 1e-9) {
            continue;
        }
        here = follow(c, middle);
        there = follow(c, mirrored(middle));
        same = here.length == there.length;
        for (i = 1; same && i < here.length; i++) {
            const int kind = here.code[i] / N, datum = here.code[i] % N;
            same = there.code[i] == kind * N + (datum ^ 1);
        }
        check("the mirrored events", same);
        check("the mirrored limit", hypot(here.w[0] - there.w[1], here.w[1] - there.w[0]) < 1e-12);
    }
}

/* A boundary is a simple zero, in the angle, of a margin or of the difference of two times, good to
 * a few eps times the condition of the data, with a slope of order 1: 1e-13 for its mirror image.
 * */
static void check_mirrored_boundaries(const classes *found)
{
    int k, j;
    for (k = 0; k + 1 < found->count; k++) {
        const double image = mirrored(found->last[k]);
        double nearest = fabs(fabs(image) - pi); /* -pi and pi are one angle, cut by us */
        for (j = 0; j + 1 < found->count; j++) {
            nearest = fmin(nearest, fabs(image - found->last[j]));
        }
        check("the mirrored boundary", nearest < 1e-13);
    }
}

/* The numbers of the comment at the top: the dead starts, to the rounding of cos and sin, and the
 * limits of the others. */
static void check_by_hand(const circle *c, const classes *found)
{
    int k;
    for (k = 0; k < found->count; k++) {
        const outcome *o = &found->what[k];
        const double first = first_angle(found, k), q = -1.0 / 3;
        const int dead = o->length == 1 && o->loss == 10;
        check("the dead starts", !dead
                                     || (fabs(first - atan2(2, 3)) < 1e-15
                                         && fabs(found->last[k] - atan2(3, 2)) < 1e-15
                                         && hypot(o->w[0], o->w[1]) <= c->radius * (1 + 1e-15)));
        check("the other limits",
              dead || (hypot(o->w[0] - 3, o->w[1] - 6) < 1e-12 && fabs(o->loss - 5.5) < 1e-12)
                  || (hypot(o->w[0] - 6, o->w[1] - 3) < 1e-12 && fabs(o->loss - 5.5) < 1e-12)
                  || (hypot(o->w[0] - q, o->w[1] - q) < 1e-12 && fabs(o->loss - 28.0 / 3) < 1e-12));
    }
}

static void print_csv(const circle *c)
{
    int k;
    printf("angle,limit class,w1,w2,loss\n");
    for (k = 0; k < GRID; k++) {
        const double angle = pi * ((2.0 * k + 1) / GRID - 1);
        const outcome o = follow(c, angle);
        printf("%.17g,%d,%.17g,%.17g,%.17g\n", angle, o.point, o.w[0], o.w[1], o.loss);
    }
}

static void study(const circle *c)
{
    static classes found;
    classify(c, &found);
    print_classes(c, &found);
    check_classes(c, &found);
    check_mirrored(c, &found);
    check_mirrored_boundaries(&found);
    check_by_hand(c, &found);
}

int main(int argc, char **argv)
{
    static const double radii[] = {0, 0.5, 2};
    const int csv = argc > 1 && strcmp(argv[1], "--csv") == 0;
    circle c = {NULL, NULL, 2};
    int k;
    need("create", rf_model_create(N, 2, X, y, &c.model));
    need("landscape", rf_landscape_create(c.model, &c.landscape));
    if (csv) {
        c.radius = argc > 2 ? atof(argv[2]) : 2;
        print_csv(&c);
    }
    for (k = 0; k < 3 && !csv; k++) {
        c.radius = radii[k];
        study(&c);
    }
    rf_landscape_free(c.landscape);
    rf_model_free(c.model);
    return failures != 0;
}
