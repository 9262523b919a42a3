/* neurons: the outer weights of a network, and the buffers that depend on their number.
 * SPDX-License-Identifier: MIT */
#include <math.h>

#include "api/model.h"
#include "base/blas.h"

int rfi_model_fits(int64_t n, int64_t d, int64_t neurons)
{
    const int64_t most = PTRDIFF_MAX / (ptrdiff_t)sizeof(double);
    return neurons >= 1 && rfi_blas_fits(neurons) && rfi_blas_fits(d) && neurons <= most / d
           && rfi_blas_fits(neurons * d) && n <= most / (neurons * d)
           && neurons * d <= most / (neurons * d);
}

static rf_status check(rf_model *model, int64_t neurons, const double *a, int64_t len)
{
    const rfi_data *data = model->problem.data;
    int64_t j;
    if (model->in_callback)
        return rfi_fail(&model->message, RF_ERROR_STATE, "called from a callback of the model");
    if (a == NULL)
        return rfi_fail(&model->message, RF_ERROR_ARGUMENT, "a is NULL");
    if (neurons < 1)
        return rfi_fail_integer(&model->message, RF_ERROR_SIZE, "the number of neurons must be positive, not",
                                neurons);
    if (len != neurons)
        return rfi_fail_integer(&model->message, RF_ERROR_SIZE,
                                "a must have a value for each neuron; it has", len);
    if (!rfi_model_fits(data->n, data->d, neurons))
        return rfi_fail_integer(&model->message, RF_ERROR_SIZE, "too many neurons:", neurons);
    for (j = 0; j < neurons; ++j) {
        if (!isfinite(a[j]))
            return rfi_fail_at(&model->message, RF_ERROR_NOT_FINITE, "a", j, a[j]);
        if (a[j] == 0.0) {
            rfi_fail_at(&model->message, RF_ERROR_ARGUMENT, "a", j, a[j]);
            rfi_message_text(&model->message, " is no outer weight");
            return RF_ERROR_ARGUMENT;
        }
    }
    if (neurons > 1 && model->problem.activation != RF_RELU)
        return rfi_fail(&model->message, RF_ERROR_STATE, "several neurons are ReLU neurons");
    return RF_OK;
}

/* Exchanges everything that is sized by the number of neurons. */
static void exchange(rf_model *model, rf_model *other)
{
    const rfi_problem problem = model->problem;
    const rfi_flow flow = model->flow;
    const rfi_descent descent = model->descent;
    const rfi_record record = model->record;
    double *start = model->start, *scratch = model->scratch;
    model->problem = other->problem;
    model->flow = other->flow;
    model->descent = other->descent;
    model->record = other->record;
    model->start = other->start;
    model->scratch = other->scratch;
    other->problem = problem;
    other->flow = flow;
    other->descent = descent;
    other->record = record;
    other->start = start;
    other->scratch = scratch;
    rfi_flow_bind(&model->flow, &model->problem);
    rfi_flow_bind(&other->flow, &other->problem);
}

RF_API rf_status rf_model_set_outer_weights(rf_model *model, int64_t neurons, const double *a,
                                            int64_t len)
{
    rf_model *other = NULL;
    rf_status status;
    if (model == NULL)
        return RF_ERROR_ARGUMENT;
    if ((status = check(model, neurons, a, len)) != RF_OK)
        return status;
    if ((status = rfi_model_of(model->problem.data, neurons, a, &other)) != RF_OK)
        return rfi_fail(&model->message, status, "no memory for the neurons");
    rfi_problem_set_values(&other->problem, &model->problem);
    exchange(model, other);
    rf_model_free(other);
    model->mode = RFI_UNINITIALIZED;
    return RF_OK;
}
