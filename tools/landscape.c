/* landscape.c: the command "landscape".
 * SPDX-License-Identifier: MIT */
#include "landscape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "error.h"
#include "library.h"
#include "ranks.h"
#include "start.h"

static int check_plane(const struct dataset *data)
{
    if (data->d == 2) {
        return STATUS_OK;
    }
    return fail(STATUS_USAGE,
                "the landscape is listed in the plane only, and the data have %lld "
                "column%s%s: choose two with --columns A,B --no-bias, or one with --columns A "
                "--bias",
                (long long)data->d, data->d == 1 ? "" : "s",
                data->d > data->variables ? " (with the bias)" : "");
}

static int copy_points(const rf_landscape *list, struct landscape *out)
{
    rf_status status = RF_OK;
    int64_t k;

    out->count = rf_landscape_count(list);
    out->point = allocate_array((size_t)out->count, sizeof *out->point);
    out->ends = calloc((size_t)out->count, sizeof *out->ends);
    if (out->point == NULL || out->ends == NULL) {
        return fail_memory();
    }
    for (k = 0; status == RF_OK && k < out->count; k++) {
        status = rf_landscape_point(list, k, &out->point[k]);
    }
    return status == RF_OK ? STATUS_OK : library_fail(status);
}

static int list_points(struct landscape *landscape)
{
    const struct library_input input = {&landscape->options, &landscape->data, NULL, 0, NAN};
    rf_model *model = NULL;
    rf_landscape *list = NULL;
    int status = library_create(&landscape->options, &landscape->data, NULL, &model);

    if (status == STATUS_OK) {
        const rf_status listed = rf_landscape_create(model, &list);
        status = listed == RF_OK ? copy_points(list, landscape)
                                 : library_fail_input(NULL, &input, listed);
    }
    rf_landscape_free(list);
    rf_model_free(model);
    return status;
}

static int run_starts(struct landscape *landscape)
{
    const struct options *options = &landscape->options;
    struct runs *runs = &landscape->runs;
    int status;

    if (options->starts == 0) {
        return STATUS_OK;
    }
    runs->options = options;
    runs->data = &landscape->data;
    runs->network = &landscape->network;
    runs->directions = options->starts;
    runs->scales = 1;
    runs->scale = allocate_array(1, sizeof *runs->scale);
    status = ranks_worst(runs->scale == NULL ? fail_memory() : STATUS_OK);
    if (status != STATUS_OK) {
        return status;
    }
    runs->scale[0] = options->scale;
    status = ranks_worst(runs_check_memory("--starts", options->starts, 1, 2));
    if (status == STATUS_OK) {
        status = ranks_worst(start_random_directions(options->seed, options->starts, 2, &runs->U));
    }
    if (status == STATUS_OK) {
        status = runs_make(runs, INFINITY);
    }
    if (status == STATUS_OK) {
        landscape_count_ends(landscape);
    }
    return status;
}

static void print(const struct landscape *landscape)
{
    switch (landscape->options.format) {
    case FORMAT_TEXT:
        landscape_text(landscape);
        break;
    case FORMAT_JSON:
        landscape_json(landscape);
        break;
    case FORMAT_CSV:
        landscape_csv(landscape);
        break;
    }
}

int command_landscape(const struct options *options)
{
    struct landscape landscape;
    int status;

    memset(&landscape, 0, sizeof landscape);
    landscape.options = *options;
    status = ranks_worst(dataset_load(&landscape.options, &landscape.data));
    if (status == STATUS_OK) {
        status = network_load(options, &landscape.network);
    }
    if (status == STATUS_OK) {
        status = check_plane(&landscape.data);
    }
    if (status == STATUS_OK) {
        status = list_points(&landscape);
    }
    status = ranks_worst(status);
    if (status == STATUS_OK) {
        status = run_starts(&landscape);
    }
    if (status == STATUS_OK) {
        print(&landscape);
    }
    runs_free(&landscape.runs);
    free(landscape.point);
    free(landscape.ends);
    network_free(&landscape.network);
    dataset_free(&landscape.data);
    return status;
}
