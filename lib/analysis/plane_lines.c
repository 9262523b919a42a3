/* plane_lines: the kink lines of a problem in the plane, scaled by powers of two and sorted by
 * angle, with what each adds to H and b on its two sides (docs/mathematics.md 4.4).
 * SPDX-License-Identifier: MIT */
#include "analysis/plane.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

/* Rows and labels may span so many powers of two each: their products c x x, c x y are then
 * normal numbers with all their 106 bits. */
enum { MOST_BINADES = 900 };

/* A weight c > 0 is 4^half m with m in [1, 4): half goes into the row and the label, exactly. */
static double split_weight(double c, int *half)
{
    int exponent;
    const double m = frexp(c, &exponent); /* in [1/2, 1) */
    const int odd = exponent & 1;
    *half = (exponent - (odd ? 1 : 2)) / 2;
    return odd ? 2.0 * m : 4.0 * m;
}

static int exponent_of(double x)
{
    int exponent;
    (void)frexp(x, &exponent);
    return exponent;
}

/* The range of the exponents of the rows, of the labels. */
typedef struct {
    int row_low, row_high, label_low, label_high;
} exponents;

static void widen(int *low, int *high, int exponent)
{
    *low = exponent < *low ? exponent : *low;
    *high = exponent > *high ? exponent : *high;
}

static int row_exponent(const rfi_data *data, int64_t i)
{
    const int64_t g = data->kinks.line[i];
    return exponent_of(data->norm[data->kinks.row[g]]) + exponent_of(data->kinks.factor[i]);
}

/* Fills s; returns RF_ERROR_NUMERICAL if the data span too much. */
static rf_status measure(const rfi_problem *problem, exponents *s)
{
    const rfi_data *data = problem->data;
    int64_t i;
    int half;
    s->row_low = s->label_low = INT_MAX;
    s->row_high = s->label_high = INT_MIN;
    for (i = 0; i < data->n; ++i) {
        (void)split_weight(problem->c[i], &half);
        if (data->kinks.line[i] >= 0) {
            const double f = data->kinks.factor[i];
            if (!isfinite(f) || f == 0.0)
                return RF_ERROR_NUMERICAL;
            widen(&s->row_low, &s->row_high, row_exponent(data, i) + half);
        }
        if (data->y[i] != 0.0)
            widen(&s->label_low, &s->label_high, exponent_of(data->y[i]) + half);
    }
    if (s->row_low > s->row_high)
        s->row_low = s->row_high = 0;
    if (s->label_low > s->label_high)
        s->label_low = s->label_high = 0;
    return s->row_high - s->row_low > MOST_BINADES || s->label_high - s->label_low > MOST_BINADES
               ? RF_ERROR_NUMERICAL
               : RF_OK;
}

/* The sums over the members with f > 0 and with f < 0, before the slopes are put in. */
typedef struct {
    rfi_dd curvature[2], pull[2];
    double size[2];
    int64_t rows[2];
} members;

static void add_member(members *m, double c, rfi_dd F, double y)
{
    const rfi_dd cF = rfi_dd_scale(F, c);
    const int side = F.hi > 0.0 ? RFI_ON_PLUS : RFI_ON_MINUS;
    m->curvature[side] = rfi_dd_add(m->curvature[side], rfi_dd_mul(cF, F));
    m->pull[side] = rfi_dd_add(m->pull[side], rfi_dd_scale(cF, y));
    m->size[side] += fabs(cF.hi * y);
    ++m->rows[side];
}

/* A sum that cancels to the rounding of its terms is zero, by the rule of problem.c. */
static rfi_dd settled(rfi_dd sum, double size)
{
    return fabs(sum.hi) <= 2.0 * RFI_EPS * size ? rfi_dd_of(0.0) : sum;
}

/* Both sides of the line: its own members with slope 1, those of the other side with slope beta. */
static void put_slopes(rfi_plane_line *line, const members *m, double slope)
{
    int side;
    for (side = 0; side < 2; ++side) {
        const int other = 1 - side;
        line->curvature[side] = rfi_dd_add(
            m->curvature[side], rfi_dd_scale(rfi_dd_scale(m->curvature[other], slope), slope));
        line->size[side] = m->size[side] + slope * m->size[other];
        line->pull[side] = settled(rfi_dd_add(m->pull[side], rfi_dd_scale(m->pull[other], slope)),
                                   line->size[side]);
        line->rows[side] = m->rows[side] + (slope > 0.0 ? m->rows[other] : 0);
    }
}

static void set_net(rfi_plane_line *line, const rfi_problem *problem, int64_t g)
{
    const double net = rfi_dd_value(rfi_dd_sub(line->pull[RFI_ON_PLUS], line->pull[RFI_ON_MINUS]));
    line->net = (int8_t)((net > 0.0) - (net < 0.0));
    if (problem->activation == RF_LINEAR || problem->jump[g] == 0.0)
        line->net = 0;
    if (line->net == 0)
        line->pull[RFI_ON_MINUS] = line->pull[RFI_ON_PLUS];
}

/* e along the representative, turned into the half plane of angles [-90, 90). */
static void set_normal(rfi_plane_line *line, rfi_view x, double norm)
{
    const int exponent = exponent_of(norm);
    double sign;
    line->e[0] = ldexp(rfi_view_at(x, 0), -exponent);
    line->e[1] = ldexp(rfi_view_at(x, 1), -exponent);
    line->flipped = (int8_t)(line->e[0] < 0.0 || (line->e[0] == 0.0 && line->e[1] > 0.0));
    sign = line->flipped ? -1.0 : 1.0;
    line->e[0] *= sign;
    line->e[1] *= sign;
}

/* F in x 2^shift = F e, read off the largest coordinate. */
static rfi_dd factor_of(const rfi_plane_line *line, rfi_view x, int shift)
{
    const int k = fabs(line->e[0]) >= fabs(line->e[1]) ? 0 : 1;
    return rfi_dd_div(rfi_dd_of(ldexp(rfi_view_at(x, k), shift)), rfi_dd_of(line->e[k]));
}

static rf_status make_line(rfi_plane_line *line, const rfi_problem *problem, int64_t g,
                           const int center, const int label_center)
{
    const rfi_data *data = problem->data;
    const rfi_kinks *kinks = &data->kinks;
    const int64_t row = kinks->row[g];
    members m;
    int64_t k;
    int half, side;
    memset(&m, 0, sizeof(m));
    set_normal(line, rfi_row(data, row), data->norm[row]);
    for (k = kinks->start[g]; k < kinks->start[g + 1]; ++k) {
        const int64_t i = kinks->member[k];
        const double c = split_weight(problem->c[i], &half);
        add_member(&m, c, factor_of(line, rfi_row(data, i), half - center),
                   ldexp(data->y[i], half - label_center));
    }
    line->datum = row;
    put_slopes(line, &m, problem->slope);
    set_net(line, problem, g);
    /* Below this the square of a tiny slope has lost bits. */
    for (side = 0; side < 2; ++side)
        if (line->rows[side] > 0 && line->curvature[side].hi < ldexp(1.0, -960))
            return RF_ERROR_NUMERICAL;
    return RF_OK;
}

/* By the angle of e: the sign of a cross product, which Kahan's formula gets right. */
static int compare_lines(const void *a, const void *b)
{
    const rfi_plane_line *p = a, *q = b;
    const rfi_dd one = rfi_dd_product(p->e[0], q->e[1]), two = rfi_dd_product(p->e[1], q->e[0]);
    const double cross = rfi_dd_value(rfi_dd_sub(one, two));
    if (cross != 0.0)
        return cross > 0.0 ? -1 : 1;
    return p->datum < q->datum ? -1 : 1;
}

static void sum_labels(rfi_plane *plane, const rfi_problem *problem, int label_center)
{
    int64_t i;
    int half;
    for (i = 0; i < problem->data->n; ++i) {
        const double c = split_weight(problem->c[i], &half);
        const double y = ldexp(problem->data->y[i], half - label_center);
        plane->labels = rfi_dd_add(plane->labels, rfi_dd_scale(rfi_dd_product(y, y), c));
    }
}

rf_status rfi_plane_create(rfi_plane *plane, const rfi_problem *problem)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    exponents s;
    rf_status status = measure(problem, &s);
    const int center = (s.row_low + s.row_high) / 2, label = (s.label_low + s.label_high) / 2;
    int64_t g;
    memset(plane, 0, sizeof(*plane));
    if (status != RF_OK)
        return status;
    plane->count = kinks->count;
    plane->w_exponent = label - center;
    plane->loss_exponent = 2 * label;
    plane->line = rfi_alloc(&problem->data->allocator, plane->count, sizeof(*plane->line));
    if (plane->line == NULL)
        return RF_ERROR_MEMORY;
    for (g = 0; g < plane->count && status == RF_OK; ++g)
        status = make_line(&plane->line[g], problem, g, center, label);
    if (status != RF_OK) {
        rfi_plane_free(plane, &problem->data->allocator);
        return status;
    }
    qsort(plane->line, (size_t)plane->count, sizeof(*plane->line), compare_lines);
    sum_labels(plane, problem, label);
    return RF_OK;
}

void rfi_plane_free(rfi_plane *plane, const rf_allocator *allocator)
{
    rfi_free(allocator, plane->line);
    memset(plane, 0, sizeof(*plane));
}
