/* summary.c: counting runs, and spreads of what they gave.
 * SPDX-License-Identifier: MIT */
#include "summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

static int compare_reals(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;

    return (a > b) - (a < b);
}

/* Sorts the numbers.  The median of an even count is the mean of the two in the middle. */
static struct spread spread_of(double *values, int64_t count)
{
    struct spread spread = {NAN, NAN, NAN};

    if (count > 0) {
        qsort(values, (size_t)count, sizeof *values, compare_reals);
        spread.least = values[0];
        spread.median = values[(count - 1) / 2] / 2 + values[count / 2] / 2;
        spread.most = values[count - 1];
    }
    return spread;
}

static double loss_of(const struct run *run)
{
    return run->loss;
}

static double norm_of(const struct run *run)
{
    return run->norm;
}

static double events_of(const struct run *run)
{
    return (double)run->events;
}

/* The spread of a number over the runs of a scale that have it; values is room for them. */
static struct spread spread_over(const struct runs *runs, int64_t scale, double *values,
                                 double (*number)(const struct run *run))
{
    int64_t count = 0;
    int64_t k;

    for (k = 0; k < runs->directions; k++) {
        const struct run *run = &runs->run[k * runs->scales + scale];
        if (run->status >= 0 && !isnan(number(run))) {
            values[count++] = number(run);
        }
    }
    return spread_of(values, count);
}

static void count_run(const struct runs *runs, const struct run *run, struct summary *out)
{
    out->runs++;
    out->failed += run->status < 0;
    out->stopped += run->status == RF_EVENT_LIMIT;
    out->certified += run->certified;
    out->dead += run->status >= 0 && runs_dead(runs, run);
    out->not_unique += (run->flags & RF_FLAG_AMBIGUOUS) != 0;
    out->doubtful += (run->flags & RF_FLAG_DOUBTFUL) != 0;
    if (run->begun && run->inner_ending >= 0 && run->inner_ending < INNER_ENDINGS) {
        out->inner[run->inner_ending]++;
    }
    if (run->begun) {
        out->norm[run->verdict]++;
    }
}

static void summarize_scale(const struct runs *runs, int64_t scale, double *values, int64_t *seen,
                            struct summary *out)
{
    int64_t k;

    memset(out, 0, sizeof *out);
    out->scale = runs->scale[scale];
    for (k = 0; k < runs->directions; k++) {
        const struct run *run = &runs->run[k * runs->scales + scale];
        count_run(runs, run, out);
        if (run->limit > 0 && seen[run->limit - 1] != scale) {
            seen[run->limit - 1] = scale;
            out->limits++;
        }
    }
    out->loss = spread_over(runs, scale, values, loss_of);
    out->weight_norm = spread_over(runs, scale, values, norm_of);
    out->events = spread_over(runs, scale, values, events_of);
}

int summarize(const struct runs *runs, const struct limits *limits, struct summary *out)
{
    double *values = allocate_array((size_t)runs->directions, sizeof *values);
    int64_t *seen = allocate_array((size_t)limits->count, sizeof *seen); /* the last scale */
    const bool room = values != NULL && seen != NULL;
    int64_t k;

    for (k = 0; room && k < limits->count; k++) {
        seen[k] = -1;
    }
    for (k = 0; room && k < runs->scales; k++) {
        summarize_scale(runs, k, values, seen, &out[k]);
    }
    free(values);
    free(seen);
    return room ? STATUS_OK : fail_memory();
}
