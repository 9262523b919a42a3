/* progress.h: a line on the terminal while a run takes long.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <reluflow/reluflow.h>

struct progress {
    time_t began;
    time_t shown;
    bool visible;
    const char *what; /* what is counted: "runs"                 */
    int64_t done;     /* before what progress_count is told of   */
    int64_t total;
};

/* Starts the clock; false when stderr is no terminal, and nothing is to be shown. */
bool progress_start(struct progress *progress);

/* Callback of a model, user being the progress: renews the line once a second. */
int32_t progress_event(const rf_model *model, const rf_event *event, void *user);

/* Callback of a sweep or of leave-one-out, user being the progress with what, done and total set. */
int32_t progress_count(int64_t done, int64_t total, void *user);

/* Erases the line. */
void progress_end(struct progress *progress);

#endif
