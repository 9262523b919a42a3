/* collect.c: what a run gave.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "error.h"
#include "experiment.h"
#include "library.h"

rf_status experiment_speed(const rf_model *model, double *buffer, double *speed)
{
    const int64_t d = rf_model_neurons(model) * rf_model_dim(model);
    const rf_status status = rf_model_query(model, RF_VELOCITY, buffer, d);
    int64_t k;

    *speed = 0;
    for (k = 0; status == RF_OK && k < d; k++) {
        *speed = hypot(*speed, buffer[k]);
    }
    return status;
}

static rf_status collect_numbers(const rf_model *model, struct outcome *outcome)
{
    double flags = 0;
    double converged = 0;
    double inner_ending = RF_INNER_NONE;
    const struct {
        int32_t quantity;
        double *out;
    } wanted[] = {
        {RF_TIME, &outcome->time},
        {RF_LOSS, &outcome->loss},
        {RF_GRADIENT_NORM, &outcome->gradient_norm},
        {RF_WEIGHT_NORM, &outcome->weight_norm},
        {RF_PATH_LENGTH, &outcome->path_length},
        {RF_FLAGS, &flags},
        {RF_CONVERGED, &converged},
        {RF_INNER_ENDING, &inner_ending},
    };
    rf_status status = RF_OK;
    size_t k;

    for (k = 0; status == RF_OK && k < sizeof wanted / sizeof wanted[0]; k++) {
        status = rf_model_query(model, wanted[k].quantity, wanted[k].out, 1);
    }
    outcome->flags = (int32_t)flags;
    outcome->certified = converged != 0; /* exactly 0 or 1 */
    outcome->inner_ending = (int32_t)inner_ending;
    return status;
}

/* The rates, of which only the positive ones belong to a decay.  At iterates near the end of the
 * range of double there may be none: no reason to refuse the rest. */
static rf_status collect_rates(const rf_model *model, double *rates, struct outcome *outcome)
{
    const int64_t d = rf_model_neurons(model) * rf_model_dim(model);
    const rf_status status = rf_model_query(model, RF_RATES, rates, d);
    int64_t k;

    outcome->rates = 0;
    outcome->slowest_rate = outcome->fastest_rate = NAN;
    for (k = 0; status == RF_OK && k < d; k++) {
        if (rates[k] > 0) {
            outcome->rates++;
            outcome->slowest_rate = fmin(outcome->slowest_rate, rates[k]);
            outcome->fastest_rate = fmax(outcome->fastest_rate, rates[k]);
        }
    }
    return status == RF_ERROR_NUMERICAL ? RF_OK : status;
}

static rf_status collect_motion(const rf_model *model, struct outcome *outcome)
{
    const int64_t size = rf_model_neurons(model) * rf_model_dim(model);
    double *buffer = allocate_array((size_t)size, sizeof *buffer);
    rf_status status = RF_ERROR_MEMORY;

    if (buffer != NULL) {
        status = experiment_speed(model, buffer, &outcome->speed);
    }
    if (status == RF_OK) {
        status = collect_rates(model, buffer, outcome);
    }
    free(buffer);
    return status;
}

static rf_status collect_arrays(const rf_model *model, struct outcome *outcome)
{
    static const int32_t quantities[DATUM_COLUMNS] = {
        [DATUM_MARGIN] = RF_MARGINS,
        [DATUM_RESIDUAL] = RF_RESIDUALS,
        [DATUM_PATTERN] = RF_PATTERN,
        [DATUM_COEFFICIENT] = RF_COEFFICIENTS,
        [DATUM_MULTIPLIER] = RF_MULTIPLIERS,
        [DATUM_DEACTIVATIONS] = RF_DEACTIVATIONS,
        [DATUM_REACTIVATIONS] = RF_REACTIVATIONS,
        [DATUM_FIRST_ACTIVE] = RF_FIRST_ACTIVE,
        [DATUM_LAST_ACTIVE] = RF_LAST_ACTIVE,
    };
    const int64_t n = rf_model_neurons(model) * rf_model_count(model);
    const int64_t d = rf_model_neurons(model) * rf_model_dim(model);
    rf_status status = RF_ERROR_MEMORY;
    int k;

    outcome->weights = allocate_array((size_t)d, sizeof(double));
    outcome->state = allocate_array((size_t)n, 1);
    if (outcome->weights != NULL && outcome->state != NULL) {
        status = rf_model_query(model, RF_WEIGHTS, outcome->weights, d);
    }
    if (status == RF_OK) {
        status = rf_model_pattern(model, outcome->state, n);
    }
    for (k = 0; status == RF_OK && k < DATUM_COLUMNS; k++) {
        const int64_t count = k == DATUM_RESIDUAL ? rf_model_count(model) : n;
        outcome->datum[k] = allocate_array((size_t)count, sizeof(double));
        status = outcome->datum[k] == NULL
                     ? RF_ERROR_MEMORY
                     : rf_model_query(model, quantities[k], outcome->datum[k], count);
    }
    return status;
}

static rf_status collect_support(const rf_model *model, int32_t kind, struct support *out)
{
    rf_status status = rf_model_support(model, kind, NULL, 0, &out->count);

    if (status != RF_OK) {
        return status;
    }
    out->data = allocate_array((size_t)out->count, sizeof *out->data);
    if (out->data == NULL) {
        return RF_ERROR_MEMORY;
    }
    return out->count == 0 ? RF_OK
                           : rf_model_support(model, kind, out->data, out->count, &out->count);
}

static int count_event(const rf_event *event, void *user)
{
    struct outcome *outcome = user;

    if ((event->flags & RF_FLAG_INNER) != 0) {
        outcome->inner_events++;
        return STATUS_OK;
    }
    if (event->kind > 0 && event->kind < EVENT_KINDS) {
        outcome->events[event->kind]++;
    }
    outcome->last_event = event->time;
    return STATUS_OK;
}

int experiment_each_event(const struct experiment *experiment,
                          int (*visit)(const rf_event *event, void *user), void *user)
{
    enum { CHUNK = 256 };
    const int64_t total = rf_model_event_count(experiment->model);
    rf_event events[CHUNK];
    int64_t first;

    for (first = 0; first < total; first += CHUNK) {
        const int64_t count = total - first < CHUNK ? total - first : CHUNK;
        const rf_status status = rf_model_events(experiment->model, first, count, events);
        int64_t k;
        if (status != RF_OK) {
            return library_fail(status);
        }
        for (k = 0; k < count; k++) {
            const int visited = visit(&events[k], user);
            if (visited != STATUS_OK) {
                return visited;
            }
        }
    }
    return STATUS_OK;
}

static enum ending ending_of(const struct experiment *experiment, rf_status status)
{
    if (status == RF_EVENT_LIMIT) {
        return ENDED_BY_EVENT_LIMIT;
    }
    if (experiment_descends(experiment)) {
        return ENDED_AFTER_STEPS;
    }
    return isinf(experiment->options.t_end) ? ENDED_AT_LIMIT : ENDED_AT_TIME;
}

/* Where no row is active or sliding nothing moves the weights, and the last event was that which left none. */
static double find_death(const struct experiment *experiment)
{
    const struct outcome *outcome = &experiment->outcome;
    const struct activation *activation = &experiment->options.activation;
    const int64_t n = experiment->network.count * experiment->data.n;
    int64_t i;

    if (activation->kind == RF_LINEAR || activation->slope > 0) {
        return NAN;
    }
    for (i = 0; i < n; i++) {
        if (outcome->state[i] != 0) {
            return NAN;
        }
    }
    return isnan(outcome->last_event) ? 0 : outcome->last_event;
}

int experiment_finish(struct experiment *experiment, rf_status status)
{
    struct outcome *outcome = &experiment->outcome;
    const rf_model *model = experiment->model;
    int done;

    progress_end(&experiment->progress);
    if (status < 0) {
        return experiment_fail(experiment, model, status);
    }
    if (status == RF_STOPPED) {
        return fail(STATUS_FAILED, "out of memory: %lld events are recorded, and more do not fit "
                    "(--max-events N stops a run before)", (long long)rf_model_event_count(model));
    }
    outcome->ending = ending_of(experiment, status);
    outcome->last_event = NAN;
    status = collect_numbers(model, outcome);
    if (status == RF_OK) {
        status = collect_motion(model, outcome);
    }
    if (status == RF_OK) {
        status = collect_arrays(model, outcome);
    }
    if (status == RF_OK) {
        status = collect_support(model, RF_SUPPORT_ACTIVE, &outcome->active);
    }
    if (status == RF_OK) {
        status = collect_support(model, RF_SUPPORT_BOUNDARY, &outcome->boundary);
    }
    if (status == RF_OK) {
        status = collect_support(model, RF_SUPPORT_TRAJECTORY, &outcome->trajectory);
    }
    if (status != RF_OK) {
        return experiment_fail(experiment, NULL, status);
    }
    done = experiment_each_event(experiment, count_event, outcome);
    outcome->dead_since = find_death(experiment);
    return done == STATUS_OK ? neurons_collect(experiment) : done;
}
