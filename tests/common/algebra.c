/* algebra.c: the little linear algebra the tests check results with.
 * SPDX-License-Identifier: MIT */
#include "algebra.h"

#include "random.h"

#include <math.h>
#include <stdlib.h>

double test_dot(const double *a, const double *b, int64_t count)
{
    long double sum = 0;

    for (int64_t i = 0; i < count; i++)
        sum += (long double)a[i] * b[i];
    return (double)sum;
}

double test_norm(const double *a, int64_t count)
{
    double scale = test_max_abs(a, count);
    long double sum = 0;

    /* Scaled, so that entries near 1e-200 or 1e200 neither vanish nor overflow. */
    if (scale == 0 || !isfinite(scale))
        return scale;
    for (int64_t i = 0; i < count; i++)
        sum += (long double)(a[i] / scale) * (a[i] / scale);
    return scale * (double)sqrtl(sum);
}

double test_distance(const double *a, const double *b, int64_t count)
{
    double scale = 0;
    long double sum = 0;

    for (int64_t i = 0; i < count; i++)
        scale = fmax(scale, fabs(a[i] - b[i]));
    if (scale == 0 || !isfinite(scale))
        return scale;
    for (int64_t i = 0; i < count; i++) {
        double part = (a[i] - b[i]) / scale;

        sum += (long double)part * part;
    }
    return scale * (double)sqrtl(sum);
}

double test_max_abs(const double *a, int64_t count)
{
    double max = 0;

    for (int64_t i = 0; i < count; i++)
        max = fmax(max, fabs(a[i]));
    return max;
}

/* One Jacobi rotation: annihilates A[p][q]. */
static void rotate(double *A, int64_t m, int64_t p, int64_t q)
{
    double theta = (A[q * m + q] - A[p * m + p]) / (2 * A[p * m + q]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;

    for (int64_t k = 0; k < m; k++) {
        double a = A[p * m + k], b = A[q * m + k];

        A[p * m + k] = c * a - s * b;
        A[q * m + k] = s * a + c * b;
    }
    for (int64_t k = 0; k < m; k++) {
        double a = A[k * m + p], b = A[k * m + q];

        A[k * m + p] = c * a - s * b;
        A[k * m + q] = s * a + c * b;
    }
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

void symmetric_eigenvalues(double *A, int64_t m, double *values)
{
    double scale = test_max_abs(A, m * m);

    for (int sweep = 0; sweep < 60; sweep++) {
        double largest = 0;

        for (int64_t p = 0; p < m; p++) {
            for (int64_t q = p + 1; q < m; q++) {
                double off = fabs(A[p * m + q]);

                largest = fmax(largest, off);
                if (off > 1e-18 * scale)
                    rotate(A, m, p, q);
            }
        }
        if (largest <= 1e-17 * scale)
            break;
    }
    for (int64_t k = 0; k < m; k++)
        values[k] = A[k * m + k];
    qsort(values, (size_t)m, sizeof *values, descending);
}

/* Gram-Schmidt, twice for orthogonality to rounding. */
void random_rotation(random_source *source, int64_t m, double *Q)
{
    for (int64_t i = 0; i < m; i++) {
        double *row = Q + i * m;

        for (int64_t k = 0; k < m; k++)
            row[k] = random_normal(source);
        for (int pass = 0; pass < 2; pass++) {
            double norm;

            for (int64_t j = 0; j < i; j++) {
                double along = test_dot(row, Q + j * m, m);

                for (int64_t k = 0; k < m; k++)
                    row[k] -= along * Q[j * m + k];
            }
            norm = test_norm(row, m);
            for (int64_t k = 0; k < m; k++)
                row[k] /= norm;
        }
    }
}
