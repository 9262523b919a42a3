/* dd: double-double arithmetic: an unevaluated sum hi + lo with |lo| <= ulp(hi)/2, some 106 bits.
 * Each operation is exact to a relative error of a few 2^-104 of its result, a sum of operands of
 * opposite sign to that of its larger operand's last bits (the accurate variant: 2^-105 of the
 * result).  Algorithms: Joldes, Muller, Popescu, ACM Trans. Math. Softw. 44 (2017), 15.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_DD_H
#define RFI_DD_H

#include <math.h>

typedef struct rfi_dd {
    double hi, lo;
} rfi_dd;

static inline rfi_dd rfi_dd_of(double x)
{
    const rfi_dd r = {x, 0.0};
    return r;
}

/* a + b exactly, for any a and b; and for |a| >= |b|. */
static inline rfi_dd rfi_dd_sum(double a, double b)
{
    const double s = a + b, t = s - a;
    const rfi_dd r = {s, (a - (s - t)) + (b - t)};
    return r;
}

static inline rfi_dd rfi_dd_fast_sum(double a, double b)
{
    const double s = a + b;
    const rfi_dd r = {s, b - (s - a)};
    return r;
}

/* a b exactly. */
static inline rfi_dd rfi_dd_product(double a, double b)
{
    const double p = a * b;
    const rfi_dd r = {p, fma(a, b, -p)};
    return r;
}

static inline rfi_dd rfi_dd_neg(rfi_dd a)
{
    const rfi_dd r = {-a.hi, -a.lo};
    return r;
}

static inline rfi_dd rfi_dd_add(rfi_dd a, rfi_dd b)
{
    const rfi_dd s = rfi_dd_sum(a.hi, b.hi), t = rfi_dd_sum(a.lo, b.lo);
    const rfi_dd v = rfi_dd_fast_sum(s.hi, s.lo + t.hi);
    return rfi_dd_fast_sum(v.hi, t.lo + v.lo);
}

static inline rfi_dd rfi_dd_sub(rfi_dd a, rfi_dd b)
{
    return rfi_dd_add(a, rfi_dd_neg(b));
}

static inline rfi_dd rfi_dd_scale(rfi_dd a, double b)
{
    const rfi_dd p = rfi_dd_product(a.hi, b);
    return rfi_dd_fast_sum(p.hi, fma(a.lo, b, p.lo));
}

static inline rfi_dd rfi_dd_mul(rfi_dd a, rfi_dd b)
{
    const rfi_dd p = rfi_dd_product(a.hi, b.hi);
    return rfi_dd_fast_sum(p.hi, p.lo + fma(a.hi, b.lo, fma(a.lo, b.hi, a.lo * b.lo)));
}

static inline rfi_dd rfi_dd_div(rfi_dd a, rfi_dd b)
{
    const double q = a.hi / b.hi;
    const rfi_dd rest = rfi_dd_sub(a, rfi_dd_scale(b, q));
    return rfi_dd_fast_sum(q, (rest.hi + rest.lo) / b.hi);
}

static inline double rfi_dd_value(rfi_dd a)
{
    return a.hi + a.lo;
}

#endif
