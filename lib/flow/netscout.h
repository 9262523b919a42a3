/* netscout: the first event of several neurons within the validity of a chain (docs/mathematics.md 7).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_NETSCOUT_H
#define RFI_NETSCOUT_H

#include "flow/netfollow.h"

/* What a search has in hand. */
typedef struct rfi_nethunt {
    rfi_netfollower *f;
    rfi_netchain *c;
    const rfi_pattern *pattern;
    int started;                  /* the stretch begins at this anchor                */
    double best, limit, doubt;    /* tau: of the first root, of the end of the search, and from which
                                     on something is closer to a graze than can be told */
    double *w, *v;                /* of the neuron in hand                            */
    double noise[3];
} rfi_nethunt;

/* RFI_SEES with what happens at h->best in f->found, RFI_TIRES if nothing does, or RFI_DOUBTS. */
int rfi_nethunt_search(rfi_nethunt *h);

/* 1 if nothing can happen up to tau, beyond the validity of the chain or not; 0 if that is not known.  To be asked
 * at an anchor with `bends`, at which the stretch does not begin. */
int rfi_nethunt_clears(rfi_nethunt *h, double tau);

/* How far neuron j goes at most within tau of the anchor. */
double rfi_nethunt_path(const rfi_netchain *c, int64_t j, double tau);
/* Of the slide at position k of neuron j: coefficients of u, or of |Gamma| - u, into f->line; B is of neuron j. */
void rfi_nethunt_slide(rfi_nethunt *h, int64_t j, int64_t k, int top);
/* sum_k c_k tau^k up to a power, and its derivative. */
double rfi_nethunt_polynomial(const double *c, int64_t order, double tau, double *slope);

#endif
