/* text.h: parts of the texts for a person that all commands share.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_TEXT_H
#define TOOLS_TEXT_H

#include <stdint.h>

#include "dataset.h"
#include "network.h"
#include "options.h"

/* The first line: what this is of. */
void text_title(const char *title, const struct network *network);

/* Prints a name padded to a width counted in characters, control characters replaced. */
void text_name(const char *name, int width);

/* The lines of the problem. */
void text_data(const struct dataset *data);
void text_neuron(const struct options *options, const struct network *network);

/* Flags in words. */
void text_flags(int32_t flags);

#endif
