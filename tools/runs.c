/* runs.c: running a sweep part by part, and collecting what it gives.
 * SPDX-License-Identifier: MIT
 *
 * A sweep keeps the history of all its runs; a part of it at a time keeps the memory bounded. */
#include "runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accuracy.h"
#include "error.h"
#include "library.h"
#include "ranks.h"

enum { RUNS_AT_ONCE = 1024 };

/* What collecting needs besides the model. */
struct collector {
    struct runs *runs;
    double pull;
    double *rates;  /* m d */
    uint8_t *state; /* m n */
};

rf_status runs_certify(const rf_model *model, enum norm_verdict *verdict, double *first_failure)
{
    int32_t increasing = 0;
    const rf_status status = rf_model_norm_certificate(model, &increasing, first_failure);

    if (status == RF_OK) {
        *verdict = increasing != 0         ? NORM_PROVED
                   : isnan(*first_failure) ? NORM_NEITHER
                                           : NORM_REFUTED;
    }
    return status;
}

bool runs_dead(const struct runs *runs, const struct run *run)
{
    return runs->options->activation.kind == RF_RELU && run->begun && run->active == 0;
}

static rf_status count_events(const rf_model *model, struct run *run)
{
    const int64_t total = rf_model_event_count(model);
    rf_event event;

    /* The inner events are the first. */
    while (run->inner_events < total) {
        const rf_status status = rf_model_events(model, run->inner_events, 1, &event);
        if (status != RF_OK) {
            return status;
        }
        if ((event.flags & RF_FLAG_INNER) == 0) {
            break;
        }
        run->inner_events++;
    }
    run->events = total - run->inner_events;
    return RF_OK;
}

static rf_status collect_numbers(const rf_model *model, struct run *run, double *weights)
{
    double flags = 0;
    double converged = 0;
    double inner_ending = 0;
    double status_number = 0;
    const struct {
        int32_t quantity;
        double *out;
    } wanted[] = {
        {RF_TIME, &run->time},       {RF_LOSS, &run->loss},      {RF_WEIGHT_NORM, &run->norm},
        {RF_FLAGS, &flags},          {RF_CONVERGED, &converged}, {RF_INNER_ENDING, &inner_ending},
        {RF_STATUS, &status_number},
    };
    rf_status status = rf_model_query(model, RF_WEIGHTS, weights,
                                      rf_model_neurons(model) * rf_model_dim(model));
    size_t k;

    for (k = 0; status == RF_OK && k < sizeof wanted / sizeof wanted[0]; k++) {
        status = rf_model_query(model, wanted[k].quantity, wanted[k].out, 1);
    }
    if (status == RF_OK) {
        status = rf_model_query_at(model, 0, RF_WEIGHT_NORM, &run->start_norm, 1);
    }
    run->flags = (int32_t)flags;
    run->certified = converged != 0; /* exactly 0 or 1 */
    run->inner_ending = (int32_t)inner_ending;
    run->status = (rf_status)status_number;
    return status;
}

static rf_status count_rows(const rf_model *model, uint8_t *state, struct run *run)
{
    const int64_t n = rf_model_neurons(model) * rf_model_count(model);
    const rf_status status = rf_model_pattern(model, state, n);
    int64_t i;

    for (i = 0; status == RF_OK && i < n; i++) {
        run->active += state[i] == 1;
        run->sliding += state[i] == 2;
    }
    return status;
}

/* Where no certificate or no accuracy can be computed in the range of double, there is none. */
static rf_status forgive(rf_status status)
{
    return status == RF_ERROR_NUMERICAL ? RF_OK : status;
}

static rf_status collect_model(struct collector *collector, const rf_model *model, struct run *run,
                               double *weights)
{
    rf_status status = collect_numbers(model, run, weights);

    if (status == RF_OK) {
        status = count_events(model, run);
    }
    if (status == RF_OK) {
        status = count_rows(model, collector->state, run);
    }
    if (status == RF_OK && collector->runs->certify) {
        status = forgive(runs_certify(model, &run->verdict, &run->first_failure));
    }
    if (status == RF_OK && run->certified) {
        status =
            forgive(accuracy_of_limit(model, collector->pull, collector->rates, &run->accuracy));
    }
    run->begun = true;
    return status;
}

static void clear_run(struct run *run, double *weights, int64_t d)
{
    int64_t k;

    run->status = RF_ERROR_NUMERICAL;
    run->time = run->loss = run->norm = run->start_norm = run->first_failure = NAN;
    run->accuracy = 0;
    for (k = 0; k < d; k++) {
        weights[k] = NAN;
    }
}

/* Collects one run of a part. */
static rf_status collect_run(struct collector *collector, const rf_sweep *sweep, int64_t k,
                             struct run *run, double *weights)
{
    rf_model *model = NULL;
    rf_status status = rf_sweep_model(sweep, k, &model);

    if (status == RF_OK) {
        status = collect_model(collector, model, run, weights);
    }
    rf_model_free(model);
    return status == RF_ERROR_STATE ? RF_OK : status; /* its start failed */
}

/* Collects the runs of a part that begins with the given direction: each rank its share, for all. */
static rf_status collect_part(struct collector *collector, const rf_sweep *sweep, int64_t first)
{
    struct runs *runs = collector->runs;
    const int64_t d = runs->size;
    const int64_t count = rf_sweep_count(sweep);
    struct run *run = runs->run + first * runs->scales;
    double *weights = runs->weights + first * runs->scales * d;
    rf_status status = RF_OK;
    int64_t k;

    for (k = 0; status == RF_OK && k < count; k++) {
        clear_run(&run[k], weights + k * d, d);
        run[k].direction = first + k / runs->scales;
        run[k].scale = k % runs->scales;
        if (k % ranks_count() == ranks_number()) {
            status = collect_run(collector, sweep, k, &run[k], weights + k * d);
        }
    }
    status = ranks_worst_of_library(status);
    if (status == RF_OK) {
        ranks_exchange(run, count, sizeof *run);
        ranks_exchange(weights, count, (size_t)d * sizeof *weights);
    }
    return status;
}

static rf_status run_part(struct collector *collector, const rf_model *base, int64_t first,
                          int64_t directions, double t_end, struct progress *progress)
{
    struct runs *runs = collector->runs;
    const int64_t d = runs->size;
    rf_sweep *sweep = NULL;
    rf_status status = rf_sweep_create(base, directions, runs->U + first * d, directions * d,
                                       runs->scales, runs->scale, &sweep);

    if (status == RF_OK) {
        status = rf_sweep_set_threads(sweep, runs->options->threads);
    }
    if (progress != NULL) {
        progress->done = first * runs->scales;
    }
    status = ranks_worst_of_library(status);
    if (status == RF_OK) {
        /* A run that failed is part of the result. */
        status = forgive(
            ranks_run(sweep, t_end, progress != NULL ? progress_count : NULL, progress));
    }
    if (status >= 0) {
        status = collect_part(collector, sweep, first);
    }
    rf_sweep_free(sweep);
    return status;
}

static rf_status run_parts(struct collector *collector, const rf_model *base, double t_end)
{
    struct runs *runs = collector->runs;
    const int64_t most = runs->scales < RUNS_AT_ONCE ? RUNS_AT_ONCE / runs->scales : 1;
    struct progress progress;
    const bool shown = progress_start(&progress);
    rf_status status = RF_OK;
    int64_t first;

    progress.what = "runs";
    progress.total = runs->count;
    for (first = 0; status == RF_OK && first < runs->directions; first += most) {
        const int64_t left = runs->directions - first;
        status = run_part(collector, base, first, left < most ? left : most, t_end,
                          shown ? &progress : NULL);
    }
    progress_end(&progress);
    return status;
}

static bool all_failed(const struct runs *runs)
{
    int64_t k;

    for (k = 0; k < runs->count; k++) {
        if (runs->run[k].status >= 0) {
            return false;
        }
    }
    return true;
}

static int run_all(struct collector *collector, const rf_model *base, double t_end)
{
    const rf_status status = run_parts(collector, base, t_end);

    if (status != RF_OK) {
        return library_fail_data(NULL, collector->runs->data, status);
    }
    return all_failed(collector->runs)
               ? library_fail_data(NULL, collector->runs->data, RF_ERROR_NUMERICAL)
               : STATUS_OK;
}

static int allocate(struct runs *runs, struct collector *collector)
{
    const int64_t d = runs->size;

    if (runs->scales > INT64_MAX / runs->directions / d) {
        return fail_memory();
    }
    runs->count = runs->directions * runs->scales;
    if ((uint64_t)(runs->count * d) > SIZE_MAX) {
        return fail_memory();
    }
    runs->run = calloc((size_t)runs->count, sizeof *runs->run);
    runs->weights = allocate_array((size_t)(runs->count * d), sizeof *runs->weights);
    collector->rates = allocate_array((size_t)d, sizeof *collector->rates);
    collector->state = allocate_array((size_t)(runs->network->count * runs->data->n),
                                      sizeof *collector->state);
    return runs->run != NULL && runs->weights != NULL && collector->rates != NULL
                   && collector->state != NULL
               ? STATUS_OK
               : fail_memory();
}

int runs_make(struct runs *runs, double t_end)
{
    struct collector collector = {runs, 0, NULL, NULL};
    rf_model *base = NULL;
    int status;

    runs->size = network_weights(runs->network, runs->data->d);
    status = allocate(runs, &collector);
    collector.pull = accuracy_pull(runs->data, runs->network, runs->options->mean_loss);
    if (status == STATUS_OK) {
        status = library_create(runs->options, runs->data, runs->network, &base);
    }
    status = ranks_worst(status);
    if (status == STATUS_OK) {
        status = run_all(&collector, base, t_end);
    }
    rf_model_free(base);
    free(collector.rates);
    free(collector.state);
    return status;
}

void runs_free(struct runs *runs)
{
    free(runs->U);
    free(runs->scale);
    free(runs->run);
    free(runs->weights);
    memset(runs, 0, sizeof *runs);
}
