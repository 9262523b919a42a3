/* test_api_wide.c: one neuron of many dimensions, where one call goes through many events by windows, or by the rows of
 * few data: the same events as one by one, with every number of threads, in single precision, and after a stop.
 * SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST = 46, LESS = 69, FEW = 420, MANY = 12000, D = 136 };

typedef struct {
    int64_t n;
    float *X;
    double *wide, *y, *c, w0[D], end[D];
    rf_event *event; /* 4 n */
    int64_t events;
} wide_run;

/* What a run draws: labels above 0, as of a teacher, or of both signs, or so many data that windows have events enough
 * for products in single precision; or so few, ill-conditioned, that windows and segments take turns, or that there is
 * no H for windows. */
enum { TEACHER = 0, MIXED = 1, LARGE = 2, TURNS = 3, ROWS = 4, KINDS };

static void draw(wide_run *r, int kind)
{
    const int64_t counts[KINDS] = {FEW, FEW, MANY, LESS, LEAST}, N = counts[kind];
    random_source source = random_seed(kind >= TURNS ? 7 : 5);
    const int mixed = kind == MIXED;
    r->n = N;
    r->X = test_alloc(N * D, sizeof *r->X);
    r->wide = test_alloc(N * D, sizeof *r->wide);
    r->y = test_alloc(N, sizeof *r->y);
    r->c = test_alloc(N, sizeof *r->c);
    r->event = test_alloc(4 * N, sizeof *r->event);
    for (int64_t k = 0; k < N * D; k++) {
        double x = random_normal(&source);
        if (kind >= TURNS)
            x = x * pow(1e-5, (double)(k % D) / D) + (k / D % 3 == 1 ? 9.0 * r->wide[k - D] : 0.0);
        r->X[k] = (float)x;
        r->wide[k] = r->X[k];
    }
    for (int64_t i = 0; i < N; i++) {
        r->y[i] = mixed ? random_normal(&source) : fmax(r->wide[i * D], 0) + 0.1 * fabs(random_normal(&source));
        r->c[i] = 1.0 / (double)N;
    }
    for (int64_t k = 0; k < D; k++)
        r->w0[k] = 0.01 * random_normal(&source);
}

static void forget(wide_run *r)
{
    free(r->X);
    free(r->wide);
    free(r->y);
    free(r->c);
    free(r->event);
}

static rf_model *wide_model(const wide_run *r, uint32_t flags, int32_t threads)
{
    const void *X = flags & RF_DATA_F32 ? (const void *)r->X : (const void *)r->wide;
    rf_model *model = NULL;
    expect(RF_OK, rf_model_create_ex(r->n, D, X, D, 1, r->y, flags, NULL, &model, NULL, 0));
    expect(RF_OK, rf_model_set_data_weights(model, r->c, r->n));
    expect(RF_OK, rf_model_set_threads(model, threads));
    expect(RF_OK, rf_model_init(model, r->w0, D));
    return model;
}

static void keep(wide_run *r, rf_model *model)
{
    r->events = rf_model_event_count(model);
    ck_assert_int_gt(r->events, r->n / 5);
    ck_assert_int_le(r->events, 4 * r->n);
    expect(RF_OK, rf_model_events(model, 0, r->events, r->event));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, r->end, D));
    ck_assert(query_one(model, RF_CONVERGED) == 1.0);
    rf_model_free(model);
}

/* Times depend on the data with a condition far below 1e5. */
static void same(const wide_run *a, const wide_run *b, double tolerance)
{
    ck_assert_int_eq(a->events, b->events);
    for (int64_t k = 0; k < a->events; k++) {
        ck_assert_int_eq(a->event[k].datum, b->event[k].datum);
        ck_assert_int_eq(a->event[k].kind, b->event[k].kind);
        ck_assert_double_le(fabs(a->event[k].time - b->event[k].time), tolerance * a->event[k].time);
    }
    for (int64_t k = 0; k < D; k++)
        ck_assert_double_le(fabs(a->end[k] - b->end[k]), 0.01 * tolerance);
}

START_TEST(windows_and_single_events)
{
    wide_run a, b;
    rf_model *model;
    rf_status status;
    draw(&a, _i);
    draw(&b, _i);
    model = wide_model(&a, 0, 1);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    keep(&a, model);
    model = wide_model(&b, 0, 1);
    while ((status = rf_model_advance(model, INFINITY, NULL)) == RF_OK)
        ;
    ck_assert_int_eq(status, RF_NO_EVENT);
    keep(&b, model);
    same(&a, &b, 1e-10);
    forget(&a);
    forget(&b);
}
END_TEST

START_TEST(threads_and_single_precision_change_no_bit)
{
    wide_run a, b;
    rf_model *model;
    draw(&a, _i);
    model = wide_model(&a, 0, 1);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    keep(&a, model);
    for (int32_t threads = 1; threads < 4; threads++) {
        draw(&b, _i);
        model = wide_model(&b, threads == 2 ? RF_BORROW_DATA : RF_DATA_F32, threads);
        expect(RF_OK, rf_model_integrate(model, INFINITY));
        keep(&b, model);
        same(&a, &b, 0.0);
        forget(&b);
    }
    forget(&a);
}
END_TEST

static rf_model *loaded(const rf_model *model)
{
    rf_model *other = NULL;
    int64_t size = 0;
    void *block;
    expect(RF_OK, rf_model_save(model, NULL, 0, &size));
    block = test_alloc(size, 1);
    expect(RF_OK, rf_model_save(model, block, size, &size));
    expect(RF_OK, rf_model_load(block, size, NULL, &other, NULL, 0));
    free(block);
    return other;
}

/* At a stop the weights are those of the present, and what is loaded goes on with the same bits. */
START_TEST(stops)
{
    wide_run a, b, c;
    rf_model *model, *other = NULL;
    double w[D], past[D], *z;
    draw(&a, _i);
    model = wide_model(&a, 0, 1);
    z = test_alloc(a.n, sizeof *z);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    keep(&a, model);
    draw(&b, _i);
    draw(&c, _i);
    model = wide_model(&b, 0, 1);
    for (int64_t limit = 1; limit <= 64; limit *= 4) {
        expect(RF_OK, rf_model_set_event_limit(model, limit));
        expect(RF_EVENT_LIMIT, rf_model_integrate(model, INFINITY));
        ck_assert_double_eq_tol(query_one(model, RF_TIME), a.event[rf_model_event_count(model) - 1].time,
                                1e-10);
        expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, D));
        expect(RF_OK, rf_model_query(model, RF_MARGINS, z, b.n));
        for (int64_t i = 0; i < b.n; i++) {
            double sum = 0, scale = 0;
            for (int64_t k = 0; k < D; k++) {
                sum += b.wide[i * D + k] * w[k];
                scale += fabs(b.wide[i * D + k] * w[k]);
            }
            ck_assert_double_le(fabs(sum - z[i]), 1e-13 * scale);
        }
        expect(RF_OK, rf_model_query_at(model, query_one(model, RF_TIME), RF_WEIGHTS, past, D));
        ck_assert_mem_eq(w, past, sizeof w);
    }
    expect(RF_OK, rf_model_set_event_limit(model, 0));
    other = loaded(model);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_integrate(other, INFINITY));
    keep(&b, model);
    keep(&c, other);
    same(&a, &b, 1e-10);
    same(&b, &c, 0.0);
    free(z);
    forget(&a);
    forget(&b);
    forget(&c);
}
END_TEST

/* Wherever a run is stopped, a clone and what is loaded go on with its bits: what the windows before have left behind
 * in the original counts for nothing, be it that the next one has no line that may turn. */
START_TEST(copies)
{
    const int kind = _i < 2 ? _i : TURNS + _i - 2;
    wide_run run[3];
    rf_model *whole;
    int64_t limit, step;
    for (int k = 0; k < 3; k++)
        draw(&run[k], kind);
    whole = wide_model(&run[0], 0, 1);
    expect(RF_OK, rf_model_integrate(whole, INFINITY));
    keep(&run[0], whole);
    step = kind >= TURNS ? 1 : 25;
    for (limit = step; limit < run[0].events; limit += step) {
        rf_model *model[3] = {wide_model(&run[0], 0, 1), NULL, NULL};
        expect(RF_OK, rf_model_set_event_limit(model[0], limit));
        expect(RF_EVENT_LIMIT, rf_model_integrate(model[0], INFINITY));
        expect(RF_OK, rf_model_set_event_limit(model[0], 0));
        expect(RF_OK, rf_model_clone(model[0], &model[1]));
        model[2] = loaded(model[0]);
        for (int k = 0; k < 3; k++) {
            expect(RF_OK, rf_model_integrate(model[k], INFINITY));
            keep(&run[k], model[k]);
        }
        same(&run[0], &run[1], 0.0);
        same(&run[0], &run[2], 0.0);
    }
    for (int k = 0; k < 3; k++)
        forget(&run[k]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wide");
    TCase *tcase = tcase_create("wide");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 110);
    tcase_add_loop_test(tcase, windows_and_single_events, 0, 3);
    tcase_add_loop_test(tcase, threads_and_single_precision_change_no_bit, 0, 3);
    tcase_add_loop_test(tcase, stops, 0, 2);
    tcase_add_loop_test(tcase, threads_and_single_precision_change_no_bit, ROWS, KINDS);
    tcase_add_loop_test(tcase, copies, 0, 4);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
