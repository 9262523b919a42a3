/* view: see view.h.
 * SPDX-License-Identifier: MIT */
#include "base/view.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* Elements that are widened at a time; a multiple of the eight partial sums of rfi_dot. */
enum { PIECE = 64 };

static void widen(const float *x, double *out, int64_t count)
{
    int64_t k;
    for (k = 0; k < count; ++k)
        out[k] = (double)x[k];
}

/* The order of rfi_dot. */
static double single_dot(const float *x, const double *y, int64_t d)
{
    double s[8] = {0, 0, 0, 0, 0, 0, 0, 0}, tail = 0.0;
    int64_t k = 0;
    int j;
    for (; k + 8 <= d; k += 8)
        for (j = 0; j < 8; ++j)
            s[j] += (double)x[k + j] * y[k + j];
    for (; k < d; ++k)
        tail += (double)x[k] * y[k];
    return (((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))) + tail;
}

static double single_product(const float *x, const float *y, int64_t d)
{
    double s[8] = {0, 0, 0, 0, 0, 0, 0, 0}, tail = 0.0;
    int64_t k = 0;
    int j;
    for (; k + 8 <= d; k += 8)
        for (j = 0; j < 8; ++j)
            s[j] += (double)x[k + j] * (double)y[k + j];
    for (; k < d; ++k)
        tail += (double)x[k] * (double)y[k];
    return (((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))) + tail;
}

double rfi_view_dot(rfi_view x, const double *y, int64_t d)
{
    return x.single != NULL ? single_dot(x.single, y, d) : rfi_dot(x.wide, y, d);
}

double rfi_view_product(rfi_view x, rfi_view y, int64_t d)
{
    return x.single != NULL ? single_product(x.single, y.single, d) : rfi_dot(x.wide, y.wide, d);
}

double rfi_view_dot_accurate(rfi_view x, const double *y, int64_t d)
{
    rfi_accurate sum = {0.0, 0.0, 0.0};
    double piece[PIECE];
    int64_t k;
    if (x.single == NULL)
        return rfi_dot_accurate(x.wide, y, d);
    for (k = 0; k < d; k += PIECE) {
        const int64_t count = rfi_smaller(PIECE, d - k);
        widen(x.single + k, piece, count);
        rfi_accurate_add(&sum, piece, y + k, count);
    }
    return rfi_accurate_value(&sum, d);
}

void rfi_view_axpy(double a, rfi_view x, double *y, int64_t d)
{
    int64_t k;
    if (x.single == NULL)
        rfi_axpy(a, x.wide, y, d);
    for (k = 0; k < d && x.single != NULL; ++k)
        y[k] += a * (double)x.single[k];
}

/* The square of a float neither overflows nor underflows in double, and the sum of squares is
 * that of rfi_norm unless the largest lies beyond its limits, where no float does. */
double rfi_view_norm(rfi_view x, int64_t d)
{
    return x.single != NULL ? sqrt(single_product(x.single, x.single, d)) : rfi_norm(x.wide, d);
}

void rfi_view_copy(rfi_view x, double *out, int64_t d)
{
    if (x.single != NULL)
        widen(x.single, out, d);
    else
        memcpy(out, x.wide, (size_t)d * sizeof(double));
}
