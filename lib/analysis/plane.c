/* plane: the sweep over the cones and rays of the plane, and the list in order (docs/mathematics.md
 * 4.4).
 * SPDX-License-Identifier: MIT */
#include "analysis/plane.h"

#include <stdlib.h>
#include <string.h>

/* What goes round with the sweep: the cone in hand, the ray it began with, and the first ray with
 * the cone before it, which is also the last one. */
typedef struct {
    rfi_plane_cone now, start;
    rfi_plane_ray from, first;
    int begun;
} position;

static void pass_ray(rfi_plane_list *s, position *at, rfi_plane_ray *r,
                     const rfi_plane_sums *others, const rfi_plane_sums *beyond, int last)
{
    const rfi_plane_cone next = last ? at->start : rfi_plane_cone_of(beyond);
    rfi_plane_meet(r, rfi_plane_before(r), &at->now);
    rfi_plane_meet(r, rfi_plane_after(r), &next);
    rfi_plane_visit_ray(s, r, others);
    if (at->begun)
        rfi_plane_visit_cone(s, &at->now, &at->from, r);
    else
        at->first = *r;
    at->begun = 1;
    at->from = *r;
    at->now = next;
}

/* Half a turn: each line goes from one side to the other.  The data of the lines passed are summed
 * from the front, those of the lines to come from the back (rest[g]: lines g and later): sums of
 * terms of one sign only, from which nothing is ever subtracted. */
static void sweep_half(rfi_plane_list *s, int half, position *at, rfi_plane_sums *rest)
{
    const rfi_plane *plane = s->plane;
    const int64_t count = plane->count;
    const int before = half == 0 ? RFI_ON_PLUS : RFI_ON_MINUS;
    rfi_plane_sums passed, line, others, beyond;
    int64_t g;
    memset(&passed, 0, sizeof(passed));
    memset(&rest[count], 0, sizeof(*rest));
    for (g = count; g-- > 0;) {
        line = rfi_plane_sums_line(plane, g, before);
        rest[g] = rfi_plane_sums_add(&rest[g + 1], &line);
    }
    if (!at->begun)
        at->now = at->start = rfi_plane_cone_of(&rest[0]);
    for (g = 0; g < count && s->status == RF_OK; ++g) {
        rfi_plane_ray r;
        others = rfi_plane_sums_add(&passed, &rest[g + 1]);
        r = rfi_plane_look(plane, g, half, &others);
        line = rfi_plane_sums_line(plane, g, 1 - before);
        passed = rfi_plane_sums_add(&passed, &line);
        beyond = rfi_plane_sums_add(&passed, &rest[g + 1]);
        pass_ray(s, at, &r, &others, &beyond, half == 1 && g == count - 1);
    }
}

static void sweep_cones(rfi_plane_list *s)
{
    rfi_plane_sums *rest = rfi_alloc(s->allocator, s->plane->count + 1, sizeof(*rest));
    position at;
    if (rest == NULL) {
        s->status = RF_ERROR_MEMORY;
        return;
    }
    memset(&at, 0, sizeof(at));
    sweep_half(s, 0, &at, rest);
    sweep_half(s, 1, &at, rest);
    if (s->status == RF_OK)
        rfi_plane_visit_cone(s, &at.now, &at.from, &at.first);
    rfi_free(s->allocator, rest);
}

/* A function in [0, 4) that increases with the angle of (x, y). */
static double angle_of(const rf_stationary_point *p)
{
    const double *v = p->w[0] != 0.0 || p->w[1] != 0.0 ? p->w : p->direction;
    const double x = 0.5 * fabs(v[0]), y = 0.5 * fabs(v[1]);
    if (p->kind == RF_POINT_FLAT_MINIMUM && v != p->w)
        return 0.0;
    if (v[0] > 0.0 && v[1] >= 0.0)
        return y / (x + y);
    if (v[1] > 0.0)
        return 1.0 + x / (x + y);
    if (v[0] < 0.0)
        return 2.0 + y / (x + y);
    return 3.0 + x / (x + y);
}

static int compare_points(const void *a, const void *b)
{
    const rf_stationary_point *p = a, *q = b;
    const double at_p = angle_of(p), at_q = angle_of(q);
    if (at_p != at_q)
        return at_p < at_q ? -1 : 1;
    if (p->kind != q->kind)
        return p->kind < q->kind ? -1 : 1;
    return p->datum < q->datum ? -1 : p->datum > q->datum;
}

static void set_origin(rfi_plane_list *s)
{
    const int touch = s->hull.inside ? RFI_CLEAR : s->hull.touch;
    rf_stationary_point *origin = &s->point[0];
    if (s->hull.inside || touch != RFI_CLEAR)
        origin->flags = touch == RFI_CLOSE ? 1 | RF_FLAG_DOUBTFUL : 1;
}

rf_status rfi_plane_points(const rfi_problem *problem, rf_stationary_point **points, int64_t *count)
{
    rf_stationary_point origin = rfi_plane_blank(RF_POINT_ORIGIN, 0);
    const rf_allocator *a = &problem->data->allocator;
    rfi_plane plane;
    rfi_plane_list s;
    rf_status status = rfi_plane_create(&plane, problem);
    if (status != RF_OK)
        return status;
    memset(&s, 0, sizeof(s));
    s.plane = &plane;
    s.allocator = a;
    origin.loss = 0.5 * rfi_dd_value(plane.labels);
    rfi_plane_add(&s, &origin, 0);
    if (s.status == RF_OK && (problem->activation == RF_LINEAR || plane.count == 0))
        rfi_plane_visit_plane(&s);
    else if (s.status == RF_OK)
        sweep_cones(&s);
    rfi_plane_free(&plane, a);
    if (s.status != RF_OK) {
        rfi_free(a, s.point);
        return s.status;
    }
    set_origin(&s);
    qsort(s.point + 1, (size_t)(s.count - 1), sizeof(*s.point), compare_points);
    *points = s.point;
    *count = s.count;
    return RF_OK;
}
