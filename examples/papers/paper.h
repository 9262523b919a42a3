/* paper: what every program of this folder shares.  Each takes one published statement, computes with
 * the library what it claims, and prints statement, setup, computed and expected numbers and a verdict;
 * it exits with 0 if the numbers are as expected.  tools/papers collects the verdicts into a table.
 * SPDX-License-Identifier: MIT */
#ifndef PAPER_H
#define PAPER_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reluflow/reluflow.h>

static int paper_failures;

/* The number in papers, the claim and its source; then how it is tested here. */
static inline void paper_begin(int number, const char *title, const char *source, const char *setup)
{
    printf("statement %d: %s\nsource: %s\nsetup: %s\n", number, title, source, setup);
}

/* One number beside what is expected of it; tolerance is relative to the larger of 1 and |expected|. */
static inline void paper_number(const char *name, double computed, double expected,
                                double tolerance)
{
    const double scale = fabs(expected) > 1.0 ? fabs(expected) : 1.0;
    const int holds = fabs(computed - expected) <= tolerance * scale;
    printf("computed: %s = %.15g   expected: %.15g (to %.0e)   %s\n", name, computed, expected,
           tolerance, holds ? "holds" : "DIFFERS");
    paper_failures += !holds;
}

/* One fact that must be true, with the numbers that show it. */
static inline void paper_fact(int holds, const char *text)
{
    printf("computed: %s   %s\n", text, holds ? "holds" : "DIFFERS");
    paper_failures += !holds;
}

/* A statistic that is reported beside an earlier one and need not agree with it. */
static inline void paper_statistic(const char *name, double computed, const char *reported)
{
    printf("statistic: %s = %.6g   reported: %s\n", name, computed, reported);
}

/* The last line: verdict in a word or a sentence ("reproduced", "holds only if ..."). */
static inline int paper_end(const char *verdict)
{
    printf("verdict: %s\n", paper_failures == 0 ? verdict : "NOT REPRODUCED");
    return paper_failures == 0 ? 0 : 1;
}

/* Stops the program at a failed call. */
static inline void paper_check(rf_status status, const char *what)
{
    if (status >= 0)
        return;
    fprintf(stderr, "%s: %s\n", what, rf_status_string(status));
    exit(2);
}

/* The same random numbers on every machine: SplitMix64, and normal ones by Box and Muller. */
typedef struct paper_random {
    uint64_t state;
} paper_random;

static inline double paper_uniform(paper_random *random)
{
    uint64_t x = (random->state += UINT64_C(0x9e3779b97f4a7c15));
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    return ((double)(x >> 11) + 0.5) * 0x1p-53;
}

static inline double paper_normal(paper_random *random)
{
    const double radius = sqrt(-2.0 * log(paper_uniform(random)));
    return radius * cos(6.283185307179586 * paper_uniform(random));
}

#endif
