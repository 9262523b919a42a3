/* cells.h: the problems that the host simulates, the same for the C and the C++ program.
 * SPDX-License-Identifier: MIT
 */
#ifndef EMBED_CELLS_H
#define EMBED_CELLS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CELL_DATA = 12, CELL_DIM = 3 };

/* What one cell learns from: data row by row, as the library can use them in place. */
typedef struct cell_data {
    double X[CELL_DATA * CELL_DIM];
    double y[CELL_DATA];
} cell_data;

/* The data of a cell: the same numbers on every machine. */
void cell_measure(int64_t cell, cell_data *out);

/* Where the cell starts for the given time, counted from 0. */
void cell_start(int64_t cell, int64_t round, double w0[CELL_DIM]);

/* Adds a number to a hash, bit by bit: two runs agree if their hashes do. */
uint64_t hash_number(uint64_t hash, double x);

#ifdef __cplusplus
}
#endif

#endif
