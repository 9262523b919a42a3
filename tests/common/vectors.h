/* vectors.h: the reference vectors of tests/vectors (SCHEMA.md there), read with Jansson.
 * SPDX-License-Identifier: MIT */
#ifndef TEST_VECTORS_H
#define TEST_VECTORS_H

#include <stdint.h>

/* State of a datum, as rf_model_pattern gives it. */
enum { STATE_INACTIVE = 0, STATE_ACTIVE = 1, STATE_SLIDING = 2 };

typedef struct vector_event {
    double time;
    int64_t datum;
    int32_t kind;       /* RF_EVENT_* */
} vector_event;

typedef struct vector_point {
    double time, loss;
    double *w;          /* d */
    double *alpha;      /* n */
    uint8_t *state;     /* n */
} vector_point;

typedef struct vector_case {
    char name[64];
    int64_t n, d;
    double *X, *y, *c, *w0;         /* w0 is 0 for a small_init */
    double *u;                      /* the direction of a small_init; NULL for a flow */
    int32_t activation;
    double beta;
    double T;                       /* INFINITY for a run to the limit */
    double kappa_w, kappa_t;        /* NaN where not measured */
    int complete, repelling;
    int64_t event_count;
    vector_event *events;
    double *w_end, *z_end, loss_end;
    double *alpha_end;              /* NULL for T = INFINITY */
    uint8_t *initial, *final;       /* n states */
    double *theta_end, *u_end;      /* n; 0 where not sliding */
    double *deactivations, *reactivations;
    int norm_monotone;
    double norm_fail_time;          /* NaN if never */
    int64_t point_count;
    vector_point *points;
    int32_t inner_ending;           /* RF_INNER_*; what follows is that of a small_init */
    int64_t inner_count;
    vector_event *inner;            /* their times are s */
    double *escape_velocity;        /* d */
    struct vector_block *blocks;    /* everything allocated above */
} vector_case;

/* Names of the files of tests/vectors whose kind is "flow", sorted; returns their number and a list
 * to be freed with vector_names_free. */
int64_t vector_names(char ***names);

/* The same for the kinds "flow" and "small_init": both end in a flow. */
int64_t vector_names_all(char ***names);
void vector_names_free(char **names, int64_t count);

/* Reads a case by its name (the file name without .json); aborts on a malformed file.  What is
 * expected of the flow of a small_init after its escape stands where that of a flow does. */
vector_case *vector_read(const char *name);
void vector_free(vector_case *v);

#endif
