/* certify.c: the command "certify".
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "error.h"
#include "experiment.h"
#include "json_parts.h"
#include "names.h"
#include "norm.h"
#include "report.h"

static void print_event(const struct experiment *experiment, const char *label,
                        const struct norm_event *one)
{
    printf("%-12s ", label);
    if (!one->exists) {
        puts("none");
        return;
    }
    printf("t = %.12g: ", one->event.time);
    if (experiment->network.asked) {
        printf("neuron %lld, ", (long long)one->event.neuron + 1);
    }
    if (one->event.datum >= 0) {
        printf("row %lld, ", (long long)one->event.datum + 1);
    }
    puts(name_of_kind(one->event.kind));
}

static void print_point(const char *label, const struct norm_point *point)
{
    if (!isnan(point->time)) {
        printf("%-14s %20.12g %15.8g %15.6g\n", label, point->time, point->norm, point->rate);
    }
}

static void print_failure(const struct experiment *experiment, const struct norm_report *report)
{
    if (report->same.exists) {
        print_event(experiment, "at the event", &report->same);
    } else if (report->first_failure > 0) {
        puts("             between two events:");
    } else {
        puts("             at the start");
    }
    print_event(experiment, "event before", &report->last);
    print_event(experiment, "event after", &report->next);
    printf("\n%-14s %20s %15s %15s\n", "", "t", "|w|", "w . w'");
    print_point("just before", &report->before);
    print_point("at the failure", &report->at);
    print_point("just after", &report->after);
    if (report->drop > 0) {
        print_point("fall from", &report->from);
        print_point("fall to", &report->to);
    }
    printf("\nLargest fall of |w|: %.6g\n", report->drop);
}

static void print_norms(const struct experiment *experiment, const struct norm_report *report)
{
    printf("Norm of w    %.8g at the start, %.8g at the end\n", experiment->start_norm,
           experiment->outcome.weight_norm);
    printf("Certificate  ");
    switch (report->verdict) {
    case NORM_PROVED:
        puts("proved: |w| strictly increases");
        break;
    case NORM_REFUTED:
        printf("refuted: |w| does not increase, from t = %.12g on it falls\n",
               report->first_failure);
        print_failure(experiment, report);
        break;
    default:
        puts("neither: |w| never falls, but w does not move at some time");
        break;
    }
}

static void write_point(struct json *json, const char *key, const struct norm_point *point)
{
    if (isnan(point->time)) {
        json_null(json, key);
        return;
    }
    json_open_object(json, key);
    json_real(json, "time", point->time);
    json_real(json, "weight_norm", point->norm);
    json_real(json, "rate", point->rate);
    json_close_object(json);
}

static void write_event(struct json *json, const struct experiment *experiment, const char *key,
                        const struct norm_event *one)
{
    parts_event(json, key, one->exists ? &one->event : NULL, &experiment->network);
}

static void write_json(const struct experiment *experiment, const struct norm_report *report)
{
    struct json json;

    report_json_head(&json, experiment);
    json_open_object(&json, "norm");
    json_text(&json, "certificate", name_of_verdict(report->verdict));
    json_real(&json, "first_failure", report->first_failure);
    write_event(&json, experiment, "event", &report->same);
    write_event(&json, experiment, "event_before", &report->last);
    write_event(&json, experiment, "event_after", &report->next);
    write_point(&json, "before", &report->before);
    write_point(&json, "at", &report->at);
    write_point(&json, "after", &report->after);
    json_real(&json, "largest_fall", report->drop);
    write_point(&json, "fall_from", &report->from);
    write_point(&json, "fall_to", &report->to);
    json_close_object(&json);
    if (experiment->network.asked) {
        neurons_json(&json, experiment, false);
    }
    json_finish(&json);
}

static void print(const struct experiment *experiment, const struct norm_report *report)
{
    if (experiment->options.format == FORMAT_JSON) {
        write_json(experiment, report);
    } else {
        report_head(experiment, "certificates of the exact gradient flow");
        print_norms(experiment, report);
        if (experiment->network.asked) {
            putchar('\n');
            neurons_norms_text(experiment);
        }
    }
}

int command_certify(const struct options *options)
{
    struct experiment experiment;
    struct norm_report report;
    int status;

    memset(&experiment, 0, sizeof experiment);
    experiment.options = *options;
    status = experiment_prepare(&experiment);
    if (status == STATUS_OK) {
        status =
            experiment_finish(&experiment, rf_model_integrate(experiment.model, options->t_end));
    }
    if (status == STATUS_OK) {
        status = norm_examine(&experiment, &report);
    }
    if (status == STATUS_OK) {
        print(&experiment, &report);
    }
    experiment_free(&experiment);
    return status;
}
