/* net_case.h: the reference vectors of networks, tests/vectors/net (SCHEMA.md there).
 * SPDX-License-Identifier: MIT */
#ifndef ORACLE_NET_CASE_H
#define ORACLE_NET_CASE_H

#include <reluflow/reluflow.h>
#include <stdint.h>

typedef struct net_point {
    double time, loss;
    double *w, *alpha;      /* m*d, m*n */
    uint8_t *state;         /* m*n */
} net_point;

/* The result of a flow. */
typedef struct net_flow {
    int64_t event_count, point_count;
    rf_event *events;       /* time, neuron, datum, kind */
    net_point *points;
    double *w, *z, *f, loss;    /* m*d, m*n, n */
    uint8_t *initial, *final;   /* m*n */
    double *theta, *u;          /* m*n; 0 where not sliding */
    double *deactivations, *reactivations;
    int complete, norm_monotone;
    double norm_fail_time;      /* NaN if never */
} net_flow;

typedef struct net_case {
    const char *name;
    int vanishing;              /* small_init: start is U, and w(0) = eps U */
    int64_t n, d, m;
    double *X, *y, *c, *a, *start, T;
    double kappa_w, kappa_t;
    int64_t inner_count;
    rf_event *inner;            /* events of the inner flows, by time */
    double *escape;             /* m*d: their velocities at the end */
    net_flow flow;
    struct net_block *blocks;
} net_case;

/* Reads tests/vectors/net/NAME.json; aborts on a malformed file. */
net_case *net_read(const char *name);
void net_free(net_case *c);

/* A model of the case, initialized. */
rf_model *net_model(const net_case *c);

#endif
