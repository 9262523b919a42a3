/* columns.c: finding columns by their names.
 * SPDX-License-Identifier: MIT */
#include "columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

enum { COLUMNS_SHOWN = 12 };

/* No column has the name: says which there are, the first of many. */
static int no_column(const struct input *input, const struct csv_table *table, const char *name)
{
    char list[COLUMNS_SHOWN * (EXCERPT_SIZE + 2) + 8] = "";
    char shown[EXCERPT_SIZE];
    size_t length = 0;
    size_t k;

    for (k = 0; k < table->columns && k < COLUMNS_SHOWN; k++) {
        length += (size_t)snprintf(list + length, sizeof list - length, "%s%s", k > 0 ? ", " : "",
                                   excerpt(shown, table->names[k], strlen(table->names[k])));
    }
    if (k < table->columns) {
        (void)snprintf(list + length, sizeof list - length, ", ...");
    }
    return csv_fail(input, &table->header[0].place, "no column is named \"%s\"; the columns are %s",
                    excerpt(shown, name, strlen(name)), list);
}

static int find_column(const struct input *input, const struct csv_table *table, const char *name,
                       size_t *out)
{
    const size_t none = table->columns;
    char shown[EXCERPT_SIZE];
    size_t found = none;
    size_t k;

    for (k = 0; k < table->columns; k++) {
        if (strcmp(table->names[k], name) == 0) {
            if (found != none) {
                return csv_fail(input, &table->header[k].place, "a second column is named \"%s\"",
                                excerpt(shown, name, strlen(name)));
            }
            found = k;
        }
    }
    if (found == none) {
        return no_column(input, table, name);
    }
    *out = found;
    return STATUS_OK;
}

static int add_variable(struct columns *columns, size_t column, const char *name)
{
    char shown[EXCERPT_SIZE];
    size_t k;

    if (column == columns->label) {
        return fail(STATUS_USAGE, "--columns: \"%s\" is the label",
                    excerpt(shown, name, strlen(name)));
    }
    for (k = 0; k < columns->count; k++) {
        if (columns->variables[k] == column) {
            return fail(STATUS_USAGE, "--columns: \"%s\" is named twice",
                        excerpt(shown, name, strlen(name)));
        }
    }
    columns->variables[columns->count++] = column; /* no column twice: there is room for all */
    return STATUS_OK;
}

/* The list of --columns is one record of CSV: a name with a comma stands in quotes. */
static int read_list(const char *list, const struct input *input, const struct csv_table *table,
                     struct columns *out)
{
    const struct input text = {"--columns", list, strlen(list), NULL, false};
    struct csv_reader reader;
    struct csv_field field;
    size_t number = 0;

    csv_start(&reader, &text);
    do {
        size_t column = 0;
        char *name;
        int status = csv_next(&reader, &field);
        if (status != STATUS_OK) {
            return status;
        }
        if (csv_is_blank(&field)) {
            return csv_fail(&text, &field.place, "the name of a column is missing");
        }
        name = csv_field_text(&field, ++number);
        if (name == NULL) {
            return fail_memory();
        }
        status = find_column(input, table, name, &column);
        if (status == STATUS_OK) {
            status = add_variable(out, column, name);
        }
        free(name);
        if (status != STATUS_OK) {
            return status;
        }
    } while (!field.ends_line);
    return csv_skip_blank_lines(&reader)
               ? STATUS_OK
               : csv_fail(&text, &reader.here, "text behind the line of names");
}

int columns_choose(const struct options *options, const struct input *input,
                   const struct csv_table *table, struct columns *out)
{
    int status;
    size_t k;

    memset(out, 0, sizeof *out);
    out->variables = allocate_array(table->columns, sizeof *out->variables);
    if (out->variables == NULL) {
        return fail_memory();
    }
    out->label = table->columns - 1;
    status = find_column(input, table,
                         options->label != NULL ? options->label : table->names[out->label],
                         &out->label);
    if (status != STATUS_OK) {
        return status;
    }
    if (options->columns != NULL) {
        return read_list(options->columns, input, table, out);
    }
    for (k = 0; k < table->columns; k++) {
        if (k != out->label) {
            out->variables[out->count++] = k;
        }
    }
    return STATUS_OK;
}

void columns_free(struct columns *columns)
{
    free(columns->variables);
    memset(columns, 0, sizeof *columns);
}
