/* ranks_mpi.c: the processes of an MPI launcher; see ranks.h.
 * SPDX-License-Identifier: MIT
 *
 * MPI is initialized only where a launcher has started the program.  What fails inside of MPI here is
 * reported by MPI, which ends all ranks. */
#include "ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reluflow/mpi.h>

#include "error.h"

static const uint64_t piece = UINT64_C(1) << 30; /* MPI counts in int */

static bool launched;
static int number;
static int count = 1;

/* What Open MPI's mpirun, what MPICH's, Intel's and Slurm's with PMI, and what those with PMIx set. */
static bool is_launched(void)
{
    return getenv("OMPI_COMM_WORLD_SIZE") != NULL || getenv("PMI_SIZE") != NULL
           || getenv("PMIX_RANK") != NULL;
}

void ranks_start(void)
{
    int provided;

    if (!is_launched()) {
        return;
    }
    (void)MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    (void)MPI_Comm_rank(MPI_COMM_WORLD, &number);
    (void)MPI_Comm_size(MPI_COMM_WORLD, &count);
    launched = true;
    if (number > 0
        && (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL)) {
        (void)MPI_Abort(MPI_COMM_WORLD, STATUS_FAILED);
    }
}

bool ranks_alone(void)
{
    count = 1;
    return number == 0;
}

void ranks_end(void)
{
    if (launched) {
        (void)MPI_Finalize();
    }
}

int ranks_number(void)
{
    return number;
}

int ranks_count(void)
{
    return count;
}

int ranks_worst(int status)
{
    int worst = status;

    if (count > 1) {
        (void)MPI_Allreduce(&status, &worst, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    }
    return status == STATUS_OK && worst != STATUS_OK ? fail(worst, "another rank failed") : worst;
}

rf_status ranks_worst_of_library(rf_status status)
{
    int mine = status;
    int worst = status;

    if (count > 1) {
        (void)MPI_Allreduce(&mine, &worst, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    }
    return worst;
}

static void share_bytes(char *bytes, uint64_t length)
{
    while (length > 0) {
        const int now = (int)(length < piece ? length : piece);
        (void)MPI_Bcast(bytes, now, MPI_BYTE, 0, MPI_COMM_WORLD);
        bytes += now;
        length -= (uint64_t)now;
    }
}

int ranks_share_text(int status, char **text, size_t *length)
{
    uint64_t size = *length;

    if (count == 1) {
        return status;
    }
    (void)MPI_Bcast(&status, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (status != STATUS_OK) {
        return status;
    }
    (void)MPI_Bcast(&size, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
    if (number > 0) {
        *text = size < SIZE_MAX ? calloc((size_t)size + 1, 1) : NULL;
        *length = (size_t)size;
    }
    status = ranks_worst(*text != NULL ? STATUS_OK : fail_memory());
    if (status == STATUS_OK) {
        share_bytes(*text, size);
    }
    return status;
}

rf_status ranks_run(rf_sweep *sweep, double t_end,
                    int32_t (*progress)(int64_t done, int64_t total, void *user), void *user)
{
    return count > 1
               ? rf_mpi_sweep_run(sweep, t_end, MPI_COMM_WORLD, progress, user)
               : rf_sweep_run_some(sweep, rf_sweep_count(sweep), NULL, t_end, progress, user);
}

void ranks_exchange(void *elements, int64_t elements_count, size_t size)
{
    MPI_Datatype element, share;
    int root;

    if (count == 1) {
        return;
    }
    (void)MPI_Type_contiguous((int)size, MPI_BYTE, &element);
    for (root = 0; root < count && root < elements_count; root++) {
        const int64_t mine = (elements_count - root + count - 1) / count;
        (void)MPI_Type_vector((int)mine, 1, count, element, &share);
        (void)MPI_Type_commit(&share);
        (void)MPI_Bcast((char *)elements + (size_t)root * size, 1, share, root, MPI_COMM_WORLD);
        (void)MPI_Type_free(&share);
    }
    (void)MPI_Type_free(&element);
}
