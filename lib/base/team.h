/* team: threads that stand by while a call of the host lasts, for many short pieces of work one after the other.
 * Which of them does which job is left to chance, so a job must not depend on it: what is summed is summed in an
 * order that does not depend on the threads.
 *
 * They are started at the first work that is worth it.  Between two pieces of work they look for the next one for a
 * while, and then sleep.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_TEAM_H
#define RFI_TEAM_H

#include <pthread.h>
#include <stdint.h>

enum { RFI_TEAM_MOST = 64 };

/* Multiplications from which work is worth starting the team, and from which it is worth sharing once it stands by. */
enum { RFI_TEAM_STARTS = 4000000, RFI_TEAM_SHARES = 100000 };

typedef struct rfi_team_member {
    struct rfi_team *team;
    int32_t number;
    pthread_t thread;
} rfi_team_member;

typedef void (*rfi_team_job)(void *context, int32_t member, int64_t index);

/* Zeroed before the first use. */
typedef struct rfi_team {
    int32_t members; /* so many at most, the calling thread one of them; 0 or 1: it is alone */
    /* Private. */
    int32_t started; /* others that were started; -1: that failed */
    int32_t sleeping;
    int32_t inside;  /* others that are at work */
    int open, over;
    rfi_team_job job;
    void *context;
    int64_t total, next, round;
    pthread_mutex_t lock;
    pthread_cond_t called, left;
    rfi_team_member member[RFI_TEAM_MOST];
} rfi_team;

/* 1 if work of so many multiplications is to be shared; no team (NULL) shares none. */
int rfi_team_pays(const rfi_team *team, int64_t work);
/* Jobs 0 .. total - 1, begun in this order, as members 0 .. RFI_TEAM_MOST - 1; the calling thread is member 0. */
void rfi_team_run(rfi_team *team, int64_t work, int64_t total, rfi_team_job job, void *context);
/* Ends the threads; the next work that is worth it starts them again. */
void rfi_team_dismiss(rfi_team *team);

#endif
