/* report.c: an experiment as a text for a person.
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include <math.h>
#include <stdio.h>

#include "error.h"
#include "influence.h"
#include "names.h"
#include "text.h"

static void print_start(const struct options *options)
{
    printf("Start        w(0) ");
    if (options->start != NULL) {
        printf("from ");
        text_name(options->start, 0);
        putchar('\n');
        return;
    }
    if (options->scale == 0) {
        printf("-> 0 along u");
    } else {
        printf("= %.6g u", options->scale);
    }
    printf(", u a random unit vector, seed %llu\n", (unsigned long long)options->seed);
}

/* What became of a vanishing initialization. */
static void print_inner_flow(const struct outcome *outcome)
{
    const char *meaning = "";

    switch (outcome->inner_ending) {
    case RF_INNER_ESCAPE: meaning = "w leaves 0 along a ray"; break;
    case RF_INNER_DEAD: meaning = "no row is active any more, w stays 0"; break;
    case RF_INNER_COLLAPSE: meaning = "omega came back to 0, w stays 0"; break;
    case RF_INNER_FROZEN: meaning = "the active rows cancel, w stays 0"; break;
    default: return;
    }
    printf("Inner flow   %s: %s; events before t = 0+: %lld\n",
           name_of_inner(outcome->inner_ending), meaning, (long long)outcome->inner_events);
}

static void print_ending(const struct experiment *experiment)
{
    const struct options *options = &experiment->options;
    const struct outcome *outcome = &experiment->outcome;

    printf("Run          ");
    switch (outcome->ending) {
    case ENDED_AT_LIMIT:
        puts(outcome->certified ? "limit reached, certified: no event is left"
                                : "limit reached, not certified");
        break;
    case ENDED_AT_TIME:
        printf("stopped at T = %.6g, as asked; not the limit\n", outcome->time);
        break;
    case ENDED_AFTER_STEPS:
        printf("%lld steps of size %.6g\n", (long long)options->steps, options->eta);
        break;
    case ENDED_BY_EVENT_LIMIT:
        printf("stopped by the limit of %lld events at t = %.6g; not the limit of the run\n",
               (long long)options->max_events, outcome->time);
        break;
    }
}

static void print_events_and_rate(const struct outcome *outcome)
{
    int64_t total = 0;
    const char *lead = ": ";
    int32_t kind;

    for (kind = 1; kind < EVENT_KINDS; kind++) {
        total += outcome->events[kind];
    }
    printf("Events       %lld", (long long)total);
    for (kind = 1; kind < EVENT_KINDS; kind++) {
        if (outcome->events[kind] > 0) {
            printf("%s%lld %s", lead, (long long)outcome->events[kind], name_of_kind(kind));
            lead = ", ";
        }
    }
    putchar('\n');
    if (!isnan(outcome->last_event)) {
        printf("Last event   t = %.6g\n", outcome->last_event);
    }
    if (!isnan(outcome->slowest_rate)) {
        printf("Slowest rate %.6g, of the decays exp(-rate t) with the pattern at the end\n",
               outcome->slowest_rate);
    }
}

static void print_numbers(const struct experiment *experiment)
{
    const struct outcome *outcome = &experiment->outcome;

    printf("\n%-14s %13s %13s\n", "", "start", "end");
    printf("%-14s %13.6g %13.6g\n", "t", 0.0, outcome->time);
    printf("%-14s %13.6g %13.6g\n", "loss", experiment->start_loss, outcome->loss);
    printf("%-14s %13.6g %13.6g\n", "norm of w", experiment->start_norm, outcome->weight_norm);
    printf("%-14s %13.6g %13.6g\n", "path length", 0.0, outcome->path_length);
    if (experiment_descends(experiment)) {
        printf("%-14s %13.6g %13.6g\n", "gradient norm", experiment->start_gradient_norm,
               outcome->gradient_norm);
    } else { /* while a row slides the gradient is not what moves w */
        printf("%-14s %13.6g %13.6g\n", "speed |w'|", experiment->start_speed, outcome->speed);
    }
}

static void print_weights(const struct experiment *experiment)
{
    const struct dataset *data = &experiment->data;
    int64_t k;

    printf("\n%-14s %13s %13s\n", "Weights", "start", "end");
    for (k = 0; k < data->d; k++) {
        text_name(data->names[k], 14);
        printf(" %13.6g %13.6g\n", experiment->start[k], experiment->outcome.weights[k]);
    }
}

static int print_event(const rf_event *event, void *user)
{
    const struct experiment *experiment = user;

    printf("%20.12g ", event->time);
    if (experiment->network.asked) {
        printf("%6lld ", (long long)event->neuron + 1);
    }
    if (event->datum < 0) {
        printf("%8s", "");
    } else {
        printf("%8lld", (long long)event->datum + 1);
    }
    printf("  %s%s%s%s\n", name_of_kind(event->kind),
           (event->flags & RF_FLAG_INNER) != 0 ? ", inner (time s)" : "",
           (event->flags & RF_FLAG_AMBIGUOUS) != 0 ? ", not unique" : "",
           (event->flags & RF_FLAG_DOUBTFUL) != 0 ? ", doubtful" : "");
    return STATUS_OK;
}

/* Where the flow or the descent comes to nothing. */
static void print_warnings(const struct experiment *experiment)
{
    const double eta = experiment->options.eta;

    if (experiment_descends(experiment) && eta > experiment->eta_limit) {
        printf("Step size    beyond 2/lambda = %.6g, below which descent is stable whichever rows are active\n",
               experiment->eta_limit);
    }
    if (!isnan(experiment->outcome.dead_since)) {
        printf("Dead         since t = %.6g no row is active%s: the output is 0 on all of them, and w rests\n",
               experiment->outcome.dead_since, experiment->network.count > 1 ? " for any neuron" : "");
    }
}

void report_head(const struct experiment *experiment, const char *title)
{
    text_title(title, &experiment->network);
    text_data(&experiment->data);
    text_neuron(&experiment->options, &experiment->network);
    print_start(&experiment->options);
    print_inner_flow(&experiment->outcome);
    print_ending(experiment);
    print_events_and_rate(&experiment->outcome);
    print_warnings(experiment);
    text_flags(experiment->outcome.flags);
}

int report_text(const struct experiment *experiment)
{
    int status;

    report_head(experiment, experiment_descends(experiment) ? "gradient descent"
                                                            : "exact gradient flow");
    print_numbers(experiment);
    if (experiment->network.asked) {
        neurons_text(experiment);
    } else {
        print_weights(experiment);
    }
    putchar('\n');
    status = report_support_table(experiment);
    if (status == STATUS_OK && experiment->influence.count > 0) {
        influence_text(experiment);
    }
    if (status == STATUS_OK && experiment->options.events) {
        printf("\n%20s %s%8s  %s\n", "t", experiment->network.asked ? "neuron " : "", "row",
               "event");
        status = experiment_each_event(experiment, print_event, (void *)experiment);
    }
    return status;
}

int report(const struct experiment *experiment)
{
    return experiment->options.format == FORMAT_JSON ? report_json(experiment)
                                                     : report_text(experiment);
}
