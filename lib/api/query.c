/* query: asking a model, now, in the past, and at any weight vector.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "api/model.h"
#include "base/num.h"
#include "model/kernels.h"

rfi_subject rfi_model_subject(const rf_model *model)
{
    rfi_subject s;
    s.problem = &model->problem;
    s.record = &model->record;
    s.segment = model->flow.built ? &model->flow.segment : NULL;
    s.pattern = &model->flow.pattern;
    s.follower = &model->flow.follower;
    s.iterate = &model->descent.now;
    s.descends = model->mode == RFI_DESCENDS;
    s.now = rfi_model_now(model);
    s.flags = model->flow.flags & RFI_FLAGS_TOLD;
    s.open = (model->flow.flags & RFI_FLAG_OPEN) != 0;
    s.status = model->last_status;
    s.ending = model->flow.ending;
    s.threads = model->threads;
    return s;
}

RF_API rf_status rf_model_query_size(const rf_model *model, int32_t quantity, int64_t *len)
{
    int64_t size;
    if (model == NULL || len == NULL)
        return RF_ERROR_ARGUMENT;
    size = rfi_quantity_size(&model->problem, quantity);
    if (size < 0)
        return RF_ERROR_ARGUMENT;
    *len = size;
    return RF_OK;
}

/* What every query checks first; *size receives the size of the quantity. */
static rf_status check_query(const rf_model *model, int32_t quantity, const double *out,
                             int64_t *size)
{
    if (model == NULL || out == NULL)
        return RF_ERROR_ARGUMENT;
    *size = rfi_quantity_size(&model->problem, quantity);
    if (*size < 0)
        return RF_ERROR_ARGUMENT;
    if (model->mode == RFI_UNINITIALIZED)
        return RF_ERROR_STATE;
    if (!model->record.on && rfi_quantity_needs_history(quantity))
        return RF_ERROR_STATE;
    return RF_OK;
}

static rf_status check_time(const rf_model *model, double t)
{
    if (isnan(t))
        return RF_ERROR_NOT_FINITE;
    if (t < 0.0 || t > rfi_model_now(model))
        return RF_ERROR_ARGUMENT;
    return !model->record.on && t != rfi_model_now(model) ? RF_ERROR_STATE : RF_OK;
}

/* 1 if the times ascend. */
static int sorted(const double *times, int64_t count)
{
    int64_t k;
    for (k = 1; k < count; ++k)
        if (times[k] < times[k - 1])
            return 0;
    return 1;
}

/* Heapsort of indices by time: no memory of its own, no worst case. */
static void sift(int64_t *order, const double *times, int64_t root, int64_t count)
{
    for (;;) {
        int64_t child = 2 * root + 1, swap;
        if (child >= count)
            return;
        if (child + 1 < count && times[order[child]] < times[order[child + 1]])
            ++child;
        if (times[order[root]] >= times[order[child]])
            return;
        swap = order[root];
        order[root] = order[child];
        order[child] = swap;
        root = child;
    }
}

static void sort_by_time(int64_t *order, const double *times, int64_t count)
{
    int64_t k, swap;
    for (k = 0; k < count; ++k)
        order[k] = k;
    for (k = count / 2; k-- > 0;)
        sift(order, times, k, count);
    for (k = count - 1; k > 0; --k) {
        swap = order[0];
        order[0] = order[k];
        order[k] = swap;
        sift(order, times, 0, k);
    }
}

/* 1 unless a value left the range of double; some are infinite, or NaN, by what they mean. */
static int in_range(int32_t quantity, double t, const double *out, int64_t size)
{
    int64_t k;
    if (quantity == RF_TIME || quantity == RF_FIRST_ACTIVE || quantity == RF_LAST_ACTIVE)
        return 1;
    for (k = 0; quantity == RF_COEFFICIENTS && isinf(t) && k < size; ++k)
        if (isnan(out[k]))
            return 0;
    return (quantity == RF_COEFFICIENTS && isinf(t)) || rfi_first_not_finite(out, size) < 0;
}

/* Answers at all times into a buffer of its own, so that a failure leaves out untouched. */
static rf_status answer(const rf_model *model, int64_t count, const double *times, int32_t quantity,
                        double *out, int64_t size)
{
    const rf_allocator *a = &model->allocator;
    const rfi_subject subject = rfi_model_subject(model);
    const int past = count > 1 || times[0] != subject.now || subject.descends;
    int64_t *order = NULL, k;
    double *answers = rfi_alloc(a, count * size, sizeof(double));
    rfi_inquiry inquiry;
    rf_status status = answers != NULL ? RF_OK : RF_ERROR_MEMORY;
    if (status == RF_OK && !sorted(times, count)) {
        if ((order = rfi_alloc(a, count, sizeof(*order))) == NULL)
            status = RF_ERROR_MEMORY;
        else
            sort_by_time(order, times, count);
    }
    if (status == RF_OK
        && (status = rfi_inquiry_create(&inquiry, &subject, quantity, past)) == RF_OK) {
        for (k = 0; k < count && status == RF_OK; ++k) {
            const int64_t at = order != NULL ? order[k] : k;
            status = rfi_inquiry_answer(&inquiry, times[at], quantity, answers + at * size);
            if (status == RF_OK && !in_range(quantity, times[at], answers + at * size, size))
                status = RF_ERROR_NUMERICAL;
        }
        rfi_inquiry_free(&inquiry);
    }
    if (status == RF_OK)
        memcpy(out, answers, (size_t)(count * size) * sizeof(double));
    rfi_free(a, order);
    rfi_free(a, answers);
    return status;
}

RF_API rf_status rf_model_query(const rf_model *model, int32_t quantity, double *out, int64_t len)
{
    int64_t size;
    double now;
    rf_status status = check_query(model, quantity, out, &size);
    if (status != RF_OK)
        return status;
    if (len != size)
        return RF_ERROR_SIZE;
    now = rfi_model_now(model);
    return answer(model, 1, &now, quantity, out, size);
}

RF_API rf_status rf_model_query_at(const rf_model *model, double t, int32_t quantity, double *out,
                                   int64_t len)
{
    int64_t size;
    rf_status status = check_query(model, quantity, out, &size);
    if (status != RF_OK)
        return status;
    if (len != size)
        return RF_ERROR_SIZE;
    if ((status = check_time(model, t)) != RF_OK)
        return status;
    return answer(model, 1, &t, quantity, out, size);
}

RF_API rf_status rf_model_sample(const rf_model *model, int64_t count, const double *times,
                                 int32_t quantity, double *out, int64_t len)
{
    int64_t size, k;
    rf_status status = check_query(model, quantity, out, &size);
    if (status != RF_OK)
        return status;
    if (times == NULL)
        return RF_ERROR_ARGUMENT;
    if (count < 1 || len % size != 0 || len / size != count)
        return RF_ERROR_SIZE;
    for (k = 0; k < count; ++k)
        if ((status = check_time(model, times[k])) != RF_OK)
            return status;
    return answer(model, count, times, quantity, out, size);
}

RF_API rf_status rf_model_evaluate(const rf_model *model, const double *w, int64_t w_len,
                                   int32_t quantity, double *out, int64_t len)
{
    double *answers;
    rf_status status;
    if (model == NULL || w == NULL || out == NULL || !rfi_quantity_of_weights(quantity))
        return RF_ERROR_ARGUMENT;
    if (w_len != rfi_weight_count(&model->problem)
        || len != rfi_quantity_size(&model->problem, quantity))
        return RF_ERROR_SIZE;
    if (rfi_first_not_finite(w, w_len) >= 0)
        return RF_ERROR_NOT_FINITE;
    if ((answers = rfi_alloc(&model->allocator, len, sizeof(double))) == NULL)
        return RF_ERROR_MEMORY;
    status = rfi_quantity_evaluate(&model->problem, w, model->threads, quantity, answers);
    if (status == RF_OK && !in_range(quantity, 0.0, answers, len))
        status = RF_ERROR_NUMERICAL;
    if (status == RF_OK)
        memcpy(out, answers, (size_t)len * sizeof(double));
    rfi_free(&model->allocator, answers);
    return status;
}

RF_API rf_status rf_model_pattern(const rf_model *model, uint8_t *state, int64_t len)
{
    if (model == NULL || state == NULL)
        return RF_ERROR_ARGUMENT;
    if (model->mode == RFI_UNINITIALIZED)
        return RF_ERROR_STATE;
    if (len != rfi_pair_count(&model->problem))
        return RF_ERROR_SIZE;
    if (model->mode == RFI_DESCENDS)
        memcpy(state, model->descent.now.state, (size_t)len);
    else
        rfi_pattern_states(&model->problem, &model->flow.pattern, state);
    return RF_OK;
}

RF_API int64_t rf_model_event_count(const rf_model *model)
{
    return model != NULL && model->mode != RFI_UNINITIALIZED ? model->record.event_count : 0;
}

RF_API rf_status rf_model_events(const rf_model *model, int64_t first, int64_t count, rf_event *out)
{
    if (model == NULL || (out == NULL && count != 0))
        return RF_ERROR_ARGUMENT;
    if (model->mode == RFI_UNINITIALIZED || !model->record.on)
        return RF_ERROR_STATE;
    if (first < 0 || count < 0 || first > model->record.events
        || count > model->record.events - first)
        return RF_ERROR_ARGUMENT;
    if (count > 0)
        memcpy(out, model->record.event + first, (size_t)count * sizeof(*out));
    return RF_OK;
}

static rf_status check_support(const rf_model *model, int32_t kind, const int64_t *indices,
                               int64_t capacity, const int64_t *count)
{
    if (model == NULL || count == NULL || capacity < 0 || (indices == NULL && capacity > 0))
        return RF_ERROR_ARGUMENT;
    if (kind < RF_SUPPORT_ACTIVE || kind > RF_SUPPORT_BOUNDARY)
        return RF_ERROR_ARGUMENT;
    if (model->mode == RFI_UNINITIALIZED || (kind == RF_SUPPORT_TRAJECTORY && !model->record.on))
        return RF_ERROR_STATE;
    return RF_OK;
}

RF_API rf_status rf_model_support(const rf_model *model, int32_t kind, int64_t *indices,
                                  int64_t capacity, int64_t *count)
{
    rf_status status = check_support(model, kind, indices, capacity, count);
    rfi_subject subject;
    uint8_t *mark;
    int64_t i, pairs, found = 0;
    if (status != RF_OK)
        return status;
    subject = rfi_model_subject(model);
    pairs = rfi_pair_count(&model->problem);
    mark = rfi_alloc(&model->allocator, pairs, sizeof(*mark));
    if (mark == NULL)
        return RF_ERROR_MEMORY;
    status = rfi_support_mark(&subject, kind, mark);
    for (i = 0; i < pairs; ++i)
        found += mark[i];
    if (status == RF_OK && indices != NULL && found > capacity)
        status = RF_ERROR_CAPACITY;
    if (status == RF_OK) {
        *count = found;
        for (i = 0, found = 0; indices != NULL && i < pairs; ++i)
            if (mark[i])
                indices[found++] = i;
    }
    rfi_free(&model->allocator, mark);
    return status;
}
