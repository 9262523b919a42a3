/* problem: what is given.  The data (shared by clones, immutable) and, per model, the neurons with their
 * outer weights, the activation and the weights of the data, with the constants of every kink that
 * follow from them.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_PROBLEM_H
#define RFI_PROBLEM_H

#include "base/alloc.h"
#include "base/status.h"
#include "base/dense.h"
#include "base/jacobi.h"
#include "base/team.h"
#include "model/kinks.h"
#include "model/rows.h"

/* X, y and what depends on nothing else.  Counted references, so that clones may be freed in any
 * order and from any thread. */
typedef struct rfi_data {
    int64_t n, d;
    rfi_matrix X; /* n x d */
    const double *y;
    double *norm; /* n: row norms */
    rfi_kinks kinks;
    const rfi_rows_table *rows; /* the kernels of this machine */
    const rfi_dense *dense;     /* the same for small matrices */
    const rfi_turns *turns;     /* and for their factors       */
    rf_allocator allocator;
    int in_blocks; /* 1: no matrix of the size of X however small it is, for the tests */
    void *own_X; /* NULL when borrowed */
    double *own_y;
    int64_t references;
} rfi_data;

/* How the caller hands over data. */
typedef struct rfi_data_source {
    int64_t n, d;
    const void *X;
    int64_t row_stride, col_stride;
    const double *y;
    int borrow;
    int single; /* X is of float, else of double */
} rfi_data_source;

rf_status rfi_data_create(const rfi_data_source *source, const rf_allocator *allocator,
                          rfi_data **out, rfi_message *message);
void rfi_data_retain(rfi_data *data);
void rfi_data_release(rfi_data *data);

/* The data with neurons, an activation and weights.  sigma(z) = z for z > 0, slope z for z < 0.  The
 * constants of the kinks are those of one neuron with a = 1: of a network they hold, times a_j, at a
 * line whose data no other neuron has active (docs/mathematics.md 7). */
typedef struct rfi_problem {
    rfi_data *data;
    int64_t neurons; /* m                                                       */
    double *a;       /* m: outer weights                                        */
    int32_t activation;
    double slope;  /* beta; 0 for ReLU, 1 for the linear neuron               */
    double *c;     /* n                                                       */
    int uniform;   /* 1 if all c are equal                                    */
    double *jump;  /* G: Gamma = (1 - beta) sum gamma_i |f_i|, math.md 3      */
    double *base;  /* G: coefficient on x of the velocity of the line's data at theta = 0 */
    double *width; /* G: sum |gamma_i f_i|, the size of what cancels in jump  */
} rfi_problem;

/* One neuron, a = 1. */
rf_status rfi_problem_create(rfi_problem *problem, rfi_data *data);
/* Changes the outer weights.  Returns RF_OK or RF_ERROR_MEMORY, and then has changed nothing. */
rf_status rfi_problem_set_neurons(rfi_problem *problem, int64_t neurons, const double *a);
/* Takes over activation and weights of a problem with the same data, and with rfi_problem_set the outer
 * weights of as many neurons. */
void rfi_problem_set_values(rfi_problem *problem, const rfi_problem *from);
void rfi_problem_set(rfi_problem *problem, const rfi_problem *from);
void rfi_problem_free(rfi_problem *problem);
/* Recomputes `uniform` and the constants of the kinks after a change of c, activation or slope. */
void rfi_problem_refresh(rfi_problem *problem);

/* 1 if L is convex for a simple reason: a ReLU neuron without positive labels.  Its flow is unique. */
int rfi_problem_is_convex(const rfi_problem *problem);

/* Weights of all neurons; pairs of a neuron and a datum; pairs of a neuron and a line.  The index of a
 * pair is neuron * n + datum, or neuron * G + line. */
static inline int64_t rfi_weight_count(const rfi_problem *problem)
{
    return problem->neurons * problem->data->d;
}

static inline int64_t rfi_pair_count(const rfi_problem *problem)
{
    return problem->neurons * problem->data->n;
}

static inline int64_t rfi_kink_count(const rfi_problem *problem)
{
    return problem->neurons * problem->data->kinks.count;
}

/* The most modes a segment can have. */
static inline int64_t rfi_most_modes(const rfi_problem *problem)
{
    const int64_t n = problem->data->n, weights = rfi_weight_count(problem);
    return n < weights ? n : weights;
}

/* Margins of count lines from the first on: the products of their representatives with w, of rfi_padded(d) elements;
 * spare: as many, for rows of single precision.  A team, or NULL, has no part in those. */
void rfi_line_margins(const rfi_data *data, int64_t first, int64_t count, const double *w, double *spare,
                      double *z, rfi_team *team);

/* Row i of X. */
static inline rfi_view rfi_row(const rfi_data *data, int64_t i)
{
    return rfi_matrix_row(data->X, i);
}

#endif
