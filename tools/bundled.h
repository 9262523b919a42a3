/* bundled.h: the data built into the program; data/embed.py writes the definitions.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_BUNDLED_H
#define TOOLS_BUNDLED_H

#include <stddef.h>

extern const unsigned char bundled_diabetes[]; /* followed by a zero byte */
extern const size_t bundled_diabetes_size;     /* without it              */

#endif
