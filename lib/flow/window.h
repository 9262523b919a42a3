/* window: many events of one neuron of large dimension for one chain (docs/mathematics.md 6).
 *
 * A window begins at an anchor of the chain, from where w = W(tau) if nothing happens, and knows a few
 * candidates: lines that may reach their kinks in it.  A line of theta = 0 that turns adds h x x^T to H and p x to
 * b.  With s = 1 or -1 for a line that has turned on or back since, f = s(h z - p) and F_k the k-fold integral of
 * f over time, H and b as they were at the anchor,
 *
 *     w(tau) = W(tau) - sum_c sum_k (-A)^k x_c F_{c,k+1}(tau),   A = H - shift I,
 *
 * F_0 = f and F_{k+1}' = F_k - shift F_{k+1}.  The rows x_c A^k for k up to `powers` and their products, x_c A^k x_j
 * for k up to twice that, are all that the margins of the candidates need: an event costs no product with H.
 *
 * What is left out is bounded through |A| and through `push`, which bounds |sum f_c x_c| in the window: H has no
 * negative eigenvalue, so |w - W| <= push tau, and no other line reaches its kink.  The events of the candidates are
 * foreseen from their margins in W, and what they push: few candidates are left that have no event, and what happens
 * is compared with what was foreseen.  Rows are multiplied by A for the candidates that are foreseen to turn, which
 * come first in the order of their events; for another one when it turns.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_WINDOW_H
#define RFI_WINDOW_H

#include "base/tile.h"
#include "flow/scout.h"

/* Candidates, the most powers of H on their rows, and derivatives of what the events add to a margin. */
enum { RFI_WINDOW_LINES = 184, RFI_WINDOW_POWERS = 3, RFI_WINDOW_ORDER = 4 };

typedef struct rfi_candidate {
    int64_t line;
    double least;    /* no event of it comes before, whatever happens to the others              */
    double h, p;     /* as above                                                                 */
    double size;     /* of the terms of p                                                        */
    double norm;     /* |x|                                                                      */
    double when;     /* its first root if nothing else happened, INFINITY: none                  */
    int64_t slot;    /* where its row and the products with it are, before they are arranged     */
    double low, sway; /* what the foreseen events push its margin by, at least, and the range of that */
    int8_t foreseen; /* s after its first event                                                  */
    int8_t side;     /* now                                                                      */
    int8_t turned;   /* s                                                                        */
    uint8_t touched; /* it has had an event in this window                                       */
} rfi_candidate;

typedef struct rfi_window {
    const rfi_tiles *tiles; /* NULL: there is no memory for windows, they do not pay in few dimensions */
    int open;
    int over;         /* it has no more events up to `end`                                       */
    int going;        /* the chain is of the stretch that began at `begin`                       */
    double begin;
    double at;        /* from the anchor of the chain: where the derivatives are of              */
    double end;       /* up to which the candidates are known                                    */
    double push;
    double norm;      /* bounds |H|; 0: not known                                                */
    double shift, spread; /* spread bounds |A|                                                   */
    double known;     /* what it was when it was found from H                                    */
    double fourth, lost; /* tr A^4, and what it may be rounded by; 0: not known                  */
    double spent;     /* operations of products with A since it was to be found                  */
    double step;      /* so far the derivatives reach                                            */
    double left_out;  /* an error of w that does not matter                                      */
    int64_t powers;
    int single;      /* the second power and its products are formed in single precision         */
    double rounding; /* of the products, in units of what they are sums of                       */
    int64_t events;   /* so far                                                                  */
    int64_t last;     /* candidate of the last event, -1: none                                   */
    int64_t stands;   /* candidate that is at its kink at `at`, -1: none                         */
    int64_t next;     /* candidate of the event that was found                                   */
    int64_t used;     /* candidates from which on none was touched                               */
    int64_t derived;  /* candidates from which on S is not of `at`                               */
    int64_t hot;      /* candidates with all their powers, the first ones                         */
    double unseen;    /* what the margin of another one, of a row of length 1, lacks              */
    double want;      /* how long the next window is to be                                       */
    double next_push; /* what push is to be in the next window                                   */
    double near, missed; /* |sum f_c x_c| differs from what was foreseen by no more than `near`; by how much it did */
    double next_near;
    double stiff;     /* bounds |sum h_c x_c x_c^T| over all candidates                          */
    double kept_at;   /* as `at` was at the last event, and in kept D                            */
    int64_t count;
    rfi_candidate *candidate;
    double *own;
    double *c;    /* RFI_CHAIN_MOST + 1 rows of LINES: x_c . T_k                                  */
    double *P;    /* powers + 1 blocks of LINES x ld: x_c H^k                                     */
    double *G;    /* 2 powers + 1 blocks of LINES x LINES                                         */
    double *D;    /* rows of LINES: derivatives of F_{2 powers + 1}                               */
    double *kept;
    double *S;    /* ORDER + 1 rows of LINES: derivatives of the margins                          */
    double *work; /* 2 LINES x ld                                                                 */
} rfi_window;

/* Of rfi_window_size(d) doubles of the caller, which are in use only while a window is open; NULL: of its own. */
int64_t rfi_window_size(int64_t d);
int rfi_window_create(rfi_window *window, int64_t d, double *memory, const rf_allocator *allocator);
void rfi_window_free(rfi_window *window, const rf_allocator *allocator);
/* Forgets what it has learned of the pace of a run. */
void rfi_window_reset(rfi_window *window);

/* The next event from the stretch on that began at (t0, w0), as rfi_scout_next.  The chain holds H and b of the
 * begin of the window, and no slides.  w0 becomes w where the present stretch begins, once it is not in the
 * window in hand any more; *landed is set then.  RFI_DOUBTS leaves the window closed. */
int rfi_window_next(rfi_window *window, rfi_scout *scout, rfi_chain *chain, const rfi_problem *problem,
                    const rfi_pattern *pattern, int64_t patience, double t_end, double t0, double *w0,
                    int *landed, rfi_sight *sight);
/* Goes through the event that was found; returns the side that its line takes. */
int rfi_window_cross(rfi_window *window, const rfi_sight *sight);
/* Closes the window at its last event, if it has one: H and b become those after it, w0 is w there. */
void rfi_window_land(rfi_window *window, rfi_scout *scout, rfi_chain *chain, const rfi_problem *problem,
                     double *w0);

#endif
