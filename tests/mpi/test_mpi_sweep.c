/* test_mpi_sweep.c: a sweep on ranks gives the bits of a sweep on one, for every number of ranks and
 * threads, in one go, in portions, over event limits, stopped and resumed. SPDX-License-Identifier: MIT */
#include "ranks.h"

#include <math.h>
#include <stdlib.h>

static const enum problem_kind kinds[] = {PROBLEM_MIXED, PROBLEM_LEAKY, PROBLEM_GRID,
                                          PROBLEM_LINEAR};
enum { KINDS = 4, MOST_RANKS = 3 };

/* What is done with some kinds of scenes on the first 1, 2, 3 ranks. */
static void on_ranks(int first, int last,
                     void (*work)(const scene *s, const rf_sweep *alone, MPI_Comm comm))
{
    for (int k = first; k <= last; k++) {
        scene *s = scene_make(kinds[k], 3, 3, 71);
        rf_sweep *alone = scene_alone(s, INFINITY);

        for (int size = 1; size <= MOST_RANKS && size <= ranks; size++) {
            MPI_Comm comm = first_ranks(size);

            if (comm == MPI_COMM_NULL)
                continue;
            work(s, alone, comm);
            MPI_Comm_free(&comm);
        }
        rf_sweep_free(alone);
        scene_free(s);
    }
}

static void in_one_go(const scene *s, const rf_sweep *alone, MPI_Comm comm)
{
    for (int32_t threads = 1; threads <= 2; threads++) {
        rf_sweep *sweep = scene_sweep(s, NULL, 0);

        check(rf_sweep_set_threads(sweep, threads) == RF_OK);
        check(rf_mpi_sweep_run(sweep, INFINITY, comm, NULL, NULL) == RF_OK);
        check(same_everywhere(sweep, comm));
        check(rf_mpi_sweep_run(sweep, INFINITY, comm, NULL, NULL) == RF_OK); /* nothing left */
        check(sweeps_agree(s, sweep, alone));
        rf_sweep_free(sweep);
    }
}

static void bits(void)
{
    on_ranks(0, KINDS - 1, in_one_go);
}

static void in_portions(const scene *s, const rf_sweep *alone, MPI_Comm comm)
{
    rf_sweep *sweep = scene_sweep(s, NULL, 0);

    for (int portion = 0; portion < 3; portion++) {
        double t = portion < 2 ? portion * s->p->time : INFINITY;
        rf_sweep *there = scene_alone(s, t);

        check(rf_mpi_sweep_run(sweep, t, comm, NULL, NULL) == RF_OK);
        check(sweeps_agree(s, sweep, there));
        rf_sweep_free(there);
    }
    check(sweeps_agree(s, sweep, alone));
    rf_sweep_free(sweep);
}

static void portions(void)
{
    on_ranks(0, 2, in_portions);
}

/* One event at a time, where there are events. */
static void limited(const scene *s, const rf_sweep *alone, MPI_Comm comm)
{
    rf_sweep *sweep = scene_sweep(s, NULL, 1);
    int rounds = 0;
    rf_status status;

    do {
        status = rf_mpi_sweep_run(sweep, INFINITY, comm, NULL, NULL);
        check(status == RF_OK || status == RF_EVENT_LIMIT);
        check(status_everywhere(status, comm));
        check(same_everywhere(sweep, comm));
        check(rounds++ < 10000);
    } while (status != RF_OK);
    check(rounds > 1);
    check(sweeps_agree(s, sweep, alone));
    rf_sweep_free(sweep);
}

static void event_limits(void)
{
    on_ranks(1, 2, limited);
}

typedef struct listener {
    int64_t calls, stop_at, last, total;
    int failures;
} listener;

static int32_t listen(int64_t done, int64_t total, void *user)
{
    listener *l = user;

    l->calls++;
    l->failures += done < l->last || done > total || (l->total >= 0 && l->total != total);
    l->last = done;
    l->total = total;
    return l->stop_at > 0 && l->calls >= l->stop_at;
}

/* Each rank's share is told apart and adds up to all. */
static void reported(const scene *s, const rf_sweep *alone, MPI_Comm comm)
{
    listener l = {0, 0, 0, -1, 0};
    rf_sweep *sweep = scene_sweep(s, NULL, 0);
    int64_t all = 0;

    check(rf_mpi_sweep_run(sweep, INFINITY, comm, listen, &l) == RF_OK);
    check(l.failures == 0 && l.calls > 0 && l.last == l.total);
    MPI_Allreduce(&l.total, &all, 1, MPI_INT64_T, MPI_SUM, comm);
    check(all == s->runs);
    check(sweeps_agree(s, sweep, alone));
    rf_sweep_free(sweep);
}

static void reports(void)
{
    on_ranks(2, 3, reported);
}

/* One rank stops after so many reports; then the rest on fewer ranks, or on one without MPI. */
static void stop_and_resume(const scene *s, const rf_sweep *alone, MPI_Comm comm, int who, int when)
{
    listener l = {0, 0, 0, -1, 0};
    rf_sweep *sweep = scene_sweep(s, NULL, 0);
    rf_status status;
    int me, size;

    MPI_Comm_rank(comm, &me);
    MPI_Comm_size(comm, &size);
    l.stop_at = me == who ? when : 0;
    check(rf_sweep_set_threads(sweep, 1 + when % 2) == RF_OK);
    status = rf_mpi_sweep_run(sweep, INFINITY, comm, listen, &l);
    check(status == RF_STOPPED || status == RF_OK);
    check(status_everywhere(status, comm) && same_everywhere(sweep, comm));
    check(l.failures == 0);
    if (size == 1 && when == 2) /* in one thread */
        check(status == RF_STOPPED);
    if (when % 3 == 0)
        status = rf_sweep_run(sweep, INFINITY);
    else
        status = rf_mpi_sweep_run(sweep, INFINITY, when % 3 == 1 ? comm : MPI_COMM_SELF, NULL, NULL);
    check(status == RF_OK);
    check(sweeps_agree(s, sweep, alone));
    rf_sweep_free(sweep);
}

static void stopped(const scene *s, const rf_sweep *alone, MPI_Comm comm)
{
    int size;

    MPI_Comm_size(comm, &size);
    for (int who = 0; who < size; who++)
        for (int when = 1; when <= 4; when++)
            stop_and_resume(s, alone, comm, who, when);
}

static void stops(void)
{
    on_ranks(0, 0, stopped);
}

/* A long sweep: a rank that stops at once keeps the others from doing nearly all of it. */
static void prompt(void)
{
    listener l = {0, rank == ranks - 1 ? 1 : 0, 0, -1, 0};
    scene *s = scene_make(PROBLEM_MANY, 400, 4, 72);
    rf_sweep *sweep = scene_sweep(s, NULL, 0);
    double *t = test_doubles(s->runs);
    int64_t begun = 0;

    MPI_Barrier(MPI_COMM_WORLD);
    check(rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, listen, &l) == RF_STOPPED);
    check(rf_sweep_query(sweep, RF_TIME, t, s->runs) == RF_OK);
    for (int64_t k = 0; k < s->runs; k++)
        begun += !isnan(t[k]);
    check(begun > 0 && begun < s->runs);
    check(same_everywhere(sweep, MPI_COMM_WORLD));
    free(t);
    rf_sweep_free(sweep);
    scene_free(s);
}

/* Runs that leave the range of double fail alone. */
static void failing_runs(void)
{
    scene *s = scene_make(PROBLEM_MIXED, 5, 2, 73);
    rf_sweep *sweep, *alone;
    rf_status status;

    for (int64_t k = 0; k < s->p->d; k++)
        s->U[2 * s->p->d + k] = 1e308;
    s->eps[0] = 1e10;
    s->eps[1] = 1e-300;
    sweep = scene_sweep(s, NULL, 0);
    alone = scene_sweep(s, NULL, 0);
    check(rf_sweep_run(alone, INFINITY) == RF_ERROR_NUMERICAL);
    status = rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL);
    check(status == RF_ERROR_NUMERICAL);
    check(same_everywhere(sweep, MPI_COMM_WORLD));
    check(sweeps_agree(s, sweep, alone));
    rf_sweep_free(sweep);
    rf_sweep_free(alone);
    scene_free(s);
}

static void several_neurons(void)
{
    scene *s = scene_neurons(3, 3, 2, 75);
    const double t = 4 * s->p->time;
    rf_sweep *sweep = scene_sweep(s, NULL, 0), *alone = scene_alone(s, t);

    check(rf_sweep_set_threads(sweep, 2) == RF_OK);
    check(rf_mpi_sweep_run(sweep, t, MPI_COMM_WORLD, NULL, NULL) == RF_OK);
    check(same_everywhere(sweep, MPI_COMM_WORLD));
    check(sweeps_agree(s, sweep, alone));
    rf_sweep_free(sweep);
    rf_sweep_free(alone);
    scene_free(s);
}

/* More ranks than runs. */
static void one_run(void)
{
    scene *s = scene_make(PROBLEM_MIXED, 1, 1, 74);
    rf_sweep *sweep = scene_sweep(s, NULL, 0), *alone = scene_alone(s, INFINITY);

    check(rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL) == RF_OK);
    check(sweeps_agree(s, sweep, alone));
    rf_sweep_free(sweep);
    rf_sweep_free(alone);
    scene_free(s);
}

int main(int argc, char **argv)
{
    const ranks_test tests[] = {
        {"the same bits", bits},        {"in portions", portions},
        {"event limits", event_limits}, {"reports", reports},
        {"stops", stops},               {"a prompt stop", prompt},
        {"failing runs", failing_runs}, {"several neurons", several_neurons},
        {"one run", one_run},
    };

    return ranks_main(&argc, &argv, tests, (int)(sizeof tests / sizeof *tests));
}
