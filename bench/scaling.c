/* scaling.c: how time and memory grow, beside the goals set for them.
 * SPDX-License-Identifier: MIT
 *
 * One line for each figure; times are processor times, of two threads wall times.  A run has
 * --seconds of wall time; where that does not suffice the line says how far it came, and a figure
 * is that of the events it had: within the goal it says nothing about it then ("-"). */
#include "scaling.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

typedef struct group {
    const char *name;
    void (*run)(const settings *how);
} group;

static const group groups[] = {
    {"small", scaling_small},   {"n", scaling_in_n},       {"d", scaling_in_d},
    {"recording", scaling_recording}, {"memory", scaling_memory}, {"signs", scaling_signs},
    {"ill", scaling_ill},       {"network", scaling_network}, {"xxl", scaling_xxl},
};

void scaling_report(const char *what, const char *problem, const char *goal, int met,
                    const char *format, ...)
{
    char measured[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(measured, sizeof measured, format, arguments);
    va_end(arguments);
    printf("| %-38s | %-14s | %-72s | %-12s | %-3s |\n", what, problem, measured, goal,
           met < 0 ? "-" : met ? "yes" : "no");
    fflush(stdout);
}

int scaling_met(const settings *how, int complete, double value, double goal)
{
    return how->divide > 1 || (!complete && value <= goal) ? -1 : value <= goal;
}

static int64_t at_least(int64_t value, int64_t least)
{
    return value < least ? least : value;
}

bench_shape scaling_gaussian(const settings *how, int64_t n, int64_t d)
{
    int64_t most = at_least(200 / how->divide, 4);

    n = at_least(n / how->divide, 8);
    return (bench_shape){"", n, how->divide > 1 && d > most ? most : d, 1, BENCH_POSITIVE};
}

bench_shape scaling_shape(const settings *how, const char *name)
{
    const bench_shape *shape = bench_shape_named(name);
    bench_shape out = scaling_gaussian(how, shape->n, shape->d);

    out.family = shape->family;
    out.m = at_least(shape->m / how->divide, shape->m > 1 ? 2 : 1);
    return out;
}

scaled_run scaling_run(const bench_problem *problem, double seconds)
{
    double start = bench_processor_ms();
    rf_model *model = bench_model(problem, 0, NULL);
    bench_outcome outcome;
    scaled_run out;

    bench_start(problem, model);
    out.setup_ms = bench_processor_ms() - start;
    outcome = bench_run(model, INFINITY, seconds);
    if (outcome.status < 0) {
        bench_must(outcome.status, "run");
    }
    rf_model_free(model);
    out.run_ms = outcome.ms;
    out.time = outcome.time;
    out.events = outcome.events;
    out.done = outcome.done;
    return out;
}

const char *scaling_ending(const scaled_run *run)
{
    static char text[96];

    if (run->done) {
        return "";
    }
    snprintf(text, sizeof text, " (stopped at T = %.3g after %lld events)", run->time,
             (long long)run->events);
    return text;
}

double scaling_us_per_event(const scaled_run *run)
{
    return 1e3 * run->run_ms / (double)(run->events > 0 ? run->events : 1);
}

static int usage(void)
{
    fprintf(stderr, "usage: bench_scaling [--rows small,n,d,recording,memory,signs,ill,network,xxl]"
                    " [--seconds limit] [--divide sizes]\n");
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const char *wanted = "small,n,d,recording,memory,signs,ill,network";
    settings how = {30.0, 1};

    for (int k = 1; k < argc; k += 2) {
        if (k + 1 < argc && strcmp(argv[k], "--rows") == 0) {
            wanted = argv[k + 1];
        } else if (k + 1 < argc && strcmp(argv[k], "--seconds") == 0) {
            how.seconds = atof(argv[k + 1]);
        } else if (k + 1 < argc && strcmp(argv[k], "--divide") == 0) {
            how.divide = atoi(argv[k + 1]);
        } else {
            return usage();
        }
    }
    if (!(how.seconds > 0.0) || how.divide < 1) {
        return usage();
    }
    printf("reluflow %s; processor times; a run has %g s\n\n", rf_version_string(), how.seconds);
    printf("| %-38s | %-14s | %-72s | %-12s | %-3s |\n", "what", "problem", "measured", "goal",
           "met");
    printf("| %.38s | %.14s | %.72s | %.12s | --- |\n", "--------------------------------------",
           "--------------",
           "------------------------------------------------------------------------",
           "------------");
    for (size_t k = 0; k < sizeof groups / sizeof *groups; k++) {
        if (bench_listed(wanted, groups[k].name)) {
            groups[k].run(&how);
        }
    }
    return EXIT_SUCCESS;
}
