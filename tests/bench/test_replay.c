/* test_replay.c: the extended-precision replay of the benchmarks, on cases worked out by hand and on
 * events that are not right.  SPDX-License-Identifier: MIT */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "measure.h"
#include "problems.h"
#include "replay.h"

/* d = 1: x = (1, -1), y = (1, 1), c = (1, 1) from w = -1.  The second datum is active: w' = -1 - w,
 * at rest.  With y_2 = -2 it pulls to w = 2 - 3 exp(-t), through 0 at t = ln(3/2); there the first
 * takes over, w' = 1 - w, w = 1 - exp(-(t - ln(3/2))). */
static const double X[] = {1.0, -1.0}, y[] = {1.0, -2.0}, c[] = {1.0, 1.0};

static bench_problem line(void)
{
    static double start[] = {-1.0}, outer[] = {1.0};
    return (bench_problem){2, 1, 1, (double *)X, (double *)y, (double *)c, start, outer};
}

static const double crossing = 0.40546510810816438;

START_TEST(by_hand)
{
    bench_problem p = line();
    /* Times on record are hints: these are wrong in the eighth digit. */
    rf_event events[] = {{.time = 0.405465108, .datum = 0, .kind = RF_EVENT_ACTIVATE},
                         {.time = 0.405465108, .datum = 1, .kind = RF_EVENT_DEACTIVATE}};
    double w = 0.0;

    ck_assert_int_eq(bench_replay(&p, events, 2, 2.0, &w), 0);
    ck_assert(fabs(w - (1.0 - exp(-(2.0 - crossing)))) <= 2.0 * DBL_EPSILON);
    ck_assert_int_eq(bench_replay(&p, events, 2, INFINITY, &w), 0);
    ck_assert(w == 1.0);
}
END_TEST

START_TEST(refuses_events_that_are_not_right)
{
    bench_problem p = line();
    rf_event events[] = {{.time = crossing, .datum = 0, .kind = RF_EVENT_ACTIVATE},
                         {.time = crossing, .datum = 1, .kind = RF_EVENT_DEACTIVATE}};
    double w = 0.0;

    ck_assert_int_eq(bench_replay(&p, events, 1, 2.0, &w), -1);     /* one is missing            */
    ck_assert_int_eq(bench_replay(&p, events, 0, 2.0, &w), -1);
    ck_assert_int_eq(bench_replay(&p, events, 0, 0.3, &w), 0);      /* none has come yet         */
    events[0].time = 0.3;                                           /* no root near there        */
    ck_assert_int_eq(bench_replay(&p, events, 2, 2.0, &w), -1);
    events[0].time = crossing;
    events[0].kind = RF_EVENT_DEACTIVATE;                           /* it was not active         */
    ck_assert_int_eq(bench_replay(&p, events, 2, 2.0, &w), -1);
    events[0].kind = RF_EVENT_SLIDE_ENTER;                          /* not a crossing            */
    ck_assert_int_eq(bench_replay(&p, events, 2, 2.0, &w), -1);
}
END_TEST

/* The library's errors are those of rounding, the replay's far below. */
START_TEST(agrees_with_the_library)
{
    const char *names[] = {"tiny", "small", "medium"};

    for (int k = 0; k < 3; k++) {
        for (uint64_t seed = 0; seed < 3; seed++) {
            bench_problem p = bench_draw(bench_shape_named(names[k]), seed);
            rf_model *model = bench_model(&p, 0, NULL);
            double *w = bench_allocate((size_t)p.d), *exact = bench_allocate((size_t)p.d);
            const double ends[] = {1.0, 10.0};

            bench_start(&p, model);
            for (int e = 0; e < 2; e++) {
                ck_assert_int_eq(rf_model_integrate(model, ends[e]), RF_OK);
                ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, w, p.d), RF_OK);
                ck_assert_int_eq(bench_replay_model(&p, model, ends[e], exact), 0);
                ck_assert(bench_difference(p.d, w, exact) <= 1e-13);
            }
            free(w);
            free(exact);
            rf_model_free(model);
            bench_release(&p);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay");
    TCase *group = tcase_create("replay");
    SRunner *runner;
    int failed;

    tcase_add_test(group, by_hand);
    tcase_add_test(group, refuses_events_that_are_not_right);
    tcase_add_test(group, agrees_with_the_library);
    suite_add_tcase(suite, group);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
