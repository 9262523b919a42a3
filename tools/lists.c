/* lists.c: reading lists of scales and of rows.
 * SPDX-License-Identifier: MIT */
#include "lists.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "number.h"

enum { MOST_IN_PROGRESSION = 100000, NUMBER_SIZE = 64 };

struct scales {
    double *values;
    size_t capacity;
    int64_t count;
};

static int add_scale(struct scales *scales, double value)
{
    if (!grow_array(&scales->values, &scales->capacity, (size_t)scales->count,
                    sizeof *scales->values)) {
        return fail_memory();
    }
    scales->values[scales->count++] = value;
    return STATUS_OK;
}

/* Number k of a geometric progression.  The ends are exact; the others are rounded to 12 digits, so
 * that powers of ten come out as such and mathematical libraries agree. */
static double term(double from, double to, int64_t k, int64_t count)
{
    const double fraction = (double)k / (double)(count - 1);
    char digits[NUMBER_SIZE];

    if (k == 0 || k == count - 1) {
        return k == 0 ? from : to;
    }
    (void)snprintf(digits, sizeof digits, "%.12g",
                   pow(10, log10(from) + fraction * (log10(to) - log10(from))));
    return strtod(digits, NULL);
}

static bool read_part(const char *text, size_t length, double *value)
{
    char copy[NUMBER_SIZE];

    if (length >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    return parse_real(copy, length, value) == NUMBER_OK;
}

/* FROM:TO:COUNT. */
static bool read_progression(const char *text, size_t length, double *from, double *to,
                             int64_t *count)
{
    const char *end = text + length;
    const char *first = memchr(text, ':', length);
    const char *second = first == NULL ? NULL : memchr(first + 1, ':', (size_t)(end - first - 1));
    char digits[NUMBER_SIZE];
    uint64_t number;

    if (second == NULL || (size_t)(end - second) > sizeof digits
        || !read_part(text, (size_t)(first - text), from)
        || !read_part(first + 1, (size_t)(second - first - 1), to)) {
        return false;
    }
    memcpy(digits, second + 1, (size_t)(end - second - 1));
    digits[end - second - 1] = '\0';
    if (!parse_unsigned(digits, MOST_IN_PROGRESSION, &number)) {
        return false;
    }
    *count = (int64_t)number;
    return *from > 0 && *to > 0 && *count >= 2;
}

static int add_item(struct scales *scales, const char *text, size_t length)
{
    char shown[EXCERPT_SIZE];
    double from = 0;
    double to = 0;
    int64_t count = 0;
    int64_t k;
    int status = STATUS_OK;

    if (read_part(text, length, &from) && from >= 0) {
        return add_scale(scales, fabs(from)); /* no negative zero */
    }
    if (!read_progression(text, length, &from, &to, &count)) {
        return fail(STATUS_USAGE,
                    "--scales: \"%s\" is neither a number from 0 nor FROM:TO:COUNT "
                    "with FROM and TO greater than 0 and COUNT from 2 to %d",
                    excerpt(shown, text, length), MOST_IN_PROGRESSION);
    }
    for (k = 0; status == STATUS_OK && k < count; k++) {
        status = add_scale(scales, term(from, to, k, count));
    }
    return status;
}

int list_scales(const char *text, double **values, int64_t *count)
{
    struct scales scales = {NULL, 0, 0};
    int status = STATUS_OK;
    bool more = true;

    while (status == STATUS_OK && more) {
        const size_t length = strcspn(text, ",");
        status = add_item(&scales, text, length);
        more = text[length] == ',';
        text += length + more;
    }
    *values = scales.values;
    *count = scales.count;
    return status;
}

/* Reads A or A-B behind *text, and moves *text behind it. */
static bool read_range(const char **text, int64_t n, int64_t *from, int64_t *to)
{
    char copy[NUMBER_SIZE];
    const size_t length = strcspn(*text, ",");
    char *dash;
    uint64_t first;
    uint64_t last;

    if (length >= sizeof copy) {
        return false;
    }
    memcpy(copy, *text, length);
    copy[length] = '\0';
    dash = strchr(copy, '-');
    if (dash != NULL) {
        *dash = '\0';
    }
    if (!parse_unsigned(copy, (uint64_t)n, &first)
        || !parse_unsigned(dash != NULL ? dash + 1 : copy, (uint64_t)n, &last)) {
        return false;
    }
    *text += length;
    *from = (int64_t)first;
    *to = (int64_t)last;
    return first >= 1 && first <= last;
}

static int mark_rows(const char *text, int64_t n, uint8_t *marked)
{
    const char *at = text;
    bool more = true;

    while (more) {
        char shown[EXCERPT_SIZE];
        int64_t from;
        int64_t to;
        if (!read_range(&at, n, &from, &to)) {
            return fail(STATUS_USAGE,
                        "--influence: \"%s\" is neither all nor a list of rows from "
                        "1 to %lld like 3,7-9",
                        excerpt(shown, text, strlen(text)), (long long)n);
        }
        for (; from <= to; from++) {
            marked[from - 1] = 1;
        }
        more = *at == ',';
        at += more;
    }
    return STATUS_OK;
}

int list_rows(const char *text, int64_t n, int64_t **rows, int64_t *count)
{
    uint8_t *marked = calloc((size_t)n, sizeof *marked);
    int status = STATUS_OK;
    int64_t i;

    *rows = allocate_array((size_t)n, sizeof **rows);
    *count = 0;
    if (marked == NULL || *rows == NULL) {
        status = fail_memory();
    } else if (strcmp(text, "all") == 0) {
        memset(marked, 1, (size_t)n * sizeof *marked);
    } else {
        status = mark_rows(text, n, marked);
    }
    for (i = 0; status == STATUS_OK && i < n; i++) {
        if (marked[i]) {
            (*rows)[(*count)++] = i;
        }
    }
    free(marked);
    return status;
}
