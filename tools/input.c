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
#include "ranks.h"

enum { FIRST_CAPACITY = 65536 };

static int fail_reading(const char *what, const char *name, int error)
{
    return fail(STATUS_USAGE, "%s%s: %s", what, *name != '\0' ? name : "\"\"",
                error != 0 ? strerror(error) : "cannot be read");
}

/* Doubles the buffer whenever it is full: linear in the size of the file.  What holds a zero byte is no text, and is
 * refused by who reads it: the rest is not needed, which may have no end. */
static int read_all(FILE *file, const char *what, struct input *out)
{
    size_t capacity = 0, read;
    int zero;

    for (;;) {
        if (capacity - out->length < 2) {
            char *grown = NULL;
            if (capacity <= SIZE_MAX / 2) {
                capacity = capacity == 0 ? FIRST_CAPACITY : 2 * capacity;
                grown = realloc(out->owned, capacity);
            }
            if (grown == NULL) {
                return fail_memory();
            }
            out->owned = grown;
        }
        errno = 0;
        read = fread(out->owned + out->length, 1, capacity - out->length - 1, file);
        zero = memchr(out->owned + out->length, 0, read) != NULL;
        out->length += read;
        if (ferror(file)) {
            return fail_reading(what, out->name, errno);
        }
        if (feof(file) || zero) {
            out->owned[out->length] = '\0';
            return STATUS_OK;
        }
    }
}

static int read_here(const char *what, const char *path, struct input *out)
{
    const int standard = strcmp(path, "-") == 0;
    FILE *file;
    int status;

    errno = 0;
    file = standard ? stdin : fopen(path, "rb");
    if (file == NULL) {
        return fail_reading(what, out->name, errno);
    }
    status = read_all(file, what, out);
    if (!standard) {
        (void)fclose(file);
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

/* The first rank reads for all: only it has the standard input, and perhaps the file. */
int input_read(const char *what, const char *path, struct input *out)
{
    int status = STATUS_OK;

    memset(out, 0, sizeof *out);
    out->name = strcmp(path, "-") == 0 ? "(standard input)" : path;
    if (ranks_number() == 0) {
        status = read_here(what, path, out);
        status = status == STATUS_OK ? refuse_wide_characters(out) : status;
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
}

void input_free(struct input *input)
{
    free(input->owned);
    memset(input, 0, sizeof *input);
}
