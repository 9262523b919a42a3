/* test_leaps.c: fast-forwarded runs, however they are cut, copied, stopped and asked.
 * SPDX-License-Identifier: MIT */
#include "problem.h"
#include "run.h"
#include "snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 6 };

/* A step on the scale of the problem: eta times the trace of sum c x x^T is part. */
static double step_of(const problem *p, double part)
{
    return part * (p->time > 0 ? p->time : 1) / (double)p->d;
}

static double query_number(const rf_model *model, int32_t quantity)
{
    double value = NAN;

    ck_assert_int_eq(rf_model_query(model, quantity, &value, 1), RF_OK);
    return value;
}

static void check_same(const problem *p, const rf_model *a, const rf_model *b, const char *what)
{
    ck_assert_msg(models_same_state(a, b), "%s, seed %d: not the same when %s",
                  problem_name(p->kind), (int)p->seed, what);
}

static void step(rf_model *model, double eta, int64_t steps)
{
    rf_status status = rf_model_step(model, eta, steps);

    ck_assert_msg(status == RF_OK, "status %d: %s", (int)status, rf_model_error(model));
}

/* Bit for bit the same in pieces of any length, through clones, and beside a limit of events. */
static void cut_at_random(const problem *p, double eta, int64_t steps, random_source *source)
{
    rf_model *whole = problem_model(p), *cut = problem_model(p), *copy = NULL;

    step(whole, eta, steps);
    for (int64_t left = steps; left > 0;) {
        int64_t longest = (int64_t)1 << random_integer(source, 0, 20);
        int64_t piece = random_integer(source, 1, longest < left ? longest : left);

        step(cut, eta, piece);
        left -= piece;
        if (random_bits(source) % 4 == 0) {
            ck_assert_int_eq(rf_model_clone(cut, &copy), RF_OK);
            rf_model_free(cut);
            cut = copy;
        }
    }
    check_same(p, whole, cut, "cut");
    rf_model_free(whole);
    rf_model_free(cut);
}

START_TEST(pieces)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        problem *p = problem_make((enum problem_kind)_i, seed);
        random_source source = random_seed(seed + 1000 * (uint64_t)_i);

        cut_at_random(p, step_of(p, 0.5), 2000, &source);
        cut_at_random(p, step_of(p, 1e-3), 20000, &source);
        cut_at_random(p, step_of(p, 1.9), 300, &source);
        problem_free(p);
    }
}
END_TEST

static int32_t always_stop(const rf_model *model, const rf_event *event, void *user)
{
    (void)model;
    (void)event;
    ++*(int64_t *)user;
    return 1;
}

/* A run that is stopped at every event, by the callback or the limit, and resumed with the steps
 * left. */
START_TEST(stopped_at_events)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        problem *p = problem_make((enum problem_kind)_i, seed);
        const double eta = ldexp(1, (int)floor(log2(step_of(p, 0.02)))); /* times are exact */
        const int64_t steps = 3000;
        rf_model *whole = problem_model(p), *stopped = problem_model(p);
        rf_model *limited = problem_model(p);
        int64_t calls = 0, done = 0;
        rf_status status = RF_STOPPED;

        step(whole, eta, steps);
        ck_assert_int_eq(rf_model_set_callback(stopped, always_stop, &calls), RF_OK);
        for (; status == RF_STOPPED; done = (int64_t)(query_number(stopped, RF_TIME) / eta))
            status = rf_model_step(stopped, eta, steps - done);
        ck_assert_int_eq(status, RF_OK);
        ck_assert_int_eq(calls, rf_model_event_count(whole));
        check_same(p, whole, stopped, "stopped at every event");
        ck_assert_int_eq(rf_model_set_event_limit(limited, 1), RF_OK);
        for (done = 0, status = RF_EVENT_LIMIT; status == RF_EVENT_LIMIT;
             done = (int64_t)(query_number(limited, RF_TIME) / eta)) {
            const int64_t before = rf_model_event_count(limited);

            status = rf_model_step(limited, eta, steps - done);
            if (status == RF_EVENT_LIMIT)
                ck_assert_int_gt(rf_model_event_count(limited), before);
        }
        ck_assert_int_eq(status, RF_OK);
        check_same(p, whole, limited, "limited to one event a run");
        rf_model_free(whole);
        rf_model_free(stopped);
        rf_model_free(limited);
        problem_free(p);
    }
}
END_TEST

static void same_quantity(const problem *p, const rf_model *now, const rf_model *later,
                          int32_t quantity)
{
    int64_t len = 0;
    double t = query_number(now, RF_TIME), *a, *b;

    ck_assert_int_eq(rf_model_query_size(now, quantity, &len), RF_OK);
    a = test_doubles(len);
    b = test_doubles(len);
    ck_assert_int_eq(rf_model_query(now, quantity, a, len), RF_OK);
    ck_assert_int_eq(rf_model_query_at(later, t, quantity, b, len), RF_OK);
    ck_assert_msg(same_bits(a, b, len), "%s, seed %d: quantity %d of the past is another",
                  problem_name(p->kind), (int)p->seed, (int)quantity);
    free(a);
    free(b);
}

/* What a run tells now, a longer one tells of the past. */
START_TEST(the_past)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        problem *p = problem_make((enum problem_kind)_i, seed);
        const double eta = step_of(p, seed % 2 ? 0.01 : 0.9);
        rf_model *now = problem_model(p), *later = problem_model(p);

        step(later, eta, 5000);
        for (int64_t k = 1; k < 2500; k *= 3) {
            step(now, eta, k);
            for (int32_t q = RF_TIME; q <= RF_RATES; q++)
                if (q != RF_STATUS && q != RF_FLAGS)
                    same_quantity(p, now, later, q);
        }
        rf_model_free(now);
        rf_model_free(later);
        problem_free(p);
    }
}
END_TEST

/* With the history off the same iterates and events. */
START_TEST(without_history)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        problem *p = problem_make((enum problem_kind)_i, seed);
        const double eta = step_of(p, 0.01);
        rf_model *on = problem_model(p), *off = problem_model(p), *copy = NULL;
        double *a = test_doubles(p->d), *b = test_doubles(p->d);

        ck_assert_int_eq(rf_model_set_recording(off, 0), RF_OK);
        ck_assert_int_eq(rf_model_init(off, p->w0, p->d), RF_OK);
        step(on, eta, 10000);
        step(off, eta, 4321);
        ck_assert_int_eq(rf_model_clone(off, &copy), RF_OK);
        step(copy, eta, 10000 - 4321);
        ck_assert_int_eq(rf_model_query(on, RF_WEIGHTS, a, p->d), RF_OK);
        ck_assert_int_eq(rf_model_query(copy, RF_WEIGHTS, b, p->d), RF_OK);
        ck_assert(same_bits(a, b, p->d));
        ck_assert_int_eq(rf_model_event_count(on), rf_model_event_count(copy));
        free(a);
        free(b);
        rf_model_free(on);
        rf_model_free(off);
        rf_model_free(copy);
        problem_free(p);
    }
}
END_TEST

/* Runs of problems with positive labels, which do not chatter. */
static problem *quiet_problem(int kind, uint64_t seed)
{
    problem *p = problem_make((enum problem_kind)kind, seed);

    for (int64_t i = 0; i < p->n; i++)
        p->y[i] = fabs(p->y[i]);
    return p;
}

/* 10^9 steps, which one by one would outlast the time allowed a thousandfold, and their past;
 * then with another step, from where little but rounding is left to move. */
static void run_far(const problem *p, double eta)
{
    rf_model *model = problem_model(p);
    double *alpha = test_doubles(p->n), *w = test_doubles(p->d), *then = test_doubles(p->d), t;

    step(model, eta, 1000000000);
    t = query_number(model, RF_TIME);
    ck_assert_double_eq_tol(t, 1e9 * eta, 1e-6 * eta * 1e9);
    ck_assert_int_eq(rf_model_query_at(model, 0.4 * t, RF_WEIGHTS, then, p->d), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, w, p->d), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_COEFFICIENTS, alpha, p->n), RF_OK);
    ck_assert_double_ge(query_number(model, RF_PATH_LENGTH), 0);
    /* w = w(0) + sum alpha x: terms as large as alpha x, and alpha with the roundings of its
     * stretches, some ten per mode and data. */
    for (int64_t k = 0; k < p->d; k++) {
        double sum = p->w0[k] - w[k], size = fabs(p->w0[k]) + fabs(w[k]);

        for (int64_t i = 0; i < p->n; i++) {
            sum += alpha[i] * p->X[i * p->d + k];
            size += fabs(alpha[i] * p->X[i * p->d + k]);
        }
        ck_assert_msg(fabs(sum) <= 1e3 * (double)(p->n + p->d) * 0x1p-52 * size,
                      "%s, seed %d: w is off its alpha by %g of %g", problem_name(p->kind),
                      (int)p->seed, sum, size);
    }
    step(model, eta / 10, 1000000000);
    free(alpha);
    free(w);
    free(then);
    rf_model_free(model);
}

START_TEST(a_billion_steps)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        problem *p = quiet_problem(_i, seed);

        run_far(p, step_of(p, 0.9));
        run_far(p, step_of(p, 1e-4));
        run_far(p, step_of(p, 1e-9));
        problem_free(p);
    }
}
END_TEST

/* Steps without number: the count of a stretch is full at 2^62. */
START_TEST(no_end_of_steps)
{
    problem *p = quiet_problem(PROBLEM_GAUSSIAN, 3);
    rf_model *model = problem_model(p);
    double *w = test_doubles(p->d), *first = test_doubles(p->d);
    const double eta = ldexp(1, (int)floor(log2(step_of(p, 0.5))));

    step(model, eta, INT64_MAX);
    ck_assert_double_eq(query_number(model, RF_TIME), 0x1p63 * eta);
    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, first, p->d), RF_OK);
    step(model, eta, INT64_MAX);
    step(model, eta, INT64_MAX);
    ck_assert_double_eq(query_number(model, RF_TIME), 0x3p63 * eta);
    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, w, p->d), RF_OK);
    for (int64_t k = 0; k < p->d; k++) /* a limit is a limit */
        ck_assert_double_eq_tol(w[k], first[k], 1e-12 * (1 + fabs(first[k])));
    free(w);
    free(first);
    rf_model_free(model);
    problem_free(p);
}
END_TEST

/* A step size is changed in the midst of a stretch, now and then. */
START_TEST(schedule)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        problem *p = quiet_problem(_i, seed);
        rf_model *whole = problem_model(p), *cut = problem_model(p);
        double eta = step_of(p, 0.8), t = 0;

        for (int k = 0; k < 8; k++, eta /= 3) {
            step(whole, eta, 1000);
            step(cut, eta, 137);
            step(cut, eta, 1000 - 137);
            t += 1000 * eta;
        }
        ck_assert_double_eq_tol(query_number(whole, RF_TIME), t, 1e-12 * t);
        check_same(p, whole, cut, "cut, with a schedule");
        rf_model_free(whole);
        rf_model_free(cut);
        problem_free(p);
    }
}
END_TEST

/* An allocator that gives so many blocks and then none, until it is told again. */
static void *scarce_allocate(size_t size, void *user)
{
    int64_t *left = user;

    return (*left)-- > 0 ? malloc(size) : NULL;
}

static void scarce_release(void *block, void *user)
{
    (void)user;
    free(block);
}

/* A run that finds no memory for its closed form, or its record, stands at its last iterate and
 * goes on from there as if nothing had been. */
static void run_in_need(const problem *p, const rf_model *whole, double eta, int64_t steps)
{
    for (int64_t blocks = 0, failed = 1; failed; blocks++) {
        int64_t left = INT64_MAX, done;
        rf_allocator scarce = {scarce_allocate, scarce_release, &left};
        rf_model *model = NULL;
        rf_status status;

        ck_assert_int_eq(rf_model_create_ex(p->n, p->d, p->X, p->d, 1, p->y, 0, &scarce, &model,
                                            NULL, 0),
                         RF_OK);
        ck_assert_int_eq(rf_model_init(model, p->w0, p->d), RF_OK);
        left = blocks;
        status = rf_model_step(model, eta, steps);
        failed = status == RF_ERROR_MEMORY;
        left = INT64_MAX;
        ck_assert(failed || status == RF_OK);
        done = (int64_t)(query_number(model, RF_TIME) / eta);
        ck_assert_int_eq(done < steps, failed);
        step(model, eta, steps - done);
        check_same(p, whole, model, "short of memory");
        rf_model_free(model);
    }
}

START_TEST(short_of_memory)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        problem *p = quiet_problem(PROBLEM_GAUSSIAN, seed);
        const double eta = ldexp(1, (int)floor(log2(step_of(p, 1e-3))));
        rf_model *whole = problem_model(p);

        step(whole, eta, 5000);
        run_in_need(p, whole, eta, 5000);
        rf_model_free(whole);
        problem_free(p);
    }
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"pieces", pieces, PROBLEM_KIND_COUNT},
        {"stopped at events", stopped_at_events, PROBLEM_KIND_COUNT},
        {"the past", the_past, PROBLEM_KIND_COUNT},
        {"without history", without_history, PROBLEM_KIND_COUNT},
        {"a billion steps", a_billion_steps, PROBLEM_KIND_COUNT},
        {"no end of steps", no_end_of_steps, 0},
        {"schedule", schedule, PROBLEM_KIND_COUNT},
        {"short of memory", short_of_memory, 0},
    };

    return run_tests("property leaps", entries, sizeof entries / sizeof *entries);
}
