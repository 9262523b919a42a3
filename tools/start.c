/* start.c: random directions, or numbers read from a file.
 * SPDX-License-Identifier: MIT */
#include "start.h"

#include <stddef.h>

#include "csv.h"
#include "error.h"
#include "random.h"

static const char *of_neurons(int64_t neurons)
{
    return neurons > 1 ? ", for every neuron" : "";
}

/* One number per line, or several with commas between them. */
static int read_numbers(const struct input *input, int64_t neurons, int64_t d, double *w)
{
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
        w[count++] = value;
        last = field.place;
        inside = !field.ends_line;
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
    struct input input;
    int status;

    if (options->start == NULL) {
        return random_direction(options->seed, neurons * d, u);
    }
    status = input_read("--start ", options->start, &input);
    if (status == STATUS_OK) {
        status = read_numbers(&input, neurons, d, u);
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

static int read_directions(const struct input *input, const struct dataset *data, int64_t neurons,
                           double **U, int64_t *count)
{
    const int64_t size = neurons * data->d;
    struct csv_reader reader;
    size_t capacity = 0;

    csv_start(&reader, input);
    while (!csv_skip_blank_lines(&reader)) {
        int status;
        if (!grow_array(U, &capacity, (size_t)*count, (size_t)size * sizeof **U)) {
            return fail_memory();
        }
        status = read_direction(&reader, data, neurons, *U + *count * size);
        if (status != STATUS_OK) {
            return status;
        }
        ++*count;
    }
    return *count > 0 ? STATUS_OK : csv_fail(input, &reader.here, "no direction");
}

int start_read_directions(const char *path, const struct dataset *data, int64_t neurons, double **U,
                          int64_t *count)
{
    struct input input;
    int status = input_read("--directions ", path, &input);

    *U = NULL;
    *count = 0;
    if (status == STATUS_OK) {
        status = read_directions(&input, data, neurons, U, count);
        input_free(&input);
    }
    return status;
}
