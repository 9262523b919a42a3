/* exercise.c: asking, copying and running a model that came out of a fuzzer.
 * SPDX-License-Identifier: MIT */
#include "exercise.h"

#include "run.h"
#include "snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ASKED = STATUS(RF_OK) | STATUS(RF_ERROR_NUMERICAL) };

void exercise_allowed(const char *label, const char *call, rf_status status, unsigned set)
{
    ck_assert_msg(status >= RF_ERROR_CAPACITY && status <= RF_NO_EVENT && (STATUS(status) & set),
                  "%s: %s gives %d (%s)", label, call, status, rf_status_string(status));
}

#define allowed(call, set) exercise_allowed(label, #call, call, set)
#define sound(condition, ...)                                                                      \
    ck_assert_msg(kind == EXERCISE_HOSTILE || (condition), __VA_ARGS__)

/* 1 if a quantity may have this value; at_limit: the model stands at the limit. */
static int may_be(int32_t quantity, double value, int at_limit)
{
    switch (quantity) {
    case RF_TIME: return value >= 0 && (at_limit || isfinite(value));
    case RF_COEFFICIENTS: return !isnan(value) && (at_limit || isfinite(value));
    case RF_FIRST_ACTIVE: return isnan(value) || (value >= 0 && isfinite(value));
    case RF_LAST_ACTIVE: return isnan(value) || (value >= 0 && (at_limit || isfinite(value)));
    case RF_PATTERN: return value >= 0 && value <= 1;
    case RF_CONVERGED: return value == 0 || (value == 1 && at_limit);
    case RF_INNER_ENDING: return value >= RF_INNER_NONE && value <= RF_INNER_FROZEN;
    case RF_LOSS: case RF_GRADIENT_NORM: case RF_WEIGHT_NORM: case RF_DEACTIVATIONS:
    case RF_REACTIVATIONS: case RF_PATH_LENGTH: case RF_RATES: case RF_FLAGS:
        return value >= 0 && isfinite(value);
    default: return isfinite(value);
    }
}

static int needs_history(int32_t quantity)
{
    return quantity == RF_COEFFICIENTS
           || (quantity >= RF_DEACTIVATIONS && quantity <= RF_PATH_LENGTH);
}

/* One quantity, now (t NaN) or in the past. */
static void ask(const char *label, const rf_model *model, int kind, int32_t quantity, double t,
                int at_limit)
{
    int64_t len = 0;
    double *out;
    rf_status status;

    allowed(rf_model_query_size(model, quantity, &len), STATUS(RF_OK));
    out = test_doubles(len);
    status = isnan(t) ? rf_model_query(model, quantity, out, len)
                      : rf_model_query_at(model, t, quantity, out, len);
    exercise_allowed(label, "query", status,
                     isnan(t) && !needs_history(quantity) ? ASKED : ASKED | STATUS(RF_ERROR_STATE));
    for (int64_t k = 0; k < len && status == RF_OK; k++)
        sound(may_be(quantity, out[k], at_limit), "%s: quantity %d at %g: [%d] = %g", label,
              quantity, t, (int)k, out[k]);
    free(out);
}

static void ask_quantities(const char *label, const rf_model *model, int kind)
{
    const double fractions[] = {0, 0.5, 0.999};
    double now = 0, converged = 0, flags = 0;

    allowed(rf_model_query(model, RF_TIME, &now, 1), STATUS(RF_OK));
    allowed(rf_model_query(model, RF_CONVERGED, &converged, 1), ASKED);
    allowed(rf_model_query(model, RF_FLAGS, &flags, 1), ASKED);
    sound(!isinf(now) || converged == 1 || ((int)flags & RF_FLAG_DOUBTFUL), "%s: %g at the limit, flags %g", label,
          converged, flags);
    for (int32_t q = RF_TIME; q <= RF_RATES; q++) {
        ask(label, model, kind, q, NAN, isinf(now));
        for (int k = 0; k < 3; k++)
            ask(label, model, kind, q, isinf(now) ? 1e3 * fractions[k] : fractions[k] * now, 0);
    }
}

static void ask_events(const char *label, const rf_model *model, int kind)
{
    int64_t count = rf_model_event_count(model);
    rf_event *events;
    rf_status status;
    double last = 0;
    int outer = 0;

    /* A model that keeps no history counts what it does not hold. */
    ck_assert_msg(count >= 0, "%s: %d events", label, (int)count);
    if ((status = rf_model_events(model, 0, 0, NULL)) == RF_ERROR_STATE)
        return;
    exercise_allowed(label, "events", status, STATUS(RF_OK));
    events = test_alloc(count, sizeof *events);
    allowed(rf_model_events(model, 0, count, events), STATUS(RF_OK));
    for (int64_t k = 0; k < count; k++) {
        const rf_event *e = events + k;

        if (!(e->flags & RF_FLAG_INNER) && !outer++)
            last = 0;
        sound(!outer || !(e->flags & RF_FLAG_INNER), "%s: event %d is inner", label, (int)k);
        sound(e->time >= last && isfinite(e->time), "%s: event %d at %g", label, (int)k, e->time);
        sound(e->kind >= RF_EVENT_DEACTIVATE && e->kind <= RF_EVENT_ORIGIN, "%s: event %d, kind %d",
              label, (int)k, e->kind);
        sound(e->datum >= -(e->kind == RF_EVENT_ORIGIN) && e->datum < rf_model_count(model)
                  && e->neuron == 0,
              "%s: event %d, datum %d", label, (int)k, (int)e->datum);
        last = e->time;
    }
    free(events);
}

static void ask_sets(const char *label, const rf_model *model, int kind)
{
    int64_t n = rf_model_count(model), *indices = test_alloc(n, sizeof *indices), count = 0;
    uint8_t *state = test_alloc(n, 1);

    allowed(rf_model_pattern(model, state, n), STATUS(RF_OK));
    for (int64_t i = 0; i < n; i++)
        sound(state[i] <= 2, "%s: state[%d] = %d", label, (int)i, state[i]);
    for (int32_t k = RF_SUPPORT_ACTIVE; k <= RF_SUPPORT_BOUNDARY; k++) {
        rf_status status = rf_model_support(model, k, indices, n, &count);

        exercise_allowed(label, "support", status,
                         STATUS(RF_OK)
                             | (k == RF_SUPPORT_TRAJECTORY ? STATUS(RF_ERROR_STATE) : 0));
        for (int64_t j = 0; j < count && status == RF_OK; j++)
            ck_assert_msg(indices[j] > (j > 0 ? indices[j - 1] : -1) && indices[j] < n,
                          "%s: support %d", label, k);
    }
    free(indices);
    free(state);
}

static void ask_theory(const char *label, const rf_model *model, int kind)
{
    const int64_t d = rf_model_dim(model), data[] = {rf_model_count(model) - 1, 0};
    double *W = test_doubles(2 * d), failure = 0, loss;
    int32_t increasing = -1;
    rf_status status = rf_model_norm_certificate(model, &increasing, &failure);

    exercise_allowed(label, "norm_certificate", status, ASKED | STATUS(RF_ERROR_STATE));
    if (status == RF_OK) {
        sound(increasing == 0 || (increasing == 1 && isnan(failure)), "%s: certificate %d, %g",
              label, increasing, failure);
        sound(isnan(failure) || (failure >= 0 && isfinite(failure)), "%s: failure at %g", label,
              failure);
    }
    status = rf_model_leave_one_out(model, 2, data, W, 2 * d, NULL, NULL);
    exercise_allowed(label, "leave_one_out", status, ASKED);
    for (int64_t k = 0; k < 2 * d && status == RF_OK; k++)
        sound(isfinite(W[k]), "%s: leave_one_out [%d] = %g", label, (int)k, W[k]);
    memset(W, 0, (size_t)d * sizeof *W);
    allowed(rf_model_evaluate(model, W, d, RF_LOSS, &loss, 1), ASKED);
    free(W);
}

void exercise_asking(const char *label, const rf_model *model, int kind)
{
    double now;

    ck_assert_msg(strlen(rf_model_error(model)) < 1000, "%s", label);
    if (rf_model_query(model, RF_TIME, &now, 1) == RF_ERROR_STATE)
        return;
    ask_quantities(label, model, kind);
    ask_events(label, model, kind);
    ask_sets(label, model, kind);
    ask_theory(label, model, kind);
}

rf_model *exercise_copy(const char *label, const rf_model *model, int kind)
{
    int64_t size = 0;
    unsigned char *bytes;
    char message[200];
    rf_model *copy = NULL;
    rf_status status;

    allowed(rf_model_save(model, NULL, 0, &size), STATUS(RF_OK));
    bytes = test_alloc(size, 1);
    allowed(rf_model_save(model, bytes, size, &size), STATUS(RF_OK));
    status = rf_model_load(bytes, size, NULL, &copy, message, sizeof message);
    free(bytes);
    if (kind == EXERCISE_HOSTILE) {
        exercise_allowed(label, "load", status, STATUS(RF_OK) | STATUS(RF_ERROR_CORRUPT));
        return copy;
    }
    ck_assert_msg(status == RF_OK, "%s: load: %s", label, message);
    ck_assert_msg(models_same(model, copy), "%s: the loaded model differs", label);
    return copy;
}

/* The statuses of a run. */
enum {
    RUN = STATUS(RF_OK) | STATUS(RF_EVENT_LIMIT) | STATUS(RF_ERROR_NUMERICAL),
    STATE = STATUS(RF_ERROR_STATE)
};

static void descend(const char *label, rf_model *model, int kind)
{
    double rates = 0, eta;
    int64_t d = rf_model_dim(model);
    double *rate = test_doubles(d);

    /* Fast, slow, and too fast: descent may leave the range of double. */
    if (rf_model_query(model, RF_RATES, rate, d) == RF_OK)
        rates = rate[0];
    free(rate);
    eta = rates > 0 && isfinite(1 / rates) ? 1 / rates : 0.5;
    allowed(rf_model_step(model, 0.5 * eta, 20), RUN | STATE);
    allowed(rf_model_step(model, 1e-3 * eta, 100), RUN | STATE);
    exercise_asking(label, model, kind);
    allowed(rf_model_step(model, 3 * eta, 5), RUN | STATE);
    exercise_asking(label, model, kind);
}

void exercise_running(const char *label, rf_model *model, int kind)
{
    double now = 0;
    rf_event event;
    rf_status status = rf_model_query(model, RF_TIME, &now, 1);

    if (status == RF_ERROR_STATE)
        return;
    allowed(rf_model_set_event_limit(model, RUN_EVENTS), STATUS(RF_OK));
    status = rf_model_advance(model, INFINITY, &event);
    exercise_allowed(label, "advance", status,
                     (RUN & ~STATUS(RF_EVENT_LIMIT)) | STATE | STATUS(RF_NO_EVENT));
    if (status == RF_ERROR_STATE) {
        descend(label, model, kind);
        return;
    }
    exercise_asking(label, model, kind);
    allowed(rf_model_query(model, RF_TIME, &now, 1), STATUS(RF_OK));
    status = rf_model_integrate(model, 2 * now);
    exercise_allowed(label, "integrate", status, RUN);
    for (int k = 0; k < 4 && status >= 0; k++)
        exercise_allowed(label, "integrate", status = rf_model_integrate(model, INFINITY), RUN);
    exercise_asking(label, model, kind);
    if (status == RF_OK) {
        allowed(rf_model_query(model, RF_TIME, &now, 1), STATUS(RF_OK));
        sound(isinf(now), "%s: the limit is at %g", label, now);
    }
}
