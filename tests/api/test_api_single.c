/* test_api_single.c: data in single precision (RF_DATA_F32) give bit for bit what the same
 * numbers give in double precision. SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 4, FORMS = 4 };

/* A problem whose X are floats, except the kinds beyond their range. */
static problem *make(int index)
{
    problem *p = problem_make((enum problem_kind)(index / SEEDS), (uint64_t)(index % SEEDS + 1));

    if (p->kind == PROBLEM_TINY || p->kind == PROBLEM_HUGE) {
        problem_free(p);
        p = problem_make(PROBLEM_GAUSSIAN, (uint64_t)(index + 100));
    }
    for (int64_t k = 0; k < p->n * p->d; k++)
        p->X[k] = (double)(float)p->X[k];
    return p;
}

/* As problem_model, with X in single precision: by rows, by columns, backwards, and borrowed from a
 * wider array.  The block is to be freed after the model. */
static rf_model *single_model(const problem *p, int form, float **block)
{
    const int64_t n = p->n, d = p->d;
    const int64_t row[FORMS] = {d, 1, -d, d + 3}, column[FORMS] = {1, n, 1, 1};
    const int64_t first = form == 2 ? (n - 1) * d : 0;
    rf_model *model = NULL;

    *block = test_alloc(n * (d + 3), sizeof **block);
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < d; k++)
            (*block)[first + i * row[form] + k * column[form]] = (float)p->X[i * d + k];
    expect(RF_OK, rf_model_create_ex(n, d, *block + first, row[form], column[form], p->y,
                                     RF_DATA_F32 | (form == 3 ? RF_BORROW_DATA : 0u), NULL, &model,
                                     NULL, 0));
    expect(RF_OK, rf_model_set_activation(model, p->activation, p->beta));
    if (p->c)
        expect(RF_OK, rf_model_set_data_weights(model, p->c, p->n));
    if (p->vanishing)
        expect(RF_OK, rf_model_init_direction(model, p->w0, p->d, 0));
    else
        expect(RF_OK, rf_model_init(model, p->w0, p->d));
    return model;
}

static void same_saved(const rf_model *a, const rf_model *b)
{
    int64_t size = 0, other = 0;
    unsigned char *x, *y;

    expect(RF_OK, rf_model_save(a, NULL, 0, &size));
    expect(RF_OK, rf_model_save(b, NULL, 0, &other));
    ck_assert_int_eq(size, other);
    x = test_alloc(size, 1);
    y = test_alloc(size, 1);
    expect(RF_OK, rf_model_save(a, x, size, &size));
    expect(RF_OK, rf_model_save(b, y, size, &size));
    ck_assert_mem_eq(x, y, (size_t)size);
    free(x);
    free(y);
}

START_TEST(flow)
{
    problem *p = make(_i);
    rf_model *wide = problem_model(p);

    expect(RF_OK, rf_model_set_event_limit(wide, 4 * p->n + 100));
    {
        const rf_status end = rf_model_integrate(wide, INFINITY);

        for (int form = 0; form < FORMS; form++) {
            float *block;
            rf_model *model = single_model(p, form, &block), *clone = NULL;

            expect(RF_OK, rf_model_set_event_limit(model, 4 * p->n + 100));
            expect(end, rf_model_integrate(model, INFINITY));
            ck_assert(models_same(model, wide));
            same_saved(model, wide);
            expect(RF_OK, rf_model_clone(model, &clone));
            ck_assert(models_same_state(clone, wide));
            rf_model_free(clone);
            rf_model_free(model);
            free(block);
        }
    }
    rf_model_free(wide);
    problem_free(p);
}
END_TEST

START_TEST(descent)
{
    problem *p = make(_i);
    rf_model *wide = problem_model(p), *model;
    const double eta = 0.2 * p->time;
    float *block;

    if (!p->vanishing) {
        model = single_model(p, _i % FORMS, &block);
        expect(RF_OK, rf_model_step(wide, eta, 50));
        expect(RF_OK, rf_model_step(model, eta, 50));
        ck_assert(models_same(model, wide));
        rf_model_free(model);
        free(block);
    }
    rf_model_free(wide);
    problem_free(p);
}
END_TEST

/* Several neurons, and leave-one-out, at single data; a sweep of one. */
START_TEST(the_rest)
{
    problem *p = make(_i % (PROBLEM_GENERIC_COUNT * SEEDS));
    const double a[] = {1, -0.5, 0.75};
    const int64_t which[] = {0, p->n - 1};
    double *w0 = test_doubles(3 * p->d), *limit[2];
    float *block;
    rf_model *model[2];
    random_source source = random_seed(5);

    for (int64_t k = 0; k < 3 * p->d; k++)
        w0[k] = random_normal(&source) * p->w0[k % p->d];
    model[0] = problem_model(p);
    model[1] = single_model(p, _i % FORMS, &block);
    for (int k = 0; k < 2; k++) {
        rf_sweep *sweep = NULL;
        rf_model *run = NULL;
        const double scale = 1.0;

        limit[k] = test_doubles(2 * p->d);
        expect(RF_OK, rf_sweep_create(model[k], 1, p->w0, p->d, 1, &scale, &sweep));
        expect(RF_OK, rf_sweep_run(sweep, 10 * p->time));
        expect(RF_OK, rf_sweep_model(sweep, 0, &run));
        rf_sweep_free(sweep);
        expect(RF_OK, rf_model_leave_one_out(run, 2, which, limit[k], 2 * p->d, NULL, NULL));
        if (p->activation == RF_RELU) {
            expect(RF_OK, rf_model_set_outer_weights(model[k], 3, a, 3));
            expect(RF_OK, rf_model_init(model[k], w0, 3 * p->d));
            expect(RF_OK, rf_model_integrate(model[k], 10 * p->time));
        }
        rf_model_free(run);
    }
    ck_assert_mem_eq(limit[0], limit[1], sizeof(double) * (size_t)(2 * p->d));
    ck_assert(models_same(model[0], model[1]));
    for (int k = 0; k < 2; k++) {
        rf_model_free(model[k]);
        free(limit[k]);
    }
    free(block);
    free(w0);
    problem_free(p);
}
END_TEST

START_TEST(plane)
{
    enum { N = 9 };
    random_source source = random_seed(11);
    float X[2 * N];
    double wide[2 * N], y[N];
    rf_model *model[2] = {NULL, NULL};
    rf_landscape *all[2] = {NULL, NULL};

    for (int k = 0; k < 2 * N; k++)
        wide[k] = X[k] = (float)random_normal(&source);
    for (int k = 0; k < N; k++)
        y[k] = random_normal(&source);
    expect(RF_OK, rf_model_create(N, 2, wide, y, &model[0]));
    expect(RF_OK, rf_model_create_ex(N, 2, X, 2, 1, y, RF_DATA_F32 | RF_BORROW_DATA, NULL, &model[1],
                                     NULL, 0));
    for (int k = 0; k < 2; k++)
        expect(RF_OK, rf_landscape_create(model[k], &all[k]));
    ck_assert_int_gt(rf_landscape_count(all[0]), 1);
    ck_assert_int_eq(rf_landscape_count(all[0]), rf_landscape_count(all[1]));
    for (int64_t i = 0; i < rf_landscape_count(all[0]); i++) {
        rf_stationary_point a, b;

        expect(RF_OK, rf_landscape_point(all[0], i, &a));
        expect(RF_OK, rf_landscape_point(all[1], i, &b));
        ck_assert_mem_eq(&a, &b, sizeof a);
    }
    for (int k = 0; k < 2; k++) {
        rf_landscape_free(all[k]);
        rf_model_free(model[k]);
    }
}
END_TEST

/* The largest, the smallest and the denormal floats; infinity and NaN are named with their
 * place. */
START_TEST(extremes)
{
    float X[] = {3.4e38f, -3.4e38f, 1.2e-38f, 1e-45f};
    const double y[] = {1, 2};
    char message[200];
    double margin[2];
    const double w[] = {1, 0.5};
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create_ex(2, 2, X, 2, 1, y, RF_DATA_F32, NULL, &model, NULL, 0));
    expect(RF_OK, rf_model_evaluate(model, w, 2, RF_MARGINS, margin, 2));
    ck_assert(margin[0] == (double)X[0] + 0.5 * (double)X[1]);
    ck_assert(margin[1] == (double)X[2] + 0.5 * (double)X[3]);
    rf_model_free(model);
    for (int bad = 0; bad < 2; bad++) {
        X[3] = bad ? NAN : INFINITY;
        expect(RF_ERROR_NOT_FINITE, rf_model_create_ex(2, 2, X, 2, 1, y, RF_DATA_F32, NULL, &model,
                                                       message, sizeof message));
        ck_assert_ptr_null(model);
        ck_assert_msg(strstr(message, "X[1][1]") != NULL, "%s", message);
    }
    expect(RF_ERROR_ARGUMENT, rf_model_create_ex(2, 2, X, 2, 1, y, 4, NULL, &model, NULL, 0));
}
END_TEST

/* Columns of sizes 1 .. 1e-3 and so many rows that segments follow each other late, and are built without left
 * singular vectors: in single precision, in a clone and loaded anew the same bits. */
START_TEST(many_segments)
{
    enum { N = 300, D = 15 };
    random_source source = random_seed((uint64_t)_i + 1);
    float *X = test_alloc(N * D, sizeof *X);
    double *wide = test_alloc(N * D, sizeof *wide), y[N], w0[D];
    rf_model *model[4] = {NULL};
    unsigned char *saved;
    int64_t size = 0;

    for (int64_t k = 0; k < N * D; k++)
        wide[k] = X[k] = (float)(random_normal(&source) * pow(10.0, -3.0 * (double)(k % D) / D));
    for (int64_t i = 0; i < N; i++)
        y[i] = random_uniform(&source);
    for (int64_t k = 0; k < D; k++)
        w0[k] = 0.01 * random_normal(&source);
    expect(RF_OK, rf_model_create(N, D, wide, y, &model[0]));
    expect(RF_OK, rf_model_create_ex(N, D, X, D, 1, y, RF_DATA_F32, NULL, &model[1], NULL, 0));
    for (int k = 0; k < 2; k++) {
        expect(RF_OK, rf_model_init(model[k], w0, D));
        expect(RF_OK, rf_model_integrate(model[k], INFINITY));
    }
    expect(RF_OK, rf_model_clone(model[0], &model[2]));
    expect(RF_OK, rf_model_save(model[0], NULL, 0, &size));
    saved = test_alloc(size, 1);
    expect(RF_OK, rf_model_save(model[0], saved, size, &size));
    expect(RF_OK, rf_model_load(saved, size, NULL, &model[3], NULL, 0));
    ck_assert(models_same(model[1], model[0]));
    ck_assert(models_same_state(model[2], model[0]));
    ck_assert(models_same_state(model[3], model[0]));
    for (int k = 0; k < 4; k++)
        rf_model_free(model[k]);
    free(saved);
    free(wide);
    free(X);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"flow", flow, PROBLEM_KIND_COUNT * SEEDS},
        {"many segments", many_segments, 4},
        {"descent", descent, PROBLEM_KIND_COUNT * SEEDS},
        {"the rest", the_rest, 2 * PROBLEM_GENERIC_COUNT},
        {"plane", plane, 0},
        {"extremes", extremes, 0},
    };

    return run_tests("api single precision", entries, sizeof entries / sizeof *entries);
}
