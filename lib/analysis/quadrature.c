/* quadrature: see quadrature.h.
 * SPDX-License-Identifier: MIT */
#include "analysis/quadrature.h"

#include <math.h>

/* Gauss-Kronrod (7, 15); *error estimates the error of the result. */
static double kronrod(const rfi_integrand *f, double a, double b, double *error)
{
    static const double node[8] = {
        0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
        0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
        0.586087235467691130294144691693332, 0.405845151377397166906606412076961,
        0.207784955007898467600689403773245, 0.0};
    static const double weight[8] = {
        0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
        0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
        0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
        0.204432940075298892414161999234649, 0.209482141084727828012999174891714};
    static const double gauss[4] = {
        0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
        0.381830050505118944950369775488975, 0.417959183673469387755102040816327};
    const double center = 0.5 * (a + b), half = 0.5 * (b - a), middle = f->at(f->context, center);
    double fine = weight[7] * middle, coarse = gauss[3] * middle;
    int k;
    for (k = 0; k < 7; ++k) {
        const double sum =
            f->at(f->context, center - half * node[k]) + f->at(f->context, center + half * node[k]);
        fine += weight[k] * sum;
        if (k % 2 == 1)
            coarse += gauss[k / 2] * sum;
    }
    *error = fabs(fine - coarse) * half;
    return fine * half;
}

double rfi_integral(const rfi_integrand *f, double a, double b, int depth)
{
    double error, length = kronrod(f, a, b, &error);
    /* A sum that is not finite, or so small that its relative error means nothing, is not refined. */
    if (!(error > 1e-11 * fabs(length)) || fabs(length) < 1e-290 || depth == 0)
        return length;
    return rfi_integral(f, a, 0.5 * (a + b), depth - 1) + rfi_integral(f, 0.5 * (a + b), b, depth - 1);
}
