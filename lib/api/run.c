/* run: initializing, stepping, integrating, advancing.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "api/model.h"
#include "base/num.h"

double rfi_model_now(const rf_model *model)
{
    return model->mode == RFI_DESCENDS ? model->descent.t : model->flow.t;
}

static rf_status check_not_inside(rf_model *model)
{
    if (model == NULL)
        return RF_ERROR_ARGUMENT;
    if (model->in_callback)
        return rfi_fail(&model->message, RF_ERROR_STATE, "called from a callback of the model");
    return RF_OK;
}

/* Checks a start vector of init or init_direction. */
static rf_status check_start(rf_model *model, const double *w, int64_t len, const char *name)
{
    rf_status status = check_not_inside(model);
    int64_t bad;
    if (status != RF_OK)
        return status;
    if (w == NULL)
        return rfi_fail(&model->message, RF_ERROR_ARGUMENT, "the start vector is NULL");
    if (len != rfi_weight_count(&model->problem)) {
        rfi_fail_integer(&model->message, RF_ERROR_SIZE, "the start vector has", len);
        rfi_message_text(&model->message, " values; it must have neurons*d, which is ");
        rfi_message_integer(&model->message, rfi_weight_count(&model->problem));
        return RF_ERROR_SIZE;
    }
    if ((bad = rfi_first_not_finite(w, len)) >= 0)
        return rfi_fail_at(&model->message, RF_ERROR_NOT_FINITE, name, bad, w[bad]);
    return RF_OK;
}

/* Starts at w0, or in the limit of vanishing scale along it. */
static rf_status start(rf_model *model, const double *w0, int vanishing)
{
    const int on = model->record.on;
    rf_status status;
    model->record.on = model->recording;
    rfi_flow_set_threads(&model->flow, model->threads);
    status = vanishing ? rfi_flow_init_vanishing(&model->flow, &model->record, w0)
                       : rfi_flow_init(&model->flow, &model->record, w0);
    rfi_flow_set_threads(&model->flow, 1);
    if (status != RF_OK) {
        model->record.on = on;
        return rfi_fail(&model->message, status,
                        status == RF_ERROR_MEMORY ? "no memory for the record"
                                                  : "the data or the start lead out of the range of double");
    }
    memmove(model->start, w0, (size_t)rfi_weight_count(&model->problem) * sizeof(double));
    model->vanishing = vanishing;
    model->mode = RFI_FRESH;
    model->delivered = model->record.events;
    rfi_record_forget(&model->record, &model->delivered);
    model->last_status = RF_OK;
    return RF_OK;
}

RF_API rf_status rf_model_init(rf_model *model, const double *w0, int64_t len)
{
    rf_status status = check_start(model, w0, len, "w0");
    return status != RF_OK ? status : start(model, w0, 0);
}

RF_API rf_status rf_model_init_direction(rf_model *model, const double *u, int64_t len,
                                         double scale)
{
    rf_status status = check_start(model, u, len, "u");
    int64_t k;
    if (status != RF_OK)
        return status;
    if (!isfinite(scale))
        return rfi_fail_real(&model->message, RF_ERROR_NOT_FINITE, "scale must be finite, not", scale);
    if (!(scale >= 0.0))
        return rfi_fail_real(&model->message, RF_ERROR_ARGUMENT, "scale is negative:", scale);
    if (scale == 0.0 && rfi_norm(u, len) == 0.0)
        return rfi_fail(&model->message, RF_ERROR_ARGUMENT, "u is 0: no direction to vanish along");
    if (scale == 0.0)
        return start(model, u, 1);
    for (k = 0; k < len; ++k) {
        model->scratch[k] = scale * u[k];
        if (!isfinite(model->scratch[k]))
            return rfi_fail_at(&model->message, RF_ERROR_NUMERICAL, "scale*u overflows, u", k,
                               u[k]);
    }
    return start(model, model->scratch, 0);
}

/* Hands the next event on record to the callback.  Returns 1 if it asks to stop. */
static int deliver(rf_model *model, rf_event *out)
{
    const rf_event event = model->record.event[model->delivered++];
    int32_t stop = 0;
    if (out != NULL)
        *out = event;
    if (model->callback != NULL) {
        rfi_team_dismiss(&model->flow.team); /* while code of the host runs, there is no thread but its own */
        model->in_callback = 1;
        stop = model->callback(model, &event, model->user);
        model->in_callback = 0;
    }
    rfi_record_forget(&model->record, &model->delivered);
    return stop != 0;
}

/* Hands out what is pending.  Returns RF_OK or RF_STOPPED. */
static rf_status deliver_all(rf_model *model)
{
    while (model->delivered < model->record.events)
        if (deliver(model, NULL))
            return RF_STOPPED;
    return RF_OK;
}

static int at_limit(const rf_model *model, int64_t count_before)
{
    return model->event_limit > 0 && model->record.event_count - count_before >= model->event_limit;
}

static rf_status fail_run(rf_model *model, rf_status status)
{
    if (model->mode == RFI_FLOWS)
        rfi_flow_land(&model->flow, &model->record);
    rfi_flow_set_threads(&model->flow, 1);
    if (status < 0)
        rfi_fail_real(&model->message, status,
                      status == RF_ERROR_MEMORY       ? "no memory for the record at time"
                      : model->mode == RFI_DESCENDS ? "a step leads out of the range of double after time"
                                                    : "out of the range of double, or no decomposition, at time",
                      rfi_model_now(model));
    model->last_status = status;
    return status;
}

/* Checks that a run may begin. */
static rf_status check_run(rf_model *model, int32_t mode)
{
    rf_status status = check_not_inside(model);
    if (status != RF_OK)
        return status;
    if (model->mode == RFI_UNINITIALIZED)
        return rfi_fail(&model->message, RF_ERROR_STATE,
                        "no init yet, or a setting has changed since: the model needs an init");
    if (model->mode != RFI_FRESH && model->mode != mode)
        return rfi_fail(&model->message, RF_ERROR_STATE,
                        mode == RFI_FLOWS ? "the model steps: init before it integrates"
                                          : "the model integrates: init before it steps");
    return RF_OK;
}

static rf_status check_flow_run(rf_model *model, double t_end)
{
    rf_status status = check_run(model, RFI_FLOWS);
    if (status != RF_OK)
        return status;
    if (isnan(t_end))
        return rfi_fail_real(&model->message, RF_ERROR_NOT_FINITE, "the end time must be a number, not", t_end);
    if (t_end < model->flow.t)
        return rfi_fail_real(&model->message, RF_ERROR_ARGUMENT,
                             "the end time lies before the present time:", t_end);
    model->mode = RFI_FLOWS;
    return RF_OK;
}

RF_API rf_status rf_model_integrate(rf_model *model, double t_end)
{
    rf_status status = model != NULL ? check_flow_run(model, t_end) : RF_ERROR_ARGUMENT;
    int64_t before;
    if (status != RF_OK)
        return status;
    before = model->record.event_count;
    rfi_flow_set_threads(&model->flow, model->threads);
    rfi_flow_hurry(&model->flow, model->callback == NULL);
    while ((status = deliver_all(model)) == RF_OK && rfi_flow_due(&model->flow, t_end)) {
        if (at_limit(model, before))
            return fail_run(model, RF_EVENT_LIMIT);
        if ((status = rfi_flow_event(&model->flow, &model->record)) != RF_OK)
            return fail_run(model, status);
    }
    if (status == RF_OK)
        status = rfi_flow_rest(&model->flow, t_end);
    return fail_run(model, status);
}

RF_API rf_status rf_model_advance(rf_model *model, double t_max, rf_event *out)
{
    rf_status status = model != NULL ? check_flow_run(model, t_max) : RF_ERROR_ARGUMENT;
    if (status != RF_OK)
        return status;
    rfi_flow_set_threads(&model->flow, model->threads);
    rfi_flow_hurry(&model->flow, 0);
    while (model->delivered == model->record.events) {
        if (!rfi_flow_due(&model->flow, t_max)) {
            status = rfi_flow_rest(&model->flow, t_max);
            return fail_run(model, status != RF_OK ? status : RF_NO_EVENT);
        }
        if ((status = rfi_flow_event(&model->flow, &model->record)) != RF_OK)
            return fail_run(model, status);
    }
    return fail_run(model, deliver(model, out) ? RF_STOPPED : RF_OK);
}

/* One run of descent after the checks. */
static rf_status descend(rf_model *model, int64_t steps)
{
    const int64_t before = model->record.event_count;
    rfi_descent *descent = &model->descent;
    int64_t k = 0, changes;
    rf_status status;
    while ((status = deliver_all(model)) == RF_OK && k < steps) {
        status = rfi_descent_look(descent, &model->problem, &model->record, steps - k, &changes);
        if (status != RF_OK)
            return status;
        if (changes > 0 && at_limit(model, before))
            return RF_EVENT_LIMIT;
        status = rfi_descent_take(descent, &model->problem, &model->record, changes);
        if (status != RF_OK)
            return status;
        model->flow.flags |= descent->flags;
        k += descent->ahead;
    }
    return status;
}

RF_API rf_status rf_model_step(rf_model *model, double eta, int64_t steps)
{
    rf_status status = model != NULL ? check_run(model, RFI_DESCENDS) : RF_ERROR_ARGUMENT;
    if (status != RF_OK)
        return status;
    if (!isfinite(eta))
        return rfi_fail_real(&model->message, RF_ERROR_NOT_FINITE, "eta must be finite, not", eta);
    if (!(eta > 0.0))
        return rfi_fail_real(&model->message, RF_ERROR_ARGUMENT, "eta is not positive:", eta);
    if (steps < 0)
        return rfi_fail_integer(&model->message, RF_ERROR_ARGUMENT, "steps is", steps);
    if (model->mode == RFI_FRESH && model->vanishing)
        return rfi_fail(&model->message, RF_ERROR_STATE,
                        "descent does not start at scale 0, but at a small one");
    if (rfi_descent_reserve(&model->descent, &model->problem) != 0)
        return rfi_fail(&model->message, RF_ERROR_MEMORY, "no memory for the steps");
    if (model->mode == RFI_FRESH)
        rfi_descent_begin(&model->descent, &model->problem, model->flow.segment.w0, model->threads);
    model->mode = RFI_DESCENDS;
    model->descent.now.threads = model->descent.trial.threads = model->threads;
    if (steps > 0)
        status = rfi_descent_set_eta(&model->descent, &model->record, eta);
    if (status == RF_OK)
        status = descend(model, steps);
    return fail_run(model, status);
}
