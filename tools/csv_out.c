/* csv_out.c: the syntax of comma-separated values.
 * SPDX-License-Identifier: MIT */
#include "csv_out.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void separate(struct csv_line *line)
{
    if (line->begun) {
        putchar(',');
    }
    line->begun = true;
}

static void write_quoted(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            putchar('"');
        }
        putchar(*text);
    }
}

void csv_put_text(struct csv_line *line, const char *text)
{
    csv_put_name(line, "", text == NULL ? "" : text);
}

void csv_put_name(struct csv_line *line, const char *prefix, const char *name)
{
    static const char special[] = ",\"\r\n";
    const bool quoted = strpbrk(name, special) != NULL || strpbrk(prefix, special) != NULL;

    separate(line);
    fputs(quoted ? "\"" : "", stdout);
    write_quoted(prefix);
    write_quoted(name);
    fputs(quoted ? "\"" : "", stdout);
}

void csv_put_real(struct csv_line *line, double value)
{
    separate(line);
    if (isinf(value)) {
        fputs(value > 0 ? "inf" : "-inf", stdout);
    } else if (!isnan(value)) {
        printf("%.17g", value);
    }
}

void csv_put_reals(struct csv_line *line, const double *values, int64_t count)
{
    int64_t k;

    for (k = 0; k < count; k++) {
        csv_put_real(line, values[k]);
    }
}

void csv_put_integer(struct csv_line *line, int64_t value)
{
    separate(line);
    printf("%" PRId64, value);
}

void csv_put_unsigned(struct csv_line *line, uint64_t value)
{
    separate(line);
    printf("%" PRIu64, value);
}

void csv_put_truth(struct csv_line *line, bool value)
{
    csv_put_integer(line, value ? 1 : 0);
}

void csv_end_line(struct csv_line *line)
{
    putchar('\n');
    line->begun = false;
}
