/* sweep_json.c: a sweep as one JSON object, described by schema/sweep.schema.json, and as a table
 * of its runs.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "csv_out.h"
#include "json_parts.h"
#include "names.h"
#include "sweep.h"

static void write_options(struct json *json, const struct sweep *sweep)
{
    const struct options *options = &sweep->options;

    parts_open_options(json, options, &sweep->network);
    json_reals(json, "scales", sweep->runs.scale, sweep->runs.scales);
    json_integer(json, "directions", sweep->runs.directions);
    if (sweep->file != NULL) {
        json_text(json, "directions_file", sweep->file);
    } else {
        json_unsigned(json, "seed", options->seed);
    }
    json_truth(json, "certificates", sweep->runs.certify);
    json_real(json, "t_end", options->t_end);
    json_close_object(json);
}

static void write_spread(struct json *json, const char *key, const struct spread *spread)
{
    json_open_object(json, key);
    json_real(json, "least", spread->least);
    json_real(json, "median", spread->median);
    json_real(json, "most", spread->most);
    json_close_object(json);
}

static void write_summary(struct json *json, const struct summary *summary)
{
    int32_t k;

    json_open_object(json, NULL);
    json_real(json, "scale", summary->scale);
    json_integer(json, "runs", summary->runs);
    json_integer(json, "failed", summary->failed);
    json_integer(json, "event_limit", summary->stopped);
    json_integer(json, "certified", summary->certified);
    json_integer(json, "limits", summary->limits);
    json_integer(json, "dead", summary->dead);
    json_integer(json, "not_unique", summary->not_unique);
    json_integer(json, "doubtful", summary->doubtful);
    write_spread(json, "loss", &summary->loss);
    write_spread(json, "weight_norm", &summary->weight_norm);
    write_spread(json, "events", &summary->events);
    json_open_object(json, "norm");
    for (k = 0; k < NORM_VERDICTS; k++) {
        json_integer(json, name_of_verdict((enum norm_verdict)k), summary->norm[k]);
    }
    json_close_object(json);
    json_open_object(json, "inner_endings");
    for (k = 0; k < INNER_ENDINGS; k++) {
        json_integer(json, name_of_inner(k), summary->inner[k]);
    }
    json_close_object(json);
    json_close_object(json);
}

static void write_limit(struct json *json, const struct sweep *sweep, int64_t k)
{
    const struct limit *limit = &sweep->limits.limit[k];
    const struct run *run = &sweep->runs.run[limit->run];
    const int64_t d = sweep->runs.size;

    json_open_object(json, NULL);
    json_integer(json, "runs", limit->runs);
    json_real(json, "smallest_scale", limit->smallest);
    json_real(json, "largest_scale", limit->largest);
    json_integer(json, "first_run", limit->run + 1);
    json_real(json, "loss", run->loss);
    json_real(json, "weight_norm", run->norm);
    json_integer(json, "active", run->active);
    json_integer(json, "sliding", run->sliding);
    json_reals(json, "weights", sweep->runs.weights + limit->run * d, d);
    json_close_object(json);
}

static void write_number_or_null(struct json *json, const char *key, bool known, int64_t number)
{
    if (known) {
        json_integer(json, key, number);
    } else {
        json_null(json, key);
    }
}

static void write_run(struct json *json, const struct sweep *sweep, int64_t k)
{
    const struct run *run = &sweep->runs.run[k];
    const int64_t d = sweep->runs.size;

    json_open_object(json, NULL);
    json_integer(json, "direction", run->direction + 1);
    json_real(json, "scale", sweep->runs.scale[run->scale]);
    json_text(json, "reason", name_of_run(run));
    json_truth(json, "certified", run->certified);
    write_number_or_null(json, "limit", run->limit > 0, run->limit);
    json_real(json, "time", run->time);
    write_number_or_null(json, "events", run->begun, run->events);
    write_number_or_null(json, "inner_events", run->begun, run->inner_events);
    json_text(json, "inner_ending", run->begun ? name_of_inner(run->inner_ending) : NULL);
    json_real(json, "loss", run->loss);
    json_real(json, "start_norm", run->start_norm);
    json_real(json, "weight_norm", run->norm);
    write_number_or_null(json, "active", run->begun, run->active);
    write_number_or_null(json, "sliding", run->begun, run->sliding);
    json_text(json, "norm", name_of_verdict(run->verdict));
    json_real(json, "first_failure", run->first_failure);
    parts_flags(json, run->flags);
    json_reals(json, "weights", sweep->runs.weights + k * d, d);
    json_close_object(json);
}

void sweep_json(const struct sweep *sweep)
{
    const int64_t d = sweep->runs.size;
    struct json json;
    int64_t k;

    json_start(&json);
    parts_head(&json, &sweep->options);
    parts_data(&json, &sweep->data);
    write_options(&json, sweep);
    json_open_array(&json, "scales");
    for (k = 0; k < sweep->runs.scales; k++) {
        write_summary(&json, &sweep->summary[k]);
    }
    json_close_array(&json);
    json_real(&json, "limit_tolerance", sweep->limits.tolerance);
    json_open_array(&json, "limits");
    for (k = 0; k < sweep->limits.count; k++) {
        write_limit(&json, sweep, k);
    }
    json_close_array(&json);
    json_open_array(&json, "directions");
    for (k = 0; k < sweep->runs.directions; k++) {
        json_open_object(&json, NULL);
        json_reals(&json, "weights", sweep->runs.U + k * d, d);
        json_close_object(&json);
    }
    json_close_array(&json);
    json_open_array(&json, "runs");
    for (k = 0; k < sweep->runs.count; k++) {
        write_run(&json, sweep, k);
    }
    json_close_array(&json);
    json_finish(&json);
}

static void write_header(const struct sweep *sweep)
{
    static const char *const names[] = {
        "direction", "scale",        "reason",       "certified",     "limit",      "time",
        "events",    "inner_events", "inner_ending", "loss",          "start_norm", "weight_norm",
        "active",    "sliding",      "norm",         "first_failure", "not_unique", "doubtful",
    };
    struct csv_line line = {false};
    size_t k;
    int64_t j;

    for (k = 0; k < sizeof names / sizeof names[0]; k++) {
        csv_put_text(&line, names[k]);
    }
    for (j = 0; j < sweep->runs.size; j++) {
        char prefix[32] = "w.";
        if (sweep->network.count > 1) {
            snprintf(prefix, sizeof prefix, "w.%lld.", (long long)(j / sweep->data.d + 1));
        }
        csv_put_name(&line, prefix, sweep->data.names[j % sweep->data.d]);
    }
    csv_end_line(&line);
}

static void put_number_or_nothing(struct csv_line *line, bool known, int64_t number)
{
    if (known) {
        csv_put_integer(line, number);
    } else {
        csv_put_text(line, NULL);
    }
}

static void write_line(const struct sweep *sweep, int64_t k)
{
    const struct run *run = &sweep->runs.run[k];
    const int64_t d = sweep->runs.size;
    struct csv_line line = {false};

    csv_put_integer(&line, run->direction + 1);
    csv_put_real(&line, sweep->runs.scale[run->scale]);
    csv_put_text(&line, name_of_run(run));
    csv_put_truth(&line, run->certified);
    put_number_or_nothing(&line, run->limit > 0, run->limit);
    csv_put_real(&line, run->time);
    put_number_or_nothing(&line, run->begun, run->events);
    put_number_or_nothing(&line, run->begun, run->inner_events);
    csv_put_text(&line, run->begun ? name_of_inner(run->inner_ending) : NULL);
    csv_put_real(&line, run->loss);
    csv_put_real(&line, run->start_norm);
    csv_put_real(&line, run->norm);
    put_number_or_nothing(&line, run->begun, run->active);
    put_number_or_nothing(&line, run->begun, run->sliding);
    csv_put_text(&line, name_of_verdict(run->verdict));
    csv_put_real(&line, run->first_failure);
    csv_put_truth(&line, (run->flags & RF_FLAG_AMBIGUOUS) != 0);
    csv_put_truth(&line, (run->flags & RF_FLAG_DOUBTFUL) != 0);
    csv_put_reals(&line, sweep->runs.weights + k * d, d);
    csv_end_line(&line);
}

void sweep_csv(const struct sweep *sweep)
{
    int64_t k;

    write_header(sweep);
    for (k = 0; k < sweep->runs.count; k++) {
        write_line(sweep, k);
    }
}
