/* events.c: events as they happen, with a callback that stops the run, and resuming it.
 * SPDX-License-Identifier: MIT
 *
 * The third datum has a negative label.  It reaches its kink at t = ln(5/4), where both sides push
 * towards it: the flow slides along z_3 = 0.  At t = ln(5/2) the push from the inactive side is
 * used up and the datum leaves for good; the other two are then fitted exactly at w = (11, -2).
 * Along the slide w = (10 - 25/4 exp(-2t), 0).
 */
#include <math.h>
#include <stdio.h>

#include <reluflow/reluflow.h>

static int failures = 0;

static void check(const char *what, int right)
{
    if (!right) {
        printf("WRONG: %s\n", what);
        failures++;
    }
}

static int close_to(double value, double expected)
{
    return fabs(value - expected) <= 1e-12 * (1 + fabs(expected));
}

/* Counts the events in *user, and stops the run when a slide begins.  The model is in its state
 * after the event and may be asked anything from here. */
static int32_t on_event(const rf_model *model, const rf_event *event, void *user)
{
    static const char *const names[] = {
        "?", "leaves", "joins", "starts to slide", "ends its slide, active",
        "ends its slide, inactive", "(the origin is reached)"
    };
    double w[2] = {NAN, NAN};
    int *count = user;
    (*count)++;
    check("query in a callback", rf_model_query(model, RF_WEIGHTS, w, 2) == RF_OK);
    printf("t = %.12f: datum %d %s, w = (%.12g, %.12g)\n", event->time, (int)event->datum,
           names[event->kind], w[0], w[1]);
    return event->kind == RF_EVENT_SLIDE_ENTER;
}

/* The state in which the callback stopped the run: the slide has just begun. */
static void look_at_the_slide(const rf_model *model)
{
    uint8_t state[3] = {9, 9, 9};
    double t = NAN, u[3] = {NAN, NAN, NAN};
    check("pattern", rf_model_pattern(model, state, 3) == RF_OK);
    check("two active, one sliding", state[0] == 1 && state[1] == 1 && state[2] == 2);
    check("time", rf_model_query(model, RF_TIME, &t, 1) == RF_OK && close_to(t, log(1.25)));
    check("multipliers", rf_model_query(model, RF_MULTIPLIERS, u, 3) == RF_OK);
    check("multiplier 9 - w_1", u[0] == 0 && u[1] == 0 && close_to(u[2], 3));
    printf("stopped; multiplier of datum 2: %.12g of at most 11\n", u[2]);
}

int main(void)
{
    const double X[] = {1, 1, 1, 0, 0, 1}, y[] = {9, 11, -11}, w0[] = {4, 2};
    double w[2] = {NAN, NAN};
    rf_event event[2];
    rf_model *model;
    int count = 0;
    if (rf_model_create(3, 2, X, y, &model) != RF_OK) {
        return 1;
    }
    check("callback", rf_model_set_callback(model, on_event, &count) == RF_OK);
    check("init", rf_model_init(model, w0, 2) == RF_OK);
    check("the callback stops the run", rf_model_integrate(model, INFINITY) == RF_STOPPED);
    look_at_the_slide(model);
    check("the run resumes", rf_model_integrate(model, INFINITY) == RF_OK);
    check("each event was reported once", count == 2 && rf_model_event_count(model) == 2);
    if (rf_model_events(model, 0, 2, event) == RF_OK) {
        check("slide enters", event[0].kind == RF_EVENT_SLIDE_ENTER && event[0].datum == 2
              && close_to(event[0].time, log(1.25)));
        check("slide ends", event[1].kind == RF_EVENT_SLIDE_EXIT_INACTIVE && event[1].datum == 2
              && close_to(event[1].time, log(2.5)));
    } else {
        check("events", 0);
    }
    check("weights", rf_model_query(model, RF_WEIGHTS, w, 2) == RF_OK);
    check("limit (11, -2)", close_to(w[0], 11) && close_to(w[1], -2));
    printf("limit: w = (%.12g, %.12g)\n", w[0], w[1]);
    rf_model_free(model);
    return failures != 0;
}
