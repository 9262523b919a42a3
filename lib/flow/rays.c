/* rays: see rays.h.
 * SPDX-License-Identifier: MIT */
#include "flow/rays.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* More rays than so many are not watched. */
enum { MOST_RAYS = 100000 };

/* Products x . rho below this times |x| are rounding: rho is orthogonal to rounded rows. */
#define ON_RAY (64.0 * RFI_EPS)

void rfi_rays_free(rfi_rays *rays, const rf_allocator *allocator)
{
    rfi_free(allocator, rays->vector);
    rfi_free(allocator, rays->weights);
    memset(rays, 0, sizeof(*rays));
}

/* C(n, k), or MOST_RAYS if it is more than half of that. */
static int64_t choose(int64_t n, int64_t k)
{
    int64_t i, count = 1;
    for (i = 1; i <= k; ++i) {
        if (count > INT64_MAX / n)
            return MOST_RAYS;
        count = count * (n - k + i) / i;
        if (2 * count > MOST_RAYS)
            return MOST_RAYS;
    }
    return count;
}

int rfi_rays_side(const rfi_problem *problem, int64_t line, const double *rho)
{
    const rfi_data *data = problem->data;
    const int64_t row = data->kinks.row[line];
    const double z = rfi_view_dot(rfi_row(data, row), rho, data->d);
    if (fabs(z) <= ON_RAY * data->norm[row])
        return 0;
    return z > 0.0 ? 1 : -1;
}

/* The direction orthogonal to an orthonormal basis of d - 1 rows. */
static void complete(const double *basis, int64_t d, double *rho)
{
    double largest = -1.0;
    int64_t axis = 0, k, j;
    int pass;
    for (k = 0; k < d; ++k) { /* the axis that is farthest from the span of the basis */
        double rest = 1.0;
        for (j = 0; j < d - 1; ++j)
            rest -= basis[j * d + k] * basis[j * d + k];
        if (rest > largest) {
            largest = rest;
            axis = k;
        }
    }
    memset(rho, 0, (size_t)d * sizeof(double));
    rho[axis] = 1.0;
    for (pass = 0; pass < 3; ++pass) {
        for (j = 0; j < d - 1; ++j)
            rfi_axpy(-rfi_dot(basis + j * d, rho, d), basis + j * d, rho, d);
        largest = rfi_norm(rho, d);
        for (k = 0; k < d; ++k)
            rho[k] /= largest;
    }
}

/* Next subset of `size` among `lines`, ascending; returns 0 after the last. */
static int next_subset(int64_t *subset, int64_t size, int64_t lines)
{
    int64_t k = size - 1, j;
    while (k >= 0 && subset[k] == lines - size + k)
        --k;
    if (k < 0)
        return 0;
    ++subset[k];
    for (j = k + 1; j < size; ++j)
        subset[j] = subset[j - 1] + 1;
    return 1;
}

static void collect(rfi_rays *rays, const rfi_problem *problem, int64_t *subset, double *basis)
{
    const rfi_data *data = problem->data;
    const int64_t d = data->d, size = d - 1, lines = data->kinks.count;
    int64_t k, rank;
    for (k = 0; k < size; ++k)
        subset[k] = k;
    do {
        for (k = 0, rank = 0; k < size && rank == k; ++k)
            rank += rfi_extend_basis(basis, rank, rfi_row(data, data->kinks.row[subset[k]]), d);
        if (rank == size)
            complete(basis, d, rays->vector + rays->count++ * d);
    } while (next_subset(subset, size, lines));
}

void rfi_rays_vector(const rfi_rays *rays, const rfi_problem *problem, int64_t k, double *rho)
{
    const int64_t d = problem->data->d;
    int64_t l;
    for (l = 0; l < d; ++l)
        rho[l] = k % 2 == 0 ? rays->vector[k / 2 * d + l] : -rays->vector[k / 2 * d + l];
}

/* 1 if no datum is active on a ray. */
static int is_dead(const rfi_problem *problem, const double *rho)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    int64_t i;
    for (i = 0; i < problem->data->n; ++i)
        if (kinks->line[i] >= 0
            && rfi_rays_side(problem, kinks->line[i], rho) * (kinks->factor[i] > 0.0 ? 1 : -1) > 0)
            return 0;
    return 1;
}

/* 1 if there is an omega with X omega < 0: then the sum of the dead rays is one. */
static int has_dead_cone(const rfi_rays *rays, const rfi_problem *problem, double *rho,
                         double *center)
{
    const rfi_data *data = problem->data;
    int64_t i, k;
    memset(center, 0, (size_t)data->d * sizeof(double));
    for (k = 0; k < 2 * rays->count; ++k) {
        rfi_rays_vector(rays, problem, k, rho);
        if (is_dead(problem, rho))
            rfi_axpy(1.0, rho, center, data->d);
    }
    for (i = 0; i < data->n; ++i)
        if (data->kinks.line[i] >= 0
            && rfi_view_dot(rfi_row(data, i), center, data->d) >= -ON_RAY * data->norm[i])
            return 0;
    return 1;
}

int rfi_rays_find(rfi_rays *rays, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    const rf_allocator *a = &data->allocator;
    const int64_t d = data->d, lines = data->kinks.count;
    const int64_t most = lines >= d - 1 && d > 1 ? choose(lines, d - 1) : 0;
    int64_t *subset;
    double *basis;
    int failed;
    if (rays->built)
        return 0;
    subset = rfi_alloc(a, d, sizeof(int64_t));
    basis = rfi_alloc(a, d * d, sizeof(double));
    if (rays->weights == NULL)
        rays->weights = rfi_alloc(a, data->n + rfi_most_modes(problem), sizeof(double));
    if (most > 0 && most < MOST_RAYS && rays->vector == NULL)
        rays->vector = rfi_alloc(a, most * d, sizeof(double));
    failed =
        subset == NULL || basis == NULL || rays->weights == NULL
        || (most > 0 && most < MOST_RAYS && rays->vector == NULL);
    if (!failed && rays->vector != NULL) {
        int64_t g, rank = 0;
        for (g = 0; g < lines && rank < d; ++g)
            rank += rfi_extend_basis(basis, rank, rfi_row(data, data->kinks.row[g]), d);
        if (rank == d)
            collect(rays, problem, subset, basis);
    }
    if (!failed) {
        rays->built = 1;
        rays->doubtful = rays->count == 0;
        rays->watched = rays->count > 0 && !has_dead_cone(rays, problem, basis, basis + d);
    }
    rfi_free(a, subset);
    rfi_free(a, basis);
    return failed ? -1 : 0;
}

/* a_j sqrt(c_i) sigma(x_i . rho) on ray k: the weight of sqrt(c_i) r_i in phi. */
static double weight_of(const rfi_rays *rays, const rfi_problem *problem, int64_t j, int64_t k,
                        int64_t i)
{
    const rfi_data *data = problem->data;
    const double *vector = rays->vector + k / 2 * data->d;
    double z;
    if (data->kinks.line[i] < 0)
        return 0.0;
    z = rfi_view_dot(rfi_row(data, i), vector, data->d) * (k % 2 == 0 ? 1.0 : -1.0);
    return z > ON_RAY * data->norm[i] ? problem->a[j] * sqrt(problem->c[i]) * z : 0.0;
}

/* 1 if what the moving residuals add to phi vanishes at infinity.  l: rows and modes doubles. */
static int settles(const rfi_rays *rays, const rfi_segment *seg, const rfi_problem *problem,
                   int64_t j, int64_t k, double *l)
{
    int64_t row;
    for (row = 0; row < seg->rows; ++row)
        l[row] = weight_of(rays, problem, j, k, seg->row[row]);
    return seg->rows > 0 && rfi_segment_vanishes(seg, l, l + seg->rows);
}

rfi_expsum rfi_rays_loss(const rfi_rays *rays, const rfi_segment *seg, const rfi_problem *problem,
                         int64_t j, int64_t k, double *p)
{
    const rfi_data *data = problem->data;
    rfi_expsum f = {seg->modes, seg->rate, p, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    double limit = 0.0, size = 0.0;
    int64_t i, l;
    memset(p, 0, (size_t)seg->modes * sizeof(double));
    for (i = 0; i < data->n; ++i) {
        const int64_t row = seg->row_at[i];
        const double weight = weight_of(rays, problem, j, k, i);
        if (weight == 0.0)
            continue;
        size += fabs(weight) * sqrt(problem->c[i]) * fabs(data->y[i]);
        if (row < 0) {
            limit -= weight * sqrt(problem->c[i]) * data->y[i];
            continue;
        }
        f.start += weight * seg->residual[row];
        size += fabs(weight) * seg->terms[row];
        for (l = 0; l < seg->modes; ++l)
            p[l] -= weight * seg->U[row * seg->most + l] * seg->pull[l];
    }
    f.start += limit;
    f.floor = 4.0 * RFI_EPS * size;
    rfi_expsum_finish(&f, NULL, 0.0);
    if (fabs(f.limit - limit) <= 1e-6 * size && settles(rays, seg, problem, j, k, rays->weights))
        rfi_expsum_finish(&f, &limit, 0.0);
    return f;
}

/* Rays of one cone at most that are told apart; more meet where many lines do. */
enum { MOST_TIED = 16 };

/* 1 if no line has the ray on one side and the combination so far on the other. */
static int in_cone(const rfi_rays *rays, const rfi_problem *problem, int64_t k, const int8_t *side)
{
    double sign = k % 2 == 0 ? 1.0 : -1.0;
    int64_t g;
    for (g = 0; g < problem->data->kinks.count; ++g)
        if (sign * side[g]
                * rfi_rays_side(problem, g, rays->vector + k / 2 * problem->data->d)
            < 0.0)
            return 0;
    return 1;
}

/* Adds the sides of a ray. */
static void join_sides(const rfi_rays *rays, const rfi_problem *problem, int64_t k, int8_t *side)
{
    int64_t g;
    for (g = 0; g < problem->data->kinks.count; ++g) {
        const int on = rfi_rays_side(problem, g, rays->vector + k / 2 * problem->data->d);
        if (on != 0)
            side[g] = (int8_t)(k % 2 == 0 ? on : -on);
    }
}

/* rho = sum_k u_k rho_k, u >= 0, closest to the direction of steepest descent: -slope_k is its product with
 * rho_k.  Least squares coordinate by coordinate, which brings the u_k that are 0 there exactly. */
static void descend(const rfi_rays *rays, int64_t d, const int64_t *ray, const double *slope,
                    int64_t count, double *u)
{
    int64_t step, k, l;
    for (k = 0; k < count; ++k)
        u[k] = 0.0;
    for (step = 0; step < 1000; ++step)
        for (k = 0; k < count; ++k) {
            double rest = -slope[k];
            for (l = 0; l < count; ++l)
                if (l != k)
                    rest -= u[l] * (ray[k] % 2 == ray[l] % 2 ? 1.0 : -1.0)
                            * rfi_dot(rays->vector + ray[k] / 2 * d,
                                      rays->vector + ray[l] / 2 * d, d);
            u[k] = fmax(rest, 0.0);
        }
}

void rfi_rays_exit(const rfi_rays *rays, const rfi_segment *seg, const rfi_problem *problem,
                   int64_t j, int64_t ray, double tau, int8_t *side, double *p)
{
    const size_t lines = (size_t)problem->data->kinks.count;
    int64_t tied[MOST_TIED], count = 0, k, found = -1;
    double slope[MOST_TIED], u[MOST_TIED];
    memset(side, 0, lines);
    join_sides(rays, problem, ray, side);
    for (k = -1; k < 2 * rays->count && count < MOST_TIED; ++k) {
        const int64_t at = k < 0 ? ray : k; /* the ray itself comes first */
        const rfi_expsum f = rfi_rays_loss(rays, seg, problem, j, at, p);
        const rfi_value v = rfi_expsum_at(&f, tau);
        const double floor = 16.0 * (v.noise + RFI_EPS * tau * fabs(v.slope));
        if (k == ray
            || (k >= 0 && (v.slope >= 0.0 || fabs(v.f) > floor || !in_cone(rays, problem, at, side))))
            continue;
        join_sides(rays, problem, at, side);
        slope[count] = v.slope;
        tied[count++] = at;
    }
    if (count < 2)
        return;
    descend(rays, problem->data->d, tied, slope, count, u);
    memset(side, 0, lines);
    for (k = 0; k < count; ++k)
        if (u[k] > 0.0) {
            join_sides(rays, problem, tied[k], side);
            found = k;
        }
    if (found < 0)
        join_sides(rays, problem, ray, side);
}
