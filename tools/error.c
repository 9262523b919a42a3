/* error.c: messages on stderr, and memory for arrays.
 * SPDX-License-Identifier: MIT */
#include "error.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 8192, EXCERPT_LENGTH = 40 };

void replace_controls(char *text)
{
    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char)*text;
        if (byte < 0x20 || byte == 0x7f) {
            *text = '?';
        }
    }
}

int fail(int status, const char *format, ...)
{
    static const char prefix[] = "reluflow: ";
    char line[LINE_SIZE];
    const size_t start = sizeof prefix - 1;
    va_list arguments;

    memcpy(line, prefix, sizeof prefix);
    va_start(arguments, format);
    /* One byte is kept for the newline; a longer message is cut. */
    (void)vsnprintf(line + start, sizeof line - start - 1, format, arguments);
    va_end(arguments);
    replace_controls(line);
    strcat(line, "\n");
    (void)fputs(line, stderr);
    return status;
}

int fail_memory(void)
{
    return fail(STATUS_FAILED, "out of memory");
}

const char *excerpt(char out[EXCERPT_SIZE], const char *text, size_t length)
{
    size_t kept = length;
    size_t i;

    if (length > EXCERPT_LENGTH) {
        kept = EXCERPT_LENGTH;
        while (kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80) {
            kept--; /* not inside a UTF-8 character */
        }
    }
    for (i = 0; i < kept; i++) {
        out[i] = text[i] == '\0' ? '?' : text[i];
    }
    out[kept] = '\0';
    replace_controls(out);
    if (kept < length) {
        strcat(out, "...");
    }
    return out;
}

void *allocate_array(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    return malloc(count * size == 0 ? 1 : count * size);
}

int grow_array(void *array_pointer, size_t *capacity, size_t count, size_t size)
{
    void *old;
    void *grown;
    size_t wanted;

    if (count < *capacity) {
        return 1;
    }
    wanted = *capacity == 0 ? 16 : 2 * *capacity;
    if (wanted < *capacity || wanted > SIZE_MAX / size) {
        return 0;
    }
    memcpy(&old, array_pointer, sizeof old);
    grown = realloc(old, wanted * size);
    if (grown == NULL) {
        return 0;
    }
    memcpy(array_pointer, &grown, sizeof grown);
    *capacity = wanted;
    return 1;
}
