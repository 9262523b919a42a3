/* start.c: random directions, or numbers read from a file.
 * SPDX-License-Identifier: MIT */
#include "start.h"

#include <stddef.h>
#include <stdlib.h>

#include "csv.h"
#include "error.h"
#include "memory.h"
#include "random.h"

static const char *of_neurons(int64_t neurons)
{
    return neurons > 1 ? ", for every neuron" : "";
}

/* A start that is wanted. */
struct wanted {
    int64_t neurons;
    int64_t d;
    double *w; /* neurons d */
};

/* One number per line, or several with commas between them. */
static int read_numbers(const struct input *input, const void *user)
{
    const struct wanted *wanted = user;
    const int64_t neurons = wanted->neurons, d = wanted->d;
    struct csv_reader reader;
    struct csv_field field;
    struct csv_place last; /* of the last number that there is */
    int64_t count = 0;
    bool inside = false; /* behind a comma, where a blank is no blank line */

    csv_start(&reader, input);
    last = reader.here;
    while (inside || !csv_skip_blank_lines(&reader)) {
        double value = 0;
        int status = csv_next(&reader, &field);
        if (status == STATUS_OK) {
            status = csv_number(&reader, &field, NULL, &value);
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (count == neurons * d) {
            return csv_fail(input, &field.place, "more than %lld numbers, one for each column of "
                            "the data%s", (long long)count, of_neurons(neurons));
        }
        wanted->w[count++] = value;
        last = field.place;
        inside = !field.ends_line;
    }
    if (input->open) {
        return STATUS_OPEN;
    }
    if (count < neurons * d && neurons > 1) {
        return csv_fail(input, &last, "%lld number%s, but there are %lld neurons and %lld "
                        "columns", (long long)count, count == 1 ? "" : "s", (long long)neurons, (long long)d);
    }
    if (count < neurons * d) {
        return csv_fail(input, &last, "%lld number%s, but the data have %lld columns",
                        (long long)count, count == 1 ? "" : "s", (long long)d);
    }
    return STATUS_OK;
}

int start_direction(const struct options *options, int64_t neurons, int64_t d, double *u)
{
    const struct wanted wanted = {neurons, d, u};
    struct input input;
    int status;

    if (options->start == NULL) {
        return random_direction(options->seed, neurons * d, u);
    }
    status = input_read("--start takes a FILE: ", options->start, read_numbers, &wanted, &input);
    if (status == STATUS_OK) {
        status = read_numbers(&input, &wanted);
        input_free(&input);
    }
    return status;
}

int start_random_directions(uint64_t seed, int64_t count, int64_t d, double **U)
{
    int64_t k;

    *U = NULL;
    if (count > INT64_MAX / d || (uint64_t)(count * d) > SIZE_MAX) {
        return fail_memory();
    }
    *U = allocate_array((size_t)(count * d), sizeof **U);
    if (*U == NULL) {
        return fail_memory();
    }
    for (k = 0; k < count; k++) {
        const int status = random_direction(seed + (uint64_t)k, d, *U + k * d);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

/* Directions of the data that they are for. */
struct directions {
    const struct dataset *data;
    int64_t neurons;
    double *U;
    size_t capacity;
    int64_t count;
};

static int read_direction(struct csv_reader *reader, const struct dataset *data, int64_t neurons,
                          double *u)
{
    const int64_t size = neurons * data->d;
    const struct csv_place start = reader->here;
    struct csv_field field;
    bool zero = true;
    int64_t k;

    for (k = 0; k < size; k++) {
        int status = csv_next(reader, &field);
        if (status == STATUS_OK) {
            status = csv_number(reader, &field, data->names[k % data->d], &u[k]);
        }
        if (status != STATUS_OK) {
            return status;
        }
        zero = zero && u[k] == 0;
        if (field.ends_line != (k + 1 == size)) {
            return csv_fail(reader->input, &field.place, "%s than %lld numbers on the line, one "
                            "for each column of the data%s", field.ends_line ? "less" : "more",
                            (long long)size, of_neurons(neurons));
        }
    }
    return zero ? csv_fail(reader->input, &start, "0 has no direction") : STATUS_OK;
}

/* For one more direction. */
static int make_room(const struct input *input, struct directions *out)
{
    const size_t size = (size_t)(out->neurons * out->data->d) * sizeof *out->U;
    int status = STATUS_OK;

    if ((size_t)out->count == out->capacity) {
        status = memory_check_growth(2 * (double)out->capacity * (double)size, "%s: more than %lld directions",
                                     input->name, (long long)out->count);
    }
    return status != STATUS_OK || grow_array(&out->U, &out->capacity, (size_t)out->count, size) ? status
                                                                                               : fail_memory();
}

static int read_directions(const struct input *input, struct directions *out)
{
    const int64_t size = out->neurons * out->data->d;
    struct csv_reader reader;

    csv_start(&reader, input);
    while (!csv_skip_blank_lines(&reader)) {
        int status = make_room(input, out);
        if (status == STATUS_OK) {
            status = read_direction(&reader, out->data, out->neurons, out->U + out->count * size);
        }
        if (status != STATUS_OK) {
            return status;
        }
        out->count++;
    }
    return out->count > 0 ? STATUS_OK : csv_fail_at_end(&reader, &reader.here, "no direction");
}

static int judge_directions(const struct input *beginning, const void *user)
{
    struct directions first = *(const struct directions *)user;
    const int status = read_directions(beginning, &first);

    free(first.U);
    return status;
}

int start_read_directions(const char *path, const struct dataset *data, int64_t neurons, double **U,
                          int64_t *count)
{
    struct directions found = {data, neurons, NULL, 0, 0};
    struct input input;
    int status = input_read("--directions: neither a number nor a FILE: ", path, judge_directions, &found, &input);

    if (status == STATUS_OK) {
        status = read_directions(&input, &found);
        input_free(&input);
    }
    *U = found.U;
    *count = found.count;
    return status;
}
