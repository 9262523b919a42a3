/* flow.c: one flow, from its start to its certified limit.
 * SPDX-License-Identifier: MIT
 *
 * Three data in the plane and a ReLU neuron that starts with all of them active.  In the
 * coordinates p = w_1 + w_2 and q = w_1 - w_2 = z_3 the flow reads p' = 2.1875 - p and
 * q' = -0.0625 - 3q, so the third datum leaves at t = ln(49)/3, exactly.  What is left are two
 * independent equations that end at w = (1, 1.1875).  The program compares the library's answers
 * with these numbers.
 */
#include <math.h>
#include <stdio.h>

#include <reluflow/reluflow.h>

static int failures = 0;

/* Prints one number and compares it with the one worked out by hand. */
static void show(const char *what, double value, double expected)
{
    int right = fabs(value - expected) <= 1e-13 * (1 + fabs(expected));
    printf("%-18s %.15g%s\n", what, value, right ? "" : "  WRONG");
    if (!right) {
        failures++;
    }
}

static double number(const rf_model *model, int32_t quantity)
{
    double value = NAN;
    if (rf_model_query(model, quantity, &value, 1) != RF_OK) {
        failures++;
    }
    return value;
}

int main(void)
{
    const double X[] = {1, 0, 0, 1, 1, -1}, y[] = {1, 1.1875, 0.0625};
    const double w0[] = {2, 1};
    double w[2] = {NAN, NAN};
    rf_event event = {0, 0, 0, 0, 0};
    rf_model *model;
    rf_status status = rf_model_create(3, 2, X, y, &model);
    if (status != RF_OK) {
        printf("create: %s\n", rf_status_string(status));
        return 1;
    }
    status = rf_model_init(model, w0, 2);
    if (status == RF_OK) {
        status = rf_model_integrate(model, INFINITY);
    }
    if (status == RF_OK) {
        status = rf_model_events(model, 0, 1, &event);
    }
    if (status == RF_OK) {
        status = rf_model_query(model, RF_WEIGHTS, w, 2);
    }
    if (status != RF_OK) {
        printf("%s: %s\n", rf_status_string(status), rf_model_error(model));
        rf_model_free(model);
        return 1;
    }
    show("events", (double)rf_model_event_count(model), 1);
    show("event kind", event.kind, RF_EVENT_DEACTIVATE);
    show("event datum", (double)event.datum, 2);
    show("event time", event.time, log(49) / 3);
    show("w_1(infinity)", w[0], 1);
    show("w_2(infinity)", w[1], 1.1875);
    show("loss(infinity)", number(model, RF_LOSS), 0.001953125);
    show("certified limit", number(model, RF_CONVERGED), 1);
    show("flags", number(model, RF_FLAGS), 0);
    rf_model_free(model);
    return failures != 0;
}
