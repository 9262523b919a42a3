/* report_json.c: an experiment as one JSON object; schema/flow.schema.json describes it.
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include <string.h>

#include "error.h"
#include "influence.h"
#include "json_parts.h"
#include "names.h"

static void write_options(struct json *json, const struct options *options)
{
    parts_open_options(json, options);
    if (options->start != NULL) {
        json_text(json, "start_file", options->start);
    } else {
        json_real(json, "scale", options->scale);
        json_unsigned(json, "seed", options->seed);
    }
    if (strcmp(options->command, "gd") == 0) {
        json_real(json, "eta", options->eta);
        json_integer(json, "steps", options->steps);
    } else {
        json_real(json, "t_end", options->t_end);
    }
    json_close_object(json);
}

static void write_start(struct json *json, const struct experiment *experiment)
{
    json_open_object(json, "start");
    json_real(json, "loss", experiment->start_loss);
    json_real(json, "gradient_norm", experiment->start_gradient_norm);
    json_real(json, "speed", experiment->start_speed);
    json_real(json, "weight_norm", experiment->start_norm);
    json_reals(json, "direction", experiment->direction, experiment->data.d);
    json_reals(json, "weights", experiment->start, experiment->data.d);
    json_close_object(json);
}

static void write_end(struct json *json, const struct experiment *experiment)
{
    const struct outcome *outcome = &experiment->outcome;

    json_open_object(json, "end");
    json_text(json, "reason", name_of_ending(outcome->ending));
    json_truth(json, "certified", outcome->certified);
    parts_flags(json, outcome->flags);
    json_text(json, "inner_ending", name_of_inner(outcome->inner_ending));
    json_real(json, "time", outcome->time);
    json_real(json, "loss", outcome->loss);
    json_real(json, "gradient_norm", outcome->gradient_norm);
    json_real(json, "speed", outcome->speed);
    json_real(json, "slowest_rate", outcome->slowest_rate);
    json_real(json, "weight_norm", outcome->weight_norm);
    json_real(json, "path_length", outcome->path_length);
    json_reals(json, "weights", outcome->weights, experiment->data.d);
    json_close_object(json);
}

static int write_event(const rf_event *event, void *user)
{
    parts_event(user, NULL, event);
    return STATUS_OK;
}

static void write_event_counts(struct json *json, const struct outcome *outcome)
{
    int64_t total = 0;
    int32_t kind;

    json_open_object(json, "event_counts");
    for (kind = 1; kind < EVENT_KINDS; kind++) {
        json_integer(json, name_of_kind(kind), outcome->events[kind]);
        total += outcome->events[kind];
    }
    json_integer(json, "total", total);
    json_integer(json, "inner", outcome->inner_events);
    json_close_object(json);
}

static void write_rows(struct json *json, const char *key, const struct support *support)
{
    int64_t k;

    json_open_array(json, key);
    for (k = 0; k < support->count; k++) {
        json_integer(json, NULL, support->data[k] + 1);
    }
    json_close_array(json);
}

static void write_data_columns(struct json *json, const struct experiment *experiment)
{
    static const char *const names[DATUM_COLUMNS] = {
        [DATUM_MARGIN] = "margin",
        [DATUM_RESIDUAL] = "residual",
        [DATUM_PATTERN] = "pattern",
        [DATUM_COEFFICIENT] = "coefficient",
        [DATUM_MULTIPLIER] = "multiplier",
        [DATUM_DEACTIVATIONS] = "deactivations",
        [DATUM_REACTIVATIONS] = "reactivations",
        [DATUM_FIRST_ACTIVE] = "first_active",
        [DATUM_LAST_ACTIVE] = "last_active",
    };
    const struct outcome *outcome = &experiment->outcome;
    const int64_t n = experiment->data.n;
    int64_t i;
    int k;

    json_open_object(json, "rows");
    json_reals(json, "label", experiment->data.y, n);
    json_open_array(json, "state");
    for (i = 0; i < n; i++) {
        json_text(json, NULL, name_of_state(outcome->state[i]));
    }
    json_close_array(json);
    for (k = 0; k < DATUM_COLUMNS; k++) {
        json_reals(json, names[k], outcome->datum[k], n);
    }
    json_close_object(json);
}

void report_json_head(struct json *json, const struct experiment *experiment)
{
    json_start(json);
    parts_head(json, &experiment->options);
    parts_data(json, &experiment->data);
    write_options(json, &experiment->options);
    write_start(json, experiment);
    write_end(json, experiment);
    write_event_counts(json, &experiment->outcome);
}

int report_json(const struct experiment *experiment)
{
    const struct outcome *outcome = &experiment->outcome;
    struct json json;
    int status;

    report_json_head(&json, experiment);
    json_open_object(&json, "support");
    write_rows(&json, "active", &outcome->active);
    write_rows(&json, "boundary", &outcome->boundary);
    write_rows(&json, "trajectory", &outcome->trajectory);
    json_close_object(&json);
    write_data_columns(&json, experiment);
    if (experiment->influence.count > 0) {
        influence_json(&json, experiment);
    }
    json_open_array(&json, "events");
    status = experiment_each_event(experiment, write_event, &json);
    json_close_array(&json);
    json_finish(&json);
    return status;
}
