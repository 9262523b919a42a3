/* dataset.c: from a table to X and y.
 * SPDX-License-Identifier: MIT */
#include "dataset.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "csv.h"
#include "error.h"
#include "memory.h"

static const char bias_name[] = "(bias)";

static int allocate(struct dataset *data, size_t rows, size_t variables, bool bias)
{
    const size_t d = variables + bias;

    data->n = (int64_t)rows;
    data->d = (int64_t)d;
    data->variables = (int64_t)variables;
    /* The table, of more columns, fits in memory already, if only once. */
    if (memory_check_growth((double)rows * (double)d * (double)sizeof(double), "%s: %lu rows of %lu columns",
                            data->source, (unsigned long)rows, (unsigned long)d) != STATUS_OK) {
        return STATUS_FAILED;
    }
    data->X = allocate_array(rows * d, sizeof *data->X);
    data->y = allocate_array(rows, sizeof *data->y);
    data->names = calloc(d, sizeof *data->names);
    return data->X != NULL && data->y != NULL && data->names != NULL ? STATUS_OK : fail_memory();
}

static void split_values(struct dataset *data, const struct csv_table *table,
                         const struct columns *columns)
{
    double *x = data->X;
    size_t i;
    size_t k;

    for (i = 0; i < table->rows; i++) {
        const double *row = table->values + i * table->columns;
        data->y[i] = row[columns->label];
        for (k = 0; k < columns->count; k++) {
            *x++ = row[columns->variables[k]];
        }
        if (data->d > data->variables) {
            *x++ = 1.0;
        }
    }
}

/* The names move from the table to the data. */
static int split_names(struct dataset *data, struct csv_table *table,
                       const struct columns *columns)
{
    size_t k;

    data->label = table->names[columns->label];
    table->names[columns->label] = NULL;
    for (k = 0; k < columns->count; k++) {
        data->names[k] = table->names[columns->variables[k]];
        table->names[columns->variables[k]] = NULL;
    }
    if (data->d > data->variables) {
        data->names[k] = allocate_array(sizeof bias_name, 1);
        if (data->names[k] == NULL) {
            return fail_memory();
        }
        memcpy(data->names[k], bias_name, sizeof bias_name);
    }
    return STATUS_OK;
}

/* Judges the beginning of a table by its header and its first rows. */
static int judge_table(const struct input *beginning, const void *user)
{
    struct csv_table table;
    struct columns columns;
    int status = csv_read_table(beginning, &table);

    if (status == STATUS_OK) {
        status = columns_choose(user, beginning, &table, &columns);
        columns_free(&columns);
        csv_free_table(&table);
    }
    return status;
}

static int build(const struct options *options, const struct input *input, struct dataset *out)
{
    struct csv_table table;
    struct columns columns;
    int status = csv_read_table(input, &table);

    if (status != STATUS_OK) {
        return status;
    }
    status = columns_choose(options, input, &table, &columns);
    if (status == STATUS_OK) {
        status = allocate(out, table.rows, columns.count, options->bias);
    }
    if (status == STATUS_OK) {
        split_values(out, &table, &columns);
        status = split_names(out, &table, &columns);
    }
    columns_free(&columns);
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
        status = input_read(options->follows != NULL ? "--influence: neither all, nor rows like "
                                                       "3,7-9, nor a FILE: "
                                                     : "",
                            options->file, judge_table, options, &input);
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
