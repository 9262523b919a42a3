/* error.h: the one line on stderr with which a failing command ends.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_ERROR_H
#define TOOLS_ERROR_H

#include <stddef.h>

#if defined(__GNUC__)
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#else
#define PRINTF_LIKE(text, first)
#endif

/* Exit statuses.  Every function here that returns int returns one of them. */
enum {
    STATUS_OPEN = -1,  /* of an open input, within input_judge: no fault as far as it goes */
    STATUS_OK = 0,
    STATUS_FAILED = 1, /* memory, the library, or writing the output */
    STATUS_USAGE = 2   /* the command line or an input file is wrong */
};

/* Prints "reluflow: ..." and a newline on stderr and returns status. */
int fail(int status, const char *format, ...) PRINTF_LIKE(2, 3);

/* fail() for memory that ran out. */
int fail_memory(void);

/* Room for excerpt(). */
enum { EXCERPT_SIZE = 64 };

/* The beginning of a text, fit to be quoted in a message; returns out. */
const char *excerpt(char out[EXCERPT_SIZE], const char *text, size_t length);

/* Replaces the control characters of a text, which could upset a terminal, by '?'. */
void replace_controls(char *text);

/* malloc for an array; NULL also when the size overflows. */
void *allocate_array(size_t count, size_t size);

/* Makes room for one more element in a growing array; 0 when memory runs out. */
int grow_array(void *array_pointer, size_t *capacity, size_t count, size_t size);

#endif
