/* test_norm_cases.c: the certificate of a growing norm where the answer is known in closed form.
 * SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "flow_data.h"

#include <math.h>
#include <string.h>

typedef struct certificate {
    int32_t increasing;
    double failure;
} certificate;

static certificate certificate_of(const rf_model *model)
{
    certificate c = {-1, -1};

    ck_assert_int_eq(rf_model_norm_certificate(model, &c.increasing, &c.failure), RF_OK);
    return c;
}

/* No motion, neither answer: no datum active, w = 0, and a minimum of the loss. */
START_TEST(constant)
{
    static const double starts[][2] = {{-1, -2}, {0, 0}, {1, 2}};
    const double X[] = {1, 0, 0, 1}, y[] = {1, 2};

    for (int k = 0; k < 3; k++) {
        problem *p = problem_empty(2, 2);
        flow_data *f;
        certificate c;

        memcpy(p->X, X, sizeof X);
        memcpy(p->y, y, sizeof y);
        memcpy(p->w0, starts[k], sizeof starts[k]);
        f = flow_run(p);
        c = certificate_of(f->model);
        ck_assert(c.increasing == 0 && isnan(c.failure));
        flow_free(f);
        problem_free(p);
    }
}
END_TEST

/* Two modes in closed form: rows e_1 and e_2 with weights 1 and 4, linear.  w_1 = 1 - e^-t / 2
 * grows, w_2 = 1 + a e^-4t falls for a > 0: w . w' = e^-t/2 - e^-2t/4 - 4a e^-4t - 4a^2 e^-8t.  At
 * t = 0 it is 1/4 - 4a - 4a^2: grows for a = 1/32 throughout, and falls at the start for a = 1. */
START_TEST(two_modes)
{
    static const double a[] = {0.03125, 1};

    for (int k = 0; k < 2; k++) {
        problem *p = problem_empty(2, 2);
        flow_data *f;
        certificate c;

        p->activation = RF_LINEAR;
        p->X[0] = p->X[3] = p->y[0] = p->y[1] = 1;
        p->c = test_doubles(2);
        p->c[0] = 1;
        p->c[1] = 4;
        p->w0[0] = 0.5;
        p->w0[1] = 1 + a[k];
        f = flow_run(p);
        c = certificate_of(f->model);
        ck_assert_int_eq(c.increasing, k == 0);
        ck_assert(k == 0 ? isnan(c.failure) : c.failure == 0);
        flow_free(f);
        problem_free(p);
    }
}
END_TEST

/* A mode that is absent: rows (a, b) and (-b, a) with a^2 + b^2 = m^2, labels 0 and m, weights 1
 * and 3/2.  With w = alpha (a, b)/m + beta (-b, a)/m and s = m^2 t: alpha = m 2^-14 e^-s and 1 -
 * beta = (1 - beta(0)) e^-3s/2, beta(0) = m 2^-6, so that w . w' = m^2 (3/2 beta (1 - beta) -
 * alpha^2), which is positive as e^-3s/2 outlasts e^-2s.  q . w(infinity) is 0 for the slowest
 * mode q = (a, b)/m. */
START_TEST(absent_mode)
{
    static const double triples[][3] = {{3, 4, 5},    {5, 12, 13},  {8, 15, 17},  {7, 24, 25},
                                        {20, 21, 29}, {12, 35, 37}, {9, 40, 41}, {28, 45, 53}};
    const double *t = triples[_i / 4], m = t[2];
    double a = _i % 2 ? t[0] : t[1], b = (_i % 2 ? t[1] : t[0]) * (_i / 2 % 2 ? -1 : 1);
    problem *p = problem_empty(2, 2);
    flow_data *f;
    certificate c;

    p->X[0] = p->X[3] = a;
    p->X[1] = b;
    p->X[2] = -b;
    p->y[1] = m;
    p->c = test_doubles(2);
    p->c[0] = 1;
    p->c[1] = 1.5;
    p->w0[0] = ldexp(a, -14) - ldexp(b, -6);
    p->w0[1] = ldexp(b, -14) + ldexp(a, -6);
    problem_set_time(p);
    f = flow_run(p);
    c = certificate_of(f->model);
    ck_assert_msg(c.increasing == 1, "(%g, %g): refuted at %g", a, b, c.failure);
    flow_free(f);
    problem_free(p);
}
END_TEST

/* A failure on the way in closed form: rows e_1 and e_2 with weights 1 and 2, w = (1 + x, 25/8 -
 * x^2/2) with x = e^-t: w . w' = -x (1 - 17/8 x + x^3/2), which is positive for 1/2 < x <= 1 and
 * negative for x < 1/2: it fails at t = ln 2.  There d/dt = -x d/dx gives the slope 7/16, |w||w'|
 * < 2, and the K = 68 roundings of test_norm.c move the zero by less than 320 eps. */
START_TEST(fails_on_the_way)
{
    problem *p = problem_empty(2, 2);
    flow_data *f;
    certificate c;

    p->activation = _i == 0 ? RF_LINEAR : RF_RELU;
    p->X[0] = p->X[3] = p->y[0] = 1;
    p->y[1] = 3.125;
    p->c = test_doubles(2);
    p->c[0] = 1;
    p->c[1] = 2;
    p->w0[0] = 2;
    p->w0[1] = 2.625;
    f = flow_run(p);
    c = certificate_of(f->model);
    ck_assert_int_eq(c.increasing, 0);
    ck_assert_double_le(fabs(c.failure - log(2)), 320 * TEST_EPS);
    flow_free(f);
    problem_free(p);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"constant", constant, 0},
        {"two modes", two_modes, 0},
        {"absent mode", absent_mode, 32},
        {"fails on the way", fails_on_the_way, 2},
    };

    return run_tests("property norm cases", entries, sizeof entries / sizeof *entries);
}
