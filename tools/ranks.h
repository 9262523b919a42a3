/* ranks.h: the processes that run one command together under an MPI launcher; without MPI, or without a
 * launcher, there is one.
 * SPDX-License-Identifier: MIT
 *
 * All ranks go the same way through a command.  The functions marked collective wait for all, so that a
 * rank that fails alone must not return before the next of them. */
#ifndef TOOLS_RANKS_H
#define TOOLS_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <reluflow/reluflow.h>

/* Before anything else.  Ranks other than the first print nothing from then on. */
void ranks_start(void);
/* For a command that has nothing to share out: the first rank goes on as if alone (true), the others are
 * to return (false). */
bool ranks_alone(void);
/* After everything else. */
void ranks_end(void);

int ranks_number(void); /* of this one, from 0 */
int ranks_count(void);

/* Collective: the worst exit status of all, and the worst status of the library. */
int ranks_worst(int status);
rf_status ranks_worst_of_library(rf_status status);

/* Collective: what the first rank read, on all of them.  *text is replaced there: it is the caller's, to
 * free, ends with an additional zero and is NULL on failure.  status: how the reading went. */
int ranks_share_text(int status, char **text, size_t *length);

/* Collective: rf_sweep_run on all ranks together; every rank gets every run. */
rf_status ranks_run(rf_sweep *sweep, double t_end,
                    int32_t (*progress)(int64_t done, int64_t total, void *user), void *user);

/* Collective: rank k mod ranks_count() has element k of count elements, all get all. */
void ranks_exchange(void *elements, int64_t count, size_t size);

#endif
