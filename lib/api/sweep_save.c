/* sweep_save: runs of a sweep as a buffer of bytes and back.  The format, docs/abi.md: "rf-sweep", version,
 * size, the digest of the sweep, the number of runs, the runs, a checksum of all that.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "api/sweep.h"

/* The version changes with that of saved models, whose fields the states are made of. */
enum { SWEEP_VERSION = 2, SUM_BYTES = 8, RUN_BYTES = 28 };

static const char sweep_magic[8] = {'r', 'f', '-', 's', 'w', 'e', 'e', 'p'};

typedef struct {
    char name[8];
    int64_t version, size;
    uint64_t digest;
    int64_t count;
} head;

static void head_fields(rfi_stream *s, head *h)
{
    rfi_stream_bytes(s, h->name, sizeof(h->name));
    rfi_stream_i64(s, &h->version);
    rfi_stream_i64(s, &h->size);
    rfi_stream_u64(s, &h->digest);
    rfi_stream_i64(s, &h->count);
}

/* Without the archived state, which follows. */
static void run_fields(rfi_stream *s, int64_t *index, rfi_sweep_run *run)
{
    rfi_stream_i64(s, index);
    rfi_stream_i32(s, &run->status);
    rfi_stream_real(s, &run->t_end);
    rfi_stream_i64(s, &run->size);
}

static void write_runs(rfi_stream *s, const rf_sweep *sweep, int64_t count, const int64_t *runs,
                       int64_t size)
{
    head h = {{0}, SWEEP_VERSION, size, sweep->digest, count};
    int64_t k;
    memcpy(h.name, sweep_magic, sizeof(h.name));
    head_fields(s, &h);
    for (k = 0; k < count; ++k) {
        int64_t index = runs != NULL ? runs[k] : k;
        rfi_sweep_run run = sweep->run[index];
        run_fields(s, &index, &run);
        rfi_stream_bytes(s, run.state, run.size);
    }
}

RF_API rf_status rf_sweep_save(const rf_sweep *sweep, int64_t count, const int64_t *runs,
                               void *buffer, int64_t capacity, int64_t *size)
{
    rfi_stream s = rfi_stream_counter();
    uint64_t sum;
    int64_t needed;
    if (sweep == NULL || size == NULL || capacity < 0 || (buffer == NULL && capacity > 0)
        || !rfi_sweep_lists(sweep, count, runs))
        return RF_ERROR_ARGUMENT;
    if (sweep->in_callback) /* the runs are on their way */
        return RF_ERROR_STATE;
    write_runs(&s, sweep, count, runs, 0);
    needed = s.at + SUM_BYTES;
    *size = needed;
    if (buffer == NULL)
        return RF_OK;
    if (capacity < needed)
        return RF_ERROR_CAPACITY;
    s = rfi_stream_writer(buffer, needed);
    write_runs(&s, sweep, count, runs, needed);
    sum = rfi_checksum(buffer, s.at);
    rfi_stream_u64(&s, &sum);
    return RF_OK;
}

/* Whether the buffer is whole, and of this sweep. */
static rf_status read_head(rfi_stream *s, const rf_sweep *sweep, const void *buffer, int64_t size,
                           int64_t *count)
{
    head h = {{0}, 0, 0, 0, 0};
    uint64_t sum = 0;
    rfi_stream tail = rfi_stream_reader(buffer, size);
    head_fields(s, &h);
    if (s->bad || memcmp(h.name, sweep_magic, sizeof(h.name)) != 0 || h.version != SWEEP_VERSION
        || h.size != size)
        return RF_ERROR_CORRUPT;
    tail.at = size - SUM_BYTES;
    rfi_stream_u64(&tail, &sum);
    if (sum != rfi_checksum(buffer, size - SUM_BYTES))
        return RF_ERROR_CORRUPT;
    rfi_stream_expect_room(s, h.count, RUN_BYTES);
    *count = h.count;
    return s->bad ? RF_ERROR_CORRUPT : h.digest == sweep->digest ? RF_OK : RF_ERROR_ARGUMENT;
}

static int fits(const rf_sweep *sweep, int64_t index, const rfi_sweep_run *run)
{
    return index >= 0 && index < sweep->total && run->t_end >= 0.0
           && (run->status == RF_OK || run->status == RF_STOPPED || run->status == RF_EVENT_LIMIT
               || run->status == RF_ERROR_NUMERICAL);
}

/* Reads one run, and tries on a model whether its state is one. */
static rf_status read_run(rfi_stream *s, const rf_sweep *sweep, rf_model *model, int64_t *index,
                          rfi_sweep_run *run)
{
    run_fields(s, index, run);
    rfi_stream_expect(s, fits(sweep, *index, run));
    rfi_stream_expect_room(s, run->size, 1);
    if (s->bad)
        return RF_ERROR_CORRUPT;
    if (run->size == 0)
        return RF_OK;
    if ((run->state = rfi_alloc(&sweep->allocator, run->size, 1)) == NULL)
        return RF_ERROR_MEMORY;
    rfi_stream_bytes(s, run->state, run->size);
    return rfi_sweep_stand(model, run);
}

/* Either all runs that were read take their places, or none. */
static void settle(rf_sweep *sweep, int64_t count, rfi_sweep_run *read, const int64_t *index,
                   rf_status status)
{
    int64_t k;
    for (k = 0; k < count; ++k) {
        if (status == RF_OK) {
            rfi_sweep_run before = sweep->run[index[k]];
            sweep->run[index[k]] = read[k];
            sweep->t_end = fmax(sweep->t_end, read[k].t_end);
            read[k] = before;
        }
        rfi_free(&sweep->allocator, read[k].state);
    }
}

static rf_status read_runs(rfi_stream *s, rf_sweep *sweep, int64_t count)
{
    rfi_sweep_run *read = rfi_alloc(&sweep->allocator, count, sizeof(*read));
    int64_t *index = rfi_alloc(&sweep->allocator, count, sizeof(*index)), k;
    rf_model *model = NULL;
    rf_status status = rfi_sweep_model(sweep->base, &model);
    if (read == NULL || index == NULL)
        status = RF_ERROR_MEMORY;
    for (k = 0; status == RF_OK && k < count; ++k)
        status = read_run(s, sweep, model, &index[k], &read[k]);
    if (status == RF_OK && s->at != s->size)
        status = RF_ERROR_CORRUPT;
    if (read != NULL && index != NULL)
        settle(sweep, count, read, index, status);
    rf_model_free(model);
    rfi_free(&sweep->allocator, read);
    rfi_free(&sweep->allocator, index);
    return status;
}

RF_API rf_status rf_sweep_load(rf_sweep *sweep, const void *buffer, int64_t size)
{
    rfi_stream s;
    rf_status status;
    int64_t count = 0;
    if (sweep == NULL || buffer == NULL || size < 0)
        return RF_ERROR_ARGUMENT;
    if (sweep->in_callback)
        return RF_ERROR_STATE;
    s = rfi_stream_reader(buffer, size - SUM_BYTES);
    status = read_head(&s, sweep, buffer, size, &count);
    return status == RF_OK && count > 0 ? read_runs(&s, sweep, count) : status;
}
