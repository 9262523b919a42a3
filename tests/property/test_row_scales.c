/* test_row_scales.c: rows over many decades: w goes far along the directions of the short ones, or begins there, and
 * its rounding is larger than what the long ones still do.  The run ends, and where the gradient vanishes.
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

/* A copy and a saved model go on with the same bits, from the middle of what rounding makes of the late flow too. */
static void check_going_on(rf_model *model, int64_t d)
{
    double *w = test_doubles(d), *copied = test_doubles(d), *loaded = test_doubles(d);
    rf_model *copy = NULL, *load = NULL;
    int64_t size = 0;
    uint8_t *bytes;

    ck_assert_int_eq(rf_model_clone(model, &copy), RF_OK);
    rf_model_save(model, NULL, 0, &size);
    bytes = test_alloc(size, 1);
    ck_assert_int_eq(rf_model_save(model, bytes, size, &size), RF_OK);
    ck_assert_int_eq(rf_model_load(bytes, size, NULL, &load, NULL, 0), RF_OK);
    ck_assert_int_eq(rf_model_integrate(copy, INFINITY), RF_OK);
    ck_assert_int_eq(rf_model_integrate(load, INFINITY), RF_OK);
    ck_assert_int_eq(rf_model_integrate(model, INFINITY), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, w, d), RF_OK);
    ck_assert_int_eq(rf_model_query(copy, RF_WEIGHTS, copied, d), RF_OK);
    ck_assert_int_eq(rf_model_query(load, RF_WEIGHTS, loaded, d), RF_OK);
    ck_assert(same_bits(w, copied, d));
    ck_assert(same_bits(w, loaded, d));
    rf_model_free(copy);
    rf_model_free(load);
    free(bytes);
    free(w);
    free(copied);
    free(loaded);
}

START_TEST(copies_go_on)
{
    problem *p = scaled_rows(45, 50, 0);

    for (int64_t most = 20; most <= 40; most += 10) {
        rf_model *model = problem_model(p);

        ck_assert_int_eq(rf_model_set_event_limit(model, most), RF_OK);
        ck_assert_int_eq(rf_model_integrate(model, INFINITY), RF_EVENT_LIMIT);
        ck_assert_int_eq(rf_model_set_event_limit(model, 0), RF_OK);
        check_going_on(model, p->d);
        rf_model_free(model);
    }
    problem_free(p);
}
END_TEST

/* Rows over four decades, labels as of a teacher and more, and a start of size 1e20; or the same with rows and columns
 * in reverse, which is rounded in another way. */
static problem *far_start(uint64_t seed, int64_t n, int64_t d, int reverse)
{
    random_source source = random_seed(seed);
    problem *p = problem_empty(n, d);
    double *teacher = test_doubles(d), size = 0;

    p->seed = seed;
    for (int64_t k = 0; k < d; k++)
        teacher[k] = random_normal(&source) / sqrt((double)d);
    for (int64_t i = 0; i < n; i++) {
        const int64_t at = reverse ? n - 1 - i : i;
        const double scale = pow(10.0, 4 * random_uniform(&source) - 2);
        double product = 0;

        for (int64_t k = 0; k < d; k++) {
            const double x = scale * random_normal(&source);

            p->X[at * d + (reverse ? d - 1 - k : k)] = x;
            product += teacher[k] * x;
        }
        p->y[at] = fmax(product, 0) + 0.1 * fabs(random_normal(&source)) + 0.001;
    }
    for (int64_t k = 0; k < d; k++) {
        const double w = random_normal(&source);

        p->w0[reverse ? d - 1 - k : k] = w;
        size += w * w;
    }
    for (int64_t k = 0; k < d; k++)
        p->w0[k] *= 1e20 / sqrt(size);
    problem_set_time(p);
    free(teacher);
    return p;
}

/* The loss at the limit, with |w| there.  All labels are positive: no datum can be held on its kink, and where one is
 * on it the flow pushes it away.  Where w does not come back, for few data are active, its rounding hides what they
 * do. */
static double far_limit(uint64_t seed, int64_t n, int64_t d, int reverse, double *norm)
{
    problem *p = far_start(seed, n, d, reverse);
    rf_model *model = problem_run(p, INFINITY);
    double *z = test_doubles(n), loss = NAN, certified = NAN;

    ck_assert_int_eq(rf_model_query(model, RF_LOSS, &loss, 1), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_WEIGHT_NORM, norm, 1), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_CONVERGED, &certified, 1), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_MARGINS, z, n), RF_OK);
    for (int64_t i = 0; i < n && *norm < 1e6; i++)
        ck_assert_msg(z[i] != 0, "seed %d: datum %d is held", (int)seed, (int)i);
    ck_assert(certified == 1 || !(*norm < 1e6));
    rf_model_free(model);
    problem_free(p);
    free(z);
    return loss;
}

/* The limit is that of the same data in reverse: no event is decided, or missed, by rounding.  On its way from 1e20 w
 * loses no digits, for H has no negative eigenvalue; the loss is a sum of squares, known to eps cond^2, some 1e-8. */
static void check_far_start(uint64_t seed, int64_t n, int64_t d)
{
    double norm, norm_of_reverse;
    const double loss = far_limit(seed, n, d, 0, &norm), other = far_limit(seed, n, d, 1, &norm_of_reverse);

    if (norm < 1e6 && norm_of_reverse < 1e6)
        ck_assert_msg(fabs(loss - other) <= 1e-8 * loss, "seed %d: loss %.12g, reversed %.12g", (int)seed, loss,
                      other);
}

/* Of these 21, 47, 64 and 101 went wrong where labels were taken to agree that do not. */
START_TEST(starts_from_far)
{
    for (uint64_t seed = 1; seed <= 120; seed++)
        check_far_start(seed, 48, 20);
}
END_TEST

/* A datum that rounding puts to rest on its kink, and that the flow then pushes away. */
START_TEST(rests_for_a_while)
{
    check_far_start(4, 300, 128);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"limit is reached", limit_is_reached, 0},
        {"starts from far", starts_from_far, 0},
        {"rests for a while", rests_for_a_while, 0},
        {"run ends", run_ends, 0},
        {"copies go on", copies_go_on, 0},
    };

    return run_tests("property row scales", entries, sizeof entries / sizeof *entries);
}
