/* neurons.h: what became of every neuron of a network, and printing it on stdout.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_NEURONS_H
#define TOOLS_NEURONS_H

#include <stdbool.h>
#include <stdint.h>

#include "json.h"
#include "runs.h"

/* Directions that differ by no more than this angle are one. */
extern const double neurons_angle;

struct neuron {
    bool alive;            /* a row is active or sliding                     */
    double norm;           /* |w_j|                                          */
    int64_t group;         /* first neuron of its direction; -1 where w_j = 0 */
    int64_t active;        /* rows                                           */
    int64_t boundary;
    int64_t trajectory;
    int64_t events;        /* without the inner ones                         */
    int64_t origins;       /* times it reached w_j = 0 ...                   */
    int64_t exits;         /* ... and left it after it was held there        */
    enum norm_verdict verdict;
    double first_failure;
};

/* The alive neurons of one direction. */
struct group {
    int64_t first;         /* neuron                        */
    int64_t neurons;
    double outer;          /* sum of a_j                    */
    double weight;         /* sum of a_j |w_j|              */
};

struct neurons {
    struct neuron *neuron; /* m; NULL: no network was asked for */
    int64_t alive;
    struct group *group;   /* m, of which:                      */
    int64_t groups;
    enum norm_verdict verdict; /* of all weights together       */
    double first_failure;
    double linear_loss;    /* of the best linear fit            */
    double zero_loss;      /* of weights 0                      */
};

struct experiment;

/* Fills the neurons of a finished experiment. */
int neurons_collect(struct experiment *experiment);

void neurons_free(struct neurons *neurons);

void neurons_text(const struct experiment *experiment);
/* with_rows: with the columns of the rows for every neuron. */
void neurons_json(struct json *json, const struct experiment *experiment, bool with_rows);

/* The certificates of the norm alone, as lines and as a member. */
void neurons_norms_text(const struct experiment *experiment);

#endif
