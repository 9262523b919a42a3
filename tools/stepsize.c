/* stepsize.c: power iteration on H = sum_i c_i x_i x_i^T over all data.
 * SPDX-License-Identifier: MIT
 *
 * Descent is stable while eta lambda < 2 for the Hessian of the active data, whose eigenvalues H
 * bounds.  Power iteration approaches the largest from below: after k steps from a random start
 * its relative error is about ln(d) / k (Kuczynski and Wozniakowski, SIAM J. Matrix Anal. Appl. 13,
 * 1992), far from the factor 2 that eta = 1 / lambda leaves.  Of several neurons the row of datum i
 * is a part of (a_j x_i)_j, whose Hessian is a a^T times H: the eigenvalue grows by |a|^2. */
#include "stepsize.h"

#include <math.h>
#include <stdlib.h>

#include "error.h"
#include "random.h"

enum { MOST_ITERATIONS = 100 };
static const double enough = 1e-9; /* relative change of the estimate */

/* A power of two that brings the largest element of X to about 1; 0 if all are 0. */
static double scaling(const struct dataset *data)
{
    const int64_t count = data->n * data->d;
    double largest = 0;
    int exponent;
    int64_t k;

    for (k = 0; k < count; k++) {
        largest = fmax(largest, fabs(data->X[k]));
    }
    (void)frexp(largest, &exponent);
    return largest == 0 ? 0 : ldexp(1, exponent < -1000 ? 1000 : -exponent);
}

/* out = (rX)^T (rX) v / n; returns v . out. */
static double multiply(const struct dataset *data, double r, const double *v, double *out)
{
    double quotient = 0;
    int64_t i;
    int64_t k;

    for (k = 0; k < data->d; k++) {
        out[k] = 0;
    }
    for (i = 0; i < data->n; i++) {
        const double *x = data->X + i * data->d;
        double dot = 0;
        for (k = 0; k < data->d; k++) {
            dot += r * x[k] * v[k];
        }
        quotient += dot * dot;
        for (k = 0; k < data->d; k++) {
            out[k] += dot * (r * x[k]);
        }
    }
    for (k = 0; k < data->d; k++) {
        out[k] /= (double)data->n;
    }
    return quotient / (double)data->n;
}

static void normalize(const double *in, double *out, int64_t d)
{
    double squares = 0;
    int64_t k;

    for (k = 0; k < d; k++) {
        squares += in[k] * in[k];
    }
    for (k = 0; k < d; k++) {
        out[k] = in[k] / sqrt(squares);
    }
}

/* The largest eigenvalue of (rX)^T (rX) / n; v and product are room for d numbers each. */
static double largest_eigenvalue(const struct dataset *data, double r, double *v, double *product)
{
    double lambda = multiply(data, r, v, product);
    int k;

    for (k = 0; k < MOST_ITERATIONS && lambda > 0; k++) {
        const double before = lambda;
        normalize(product, v, data->d);
        lambda = multiply(data, r, v, product);
        if (lambda - before <= enough * lambda) {
            break;
        }
    }
    return lambda;
}

int stepsize_limit(const struct dataset *data, const struct network *network, bool mean_loss, double *limit)
{
    const double r = scaling(data);
    double *v;
    double lambda;
    int status;

    if (r == 0) {
        *limit = INFINITY; /* all data 0: every step is stable, and none does anything */
        return STATUS_OK;
    }
    v = allocate_array(2 * (size_t)data->d, sizeof *v);
    if (v == NULL) {
        return fail_memory();
    }
    status = random_direction(0, data->d, v);
    if (status == STATUS_OK) {
        lambda = largest_eigenvalue(data, r, v, v + data->d);
        *limit = 2 * (r / lambda * r / (mean_loss ? 1 : (double)data->n) / network->norm / network->norm);
        if (!(*limit > 0) || isinf(*limit)) {
            *limit = NAN;
        }
    }
    free(v);
    return status;
}

int stepsize_choose(double limit, double *eta)
{
    *eta = isinf(limit) ? 1 : limit / 2;
    return isnan(limit) ? fail(STATUS_USAGE, "no step size can be chosen for data of this size: give --eta")
                        : STATUS_OK;
}
