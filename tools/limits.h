/* limits.h: which runs end at the same limit.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_LIMITS_H
#define TOOLS_LIMITS_H

#include <stdint.h>

#include "runs.h"

struct limit {
    int64_t run;      /* the first run that ends there            */
    int64_t runs;     /* how many do                              */
    double smallest;  /* of the scales from which it was reached  */
    double largest;
};

struct limits {
    struct limit *limit; /* by runs, then by loss                 */
    int64_t count;
    double tolerance;    /* the largest that was used; 0: no limit */
};

/* Numbers the limits of the certified runs from 1; limits_free also after a failure. */
int limits_find(struct runs *runs, struct limits *out);

void limits_free(struct limits *limits);

/* |v - w| in dimension d. */
double limits_distance(const double *v, const double *w, int64_t d);

#endif
