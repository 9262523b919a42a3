/* ledger: what accumulates along the path of one neuron where the chain goes through it again: integrals of w and
 * of multipliers, from which alpha follows at the events of each datum, and the path length
 * (docs/mathematics.md 4.1).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_LEDGER_H
#define RFI_LEDGER_H

#include "flow/chain.h"

/* Sums over the stretches that are behind, and over the parts visited of that in hand. */
typedef struct rfi_ledger {
    const rfi_problem *problem;
    const double *aim;        /* d: weights near those of late times; w - aim is integrated */
    int wants_path;
    double *sum, *part;       /* ld: integral of w - aim                                  */
    double time, part_time;   /* how long                                                 */
    double path, part_path;   /* how far                                                  */
    int64_t slides;           /* of the stretch in hand, and for each:                    */
    int64_t *line;            /* d                                                        */
    double *bound, *integral; /* d: |Gamma|, integral of u                                */
    double *work;             /* ld                                                       */
} rfi_ledger;

int rfi_ledger_create(rfi_ledger *l, const rfi_problem *problem, const double *aim, int wants_path);
void rfi_ledger_free(rfi_ledger *l);
/* Back to the start of the path. */
void rfi_ledger_clear(rfi_ledger *l);

/* Before a stretch is gone through; for every part of it, context being the ledger; after it, into alpha (n) what
 * its slides have added. */
void rfi_ledger_begin(rfi_ledger *l);
void rfi_ledger_visit(void *context, const rfi_chain *chain, double length);
void rfi_ledger_commit(rfi_ledger *l, double *alpha);

/* alpha_i after an event of datum i, whose slope was `before` up to here and is `after` from here on: what the
 * first has added from when it came, and what the second will have to leave out. */
void rfi_ledger_turn(const rfi_ledger *l, int64_t i, double before, double after, double *alpha);

#endif
