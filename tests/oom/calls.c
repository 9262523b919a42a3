/* calls.c: public functions as calls that can be repeated with failing allocations.
 * SPDX-License-Identifier: MIT */
#include "calls.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Sweeps allocate in several threads. */
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;

static void *allocate(size_t size, void *user)
{
    failing_memory *memory = user;
    void *block = NULL;

    pthread_mutex_lock(&counting);
    if (memory->countdown > 0 && --memory->countdown == 0) {
        memory->fired++;
        memory->countdown = memory->from;
    } else {
        block = malloc(size);
    }
    memory->live += block != NULL;
    pthread_mutex_unlock(&counting);
    return block;
}

static void release(void *block, void *user)
{
    failing_memory *memory = user;

    pthread_mutex_lock(&counting);
    memory->live -= block != NULL;
    pthread_mutex_unlock(&counting);
    free(block);
}

rf_allocator failing_allocator(failing_memory *memory)
{
    rf_allocator allocator = {allocate, release, memory};

    memset(memory, 0, sizeof *memory);
    return allocator;
}

void fail_from_now(failing_memory *memory, int64_t which, int from)
{
    memory->countdown = which;
    memory->from = from;
    memory->fired = 0;
}

void fail_never(failing_memory *memory)
{
    memory->countdown = 0;
    memory->from = 0;
}

static rf_status call_init(rf_model *model, const vector_case *v, double *out)
{
    (void)out;
    return rf_model_init(model, v->w0, v->d);
}

static rf_status call_init_direction(rf_model *model, const vector_case *v, double *out)
{
    (void)out;
    return rf_model_init_direction(model, v->w0, v->d, 0.5);
}

static rf_status call_init_vanishing(rf_model *model, const vector_case *v, double *out)
{
    (void)out;
    return rf_model_init_direction(model, v->w0, v->d, 0);
}

static rf_status call_integrate(rf_model *model, const vector_case *v, double *out)
{
    (void)v;
    (void)out;
    return rf_model_integrate(model, INFINITY);
}

static rf_status call_integrate_short(rf_model *model, const vector_case *v, double *out)
{
    (void)out;
    return rf_model_integrate(model, v->points[0].time);
}

static rf_status call_step(rf_model *model, const vector_case *v, double *out)
{
    (void)v;
    (void)out;
    /* To a total that is kept when the call is repeated after a failure half way. */
    double t = 0;
    rf_status status = rf_model_query(model, RF_TIME, &t, 1);

    return status != RF_OK ? status
                           : rf_model_step(model, 0x1p-7, (int64_t)((0.5 - t) * 0x1p7));
}

static rf_status call_advance(rf_model *model, const vector_case *v, double *out)
{
    rf_event event;
    rf_status status = rf_model_advance(model, INFINITY, &event);

    (void)v;
    if (status == RF_OK)
        memcpy(out, &event, sizeof event);
    return status;
}

/* Every quantity, at a time given by its caller: the first failure ends it with out as it was. */
static rf_status all_quantities(rf_model *model, double t, double *out)
{
    double *kept = malloc(CALL_OUT * sizeof *kept);
    int64_t used = 0;
    rf_status status = RF_OK;

    for (int32_t q = RF_TIME; q <= RF_RATES && status == RF_OK; q++) {
        int64_t len = 0;

        if (q == RF_STATUS)
            continue;
        status = rf_model_query_size(model, q, &len);
        if (status == RF_OK)
            status = isnan(t) ? rf_model_query(model, q, kept + used, len)
                              : rf_model_query_at(model, t, q, kept + used, len);
        used += len;
    }
    if (status == RF_OK)
        memcpy(out, kept, (size_t)used * sizeof *kept);
    free(kept);
    return status;
}

static rf_status call_query(rf_model *model, const vector_case *v, double *out)
{
    (void)v;
    return all_quantities(model, NAN, out);
}

static rf_status call_query_at(rf_model *model, const vector_case *v, double *out)
{
    return all_quantities(model, v->points[0].time, out);
}

/* Unsorted times; each quantity is sampled straight into out, which must stay untouched if it
 * fails. */
static rf_status sample(rf_model *model, const vector_case *v, int32_t quantity, double *out)
{
    const double times[] = {v->points[0].time, 0, 2 * v->points[0].time};
    int64_t len = 0;
    rf_status status = rf_model_query_size(model, quantity, &len);

    return status != RF_OK ? status : rf_model_sample(model, 3, times, quantity, out, 3 * len);
}

static rf_status call_sample_weights(rf_model *model, const vector_case *v, double *out)
{
    return sample(model, v, RF_WEIGHTS, out);
}

static rf_status call_sample_coefficients(rf_model *model, const vector_case *v, double *out)
{
    return sample(model, v, RF_COEFFICIENTS, out);
}

static rf_status call_sample_path(rf_model *model, const vector_case *v, double *out)
{
    return sample(model, v, RF_PATH_LENGTH, out);
}

static rf_status call_evaluate(rf_model *model, const vector_case *v, double *out)
{
    return rf_model_evaluate(model, v->w_end, v->d, RF_GRADIENT, out, v->d);
}

static rf_status call_evaluate_norm(rf_model *model, const vector_case *v, double *out)
{
    return rf_model_evaluate(model, v->w_end, v->d, RF_GRADIENT_NORM, out, 1);
}

static rf_status call_support(rf_model *model, const vector_case *v, double *out)
{
    int64_t indices[512], count = 0;
    rf_status status = rf_model_support(model, RF_SUPPORT_TRAJECTORY, indices, 512, &count);

    (void)v;
    for (int64_t k = 0; status == RF_OK && k < count; k++)
        out[k] = (double)indices[k];
    return status;
}

static rf_status call_support_boundary(rf_model *model, const vector_case *v, double *out)
{
    int64_t indices[512], count = 0;
    rf_status status = rf_model_support(model, RF_SUPPORT_BOUNDARY, indices, 512, &count);

    (void)v;
    for (int64_t k = 0; status == RF_OK && k < count; k++)
        out[k] = (double)indices[k];
    return status;
}

static rf_status call_clone(rf_model *model, const vector_case *v, double *out)
{
    rf_model *clone = model;
    rf_status status = rf_model_clone(model, &clone);

    if (status != RF_OK)
        return clone == NULL ? status : RF_OK;
    status = rf_model_query(clone, RF_WEIGHTS, out, v->d);
    rf_model_free(clone);
    return status;
}

static rf_status call_norm_certificate(rf_model *model, const vector_case *v, double *out)
{
    int32_t increasing = 0;
    double failure = 0;
    rf_status status = rf_model_norm_certificate(model, &increasing, &failure);

    (void)v;
    if (status == RF_OK) {
        out[0] = increasing;
        out[1] = failure;
    }
    return status;
}

static rf_status call_neuron_certificates(rf_model *model, const vector_case *v, double *out)
{
    int32_t increasing = 0;
    double failure = 0;
    rf_status status = rf_model_neuron_certificates(model, &increasing, &failure, 1);

    (void)v;
    if (status == RF_OK) {
        out[0] = increasing;
        out[1] = failure;
    }
    return status;
}

static rf_status call_neuron_groups(rf_model *model, const vector_case *v, double *out)
{
    int64_t group = 0;
    double weight = 0;
    rf_status status = rf_model_neuron_groups(model, 0, &group, &weight, 1);

    (void)v;
    if (status == RF_OK) {
        out[0] = (double)group;
        out[1] = weight;
    }
    return status;
}

static rf_status call_leave_one_out(rf_model *model, const vector_case *v, double *out)
{
    const int64_t data[] = {v->n - 1, 0};

    return rf_model_leave_one_out(model, 2, data, out, 2 * v->d, NULL, NULL);
}

const public_call public_calls[] = {
    {"init", call_init, 0, CALL_SETS},
    {"init again", call_init, 1, CALL_SETS},
    {"init_direction", call_init_direction, 1, CALL_SETS},
    {"init_direction, scale 0", call_init_vanishing, 1, CALL_SETS},
    {"integrate", call_integrate, 0, CALL_RUNS},
    {"integrate to a time", call_integrate_short, 0, CALL_RUNS},
    {"step", call_step, 0, CALL_RUNS},
    {"advance", call_advance, 0, CALL_RUNS},
    {"query", call_query, 1, CALL_CONST},
    {"query at the start", call_query, 0, CALL_CONST},
    {"query_at", call_query_at, 1, CALL_CONST},
    {"sample weights", call_sample_weights, 1, CALL_CONST},
    {"sample coefficients", call_sample_coefficients, 1, CALL_CONST},
    {"sample path length", call_sample_path, 1, CALL_CONST},
    {"evaluate", call_evaluate, 1, CALL_CONST},
    {"evaluate a norm", call_evaluate_norm, 1, CALL_CONST},
    {"support", call_support, 1, CALL_CONST},
    {"boundary support", call_support_boundary, 1, CALL_CONST},
    {"norm certificate", call_norm_certificate, 1, CALL_CONST},
    {"norm certificate at the start", call_norm_certificate, 0, CALL_CONST},
    {"neuron certificates", call_neuron_certificates, 1, CALL_CONST},
    {"neuron groups", call_neuron_groups, 1, CALL_CONST},
    {"leave one out", call_leave_one_out, 1, CALL_CONST},
    {"leave one out at the start", call_leave_one_out, 0, CALL_CONST},
    {"clone", call_clone, 1, CALL_CONST},
    {"clone at the start", call_clone, 0, CALL_CONST},
};
const int public_call_count = (int)(sizeof public_calls / sizeof *public_calls);
