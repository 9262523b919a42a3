/* commands.c: the table of the commands, and what all of them do first.
 * SPDX-License-Identifier: MIT */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include <reluflow/reluflow.h>

#include "error.h"
#include "ranks.h"

static const struct command {
    const char *name;
    unsigned flag;
    command_run *run;
    const char *help;
    const char *what;
} commands[] = {
    {"flow", FOR_FLOW, command_flow, "follow the exact gradient flow to its limit",
     "Follows the exact gradient flow of one ReLU neuron, or of several, to its limit\n"
     "and reports the support vectors."},
    {"gd", FOR_GD, command_gd, "run gradient descent",
     "Runs gradient descent on one ReLU neuron, or on several, and reports the\n"
     "support vectors."},
    {"sweep", FOR_SWEEP, command_sweep, "follow the flow from many directions and scales",
     "Follows the exact gradient flow of one ReLU neuron, or of several, from\n"
     "w(0) = s u for every direction u and every scale s, 0 being the limit of\n"
     "vanishing initialization, and reports the limits that are reached."},
    {"landscape", FOR_LANDSCAPE, command_landscape, "list all stationary points in the plane",
     "Lists every stationary point of the loss of one ReLU neuron with two weights."},
    {"certify", FOR_CERTIFY, command_certify, "prove or refute that the norm of w increases",
     "Follows the exact gradient flow of one ReLU neuron, or of several, and proves\n"
     "or refutes that the norm of the weight strictly increases."},
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static void print_help(const struct command *command)
{
    printf("Usage: reluflow %s [OPTION]... [FILE.csv]\n\n%s\n\n"
           "FILE.csv has a header line of column names, then rows of numbers; \"-\" is the\n"
           "standard input.  Without FILE the bundled diabetes data are taken, with\n"
           "--standardize --bias --mean-loss.\n\n",
           command->name, command->what);
    options_print_help(command->flag);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct options options;
    const int status = options_parse(argc, argv, command->flag, &options);

    if (status != STATUS_OK) {
        return status;
    }
    if (options.help) {
        print_help(command);
        return STATUS_OK;
    }
    if (options.version) {
        printf("reluflow %s\n", rf_version_string());
        return STATUS_OK;
    }
    /* The others have no runs to share out to ranks. */
    if ((command->flag & (FOR_SWEEP | FOR_LANDSCAPE)) == 0 && !ranks_alone()) {
        return STATUS_OK;
    }
    return command->run(&options);
}

void commands_print(void)
{
    size_t k;

    for (k = 0; k < COMMAND_COUNT; k++) {
        printf("  %-10s  %s\n", commands[k].name, commands[k].help);
    }
}

int commands_run(int argc, char **argv)
{
    size_t k;

    for (k = 0; k < COMMAND_COUNT; k++) {
        if (strcmp(argv[0], commands[k].name) == 0) {
            return run(&commands[k], argc, argv);
        }
    }
    return -1;
}
