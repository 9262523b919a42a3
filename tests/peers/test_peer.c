/* test_peer.c: the library against ARKODE with located events, on seeded random problems.
 * SPDX-License-Identifier: MIT
 *
 * The peer integrates with a relative tolerance of 1e-10.  Its weights are asked to agree to
 * 1e-8 (1 + |w|) and its events to be the same, in the same order, at times that differ by no more
 * than that error over the speed with which the margin or multiplier went through its bound. */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <reluflow/reluflow.h>

#include "peer_random.h"
#include "sundials_flow.h"

static const double state_tolerance = 1e-8;

enum { PROBLEMS = 200, MAX_N = 30, MAX_D = 6 };

typedef struct family {
    uint64_t seed;
    int mixed;                  /* labels of both signs: sliding                                 */
    int weighted;
    int leaky;
    int method;                 /* of the peer: PEER_*                                           */
    int loose;                  /* the tolerance over the usual one; 0: 1                        */
} family;

typedef struct sample {
    double X[MAX_N * MAX_D], y[MAX_N], c[MAX_N], w0[MAX_D], t_end;
    peer_problem problem;
} sample;

/* What one family saw; a family that compares little or never slides tests nothing. */
typedef struct tally {
    int compared, ties, events, slides, exits;
    double tolerance, worst_w, worst_t;
} tally;

static void draw(const family *kind, uint64_t index, sample *out)
{
    peer_random random = {kind->seed + 1000003u * index};
    int n = 8 + (int)(peer_random_bits(&random) % 23), d = 2 + (int)(peer_random_bits(&random) % 5);
    double v[MAX_D];

    memset(out, 0, sizeof *out);
    peer_random_fill(&random, 1.0, out->X, (size_t)(n * d));
    peer_random_fill(&random, 1.0, v, (size_t)d);
    peer_random_fill(&random, 0.7, out->w0, (size_t)d);
    for (int i = 0; i < n; i++) {
        double teacher = peer_dot(d, v, out->X + i * d);
        double noise = peer_random_normal(&random);
        out->y[i] = kind->mixed ? noise : fmax(teacher, 0.0) + 0.1 * fabs(noise) + 0.001;
        out->c[i] = kind->weighted ? (0.2 + 1.8 * peer_random_uniform(&random)) / n : 1.0;
    }
    out->t_end = kind->weighted ? 12.0 : 12.0 / n;
    out->problem = (peer_problem){n, d, out->X, out->y, out->c, kind->leaky ? 0.15 : 0.0};
}

static rf_model *run_library(const sample *in)
{
    const peer_problem *problem = &in->problem;
    rf_model *model = NULL;

    ck_assert_int_eq(rf_model_create(problem->n, problem->d, in->X, in->y, &model), RF_OK);
    ck_assert_int_eq(rf_model_set_data_weights(model, in->c, problem->n), RF_OK);
    if (problem->beta > 0.0) {
        ck_assert_int_eq(rf_model_set_activation(model, RF_LEAKY_RELU, problem->beta), RF_OK);
    }
    ck_assert_int_eq(rf_model_init(model, in->w0, problem->d), RF_OK);
    ck_assert_int_eq(rf_model_integrate(model, in->t_end), RF_OK);
    return model;
}

/* The order inside one instant has no meaning: by time, then by datum. */
static int by_instant(const void *a, const void *b)
{
    const peer_event *p = a, *q = b;

    if (p->time != q->time) {
        return p->time < q->time ? -1 : 1;
    }
    return p->datum < q->datum ? -1 : p->datum > q->datum;
}

static peer_event *library_events(const rf_model *model)
{
    int64_t count = rf_model_event_count(model);
    rf_event *raw = malloc(((size_t)count + 1) * sizeof *raw);
    peer_event *events = malloc(((size_t)count + 1) * sizeof *events);

    ck_assert_ptr_nonnull(raw);
    ck_assert_ptr_nonnull(events);
    ck_assert_int_eq(rf_model_events(model, 0, count, raw), RF_OK);
    for (int64_t k = 0; k < count; k++) {
        events[k] = (peer_event){raw[k].time, 0.0, (int)raw[k].datum, raw[k].kind};
    }
    if (count > 0) {
        qsort(events, (size_t)count, sizeof *events, by_instant);
    }
    free(raw);
    return events;
}

static void compare_events(const rf_model *model, peer_run *run, double scale, uint64_t index,
                           tally *seen)
{
    peer_event *events = library_events(model);

    if (run->event_count > 0) {
        qsort(run->events, (size_t)run->event_count, sizeof *run->events, by_instant);
    }
    ck_assert_msg(rf_model_event_count(model) == run->event_count,
                  "problem %d: %d events, the peer has %d", (int)index,
                  (int)rf_model_event_count(model), run->event_count);
    for (int k = 0; k < run->event_count; k++) {
        const peer_event *mine = &events[k], *peer = &run->events[k];
        double difference = fabs(mine->time - peer->time);
        ck_assert_msg(mine->datum == peer->datum && mine->kind == peer->kind,
                      "problem %d event %d: datum %d kind %d at %.12g, peer datum %d kind %d at %.12g",
                      (int)index, k, mine->datum, mine->kind, mine->time, peer->datum, peer->kind,
                      peer->time);
        ck_assert_msg(difference * peer->speed <= seen->tolerance * scale,
                      "problem %d event %d: time %.15g, peer %.15g, speed %g", (int)index, k,
                      mine->time, peer->time, peer->speed);
        seen->worst_t = fmax(seen->worst_t, difference * peer->speed / scale);
        seen->slides += peer->kind == RF_EVENT_SLIDE_ENTER;
        seen->exits += peer->kind == RF_EVENT_SLIDE_EXIT_ACTIVE
                       || peer->kind == RF_EVENT_SLIDE_EXIT_INACTIVE;
    }
    seen->events += run->event_count;
    free(events);
}

static void compare(const sample *in, peer_run *run, uint64_t index, tally *seen)
{
    rf_model *model = run_library(in);
    double w[MAX_D], scale = 1.0, error = 0.0;
    int d = in->problem.d;

    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, w, d), RF_OK);
    scale += sqrt(peer_dot(d, w, w));
    for (int k = 0; k < d; k++) {
        error = fmax(error, fabs(w[k] - run->w[k]));
    }
    compare_events(model, run, scale, index, seen);
    ck_assert_msg(error <= seen->tolerance * scale, "problem %d: w(T) differs by %g", (int)index,
                  error);
    seen->worst_w = fmax(seen->worst_w, error / scale);
    seen->compared++;
    rf_model_free(model);
}

static tally run_family(const family *kind)
{
    tally seen = {.tolerance = state_tolerance * (kind->loose > 0 ? kind->loose : 1)};

    for (uint64_t index = 0; index < PROBLEMS; index++) {
        sample in;
        peer_run run;
        draw(kind, index, &in);
        peer_options options = {in.t_end, 1e-10, 1e-13, 1e-7, kind->method, 0.0};
        int status = peer_integrate(&in.problem, in.w0, &options, &run);
        ck_assert_int_ne(status, PEER_FAILED);
        if (status == PEER_DONE) {
            compare(&in, &run, index, &seen);
        } else {
            seen.ties++;
        }
        peer_run_free(&run);
    }
    ck_assert_int_ge(seen.compared, PROBLEMS / 2);
    return seen;
}

START_TEST(positive_labels)
{
    tally seen = run_family(&(family){.seed = 11});
    ck_assert_int_ge(seen.events, 1000);
    ck_assert_int_eq(seen.slides, 0);
}
END_TEST

START_TEST(mixed_labels)
{
    tally seen = run_family(&(family){.seed = 22, .mixed = 1});
    ck_assert_int_ge(seen.slides, 100);
    ck_assert_int_ge(seen.exits, 50);
}
END_TEST

START_TEST(mixed_labels_weighted)
{
    tally seen = run_family(&(family){.seed = 33, .mixed = 1, .weighted = 1});
    ck_assert_int_ge(seen.slides, 100);
    ck_assert_int_ge(seen.exits, 50);
}
END_TEST

START_TEST(leaky_mixed_labels)
{
    tally seen = run_family(&(family){.seed = 44, .mixed = 1, .weighted = 1, .leaky = 1});
    ck_assert_int_ge(seen.slides, 100);
    ck_assert_int_ge(seen.exits, 50);
}
END_TEST

START_TEST(leaky_positive_labels)
{
    tally seen = run_family(&(family){.seed = 55, .leaky = 1});
    ck_assert_int_ge(seen.events, 1000);
}
END_TEST

/* What the methods of the peer have in common is tested above: two families suffice.  Those that
 * start anew at order 1 after an event (Adams, BDF) lose accuracy there. */
START_TEST(other_methods)
{
    const int loose[PEER_METHODS] = {1, 1, 10, 10};

    tally seen = run_family(&(family){.seed = 66, .method = _i, .loose = loose[_i]});
    ck_assert_int_ge(seen.events, 1000);
    seen = run_family(&(family){.seed = 77, .mixed = 1, .method = _i, .loose = loose[_i]});
    ck_assert_int_ge(seen.slides, 100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("peer");
    TCase *group = tcase_create("SUNDIALS");
    SRunner *runner;
    int failed;

    tcase_set_timeout(group, 120.0);
    tcase_add_test(group, positive_labels);
    tcase_add_test(group, mixed_labels);
    tcase_add_test(group, mixed_labels_weighted);
    tcase_add_test(group, leaky_mixed_labels);
    tcase_add_test(group, leaky_positive_labels);
    tcase_add_loop_test(group, other_methods, PEER_CASH_KARP_5, PEER_METHODS);
    suite_add_tcase(suite, group);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
