/* experiment.c: setting up a model.
 * SPDX-License-Identifier: MIT */
#include "experiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "library.h"
#include "memory.h"
#include "start.h"

/* Of an event with what is recorded beside it, as found by measuring; and the first number of events at
 * which that is looked at, 128 MB of them. */
enum { BYTES_OF_AN_EVENT = 128, FIRST_LOOK = 1 << 20 };

bool experiment_descends(const struct experiment *experiment)
{
    return strcmp(experiment->options.command, "gd") == 0;
}

int experiment_fail(const struct experiment *experiment, const rf_model *model, rf_status status)
{
    struct library_input input = {&experiment->options, &experiment->data, &experiment->network,
                                  experiment->scale, experiment->eta_limit};
    int64_t k;

    if (experiment->options.start != NULL) {
        for (k = 0; k < experiment->size; k++) {
            input.start = fmax(input.start, fabs(experiment->direction[k]));
        }
    }
    return library_fail_input(model, &input, status);
}

/* The loss, the gradient and the speed at the start.  On a kink the descent to come moves by the
 * gradient, while the model as yet tells the velocity of the flow. */
static rf_status measure_start(struct experiment *experiment)
{
    const rf_model *model = experiment->model;
    double *velocity = allocate_array((size_t)experiment->size, sizeof *velocity);
    rf_status status = velocity == NULL ? RF_ERROR_MEMORY : RF_OK;

    if (status == RF_OK) {
        status = rf_model_query(model, RF_LOSS, &experiment->start_loss, 1);
    }
    if (status == RF_OK) {
        status = rf_model_query(model, RF_WEIGHT_NORM, &experiment->start_norm, 1);
    }
    if (status == RF_OK) {
        status = rf_model_query(model, RF_GRADIENT_NORM, &experiment->start_gradient_norm, 1);
    }
    if (status == RF_OK) {
        status = experiment_speed(model, velocity, &experiment->start_speed);
    }
    if (experiment_descends(experiment)) {
        experiment->start_speed = experiment->start_gradient_norm;
    }
    free(velocity);
    return status;
}

/* Where the flow slides descent may jump to and fro at every step, an event each: its history stops while
 * there is room for it to double. */
static int32_t watch_descent(const rf_model *model, const rf_event *event, void *user)
{
    struct experiment *experiment = user;
    const int64_t count = rf_model_event_count(model);

    if (experiment->progress_shown) {
        (void)progress_event(model, event, &experiment->progress);
    }
    return count >= FIRST_LOOK && (count & (count - 1)) == 0
        && !memory_has((double)count * BYTES_OF_AN_EVENT);
}

static int configure_model(struct experiment *experiment)
{
    rf_model *model = experiment->model;
    rf_status status = rf_model_set_threads(model, experiment->options.threads);

    experiment->progress_shown = progress_start(&experiment->progress);
    if (status == RF_OK && experiment_descends(experiment)) {
        status = rf_model_set_callback(model, watch_descent, experiment);
    } else if (status == RF_OK && experiment->progress_shown) {
        status = rf_model_set_callback(model, progress_event, &experiment->progress);
    }
    return status == RF_OK ? STATUS_OK : library_fail_model(model, status);
}

/* w(0) = scale u. */
static void scale_direction(struct experiment *experiment)
{
    int64_t k;

    for (k = 0; k < experiment->size; k++) {
        const double product = experiment->scale * experiment->direction[k];
        experiment->start[k] = product == 0 ? 0 : product; /* no negative zero */
    }
}

static int initialize_model(struct experiment *experiment)
{
    rf_status status = rf_model_init_direction(experiment->model, experiment->direction,
                                               experiment->size, experiment->scale);

    if (status != RF_OK) {
        return experiment_fail(experiment, experiment->model, status);
    }
    scale_direction(experiment);
    status = measure_start(experiment);
    return status == RF_OK ? STATUS_OK : experiment_fail(experiment, NULL, status);
}

int experiment_prepare(struct experiment *experiment)
{
    const struct options *options = &experiment->options;
    int status = dataset_load(options, &experiment->data);

    experiment->eta_limit = NAN;
    if (status == STATUS_OK) {
        status = network_load(options, &experiment->network);
    }
    if (status == STATUS_OK) {
        status = network_check_memory(options, &experiment->network, &experiment->data);
    }
    if (status == STATUS_OK) {
        experiment->size = network_weights(&experiment->network, experiment->data.d);
        experiment->direction = allocate_array((size_t)experiment->size, sizeof(double));
        experiment->start = allocate_array((size_t)experiment->size, sizeof(double));
        status = experiment->direction != NULL && experiment->start != NULL ? STATUS_OK
                                                                            : fail_memory();
    }
    if (status == STATUS_OK) {
        experiment->scale = options->start == NULL ? options->scale : 1;
        status = start_direction(options, experiment->network.count, experiment->data.d,
                                 experiment->direction);
    }
    if (status == STATUS_OK) {
        status = library_create(options, &experiment->data, &experiment->network,
                                &experiment->model);
    }
    if (status == STATUS_OK) {
        status = configure_model(experiment);
    }
    if (status == STATUS_OK) {
        status = initialize_model(experiment);
    }
    return status;
}

void experiment_free(struct experiment *experiment)
{
    struct outcome *outcome = &experiment->outcome;
    int k;

    rf_model_free(experiment->model); /* before the data it borrows */
    dataset_free(&experiment->data);
    free(experiment->direction);
    free(experiment->start);
    free(outcome->weights);
    free(outcome->state);
    for (k = 0; k < DATUM_COLUMNS; k++) {
        free(outcome->datum[k]);
    }
    free(outcome->active.data);
    free(outcome->boundary.data);
    free(outcome->trajectory.data);
    free(experiment->influence.row);
    free(experiment->influence.distance);
    free(experiment->influence.weights);
    neurons_free(&experiment->neurons);
    network_free(&experiment->network);
}
