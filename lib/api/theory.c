/* theory: the certificates of the norm, and groups of neurons.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "analysis/groups.h"
#include "analysis/norm.h"
#include "api/model.h"

/* 1 if the model has a flow on record. */
static int has_flow(const rf_model *model)
{
    return model->mode != RFI_UNINITIALIZED && model->mode != RFI_DESCENDS && model->record.on;
}

RF_API rf_status rf_model_norm_certificate(const rf_model *model, int32_t *strictly_increasing,
                                           double *first_failure)
{
    rfi_subject subject;
    if (model == NULL || strictly_increasing == NULL || first_failure == NULL)
        return RF_ERROR_ARGUMENT;
    if (!has_flow(model))
        return RF_ERROR_STATE;
    subject = rfi_model_subject(model);
    return rfi_norm_certificate(&subject, strictly_increasing, first_failure);
}

RF_API rf_status rf_model_neuron_certificates(const rf_model *model, int32_t *strictly_increasing,
                                              double *first_failure, int64_t len)
{
    rfi_subject subject;
    if (model == NULL || strictly_increasing == NULL || first_failure == NULL)
        return RF_ERROR_ARGUMENT;
    if (!has_flow(model))
        return RF_ERROR_STATE;
    if (len != model->problem.neurons)
        return RF_ERROR_SIZE;
    subject = rfi_model_subject(model);
    return rfi_norm_certificates(&subject, strictly_increasing, first_failure);
}

RF_API rf_status rf_model_neuron_groups(const rf_model *model, double angle, int64_t *group,
                                        double *weight, int64_t len)
{
    rf_status status;
    int64_t *found = NULL;
    double *w = NULL, *sum = NULL, pi = 3.14159265358979323846;
    if (model == NULL || group == NULL || weight == NULL)
        return RF_ERROR_ARGUMENT;
    if (isnan(angle))
        return RF_ERROR_NOT_FINITE;
    if (angle < 0.0 || angle > pi)
        return RF_ERROR_ARGUMENT;
    if (len != model->problem.neurons)
        return RF_ERROR_SIZE;
    w = rfi_alloc(&model->allocator, rfi_weight_count(&model->problem), sizeof(*w));
    sum = rfi_alloc(&model->allocator, len, sizeof(*sum));
    found = rfi_alloc(&model->allocator, len, sizeof(*found));
    status = w == NULL || sum == NULL || found == NULL ? RF_ERROR_MEMORY : RF_OK;
    if (status == RF_OK)
        status = rf_model_query(model, RF_WEIGHTS, w, rfi_weight_count(&model->problem));
    if (status == RF_OK)
        status = rfi_groups(&model->problem, w, angle, found, sum);
    if (status == RF_OK) {
        memcpy(group, found, (size_t)len * sizeof(*found));
        memcpy(weight, sum, (size_t)len * sizeof(*sum));
    }
    rfi_free(&model->allocator, w);
    rfi_free(&model->allocator, sum);
    rfi_free(&model->allocator, found);
    return status;
}
