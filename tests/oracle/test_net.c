/* test_net.c: every reference vector of a network, checked in full. SPDX-License-Identifier: MIT
 *
 * The bounds are those of bounds.h: |dt| <= (1e-12 + 1e-14 kappa_t) t, |dw| <= (1e-14 + 1e-14 kappa_w) |w|,
 * with 10 for a kappa that was not measured (exact ties).  What follows from w is bounded through it:
 * |dz_ij| <= |x_i| (|dw| + d eps |w|), |df_i| <= sum_j |a_j| |dz_ij|, dL <= sum_i c_i |r_i| |df_i|. */
#include "algebra.h"
#include "net_case.h"
#include "run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"crossing_0",  "dead_0",      "duplicates_0",   "exits_0",
                                    "finite_T_0",  "gamma_sign_0", "identical_0",   "m1_0",
                                    "moving_bound_0", "origin_exit_0", "overparam_0", "small_init_0"};
enum { CASES = 12 };

static double *query(const rf_model *model, double t, int32_t quantity)
{
    int64_t len = 0;
    double *out;

    ck_assert_int_eq(rf_model_query_size(model, quantity, &len), RF_OK);
    out = test_doubles(len);
    if (isnan(t))
        ck_assert_int_eq(rf_model_query(model, quantity, out, len), RF_OK);
    else
        ck_assert_int_eq(rf_model_query_at(model, t, quantity, out, len), RF_OK);
    return out;
}

static void close_to(const net_case *c, const char *what, int64_t index, double got, double expected,
                     double bound)
{
    ck_assert_msg(fabs(got - expected) <= bound,
                  "%s: %s[%d] is %.17g, expected %.17g: off by %g, bound %g", c->name, what,
                  (int)index, got, expected, fabs(got - expected), bound);
}

static double time_bound(const net_case *c, double t)
{
    return (1e-12 + 1e-14 * (isnan(c->kappa_t) ? 10 : c->kappa_t)) * t;
}

static double weight_bound(const net_case *c, const double *w)
{
    double size = fmax(test_norm(c->start, c->m * c->d), test_norm(w, c->m * c->d));

    return (1e-14 + 1e-14 * (isnan(c->kappa_w) ? 10 : c->kappa_w)) * size;
}

static double margin_bound(const net_case *c, int64_t i, const double *w)
{
    double size = test_norm(w, c->m * c->d);

    return test_norm(c->X + i * c->d, c->d)
           * (weight_bound(c, w) + (double)c->d * TEST_EPS * size);
}

/* Of f(x_i). */
static double output_bound(const net_case *c, int64_t i, const double *w)
{
    double sum = 0;

    for (int64_t j = 0; j < c->m; j++)
        sum += fabs(c->a[j]);
    return sum * margin_bound(c, i, w) + 4 * TEST_EPS * fabs(c->y[i]);
}

/* f(x_i) at weights. */
static double output(const net_case *c, int64_t i, const double *w)
{
    double sum = 0;

    for (int64_t j = 0; j < c->m; j++)
        sum += c->a[j] * fmax(test_dot(c->X + i * c->d, w + j * c->d, c->d), 0);
    return sum;
}

static double loss_bound(const net_case *c, const double *w)
{
    double sum = 0;

    for (int64_t i = 0; i < c->n; i++) {
        double df = output_bound(c, i, w), r = fabs(output(c, i, w) - c->y[i]) + df;

        sum += c->c[i] * r * (df + 4 * TEST_EPS * r);
    }
    return sum;
}

static void check_states(const net_case *c, const rf_model *model, const uint8_t *expected)
{
    uint8_t *state = test_alloc(c->m * c->n, 1);

    ck_assert_int_eq(rf_model_pattern(model, state, c->m * c->n), RF_OK);
    for (int64_t i = 0; i < c->m * c->n; i++)
        close_to(c, "state", i, state[i], expected[i], 0);
    free(state);
}

static int present(const rf_event *e, const rf_event *events, int64_t first, int64_t last)
{
    for (int64_t k = first; k < last; k++)
        if (events[k].neuron == e->neuron && events[k].datum == e->datum && events[k].kind == e->kind)
            return 1;
    return 0;
}

/* The same events, as sets per instant. */
static void check_events(const net_case *c, const rf_event *got, const rf_event *expected,
                         int64_t count)
{
    for (int64_t first = 0, last; first < count; first = last) {
        for (last = first + 1; last < count && expected[last].time == expected[first].time;)
            last++;
        for (int64_t k = first; k < last; k++) {
            ck_assert_msg(present(&expected[k], got, first, last),
                          "%s: event %d, neuron %d datum %d kind %d at %.17g, is not there", c->name,
                          (int)k, (int)expected[k].neuron, (int)expected[k].datum,
                          (int)expected[k].kind, expected[k].time);
            close_to(c, "event time", k, got[k].time, expected[k].time,
                     time_bound(c, expected[k].time));
        }
    }
}

static rf_model *finished(const net_case *c)
{
    rf_model *model = net_model(c);

    ck_assert_int_eq(rf_model_integrate(model, c->T), RF_OK);
    return model;
}

START_TEST(start)
{
    net_case *c = net_read(names[_i]);
    rf_model *model = net_model(c);
    double *v = query(model, NAN, RF_VELOCITY);

    ck_assert_int_eq(rf_model_neurons(model), c->m);
    ck_assert_int_eq(rf_model_dim(model), c->d);
    check_states(c, model, c->flow.initial);
    for (int64_t k = 0; c->vanishing && k < c->m * c->d; k++)
        close_to(c, "escape velocity", k, v[k], c->escape[k],
                 1e-14 * (1 + test_norm(c->escape, c->m * c->d)));
    free(v);
    rf_model_free(model);
    net_free(c);
}
END_TEST

START_TEST(events)
{
    net_case *c = net_read(names[_i]);
    rf_model *model = finished(c);
    int64_t count = rf_model_event_count(model);
    rf_event *got = test_alloc(count, sizeof *got);

    ck_assert_int_eq(count, c->inner_count + c->flow.event_count);
    ck_assert_int_eq(rf_model_events(model, 0, count, got), RF_OK);
    check_events(c, got, c->inner, c->inner_count);
    check_events(c, got + c->inner_count, c->flow.events, c->flow.event_count);
    for (int64_t k = 0; k < count; k++)
        ck_assert_int_eq((got[k].flags & RF_FLAG_INNER) != 0, k < c->inner_count);
    free(got);
    rf_model_free(model);
    net_free(c);
}
END_TEST

START_TEST(end_state)
{
    net_case *c = net_read(names[_i]);
    rf_model *model = finished(c);
    const net_flow *e = &c->flow;
    double *w = query(model, NAN, RF_WEIGHTS), *z = query(model, NAN, RF_MARGINS);
    double *f = query(model, NAN, RF_OUTPUTS), *loss = query(model, NAN, RF_LOSS);
    double *converged = query(model, NAN, RF_CONVERGED);

    close_to(c, "w", 0, test_distance(w, e->w, c->m * c->d), 0, weight_bound(c, e->w));
    for (int64_t i = 0; i < c->m * c->n; i++)
        close_to(c, "z", i, z[i], e->z[i],
                 e->z[i] == 0 ? 0 : margin_bound(c, i % c->n, e->w));
    for (int64_t i = 0; i < c->n; i++)
        close_to(c, "f", i, f[i], e->f[i], output_bound(c, i, e->w));
    close_to(c, "loss", 0, loss[0], e->loss, loss_bound(c, e->w));
    ck_assert_int_eq((int)converged[0], e->complete);
    check_states(c, model, e->final);
    free(w);
    free(z);
    free(f);
    free(loss);
    free(converged);
    rf_model_free(model);
    net_free(c);
}
END_TEST

/* theta = u/|Gamma| of independent lines in well conditioned cases: some hundred roundings of the
 * residuals, kappa_w times that. */
START_TEST(end_multipliers)
{
    net_case *c = net_read(names[_i]);
    rf_model *model = finished(c);
    double *theta = query(model, NAN, RF_PATTERN), *u = query(model, NAN, RF_MULTIPLIERS);
    double bound = 1e-14 + 1e-14 * (isnan(c->kappa_w) ? 10 : c->kappa_w);

    for (int64_t i = 0; i < c->m * c->n; i++) {
        int slides = c->flow.final[i] == 2;

        close_to(c, "theta", i, theta[i], slides ? c->flow.theta[i] : c->flow.final[i],
                 slides ? 4 * bound : 0);
        close_to(c, "u", i, u[i], c->flow.u[i], slides ? 16 * bound : 0);
    }
    free(theta);
    free(u);
    rf_model_free(model);
    net_free(c);
}
END_TEST

START_TEST(passages)
{
    net_case *c = net_read(names[_i]);
    rf_model *model = finished(c);
    double *off = query(model, NAN, RF_DEACTIVATIONS), *again = query(model, NAN, RF_REACTIVATIONS);

    for (int64_t i = 0; i < c->m * c->n; i++) {
        close_to(c, "deactivations", i, off[i], c->flow.deactivations[i], 0);
        close_to(c, "reactivations", i, again[i], c->flow.reactivations[i], 0);
    }
    free(off);
    free(again);
    rf_model_free(model);
    net_free(c);
}
END_TEST

/* |alpha_i(t)| <= integral of c_i |a_j r_i|: bounded like the weight, by the data over a time t. */
static void check_alpha(const net_case *c, const net_point *p, const double *alpha)
{
    double bound = weight_bound(c, p->w) * (1 + p->time) * 4;

    for (int64_t i = 0; i < c->m * c->n; i++)
        close_to(c, "alpha", i, alpha[i], p->alpha[i], bound);
}

START_TEST(points)
{
    net_case *c = net_read(names[_i]);
    rf_model *model = finished(c);

    for (int64_t k = 0; k < c->flow.point_count; k++) {
        const net_point *p = &c->flow.points[k];
        double *w = query(model, p->time, RF_WEIGHTS), *loss = query(model, p->time, RF_LOSS);
        double *theta = query(model, p->time, RF_PATTERN);
        double *alpha = query(model, p->time, RF_COEFFICIENTS);

        close_to(c, "w at a point", k, test_distance(w, p->w, c->m * c->d), 0,
                 weight_bound(c, p->w));
        close_to(c, "loss at a point", k, loss[0], p->loss, loss_bound(c, p->w));
        for (int64_t i = 0; i < c->m * c->n; i++)
            if (p->state[i] != 2)
                close_to(c, "pattern at a point", i, theta[i], p->state[i], 0);
        check_alpha(c, p, alpha);
        free(w);
        free(loss);
        free(theta);
        free(alpha);
    }
    rf_model_free(model);
    net_free(c);
}
END_TEST

START_TEST(norm)
{
    net_case *c = net_read(names[_i]);
    rf_model *model = finished(c);
    int32_t strict;
    double failure, expected = c->flow.norm_fail_time;

    ck_assert_int_eq(rf_model_norm_certificate(model, &strict, &failure), RF_OK);
    ck_assert_int_eq(strict, c->flow.norm_monotone);
    ck_assert_int_eq(isnan(failure), isnan(expected));
    if (!isnan(expected))
        close_to(c, "norm_fail_time", 0, failure, expected, 1e3 * time_bound(c, expected));
    rf_model_free(model);
    net_free(c);
}
END_TEST

/* A run that is cut, saved and loaded goes on bit for bit; identical neurons stay identical. */
START_TEST(resumed)
{
    net_case *c = net_read(names[_i]);
    rf_model *model = finished(c), *cut = net_model(c), *copy = NULL;
    double *w = query(model, NAN, RF_WEIGHTS), *again;
    int64_t size = 0;
    void *buffer;

    ck_assert_int_eq(rf_model_integrate(cut, fmin(c->T, 0.5)), RF_OK);
    ck_assert_int_eq(rf_model_save(cut, NULL, 0, &size), RF_OK);
    buffer = test_alloc(size, 1);
    ck_assert_int_eq(rf_model_save(cut, buffer, size, &size), RF_OK);
    ck_assert_int_eq(rf_model_load(buffer, size, NULL, &copy, NULL, 0), RF_OK);
    ck_assert_int_eq(rf_model_neurons(copy), c->m);
    ck_assert_int_eq(rf_model_integrate(copy, c->T), RF_OK);
    again = query(copy, NAN, RF_WEIGHTS);
    ck_assert(same_bits(w, again, c->m * c->d));
    if (strcmp(c->name, "identical_0") == 0)
        ck_assert(same_bits(w, w + c->d, c->d));
    free(w);
    free(again);
    free(buffer);
    rf_model_free(model);
    rf_model_free(cut);
    rf_model_free(copy);
    net_free(c);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"start", start, CASES},
        {"events", events, CASES},
        {"end state", end_state, CASES},
        {"end multipliers", end_multipliers, CASES},
        {"passages", passages, CASES},
        {"points", points, CASES},
        {"norm", norm, CASES},
        {"resumed", resumed, CASES},
    };

    return run_tests("oracle of networks", entries, sizeof entries / sizeof *entries);
}
