/* sundials_stepper.h: one step of an initial value problem with root functions, by ARKODE or by
 * CVODE.  SPDX-License-Identifier: MIT */
#ifndef SUNDIALS_STEPPER_H
#define SUNDIALS_STEPPER_H

#include <nvector/nvector_serial.h>
#include <sundials/sundials_context.h>
#include <sundials/sundials_linearsolver.h>
#include <sundials/sundials_matrix.h>
#include <sundials/sundials_nonlinearsolver.h>

enum { PEER_STEP_FAILED, PEER_STEP_TAKEN, PEER_STEP_ROOT, PEER_STEP_END };

/* w' = v(w) from w0 at time 0, with root functions g of which the falling zeros are wanted. */
typedef struct peer_stepper_task {
    int d, roots;
    const double *w0;                                           /* d                             */
    void (*velocity)(const double *w, double *v, void *user);
    void (*jacobian)(double *J, void *user);                    /* NULL: by differences          */
    void (*root_functions)(const double *w, double *g, void *user);
    int *direction;                                             /* roots: -1 each                */
    void *user;
    double relative, absolute, t_end;
} peer_stepper_task;

typedef struct peer_stepper {
    peer_stepper_task task;
    int method;                     /* PEER_DORMAND_PRINCE_5 ... of sundials_flow.h              */
    double *w;                      /* the state                                                 */
    void *memory;
    SUNContext context;
    N_Vector state;
    SUNMatrix matrix;
    SUNLinearSolver linear;
    SUNNonlinearSolver nonlinear;
} peer_stepper;

/* 0, or -1.  Whatever it returns, the stepper is freed with peer_stepper_free; it does not move in
 * memory meanwhile. */
int peer_stepper_create(peer_stepper *self, int method, const peer_stepper_task *task);
void peer_stepper_free(peer_stepper *self);

/* One step, to a root or to the end: PEER_STEP_*.  *time receives the time of the state. */
int peer_stepper_advance(peer_stepper *self, double *time);

/* After PEER_STEP_ROOT: found[i] is not 0 where root function i vanished.  0, or -1. */
int peer_stepper_roots(peer_stepper *self, int *found);

/* Starts anew from the present state, with the length of the last step.  0, or -1. */
int peer_stepper_restart(peer_stepper *self, double time);

/* Adds what was done since the last start. */
void peer_stepper_count(peer_stepper *self, long *steps, long *calls);

#endif
