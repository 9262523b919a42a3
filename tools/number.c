/* number.c: decimal numbers.  The program never calls setlocale, so strtod reads the C locale's
 * decimal point; the grammar below keeps out what else strtod takes (hexadecimal, "nan(...)").
 * SPDX-License-Identifier: MIT */
#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at)) {
        at++;
    }
    return at;
}

static const char *skip_sign(const char *at, const char *end)
{
    return at < end && (*at == '+' || *at == '-') ? at + 1 : at;
}

/* [sign] digits [. digits] [e [sign] digits], with at least one digit before the exponent. */
static bool is_decimal(const char *at, const char *end)
{
    const char *whole = skip_sign(at, end);
    const char *digits;

    at = skip_digits(whole, end);
    digits = at;
    if (at < end && *at == '.') {
        at = skip_digits(at + 1, end);
        if (at - whole < 2) {
            return false;
        }
    } else if (digits == whole) {
        return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        const char *exponent = skip_sign(at + 1, end);
        at = skip_digits(exponent, end);
        if (at == exponent) {
            return false;
        }
    }
    return at == end;
}

static bool is_word(const char *at, size_t length, const char *word)
{
    size_t i;

    if (strlen(word) != length) {
        return false;
    }
    for (i = 0; i < length; i++) {
        const char c = at[i] >= 'A' && at[i] <= 'Z' ? (char)(at[i] - 'A' + 'a') : at[i];
        if (c != word[i]) {
            return false;
        }
    }
    return true;
}

static bool is_not_finite(const char *at, const char *end)
{
    size_t length;

    at = skip_sign(at, end);
    length = (size_t)(end - at);
    return is_word(at, length, "inf") || is_word(at, length, "infinity")
        || is_word(at, length, "nan");
}

enum number_result parse_real(const char *text, size_t length, double *value)
{
    const char *end = text + length;
    double parsed;

    while (text < end && is_blank(*text)) {
        text++;
    }
    while (text < end && is_blank(end[-1])) {
        end--;
    }
    if (text == end) {
        return NUMBER_EMPTY;
    }
    if (!is_decimal(text, end)) {
        return is_not_finite(text, end) ? NUMBER_NOT_FINITE : NUMBER_TEXT;
    }
    parsed = strtod(text, NULL);
    if (isinf(parsed)) {
        return NUMBER_RANGE;
    }
    *value = parsed;
    return NUMBER_OK;
}

bool parse_unsigned(const char *text, uint64_t most, uint64_t *value)
{
    uint64_t parsed = 0;

    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        uint64_t digit;
        if (!is_digit(*text)) {
            return false;
        }
        digit = (uint64_t)(*text - '0');
        if (parsed > (most - digit) / 10 || digit > most) {
            return false;
        }
        parsed = 10 * parsed + digit;
    }
    *value = parsed;
    return true;
}
