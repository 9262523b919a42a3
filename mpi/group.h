/* group: the ranks that take part in one collective call, and what they agree upon.
 * SPDX-License-Identifier: MIT */
#ifndef RFM_GROUP_H
#define RFM_GROUP_H

#include <reluflow/mpi.h>

typedef struct rfm_group {
    MPI_Comm comm; /* private */
    int rank, size;
} rfm_group;

/* The status that a return value of MPI stands for; RF_OK for MPI_SUCCESS. */
rf_status rfm_status(int code);

/* Collective.  Nothing is to be closed unless it returns RF_OK. */
rf_status rfm_open(MPI_Comm comm, rfm_group *out);
void rfm_close(rfm_group *group);

/* The more severe of two statuses: an error, RF_STOPPED, RF_ERROR_NUMERICAL, RF_EVENT_LIMIT, RF_OK. */
rf_status rfm_worse(rf_status a, rf_status b);

/* Collective: the most severe status of all ranks, on every rank. */
rf_status rfm_agree(const rfm_group *group, rf_status mine);

/* Collective: bytes of root to all, however many. */
rf_status rfm_broadcast(const rfm_group *group, int root, void *bytes, int64_t count);

#endif
