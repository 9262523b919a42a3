/* sundials_stepper.c: one step of an initial value problem with root functions, by ARKODE or by
 * CVODE.  SPDX-License-Identifier: MIT */
#include "sundials_stepper.h"

#include <math.h>
#include <string.h>

#include <arkode/arkode_erkstep.h>
#include <cvode/cvode.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#include "sundials_flow.h"

static int uses_cvode(const peer_stepper *self)
{
    return self->method == PEER_ADAMS || self->method == PEER_BDF;
}

static int right_hand_side(realtype t, N_Vector w, N_Vector v, void *user)
{
    const peer_stepper *self = user;

    (void)t;
    self->task.velocity(NV_DATA_S(w), NV_DATA_S(v), self->task.user);
    return 0;
}

static int root_functions(realtype t, N_Vector w, realtype *g, void *user)
{
    const peer_stepper *self = user;

    (void)t;
    self->task.root_functions(NV_DATA_S(w), g, self->task.user);
    return 0;
}

static int jacobian(realtype t, N_Vector w, N_Vector v, SUNMatrix J, void *user, N_Vector a,
                    N_Vector b, N_Vector c)
{
    const peer_stepper *self = user;

    (void)t, (void)w, (void)v, (void)a, (void)b, (void)c;
    self->task.jacobian(SM_DATA_D(J), self->task.user);
    return 0;
}

static int table_of(int method)
{
    return method == PEER_CASH_KARP_5 ? ARKODE_CASH_KARP_6_4_5 : ARKODE_DORMAND_PRINCE_7_4_5;
}

static int create_arkode(peer_stepper *self)
{
    const peer_stepper_task *task = &self->task;

    self->memory = ERKStepCreate(right_hand_side, 0.0, self->state, self->context);
    if (self->memory == NULL
        || ERKStepSetUserData(self->memory, self) != ARK_SUCCESS
        || ERKStepSetTableNum(self->memory, table_of(self->method)) != ARK_SUCCESS
        || ERKStepSStolerances(self->memory, task->relative, task->absolute) != ARK_SUCCESS
        || ERKStepSetInterpolantType(self->memory, ARK_INTERP_HERMITE) != ARK_SUCCESS
        || ERKStepSetInterpolantDegree(self->memory, 5) != ARK_SUCCESS
        || ERKStepRootInit(self->memory, task->roots, root_functions) != ARK_SUCCESS
        || ERKStepSetRootDirection(self->memory, task->direction) != ARK_SUCCESS
        || ERKStepSetNoInactiveRootWarn(self->memory) != ARK_SUCCESS
        || ERKStepSetMaxNumSteps(self->memory, -1) != ARK_SUCCESS
        || ERKStepSetStopTime(self->memory, task->t_end) != ARK_SUCCESS) {
        return -1;
    }
    return 0;
}

/* Newton's method with a dense matrix for BDF, functional iteration for Adams. */
static int set_solver(peer_stepper *self)
{
    const int d = self->task.d;

    if (self->method == PEER_ADAMS) {
        self->nonlinear = SUNNonlinSol_FixedPoint(self->state, 0, self->context);
        return self->nonlinear != NULL
               && CVodeSetNonlinearSolver(self->memory, self->nonlinear) == CV_SUCCESS ? 0 : -1;
    }
    self->matrix = SUNDenseMatrix(d, d, self->context);
    if (self->matrix == NULL) {
        return -1;
    }
    self->linear = SUNLinSol_Dense(self->state, self->matrix, self->context);
    if (self->linear == NULL
        || CVodeSetLinearSolver(self->memory, self->linear, self->matrix) != CV_SUCCESS) {
        return -1;
    }
    return self->task.jacobian == NULL
           || CVodeSetJacFn(self->memory, jacobian) == CV_SUCCESS ? 0 : -1;
}

static int create_cvode(peer_stepper *self)
{
    const peer_stepper_task *task = &self->task;

    self->memory = CVodeCreate(self->method == PEER_ADAMS ? CV_ADAMS : CV_BDF, self->context);
    if (self->memory == NULL
        || CVodeInit(self->memory, right_hand_side, 0.0, self->state) != CV_SUCCESS
        || CVodeSetUserData(self->memory, self) != CV_SUCCESS
        || CVodeSStolerances(self->memory, task->relative, task->absolute) != CV_SUCCESS
        || set_solver(self) != 0
        || CVodeRootInit(self->memory, task->roots, root_functions) != CV_SUCCESS
        || CVodeSetRootDirection(self->memory, task->direction) != CV_SUCCESS
        || CVodeSetNoInactiveRootWarn(self->memory) != CV_SUCCESS
        || CVodeSetMaxNumSteps(self->memory, -1) != CV_SUCCESS
        || CVodeSetStopTime(self->memory, task->t_end) != CV_SUCCESS) {
        return -1;
    }
    return 0;
}

int peer_stepper_create(peer_stepper *self, int method, const peer_stepper_task *task)
{
    memset(self, 0, sizeof *self);
    self->task = *task;
    self->method = method;
    if (SUNContext_Create(NULL, &self->context) != 0) {
        return -1;
    }
    self->state = N_VNew_Serial(task->d, self->context);
    if (self->state == NULL) {
        return -1;
    }
    self->w = NV_DATA_S(self->state);
    memcpy(self->w, task->w0, (size_t)task->d * sizeof *self->w);
    return uses_cvode(self) ? create_cvode(self) : create_arkode(self);
}

void peer_stepper_free(peer_stepper *self)
{
    if (self->memory != NULL && uses_cvode(self)) {
        CVodeFree(&self->memory);
    } else if (self->memory != NULL) {
        ERKStepFree(&self->memory);
    }
    if (self->nonlinear != NULL) {
        SUNNonlinSolFree(self->nonlinear);
    }
    if (self->linear != NULL) {
        SUNLinSolFree(self->linear);
    }
    if (self->matrix != NULL) {
        SUNMatDestroy(self->matrix);
    }
    if (self->state != NULL) {
        N_VDestroy(self->state);
    }
    if (self->context != NULL) {
        SUNContext_Free(&self->context);
    }
    memset(self, 0, sizeof *self);
}

int peer_stepper_advance(peer_stepper *self, double *time)
{
    const double t_end = self->task.t_end;
    int code, root, stop;

    if (uses_cvode(self)) {
        code = CVode(self->memory, t_end, self->state, time, CV_ONE_STEP);
        root = code == CV_ROOT_RETURN;
        stop = code == CV_TSTOP_RETURN;
    } else {
        code = ERKStepEvolve(self->memory, t_end, self->state, time, ARK_ONE_STEP);
        root = code == ARK_ROOT_RETURN;
        stop = code == ARK_TSTOP_RETURN;
    }
    return code < 0 ? PEER_STEP_FAILED : root ? PEER_STEP_ROOT
                                       : stop ? PEER_STEP_END : PEER_STEP_TAKEN;
}

int peer_stepper_roots(peer_stepper *self, int *found)
{
    int code = uses_cvode(self) ? CVodeGetRootInfo(self->memory, found)
                                : ERKStepGetRootInfo(self->memory, found);

    return code == 0 ? 0 : -1;
}

/* A restart forgets the stop time. */
int peer_stepper_restart(peer_stepper *self, double time)
{
    const double t_end = self->task.t_end;
    double step = 0.0;
    int failed;

    if (uses_cvode(self)) {
        CVodeGetLastStep(self->memory, &step);
        failed = CVodeReInit(self->memory, time, self->state) != CV_SUCCESS
                 || CVodeSetInitStep(self->memory, fmin(step, t_end - time)) != CV_SUCCESS
                 || CVodeSetStopTime(self->memory, t_end) != CV_SUCCESS;
    } else {
        ERKStepGetLastStep(self->memory, &step);
        failed = ERKStepReInit(self->memory, right_hand_side, time, self->state) != ARK_SUCCESS
                 || ERKStepSetInitStep(self->memory, fmin(step, t_end - time)) != ARK_SUCCESS
                 || ERKStepSetStopTime(self->memory, t_end) != ARK_SUCCESS;
    }
    return failed ? -1 : 0;
}

void peer_stepper_count(peer_stepper *self, long *steps, long *calls)
{
    long taken = 0, called = 0;

    if (uses_cvode(self)) {
        CVodeGetNumSteps(self->memory, &taken);
        CVodeGetNumRhsEvals(self->memory, &called);
    } else {
        ERKStepGetNumSteps(self->memory, &taken);
        ERKStepGetNumRhsEvals(self->memory, &called);
    }
    *steps += taken;
    *calls += called;
}
