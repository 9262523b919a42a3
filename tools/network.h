/* network.h: how many neurons, and their outer weights.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_NETWORK_H
#define TOOLS_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "dataset.h"
#include "options.h"

struct network {
    bool asked;    /* --neurons or --outer was given             */
    int64_t count; /* m; 1 unless asked                          */
    double *a;     /* m: outer weights                           */
    double norm;   /* their Euclidean norm                       */
};

/* Reads what --neurons and --outer ask for; network_free also after a failure. */
int network_load(const struct options *options, struct network *out);

/* STATUS_OK, or fail() if so many neurons cannot be followed on these data. */
int network_check_memory(const struct options *options, const struct network *network,
                         const struct dataset *data);

/* fail() for memory that ran out although it did not look so: with what was asked for. */
int network_fail_memory(const struct network *network, const struct dataset *data);

void network_free(struct network *network);

/* The number of weights of all neurons, those of one being d. */
int64_t network_weights(const struct network *network, int64_t d);

#endif
