/* exercise_many.c: sweeps and landscapes over the data of a model that came out of a fuzzer.
 * SPDX-License-Identifier: MIT */
#include "exercise.h"

#include "run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define allowed(call, set) exercise_allowed(label, #call, call, set)

/* Runs as models say what the rows say. */
static void compare_runs(const char *label, const rf_sweep *sweep, int64_t d)
{
    int64_t runs = rf_sweep_count(sweep);
    double *rows = test_doubles(runs * d), *w = test_doubles(d);

    allowed(rf_sweep_query(sweep, RF_WEIGHTS, rows, runs * d),
            STATUS(RF_OK) | STATUS(RF_ERROR_NUMERICAL));
    for (int64_t k = 0; k < runs; k++) {
        rf_model *model = NULL;
        rf_status status = rf_sweep_model(sweep, k, &model);

        exercise_allowed(label, "sweep_model", status, STATUS(RF_OK) | STATUS(RF_ERROR_STATE));
        if (status == RF_OK) {
            allowed(rf_model_query(model, RF_WEIGHTS, w, d), STATUS(RF_OK));
            ck_assert_msg(same_bits(w, rows + k * d, d), "%s: run %d", label, (int)k);
            exercise_asking(label, model, EXERCISE_SOUND);
            rf_model_free(model);
        } else {
            ck_assert_msg(isnan(rows[k * d]), "%s: run %d has no start", label, (int)k);
        }
    }
    free(rows);
    free(w);
}

void exercise_sweeping(const char *label, const rf_model *model, const double *w0)
{
    const double eps[] = {1, 1e-3, 0};
    const int64_t d = rf_model_dim(model);
    rf_sweep *sweep = NULL;
    rf_model *base = NULL;
    double *U = test_doubles(2 * d);
    int zero = 0;
    rf_status status;

    for (int64_t k = 0; k < d; k++) {
        U[k] = w0[k];
        U[d + k] = -w0[k];
        zero += w0[k] != 0;
    }
    allowed(rf_model_clone(model, &base), STATUS(RF_OK));
    allowed(rf_model_set_event_limit(base, RUN_EVENTS), STATUS(RF_OK));
    status = rf_sweep_create(base, 2, U, 2 * d, 3, eps, &sweep);
    exercise_allowed(label, "sweep_create", status, STATUS(zero == 0 ? RF_ERROR_ARGUMENT : RF_OK));
    if (status == RF_OK) {
        const unsigned run = STATUS(RF_OK) | STATUS(RF_EVENT_LIMIT) | STATUS(RF_ERROR_NUMERICAL);

        allowed(rf_sweep_set_threads(sweep, 2), STATUS(RF_OK));
        allowed(rf_sweep_run(sweep, 0), run);
        compare_runs(label, sweep, d);
        allowed(rf_sweep_run(sweep, INFINITY), run);
        compare_runs(label, sweep, d);
    }
    rf_sweep_free(sweep);
    rf_model_free(base);
    free(U);
}

static void check_point(const char *label, int64_t i, int64_t n, const rf_stationary_point *p)
{
    const double size = hypot(p->direction[0], p->direction[1]);
    const int with_direction = p->kind == RF_POINT_FLAT_MINIMUM || p->kind == RF_POINT_KINK_RAY
                               || p->kind == RF_POINT_DEAD_CONE;
    const int with_datum = p->kind >= RF_POINT_KINK_MINIMUM && p->kind <= RF_POINT_KINK_RAY;

    ck_assert_msg(p->kind >= RF_POINT_INTERIOR_MINIMUM && p->kind <= RF_POINT_ORIGIN
                      && (i == 0) == (p->kind == RF_POINT_ORIGIN),
                  "%s: point %d is of kind %d", label, (int)i, p->kind);
    ck_assert_msg(isfinite(p->w[0]) && isfinite(p->w[1]) && p->loss >= 0 && isfinite(p->loss),
                  "%s: point %d at (%g, %g), loss %g", label, (int)i, p->w[0], p->w[1], p->loss);
    ck_assert_msg(p->theta >= 0 && p->theta <= 1, "%s: point %d, theta %g", label, (int)i,
                  p->theta);
    ck_assert_msg(with_datum ? p->datum >= 0 && p->datum < n : p->datum == -1,
                  "%s: point %d of kind %d, datum %d", label, (int)i, p->kind, (int)p->datum);
    /* A unit vector to some roundings. */
    ck_assert_msg(with_direction ? fabs(size - 1) <= 0x1p-50 : size == 0,
                  "%s: point %d of kind %d, direction (%g, %g)", label, (int)i, p->kind,
                  p->direction[0], p->direction[1]);
    ck_assert_msg(!isnan(p->range[0]) && p->range[0] <= p->range[1], "%s: point %d, range %g, %g",
                  label, (int)i, p->range[0], p->range[1]);
}

void exercise_landscape(const char *label, const rf_model *model)
{
    rf_landscape *landscape = NULL;
    rf_stationary_point point;
    rf_status status = rf_landscape_create(model, &landscape);

    exercise_allowed(label, "landscape_create", status,
                     rf_model_dim(model) == 2 ? STATUS(RF_OK) | STATUS(RF_ERROR_NUMERICAL)
                                              : STATUS(RF_ERROR_SIZE));
    ck_assert_msg((status == RF_OK) == (landscape != NULL), "%s", label);
    if (status == RF_OK)
        ck_assert_msg(rf_landscape_count(landscape) >= 1, "%s: no point", label);
    for (int64_t i = 0; i < rf_landscape_count(landscape); i++) {
        allowed(rf_landscape_point(landscape, i, &point), STATUS(RF_OK));
        check_point(label, i, rf_model_count(model), &point);
    }
    rf_landscape_free(landscape);
}
