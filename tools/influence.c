/* influence.c: the limits without one row, and how they are printed.
 * SPDX-License-Identifier: MIT */
#include "influence.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accuracy.h"
#include "error.h"
#include "library.h"
#include "limits.h"
#include "lists.h"
#include "report.h"

enum { MOST_ROWS = 20 };

/* Fills weights with the limits without each of the rows. */
static rf_status leave_out(const struct experiment *experiment, double *weights)
{
    const struct influence *influence = &experiment->influence;
    struct progress progress;
    const bool shown = progress_start(&progress);
    rf_status status;

    progress.what = "rows left out";
    progress.total = influence->count;
    status = rf_model_leave_one_out(experiment->model, influence->count, influence->row, weights,
                                    influence->count * experiment->size,
                                    shown ? progress_count : NULL, shown ? &progress : NULL);
    progress_end(&progress);
    return status;
}

struct moved {
    double distance;
    int64_t place; /* in the list of rows */
};

/* Larger distances first; the order of the rows breaks ties. */
static int compare_moved(const void *left, const void *right)
{
    const struct moved *a = left;
    const struct moved *b = right;

    if (a->distance != b->distance) {
        return a->distance > b->distance ? -1 : 1;
    }
    return (a->place > b->place) - (a->place < b->place);
}

/* Puts the rows, and what was found in their order, in the order of the distances. */
static int sort_rows(struct experiment *experiment, const double *weights)
{
    struct influence *influence = &experiment->influence;
    const int64_t d = experiment->size;
    const size_t count = (size_t)influence->count;
    struct moved *moved = allocate_array(count, sizeof *moved);
    int64_t *row = allocate_array(count, sizeof *row);
    int64_t k;

    influence->distance = allocate_array(count, sizeof *influence->distance);
    influence->weights = allocate_array(count * (size_t)d, sizeof *influence->weights);
    if (moved == NULL || row == NULL || influence->distance == NULL || influence->weights == NULL) {
        free(moved);
        free(row);
        return fail_memory();
    }
    for (k = 0; k < influence->count; k++) {
        moved[k].place = k;
        moved[k].distance = limits_distance(weights + k * d, experiment->outcome.weights, d);
    }
    qsort(moved, count, sizeof *moved, compare_moved);
    for (k = 0; k < influence->count; k++) {
        row[k] = influence->row[moved[k].place];
        influence->distance[k] = moved[k].distance;
        memcpy(influence->weights + k * d, weights + moved[k].place * d,
               (size_t)d * sizeof *weights);
    }
    free(influence->row);
    influence->row = row;
    free(moved);
    return STATUS_OK;
}

int influence_prepare(struct experiment *experiment)
{
    if (experiment->options.influence == NULL) {
        return STATUS_OK;
    }
    return list_rows(experiment->options.influence, experiment->data.n, &experiment->influence.row,
                     &experiment->influence.count);
}

int influence_measure(struct experiment *experiment)
{
    struct influence *influence = &experiment->influence;
    const size_t d = (size_t)experiment->size;
    double *rates = allocate_array(d, sizeof *rates);
    double *weights = (size_t)influence->count > SIZE_MAX / d
                          ? NULL
                          : allocate_array((size_t)influence->count * d, sizeof *weights);
    rf_status status = rates == NULL || weights == NULL ? RF_ERROR_MEMORY : RF_OK;
    int done;

    if (status == RF_OK) {
        status = accuracy_of_limit(experiment->model,
                                   accuracy_pull(&experiment->data, &experiment->network,
                                                 experiment->options.mean_loss),
                                   rates, &influence->accuracy);
    }
    if (status == RF_OK) {
        status = leave_out(experiment, weights);
    }
    done = status == RF_OK ? sort_rows(experiment, weights) : experiment_fail(experiment, NULL, status);
    free(rates);
    free(weights);
    return done;
}

static bool is_essential(const struct influence *influence, int64_t k)
{
    return influence->distance[k] > influence->accuracy;
}

static void print_row(const struct experiment *experiment, int64_t k)
{
    const struct influence *influence = &experiment->influence;
    const int64_t row = influence->row[k];

    printf("%8lld %11.5g %11.5g", (long long)row + 1, experiment->data.y[row],
           influence->distance[k]);
    if (experiment->outcome.weight_norm > 0) {
        printf(" %11.5g", influence->distance[k] / experiment->outcome.weight_norm);
    } else {
        printf(" %11s", "");
    }
    printf("  %-9s %s\n", is_essential(influence, k) ? "yes" : "no",
           report_row_state(experiment, row));
}

void influence_text(const struct experiment *experiment)
{
    const struct influence *influence = &experiment->influence;
    const int64_t shown =
        experiment->options.all || influence->count < MOST_ROWS ? influence->count : MOST_ROWS;
    int64_t essential = 0;
    int64_t k;

    for (k = 0; k < influence->count; k++) {
        essential += is_essential(influence, k);
    }
    printf("\nInfluence: without the row w(inf) moves by |dw|; %lld of %lld rows are essential\n",
           (long long)essential, (long long)influence->count);
    printf("%8s %11s %11s %11s  %-9s %s\n", "row", "label", "|dw|", "|dw|/|w|", "essential",
           "state");
    for (k = 0; k < shown; k++) {
        print_row(experiment, k);
    }
    printf("essential: |dw| is more than %.3g, the rounding error of a limit.\n",
           influence->accuracy);
    if (shown < influence->count) {
        printf("The %lld of %lld with the largest |dw|; --all shows all.\n", (long long)shown,
               (long long)influence->count);
    }
}

void influence_json(struct json *json, const struct experiment *experiment)
{
    const struct influence *influence = &experiment->influence;
    const int64_t d = experiment->size;
    int64_t k;

    json_open_object(json, "influence");
    json_real(json, "accuracy", influence->accuracy);
    json_open_array(json, "rows");
    for (k = 0; k < influence->count; k++) {
        json_open_object(json, NULL);
        json_integer(json, "row", influence->row[k] + 1);
        json_real(json, "distance", influence->distance[k]);
        json_truth(json, "essential", is_essential(influence, k));
        json_reals(json, "weights", influence->weights + k * d, d);
        json_close_object(json);
    }
    json_close_array(json);
    json_close_object(json);
}
