/* names.h: the words for what the library gives as numbers, in the text and in the JSON.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_NAMES_H
#define TOOLS_NAMES_H

#include <stdint.h>

#include "experiment.h"
#include "runs.h"

const char *name_of_kind(int32_t kind);
const char *name_of_activation(int32_t activation);
const char *name_of_state(uint8_t state);
const char *name_of_ending(enum ending ending);
const char *name_of_inner(int32_t ending);
const char *name_of_verdict(enum norm_verdict verdict);
const char *name_of_run(const struct run *run);
const char *name_of_point(int32_t kind);

#endif
