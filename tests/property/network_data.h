/* network_data.h: small networks of any weights, and their flows to the limit.
 * SPDX-License-Identifier: MIT */
#ifndef TEST_NETWORK_DATA_H
#define TEST_NETWORK_DATA_H

#include <reluflow/reluflow.h>
#include <stdint.h>

enum { MOST_ROWS = 16, MOST_DIM = 6, MOST_NEURONS = 8 };

typedef struct network {
    int64_t n, d, m;
    double X[MOST_ROWS * MOST_DIM], y[MOST_ROWS], c[MOST_ROWS];
    double a[MOST_NEURONS], w[MOST_NEURONS * MOST_DIM];
} network;

/* A network that ran to its limit. */
typedef struct finished {
    rf_model *model;
    int64_t events;
    rf_event *event;
    double w[MOST_NEURONS * MOST_DIM];
} finished;

/* Gaussian data, labels and starts; outer weights of size 0.5 to 1.5 of both signs. */
network random_network(uint64_t seed);

/* Data, weights and start; asserts that nothing fails. */
rf_model *network_start(const network *t);

finished network_finish(const network *t);
void finished_free(finished *f);

/* A quantity at a time. */
void finished_ask(const finished *f, double time, int32_t quantity, double *out);

#endif
