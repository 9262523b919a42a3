/* oracle_report.c: a table of the errors against the reference vectors, one line per case.
 * SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "compare.h"
#include "run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 1 if the case is within its bounds, or is one whose event list a double cannot be held to. */
static int acceptable(const oracle_bounds *b, const rf_model *model, double events, double weights,
                      const oracle_norm *norm)
{
    const vector_case *v = b->v;
    double flags = 0;

    ck_assert_int_eq(rf_model_query(model, RF_FLAGS, &flags, 1), RF_OK);
    if (strcmp(v->name, "grazing_exact") == 0 || strcmp(v->name, "illcond_1e10_2") == 0)
        if ((int)flags & RF_FLAG_DOUBTFUL)
            return 1;
    return events >= 0 && events <= bound_time(b, 1) && weights <= bound_weight(b, 1)
           && norm->as_expected && norm->error <= norm->bound;
}

/* What was certified of |w|: that it grows, or the error of the time at which it begins to fall. */
static void describe_norm(const oracle_bounds *b, const oracle_norm *norm, char *text, size_t size)
{
    double t = b->v->norm_fail_time;

    if (isnan(norm->failure))
        snprintf(text, size, "%s", norm->increasing ? "grows" : "neither");
    else
        snprintf(text, size, t > 0 ? "%.2e" : "at once", norm->error / t);
}

static int report(const char *name)
{
    vector_case *v = vector_read(name);
    rf_model *model = oracle_model(v);
    rf_status status = rf_model_integrate(model, v->T);
    oracle_bounds b = bounds_of(v);
    char message[256], norm_text[32];
    double events, weights;
    oracle_norm norm;
    int good;

    ck_assert_int_eq(status, RF_OK);
    events = oracle_event_error(v, model, message, sizeof message);
    weights = oracle_weight_error(v, model);
    norm = oracle_norm_of(&b, model);
    describe_norm(&b, &norm, norm_text, sizeof norm_text);
    good = acceptable(&b, model, events, weights, &norm);
    printf("%-22s %4d %3d %6d %7d %11.2e %11.2e %11s %10.2g %10.2g  %s%s\n", v->name, (int)v->n,
           (int)v->d, (int)v->inner_count, (int)v->event_count, events, weights, norm_text,
           v->kappa_t, v->kappa_w, good ? "ok" : "FAILED ", good ? "" : message);
    rf_model_free(model);
    vector_free(v);
    return good;
}

START_TEST(table)
{
    char **names;
    int64_t count = vector_names_all(&names), good = 0;

    printf("%-22s %4s %3s %6s %7s %11s %11s %11s %10s %10s\n", "case", "n", "d", "inner", "events",
           "time error", "w error", "norm", "kappa_t", "kappa_w");
    for (int64_t i = 0; i < count; i++)
        good += report(names[i]);
    fflush(stdout);
    vector_names_free(names, count);
    ck_assert_int_gt(count, 0);
    ck_assert_int_eq(good, count);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {{"table", table, 0}};

    return run_tests("oracle report", entries, 1);
}
