/* test_oracle.c: every flow of tests/vectors, from a start or from vanishing initialization,
 * checked in full. SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "compare.h"
#include "run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char **names;
static int64_t name_count;

/* Cases whose event list a double cannot be held to: grazing_exact touches a kink exactly, and
 * illcond_1e10_2 may be declared doubtful. */
static int is_grazing(const vector_case *v)
{
    return strcmp(v->name, "grazing_exact") == 0;
}

static int flags_of(const rf_model *model)
{
    double *flags = oracle_query(model, RF_FLAGS);
    int value = (int)flags[0];

    free(flags);
    return value;
}

/* A model run to the end of the case; NULL if the case may be doubtful, and says so. */
static rf_model *finished(const vector_case *v)
{
    rf_model *model = oracle_model(v);
    rf_status status = rf_model_integrate(model, v->T);

    ck_assert_msg(status == RF_OK, "%s: %s (%s)", v->name, rf_status_string(status),
                  rf_model_error(model));
    if (strcmp(v->name, "illcond_1e10_2") == 0 && (flags_of(model) & RF_FLAG_DOUBTFUL)) {
        rf_model_free(model);
        return NULL;
    }
    return model;
}

static void check_close(const vector_case *v, const char *what, int64_t index, double got,
                        double expected, double bound)
{
    ck_assert_msg(fabs(got - expected) <= bound,
                  "%s: %s[%d] is %.17g, expected %.17g: off by %g, bound %g", v->name, what,
                  (int)index, got, expected, fabs(got - expected), bound);
}

static void check_weights(const vector_case *v, const char *what, const double *w,
                          const double *expected, double bound)
{
    double error = test_distance(w, expected, v->d);

    ck_assert_msg(error <= bound, "%s: %s off by %g, bound %g", v->name, what, error, bound);
}

static void check_states(const vector_case *v, const char *what, const rf_model *model,
                         const uint8_t *expected)
{
    uint8_t *state = test_alloc(v->n, 1);

    ck_assert_int_eq(rf_model_pattern(model, state, v->n), RF_OK);
    for (int64_t i = 0; i < v->n; i++)
        ck_assert_msg(state[i] == expected[i], "%s: %s state of datum %d is %d, expected %d",
                      v->name, what, (int)i, state[i], expected[i]);
    free(state);
}

START_TEST(start)
{
    vector_case *v = vector_read(names[_i]);
    rf_model *model = oracle_model(v);

    check_states(v, "initial", model, v->initial);
    if (v->repelling)
        ck_assert(flags_of(model) & RF_FLAG_AMBIGUOUS);
    rf_model_free(model);
    vector_free(v);
}
END_TEST

START_TEST(events)
{
    vector_case *v = vector_read(names[_i]);
    oracle_bounds b = bounds_of(v);
    rf_model *model = finished(v);
    char message[256];

    if (model && !is_grazing(v)) {
        double error = oracle_event_error(v, model, message, sizeof message);

        ck_assert_msg(error >= 0, "%s: %s", v->name, message);
        ck_assert_msg(error <= bound_time(&b, 1), "%s: an event time is off by %g, bound %g",
                      v->name, error, bound_time(&b, 1));
    }
    rf_model_free(model);
    vector_free(v);
}
END_TEST

static void check_end_margins(const oracle_bounds *b, const rf_model *model, double weight_error)
{
    const vector_case *v = b->v;
    double *z = oracle_query(model, RF_MARGINS);

    for (int64_t i = 0; i < v->n; i++)
        check_close(v, "z_end", i, z[i], v->z_end[i],
                    v->z_end[i] == 0 ? 0 : bound_margin(b, i, weight_error));
    free(z);
}

START_TEST(end_state)
{
    vector_case *v = vector_read(names[_i]);
    oracle_bounds b = bounds_of(v);
    double bound = bound_weight(&b, test_norm(v->w_end, v->d));
    rf_model *model = finished(v);

    if (model) {
        double *w = oracle_query(model, RF_WEIGHTS), *loss = oracle_query(model, RF_LOSS);
        double *converged = oracle_query(model, RF_CONVERGED), *t = oracle_query(model, RF_TIME);

        check_weights(v, "w_end", w, v->w_end, bound);
        check_end_margins(&b, model, bound);
        check_close(v, "loss_end", 0, loss[0], v->loss_end, bound_loss(&b, v->w_end, bound));
        check_states(v, "final", model, v->final);
        ck_assert_int_eq((int)converged[0], v->complete);
        ck_assert_double_eq(t[0], v->T);
        free(w);
        free(loss);
        free(converged);
        free(t);
    }
    rf_model_free(model);
    vector_free(v);
}
END_TEST

START_TEST(end_multipliers)
{
    vector_case *v = vector_read(names[_i]);
    oracle_bounds b = bounds_of(v);
    rf_model *model = finished(v);

    if (model) {
        double *theta = oracle_query(model, RF_PATTERN), *u = oracle_query(model, RF_MULTIPLIERS);
        double bound = bound_theta(&b, v->final);

        for (int64_t i = 0; i < v->n; i++) {
            int slides = v->final[i] == STATE_SLIDING;
            double pull = fabs(v->c[i] * v->y[i]);

            check_close(v, "theta_end", i, theta[i], slides ? v->theta_end[i] : v->final[i],
                        slides ? bound : 0);
            /* Two more roundings in the product with the pull. */
            check_close(v, "u_end", i, u[i], slides ? v->u_end[i] : 0,
                        slides ? pull * (bound + 2 * TEST_EPS) : 0);
        }
        free(theta);
        free(u);
    }
    rf_model_free(model);
    vector_free(v);
}
END_TEST

START_TEST(passages)
{
    vector_case *v = vector_read(names[_i]);
    rf_model *model = finished(v);

    if (model && !is_grazing(v)) {
        double *off = oracle_query(model, RF_DEACTIVATIONS);
        double *again = oracle_query(model, RF_REACTIVATIONS);

        for (int64_t i = 0; i < v->n; i++) {
            check_close(v, "deactivations", i, off[i], v->deactivations[i], 0);
            check_close(v, "reactivations", i, again[i], v->reactivations[i], 0);
        }
        free(off);
        free(again);
    }
    rf_model_free(model);
    vector_free(v);
}
END_TEST

/* What is known of one reference point; the arrays are the library's answers. */
static void check_point(const oracle_bounds *b, const vector_point *p, const double *w,
                        const double *alpha, double loss, const double *theta, const double *z)
{
    const vector_case *v = b->v;
    double bound = bound_weight(b, b->size);

    check_weights(v, "w at a point", w, p->w, bound);
    check_close(v, "loss at a point", 0, loss, p->loss, bound_loss(b, p->w, bound));
    for (int64_t i = 0; i < v->n; i++) {
        check_close(v, "alpha at a point", i, alpha[i], p->alpha[i], bound_alpha(b, i, p->time));
        if (p->state[i] == STATE_SLIDING)
            ck_assert_msg(z[i] == 0 && theta[i] >= 0 && theta[i] <= 1,
                          "%s: datum %d should slide at %g: z %g theta %g", v->name, (int)i,
                          p->time, z[i], theta[i]);
        else
            check_close(v, "pattern at a point", i, theta[i], p->state[i], 0);
    }
}

static const int32_t point_quantities[] = {RF_WEIGHTS, RF_COEFFICIENTS, RF_LOSS, RF_PATTERN,
                                           RF_MARGINS};
enum { POINT_QUANTITIES = 5 };

START_TEST(points_queried)
{
    vector_case *v = vector_read(names[_i]);
    oracle_bounds b = bounds_of(v);
    rf_model *model = finished(v);

    for (int64_t k = 0; model && k < v->point_count; k++) {
        double *out[POINT_QUANTITIES];

        for (int q = 0; q < POINT_QUANTITIES; q++) {
            int64_t len = 0;

            ck_assert_int_eq(rf_model_query_size(model, point_quantities[q], &len), RF_OK);
            out[q] = test_doubles(len);
            ck_assert_int_eq(
                rf_model_query_at(model, v->points[k].time, point_quantities[q], out[q], len),
                RF_OK);
        }
        check_point(&b, &v->points[k], out[0], out[1], out[2][0], out[3], out[4]);
        for (int q = 0; q < POINT_QUANTITIES; q++)
            free(out[q]);
    }
    rf_model_free(model);
    vector_free(v);
}
END_TEST

START_TEST(points_integrated)
{
    vector_case *v = vector_read(names[_i]);
    oracle_bounds b = bounds_of(v);

    for (int64_t k = 0; k < v->point_count; k++) {
        rf_model *model = oracle_model(v);
        double *out[POINT_QUANTITIES];

        ck_assert_int_eq(rf_model_integrate(model, v->points[k].time), RF_OK);
        for (int q = 0; q < POINT_QUANTITIES; q++)
            out[q] = oracle_query(model, point_quantities[q]);
        check_point(&b, &v->points[k], out[0], out[1], out[2][0], out[3], out[4]);
        check_states(v, "point", model, v->points[k].state);
        for (int q = 0; q < POINT_QUANTITIES; q++)
            free(out[q]);
        rf_model_free(model);
    }
    vector_free(v);
}
END_TEST

/* rf_model_sample gives what rf_model_query_at gives, bit for bit, the times in any order. */
START_TEST(points_sampled)
{
    vector_case *v = vector_read(names[_i]);
    rf_model *model = finished(v);
    int64_t count = 2 * v->point_count;
    double *times = test_doubles(count);

    for (int64_t k = 0; k < v->point_count; k++) {
        times[k] = v->points[k].time;
        times[count - 1 - k] = v->points[k].time / 2;
    }
    for (int32_t q = RF_TIME; model && q <= RF_OUTPUTS; q++) {
        int64_t size = 0;
        double *rows, *row;

        ck_assert_int_eq(rf_model_query_size(model, q, &size), RF_OK);
        rows = test_doubles(count * size);
        row = test_doubles(size);
        ck_assert_int_eq(rf_model_sample(model, count, times, q, rows, count * size), RF_OK);
        for (int64_t k = 0; k < count; k++) {
            ck_assert_int_eq(rf_model_query_at(model, times[k], q, row, size), RF_OK);
            ck_assert_msg(same_bits(rows + k * size, row, size),
                          "%s: quantity %d at %g: sample and query_at differ", v->name, (int)q,
                          times[k]);
        }
        free(rows);
        free(row);
    }
    free(times);
    rf_model_free(model);
    vector_free(v);
}
END_TEST

/* w.w' turns negative at norm_fail_time.  A millionth beside it the rate has moved away from 0 by
 * a millionth of its change over that time, far above its rounding, 1e-14 |w| times the terms of
 * w'. */
START_TEST(norm_sign)
{
    vector_case *v = vector_read(names[_i]);
    oracle_bounds b = bounds_of(v);
    double rounding = bound_rate(&b);
    rf_model *model = finished(v);

    if (model && v->norm_fail_time > 0) {
        ck_assert_double_lt(oracle_norm_rate(model, v->norm_fail_time * (1 + 1e-6)), 0);
        for (int k = 0; k <= 50; k++)
            ck_assert_double_ge(oracle_norm_rate(model, v->norm_fail_time * (1 - 1e-6) * k / 50),
                                -rounding);
    } else if (model && v->norm_fail_time == 0) {
        ck_assert_double_lt(oracle_norm_rate(model, 0), 0);
    } else if (model) {
        for (int64_t k = 0; k < v->point_count; k++)
            ck_assert_double_ge(oracle_norm_rate(model, v->points[k].time),
                                v->norm_monotone ? 0 : -rounding);
    }
    rf_model_free(model);
    vector_free(v);
}
END_TEST

/* The certificate: proved, refuted with the first time of failure, or neither where the flow
 * stands still (the reference calls such a norm monotone). */
START_TEST(norm_certificate)
{
    vector_case *v = vector_read(names[_i]);
    oracle_bounds b = bounds_of(v);
    rf_model *model = finished(v);

    if (model) {
        oracle_norm norm = oracle_norm_of(&b, model);

        ck_assert_msg(norm.as_expected,
                      "%s: certificate %d, failure at %.17g; expected %d at %.17g", v->name,
                      (int)norm.increasing, norm.failure, v->norm_monotone, v->norm_fail_time);
        ck_assert_msg(norm.error <= norm.bound, "%s: failing time %.17g off by %g, bound %g",
                      v->name, norm.failure, norm.error, norm.bound);
        /* On both sides of the time that was given. */
        if (!isnan(norm.failure))
            ck_assert_double_lt(oracle_norm_rate(model, norm.failure * (1 + 1e-6)), 0);
        if (norm.failure > 0)
            ck_assert_double_gt(oracle_norm_rate(model, norm.failure * (1 - 1e-6)), 0);
    }
    rf_model_free(model);
    vector_free(v);
}
END_TEST

static double ending_of(const rf_model *model)
{
    double *ending = oracle_query(model, RF_INNER_ENDING), value = ending[0];

    free(ending);
    return value;
}

/* How the inner flow ended, and the state at t = 0+: w = 0, the escape velocity, the pattern. */
START_TEST(escape)
{
    vector_case *v = vector_read(names[_i]);
    oracle_bounds b = bounds_of(v);
    rf_model *model = oracle_model(v);
    double *w = oracle_query(model, RF_WEIGHTS), *velocity = oracle_query(model, RF_VELOCITY);

    ck_assert_double_eq(ending_of(model), v->inner_ending);
    ck_assert_int_eq(rf_model_event_count(model), v->inner_count);
    if (v->u) {
        ck_assert_double_eq(test_norm(w, v->d), 0);
        check_states(v, "escaping", model, v->initial);
        check_weights(v, "escape velocity", velocity, v->escape_velocity,
                      bound_velocity(&b, v->initial));
        ck_assert_int_eq(rf_model_integrate(model, v->T), RF_OK);
        ck_assert_int_eq(rf_model_query_at(model, 0, RF_VELOCITY, velocity, v->d), RF_OK);
        check_weights(v, "velocity at 0", velocity, v->escape_velocity,
                      bound_velocity(&b, v->initial));
    }
    free(w);
    free(velocity);
    rf_model_free(model);
    vector_free(v);
}
END_TEST

/* z_2 = -(x - 1/2)^2 with x = e^-t touches 0 at t = ln 2: no event is asked for, but the margin
 * must be right and the closeness told. */
START_TEST(grazing)
{
    vector_case *v = vector_read("grazing_exact");
    rf_model *model = finished(v);
    double z[3];

    ck_assert_int_eq(rf_model_query_at(model, log(2), RF_MARGINS, z, 3), RF_OK);
    ck_assert_double_lt(fabs(z[2]), 1e-14);
    ck_assert(flags_of(model) & RF_FLAG_DOUBTFUL);
    rf_model_free(model);
    vector_free(v);
}
END_TEST

/* Guards against a folder of vectors that is not found, or a kind that is no longer recognized. */
START_TEST(all_there)
{
    ck_assert_int_eq(name_count, 31);
}
END_TEST

int main(void)
{
    int failed;

    name_count = vector_names_all(&names);
    {
        const int loops = (int)name_count;
        const test_entry entries[] = {
            {"all there", all_there, 0},
            {"start", start, loops},
            {"events", events, loops},
            {"end state", end_state, loops},
            {"end multipliers", end_multipliers, loops},
            {"passages", passages, loops},
            {"points queried", points_queried, loops},
            {"points integrated", points_integrated, loops},
            {"points sampled", points_sampled, loops},
            {"norm sign", norm_sign, loops},
            {"norm certificate", norm_certificate, loops},
            {"escape", escape, loops},
            {"grazing", grazing, 0},
        };

        failed = run_tests("oracle", entries, sizeof entries / sizeof *entries);
    }
    vector_names_free(names, name_count);
    return failed;
}
