/* report.c: an experiment as a text for a person.
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include <math.h>
#include <stdio.h>

#include "error.h"
#include "names.h"

/* Prints a name padded to a width counted in characters, control characters replaced. */
static void print_name(const char *name, int width)
{
    const char *at;

    for (at = name; *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;
        putchar(byte < 0x20 || byte == 0x7f ? '?' : byte);
        width -= (byte & 0xc0) != 0x80;
    }
    printf("%*s", width > 0 ? width : 0, "");
}

static void print_data(const struct dataset *data)
{
    int64_t constant = 0;
    int64_t k;

    printf("Data         ");
    print_name(data->source, 0);
    printf("%s: rows n = %lld, columns d = %lld%s, label \"", data->bundled ? " (bundled)" : "",
           (long long)data->n, (long long)data->d,
           data->d > data->variables ? " (with the bias)" : "");
    print_name(data->label, 0);
    puts("\"");
    if (data->bundled) {
        puts("             Efron, Hastie, Johnstone, Tibshirani, Annals of Statistics 32 (2004)");
    }
    for (k = 0; data->deviation != NULL && k < data->variables; k++) {
        if (data->deviation[k] == 0) {
            printf(constant++ == 0 ? "Constant     set to 0: " : ", ");
            print_name(data->names[k], 0);
        }
    }
    if (constant > 0) {
        putchar('\n');
    }
}

static void print_options(const struct options *options)
{
    printf("Neuron       %s", name_of_activation(options->activation.kind));
    if (options->activation.kind == RF_LEAKY_RELU) {
        printf(", slope %.6g", options->activation.slope);
    }
    printf("; %s; %s; %s\n",
           options->standardize ? "variables standardized" : "variables as they are",
           options->bias ? "bias" : "no bias",
           options->mean_loss ? "mean loss (c = 1/n)" : "summed loss (c = 1)");
    printf("Start        w(0) ");
    if (options->start != NULL) {
        printf("from ");
        print_name(options->start, 0);
        putchar('\n');
    } else {
        printf("= %.6g u, u a random unit vector, seed %llu\n", options->scale,
               (unsigned long long)options->seed);
    }
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

static void print_flags(int32_t flags)
{
    const char *lead = "Flags        ";

    if ((flags & RF_FLAG_AMBIGUOUS) != 0) {
        printf(
            "%snot unique: more than one solution may leave some kink; the documented choice was "
            "made\n",
            lead);
        lead = "             ";
    }
    if ((flags & RF_FLAG_DOUBTFUL) != 0) {
        printf("%sdoubtful: some decision was closer to a tie than rounding can tell\n", lead);
        lead = "             ";
    }
    if (*lead == 'F') {
        printf("%snone\n", lead);
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
        print_name(data->names[k], 14);
        printf(" %13.6g %13.6g\n", experiment->start[k], experiment->outcome.weights[k]);
    }
}

static int print_event(const rf_event *event, void *user)
{
    (void)user;
    printf("%20.12g ", event->time);
    if (event->datum < 0) {
        printf("%8s", "");
    } else {
        printf("%8lld", (long long)event->datum + 1);
    }
    printf("  %s%s%s\n", name_of_kind(event->kind),
           (event->flags & RF_FLAG_AMBIGUOUS) != 0 ? ", not unique" : "",
           (event->flags & RF_FLAG_DOUBTFUL) != 0 ? ", doubtful" : "");
    return STATUS_OK;
}

int report_text(const struct experiment *experiment)
{
    int status;

    printf("reluflow %s: %s of one neuron\n\n", rf_version_string(),
           experiment_descends(experiment) ? "gradient descent" : "exact gradient flow");
    print_data(&experiment->data);
    print_options(&experiment->options);
    print_ending(experiment);
    print_events_and_rate(&experiment->outcome);
    print_flags(experiment->outcome.flags);
    print_numbers(experiment);
    print_weights(experiment);
    putchar('\n');
    status = report_support_table(experiment);
    if (status == STATUS_OK && experiment->options.events) {
        printf("\n%20s %8s  %s\n", "t", "row", "event");
        status = experiment_each_event(experiment, print_event, NULL);
    }
    return status;
}

int report(const struct experiment *experiment)
{
    return experiment->options.json ? report_json(experiment) : report_text(experiment);
}
