/* run.c: runs a Check suite, and allocation that cannot fail in a test.
 * SPDX-License-Identifier: MIT */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int run_tests(const char *name, const test_entry *entries, size_t count)
{
    Suite *suite = suite_create(name);
    SRunner *runner;
    int failed;

    for (size_t i = 0; i < count; i++) {
        TCase *tcase = tcase_create(entries[i].name);

        /* Check's default of 4 s is too short under valgrind and the sanitizers. */
        tcase_set_timeout(tcase, 600);
        if (entries[i].loops > 0)
            tcase_add_loop_test(tcase, entries[i].test, 0, entries[i].loops);
        else
            tcase_add_test(tcase, entries[i].test);
        suite_add_tcase(suite, tcase);
    }
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

void *test_alloc(int64_t count, size_t size)
{
    void *block = calloc(count > 0 ? (size_t)count : 1, size);

    if (!block) {
        fputs("out of memory in a test\n", stderr);
        abort();
    }
    return block;
}

double *test_doubles(int64_t count)
{
    return test_alloc(count, sizeof(double));
}

int same_bits(const double *a, const double *b, int64_t count)
{
    return memcmp(a, b, (size_t)count * sizeof *a) == 0;
}
