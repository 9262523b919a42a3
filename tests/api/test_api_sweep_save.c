/* test_api_sweep_save.c: some of the runs of a sweep: taken on, written and put into another sweep.
 * SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "sweeps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECTIONS = 4, SCALES = 3, RUNS = DIRECTIONS * SCALES };

/* A problem, its starts, a base model, and the sweep that rf_sweep_run has taken to the limit. */
typedef struct bench {
    problem *p;
    starts *s;
    rf_model *base;
    rf_sweep *all;
} bench;

static bench bench_make(enum problem_kind kind, uint64_t seed)
{
    bench b = {problem_make(kind, seed), NULL, NULL, NULL};

    b.s = starts_make(b.p->d, DIRECTIONS, SCALES, seed);
    b.base = problem_model(b.p);
    b.all = starts_sweep(b.s, b.base);
    expect(RF_OK, rf_sweep_run(b.all, INFINITY));
    return b;
}

static void bench_free(bench *b)
{
    rf_sweep_free(b->all);
    rf_model_free(b->base);
    starts_free(b->s);
    problem_free(b->p);
}

static int same(const bench *b, const rf_sweep *x, const rf_sweep *y)
{
    int is_same = sweeps_same(x, y, b->p->n, b->p->d);

    for (int64_t k = 0; k < RUNS && is_same; k++) {
        rf_model *one = NULL, *other = NULL;
        rf_status first = rf_sweep_model(x, k, &one), second = rf_sweep_model(y, k, &other);

        is_same = first == second && (first != RF_OK || models_same_state(one, other));
        rf_model_free(one);
        rf_model_free(other);
    }
    return is_same;
}

/* The runs of a list as bytes, in a block of exactly their size, to free. */
static unsigned char *save(const rf_sweep *sweep, int64_t count, const int64_t *runs, int64_t *size)
{
    unsigned char *bytes;

    expect(RF_OK, rf_sweep_save(sweep, count, runs, NULL, 0, size));
    bytes = test_alloc(*size, 1);
    expect(RF_OK, rf_sweep_save(sweep, count, runs, bytes, *size, size));
    return bytes;
}

static int begun(const rf_sweep *sweep, int64_t run)
{
    double t[RUNS];

    expect(RF_OK, rf_sweep_query(sweep, RF_TIME, t, RUNS));
    return !isnan(t[run]);
}

typedef struct observer {
    int64_t calls, last, total, stop_at;
} observer;

static int32_t observe(int64_t done, int64_t total, void *user)
{
    observer *o = user;

    ck_assert_int_ge(done, o->last);
    ck_assert_int_eq(total, o->total);
    o->calls++;
    o->last = done;
    return o->stop_at > 0 && done >= o->stop_at;
}

/* In portions, in any order and with repeats, each reported by itself; the others stay as they are. */
START_TEST(in_portions)
{
    const int64_t first[] = {7, 2, 7, 11}, second[] = {0, 1, 3, 2, 10, 9, 8};
    bench b = bench_make(_i == 0 ? PROBLEM_MIXED : PROBLEM_LEAKY, 31);
    rf_sweep *sweep = starts_sweep(b.s, b.base);
    observer o = {0, 0, 3, 0}, unused = {0, 0, 0, 0};

    expect(RF_OK, rf_sweep_set_callback(sweep, observe, &unused));
    expect(RF_OK, rf_sweep_set_threads(sweep, 1 + _i));
    expect(RF_OK, rf_sweep_run_some(sweep, 4, first, INFINITY, observe, &o));
    ck_assert(o.calls > 0 && o.last == 3);
    for (int64_t k = 0; k < RUNS; k++)
        ck_assert_int_eq(begun(sweep, k), k == 2 || k == 7 || k == 11);
    o = (observer){0, 0, 7, 0};
    expect(RF_OK, rf_sweep_run_some(sweep, 7, second, INFINITY, observe, &o));
    ck_assert_int_eq(o.last, 7);
    expect(RF_OK, rf_sweep_run_some(sweep, 6, NULL, INFINITY, NULL, NULL));
    ck_assert_int_eq(unused.calls, 0);
    ck_assert(begun(sweep, 4) && begun(sweep, 5) && !begun(sweep, 6));
    expect(RF_OK, rf_sweep_set_callback(sweep, NULL, NULL));
    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    ck_assert(same(&b, sweep, b.all));
    rf_sweep_free(sweep);
    bench_free(&b);
}
END_TEST

/* Runs that stand at different times all come to the last one. */
START_TEST(later_times)
{
    const int64_t even[] = {0, 2, 4, 6, 8, 10};
    bench b = bench_make(PROBLEM_MIXED, 32);
    rf_sweep *sweep = starts_sweep(b.s, b.base), *there = starts_sweep(b.s, b.base);
    const double t = b.p->time;
    double times[RUNS];

    expect(RF_OK, rf_sweep_run(sweep, t));
    expect(RF_OK, rf_sweep_run_some(sweep, 6, even, 2 * t, NULL, NULL));
    expect(RF_OK, rf_sweep_query(sweep, RF_TIME, times, RUNS));
    for (int64_t k = 0; k < RUNS; k++)
        ck_assert(times[k] == (k % 2 == 0 ? 2 * t : t) || times[k] == INFINITY);
    expect(RF_ERROR_ARGUMENT, rf_sweep_run(sweep, t));
    expect(RF_OK, rf_sweep_run(sweep, 2 * t));
    expect(RF_OK, rf_sweep_run(there, t));
    expect(RF_OK, rf_sweep_run(there, 2 * t));
    ck_assert(same(&b, sweep, there));
    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    ck_assert(same(&b, sweep, b.all));
    rf_sweep_free(sweep);
    rf_sweep_free(there);
    bench_free(&b);
}
END_TEST

/* What came of the listed runs is told, of no others. */
START_TEST(statuses)
{
    const int64_t fails[] = {1}, fine[] = {0, 2};
    const double U[] = {2, 1, 1e308, 1e308, 1, 3}, eps[] = {1e2};
    rf_model *base = plane_model();
    rf_sweep *sweep = NULL;

    expect(RF_OK, rf_sweep_create(base, 3, U, 6, 1, eps, &sweep));
    expect(RF_OK, rf_sweep_run_some(sweep, 2, fine, INFINITY, NULL, NULL));
    expect(RF_ERROR_NUMERICAL, rf_sweep_run_some(sweep, 1, fails, INFINITY, NULL, NULL));
    expect(RF_OK, rf_sweep_run_some(sweep, 2, fine, INFINITY, NULL, NULL));
    expect(RF_ERROR_NUMERICAL, rf_sweep_run(sweep, INFINITY));
    rf_sweep_free(sweep);
    expect(RF_OK, rf_model_set_event_limit(base, 1));
    sweep = plane_sweep_of(base);
    while (rf_sweep_run_some(sweep, SWEEP_RUNS, NULL, INFINITY, NULL, NULL) == RF_EVENT_LIMIT)
        ;
    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    rf_sweep_free(sweep);
    rf_model_free(base);
}
END_TEST

START_TEST(refused_lists)
{
    const int64_t low[] = {0, -1}, high[] = {RUNS}, fine[] = {3};
    bench b = bench_make(PROBLEM_MIXED, 33);
    rf_sweep *sweep = starts_sweep(b.s, b.base), *untouched = starts_sweep(b.s, b.base);
    int64_t size = -7;
    double block[4] = {GUARD, GUARD, GUARD, GUARD};

    expect(RF_ERROR_ARGUMENT, rf_sweep_run_some(NULL, 1, fine, 1, NULL, NULL));
    expect(RF_ERROR_ARGUMENT, rf_sweep_run_some(sweep, 2, low, 1, NULL, NULL));
    expect(RF_ERROR_ARGUMENT, rf_sweep_run_some(sweep, 1, high, 1, NULL, NULL));
    expect(RF_ERROR_ARGUMENT, rf_sweep_run_some(sweep, -1, fine, 1, NULL, NULL));
    expect(RF_ERROR_ARGUMENT, rf_sweep_run_some(sweep, -1, NULL, 1, NULL, NULL));
    expect(RF_ERROR_ARGUMENT, rf_sweep_run_some(sweep, RUNS + 1, NULL, 1, NULL, NULL));
    expect(RF_ERROR_ARGUMENT, rf_sweep_run_some(sweep, 1, fine, -1, NULL, NULL));
    expect(RF_ERROR_NOT_FINITE, rf_sweep_run_some(sweep, 0, fine, NAN, NULL, NULL));
    expect(RF_OK, rf_sweep_run_some(sweep, 0, NULL, 5, NULL, NULL)); /* only checks */
    expect(RF_OK, rf_sweep_run_some(sweep, 0, NULL, 4, NULL, NULL));
    expect(RF_ERROR_ARGUMENT, rf_sweep_save(NULL, 1, fine, NULL, 0, &size));
    expect(RF_ERROR_ARGUMENT, rf_sweep_save(sweep, 1, fine, NULL, 0, NULL));
    expect(RF_ERROR_ARGUMENT, rf_sweep_save(sweep, 1, fine, NULL, 1, &size));
    expect(RF_ERROR_ARGUMENT, rf_sweep_save(sweep, 1, fine, block, -1, &size));
    expect(RF_ERROR_ARGUMENT, rf_sweep_save(sweep, 2, low, NULL, 0, &size));
    expect(RF_ERROR_ARGUMENT, rf_sweep_save(sweep, 1, high, NULL, 0, &size));
    expect(RF_ERROR_ARGUMENT, rf_sweep_save(sweep, RUNS + 1, NULL, NULL, 0, &size));
    ck_assert_int_eq(size, -7);
    expect(RF_ERROR_CAPACITY, rf_sweep_save(sweep, 1, fine, block, sizeof block, &size));
    ck_assert(size > (int64_t)sizeof block && guard_intact(block, 4));
    expect(RF_ERROR_ARGUMENT, rf_sweep_load(NULL, block, sizeof block));
    expect(RF_ERROR_ARGUMENT, rf_sweep_load(sweep, NULL, 0));
    expect(RF_ERROR_ARGUMENT, rf_sweep_load(sweep, block, INT64_MIN));
    ck_assert(same(&b, sweep, untouched));
    rf_sweep_free(sweep);
    rf_sweep_free(untouched);
    bench_free(&b);
}
END_TEST

/* Two processes do one half each, a third puts the halves together. */
START_TEST(halves)
{
    const enum problem_kind kinds[] = {PROBLEM_MIXED, PROBLEM_GRID, PROBLEM_LINEAR};
    bench b = bench_make(kinds[_i], 34);
    rf_sweep *whole = starts_sweep(b.s, b.base);

    for (int64_t half = 0; half < 2; half++) {
        rf_sweep *sweep = starts_sweep(b.s, b.base);
        int64_t runs[RUNS / 2], size;
        unsigned char *bytes;

        for (int64_t k = 0; k < RUNS / 2; k++)
            runs[k] = 2 * k + half;
        expect(RF_OK, rf_sweep_run_some(sweep, RUNS / 2, runs, INFINITY, NULL, NULL));
        bytes = save(sweep, RUNS / 2, runs, &size);
        rf_sweep_free(sweep);
        expect(RF_OK, rf_sweep_load(whole, bytes, size));
        free(bytes);
        ck_assert_int_eq(begun(whole, 1), half == 1);
    }
    ck_assert(same(&b, whole, b.all));
    expect(RF_OK, rf_sweep_run(whole, INFINITY)); /* nothing is left to do */
    expect(RF_ERROR_ARGUMENT, rf_sweep_run(whole, 1));
    ck_assert(same(&b, whole, b.all));
    rf_sweep_free(whole);
    bench_free(&b);
}
END_TEST

/* A sweep that stopped, at a run that is on its way, goes on elsewhere. */
START_TEST(resuming)
{
    bench b = bench_make(PROBLEM_MIXED, 35);

    for (int64_t stop_at = 1; stop_at < RUNS; stop_at += 3) {
        rf_sweep *sweep = starts_sweep(b.s, b.base), *other = starts_sweep(b.s, b.base);
        observer o = {0, 0, RUNS, stop_at};
        int64_t size = 0, again = 0;
        unsigned char *bytes, *same_bytes;
        rf_status status;

        expect(RF_OK, rf_sweep_set_threads(sweep, 1 + (int32_t)stop_at % 2));
        status = rf_sweep_run_some(sweep, RUNS, NULL, INFINITY, observe, &o);
        /* With two threads the calling one may come to its report when all is done. */
        ck_assert(status == RF_STOPPED || (status == RF_OK && stop_at % 2 == 1));
        bytes = save(sweep, RUNS, NULL, &size);
        expect(RF_OK, rf_sweep_load(other, bytes, size));
        ck_assert(same(&b, sweep, other));
        same_bytes = save(other, RUNS, NULL, &again);
        ck_assert(again == size && memcmp(bytes, same_bytes, (size_t)size) == 0);
        expect(RF_OK, rf_sweep_run(other, INFINITY));
        ck_assert(same(&b, other, b.all));
        free(bytes);
        free(same_bytes);
        rf_sweep_free(sweep);
        rf_sweep_free(other);
    }
    bench_free(&b);
}
END_TEST

/* A sweep of other data, settings or starts refuses them. */
START_TEST(other_sweeps)
{
    bench b = bench_make(PROBLEM_MIXED, 36);
    int64_t size = 0;
    unsigned char *bytes = save(b.all, RUNS, NULL, &size);

    for (int change = 0; change < 9; change++) {
        problem *p = problem_copy(b.p);
        starts *s = starts_make(p->d, DIRECTIONS, SCALES, 36);
        rf_model *base;
        rf_sweep *sweep, *untouched;

        p->X[p->n * p->d - 1] *= change == 1 ? 1 + 0x1p-52 : 1;
        p->y[0] *= change == 2 ? 1 + 0x1p-52 : 1;
        p->activation = change == 3 ? RF_LEAKY_RELU : p->activation;
        s->U[3] *= change == 4 ? 1 + 0x1p-52 : 1;
        s->eps[1] *= change == 5 ? 1 + 0x1p-52 : 1;
        s->directions -= change == 6;
        base = problem_model(p);
        expect(RF_OK, rf_model_set_event_limit(base, change == 7 ? 3 : 0));
        expect(RF_OK, rf_model_set_recording(base, change != 8));
        sweep = starts_sweep(s, base);
        untouched = starts_sweep(s, base);
        expect(change == 0 ? RF_OK : RF_ERROR_ARGUMENT, rf_sweep_load(sweep, bytes, size));
        ck_assert_int_eq(sweeps_same(sweep, change == 0 ? b.all : untouched, p->n, p->d), 1);
        rf_sweep_free(sweep);
        rf_sweep_free(untouched);
        rf_model_free(base);
        starts_free(s);
        problem_free(p);
    }
    free(bytes);
    bench_free(&b);
}
END_TEST

/* Truncated, or with one bit changed: refused, and nothing changes. */
START_TEST(damaged)
{
    rf_sweep *sweep = plane_sweep(), *other = plane_sweep();
    const int64_t some[] = {4, 1};
    int64_t size = 0, after = 0;
    unsigned char *bytes, *nothing = save(other, SWEEP_RUNS, NULL, &after), *still;

    expect(RF_OK, rf_sweep_run(sweep, INFINITY));
    bytes = save(sweep, 2, some, &size);
    for (int64_t k = 0; k < size; k++) {
        unsigned char *copy = test_alloc(k, 1);

        memcpy(copy, bytes, (size_t)k);
        expect(RF_ERROR_CORRUPT, rf_sweep_load(other, copy, k));
        free(copy);
    }
    for (int64_t bit = 0; bit < 8 * size; bit += 3) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        expect(RF_ERROR_CORRUPT, rf_sweep_load(other, bytes, size));
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    still = save(other, SWEEP_RUNS, NULL, &size);
    ck_assert(size == after && memcmp(still, nothing, (size_t)size) == 0);
    free(still);
    free(nothing);
    free(bytes);
    rf_sweep_free(sweep);
    rf_sweep_free(other);
}
END_TEST

typedef struct inside {
    rf_sweep *sweep;
    unsigned char *bytes;
    int64_t size;
    int calls;
} inside;

static int32_t call_inside(int64_t done, int64_t total, void *user)
{
    inside *i = user;
    int64_t size = 0;

    (void)done;
    (void)total;
    expect(RF_ERROR_STATE, rf_sweep_run_some(i->sweep, 1, NULL, INFINITY, NULL, NULL));
    expect(RF_ERROR_STATE, rf_sweep_save(i->sweep, 1, NULL, NULL, 0, &size));
    expect(RF_ERROR_STATE, rf_sweep_load(i->sweep, i->bytes, i->size));
    i->calls++;
    return 0;
}

START_TEST(from_callbacks)
{
    inside i = {plane_sweep(), NULL, 0, 0};

    i.bytes = save(i.sweep, 2, NULL, &i.size);
    expect(RF_OK, rf_sweep_run_some(i.sweep, 3, NULL, INFINITY, call_inside, &i));
    ck_assert_int_gt(i.calls, 0);
    free(i.bytes);
    rf_sweep_free(i.sweep);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"in portions", in_portions, 2}, {"later times", later_times, 0},
        {"statuses", statuses, 0},       {"refused lists", refused_lists, 0},
        {"halves", halves, 3},           {"resuming", resuming, 0},
        {"other sweeps", other_sweeps, 0}, {"damaged", damaged, 0},
        {"from callbacks", from_callbacks, 0},
    };

    return run_tests("sweep save", entries, sizeof entries / sizeof *entries);
}
