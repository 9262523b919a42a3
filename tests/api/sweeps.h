/* sweeps.h: sweeps for the tests of the public functions. SPDX-License-Identifier: MIT */
#ifndef API_SWEEPS_H
#define API_SWEEPS_H

#include <reluflow/reluflow.h>

/* A sweep of plane_model (fixture.h): directions (2, 1), (1, 3), (-1, -2), scales 1 and 0. */
enum { SWEEP_RUNS = 6 };
rf_sweep *plane_sweep(void);
rf_sweep *plane_sweep_of(const rf_model *base);

/* Directions and scales.  The last of two or more scales is 0. */
typedef struct starts {
    int64_t d, directions, scales;
    double *U, *eps;
} starts;

starts *starts_make(int64_t d, int64_t directions, int64_t scales, uint64_t seed);
void starts_free(starts *s);
rf_sweep *starts_sweep(const starts *s, const rf_model *base);

/* Run number `run` on a clone of base, to t (over as many event limits as there are). */
rf_model *run_alone(const rf_model *base, const starts *s, int64_t run, double t);

/* 1 if a quantity of a run, out of rf_sweep_query, has the bits of the model's, or both fail in the
 * same way. */
int row_is_of(const rf_sweep *sweep, int64_t run, const rf_model *model, int32_t quantity);

/* 1 if two sweeps give the same bits for every quantity. */
int sweeps_same(const rf_sweep *a, const rf_sweep *b, int64_t n, int64_t d);

#endif
