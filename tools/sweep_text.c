/* sweep_text.c: a sweep as a text for a person.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>

#include "names.h"
#include "sweep.h"
#include "text.h"

enum { MOST_LIMITS = 20 };

static void print_runs(const struct sweep *sweep)
{
    const struct options *options = &sweep->options;
    const struct runs *runs = &sweep->runs;

    printf("Runs         %lld: w(0) = s u, %lld directions u, %lld scales s; ",
           (long long)runs->count, (long long)runs->directions, (long long)runs->scales);
    if (isinf(options->t_end)) {
        puts("to the limit");
    } else {
        printf("to T = %.6g\n", options->t_end);
    }
    printf("Directions   ");
    if (sweep->file != NULL) {
        printf("from ");
        text_name(sweep->file, 0);
        putchar('\n');
    } else {
        printf("random unit vectors, seeds %llu to %llu\n", (unsigned long long)options->seed,
               (unsigned long long)(options->seed + (uint64_t)runs->directions - 1));
    }
}

/* A line for every thing that happened to some runs only. */
static void print_remarks(const struct sweep *sweep)
{
    struct summary all = {0};
    int64_t k;
    int e;

    for (k = 0; k < sweep->runs.scales; k++) {
        const struct summary *one = &sweep->summary[k];
        all.failed += one->failed;
        all.stopped += one->stopped;
        all.not_unique += one->not_unique;
        all.doubtful += one->doubtful;
        for (e = 0; e < INNER_ENDINGS; e++) {
            all.inner[e] += one->inner[e];
        }
    }
    printf("Flags        runs not unique: %lld; runs doubtful: %lld\n", (long long)all.not_unique,
           (long long)all.doubtful);
    if (all.failed > 0) {
        printf("Failed       %lld runs: a value left the range of double\n", (long long)all.failed);
    }
    if (all.stopped > 0) {
        printf("Stopped      %lld runs by the limit of %lld events\n", (long long)all.stopped,
               (long long)sweep->options.max_events);
    }
    if (all.inner[RF_INNER_ESCAPE] + all.inner[RF_INNER_DEAD] + all.inner[RF_INNER_COLLAPSE]
            + all.inner[RF_INNER_FROZEN]
        > 0) {
        printf("Scale 0      the inner flow ends by escape: %lld, dead: %lld, collapse: %lld, "
               "frozen: %lld\n",
               (long long)all.inner[RF_INNER_ESCAPE], (long long)all.inner[RF_INNER_DEAD],
               (long long)all.inner[RF_INNER_COLLAPSE], (long long)all.inner[RF_INNER_FROZEN]);
    }
}

static void print_real(double value, int width, int digits)
{
    if (isnan(value)) {
        printf(" %*s", width, "-");
    } else {
        printf(" %*.*g", width, digits, value);
    }
}

static void print_norm(const struct sweep *sweep, const struct summary *summary)
{
    if (!sweep->runs.certify) {
        printf(" %6s %7s %5s\n", "-", "-", "-");
        return;
    }
    printf(" %6lld %7lld %5lld\n", (long long)summary->norm[NORM_PROVED],
           (long long)summary->norm[NORM_REFUTED],
           (long long)(summary->norm[NORM_NEITHER] + summary->norm[NORM_UNKNOWN]));
}

static void print_scales(const struct sweep *sweep)
{
    int64_t k;

    printf("\n%8s %5s %6s %5s %32s %21s %7s %20s\n", "", "", "", "", "loss at the end",
           "|w| at the end", "events", "|w| increases");
    printf("%8s %5s %6s %5s %10s %10s %10s %10s %10s %7s %6s %7s %5s\n", "scale", "runs", "limits",
           "dead", "least", "median", "most", "least", "most", "median", "proved", "refuted",
           "not");
    for (k = 0; k < sweep->runs.scales; k++) {
        const struct summary *one = &sweep->summary[k];
        printf("%8.3g %5lld %6lld %5lld", one->scale, (long long)one->runs, (long long)one->limits,
               (long long)one->dead);
        print_real(one->loss.least, 10, 5);
        print_real(one->loss.median, 10, 5);
        print_real(one->loss.most, 10, 5);
        print_real(one->weight_norm.least, 10, 5);
        print_real(one->weight_norm.most, 10, 5);
        print_real(one->events.median, 7, 5);
        print_norm(sweep, one);
    }
    puts(sweep->network.count > 1
             ? "dead: no row is active for any neuron at the end, the network is 0 on all of them."
             : "dead: no row is active at the end, the neuron is 0 on all of them.");
    if (sweep->runs.certify) {
        puts("|w| increases: strictly, from t = 0+ to the end; proved or refuted by a certified "
             "count of\nthe zeros of w . w' in every run; not: neither, as where w does not move.");
    }
}

static void print_limit(const struct sweep *sweep, int64_t k)
{
    const struct limit *limit = &sweep->limits.limit[k];
    const struct run *run = &sweep->runs.run[limit->run];

    printf("%8lld %7lld", (long long)k + 1, (long long)limit->runs);
    print_real(run->loss, 12, 8);
    print_real(run->norm, 12, 8);
    printf(" %7lld %7lld", (long long)run->active, (long long)run->sliding);
    print_real(limit->smallest, 10, 5);
    print_real(limit->largest, 10, 5);
    printf(" %10lld\n", (long long)run->direction + 1);
}

static void print_limits(const struct sweep *sweep)
{
    const int64_t count = sweep->limits.count;
    const int64_t shown = sweep->options.all || count < MOST_LIMITS ? count : MOST_LIMITS;
    int64_t k;

    if (count == 0) {
        puts("\nNo run is at a certified limit.");
        return;
    }
    printf("\n%8s %7s %12s %12s %7s %7s %10s %10s %10s\n", "limit", "runs", "loss", "|w|", "active",
           "sliding", "from scale", "to scale", "direction");
    for (k = 0; k < shown; k++) {
        print_limit(sweep, k);
    }
    if (shown < count) {
        printf("The %lld of %lld limits with the most runs, then the least loss; --all shows "
               "all.\n",
               (long long)shown, (long long)count);
    }
    printf("Two limits are the same when they are no further apart than their rounding error\n"
           "2 (n + d) eps (|w| + (sum c |y||x| + lambda_1 |w|) / lambda_r), here at most %.2g.\n",
           sweep->limits.tolerance);
}

void sweep_text(const struct sweep *sweep)
{
    text_title("sweep of the exact gradient flow", &sweep->network);
    text_data(&sweep->data);
    text_neuron(&sweep->options, &sweep->network);
    print_runs(sweep);
    print_remarks(sweep);
    print_scales(sweep);
    print_limits(sweep);
}
