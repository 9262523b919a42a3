/* ranks.c: a sweep on MPI ranks beside the same sweep on as many threads of one rank.
 * SPDX-License-Identifier: MIT
 *
 *     mpirun -n 2 build/bench/bench_ranks
 *
 * The problems of problems.h, Gaussian directions, the scales of sweep.c.  Three ways in turn, round
 * after round: rank 0 alone with one thread, rank 0 alone with as many threads as there are ranks, all
 * ranks with one thread each; the ranks that have nothing to do sleep.  Each is timed on rank 0 from the
 * sweep that is made to the weights of all runs.  Ratios are formed within a round; the median over the
 * rounds is printed. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <reluflow/mpi.h>

#include "measure.h"
#include "peer_random.h"
#include "problems.h"

enum { SCALES = 5, ROUNDS = 9 };

static const double scales[SCALES] = {0.0, 1e-3, 0.1, 1.0, 10.0};

typedef struct size {
    const char *name;
    int directions;
} size;

static const size sizes[] = {{"small", 400}, {"medium", 24}};

static int rank, ranks;

/* A problem with its directions, sent from rank 0 to all. */
typedef struct problem {
    const char *name;
    int64_t n, d, directions, len; /* len: of the weights of all runs */
    double *U;
    rf_model *base;
} problem;

static problem draw(const size *which)
{
    const bench_shape *shape = bench_shape_named(which->name);
    problem p = {which->name, shape->n, shape->d, which->directions, 0, NULL, NULL};
    peer_random random = {(uint64_t)shape->n};
    rf_model *made = NULL;

    p.len = p.directions * SCALES * p.d;
    p.U = bench_allocate((size_t)(p.directions * p.d));
    peer_random_fill(&random, 1.0 / sqrt((double)p.d), p.U, (size_t)(p.directions * p.d));
    if (rank == 0) {
        bench_problem data = bench_draw(shape, 0);

        made = bench_model(&data, 0, NULL);
        bench_release(&data);
        bench_must(rf_model_set_recording(made, 0), "recording");
    }
    bench_must(rf_mpi_model_broadcast(made, 0, MPI_COMM_WORLD, NULL, &p.base), "broadcast");
    rf_model_free(made);
    return p;
}

/* A barrier in which the ranks that wait leave the processor to the others. */
static void wait_asleep(void)
{
    const struct timespec pause = {0, 1000000};
    MPI_Request request;
    int done = 0;

    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    while (!done) {
        MPI_Test(&request, &done, MPI_STATUS_IGNORE);
        if (!done) {
            nanosleep(&pause, NULL);
        }
    }
}

/* The time in ms on rank 0 of a sweep in so many threads, on rank 0 alone or on all. */
static double swept(const problem *p, int threads, int all, double *W)
{
    rf_sweep *sweep = NULL;
    double start;

    bench_must(rf_sweep_create(p->base, p->directions, p->U, p->directions * p->d, SCALES, scales,
                               &sweep),
               "sweep");
    bench_must(rf_sweep_set_threads(sweep, threads), "threads");
    wait_asleep();
    start = bench_now_ms();
    if (all) {
        bench_must(rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL), "run on ranks");
    } else if (rank == 0) {
        bench_must(rf_sweep_run(sweep, INFINITY), "run");
    }
    bench_must(rf_sweep_query(sweep, RF_WEIGHTS, W, p->len), "weights");
    start = bench_now_ms() - start;
    wait_asleep();
    rf_sweep_free(sweep);
    return start;
}

static void compare(const size *which)
{
    problem p = draw(which);
    double *W = bench_allocate((size_t)p.len), *V = bench_allocate((size_t)p.len);
    double one[ROUNDS], threads[ROUNDS], all[ROUNDS], gain[ROUNDS], ratio[ROUNDS];
    int same = 1;

    for (int r = 0; r < ROUNDS; r++) {
        one[r] = swept(&p, 1, 0, W);
        threads[r] = swept(&p, ranks, 0, V);
        all[r] = swept(&p, 1, 1, V);
        same = same && (rank > 0 || memcmp(W, V, (size_t)p.len * sizeof *W) == 0);
        gain[r] = one[r] / all[r];
        ratio[r] = all[r] / threads[r];
    }
    if (rank == 0) {
        printf("| %-6s | %4d | %3d | %5d | %9.2f | %9.2f | %9.2f | %8.2f | %13.2f | %-9s |\n",
               p.name, (int)p.n, (int)p.d, (int)p.directions * SCALES, bench_median(one, ROUNDS),
               bench_median(threads, ROUNDS), bench_median(all, ROUNDS),
               bench_median(gain, ROUNDS), bench_median(ratio, ROUNDS), same ? "yes" : "NO");
        fflush(stdout);
    }
    rf_model_free(p.base);
    free(p.U);
    free(W);
    free(V);
}

int main(int argc, char **argv)
{
    int provided;

    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (rank == 0) {
        printf("reluflow %s on %d ranks; medians over %d rounds; times in ms; history off\n\n",
               rf_version_string(), ranks, ROUNDS);
        printf("| size   |    n |   d |  runs | one       | threads   | ranks     | speed-up "
               "| ranks/threads | same bits |\n"
               "| ------ | ---- | --- | ----- | --------- | --------- | --------- | -------- "
               "| ------------- | --------- |\n");
    }
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        compare(&sizes[k]);
    }
    MPI_Finalize();
    return EXIT_SUCCESS;
}
