/* columns.h: which columns of a table are the label and the variables.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_COLUMNS_H
#define TOOLS_COLUMNS_H

#include <stddef.h>

#include "csv.h"
#include "options.h"

struct columns {
    size_t label;
    size_t *variables; /* in the order of --columns, or of the table */
    size_t count;
};

/* Finds what --label and --columns name; columns_free also after a failure. */
int columns_choose(const struct options *options, const struct input *input,
                   const struct csv_table *table, struct columns *out);

void columns_free(struct columns *columns);

#endif
