/* csv_out.h: writing comma-separated values (RFC 4180) to stdout.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_CSV_OUT_H
#define TOOLS_CSV_OUT_H

#include <stdbool.h>
#include <stdint.h>

/* A line, all 0 at its beginning. */
struct csv_line {
    bool begun;
};

/* The next field.  Text is quoted where it must be; NULL gives an empty field. */
void csv_put_text(struct csv_line *line, const char *text);

/* prefix and name as one text. */
void csv_put_name(struct csv_line *line, const char *prefix, const char *name);

/* 17 digits, which give the same double back; "inf" or "-inf"; an empty field for NaN. */
void csv_put_real(struct csv_line *line, double value);

void csv_put_reals(struct csv_line *line, const double *values, int64_t count);
void csv_put_integer(struct csv_line *line, int64_t value);
void csv_put_unsigned(struct csv_line *line, uint64_t value);

/* 1 or 0. */
void csv_put_truth(struct csv_line *line, bool value);

void csv_end_line(struct csv_line *line);

#endif
