/* start.c: a random start, or one read from a file.
 * SPDX-License-Identifier: MIT */
#include "start.h"

#include "csv.h"
#include "error.h"
#include "random.h"

/* One number per line, or several with commas between them. */
static int read_numbers(const struct input *input, int64_t d, double *w)
{
    struct csv_reader reader;
    struct csv_field field;
    int64_t count = 0;
    bool inside = false; /* behind a comma, where a blank is no blank line */

    csv_start(&reader, input);
    while (inside || !csv_skip_blank_lines(&reader)) {
        double value = 0;
        int status = csv_next(&reader, &field);
        if (status == STATUS_OK) {
            status = csv_number(&reader, &field, NULL, &value);
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (count == d) {
            return csv_fail(input, &field.place, "more than %lld numbers, one for each column of "
                            "the data", (long long)d);
        }
        w[count++] = value;
        inside = !field.ends_line;
    }
    if (count < d) {
        return csv_fail(input, &reader.here, "%lld numbers, but the data have %lld columns",
                        (long long)count, (long long)d);
    }
    return STATUS_OK;
}

int start_vector(const struct options *options, int64_t d, double *w)
{
    struct input input;
    int64_t k;
    int status;

    if (options->start != NULL) {
        status = input_read(options->start, &input);
        if (status == STATUS_OK) {
            status = read_numbers(&input, d, w);
            input_free(&input);
        }
        return status;
    }
    status = random_direction(options->seed, d, w);
    for (k = 0; status == STATUS_OK && k < d; k++) {
        w[k] *= options->scale;
    }
    return status;
}
