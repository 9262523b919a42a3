/* 06_plane: in two dimensions every limit is one of the listed stationary points.
 * SPDX-License-Identifier: MIT
 *
 * The landscape lists all stationary points of the loss: points, lines, rays and cones of them.
 * The limits of many trajectories are looked up there, whatever the labels.
 *
 * For labels of a teacher, y = max(X v, 0), let w be a stationary point and z = X w, z* = X v.
 * Then 0 = (w - v) . grad L = sum over z_i > 0 of r_i (z_i - z*_i), and no term is negative: each
 * datum with z_i > 0 is fitted and has z*_i = z_i (if z*_i < 0 its term would be positive).  If two
 * such data are not parallel, w = v.  So in the plane a run that misses loss 0 ends with at most
 * one datum active, fitted, and a positive label inactive.  Those runs are counted by the kind of
 * their limit; runs in which no datum with a positive label is ever active are called dead.
 */
#include "paper.h"

enum { KINDS = 9, STARTS = 4, SETS = 60, TEACHERS = 300 };

static const char *const names[KINDS] = {"none",         "interior minimum", "flat minimum",
                                         "kink minimum", "kink saddle",      "zero label minimum",
                                         "kink ray",     "dead cone",        "origin"};

/* Limits and listed points agree to this part of their size: units of rounding times the condition
 * of the data on which the point rests, up to 1e5. */
static const double tolerance = 1e-10;

enum { TEACHER, RANDOM, POSITIVE };

typedef struct tally {
    int64_t runs, missed, points;
    double farthest;
    int64_t live, fitted,
        kinds[KINDS]; /* live runs, those with loss 0, the others by kind        */
    int64_t crowded;  /* live runs with loss > 0 and more than one active datum  */
} tally;

/* The distance of w from the part of a line: origin + s direction, low <= s <= high. */
static double from_line(const double *w, const double *origin, const double *direction, double low,
                        double high)
{
    const double along[] = {w[0] - origin[0], w[1] - origin[1]};
    const double s = fmin(fmax(paper_dot(along, direction, 2), low), high);
    return hypot(along[0] - s * direction[0], along[1] - s * direction[1]);
}

/* The distance of w from a listed point, line, ray or cone. */
static double from_point(const double *w, const rf_stationary_point *p)
{
    static const double zero[] = {0, 0};
    switch (p->kind) {
    case RF_POINT_FLAT_MINIMUM:
        return from_line(w, p->w, p->direction, p->range[0], p->range[1]);
    case RF_POINT_KINK_RAY:
        return from_line(w, p->w, p->direction, 0, INFINITY);
    case RF_POINT_DEAD_CONE:
        if (p->w[0] * w[1] - p->w[1] * w[0] >= 0
            && w[0] * p->direction[1] - w[1] * p->direction[0] >= 0)
            return 0;
        return fmin(from_line(w, zero, p->w, 0, INFINITY),
                    from_line(w, zero, p->direction, 0, INFINITY));
    case RF_POINT_ORIGIN:
        return hypot(w[0], w[1]);
    default:
        return paper_distance(w, p->w, 2);
    }
}

/* The kind of the listed point nearest to w, the first of equally near ones, and its distance;
 * cones last: their edge belongs to what lies on it. */
static int32_t look_up(const rf_landscape *landscape, const double *w, double *distance)
{
    int32_t kind = 0;
    int64_t i;
    int cones;
    *distance = INFINITY;
    for (cones = 0; cones < 2; cones++)
        for (i = 0; i < rf_landscape_count(landscape); i++) {
            rf_stationary_point point;
            double now;
            paper_check(rf_landscape_point(landscape, i, &point), "point");
            now = from_point(w, &point) / fmax(hypot(w[0], w[1]), 1);
            if ((point.kind == RF_POINT_DEAD_CONE) == cones
                && now < (kind == 0 || *distance > tolerance ? *distance : 0)) {
                *distance = now;
                kind = point.kind;
            }
        }
    return kind;
}

/* The runs on labels of a teacher. */
static void count_live(const rf_model *model, int64_t n, const double *y, int32_t kind, tally *sum)
{
    double *first = paper_memory(2 * n, sizeof *first), *z = first + n, loss;
    int64_t i, active = 0;
    int live = 0;
    paper_check(rf_model_query(model, RF_FIRST_ACTIVE, first, n), "first active");
    paper_check(rf_model_query(model, RF_MARGINS, z, n), "margins");
    paper_check(rf_model_query(model, RF_LOSS, &loss, 1), "loss");
    for (i = 0; i < n; i++) {
        live |= y[i] > 0 && !isnan(first[i]);
        active += z[i] > tolerance;
    }
    sum->live += live;
    if (live && loss <= tolerance * tolerance)
        sum->fitted++;
    else if (live) {
        sum->kinds[kind]++;
        sum->crowded += active > 1;
    }
    free(first);
}

/* One data set: its landscape, and the limits from STARTS random starts of the given length. */
static void run(int64_t n, const double *X, const double *y, double length, paper_random *random,
                int teacher, tally *sum)
{
    rf_landscape *landscape;
    rf_model *model;
    int start;
    paper_check(rf_model_create(n, 2, X, y, &model), "create");
    paper_check(rf_landscape_create(model, &landscape), "landscape");
    sum->points += rf_landscape_count(landscape);
    for (start = 0; start < STARTS; start++) {
        double u[2], w[2], distance;
        int32_t kind;
        paper_direction(random, u, 2);
        paper_check(rf_model_init_direction(model, u, 2, length), "init");
        paper_check(rf_model_integrate(model, INFINITY), "integrate");
        paper_check(rf_model_query(model, RF_WEIGHTS, w, 2), "weights");
        kind = look_up(landscape, w, &distance);
        sum->runs++;
        sum->missed += !(distance <= tolerance);
        sum->farthest = fmax(sum->farthest, distance);
        if (teacher)
            count_live(model, n, y, kind, sum);
    }
    rf_landscape_free(landscape);
    rf_model_free(model);
}

/* SETS data sets of one size, kind of labels and length of the starts. */
static void many(int64_t n, int labels, double length, int sets, tally *sum)
{
    int k;
    for (k = 0; k < sets; k++) {
        const uint64_t seed = 6000 + (uint64_t)(1000 * n + 400 * labels + k);
        paper_problem p = paper_realizable(seed, n, 2);
        paper_random random = {seed};
        int64_t i;
        if (labels != TEACHER)
            paper_gaussian(&random, p.y, n);
        for (i = 0; labels == POSITIVE && i < n; i++)
            p.y[i] = fabs(p.y[i]);
        run(n, p.X, p.y, length, &random, labels == TEACHER, sum);
        free(p.X);
    }
}

static void report(const tally *all, const tally *ten)
{
    char text[160];
    int64_t others = ten->live - ten->fitted;
    int kind;
    snprintf(text, sizeof text, "limits not among %d listed stationary points: %d of %d",
             (int)all->points, (int)all->missed, (int)all->runs);
    paper_fact(all->missed == 0 && all->runs > 0, text);
    paper_number("largest distance of a limit from its point", all->farthest, 0, tolerance);
    paper_statistic("teacher, 10 points: % of live runs that reach loss 0",
                    100 * (double)ten->fitted / (double)ten->live, "98.9 (92 of 93)");
    for (kind = 1; kind < KINDS; kind++) {
        if (ten->kinds[kind] == 0)
            continue;
        snprintf(text, sizeof text, "of %d live runs, end at loss > 0 on: %s", (int)ten->live,
                 names[kind]);
        paper_statistic(text, (double)ten->kinds[kind], "not given");
    }
    paper_statistic("dead runs, no positive label ever active", (double)(ten->runs - ten->live),
                    "not given");
    snprintf(text, sizeof text, "of the %d with loss > 0, with more than one datum active: %d",
             (int)others, (int)ten->crowded);
    paper_fact(others > 0 && ten->crowded == 0, text);
}

int main(void)
{
    static const int64_t sizes[] = {3, 10, 30};
    tally all = {0, 0, 0, 0, 0, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0}, 0}, ten = all;
    int k, labels;
    paper_begin(
        6, "in two dimensions every limit is a listed stationary point",
        "Lee, Sim & Ye, arXiv 2202.05510: global convergence for d = 2",
        "Gaussian X, n = 3, 10, 30, labels of a teacher, random, or positive, starts of length"
        " 1e-6 and 1, four on each of 60 data sets; then 300 teachers, n = 10, four starts"
        " 1e-6 u each");
    for (k = 0; k < 3; k++)
        for (labels = TEACHER; labels <= POSITIVE; labels++) {
            many(sizes[k], labels, 1e-6, SETS, &all);
            many(sizes[k], labels, 1, SETS, &all);
        }
    many(10, TEACHER, 1e-6, TEACHERS, &ten);
    report(&all, &ten);
    return paper_end(
        "every limit is listed; a run on realizable data reaches loss 0 or ends with at"
        " most one datum active");
}
