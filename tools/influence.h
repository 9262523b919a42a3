/* influence.h: leaving one row out.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_INFLUENCE_H
#define TOOLS_INFLUENCE_H

#include "experiment.h"
#include "json.h"

/* Reads the rows that --influence names, if it is given. */
int influence_prepare(struct experiment *experiment);

/* Finds the limits without each of them; the experiment is finished, at its limit. */
int influence_measure(struct experiment *experiment);

/* The table of them, and the member of the JSON. */
void influence_text(const struct experiment *experiment);
void influence_json(struct json *json, const struct experiment *experiment);

#endif
