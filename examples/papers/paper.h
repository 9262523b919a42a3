/* paper: what every program of this folder shares.  Each takes one published statement, computes
 * with the library what it claims, and prints statement, setup, computed and expected numbers and a
 * verdict; it exits with 0 if the numbers are as expected.  tools/papers makes a table of them all.
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

/* One number beside what is expected of it; tolerance is relative to the larger of 1 and
 * |expected|. */
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

/* Standard normal numbers. */
static inline void paper_gaussian(paper_random *random, double *out, int64_t count)
{
    int64_t i;
    for (i = 0; i < count; i++)
        out[i] = paper_normal(random);
}

static inline double paper_dot(const double *a, const double *b, int64_t d)
{
    double sum = 0;
    int64_t k;
    for (k = 0; k < d; k++)
        sum += a[k] * b[k];
    return sum;
}

static inline double paper_norm(const double *a, int64_t d)
{
    return sqrt(paper_dot(a, a, d));
}

static inline double paper_distance(const double *a, const double *b, int64_t d)
{
    double sum = 0;
    int64_t k;
    for (k = 0; k < d; k++)
        sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sqrt(sum);
}

/* A random unit vector. */
static inline void paper_direction(paper_random *random, double *u, int64_t d)
{
    double norm;
    int64_t k;
    paper_gaussian(random, u, d);
    norm = paper_norm(u, d);
    for (k = 0; k < d; k++)
        u[k] /= norm;
}

/* Labels that the ReLU neuron with weight v fits exactly: y_i = max(x_i . v, 0). */
static inline void paper_labels(int64_t n, int64_t d, const double *X, const double *v, double *y)
{
    int64_t i;
    for (i = 0; i < n; i++)
        y[i] = fmax(paper_dot(X + i * d, v, d), 0);
}

/* Memory, or the end of the program. */
static inline void *paper_memory(int64_t count, size_t size)
{
    void *block = calloc((size_t)count, size);
    if (block == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    return block;
}

/* Realizable Gaussian data: X, the teacher v and y = max(X v, 0), and a
 * random unit direction u of the start; one block of memory, to free(X). */
typedef struct paper_problem {
    int64_t n, d;
    double *X, *y, *v, *u;
} paper_problem;

static inline paper_problem paper_realizable(uint64_t seed, int64_t n, int64_t d)
{
    paper_random random = {seed * UINT64_C(0xd1342543de82ef95) + 1};
    paper_problem problem = {n, d, NULL, NULL, NULL, NULL};
    problem.X = paper_memory(n * d + n + 2 * d, sizeof(double));
    problem.y = problem.X + n * d;
    problem.v = problem.y + n;
    problem.u = problem.v + d;
    paper_gaussian(&random, problem.X, n * d);
    paper_gaussian(&random, problem.v, d);
    paper_labels(n, d, problem.X, problem.v, problem.y);
    paper_direction(&random, problem.u, d);
    return problem;
}

/* d rows in dimension d, every pair at an obtuse angle: multiples of e_i - 1/(2d) (1, .., 1),
 * somewhat disturbed (until no inner product is positive), with labels of both sizes. */
static inline paper_problem paper_obtuse(uint64_t seed, int64_t d)
{
    paper_problem p = paper_realizable(seed, d, d);
    paper_random random = {seed};
    int64_t i, j, k, sharp;
    do {
        for (i = 0; i < d; i++) {
            const double size = 0.5 + paper_uniform(&random);
            for (k = 0; k < d; k++)
                p.X[i * d + k] =
                    size * ((i == k) - 0.5 / (double)d + 0.1 / (double)d * paper_normal(&random));
        }
        sharp = 0;
        for (i = 0; i < d; i++)
            for (j = 0; j < i; j++)
                sharp += paper_dot(p.X + i * d, p.X + j * d, d) > 0;
    } while (sharp > 0);
    for (i = 0; i < d; i++)
        p.y[i] = fabs(paper_normal(&random));
    return p;
}

/* The times of the outer events of a model, one for each instant, ascending; to free. */
static inline double *paper_event_times(const rf_model *model, int64_t *count)
{
    const int64_t events = rf_model_event_count(model);
    rf_event *record = paper_memory(events + 1, sizeof *record);
    double *times = paper_memory(events + 1, sizeof *times);
    int64_t i;
    paper_check(rf_model_events(model, 0, events, record), "events");
    *count = 0;
    for (i = 0; i < events; i++) {
        if (record[i].flags & RF_FLAG_INNER)
            continue;
        if (*count == 0 || record[i].time > times[*count - 1])
            times[(*count)++] = record[i].time;
    }
    free(record);
    return times;
}

/* Times that see all of a trajectory that has reached its limit, ascending: `points` in every
 * segment, closer together towards its ends, the last number before each event and the event
 * itself, and after the last event decades from 1e-9 to 1e9, `points` in each; the last time is
 * INFINITY.  To free. */
static inline double *paper_times(const rf_model *model, int points, int64_t *count)
{
    int64_t events, i;
    double *event = paper_event_times(model, &events), begin = 0;
    double *times = paper_memory((events + 19) * (points + 2) + 2, sizeof *times);
    int k;
    *count = 0;
    for (i = 0; i < events; i++) {
        for (k = 0; k < points; k++)
            times[(*count)++] =
                begin + (event[i] - begin) * pow(sin(k * 1.5707963267948966 / points), 2);
        times[(*count)++] = nextafter(event[i], 0);
        begin = event[i];
    }
    times[(*count)++] = begin;
    for (k = 0; k <= 18 * points; k++)
        times[(*count)++] = begin + pow(10, (double)k / points - 9);
    times[(*count)++] = INFINITY;
    free(event);
    return times;
}

#endif
