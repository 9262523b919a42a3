/* test_identities.c: what holds along every flow: the loss falls, the coefficients add up to the
 * weights, margins vanish at their events. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "flow_data.h"
#include "run.h"

#include <math.h>
#include <stdlib.h>

enum { SEEDS = 12 };

/* w(t) = w(0) + sum alpha_i x_i.  alpha_i integrates c_i (y_i - z_i) in closed form; each
 * evaluation is good to K units of rounding of its terms, whose size is c_i (|y_i| + |x_i|
 * max|w|), over the time t; K counts the roundings of a segment, about 4 d for its sums of
 * exponentials and 10 more, and each segment begins with its own. */
static void check_coefficients(const flow_data *f)
{
    const problem *p = f->p;
    double *alpha = test_doubles(p->n), *w = test_doubles(p->d), *sum = test_doubles(p->d);
    double K = (double)(4 * p->d + 10) * (double)(f->event_count + 1);

    for (int64_t k = 0; k < f->time_count; k++) {
        double t = f->times[k];
        double bound = K * TEST_EPS * (f->size + t * problem_gradient_size(p, f->size));

        flow_at(f, t, RF_COEFFICIENTS, alpha);
        flow_at(f, t, RF_WEIGHTS, w);
        for (int64_t j = 0; j < p->d; j++) {
            long double part = p->w0[j];

            for (int64_t i = 0; i < p->n; i++)
                part += (long double)alpha[i] * p->X[i * p->d + j];
            sum[j] = (double)part;
        }
        flow_check(f, test_distance(sum, w, p->d) <= bound,
                   "coefficients at %g are off by %g, bound %g", t, test_distance(sum, w, p->d),
                   bound);
    }
    free(alpha);
    free(w);
    free(sum);
}

START_TEST(coefficients)
{
    flow_each((enum problem_kind)_i, SEEDS, check_coefficients);
}
END_TEST

/* At the limit alpha_i is infinite exactly where the force c sigma' (y - sigma) is not 0, with its
 * sign.  Forces below the rounding of a residual cannot be told from 0 and are let pass. */
static void check_coefficients_at_the_limit(const flow_data *f)
{
    const problem *p = f->p;
    double *alpha = test_doubles(p->n), *r = test_doubles(p->n), *theta = test_doubles(p->n);

    flow_at(f, INFINITY, RF_COEFFICIENTS, alpha);
    flow_at(f, INFINITY, RF_RESIDUALS, r);
    flow_at(f, INFINITY, RF_PATTERN, theta);
    for (int64_t i = 0; i < p->n; i++) {
        double slope = problem_slope(p) + (1 - problem_slope(p)) * theta[i];
        double size = fabs(p->y[i]) + test_norm(p->X + i * p->d, p->d) * f->size;

        if (slope * fabs(r[i]) > 1e-8 * size)
            flow_check(f, alpha[i] == (r[i] < 0 ? INFINITY : -INFINITY),
                       "alpha[%d] is %g, residual %g", (int)i, alpha[i], r[i]);
        else if (slope == 0 || r[i] == 0)
            flow_check(f, isfinite(alpha[i]), "alpha[%d] is %g without a force", (int)i, alpha[i]);
    }
    free(alpha);
    free(r);
    free(theta);
}

START_TEST(coefficients_at_the_limit)
{
    flow_each((enum problem_kind)_i, SEEDS, check_coefficients_at_the_limit);
}
END_TEST

/* At an event of datum i its margin vanishes: |x_i . w| <= 10 eps |x_i||w|, where |w| is the
 * largest so far (a segment adds to the w it starts from), and the time itself is a double: half a
 * unit of rounding of t moves z by |z'| eps t.  RF_MARGINS says 0 exactly (but for a linear neuron,
 * which has no kinks). */
static void check_margins_at_events(const flow_data *f)
{
    const problem *p = f->p;
    double *w = test_doubles(p->d), *v = test_doubles(p->d), *z = test_doubles(p->n);
    double size = flow_value(f, 0, RF_WEIGHT_NORM);

    for (int64_t k = 0; k < f->event_count; k++) {
        double t = f->events[k].time, norm, value;
        int64_t i = f->events[k].datum;

        flow_at(f, t, RF_WEIGHTS, w);
        flow_at(f, t * (1 - 1e-9), RF_VELOCITY, v);
        size = fmax(size, test_norm(w, p->d));
        if (i < 0) {
            flow_check(f, test_norm(w, p->d) == 0, "origin at %g with w not 0", t);
            continue;
        }
        norm = test_norm(p->X + i * p->d, p->d);
        value = fabs(test_dot(p->X + i * p->d, w, p->d));
        flow_check(f, value <= norm * TEST_EPS * (10 * size + t * test_norm(v, p->d)),
              "|z_%d| = %g at its event at %g, bound %g", (int)i, value, t,
              norm * TEST_EPS * (10 * size + t * test_norm(v, p->d)));
        flow_at(f, t, RF_MARGINS, z);
        flow_check(f, z[i] == 0 || p->activation == RF_LINEAR, "margin %d is %g at its event",
                   (int)i, z[i]);
    }
    free(w);
    free(v);
    free(z);
}

START_TEST(margins_at_events)
{
    flow_each((enum problem_kind)_i, SEEDS, check_margins_at_events);
}
END_TEST

/* The rounding of the loss: n terms, each residual with d + 2 roundings of |y| + |x||w|, and the
 * error 1e-14 of w times the gradient, whose terms have that size too. */
static double loss_rounding(const problem *p, double size)
{
    double sum = 0;

    for (int64_t i = 0; i < p->n; i++) {
        double r = fabs(p->y[i]) + test_norm(p->X + i * p->d, p->d) * size;

        sum += problem_weight(p, i) * r * r;
    }
    return sum * (double)(p->n + 2 * p->d + 50) * TEST_EPS;
}

static void check_loss_falls(const flow_data *f)
{
    double before = INFINITY, rounding = loss_rounding(f->p, f->size);
    double *w = test_doubles(f->p->d);

    for (int64_t k = 0; k <= f->time_count; k++) {
        double t = k < f->time_count ? f->times[k] : INFINITY, loss = flow_value(f, t, RF_LOSS);
        double naive;

        flow_at(f, t, RF_WEIGHTS, w);
        naive = problem_loss(f->p, w);
        flow_check(f, loss <= before + rounding, "loss rises to %.17g at %g", loss, t);
        flow_check(f, fabs(loss - naive) <= rounding, "loss at %g is %g, naively %g", t, loss,
                   naive);
        before = loss;
    }
    free(w);
}

START_TEST(loss_falls)
{
    flow_each((enum problem_kind)_i, SEEDS, check_loss_falls);
}
END_TEST

/* RF_PATTERN agrees with the events, and the margins with the sides, at every time of the grid. */
static void check_sides(const flow_data *f)
{
    const problem *p = f->p;
    uint8_t *state = test_alloc(p->n, 1);
    double *theta = test_doubles(p->n), *z = test_doubles(p->n), *u = test_doubles(p->n);

    for (int64_t k = 0; k < f->time_count; k++) {
        flow_states(f, f->times[k], state, theta);
        flow_at(f, f->times[k], RF_MARGINS, z);
        flow_at(f, f->times[k], RF_MULTIPLIERS, u);
        for (int64_t i = 0; i < p->n; i++) {
            double bound = 20 * TEST_EPS * test_norm(p->X + i * p->d, p->d) * f->size;
            double pull = problem_weight(p, i) * p->y[i] * (1 - problem_slope(p));

            if (state[i] == STATE_SLIDING) {
                flow_check(f, z[i] == 0, "datum %d slides at margin %g", (int)i, z[i]);
                flow_check(f, fabs(u[i] + theta[i] * pull) <= 4 * TEST_EPS * fabs(pull),
                      "multiplier %d is %g, theta %g", (int)i, u[i], theta[i]);
                continue;
            }
            flow_check(f, u[i] == 0, "multiplier %d is %g off the kink", (int)i, u[i]);
            flow_check(f, state[i] == STATE_ACTIVE ? z[i] >= -bound : z[i] <= bound,
                  "datum %d in state %d at %g with margin %g", (int)i, state[i], f->times[k], z[i]);
        }
    }
    free(state);
    free(theta);
    free(z);
    free(u);
}

START_TEST(sides)
{
    flow_each((enum problem_kind)_i, SEEDS, check_sides);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"coefficients", coefficients, PROBLEM_KIND_COUNT},
        {"coefficients at the limit", coefficients_at_the_limit, PROBLEM_KIND_COUNT},
        {"margins at events", margins_at_events, PROBLEM_KIND_COUNT},
        {"loss falls", loss_falls, PROBLEM_KIND_COUNT},
        {"sides", sides, PROBLEM_KIND_COUNT},
    };

    return run_tests("property identities", entries, sizeof entries / sizeof *entries);
}
