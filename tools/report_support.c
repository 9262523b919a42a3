/* report_support.c: the table of the support vectors.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "names.h"
#include "report.h"

enum { MOST_ROWS = 20 };

struct row {
    int64_t datum;
    double coefficient; /* magnitudes */
    double residual;
};

/* Larger coefficients first.  Those that diverge differ by their speed c_i |a_j r_i|, and c_i is
 * the same for all rows.  The order of the data breaks ties. */
static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;

    if (a->coefficient != b->coefficient) {
        return a->coefficient > b->coefficient ? -1 : 1;
    }
    if (a->residual != b->residual) {
        return a->residual > b->residual ? -1 : 1;
    }
    return (a->datum > b->datum) - (a->datum < b->datum);
}

static void mark(const struct support *support, uint8_t *marks)
{
    int64_t k;

    for (k = 0; k < support->count; k++) {
        marks[support->data[k]] = 1;
    }
}

/* Rows pull on both sides of their kink. */
static bool leaks(const struct activation *activation)
{
    return activation->kind == RF_LINEAR || activation->slope > 0;
}

/* The data of any kind of support, sorted; *count tells how many.  NULL without memory.  Where rows
 * pull on both sides, also those that did so without ever being active, and with --all every row. */
static struct row *collect_rows(const struct experiment *experiment, int64_t *count)
{
    const struct outcome *outcome = &experiment->outcome;
    const int64_t n = experiment->network.count * experiment->data.n;
    struct row *rows = allocate_array((size_t)n, sizeof *rows);
    uint8_t *marks = calloc((size_t)n, 1);
    const bool every = experiment->options.all && leaks(&experiment->options.activation);
    int64_t i;

    *count = 0;
    if (rows == NULL || marks == NULL) {
        free(rows);
        free(marks);
        return NULL;
    }
    mark(&outcome->active, marks);
    mark(&outcome->boundary, marks);
    mark(&outcome->trajectory, marks);
    for (i = 0; i < n; i++) {
        if (every || marks[i] || outcome->datum[DATUM_COEFFICIENT][i] != 0) {
            struct row *row = &rows[(*count)++];
            row->datum = i;
            row->coefficient = fabs(outcome->datum[DATUM_COEFFICIENT][i]);
            row->residual = fabs(outcome->datum[DATUM_RESIDUAL][i % experiment->data.n])
                            * fabs(experiment->network.a[i / experiment->data.n]);
        }
    }
    free(marks);
    qsort(rows, (size_t)*count, sizeof *rows, compare_rows);
    return rows;
}

static int compare_data(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left;
    const int64_t b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

const char *report_state(const struct outcome *outcome, int64_t pair)
{
    if (outcome->state[pair] == 0 && outcome->boundary.count > 0
        && bsearch(&pair, outcome->boundary.data, (size_t)outcome->boundary.count, sizeof pair,
                   compare_data)
               != NULL) {
        return "boundary";
    }
    return name_of_state(outcome->state[pair]);
}

static int rank_of(const struct outcome *outcome, int64_t pair)
{
    return outcome->state[pair] == 1   ? 3
           : outcome->state[pair] == 2 ? 2
                                       : *report_state(outcome, pair) == 'b';
}

const char *report_row_state(const struct experiment *experiment, int64_t row)
{
    const struct outcome *outcome = &experiment->outcome;
    int64_t best = row;
    int64_t j;

    for (j = 1; j < experiment->network.count; j++) {
        const int64_t pair = j * experiment->data.n + row;
        best = rank_of(outcome, pair) > rank_of(outcome, best) ? pair : best;
    }
    return report_state(outcome, best);
}

static void print_time(double time)
{
    if (isnan(time)) {
        printf(" %11s", "never");
    } else {
        printf(" %11.5g", time);
    }
}

static void print_row(const struct experiment *experiment, int64_t i)
{
    const struct outcome *outcome = &experiment->outcome;
    double *const *datum = outcome->datum;

    const int64_t row = i % experiment->data.n;

    if (experiment->network.asked) {
        printf("%6lld ", (long long)(i / experiment->data.n) + 1);
    }
    printf("%8lld %11.5g %11.5g %11.5g  %-8s %11.5g %4.0f %5.0f", (long long)row + 1,
           experiment->data.y[row], datum[DATUM_MARGIN][i], datum[DATUM_RESIDUAL][row],
           report_state(outcome, i), datum[DATUM_COEFFICIENT][i], datum[DATUM_DEACTIVATIONS][i],
           datum[DATUM_REACTIVATIONS][i]);
    print_time(datum[DATUM_FIRST_ACTIVE][i]);
    print_time(datum[DATUM_LAST_ACTIVE][i]);
    putchar('\n');
}

/* What a pattern that is all active, or never active, means for w. */
static void print_meaning(const struct experiment *experiment)
{
    const struct outcome *outcome = &experiment->outcome;
    const struct activation *activation = &experiment->options.activation;
    const bool at_limit = outcome->ending == ENDED_AT_LIMIT && outcome->certified;

    if (at_limit && !experiment->network.asked && activation->kind != RF_LINEAR
        && outcome->active.count == experiment->data.n) {
        puts(outcome->rates == experiment->data.d
                 ? "All rows are active: w is the least-squares solution on all rows."
                 : "All rows are active: w is, of the least-squares solutions on all rows, the one "
                   "nearest\nto w(0).");
    }
    if (!leaks(activation) && outcome->trajectory.count == 0 && outcome->path_length == 0
        && outcome->speed == 0) {
        puts(experiment->network.count > 1
                 ? "No row is ever active for any neuron: w does not move."
                 : "No row is ever active: w does not move.");
    }
}

int report_support_table(const struct experiment *experiment)
{
    const struct outcome *outcome = &experiment->outcome;
    int64_t count;
    struct row *rows = collect_rows(experiment, &count);
    const int64_t shown = experiment->options.all || count < MOST_ROWS ? count : MOST_ROWS;
    bool diverges = false;
    int64_t k;

    if (rows == NULL) {
        return fail_memory();
    }
    printf("Support vectors%s: %lld active, %lld on the boundary, %lld on the trajectory\n",
           experiment->network.asked ? " of the neurons" : "", (long long)outcome->active.count,
           (long long)outcome->boundary.count,
           (long long)outcome->trajectory.count);
    print_meaning(experiment);
    if (count > 0) {
        printf("%s%8s %11s %11s %11s  %-8s %11s %4s %5s %11s %11s\n",
               experiment->network.asked ? "neuron " : "", "row", "label", "margin",
               "residual", "state", "alpha", "off", "re-on", "first", "last");
    }
    for (k = 0; k < shown; k++) {
        print_row(experiment, rows[k].datum);
        diverges = diverges || isinf(rows[k].coefficient);
    }
    if (count > 0) {
        puts("off: active -> inactive, also through a slide; re-on: back to active, the first time "
             "not counted.");
    }
    if (diverges) {
        puts("alpha = inf: it grows without bound, as the residual does not vanish; the sum of "
             "all\nalpha_i x_i converges.");
    }
    if (shown < count) {
        printf("The %lld of %lld with the largest |alpha|, then |residual|; --all shows all.\n",
               (long long)shown, (long long)count);
    }
    free(rows);
    return STATUS_OK;
}
