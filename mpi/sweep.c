/* sweep: the runs of a sweep dealt to the ranks, done, and gathered on all.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "group.h"

enum { TAG_STOP = 1 };

/* Room for the saved runs of a sweep when there are none, which tell one sweep from another. */
enum { PASSPORT = 256 };

typedef struct {
    const rfm_group *group;
    rf_sweep *sweep;
    double t_end;
    int32_t (*progress)(int64_t done, int64_t total, void *user);
    void *user;
    int64_t *runs; /* the share of this rank                     */
    int64_t count;
    int64_t *sizes; /* of the saved runs of each rank             */
    int stopped;    /* progress asked so                          */
    int told;       /* another rank asked so                      */
    int failed;     /* a return value of MPI while runs were done */
} work;

/* The rank that does a run: the sum of the digits of its number in base `size`, modulo size.  Any `size`
 * runs in a row go to different ranks, so the shares differ by one at most; and the runs of one scale (or
 * of every k-th direction), which take similar times, are spread as evenly: the sum of digits is equally
 * distributed along every arithmetic progression (A. O. Gelfond, Acta Arithmetica 13, 1968, for the
 * moduli prime to size - 1). */
static int rank_of(int64_t run, int size)
{
    int64_t sum = 0;
    for (; size > 1 && run > 0; run /= size)
        sum += run % size;
    return (int)(sum % size);
}

static rf_status deal(work *w)
{
    const int64_t total = rf_sweep_count(w->sweep);
    int64_t k, count = 0;
    for (k = 0; k < total; ++k)
        w->count += rank_of(k, w->group->size) == w->group->rank;
    w->runs = calloc((size_t)w->count + 1, sizeof(*w->runs));
    w->sizes = calloc((size_t)w->group->size, sizeof(*w->sizes));
    if (w->runs == NULL || w->sizes == NULL)
        return RF_ERROR_MEMORY;
    for (k = 0; k < total; ++k)
        if (rank_of(k, w->group->size) == w->group->rank)
            w->runs[count++] = k;
    return RF_OK;
}

/* All ranks compare their sweep and t_end with those of rank 0.  Nothing was run when this fails. */
static rf_status check(work *w)
{
    unsigned char passport[PASSPORT] = {0};
    double t_end = w->t_end;
    int64_t size = 0;
    /* No runs: only the arguments are looked at. */
    rf_status status = rf_sweep_run_some(w->sweep, 0, NULL, w->t_end, NULL, NULL), sent;
    int code;
    if (status == RF_OK && w->group->rank == 0)
        status = rf_sweep_save(w->sweep, 0, NULL, passport, PASSPORT, &size);
    if (status == RF_OK)
        status = deal(w);
    if ((status = rfm_agree(w->group, status)) != RF_OK)
        return status;
    code = MPI_Bcast(&t_end, 1, MPI_DOUBLE, 0, w->group->comm);
    if (code == MPI_SUCCESS)
        code = MPI_Bcast(&size, 1, MPI_INT64_T, 0, w->group->comm);
    if (code != MPI_SUCCESS)
        return rfm_status(code);
    if ((sent = rfm_broadcast(w->group, 0, passport, size)) != RF_OK)
        return sent;
    status = t_end == w->t_end ? rf_sweep_load(w->sweep, passport, size) : RF_ERROR_ARGUMENT;
    return rfm_agree(w->group, status);
}

/* Between runs: does the caller or another rank want to stop? */
static int32_t watch(int64_t done, int64_t total, void *user)
{
    work *w = user;
    int code;
    if (w->progress != NULL && w->progress(done, total, w->user) != 0)
        w->stopped = 1;
    code = MPI_Iprobe(MPI_ANY_SOURCE, TAG_STOP, w->group->comm, &w->told, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS)
        w->failed = code;
    return w->stopped || w->told || w->failed != MPI_SUCCESS;
}

/* Empty messages, which stay valid after their requests are gone. */
static rf_status tell_others(const rfm_group *group)
{
    int rank, code = MPI_SUCCESS;
    for (rank = 0; rank < group->size && code == MPI_SUCCESS; ++rank) {
        MPI_Request request = MPI_REQUEST_NULL;
        if (rank == group->rank)
            continue;
        code = MPI_Isend(NULL, 0, MPI_BYTE, rank, TAG_STOP, group->comm, &request);
        if (code == MPI_SUCCESS)
            code = MPI_Request_free(&request);
    }
    return rfm_status(code);
}

/* All ranks know who has told the others, and receive what was sent to them. */
static rf_status hear_others(const rfm_group *group, int have_told)
{
    int tellers = 0;
    int code = MPI_Allreduce(&have_told, &tellers, 1, MPI_INT, MPI_SUM, group->comm);
    for (tellers -= have_told; tellers > 0 && code == MPI_SUCCESS; --tellers)
        code = MPI_Recv(NULL, 0, MPI_BYTE, MPI_ANY_SOURCE, TAG_STOP, group->comm,
                        MPI_STATUS_IGNORE);
    return rfm_status(code);
}

static int is_whole(rf_status status)
{
    return status == RF_OK || status == RF_EVENT_LIMIT || status == RF_ERROR_NUMERICAL;
}

/* The share of this rank; the status is that of all. */
static rf_status run_share(work *w)
{
    rf_status status = rf_sweep_run_some(w->sweep, w->count, w->runs, w->t_end, watch, w), heard;
    const int tells = w->stopped || (!is_whole(status) && !w->told);
    if (w->failed != MPI_SUCCESS)
        return rfm_status(w->failed);
    heard = tells ? tell_others(w->group) : RF_OK;
    if (heard == RF_OK)
        heard = hear_others(w->group, tells);
    return heard != RF_OK ? heard : rfm_agree(w->group, status);
}

/* A buffer for the largest share, on every rank or none. */
static rf_status make_room(work *w, void **buffer)
{
    int64_t size = 0, largest = 0;
    rf_status status = rf_sweep_save(w->sweep, w->count, w->runs, NULL, 0, &size);
    int rank, code = MPI_Allgather(&size, 1, MPI_INT64_T, w->sizes, 1, MPI_INT64_T, w->group->comm);
    if (code != MPI_SUCCESS)
        return rfm_status(code);
    for (rank = 0; rank < w->group->size; ++rank)
        largest = w->sizes[rank] > largest ? w->sizes[rank] : largest;
    if ((uint64_t)largest > SIZE_MAX || (*buffer = malloc((size_t)largest)) == NULL)
        status = RF_ERROR_MEMORY;
    return rfm_agree(w->group, status);
}

/* Every share to every rank. */
static rf_status exchange(work *w, void *buffer)
{
    rf_status status = RF_OK;
    int rank;
    for (rank = 0; rank < w->group->size; ++rank) {
        const int64_t size = w->sizes[rank];
        rf_status sent, done;
        int64_t written = 0;
        done = rank != w->group->rank ? RF_OK
                                      : rf_sweep_save(w->sweep, w->count, w->runs, buffer, size,
                                                      &written);
        if ((sent = rfm_broadcast(w->group, rank, buffer, size)) != RF_OK)
            return sent;
        if (rank != w->group->rank)
            done = rf_sweep_load(w->sweep, buffer, size);
        status = rfm_worse(status, done);
    }
    return rfm_agree(w->group, status);
}

static rf_status gather(work *w)
{
    void *buffer = NULL;
    rf_status status = make_room(w, &buffer);
    if (status == RF_OK)
        status = exchange(w, buffer);
    free(buffer);
    return status;
}

RF_API rf_status rf_mpi_sweep_run(rf_sweep *sweep, double t_end, MPI_Comm comm,
                                  int32_t (*progress)(int64_t done, int64_t total, void *user),
                                  void *user)
{
    work w = {0};
    rfm_group group;
    rf_status status = rfm_open(comm, &group);
    if (status != RF_OK)
        return status;
    w.group = &group;
    w.sweep = sweep;
    w.t_end = t_end;
    w.progress = progress;
    w.user = user;
    status = check(&w);
    if (status == RF_OK) {
        status = run_share(&w);
        if (status != RF_ERROR_MPI && group.size > 1)
            status = rfm_worse(status, gather(&w));
    }
    rfm_close(&group);
    free(w.runs);
    free(w.sizes);
    return status;
}
