/* input.c: reading a file into memory.
 * SPDX-License-Identifier: MIT */
#include "input.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundled.h"
#include "error.h"
#include "memory.h"
#include "ranks.h"

/* A text is judged when it is of this size, and whenever it is so many times as long as when it was judged last.
 * A byte of text takes about as much memory as it, its part of the table and its part of the data. */
enum { FIRST_CAPACITY = 65536, JUDGED_AGAIN = 16, MEMORY_OF_A_BYTE = 4 };

/* What is read, and when it is judged. */
struct reading {
    FILE *file;
    size_t capacity;
    size_t next; /* length at which the text is judged next */
    input_judge *judge;
    const void *user;
};

static int fail_reading(const char *what, const char *name, int error)
{
    return fail(STATUS_USAGE, "%s%s: %s", what, *name != '\0' ? name : "\"\"",
                error != 0 ? strerror(error) : "cannot be read");
}

/* Doubles the buffer: linear in the size of the file. */
static int grow(struct reading *reading, struct input *out)
{
    const size_t wanted = reading->capacity == 0 ? FIRST_CAPACITY : 2 * reading->capacity;
    char *grown = NULL;
    const int status = memory_check_growth(MEMORY_OF_A_BYTE * (double)out->length, "%s: more than %.0f bytes",
                                           out->name, (double)out->length);

    if (status != STATUS_OK) {
        return status;
    }
    if (reading->capacity <= SIZE_MAX / 2) {
        grown = realloc(out->owned, wanted);
    }
    if (grown == NULL) {
        return fail_memory();
    }
    out->owned = grown;
    reading->capacity = wanted;
    return STATUS_OK;
}

/* Judges what has been read, now and then. */
static int judge_beginning(struct reading *reading, struct input *out)
{
    int status;

    if (out->length < reading->next) {
        return STATUS_OK;
    }
    reading->next = out->length <= SIZE_MAX / JUDGED_AGAIN ? out->length * JUDGED_AGAIN : SIZE_MAX;
    out->owned[out->length] = '\0';
    out->text = out->owned;
    out->open = true;
    status = reading->judge(out, reading->user);
    out->open = false;
    return status == STATUS_OPEN ? STATUS_OK : status;
}

/* What holds a zero byte is no text, and is refused by who reads it: the rest is not needed, which may have no
 * end. */
static int read_all(struct reading *reading, const char *what, struct input *out)
{
    for (;;) {
        char *end;
        size_t count;
        int status = STATUS_OK;
        if (out->length + 1 >= reading->capacity) {
            status = grow(reading, out);
            status = status == STATUS_OK ? judge_beginning(reading, out) : status;
        }
        if (status != STATUS_OK) {
            return status;
        }
        errno = 0;
        end = out->owned + out->length;
        count = fread(end, 1, reading->capacity - out->length - 1, reading->file);
        out->length += count;
        if (ferror(reading->file)) {
            return fail_reading(what, out->name, errno);
        }
        if (feof(reading->file) || memchr(end, 0, count) != NULL) {
            out->owned[out->length] = '\0';
            return STATUS_OK;
        }
    }
}

static int read_here(const char *what, const char *path, input_judge *judge, const void *user, struct input *out)
{
    const int standard = strcmp(path, "-") == 0;
    struct reading reading = {NULL, 0, FIRST_CAPACITY - 1, judge, user};
    int status;

    errno = 0;
    reading.file = standard ? stdin : fopen(path, "rb");
    if (reading.file == NULL) {
        return fail_reading(what, out->name, errno);
    }
    status = read_all(&reading, what, out);
    if (!standard) {
        (void)fclose(reading.file);
    }
    return status;
}

/* The width of the characters of a text that is not UTF-8, 2 or 4 bytes: by its mark, or by the zeros
 * beside its first letters; 1 of any other text. */
static int bytes_of_a_character(const unsigned char *text, size_t length)
{
    const int four = length >= 4;

    if (four
        && ((memcmp(text, "\xff\xfe\0\0", 4) == 0 || memcmp(text, "\0\0\xfe\xff", 4) == 0)
            || (text[0] != 0 && text[1] == 0 && text[2] == 0 && text[3] == 0)
            || (text[0] == 0 && text[1] == 0 && text[2] == 0 && text[3] != 0))) {
        return 4;
    }
    if (length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        return 2;
    }
    return four && (text[0] == 0) != (text[1] == 0) && (text[2] == 0) == (text[0] == 0)
                   && (text[3] == 0) == (text[1] == 0)
               ? 2
               : 1;
}

static int refuse_wide_characters(const struct input *input)
{
    const int bytes = bytes_of_a_character((const unsigned char *)input->owned, input->length);

    return bytes > 1 ? fail(STATUS_USAGE, "%s:1:1: this is UTF-%d: UTF-8 is needed", input->name,
                            8 * bytes)
                     : STATUS_OK;
}

/* A zero byte, before whatever else is wrong with what is no text. */
static int refuse_zero_byte(const struct input *input)
{
    const char *zero = memchr(input->owned, 0, input->length);
    const char *at;
    long long line = 1, column = 1;

    if (zero == NULL) {
        return STATUS_OK;
    }
    for (at = input->owned; at < zero; at++) {
        column = *at == '\n' ? 1 : column + (((unsigned char)*at & 0xc0) != 0x80);
        line += *at == '\n';
    }
    return fail(STATUS_USAGE, "%s:%lld:%lld: a zero byte: this is not a text file", input->name, line, column);
}

/* The first rank reads for all: only it has the standard input, and perhaps the file. */
int input_read(const char *what, const char *path, input_judge *judge, const void *user, struct input *out)
{
    int status = STATUS_OK;

    memset(out, 0, sizeof *out);
    out->name = strcmp(path, "-") == 0 ? "(standard input)" : path;
    if (ranks_number() == 0) {
        status = read_here(what, path, judge, user, out);
        status = status == STATUS_OK ? refuse_wide_characters(out) : status;
        status = status == STATUS_OK ? refuse_zero_byte(out) : status;
    }
    status = ranks_share_text(status, &out->owned, &out->length);
    out->text = out->owned;
    if (status != STATUS_OK) {
        input_free(out);
    }
    return status;
}

void input_bundled(struct input *out)
{
    out->name = "diabetes.csv";
    out->text = (const char *)bundled_diabetes;
    out->length = bundled_diabetes_size;
    out->owned = NULL;
    out->open = false;
}

void input_free(struct input *input)
{
    free(input->owned);
    memset(input, 0, sizeof *input);
}
