/* test_speed.c: the velocity is minus the gradient, the rates are eigenvalues, the norm's rate is
 * its derivative, the path has the length of its pieces. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "flow_data.h"

#include <math.h>
#include <stdlib.h>

enum { SEEDS = 10 };

/* The velocity is minus the element of Clarke's subdifferential with the weights theta on
 * record.  Both are sums of terms of the size of problem_gradient_size, good to K units of
 * rounding: n + d terms, and 45 units (1e-14) for w itself. */
static void check_velocity(const flow_data *f)
{
    const problem *p = f->p;
    double bound = (double)(p->n + p->d + 60) * TEST_EPS * problem_gradient_size(p, f->size);
    double *w = test_doubles(p->d), *v = test_doubles(p->d), *g = test_doubles(p->d);
    double *theta = test_doubles(p->n);
    uint8_t *state = test_alloc(p->n, 1);

    for (int64_t k = 0; k < f->time_count; k++) {
        double t = f->times[k];
        int64_t sliding = flow_states(f, t, state, theta);

        flow_at(f, t, RF_WEIGHTS, w);
        flow_at(f, t, RF_VELOCITY, v);
        problem_gradient(p, w, state, theta, g);
        for (int64_t j = 0; j < p->d; j++)
            g[j] = -g[j];
        if (sliding == 0)
            flow_check(f, test_distance(v, g, p->d) <= bound, "velocity at %g off by %g, bound %g",
                       t, test_distance(v, g, p->d), bound);
    }
    free(w);
    free(v);
    free(g);
    free(theta);
    free(state);
}

START_TEST(velocity)
{
    flow_each((enum problem_kind)_i, SEEDS, check_velocity);
}
END_TEST

/* Orthonormal rows spanning the sliding rows; returns how many. */
static int64_t sliding_basis(const problem *p, const uint8_t *state, double *basis)
{
    int64_t count = 0;

    for (int64_t i = 0; i < p->n; i++) {
        double *row = basis + count * p->d, norm = test_norm(p->X + i * p->d, p->d), left;

        if (state[i] != STATE_SLIDING || count == p->d)
            continue;
        for (int64_t k = 0; k < p->d; k++)
            row[k] = p->X[i * p->d + k] / norm;
        for (int pass = 0; pass < 2; pass++) {
            for (int64_t j = 0; j < count; j++) {
                double along = test_dot(row, basis + j * p->d, p->d);

                for (int64_t k = 0; k < p->d; k++)
                    row[k] -= along * basis[j * p->d + k];
            }
        }
        left = test_norm(row, p->d);
        for (int64_t k = 0; k < p->d; k++)
            row[k] /= left;
        count += left > 1e-10;
    }
    return count;
}

/* P H P, with P the projection across the sliding rows. */
static void projected_hessian(const problem *p, const uint8_t *state, double *H)
{
    double *basis = test_doubles(p->d * p->d), *x = test_doubles(p->d);
    int64_t count = sliding_basis(p, state, basis);

    for (int64_t i = 0; i < p->n; i++) {
        double s = state[i] == STATE_ACTIVE ? 1 : problem_slope(p);

        if (state[i] == STATE_SLIDING)
            continue;
        for (int64_t k = 0; k < p->d; k++)
            x[k] = s * sqrt(problem_weight(p, i)) * p->X[i * p->d + k];
        for (int64_t j = 0; j < count; j++) {
            double along = test_dot(x, basis + j * p->d, p->d);

            for (int64_t k = 0; k < p->d; k++)
                x[k] -= along * basis[j * p->d + k];
        }
        for (int64_t k = 0; k < p->d; k++)
            for (int64_t l = 0; l < p->d; l++)
                H[k * p->d + l] += x[k] * x[l];
    }
    free(basis);
    free(x);
}

/* The rates are the eigenvalues of P H P, descending: by Weyl within the rounding of H, n terms,
 * and of Jacobi's rotations, about 10 d^2 of them.  Their sum is its trace. */
static void check_rates(const flow_data *f)
{
    const problem *p = f->p;
    double *rates = test_doubles(p->d), *H = test_doubles(p->d * p->d),
           *values = test_doubles(p->d);
    double *theta = test_doubles(p->n);
    uint8_t *state = test_alloc(p->n, 1);

    for (int64_t k = 0; k < f->time_count; k++) {
        double trace = 0, sum = 0, bound;

        flow_states(f, f->times[k], state, theta);
        flow_at(f, f->times[k], RF_RATES, rates);
        for (int64_t j = 0; j < p->d * p->d; j++)
            H[j] = 0;
        projected_hessian(p, state, H);
        for (int64_t j = 0; j < p->d; j++)
            trace += H[j * p->d + j];
        bound = (double)(p->n + 10 * p->d * p->d) * TEST_EPS * trace;
        symmetric_eigenvalues(H, p->d, values);
        for (int64_t j = 0; j < p->d; j++) {
            flow_check(f, fabs(rates[j] - values[j]) <= bound, "rate %d at %g is %g, expected %g",
                       (int)j, f->times[k], rates[j], values[j]);
            flow_check(f, rates[j] >= 0 && (j == 0 || rates[j] <= rates[j - 1]),
                       "rate %d is out of order at %g", (int)j, f->times[k]);
            sum += rates[j];
        }
        flow_check(f, fabs(sum - trace) <= bound, "rates add up to %g, trace %g", sum, trace);
    }
    free(rates);
    free(H);
    free(values);
    free(theta);
    free(state);
}

START_TEST(rates)
{
    flow_each((enum problem_kind)_i, SEEDS, check_rates);
}
END_TEST

/* (|w(t+h)|^2 - |w(t-h)|^2) / 4h */
static double norm_slope(const flow_data *f, double t, double h)
{
    double after = flow_value(f, t + h, RF_WEIGHT_NORM),
           before = flow_value(f, t - h, RF_WEIGHT_NORM);

    return (after - before) * ((after + before) / (4 * h));
}

/* The central difference errs by C h^2 and by the rounding of |w|^2, 8 eps |w|^2, over h;
 * comparing h with h/2 shows C h^2 to within a factor 4/3 where the next order is small, so four
 * times their difference is allowed. */
static void check_norm_rate(const flow_data *f)
{
    for (int64_t k = 1; k + 1 < f->time_count; k++) {
        double t = f->times[k], left = t - f->times[k - 1], right = f->times[k + 1] - t;
        double h = 1e-4 * fmin(fmin(left, right), f->p->time), wide, narrow, rate, bound;
        int at_event = 0;

        for (int64_t e = 0; e < f->event_count; e++)
            at_event |= f->events[e].time == t;
        if (at_event || h < 1e-7 * t || h == 0)
            continue;
        wide = norm_slope(f, t, h);
        narrow = norm_slope(f, t, h / 2);
        rate = flow_value(f, t, RF_NORM_RATE);
        bound = 4 * fabs(wide - narrow) + 8 * TEST_EPS * f->size * (f->size / h);
        flow_check(f, fabs(rate - narrow) <= bound,
                   "norm rate at %g is %g, difference %g, bound %g", t, rate, narrow, bound);
    }
}

START_TEST(norm_rate)
{
    flow_each((enum problem_kind)_i, SEEDS, check_norm_rate);
}
END_TEST

/* The length of the path: not less than the chords of the grid, each piece at most sqrt(dt (L0 -
 * L1)) by Cauchy and Schwarz, as |w'|^2 = -dL/dt; and good to 1e-10, by its promise, and the
 * rounding of w. */
static void check_path(const flow_data *f)
{
    const problem *p = f->p;
    double *w = test_doubles(p->d), *v = test_doubles(p->d), total = 0;
    double rounding = 100 * TEST_EPS * f->size;

    flow_at(f, 0, RF_WEIGHTS, w);
    flow_check(f, flow_value(f, 0, RF_PATH_LENGTH) == 0, "path length at %g is not 0", 0.0);
    for (int64_t k = 1; k < f->time_count; k++) {
        double t = f->times[k], s = f->times[k - 1], length = flow_value(f, t, RF_PATH_LENGTH);
        double drop = fmax(0, flow_value(f, s, RF_LOSS) - flow_value(f, t, RF_LOSS));
        double loss_rounding = 1e-13 * problem_gradient_size(p, f->size) * f->size;
        double most = sqrt(t - s) * sqrt(drop + loss_rounding) + rounding;

        flow_at(f, t, RF_WEIGHTS, v);
        flow_check(f, length - total >= test_distance(v, w, p->d) - 1e-10 * length - rounding,
                   "path to %g shorter than its chord by %g", t,
                   test_distance(v, w, p->d) - (length - total));
        flow_check(f, length - total <= most + 1e-10 * length,
                   "piece to %g of length %g, at most %g", t, length - total, most);
        total = length;
        for (int64_t j = 0; j < p->d; j++)
            w[j] = v[j];
    }
    flow_check(f, flow_value(f, INFINITY, RF_PATH_LENGTH) >= total * (1 - 1e-10),
               "the whole path is shorter than a part, %g", total);
    free(w);
    free(v);
}

START_TEST(path)
{
    flow_each((enum problem_kind)_i, SEEDS, check_path);
}
END_TEST

/* The length of the polygon through points equidistant times from t0 to t1. */
static double polygon_length(const flow_data *f, double t0, double t1, int64_t points)
{
    const problem *p = f->p;
    double *times = test_doubles(points), *rows = test_doubles(points * p->d), sum = 0;

    for (int64_t k = 0; k < points; k++)
        times[k] = k + 1 < points ? t0 + (t1 - t0) * ((double)k / (double)(points - 1)) : t1;
    ck_assert_int_eq(rf_model_sample(f->model, points, times, RF_WEIGHTS, rows, points * p->d),
                     RF_OK);
    for (int64_t k = 0; k + 1 < points; k++)
        sum += test_distance(rows + k * p->d, rows + (k + 1) * p->d, p->d);
    free(times);
    free(rows);
    return sum;
}

/* Against polygons through 401 and 201 points of every smooth piece.  A polygon is too short by C
 * h^2, C >= 0, so the length lies between the finer sum and that plus 1/3 of the difference; a
 * whole difference allows for the next order.  Each of the chords carries the rounding of two w. */
static void check_polygon(const flow_data *f)
{
    double end = 3 * f->p->time, t = 0, fine = 0, coarse = 0, rounding, exact;
    int64_t e = 0, pieces = 0;

    while (t < end) {
        double next;

        while (e < f->event_count && f->events[e].time <= t)
            e++;
        next = e < f->event_count ? fmin(end, f->events[e].time) : end;
        fine += polygon_length(f, t, next, 401);
        coarse += polygon_length(f, t, next, 201);
        pieces++;
        t = next;
    }
    exact = flow_value(f, end, RF_PATH_LENGTH);
    rounding = 1e-10 * exact + (double)(400 * pieces) * 8 * TEST_EPS * f->size;
    flow_check(f, exact >= fine - rounding && exact <= fine + (fine - coarse) + rounding,
               "path length %.12g, polygon %.12g (half as fine %.12g)", exact, fine, coarse);
}

START_TEST(polygon)
{
    flow_each((enum problem_kind)_i, 3, check_polygon);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"velocity", velocity, PROBLEM_KIND_COUNT},
        {"rates", rates, PROBLEM_KIND_COUNT},
        {"norm rate", norm_rate, PROBLEM_KIND_COUNT},
        {"path", path, PROBLEM_KIND_COUNT},
        {"polygon", polygon, PROBLEM_KIND_COUNT},
    };

    return run_tests("property speed", entries, sizeof entries / sizeof *entries);
}
