/* bounds.c: how far a result may lie from its reference. SPDX-License-Identifier: MIT */
#include "bounds.h"

#include "algebra.h"
#include "run.h"

#include <math.h>
#include <reluflow/reluflow.h>
#include <stdlib.h>
#include <string.h>

static double row_norm(const vector_case *v, int64_t i)
{
    return test_norm(v->X + i * v->d, v->d);
}

static double slope(const vector_case *v)
{
    if (v->activation == RF_LINEAR)
        return 1;
    return v->activation == RF_LEAKY_RELU ? v->beta : 0;
}

oracle_bounds bounds_of(const vector_case *v)
{
    /* Not measured with the reference: cases with exact ties, and diabetes.  Random disturbances
     * of 2^-40 give kappa_w below 4 for all of them and kappa_t below 40, for diabetes 250 to 1300
     * over its 328 events.  10 is asked of all: with the floor 1e-12 it bounds the times by
     * 1.1e-12, less than kappa_t would grant diabetes (1.4e-11), whose measured error is 6e-14. */
    oracle_bounds b = {v, 10, 10, 0, 0};

    if (!isnan(v->kappa_t))
        b.kappa_t = v->kappa_t;
    if (!isnan(v->kappa_w))
        b.kappa_w = v->kappa_w;
    b.size = fmax(test_norm(v->w0, v->d), test_norm(v->w_end, v->d));
    for (int64_t k = 0; k < v->point_count; k++)
        b.size = fmax(b.size, test_norm(v->points[k].w, v->d));
    for (int64_t i = 0; i < v->n; i++)
        b.gradient_size += v->c[i] * row_norm(v, i) * (fabs(v->y[i]) + row_norm(v, i) * b.size);
    return b;
}

double bound_time(const oracle_bounds *b, double t)
{
    return (1e-12 + 1e-14 * b->kappa_t) * t;
}

double bound_weight(const oracle_bounds *b, double scale)
{
    return (1e-14 + 1e-14 * b->kappa_w) * scale;
}

double bound_margin(const oracle_bounds *b, int64_t i, double weight_error)
{
    double roundings = (double)b->v->d * TEST_EPS;

    return row_norm(b->v, i) * (weight_error + roundings * test_norm(b->v->w_end, b->v->d));
}

double bound_loss(const oracle_bounds *b, const double *w, double weight_error)
{
    const vector_case *v = b->v;
    double loss = 0, sum = 0, size = test_norm(w, v->d), roundings = (double)(v->d + 2) * TEST_EPS;

    for (int64_t i = 0; i < v->n; i++) {
        double z = test_dot(v->X + i * v->d, w, v->d), norm = row_norm(v, i);
        double r = (z > 0 ? z : slope(v) * z) - v->y[i];
        double dr = norm * weight_error + roundings * (norm * size + fabs(v->y[i]));

        sum += v->c[i] * (fabs(r) * dr + dr * dr / 2);
        loss += v->c[i] * r * r / 2;
    }
    return sum + (double)v->n * TEST_EPS * loss;
}

/* 1 if rows i and j are parallel or antiparallel to rounding. */
static int alike(const vector_case *v, int64_t i, int64_t j)
{
    double ni = row_norm(v, i), nj = row_norm(v, j);
    double product = test_dot(v->X + i * v->d, v->X + j * v->d, v->d);

    return fabs(product) >= (1 - 1e-13) * ni * nj;
}

/* The rows Gamma_g x_g of the sliding kinks, one for each group of parallel rows; returns how
 * many. Gamma_g = (1 - beta) sum c_i y_i |f_i|, x_i = f_i x_g (docs/mathematics.md 3). */
static int64_t kink_rows(const vector_case *v, const uint8_t *state, double *rows)
{
    int64_t count = 0;

    for (int64_t i = 0; i < v->n; i++) {
        double pull = 0;
        int64_t first = i;

        if (state[i] != STATE_SLIDING)
            continue;
        for (int64_t j = 0; j < v->n; j++) {
            if (state[j] != STATE_SLIDING || !alike(v, i, j))
                continue;
            first = j < first ? j : first;
            pull += v->c[j] * v->y[j] * row_norm(v, j) / row_norm(v, i);
        }
        for (int64_t k = 0; first == i && k < v->d; k++)
            rows[count * v->d + k] = (1 - slope(v)) * pull * v->X[i * v->d + k];
        count += first == i;
    }
    return count;
}

/* Of rows that are independent. */
static double least_singular_value(const double *rows, int64_t count, int64_t d)
{
    double *gram = test_doubles(count * count), *values = test_doubles(count), least;

    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < count; j++)
            gram[i * count + j] = test_dot(rows + i * d, rows + j * d, d);
    symmetric_eigenvalues(gram, count, values);
    least = sqrt(fmax(values[count - 1], 0));
    free(gram);
    free(values);
    return least;
}

/* v = base + sum theta_g G_g is what the least squares problem over the sliding rows leaves of the
 * base velocity, sum c_i sigma'_i y_i x_i over the data off their kinks.  An error dbase changes
 * it by at most |dbase|, an error dG of the rows, to first order, by |dG| (|theta| +
 * |v|/sigma_min) with |theta| <= |base|/sigma_min.  With |dG| = 1e-14 |G| and |dbase| = 1e-14 of
 * the sizes of its terms, 45 roundings each, and cond = |G|/sigma_min, that is 1e-14 size (1 + 2
 * cond). */
double bound_velocity(const oracle_bounds *b, const uint8_t *state)
{
    const vector_case *v = b->v;
    double *rows = test_doubles(v->n * v->d), size = 0, condition = 1;
    int64_t count = kink_rows(v, state, rows);

    for (int64_t i = 0; i < v->n; i++)
        size += v->c[i] * fabs(v->y[i]) * row_norm(v, i);
    if (count > 0)
        condition = test_norm(rows, count * v->d) / least_singular_value(rows, count, v->d);
    free(rows);
    return 1e-14 * size * (1 + 2 * condition);
}

double bound_rate(const oracle_bounds *b)
{
    return (2 * bound_weight(b, 1) + 1e-14) * b->size * b->gradient_size;
}

double bound_failure(const oracle_bounds *b, double t, double slope)
{
    return fmax(bound_time(b, t), bound_rate(b) / fabs(slope));
}

/* The velocity is base + sum theta_g G_g with G_g = Gamma_g x_g, so theta solves G^T theta = -q, q
 * the part of the base velocity across the kinks.  By the perturbation theory of a consistent
 * system,
 *     |d theta| <= (|dG| |theta| + |dq|) / sigma_min(G),
 * |dG| 45 roundings of |G|, |dq| the error of the gradient for an error |dw| of w, which is at
 * most |dw|/|w| times the sum of the sizes of its terms. */
double bound_theta(const oracle_bounds *b, const uint8_t *state)
{
    const vector_case *v = b->v;
    double *rows = test_doubles(v->n * v->d), bound = 0;
    int64_t count = kink_rows(v, state, rows);

    if (count > 0) {
        double g = 1e-14 * test_norm(rows, count * v->d) * sqrt((double)count);
        double q = bound_weight(b, 1) * b->gradient_size;

        bound = (g + q) / least_singular_value(rows, count, v->d);
    }
    free(rows);
    return bound;
}

static uint8_t state_after(int32_t kind)
{
    if (kind == RF_EVENT_ACTIVATE || kind == RF_EVENT_SLIDE_EXIT_ACTIVE)
        return STATE_ACTIVE;
    return kind == RF_EVENT_SLIDE_ENTER ? STATE_SLIDING : STATE_INACTIVE;
}

/* Largest bound_theta of the patterns in which datum i slides from 0 to t. */
static double worst_theta(const oracle_bounds *b, int64_t i, double t)
{
    const vector_case *v = b->v;
    uint8_t *state = test_alloc(v->n, 1);
    double worst = 0;

    memcpy(state, v->initial, (size_t)v->n);
    for (int64_t k = 0; k <= v->event_count; k++) {
        int same = k > 0 && k < v->event_count && v->events[k].time == v->events[k - 1].time;

        if (state[i] == STATE_SLIDING && !same)
            worst = fmax(worst, bound_theta(b, state));
        if (k == v->event_count || v->events[k].time > t)
            break;
        if (v->events[k].datum >= 0)
            state[v->events[k].datum] = state_after(v->events[k].kind);
    }
    free(state);
    return worst;
}

/* alpha_i(t) is the integral of c_i sigma'_i (y_i - sigma(z_i)), of c_i y_i (beta + (1-beta)
 * theta_i) while sliding (docs/mathematics.md 4).  With R_i = |y_i| + |x_i| max|w| >= |integrand|
 * / c_i, an error |dw| of w and of theta_i along the way, and errors dt of the events of datum i
 * at which the integrand jumps,
 *     |d alpha_i| <= c_i (t (|x_i||dw| + |y_i||d theta_i| + 1e-14 R_i) + sum_events R_i dt). */
double bound_alpha(const oracle_bounds *b, int64_t i, double t)
{
    const vector_case *v = b->v;
    double norm = row_norm(v, i), r = fabs(v->y[i]) + norm * b->size;
    double rate = norm * bound_weight(b, b->size) + 1e-14 * r, sum = 0;

    rate += fabs(v->y[i]) * fmin(1, worst_theta(b, i, t));
    for (int64_t k = 0; k < v->event_count && v->events[k].time <= t; k++)
        if (v->events[k].datum == i)
            sum += r * bound_time(b, v->events[k].time);
    return v->c[i] * (t * rate + sum);
}
