/* sundials_flow.c: the flow integrated step by step with SUNDIALS and located events.
 * SPDX-License-Identifier: MIT
 *
 * The root function of a datum off its kink is side * z (positive on the side it is on), that of a
 * sliding datum theta (1 - theta).  Right after an event a margin is zero up to rounding, and a
 * root function that is zero at a restart is lost or found again at once.  So the datum that has
 * just left its kink is watched through side * z + shift, with a shift far above rounding and far
 * below any result, until it is ten shifts away. */
#define _POSIX_C_SOURCE 200809L

#include "sundials_flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <time.h>

#include "sundials_stepper.h"

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
    peer_stepper stepper;
    double *state;                      /* w, inside the stepper                                 */
    double *norms, *shift, *velocity;   /* n, n, d                                               */
    int *masked, masked_count;          /* the data with a shift                                 */
    int *found, *direction;             /* n each                                                */
    double start_norm;
} integrator;

static void right_hand_side(const double *w, double *v, void *user)
{
    const integrator *self = user;

    peer_pattern_velocity(&self->pattern, w, v, NULL);
}

static void jacobian(double *J, void *user)
{
    const integrator *self = user;

    peer_pattern_jacobian(&self->pattern, J);
}

static void root_functions(const double *w, double *g, void *user)
{
    const integrator *self = user;
    const peer_pattern *pattern = &self->pattern;
    double theta[PEER_MAX_KINKS];

    peer_pattern_margins(pattern, w, g);
    for (int i = 0; i < self->problem->n; i++) {
        double side = pattern->state[i] == PEER_ACTIVE ? 1.0 : -1.0;
        g[i] = self->norms[i] > 0.0 ? side * g[i] + self->shift[i] : 1.0;
    }
    if (pattern->sliding_count > 0) {
        peer_pattern_velocity(pattern, w, self->velocity, theta);
        for (int j = 0; j < pattern->sliding_count; j++) {
            g[pattern->sliding[j]] = theta[j] * (1.0 - theta[j]);
        }
    }
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
    const double *w = self->state;
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
    const double *w = self->state;
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
    const double *w = self->state, *x;
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
    double *w = self->state;
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
    double *w = self->state;
    peer_run *run = self->run;
    int datum = -1, status, d = self->problem->d;

    if (peer_stepper_roots(&self->stepper, self->found) != 0) {
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
    return peer_stepper_restart(&self->stepper, time) == 0 ? PEER_DONE : PEER_FAILED;
}

static double seconds_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int advance(integrator *self)
{
    peer_run *run = self->run;
    double last = self->options->seconds > 0.0 ? seconds_now() + self->options->seconds : INFINITY;

    for (;;) {
        int outcome = peer_stepper_advance(&self->stepper, &run->end_time), status;
        if (outcome == PEER_STEP_FAILED) {
            return PEER_FAILED;
        }
        unmask(self);
        if (outcome != PEER_STEP_TAKEN) {
            peer_stepper_count(&self->stepper, &run->steps, &run->rhs_calls);
        }
        if (outcome == PEER_STEP_END) {
            return PEER_DONE;
        }
        if (outcome == PEER_STEP_ROOT && (status = handle_root(self, run->end_time)) != PEER_DONE) {
            return status;
        }
        if (outcome == PEER_STEP_ROOT && last < INFINITY && seconds_now() > last) {
            return PEER_LATE;
        }
    }
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
        || peer_pattern_create(&self->pattern, problem, w0) != 0) {
        return PEER_FAILED;
    }
    self->start_norm = sqrt(peer_dot(problem->d, w0, w0));
    for (size_t i = 0; i < n; i++) {
        const double *x = problem->X + i * d;
        self->norms[i] = sqrt(peer_dot(problem->d, x, x));
    }
    for (size_t i = 0; i < n; i++) {
        self->direction[i] = -1;
    }
    const peer_stepper_task task = {
        problem->d, problem->n, w0, right_hand_side,
        self->pattern.use_matrix ? jacobian : NULL, root_functions, self->direction, self,
        self->options->relative, self->options->absolute, self->options->t_end};
    if (peer_stepper_create(&self->stepper, self->options->method, &task) != 0) {
        return PEER_FAILED;
    }
    self->state = self->stepper.w;
    return PEER_DONE;
}

static void tear_down(integrator *self)
{
    peer_stepper_free(&self->stepper);
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
        memcpy(run->w, self.state, (size_t)problem->d * sizeof *run->w);
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
