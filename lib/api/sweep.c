/* sweep: the flow from many starts, directions x scales, on threads.  A run is kept as the archived state
 * of its model, so that a sweep needs the buffers of a model per thread only.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "api/sweep.h"
#include "base/num.h"

rf_status rfi_sweep_model(const rf_model *base, rf_model **out)
{
    rf_status status = rfi_model_like(base, out);
    if (status != RF_OK)
        return status;
    (*out)->recording = base->recording;
    (*out)->event_limit = base->event_limit;
    return RF_OK;
}

static rf_status check_starts(const rf_model *base, int64_t directions, const double *U,
                              int64_t U_len, int64_t scales, const double *eps)
{
    const int64_t d = rfi_weight_count(&base->problem);
    int64_t k, vanishing = 0;
    if (directions < 1 || scales < 1 || directions > INT64_MAX / scales || U_len % d != 0
        || U_len / d != directions)
        return RF_ERROR_SIZE;
    if (rfi_first_not_finite(U, U_len) >= 0 || rfi_first_not_finite(eps, scales) >= 0)
        return RF_ERROR_NOT_FINITE;
    for (k = 0; k < scales; ++k) {
        if (eps[k] < 0.0)
            return RF_ERROR_ARGUMENT;
        vanishing |= eps[k] == 0.0;
    }
    for (k = 0; vanishing && k < directions; ++k)
        if (rfi_norm(U + k * d, d) == 0.0)
            return RF_ERROR_ARGUMENT;
    return RF_OK;
}

/* Tells apart sweeps whose runs differ. */
static uint64_t digest_of(const rf_sweep *sweep, int64_t U_len)
{
    rfi_stream stream = rfi_stream_digester();
    int64_t directions = sweep->directions, scales = sweep->scales;
    rfi_archive_problem(&stream, &sweep->base->problem);
    rfi_stream_i32(&stream, &sweep->base->recording);
    rfi_stream_i64(&stream, &sweep->base->event_limit);
    rfi_stream_i64(&stream, &directions);
    rfi_stream_i64(&stream, &scales);
    rfi_stream_reals(&stream, sweep->U, U_len);
    rfi_stream_reals(&stream, sweep->eps, scales);
    return stream.digest;
}

static rf_status fill(rf_sweep *sweep, const rf_model *base, const double *U, const double *eps)
{
    const rf_allocator *a = &sweep->allocator;
    const int64_t U_len = sweep->directions * rfi_weight_count(&base->problem);
    rf_status status = rfi_sweep_model(base, &sweep->base);
    int64_t k;
    sweep->U = rfi_alloc(a, U_len, sizeof(double));
    sweep->eps = rfi_alloc(a, sweep->scales, sizeof(double));
    sweep->run = rfi_alloc(a, sweep->total, sizeof(*sweep->run));
    if (status != RF_OK || sweep->U == NULL || sweep->eps == NULL || sweep->run == NULL)
        return RF_ERROR_MEMORY;
    memcpy(sweep->U, U, (size_t)U_len * sizeof(double));
    memcpy(sweep->eps, eps, (size_t)sweep->scales * sizeof(double));
    for (k = 0; k < sweep->total; ++k)
        sweep->run[k].status = RF_STOPPED;
    sweep->digest = digest_of(sweep, U_len);
    return RF_OK;
}

RF_API rf_status rf_sweep_create(const rf_model *base, int64_t directions, const double *U,
                                 int64_t U_len, int64_t scales, const double *eps, rf_sweep **out)
{
    rf_sweep *sweep;
    rf_status status;
    if (out == NULL)
        return RF_ERROR_ARGUMENT;
    *out = NULL;
    if (base == NULL || U == NULL || eps == NULL)
        return RF_ERROR_ARGUMENT;
    if ((status = check_starts(base, directions, U, U_len, scales, eps)) != RF_OK)
        return status;
    if ((sweep = rfi_alloc(&base->allocator, 1, sizeof(*sweep))) == NULL)
        return RF_ERROR_MEMORY;
    sweep->allocator = base->allocator;
    sweep->directions = directions;
    sweep->scales = scales;
    sweep->total = directions * scales;
    sweep->threads = 1;
    if ((status = fill(sweep, base, U, eps)) != RF_OK) {
        rf_sweep_free(sweep);
        return status;
    }
    *out = sweep;
    return RF_OK;
}

RF_API void rf_sweep_free(rf_sweep *sweep)
{
    rf_allocator allocator;
    int64_t k;
    if (sweep == NULL)
        return;
    allocator = sweep->allocator;
    for (k = 0; sweep->run != NULL && k < sweep->total; ++k)
        rfi_free(&allocator, sweep->run[k].state);
    rfi_free(&allocator, sweep->run);
    rfi_free(&allocator, sweep->U);
    rfi_free(&allocator, sweep->eps);
    rf_model_free(sweep->base);
    rfi_free(&allocator, sweep);
}

RF_API rf_status rf_sweep_set_threads(rf_sweep *sweep, int32_t threads)
{
    if (sweep == NULL)
        return RF_ERROR_ARGUMENT;
    if (sweep->in_callback)
        return RF_ERROR_STATE;
    if (threads < 1 || threads > RFI_CREW_MOST)
        return RF_ERROR_ARGUMENT;
    sweep->threads = threads;
    return RF_OK;
}

RF_API rf_status rf_sweep_set_callback(rf_sweep *sweep,
                                       int32_t (*callback)(int64_t done, int64_t total, void *user),
                                       void *user)
{
    if (sweep == NULL)
        return RF_ERROR_ARGUMENT;
    if (sweep->in_callback)
        return RF_ERROR_STATE;
    sweep->callback = callback;
    sweep->user = user;
    return RF_OK;
}

rf_status rfi_sweep_stand(rf_model *model, const rfi_sweep_run *run)
{
    rfi_stream stream = rfi_stream_reader(run->state, run->size);
    return rfi_archive_state(&stream, model);
}

static rf_status keep(rf_sweep *sweep, rfi_sweep_run *run, rf_model *model)
{
    rfi_stream stream = rfi_stream_counter();
    uint8_t *state;
    rfi_archive_state(&stream, model);
    if ((state = rfi_alloc(&sweep->allocator, stream.at, 1)) == NULL)
        return RF_ERROR_MEMORY;
    rfi_free(&sweep->allocator, run->state);
    run->state = state;
    run->size = stream.at;
    stream = rfi_stream_writer(state, run->size);
    rfi_archive_state(&stream, model);
    return RF_OK;
}

/* Ends a run at its next event once the sweep stops. */
static int32_t halt(const rf_model *model, const rf_event *event, void *user)
{
    const rf_sweep *sweep = user;
    (void)model;
    (void)event;
    return rfi_crew_stops(sweep->crew);
}

static rf_status begin(const rf_sweep *sweep, int64_t index, rf_model *model)
{
    const int64_t d = rfi_weight_count(&model->problem);
    return rf_model_init_direction(model, sweep->U + index / sweep->scales * d, d,
                                   sweep->eps[index % sweep->scales]);
}

/* A job of the crew: takes a pending run to t_end.  What fails for want of memory stands where it stood. */
static rf_status take_on(void *context, int32_t member, int64_t job)
{
    rf_sweep *sweep = context;
    const int64_t index = sweep->pending[job];
    rfi_sweep_run *run = &sweep->run[index];
    rf_model *model = sweep->worker[member];
    rf_status status = run->state != NULL ? rfi_sweep_stand(model, run) : begin(sweep, index, model);
    if (status == RF_OK) {
        rf_model_set_callback(model, halt, sweep);
        status = rf_model_integrate(model, sweep->t_end);
        if (status == RF_ERROR_MEMORY || keep(sweep, run, model) != RF_OK)
            return RF_ERROR_MEMORY;
    }
    if (status == RF_ERROR_MEMORY)
        return status;
    run->status = status;
    run->t_end = sweep->t_end;
    return status == RF_STOPPED ? RF_STOPPED : RF_OK;
}

static int is_done(const rfi_sweep_run *run, double t_end)
{
    return run->status == RF_ERROR_NUMERICAL || (run->status == RF_OK && run->t_end == t_end);
}

static int32_t report(void *context, int64_t done)
{
    rf_sweep *sweep = context;
    int32_t stop = 0;
    if (sweep->progress == NULL)
        return 0;
    sweep->in_callback = 1;
    stop = sweep->progress(sweep->wanted - sweep->pendings + done, sweep->wanted,
                           sweep->progress_user);
    sweep->in_callback = 0;
    return stop;
}

/* The crew does the pending runs, each member with a model of its own. */
static rf_status run_crew(rf_sweep *sweep)
{
    rfi_crew crew = {0};
    const int64_t most = rfi_smaller(rfi_larger(sweep->pendings, 1), sweep->threads);
    rf_model *worker[RFI_CREW_MOST];
    rf_status status = RF_OK;
    int32_t k, made = 0;
    crew.total = sweep->pendings;
    crew.members = (int32_t)most;
    crew.job = take_on;
    crew.report = report;
    crew.context = sweep;
    while (made < most && (status = rfi_sweep_model(sweep->base, &worker[made])) == RF_OK)
        ++made;
    sweep->worker = worker;
    sweep->crew = &crew;
    if (status == RF_OK)
        status = rfi_crew_run(&crew);
    sweep->worker = NULL;
    sweep->crew = NULL;
    for (k = 0; k < made; ++k)
        rf_model_free(worker[k]);
    return status;
}

/* What the wanted runs together have come to. */
static rf_status outcome(const rf_sweep *sweep)
{
    rf_status status = RF_OK;
    int64_t k;
    for (k = 0; k < sweep->total; ++k) {
        if (sweep->run[k].wanted && sweep->run[k].status == RF_ERROR_NUMERICAL)
            return RF_ERROR_NUMERICAL;
        if (sweep->run[k].wanted && sweep->run[k].status == RF_EVENT_LIMIT)
            status = RF_EVENT_LIMIT;
    }
    return status;
}

/* Takes the runs in sweep->pending to t_end, then tells what has become of all that are wanted. */
static rf_status take(rf_sweep *sweep, double t_end,
                      int32_t (*progress)(int64_t done, int64_t total, void *user), void *user)
{
    rf_status status;
    int64_t k;
    sweep->wanted = sweep->pendings = 0;
    for (k = 0; k < sweep->total; ++k) {
        sweep->wanted += sweep->run[k].wanted;
        if (sweep->run[k].wanted && !is_done(&sweep->run[k], t_end))
            sweep->pending[sweep->pendings++] = k;
    }
    sweep->t_end = t_end;
    sweep->progress = progress;
    sweep->progress_user = user;
    status = run_crew(sweep);
    return status != RF_OK ? status : outcome(sweep);
}

RF_API rf_status rf_sweep_run_some(rf_sweep *sweep, int64_t count, const int64_t *runs,
                                   double t_end,
                                   int32_t (*progress)(int64_t done, int64_t total, void *user),
                                   void *user)
{
    rf_status status;
    int64_t k;
    if (sweep == NULL)
        return RF_ERROR_ARGUMENT;
    if (sweep->in_callback)
        return RF_ERROR_STATE;
    if (isnan(t_end))
        return RF_ERROR_NOT_FINITE;
    if (t_end < 0.0 || t_end < sweep->t_end || !rfi_sweep_lists(sweep, count, runs))
        return RF_ERROR_ARGUMENT;
    if (count == 0)
        return RF_OK;
    sweep->pending = rfi_alloc(&sweep->allocator, sweep->total, sizeof(*sweep->pending));
    if (sweep->pending == NULL)
        return RF_ERROR_MEMORY;
    for (k = 0; k < sweep->total; ++k)
        sweep->run[k].wanted = 0;
    for (k = 0; k < count; ++k)
        sweep->run[runs != NULL ? runs[k] : k].wanted = 1;
    status = take(sweep, t_end, progress, user);
    rfi_free(&sweep->allocator, sweep->pending);
    sweep->pending = NULL;
    return status;
}

RF_API rf_status rf_sweep_run(rf_sweep *sweep, double t_end)
{
    if (sweep == NULL)
        return RF_ERROR_ARGUMENT;
    return rf_sweep_run_some(sweep, sweep->total, NULL, t_end, sweep->callback, sweep->user);
}

int rfi_sweep_lists(const rf_sweep *sweep, int64_t count, const int64_t *runs)
{
    int64_t k;
    for (k = 0; runs != NULL && k < count; ++k)
        if (runs[k] < 0 || runs[k] >= sweep->total)
            return 0;
    return count >= 0 && (runs != NULL || count <= sweep->total);
}

RF_API int64_t rf_sweep_count(const rf_sweep *sweep)
{
    return sweep != NULL ? sweep->total : 0;
}

/* The quantity of one run as it stands. */
static rf_status ask(const rfi_sweep_run *run, rf_model *model, int32_t quantity, double *out,
                     int64_t size)
{
    rf_status status;
    int64_t k;
    for (k = 0; run->state == NULL && k < size; ++k)
        out[k] = NAN;
    if (run->state == NULL)
        return RF_OK;
    status = rfi_sweep_stand(model, run);
    return status != RF_OK ? status : rf_model_query(model, quantity, out, size);
}

RF_API rf_status rf_sweep_query(const rf_sweep *sweep, int32_t quantity, double *out, int64_t len)
{
    rf_model *model = NULL;
    double *answers = NULL;
    rf_status status;
    int64_t size, k;
    if (sweep == NULL || out == NULL)
        return RF_ERROR_ARGUMENT;
    if ((status = rf_model_query_size(sweep->base, quantity, &size)) != RF_OK)
        return status;
    if (sweep->in_callback) /* the runs are on their way */
        return RF_ERROR_STATE;
    if (len % size != 0 || len / size != sweep->total)
        return RF_ERROR_SIZE;
    if (!sweep->base->recording && rfi_quantity_needs_history(quantity))
        return RF_ERROR_STATE;
    if ((status = rfi_sweep_model(sweep->base, &model)) != RF_OK)
        return status;
    if ((answers = rfi_alloc(&sweep->allocator, len, sizeof(double))) == NULL)
        status = RF_ERROR_MEMORY;
    for (k = 0; status == RF_OK && k < sweep->total; ++k)
        status = ask(&sweep->run[k], model, quantity, answers + k * size, size);
    if (status == RF_OK)
        memcpy(out, answers, (size_t)len * sizeof(double));
    rfi_free(&sweep->allocator, answers);
    rf_model_free(model);
    return status;
}

RF_API rf_status rf_sweep_model(const rf_sweep *sweep, int64_t run, rf_model **out)
{
    rf_status status;
    if (out == NULL)
        return RF_ERROR_ARGUMENT;
    *out = NULL;
    if (sweep == NULL || run < 0 || run >= sweep->total)
        return RF_ERROR_ARGUMENT;
    if (sweep->in_callback || sweep->run[run].state == NULL)
        return RF_ERROR_STATE;
    if ((status = rfi_sweep_model(sweep->base, out)) != RF_OK)
        return status;
    if ((status = rfi_sweep_stand(*out, &sweep->run[run])) != RF_OK) {
        rf_model_free(*out);
        *out = NULL;
    }
    return status;
}
