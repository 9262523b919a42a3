/* landscape: the stationary points of the loss in the plane, handed out one by one.
 * SPDX-License-Identifier: MIT */
#include "analysis/plane.h"
#include "api/model.h"

struct rf_landscape {
    rf_allocator allocator;
    rf_stationary_point *point;
    int64_t count;
};

/* A neuron with outer weight a has the loss of one with labels y/a and weights c a^2. */
static rf_status points_of(const rfi_problem *problem, rf_landscape *landscape)
{
    rfi_neuron one;
    rf_status status;
    if (rfi_neuron_create(&one, problem) != 0)
        return RF_ERROR_MEMORY;
    rfi_neuron_at_zero(&one, 0);
    status = rfi_plane_points(&one.problem, &landscape->point, &landscape->count);
    rfi_neuron_free(&one, &problem->data->allocator);
    return status;
}

RF_API rf_status rf_landscape_create(const rf_model *model, rf_landscape **out)
{
    rf_landscape *landscape;
    rf_status status;
    if (out == NULL)
        return RF_ERROR_ARGUMENT;
    *out = NULL;
    if (model == NULL)
        return RF_ERROR_ARGUMENT;
    if (model->problem.data->d != 2)
        return RF_ERROR_SIZE;
    if (model->problem.neurons != 1)
        return RF_ERROR_STATE;
    landscape = rfi_alloc(&model->allocator, 1, sizeof(*landscape));
    if (landscape == NULL)
        return RF_ERROR_MEMORY;
    landscape->allocator = model->allocator;
    status = points_of(&model->problem, landscape);
    if (status != RF_OK) {
        rf_landscape_free(landscape);
        return status;
    }
    *out = landscape;
    return RF_OK;
}

RF_API void rf_landscape_free(rf_landscape *landscape)
{
    rf_allocator allocator;
    if (landscape == NULL)
        return;
    allocator = landscape->allocator;
    rfi_free(&allocator, landscape->point);
    rfi_free(&allocator, landscape);
}

RF_API int64_t rf_landscape_count(const rf_landscape *landscape)
{
    return landscape != NULL ? landscape->count : 0;
}

RF_API rf_status rf_landscape_point(const rf_landscape *landscape, int64_t i,
                                    rf_stationary_point *out)
{
    if (landscape == NULL || out == NULL || i < 0 || i >= landscape->count)
        return RF_ERROR_ARGUMENT;
    *out = landscape->point[i];
    return RF_OK;
}
