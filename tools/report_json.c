/* report_json.c: an experiment as one JSON object; schema/flow.schema.json describes it.
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include <string.h>

#include "error.h"
#include "json.h"
#include "names.h"

enum { SCHEMA_VERSION = 1 };

static void write_data(struct json *json, const struct dataset *data)
{
    int64_t k;

    json_open_object(json, "data");
    json_text(json, "source", data->source);
    json_truth(json, "bundled", data->bundled);
    json_integer(json, "n", data->n);
    json_integer(json, "d", data->d);
    json_text(json, "label", data->label);
    json_open_array(json, "columns");
    for (k = 0; k < data->d; k++) {
        json_text(json, NULL, data->names[k]);
    }
    json_close_array(json);
    json_reals(json, "mean", data->mean, data->variables);
    json_reals(json, "deviation", data->deviation, data->variables);
    json_close_object(json);
}

static void write_options(struct json *json, const struct options *options)
{
    json_open_object(json, "options");
    json_truth(json, "standardize", options->standardize);
    json_truth(json, "bias", options->bias);
    json_truth(json, "mean_loss", options->mean_loss);
    json_text(json, "activation", name_of_activation(options->activation.kind));
    json_real(json, "slope", options->activation.slope);
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
    json_integer(json, "max_events", options->max_events);
    json_integer(json, "threads", options->threads);
    json_close_object(json);
}

static void write_start(struct json *json, const struct experiment *experiment)
{
    json_open_object(json, "start");
    json_real(json, "loss", experiment->start_loss);
    json_real(json, "gradient_norm", experiment->start_gradient_norm);
    json_real(json, "speed", experiment->start_speed);
    json_real(json, "weight_norm", experiment->start_norm);
    json_reals(json, "weights", experiment->start, experiment->data.d);
    json_close_object(json);
}

static void write_end(struct json *json, const struct experiment *experiment)
{
    const struct outcome *outcome = &experiment->outcome;

    json_open_object(json, "end");
    json_text(json, "reason", name_of_ending(outcome->ending));
    json_truth(json, "certified", outcome->certified);
    json_truth(json, "not_unique", (outcome->flags & RF_FLAG_AMBIGUOUS) != 0);
    json_truth(json, "doubtful", (outcome->flags & RF_FLAG_DOUBTFUL) != 0);
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
    struct json *json = user;

    json_open_object(json, NULL);
    json_real(json, "time", event->time);
    if (event->datum < 0) {
        json_null(json, "row");
    } else {
        json_integer(json, "row", event->datum + 1);
    }
    json_text(json, "kind", name_of_kind(event->kind));
    json_truth(json, "not_unique", (event->flags & RF_FLAG_AMBIGUOUS) != 0);
    json_truth(json, "doubtful", (event->flags & RF_FLAG_DOUBTFUL) != 0);
    json_close_object(json);
    return STATUS_OK;
}

static int write_events(struct json *json, const struct experiment *experiment)
{
    int64_t total = 0;
    int32_t kind;
    int status;

    json_open_object(json, "event_counts");
    for (kind = 1; kind < EVENT_KINDS; kind++) {
        json_integer(json, name_of_kind(kind), experiment->outcome.events[kind]);
        total += experiment->outcome.events[kind];
    }
    json_integer(json, "total", total);
    json_close_object(json);
    json_open_array(json, "events");
    status = experiment_each_event(experiment, write_event, json);
    json_close_array(json);
    return status;
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

int report_json(const struct experiment *experiment)
{
    const struct outcome *outcome = &experiment->outcome;
    struct json json;
    int status;

    json_start(&json);
    json_integer(&json, "schema", SCHEMA_VERSION);
    json_text(&json, "version", rf_version_string());
    json_text(&json, "command", experiment->options.command);
    write_data(&json, &experiment->data);
    write_options(&json, &experiment->options);
    write_start(&json, experiment);
    write_end(&json, experiment);
    json_open_object(&json, "support");
    write_rows(&json, "active", &outcome->active);
    write_rows(&json, "boundary", &outcome->boundary);
    write_rows(&json, "trajectory", &outcome->trajectory);
    json_close_object(&json);
    write_data_columns(&json, experiment);
    status = write_events(&json, experiment);
    json_finish(&json);
    return status;
}
