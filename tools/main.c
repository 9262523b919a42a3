/* main.c: the command line `reluflow`.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <reluflow/reluflow.h>

#include "commands.h"
#include "error.h"
#include "plot.h"
#include "ranks.h"

static void print_help(void)
{
    printf("Usage: reluflow COMMAND [OPTION]... [FILE.csv]\n\n"
           "The gradient flow of one ReLU neuron, or of several, event by event.\n\n");
    commands_print();
    printf("  %-10s  %s\n", "plot", "draw pictures, with the Python package reluflow");
    printf("\n\"reluflow COMMAND --help\" lists the options of a command.\n");
}

static int dispatch(int argc, char **argv)
{
    char shown[EXCERPT_SIZE];
    int status;

    if (argc < 2) {
        return fail(STATUS_USAGE, "no command (see \"reluflow --help\")");
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help();
        return STATUS_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("reluflow %s\n", rf_version_string());
        return STATUS_OK;
    }
    status = commands_run(argc - 1, argv + 1);
    if (status < 0) {
        status = fail(STATUS_USAGE, "unknown %s \"%s\" (see \"reluflow --help\")",
                      argv[1][0] == '-' ? "option" : "command",
                      excerpt(shown, argv[1], strlen(argv[1])));
    }
    return status;
}

/* Output that did not arrive is a failure: a full disk, a closed pipe. */
static int close_output(int status)
{
    const int failed_before = ferror(stdout);
    int error;

    errno = 0;
    error = fclose(stdout) != 0 ? errno : 0;
    if (!failed_before && error == 0) {
        return status;
    }
    if (status != STATUS_OK) {
        return status; /* its line is printed already */
    }
    return fail(STATUS_FAILED, "the output cannot be written%s%s", error != 0 ? ": " : "",
                error != 0 ? strerror(error) : "");
}

/* "help COMMAND" is "COMMAND --help". */
static void turn_help(int argc, char **argv)
{
    static char option[] = "--help";

    if (argc > 2 && strcmp(argv[1], "help") == 0) {
        argv[1] = argv[2];
        argv[2] = option;
    }
}

int main(int argc, char **argv)
{
    int status;

    turn_help(argc, argv);
    if (argc > 1 && strcmp(argv[1], "plot") == 0) {
        return plot_run(argc - 1, argv + 1);
    }
#ifdef SIGPIPE
    (void)signal(SIGPIPE, SIG_IGN); /* so that a closed pipe is seen as a failing write */
#endif
    ranks_start();
    status = close_output(dispatch(argc, argv));
    ranks_end();
    return status;
}
