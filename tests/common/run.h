/* run.h: runs a Check suite, and allocation that cannot fail in a test.
 * SPDX-License-Identifier: MIT */
#ifndef TEST_RUN_H
#define TEST_RUN_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

/* One test case of a suite: a name and a Check test, run once, or for _i = 0 .. loops - 1. */
typedef struct test_entry {
    const char *name;
    const TTest *test;
    int loops;
} test_entry;

/* Runs the entries as one suite; 0 if all passed: the value of main. */
int run_tests(const char *name, const test_entry *entries, size_t count);

/* Zeroed memory for count elements (at least one); aborts the program if there is none. */
void *test_alloc(int64_t count, size_t size);

double *test_doubles(int64_t count);

/* 1 if two arrays of doubles are the same bit for bit (NaN equals NaN of the same bits). */
int same_bits(const double *a, const double *b, int64_t count);

#endif
