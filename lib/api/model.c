/* model: a handle's life and its settings.
 * SPDX-License-Identifier: MIT */
#include "api/model.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

RF_API uint32_t rf_version(void)
{
    return (uint32_t)RF_VERSION;
}

RF_API const char *rf_version_string(void)
{
    return RF_VERSION_STRING;
}

RF_API const char *rf_status_string(rf_status status)
{
    return rfi_status_string(status);
}

/* The buffers of a model, for so many neurons. */
static rf_status assemble(rf_model *model, rfi_data *data, int64_t neurons, const double *a)
{
    int64_t D;
    if (rfi_problem_create(&model->problem, data) != RF_OK
        || rfi_problem_set_neurons(&model->problem, neurons, a) != RF_OK)
        return RF_ERROR_MEMORY;
    D = rfi_weight_count(&model->problem);
    if (rfi_flow_create(&model->flow, &model->problem) != 0
        || rfi_record_create(&model->record, &model->problem) != 0)
        return RF_ERROR_MEMORY;
    model->start = rfi_alloc(&model->allocator, D, sizeof(double));
    model->scratch = rfi_alloc(&model->allocator, D, sizeof(double));
    if (model->start == NULL || model->scratch == NULL)
        return RF_ERROR_MEMORY;
    model->recording = 1;
    model->threads = 1;
    return RF_OK;
}

rf_status rfi_model_of(rfi_data *data, int64_t neurons, const double *a, rf_model **out)
{
    rf_status status;
    rf_model *model = rfi_alloc(&data->allocator, 1, sizeof(*model));
    if (model == NULL)
        return RF_ERROR_MEMORY;
    model->allocator = data->allocator;
    model->record.allocator = data->allocator;
    if ((status = assemble(model, data, neurons, a)) != RF_OK) {
        rf_model_free(model);
        return status;
    }
    *out = model;
    return RF_OK;
}

rf_status rfi_model_like(const rf_model *model, rf_model **out)
{
    rf_status status =
        rfi_model_of(model->problem.data, model->problem.neurons, model->problem.a, out);
    if (status == RF_OK)
        rfi_problem_set(&(*out)->problem, &model->problem);
    return status;
}

static rf_status check_source(const rfi_data_source *s, rf_model **out,
                              const rf_allocator *allocator, rfi_message *message)
{
    if (out == NULL)
        return rfi_fail(message, RF_ERROR_ARGUMENT, "out is NULL");
    if (s->X == NULL)
        return rfi_fail(message, RF_ERROR_ARGUMENT, "X is NULL");
    if (s->y == NULL)
        return rfi_fail(message, RF_ERROR_ARGUMENT, "y is NULL");
    if (allocator->allocate == NULL)
        return rfi_fail(message, RF_ERROR_ARGUMENT, "allocator->allocate is NULL");
    if (allocator->release == NULL)
        return rfi_fail(message, RF_ERROR_ARGUMENT, "allocator->release is NULL");
    return RF_OK;
}

static rf_status create(const rfi_data_source *source, const rf_allocator *allocator,
                        rf_model **out, rfi_message *message)
{
    const double one = 1.0;
    rfi_data *data = NULL;
    rf_status status = check_source(source, out, allocator, message);
    if (out != NULL)
        *out = NULL;
    if (status != RF_OK || (status = rfi_data_create(source, allocator, &data, message)) != RF_OK)
        return status;
    status = rfi_model_of(data, 1, &one, out);
    rfi_data_release(data);
    if (status != RF_OK)
        return rfi_fail(message, status, "no memory for the model");
    return RF_OK;
}

RF_API rf_status rf_model_create(int64_t n, int64_t d, const double *X, const double *y,
                                 rf_model **out)
{
    const rfi_data_source source = {n, d, X, d, 1, y, 0, 0};
    const rf_allocator allocator = rfi_allocator_default();
    return create(&source, &allocator, out, NULL);
}

RF_API rf_status rf_model_create_ex(int64_t n, int64_t d, const void *X, int64_t row_stride,
                                    int64_t col_stride, const double *y, uint32_t flags,
                                    const rf_allocator *allocator, rf_model **out, char *message,
                                    int64_t message_capacity)
{
    const rfi_data_source source = {
        n, d, X, row_stride, col_stride, y, (flags & RF_BORROW_DATA) != 0,
        (flags & RF_DATA_F32) != 0};
    const uint32_t known = RF_BORROW_DATA | RF_DATA_F32;
    const rf_allocator standard = rfi_allocator_default();
    rfi_message text;
    rf_status status;
    rfi_message_clear(&text);
    if ((flags & ~known) != 0 || (message != NULL && message_capacity < 0)) {
        if (out != NULL)
            *out = NULL;
        status = (flags & ~known) != 0
                     ? rfi_fail_integer(&text, RF_ERROR_ARGUMENT, "unknown flags", (int64_t)flags)
                     : rfi_fail_integer(&text, RF_ERROR_ARGUMENT, "message_capacity is",
                                        message_capacity);
    } else {
        status = create(&source, allocator != NULL ? allocator : &standard, out, &text);
    }
    rfi_message_copy(&text, message, message_capacity);
    return status;
}

static rf_status copy_state(rf_model *copy, const rf_model *model)
{
    if (rfi_record_copy(&copy->record, &model->record) != 0)
        return RF_ERROR_MEMORY;
    memcpy(copy->start, model->start, (size_t)rfi_weight_count(&model->problem) * sizeof(double));
    copy->vanishing = model->vanishing;
    copy->mode = model->mode;
    copy->recording = model->recording;
    copy->threads = model->threads;
    copy->last_status = model->last_status;
    copy->event_limit = model->event_limit;
    copy->delivered = model->delivered;
    copy->callback = model->callback;
    copy->user = model->user;
    if (model->mode == RFI_UNINITIALIZED)
        return RF_OK;
    if (model->mode == RFI_DESCENDS && rfi_descent_reserve(&copy->descent, &copy->problem) != 0)
        return RF_ERROR_MEMORY;
    if (model->mode == RFI_DESCENDS)
        rfi_descent_copy(&copy->descent, &model->descent, &copy->problem);
    return rfi_flow_copy(&copy->flow, &model->flow);
}

RF_API rf_status rf_model_clone(const rf_model *model, rf_model **out)
{
    rf_model *copy = NULL;
    rf_status status;
    if (out == NULL)
        return RF_ERROR_ARGUMENT;
    *out = NULL;
    if (model == NULL)
        return RF_ERROR_ARGUMENT;
    if ((status = rfi_model_like(model, &copy)) != RF_OK)
        return status;
    if ((status = copy_state(copy, model)) != RF_OK) {
        rf_model_free(copy);
        return status;
    }
    *out = copy;
    return RF_OK;
}

RF_API void rf_model_free(rf_model *model)
{
    rf_allocator allocator;
    if (model == NULL)
        return;
    allocator = model->allocator;
    rfi_free(&allocator, model->start);
    rfi_free(&allocator, model->scratch);
    rfi_record_free(&model->record);
    rfi_descent_free(&model->descent, &allocator);
    rfi_flow_free(&model->flow);
    rfi_problem_free(&model->problem);
    rfi_free(&allocator, model);
}

RF_API int64_t rf_model_count(const rf_model *model)
{
    return model != NULL ? model->problem.data->n : 0;
}

RF_API int64_t rf_model_dim(const rf_model *model)
{
    return model != NULL ? model->problem.data->d : 0;
}

RF_API int64_t rf_model_neurons(const rf_model *model)
{
    return model != NULL ? model->problem.neurons : 0;
}

RF_API const char *rf_model_error(const rf_model *model)
{
    return model != NULL ? model->message.text : "model is NULL";
}

/* Settings may not change while a run is going on. */
static rf_status check_setting(rf_model *model)
{
    if (model == NULL)
        return RF_ERROR_ARGUMENT;
    if (model->in_callback)
        return rfi_fail(&model->message, RF_ERROR_STATE, "called from a callback of the model");
    return RF_OK;
}

RF_API rf_status rf_model_set_activation(rf_model *model, int32_t activation, double negative_slope)
{
    rf_status status = check_setting(model);
    if (status != RF_OK)
        return status;
    if (activation < RF_RELU || activation > RF_LINEAR)
        return rfi_fail_integer(&model->message, RF_ERROR_ARGUMENT, "unknown activation",
                                activation);
    if (activation == RF_LEAKY_RELU) {
        if (!isfinite(negative_slope))
            return rfi_fail_real(&model->message, RF_ERROR_NOT_FINITE, "negative_slope must be finite, not",
                                 negative_slope);
        if (!(negative_slope >= 0.0 && negative_slope < 1.0))
            return rfi_fail_real(&model->message, RF_ERROR_ARGUMENT,
                                 "negative_slope is not in [0, 1):", negative_slope);
    }
    if (activation != RF_RELU && model->problem.neurons > 1)
        return rfi_fail(&model->message, RF_ERROR_STATE, "several neurons are ReLU neurons");
    model->problem.activation = activation;
    model->problem.slope = activation == RF_LEAKY_RELU ? negative_slope
                           : activation == RF_LINEAR   ? 1.0
                                                       : 0.0;
    rfi_problem_refresh(&model->problem);
    model->mode = RFI_UNINITIALIZED;
    return RF_OK;
}

RF_API rf_status rf_model_set_data_weights(rf_model *model, const double *c, int64_t len)
{
    rf_status status = check_setting(model);
    int64_t i, n;
    if (status != RF_OK)
        return status;
    n = model->problem.data->n;
    if (c == NULL && len != 0)
        return rfi_fail(&model->message, RF_ERROR_ARGUMENT, "c is NULL");
    if (c != NULL && len != n)
        return rfi_fail_integer(&model->message, RF_ERROR_SIZE, "c must have a value for each datum; it has", len);
    for (i = 0; c != NULL && i < n; ++i) {
        if (!isfinite(c[i]))
            return rfi_fail_at(&model->message, RF_ERROR_NOT_FINITE, "c", i, c[i]);
        if (!(c[i] > 0.0)) {
            rfi_fail_at(&model->message, RF_ERROR_ARGUMENT, "c", i, c[i]);
            rfi_message_text(&model->message, " is not positive");
            return RF_ERROR_ARGUMENT;
        }
    }
    for (i = 0; i < n; ++i)
        model->problem.c[i] = c != NULL ? c[i] : 1.0;
    rfi_problem_refresh(&model->problem);
    model->mode = RFI_UNINITIALIZED;
    return RF_OK;
}

RF_API rf_status rf_model_set_event_limit(rf_model *model, int64_t max_events)
{
    rf_status status = check_setting(model);
    if (status != RF_OK)
        return status;
    if (max_events < 0)
        return rfi_fail_integer(&model->message, RF_ERROR_ARGUMENT, "max_events must not be negative, as", max_events);
    model->event_limit = max_events;
    return RF_OK;
}

RF_API rf_status rf_model_set_recording(rf_model *model, int32_t on)
{
    rf_status status = check_setting(model);
    if (status != RF_OK)
        return status;
    model->recording = on != 0;
    model->mode = RFI_UNINITIALIZED;
    return RF_OK;
}

RF_API rf_status rf_model_set_threads(rf_model *model, int32_t threads)
{
    rf_status status = check_setting(model);
    if (status != RF_OK)
        return status;
    if (threads < 1 || threads > 1024)
        return rfi_fail_integer(&model->message, RF_ERROR_ARGUMENT,
                                "threads is not from 1 to 1024:", threads);
    model->threads = threads;
    return RF_OK;
}

RF_API rf_status rf_model_set_callback(rf_model *model,
                                       int32_t (*callback)(const rf_model *model,
                                                           const rf_event *event, void *user),
                                       void *user)
{
    rf_status status = check_setting(model);
    if (status != RF_OK)
        return status;
    model->callback = callback;
    model->user = user;
    return RF_OK;
}
