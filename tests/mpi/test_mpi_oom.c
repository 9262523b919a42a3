/* test_mpi_oom.c: the k-th allocation of one rank fails, for every k, in the sweep's allocator or in the
 * buffers of libreluflow-mpi; or every call of MPI fails in turn.  All ranks come back, with the same
 * status, nothing is lost, and called again the sweep ends with the same bits. SPDX-License-Identifier: MIT
 *
 * malloc, calloc and free of libreluflow-mpi, linked statically, are those below (the linker's --wrap). */
#include "calls.h"
#include "ranks.h"
#include "snapshot.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 100000 };

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void __real_free(void *block);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *block);

/* Of the buffers: which fails (0: none), whether one did, and how many there are. */
static int buffer_fails, buffer_failed, buffers;

static int fails_now(void)
{
    if (buffer_fails == 0 || --buffer_fails > 0)
        return 0;
    buffer_failed = 1;
    return 1;
}

static void *counted(void *block)
{
    buffers += block != NULL;
    return block;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : counted(__real_calloc(count, size));
}

void __wrap_free(void *block)
{
    buffers -= block != NULL;
    __real_free(block);
}

/* The calls of MPI that libreluflow-mpi makes and that may fail: which one does (0: none). */
static int mpi_fails, mpi_failed;

static int result_of(int code)
{
    if (mpi_fails == 0 || --mpi_fails > 0)
        return code;
    mpi_failed = 1;
    return MPI_ERR_OTHER;
}

int MPI_Allreduce(const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
    return result_of(PMPI_Allreduce(in, out, count, type, op, comm));
}

int MPI_Bcast(void *bytes, int count, MPI_Datatype type, int root, MPI_Comm comm)
{
    return result_of(PMPI_Bcast(bytes, count, type, root, comm));
}

int MPI_Allgather(const void *in, int in_count, MPI_Datatype in_type, void *out, int out_count,
                  MPI_Datatype out_type, MPI_Comm comm)
{
    return result_of(PMPI_Allgather(in, in_count, in_type, out, out_count, out_type, comm));
}

/* This one is not called equally often on every rank. */
static int probe_fails;

int MPI_Iprobe(int source, int tag, MPI_Comm comm, int *flag, MPI_Status *status)
{
    int code = PMPI_Iprobe(source, tag, comm, flag, status);

    return probe_fails ? MPI_ERR_OTHER : code;
}

static int anywhere(int here)
{
    int all = 0;

    PMPI_Allreduce(&here, &all, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    return all;
}

/* One sweep with the k-th allocation of rank `who` failing (and all after it), then called again.
 * Returns whether there was a k-th. */
static int disturbed(const scene *s, const rf_sweep *alone, int who, int64_t k, int from,
                     int32_t threads)
{
    failing_memory memory;
    rf_allocator allocator = failing_allocator(&memory);
    rf_sweep *sweep = scene_sweep(s, &allocator, 0);
    rf_status status;
    int fired;

    check(rf_sweep_set_threads(sweep, threads) == RF_OK);
    if (rank == who)
        fail_from_now(&memory, k, from);
    status = rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL);
    fail_never(&memory);
    fired = anywhere(memory.fired > 0);
    check(status == (fired ? RF_ERROR_MEMORY : RF_OK));
    if (fired)
        check(rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL) == RF_OK);
    check(same_everywhere(sweep, MPI_COMM_WORLD));
    if (k % 16 == 0 || !fired)
        check(sweeps_agree(s, sweep, alone));
    rf_sweep_free(sweep);
    check(memory.live == 0);
    return fired;
}

static void sweep_allocator(void)
{
    scene *s = scene_make(PROBLEM_MIXED, 2, 2, 81);
    rf_sweep *alone = scene_alone(s, INFINITY);

    for (int who = 0; who < 2; who++)
        for (int from = 0; from < 2; from++) {
            int64_t k = 1;

            while (disturbed(s, alone, who, k, from, 1 + from))
                check((k += 1 + 2 * from) < MOST);
            check(k > 10);
        }
    rf_sweep_free(alone);
    scene_free(s);
}

/* The sweep that stumbles over one allocation after the other, on changing ranks, moves on and ends. */
static void stumbling(void)
{
    failing_memory memory;
    rf_allocator allocator = failing_allocator(&memory);
    scene *s = scene_make(PROBLEM_LEAKY, 2, 2, 82);
    rf_sweep *alone = scene_alone(s, INFINITY), *sweep = scene_sweep(s, &allocator, 0);
    rf_status status;
    int64_t k = 1;

    do {
        check(k < MOST);
        if (k % ranks == rank)
            fail_from_now(&memory, k, 1);
        status = rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL);
        fail_never(&memory);
        check(status == RF_OK || status == RF_ERROR_MEMORY);
        check(status_everywhere(status, MPI_COMM_WORLD));
        k++;
    } while (status != RF_OK);
    check(k > 10);
    check(sweeps_agree(s, sweep, alone));
    rf_sweep_free(sweep);
    check(memory.live == 0);
    rf_sweep_free(alone);
    scene_free(s);
}

static void sweep_buffers(void)
{
    scene *s = scene_make(PROBLEM_MIXED, 2, 2, 81);
    rf_sweep *alone = scene_alone(s, INFINITY);

    for (int who = 0; who < ranks; who++) {
        int fired = 1, k;

        for (k = 1; fired; k++) {
            rf_sweep *sweep = scene_sweep(s, NULL, 0);
            const int before = buffers;
            rf_status status;

            check(k < MOST);
            buffer_failed = 0;
            buffer_fails = rank == who ? k : 0;
            status = rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL);
            buffer_fails = 0;
            check(buffers == before);
            fired = anywhere(buffer_failed);
            check(status == (fired ? RF_ERROR_MEMORY : RF_OK));
            if (fired)
                check(rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL) == RF_OK);
            check(sweeps_agree(s, sweep, alone));
            rf_sweep_free(sweep);
        }
        check(k > 3);
    }
    rf_sweep_free(alone);
    scene_free(s);
}

/* The same for the broadcast: no rank gets a model, or all do. */
static int broadcast(const scene *s, const failing_memory *fails, int buffer,
                     const rf_allocator *allocator, int root)
{
    rf_model *base = scene_base(s, root == rank ? allocator : NULL), *copy = base;
    failing_memory *memory = allocator->user;
    const int64_t before = buffers - memory->live;
    rf_status status;
    int fired;

    fail_from_now(memory, fails->countdown, fails->from);
    buffer_failed = 0;
    buffer_fails = buffer;
    status = rf_mpi_model_broadcast(base, root, MPI_COMM_WORLD, allocator, &copy);
    fail_never(memory);
    buffer_fails = 0;
    check(buffers - memory->live == before); /* but for those of models */
    fired = anywhere(memory->fired > 0 || buffer_failed);
    check(status == (fired ? RF_ERROR_MEMORY : RF_OK));
    check((copy != NULL) == !fired);
    if (copy != NULL)
        check(models_same(copy, base));
    rf_model_free(copy);
    rf_model_free(base);
    check(memory->live == 0);
    return fired;
}

static void broadcast_memory(void)
{
    scene *s = scene_make(PROBLEM_WEIGHTED, 1, 1, 83);

    for (int who = 0; who < ranks; who++)
        for (int root = 0; root < 2; root++)
            for (int from = 0; from < 3; from++) {
                int64_t k = 0;
                int fired;

                do {
                    failing_memory memory, fails = {0, ++k, from == 1, 0};
                    rf_allocator allocator = failing_allocator(&memory);

                    check(k < MOST);
                    if (rank != who || from == 2)
                        fails.countdown = 0;
                    fired = broadcast(s, &fails, rank == who && from == 2 ? (int)k : 0,
                                      &allocator, root);
                } while (fired);
                check(k > 1);
            }
    scene_free(s);
}

/* The k-th call of MPI fails, on all ranks, as it does when the network is gone. */
static void mpi_errors(void)
{
    scene *s = scene_make(PROBLEM_MIXED, 2, 2, 81);
    rf_sweep *alone = scene_alone(s, INFINITY);
    int fired = 1, k;

    for (k = 1; fired; k++) {
        rf_sweep *sweep = scene_sweep(s, NULL, 0);
        const int before = buffers;
        rf_status status;

        check(k < MOST);
        mpi_failed = 0;
        mpi_fails = k;
        status = rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL);
        mpi_fails = 0;
        check(buffers == before);
        fired = mpi_failed;
        check(status == (fired ? RF_ERROR_MPI : RF_OK));
        check(rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL) == RF_OK);
        check(sweeps_agree(s, sweep, alone));
        rf_sweep_free(sweep);
    }
    check(k > 8);
    probe_fails = 1;
    {
        rf_sweep *sweep = scene_sweep(s, NULL, 0);

        check(rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL) == RF_ERROR_MPI);
        probe_fails = 0;
        check(rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL) == RF_OK);
        check(sweeps_agree(s, sweep, alone));
        rf_sweep_free(sweep);
    }
    rf_sweep_free(alone);
    scene_free(s);
}

static void broadcast_errors(void)
{
    scene *s = scene_make(PROBLEM_MIXED, 1, 1, 84);
    rf_model *base = scene_base(s, NULL), *copy = NULL;
    const int before = buffers;
    int fired = 1, k;

    for (k = 1; fired; k++) {
        rf_status status;

        mpi_failed = 0;
        mpi_fails = k;
        status = rf_mpi_model_broadcast(base, 0, MPI_COMM_WORLD, NULL, &copy);
        mpi_fails = 0;
        fired = mpi_failed;
        check(status == (fired ? RF_ERROR_MPI : RF_OK));
        check((copy != NULL) == !fired);
        rf_model_free(copy);
        check(buffers == before);
    }
    check(k > 5);
    rf_model_free(base);
    scene_free(s);
}

int main(int argc, char **argv)
{
    const ranks_test tests[] = {
        {"the sweep's allocator", sweep_allocator}, {"stumbling", stumbling},
        {"the buffers", sweep_buffers},             {"the broadcast", broadcast_memory},
        {"errors of MPI", mpi_errors},              {"errors in the broadcast", broadcast_errors},
    };

    return ranks_main(&argc, &argv, tests, (int)(sizeof tests / sizeof *tests));
}
