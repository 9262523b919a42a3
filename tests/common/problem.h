/* problem.h: problems to run the library on, from seeds, and their naive evaluation.
 * SPDX-License-Identifier: MIT */
#ifndef TEST_PROBLEM_H
#define TEST_PROBLEM_H

#include "random.h"
#include "vectors.h"

#include <reluflow/reluflow.h>
#include <stdint.h>

enum problem_kind {
    PROBLEM_GAUSSIAN,       /* positive labels, Gaussian data                                */
    PROBLEM_MIXED,          /* labels of both signs: the flow slides                         */
    PROBLEM_WEIGHTED,       /* mixed labels, data weights                                    */
    PROBLEM_LEAKY,          /* mixed labels, leaky ReLU                                      */
    PROBLEM_LINEAR,         /* mixed labels, linear neuron                                   */
    PROBLEM_FEW,            /* n < d                                                         */
    PROBLEM_MANY,           /* n >> d                                                        */
    PROBLEM_TINY,           /* rows of size 1e-150, or rows and start of 1e-50               */
    PROBLEM_HUGE,           /* rows of size 1e150, or rows and start of 1e50                 */
    PROBLEM_GENERIC_COUNT,  /* above: no exact ties                                          */
    PROBLEM_ZERO_LABELS = PROBLEM_GENERIC_COUNT,
    PROBLEM_DUPLICATES,     /* rows repeated, with other labels                              */
    PROBLEM_PARALLEL,       /* rows that are multiples of each other, of both signs          */
    PROBLEM_GRID,           /* small integers: many exact ties                               */
    PROBLEM_LINE,           /* d = 1                                                         */
    PROBLEM_ZERO_ROWS,
    PROBLEM_KIND_COUNT
};

typedef struct problem {
    enum problem_kind kind;
    uint64_t seed;
    int64_t n, d;
    double *X, *y, *c, *w0;     /* c NULL: unit weights */
    int vanishing;              /* the start is the limit scale -> 0 along w0, not w0 */
    int32_t activation;
    double beta;
    double time;                /* a time on the scale of the flow: 1 / trace of sum c x x^T * d */
} problem;

const char *problem_name(enum problem_kind kind);

problem *problem_make(enum problem_kind kind, uint64_t seed);
problem *problem_empty(int64_t n, int64_t d);
problem *problem_copy(const problem *p);

/* A copy with X, y and w0 changed by the given relative amount at random.  With keep_parallel a
 * row that is an exact multiple of an earlier one stays the same multiple of it. */
problem *problem_disturbed(const problem *p, double amount, int keep_parallel, uint64_t seed);

problem *problem_of_vector(const vector_case *v);
void problem_free(problem *p);

/* Sets p->time from the data. */
void problem_set_time(problem *p);

double problem_weight(const problem *p, int64_t i);

/* Slope of the activation on the inactive side. */
double problem_slope(const problem *p);

/* A model of the problem, settings and init done; asserts that nothing fails. */
rf_model *problem_model(const problem *p);

/* problem_model, then rf_model_integrate to t; asserts RF_OK. */
rf_model *problem_run(const problem *p, double t);

/* Naive values at w, in long double, with the side of datum i given by state[i] (a datum that
 * slides counts theta[i] of the active side; theta may be NULL if nothing slides). */
void problem_gradient(const problem *p, const double *w, const uint8_t *state, const double *theta,
                      double *gradient);
double problem_loss(const problem *p, const double *w);

/* sum_i c_i |x_i| (|y_i| + |x_i| size): what the terms of the gradient at |w| = size add up to in
 * size, the unit of its rounding. */
double problem_gradient_size(const problem *p, double size);

#endif
