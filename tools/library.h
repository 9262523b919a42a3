/* library.h: a model for the data and options of a command, and the library's errors.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_LIBRARY_H
#define TOOLS_LIBRARY_H

#include <reluflow/reluflow.h>

#include "dataset.h"
#include "network.h"
#include "options.h"

/* fail(STATUS_FAILED) with the words for a status: for const functions, which leave no text. */
int library_fail(rf_status status);

/* The same with what the library says of the model's last error. */
int library_fail_model(const rf_model *model, rf_status status);

/* Where a number that leads out of the range of double may have come from. */
struct library_input {
    const struct options *options;
    const struct dataset *data;
    const struct network *network; /* NULL: none */
    double start; /* the largest magnitude of w(0) = s u: s, of a file its largest number; 0: not set */
    double eta_limit; /* of gd, beyond which descent is not stable; NaN: not known */
};

/* The same, but where the range of double was left names the most extreme number of the input, if that
 * is the reason, and where memory ran out the size of the network; model may be NULL. */
int library_fail_input(const rf_model *model, const struct library_input *input, rf_status status);

/* A model of the data, which it borrows: neurons, activation, weights and event limit are set,
 * threads are not.  network NULL: one neuron.  *out is to be freed also after a failure. */
int library_create(const struct options *options, const struct dataset *data,
                   const struct network *network, rf_model **out);

/* The loss of the best linear fit, and that of weights 0; NaN where it leaves the range of double. */
int library_compare(const struct options *options, const struct dataset *data, double *linear,
                    double *zero);

#endif
