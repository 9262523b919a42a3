/* team: see team.h.
 * SPDX-License-Identifier: MIT */
#include "base/team.h"

#include <signal.h>
#include <stddef.h>

#include "base/cpu.h"

/* How often a thread looks for what it waits for before it sleeps: some tenth of a millisecond, for to be woken takes
 * half as long. */
enum { LOOKS = 8192 };

/* Waits for the next work.  Returns 0 at the end. */
static int enter(rfi_team *team, int64_t *seen)
{
    int goes, over;
    do {
        int32_t k;
        for (k = 0; k < LOOKS && __atomic_load_n(&team->round, __ATOMIC_RELAXED) == *seen; ++k)
            RELAX();
        pthread_mutex_lock(&team->lock);
        while (!team->over && team->round == *seen) {
            ++team->sleeping;
            pthread_cond_wait(&team->called, &team->lock);
            --team->sleeping;
        }
        *seen = team->round;
        over = team->over;
        goes = team->open && !over;
        if (goes)
            __atomic_store_n(&team->inside, team->inside + 1, __ATOMIC_RELAXED);
        pthread_mutex_unlock(&team->lock);
    } while (!goes && !over);
    return goes;
}

static void leave(rfi_team *team)
{
    pthread_mutex_lock(&team->lock);
    __atomic_store_n(&team->inside, team->inside - 1, __ATOMIC_RELAXED);
    if (team->inside == 0)
        pthread_cond_signal(&team->left);
    pthread_mutex_unlock(&team->lock);
}

static void do_jobs(rfi_team *team, int32_t number)
{
    int64_t index;
    while ((index = __atomic_fetch_add(&team->next, 1, __ATOMIC_RELAXED)) < team->total)
        team->job(team->context, number, index);
}

static void *stand_by(void *argument)
{
    const rfi_team_member *self = argument;
    int64_t seen = 0;
    while (enter(self->team, &seen)) {
        do_jobs(self->team, self->number);
        leave(self->team);
    }
    return NULL;
}

/* Lock and conditions.  Returns 0 on success. */
static int make_lock(rfi_team *team)
{
    if (pthread_mutex_init(&team->lock, NULL) != 0)
        return -1;
    if (pthread_cond_init(&team->called, NULL) == 0) {
        if (pthread_cond_init(&team->left, NULL) == 0)
            return 0;
        pthread_cond_destroy(&team->called);
    }
    pthread_mutex_destroy(&team->lock);
    return -1;
}

/* Starts the others, with all signals blocked: they are the host's. */
static void start(rfi_team *team)
{
    const int32_t most = team->members < RFI_TEAM_MOST ? team->members : RFI_TEAM_MOST;
    sigset_t all, before;
    team->started = -1;
    team->sleeping = team->inside = 0;
    team->open = team->over = 0;
    team->round = 0;
    if (make_lock(team) != 0)
        return;
    team->started = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (team->started < most - 1) {
        rfi_team_member *m = &team->member[team->started];
        m->team = team;
        m->number = team->started + 1;
        if (pthread_create(&m->thread, NULL, stand_by, m) != 0)
            break;
        ++team->started;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (team->started > 0)
        return;
    pthread_cond_destroy(&team->left);
    pthread_cond_destroy(&team->called);
    pthread_mutex_destroy(&team->lock);
    team->started = -1;
}

/* Wakes those that sleep: there is work, or it is over. */
static void call(rfi_team *team, int over)
{
    pthread_mutex_lock(&team->lock);
    team->open = !over;
    team->over = over;
    __atomic_store_n(&team->round, team->round + 1, __ATOMIC_RELAXED);
    if (team->sleeping > 0)
        pthread_cond_broadcast(&team->called);
    pthread_mutex_unlock(&team->lock);
}

/* Waits for those that are at work, and lets nobody in any more. */
static void gather(rfi_team *team)
{
    int32_t k;
    for (k = 0; k < LOOKS && __atomic_load_n(&team->inside, __ATOMIC_RELAXED) > 0; ++k)
        RELAX();
    pthread_mutex_lock(&team->lock);
    team->open = 0;
    while (team->inside > 0)
        pthread_cond_wait(&team->left, &team->lock);
    pthread_mutex_unlock(&team->lock);
}

int rfi_team_pays(const rfi_team *team, int64_t work)
{
    return team != NULL && team->members > 1 && team->started >= 0
           && work >= (team->started > 0 ? RFI_TEAM_SHARES : RFI_TEAM_STARTS);
}

void rfi_team_run(rfi_team *team, int64_t work, int64_t total, rfi_team_job job, void *context)
{
    int64_t k;
    if (total > 1 && rfi_team_pays(team, work)) {
        if (team->started == 0)
            start(team);
        if (team->started > 0) {
            team->job = job;
            team->context = context;
            team->total = total;
            team->next = 0;
            call(team, 0);
            do_jobs(team, 0);
            gather(team);
            return;
        }
    }
    for (k = 0; k < total; ++k)
        job(context, 0, k);
}

void rfi_team_dismiss(rfi_team *team)
{
    int32_t k;
    if (team->started > 0) {
        call(team, 1);
        for (k = 0; k < team->started; ++k)
            pthread_join(team->member[k].thread, NULL);
        pthread_cond_destroy(&team->left);
        pthread_cond_destroy(&team->called);
        pthread_mutex_destroy(&team->lock);
    }
    team->started = 0;
}
