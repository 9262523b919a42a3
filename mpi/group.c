/* group: see group.h.
 * SPDX-License-Identifier: MIT */
#include "group.h"

/* MPI counts in int; larger messages go in pieces. */
static const int64_t piece = INT64_C(1) << 30;

rf_status rfm_status(int code)
{
    return code == MPI_SUCCESS ? RF_OK : RF_ERROR_MPI;
}

static rf_status duplicate(MPI_Comm comm, rfm_group *out)
{
    int code = MPI_Comm_dup(comm, &out->comm);
    if (code != MPI_SUCCESS)
        return rfm_status(code);
    code = MPI_Comm_set_errhandler(out->comm, MPI_ERRORS_RETURN);
    if (code == MPI_SUCCESS)
        code = MPI_Comm_rank(out->comm, &out->rank);
    if (code == MPI_SUCCESS)
        code = MPI_Comm_size(out->comm, &out->size);
    if (code != MPI_SUCCESS)
        rfm_close(out);
    return rfm_status(code);
}

rf_status rfm_open(MPI_Comm comm, rfm_group *out)
{
    int begun = 0, ended = 0, inter = 0, code;
    if (MPI_Initialized(&begun) != MPI_SUCCESS || MPI_Finalized(&ended) != MPI_SUCCESS || !begun
        || ended)
        return RF_ERROR_STATE;
    if (comm == MPI_COMM_NULL)
        return RF_ERROR_ARGUMENT;
    code = MPI_Comm_test_inter(comm, &inter);
    if (code != MPI_SUCCESS)
        return rfm_status(code);
    return inter ? RF_ERROR_ARGUMENT : duplicate(comm, out);
}

void rfm_close(rfm_group *group)
{
    (void)MPI_Comm_free(&group->comm);
}

/* Errors from 4 on, so that no two statuses are equally severe. */
static int severity(rf_status status)
{
    switch (status) {
    case RF_OK:
        return 0;
    case RF_EVENT_LIMIT:
        return 1;
    case RF_ERROR_NUMERICAL:
        return 2;
    case RF_STOPPED:
        return 3;
    default:
        return 4 - status;
    }
}

static rf_status of_severity(int severe)
{
    static const rf_status mild[] = {RF_OK, RF_EVENT_LIMIT, RF_ERROR_NUMERICAL, RF_STOPPED};
    return severe < 4 ? mild[severe] : 4 - severe;
}

rf_status rfm_worse(rf_status a, rf_status b)
{
    return severity(a) >= severity(b) ? a : b;
}

rf_status rfm_agree(const rfm_group *group, rf_status mine)
{
    int worst = 0, severe = severity(mine);
    int code = MPI_Allreduce(&severe, &worst, 1, MPI_INT, MPI_MAX, group->comm);
    return code == MPI_SUCCESS ? of_severity(worst) : rfm_status(code);
}

rf_status rfm_broadcast(const rfm_group *group, int root, void *bytes, int64_t count)
{
    char *at = bytes;
    int code = MPI_SUCCESS;
    while (count > 0 && code == MPI_SUCCESS) {
        const int now = (int)(count < piece ? count : piece);
        code = MPI_Bcast(at, now, MPI_BYTE, root, group->comm);
        at += now;
        count -= now;
    }
    return rfm_status(code);
}
