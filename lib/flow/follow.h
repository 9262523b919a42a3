/* follow: goes through the events of one neuron by chain and scout, and says where it cannot
 * (docs/mathematics.md 6); of several neurons as flow/netfollow.h does.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_FOLLOW_H
#define RFI_FOLLOW_H

#include "flow/netfollow.h"
#include "flow/record.h"
#include "flow/scout.h"
#include "flow/window.h"

/* How the flow gets from event to event. */
enum { RFI_BY_CHOICE = 0, RFI_BY_SEGMENTS = 1 };

/* A line that comes to another side at an event, and how it stands there. */
typedef struct rfi_move {
    int64_t line;
    int8_t from, to;
    uint8_t stand;
} rfi_move;

/* So many lines move at one event at most, if it is simple. */
enum { RFI_MOVES = 8 };

typedef struct rfi_follower {
    rfi_chain chain;
    rfi_scout scout;
    rfi_window window; /* there is memory for it where it pays                       */
    rfi_sight sight;
    rfi_netfollower net; /* of several neurons; then all of the above is unused     */
    int made;       /* there is memory for it: one neuron, two dimensions or more   */
    int32_t method; /* RFI_BY_CHOICE, RFI_BY_SEGMENTS                               */
    int gathered;   /* H and b are those of the present pattern                     */
    int anchored;   /* the chain is of the present stretch                          */
    int off;        /* the numbers of this run leave the range in which it is safe  */
    double want;    /* the step to ask for where the present stretch begins         */
    rfi_move move[RFI_MOVES]; /* of the event that was gone through, lines ascending      */
    int64_t moves;
    int seen;       /* how the last search ended                                    */
    int64_t tired;  /* how often in a row the search found nothing                  */
    int hurries;    /* w is not asked for at every event: by windows                */
    int single;     /* the next event is not one for a window                       */
    int landed;     /* w0 of the present stretch has become known                   */
    int64_t stood;  /* the only line that stands or is at a bound; -1 none; -2 any   */
} rfi_follower;

/* shared: scratch of so many doubles that others use only while no window is open. */
int rfi_follower_create(rfi_follower *f, const rfi_problem *problem, double *shared, int64_t size);
/* Memory for windows, which rfi_follower_create makes where they pay.  Returns 0 on success. */
int rfi_follower_make_windows(rfi_follower *f, const rfi_problem *problem, double *shared);
void rfi_follower_free(rfi_follower *f, const rf_allocator *allocator);
/* Copies what the future depends on. */
void rfi_follower_copy(rfi_follower *f, const rfi_follower *from);

/* What is not part of a copy or an archive begins anew. */
void rfi_follow_resume(rfi_follower *f);
/* Forgets the run before; what follows does without, unless it starts a run. */
void rfi_follow_reset(rfi_follower *f);
/* What of a follower a start that fails is to leave, and how it is brought back. */
typedef struct rfi_followed {
    int gathered, off;
    double want;
    int64_t tired;
} rfi_followed;

rfi_followed rfi_follow_before(const rfi_follower *f);
void rfi_follow_restore(rfi_follower *f, const rfi_followed *before);
/* A run starts with the pattern.  Returns 1 if its numbers are such that it can be followed. */
int rfi_follow_start(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern,
                     const double *w);
/* Memory for what slides in a pattern and so many lines more; and for what the event in f->sight may add.  Where there
 * is none the flow would be followed in another way, with other bits.  Returns 0 on success. */
int rfi_follow_reserve(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern, int64_t more);
int rfi_follow_reserve_cross(rfi_follower *f, const rfi_problem *problem);
/* 1 if it can be followed from the pattern on, and what slides there is well conditioned. */
int rfi_follow_accepts(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern);
/* A new call of the host: whether w is asked for at the end of it only.  What windows do depends on what was
 * before, so they begin anew, as they would in a copy. */
void rfi_follow_hurry(rfi_follower *f, int hurries);
/* The chain, if its H and b are those of the present pattern and are finite, else NULL. */
const rfi_chain *rfi_follow_sums(const rfi_follower *f);
/* The next event of the stretch that began at (t0, w0), into f->sight: RFI_SEES, or why not; RFI_NOT_YET if
 * there is none up to t_end.  While a window is open w0 lags behind; f->landed is set where it becomes known. */
int rfi_follow_find(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern,
                    double t0, double *w0, double t_end);
/* Closes the window, so that w0 and H are known. */
void rfi_follow_land(rfi_follower *f, const rfi_problem *problem, double *w0);
/* When that event happens. */
double rfi_follow_time(const rfi_follower *f);
/* 1 if so many searches in a row have found nothing that more segments are to be expected. */
int rfi_follow_is_tired(const rfi_follower *f);
/* The margins of all lines where the present stretch begins, if the last search has left them, else NULL. */
const double *rfi_follow_margins(const rfi_follower *f);
/* The data of the lines that may move at the event in f->sight, at most. */
int64_t rfi_follow_most(const rfi_follower *f, const rfi_problem *problem);
/* What becomes of f->sight, into f->move, with the chain anchored at the event.  Returns 0; or -100 if that is
 * not simple, and then the chain is as it was. */
enum { RFI_NOT_SIMPLE = -100 };
int rfi_follow_cross(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *pattern,
                     double t0);
/* The pattern has changed from one to the other by other means, so long after the last event. */
void rfi_follow_change(rfi_follower *f, const rfi_problem *problem, const rfi_pattern *from,
                       const rfi_pattern *to, double gap);

#endif
