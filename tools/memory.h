/* memory.h: whether what is asked for fits into the memory there is.
 * SPDX-License-Identifier: MIT
 *
 * Systems that overcommit hand out more memory than they have, and end a process, or others beside it, when it
 * uses what it got.  So that is asked beforehand, where an option alone decides how much is needed. */
#ifndef TOOLS_MEMORY_H
#define TOOLS_MEMORY_H

#include <stdbool.h>

#include "error.h"

/* STATUS_OK, or fail(STATUS_FAILED) if more bytes are needed than are free; the text says what needs
 * them, as in "--directions: 7 directions". */
int memory_check(double bytes, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same for what grows by and by, where the first bytes are not worth to ask for. */
int memory_check_growth(double bytes, const char *format, ...) PRINTF_LIKE(2, 3);

/* Whether so many bytes are free. */
bool memory_has(double bytes);

/* Bytes in words, as in "1.5 GB". */
enum { MEMORY_WORDS = 32 };
const char *memory_in_words(double bytes, char out[MEMORY_WORDS]);

#endif
