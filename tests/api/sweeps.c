/* sweeps.c: sweeps for the tests of the public functions. SPDX-License-Identifier: MIT */
#include "sweeps.h"

#include "fixture.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

rf_sweep *plane_sweep_of(const rf_model *base)
{
    const double U[] = {2, 1, 1, 3, -1, -2}, eps[] = {1, 0};
    rf_sweep *sweep = NULL;

    expect(RF_OK, rf_sweep_create(base, 3, U, 6, 2, eps, &sweep));
    return sweep;
}

rf_sweep *plane_sweep(void)
{
    rf_model *base = plane_model();
    rf_sweep *sweep = plane_sweep_of(base);

    rf_model_free(base);
    return sweep;
}

starts *starts_make(int64_t d, int64_t directions, int64_t scales, uint64_t seed)
{
    random_source source = random_seed(seed);
    starts *s = test_alloc(1, sizeof *s);

    s->d = d;
    s->directions = directions;
    s->scales = scales;
    s->U = test_doubles(directions * d);
    s->eps = test_doubles(scales);
    for (int64_t k = 0; k < directions * d; k++)
        s->U[k] = random_normal(&source);
    for (int64_t k = 0; k < scales; k++)
        s->eps[k] = k > 0 && k == scales - 1 ? 0 : ldexp(1, -3 * (int)k);
    return s;
}

void starts_free(starts *s)
{
    free(s->U);
    free(s->eps);
    free(s);
}

rf_sweep *starts_sweep(const starts *s, const rf_model *base)
{
    rf_sweep *sweep = NULL;

    expect(RF_OK, rf_sweep_create(base, s->directions, s->U, s->directions * s->d, s->scales,
                                  s->eps, &sweep));
    return sweep;
}

rf_model *run_alone(const rf_model *base, const starts *s, int64_t run, double t)
{
    rf_model *model = NULL;
    rf_status status;

    expect(RF_OK, rf_model_clone(base, &model));
    expect(RF_OK, rf_model_set_callback(model, NULL, NULL));
    expect(RF_OK, rf_model_init_direction(model, s->U + run / s->scales * s->d, s->d,
                                          s->eps[run % s->scales]));
    do
        status = rf_model_integrate(model, t);
    while (status == RF_EVENT_LIMIT);
    ck_assert_int_eq(status, RF_OK);
    return model;
}

int row_is_of(const rf_sweep *sweep, int64_t run, const rf_model *model, int32_t quantity)
{
    int64_t len = 0, runs = rf_sweep_count(sweep);
    double *rows, *row;
    rf_status all, one;
    int same;

    expect(RF_OK, rf_model_query_size(model, quantity, &len));
    rows = test_doubles(runs * len);
    row = test_doubles(len);
    all = rf_sweep_query(sweep, quantity, rows, runs * len);
    one = rf_model_query(model, quantity, row, len);
    same = all == one && (all != RF_OK || same_bits(rows + run * len, row, len));
    free(rows);
    free(row);
    return same;
}

/* The size of a quantity, through a model of the same size. */
static int64_t row_length(int64_t n, int64_t d, int32_t quantity)
{
    problem *p = problem_empty(n, d);
    rf_model *model = problem_model(p);
    int64_t len = 0;

    expect(RF_OK, rf_model_query_size(model, quantity, &len));
    rf_model_free(model);
    problem_free(p);
    return len;
}

int sweeps_same(const rf_sweep *a, const rf_sweep *b, int64_t n, int64_t d)
{
    int64_t runs = rf_sweep_count(a);
    int same = rf_sweep_count(b) == runs;

    for (int32_t q = RF_TIME; q <= RF_RATES && same; q++) {
        int64_t len = runs * row_length(n, d, q);
        double *x = test_doubles(len), *y = test_doubles(len);
        rf_status status = rf_sweep_query(a, q, x, len);

        same = rf_sweep_query(b, q, y, len) == status && same_bits(x, y, len);
        free(x);
        free(y);
    }
    return same;
}
