/* test_mpi_arguments.c: what is refused, on all ranks alike, and leaves everything as it was; and models
 * copied to all ranks. SPDX-License-Identifier: MIT */
#include "ranks.h"
#include "snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A call that must be refused everywhere, and change nothing. */
static void refused(const scene *s, rf_sweep *sweep, rf_status expected, rf_sweep *given, double t_end,
                    MPI_Comm comm)
{
    rf_sweep *before = scene_sweep(s, NULL, 0);
    int64_t size = 0;
    unsigned char *bytes = saved_runs(sweep, &size);

    check(rf_mpi_sweep_run(given, t_end, comm, NULL, NULL) == expected);
    check(rf_sweep_load(before, bytes, size) == RF_OK);
    check(sweeps_agree(s, sweep, before));
    free(bytes);
    rf_sweep_free(before);
}

static void sweep_arguments(void)
{
    scene *s = scene_make(PROBLEM_MIXED, 3, 2, 91), *other = scene_make(PROBLEM_MIXED, 3, 2, 92);
    rf_sweep *sweep = scene_sweep(s, NULL, 0), *another = scene_sweep(other, NULL, 0);
    rf_sweep *limited = scene_sweep(s, NULL, 5), *alone = scene_alone(s, INFINITY);
    const MPI_Comm world = MPI_COMM_WORLD;
    const int last = rank == ranks - 1;
    double t = s->p->time;

    for (int round = 0; round < 2; round++) {
        refused(s, sweep, RF_ERROR_ARGUMENT, NULL, t, world);
        refused(s, sweep, RF_ERROR_ARGUMENT, last ? NULL : sweep, t, world);
        refused(s, sweep, RF_ERROR_ARGUMENT, rank == 0 ? NULL : sweep, t, world);
        refused(s, sweep, RF_ERROR_NOT_FINITE, sweep, NAN, world);
        refused(s, sweep, RF_ERROR_NOT_FINITE, sweep, last ? NAN : t, world);
        refused(s, sweep, RF_ERROR_ARGUMENT, sweep, -1, world);
        refused(s, sweep, RF_ERROR_ARGUMENT, sweep, t * (1 + last), world);
        refused(s, sweep, RF_ERROR_ARGUMENT, last ? another : sweep, t, world);
        refused(s, sweep, RF_ERROR_ARGUMENT, last ? limited : sweep, t, world);
        refused(s, sweep, RF_ERROR_ARGUMENT, sweep, t, MPI_COMM_NULL);
        check(rf_mpi_sweep_run(sweep, t, world, NULL, NULL) == RF_OK);
        refused(s, sweep, RF_ERROR_ARGUMENT, sweep, t / 2, world); /* before the last */
        refused(s, sweep, RF_ERROR_ARGUMENT, sweep, last ? t / 2 : t, world);
        t *= 3;
    }
    check(rf_mpi_sweep_run(sweep, INFINITY, world, NULL, NULL) == RF_OK);
    check(sweeps_agree(s, sweep, alone));
    rf_sweep_free(sweep);
    rf_sweep_free(another);
    rf_sweep_free(limited);
    rf_sweep_free(alone);
    scene_free(s);
    scene_free(other);
}

static void intercommunicators(void)
{
    scene *s = scene_make(PROBLEM_MIXED, 3, 2, 91);
    rf_sweep *sweep = scene_sweep(s, NULL, 0);
    rf_model *base = scene_base(s, NULL), *copy = base;
    MPI_Comm half, inter;

    check(ranks > 1);
    MPI_Comm_split(MPI_COMM_WORLD, rank == 0, rank, &half);
    MPI_Intercomm_create(half, 0, MPI_COMM_WORLD, rank == 0, 5, &inter);
    refused(s, sweep, RF_ERROR_ARGUMENT, sweep, 1, inter);
    check(rf_mpi_model_broadcast(base, 0, inter, NULL, &copy) == RF_ERROR_ARGUMENT && copy == NULL);
    MPI_Comm_free(&inter);
    MPI_Comm_free(&half);
    rf_model_free(base);
    rf_sweep_free(sweep);
    scene_free(s);
}

typedef struct caller {
    rf_sweep *sweep;
    rf_status status;
} caller;

static int32_t call_inside(int64_t done, int64_t total, void *user)
{
    caller *c = user;

    (void)done;
    (void)total;
    c->status = rf_mpi_sweep_run(c->sweep, INFINITY, MPI_COMM_SELF, NULL, NULL);
    return 0;
}

static void from_callbacks(void)
{
    scene *s = scene_make(PROBLEM_MIXED, 3, 2, 91);
    rf_sweep *alone = scene_alone(s, INFINITY);
    caller c = {scene_sweep(s, NULL, 0), RF_OK};

    check(rf_mpi_sweep_run(c.sweep, INFINITY, MPI_COMM_WORLD, call_inside, &c) == RF_OK);
    check(c.status == RF_ERROR_STATE);
    check(sweeps_agree(s, c.sweep, alone));
    rf_sweep_free(c.sweep);
    rf_sweep_free(alone);
    scene_free(s);
}

/* What the host sends to itself under the same tags is left alone. */
static void private_messages(void)
{
    scene *s = scene_make(PROBLEM_MIXED, 3, 2, 91);
    rf_sweep *sweep = scene_sweep(s, NULL, 0);
    int sent = 17 + rank, received = 0;
    MPI_Request request;

    MPI_Isend(&sent, 1, MPI_INT, (rank + 1) % ranks, 1, MPI_COMM_WORLD, &request);
    check(rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL) == RF_OK);
    MPI_Recv(&received, 1, MPI_INT, MPI_ANY_SOURCE, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    check(received == 17 + (rank + ranks - 1) % ranks);
    rf_sweep_free(sweep);
    scene_free(s);
}

/* A model at its limit, half way, and not begun. */
static void copies(void)
{
    for (int round = 0; round < 3; round++)
        for (int root = 0; root < ranks; root++) {
            problem *p = problem_make(PROBLEM_LEAKY, 93);
            rf_model *model = round == 0   ? problem_model(p)
                              : round == 1 ? problem_run(p, p->time)
                                           : problem_run(p, INFINITY);
            rf_model *copy = NULL;

            check(rf_mpi_model_broadcast(rank == root ? model : NULL, root, MPI_COMM_WORLD, NULL,
                                         &copy)
                  == RF_OK);
            check(models_same(copy, model));
            check(rf_model_integrate(copy, INFINITY) == RF_OK);
            check(rf_model_integrate(model, INFINITY) == RF_OK);
            check(models_same(copy, model));
            rf_model_free(copy);
            rf_model_free(model);
            problem_free(p);
        }
}

static void refuse_copy(rf_status expected, const rf_model *model, int root, MPI_Comm comm,
                        const rf_allocator *allocator)
{
    rf_model *copy = (rf_model *)(void *)&expected;

    check(rf_mpi_model_broadcast(model, root, comm, allocator, &copy) == expected);
    check(copy == NULL);
}

static void copy_arguments(void)
{
    const MPI_Comm world = MPI_COMM_WORLD;
    const int last = ranks - 1;
    const rf_allocator nothing = {NULL, NULL, NULL};
    scene *s = scene_make(PROBLEM_MIXED, 3, 2, 91);
    rf_model *base = scene_base(s, NULL), *copy = NULL;

    refuse_copy(RF_ERROR_ARGUMENT, NULL, 0, world, NULL);
    refuse_copy(RF_ERROR_ARGUMENT, base, -1, world, NULL);
    refuse_copy(RF_ERROR_ARGUMENT, base, ranks, world, NULL);
    refuse_copy(RF_ERROR_ARGUMENT, base, rank == last ? 1 : 0, world, NULL);
    refuse_copy(RF_ERROR_ARGUMENT, base, 0, MPI_COMM_NULL, NULL);
    refuse_copy(RF_ERROR_ARGUMENT, base, 0, world, rank == last ? &nothing : NULL);
    check(rf_mpi_model_broadcast(base, 0, world, NULL, rank == last ? NULL : &copy)
          == RF_ERROR_ARGUMENT);
    check(copy == NULL);
    check(rf_mpi_model_broadcast(base, 0, world, rank == 0 ? &nothing : NULL, &copy) == RF_OK);
    rf_model_free(copy);
    rf_model_free(base);
    scene_free(s);
}

/* Before MPI begins and after it has ended. */
static void without_mpi(void)
{
    const double X[] = {1, 0, 0, 1, 1, -1}, y[] = {1, 1.1875, 0.0625}, U[] = {2, 1}, eps[] = {1};
    rf_model *base = NULL, *copy;
    rf_sweep *sweep = NULL;
    double loss = 0;

    check(rf_model_create(3, 2, X, y, &base) == RF_OK);
    check(rf_sweep_create(base, 1, U, 2, 1, eps, &sweep) == RF_OK);
    check(rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL) == RF_ERROR_STATE);
    copy = base;
    check(rf_mpi_model_broadcast(base, 0, MPI_COMM_WORLD, NULL, &copy) == RF_ERROR_STATE);
    check(copy == NULL);
    check(rf_sweep_query(sweep, RF_LOSS, &loss, 1) == RF_OK && isnan(loss));
    rf_sweep_free(sweep);
    rf_model_free(base);
}

int main(int argc, char **argv)
{
    const ranks_test tests[] = {
        {"arguments of the sweep", sweep_arguments}, {"intercommunicators", intercommunicators},
        {"from callbacks", from_callbacks},          {"private messages", private_messages},
        {"copies", copies},                          {"arguments of the copy", copy_arguments},
    };
    int status;

    without_mpi();
    status = ranks_main(&argc, &argv, tests, (int)(sizeof tests / sizeof *tests));
    without_mpi();
    return status;
}
