/* sundials_flow.c: the flow integrated step by step with ARKODE and located events.
 * SPDX-License-Identifier: MIT
 *
 * The root function of a datum off its kink is side * z (positive on the side it is on), that of a
 * sliding datum theta (1 - theta).  Right after an event a margin is zero up to rounding, and a
 * root function that is zero at a restart is lost or found again at once.  So the datum that has
 * just left its kink is watched through side * z + shift, with a shift far above rounding and far
 * below any result, until it is ten shifts away. */
#include "sundials_flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <arkode/arkode_erkstep.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_context.h>

/* The shift, relative to |x_i| |w|. */
static const double shift_level = 1e-10;

/* Below this fraction of |w0| a run that slides is arriving at the origin. */
static const double origin_level = 1e-6;

enum { DEACTIVATE = 1, ACTIVATE = 2, SLIDE_ENTER = 3, SLIDE_EXIT_ACTIVE = 4,
       SLIDE_EXIT_INACTIVE = 5 };

typedef struct integrator {
    const peer_problem *problem;
    const peer_options *options;
    peer_run *run;
    peer_pattern pattern;
    SUNContext context;
    N_Vector state;
    void *arkode;
    double *norms, *shift, *velocity;   /* n, n, d                                               */
    int *masked, masked_count;          /* the data with a shift                                 */
    int *found, *direction;             /* n each                                                */
    double start_norm;
} integrator;

static int right_hand_side(realtype t, N_Vector w, N_Vector v, void *user)
{
    integrator *self = user;

    (void)t;
    peer_pattern_velocity(&self->pattern, NV_DATA_S(w), NV_DATA_S(v), NULL);
    return 0;
}

static int root_functions(realtype t, N_Vector w, realtype *g, void *user)
{
    integrator *self = user;
    const peer_pattern *pattern = &self->pattern;
    double theta[PEER_MAX_KINKS];

    (void)t;
    peer_pattern_margins(pattern, NV_DATA_S(w), g);
    for (int i = 0; i < self->problem->n; i++) {
        double side = pattern->state[i] == PEER_ACTIVE ? 1.0 : -1.0;
        g[i] = self->norms[i] > 0.0 ? side * g[i] + self->shift[i] : 1.0;
    }
    if (pattern->sliding_count > 0) {
        peer_pattern_velocity(pattern, NV_DATA_S(w), self->velocity, theta);
        for (int j = 0; j < pattern->sliding_count; j++) {
            g[pattern->sliding[j]] = theta[j] * (1.0 - theta[j]);
        }
    }
    return 0;
}

static void mask(integrator *self, int datum, double level)
{
    if (self->shift[datum] == 0.0) {
        self->masked[self->masked_count++] = datum;
    }
    self->shift[datum] = level;
}

/* Takes the shift from the data that are far enough from their kink, or slide. */
static void unmask(integrator *self)
{
    const double *w = NV_DATA_S(self->state);
    int d = self->problem->d, kept = 0;

    for (int j = 0; j < self->masked_count; j++) {
        int i = self->masked[j], state = self->pattern.state[i];
        double side = state == PEER_ACTIVE ? 1.0 : -1.0;
        double z = peer_dot(d, self->problem->X + (size_t)i * (size_t)d, w);
        if (state == PEER_SLIDING || side * z > 10.0 * self->shift[i]) {
            self->shift[i] = 0.0;
        } else {
            self->masked[kept++] = i;
        }
    }
    self->masked_count = kept;
}

static int kind_of(int before, int after)
{
    if (after == PEER_SLIDING) {
        return SLIDE_ENTER;
    }
    if (before == PEER_SLIDING) {
        return after == PEER_ACTIVE ? SLIDE_EXIT_ACTIVE : SLIDE_EXIT_INACTIVE;
    }
    return after == PEER_ACTIVE ? ACTIVATE : DEACTIVATE;
}

static int record(integrator *self, double time, int datum, int kind, double speed)
{
    peer_run *run = self->run;

    if (run->event_count == run->event_capacity) {
        int capacity = 2 * run->event_capacity + 64;
        peer_event *events = realloc(run->events, (size_t)capacity * sizeof *events);
        if (events == NULL) {
            return PEER_FAILED;
        }
        run->events = events;
        run->event_capacity = capacity;
    }
    run->events[run->event_count++] = (peer_event){time, speed, datum, kind};
    return PEER_DONE;
}

/* Moves a datum and records it.  Leaving the kink it is watched through a shift. */
static int change(integrator *self, double time, int datum, int state, double speed)
{
    const double *w = NV_DATA_S(self->state);
    int kind = kind_of(self->pattern.state[datum], state);
    double level = self->norms[datum] * sqrt(peer_dot(self->problem->d, w, w));

    if (record(self, time, datum, kind, speed) != PEER_DONE) {
        return PEER_FAILED;
    }
    mask(self, datum, shift_level * level + 1e-300);
    return peer_pattern_move(&self->pattern, datum, state) == 0 ? PEER_DONE : PEER_TIE;
}

/* A margin vanished: Filippov's rule for the arrival and the sliding data together. */
static int arrive(integrator *self, double time, int datum)
{
    peer_pattern *pattern = &self->pattern;
    const double *w = NV_DATA_S(self->state), *x;
    int kinks[PEER_MAX_KINKS], chosen[PEER_MAX_KINKS], count = 0, d = self->problem->d;

    if (pattern->sliding_count == PEER_MAX_KINKS) {
        return PEER_TIE;
    }
    for (int j = 0; j < pattern->sliding_count; j++) {
        kinks[count++] = pattern->sliding[j];
    }
    kinks[count++] = datum;
    x = self->problem->X + (size_t)datum * (size_t)d;
    peer_pattern_velocity(pattern, w, self->velocity, NULL);
    double speed = fabs(peer_dot(d, x, self->velocity)) / self->norms[datum];
    if (peer_pattern_resolve(pattern, w, count, kinks, chosen) != 0
        || chosen[count - 1] == pattern->state[datum]) {
        return PEER_TIE;
    }
    for (int j = 0; j < count; j++) {
        if (chosen[j] != pattern->state[kinks[j]]) {
            int status = change(self, time, kinks[j], chosen[j], speed);
            if (status != PEER_DONE) {
                return status;
            }
        }
    }
    return PEER_DONE;
}

/* A multiplier reached a bound: the datum leaves to that side; the velocity is continuous. */
static int leave(integrator *self, double time, int datum)
{
    double theta[PEER_MAX_KINKS], later[PEER_MAX_KINKS];
    peer_pattern *pattern = &self->pattern;
    double *w = NV_DATA_S(self->state);
    int j = 0, d = self->problem->d;

    while (pattern->sliding[j] != datum) {
        j++;
    }
    /* theta is affine in w: its rate is the difference over w -> w + w'. */
    peer_pattern_velocity(pattern, w, self->velocity, theta);
    double *ahead = pattern->work;
    for (int k = 0; k < d; k++) {
        ahead[k] = w[k] + self->velocity[k];
    }
    peer_pattern_velocity(pattern, ahead, self->velocity, later);
    return change(self, time, datum, theta[j] < 0.5 ? PEER_INACTIVE : PEER_ACTIVE,
                  fabs(later[j] - theta[j]));
}

static int handle_root(integrator *self, double time)
{
    double *w = NV_DATA_S(self->state), last_step = 0.0;
    peer_run *run = self->run;
    int datum = -1, status, d = self->problem->d;

    if (ERKStepGetRootInfo(self->arkode, self->found) != ARK_SUCCESS) {
        return PEER_FAILED;
    }
    for (int i = 0; i < self->problem->n; i++) {
        if (self->found[i] != 0) {
            if (datum >= 0) {
                return PEER_TIE;
            }
            datum = i;
        }
    }
    double previous = run->event_count > 0 ? run->events[run->event_count - 1].time : 0.0;
    if (datum < 0 || time - previous < self->options->least_gap * (1.0 + time)
        || (self->pattern.sliding_count > 0
            && sqrt(peer_dot(d, w, w)) < origin_level * self->start_norm)) {
        return PEER_TIE;
    }
    status = self->pattern.state[datum] == PEER_SLIDING ? leave(self, time, datum)
                                                        : arrive(self, time, datum);
    if (status != PEER_DONE) {
        return status;
    }
    peer_pattern_project(&self->pattern, w);
    /* A restart forgets the stop time. */
    ERKStepGetLastStep(self->arkode, &last_step);
    if (ERKStepReInit(self->arkode, right_hand_side, time, self->state) != ARK_SUCCESS
        || ERKStepSetInitStep(self->arkode, fmin(last_step, self->options->t_end - time))
               != ARK_SUCCESS
        || ERKStepSetStopTime(self->arkode, self->options->t_end) != ARK_SUCCESS) {
        return PEER_FAILED;
    }
    return PEER_DONE;
}

/* ReInit resets the counters: they are collected before. */
static void count_work(integrator *self)
{
    long steps = 0, calls = 0;

    ERKStepGetNumSteps(self->arkode, &steps);
    ERKStepGetNumRhsEvals(self->arkode, &calls);
    self->run->steps += steps;
    self->run->rhs_calls += calls;
}

static int advance(integrator *self)
{
    double time = 0.0;

    for (;;) {
        int code = ERKStepEvolve(self->arkode, self->options->t_end, self->state, &time,
                                 ARK_ONE_STEP);
        self->run->end_time = time;
        if (code < 0) {
            return PEER_FAILED;
        }
        unmask(self);
        if (code == ARK_ROOT_RETURN) {
            count_work(self);
            int status = handle_root(self, time);
            if (status != PEER_DONE) {
                return status;
            }
        } else if (code == ARK_TSTOP_RETURN) {
            count_work(self);
            return PEER_DONE;
        }
    }
}

static int set_up_arkode(integrator *self)
{
    int n = self->problem->n;
    const peer_options *options = self->options;

    self->arkode = ERKStepCreate(right_hand_side, 0.0, self->state, self->context);
    if (self->arkode == NULL) {
        return PEER_FAILED;
    }
    for (int i = 0; i < n; i++) {
        self->direction[i] = -1;
    }
    if (ERKStepSetUserData(self->arkode, self) != ARK_SUCCESS
        || ERKStepSetTableNum(self->arkode, ARKODE_DORMAND_PRINCE_7_4_5) != ARK_SUCCESS
        || ERKStepSStolerances(self->arkode, options->relative, options->absolute) != ARK_SUCCESS
        || ERKStepSetInterpolantType(self->arkode, ARK_INTERP_HERMITE) != ARK_SUCCESS
        || ERKStepSetInterpolantDegree(self->arkode, 5) != ARK_SUCCESS
        || ERKStepRootInit(self->arkode, n, root_functions) != ARK_SUCCESS
        || ERKStepSetRootDirection(self->arkode, self->direction) != ARK_SUCCESS
        || ERKStepSetNoInactiveRootWarn(self->arkode) != ARK_SUCCESS
        || ERKStepSetMaxNumSteps(self->arkode, -1) != ARK_SUCCESS
        || ERKStepSetStopTime(self->arkode, options->t_end) != ARK_SUCCESS) {
        return PEER_FAILED;
    }
    return PEER_DONE;
}

static int set_up(integrator *self, const double *w0)
{
    const peer_problem *problem = self->problem;
    size_t n = (size_t)problem->n, d = (size_t)problem->d;

    self->norms = calloc(n, sizeof *self->norms);
    self->shift = calloc(n, sizeof *self->shift);
    self->velocity = calloc(d, sizeof *self->velocity);
    self->masked = calloc(n, sizeof *self->masked);
    self->found = calloc(n, sizeof *self->found);
    self->direction = calloc(n, sizeof *self->direction);
    self->run->w = calloc(d, sizeof *self->run->w);
    if (!self->norms || !self->shift || !self->velocity || !self->masked || !self->found
        || !self->direction || !self->run->w
        || peer_pattern_create(&self->pattern, problem, w0) != 0
        || SUNContext_Create(NULL, &self->context) != 0) {
        return PEER_FAILED;
    }
    self->state = N_VNew_Serial(problem->d, self->context);
    if (self->state == NULL) {
        return PEER_FAILED;
    }
    memcpy(NV_DATA_S(self->state), w0, d * sizeof *w0);
    self->start_norm = sqrt(peer_dot(problem->d, w0, w0));
    for (size_t i = 0; i < n; i++) {
        const double *x = problem->X + i * d;
        self->norms[i] = sqrt(peer_dot(problem->d, x, x));
    }
    return set_up_arkode(self);
}

static void tear_down(integrator *self)
{
    if (self->arkode != NULL) {
        ERKStepFree(&self->arkode);
    }
    if (self->state != NULL) {
        N_VDestroy(self->state);
    }
    if (self->context != NULL) {
        SUNContext_Free(&self->context);
    }
    peer_pattern_free(&self->pattern);
    free(self->norms);
    free(self->shift);
    free(self->velocity);
    free(self->masked);
    free(self->found);
    free(self->direction);
}

int peer_integrate(const peer_problem *problem, const double *w0, const peer_options *options,
                   peer_run *run)
{
    integrator self = {.problem = problem, .options = options, .run = run};
    int status;

    memset(run, 0, sizeof *run);
    status = set_up(&self, w0);
    if (status == PEER_DONE) {
        status = advance(&self);
        memcpy(run->w, NV_DATA_S(self.state), (size_t)problem->d * sizeof *run->w);
        if (status == PEER_DONE && self.pattern.sliding_count > 0
            && sqrt(peer_dot(problem->d, run->w, run->w)) < origin_level * self.start_norm) {
            status = PEER_TIE;
        }
    }
    tear_down(&self);
    return status;
}

void peer_run_free(peer_run *run)
{
    free(run->w);
    free(run->events);
    memset(run, 0, sizeof *run);
}
