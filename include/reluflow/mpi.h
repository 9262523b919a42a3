/* reluflow/mpi.h: sweeps over the ranks of an MPI program.
 * SPDX-License-Identifier: MIT
 *
 * A library of its own, libreluflow-mpi (pkg-config module reluflow-mpi), on top of the public functions
 * of reluflow.  Every rank makes the same sweep, rf_mpi_sweep_run does its runs on all ranks together,
 * and afterwards every rank holds the results of all: rf_sweep_query, rf_sweep_model and everything else
 * works as if rf_sweep_run had done the work on that rank alone, and gives the same bits for every number
 * of ranks and threads (on machines of one kind with the same BLAS).
 *
 * A complete program
 * ------------------
 *     #include <math.h>
 *     #include <stdio.h>
 *     #include <reluflow/mpi.h>
 *     int main(int argc, char **argv)
 *     {
 *         const double X[] = {1, 0,   0, 1,   1, -1}, y[] = {1, 1.1875, 0.0625};
 *         const double U[] = {1, 0,   0, 1}, eps[] = {1, 0.01, 0};
 *         double loss[6];
 *         rf_model *data = NULL, *base = NULL;
 *         rf_sweep *sweep = NULL;
 *         int provided, rank, good;
 *         MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
 *         MPI_Comm_rank(MPI_COMM_WORLD, &rank);
 *         good = (rank != 0 || rf_model_create(3, 2, X, y, &data) == RF_OK)
 *             && rf_mpi_model_broadcast(data, 0, MPI_COMM_WORLD, NULL, &base) == RF_OK
 *             && rf_sweep_create(base, 2, U, 4, 3, eps, &sweep) == RF_OK
 *             && rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL) == RF_OK
 *             && rf_sweep_query(sweep, RF_LOSS, loss, 6) == RF_OK;
 *         if (good && rank == 0) printf("the last run ends with the loss %g\n", loss[5]);
 *         rf_sweep_free(sweep);
 *         rf_model_free(base);
 *         rf_model_free(data);
 *         MPI_Finalize();
 *         return good ? 0 : 1;
 *     }
 *
 * Rules that hold for both functions
 * ----------------------------------
 * - Collective.  All ranks of the communicator, an intracommunicator, call it; a NULL sweep or model on
 *   one rank still takes part, so that all ranks come back.
 * - Status.  Every rank returns the same.  Where ranks met with different fates it is the most severe:
 *   an error before RF_STOPPED, this before RF_ERROR_NUMERICAL (all runs are done) and RF_EVENT_LIMIT.
 *   The exceptions are RF_ERROR_STATE while MPI is not initialized or finalized already,
 *   RF_ERROR_ARGUMENT for MPI_COMM_NULL and, since MPI promises nothing after a failure of its own,
 *   RF_ERROR_MPI: each is told to the rank where it happens.
 * - MPI.  Messages go through a duplicate of the communicator, freed before the return, with
 *   MPI_ERRORS_RETURN: what you send and receive is not disturbed, and the program is never aborted by
 *   what happens there.  (The duplication itself is under the error handler of your communicator.)
 *   MPI is called in the calling thread only: with threads, initialize MPI with MPI_THREAD_FUNNELED.
 * - Memory.  Models and sweeps use their allocators.  Messages stand in buffers from malloc, which are
 *   freed before the return: the saved runs of one rank (rf_sweep_save), or the saved model.
 * - A quiet guest, as reluflow itself; what MPI does beside it is the host's.
 */
#ifndef RELUFLOW_MPI_H
#define RELUFLOW_MPI_H

#include <mpi.h>

#include <reluflow/reluflow.h>

/* A status beside those of reluflow.h; rf_status_string does not know it.  Its value never changes. */
enum {
    RF_ERROR_MPI = -64          /* a call of MPI failed                                          */
};

/* Copies a model of one rank to every rank: data, settings, state and history, once over the wire, as
 * rf_model_save and rf_model_load would; on the rank it comes from a clone, which shares the data.
 * The callback and the number of threads are not copied.
 * Shapes: 0 <= root < size of comm, the same on every rank.
 * Ownership: *out is the caller's on every rank, to rf_model_free.
 * NULL: model is not read except on root; allocator NULL means malloc and free, and it is not read on
 *       root, where the clone uses the model's; out must not be NULL.
 * Errors: RF_ERROR_ARGUMENT (NULL, root out of range, MPI_COMM_NULL, an intercommunicator),
 *         RF_ERROR_MEMORY, RF_ERROR_STATE (MPI is not running), RF_ERROR_MPI.  On failure *out is set
 *         to NULL, on every rank.
 * Threads: const on model; the thread may call MPI.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_mpi_model_broadcast(const rf_model *model, int root, MPI_Comm comm,
                                        const rf_allocator *allocator, rf_model **out);

/* Takes every run of a sweep to t_end, as rf_sweep_run does, on all ranks together: each rank takes its
 * share on, in its threads (rf_sweep_set_threads), then all receive the runs of all.  The runs are dealt
 * by their number alone, so that a rank's share does not change from call to call.  A sweep that stopped
 * resumes, also on fewer or more ranks, or in rf_sweep_run.  A run that fails does not end the others;
 * where a rank is out of memory, or stopped by its progress, all ranks stop, each when its calling thread
 * ends the run at hand, and what has been done is received by all (after an error it may stay with the
 * rank that did it, and is sent around by the next call).
 * Shapes: the sweeps of all ranks have the same data, settings and starts; t_end as in rf_sweep_run, the
 *         same on every rank.
 * Ownership: none.
 * NULL: sweep must not be NULL; progress may be NULL, on some ranks or all.  It is called as that of
 *       rf_sweep_run_some, for the share of its rank; non-zero stops all ranks.
 * Errors: RF_ERROR_ARGUMENT (NULL, t_end, sweeps or t_end that differ, MPI_COMM_NULL, an
 *         intercommunicator), RF_ERROR_NOT_FINITE (NaN), RF_ERROR_STATE (MPI is not running, or from a
 *         callback of the sweep): nothing was run; RF_ERROR_MEMORY, RF_ERROR_MPI (the sweep stopped
 *         there, and resumes when called again); RF_ERROR_NUMERICAL as in rf_sweep_run.
 * Returns also: RF_STOPPED (by the progress of a rank), RF_EVENT_LIMIT as rf_sweep_run.
 * Threads: one, which may call MPI.  Since: 0.1.0.  Source: docs/mathematics.md 4.2.
 */
RF_API rf_status rf_mpi_sweep_run(rf_sweep *sweep, double t_end, MPI_Comm comm,
                                  int32_t (*progress)(int64_t done, int64_t total, void *user),
                                  void *user);

#endif
