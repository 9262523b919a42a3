/* input.h: the whole text of a file, or of the bundled data.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_INPUT_H
#define TOOLS_INPUT_H

#include <stddef.h>

struct input {
    const char *name; /* for messages                                   */
    const char *text; /* length bytes and a terminating zero            */
    size_t length;
    char *owned;      /* the text, when it must be freed                */
};

/* Reads a file; "-" is the standard input.  The name is kept, not copied.
 * what: what a message says before the name of a file that cannot be read, "" or "--option ". */
int input_read(const char *what, const char *path, struct input *out);

/* The diabetes data of Efron, Hastie, Johnstone and Tibshirani (2004), built into the program. */
void input_bundled(struct input *out);

void input_free(struct input *input);

#endif
