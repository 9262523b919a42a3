/* peer_pattern.c: velocity and Filippov's rule for one activation pattern.
 * SPDX-License-Identifier: MIT */
#include "peer_pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Decisions closer to a tie than this (relative) are refused. */
static const double tie = 1e-7;

/* The Fortran BLAS, with the length of the character argument. */
extern void dgemv_(const char *trans, const int *m, const int *n, const double *alpha,
                   const double *A, const int *lda, const double *x, const int *incx,
                   const double *beta, double *y, const int *incy, size_t trans_len);

double peer_dot(int d, const double *a, const double *b)
{
    double sum = 0.0;
    for (int k = 0; k < d; k++) {
        sum += a[k] * b[k];
    }
    return sum;
}

static void add(int d, double factor, const double *x, double *y)
{
    for (int k = 0; k < d; k++) {
        y[k] += factor * x[k];
    }
}

static const double *row(const peer_problem *problem, int i)
{
    return problem->X + (size_t)i * (size_t)problem->d;
}

/* Slope in the loss of a datum on a side; on the kink only the label's share beta c y is in b. */
static double slope(const peer_problem *problem, int state)
{
    return state == PEER_ACTIVE ? 1.0 : problem->beta;
}

static double jump(const peer_problem *problem, int i)
{
    return (1.0 - problem->beta) * problem->c[i] * problem->y[i];
}

/* Adds sign times the share of datum i in state to H and b. */
static void add_datum(peer_pattern *pattern, int i, int state, double sign)
{
    const peer_problem *problem = pattern->problem;
    const double *x = row(problem, i);
    double s = slope(problem, state);
    double h = state == PEER_SLIDING ? 0.0 : sign * problem->c[i] * s * s;

    if (!pattern->use_matrix) {
        return;
    }
    add(problem->d, sign * problem->c[i] * problem->y[i] * s, x, pattern->b);
    if (h == 0.0) {
        return;
    }
    for (int k = 0; k < problem->d; k++) {
        add(problem->d, h * x[k], x, pattern->H + (size_t)k * (size_t)problem->d);
    }
}

int peer_pattern_create(peer_pattern *pattern, const peer_problem *problem, const double *w)
{
    size_t n = (size_t)problem->n, d = (size_t)problem->d;

    memset(pattern, 0, sizeof *pattern);
    pattern->problem = problem;
    pattern->use_matrix = problem->d <= problem->n / 2;
    pattern->state = calloc(n, sizeof *pattern->state);
    pattern->H = calloc(d * d, sizeof *pattern->H);
    pattern->b = calloc(d, sizeof *pattern->b);
    pattern->Q = calloc(PEER_MAX_KINKS * d, sizeof *pattern->Q);
    pattern->work = calloc(d, sizeof *pattern->work);
    pattern->trial = calloc(d, sizeof *pattern->trial);
    if (!pattern->state || !pattern->H || !pattern->b || !pattern->Q || !pattern->work
        || !pattern->trial) {
        peer_pattern_free(pattern);
        return -1;
    }
    for (int i = 0; i < problem->n; i++) {
        double z = peer_dot(problem->d, row(problem, i), w);
        pattern->state[i] = z > 0.0 ? PEER_ACTIVE : PEER_INACTIVE;
        add_datum(pattern, i, pattern->state[i], 1.0);
    }
    return 0;
}

void peer_pattern_free(peer_pattern *pattern)
{
    free(pattern->state);
    free(pattern->H);
    free(pattern->b);
    free(pattern->Q);
    free(pattern->work);
    free(pattern->trial);
    memset(pattern, 0, sizeof *pattern);
}

/* b - H w without the multipliers: a sliding datum adds beta c y x only. */
static void base_velocity(const peer_pattern *pattern, const double *w, double *v)
{
    const peer_problem *problem = pattern->problem;
    int d = problem->d, one = 1;
    double minus = -1.0, plus = 1.0;

    if (pattern->use_matrix) {
        memcpy(v, pattern->b, (size_t)d * sizeof *v);
        dgemv_("N", &d, &d, &minus, pattern->H, &d, w, &one, &plus, v, &one, 1);
        return;
    }
    memset(v, 0, (size_t)d * sizeof *v);
    for (int i = 0; i < problem->n; i++) {
        double s = slope(problem, pattern->state[i]);
        double z = pattern->state[i] == PEER_SLIDING ? 0.0 : peer_dot(d, row(problem, i), w);
        if (s != 0.0) {
            add(d, s * problem->c[i] * (problem->y[i] - s * z), row(problem, i), v);
        }
    }
}

/* Gram-Schmidt, twice: Q (k x d) orthonormal rows and upper triangular R with
 * X_S^T = Q^T R.  Returns -1 if the rows are nearly dependent. */
static int factor(const peer_problem *problem, int count, const int *rows, double *Q, double *R)
{
    int d = problem->d;

    for (int j = 0; j < count; j++) {
        double *q = Q + (size_t)j * (size_t)d;
        memcpy(q, row(problem, rows[j]), (size_t)d * sizeof *q);
        double before = sqrt(peer_dot(d, q, q));
        for (int k = 0; k < j; k++) {
            R[k * PEER_MAX_KINKS + j] = 0.0;
        }
        for (int pass = 0; pass < 2; pass++) {
            for (int k = 0; k < j; k++) {
                double s = peer_dot(d, Q + (size_t)k * (size_t)d, q);
                R[k * PEER_MAX_KINKS + j] += s;
                add(d, -s, Q + (size_t)k * (size_t)d, q);
            }
        }
        double after = sqrt(peer_dot(d, q, q));
        if (!(after > 1e-6 * before)) {
            return -1;
        }
        R[j * PEER_MAX_KINKS + j] = after;
        for (int k = 0; k < d; k++) {
            q[k] /= after;
        }
    }
    return 0;
}

/* Makes v tangent to the kinks of rows and gives theta with
 * v_tangent = v + sum theta_k jump_k x_k. */
static void make_tangent(const peer_problem *problem, int count, const int *rows, const double *Q,
                         const double *R, double *v, double *theta)
{
    double q[PEER_MAX_KINKS];
    int d = problem->d;

    for (int j = 0; j < count; j++) {
        q[j] = peer_dot(d, Q + (size_t)j * (size_t)d, v);
        add(d, -q[j], Q + (size_t)j * (size_t)d, v);
    }
    if (theta == NULL) {
        return;
    }
    for (int j = count - 1; j >= 0; j--) {
        for (int k = j + 1; k < count; k++) {
            q[j] -= R[j * PEER_MAX_KINKS + k] * q[k];
        }
        q[j] /= R[j * PEER_MAX_KINKS + j];
        theta[j] = -q[j] / jump(problem, rows[j]);
    }
}

void peer_pattern_velocity(const peer_pattern *pattern, const double *w, double *v, double *theta)
{
    base_velocity(pattern, w, v);
    make_tangent(pattern->problem, pattern->sliding_count, pattern->sliding, pattern->Q,
                 pattern->R, v, theta);
}

void peer_pattern_jacobian(const peer_pattern *pattern, double *J)
{
    size_t d = (size_t)pattern->problem->d;

    for (size_t k = 0; k < d * d; k++) {
        J[k] = -pattern->H[k];
    }
    for (size_t k = 0; k < d && pattern->sliding_count > 0; k++) {
        peer_pattern_project(pattern, J + k * d);
    }
}

void peer_pattern_margins(const peer_pattern *pattern, const double *w, double *z)
{
    const peer_problem *problem = pattern->problem;
    int n = problem->n, d = problem->d, one = 1;
    double plus = 1.0, zero = 0.0;

    dgemv_("T", &d, &n, &plus, problem->X, &d, w, &one, &zero, z, &one, 1);
}

int peer_pattern_move(peer_pattern *pattern, int datum, int state)
{
    int old = pattern->state[datum];

    add_datum(pattern, datum, old, -1.0);
    add_datum(pattern, datum, state, 1.0);
    pattern->state[datum] = state;
    if (old != PEER_SLIDING && state != PEER_SLIDING) {
        return 0;
    }
    if (state == PEER_SLIDING && pattern->sliding_count == PEER_MAX_KINKS) {
        return -1;
    }
    int count = 0;
    for (int j = 0; j < pattern->sliding_count; j++) {
        if (pattern->sliding[j] != datum) {
            pattern->sliding[count++] = pattern->sliding[j];
        }
    }
    if (state == PEER_SLIDING) {
        pattern->sliding[count++] = datum;
    }
    pattern->sliding_count = count;
    return factor(pattern->problem, count, pattern->sliding, pattern->Q, pattern->R);
}

void peer_pattern_project(const peer_pattern *pattern, double *w)
{
    int d = pattern->problem->d;

    for (int j = 0; j < pattern->sliding_count; j++) {
        const double *q = pattern->Q + (size_t)j * (size_t)d;
        add(d, -peer_dot(d, q, w), q, w);
    }
}

/* One assignment: 1 consistent, 0 not, -1 too close to a tie.  base is the velocity with every
 * kink of K inactive (its own share beta c y x included, margin 0). */
static int consistent(peer_pattern *pattern, const double *base, double scale, int count,
                      const int *kinks, const int *states)
{
    const peer_problem *problem = pattern->problem;
    double *v = pattern->trial, *Q, R[PEER_MAX_KINKS * PEER_MAX_KINKS], theta[PEER_MAX_KINKS];
    int rows[PEER_MAX_KINKS], sliding = 0, d = problem->d, answer = 1;

    memcpy(v, base, (size_t)d * sizeof *v);
    for (int j = 0; j < count; j++) {
        if (states[j] == PEER_ACTIVE) {
            add(d, jump(problem, kinks[j]), row(problem, kinks[j]), v);
        } else if (states[j] == PEER_SLIDING) {
            if (jump(problem, kinks[j]) >= 0.0) {
                return 0;
            }
            rows[sliding++] = kinks[j];
        }
    }
    Q = malloc((size_t)PEER_MAX_KINKS * (size_t)d * sizeof *Q);
    if (Q == NULL || factor(problem, sliding, rows, Q, R) != 0) {
        free(Q);
        return -1;
    }
    make_tangent(problem, sliding, rows, Q, R, v, theta);
    for (int j = 0; j < sliding && answer != 0; j++) {
        double inside = fmin(theta[j], 1.0 - theta[j]);
        answer = inside < -tie ? 0 : inside <= tie ? -1 : answer;
    }
    for (int j = 0; j < count && answer != 0; j++) {
        const double *x = row(problem, kinks[j]);
        double side = states[j] == PEER_ACTIVE ? 1.0 : -1.0;
        double away = side * peer_dot(d, x, v);
        double level = tie * scale * sqrt(peer_dot(d, x, x));
        if (states[j] != PEER_SLIDING) {
            answer = away < -level ? 0 : away <= level ? -1 : answer;
        }
    }
    free(Q);
    return answer;
}

/* Nothing pulls any more: beta = 0 and every datum that could pull lies in K. */
static int nothing_pulls(const peer_pattern *pattern, int count, const int *kinks)
{
    const peer_problem *problem = pattern->problem;
    int outside = 0, inside = 0;

    if (problem->beta != 0.0) {
        return 0;
    }
    for (int i = 0; i < problem->n; i++) {
        outside += pattern->state[i] == PEER_ACTIVE;
    }
    for (int j = 0; j < count; j++) {
        inside += pattern->state[kinks[j]] == PEER_ACTIVE;
        if (jump(problem, kinks[j]) > 0.0) {
            return 0;
        }
    }
    return outside == inside;
}

int peer_pattern_resolve(peer_pattern *pattern, const double *w, int count, const int *kinks,
                         int *chosen)
{
    const peer_problem *problem = pattern->problem;
    int states[PEER_MAX_KINKS], found = 0, total = 1, d = problem->d;
    double scale, *base = pattern->work;

    if (nothing_pulls(pattern, count, kinks)) {
        for (int j = 0; j < count; j++) {
            chosen[j] = PEER_INACTIVE;
        }
        return 0;
    }
    base_velocity(pattern, w, base);
    scale = sqrt(peer_dot(d, base, base));
    for (int j = 0; j < count; j++) {
        const double *x = row(problem, kinks[j]);
        double step = jump(problem, kinks[j]);
        total *= 3;
        scale += fabs(step) * sqrt(peer_dot(d, x, x));
        if (pattern->state[kinks[j]] == PEER_ACTIVE) {
            add(d, -step, x, base);
        }
    }
    for (int code = 0; code < total; code++) {
        for (int j = 0, rest = code; j < count; j++, rest /= 3) {
            states[j] = rest % 3;
        }
        int answer = consistent(pattern, base, scale, count, kinks, states);
        if (answer < 0 || (answer > 0 && found)) {
            return -1;
        }
        if (answer > 0) {
            found = 1;
            memcpy(chosen, states, (size_t)count * sizeof *chosen);
        }
    }
    return found ? 0 : -1;
}
