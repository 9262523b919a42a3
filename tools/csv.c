/* csv.c: splitting a text into fields.
 * SPDX-License-Identifier: MIT */
#include "csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "number.h"

void csv_start(struct csv_reader *reader, const struct input *input)
{
    static const char mark[] = "\xef\xbb\xbf";
    const size_t length = sizeof mark - 1;

    reader->input = input;
    reader->end = input->text + input->length;
    reader->carriage = memchr(input->text, '\n', input->length) == NULL;
    while (input->open && reader->end > input->text && reader->end[-1] != '\n') {
        reader->end--; /* what may be a part of a line */
    }
    reader->here.line = 1;
    reader->here.at = input->text;
    if (reader->end - input->text >= (ptrdiff_t)length && memcmp(input->text, mark, length) == 0) {
        reader->here.at += length;
    }
    reader->here.line_start = reader->here.at;
}

int csv_fail(const struct input *input, const struct csv_place *place, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    long long column = 1;
    const char *at;

    for (at = place->line_start; at < place->at; at++) {
        if (((unsigned char)*at & 0xc0) != 0x80) {
            column++; /* the continuation bytes of UTF-8 are no characters of their own */
        }
    }
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return fail(STATUS_USAGE, "%s:%lld:%lld: %s", input->name, (long long)place->line, column,
                message);
}

int csv_fail_at_end(const struct csv_reader *reader, const struct csv_place *place, const char *what)
{
    return reader->input->open ? STATUS_OPEN : csv_fail(reader->input, place, "%s", what);
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    return at;
}

static void begin_line(struct csv_reader *reader, const char *at)
{
    reader->here.at = at;
    reader->here.line_start = at;
    reader->here.line++;
}

/* Just behind the line break at the given byte, or NULL where there is none. */
static const char *line_break(const struct csv_reader *reader, const char *at)
{
    const char *end = reader->end;

    if (at < end && *at == '\n') {
        return at + 1;
    }
    if (at < end && *at == '\r' && (at + 1 == end || at[1] == '\n')) {
        return at + 1 == end ? end : at + 2;
    }
    if (at < end && *at == '\r' && reader->carriage) {
        return at + 1;
    }
    return NULL;
}

/* A carriage return within a line of the input. */
static int fail_carriage(const struct csv_reader *reader, const char *at)
{
    struct csv_place place = reader->here;

    place.at = at;
    return csv_fail(reader->input, &place,
                    "the line ends with CR, others with LF: one kind of line end is needed");
}

/* Moves behind the delimiter that ends a field whose content is over. */
static void pass_delimiter(struct csv_reader *reader, struct csv_field *field)
{
    const char *next = line_break(reader, reader->here.at);

    field->ends_line = true;
    if (next != NULL) {
        begin_line(reader, next);
    } else if (reader->here.at < reader->end) {
        reader->here.at++; /* the comma */
        field->ends_line = false;
    }
}

const char *csv_separator_hint(const char *text, size_t length)
{
    if (memchr(text, ';', length) != NULL) {
        return " (commas separate columns, not \";\")";
    }
    if (memchr(text, '\t', length) != NULL) {
        return " (commas separate columns, not tabs)";
    }
    while (length > 0 && *text == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    return memchr(text, ' ', length) != NULL ? " (commas separate columns, not blanks)" : "";
}

/* The content of a quoted field; the reader stands on the opening quote. */
static int read_quoted(struct csv_reader *reader, struct csv_field *field)
{
    const char *at = reader->here.at + 1;
    const char *behind;

    field->quoted = true;
    field->text = at;
    for (;; at++) {
        if (at == reader->end) {
            return csv_fail_at_end(reader, &field->place, "the quote is never closed");
        }
        if (*at == '\n' || (*at == '\r' && reader->carriage)) {
            begin_line(reader, at + 1);
        } else if (*at == '"' && at + 1 < reader->end && at[1] == '"') {
            at++;
        } else if (*at == '"') {
            break;
        }
    }
    field->length = (size_t)(at - field->text);
    behind = at + 1;
    reader->here.at = skip_blanks(behind, reader->end);
    at = reader->here.at;
    if (at < reader->end && *at != ',' && line_break(reader, at) == NULL) {
        if (*at == '\r') {
            return fail_carriage(reader, at);
        }
        return csv_fail(reader->input, &reader->here, "text after a closing quote%s",
                        csv_separator_hint(behind, (size_t)(at + 1 - behind)));
    }
    return STATUS_OK;
}

static int read_plain(struct csv_reader *reader, struct csv_field *field)
{
    const char *at = reader->here.at;

    field->quoted = false;
    field->text = at;
    while (at < reader->end && *at != ',' && line_break(reader, at) == NULL) {
        if (*at == '"') {
            reader->here.at = at;
            return csv_fail(reader->input, &reader->here, "a quote inside a field without quotes");
        }
        if (*at == '\r') {
            return fail_carriage(reader, at);
        }
        at++;
    }
    field->length = (size_t)(at - field->text);
    reader->here.at = at;
    return STATUS_OK;
}

int csv_next(struct csv_reader *reader, struct csv_field *field)
{
    const char *first = skip_blanks(reader->here.at, reader->end);
    int status;

    field->place = reader->here;
    if (first < reader->end && *first == '"') {
        reader->here.at = first;
        status = read_quoted(reader, field);
    } else {
        status = read_plain(reader, field);
    }
    if (status != STATUS_OK) {
        return status;
    }
    pass_delimiter(reader, field);
    return STATUS_OK;
}

bool csv_is_blank(const struct csv_field *field)
{
    return skip_blanks(field->text, field->text + field->length) == field->text + field->length;
}

bool csv_skip_blank_lines(struct csv_reader *reader)
{
    for (;;) {
        const char *at = skip_blanks(reader->here.at, reader->end);
        if (at == reader->end) {
            return true;
        }
        at = line_break(reader, at);
        if (at == NULL) {
            return false;
        }
        begin_line(reader, at);
    }
}

int csv_number(const struct csv_reader *reader, const struct csv_field *field, const char *column,
               double *value)
{
    char shown[EXCERPT_SIZE];
    char name[EXCERPT_SIZE];
    char where[EXCERPT_SIZE + 64] = "";
    const char *what;

    switch (parse_real(field->text, field->length, value)) {
    case NUMBER_OK:
        return STATUS_OK;
    case NUMBER_EMPTY:
        what = "empty, a number is needed";
        break;
    case NUMBER_NOT_FINITE:
        what = "not a finite number";
        break;
    case NUMBER_RANGE:
        what = "too large for double precision";
        break;
    default:
        what = "not a number";
        if (column == NULL) { /* perhaps several, with something else between them */
            (void)snprintf(where, sizeof where, " (one number per line, or commas between them)");
        }
        break;
    }
    if (column != NULL) {
        (void)snprintf(where, sizeof where, " (column \"%s\")",
                       excerpt(name, column, strlen(column)));
    }
    return csv_fail(reader->input, &field->place, "\"%s\" is %s%s",
                    excerpt(shown, field->text, field->length), what, where);
}
