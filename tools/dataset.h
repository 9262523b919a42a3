/* dataset.h: the data of a problem, from a CSV file or built in.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_DATASET_H
#define TOOLS_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"

struct dataset {
    const char *source; /* path, or name of the bundled data            */
    bool bundled;
    int64_t n;
    int64_t d;          /* number of weights, the bias included         */
    int64_t variables;  /* columns taken from the file, without the label */
    char **names;       /* d                                            */
    char *label;
    double *X;          /* n x d                                        */
    double *y;          /* n                                            */
    double *mean;       /* variables; NULL unless standardized          */
    double *deviation;  /* the same; 0 for a constant column            */
};

int dataset_load(const struct options *options, struct dataset *out);
void dataset_free(struct dataset *data);

/* Shifts and scales the variables in place; fills mean and deviation. */
int dataset_standardize(struct dataset *data);

#endif
