/* ranks.h: what the tests that run on several MPI ranks share.  A condition that fails ends all ranks:
 * the others may be waiting for this one. SPDX-License-Identifier: MIT */
#ifndef TEST_RANKS_H
#define TEST_RANKS_H

#include "problem.h"
#include "run.h"

#include <reluflow/mpi.h>

void check_at(int holds, const char *condition, const char *file, int line);
#define check(condition) check_at((condition) != 0, #condition, __FILE__, __LINE__)

/* In MPI_COMM_WORLD. */
extern int rank, ranks;

/* MPI_Init_thread with MPI_THREAD_FUNNELED, then the tests, each announced by rank 0, then MPI_Finalize. */
typedef struct ranks_test {
    const char *name;
    void (*run)(void);
} ranks_test;
int ranks_main(int *argc, char ***argv, const ranks_test *tests, int count);

/* The first `size` ranks; MPI_COMM_NULL on the others. */
MPI_Comm first_ranks(int size);

/* Directions x scales of a problem of one neuron or, as scene_neurons, several; the last of several scales
 * 0. */
typedef struct scene {
    problem *p;
    int64_t directions, scales, runs, neurons;
    double *U, *eps;
} scene;

scene *scene_make(enum problem_kind kind, int64_t directions, int64_t scales, uint64_t seed);
scene *scene_neurons(int64_t neurons, int64_t directions, int64_t scales, uint64_t seed);
void scene_free(scene *s);
rf_model *scene_base(const scene *s, const rf_allocator *allocator);
rf_sweep *scene_sweep(const scene *s, const rf_allocator *allocator, int64_t event_limit);

/* All runs to t in this rank alone, over as many event limits as there are. */
rf_sweep *scene_alone(const scene *s, double t);

/* 1 if two sweeps of a scene give the same bits for every quantity, and so do their runs as models. */
int sweeps_agree(const scene *s, const rf_sweep *a, const rf_sweep *b);

/* 1 if the sweeps of all ranks of comm have the same saved runs, byte for byte.  Collective. */
int same_everywhere(const rf_sweep *sweep, MPI_Comm comm);

/* 1 if a status is the same on all ranks of comm.  Collective. */
int status_everywhere(rf_status status, MPI_Comm comm);

/* All runs as bytes, to free. */
unsigned char *saved_runs(const rf_sweep *sweep, int64_t *size);

#endif
