/* option_table.h: the table of all options, which both reads and explains them.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_OPTION_TABLE_H
#define TOOLS_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

/* Reads a value into the member at the given address; false when it is not of the right kind. */
typedef bool read_value(const char *text, void *member);

struct specification {
    const char *name;
    const char *value; /* what the value is called; NULL for a switch                     */
    unsigned commands;
    size_t offset;     /* of the member of struct options                                 */
    read_value *read;
    const char *expected;
    const char *help;
    bool (*takes)(const char *argument); /* NULL: a value must follow; else it may be left out,
                                            and this says whether the next argument is one */
    const char *without;                 /* what is read when it is left out               */
};

extern const struct specification specifications[];
extern const size_t specification_count;

#endif
