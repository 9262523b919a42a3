/* near: which lines may arrive at their kinks within a time, by what is known of each (docs/mathematics.md 6).
 * SPDX-License-Identifier: MIT */
#ifndef RFI_NEAR_H
#define RFI_NEAR_H

#include "base/alloc.h"

/* Of each line that many numbers are known. */
enum { RFI_KNOWN = 4 };

/* What lines were when the epoch began in which their rows were last read. */
typedef struct rfi_known {
    double *of;     /* lines x RFI_KNOWN: x . w, x . g and x . a of the epoch, and |x| */
    int32_t *epoch; /* its number                                                      */
    double *block;  /* holds of                                                        */
} rfi_known;

/* What a margin is at three instants, as a combination of what is known of the lines of one epoch; the last of each
 * four is padding.  All 0 for an epoch that is forgotten. */
typedef struct rfi_since {
    double w[4], g[4], a[4];
    double off[4]; /* by so much, times |x|, it may be less */
} rfi_since;

/* The present epoch. */
typedef struct rfi_present {
    const rfi_since *by; /* of the epochs 0 .. ring - 1 before it, and of older ones */
    int32_t now, ring;   /* its number                                               */
} rfi_present;

int rfi_known_create(rfi_known *known, int64_t lines, const rf_allocator *allocator);
void rfi_known_free(rfi_known *known, const rf_allocator *allocator);

static inline double *rfi_known_of(const rfi_known *known, int64_t line)
{
    return known->of + RFI_KNOWN * line;
}

/* The place in present->by of the epoch in which the row of a line was read. */
static inline int64_t rfi_known_age(const rfi_known *known, int64_t line, const rfi_present *present)
{
    const int32_t age = present->now - known->epoch[line];
    return age < present->ring ? age : present->ring;
}

/* What the margin of a line, on a side, is at least at the three instants. */
static inline void rfi_known_least(const rfi_known *known, int64_t line, const rfi_since *b, double side, double f[3])
{
    const double *of = rfi_known_of(known, line);
    int k;
    for (k = 0; k < 3; ++k)
        f[k] = side * ((of[0] * b->w[k] + of[1] * b->g[k]) + of[2] * b->a[k]) - of[3] * b->off[k];
}

/* Of the lines first .. last - 1, or of those of them in a list, ascending, those on a side, 1 or -1, for which not all
 * of the three are above 0, into out, which may be where the list begins from `first` on; returns how many.  line: NULL
 * for no list. */
typedef int64_t rfi_near(int64_t first, int64_t last, const int64_t *line, const int8_t *side, const rfi_known *known,
                         const rfi_present *present, int64_t *out);
/* For a level of base/cpu.h: the results are the same. */
rfi_near *rfi_near_at(int level);

#endif
