/* landscape_json.c: the stationary points as one JSON object, described by
 * schema/landscape.schema.json, and as a table.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stddef.h>

#include "csv_out.h"
#include "json_parts.h"
#include "landscape.h"
#include "names.h"

static void write_options(struct json *json, const struct landscape *landscape)
{
    const struct options *options = &landscape->options;

    parts_open_options(json, options, &landscape->network);
    json_integer(json, "starts", options->starts);
    json_real(json, "scale", options->scale);
    json_unsigned(json, "seed", options->seed);
    json_close_object(json);
}

static void write_point(struct json *json, const struct landscape *landscape, int64_t k)
{
    const rf_stationary_point *point = &landscape->point[k];
    const bool flat = point->kind == RF_POINT_FLAT_MINIMUM;

    json_open_object(json, NULL);
    json_text(json, "kind", name_of_point(point->kind));
    json_reals(json, "weights", point->w, 2);
    json_reals(json, "direction", landscape_has_direction(point) ? point->direction : NULL, 2);
    json_reals(json, "range", flat ? point->range : NULL, 2);
    json_real(json, "loss", point->loss);
    if (landscape_has_row(point)) {
        json_integer(json, "row", point->datum + 1);
    } else {
        json_null(json, "row");
    }
    json_real(json, "theta", landscape_has_theta(point) ? point->theta : NAN);
    json_truth(json, "stationary", point->kind != RF_POINT_ORIGIN || (point->flags & 1) != 0);
    json_truth(json, "doubtful", (point->flags & RF_FLAG_DOUBTFUL) != 0);
    json_integer(json, "runs", landscape->ends[k]);
    json_close_object(json);
}

static void write_runs(struct json *json, const struct landscape *landscape)
{
    const struct runs *runs = &landscape->runs;
    int64_t k;

    json_open_object(json, "ends");
    json_integer(json, "elsewhere", landscape->elsewhere);
    json_integer(json, "unfinished", landscape->unfinished);
    json_real(json, "largest_distance", landscape->farthest);
    json_close_object(json);
    json_open_array(json, "runs");
    for (k = 0; k < runs->count; k++) {
        json_open_object(json, NULL);
        json_reals(json, "direction", runs->U + 2 * k, 2);
        json_reals(json, "weights", runs->weights + 2 * k, 2);
        if (runs->run[k].limit > 0) {
            json_integer(json, "point", runs->run[k].limit);
        } else {
            json_null(json, "point");
        }
        json_close_object(json);
    }
    json_close_array(json);
}

void landscape_json(const struct landscape *landscape)
{
    struct json json;
    int64_t k;

    json_start(&json);
    parts_head(&json, &landscape->options);
    parts_data(&json, &landscape->data);
    write_options(&json, landscape);
    json_integer(&json, "lowest", landscape_lowest(landscape) + 1);
    json_open_array(&json, "points");
    for (k = 0; k < landscape->count; k++) {
        write_point(&json, landscape, k);
    }
    json_close_array(&json);
    write_runs(&json, landscape);
    json_finish(&json);
}

static void write_line(const struct landscape *landscape, int64_t k)
{
    const rf_stationary_point *point = &landscape->point[k];
    static const double nothing[2] = {NAN, NAN};
    const bool flat = point->kind == RF_POINT_FLAT_MINIMUM;
    struct csv_line line = {false};

    csv_put_integer(&line, k + 1);
    csv_put_text(&line, name_of_point(point->kind));
    csv_put_reals(&line, point->w, 2);
    csv_put_reals(&line, landscape_has_direction(point) ? point->direction : nothing, 2);
    csv_put_reals(&line, flat ? point->range : nothing, 2);
    csv_put_real(&line, point->loss);
    if (landscape_has_row(point)) {
        csv_put_integer(&line, point->datum + 1);
    } else {
        csv_put_text(&line, NULL);
    }
    csv_put_real(&line, landscape_has_theta(point) ? point->theta : NAN);
    csv_put_truth(&line, point->kind != RF_POINT_ORIGIN || (point->flags & 1) != 0);
    csv_put_truth(&line, (point->flags & RF_FLAG_DOUBTFUL) != 0);
    csv_put_integer(&line, landscape->ends[k]);
    csv_end_line(&line);
}

void landscape_csv(const struct landscape *landscape)
{
    static const char *const names[] = {
        "point", "kind", "w1",  "w2",    "direction1", "direction2", "from",
        "to",    "loss", "row", "theta", "stationary", "doubtful",   "runs",
    };
    struct csv_line line = {false};
    size_t k;
    int64_t j;

    for (k = 0; k < sizeof names / sizeof names[0]; k++) {
        csv_put_text(&line, names[k]);
    }
    csv_end_line(&line);
    for (j = 0; j < landscape->count; j++) {
        write_line(landscape, j);
    }
}
