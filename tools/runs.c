/* runs.c: running a sweep part by part, and collecting what it gives.
 * SPDX-License-Identifier: MIT
 *
 * A sweep keeps the history of all its runs; a part of it at a time keeps the memory bounded: some
 * directions with all scales, or one direction with some of them. */
#include "runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accuracy.h"
#include "error.h"
#include "library.h"
#include "memory.h"
#include "ranks.h"

/* The history of a run grows with the margins that it follows, m n of them. */
enum { RUNS_AT_ONCE = 1024, MARGINS_AT_ONCE = 1 << 24, RUNS_FOR_A_THREAD = 4 };

/* A run, its place among those sorted by limit, and its limit (limits.c), each one of its own at most. */
enum { BYTES_OF_A_RUN = sizeof(struct run) + 128 };

/* A part of a sweep. */
struct part {
    int64_t first;      /* direction */
    int64_t directions;
    int64_t first_scale;
    int64_t scales;
};

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

/* The number of the first run of a part, whose runs follow one another. */
static int64_t first_run(const struct runs *runs, const struct part *part)
{
    return part->first * runs->scales + part->first_scale;
}

/* Collects the runs of a part: each rank its share, for all. */
static rf_status collect_part(struct collector *collector, const rf_sweep *sweep,
                              const struct part *part)
{
    struct runs *runs = collector->runs;
    const int64_t d = runs->size;
    const int64_t count = rf_sweep_count(sweep);
    struct run *run = runs->run + first_run(runs, part);
    double *weights = runs->weights + first_run(runs, part) * d;
    rf_status status = RF_OK;
    int64_t k;

    for (k = 0; status == RF_OK && k < count; k++) {
        clear_run(&run[k], weights + k * d, d);
        run[k].direction = part->first + k / part->scales;
        run[k].scale = part->first_scale + k % part->scales;
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

static rf_status run_part(struct collector *collector, const rf_model *base,
                          const struct part *part, double t_end, struct progress *progress)
{
    struct runs *runs = collector->runs;
    const int64_t d = runs->size;
    rf_sweep *sweep = NULL;
    rf_status status = rf_sweep_create(base, part->directions, runs->U + part->first * d,
                                       part->directions * d, part->scales,
                                       runs->scale + part->first_scale, &sweep);

    if (status == RF_OK) {
        status = rf_sweep_set_threads(sweep, runs->options->threads);
    }
    if (progress != NULL) {
        progress->done = first_run(runs, part);
    }
    status = ranks_worst_of_library(status);
    if (status == RF_OK) {
        /* A run that failed is part of the result. */
        status = forgive(
            ranks_run(sweep, t_end, progress != NULL ? progress_count : NULL, progress));
    }
    if (status >= 0) {
        status = collect_part(collector, sweep, part);
    }
    rf_sweep_free(sweep);
    return status;
}

static int64_t smaller(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* How many runs a part may have: enough to keep all threads busy, no more than memory bears. */
static int64_t runs_at_once(const struct runs *runs)
{
    const int64_t busy = RUNS_FOR_A_THREAD * (int64_t)ranks_count() * runs->options->threads;
    const int64_t fit =
        smaller(RUNS_AT_ONCE, MARGINS_AT_ONCE / (runs->network->count * runs->data->n));

    return fit > busy ? fit : busy;
}

static rf_status run_parts(struct collector *collector, const rf_model *base, double t_end)
{
    struct runs *runs = collector->runs;
    const int64_t most = runs_at_once(runs);
    struct part part = {0, 0, 0, 0};
    struct progress progress;
    const bool shown = progress_start(&progress);
    rf_status status = RF_OK;

    progress.what = "runs";
    progress.total = runs->count;
    while (status == RF_OK && part.first < runs->directions) {
        part.scales = smaller(runs->scales - part.first_scale, most);
        part.directions = part.scales < runs->scales
                              ? 1
                              : smaller(runs->directions - part.first, most / part.scales);
        status = run_part(collector, base, &part, t_end, shown ? &progress : NULL);
        part.first_scale += part.scales;
        if (part.first_scale == runs->scales) {
            part.first_scale = 0;
            part.first += part.directions;
        }
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
    const struct runs *runs = collector->runs;
    struct library_input input = {runs->options, runs->data, runs->network, 0, NAN};
    rf_status status = run_parts(collector, base, t_end);
    int64_t k;

    for (k = 0; k < runs->scales; k++) {
        input.start = fmax(input.start, runs->scale[k]);
    }
    if (status == RF_OK && all_failed(runs)) {
        status = RF_ERROR_NUMERICAL;
    }
    return status == RF_OK ? STATUS_OK : library_fail_input(NULL, &input, status);
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

int runs_check_memory(const char *option, int64_t directions, int64_t scales, int64_t size)
{
    const double runs = (double)directions * (double)scales;
    const double numbers = ((double)directions + runs) * (double)size;

    return memory_check(runs * BYTES_OF_A_RUN + numbers * (double)sizeof(double),
                        "%s: %.15g runs", option, runs);
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
