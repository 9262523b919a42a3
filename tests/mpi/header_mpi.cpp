// header_mpi.cpp: the header of libreluflow-mpi in a C++ program.
// SPDX-License-Identifier: MIT
#define OMPI_SKIP_MPICXX 1 // Open MPI's own C++ interface, which needs a library of its own
#include <reluflow/mpi.h>

int main()
{
    rf_model *model = nullptr;
    // MPI is not running.
    return rf_mpi_sweep_run(nullptr, 1, MPI_COMM_WORLD, nullptr, nullptr) == RF_ERROR_STATE
                   && rf_mpi_model_broadcast(nullptr, 0, MPI_COMM_WORLD, nullptr, &model)
                          == RF_ERROR_STATE
               ? 0
               : 1;
}
