/* support.c: support vectors, and the weight as a combination of the data.
 * SPDX-License-Identifier: MIT
 *
 * At every time w(t) = w(0) + sum_i alpha_i(t) x_i.  Here the third datum reaches its kink at
 * t = ln 2 and slides on it for ever: it is a support vector although the neuron does not fire on
 * it.  Until then alpha_1' = 9 - z_1 = 4, and so on; integrated by hand, for t >= ln 2,
 *
 *     alpha_1 = ln 2 + 3t + 1/2 - 2 exp(-2t),        alpha_3 = -(alpha_1 + 2),
 *
 * and w = (6 - 4 exp(-2t), 0).  No datum is fitted in the limit, so each coefficient grows for
 * ever; only their combination converges, to w = (6, 0).
 */
#include <math.h>
#include <stdio.h>

#include <reluflow/reluflow.h>

static const double X[] = {1, 1, 1, 0, 0, 1}, y[] = {9, 3, -6}, w0[] = {3, 2};
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

/* Prints the support vectors of one kind; returns them as bits. */
static int print_support(const rf_model *model, const char *name, int32_t kind)
{
    int64_t index[3], count = 0, i;
    int bits = 0;
    check(name, rf_model_support(model, kind, index, 3, &count) == RF_OK);
    printf("%-20s", name);
    for (i = 0; i < count; i++) {
        printf(" %d", (int)index[i]);
        bits |= 1 << index[i];
    }
    printf("\n");
    return bits;
}

/* w(t) - w(0) against the combination of the data. */
static void combine(const rf_model *model, double t)
{
    double alpha[3] = {NAN, NAN, NAN}, w[2] = {NAN, NAN}, expected, sum;
    int i, k;
    check("coefficients", rf_model_query_at(model, t, RF_COEFFICIENTS, alpha, 3) == RF_OK);
    check("weights", rf_model_query_at(model, t, RF_WEIGHTS, w, 2) == RF_OK);
    printf("t = %g: alpha = (%.12g, %.12g, %.12g), w = (%.12g, %.12g)\n", t, alpha[0], alpha[1],
           alpha[2], w[0], w[1]);
    for (k = 0; k < 2; k++) {
        sum = 0;
        for (i = 0; i < 3; i++) {
            sum += alpha[i] * X[2 * i + k];
        }
        check("w(t) - w(0) = sum of alpha_i x_i", close_to(sum, w[k] - w0[k]));
    }
    expected = log(2) + 3 * t + 0.5 - 2 * exp(-2 * t);
    check("alpha_1", close_to(alpha[0], expected));
    check("alpha_3", close_to(alpha[2], -2 - expected));
    check("w_1", close_to(w[0], 6 - 4 * exp(-2 * t)));
    check("w_2 is exactly 0 on the kink", fabs(w[1]) <= 1e-15);
}

int main(void)
{
    double alpha[3] = {NAN, NAN, NAN}, u[3] = {NAN, NAN, NAN};
    rf_model *model;
    if (rf_model_create(3, 2, X, y, &model) != RF_OK) {
        return 1;
    }
    check("init", rf_model_init(model, w0, 2) == RF_OK);
    check("run", rf_model_integrate(model, INFINITY) == RF_OK);
    check("active", print_support(model, "active:", RF_SUPPORT_ACTIVE) == 3);
    check("boundary", print_support(model, "on the boundary:", RF_SUPPORT_BOUNDARY) == 4);
    check("trajectory", print_support(model, "along the way:", RF_SUPPORT_TRAJECTORY) == 7);
    combine(model, 1);
    combine(model, 4);
    check("limit", rf_model_query(model, RF_COEFFICIENTS, alpha, 3) == RF_OK);
    check("every coefficient diverges", isinf(alpha[0]) && isinf(alpha[1]) && isinf(alpha[2]));
    check("with its sign", alpha[0] > 0 && alpha[1] < 0 && alpha[2] < 0);
    check("multipliers", rf_model_query(model, RF_MULTIPLIERS, u, 3) == RF_OK);
    check("the multiplier is 9 - 6", u[0] == 0 && u[1] == 0 && close_to(u[2], 3));
    printf("limit: multiplier of datum 2 is %.12g\n", u[2]);
    rf_model_free(model);
    return failures != 0;
}
