/* plane_sums: H and b of a cone of the plane as sums of lines, what is read off them, and the
 * convex hull of the gradients at the origin (docs/mathematics.md 4.4).
 * SPDX-License-Identifier: MIT */
#include "analysis/plane.h"

#include "base/num.h"

rfi_plane_sums rfi_plane_sums_add(const rfi_plane_sums *a, const rfi_plane_sums *b)
{
    rfi_plane_sums sum;
    int k;
    for (k = 0; k < 3; ++k)
        sum.H[k] = rfi_dd_add(a->H[k], b->H[k]);
    for (k = 0; k < 2; ++k)
        sum.b[k] = rfi_dd_add(a->b[k], b->b[k]);
    sum.size = a->size + b->size;
    sum.rows = a->rows + b->rows;
    sum.lines = a->lines + b->lines;
    sum.which = a->which + b->which;
    return sum;
}

rfi_plane_sums rfi_plane_sums_line(const rfi_plane *plane, int64_t g, int side)
{
    const rfi_plane_line *line = &plane->line[g];
    const double *e = line->e;
    const rfi_dd h = line->curvature[side];
    rfi_plane_sums sums;
    sums.H[0] = rfi_dd_mul(h, rfi_dd_product(e[0], e[0]));
    sums.H[1] = rfi_dd_mul(h, rfi_dd_product(e[0], e[1]));
    sums.H[2] = rfi_dd_mul(h, rfi_dd_product(e[1], e[1]));
    sums.b[0] = rfi_dd_scale(line->pull[side], e[0]);
    sums.b[1] = rfi_dd_scale(line->pull[side], e[1]);
    sums.size = line->size[side];
    sums.rows = line->rows[side];
    sums.lines = line->rows[side] > 0;
    sums.which = sums.lines > 0 ? g : 0;
    return sums;
}

double rfi_plane_trace(const rfi_plane_sums *sums)
{
    return sums->H[0].hi + sums->H[2].hi;
}

static rfi_dd power(rfi_dd a, int exponent)
{
    a.hi = ldexp(a.hi, exponent);
    a.lo = ldexp(a.lo, exponent);
    return a;
}

/* The power of two of a positive number. */
static int binade(double x)
{
    int exponent;
    (void)frexp(x, &exponent);
    return exponent;
}

/* det of H 2^shift. */
static rfi_dd determinant(const rfi_plane_sums *sums, int shift)
{
    const rfi_dd a = power(sums->H[0], shift), b = power(sums->H[1], shift),
                 c = power(sums->H[2], shift);
    return rfi_dd_sub(rfi_dd_mul(a, c), rfi_dd_mul(b, b));
}

/* Two or more lines.  The flow drops the singular values of diag(sqrt c sigma') X below max(rows,
 * d) eps of the largest, s_1 (segment.c), and so does this, with det H = s_1^2 s_2^2 and trace H >=
 * s_1^2. Below 64 times that a change of the data by their rounding, 4 eps, changes w by more than
 * 4/(64 max(rows, d)) of its length: a rank that could be another. */
int rfi_plane_rank(const rfi_plane_sums *sums, int *doubtful)
{
    const double trace = rfi_plane_trace(sums);
    const double cut = (double)rfi_larger(sums->rows, 2) * RFI_EPS;
    double ratio;
    *doubtful = 0;
    if (sums->lines <= 1)
        return (int)sums->lines;
    ratio = sqrt(fmax(determinant(sums, -binade(trace)).hi, 0.0)) / ldexp(trace, -binade(trace));
    *doubtful = ratio <= 64.0 * cut;
    return ratio <= cut ? 1 : 2;
}

/* The arithmetic errs by some 2^-104 for each term.  Rows count as parallel to 4 eps
 * (model/kinks.c): a change of the rows by that much changes a term c y x of b by 4 eps and a term
 * of H rho by 8 eps.  The flow in double precision takes a velocity across a kink for zero below 32
 * eps of its terms (flow/kink.c), so that its limits on a kink are these to 32 eps. */
int rfi_plane_zero(double value, double size, int64_t rows)
{
    if (fabs(value) <= ldexp((double)(rows + 16) * size, -100))
        return RFI_ZERO;
    return fabs(value) <= 32.0 * RFI_EPS * size ? RFI_CLOSE : RFI_CLEAR;
}

void rfi_plane_solve(const rfi_plane_sums *sums, rfi_dd *w)
{
    const int shift = -binade(rfi_plane_trace(sums));
    const rfi_dd det = determinant(sums, shift);
    rfi_dd H[3], up[2];
    int k;
    for (k = 0; k < 3; ++k)
        H[k] = power(sums->H[k], shift);
    up[0] = rfi_dd_sub(rfi_dd_mul(sums->b[0], H[2]), rfi_dd_mul(sums->b[1], H[1]));
    up[1] = rfi_dd_sub(rfi_dd_mul(sums->b[1], H[0]), rfi_dd_mul(sums->b[0], H[1]));
    for (k = 0; k < 2; ++k)
        w[k] = power(rfi_dd_div(up[k], det), shift);
}

double rfi_plane_loss(const rfi_plane *plane, const rfi_plane_sums *sums, const rfi_dd *w)
{
    rfi_dd loss = rfi_dd_scale(plane->labels, 0.5);
    int k;
    for (k = 0; k < 2; ++k) {
        rfi_dd slope = rfi_dd_add(rfi_dd_mul(sums->H[k], w[0]), rfi_dd_mul(sums->H[k + 1], w[1]));
        slope = rfi_dd_sub(rfi_dd_scale(slope, 0.5), sums->b[k]);
        loss = rfi_dd_add(loss, rfi_dd_mul(slope, w[k]));
    }
    return fmax(rfi_dd_value(loss), 0.0);
}

static double cross(const rfi_dd *a, const rfi_dd *b)
{
    return rfi_dd_sub(rfi_dd_mul(a[0], b[1]), rfi_dd_mul(a[1], b[0])).hi;
}

static double length(const rfi_dd *a)
{
    const double x[2] = {a[0].hi, a[1].hi};
    return rfi_norm(x, 2);
}

/* Sign of a x b, 0 if it is not clear; *how receives how it is zero. */
static int turn(const rfi_dd *a, double a_size, const rfi_dd *b, double b_size, int64_t rows,
                int *how)
{
    const double value = cross(a, b);
    *how = rfi_plane_zero(value, length(a) * b_size + length(b) * a_size, rows);
    return *how != RFI_CLEAR ? 0 : value > 0.0 ? 1 : -1;
}

static int opposite(const rfi_dd *a, const rfi_dd *b)
{
    return a[0].hi * b[0].hi + a[1].hi * b[1].hi < 0.0;
}

static void touches(rfi_plane_hull *hull, int how)
{
    if (hull->touch != RFI_ZERO)
        hull->touch = how;
}

static void extend(rfi_dd *end, double *end_size, const rfi_dd *b, double size)
{
    end[0] = b[0];
    end[1] = b[1];
    *end_size = size;
}

/* The wedge from lo counterclockwise to hi is that of the vectors so far while its angle is below
 * 180 degrees, or 180 degrees to rounding (touch).  A vector opposite to its inside ends the
 * search: 0 is in the interior of the hull then. */
static void widen(rfi_plane_hull *hull, const rfi_dd *b, double size, int64_t rows)
{
    int at_lo, at_hi;
    const int from_lo = turn(hull->lo, hull->lo_size, b, size, rows, &at_lo);
    const int to_hi = turn(b, size, hull->hi, hull->hi_size, rows, &at_hi);
    if (from_lo < 0 && to_hi < 0) {
        hull->inside = 1;
    } else if (from_lo == 0 && opposite(hull->lo, b)) {
        touches(hull, at_lo);
        extend(hull->hi, &hull->hi_size, b, size);
    } else if (to_hi == 0 && opposite(hull->hi, b)) {
        touches(hull, at_hi);
        extend(hull->lo, &hull->lo_size, b, size);
    } else if (from_lo > 0 && to_hi < 0) {
        extend(hull->hi, &hull->hi_size, b, size);
    } else if (from_lo < 0 && to_hi > 0) {
        extend(hull->lo, &hull->lo_size, b, size);
    }
}

void rfi_plane_hull_add(rfi_plane_hull *hull, const rfi_plane_sums *sums)
{
    const double longest = fmax(fabs(sums->b[0].hi), fabs(sums->b[1].hi));
    const int how = rfi_plane_zero(longest, sums->size, sums->rows);
    const int shift = longest > 0.0 ? -binade(longest) : 0;
    const double size = ldexp(sums->size, shift);
    rfi_dd b[2];
    if (how != RFI_CLEAR) {
        touches(hull, how);
        return;
    }
    b[0] = power(sums->b[0], shift);
    b[1] = power(sums->b[1], shift);
    if (!hull->begun) {
        extend(hull->lo, &hull->lo_size, b, size);
        extend(hull->hi, &hull->hi_size, b, size);
        hull->begun = 1;
    } else if (!hull->inside) {
        widen(hull, b, size, sums->rows);
    }
}
