/* json_parts.h: members that the JSON of several commands has.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_JSON_PARTS_H
#define TOOLS_JSON_PARTS_H

#include <stdint.h>

#include <reluflow/reluflow.h>

#include "dataset.h"
#include "json.h"
#include "network.h"
#include "options.h"

/* "schema", "version" and "command". */
void parts_head(struct json *json, const struct options *options);

/* "data". */
void parts_data(struct json *json, const struct dataset *data);

/* Opens "options" and writes those that every command has. */
void parts_open_options(struct json *json, const struct options *options,
                        const struct network *network);

/* "not_unique" and "doubtful". */
void parts_flags(struct json *json, int32_t flags);

/* An event; NULL gives null. */
void parts_event(struct json *json, const char *key, const rf_event *event,
                 const struct network *network);

#endif
