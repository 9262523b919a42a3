/* peer_pattern.h: velocity and Filippov's rule for one activation pattern, written without the
 * library, for the independent integrator.  SPDX-License-Identifier: MIT */
#ifndef PEER_PATTERN_H
#define PEER_PATTERN_H

typedef struct peer_problem {
    int n, d;
    const double *X;            /* n x d, row-major                                              */
    const double *y;            /* n                                                             */
    const double *c;            /* n                                                             */
    double beta;                /* slope for z < 0                                               */
} peer_problem;

enum { PEER_INACTIVE = 0, PEER_ACTIVE = 1, PEER_SLIDING = 2 };

/* Sliding sets and simultaneous kinks larger than this are left to the library alone. */
enum { PEER_MAX_KINKS = 7 };

/* The pattern, and the linear field w' = P(b - H w) that belongs to it. */
typedef struct peer_pattern {
    const peer_problem *problem;
    int use_matrix;             /* 1: H and b are kept; 0: sums over the rows                    */
    int *state;                 /* n                                                             */
    double *H, *b;              /* d x d, d                                                      */
    int sliding_count;
    int sliding[PEER_MAX_KINKS];
    double *Q;                  /* PEER_MAX_KINKS x d: orthonormal basis of span(X_S)            */
    double R[PEER_MAX_KINKS * PEER_MAX_KINKS];
    double *work, *trial;       /* d each                                                        */
} peer_pattern;

double peer_dot(int d, const double *a, const double *b);

/* Returns 0, or -1 if memory is short. */
int peer_pattern_create(peer_pattern *pattern, const peer_problem *problem, const double *w);
void peer_pattern_free(peer_pattern *pattern);

/* v = w' at w; theta, if not NULL, receives one value for each sliding datum. */
void peer_pattern_velocity(const peer_pattern *pattern, const double *w, double *v, double *theta);

/* dv/dw = -P H, column-major; needs use_matrix. */
void peer_pattern_jacobian(const peer_pattern *pattern, double *J);

/* z = X w. */
void peer_pattern_margins(const peer_pattern *pattern, const double *w, double *z);

/* Moves datum to a state, keeping H, b and the basis of the sliding set up to date.  Returns 0, or
 * -1 if the sliding set became too large or its rows dependent. */
int peer_pattern_move(peer_pattern *pattern, int datum, int state);

/* Removes the components of w along the sliding rows. */
void peer_pattern_project(const peer_pattern *pattern, double *w);

/* Filippov's rule for the kinks K at w: tries every assignment of states and keeps the consistent
 * one.  Returns 0 and fills chosen, or -1 when none or more than one is consistent, or when a
 * decision is too close to a tie. */
int peer_pattern_resolve(peer_pattern *pattern, const double *w, int count, const int *kinks,
                         int *chosen);

#endif
