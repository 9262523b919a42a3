/* host_mpi.c: a program that uses the installed libreluflow-mpi: rank 0 has the data, all ranks end with
 * all results. SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>

#include <reluflow/mpi.h>

enum { DIRECTIONS = 8, SCALES = 3, RUNS = DIRECTIONS * SCALES };

static int work(int rank, double *loss)
{
    const double X[] = {1, 0, 0, 1, 1, -1}, y[] = {1, 1.1875, 0.0625}, eps[SCALES] = {1, 0.01, 0};
    double U[2 * DIRECTIONS];
    rf_model *data = NULL, *base = NULL;
    rf_sweep *sweep = NULL;
    int good;

    for (int k = 0; k < DIRECTIONS; k++) {
        U[2 * k] = cos(k + 0.5);
        U[2 * k + 1] = sin(k + 0.5);
    }
    good = (rank != 0 || rf_model_create(3, 2, X, y, &data) == RF_OK)
           && rf_mpi_model_broadcast(data, 0, MPI_COMM_WORLD, NULL, &base) == RF_OK
           && rf_sweep_create(base, DIRECTIONS, U, 2 * DIRECTIONS, SCALES, eps, &sweep) == RF_OK
           && rf_mpi_sweep_run(sweep, INFINITY, MPI_COMM_WORLD, NULL, NULL) == RF_OK
           && rf_sweep_query(sweep, RF_LOSS, loss, RUNS) == RF_OK;
    rf_sweep_free(sweep);
    rf_model_free(base);
    rf_model_free(data);
    return good;
}

int main(int argc, char **argv)
{
    double loss[RUNS], first[RUNS];
    int provided, rank = 0, size = 0, good;

    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    good = work(rank, loss);
    for (int k = 0; k < RUNS; k++)
        first[k] = loss[k];
    MPI_Bcast(first, RUNS, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    for (int k = 0; k < RUNS; k++)
        good &= first[k] == loss[k] && loss[k] >= 0;
    if (rank == 0)
        printf("%d runs on %d ranks\n", RUNS, size);
    MPI_Finalize();
    return good && size == 2 ? 0 : 1;
}
