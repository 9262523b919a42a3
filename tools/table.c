/* table.c: a header line of names and rows of numbers.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "memory.h"
#include "number.h"

char *csv_field_text(const struct csv_field *field, size_t number)
{
    char *text = allocate_array(field->length + 32, 1);
    size_t from = 0;
    size_t to = 0;

    if (text == NULL) {
        return NULL;
    }
    while (from < field->length) {
        from += field->quoted && field->text[from] == '"';
        text[to++] = field->text[from++];
    }
    while (!field->quoted && to > 0 && (text[to - 1] == ' ' || text[to - 1] == '\t')) {
        to--;
    }
    text[to] = '\0';
    if (!field->quoted) {
        const size_t blanks = strspn(text, " \t");
        memmove(text, text + blanks, to + 1 - blanks);
    }
    if (*text == '\0') {
        (void)snprintf(text, 32, "column %lu", (unsigned long)number);
    }
    return text;
}

static int read_header_fields(struct csv_reader *reader, struct csv_table *table)
{
    size_t capacity = 0;
    bool more = true;

    while (more) {
        int status;
        if (!grow_array(&table->header, &capacity, table->columns, sizeof *table->header)) {
            return fail_memory();
        }
        status = csv_next(reader, &table->header[table->columns]);
        if (status != STATUS_OK) {
            return status;
        }
        more = !table->header[table->columns].ends_line;
        table->columns++;
    }
    return STATUS_OK;
}

static bool all_numbers(const struct csv_table *table)
{
    size_t k;

    for (k = 0; k < table->columns; k++) {
        const struct csv_field *field = &table->header[k];
        double ignored;
        if (field->quoted || parse_real(field->text, field->length, &ignored) != NUMBER_OK) {
            return false;
        }
    }
    return true;
}

static int read_header(struct csv_reader *reader, struct csv_table *table)
{
    const struct input *input = reader->input;
    const struct csv_place start = reader->here;
    bool blank;
    int status;
    size_t k;

    blank = csv_skip_blank_lines(reader);
    if (reader->here.line != start.line && (input->open || !blank)) {
        return csv_fail(input, &start, "a blank line where the header should be");
    }
    if (blank) {
        return csv_fail_at_end(reader, &start, "the file is empty");
    }
    status = read_header_fields(reader, table);
    if (status != STATUS_OK) {
        return status;
    }
    if (all_numbers(table)) {
        return csv_fail(input, &start,
                        "the first line holds numbers, not the names of columns "
                        "(quote names that look like numbers)");
    }
    if (table->columns < 2) {
        return csv_fail(input, &start, "one column only: a variable and a label are needed%s",
                        table->header[0].quoted
                            ? ""
                            : csv_separator_hint(table->header[0].text, table->header[0].length));
    }
    table->names = calloc(table->columns, sizeof *table->names);
    if (table->names == NULL) {
        return fail_memory();
    }
    for (k = 0; k < table->columns; k++) {
        table->names[k] = csv_field_text(&table->header[k], k + 1);
        if (table->names[k] == NULL) {
            return fail_memory();
        }
    }
    return STATUS_OK;
}

/* Points behind the last field; a quoted one may end lines below its beginning, which is then the
 * better place. */
static int fail_short_row(const struct csv_reader *reader, const struct csv_field *last,
                          size_t found, size_t columns)
{
    struct csv_place place = last->place;

    if (!last->quoted) {
        place.at = last->text + last->length;
    }
    return csv_fail(reader->input, &place, "the row ends after %lu of %lu fields",
                    (unsigned long)found, (unsigned long)columns);
}

static int read_row(struct csv_reader *reader, struct csv_table *table, double *row)
{
    struct csv_field field;
    size_t k;

    for (k = 0; k < table->columns; k++) {
        int status = csv_next(reader, &field);
        if (status == STATUS_OK) {
            status = csv_number(reader, &field, table->names[k], &row[k]);
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (field.ends_line && k + 1 < table->columns) {
            return fail_short_row(reader, &field, k + 1, table->columns);
        }
    }
    if (!field.ends_line) {
        return csv_fail(reader->input, &reader->here, "the row has more than %lu fields",
                        (unsigned long)table->columns);
    }
    return STATUS_OK;
}

/* For one more row; capacity counts rows, and doubles. */
static int make_room(const struct input *input, struct csv_table *table, size_t *capacity)
{
    const size_t size = table->columns * sizeof *table->values;
    int status = STATUS_OK;

    if (table->rows == *capacity) {
        status = memory_check_growth(2 * (double)*capacity * (double)size, "%s: more than %lu rows of %lu columns",
                                     input->name, (unsigned long)table->rows, (unsigned long)table->columns);
    }
    return status != STATUS_OK || grow_array(&table->values, capacity, table->rows, size) ? status : fail_memory();
}

static int read_rows(struct csv_reader *reader, struct csv_table *table)
{
    const struct csv_place start = reader->here;
    size_t capacity = 0;

    for (;;) {
        const struct csv_place here = reader->here;
        int status;
        if (csv_skip_blank_lines(reader)) {
            break;
        }
        if (reader->here.line != here.line) {
            return csv_fail(reader->input, &here, "a blank line before the end of the data");
        }
        status = make_room(reader->input, table, &capacity);
        if (status == STATUS_OK) {
            status = read_row(reader, table, table->values + table->rows * table->columns);
        }
        if (status != STATUS_OK) {
            return status;
        }
        table->rows++;
    }
    if (table->rows == 0) {
        return csv_fail_at_end(reader, &start, "no row of data after the header");
    }
    return STATUS_OK;
}

int csv_read_table(const struct input *input, struct csv_table *table)
{
    struct csv_reader reader;
    int status;

    memset(table, 0, sizeof *table);
    csv_start(&reader, input);
    status = read_header(&reader, table);
    if (status == STATUS_OK) {
        status = read_rows(&reader, table);
    }
    if (status != STATUS_OK) {
        csv_free_table(table);
    }
    return status;
}

void csv_free_table(struct csv_table *table)
{
    size_t k;

    for (k = 0; table->names != NULL && k < table->columns; k++) {
        free(table->names[k]);
    }
    free(table->names);
    free(table->header);
    free(table->values);
    memset(table, 0, sizeof *table);
}
