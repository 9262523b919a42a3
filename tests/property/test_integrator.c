/* test_integrator.c: the flow against two integrators that know nothing of its closed form.
 * SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "flow_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Minus the gradient with the sides of state, which may differ from those of w beyond a kink. */
static void force(const problem *p, const uint8_t *state, const double *w, double *v)
{
    problem_gradient(p, w, state, NULL, v);
    for (int64_t k = 0; k < p->d; k++)
        v[k] = -v[k];
}

/* One classical Runge-Kutta step of fixed sides. */
static void runge_kutta(const problem *p, const uint8_t *state, const double *w, double h,
                        double *out)
{
    static const double nodes[] = {0, 0.5, 0.5, 1}, shares[] = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};
    double *k = test_doubles(p->d), *at = test_doubles(p->d);

    memcpy(out, w, (size_t)p->d * sizeof *w);
    for (int stage = 0; stage < 4; stage++) {
        for (int64_t j = 0; j < p->d; j++)
            at[j] = w[j] + nodes[stage] * h * k[j];
        force(p, state, at, k);
        for (int64_t j = 0; j < p->d; j++)
            out[j] += shares[stage] * h * k[j];
    }
    free(k);
    free(at);
}

/* The datum whose margin is furthest beyond its kink at w, -1 if none. */
static int64_t beyond(const problem *p, const uint8_t *state, const double *w)
{
    int64_t worst = -1;
    double depth = 0;

    for (int64_t i = 0; i < p->n; i++) {
        double z = test_dot(p->X + i * p->d, w, p->d) / test_norm(p->X + i * p->d, p->d);
        double past = state[i] == STATE_ACTIVE ? -z : z;

        if (past > depth) {
            depth = past;
            worst = i;
        }
    }
    return worst;
}

/* The step, at most h, at whose end the first datum reaches its kink, by bisection; i receives
 * the datum. */
static double step_to_kink(const problem *p, const uint8_t *state, const double *w, double h,
                           double *out, int64_t *i)
{
    double lo = 0, hi = h;

    runge_kutta(p, state, w, h, out);
    *i = beyond(p, state, out);
    if (*i < 0)
        return h;
    for (int k = 0; k < 60; k++) {
        double middle = lo + 0.5 * (hi - lo);
        int64_t j;

        runge_kutta(p, state, w, middle, out);
        j = beyond(p, state, out);
        if (j < 0) {
            lo = middle;
        } else {
            hi = middle;
            *i = j;
        }
    }
    runge_kutta(p, state, w, hi, out);
    return hi;
}

/* Fixed steps, located crossings; only for flows that cross and never slide. */
static void integrate(const problem *p, double t_end, int steps, double *w, int *crossings)
{
    uint8_t *state = test_alloc(p->n, 1);
    double *next = test_doubles(p->d), t = 0;

    memcpy(w, p->w0, (size_t)p->d * sizeof *w);
    for (int64_t i = 0; i < p->n; i++)
        state[i] = test_dot(p->X + i * p->d, w, p->d) > 0;
    *crossings = 0;
    while (t < t_end * (1 - 1e-14)) {
        int64_t i;

        t += step_to_kink(p, state, w, fmin(t_end / steps, t_end - t), next, &i);
        memcpy(w, next, (size_t)p->d * sizeof *w);
        if (i >= 0) {
            state[i] = state[i] == STATE_ACTIVE ? STATE_INACTIVE : STATE_ACTIVE;
            ++*crossings;
        }
    }
    free(state);
    free(next);
}

/* Fourth order: comparing 2 m with m steps tells the error of 2 m to within a factor 1/15, the
 * whole difference is allowed.  The located instants are exact to rounding, times the condition. */
static void check_runge_kutta(const flow_data *f)
{
    enum { STEPS = 2000 };
    const problem *p = f->p;
    double t = 5 * p->time, bound;
    double *coarse = test_doubles(p->d), *fine = test_doubles(p->d), *w = test_doubles(p->d);
    int crossings, expected = 0;

    integrate(p, t, STEPS, coarse, &crossings);
    integrate(p, t, 2 * STEPS, fine, &crossings);
    flow_at(f, t, RF_WEIGHTS, w);
    for (int64_t k = 0; k < f->event_count; k++)
        expected += f->events[k].time < t;
    bound = test_distance(coarse, fine, p->d) + flow_tolerance(f, flow_condition(f, p->seed))
        + 2 * STEPS * 4 * TEST_EPS * f->size;
    flow_check(f, crossings == expected, "%d crossings, the flow has %d", crossings, expected);
    flow_check(f, test_distance(fine, w, p->d) <= bound, "off by %g, bound %g",
               test_distance(fine, w, p->d), bound);
    flow_check(f, bound <= 1e-6 * f->size, "the integrator is too coarse: %g", bound);
    free(coarse);
    free(fine);
    free(w);
}

START_TEST(crossing_flows)
{
    flow_each(PROBLEM_GAUSSIAN, 8, check_runge_kutta);
    flow_each(PROBLEM_LINEAR, 8, check_runge_kutta);
}
END_TEST

/* Explicit Euler on the bare right-hand side: it chatters along a slide within one step. */
static void euler(const problem *p, double t, int64_t steps, double *w)
{
    uint8_t *state = test_alloc(p->n, 1);
    double *v = test_doubles(p->d), h = t / (double)steps;

    memcpy(w, p->w0, (size_t)p->d * sizeof *w);
    for (int64_t k = 0; k < steps; k++) {
        for (int64_t i = 0; i < p->n; i++)
            state[i] = test_dot(p->X + i * p->d, w, p->d) > 0;
        force(p, state, w, v);
        for (int64_t j = 0; j < p->d; j++)
            w[j] += h * v[j];
    }
    free(state);
    free(v);
}

/* Euler errs by at most h times: the largest second derivative over the time, amplified like any
 * disturbance (by the condition of the flow), and one chatter step across each of d kinks, h |v|.
 * |w''| <= |H||w'|, |w'| <= the size of the gradient's terms at the weights of the path. */
static void check_euler(const flow_data *f)
{
    enum { STEPS = 20000 };
    const problem *p = f->p;
    double t = 2 * p->time, h = t / STEPS, rate = (double)p->d / p->time, error;
    double speed = problem_gradient_size(p, f->size), condition = 1 + flow_condition(f, p->seed);
    double bound = condition * h * speed * (1 + rate * t / 2 + (double)p->d);
    double *w = test_doubles(p->d), *v = test_doubles(p->d);

    if (!flow_uncertain(f)) {
        euler(p, t, STEPS, w);
        flow_at(f, t, RF_WEIGHTS, v);
        error = test_distance(w, v, p->d);
        flow_check(f, error <= bound, "Euler is off by %g, bound %g", error, bound);
        /* What is seen is far less than the worst case: held to a part of the path as well. */
        flow_check(f, error <= 2e-3 * f->size, "Euler is off by %g of %g", error, f->size);
    }
    free(w);
    free(v);
}

START_TEST(sliding_flows)
{
    static const enum problem_kind kinds[] = {PROBLEM_MIXED, PROBLEM_WEIGHTED, PROBLEM_LEAKY,
                                              PROBLEM_PARALLEL, PROBLEM_FEW, PROBLEM_LINE};

    flow_each(kinds[_i], 4, check_euler);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"crossing flows", crossing_flows, 0},
        {"sliding flows", sliding_flows, 6},
    };

    return run_tests("property integrator", entries, sizeof entries / sizeof *entries);
}
