/* commands.c: "flow" and "gd", which differ in how the model runs and in nothing else.
 * SPDX-License-Identifier: MIT */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "experiment.h"
#include "report.h"
#include "stepsize.h"

/* What makes a run. */
typedef int run_function(struct experiment *experiment, rf_status *status);

static int run_flow(struct experiment *experiment, rf_status *status)
{
    *status = rf_model_integrate(experiment->model, experiment->options.t_end);
    return STATUS_OK;
}

static int run_gd(struct experiment *experiment, rf_status *status)
{
    struct options *options = &experiment->options;

    if (options->eta == 0) {
        const int chosen = stepsize_choose(&experiment->data, options->mean_loss, &options->eta);
        if (chosen != STATUS_OK) {
            return chosen;
        }
    }
    *status = rf_model_step(experiment->model, options->eta, options->steps);
    return STATUS_OK;
}

static void print_help(const char *command, const char *what, unsigned flag)
{
    printf("Usage: reluflow %s [OPTION]... [FILE.csv]\n\n%s\n\n"
           "FILE.csv has a header line of column names, then rows of numbers; \"-\" is the\n"
           "standard input.  Without FILE the bundled diabetes data are taken, with\n"
           "--standardize --bias --mean-loss.\n\n",
           command, what);
    options_print_help(flag);
}

static int run_experiment(struct experiment *experiment, run_function *run)
{
    rf_status ended = RF_OK;
    int status = experiment_prepare(experiment);

    if (status == STATUS_OK) {
        status = run(experiment, &ended);
    }
    if (status == STATUS_OK) {
        status = experiment_finish(experiment, ended);
    }
    if (status == STATUS_OK) {
        status = report(experiment);
    }
    return status;
}

static int command(int argc, char **argv, unsigned flag, const char *what, run_function *run)
{
    struct experiment experiment;
    int status;

    memset(&experiment, 0, sizeof experiment);
    status = options_parse(argc, argv, flag, &experiment.options);
    if (status != STATUS_OK) {
        return status;
    }
    if (experiment.options.help) {
        print_help(argv[0], what, flag);
        return STATUS_OK;
    }
    if (experiment.options.version) {
        printf("reluflow %s\n", rf_version_string());
        return STATUS_OK;
    }
    status = run_experiment(&experiment, run);
    experiment_free(&experiment);
    return status;
}

int command_flow(int argc, char **argv)
{
    return command(argc, argv, FOR_FLOW,
                   "Follows the exact gradient flow of one ReLU neuron to its limit and reports "
                   "the\nsupport vectors.", run_flow);
}

int command_gd(int argc, char **argv)
{
    return command(argc, argv, FOR_GD,
                   "Runs gradient descent on one ReLU neuron and reports the support vectors.",
                   run_gd);
}
