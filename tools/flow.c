/* flow.c: "flow" and "gd", which differ in how the model runs, and "flow --influence".
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "commands.h"
#include "error.h"
#include "experiment.h"
#include "influence.h"
#include "report.h"
#include "stepsize.h"

static int descend(struct experiment *experiment, rf_status *status)
{
    struct options *options = &experiment->options;
    int found = stepsize_limit(&experiment->data, &experiment->network, options->mean_loss,
                               &experiment->eta_limit);

    if (found == STATUS_OK && options->eta == 0) {
        found = stepsize_choose(experiment->eta_limit, &options->eta);
    }
    if (found == STATUS_OK) {
        *status = rf_model_step(experiment->model, options->eta, options->steps);
    }
    return found;
}

static int run_model(struct experiment *experiment)
{
    rf_status ended = RF_OK;
    int status = STATUS_OK;

    if (experiment_descends(experiment)) {
        status = descend(experiment, &ended);
    } else {
        ended = rf_model_integrate(experiment->model, experiment->options.t_end);
    }
    return status == STATUS_OK ? experiment_finish(experiment, ended) : status;
}

static int run(struct experiment *experiment)
{
    int status = experiment_prepare(experiment);

    if (status == STATUS_OK) {
        status = influence_prepare(experiment);
    }
    if (status == STATUS_OK) {
        status = run_model(experiment);
    }
    if (status == STATUS_OK && experiment->influence.count > 0) {
        status = influence_measure(experiment);
    }
    return status == STATUS_OK ? report(experiment) : status;
}

int command_flow(const struct options *options)
{
    struct experiment experiment;
    int status;

    memset(&experiment, 0, sizeof experiment);
    experiment.options = *options;
    status = run(&experiment);
    experiment_free(&experiment);
    return status;
}

int command_gd(const struct options *options)
{
    return command_flow(options);
}
