/* test_descent.c: gradient descent against a loop that follows its definition.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "flow/descent.h"

enum { N = 15, D = 4 };

typedef struct {
    rfi_problem p;
    rfi_record record;
    rfi_descent descent;
} fixture;

static void set_up(fixture *f, int64_t n, int64_t d, const double *X, const double *y,
                   const double *w0)
{
    const rfi_stretch first = {0, 0, 0, 0, 0, 0};
    memset(&f->descent, 0, sizeof(f->descent));
    unit_problem(&f->p, n, d, X, y);
    ck_assert_int_eq(rfi_record_create(&f->record, &f->p), 0);
    ck_assert_int_eq(rfi_descent_reserve(&f->descent, &f->p), 0);
    ck_assert_int_eq(rfi_record_reserve(&f->record, 0, 0), 0);
    rfi_record_stretch(&f->record, &first, w0);
    rfi_descent_begin(&f->descent, &f->p, w0, 1);
}

static void tear_down(fixture *f)
{
    rfi_descent_free(&f->descent, &f->p.data->allocator);
    rfi_record_free(&f->record);
    rfi_problem_free(&f->p);
}

/* Looks one step ahead: how many data change sides. */
static int64_t look(fixture *f)
{
    int64_t changes = -1;
    ck_assert_int_eq(rfi_descent_look(&f->descent, &f->p, &f->record, 1, &changes), RF_OK);
    ck_assert_int_eq(f->descent.ahead, 1);
    return changes;
}

static void naive_step(const rfi_problem *p, double eta, double *w)
{
    double gradient[D] = {0};
    int64_t i, k;
    for (i = 0; i < p->data->n; ++i) {
        const double *x = rfi_row(p->data, i).wide;
        double z = 0.0, slope, r;
        for (k = 0; k < p->data->d; ++k)
            z += x[k] * w[k];
        slope = z > 0.0 ? 1.0 : p->slope;
        r = slope * z - p->data->y[i];
        for (k = 0; k < p->data->d; ++k)
            gradient[k] += p->c[i] * slope * r * x[k];
    }
    for (k = 0; k < p->data->d; ++k)
        w[k] -= eta * gradient[k];
}

static int64_t sides(const rfi_problem *p, const double *w, uint8_t *active)
{
    int64_t i, changes = 0;
    for (i = 0; i < p->data->n; ++i) {
        const uint8_t now = rfi_view_dot(rfi_row(p->data, i), w, p->data->d) > 0.0;
        changes += now != active[i];
        active[i] = now;
    }
    return changes;
}

/* 300 steps with eta lambda below 1: the map does not expand inside a region, so that roundings of some
 * eps a step add up to 300 times 100 eps at most, 1e-11. */
static void check_run(uint64_t seed, double slope)
{
    double X[N * D], y[N], w[D];
    uint8_t active[N];
    int64_t k, j, changes, total = 0;
    fixture f;
    unit_fill(&seed, X, N * D);
    unit_fill(&seed, y, N);
    unit_fill(&seed, w, D);
    set_up(&f, N, D, X, y, w);
    f.p.slope = slope;
    f.p.activation = slope > 0.0 ? RF_LEAKY_RELU : RF_RELU;
    rfi_descent_begin(&f.descent, &f.p, w, 1);
    sides(&f.p, w, active);
    ck_assert_int_eq(rfi_descent_set_eta(&f.descent, &f.record, 0.03), RF_OK);
    for (k = 1; k <= 300; ++k) {
        naive_step(&f.p, 0.03, w);
        changes = look(&f);
        ck_assert_int_eq(changes, sides(&f.p, w, active));
        ck_assert_int_eq(rfi_descent_take(&f.descent, &f.p, &f.record, changes), RF_OK);
        total += changes;
        ck_assert_int_eq(f.record.event_count, total);
        for (j = 0; j < D; ++j)
            ck_assert_double_eq_tol(f.descent.now.w[j], w[j], 1e-11);
        ck_assert_double_eq_tol(f.descent.t, (double)k * 0.03, 1e-12);
    }
    ck_assert_int_gt(total, 0);
    for (k = 0; k < f.record.events; ++k) { /* in order, and of the two kinds */
        const rf_event *e = &f.record.event[k];
        ck_assert(e->kind == RF_EVENT_ACTIVATE || e->kind == RF_EVENT_DEACTIVATE);
        ck_assert(k == 0 || e->time >= f.record.event[k - 1].time);
    }
    tear_down(&f);
}

START_TEST(naive_loop)
{
    check_run(1, 0.0);
    check_run(2, 0.0);
    check_run(3, 0.25);
}
END_TEST

/* x = 1, y = 1, w(0) = 3: w_k = 1 + 2 (1 - eta)^k, without rounding for eta = 1/2. */
START_TEST(steps_and_stretches)
{
    const double x = 1, y = 1, w0 = 3;
    fixture f;
    int k;
    set_up(&f, 1, 1, &x, &y, &w0);
    ck_assert_int_eq(rfi_descent_set_eta(&f.descent, &f.record, 0.5), RF_OK);
    ck_assert(f.record.stretches == 1 && f.record.stretch[0].eta == 0.5);
    for (k = 1; k <= 4; ++k) {
        ck_assert_int_eq(look(&f), 0);
        ck_assert_int_eq(rfi_descent_take(&f.descent, &f.p, &f.record, 0), RF_OK);
        ck_assert(f.descent.now.w[0] == 1.0 + ldexp(2.0, -k) && f.descent.t == 0.5 * k);
    }
    ck_assert_int_eq(rfi_descent_set_eta(&f.descent, &f.record, 0.5), RF_OK); /* no change */
    ck_assert_int_eq(f.record.stretches, 1);
    ck_assert_int_eq(rfi_descent_set_eta(&f.descent, &f.record, 0.25), RF_OK);
    ck_assert(f.record.stretches == 2 && f.record.stretch[1].begin == 2.0);
    ck_assert(f.record.weights[1] == 1.125 && f.record.stretch[1].eta == 0.25);
    tear_down(&f);
}
END_TEST

/* w = 3 -> 3 - 2 (3 - 1) = -1: one step across the kink, where it stays. */
START_TEST(event_of_a_step)
{
    const double x = 1, y = 1, w0 = 3;
    fixture f;
    set_up(&f, 1, 1, &x, &y, &w0);
    ck_assert_int_eq(rfi_descent_set_eta(&f.descent, &f.record, 2.0), RF_OK);
    ck_assert_int_eq(look(&f), 1);
    ck_assert_int_eq(rfi_descent_take(&f.descent, &f.p, &f.record, 1), RF_OK);
    ck_assert(f.descent.now.w[0] == -1.0 && f.record.events == 1);
    ck_assert(f.record.event[0].kind == RF_EVENT_DEACTIVATE && f.record.event[0].time == 2.0);
    ck_assert_int_eq(look(&f), 0);
    ck_assert(f.descent.trial.w[0] == -1.0);
    tear_down(&f);
}
END_TEST

START_TEST(overflow_is_seen)
{
    const double x = 1e150, y = 0, w0 = 1e-10;
    int64_t changes;
    fixture f;
    set_up(&f, 1, 1, &x, &y, &w0);
    ck_assert_int_eq(rfi_descent_set_eta(&f.descent, &f.record, 1e200), RF_OK);
    ck_assert_int_eq(rfi_descent_look(&f.descent, &f.p, &f.record, 1, &changes),
                     RF_ERROR_NUMERICAL);
    ck_assert(f.descent.now.w[0] == w0);
    tear_down(&f);
}
END_TEST

static const TTest *const *const tests[] = {
    &naive_loop,
    &steps_and_stretches,
    &event_of_a_step,
    &overflow_is_seen,
};
UNIT_MAIN("descent", tests)
