/* test_api_neurons.c: several neurons with fixed outer weights, through every function that knows them.
 * SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "fixture.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 7, D = 3, M = 3 };

static const double outer[M] = {1.25, -0.75, 0.5};

typedef struct fixture {
    double X[N * D], y[N], w[M * D];
} fixture;

static void fill(fixture *f, uint64_t seed)
{
    random_source r = random_seed(seed);

    for (int64_t k = 0; k < N * D; k++)
        f->X[k] = random_normal(&r);
    for (int64_t k = 0; k < N; k++)
        f->y[k] = random_normal(&r);
    for (int64_t k = 0; k < M * D; k++)
        f->w[k] = random_normal(&r);
}

static rf_model *network(const fixture *f, int64_t n, const double *X, const double *y)
{
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(n, D, X, y, &model));
    expect(RF_OK, rf_model_set_outer_weights(model, M, outer, M));
    expect(RF_OK, rf_model_init(model, f->w, M * D));
    return model;
}

static void weights(const rf_model *model, double *w)
{
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, M * D));
}

START_TEST(errors)
{
    const double zero[] = {1, 0}, nan[] = {1, NAN}, good[] = {1, -2};
    rf_model *model = plane_model();
    rf_landscape *landscape;

    ck_assert_int_eq(rf_model_neurons(NULL), 0);
    ck_assert_int_eq(rf_model_neurons(model), 1);
    plane_init(model);
    expect(RF_ERROR_ARGUMENT, rf_model_set_outer_weights(NULL, 2, good, 2));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_set_outer_weights(model, 2, NULL, 2));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_set_outer_weights(model, 2, zero, 2));
    expect_unchanged(model, RF_ERROR_NOT_FINITE, rf_model_set_outer_weights(model, 2, nan, 2));
    expect_unchanged(model, RF_ERROR_SIZE, rf_model_set_outer_weights(model, 2, good, 1));
    expect_unchanged(model, RF_ERROR_SIZE, rf_model_set_outer_weights(model, 0, good, 0));
    expect_unchanged(model, RF_ERROR_SIZE,
                     rf_model_set_outer_weights(model, INT64_MAX, good, INT64_MAX));
    ck_assert_int_eq(rf_model_neurons(model), 1);
    expect(RF_OK, rf_model_set_outer_weights(model, 2, good, 2));
    ck_assert_int_eq(rf_model_neurons(model), 2);
    ck_assert_int_eq(rf_model_dim(model), 2);
    expect(RF_ERROR_STATE, rf_model_integrate(model, 1)); /* a setting asks for an init */
    expect(RF_ERROR_STATE, rf_model_set_activation(model, RF_LEAKY_RELU, 0.5));
    expect(RF_ERROR_STATE, rf_landscape_create(model, &landscape));
    expect(RF_ERROR_SIZE, rf_model_init(model, good, 2));
    expect(RF_OK, rf_model_set_outer_weights(model, 1, good, 1));
    expect(RF_OK, rf_model_set_activation(model, RF_LINEAR, 0));
    expect(RF_ERROR_STATE, rf_model_set_outer_weights(model, 2, good, 2));
    rf_model_free(model);
}
END_TEST

START_TEST(sizes)
{
    static const struct {
        int32_t quantity;
        int64_t size;
    } expected[] = {{RF_WEIGHTS, M * D},   {RF_VELOCITY, M * D},     {RF_GRADIENT, M * D},
                    {RF_RATES, M * D},     {RF_LEAST_NORM, M * D},   {RF_MARGINS, M * N},
                    {RF_PATTERN, M * N},   {RF_COEFFICIENTS, M * N}, {RF_MULTIPLIERS, M * N},
                    {RF_LAST_ACTIVE, M * N}, {RF_RESIDUALS, N},      {RF_OUTPUTS, N},
                    {RF_LOSS, 1},          {RF_NORM_RATE, 1}};
    fixture f;
    rf_model *model;

    fill(&f, 1);
    model = network(&f, N, f.X, f.y);
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        int64_t len = 0;

        expect(RF_OK, rf_model_query_size(model, expected[k].quantity, &len));
        ck_assert_int_eq(len, expected[k].size);
    }
    rf_model_free(model);
}
END_TEST

/* At any weights, before an init: outputs and margins are sums of three products of numbers of order 1. */
START_TEST(evaluated)
{
    double z[M * N], out[N];
    fixture f;
    rf_model *model = NULL;

    fill(&f, 2);
    expect(RF_OK, rf_model_create(N, D, f.X, f.y, &model));
    expect(RF_OK, rf_model_set_outer_weights(model, M, outer, M));
    expect(RF_OK, rf_model_evaluate(model, f.w, M * D, RF_MARGINS, z, M * N));
    expect(RF_OK, rf_model_evaluate(model, f.w, M * D, RF_OUTPUTS, out, N));
    for (int64_t i = 0; i < N; i++) {
        double sum = 0;

        for (int64_t j = 0; j < M; j++) {
            double margin = test_dot(f.X + i * D, f.w + j * D, D);

            ck_assert_double_le(fabs(margin - z[j * N + i]), 1e-14);
            sum += outer[j] * fmax(margin, 0);
        }
        ck_assert_double_le(fabs(sum - out[i]), 1e-14);
    }
    expect(RF_ERROR_SIZE, rf_model_evaluate(model, f.w, M * D, RF_OUTPUTS, out, M * N));
    expect(RF_ERROR_SIZE, rf_model_evaluate(model, f.w, D, RF_OUTPUTS, out, N));
    expect(RF_ERROR_ARGUMENT, rf_model_evaluate(model, f.w, M * D, RF_RATES, z, M * D));
    rf_model_free(model);
}
END_TEST

/* a sigma(x . w) - y = a (sigma(x . w) - y/a): a power of 2 changes no bit of the problem, and the limit
 * agrees to the roundings of two decompositions of a case with a condition below 100. */
START_TEST(one_neuron_is_scaled)
{
    const double a = 4;

    for (uint64_t seed = 0; seed < 20; seed++) {
        double y[N], c[N], w[D], v[D];
        fixture f;
        rf_model *plain = NULL, *scaled = NULL;

        fill(&f, 100 + seed);
        for (int64_t i = 0; i < N; i++) {
            y[i] = f.y[i] / a;
            c[i] = a * a;
        }
        expect(RF_OK, rf_model_create(N, D, f.X, y, &plain));
        expect(RF_OK, rf_model_set_data_weights(plain, c, N));
        expect(RF_OK, rf_model_create(N, D, f.X, f.y, &scaled));
        expect(RF_OK, rf_model_set_outer_weights(scaled, 1, &a, 1));
        expect(RF_OK, rf_model_init(plain, f.w, D));
        expect(RF_OK, rf_model_init(scaled, f.w, D));
        expect(RF_OK, rf_model_integrate(plain, INFINITY));
        expect(RF_OK, rf_model_integrate(scaled, INFINITY));
        expect(RF_OK, rf_model_query(plain, RF_WEIGHTS, w, D));
        expect(RF_OK, rf_model_query(scaled, RF_WEIGHTS, v, D));
        ck_assert_int_eq(rf_model_event_count(plain), rf_model_event_count(scaled));
        ck_assert_double_lt(test_distance(w, v, D), 1e-12 * (1 + test_norm(w, D)));
        rf_model_free(plain);
        rf_model_free(scaled);
    }
}
END_TEST

/* w_j - eta a_j sum_i r_i [z_ij > 0] x_i, step by step. */
static void descend(const fixture *f, double *w, double eta, int64_t steps)
{
    for (int64_t s = 0; s < steps; s++) {
        double gradient[M * D] = {0};

        for (int64_t i = 0; i < N; i++) {
            double r = -f->y[i], z[M];

            for (int64_t j = 0; j < M; j++) {
                z[j] = test_dot(f->X + i * D, w + j * D, D);
                r += outer[j] * fmax(z[j], 0);
            }
            for (int64_t k = 0; k < M * D; k++)
                gradient[k] += z[k / D] > 0 ? outer[k / D] * r * f->X[i * D + k % D] : 0;
        }
        for (int64_t k = 0; k < M * D; k++)
            w[k] -= eta * gradient[k];
    }
}

/* 2000 steps, most of them in closed form, accumulate roundings of 1e-16 each: 1e-11. */
START_TEST(descent)
{
    for (uint64_t seed = 0; seed < 10; seed++) {
        double w[M * D], v[M * D];
        fixture f;
        rf_model *model;

        fill(&f, 200 + seed);
        model = network(&f, N, f.X, f.y);
        memcpy(w, f.w, sizeof w);
        descend(&f, w, 1e-3, 2000);
        expect(RF_OK, rf_model_step(model, 1e-3, 2000));
        weights(model, v);
        ck_assert_double_lt(test_distance(w, v, M * D), 1e-11 * (1 + test_norm(w, M * D)));
        rf_model_free(model);
    }
}
END_TEST

/* The same from new models, to the bit. */
START_TEST(left_out_and_swept)
{
    const int64_t all[N] = {0, 1, 2, 3, 4, 5, 6};
    const double eps[] = {0.5, 1};
    double W[N * M * D], X[N * D], y[N], w[M * D], table[2 * M * D];
    rf_sweep *sweep = NULL;
    fixture f;
    rf_model *model, *other;

    fill(&f, 300);
    model = network(&f, N, f.X, f.y);
    expect(RF_OK, rf_model_leave_one_out(model, N, all, W, N * M * D, NULL, NULL));
    for (int64_t i = 0; i < N; i++) {
        for (int64_t k = 0, row = 0; k < N; k++) {
            if (k == i)
                continue;
            memcpy(X + row * D, f.X + k * D, D * sizeof *X);
            y[row++] = f.y[k];
        }
        other = network(&f, N - 1, X, y);
        expect(RF_OK, rf_model_integrate(other, INFINITY));
        weights(other, w);
        ck_assert_double_lt(test_distance(w, W + i * M * D, M * D),
                            1e-12 * (1 + test_norm(w, M * D)));
        rf_model_free(other);
    }
    expect(RF_OK, rf_sweep_create(model, 1, f.w, M * D, 2, eps, &sweep));
    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    expect(RF_OK, rf_sweep_query(sweep, RF_WEIGHTS, table, 2 * M * D));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    weights(model, w);
    ck_assert(same_bits(w, table + M * D, M * D));
    rf_sweep_free(sweep);
    rf_model_free(model);
}
END_TEST

/* Fails the allocation of that number, and counts. */
typedef struct failing {
    int64_t live, countdown;
} failing;

static void *allocate(size_t size, void *user)
{
    failing *m = user;
    void *block = m->countdown > 0 && --m->countdown == 0 ? NULL : malloc(size);

    m->live += block != NULL;
    return block;
}

static void release(void *block, void *user)
{
    failing *m = user;

    m->live -= block != NULL;
    free(block);
}

static rf_status run(rf_model *model, const fixture *f)
{
    rf_status status = rf_model_set_outer_weights(model, M, outer, M);

    if (status == RF_OK)
        status = rf_model_init(model, f->w, M * D);
    return status == RF_OK ? rf_model_integrate(model, INFINITY) : status;
}

/* Every allocation may fail: the call says so, loses nothing, and works when it is repeated. */
START_TEST(without_memory)
{
    failing memory = {0, 0};
    const rf_allocator allocator = {allocate, release, &memory};
    rf_status status = RF_ERROR_MEMORY;
    fixture f;

    fill(&f, 400);
    for (int64_t which = 1; status == RF_ERROR_MEMORY; which++) {
        rf_model *model = NULL;

        expect(RF_OK, rf_model_create_ex(N, D, f.X, D, 1, f.y, 0, &allocator, &model, NULL, 0));
        memory.countdown = which;
        status = run(model, &f);
        if (status == RF_ERROR_MEMORY)
            expect(RF_OK, run(model, &f));
        else
            expect(RF_OK, status);
        memory.countdown = 0;
        rf_model_free(model);
        ck_assert_int_eq(memory.live, 0);
        ck_assert_int_lt(which, 10000);
    }
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"errors", errors, 0},
        {"evaluated", evaluated, 0},
        {"sizes", sizes, 0},
        {"one neuron is scaled", one_neuron_is_scaled, 0},
        {"descent", descent, 0},
        {"left out and swept", left_out_and_swept, 0},
        {"without memory", without_memory, 0},
    };

    return run_tests("api neurons", entries, sizeof entries / sizeof *entries);
}
