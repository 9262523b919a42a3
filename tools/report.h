/* report.h: printing an experiment on stdout.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include "experiment.h"
#include "json.h"

/* Prints the experiment as its options ask: as text or as JSON. */
int report(const struct experiment *experiment);

/* The two of them, and a part of the first. */
int report_text(const struct experiment *experiment);
int report_json(const struct experiment *experiment);
int report_support_table(const struct experiment *experiment);

/* The state of a row at the end, in a word; of several neurons that of a pair, neuron n + row. */
const char *report_state(const struct outcome *outcome, int64_t pair);

/* The same of a row for all neurons: the first of active, sliding, boundary that it is for one. */
const char *report_row_state(const struct experiment *experiment, int64_t row);

/* The columns of the rows for one neuron, as a member of the JSON. */
void report_json_pairs(struct json *json, const struct experiment *experiment, int64_t neuron);

/* The lines that begin every text of one run: the problem, how it ended, flags. */
void report_head(const struct experiment *experiment, const char *title);

/* The members that begin the JSON of one run, up to "event_counts". */
void report_json_head(struct json *json, const struct experiment *experiment);

#endif
