/* random.c: uniformly random unit vectors from a seed.
 * SPDX-License-Identifier: MIT
 *
 * The generator is splitmix64 (Steele, Lea, Flood, OOPSLA 2014), its state starting at the seed.
 * The direction uses + - * / and sqrt alone, which IEEE 754 rounds the same everywhere; the
 * logarithm and cosine of the Box-Muller transform would differ between mathematical libraries.
 *
 * A uniform point of the sphere in R^2m consists of m points in the plane whose angles are
 * independent and uniform and whose squared radii are the spacings that m - 1 uniform numbers cut
 * from [0, 1] (a Dirichlet vector of ones, as is that of m sums of two squared normals).  In an odd
 * dimension one coordinate more is drawn and dropped, and the rest is normalized. */
#include "random.h"

#include <math.h>
#include <stdlib.h>

#include "error.h"

static uint64_t next_bits(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Uniform on the multiples of 2^-53 in [0, 1). */
static double next_uniform(uint64_t *state)
{
    return (double)(next_bits(state) >> 11) * (1.0 / 9007199254740992.0);
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;

    return (a > b) - (a < b);
}

/* A point of the circle of the given squared radius, by rejection from the square. */
static void next_circle(uint64_t *state, double squared_radius, double point[2])
{
    double square;
    double factor;

    do {
        point[0] = 2 * next_uniform(state) - 1;
        point[1] = 2 * next_uniform(state) - 1;
        square = point[0] * point[0] + point[1] * point[1];
    } while (square > 1 || square == 0);
    factor = sqrt(squared_radius / square);
    point[0] *= factor;
    point[1] *= factor;
}

/* One attempt, cuts being room for (d + 1) / 2 numbers; returns the norm of the d coordinates. */
static double draw(uint64_t *state, int64_t d, double *u, double *cuts)
{
    const int64_t m = (d + 1) / 2;
    double last = 0;
    double squares = 0;
    int64_t k;

    for (k = 0; k < m - 1; k++) {
        cuts[k] = next_uniform(state);
    }
    qsort(cuts, (size_t)(m - 1), sizeof *cuts, compare);
    cuts[m - 1] = 1;
    for (k = 0; k < m; k++) {
        double point[2];
        next_circle(state, cuts[k] - last, point);
        last = cuts[k];
        u[2 * k] = point[0];
        squares += point[0] * point[0];
        if (2 * k + 1 < d) {
            u[2 * k + 1] = point[1];
            squares += point[1] * point[1];
        }
    }
    return sqrt(squares);
}

int random_direction(uint64_t seed, int64_t d, double *u)
{
    double *cuts = allocate_array((size_t)(d + 1) / 2, sizeof *cuts);
    uint64_t state = seed;
    double norm;
    int64_t k;

    if (cuts == NULL) {
        return fail_memory();
    }
    do {
        norm = draw(&state, d, u, cuts);
    } while (norm == 0);
    for (k = 0; k < d; k++) {
        u[k] /= norm;
    }
    free(cuts);
    return STATUS_OK;
}
