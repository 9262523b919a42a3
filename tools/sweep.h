/* sweep.h: a sweep, and printing it on stdout.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_SWEEP_H
#define TOOLS_SWEEP_H

#include "limits.h"
#include "runs.h"
#include "summary.h"

struct sweep {
    struct options options;
    struct dataset data;
    struct network network;
    const char *file;        /* of the directions; NULL: random */
    struct runs runs;
    struct limits limits;
    struct summary *summary; /* one for each scale              */
};

void sweep_text(const struct sweep *sweep);
void sweep_json(const struct sweep *sweep);
void sweep_csv(const struct sweep *sweep);

#endif
