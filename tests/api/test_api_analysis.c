/* test_api_analysis.c: the certificates of the norm of each neuron, and groups of neurons of one direction.
 * SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "fixture.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 5 };

/* Two data at right angles; m neurons of outer weights a. */
static rf_model *square(double y0, double y1, double c0, int64_t m, const double *a)
{
    const double X[] = {1, 0, 0, 1}, y[] = {y0, y1}, c[] = {c0, 1};
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(2, 2, X, y, &model));
    expect(RF_OK, rf_model_set_data_weights(model, c, 2));
    expect(RF_OK, rf_model_set_outer_weights(model, m, a, m));
    return model;
}

typedef struct answers {
    int32_t increasing[MOST];
    double failure[MOST];
} answers;

static answers certified(const rf_model *model)
{
    answers a;

    expect(RF_OK, rf_model_neuron_certificates(model, a.increasing, a.failure,
                                               rf_model_neurons(model)));
    return a;
}

/* Neurons that see one datum each, of their own: the first rises to its label, the second falls to it, the
 * third sees none and rests, the fourth is at its origin. */
START_TEST(apart)
{
    const double a[] = {1, 1, -1, 1}, w[] = {0.125, -1, -1, 3, -1, -2, 0, 0};
    rf_model *model = square(1, 2, 1, 4, a);

    expect(RF_OK, rf_model_init(model, w, 8));
    for (int k = 0; k < 2; k++) {
        answers c;

        expect(RF_OK, rf_model_integrate(model, k == 0 ? 0.5 : INFINITY));
        c = certified(model);
        /* The norm of w_1 = (z, -1) rises while z does. */
        ck_assert(c.increasing[0] == 1 && isnan(c.failure[0]));
        ck_assert(c.increasing[1] == 0 && c.failure[1] == 0);
        ck_assert(c.increasing[2] == 0 && isnan(c.failure[2]));
        ck_assert(c.increasing[3] == 0 && isnan(c.failure[3]));
    }
    rf_model_free(model);
}
END_TEST

/* Two neurons of a = 1, both active on both data with c = (100, 1): r_1 = r_1(0) e^{-200 t}, r_2 = r_2(0)
 * e^{-2 t}, and each moves by half of what is missing. */
typedef struct pair {
    double start[2], residual[2];
} pair;

static double rate_of(const pair *p, double t)
{
    double sum = 0;

    for (int i = 0; i < 2; i++) {
        double lambda = i == 0 ? 200 : 2, left = exp(-lambda * t);
        double z = p->start[i] - p->residual[i] / 2 * (1 - left);

        sum -= z * p->residual[i] / 2 * lambda * left;
    }
    return sum;
}

/* The first neuron rises along the first datum at once and falls along the second for long. */
START_TEST(falls_later)
{
    const double a[] = {1, 1}, w[] = {0.1, 1.5, 0.2, 0.25};
    const pair p = {{0.1, 1.5}, {0.3 - 1, 1.75 - 1}};
    double from = 0, to = 1;
    rf_model *model = square(1, 1, 100, 2, a);
    answers c;

    for (int k = 0; k < 100; k++) {
        double half = (from + to) / 2;

        *(rate_of(&p, half) > 0 ? &from : &to) = half;
    }
    ck_assert_double_gt(rate_of(&p, 0), 0);
    ck_assert(from > 0.001 && to < 0.5);
    expect(RF_OK, rf_model_init(model, w, 4));
    expect(RF_OK, rf_model_integrate(model, from / 2));
    c = certified(model);
    ck_assert(c.increasing[0] == 1 && isnan(c.failure[0]));
    /* The root is simple, of a slope 100 times the terms: it is good to some eps. */
    for (int k = 0; k < 2; k++) {
        expect(RF_OK, rf_model_integrate(model, k == 0 ? 1 : INFINITY));
        c = certified(model);
        ck_assert_int_eq(c.increasing[0], 0);
        ck_assert_double_le(fabs(c.failure[0] - from), 256 * TEST_EPS);
    }
    rf_model_free(model);
}
END_TEST

/* From the limit of vanishing initialization: 0 at t = 0, increasing from t = 0+. */
START_TEST(from_zero)
{
    const double a[] = {1, 1}, u[] = {1, 0.5, 0.5, 1};
    rf_model *model = square(1, 2, 1, 2, a);
    answers c;

    expect(RF_OK, rf_model_init_direction(model, u, 4, 0));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    c = certified(model);
    ck_assert(c.increasing[0] == 1 && c.increasing[1] == 1);
    rf_model_free(model);
}
END_TEST

/* One neuron: the answer of rf_model_norm_certificate, to the bit. */
START_TEST(one)
{
    rf_model *model = sliding_model();
    answers c;
    int32_t increasing;
    double failure;

    expect(RF_OK, rf_model_integrate(model, INFINITY));
    c = certified(model);
    expect(RF_OK, rf_model_norm_certificate(model, &increasing, &failure));
    ck_assert_int_eq(c.increasing[0], increasing);
    ck_assert(memcmp(&c.failure[0], &failure, sizeof failure) == 0);
    rf_model_free(model);
}
END_TEST

enum { N = 9, D = 3, M = 4, TIMES = 400 };

static double noise_of(const double *w, const double *v)
{
    return 1e-12 * test_norm(w, M * D) * test_norm(v, M * D);
}

/* w_j . w_j' at a time, and a bound of its rounding. */
static double rate_at(const rf_model *model, double t, int64_t j, double *noise)
{
    double w[M * D], v[M * D];

    expect(RF_OK, rf_model_query_at(model, t, RF_WEIGHTS, w, M * D));
    expect(RF_OK, rf_model_query_at(model, t, RF_VELOCITY, v, M * D));
    *noise = noise_of(w, v);
    return test_dot(w + j * D, v + j * D, D);
}

/* Against many samples: w_j . w_j' >= 0 before the first failure, and < 0 right after it, where the slope lets
 * rounding tell. */
static void compare(const rf_model *model, const double *times, const double *W, const double *V,
                    int64_t *seen)
{
    const answers c = certified(model);

    for (int64_t j = 0; j < M; j++) {
        ck_assert(c.increasing[j] == 0 || isnan(c.failure[j]));
        for (int64_t k = 0; k < TIMES; k++) {
            const double *w = W + k * M * D, *v = V + k * M * D;
            double rate = test_dot(w + j * D, v + j * D, D);

            if (!(times[k] >= c.failure[j]))
                ck_assert_double_ge(rate, -noise_of(w, v));
        }
        if (!isnan(c.failure[j])) {
            double noise, after = rate_at(model, c.failure[j], j, &noise);

            ck_assert_double_le(after, 64 * noise);
        }
        seen[c.increasing[j] ? 0 : isnan(c.failure[j]) ? 1 : c.failure[j] > 0 ? 2 : 3]++;
    }
}

START_TEST(against_samples)
{
    double times[TIMES], *W = test_doubles(TIMES * M * D), *V = test_doubles(TIMES * M * D);
    int64_t seen[4] = {0, 0, 0, 0};

    times[0] = 0;
    for (int64_t k = 1; k < TIMES; k++)
        times[k] = pow(10, 8.0 * (double)k / TIMES - 4);
    for (uint64_t seed = 1; seed <= 40; seed++) {
        random_source r = random_seed(seed);
        double X[N * D], y[N], w[M * D], a[M];
        rf_model *model = NULL;

        for (int64_t k = 0; k < N * D; k++)
            X[k] = random_normal(&r);
        for (int64_t k = 0; k < N; k++)
            y[k] = random_normal(&r) + (seed % 2 ? 1 : 0);
        for (int64_t k = 0; k < M * D; k++)
            w[k] = random_normal(&r) * (seed % 3 == 0 ? 1e-3 : 1);
        for (int64_t j = 0; j < M; j++)
            a[j] = j % 2 ? -1 : 1.5;
        expect(RF_OK, rf_model_create(N, D, X, y, &model));
        expect(RF_OK, rf_model_set_outer_weights(model, M, a, M));
        expect(RF_OK, rf_model_init_direction(model, w, M * D, seed % 5 == 0 ? 0 : 1));
        expect(RF_OK, rf_model_integrate(model, INFINITY));
        expect(RF_OK, rf_model_sample(model, TIMES, times, RF_WEIGHTS, W, TIMES * M * D));
        expect(RF_OK, rf_model_sample(model, TIMES, times, RF_VELOCITY, V, TIMES * M * D));
        compare(model, times, W, V, seen);
        rf_model_free(model);
    }
    for (int k = 0; k < 4; k++) /* proved, neither, refuted later and at once: all were met */
        ck_assert_int_gt(seen[k], 0);
    free(W);
    free(V);
}
END_TEST

START_TEST(groups)
{
    const double a[] = {1, 2, -1, 0.5, 3}, h = 0.015625;
    const double w[] = {1, 0, cos(h), sin(h), 2 * cos(2 * h), 2 * sin(2 * h), 0, 0, -1, 0};
    const double pi = acos(-1);
    int64_t group[5];
    double weight[5];
    rf_model *model = square(1, 2, 1, 5, a);

    expect(RF_OK, rf_model_init(model, w, 10));
    /* A chain of two steps h. */
    expect(RF_OK, rf_model_neuron_groups(model, h * 1.01, group, weight, 5));
    ck_assert(group[0] == 0 && group[1] == 0 && group[2] == 0 && group[3] == -1 && group[4] == 4);
    ck_assert_double_le(fabs(weight[0] - 1), 8 * TEST_EPS);
    ck_assert(weight[1] == weight[0] && weight[2] == weight[0] && weight[3] == 0 && weight[4] == 3);
    expect(RF_OK, rf_model_neuron_groups(model, h * 0.99, group, weight, 5));
    ck_assert(group[0] == 0 && group[1] == 1 && group[2] == 2 && group[4] == 4);
    ck_assert_double_le(fabs(weight[2] + 2), 8 * TEST_EPS);
    expect(RF_OK, rf_model_neuron_groups(model, pi, group, weight, 5));
    ck_assert(group[2] == 0 && group[3] == -1 && group[4] == 0);
    rf_model_free(model);
}
END_TEST

/* Identical and doubled neurons are of one direction with angle 0; so they remain along the flow. */
START_TEST(identical)
{
    const double a[] = {1, 1, 1}, w[] = {0.5, 0.25, 0.5, 0.25, 1, 0.5};
    int64_t group[3];
    double weight[3];
    rf_model *model = square(2, 1, 1, 3, a);

    expect(RF_OK, rf_model_init(model, w, 6));
    expect(RF_OK, rf_model_neuron_groups(model, 0, group, weight, 3));
    ck_assert(group[0] == 0 && group[1] == 0 && group[2] == 0);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_neuron_groups(model, 0, group, weight, 3));
    ck_assert(group[0] == 0 && group[1] == 0);
    rf_model_free(model);
}
END_TEST

/* After a call that must fail: its outputs as they were. */
static void untouched(const answers *c, const int64_t *group, const double *weight)
{
    for (int k = 0; k < 2; k++)
        ck_assert(c->increasing[k] == -5 && c->failure[k] == GUARD && group[k] == -5
                  && weight[k] == GUARD);
}

START_TEST(errors)
{
    const double a[] = {1, -1}, w[] = {1, 2, 3, 4};
    answers c = {{-5, -5}, {GUARD, GUARD}};
    int64_t group[2] = {-5, -5};
    double weight[2] = {GUARD, GUARD};
    rf_model *model = square(1, 2, 1, 2, a);

#define both(status, m, len)                                                                      \
    expect(status, rf_model_neuron_certificates(m, c.increasing, c.failure, len));                \
    expect(status, rf_model_neuron_groups(m, 0.1, group, weight, len));                           \
    untouched(&c, group, weight)
    both(RF_ERROR_ARGUMENT, NULL, 2);
    both(RF_ERROR_STATE, model, 2);
    expect(RF_OK, rf_model_init(model, w, 4));
    both(RF_ERROR_SIZE, model, 1);
    expect_unchanged(model, RF_ERROR_ARGUMENT,
                     rf_model_neuron_certificates(model, NULL, c.failure, 2));
    expect_unchanged(model, RF_ERROR_ARGUMENT,
                     rf_model_neuron_certificates(model, c.increasing, NULL, 2));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_neuron_groups(model, 0, NULL, weight, 2));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_neuron_groups(model, 0, group, NULL, 2));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_neuron_groups(model, -1, group, weight, 2));
    expect_unchanged(model, RF_ERROR_ARGUMENT, rf_model_neuron_groups(model, 4, group, weight, 2));
    expect_unchanged(model, RF_ERROR_NOT_FINITE,
                     rf_model_neuron_groups(model, NAN, group, weight, 2));
    untouched(&c, group, weight);
    expect(RF_OK, rf_model_step(model, 0.0625, 4));
    expect(RF_ERROR_STATE, rf_model_neuron_certificates(model, c.increasing, c.failure, 2));
    untouched(&c, group, weight);
    expect(RF_OK, rf_model_neuron_groups(model, 0, group, weight, 2)); /* of descent too */
    expect(RF_OK, rf_model_set_recording(model, 0));
    expect(RF_OK, rf_model_init(model, w, 4));
    expect(RF_OK, rf_model_integrate(model, 1));
    expect(RF_ERROR_STATE, rf_model_neuron_certificates(model, c.increasing, c.failure, 2));
    expect(RF_OK, rf_model_neuron_groups(model, 0, group, weight, 2)); /* of the present */
    rf_model_free(model);
}
END_TEST

/* a |w| beyond the largest double. */
START_TEST(out_of_range)
{
    const double a[] = {1e200, 1}, w[] = {1e150, -1, -1, 1};
    int64_t group[2] = {-5, -5};
    double weight[2] = {GUARD, GUARD};
    const double X[] = {0, 0}, y[] = {1};
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(1, 2, X, y, &model));
    expect(RF_OK, rf_model_set_outer_weights(model, 2, a, 2));
    expect(RF_OK, rf_model_init(model, w, 4));
    expect(RF_ERROR_NUMERICAL, rf_model_neuron_groups(model, 0, group, weight, 2));
    ck_assert(group[0] == -5 && weight[0] == GUARD);
    rf_model_free(model);
}
END_TEST

static void *allocate(size_t size, void *user)
{
    int64_t *countdown = user;

    return *countdown > 0 && --*countdown == 0 ? NULL : malloc(size);
}

static void release(void *block, void *user)
{
    (void)user;
    free(block);
}

/* Each allocation fails in turn: RF_ERROR_MEMORY, and nothing is written. */
START_TEST(without_memory)
{
    const double X[] = {1, 0, 0, 1}, y[] = {1, 2}, a[] = {1, -1}, w[] = {1, 2, 3, 4};
    int64_t countdown = 0, failed[2] = {0, 0};
    const rf_allocator allocator = {allocate, release, &countdown};
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create_ex(2, 2, X, 2, 1, y, 0, &allocator, &model, NULL, 0));
    expect(RF_OK, rf_model_set_outer_weights(model, 2, a, 2));
    expect(RF_OK, rf_model_init(model, w, 4));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    for (int which = 0; which < 2; which++) {
        rf_status status = RF_ERROR_MEMORY;

        for (int64_t k = 1; status == RF_ERROR_MEMORY; k++) {
            answers c = {{-5, -5}, {GUARD, GUARD}};
            int64_t group[2] = {-5, -5};
            double weight[2] = {GUARD, GUARD};

            countdown = k;
            status = which == 0 ? rf_model_neuron_certificates(model, c.increasing, c.failure, 2)
                                : rf_model_neuron_groups(model, 0, group, weight, 2);
            failed[which] += status == RF_ERROR_MEMORY;
            if (status == RF_ERROR_MEMORY)
                untouched(&c, group, weight);
        }
        countdown = 0;
        expect(RF_OK, status);
        ck_assert_int_gt(failed[which], 3);
    }
    rf_model_free(model);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"apart", apart, 0},
        {"falls later", falls_later, 0},
        {"from zero", from_zero, 0},
        {"one", one, 0},
        {"against samples", against_samples, 0},
        {"groups", groups, 0},
        {"identical", identical, 0},
        {"errors", errors, 0},
        {"out of range", out_of_range, 0},
        {"without memory", without_memory, 0},
    };

    return run_tests("api analysis", entries, sizeof entries / sizeof *entries);
}
