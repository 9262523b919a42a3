/* descent: see descent.h.
 * SPDX-License-Identifier: MIT */
#include "flow/descent.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "model/kernels.h"

int rfi_iterate_create(rfi_iterate *it, const rfi_data *data)
{
    const rf_allocator *a = &data->allocator;
    memset(it, 0, sizeof(*it));
    it->w = rfi_alloc(a, data->d, sizeof(double));
    it->gradient = rfi_alloc(a, data->d, sizeof(double));
    it->residual = rfi_alloc(a, data->n, sizeof(double));
    it->margin = rfi_alloc(a, data->n, sizeof(double));
    it->state = rfi_alloc(a, data->n, sizeof(uint8_t));
    it->work = rfi_alloc(a, rfi_pass_work(data->n, data->d), sizeof(double));
    it->threads = 1;
    if (it->w == NULL || it->gradient == NULL || it->residual == NULL || it->margin == NULL
        || it->state == NULL || it->work == NULL) {
        rfi_iterate_free(it, a);
        return -1;
    }
    return 0;
}

void rfi_iterate_free(rfi_iterate *it, const rf_allocator *allocator)
{
    rfi_free(allocator, it->w);
    rfi_free(allocator, it->gradient);
    rfi_free(allocator, it->residual);
    rfi_free(allocator, it->margin);
    rfi_free(allocator, it->state);
    rfi_free(allocator, it->work);
    memset(it, 0, sizeof(*it));
}

void rfi_iterate_evaluate(rfi_iterate *it, const rfi_problem *problem)
{
    rfi_pass pass = {0};
    int64_t i;
    pass.w = it->w;
    pass.threads = it->threads;
    pass.margins = it->margin;
    pass.residuals = it->residual;
    pass.gradient = it->gradient;
    pass.work = it->work;
    rfi_pass_run(problem, &pass);
    for (i = 0; i < problem->data->n; ++i)
        it->state[i] = it->margin[i] > 0.0 ? RFI_ACTIVE : RFI_INACTIVE;
}

int rfi_descent_create(rfi_descent *descent, const rfi_data *data)
{
    memset(descent, 0, sizeof(*descent));
    if (rfi_iterate_create(&descent->now, data) != 0
        || rfi_iterate_create(&descent->trial, data) != 0) {
        rfi_descent_free(descent, &data->allocator);
        return -1;
    }
    return 0;
}

void rfi_descent_free(rfi_descent *descent, const rf_allocator *allocator)
{
    rfi_iterate_free(&descent->now, allocator);
    rfi_iterate_free(&descent->trial, allocator);
}

void rfi_descent_copy(rfi_descent *descent, const rfi_descent *from, const rfi_problem *problem)
{
    rfi_descent_begin(descent, problem, from->now.w, from->now.threads);
    descent->t = from->t;
    descent->begin = from->begin;
    descent->eta = from->eta;
    descent->steps = from->steps;
}

void rfi_descent_begin(rfi_descent *descent, const rfi_problem *problem, const double *w0,
                       int32_t threads)
{
    memcpy(descent->now.w, w0, (size_t)problem->data->d * sizeof(double));
    descent->now.threads = descent->trial.threads = threads;
    descent->t = descent->begin = descent->eta = 0.0;
    descent->steps = 0;
    rfi_iterate_evaluate(&descent->now, problem);
}

rf_status rfi_descent_set_eta(rfi_descent *descent, rfi_record *record, double eta)
{
    rfi_stretch stretch = {descent->t, descent->t, eta, 0, record->events, 0, 0};
    if (eta == descent->eta)
        return RF_OK;
    if (descent->steps == 0) {
        record->stretch[record->stretches - 1].eta = eta;
    } else {
        if (rfi_record_reserve(record, 0, 0) != 0)
            return RF_ERROR_MEMORY;
        rfi_record_stretch(record, &stretch, descent->now.w);
    }
    descent->begin = descent->t;
    descent->steps = 0;
    descent->eta = eta;
    return RF_OK;
}

int64_t rfi_descent_look(rfi_descent *descent, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    int64_t k, changes = 0;
    for (k = 0; k < data->d; ++k)
        descent->trial.w[k] = descent->now.w[k] - descent->eta * descent->now.gradient[k];
    if (rfi_first_not_finite(descent->trial.w, data->d) >= 0)
        return -1;
    rfi_iterate_evaluate(&descent->trial, problem);
    if (rfi_first_not_finite(descent->trial.gradient, data->d) >= 0)
        return -1;
    for (k = 0; k < data->n; ++k)
        changes += descent->trial.state[k] != descent->now.state[k];
    return changes;
}

static void record_events(rfi_descent *descent, rfi_record *record, int64_t n)
{
    const rfi_stretch stretch = {descent->t, descent->t, descent->eta, 0, record->events, 0, 0};
    int64_t i;
    for (i = 0; i < n; ++i) {
        rf_event event = {descent->t, i, 0, RF_EVENT_DEACTIVATE, 0};
        if (descent->trial.state[i] == descent->now.state[i])
            continue;
        if (descent->trial.state[i] == RFI_ACTIVE)
            event.kind = RF_EVENT_ACTIVATE;
        rfi_record_event(record, &event);
    }
    rfi_record_stretch(record, &stretch, descent->trial.w);
    descent->begin = descent->t;
    descent->steps = 0;
}

rf_status rfi_descent_take(rfi_descent *descent, const rfi_problem *problem, rfi_record *record,
                           int64_t events)
{
    const rfi_iterate before = descent->now;
    if (events > 0 && rfi_record_reserve(record, events, 0) != 0)
        return RF_ERROR_MEMORY;
    ++descent->steps;
    record->stretch[record->stretches - 1].steps = descent->steps;
    descent->t = descent->begin + (double)descent->steps * descent->eta;
    if (events > 0)
        record_events(descent, record, problem->data->n);
    descent->now = descent->trial;
    descent->trial = before;
    return RF_OK;
}
