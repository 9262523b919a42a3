/* network.c: several neurons with fixed outer weights, and what symmetry makes of them.
 * SPDX-License-Identifier: MIT
 *
 * Two neurons, f(x) = sigma(x . w_1) - sigma(x . w_2), on rows that come in pairs x, -x.  As sigma(z) = z/2 + |z|/2,
 *
 *     f(x) - f(-x) = x . (w_1 - w_2),        f(x) + f(-x) = |x . w_1| - |x . w_2|,
 *
 * so the odd part of f is linear, and its even part at most as large: | |x . w_1| - |x . w_2| | <= |x . (w_1 - w_2)|.
 *   - Labels y = x . u are fitted exactly, by w_1 = -w_2 = u.
 *   - Odd labels are fitted no better than by a line: the even part can only add to the loss.
 *   - Even labels are not fitted: of each pair ((f(x) - y)^2 + (f(-x) - y)^2)/2 >= y^2/2, half the loss of f = 0,
 *     with equality where f is y on one side and 0 on the other.
 * All three bounds hold along the whole flow, and its limits reach them from the start below; on the odd
 * labels both neurons end at the same weight, and f = 0.
 *
 * Then identical neurons: they remain identical to the last bit, and a pair with w_2 = -w_1 on odd labels remains
 * such a pair up to rounding.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <reluflow/reluflow.h>

enum { N = 6, D = 2, TIMES = 200 };

static const double X[N * D] = {1, 0, 0, 1, 1, 1, -1, 0, 0, -1, -1, -1};
static const double start[2 * D] = {0.5, 1, -0.25, 0.5};
static int failures = 0;

static void check(const char *what, int right)
{
    if (!right) {
        printf("WRONG: %s\n", what);
        failures++;
    }
}

static rf_model *create(const double *y, int64_t m, const double *a, const double *w)
{
    rf_model *model = NULL;
    check("create", rf_model_create(N, D, X, y, &model) == RF_OK);
    check("outer weights", rf_model_set_outer_weights(model, m, a, m) == RF_OK);
    check("init", rf_model_init(model, w, m * D) == RF_OK);
    check("integrate", rf_model_integrate(model, INFINITY) == RF_OK);
    return model;
}

static double loss_at(const rf_model *model, double t)
{
    double loss = NAN;
    check("loss", rf_model_query_at(model, t, RF_LOSS, &loss, 1) == RF_OK);
    return loss;
}

/* The loss of one linear neuron at its limit, the best linear fit. */
static double linear_loss(const double *y)
{
    const double w[D] = {0, 0};
    rf_model *model = NULL;
    double loss;
    check("create", rf_model_create(N, D, X, y, &model) == RF_OK);
    check("linear", rf_model_set_activation(model, RF_LINEAR, 0) == RF_OK);
    check("init", rf_model_init(model, w, D) == RF_OK);
    check("integrate", rf_model_integrate(model, INFINITY) == RF_OK);
    loss = loss_at(model, INFINITY);
    rf_model_free(model);
    return loss;
}

/* Whether |w_1| and |w_2| strictly increase, in words. */
static void print_norms(const rf_model *model)
{
    int32_t increases[2] = {0, 0};
    double failure[2] = {NAN, NAN};
    int j;
    check("certificates", rf_model_neuron_certificates(model, increases, failure, 2) == RF_OK);
    for (j = 0; j < 2; j++) {
        if (increases[j])
            printf("    |w_%d| strictly increases\n", j + 1);
        else if (isnan(failure[j]))
            printf("    |w_%d| never falls, but rests\n", j + 1);
        else
            printf("    |w_%d| falls from t = %.6f on\n", j + 1, failure[j]);
    }
}

/* The flow on some labels; its loss never goes below the bound and ends there. */
static void fit(const char *name, const double *y, double bound)
{
    const double a[] = {1, -1};
    double w[2 * D], zero = 0;
    rf_model *model = create(y, 2, a, start);
    int i;
    check("weights", rf_model_query(model, RF_WEIGHTS, w, 2 * D) == RF_OK);
    for (i = 0; i < N; i++)
        zero += y[i] * y[i] / 2;
    printf("%s: w_1 = (%.6f, %.6f), w_2 = (%.6f, %.6f)\n", name, w[0], w[1], w[2], w[3]);
    printf("    loss %.6f; best line %.6f, zero %.6f\n", fabs(loss_at(model, INFINITY)),
           linear_loss(y), zero);
    print_norms(model);
    for (i = 0; i < TIMES; i++)
        check("bound", loss_at(model, 0.05 * i) >= bound - 1e-13);
    check("limit at the bound", fabs(loss_at(model, INFINITY) - bound) < 1e-12);
    rf_model_free(model);
}

/* Four neurons, the first two and the last two identical; the numbers of each pair have the same bits at all
 * times. */
static void identical(void)
{
    const double y[N] = {1, 2, 3, 1, 2, 0}, a[] = {1, 1, -0.5, -0.5};
    const double w0[] = {0.5, 1, 0.5, 1, -0.25, 0.5, -0.25, 0.5};
    double w[4 * D], weight[4];
    int64_t group[4] = {-1, -1, -1, -1};
    rf_model *model = create(y, 4, a, w0);
    int i, same = 1;
    for (i = 0; i <= TIMES; i++) {
        const double t = i < TIMES ? 0.05 * i : INFINITY;
        check("weights", rf_model_query_at(model, t, RF_WEIGHTS, w, 4 * D) == RF_OK);
        same = same && memcmp(w, w + D, sizeof(double) * D) == 0
               && memcmp(w + 2 * D, w + 3 * D, sizeof(double) * D) == 0;
    }
    check("groups", rf_model_neuron_groups(model, 0, group, weight, 4) == RF_OK);
    printf("four neurons, %d events: pairs are identical to the last bit: %s; groups %d %d %d %d\n",
           (int)rf_model_event_count(model), same ? "yes" : "no", (int)group[0], (int)group[1],
           (int)group[2], (int)group[3]);
    check("identical", same);
    check("of one group", group[0] == 0 && group[1] == 0 && group[2] == 2 && group[3] == 2);
    rf_model_free(model);
}

/* With a = (1, -1), rows in pairs and odd labels the map (w_1, w_2) -> (-w_2, -w_1) leaves the loss as it is: a start
 * that it leaves as it is stays so.  The rows of the two neurons are summed in another order. */
static void mirrored(void)
{
    const double y[N] = {1, 1, -1, -1, -1, 1}, a[] = {1, -1}, w0[] = {1, 0.5, -1, -0.5};
    double w[2 * D], most = 0;
    rf_model *model = create(y, 2, a, w0);
    int i, k;
    for (i = 0; i <= TIMES; i++) {
        const double t = i < TIMES ? 0.05 * i : INFINITY;
        check("weights", rf_model_query_at(model, t, RF_WEIGHTS, w, 2 * D) == RF_OK);
        for (k = 0; k < D; k++)
            most = fmax(most, fabs(w[k] + w[D + k]));
    }
    printf("a mirrored pair, %d events: w_1 + w_2 is 0 to rounding: %s\n",
           (int)rf_model_event_count(model), most < 1e-14 ? "yes" : "no");
    check("mirrored", most < 1e-14);
    rf_model_free(model);
}

int main(void)
{
    const double linear[N] = {1, 2, 3, -1, -2, -3}, odd[N] = {1, 1, -1, -1, -1, 1};
    const double even[N] = {1, 2, 3, 1, 2, 3};
    fit("linear labels", linear, 0);
    fit("odd labels", odd, 3);
    fit("even labels", even, 7);
    identical();
    mirrored();
    return failures > 0;
}
