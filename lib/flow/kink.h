/* kink: Filippov's decision at a point where several kinks meet (docs/mathematics.md 3).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_KINK_H
#define RFI_KINK_H

#include "flow/bvls.h"
#include "model/pattern.h"

/* One kink of the set K that is resolved together. */
typedef struct rfi_kink {
    int64_t line;
    rfi_view x;
    double norm;
    double jump; /* Gamma                                                               */
    double u;    /* multiplier -theta Gamma: in a guess, out the solution (Gamma < 0)   */
    int8_t at;   /* RFI_LOW (theta = 0), RFI_HIGH (theta = 1) or RFI_FREE; in and out    */
    double u0;   /* the multiplier and the place that are part of v0                    */
    int8_t at0;
    double floor;         /* rounding error of u0                                                */
    int8_t low, high;     /* signs of u and |Gamma| - u that decide a tie at them, 0: not known   */
    int8_t flips;         /* how often a tie changed theta                                       */
    int8_t tie;           /* out of the first order: x . v = 0 with theta at a bound             */
    int8_t side;          /* out: of the pattern                                                 */
    uint8_t stand, bound; /* out: of the pattern                                         */
} rfi_kink;

typedef struct rfi_kink_work {
    rfi_bvls ls;
    rfi_box *box;    /* lines */
    double *target;  /* d     */
    double *trial_v; /* d     */
    double *trial_u; /* lines */
    int8_t *trial;   /* lines */
    int doubtful;    /* rounding ended an iteration; set, never cleared here */
} rfi_kink_work;

int rfi_kink_work_create(rfi_kink_work *work, const rfi_data *data);
void rfi_kink_work_free(rfi_kink_work *work, const rf_allocator *allocator);

/* First order.  v0: the velocity with u0 and at0 on K; scale: the size of the terms it is the sum of.
 * Only what differs from u0 and at0 is added to it, so that a velocity that is known accurately stays
 * so.  v receives the velocity.  *ambiguous is set if another solution exists. */
rf_status rfi_kink_solve(rfi_kink_work *work, int64_t d, const double *v0, double scale,
                         rfi_kink *kink, int64_t count, double *v, int *ambiguous);

/* Order k > 1, for the ties: base is the derivative of order k of w without the kinks that slide or
 * tie, scale the size of its terms.  derivative receives it with them.  Decides the ties that it can
 * and leaves tie set on the others.  Returns RF_OK, or RF_NO_EVENT if a tie with Gamma > 0 changed its
 * theta and the first order must be solved again. */
rf_status rfi_kink_settle(rfi_kink_work *work, int64_t d, int64_t order, const double *base,
                          double scale, rfi_kink *kink, int64_t count, double *derivative);

/* What no derivative moves rests on its kink. */
void rfi_kink_rest(rfi_kink *kink, int64_t count);

#endif
