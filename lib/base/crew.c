/* crew: see crew.h.
 * SPDX-License-Identifier: MIT */
#include "base/crew.h"

#include <signal.h>

typedef struct {
    rfi_crew *crew;
    int32_t number;
    int started;
    pthread_t thread;
} member;

int rfi_crew_stops(const rfi_crew *crew)
{
    return __atomic_load_n(&crew->stop, __ATOMIC_RELAXED);
}

/* Caller holds the lock. */
static void end_with(rfi_crew *crew, rf_status status)
{
    if (crew->status >= 0)
        crew->status = status;
    __atomic_store_n(&crew->stop, 1, __ATOMIC_RELAXED);
}

/* Does one job.  Returns 0 when there is none. */
static int one_job(rfi_crew *crew, int32_t number, int64_t *done)
{
    rf_status status;
    int64_t index;
    pthread_mutex_lock(&crew->lock);
    index = crew->stop ? crew->total : crew->next;
    crew->next = index < crew->total ? index + 1 : crew->next;
    pthread_mutex_unlock(&crew->lock);
    if (index == crew->total)
        return 0;
    status = crew->job(crew->context, number, index);
    pthread_mutex_lock(&crew->lock);
    crew->done += status == RF_OK;
    if (status < 0)
        end_with(crew, status);
    *done = crew->done;
    pthread_mutex_unlock(&crew->lock);
    return 1;
}

static void *work(void *argument)
{
    member *self = argument;
    int64_t done;
    while (one_job(self->crew, self->number, &done))
        ;
    return NULL;
}

/* The calling thread works too, and reports. */
static void lead(rfi_crew *crew)
{
    int64_t done;
    while (one_job(crew, 0, &done)) {
        if (crew->report == NULL || done == crew->total || crew->report(crew->context, done) == 0)
            continue;
        pthread_mutex_lock(&crew->lock);
        end_with(crew, RF_STOPPED);
        pthread_mutex_unlock(&crew->lock);
    }
}

/* Starts the others, with all signals blocked: they are the host's. */
static void start(rfi_crew *crew, member *others)
{
    sigset_t all, before;
    int32_t k;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (k = 1; k < crew->members; ++k) {
        member *m = &others[k];
        m->crew = crew;
        m->number = k;
        m->started = k < crew->total && pthread_create(&m->thread, NULL, work, m) == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

rf_status rfi_crew_run(rfi_crew *crew)
{
    member others[RFI_CREW_MOST];
    int32_t k;
    crew->next = crew->done = 0;
    crew->status = RF_OK;
    crew->stop = 0;
    if (pthread_mutex_init(&crew->lock, NULL) != 0)
        return RF_ERROR_MEMORY;
    start(crew, others);
    lead(crew);
    for (k = 1; k < crew->members; ++k)
        if (others[k].started)
            pthread_join(others[k].thread, NULL);
    pthread_mutex_destroy(&crew->lock);
    if (crew->status == RF_OK && crew->report != NULL
        && crew->report(crew->context, crew->done) != 0 && crew->done < crew->total)
        crew->status = RF_STOPPED;
    return crew->status;
}
