/* neurons_report.c: the neurons as tables and as members of the JSON.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>

#include "experiment.h"
#include "names.h"
#include "neurons.h"
#include "report.h"
#include "text.h"

enum { MOST_NEURONS = 20, COLUMNS = 5 };

static const char *state_of(const struct neuron *neuron)
{
    return neuron->alive ? "alive" : neuron->norm == 0 ? "at 0" : "dead";
}

static int64_t shown_of(const struct experiment *experiment, int64_t count)
{
    return experiment->options.all || count < MOST_NEURONS ? count : MOST_NEURONS;
}

static void print_rest(const char *what, int64_t shown, int64_t count)
{
    if (shown < count) {
        printf("The first %lld of %lld %s; --all shows all.\n", (long long)shown,
               (long long)count, what);
    }
}

static void print_losses(const struct experiment *experiment)
{
    const struct neurons *neurons = &experiment->neurons;

    printf("%-14s %13s %13.6g\n", "best linear", "", neurons->linear_loss);
    printf("%-14s %13s %13.6g\n", "zero", "", neurons->zero_loss);
    puts("best linear, zero: the losses of the best linear fit and of f = 0.");
}

static void print_neuron(const struct experiment *experiment, int64_t j)
{
    const struct neuron *neuron = &experiment->neurons.neuron[j];

    printf("%8lld %10.5g %11.5g  %-5s", (long long)j + 1, experiment->network.a[j], neuron->norm,
           state_of(neuron));
    if (neuron->group >= 0) {
        printf(" %6lld", (long long)neuron->group + 1);
    } else {
        printf(" %6s", "-");
    }
    printf(" %7lld %8lld %10lld %7lld %7lld %6lld\n", (long long)neuron->active,
           (long long)neuron->boundary, (long long)neuron->trajectory, (long long)neuron->events,
           (long long)neuron->origins, (long long)neuron->exits);
}

static void print_neurons(const struct experiment *experiment)
{
    const struct neurons *neurons = &experiment->neurons;
    const int64_t m = experiment->network.count;
    const int64_t shown = shown_of(experiment, m);
    int64_t j;

    printf("\nNeurons: %lld alive, %lld dead; directions of the alive: %lld\n",
           (long long)neurons->alive, (long long)(m - neurons->alive), (long long)neurons->groups);
    printf("%8s %10s %11s  %-5s %6s %7s %8s %10s %7s %7s %6s\n", "neuron", "a", "|w|", "state",
           "group", "active", "boundary", "trajectory", "events", "origins", "exits");
    for (j = 0; j < shown; j++) {
        print_neuron(experiment, j);
    }
    print_rest("neurons", shown, m);
    puts("group: the first neuron of the same direction, to 1e-6; dead: no row is active or "
         "sliding;\norigins: times at w_j = 0, exits: left after it was held there.");
}

static void print_groups(const struct experiment *experiment)
{
    const struct neurons *neurons = &experiment->neurons;
    const int64_t shown = shown_of(experiment, neurons->groups);
    int64_t k;

    if (neurons->groups == 0) {
        return;
    }
    printf("\n%8s %8s %13s %13s\n", "group", "neurons", "sum a", "sum a|w|");
    for (k = 0; k < shown; k++) {
        const struct group *group = &neurons->group[k];
        printf("%8lld %8lld %13.6g %13.6g\n",
               (long long)neurons->neuron[group->first].group + 1, (long long)group->neurons,
               group->outer, group->weight);
    }
    print_rest("groups", shown, neurons->groups);
}

static void print_verdict(const char *name, enum norm_verdict verdict, double first_failure)
{
    printf("%-12s ", name);
    switch (verdict) {
    case NORM_PROVED:
        puts("proved: the norm strictly increases");
        break;
    case NORM_REFUTED:
        printf("refuted: from t = %.12g on it falls\n", first_failure);
        break;
    case NORM_NEITHER:
        puts("neither: it never falls, but rests at some time");
        break;
    default:
        puts("unknown");
        break;
    }
}

void neurons_norms_text(const struct experiment *experiment)
{
    const struct neurons *neurons = &experiment->neurons;
    const int64_t shown = shown_of(experiment, experiment->network.count);
    char name[32];
    int64_t j;

    for (j = 0; j < shown; j++) {
        snprintf(name, sizeof name, "|w_%lld|", (long long)j + 1);
        print_verdict(name, neurons->neuron[j].verdict, neurons->neuron[j].first_failure);
    }
    print_rest("neurons", shown, experiment->network.count);
}

/* The weights at the end, some neurons beside each other. */
static void print_weights(const struct experiment *experiment)
{
    const struct dataset *data = &experiment->data;
    const int64_t m = experiment->network.count;
    const int64_t shown = experiment->options.all || m < COLUMNS ? m : COLUMNS;
    int64_t first;
    int64_t j;
    int64_t k;

    for (first = 0; first < shown; first += COLUMNS) {
        const int64_t last = shown - first < COLUMNS ? shown : first + COLUMNS;
        printf("\n%-14s", "Weights, end");
        for (j = first; j < last; j++) {
            printf(" %13lld", (long long)j + 1);
        }
        for (k = 0; k < data->d; k++) {
            putchar('\n');
            text_name(data->names[k], 14);
            for (j = first; j < last; j++) {
                printf(" %13.6g", experiment->outcome.weights[j * data->d + k]);
            }
        }
        putchar('\n');
    }
    print_rest("neurons", shown, m);
}

void neurons_text(const struct experiment *experiment)
{
    print_losses(experiment);
    print_neurons(experiment);
    print_groups(experiment);
    if (!experiment_descends(experiment)) {
        putchar('\n');
        print_verdict("|w|", experiment->neurons.verdict, experiment->neurons.first_failure);
        neurons_norms_text(experiment);
    }
    print_weights(experiment);
}

static void write_neuron(struct json *json, const struct experiment *experiment, int64_t j,
                         bool with_rows)
{
    const struct neuron *neuron = &experiment->neurons.neuron[j];
    const int64_t d = experiment->data.d;

    json_open_object(json, NULL);
    json_real(json, "outer", experiment->network.a[j]);
    json_truth(json, "alive", neuron->alive);
    json_real(json, "weight_norm", neuron->norm);
    if (neuron->group >= 0) {
        json_integer(json, "group", neuron->group + 1);
    } else {
        json_null(json, "group");
    }
    json_integer(json, "active", neuron->active);
    json_integer(json, "boundary", neuron->boundary);
    json_integer(json, "trajectory", neuron->trajectory);
    json_integer(json, "events", neuron->events);
    json_integer(json, "origins", neuron->origins);
    json_integer(json, "origin_exits", neuron->exits);
    json_text(json, "certificate", name_of_verdict(neuron->verdict));
    json_real(json, "first_failure", neuron->first_failure);
    json_reals(json, "weights", experiment->outcome.weights + j * d, d);
    if (with_rows) {
        report_json_pairs(json, experiment, j);
    }
    json_close_object(json);
}

void neurons_json(struct json *json, const struct experiment *experiment, bool with_rows)
{
    const struct neurons *neurons = &experiment->neurons;
    int64_t k;

    json_open_object(json, "network");
    json_real(json, "linear_loss", neurons->linear_loss);
    json_real(json, "zero_loss", neurons->zero_loss);
    json_text(json, "certificate", name_of_verdict(neurons->verdict));
    json_real(json, "first_failure", neurons->first_failure);
    json_integer(json, "alive", neurons->alive);
    json_real(json, "angle", neurons_angle);
    json_open_array(json, "groups");
    for (k = 0; k < neurons->groups; k++) {
        const struct group *group = &neurons->group[k];
        json_open_object(json, NULL);
        json_integer(json, "group", neurons->neuron[group->first].group + 1);
        json_integer(json, "neurons", group->neurons);
        json_real(json, "outer", group->outer);
        json_real(json, "weight", group->weight);
        json_close_object(json);
    }
    json_close_array(json);
    json_open_array(json, "neurons");
    for (k = 0; k < experiment->network.count; k++) {
        write_neuron(json, experiment, k, with_rows);
    }
    json_close_array(json);
    json_close_object(json);
}
