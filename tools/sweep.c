/* sweep.c: the command "sweep".
 * SPDX-License-Identifier: MIT */
#include "sweep.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "error.h"
#include "lists.h"
#include "number.h"
#include "ranks.h"
#include "start.h"

/* What does not fit into memory is refused by that; this bounds the product of all numbers. */
static const uint64_t most_directions = UINT64_C(1000000000);

static int random_directions(struct sweep *sweep, int64_t count)
{
    const int64_t size = network_weights(&sweep->network, sweep->data.d);
    int status;

    sweep->runs.directions = count;
    status = runs_check_memory("--directions", count, sweep->runs.scales, size);
    return status == STATUS_OK
               ? start_random_directions(sweep->options.seed, count, size, &sweep->runs.U)
               : status;
}

/* --directions is a number if it consists of digits, else a file. */
static int choose_directions(struct sweep *sweep)
{
    const struct options *options = &sweep->options;
    const char *text = options->directions;
    uint64_t count = 0;
    char shown[EXCERPT_SIZE];
    double number;

    if (*text != '\0' && strspn(text, "0123456789") == strlen(text)) {
        if (!parse_unsigned(text, most_directions, &count) || count == 0) {
            return fail(STATUS_USAGE, "--directions: \"%s\" is not an integer from 1 to %llu", text,
                        (unsigned long long)most_directions);
        }
        return random_directions(sweep, (int64_t)count);
    }
    if (parse_real(text, strlen(text), &number) == NUMBER_OK) {
        return fail(STATUS_USAGE, "--directions: \"%s\" is not an integer from 1 to %llu (a file "
                    "of this name is ./%s)", excerpt(shown, text, strlen(text)),
                    (unsigned long long)most_directions, shown);
    }
    if (options->random != NULL) {
        return fail(STATUS_USAGE,
                    "%s has no meaning together with --directions FILE, which gives "
                    "the directions",
                    options->random);
    }
    sweep->file = text;
    return start_read_directions(text, &sweep->data, sweep->network.count, &sweep->runs.U,
                                 &sweep->runs.directions);
}

static int prepare(struct sweep *sweep)
{
    struct runs *runs = &sweep->runs;
    int status = ranks_worst(list_scales(sweep->options.scales, &runs->scale, &runs->scales));

    if (status == STATUS_OK) {
        status = ranks_worst(dataset_load(&sweep->options, &sweep->data));
    }
    if (status == STATUS_OK) {
        status = ranks_worst(network_load(&sweep->options, &sweep->network));
    }
    if (status == STATUS_OK) {
        status = ranks_worst(
            network_check_memory(&sweep->options, &sweep->network, &sweep->data));
    }
    if (status == STATUS_OK) {
        status = ranks_worst(choose_directions(sweep));
    }
    runs->options = &sweep->options;
    runs->data = &sweep->data;
    runs->network = &sweep->network;
    runs->certify = !sweep->options.no_certificate;
    return status;
}

static int run(struct sweep *sweep)
{
    int status = prepare(sweep);

    if (status == STATUS_OK) {
        status = runs_make(&sweep->runs, sweep->options.t_end);
    }
    if (status == STATUS_OK) {
        status = limits_find(&sweep->runs, &sweep->limits);
    }
    if (status == STATUS_OK) {
        sweep->summary = allocate_array((size_t)sweep->runs.scales, sizeof *sweep->summary);
        status = sweep->summary == NULL ? fail_memory()
                                        : summarize(&sweep->runs, &sweep->limits, sweep->summary);
    }
    return status;
}

static void print(const struct sweep *sweep)
{
    switch (sweep->options.format) {
    case FORMAT_TEXT:
        sweep_text(sweep);
        break;
    case FORMAT_JSON:
        sweep_json(sweep);
        break;
    case FORMAT_CSV:
        sweep_csv(sweep);
        break;
    }
}

int command_sweep(const struct options *options)
{
    struct sweep sweep;
    int status;

    memset(&sweep, 0, sizeof sweep);
    sweep.options = *options;
    status = run(&sweep);
    if (status == STATUS_OK) {
        print(&sweep);
    }
    runs_free(&sweep.runs);
    limits_free(&sweep.limits);
    free(sweep.summary);
    network_free(&sweep.network);
    dataset_free(&sweep.data);
    return status;
}
