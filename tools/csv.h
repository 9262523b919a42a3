/* csv.h: comma-separated values (RFC 4180) with positions for messages.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_CSV_H
#define TOOLS_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "input.h"

/* A place in the input. */
struct csv_place {
    int64_t line;           /* from 1                                  */
    const char *line_start; /* first byte of that line                 */
    const char *at;         /* the byte itself                         */
};

struct csv_field {
    struct csv_place place; /* where the field begins                  */
    const char *text;       /* content; without the quotes, if any     */
    size_t length;
    bool quoted;            /* then "" in the content stands for one " */
    bool ends_line;         /* last field of its line                  */
};

struct csv_reader {
    const struct input *input;
    struct csv_place here;
    const char *end;
    bool carriage; /* no line feed in it: carriage returns end lines */
};

/* A header and rows of numbers. */
struct csv_table {
    struct csv_field *header; /* columns fields, pointing into the input */
    char **names;             /* columns names; "column K" for an empty one */
    size_t columns;
    size_t rows;
    double *values;           /* rows x columns                          */
};

/* Starts at the beginning of an input, behind a byte order mark. */
void csv_start(struct csv_reader *reader, const struct input *input);

/* Reads the next field. */
int csv_next(struct csv_reader *reader, struct csv_field *field);

/* Whether a field holds nothing but blanks. */
bool csv_is_blank(const struct csv_field *field);

/* The content of a field as a string of its own, to be freed; "column NUMBER" for an empty
 * one.  NULL without memory. */
char *csv_field_text(const struct csv_field *field, size_t number);

/* Skips blank lines; true at the end of the input. */
bool csv_skip_blank_lines(struct csv_reader *reader);

/* What to add to a message where a text seems to be separated by another character than the comma;
 * "" if it does not. */
const char *csv_separator_hint(const char *text, size_t length);

/* Reads the number in a field; column is the name of its column, or NULL in a list of numbers. */
int csv_number(const struct csv_reader *reader, const struct csv_field *field, const char *column,
               double *value);

/* fail(STATUS_USAGE) with "NAME:LINE:COLUMN: " in front; columns count characters. */
int csv_fail(const struct input *input, const struct csv_place *place, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The same of what is wrong only because the input ends here, which an open one does not: STATUS_OPEN then. */
int csv_fail_at_end(const struct csv_reader *reader, const struct csv_place *place, const char *what);

/* Reads a whole table, or STATUS_OPEN; the input must outlive it. */
int csv_read_table(const struct input *input, struct csv_table *table);

void csv_free_table(struct csv_table *table);

#endif
