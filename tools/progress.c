/* progress.c: the progress line.
 * SPDX-License-Identifier: MIT */
#if defined(_WIN32)
#include <io.h>
#define stderr_is_terminal() (_isatty(_fileno(stderr)) != 0)
#else
#define _POSIX_C_SOURCE 200112L /* isatty, fileno */
#include <unistd.h>
#define stderr_is_terminal() (isatty(fileno(stderr)) != 0)
#endif

#include "progress.h"

#include <stdio.h>
#include <string.h>

enum { LINE_WIDTH = 78 };

bool progress_start(struct progress *progress)
{
    memset(progress, 0, sizeof *progress);
    progress->began = time(NULL);
    progress->shown = progress->began;
    return stderr_is_terminal();
}

int32_t progress_event(const rf_model *model, const rf_event *event, void *user)
{
    struct progress *progress = user;
    const time_t now = time(NULL);
    char line[LINE_WIDTH + 1];

    if (now != progress->shown) {
        progress->shown = now;
        progress->visible = true;
        (void)snprintf(line, sizeof line, "t = %.6g, %lld events, %.0f s", event->time,
                       (long long)rf_model_event_count(model), difftime(now, progress->began));
        (void)fprintf(stderr, "\r%-*s", LINE_WIDTH, line);
    }
    return 0;
}

void progress_end(struct progress *progress)
{
    if (progress->visible) {
        progress->visible = false;
        (void)fprintf(stderr, "\r%*s\r", LINE_WIDTH, "");
    }
}
