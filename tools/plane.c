/* plane.c: stationary points of the plane as sets, and which of them a limit belongs to.
 * SPDX-License-Identifier: MIT */
#include <math.h>

#include "landscape.h"

static double cross(const double a[2], const double b[2])
{
    return a[0] * b[1] - a[1] * b[0];
}

/* From w to p + s u, s between from and to, u a unit vector. */
static double distance_from_line(const double w[2], const double p[2], const double u[2],
                                 double from, double to)
{
    const double difference[2] = {w[0] - p[0], w[1] - p[1]};
    const double along = u[0] * difference[0] + u[1] * difference[1];
    const double s = fmin(fmax(along, from), to);

    return hypot(difference[0] - s * u[0], difference[1] - s * u[1]);
}

/* From w to the closed cone counterclockwise from the ray a to the ray b, of an angle up to pi;
 * with a = b it is the whole plane. */
static double distance_from_cone(const double w[2], const double a[2], const double b[2])
{
    static const double origin[2] = {0, 0};

    if ((a[0] == b[0] && a[1] == b[1]) || (cross(a, w) >= 0 && cross(w, b) >= 0)) {
        return 0;
    }
    return fmin(distance_from_line(w, origin, a, 0, INFINITY),
                distance_from_line(w, origin, b, 0, INFINITY));
}

double landscape_distance(const rf_stationary_point *point, const double w[2])
{
    switch (point->kind) {
    case RF_POINT_FLAT_MINIMUM:
        return distance_from_line(w, point->w, point->direction, point->range[0], point->range[1]);
    case RF_POINT_KINK_RAY:
        return distance_from_line(w, point->w, point->direction, 0, INFINITY);
    case RF_POINT_DEAD_CONE:
        return distance_from_cone(w, point->w, point->direction);
    default:
        return hypot(w[0] - point->w[0], w[1] - point->w[1]);
    }
}

/* The nearest point; the first of several. */
static int64_t find_nearest(const struct landscape *landscape, const double w[2], double *distance)
{
    int64_t nearest = 0;
    int64_t k;

    *distance = INFINITY;
    for (k = 0; k < landscape->count; k++) {
        const double one = landscape_distance(&landscape->point[k], w);
        if (one < *distance) {
            *distance = one;
            nearest = k;
        }
    }
    return nearest;
}

void landscape_count_ends(struct landscape *landscape)
{
    int64_t k;

    for (k = 0; k < landscape->runs.count; k++) {
        struct run *run = &landscape->runs.run[k];
        double distance;
        const int64_t nearest = find_nearest(landscape, landscape->runs.weights + 2 * k, &distance);
        if (!run->certified) {
            landscape->unfinished++;
        } else if (distance > run->accuracy) {
            landscape->elsewhere++;
        } else {
            run->limit = nearest + 1;
            landscape->ends[nearest]++;
            landscape->farthest = fmax(landscape->farthest, distance);
        }
    }
}

int64_t landscape_lowest(const struct landscape *landscape)
{
    int64_t lowest = 0;
    int64_t k;

    for (k = 1; k < landscape->count; k++) {
        if (landscape->point[k].loss < landscape->point[lowest].loss) {
            lowest = k;
        }
    }
    return lowest;
}

bool landscape_has_row(const rf_stationary_point *point)
{
    return point->datum >= 0;
}

bool landscape_has_theta(const rf_stationary_point *point)
{
    return point->kind == RF_POINT_KINK_MINIMUM || point->kind == RF_POINT_KINK_SADDLE
           || point->kind == RF_POINT_KINK_RAY;
}

bool landscape_has_direction(const rf_stationary_point *point)
{
    return point->kind == RF_POINT_FLAT_MINIMUM || point->kind == RF_POINT_KINK_RAY
           || point->kind == RF_POINT_DEAD_CONE;
}
