/* network.c: outer weights, all 1, of alternating sign, or from a file.
 * SPDX-License-Identifier: MIT */
#include "network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reluflow/reluflow.h>

#include "csv.h"
#include "error.h"
#include "input.h"
#include "memory.h"

/* The matrices of so many more rows than n and of m d columns that following several neurons takes at least, as
 * found by measuring. */
enum { MATRICES = 20, ROWS_BESIDE = 8 };

/* Those of d x d that one neuron takes at least: its model, and the copy that runs. */
enum { SQUARES = 14 };

enum { WHAT_SIZE = 128 };

static int read_outer_weights(const struct input *input, struct network *out)
{
    struct csv_reader reader;
    struct csv_field field;
    size_t capacity = 0;
    bool inside = false; /* behind a comma, where a blank is no blank line */

    csv_start(&reader, input);
    while (inside || !csv_skip_blank_lines(&reader)) {
        int status;
        if (!grow_array(&out->a, &capacity, (size_t)out->count, sizeof *out->a)) {
            return fail_memory();
        }
        status = csv_next(&reader, &field);
        if (status == STATUS_OK) {
            status = csv_number(&reader, &field, NULL, &out->a[out->count]);
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (out->count == NEURONS_LIMIT) {
            return csv_fail(input, &field.place, "more than %d outer weights", NEURONS_LIMIT);
        }
        if (out->a[out->count] == 0) {
            return csv_fail(input, &field.place, "an outer weight of 0: the neuron would do "
                                                 "nothing");
        }
        out->count++;
        inside = !field.ends_line;
    }
    return out->count > 0 ? STATUS_OK : csv_fail_at_end(&reader, &reader.here, "no outer weight");
}

static int judge_outer_weights(const struct input *beginning, const void *user)
{
    struct network first;
    int status;

    (void)user;
    memset(&first, 0, sizeof first);
    status = read_outer_weights(beginning, &first);
    network_free(&first);
    return status;
}

static int load_file(const struct options *options, struct network *out)
{
    struct input input;
    int status = input_read("--outer: neither ones, nor signs, nor a FILE: ", options->outer,
                            judge_outer_weights, NULL, &input);

    if (status == STATUS_OK) {
        status = read_outer_weights(&input, out);
        if (status == STATUS_OK && options->neurons > 0 && options->neurons != out->count) {
            status = fail(STATUS_USAGE, "%s: %lld outer weights, but --neurons %lld", input.name,
                          (long long)out->count, (long long)options->neurons);
        }
        input_free(&input);
    }
    return status;
}

static int fill(int64_t count, bool signs, struct network *out)
{
    int64_t j;

    out->a = allocate_array((size_t)count, sizeof *out->a);
    if (out->a == NULL) {
        return fail_memory();
    }
    for (j = 0; j < count; j++) {
        out->a[j] = signs && j % 2 == 1 ? -1 : 1;
    }
    out->count = count;
    return STATUS_OK;
}

static int load(const struct options *options, struct network *out)
{
    const bool signs = options->outer != NULL && strcmp(options->outer, "signs") == 0;

    if (options->outer == NULL || signs || strcmp(options->outer, "ones") == 0) {
        if (out->asked && options->neurons == 0) {
            return fail(STATUS_USAGE, "--outer %s needs --neurons", options->outer);
        }
        return fill(out->asked ? options->neurons : 1, signs, out);
    }
    return load_file(options, out);
}

int network_load(const struct options *options, struct network *out)
{
    int status;
    int64_t j;

    memset(out, 0, sizeof *out);
    out->asked = options->neurons > 0 || options->outer != NULL;
    status = load(options, out);
    if (status == STATUS_OK && out->count > 1 && options->activation.kind != RF_RELU) {
        status = fail(STATUS_USAGE, "--activation: several neurons are relu neurons");
    }
    for (j = 0; status == STATUS_OK && j < out->count; j++) {
        out->norm = hypot(out->norm, out->a[j]);
    }
    return status;
}

static double bytes_needed(const struct network *network, const struct dataset *data)
{
    const double d = (double)data->d;
    const double matrix = (double)network_weights(network, data->d) * (double)(data->n + ROWS_BESIDE);

    return (double)sizeof(double) * (network->count == 1 ? SQUARES * d * d : MATRICES * matrix);
}

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

/* What is asked for, for messages. */
static const char *describe(const struct network *network, const struct dataset *data, char out[WHAT_SIZE])
{
    (void)snprintf(out, WHAT_SIZE, "%lld neuron%s for %lld row%s of %lld column%s", (long long)network->count,
                   plural(network->count), (long long)data->n, plural(data->n), (long long)data->d,
                   plural(data->d));
    return out;
}

int network_check_memory(const struct options *options, const struct network *network,
                         const struct dataset *data)
{
    const double bytes = bytes_needed(network, data);
    char what[WHAT_SIZE];

    return network->count == 1
               ? memory_check(bytes, "%s: %lld columns", data->source, (long long)data->d)
               : memory_check(bytes, "%s: %s", options->neurons > 0 ? "--neurons" : "--outer",
                              describe(network, data, what));
}

int network_fail_memory(const struct network *network, const struct dataset *data)
{
    char what[WHAT_SIZE];
    char words[MEMORY_WORDS];

    return fail(STATUS_FAILED, "out of memory: %s need%s %s at least", describe(network, data, what),
                network->count == 1 ? "s" : "", memory_in_words(bytes_needed(network, data), words));
}

void network_free(struct network *network)
{
    free(network->a);
    memset(network, 0, sizeof *network);
}

int64_t network_weights(const struct network *network, int64_t d)
{
    return network->count * d;
}
