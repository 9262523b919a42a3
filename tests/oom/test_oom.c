/* test_oom.c: every public function again and again, with the k-th allocation failing, alone or
 * with all after it: RF_ERROR_MEMORY, nothing lost, nothing changed, and afterwards the same
 * result bit for bit. SPDX-License-Identifier: MIT */
#include "calls.h"
#include "problem.h"
#include "run.h"
#include "snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Crossings, slides, groups of parallel rows, the passage through the origin, negative slope. */
static const char *const scenes[] = {"pos_generic_0", "mixed_slide_0",  "slide_exits_0",
                                     "parallel_0",    "origin_through", "leaky"};
enum { SCENES = 6, MOST = 100000 };
#define GUARD (-3.5e301)

static rf_model *prepared(const vector_case *v, const rf_allocator *allocator, int finished)
{
    rf_model *model = NULL;

    ck_assert_int_eq(
        rf_model_create_ex(v->n, v->d, v->X, v->d, 1, v->y, 0, allocator, &model, NULL, 0), RF_OK);
    ck_assert_int_eq(rf_model_set_activation(model, v->activation, v->beta), RF_OK);
    ck_assert_int_eq(rf_model_set_data_weights(model, v->c, v->n), RF_OK);
    ck_assert_int_eq(rf_model_init(model, v->w0, v->d), RF_OK);
    if (finished)
        ck_assert_int_eq(rf_model_integrate(model, INFINITY), RF_OK);
    return model;
}

static void guard(double *out)
{
    for (int k = 0; k < CALL_OUT; k++)
        out[k] = GUARD;
}

static int untouched(const double *out)
{
    for (int k = 0; k < CALL_OUT; k++)
        if (out[k] != GUARD)
            return 0;
    return 1;
}

typedef struct outcome {
    rf_status status;
    double *out;
    snapshot *state;
} outcome;

static outcome undisturbed(const vector_case *v, const public_call *c)
{
    failing_memory memory;
    rf_allocator allocator = failing_allocator(&memory);
    rf_model *model = prepared(v, &allocator, c->finished);
    outcome o = {RF_OK, test_doubles(CALL_OUT), NULL};

    guard(o.out);
    o.status = c->call(model, v, o.out);
    o.state = snapshot_take_state(model);
    rf_model_free(model);
    ck_assert_int_eq(memory.live, 0);
    return o;
}

static void outcome_free(outcome *o)
{
    free(o->out);
    snapshot_free(o->state);
}

#define check(condition)                                                                           \
    ck_assert_msg(condition, "%s: %s, allocation %d%s: %s", v->name, c->name, (int)k,              \
                  from ? " and all after it" : "", #condition)

/* A model ready for a call, and what it told before. */
typedef struct subject {
    failing_memory memory;
    rf_allocator allocator;
    rf_model *model;
    snapshot *before;
} subject;

static void begin(subject *s, const vector_case *v, const public_call *c)
{
    s->allocator = failing_allocator(&s->memory);
    s->model = prepared(v, &s->allocator, c->finished);
    s->before = snapshot_take(s->model);
}

static int64_t end(subject *s)
{
    rf_model_free(s->model);
    snapshot_free(s->before);
    return s->memory.live;
}

/* The call with allocation k failing, then once more undisturbed, which must give what is expected;
 * returns 0 once k is more than the call makes. */
static int disturbed(subject *s, const vector_case *v, const public_call *c,
                     const outcome *expected, int64_t k, int from)
{
    double *out = test_doubles(CALL_OUT);
    rf_status status;

    guard(out);
    fail_from_now(&s->memory, k, from);
    status = c->call(s->model, v, out);
    fail_never(&s->memory);
    if (s->memory.fired) {
        snapshot *after = snapshot_take(s->model);

        check(status == RF_ERROR_MEMORY);
        check(untouched(out));
        check(c->effect == CALL_RUNS || snapshot_same(s->before, after));
        snapshot_free(after);
        status = c->call(s->model, v, out);
    }
    check(status == expected->status);
    check(memcmp(out, expected->out, CALL_OUT * sizeof *out) == 0);
    free(out);
    return s->memory.fired > 0;
}

/* All k for one call.  A const call leaves its model as good as new; others get one each time. */
static void exhaust(const vector_case *v, const public_call *c, const outcome *expected, int from)
{
    subject s;
    int64_t k;
    int more = 1;

    begin(&s, v, c);
    for (k = 1; more; k++) {
        check(k < MOST);
        more = disturbed(&s, v, c, expected, k, from);
        if (c->effect != CALL_CONST || !more) {
            snapshot *state = snapshot_take_state(s.model);

            check(snapshot_same(state, expected->state));
            snapshot_free(state);
            check(end(&s) == 0);
            if (more)
                begin(&s, v, c);
        }
    }
}

START_TEST(calls)
{
    vector_case *v = vector_read(scenes[_i]);

    for (int j = 0; j < public_call_count; j++) {
        outcome expected = undisturbed(v, &public_calls[j]);

        exhaust(v, &public_calls[j], &expected, 0);
        exhaust(v, &public_calls[j], &expected, 1);
        outcome_free(&expected);
    }
    vector_free(v);
}
END_TEST

/* rf_model_create_ex itself: no model, a message, nothing left. */
START_TEST(create)
{
    vector_case *v = vector_read(scenes[_i]);

    for (int from = 0; from < 2; from++) {
        for (int64_t k = 1;; k++) {
            failing_memory memory;
            rf_allocator allocator = failing_allocator(&memory);
            rf_model *model = (rf_model *)(void *)&memory;
            char message[200] = "";
            rf_status status;

            fail_from_now(&memory, k, from);
            status = rf_model_create_ex(v->n, v->d, v->X, v->d, 1, v->y, 0, &allocator, &model,
                                        message, sizeof message);
            if (!memory.fired) {
                ck_assert_int_eq(status, RF_OK);
                ck_assert_int_gt(k, 1);
                rf_model_free(model);
                break;
            }
            ck_assert_int_eq(status, RF_ERROR_MEMORY);
            ck_assert_ptr_null(model);
            ck_assert_str_ne(message, "");
            ck_assert_int_eq(memory.live, 0);
        }
    }
    vector_free(v);
}
END_TEST

/* A whole run with one allocation failing at each place, resumed each time: the same limit. */
START_TEST(stumbling_run)
{
    vector_case *v = vector_read(scenes[_i]);
    failing_memory memory, plain_memory;
    rf_allocator allocator = failing_allocator(&memory);
    rf_allocator plain_allocator = failing_allocator(&plain_memory);
    rf_model *model = prepared(v, &allocator, 0), *plain = prepared(v, &plain_allocator, 1);

    for (int64_t k = 1;; k++) {
        rf_status status;

        ck_assert_int_lt(k, MOST);
        fail_from_now(&memory, k, 1);
        status = rf_model_integrate(model, INFINITY);
        if (status == RF_OK)
            break;
        ck_assert_int_eq(status, RF_ERROR_MEMORY);
        ck_assert_str_ne(rf_model_error(model), "");
    }
    fail_never(&memory);
    ck_assert(models_same_state(model, plain));
    rf_model_free(model);
    rf_model_free(plain);
    ck_assert_int_eq(memory.live, 0);
    ck_assert_int_eq(plain_memory.live, 0);
    vector_free(v);
}
END_TEST

/* Dimensions in which memory for what slides is asked for when something does. */
static problem *wide_problem(void)
{
    random_source source = random_seed(11);
    problem *p = problem_empty(72, 132);

    for (int64_t k = 0; k < p->n * p->d; k++)
        p->X[k] = random_normal(&source);
    for (int64_t i = 0; i < p->n; i++)
        p->y[i] = random_normal(&source);
    for (int64_t k = 0; k < p->d; k++)
        p->w0[k] = 0.1 * random_normal(&source);
    return p;
}

static int32_t go_on(const rf_model *model, const rf_event *event, void *user)
{
    (void)model;
    (void)event;
    (void)user;
    return 0;
}

/* With a callback w is known at every event, so that a run has the same bits wherever it is cut. */
static rf_model *wide_model(const problem *p, const rf_allocator *allocator)
{
    rf_model *model = NULL;

    ck_assert_int_eq(
        rf_model_create_ex(p->n, p->d, p->X, p->d, 1, p->y, 0, allocator, &model, NULL, 0), RF_OK);
    ck_assert_int_eq(rf_model_set_callback(model, go_on, NULL), RF_OK);
    ck_assert_int_eq(rf_model_init(model, p->w0, p->d), RF_OK);
    return model;
}

/* Where the k-th allocation of a run fails the run says so, and goes on with the bits of one that lacked nothing; so
 * with the weights at a past time. */
START_TEST(wide_run)
{
    problem *p = wide_problem();
    failing_memory memory;
    rf_allocator allocator = failing_allocator(&memory);
    rf_model *plain = wide_model(p, NULL);
    double *w = test_doubles(p->d), *v = test_doubles(p->d), t;
    rf_event last;
    int more = 1;

    ck_assert_int_eq(rf_model_integrate(plain, INFINITY), RF_OK);
    ck_assert_int_eq(rf_model_events(plain, rf_model_event_count(plain) - 1, 1, &last), RF_OK);
    t = 0.999 * last.time;
    ck_assert_int_eq(rf_model_query_at(plain, t, RF_WEIGHTS, w, p->d), RF_OK);
    for (int64_t k = 1; more; k++) {
        rf_model *model = wide_model(p, &allocator);
        rf_status status;

        fail_from_now(&memory, k, 0);
        status = rf_model_integrate(model, INFINITY);
        more = memory.fired > 0;
        ck_assert_int_eq(status, more ? RF_ERROR_MEMORY : RF_OK);
        fail_never(&memory);
        ck_assert_int_eq(rf_model_integrate(model, INFINITY), RF_OK);
        ck_assert_msg(models_same_state(model, plain), "allocation %d", (int)k);
        fail_from_now(&memory, k, 0);
        status = rf_model_query_at(model, t, RF_WEIGHTS, v, p->d);
        more |= memory.fired > 0;
        ck_assert_int_eq(status, memory.fired ? RF_ERROR_MEMORY : RF_OK);
        fail_never(&memory);
        ck_assert_int_eq(rf_model_query_at(model, t, RF_WEIGHTS, v, p->d), RF_OK);
        ck_assert(same_bits(w, v, p->d));
        rf_model_free(model);
        ck_assert_int_eq(memory.live, 0);
    }
    rf_model_free(plain);
    problem_free(p);
    free(w);
    free(v);
}
END_TEST

/* Functions that do not list RF_ERROR_MEMORY work without any memory left. */
START_TEST(without_memory)
{
    vector_case *v = vector_read(scenes[_i]);
    failing_memory memory;
    rf_allocator allocator = failing_allocator(&memory);
    rf_model *model = prepared(v, &allocator, 1);
    int64_t count = rf_model_event_count(model), len = 0;
    rf_event *events = test_alloc(count, sizeof *events);
    uint8_t *state = test_alloc(v->n, 1);

    fail_from_now(&memory, 1, 1);
    ck_assert_int_eq(rf_model_query_size(model, RF_MARGINS, &len), RF_OK);
    ck_assert_int_eq(rf_model_pattern(model, state, v->n), RF_OK);
    ck_assert_int_eq(rf_model_events(model, 0, count, events), RF_OK);
    ck_assert_int_eq(rf_model_event_count(model), count);
    ck_assert_int_eq(rf_model_set_event_limit(model, 3), RF_OK);
    ck_assert_int_eq(rf_model_set_threads(model, 2), RF_OK);
    ck_assert_int_eq(rf_model_set_callback(model, NULL, NULL), RF_OK);
    ck_assert_int_eq(rf_model_set_recording(model, 1), RF_OK);
    ck_assert_int_eq(rf_model_set_activation(model, RF_LEAKY_RELU, 0.5), RF_OK);
    ck_assert_int_eq(rf_model_set_data_weights(model, v->c, v->n), RF_OK);
    ck_assert_int_eq(rf_model_set_data_weights(model, NULL, 0), RF_OK);
    ck_assert_int_eq(memory.fired, 0);
    fail_never(&memory);
    rf_model_free(model);
    ck_assert_int_eq(memory.live, 0);
    free(events);
    free(state);
    vector_free(v);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"create", create, SCENES},
        {"calls", calls, SCENES},
        {"stumbling run", stumbling_run, SCENES},
        {"wide run", wide_run, 0},
        {"without memory", without_memory, SCENES},
    };

    return run_tests("oom", entries, sizeof entries / sizeof *entries);
}
