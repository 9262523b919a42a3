/* input.h: the whole text of a file, or of the bundled data.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_INPUT_H
#define TOOLS_INPUT_H

#include <stdbool.h>
#include <stddef.h>

struct input {
    const char *name; /* for messages                                   */
    const char *text; /* length bytes and a terminating zero            */
    size_t length;
    char *owned;      /* the text, when it must be freed                */
    bool open;        /* the beginning of a text of which more may follow */
};

/* Judges the beginning of a text, whose last line may be cut anywhere: STATUS_OK or STATUS_OPEN, or the failure
 * that it is whatever follows. */
typedef int input_judge(const struct input *beginning, const void *user);

/* Reads a file; "-" is the standard input.  The name is kept, not copied.  While it is read its beginning is judged
 * from time to time, so that what is wrong is refused soon, even if it never ends.
 * what: what a message says before the name of a file that cannot be read, "" or "--option ". */
int input_read(const char *what, const char *path, input_judge *judge, const void *user, struct input *out);

/* The diabetes data of Efron, Hastie, Johnstone and Tibshirani (2004), built into the program. */
void input_bundled(struct input *out);

void input_free(struct input *input);

#endif
