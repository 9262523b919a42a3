/* influence: leave-one-out, the limits of the flow without each of some data (docs/mathematics.md 4.1).
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "api/model.h"

/* What one call works with. */
typedef struct {
    const rf_model *model;
    double *X, *y, *c; /* (n - 1) x d, n - 1, n - 1: the data without one   */
    uint8_t *acting;   /* m x n: had a part in the flow                     */
    double *limit;     /* D: w(infinity) with all data                      */
    double *W;         /* count x D: the answer                             */
} influence;

static void release(influence *f)
{
    const rf_allocator *a = &f->model->allocator;
    rfi_free(a, f->X);
    rfi_free(a, f->y);
    rfi_free(a, f->c);
    rfi_free(a, f->acting);
    rfi_free(a, f->limit);
    rfi_free(a, f->W);
}

static rf_status prepare(influence *f, const rf_model *model, int64_t count)
{
    const rf_allocator *a = &model->allocator;
    const int64_t n = model->problem.data->n, d = model->problem.data->d;
    const int64_t D = rfi_weight_count(&model->problem);
    memset(f, 0, sizeof(*f));
    f->model = model;
    f->X = rfi_alloc(a, n * d, sizeof(double));
    f->y = rfi_alloc(a, n, sizeof(double));
    f->c = rfi_alloc(a, n, sizeof(double));
    f->acting = rfi_alloc(a, rfi_pair_count(&model->problem), sizeof(uint8_t));
    f->limit = rfi_alloc(a, D, sizeof(double));
    f->W = count <= INT64_MAX / D ? rfi_alloc(a, count * D, sizeof(double)) : NULL;
    return f->X == NULL || f->y == NULL || f->c == NULL || f->acting == NULL || f->limit == NULL
                   || f->W == NULL
               ? RF_ERROR_MEMORY
               : RF_OK;
}

/* Runs a new model of the same settings from the same start to the limit. */
static rf_status run(const rf_model *model, rf_model *other, double *limit)
{
    const int64_t d = rfi_weight_count(&model->problem);
    rf_status status;
    other->threads = model->threads;
    status = model->vanishing ? rf_model_init_direction(other, model->start, d, 0.0)
                              : rf_model_init(other, model->start, d);
    if (status == RF_OK)
        status = rf_model_integrate(other, INFINITY);
    return status != RF_OK ? status : rf_model_query(other, RF_WEIGHTS, limit, d);
}

/* The limit with all data, and who had a part in it. */
static rf_status run_whole(influence *f)
{
    const rf_model *model = f->model;
    rfi_subject subject = rfi_model_subject(model);
    rf_model *whole = NULL;
    rf_status status;
    if (model->mode == RFI_FLOWS && isinf(model->flow.t) && model->record.on) {
        rfi_support_acting(&subject, f->acting);
        return rf_model_query(model, RF_WEIGHTS, f->limit, rfi_weight_count(&model->problem));
    }
    if ((status = rfi_model_like(model, &whole)) != RF_OK)
        return status;
    if ((status = run(model, whole, f->limit)) == RF_OK) {
        subject = rfi_model_subject(whole);
        rfi_support_acting(&subject, f->acting);
    }
    rf_model_free(whole);
    return status;
}

/* Copies the data without datum i. */
static void leave_out(influence *f, int64_t i)
{
    const rfi_problem *problem = &f->model->problem;
    const rfi_data *data = problem->data;
    int64_t k, row = 0;
    for (k = 0; k < data->n; ++k) {
        if (k == i)
            continue;
        rfi_view_copy(rfi_row(data, k), f->X + row * data->d, data->d);
        f->y[row] = data->y[k];
        f->c[row++] = problem->c[k];
    }
}

static rf_status run_without(influence *f, int64_t i, double *limit)
{
    const rfi_problem *problem = &f->model->problem;
    const int64_t n = problem->data->n, d = problem->data->d, D = rfi_weight_count(problem);
    const rfi_data_source source = {n - 1, d, f->X, d, 1, f->y, 1, 0};
    rfi_data *data = NULL;
    rf_model *without = NULL;
    rf_status status;
    if (n == 1) { /* nothing moves */
        memset(limit, 0, (size_t)D * sizeof(double));
        if (!f->model->vanishing)
            memcpy(limit, f->model->start, (size_t)D * sizeof(double));
        return RF_OK;
    }
    leave_out(f, i);
    if ((status = rfi_data_create(&source, &f->model->allocator, &data, NULL)) != RF_OK)
        return status;
    status = rfi_model_of(data, problem->neurons, problem->a, &without);
    rfi_data_release(data);
    if (status != RF_OK)
        return status;
    without->problem.activation = problem->activation;
    without->problem.slope = problem->slope;
    memcpy(without->problem.c, f->c, (size_t)(n - 1) * sizeof(double));
    rfi_problem_refresh(&without->problem);
    status = run(f->model, without, limit);
    rf_model_free(without);
    return status;
}

/* 1 if some neuron had datum i take part. */
static int acts(const influence *f, int64_t i)
{
    const int64_t n = f->model->problem.data->n;
    int64_t j;
    for (j = 0; j < f->model->problem.neurons; ++j)
        if (f->acting[j * n + i])
            return 1;
    return 0;
}

static rf_status run_all(influence *f, int64_t count, const int64_t *index,
                         int32_t (*progress)(int64_t done, int64_t total, void *user), void *user)
{
    const int64_t d = rfi_weight_count(&f->model->problem);
    rf_status status = run_whole(f);
    int64_t k, rest;
    for (k = 0; status == RF_OK && k < count; ++k) {
        double *row = f->W + k * d;
        if (acts(f, index[k]))
            status = run_without(f, index[k], row);
        else
            memcpy(row, f->limit, (size_t)d * sizeof(double));
        if (status != RF_OK || progress == NULL || progress(k + 1, count, user) == 0)
            continue;
        for (rest = (k + 1) * d; rest < count * d; ++rest)
            f->W[rest] = NAN;
        return RF_STOPPED;
    }
    return status;
}

static rf_status check(const rf_model *model, int64_t count, const int64_t *index, const double *W,
                       int64_t len)
{
    int64_t k, n, d;
    if (model == NULL || index == NULL || W == NULL)
        return RF_ERROR_ARGUMENT;
    n = model->problem.data->n;
    d = rfi_weight_count(&model->problem);
    if (count < 1 || len % d != 0 || len / d != count)
        return RF_ERROR_SIZE;
    for (k = 0; k < count; ++k)
        if (index[k] < 0 || index[k] >= n)
            return RF_ERROR_ARGUMENT;
    return model->mode == RFI_UNINITIALIZED ? RF_ERROR_STATE : RF_OK;
}

RF_API rf_status rf_model_leave_one_out(
    const rf_model *model, int64_t count, const int64_t *data, double *W, int64_t len,
    int32_t (*progress)(int64_t done, int64_t total, void *user), void *user)
{
    influence f;
    rf_status status = check(model, count, data, W, len);
    if (status != RF_OK)
        return status;
    if ((status = prepare(&f, model, count)) == RF_OK)
        status = run_all(&f, count, data, progress, user);
    if (status >= 0)
        memcpy(W, f.W, (size_t)len * sizeof(double));
    release(&f);
    return status;
}
