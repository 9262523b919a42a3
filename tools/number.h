/* number.h: reading decimal numbers, the same in every locale.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_NUMBER_H
#define TOOLS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum number_result {
    NUMBER_OK,
    NUMBER_EMPTY,      /* nothing but spaces                   */
    NUMBER_TEXT,       /* something else                       */
    NUMBER_NOT_FINITE, /* a name of infinity or NaN            */
    NUMBER_RANGE       /* too large for a double               */
};

/* Reads a decimal number, spaces and tabs around it allowed.  text[length] must be readable and
 * no part of a number (a delimiter or the terminating zero). */
enum number_result parse_real(const char *text, size_t length, double *value);

/* Reads an unsigned integer of decimal digits up to most. */
bool parse_unsigned(const char *text, uint64_t most, uint64_t *value);

#endif
