/* test_oom_sweep.c: every function of a sweep with the k-th allocation failing, alone or with all
 * after it, in one thread and in several: RF_ERROR_MEMORY, nothing lost, and afterwards the same
 * result bit for bit. SPDX-License-Identifier: MIT */
#include "calls.h"
#include "run.h"
#include "snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const scenes[] = {"mixed_slide_0", "slide_exits_0", "leaky"};
enum { SCENES = 3, RUNS = 4, MOST = 100000 };
#define GUARD (-3.5e301)

#define check(condition)                                                                           \
    ck_assert_msg(condition, "%s, allocation %d%s: %s", v->name, (int)k,                           \
                  from ? " and all after it" : "", #condition)

static rf_model *base_of(const vector_case *v, const rf_allocator *allocator)
{
    rf_model *model = NULL;

    ck_assert_int_eq(
        rf_model_create_ex(v->n, v->d, v->X, v->d, 1, v->y, 0, allocator, &model, NULL, 0), RF_OK);
    ck_assert_int_eq(rf_model_set_activation(model, v->activation, v->beta), RF_OK);
    ck_assert_int_eq(rf_model_set_data_weights(model, v->c, v->n), RF_OK);
    return model;
}

/* The start of the vector and its opposite, at scale 1 and in the limit of scale 0. */
static rf_status create(const vector_case *v, const rf_model *base, rf_sweep **out)
{
    const double eps[] = {1, 0};
    double *U = test_doubles(2 * v->d);
    rf_status status;

    for (int64_t k = 0; k < v->d; k++) {
        U[k] = v->w0[k];
        U[v->d + k] = -v->w0[k];
    }
    status = rf_sweep_create(base, 2, U, 2 * v->d, 2, eps, out);
    free(U);
    return status;
}

static rf_sweep *sweep_of(const vector_case *v, const rf_allocator *allocator)
{
    rf_model *base = base_of(v, allocator);
    rf_sweep *sweep = NULL;

    ck_assert_int_eq(create(v, base, &sweep), RF_OK);
    rf_model_free(base);
    return sweep;
}

/* The weights and all runs as models. */
typedef struct result {
    double *w;
    snapshot *runs[RUNS];
} result;

static result result_of(const vector_case *v, const rf_sweep *sweep)
{
    result r = {test_doubles(RUNS * v->d), {NULL}};

    ck_assert_int_eq(rf_sweep_query(sweep, RF_WEIGHTS, r.w, RUNS * v->d), RF_OK);
    for (int64_t k = 0; k < RUNS; k++) {
        rf_model *model = NULL;

        ck_assert_int_eq(rf_sweep_model(sweep, k, &model), RF_OK);
        r.runs[k] = snapshot_take(model);
        rf_model_free(model);
    }
    return r;
}

static int same_results(const vector_case *v, const result *a, const result *b)
{
    int same = same_bits(a->w, b->w, RUNS * v->d);

    for (int k = 0; k < RUNS; k++)
        same &= snapshot_same(a->runs[k], b->runs[k]);
    return same;
}

static void result_free(result *r)
{
    free(r->w);
    for (int k = 0; k < RUNS; k++)
        snapshot_free(r->runs[k]);
}

static result undisturbed(const vector_case *v)
{
    failing_memory memory;
    rf_allocator allocator = failing_allocator(&memory);
    rf_sweep *sweep = sweep_of(v, &allocator);
    result r;

    ck_assert_int_eq(rf_sweep_run(sweep, INFINITY), RF_OK);
    r = result_of(v, sweep);
    rf_sweep_free(sweep);
    ck_assert_int_eq(memory.live, 0);
    return r;
}

START_TEST(creating)
{
    vector_case *v = vector_read(scenes[_i]);

    for (int from = 0; from < 2; from++) {
        failing_memory memory;
        rf_allocator allocator = failing_allocator(&memory);
        rf_model *base = base_of(v, &allocator);
        int64_t before = memory.live, k;

        for (k = 1;; k++) {
            rf_sweep *sweep = (rf_sweep *)(void *)base;
            rf_status status;

            fail_from_now(&memory, k, from);
            status = create(v, base, &sweep);
            fail_never(&memory);
            if (!memory.fired) {
                check(status == RF_OK && k > 1);
                rf_sweep_free(sweep);
                break;
            }
            check(status == RF_ERROR_MEMORY);
            check(sweep == NULL);
            check(memory.live == before);
        }
        rf_model_free(base);
        ck_assert_int_eq(memory.live, 0);
    }
    vector_free(v);
}
END_TEST

/* One allocation fails, or all from it on: the run says so, and called again it ends well. */
static int disturbed_run(const vector_case *v, const result *expected, int32_t threads, int64_t k,
                         int from)
{
    failing_memory memory;
    rf_allocator allocator = failing_allocator(&memory);
    rf_sweep *sweep = sweep_of(v, &allocator);
    rf_status status;
    result r;

    check(rf_sweep_set_threads(sweep, threads) == RF_OK);
    fail_from_now(&memory, k, from);
    status = rf_sweep_run(sweep, INFINITY);
    fail_never(&memory);
    check(status == (memory.fired ? RF_ERROR_MEMORY : RF_OK));
    if (memory.fired)
        check(rf_sweep_run(sweep, INFINITY) == RF_OK);
    r = result_of(v, sweep);
    check(same_results(v, &r, expected));
    result_free(&r);
    rf_sweep_free(sweep);
    check(memory.live == 0);
    return memory.fired > 0;
}

START_TEST(running)
{
    vector_case *v = vector_read(scenes[_i % SCENES]);
    const int32_t threads = _i < SCENES ? 1 : 3;
    result expected = undisturbed(v);

    for (int from = 0; from < 2; from++) {
        int64_t k = 1;

        while (disturbed_run(v, &expected, threads, k, from)) {
            k++;
            check(k < MOST);
        }
    }
    result_free(&expected);
    vector_free(v);
}
END_TEST

/* One sweep that stumbles on at every place where it can, in changing numbers of threads. */
START_TEST(stumbling)
{
    vector_case *v = vector_read(scenes[_i]);
    failing_memory memory;
    rf_allocator allocator = failing_allocator(&memory);
    rf_sweep *sweep = sweep_of(v, &allocator);
    result expected = undisturbed(v), r;
    rf_status status;
    int64_t k = 1;

    do {
        ck_assert_int_lt(k, MOST);
        ck_assert_int_eq(rf_sweep_set_threads(sweep, 1 + (int32_t)(k % 3)), RF_OK);
        fail_from_now(&memory, k++, 1);
        status = rf_sweep_run(sweep, INFINITY);
        ck_assert(status == RF_OK || status == RF_ERROR_MEMORY);
    } while (status != RF_OK);
    fail_never(&memory);
    r = result_of(v, sweep);
    ck_assert(same_results(v, &r, &expected));
    result_free(&r);
    result_free(&expected);
    rf_sweep_free(sweep);
    ck_assert_int_eq(memory.live, 0);
    vector_free(v);
}
END_TEST

/* A query of every quantity: outputs untouched on failure, the same answer afterwards. */
static void ask(const vector_case *v, const rf_sweep *sweep, failing_memory *memory,
                int32_t quantity, int from)
{
    const int64_t most = RUNS * (v->n + v->d);
    double *expected = test_doubles(most), *out = test_doubles(most);
    int64_t len = RUNS, k;

    if (rf_sweep_query(sweep, quantity, expected, len) != RF_OK)
        len = RUNS * v->d;
    if (rf_sweep_query(sweep, quantity, expected, len) != RF_OK)
        len = RUNS * v->n;
    ck_assert_int_eq(rf_sweep_query(sweep, quantity, expected, len), RF_OK);
    for (k = 1; k < MOST; k++) {
        rf_status status;

        for (int64_t j = 0; j < len; j++)
            out[j] = GUARD;
        fail_from_now(memory, k, from);
        status = rf_sweep_query(sweep, quantity, out, len);
        fail_never(memory);
        if (!memory->fired) {
            check(status == RF_OK && same_bits(out, expected, len));
            break;
        }
        check(status == RF_ERROR_MEMORY);
        for (int64_t j = 0; j < len; j++)
            check(out[j] == GUARD);
    }
    check(k < MOST);
    free(expected);
    free(out);
}

START_TEST(asking)
{
    vector_case *v = vector_read(scenes[_i]);
    failing_memory memory;
    rf_allocator allocator = failing_allocator(&memory);
    rf_sweep *sweep = sweep_of(v, &allocator);

    ck_assert_int_eq(rf_sweep_run(sweep, INFINITY), RF_OK);
    for (int from = 0; from < 2; from++) {
        int64_t live = memory.live;

        for (int32_t q = RF_TIME; q <= RF_RATES; q++)
            ask(v, sweep, &memory, q, from);
        for (int64_t k = 1;; k++) {
            rf_model *model = (rf_model *)(void *)sweep;
            rf_status status;

            fail_from_now(&memory, k, from);
            status = rf_sweep_model(sweep, 1, &model);
            fail_never(&memory);
            if (!memory.fired) {
                check(status == RF_OK && k > 1);
                rf_model_free(model);
                break;
            }
            check(status == RF_ERROR_MEMORY && model == NULL && memory.live == live);
        }
    }
    rf_sweep_free(sweep);
    ck_assert_int_eq(memory.live, 0);
    vector_free(v);
}
END_TEST

/* Half of the runs from another sweep: all of them or none. */
START_TEST(loading)
{
    vector_case *v = vector_read(scenes[_i]);
    const int64_t half[] = {0, 3};
    rf_sweep *from_one = sweep_of(v, NULL);
    int64_t size = 0, k;
    unsigned char *bytes;

    ck_assert_int_eq(rf_sweep_run(from_one, INFINITY), RF_OK);
    ck_assert_int_eq(rf_sweep_save(from_one, 2, half, NULL, 0, &size), RF_OK);
    bytes = test_alloc(size, 1);
    ck_assert_int_eq(rf_sweep_save(from_one, 2, half, bytes, size, &size), RF_OK);
    for (int from = 0; from < 2; from++)
        for (k = 1; k < MOST; k++) {
            failing_memory memory;
            rf_allocator allocator = failing_allocator(&memory);
            rf_sweep *sweep = sweep_of(v, &allocator);
            int64_t live = memory.live, had = 0, has = 0;
            rf_status status;

            ck_assert_int_eq(rf_sweep_save(sweep, RUNS, NULL, NULL, 0, &had), RF_OK);
            fail_from_now(&memory, k, from);
            status = rf_sweep_load(sweep, bytes, size);
            fail_never(&memory);
            check(status == (memory.fired ? RF_ERROR_MEMORY : RF_OK));
            ck_assert_int_eq(rf_sweep_save(sweep, RUNS, NULL, NULL, 0, &has), RF_OK);
            check(memory.fired ? memory.live == live && has == had : has > had);
            rf_sweep_free(sweep);
            check(memory.live == 0);
            if (!memory.fired)
                break;
        }
    ck_assert_int_gt(k, 1);
    free(bytes);
    rf_sweep_free(from_one);
    vector_free(v);
}
END_TEST

/* Functions that do not list RF_ERROR_MEMORY work without any memory left. */
START_TEST(without_memory)
{
    vector_case *v = vector_read(scenes[_i]);
    failing_memory memory;
    rf_allocator allocator = failing_allocator(&memory);
    rf_sweep *sweep = sweep_of(v, &allocator);
    unsigned char bytes[1000];
    int64_t size = 0;

    fail_from_now(&memory, 1, 1);
    ck_assert_int_eq(rf_sweep_count(sweep), RUNS);
    ck_assert_int_eq(rf_sweep_set_threads(sweep, 5), RF_OK);
    ck_assert_int_eq(rf_sweep_set_callback(sweep, NULL, NULL), RF_OK);
    ck_assert_int_eq(rf_sweep_save(sweep, RUNS, NULL, bytes, sizeof bytes, &size), RF_OK);
    ck_assert_int_eq(memory.fired, 0);
    fail_never(&memory);
    rf_sweep_free(sweep);
    ck_assert_int_eq(memory.live, 0);
    vector_free(v);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"creating", creating, SCENES},   {"running", running, 2 * SCENES},
        {"stumbling", stumbling, SCENES}, {"asking", asking, SCENES},
        {"loading", loading, SCENES},     {"without memory", without_memory, SCENES},
    };

    return run_tests("oom sweep", entries, sizeof entries / sizeof *entries);
}
