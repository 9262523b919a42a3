/* sample.c: a table of the trajectory at chosen times.
 * SPDX-License-Identifier: MIT
 *
 * The flow of events.c has three pieces: with s = exp(-t),
 *
 *     w = (14 - 10 s, 10 s - 8)     until t = ln(5/4),
 *     w = (10 - 25/4 s^2, 0)        until t = ln(5/2), along the kink of the third datum,
 *
 * and from then on, with T = t - ln(5/2), the residuals of the first two data are
 * r_1 = 2/sqrt(5) (exp(-aT) - exp(-bT)) and r_2 = -r_1' - 2 r_1, a and b = (3 -+ sqrt(5))/2.  One
 * call gives the table; its times may be any, the limit included.
 */
#include <math.h>
#include <stdio.h>

#include <reluflow/reluflow.h>

enum { COUNT = 9 };

/* The formulas above. */
static void by_hand(double t, double w[2])
{
    double s = exp(-t);
    if (t <= log(1.25)) {
        w[0] = 14 - 10 * s;
        w[1] = 10 * s - 8;
    } else if (t <= log(2.5)) {
        w[0] = 10 - 6.25 * s * s;
        w[1] = 0;
    } else {
        double root = sqrt(5), a = (3 - root) / 2, b = (3 + root) / 2, T = t - log(2.5);
        double p = exp(-a * T), q = exp(-b * T);
        double r1 = 2 / root * (p - q);
        double r2 = 2 / root * ((a - 2) * p - (b - 2) * q);
        w[0] = 11 + r2;
        w[1] = r1 - r2 - 2;
    }
}

int main(void)
{
    const double X[] = {1, 1, 1, 0, 0, 1}, y[] = {9, 11, -11}, w0[] = {4, 2};
    const double times[COUNT] = {0, 0.125, 0.25, 0.5, 0.875, 1, 2, 8, INFINITY};
    double w[2 * COUNT], loss[COUNT], expected[2];
    rf_status status;
    rf_model *model;
    int k, failures = 0;
    status = rf_model_create(3, 2, X, y, &model);
    if (status == RF_OK) {
        status = rf_model_init(model, w0, 2);
    }
    if (status == RF_OK) {
        status = rf_model_integrate(model, INFINITY);
    }
    if (status == RF_OK) {
        status = rf_model_sample(model, COUNT, times, RF_WEIGHTS, w, 2 * COUNT);
    }
    if (status == RF_OK) {
        status = rf_model_sample(model, COUNT, times, RF_LOSS, loss, COUNT);
    }
    if (status != RF_OK) {
        printf("%s: %s\n", rf_status_string(status), rf_model_error(model));
        rf_model_free(model);
        return 1;
    }
    printf("%8s %15s %15s %15s\n", "t", "w_1", "w_2", "loss");
    for (k = 0; k < COUNT; k++) {
        const double *row = w + 2 * k;
        by_hand(times[k], expected);
        if (fabs(row[0] - expected[0]) > 1e-12 || fabs(row[1] - expected[1]) > 1e-12
            || (k > 0 && loss[k] > loss[k - 1])) {
            printf("WRONG: (%.15g, %.15g) was expected\n", expected[0], expected[1]);
            failures++;
        }
        printf("%8g %15.10f %15.10f %15.10f\n", times[k], row[0], row[1], loss[k]);
    }
    rf_model_free(model);
    return failures != 0;
}
