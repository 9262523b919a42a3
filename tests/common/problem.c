/* problem.c: problems to run the library on, and their naive evaluation.
 * SPDX-License-Identifier: MIT */
#include "problem.h"

#include "algebra.h"
#include "run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double problem_weight(const problem *p, int64_t i)
{
    return p->c ? p->c[i] : 1.0;
}

double problem_slope(const problem *p)
{
    if (p->activation == RF_LINEAR)
        return 1;
    return p->activation == RF_LEAKY_RELU ? p->beta : 0;
}

problem *problem_empty(int64_t n, int64_t d)
{
    problem *p = test_alloc(1, sizeof *p);

    p->n = n;
    p->d = d;
    p->X = test_doubles(n * d);
    p->y = test_doubles(n);
    p->w0 = test_doubles(d);
    p->time = 1;
    return p;
}

problem *problem_copy(const problem *p)
{
    problem *copy = problem_empty(p->n, p->d);

    copy->kind = p->kind;
    copy->seed = p->seed;
    copy->activation = p->activation;
    copy->beta = p->beta;
    copy->vanishing = p->vanishing;
    copy->time = p->time;
    memcpy(copy->X, p->X, (size_t)(p->n * p->d) * sizeof *p->X);
    memcpy(copy->y, p->y, (size_t)p->n * sizeof *p->y);
    memcpy(copy->w0, p->w0, (size_t)p->d * sizeof *p->w0);
    if (p->c) {
        copy->c = test_doubles(p->n);
        memcpy(copy->c, p->c, (size_t)p->n * sizeof *p->c);
    }
    return copy;
}

problem *problem_of_vector(const vector_case *v)
{
    problem *p = problem_empty(v->n, v->d);

    p->activation = v->activation;
    p->beta = v->beta;
    p->c = test_doubles(v->n);
    memcpy(p->X, v->X, (size_t)(v->n * v->d) * sizeof *v->X);
    memcpy(p->y, v->y, (size_t)v->n * sizeof *v->y);
    memcpy(p->c, v->c, (size_t)v->n * sizeof *v->c);
    memcpy(p->w0, v->u ? v->u : v->w0, (size_t)v->d * sizeof *v->w0);
    p->vanishing = v->u != NULL;
    problem_set_time(p);
    return p;
}

void problem_free(problem *p)
{
    free(p->X);
    free(p->y);
    free(p->c);
    free(p->w0);
    free(p);
}

void problem_set_time(problem *p)
{
    double trace = 0;

    for (int64_t i = 0; i < p->n; i++) {
        double norm = test_norm(p->X + i * p->d, p->d);

        trace += problem_weight(p, i) * norm * norm;
    }
    p->time = trace > 0 ? (double)p->d / trace : 1;
}

rf_model *problem_model(const problem *p)
{
    rf_model *model = NULL;

    ck_assert_int_eq(rf_model_create(p->n, p->d, p->X, p->y, &model), RF_OK);
    ck_assert_int_eq(rf_model_set_activation(model, p->activation, p->beta), RF_OK);
    if (p->c)
        ck_assert_int_eq(rf_model_set_data_weights(model, p->c, p->n), RF_OK);
    if (p->vanishing)
        ck_assert_int_eq(rf_model_init_direction(model, p->w0, p->d, 0), RF_OK);
    else
        ck_assert_int_eq(rf_model_init(model, p->w0, p->d), RF_OK);
    return model;
}

rf_model *problem_run(const problem *p, double t)
{
    rf_model *model = problem_model(p);
    rf_status status = rf_model_integrate(model, t);

    ck_assert_msg(status == RF_OK, "%s, seed %d: integrate to %g: %s (%s)", problem_name(p->kind),
                  (int)p->seed, t, rf_status_string(status), rf_model_error(model));
    return model;
}

void problem_gradient(const problem *p, const double *w, const uint8_t *state, const double *theta,
                      double *gradient)
{
    double slope = problem_slope(p);
    long double *sum = test_alloc(p->d, sizeof *sum);

    for (int64_t i = 0; i < p->n; i++) {
        const double *x = p->X + i * p->d;
        long double z = test_dot(x, w, p->d), s = state[i] == STATE_ACTIVE ? 1 : slope;
        long double factor = (s * z - p->y[i]) * s;

        if (state[i] == STATE_SLIDING)
            factor = -(long double)p->y[i] * (slope + (1 - slope) * (long double)theta[i]);
        for (int64_t k = 0; k < p->d; k++)
            sum[k] += problem_weight(p, i) * factor * x[k];
    }
    for (int64_t k = 0; k < p->d; k++)
        gradient[k] = (double)sum[k];
    free(sum);
}

double problem_loss(const problem *p, const double *w)
{
    double slope = problem_slope(p);
    long double sum = 0;

    for (int64_t i = 0; i < p->n; i++) {
        double z = test_dot(p->X + i * p->d, w, p->d);
        long double r = (z > 0 ? z : slope * (long double)z) - p->y[i];

        sum += problem_weight(p, i) * r * r;
    }
    return (double)(sum / 2);
}

double problem_gradient_size(const problem *p, double size)
{
    double sum = 0;

    for (int64_t i = 0; i < p->n; i++) {
        double norm = test_norm(p->X + i * p->d, p->d);

        sum += problem_weight(p, i) * norm * (fabs(p->y[i]) + norm * size);
    }
    return sum;
}
