/* json_parts.c: members that the JSON of several commands has; the files in schema/ describe them.
 * SPDX-License-Identifier: MIT */
#include "json_parts.h"

#include "names.h"

enum { SCHEMA_VERSION = 1 };

void parts_head(struct json *json, const struct options *options)
{
    json_integer(json, "schema", SCHEMA_VERSION);
    json_text(json, "version", rf_version_string());
    json_text(json, "command", options->command);
}

void parts_data(struct json *json, const struct dataset *data)
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

void parts_open_options(struct json *json, const struct options *options,
                        const struct network *network)
{
    json_open_object(json, "options");
    json_truth(json, "standardize", options->standardize);
    json_truth(json, "bias", options->bias);
    json_truth(json, "mean_loss", options->mean_loss);
    json_text(json, "activation", name_of_activation(options->activation.kind));
    json_real(json, "slope", options->activation.slope);
    if (network->asked) {
        json_integer(json, "neurons", network->count);
        json_reals(json, "outer", network->a, network->count);
    }
    json_integer(json, "max_events", options->max_events);
    json_integer(json, "threads", options->threads);
}

void parts_flags(struct json *json, int32_t flags)
{
    json_truth(json, "not_unique", (flags & RF_FLAG_AMBIGUOUS) != 0);
    json_truth(json, "doubtful", (flags & RF_FLAG_DOUBTFUL) != 0);
}

void parts_event(struct json *json, const char *key, const rf_event *event,
                 const struct network *network)
{
    if (event == NULL) {
        json_null(json, key);
        return;
    }
    json_open_object(json, key);
    json_real(json, "time", event->time);
    if (event->datum < 0) {
        json_null(json, "row");
    } else {
        json_integer(json, "row", event->datum + 1);
    }
    if (network->asked) {
        json_integer(json, "neuron", event->neuron + 1);
    }
    json_text(json, "kind", name_of_kind(event->kind));
    json_truth(json, "inner", (event->flags & RF_FLAG_INNER) != 0);
    parts_flags(json, event->flags);
    json_close_object(json);
}
