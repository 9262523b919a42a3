/* test_kernels.c: one pass over the data.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 23, D = 5 };

typedef struct {
    rfi_problem p;
    double w[D], margins[N], residuals[N], gradient[D], *work;
    rfi_pass pass;
} fixture;

static void set_up(fixture *f, uint64_t seed, double slope)
{
    double X[N * D], y[N];
    int64_t i;
    memset(f, 0, sizeof(*f));
    unit_fill(&seed, X, N * D);
    unit_fill(&seed, y, N);
    unit_fill(&seed, f->w, D);
    unit_problem(&f->p, N, D, X, y);
    f->p.activation = slope == 1.0 ? RF_LINEAR : slope > 0.0 ? RF_LEAKY_RELU : RF_RELU;
    f->p.slope = slope;
    for (i = 0; i < N; ++i)
        f->p.c[i] = 1.5 + unit_random(&seed);
    rfi_problem_refresh(&f->p);
    f->work = malloc((size_t)rfi_pass_work(&f->p) * sizeof(double));
    f->pass.w = f->w;
    f->pass.threads = 1;
    f->pass.margins = f->margins;
    f->pass.residuals = f->residuals;
    f->pass.gradient = f->gradient;
    f->pass.work = f->work;
}

static void tear_down(fixture *f)
{
    rfi_problem_free(&f->p);
    free(f->work);
}

static double naive_loss(const rfi_problem *p, const double *w)
{
    double loss = 0.0;
    int64_t i, k;
    for (i = 0; i < p->data->n; ++i) {
        double z = 0.0, r;
        for (k = 0; k < p->data->d; ++k)
            z += rfi_view_at(rfi_row(p->data, i), k) * w[k];
        r = (z > 0.0 ? z : p->slope * z) - p->data->y[i];
        loss += 0.5 * p->c[i] * r * r;
    }
    return loss;
}

/* Loss and residuals by their definition (sums of 23 terms below 100: 1e-13); the gradient is the
 * central difference of the loss: inside a region the loss is quadratic, so h = 2^-16 leaves only the
 * rounding of two losses below 100, 100 eps / h = 1.5e-9; no margin is that near to 0. */
static void check_pass(double slope)
{
    fixture f;
    double loss, h = 0x1p-16;
    int64_t i, k;
    set_up(&f, 17, slope);
    loss = rfi_pass_run(&f.p, &f.pass);
    ck_assert_double_eq_tol(loss, naive_loss(&f.p, f.w), 1e-13);
    for (i = 0; i < N; ++i) {
        const double z = f.margins[i];
        ck_assert_double_eq_tol(z, rfi_view_dot(rfi_row(f.p.data, i), f.w, D), 1e-15);
        ck_assert_double_gt(fabs(z), D * h);
        ck_assert_double_eq_tol(f.residuals[i], (z > 0 ? z : slope * z) - f.p.data->y[i], 1e-15);
    }
    for (k = 0; k < D; ++k) {
        double up[D], down[D];
        memcpy(up, f.w, sizeof(up));
        memcpy(down, f.w, sizeof(down));
        up[k] += h;
        down[k] -= h;
        ck_assert_double_eq_tol(f.gradient[k],
                                (naive_loss(&f.p, up) - naive_loss(&f.p, down)) / (2 * h), 2e-9);
    }
    tear_down(&f);
}

START_TEST(relu)
{
    check_pass(0.0);
}
END_TEST

START_TEST(leaky)
{
    check_pass(0.3);
}
END_TEST

START_TEST(linear)
{
    check_pass(1.0);
}
END_TEST

/* The pattern on record decides, and a margin on the kink is 0. */
START_TEST(pattern_on_record)
{
    fixture f;
    uint8_t state[N], on_kink[N];
    double gradient[D] = {0}, loss = 0.0;
    int64_t i;
    set_up(&f, 18, 0.0);
    for (i = 0; i < N; ++i) {
        double r = -f.p.data->y[i];
        state[i] = (uint8_t)(i % 3); /* inactive, active, sliding */
        on_kink[i] = i % 4 == 0;
        if (state[i] == RFI_ACTIVE)
            r += on_kink[i] ? 0.0 : rfi_view_dot(rfi_row(f.p.data, i), f.w, D);
        if (state[i] == RFI_ACTIVE)
            rfi_view_axpy(f.p.c[i] * r, rfi_row(f.p.data, i), gradient, D);
        loss += 0.5 * f.p.c[i] * r * r;
    }
    f.pass.state = state;
    f.pass.on_kink = on_kink;
    ck_assert_double_eq_tol(rfi_pass_run(&f.p, &f.pass), loss, 1e-13);
    for (i = 0; i < N; ++i)
        ck_assert(!on_kink[i] || f.margins[i] == 0.0);
    for (i = 0; i < D; ++i)
        ck_assert_double_eq_tol(f.gradient[i], gradient[i], 1e-13);
    f.pass.gradient = f.pass.margins = f.pass.residuals = NULL; /* the loss alone is the same */
    ck_assert_double_eq_tol(rfi_pass_run(&f.p, &f.pass), loss, 1e-13);
    tear_down(&f);
}
END_TEST

/* 5000 x 64 is large enough for threads: the bits are those of one thread. */
START_TEST(threads_do_not_change_bits)
{
    enum { n = 5000, d = 64 };
    double *X = malloc(sizeof(double) * n * d), *y = malloc(sizeof(double) * n);
    double w[d], one[d], many[d], loss, *work;
    uint64_t seed = 19;
    rfi_problem p;
    rfi_pass pass = {0};
    int32_t threads;
    unit_fill(&seed, X, (int64_t)n * d);
    unit_fill(&seed, y, n);
    unit_fill(&seed, w, d);
    unit_problem(&p, n, d, X, y);
    work = malloc(sizeof(double) * (size_t)rfi_pass_work(&p));
    pass.w = w;
    pass.threads = 1;
    pass.gradient = one;
    pass.work = work;
    loss = rfi_pass_run(&p, &pass);
    ck_assert_double_eq_tol(loss / naive_loss(&p, w), 1.0, n * RFI_EPS);
    pass.gradient = many;
    for (threads = 2; threads <= 100; threads = threads * 3 - 1) {
        pass.threads = threads;
        ck_assert(rfi_pass_run(&p, &pass) == loss);
        ck_assert_mem_eq(one, many, sizeof(one));
    }
    rfi_problem_free(&p);
    free(X);
    free(y);
    free(work);
}
END_TEST

static const TTest *const *const tests[] = {
    &relu, &leaky, &linear, &pattern_on_record, &threads_do_not_change_bits,
};
UNIT_MAIN("kernels", tests)
