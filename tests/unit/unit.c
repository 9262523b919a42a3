/* unit.c: what the unit tests share.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

double unit_random(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return ((double)(z >> 11) + 0.5) * 0x1p-52 - 1.0;
}

void unit_fill(uint64_t *seed, double *x, int64_t count)
{
    int64_t k;
    for (k = 0; k < count; ++k)
        x[k] = unit_random(seed);
}

void unit_problem(rfi_problem *problem, int64_t n, int64_t d, const double *X, const double *y)
{
    const rf_allocator allocator = rfi_allocator_default();
    const rfi_data_source source = {n, d, X, d, 1, y, 0, 0};
    rfi_data *data = NULL;
    ck_assert_int_eq(rfi_data_create(&source, &allocator, &data, NULL), RF_OK);
    ck_assert_int_eq(rfi_problem_create(problem, data), RF_OK);
    rfi_data_release(data); /* the problem holds it */
}

void unit_pattern(rfi_pattern *pattern, const rfi_problem *problem, const double *w)
{
    const rfi_data *data = problem->data;
    int64_t g;
    ck_assert_int_eq(rfi_pattern_create(pattern, data->kinks.count, &data->allocator), 0);
    for (g = 0; g < pattern->lines; ++g)
        pattern->side[g] =
            rfi_view_dot(rfi_row(data, data->kinks.row[g]), w, data->d) > 0.0 ? RFI_PLUS : RFI_MINUS;
}

void unit_pattern_free(rfi_pattern *pattern, const rfi_problem *problem)
{
    rfi_pattern_free(pattern, &problem->data->allocator);
}

void unit_velocity(const rfi_problem *problem, const rfi_pattern *pattern, const double *w,
                   double *v)
{
    const rfi_data *data = problem->data;
    int64_t i;
    memset(v, 0, (size_t)data->d * sizeof(double));
    for (i = 0; i < data->n; ++i) {
        const double slope = rfi_pattern_slope(problem, pattern, i);
        const double r = slope * rfi_view_dot(rfi_row(data, i), w, data->d) - data->y[i];
        rfi_view_axpy(-problem->c[i] * slope * r, rfi_row(data, i), v, data->d);
    }
}

int unit_main(const char *name, const TTest *const *const *tests, int count)
{
    Suite *suite = suite_create(name);
    TCase *group = tcase_create(name);
    SRunner *runner;
    int k, failed;
    for (k = 0; k < count; ++k)
        tcase_add_test(group, *tests[k]);
    suite_add_tcase(suite, group);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
