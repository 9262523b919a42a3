/* descent.c: gradient descent is not the flow.
 * SPDX-License-Identifier: MIT
 *
 * One datum x = 1 with label 1 and a start at w = 4: the flow is w = 1 + 3 exp(-t), descent gives
 * w = 1 + 3 (1 - eta)^k after k steps.  At equal times the two differ by an error that halves with
 * the step.  With eta = 1.5 the first step jumps over the kink, where the gradient is 0: descent
 * stays there for ever with loss 1/2, while the flow ends at loss 0.  Steps without an event cost
 * nothing: 10^9 of them are taken at once.
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

static double number(const rf_model *model, int32_t quantity)
{
    double value = NAN;
    check("query", rf_model_query(model, quantity, &value, 1) == RF_OK);
    return value;
}

static void start(rf_model *model)
{
    const double w0[] = {4};
    check("init", rf_model_init(model, w0, 1) == RF_OK);
}

/* Both at t = 1, for steps that halve. */
static void compare(rf_model *model)
{
    double flow, descent, error, last = 0;
    int64_t steps;
    start(model);
    check("flow", rf_model_integrate(model, 1) == RF_OK);
    flow = number(model, RF_WEIGHTS);
    check("w(1) = 1 + 3/e", fabs(flow - (1 + 3 * exp(-1))) < 1e-14);
    printf("flow:                w(1) = %.12f\n", flow);
    for (steps = 4; steps <= 64; steps *= 2) {
        double eta = 1.0 / (double)steps;
        start(model);
        check("descent", rf_model_step(model, eta, steps) == RF_OK);
        descent = number(model, RF_WEIGHTS);
        error = flow - descent;
        check("1 + 3 (1 - eta)^k",
              fabs(descent - (1 + 3 * pow(1 - eta, (double)steps))) < 1e-13);
        check("time", fabs(number(model, RF_TIME) - 1) < 1e-14);
        check("the error halves", last == 0 || (last / error > 1.9 && last / error < 2.3));
        printf("descent, eta = 1/%-3d w(1) = %.12f, error %.2e\n", (int)steps, descent, error);
        last = error;
    }
}

/* A step too long: descent dies, the flow from the same start does not. */
static void jump_over_the_kink(rf_model *model)
{
    start(model);
    check("descent", rf_model_step(model, 1.5, 1000) == RF_OK);
    check("dead", number(model, RF_WEIGHTS) == -0.5 && number(model, RF_LOSS) == 0.5);
    check("one event", rf_model_event_count(model) == 1);
    printf("descent, eta = 1.5:  w = %g, loss %g\n", number(model, RF_WEIGHTS),
           number(model, RF_LOSS));
    start(model);
    check("flow", rf_model_integrate(model, INFINITY) == RF_OK);
    check("fitted", fabs(number(model, RF_WEIGHTS) - 1) < 1e-14
          && number(model, RF_LOSS) < 1e-28);
    check("no event", rf_model_event_count(model) == 0);
    printf("flow, to infinity:   w = %g, loss %g\n", number(model, RF_WEIGHTS),
           number(model, RF_LOSS));
}

/* While no datum changes side the iterates are known in closed form: 10^9 steps as fast as 10. */
static void a_billion_steps(rf_model *model)
{
    const double eta = 1e-9, expected = 1 + 3 * exp(1e9 * log1p(-eta));
    start(model);
    check("descent", rf_model_step(model, eta, 1000000000) == RF_OK);
    check("1 + 3 (1 - eta)^k", fabs(number(model, RF_WEIGHTS) - expected) < 1e-14);
    printf("descent, 10^9 steps: w(1) = %.12f\n", number(model, RF_WEIGHTS));
}

/* Where the flow slides along a kink, descent jumps to and fro across it. */
static void chatter(void)
{
    const double X[] = {1, 1, 1, 0, 0, 1}, y[] = {9, 11, -11}, w0[] = {4, 2};
    rf_model *model;
    int flow_events, descent_events;
    if (rf_model_create(3, 2, X, y, &model) != RF_OK) {
        check("create", 0);
        return;
    }
    check("init", rf_model_init(model, w0, 2) == RF_OK);
    check("flow", rf_model_integrate(model, 2) == RF_OK);
    flow_events = (int)rf_model_event_count(model);
    check("init", rf_model_init(model, w0, 2) == RF_OK);
    check("descent", rf_model_step(model, 0.01, 200) == RF_OK);
    descent_events = (int)rf_model_event_count(model);
    check("the slide is two events", flow_events == 2);
    check("descent chatters", descent_events > 10);
    printf("along a slide: %d events of the flow, %d of descent\n", flow_events, descent_events);
    rf_model_free(model);
}

int main(void)
{
    const double x[] = {1}, y[] = {1};
    rf_model *model;
    if (rf_model_create(1, 1, x, y, &model) != RF_OK) {
        return 1;
    }
    compare(model);
    jump_over_the_kink(model);
    a_billion_steps(model);
    rf_model_free(model);
    chatter();
    return failures != 0;
}
