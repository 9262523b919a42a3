/* descent: see descent.h.
 * SPDX-License-Identifier: MIT */
#include "flow/descent.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

int rfi_descent_reserve(rfi_descent *descent, const rfi_problem *problem)
{
    if (descent->trial.w != NULL)
        return 0;
    memset(descent, 0, sizeof(*descent));
    if (rfi_iterate_create(&descent->now, problem) != 0
        || rfi_iterate_create(&descent->trial, problem) != 0) {
        rfi_descent_free(descent, &problem->data->allocator);
        return -1;
    }
    return 0;
}

void rfi_descent_free(rfi_descent *descent, const rf_allocator *allocator)
{
    rfi_iterate_free(&descent->now, allocator);
    rfi_iterate_free(&descent->trial, allocator);
    rfi_fastforward_free(&descent->forward, allocator);
}

static void set_threads(rfi_descent *descent, int32_t threads)
{
    descent->now.threads = descent->trial.threads = threads;
}

void rfi_descent_copy(rfi_descent *descent, const rfi_descent *from, const rfi_problem *problem)
{
    rfi_descent_resume(descent, problem, from->now.w, from->now.state, from->now.threads);
    descent->t = from->t;
    descent->begin = from->begin;
    descent->eta = from->eta;
    descent->steps = from->steps;
}

void rfi_descent_begin(rfi_descent *descent, const rfi_problem *problem, const double *w0,
                       int32_t threads)
{
    memcpy(descent->now.w, w0, (size_t)rfi_weight_count(problem) * sizeof(double));
    set_threads(descent, threads);
    descent->t = descent->begin = descent->eta = 0.0;
    descent->steps = 0;
    descent->flags = 0;
    descent->forward.status = RFI_NO_FORM;
    rfi_iterate_start(&descent->now, problem);
}

void rfi_descent_resume(rfi_descent *descent, const rfi_problem *problem, const double *w,
                        const uint8_t *state, int32_t threads)
{
    memmove(descent->now.w, w, (size_t)rfi_weight_count(problem) * sizeof(double));
    memmove(descent->now.state, state, (size_t)rfi_pair_count(problem));
    set_threads(descent, threads);
    descent->forward.status = RFI_NO_FORM;
    rfi_iterate_evaluate(&descent->now, problem);
}

/* The present stretch begins here: at the present time and with the present w. */
static void begin_stretch(rfi_descent *descent)
{
    descent->begin = descent->t;
    descent->steps = 0;
    descent->forward.status = RFI_NO_FORM;
}

rf_status rfi_descent_set_eta(rfi_descent *descent, rfi_record *record, double eta)
{
    rfi_stretch stretch = {descent->t, descent->t, eta, 0, record->events, 0};
    if (eta == descent->eta)
        return RF_OK;
    if (descent->steps == 0) {
        record->stretch[record->stretches - 1].eta = eta;
    } else {
        if (rfi_record_reserve(record, 0, 0) != 0)
            return RF_ERROR_MEMORY;
        rfi_record_stretch(record, &stretch, descent->now.w);
    }
    begin_stretch(descent);
    descent->eta = eta;
    return RF_OK;
}

/* Builds the closed form of the present stretch, which has lasted `lead` steps or more: its
 * anchor is the iterate after `lead` steps in any case, so that no iterate depends on how the
 * run was cut. */
static rf_status build_form(rfi_descent *descent, const rfi_problem *problem,
                            const rfi_record *record, int64_t lead)
{
    const int64_t D = rfi_weight_count(problem);
    const rfi_iterate *anchor = &descent->now;
    rf_status status;
    int64_t k;
    if (descent->steps > lead) { /* a copy of a run that is in the midst of it */
        rfi_iterate *it = &descent->trial;
        memcpy(it->w, rfi_record_weights(record, record->stretches - 1),
               (size_t)D * sizeof(double));
        memcpy(it->state, descent->now.state, (size_t)rfi_pair_count(problem));
        for (k = 0; k < lead; ++k) {
            rfi_iterate_evaluate(it, problem);
            rfi_iterate_step(it, descent->eta, D, it->w);
        }
        rfi_iterate_evaluate(it, problem);
        anchor = it;
    }
    status = rfi_fastforward_build(&descent->forward, problem, anchor, descent->eta);
    if (descent->forward.status == RFI_FORM)
        descent->end =
            lead + rfi_fastforward_end(&descent->forward, problem, RFI_MOST_STEPS - lead);
    return status;
}

/* Brings the trial one step ahead, or all `most` steps if the iterate stays where it is for
 * ever. */
static void look_by_step(rfi_descent *descent, const rfi_problem *problem, int64_t most,
                         int64_t *changes)
{
    const int64_t pairs = rfi_pair_count(problem), D = rfi_weight_count(problem);
    const int moved = rfi_iterate_step(&descent->now, descent->eta, D, descent->trial.w);
    int64_t i;
    rfi_iterate_follow(&descent->trial, problem);
    for (*changes = 0, i = 0; i < pairs; ++i)
        *changes += descent->trial.state[i] != descent->now.state[i];
    descent->ahead = 1;
    if (!moved && *changes == 0
        && (descent->forward.status == RFI_REFUSED
            || (descent->forward.status == RFI_NO_FORM && rfi_iterate_rests(&descent->now, D))))
        descent->ahead = most;
}

/* Of the next `most` steps those that the stretch and the range of time have room for. */
static int64_t room_for(const rfi_descent *descent, int64_t most)
{
    most = rfi_smaller(most, RFI_MOST_STEPS - descent->steps);
    while (most > 0 && !isfinite(descent->begin + (double)(descent->steps + most) * descent->eta))
        most /= 2;
    return most;
}

rf_status rfi_descent_look(rfi_descent *descent, const rfi_problem *problem,
                           const rfi_record *record, int64_t most, int64_t *changes)
{
    const int64_t lead = rfi_fastforward_lead(problem), D = rfi_weight_count(problem);
    rfi_iterate *trial = &descent->trial;
    rf_status status;
    if ((most = room_for(descent, most)) == 0)
        return RF_ERROR_NUMERICAL;
    if (descent->steps >= lead && descent->forward.status == RFI_NO_FORM
        && (status = build_form(descent, problem, record, lead)) != RF_OK)
        return status;
    memcpy(trial->state, descent->now.state, (size_t)rfi_pair_count(problem));
    if (descent->forward.status == RFI_FORM && descent->steps < descent->end - 1) {
        descent->ahead = rfi_smaller(most, descent->end - 1 - descent->steps);
        *changes = 0;
        rfi_fastforward_weights(&descent->forward, descent->steps - lead + descent->ahead,
                                trial->w);
        rfi_iterate_evaluate(trial, problem);
    } else {
        look_by_step(descent, problem, most, changes);
    }
    if (rfi_first_not_finite(trial->w, D) >= 0
        || rfi_first_not_finite(trial->gradient, D) >= 0)
        return RF_ERROR_NUMERICAL;
    return RF_OK;
}

/* An event is doubtful if rounding could have shown it a step earlier. */
static int32_t flags_of(const rfi_descent *descent, const rfi_problem *problem, int64_t i)
{
    const rfi_iterate *now = &descent->now;
    return now->margin[i] != 0.0 && rfi_iterate_in_band(now, problem, i) ? RF_FLAG_DOUBTFUL : 0;
}

static void record_events(rfi_descent *descent, const rfi_problem *problem, rfi_record *record)
{
    int64_t i;
    for (i = 0; i < rfi_pair_count(problem); ++i) {
        rf_event event = {descent->t, i % problem->data->n, i / problem->data->n,
                          RF_EVENT_DEACTIVATE, 0};
        if (descent->trial.state[i] == descent->now.state[i])
            continue;
        if (descent->trial.state[i] == RFI_ACTIVE)
            event.kind = RF_EVENT_ACTIVATE;
        event.flags = flags_of(descent, problem, i);
        descent->flags |= event.flags;
        rfi_record_event(record, &event);
    }
}

rf_status rfi_descent_take(rfi_descent *descent, const rfi_problem *problem, rfi_record *record,
                           int64_t changes)
{
    const rfi_iterate before = descent->now;
    const int64_t steps = descent->steps + descent->ahead;
    const int ends = changes > 0 || steps == RFI_MOST_STEPS
                     || (descent->forward.status == RFI_FORM && steps >= descent->end);
    rfi_stretch next = {0.0, 0.0, descent->eta, 0, record->events, 0};
    if (ends && rfi_record_reserve(record, changes, 0) != 0)
        return RF_ERROR_MEMORY;
    descent->steps = steps;
    record->stretch[record->stretches - 1].steps = steps;
    descent->t = descent->begin + (double)steps * descent->eta;
    descent->flags = 0;
    if (ends) {
        next.begin = next.anchor = descent->t;
        record_events(descent, problem, record);
        rfi_record_stretch(record, &next, descent->trial.w);
        begin_stretch(descent);
    }
    descent->now = descent->trial;
    descent->trial = before;
    return RF_OK;
}
