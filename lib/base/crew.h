/* crew: numbered jobs on several threads, the calling one among them.  Which thread does which job is
 * left to chance, so a job must not depend on it.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_CREW_H
#define RFI_CREW_H

#include <pthread.h>
#include <stdint.h>

#include <reluflow/reluflow.h>

enum { RFI_CREW_MOST = 1024 };

typedef struct rfi_crew {
    int64_t total;   /* jobs 0 .. total - 1, begun in this order     */
    int32_t members; /* 1 .. RFI_CREW_MOST                           */
    /* Does a job as member number `member`.  A negative status ends the work, RF_STOPPED leaves the
     * job undone. */
    rf_status (*job)(void *context, int32_t member, int64_t index);
    /* Told in the calling thread how many jobs are done; non-zero ends the work.  NULL: nobody. */
    int32_t (*report)(void *context, int64_t done);
    void *context;
    /* Private. */
    pthread_mutex_t lock;
    int64_t next, done;
    rf_status status;
    int stop;
} rfi_crew;

/* Returns RF_OK, RF_STOPPED (report asked so), or the first negative status of a job. */
rf_status rfi_crew_run(rfi_crew *crew);

/* 1 once the work is to end: a long job looks now and then. */
int rfi_crew_stops(const rfi_crew *crew);

#endif
