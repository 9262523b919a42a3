/* report_json.c: an experiment as one JSON object; schema/flow.schema.json describes it.
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "influence.h"
#include "json_parts.h"
#include "names.h"

static void write_options(struct json *json, const struct experiment *experiment)
{
    const struct options *options = &experiment->options;

    parts_open_options(json, options, &experiment->network);
    if (options->start != NULL) {
        json_text(json, "start_file", options->start);
    } else {
        json_real(json, "scale", options->scale);
        json_unsigned(json, "seed", options->seed);
    }
    if (strcmp(options->command, "gd") == 0) {
        json_real(json, "eta", options->eta);
        json_real(json, "eta_limit", experiment->eta_limit);
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
    json_reals(json, "direction", experiment->direction, experiment->size);
    json_reals(json, "weights", experiment->start, experiment->size);
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
    json_real(json, "dead_since", outcome->dead_since);
    json_real(json, "weight_norm", outcome->weight_norm);
    json_real(json, "path_length", outcome->path_length);
    json_reals(json, "weights", outcome->weights, experiment->size);
    json_close_object(json);
}

/* What write_event is told. */
struct list {
    struct json *json;
    const struct experiment *experiment;
};

static int write_event(const rf_event *event, void *user)
{
    const struct list *list = user;

    parts_event(list->json, NULL, event, &list->experiment->network);
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

/* The rows that a list of pairs holds, for any neuron, ascending; marks is room for n of them. */
static void write_rows(struct json *json, const char *key, const struct support *support,
                       uint8_t *marks, int64_t n)
{
    int64_t k;

    memset(marks, 0, (size_t)n);
    for (k = 0; k < support->count; k++) {
        marks[support->data[k] % n] = 1;
    }
    json_open_array(json, key);
    for (k = 0; k < n; k++) {
        if (marks[k]) {
            json_integer(json, NULL, k + 1);
        }
    }
    json_close_array(json);
}

static void write_support(struct json *json, const struct experiment *experiment, uint8_t *marks)
{
    const struct outcome *outcome = &experiment->outcome;
    const int64_t n = experiment->data.n;

    json_open_object(json, "support");
    write_rows(json, "active", &outcome->active, marks, n);
    write_rows(json, "boundary", &outcome->boundary, marks, n);
    write_rows(json, "trajectory", &outcome->trajectory, marks, n);
    json_close_object(json);
}

static const char *const column_names[DATUM_COLUMNS] = {
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

/* The columns of one neuron, but for the residuals. */
static void write_pairs(struct json *json, const struct experiment *experiment, int64_t neuron)
{
    const struct outcome *outcome = &experiment->outcome;
    const int64_t n = experiment->data.n;
    int64_t i;
    int k;

    json_open_array(json, "state");
    for (i = 0; i < n; i++) {
        json_text(json, NULL, name_of_state(outcome->state[neuron * n + i]));
    }
    json_close_array(json);
    for (k = 0; k < DATUM_COLUMNS; k++) {
        if (k != DATUM_RESIDUAL) {
            json_reals(json, column_names[k], outcome->datum[k] + neuron * n, n);
        }
    }
}

void report_json_pairs(struct json *json, const struct experiment *experiment, int64_t neuron)
{
    json_open_object(json, "rows");
    write_pairs(json, experiment, neuron);
    json_close_object(json);
}

static void write_data_columns(struct json *json, const struct experiment *experiment)
{
    const struct outcome *outcome = &experiment->outcome;
    const int64_t n = experiment->data.n;

    json_open_object(json, "rows");
    json_reals(json, "label", experiment->data.y, n);
    json_reals(json, "residual", outcome->datum[DATUM_RESIDUAL], n);
    if (!experiment->network.asked) {
        write_pairs(json, experiment, 0);
    }
    json_close_object(json);
}

void report_json_head(struct json *json, const struct experiment *experiment)
{
    json_start(json);
    parts_head(json, &experiment->options);
    parts_data(json, &experiment->data);
    write_options(json, experiment);
    write_start(json, experiment);
    write_end(json, experiment);
    write_event_counts(json, &experiment->outcome);
}

int report_json(const struct experiment *experiment)
{
    uint8_t *marks = allocate_array((size_t)experiment->data.n, sizeof *marks);
    struct json json;
    struct list list = {&json, experiment};
    int status;

    if (marks == NULL) {
        return fail_memory();
    }
    report_json_head(&json, experiment);
    write_support(&json, experiment, marks);
    free(marks);
    write_data_columns(&json, experiment);
    if (experiment->network.asked) {
        neurons_json(&json, experiment, true);
    }
    if (experiment->influence.count > 0) {
        influence_json(&json, experiment);
    }
    json_open_array(&json, "events");
    status = experiment_each_event(experiment, write_event, &list);
    json_close_array(&json);
    json_finish(&json);
    return status;
}
