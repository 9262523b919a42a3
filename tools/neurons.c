/* neurons.c: what became of every neuron.
 * SPDX-License-Identifier: MIT */
#include "neurons.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "experiment.h"
#include "library.h"

const double neurons_angle = 1e-6;

static double norm_of(const double *w, int64_t d)
{
    double norm = 0;
    int64_t k;

    for (k = 0; k < d; k++) {
        norm = hypot(norm, w[k]);
    }
    return norm;
}

static void count_support(struct experiment *experiment)
{
    const struct outcome *outcome = &experiment->outcome;
    struct neurons *neurons = &experiment->neurons;
    const int64_t n = experiment->data.n;
    int64_t k;

    for (k = 0; k < outcome->active.count; k++) {
        neurons->neuron[outcome->active.data[k] / n].active++;
    }
    for (k = 0; k < outcome->boundary.count; k++) {
        neurons->neuron[outcome->boundary.data[k] / n].boundary++;
    }
    for (k = 0; k < outcome->trajectory.count; k++) {
        neurons->neuron[outcome->trajectory.data[k] / n].trajectory++;
    }
    for (k = 0; k < n * experiment->network.count; k++) {
        neurons->neuron[k / n].alive = neurons->neuron[k / n].alive || outcome->state[k] != 0;
    }
    for (k = 0; k < experiment->network.count; k++) {
        neurons->alive += neurons->neuron[k].alive;
    }
}

static int count_event(const rf_event *event, void *user)
{
    struct neuron *neuron = (struct neuron *)user + event->neuron;

    if ((event->flags & RF_FLAG_INNER) == 0) {
        neuron->events++;
        neuron->origins += event->kind == RF_EVENT_ORIGIN;
        neuron->exits += event->kind == RF_EVENT_ORIGIN_EXIT;
    }
    return STATUS_OK;
}

/* Groups of the alive neurons; of dead ones the direction means nothing. */
static void collect_groups(struct experiment *experiment)
{
    struct neurons *neurons = &experiment->neurons;
    const double *a = experiment->network.a;
    int64_t j;
    int64_t k;

    for (j = 0; j < experiment->network.count; j++) {
        const struct neuron *neuron = &neurons->neuron[j];
        if (!neuron->alive || neuron->group < 0) {
            continue;
        }
        for (k = 0; k < neurons->groups; k++) {
            if (neurons->neuron[neurons->group[k].first].group == neuron->group) {
                break;
            }
        }
        if (k == neurons->groups) {
            neurons->group[neurons->groups++].first = j;
        }
        neurons->group[k].neurons++;
        neurons->group[k].outer += a[j];
        neurons->group[k].weight += a[j] * neuron->norm;
    }
}

static rf_status find_directions(struct experiment *experiment)
{
    const int64_t m = experiment->network.count;
    int64_t *group = allocate_array((size_t)m, sizeof *group);
    double *weight = allocate_array((size_t)m, sizeof *weight);
    rf_status status = RF_ERROR_MEMORY;
    int64_t j;

    if (group != NULL && weight != NULL) {
        status = rf_model_neuron_groups(experiment->model, neurons_angle, group, weight, m);
    }
    for (j = 0; status == RF_OK && j < m; j++) {
        struct neuron *neuron = &experiment->neurons.neuron[j];
        neuron->group = group[j];
        neuron->norm = norm_of(experiment->outcome.weights + j * experiment->data.d,
                               experiment->data.d);
    }
    free(group);
    free(weight);
    return status;
}

static enum norm_verdict verdict_of(int32_t increasing, double first_failure)
{
    return increasing != 0 ? NORM_PROVED : isnan(first_failure) ? NORM_NEITHER : NORM_REFUTED;
}

/* Of the flow; where it cannot be computed in the range of double there is none. */
static rf_status certify(struct experiment *experiment)
{
    struct neurons *neurons = &experiment->neurons;
    const int64_t m = experiment->network.count;
    int32_t *increasing = allocate_array((size_t)m, sizeof *increasing);
    double *failure = allocate_array((size_t)m, sizeof *failure);
    rf_status status = RF_ERROR_MEMORY;
    int64_t j;

    if (increasing != NULL && failure != NULL) {
        status = rf_model_neuron_certificates(experiment->model, increasing, failure, m);
    }
    for (j = 0; status == RF_OK && j < m; j++) {
        neurons->neuron[j].verdict = verdict_of(increasing[j], failure[j]);
        neurons->neuron[j].first_failure = failure[j];
    }
    if (status == RF_OK) {
        status = runs_certify(experiment->model, &neurons->verdict, &neurons->first_failure);
    }
    free(increasing);
    free(failure);
    return status == RF_ERROR_NUMERICAL ? RF_OK : status;
}

static int allocate(struct experiment *experiment)
{
    const size_t m = (size_t)experiment->network.count;
    struct neurons *neurons = &experiment->neurons;
    size_t j;

    neurons->neuron = calloc(m, sizeof *neurons->neuron);
    neurons->group = calloc(m, sizeof *neurons->group);
    neurons->first_failure = NAN;
    for (j = 0; neurons->neuron != NULL && j < m; j++) {
        neurons->neuron[j].first_failure = NAN;
    }
    return neurons->neuron != NULL && neurons->group != NULL ? STATUS_OK : fail_memory();
}

int neurons_collect(struct experiment *experiment)
{
    struct neurons *neurons = &experiment->neurons;
    rf_status found = RF_OK;
    int status;

    if (!experiment->network.asked) {
        return STATUS_OK;
    }
    status = allocate(experiment);
    if (status != STATUS_OK) {
        return status;
    }
    count_support(experiment);
    found = find_directions(experiment);
    if (found == RF_OK && !experiment_descends(experiment)) {
        found = certify(experiment);
    }
    if (found != RF_OK) {
        return experiment_fail(experiment, NULL, found);
    }
    collect_groups(experiment);
    status = experiment_each_event(experiment, count_event, neurons->neuron);
    return status == STATUS_OK ? library_compare(&experiment->options, &experiment->data,
                                                 &neurons->linear_loss, &neurons->zero_loss)
                               : status;
}

void neurons_free(struct neurons *neurons)
{
    free(neurons->neuron);
    free(neurons->group);
    memset(neurons, 0, sizeof *neurons);
}
