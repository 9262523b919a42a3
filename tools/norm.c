/* norm.c: the certificate of the norm, the events around its failure, and the largest fall of |w|.
 * SPDX-License-Identifier: MIT
 *
 * The verdict and the time of the first failure are the library's, certified.  The largest fall is
 * that among times sampled (every event, and times between two of them that become denser towards
 * the first), its two ends then moved to where w . w' changes its sign. */
#include "norm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "library.h"

enum { STEPS = 12, TAIL_STEPS = 64, BISECTIONS = 60 };

/* Times shortly before and after the failure: this part of the way to the next event. */
static const double little = 1.0 / 1048576;

static rf_status look(const rf_model *model, double time, struct norm_point *out)
{
    rf_status status = rf_model_query_at(model, time, RF_WEIGHT_NORM, &out->norm, 1);

    if (status == RF_OK) {
        status = rf_model_query_at(model, time, RF_NORM_RATE, &out->rate, 1);
    }
    out->time = time;
    return status;
}

/* Fills the events around the failure. */
static int find_event(const rf_event *event, void *user)
{
    struct norm_report *report = user;
    struct norm_event *to = &report->next;

    if ((event->flags & RF_FLAG_INNER) != 0) {
        return STATUS_OK;
    }
    if (event->time <= report->first_failure) {
        to = event->time < report->first_failure ? &report->last : &report->same;
    }
    if (!to->exists || to == &report->last) {
        to->exists = true;
        to->event = *event;
    }
    return STATUS_OK;
}

static rf_status look_around(const struct experiment *experiment, struct norm_report *report)
{
    const rf_model *model = experiment->model;
    const double time = report->first_failure;
    const double before = report->last.exists ? report->last.event.time : 0;
    double after = report->next.exists ? report->next.event.time : experiment->outcome.time;
    rf_status status = look(model, time, &report->at);

    if (isinf(after)) { /* the flow falls, so there is a rate */
        after = time + 1 / experiment->outcome.slowest_rate;
    }
    if (status == RF_OK && time > 0) {
        status = look(model, time - little * (time - before), &report->before);
    }
    if (status == RF_OK && after > time) {
        status = look(model, time + little * (after - time), &report->after);
    }
    return status;
}

/* A growing list of times, ascending. */
struct times {
    double *value;
    size_t capacity;
    int64_t count;
};

static int add_time(struct times *times, double time)
{
    if (times->count > 0 && !(time > times->value[times->count - 1])) {
        return STATUS_OK;
    }
    if (!grow_array(&times->value, &times->capacity, (size_t)times->count, sizeof time)) {
        return fail_memory();
    }
    times->value[times->count++] = time;
    return STATUS_OK;
}

/* From the last time to the given one: at 2^-12 .. 1/2 of the way, then evenly. */
static int add_stretch(struct times *times, double to)
{
    const double from = times->value[times->count - 1];
    int status = STATUS_OK;
    int k;

    for (k = STEPS; status == STATUS_OK && k > 0; k--) {
        status = add_time(times, from + ldexp(to - from, -k));
    }
    for (k = 1; status == STATUS_OK && k < STEPS; k++) {
        status = add_time(times, from + (to - from) * (0.5 + 0.5 * k / STEPS));
    }
    return status == STATUS_OK ? add_time(times, to) : status;
}

static int add_event(const rf_event *event, void *user)
{
    struct times *times = user;

    return (event->flags & RF_FLAG_INNER) != 0 || event->time <= times->value[times->count - 1]
               ? STATUS_OK
               : add_stretch(times, event->time);
}

/* Behind the last event to infinity: in geometric progression from a thousandth of the fastest
 * decay to 30 times the slowest: exp(-30) is 1e-13. */
static int add_tail(const struct experiment *experiment, struct times *times)
{
    const double slowest = experiment->outcome.slowest_rate;
    const double from = times->value[times->count - 1];
    const double first = 1e-3 / experiment->outcome.fastest_rate;
    int status = STATUS_OK;
    int k;

    for (k = 0; status == STATUS_OK && !isnan(slowest) && k <= TAIL_STEPS; k++) {
        status = add_time(times, from + first * pow(30 / slowest / first, (double)k / TAIL_STEPS));
    }
    return status == STATUS_OK ? add_time(times, INFINITY) : status;
}

static int collect_times(const struct experiment *experiment, struct times *times)
{
    int status = add_time(times, 0);

    if (status == STATUS_OK) {
        status = experiment_each_event(experiment, add_event, times);
    }
    if (status == STATUS_OK) {
        status = isinf(experiment->outcome.time) ? add_tail(experiment, times)
                                                 : add_stretch(times, experiment->outcome.time);
    }
    return status;
}

/* Moves the time number k, where |w| is largest (sign 1) or smallest (sign -1) of its neighbours,
 * to where sign w . w' changes from positive to negative.  The first and the last time stay when
 * |w| turns nowhere near them. */
static rf_status refine(const rf_model *model, const struct times *times, int64_t k, double sign,
                        struct norm_point *out)
{
    double left = times->value[k > 0 ? k - 1 : k];
    double right = times->value[k + 1 < times->count ? k + 1 : k];
    struct norm_point middle;
    rf_status status = look(model, times->value[k], out);
    int step;

    if ((k == 0 && sign * out->rate <= 0) || isinf(right)
        || (k + 1 == times->count && sign * out->rate >= 0)) {
        return status;
    }
    for (step = 0; status == RF_OK && step < BISECTIONS; step++) {
        status = look(model, left + (right - left) / 2, &middle);
        if (sign * middle.rate > 0) {
            left = middle.time;
        } else {
            right = middle.time;
        }
    }
    return status == RF_OK ? look(model, right, out) : status;
}

/* The pair of times, the first before the second, between which |w| falls most. */
static rf_status find_drop(const rf_model *model, const struct times *times, const double *norms,
                           struct norm_report *report)
{
    int64_t peak = 0;
    int64_t from = 0;
    int64_t to = 0;
    int64_t k;
    rf_status status;

    for (k = 0; k < times->count; k++) {
        if (norms[k] > norms[peak]) {
            peak = k;
        }
        if (norms[peak] - norms[k] > norms[from] - norms[to]) {
            from = peak;
            to = k;
        }
    }
    status = refine(model, times, from, 1, &report->from);
    if (status == RF_OK) {
        status = refine(model, times, to, -1, &report->to);
    }
    report->drop = report->from.norm - report->to.norm;
    return status;
}

static int measure_drop(const struct experiment *experiment, struct norm_report *report)
{
    const rf_model *model = experiment->model;
    struct times times = {NULL, 0, 0};
    int status = collect_times(experiment, &times);
    double *norms = allocate_array((size_t)times.count, sizeof *norms);

    if (status == STATUS_OK && norms == NULL) {
        status = fail_memory();
    }
    if (status == STATUS_OK) {
        rf_status sampled =
            rf_model_sample(model, times.count, times.value, RF_WEIGHT_NORM, norms, times.count);
        if (sampled == RF_OK) {
            sampled = find_drop(model, &times, norms, report);
        }
        status = sampled == RF_OK ? STATUS_OK : experiment_fail(experiment, NULL, sampled);
    }
    free(norms);
    free(times.value);
    return status;
}

int norm_examine(const struct experiment *experiment, struct norm_report *out)
{
    static const struct norm_point nowhere = {NAN, NAN, NAN};
    rf_status status;
    int done = STATUS_OK;

    memset(out, 0, sizeof *out);
    out->before = out->at = out->after = out->from = out->to = nowhere;
    status = runs_certify(experiment->model, &out->verdict, &out->first_failure);
    if (status != RF_OK) {
        return experiment_fail(experiment, NULL, status);
    }
    if (out->verdict != NORM_REFUTED) {
        return STATUS_OK;
    }
    done = experiment_each_event(experiment, find_event, out);
    if (done == STATUS_OK) {
        status = look_around(experiment, out);
        done = status == RF_OK ? measure_drop(experiment, out) : experiment_fail(experiment, NULL, status);
    }
    return done;
}
