/* experiment.h: a problem, its run, and what came out of it; the same for every command.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_EXPERIMENT_H
#define TOOLS_EXPERIMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <reluflow/reluflow.h>

#include "dataset.h"
#include "network.h"
#include "neurons.h"
#include "options.h"
#include "progress.h"

/* What is known of every datum at the end, in the order of the tables printed. */
enum datum_column {
    DATUM_MARGIN,
    DATUM_RESIDUAL,
    DATUM_PATTERN,
    DATUM_COEFFICIENT,
    DATUM_MULTIPLIER,
    DATUM_DEACTIVATIONS,
    DATUM_REACTIVATIONS,
    DATUM_FIRST_ACTIVE,
    DATUM_LAST_ACTIVE,
    DATUM_COLUMNS
};

/* How a run ended. */
enum ending { ENDED_AT_LIMIT, ENDED_AT_TIME, ENDED_AFTER_STEPS, ENDED_BY_EVENT_LIMIT };

enum { EVENT_KINDS = RF_EVENT_ORIGIN_EXIT + 1 }; /* kinds count from 1 */

struct support {
    int64_t *data; /* ascending; of several neurons pairs, neuron n + row */
    int64_t count;
};

struct outcome {
    enum ending ending;
    bool certified;             /* the limit is reached and no event is left */
    double time;
    double loss;
    double gradient_norm;
    double speed;               /* |w'|; with descent the same as gradient_norm */
    double weight_norm;
    double path_length;
    double slowest_rate;        /* smallest positive rate; NaN if there is none */
    double fastest_rate;        /* largest rate */
    int64_t rates;              /* number of positive rates: the rank of the data that pull */
    int32_t flags;
    double last_event;          /* time; NaN if there is none */
    double dead_since;          /* time from which no row of ReLU neurons is active; NaN if one is */
    int64_t events[EVENT_KINDS]; /* without the inner events */
    int64_t inner_events;
    int32_t inner_ending;       /* RF_INNER_* */
    double *weights;            /* m d */
    double *datum[DATUM_COLUMNS]; /* m n each, the residuals n */
    uint8_t *state;             /* m n: 0 inactive, 1 active, 2 sliding */
    struct support active;
    struct support boundary;
    struct support trajectory;
};

/* How far w(infinity) moves without a row. */
struct influence {
    int64_t count;              /* 0: not asked for */
    int64_t *row;               /* by distance, largest first */
    double *distance;
    double *weights;            /* count x m d: w(infinity) without the row */
    double accuracy;            /* a distance below is rounding */
};

struct experiment {
    struct options options;
    struct dataset data;
    struct network network;
    int64_t size;               /* weights of all neurons, m d */
    double *direction;          /* m d: w(0) = scale direction */
    double scale;
    double *start;              /* m d: w(0) */
    double start_loss;
    double start_gradient_norm;
    double start_speed;
    double start_norm;
    double eta_limit;           /* gd: descent is stable below it; NaN: not known */
    rf_model *model;
    struct progress progress;
    bool progress_shown;
    struct outcome outcome;
    struct influence influence;
    struct neurons neurons;
};

/* Reads the data and the start, and creates a model initialized there. */
int experiment_prepare(struct experiment *experiment);

/* fail() for a status of the library, naming the input that led to it if there is one; model may be NULL. */
int experiment_fail(const struct experiment *experiment, const rf_model *model, rf_status status);

/* Takes the status of the run, and collects the outcome when it is no error. */
int experiment_finish(struct experiment *experiment, rf_status status);

void experiment_free(struct experiment *experiment);

/* The command was gd. */
bool experiment_descends(const struct experiment *experiment);

/* |w'| now; buffer is room for all weights. */
rf_status experiment_speed(const rf_model *model, double *buffer, double *speed);

/* Calls visit for every event in order; stops at the first status other than STATUS_OK. */
int experiment_each_event(const struct experiment *experiment,
                          int (*visit)(const rf_event *event, void *user), void *user);

#endif
