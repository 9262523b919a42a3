/* standardize.c: variables of mean 0 and population variance 1.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "dataset.h"
#include "error.h"

static double mean_of(const double *v, int64_t n)
{
    double sum = 0;
    int64_t i;

    for (i = 0; i < n; i++) {
        sum += v[i];
    }
    return sum / (double)n;
}

static bool is_constant(const double *v, int64_t n)
{
    int64_t i;

    for (i = 1; i < n; i++) {
        if (v[i] != v[0]) {
            return false;
        }
    }
    return true;
}

/* Brings the largest magnitude into [1/2, 1) by a power of two, so that no square leaves the
 * range of double and no digit changes; returns the exponent to undo it. */
static int normalize(double *v, int64_t n)
{
    double largest = 0;
    int exponent;
    int64_t i;

    for (i = 0; i < n; i++) {
        largest = fmax(largest, fabs(v[i]));
    }
    (void)frexp(largest, &exponent);
    for (i = 0; i < n; i++) {
        v[i] = ldexp(v[i], -exponent);
    }
    return exponent;
}

/* The mean is taken twice: what rounding left of it in the first pass goes in the second. */
static void standardize_column(double *v, int64_t n, double *mean, double *deviation)
{
    double first;
    double rest;
    double squares = 0;
    double unit;
    int exponent;
    int64_t i;

    if (is_constant(v, n)) {
        *mean = v[0];
        *deviation = 0;
        for (i = 0; i < n; i++) {
            v[i] = 0;
        }
        return;
    }
    exponent = normalize(v, n);
    first = mean_of(v, n);
    for (i = 0; i < n; i++) {
        v[i] -= first;
    }
    rest = mean_of(v, n);
    for (i = 0; i < n; i++) {
        v[i] -= rest;
        squares += v[i] * v[i];
    }
    unit = sqrt(squares / (double)n);
    for (i = 0; i < n; i++) {
        v[i] /= unit;
    }
    *mean = ldexp(first + rest, exponent);
    *deviation = ldexp(unit, exponent);
}

int dataset_standardize(struct dataset *data)
{
    const size_t variables = (size_t)data->variables;
    double *column = allocate_array((size_t)data->n, sizeof *column);
    int64_t i;
    int64_t k;

    data->mean = allocate_array(variables, sizeof *data->mean);
    data->deviation = allocate_array(variables, sizeof *data->deviation);
    if (column == NULL || data->mean == NULL || data->deviation == NULL) {
        free(column);
        return fail_memory();
    }
    for (k = 0; k < data->variables; k++) {
        for (i = 0; i < data->n; i++) {
            column[i] = data->X[i * data->d + k];
        }
        standardize_column(column, data->n, &data->mean[k], &data->deviation[k]);
        for (i = 0; i < data->n; i++) {
            data->X[i * data->d + k] = column[i];
        }
    }
    free(column);
    return STATUS_OK;
}
