/* landscape.h: the stationary points in the plane, where trajectories end, and printing them.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_LANDSCAPE_H
#define TOOLS_LANDSCAPE_H

#include <stdbool.h>
#include <stdint.h>

#include <reluflow/reluflow.h>

#include "dataset.h"
#include "options.h"
#include "runs.h"

struct landscape {
    struct options options;
    struct dataset data;
    struct network network; /* of one neuron */
    rf_stationary_point *point;
    int64_t count;
    struct runs runs;      /* of --starts                                            */
    int64_t *ends;         /* for each point the number of runs that end there       */
    int64_t unfinished;    /* runs that are at no certified limit                    */
    int64_t elsewhere;     /* runs whose limit is none of the points                 */
    double farthest;       /* the largest distance of a limit from the point it is   */
};

/* Counts at which point every run ends: at the nearest, if it is not further than rounding. */
void landscape_count_ends(struct landscape *landscape);

/* The distance of w from a point, line, ray or cone of stationary points. */
double landscape_distance(const rf_stationary_point *point, const double w[2]);

/* The point of least loss: the global minimum. */
int64_t landscape_lowest(const struct landscape *landscape);

/* Which members of a point its kind uses. */
bool landscape_has_row(const rf_stationary_point *point);
bool landscape_has_theta(const rf_stationary_point *point);
bool landscape_has_direction(const rf_stationary_point *point);

void landscape_text(const struct landscape *landscape);
void landscape_json(const struct landscape *landscape);
void landscape_csv(const struct landscape *landscape);

#endif
