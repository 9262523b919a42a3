/* header_mpi.c: the header of libreluflow-mpi in a C99 program; its number is frozen by the compiler.
 * SPDX-License-Identifier: MIT */
#include <reluflow/mpi.h>

#define VALUE(name, number) typedef char value_of_##name[(name) == (number) ? 1 : -1]

VALUE(RF_ERROR_MPI, -64);

int main(void)
{
    value_of_RF_ERROR_MPI one = {0};
    rf_model *model = NULL;

    /* MPI is not running. */
    return one[0] == 0 && rf_mpi_sweep_run(NULL, 1, MPI_COMM_WORLD, NULL, NULL) == RF_ERROR_STATE
                   && rf_mpi_model_broadcast(NULL, 0, MPI_COMM_WORLD, NULL, &model) == RF_ERROR_STATE
               ? 0
               : 1;
}
