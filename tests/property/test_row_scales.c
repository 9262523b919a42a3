/* test_row_scales.c: rows over many decades: w goes far along the directions of the short ones, and its rounding
 * is larger than what the long ones still do.  The run ends, and where the gradient vanishes.
 * SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "flow_data.h"

#include <math.h>
#include <stdlib.h>

/* A problem whose rows are shortened by 1e-5 to 1e-9, some or half of them; labels keep their size, or shrink with
 * their rows. */
static problem *scaled_rows(uint64_t seed, int64_t most, int labels)
{
    random_source source = random_seed(seed);
    const int64_t n = random_integer(&source, 2 * most / 5, most);
    const int64_t d = random_integer(&source, most / 4, 2 * most / 5);
    const double shift = random_uniform(&source) < 0.5 ? 0.0 : 0.2;
    const int64_t count = random_uniform(&source) < 0.5 ? 5 : n / 2;
    problem *p = problem_empty(n, d);

    p->seed = seed;
    p->c = test_doubles(n);
    for (int64_t k = 0; k < n * d; k++)
        p->X[k] = random_normal(&source);
    for (int64_t i = 0; i < n; i++) {
        p->c[i] = 1.0 / (double)n;
        p->y[i] = 2 * random_uniform(&source) - 1 - shift;
    }
    for (int64_t k = 0; k < d; k++)
        p->w0[k] = random_normal(&source);
    for (int64_t i = 0; i < count; i++) {
        const double size = pow(10.0, -5 - 4 * random_uniform(&source));

        for (int64_t k = 0; k < d; k++)
            p->X[i * d + k] *= size;
        p->y[i] *= labels ? size : 1.0;
    }
    problem_set_time(p);
    return p;
}

/* At the limit the gradient of every component is below 1e-4 of the sizes of its terms, those of short rows
 * included: the limit is known to eps cond X, some 1e-7 of w, and a sum of n terms. */
static void check_limit(const problem *p, const rf_model *model)
{
    double *w = test_doubles(p->d), *theta = test_doubles(p->n), *gradient = test_doubles(p->d);
    uint8_t *state = test_alloc(p->n, sizeof *state);

    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, w, p->d), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_PATTERN, theta, p->n), RF_OK);
    ck_assert_int_eq(rf_model_pattern(model, state, p->n), RF_OK);
    problem_gradient(p, w, state, theta, gradient);
    for (int64_t k = 0; k < p->d; k++) {
        double size = 0;

        for (int64_t i = 0; i < p->n; i++) {
            double z = test_dot(p->X + i * p->d, w, p->d);

            if (state[i] != STATE_INACTIVE)
                size += p->c[i] * fabs(p->X[i * p->d + k])
                        * (fabs(p->y[i]) * fabs(theta[i]) + fabs(state[i] == STATE_ACTIVE ? z : 0));
        }
        ck_assert_msg(fabs(gradient[k]) <= 1e-4 * size, "seed %d: gradient %g of terms %g",
                      (int)p->seed, gradient[k], size);
    }
    free(w);
    free(theta);
    free(gradient);
    free(state);
}

START_TEST(limit_is_reached)
{
    for (uint64_t seed = 1; seed <= 150; seed++) {
        problem *p = scaled_rows(seed, 50, 0);
        rf_model *model = problem_run(p, INFINITY);

        check_limit(p, model);
        rf_model_free(model);
        problem_free(p);
    }
}
END_TEST

/* With short labels w need not go far, but what the short rows still do is below the rounding of the long ones. */
START_TEST(run_ends)
{
    for (uint64_t seed = 44; seed <= 46; seed++) {
        problem *p = scaled_rows(seed, 100, 1);
        rf_model *model = problem_run(p, INFINITY);
        double loss = NAN;

        ck_assert_int_eq(rf_model_query(model, RF_LOSS, &loss, 1), RF_OK);
        ck_assert_double_le(loss, problem_loss(p, p->w0));
        rf_model_free(model);
        problem_free(p);
    }
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"limit is reached", limit_is_reached, 0},
        {"run ends", run_ends, 0},
    };

    return run_tests("property row scales", entries, sizeof entries / sizeof *entries);
}
