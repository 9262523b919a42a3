/* plane_points: the stationary points on one ray and in one cone of the plane (docs/mathematics.md
 * 4.4).
 * SPDX-License-Identifier: MIT */
#include "analysis/plane.h"

#include <float.h>
#include <string.h>

#include "base/num.h"

rfi_plane_cone rfi_plane_cone_of(const rfi_plane_sums *sums)
{
    rfi_plane_cone c;
    c.sums = *sums;
    c.rank = rfi_plane_rank(sums, &c.doubtful);
    return c;
}

static void unit(const double *x, double *out)
{
    const double norm = rfi_norm(x, 2);
    out[0] = x[0] / norm;
    out[1] = x[1] / norm;
}

void rfi_plane_add(rfi_plane_list *s, const rf_stationary_point *scaled, int exponent)
{
    rf_stationary_point p = *scaled;
    void *block = s->point;
    double size;
    int k;
    if (s->status != RF_OK)
        return;
    for (k = 0; k < 2; ++k) {
        p.w[k] = ldexp(p.w[k], exponent) + 0.0; /* no negative zeros */
        p.direction[k] += 0.0;
        p.range[k] = ldexp(p.range[k], exponent) + 0.0;
    }
    p.loss = ldexp(p.loss, s->plane->loss_exponent);
    size = fmax(fabs(p.w[0]), fabs(p.w[1]));
    if (!isfinite(p.w[0]) || !isfinite(p.w[1]) || !isfinite(p.loss) || isnan(p.range[0])
        || isnan(p.range[1]) || (size < DBL_MIN && (scaled->w[0] != 0.0 || scaled->w[1] != 0.0))) {
        s->status = RF_ERROR_NUMERICAL;
        return;
    }
    if (rfi_grow(s->allocator, &block, s->count, &s->capacity, s->count + 1, sizeof(p)) != 0) {
        s->status = RF_ERROR_MEMORY;
        return;
    }
    s->point = block;
    s->point[s->count++] = p;
}

rf_stationary_point rfi_plane_blank(int32_t kind, int doubtful)
{
    rf_stationary_point p;
    memset(&p, 0, sizeof(p));
    p.kind = kind;
    p.flags = doubtful ? RF_FLAG_DOUBTFUL : 0;
    p.datum = -1;
    return p;
}

static void set_weight(const rfi_plane_list *s, const rfi_plane_sums *sums, const rfi_dd *w,
                       rf_stationary_point *p)
{
    p->w[0] = rfi_dd_value(w[0]);
    p->w[1] = rfi_dd_value(w[1]);
    p->loss = rfi_plane_loss(s->plane, sums, w);
}

static rfi_dd along(const double *x, const rfi_dd *v)
{
    return rfi_dd_add(rfi_dd_scale(v[0], x[0]), rfi_dd_scale(v[1], x[1]));
}

static void apply(const rfi_dd *H, const double *x, rfi_dd *out)
{
    out[0] = rfi_dd_add(rfi_dd_scale(H[0], x[0]), rfi_dd_scale(H[1], x[1]));
    out[1] = rfi_dd_add(rfi_dd_scale(H[1], x[0]), rfi_dd_scale(H[2], x[1]));
}

/* The other lines along the ray: rho, or flat.  As on a slide of the flow, curvature below the
 * square of max(rows, d) eps of the largest is none.  Returns v without the line's own pull. */
static rfi_dd look_along(rfi_plane_ray *r, const double *e, const rfi_plane_sums *others,
                         double *size)
{
    const double norm = rfi_norm(e, 2), trace = rfi_plane_trace(others);
    const double cut = (double)rfi_larger(others->rows, 2) * RFI_EPS * norm;
    rfi_dd Hq[2], bend, push, v = along(e, others->b);
    apply(others->H, r->q, Hq);
    bend = along(r->q, Hq);
    push = along(r->q, others->b);
    *size = norm * others->size;
    r->flat = bend.hi <= cut * cut * trace;
    r->doubtful = r->flat && others->lines > 0;
    if (r->flat) /* the pull of a single line is zero or not by itself */
        return v;
    if (others->lines > 1
        && rfi_plane_zero(push.hi, norm * others->size, others->rows) != RFI_CLEAR)
        return v;
    r->rho = rfi_dd_div(push, bend);
    *size += fabs(r->rho.hi) * norm * norm * trace;
    return rfi_dd_sub(v, rfi_dd_mul(r->rho, along(e, Hq)));
}

rfi_plane_ray rfi_plane_look(const rfi_plane *plane, int64_t g, int half,
                             const rfi_plane_sums *others)
{
    const rfi_plane_line *line = &plane->line[g];
    const double turn = half == 0 ? 1.0 : -1.0;
    const rfi_dd square =
        rfi_dd_add(rfi_dd_product(line->e[0], line->e[0]), rfi_dd_product(line->e[1], line->e[1]));
    double size;
    rfi_dd v;
    rfi_plane_ray r;
    int side;
    memset(&r, 0, sizeof(r));
    r.line = g;
    r.half = half;
    r.q[0] = -turn * line->e[1];
    r.q[1] = turn * line->e[0];
    v = look_along(&r, line->e, others, &size);
    size += (line->size[0] + line->size[1]) * square.hi;
    for (side = 0; side < 2; ++side) {
        r.v[side] = rfi_dd_add(v, rfi_dd_mul(line->pull[side], square));
        r.zero[side] = rfi_plane_zero(r.v[side].hi, size, others->rows + line->rows[side]);
    }
    return r;
}

/* Where H has rank one, the line of minima of the cone's quadratic passes through the minimum along
 * the ray: v is 0 there by structure. */
void rfi_plane_meet(rfi_plane_ray *r, int side, const rfi_plane_cone *c)
{
    r->rank[side] = c->rank;
    if (c->rank == 1 && !r->flat)
        r->zero[side] = c->doubtful ? RFI_CLOSE : RFI_ZERO;
}

static int sign_of(const rfi_plane_ray *r, int side)
{
    if (r->zero[side] != RFI_CLEAR)
        return 0;
    return r->v[side].hi > 0.0 ? 1 : -1;
}

static double share(double theta)
{
    return fmin(fmax(theta, 0.0), 1.0);
}

/* 0 between v on the two sides?  Then p receives datum, theta and the flag. */
static int balanced(const rfi_plane_ray *r, const rfi_plane_line *line, rf_stationary_point *p)
{
    const int plus = sign_of(r, RFI_ON_PLUS), minus = sign_of(r, RFI_ON_MINUS);
    double theta = 0.0;
    if (line->net == 0 ? plus * minus != 0 : plus * minus > 0)
        return 0;
    if (line->net != 0) {
        const rfi_dd jump = rfi_dd_sub(r->v[RFI_ON_PLUS], r->v[RFI_ON_MINUS]);
        theta = -rfi_dd_value(rfi_dd_div(r->v[RFI_ON_MINUS], jump));
        if (minus == 0 && plus != 0)
            theta = 0.0;
        else if (plus == 0 && minus != 0)
            theta = 1.0;
        theta = share(line->flipped ? 1.0 - theta : theta);
        p->flags = r->zero[0] == RFI_CLOSE || r->zero[1] == RFI_CLOSE ? RF_FLAG_DOUBTFUL : 0;
    } else {
        p->flags = r->zero[0] != RFI_ZERO && r->zero[1] != RFI_ZERO ? RF_FLAG_DOUBTFUL : 0;
    }
    if (r->doubtful)
        p->flags = RF_FLAG_DOUBTFUL;
    p->theta = theta;
    p->datum = line->datum;
    return 1;
}

/* A ray of stationary points; the edge of the dead cone is part of that. */
static void list_ray(rfi_plane_list *s, const rfi_plane_ray *r)
{
    rf_stationary_point p = rfi_plane_blank(RF_POINT_KINK_RAY, 0);
    if (r->rank[0] == 0 || r->rank[1] == 0 || !balanced(r, &s->plane->line[r->line], &p))
        return;
    unit(r->q, p.direction);
    p.loss = 0.5 * rfi_dd_value(s->plane->labels);
    rfi_plane_add(s, &p, 0);
}

/* A stationary point on the ray.  Where a line of minima ends on a kink that repels, the point is
 * the end of that line and no other. */
static void list_kink(rfi_plane_list *s, const rfi_plane_ray *r, const rfi_plane_sums *others)
{
    static const int32_t kinds[] = {RF_POINT_KINK_MINIMUM, RF_POINT_ZERO_LABEL_MINIMUM,
                                    RF_POINT_KINK_SADDLE};
    const rfi_plane_line *line = &s->plane->line[r->line];
    rf_stationary_point p = rfi_plane_blank(kinds[line->net + 1], 0);
    rfi_dd w[2];
    if (!(r->rho.hi > 0.0) || !balanced(r, line, &p))
        return;
    if (line->net > 0 && (r->rank[0] == 1 || r->rank[1] == 1))
        return;
    w[0] = rfi_dd_scale(r->rho, r->q[0]);
    w[1] = rfi_dd_scale(r->rho, r->q[1]);
    set_weight(s, others, w, &p);
    rfi_plane_add(s, &p, s->plane->w_exponent);
}

/* Is the minimum w of the cone's quadratic on that side of the ray's line?  It is w = rho q + nu n
 * with nu of the sign of v.  Too close to call is yes by that sign: the kink's point is listed
 * beside it. */
static int within(const rfi_plane_ray *r, const rfi_plane_line *line, int side, const rfi_dd *w,
                  int *doubtful)
{
    const double sign = side == RFI_ON_PLUS ? 1.0 : -1.0;
    if (r->flat)
        return sign * along(line->e, w).hi > 0.0;
    *doubtful |= r->zero[side] == RFI_CLOSE;
    return r->zero[side] != RFI_ZERO && sign * r->v[side].hi > 0.0;
}

static void list_interior(rfi_plane_list *s, const rfi_plane_cone *c, const rfi_plane_ray *from,
                          const rfi_plane_ray *to)
{
    const rfi_plane_line *line = s->plane->line;
    int doubtful = c->doubtful;
    rf_stationary_point p;
    rfi_dd w[2];
    rfi_plane_solve(&c->sums, w);
    if (!within(from, &line[from->line], rfi_plane_after(from), w, &doubtful)
        || !within(to, &line[to->line], rfi_plane_before(to), w, &doubtful))
        return;
    p = rfi_plane_blank(RF_POINT_INTERIOR_MINIMUM, doubtful);
    set_weight(s, &c->sums, w, &p);
    rfi_plane_add(s, &p, s->plane->w_exponent);
}

/* Is the cone's only line that of the ray? */
static int owns(const rfi_plane_cone *c, const rfi_plane_ray *r)
{
    return c->sums.lines == 1 && c->sums.which == r->line;
}

/* The line of minima of a cone of rank one: a.w = rho a.a. */
typedef struct {
    double a[2], norm;
    rfi_dd rho;
} flat_line;

/* The part of w + s direction on the cone's side of a ray's line:
 * e.w = rho e.a, e.direction = (a x e)/|a|. */
static void cut_range(const rfi_plane_list *s, const rfi_plane_cone *c, const rfi_plane_ray *r,
                      int side, const flat_line *f, rf_stationary_point *p)
{
    const double *e = s->plane->line[r->line].e, *a = f->a;
    const double sign = side == RFI_ON_PLUS ? 1.0 : -1.0;
    const rfi_dd dot = rfi_dd_add(rfi_dd_product(e[0], a[0]), rfi_dd_product(e[1], a[1]));
    const rfi_dd turn = rfi_dd_sub(rfi_dd_product(a[0], e[1]), rfi_dd_product(a[1], e[0]));
    const rfi_dd at = rfi_dd_mul(f->rho, dot);
    const double slope = owns(c, r) ? 0.0 : sign * turn.hi;
    const double end = slope != 0.0 ? -f->norm * rfi_dd_value(rfi_dd_div(at, turn)) : 0.0;
    if (slope > 0.0)
        p->range[0] = fmax(p->range[0], end);
    else if (slope < 0.0)
        p->range[1] = fmin(p->range[1], end);
    else if (!(sign * at.hi > 0.0))
        p->range[1] = -INFINITY;
}

/* The angle of a is in [-90, 90) degrees, that of the direction in [0, 180). */
static flat_line find_flat(const rfi_plane_list *s, const rfi_plane_cone *c, rf_stationary_point *p)
{
    const rfi_plane_sums *m = &c->sums;
    rfi_dd Ha[2], w[2];
    flat_line f;
    if (m->lines == 1) {
        memcpy(f.a, s->plane->line[m->which].e, sizeof(f.a));
    } else { /* every column of h a a^T is along a */
        const int large = m->H[0].hi >= m->H[2].hi ? 0 : 1;
        const double column[2] = {m->H[large].hi, m->H[large + 1].hi};
        const double sign = column[0] > 0.0 || (column[0] == 0.0 && column[1] < 0.0) ? 1.0 : -1.0;
        unit(column, f.a);
        f.a[0] *= sign;
        f.a[1] *= sign;
    }
    apply(m->H, f.a, Ha);
    f.rho = rfi_dd_div(along(f.a, m->b), along(f.a, Ha));
    f.norm = rfi_norm(f.a, 2);
    w[0] = rfi_dd_scale(f.rho, f.a[0]);
    w[1] = rfi_dd_scale(f.rho, f.a[1]);
    set_weight(s, m, w, p);
    p->direction[0] = -f.a[1] / f.norm;
    p->direction[1] = f.a[0] / f.norm;
    p->range[0] = -INFINITY;
    p->range[1] = INFINITY;
    return f;
}

/* Does the line of minima lie on the ray?  Then it is list_ray's. */
static int on_ray(const rfi_plane_cone *c, const rfi_plane_ray *r, int side)
{
    return owns(c, r) && r->zero[side] != RFI_CLEAR;
}

static void list_flat(rfi_plane_list *s, const rfi_plane_cone *c, const rfi_plane_ray *from,
                      const rfi_plane_ray *to)
{
    rf_stationary_point p = rfi_plane_blank(RF_POINT_FLAT_MINIMUM, c->doubtful);
    flat_line f;
    if (on_ray(c, from, rfi_plane_after(from)) || on_ray(c, to, rfi_plane_before(to)))
        return;
    f = find_flat(s, c, &p);
    cut_range(s, c, from, rfi_plane_after(from), &f, &p);
    cut_range(s, c, to, rfi_plane_before(to), &f, &p);
    if (p.range[0] < p.range[1])
        rfi_plane_add(s, &p, s->plane->w_exponent);
}

static void list_dead(rfi_plane_list *s, const double *from, const double *to)
{
    rf_stationary_point p = rfi_plane_blank(RF_POINT_DEAD_CONE, 0);
    unit(from, p.w);
    unit(to, p.direction);
    p.loss = 0.5 * rfi_dd_value(s->plane->labels);
    rfi_plane_add(s, &p, 0);
}

void rfi_plane_visit_cone(rfi_plane_list *s, const rfi_plane_cone *c, const rfi_plane_ray *from,
                          const rfi_plane_ray *to)
{
    rfi_plane_hull_add(&s->hull, &c->sums);
    if (c->rank == 2)
        list_interior(s, c, from, to);
    else if (c->rank == 1)
        list_flat(s, c, from, to);
    else
        list_dead(s, from->q, to->q);
}

void rfi_plane_visit_ray(rfi_plane_list *s, const rfi_plane_ray *r, const rfi_plane_sums *others)
{
    if (!isfinite(r->v[0].hi) || !isfinite(r->v[1].hi) || !isfinite(r->rho.hi))
        s->status = RF_ERROR_NUMERICAL;
    else if (r->flat)
        list_ray(s, r);
    else
        list_kink(s, r, others);
}

/* No kink: a linear neuron, or rows that are all zero (then two dead half planes). */
void rfi_plane_visit_plane(rfi_plane_list *s)
{
    const double right[2] = {1.0, 0.0}, left[2] = {-1.0, 0.0};
    rf_stationary_point p = rfi_plane_blank(RF_POINT_INTERIOR_MINIMUM, 0);
    rfi_plane_sums sums, line;
    rfi_plane_cone c;
    rfi_dd w[2];
    int64_t g;
    memset(&sums, 0, sizeof(sums));
    for (g = 0; g < s->plane->count; ++g) {
        line = rfi_plane_sums_line(s->plane, g, RFI_ON_PLUS);
        sums = rfi_plane_sums_add(&sums, &line);
    }
    c = rfi_plane_cone_of(&sums);
    rfi_plane_hull_add(&s->hull, &sums);
    if (c.rank == 0) {
        list_dead(s, right, left);
        list_dead(s, left, right);
        return;
    }
    p.flags = c.doubtful ? RF_FLAG_DOUBTFUL : 0;
    if (c.rank == 1) {
        p.kind = RF_POINT_FLAT_MINIMUM;
        (void)find_flat(s, &c, &p);
    } else {
        rfi_plane_solve(&sums, w);
        set_weight(s, &sums, w, &p);
    }
    rfi_plane_add(s, &p, s->plane->w_exponent);
}
