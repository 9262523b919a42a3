/* model: a model of one rank, copied to all.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "group.h"

/* The saved model of root in a buffer of every rank.  Collective. */
static rf_status share(const rfm_group *group, const rf_model *model, int root, void **buffer,
                       int64_t *size)
{
    rf_status status = RF_OK;
    int code;
    if (group->rank == root)
        status = rf_model_save(model, NULL, 0, size);
    code = MPI_Bcast(size, 1, MPI_INT64_T, root, group->comm);
    if (code != MPI_SUCCESS)
        return rfm_status(code);
    if (status == RF_OK
        && ((uint64_t)*size > SIZE_MAX || (*buffer = malloc((size_t)*size)) == NULL))
        status = RF_ERROR_MEMORY;
    if (status == RF_OK && group->rank == root)
        status = rf_model_save(model, *buffer, *size, size);
    if ((status = rfm_agree(group, status)) != RF_OK)
        return status;
    return rfm_broadcast(group, root, *buffer, *size);
}

static rf_status receive(const rfm_group *group, const rf_model *model, int root,
                         const rf_allocator *allocator, rf_model **out)
{
    void *buffer = NULL;
    int64_t size = 0;
    rf_status status = share(group, model, root, &buffer, &size);
    if (status == RF_OK && group->rank != root)
        status = rf_model_load(buffer, size, allocator, out, NULL, 0);
    free(buffer);
    return status;
}

/* What can be told before any data travel. */
static rf_status check(const rfm_group *group, const rf_model *model, int root,
                       const rf_allocator *allocator, rf_model *const *out)
{
    int first = root, code;
    rf_status status = RF_OK;
    if (out == NULL || root < 0 || root >= group->size || (group->rank == root && model == NULL)
        || (group->rank != root && allocator != NULL
            && (allocator->allocate == NULL || allocator->release == NULL)))
        status = RF_ERROR_ARGUMENT;
    code = MPI_Bcast(&first, 1, MPI_INT, 0, group->comm);
    if (code != MPI_SUCCESS)
        return rfm_status(code);
    return rfm_agree(group, first == root ? status : RF_ERROR_ARGUMENT);
}

static rf_status copy(const rfm_group *group, const rf_model *model, int root,
                      const rf_allocator *allocator, rf_model **out)
{
    rf_model *made = NULL;
    rf_status status = check(group, model, root, allocator, out);
    if (status != RF_OK)
        return status;
    if (group->rank == root)
        status = rf_model_clone(model, &made);
    if (status == RF_OK && made != NULL) /* as on the others */
        status = rf_model_set_callback(made, NULL, NULL);
    if (status == RF_OK && made != NULL)
        status = rf_model_set_threads(made, 1);
    if ((status = rfm_agree(group, status)) == RF_OK)
        status = rfm_agree(group, receive(group, model, root, allocator, &made));
    if (status == RF_OK)
        *out = made;
    else
        rf_model_free(made);
    return status;
}

RF_API rf_status rf_mpi_model_broadcast(const rf_model *model, int root, MPI_Comm comm,
                                        const rf_allocator *allocator, rf_model **out)
{
    rfm_group group;
    rf_status status;
    if (out != NULL)
        *out = NULL;
    if ((status = rfm_open(comm, &group)) != RF_OK)
        return status;
    status = copy(&group, model, root, allocator, out);
    rfm_close(&group);
    return status;
}
