/* scout: the first event of a chain, found without looking at every line (docs/mathematics.md 6).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_SCOUT_H
#define RFI_SCOUT_H

#include "flow/epoch.h"
#include "flow/glance.h"

/* How a search ends: with an event; with something that is closer to a tie or a graze than the chain can
 * tell; with no event for so long that another method is cheaper; beyond the time that is asked for. */
enum { RFI_SEES = 0, RFI_DOUBTS = 1, RFI_TIRES = 2, RFI_NOT_YET = 3 };

typedef struct rfi_sight {
    int32_t what; /* as in rfi_arrival                           */
    int64_t line;
    double tau;      /* from the anchor of the chain                */
} rfi_sight;

typedef struct rfi_scout {
    rfi_epochs epochs;
    double *c;    /* RFI_CHAIN_ROOM: coefficients of a margin                                 */
    int few;      /* all lines are glanced at, without epochs                                 */
    rfi_glance glance; /* few: which lines need a closer look                               */
    int64_t *hot; /* lines that were looked at since the anchor, and are not in the heap      */
    int64_t hots, close; /* their number, and that of those looked at closely, which come first */
    int64_t anchors; /* of this search                                                           */
    double *z;    /* of all lines, from a brief search: their margins                         */
    int64_t met;  /* a brief search knows the margins of all lines at its anchor met - 1; 0: no   */
    double way;   /* of w from there to the present anchor, at most                               */
} rfi_scout;

int rfi_scout_create(rfi_scout *scout, const rfi_data *data);
void rfi_scout_free(rfi_scout *scout, const rf_allocator *allocator);

/* Forgets what is known of the lines. */
static inline void rfi_scout_close(rfi_scout *scout)
{
    scout->epochs.now = -1;
    scout->epochs.ratio = 0.2;
    scout->hots = scout->close = 0;
}
/* The margins at the anchor where the search began, if they are known, else NULL. */
static inline const double *rfi_scout_margins(const rfi_scout *scout)
{
    return scout->met == 1 ? scout->z : NULL;
}
/* A new search: begins where the pattern does. */
static inline void rfi_scout_begin(rfi_scout *scout)
{
    scout->anchors = scout->met = 0;
}
/* Looks at a line again from the next anchor on. */
static inline void rfi_scout_keep(rfi_scout *scout, int64_t line)
{
    scout->hot[scout->hots++] = scout->hot[scout->close];
    scout->hot[scout->close++] = line;
}

/* The first event of the flow from the anchor of the chain on, at or before t_end, or a later one.  The
 * anchor may move on in time.  A search with scout->anchors = 0 begins where the pattern does, and
 * pattern->stand holds; one that ended RFI_NOT_YET may go on.  patience: anchors without an event after which
 * it tires. */
int rfi_scout_next(rfi_scout *scout, rfi_chain *chain, const rfi_problem *problem,
                   const rfi_pattern *pattern, int64_t patience, double t_end, rfi_sight *sight);

/* The first root in (0, until] of s(tau) = tau^stand sum_k c_k tau^k, c_0 > 0; noise: of the c_0, c_1 and c_2
 * of tau^0, tau^1, tau^2 in s.  valid bounds |s''|.  Returns RFI_SEES with *tau, RFI_TIRES if there is none, or
 * RFI_DOUBTS with the *tau up to which there is none for certain. */
int rfi_scout_root(const double *c, int64_t order, int stand, const double noise[3], double valid,
                   double until, double *tau);

#endif
