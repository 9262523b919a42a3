/* simulation.h: a host that steps in time, with a model of the library in each of its cells.
 * SPDX-License-Identifier: MIT
 */
#ifndef EMBED_SIMULATION_H
#define EMBED_SIMULATION_H

#include <reluflow/reluflow.h>

#include "cells.h"
#include "pool.h"

enum { MOST_WORKERS = 16, KINDS = 8, TEXT = 160 };

/* A share of the cells, with its own memory and log: no two threads share anything they write. */
typedef struct worker {
    struct simulation *simulation;
    int64_t first, end;             /* cells first .. end - 1                                     */
    pool memory;
    int64_t kinds[KINDS];           /* the log: events by kind, 0 for a kind not known here       */
    int64_t lines;                  /* how many were reported                                     */
    rf_status status;               /* RF_OK, or the first error of the last step                 */
    char error[2 * TEXT];           /* and its text                                               */
} worker;

/* One cell: its data, which the model uses in place, and its model, used again for every round. */
typedef struct cell {
    cell_data data;
    rf_model *model;
    worker *owner;
    int64_t number, round;
    double began, reached;          /* when this round began and where it stands, in host time     */
} cell;

typedef struct simulation {
    cell *cells;
    int64_t count;
    worker workers[MOST_WORKERS];
    int threads;
    double time;
    int report;                     /* print the first lines of the log                           */
} simulation;

/* What a whole run comes to.  It does not depend on the number of threads. */
typedef struct summary {
    int64_t events, rounds, certified;
    double loss;                    /* the sum over the cells at their limits                     */
    uint64_t hash;                  /* of the weights of all cells after every step               */
} summary;

/* Creates a model for each cell.  The result is the first error, or RF_OK; a simulation that failed
 * to open is to be closed like any other. */
rf_status simulation_open(simulation *s, int64_t count, int threads);

/* Frees the models and the memory.  The result is the number of blocks that leaked. */
int64_t simulation_close(simulation *s);

/* Takes every cell to the end of the step, and those at rest to a new start.  After an error the same
 * step is made good with simulation_again. */
rf_status simulation_step(simulation *s, double dt);
rf_status simulation_again(simulation *s);

/* Steps, then takes every cell to its certified limit. */
rf_status simulation_run(simulation *s, int steps, double dt, summary *out);

/* The text of the first error. */
const char *simulation_error(const simulation *s);

#endif
