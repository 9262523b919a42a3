/* report.h: printing an experiment on stdout.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include "experiment.h"

/* Prints the experiment as its options ask: as text or as JSON. */
int report(const struct experiment *experiment);

/* The two of them, and a part of the first. */
int report_text(const struct experiment *experiment);
int report_json(const struct experiment *experiment);
int report_support_table(const struct experiment *experiment);

#endif
