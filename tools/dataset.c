/* dataset.c: from a table to X and y.
 * SPDX-License-Identifier: MIT */
#include "dataset.h"

#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "error.h"

static const char bias_name[] = "(bias)";

static int find_label(const struct input *input, const struct csv_table *table, const char *label,
                      size_t *out)
{
    const size_t none = table->columns;
    size_t found = none;
    size_t k;

    if (label == NULL) {
        *out = table->columns - 1;
        return STATUS_OK;
    }
    for (k = 0; k < table->columns; k++) {
        if (strcmp(table->names[k], label) == 0) {
            char shown[EXCERPT_SIZE];
            if (found != none) {
                return csv_fail(input, &table->header[k].place, "a second column is named \"%s\"",
                                excerpt(shown, label, strlen(label)));
            }
            found = k;
        }
    }
    if (found == none) {
        char shown[EXCERPT_SIZE];
        return csv_fail(input, &table->header[0].place, "no column is named \"%s\"",
                        excerpt(shown, label, strlen(label)));
    }
    *out = found;
    return STATUS_OK;
}

static int allocate(struct dataset *data, const struct csv_table *table, bool bias)
{
    const size_t d = table->columns - 1 + bias;

    data->n = (int64_t)table->rows;
    data->d = (int64_t)d;
    data->variables = (int64_t)table->columns - 1;
    /* n x columns doubles fit in memory already, and d <= columns. */
    data->X = allocate_array(table->rows * d, sizeof *data->X);
    data->y = allocate_array(table->rows, sizeof *data->y);
    data->names = calloc(d, sizeof *data->names);
    return data->X != NULL && data->y != NULL && data->names != NULL ? STATUS_OK : fail_memory();
}

static void split_values(struct dataset *data, const struct csv_table *table, size_t label)
{
    double *x = data->X;
    size_t i;
    size_t k;

    for (i = 0; i < table->rows; i++) {
        const double *row = table->values + i * table->columns;
        for (k = 0; k < table->columns; k++) {
            if (k == label) {
                data->y[i] = row[k];
            } else {
                *x++ = row[k];
            }
        }
        if (data->d > data->variables) {
            *x++ = 1.0;
        }
    }
}

/* The names move from the table to the data. */
static int split_names(struct dataset *data, struct csv_table *table, size_t label)
{
    size_t to = 0;
    size_t k;

    for (k = 0; k < table->columns; k++) {
        if (k == label) {
            data->label = table->names[k];
        } else {
            data->names[to++] = table->names[k];
        }
        table->names[k] = NULL;
    }
    if (data->d > data->variables) {
        data->names[to] = allocate_array(sizeof bias_name, 1);
        if (data->names[to] == NULL) {
            return fail_memory();
        }
        memcpy(data->names[to], bias_name, sizeof bias_name);
    }
    return STATUS_OK;
}

static int build(const struct options *options, const struct input *input, struct dataset *out)
{
    struct csv_table table;
    size_t label = 0;
    int status = csv_read_table(input, &table);

    if (status != STATUS_OK) {
        return status;
    }
    status = find_label(input, &table, options->label, &label);
    if (status == STATUS_OK) {
        status = allocate(out, &table, options->bias);
    }
    if (status == STATUS_OK) {
        split_values(out, &table, label);
        status = split_names(out, &table, label);
    }
    csv_free_table(&table);
    if (status == STATUS_OK && options->standardize) {
        status = dataset_standardize(out);
    }
    return status;
}

int dataset_load(const struct options *options, struct dataset *out)
{
    struct input input;
    int status = STATUS_OK;

    memset(out, 0, sizeof *out);
    out->bundled = options->file == NULL;
    if (out->bundled) {
        input_bundled(&input);
    } else {
        status = input_read(options->file, &input);
    }
    if (status != STATUS_OK) {
        return status;
    }
    out->source = input.name;
    status = build(options, &input, out);
    input_free(&input);
    return status;
}

void dataset_free(struct dataset *data)
{
    int64_t k;

    for (k = 0; data->names != NULL && k < data->d; k++) {
        free(data->names[k]);
    }
    free(data->names);
    free(data->label);
    free(data->X);
    free(data->y);
    free(data->mean);
    free(data->deviation);
    memset(data, 0, sizeof *data);
}
