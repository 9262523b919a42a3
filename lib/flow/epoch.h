/* epoch: which lines cannot have reached their kinks yet (docs/mathematics.md 6).
 *
 * An epoch carries a reference velocity g(t) = g + (t - t_0) a and ends before w' leaves it by more than delta.
 * What is known of a line are the products of its row with w, g and a where an epoch began; by these every
 * epoch tells which lines stay on their sides.  The others have a time before which their margin is not 0.  The
 * times wait in a heap, and only where one has come the row is read again.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_EPOCH_H
#define RFI_EPOCH_H

#include "base/heap.h"
#include "flow/chain.h"
#include "flow/near.h"

/* So many epochs are remembered at most; the row of a line that was last read before them is read anew. */
enum { RFI_EPOCHS = 48 };

typedef struct rfi_epochs {
    rfi_heap heap;    /* of lines                                                             */
    rfi_known known;
    rfi_near *find;   /* finds among them                                                     */
    int64_t *near;    /* lines: those that may arrive before the horizon                      */
    int64_t ld;
    int32_t ring; /* epochs that are remembered: as many as pay, where all rows are few one */
    double *V;    /* 3 x ld: w where the epoch began, g and a                             */
    double *work; /* 3 x ld                                                               */
    double *g;    /* ring x 3 ld: V of the epochs in the ring                       */
    double *block; /* holds all three                                               */
    double began[RFI_EPOCHS], delta[RFI_EPOCHS];
    double size[RFI_EPOCHS][3];      /* |w|, |g| and |a| where it began                  */
    double factor[RFI_EPOCHS][3][3]; /* of their products with each other                */
    int32_t now;    /* the present epoch, counted from 0; -1: there is none                 */
    double ratio;   /* the width of the next epoch, relative to the speed                   */
    int64_t looks;  /* in this epoch                                                        */
    int64_t cost;   /* of a look: what so many lines cost where an epoch begins             */
    double stray;   /* w' may differ from that of the chain by so much                      */
    double horizon; /* lines that are excluded beyond it are not in the heap                */
    rfi_since by[RFI_EPOCHS + 1]; /* by their ages                                                  */
    int placed;     /* where w is at the anchor is known:                                         */
    double here[3]; /* as a combination of w, g and a of the present epoch                        */
    double off;     /* and so far from it                                                         */
} rfi_epochs;

int rfi_epochs_create(rfi_epochs *e, const rfi_data *data);
void rfi_epochs_free(rfi_epochs *e, const rf_allocator *allocator);

/* Begins an epoch at the anchor of the chain + tau, up to which there was no event since the anchor; the
 * first one reads all rows. */
void rfi_epochs_open(rfi_epochs *e, const rfi_chain *chain, const rfi_problem *problem,
                     const rfi_pattern *pattern, double tau);
/* How far from the anchor + tau on w' is certain to stay within the epoch; 0 if a new one is due. */
double rfi_epochs_horizon(const rfi_epochs *e, const rfi_chain *chain, double tau);
/* The time before which a line stays on its side, as far as that is known without its row; not before the anchor.
 * From every anchor on e->placed is to be 0 first. */
double rfi_epochs_glance(rfi_epochs *e, const rfi_chain *chain, int64_t line, double side);
/* Reads the row of a line at the anchor + tau, before any event since the anchor; returns the time before
 * which it stays on its side, and in c the first three coefficients of its margin. */
double rfi_epochs_look(rfi_epochs *e, const rfi_chain *chain, const rfi_problem *problem,
                       int64_t line, double side, double tau, double c[3]);
/* Fetches what is known of a line that will be looked at soon. */
ALWAYS_INLINE void rfi_epochs_fetch(const rfi_epochs *e, int64_t line)
{
    PREFETCH(e->known.epoch + line);
    PREFETCH(rfi_known_of(&e->known, line));
}
/* As rfi_epochs_look, at the anchor for several lines, into key; standing: pattern->stand holds, and a line that does
 * not stand on its side is not looked at: it may leave that at once.  -INFINITY for one whose time comes in `reach`,
 * though it stays on its side up to there while w' differs from that of the chain by no more than `push`.  The
 * coefficients of the margins of the others whose times come by then go into rows of RFI_CHAIN_ROOM of c; of the rest
 * the first three. */
void rfi_epochs_look_all(rfi_epochs *epochs, const rfi_chain *chain, const rfi_problem *problem,
                         const rfi_pattern *pattern, int standing, double reach, double push, int64_t count,
                         const int64_t *line, double *key, double *c);

#endif
