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

#include "ranks.h"

enum { LINE_WIDTH = 78 };

bool progress_start(struct progress *progress)
{
    memset(progress, 0, sizeof *progress);
    progress->began = time(NULL);
    progress->shown = progress->began;
    return stderr_is_terminal();
}

/* Whether a second has passed since the line was renewed. */
static bool is_due(struct progress *progress)
{
    const time_t now = time(NULL);

    if (now == progress->shown) {
        return false;
    }
    progress->shown = now;
    progress->visible = true;
    return true;
}

int32_t progress_event(const rf_model *model, const rf_event *event, void *user)
{
    struct progress *progress = user;
    char line[LINE_WIDTH + 1];

    if (is_due(progress)) {
        (void)snprintf(line, sizeof line, "t = %.6g, %lld events, %.0f s", event->time,
                       (long long)rf_model_event_count(model),
                       difftime(progress->shown, progress->began));
        (void)fprintf(stderr, "\r%-*s", LINE_WIDTH, line);
    }
    return 0;
}

int32_t progress_count(int64_t done, int64_t total, void *user)
{
    struct progress *progress = user;
    char line[LINE_WIDTH + 1];

    (void)total; /* of this part, progress->total is that of the whole */
    done *= ranks_count(); /* the others are about as far */
    if (done > progress->total - progress->done) {
        done = progress->total - progress->done;
    }
    if (is_due(progress)) {
        (void)snprintf(line, sizeof line, "%lld of %lld %s, %.0f s",
                       (long long)(progress->done + done), (long long)progress->total,
                       progress->what, difftime(progress->shown, progress->began));
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
