/* ranks_one.c: one process, where the program is built without MPI; see ranks.h.
 * SPDX-License-Identifier: MIT */
#include "ranks.h"

void ranks_start(void)
{
}

bool ranks_alone(void)
{
    return true;
}

void ranks_end(void)
{
}

int ranks_number(void)
{
    return 0;
}

int ranks_count(void)
{
    return 1;
}

int ranks_worst(int status)
{
    return status;
}

rf_status ranks_worst_of_library(rf_status status)
{
    return status;
}

int ranks_share_text(int status, char **text, size_t *length)
{
    (void)text;
    (void)length;
    return status;
}

rf_status ranks_run(rf_sweep *sweep, double t_end,
                    int32_t (*progress)(int64_t done, int64_t total, void *user), void *user)
{
    return rf_sweep_run_some(sweep, rf_sweep_count(sweep), NULL, t_end, progress, user);
}

void ranks_exchange(void *elements, int64_t count, size_t size)
{
    (void)elements;
    (void)count;
    (void)size;
}
