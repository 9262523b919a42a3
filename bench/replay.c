/* replay.c: w(t) with the extended precision of long double, for errors of double precision.
 * SPDX-License-Identifier: MIT */
#include "replay.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "measure.h"

typedef long double real;

typedef struct replay {
    const bench_problem *problem;
    int64_t d;
    real t, trace;              /* the time; the trace of H, a bound of its norm                 */
    real *H, *b, *w;            /* d x d, d, d                                                   */
    real *term, *next;          /* d each                                                        */
    unsigned char *active;      /* n                                                             */
} replay;

static int64_t bytes(int64_t count)
{
    return count * (int64_t)sizeof(real);
}

static void *zeroed(int64_t size)
{
    void *block = calloc((size_t)size, 1);

    if (block == NULL) {
        bench_must(RF_ERROR_MEMORY, "replay");
    }
    return block;
}

static real margin(const replay *self, int64_t i, const real *w)
{
    const double *x = self->problem->X + i * self->d;
    real z = 0.0L;

    for (int64_t k = 0; k < self->d; k++) {
        z += x[k] * w[k];
    }
    return z;
}

/* Adds sign times the share of datum i to H and b. */
static void update(replay *self, int64_t i, real sign)
{
    const bench_problem *p = self->problem;
    const double *x = p->X + i * self->d;

    for (int64_t j = 0; j < self->d; j++) {
        real factor = sign * p->c[i] * x[j];
        for (int64_t k = 0; k < self->d; k++) {
            self->H[j * self->d + k] += factor * x[k];
        }
        self->b[j] += factor * p->y[i];
        self->trace += factor * x[j];
    }
}

/* out = H v. */
static void multiply(const replay *self, const real *v, real *out)
{
    for (int64_t j = 0; j < self->d; j++) {
        const real *row = self->H + j * self->d;
        real sum = 0.0L;
        for (int64_t k = 0; k < self->d; k++) {
            sum += row[k] * v[k];
        }
        out[j] = sum;
    }
}

static void velocity(const replay *self, real *v)
{
    multiply(self, self->w, v);
    for (int64_t k = 0; k < self->d; k++) {
        v[k] = self->b[k] - v[k];
    }
}

static real length(int64_t d, const real *v)
{
    real sum = 0.0L;

    for (int64_t k = 0; k < d; k++) {
        sum += v[k] * v[k];
    }
    return sqrtl(sum);
}

/* w(t + tau) by Taylor's series; |H| |tau| is at most 1. */
static void series(replay *self, real tau)
{
    velocity(self, self->term);
    for (int order = 1; order < 60; order++) {
        real factor = tau / order;
        for (int64_t k = 0; k < self->d; k++) {
            self->term[k] *= factor;
            self->w[k] += self->term[k];
        }
        if (length(self->d, self->term) <= LDBL_EPSILON * length(self->d, self->w)) {
            break;
        }
        multiply(self, self->term, self->next);
        for (int64_t k = 0; k < self->d; k++) {
            self->term[k] = -self->next[k];
        }
    }
    self->t += tau;
}

static void go_to(replay *self, real t)
{
    real tau = t - self->t;
    int64_t parts = 1 + (int64_t)ceill(self->trace * fabsl(tau));

    for (int64_t k = parts; k > 0; k--) {
        series(self, (t - self->t) / (real)k);
    }
    self->t = t;
}

/* From the time on record to where the margin of the datum vanishes. */
static int meet(replay *self, const rf_event *event)
{
    const int64_t i = event->datum;

    if (event->kind != RF_EVENT_ACTIVATE && event->kind != RF_EVENT_DEACTIVATE) {
        return -1;
    }
    go_to(self, event->time);
    for (int pass = 0; pass < 4; pass++) {
        velocity(self, self->next);
        real rate = margin(self, i, self->next), step = -margin(self, i, self->w) / rate;
        if (!(fabsl(step) <= 1e-6L * (1.0L + self->t))) {
            return -1;
        }
        go_to(self, self->t + step);
    }
    if (self->active[i] == (event->kind == RF_EVENT_ACTIVATE)) {
        return -1;
    }
    update(self, i, self->active[i] ? -1.0L : 1.0L);
    self->active[i] ^= 1u;
    return 0;
}

/* H = L L^T in place, lower triangle. */
static int factorize(real *H, int64_t d)
{
    for (int64_t j = 0; j < d; j++) {
        for (int64_t i = j; i < d; i++) {
            real sum = H[i * d + j];
            for (int64_t k = 0; k < j; k++) {
                sum -= H[i * d + k] * H[j * d + k];
            }
            if (i == j && !(sum > 0.0L)) {
                return -1;
            }
            H[i * d + j] = i == j ? sqrtl(sum) : sum / H[j * d + j];
        }
    }
    return 0;
}

static void solve(const real *L, int64_t d, real *v)
{
    for (int64_t i = 0; i < d; i++) {
        for (int64_t k = 0; k < i; k++) {
            v[i] -= L[i * d + k] * v[k];
        }
        v[i] /= L[i * d + i];
    }
    for (int64_t i = d - 1; i >= 0; i--) {
        for (int64_t k = i + 1; k < d; k++) {
            v[i] -= L[k * d + i] * v[k];
        }
        v[i] /= L[i * d + i];
    }
}

/* The minimum of the active data, with a residual from the rows in every pass: rounding in H then
 * only slows the passes down. */
static int go_to_limit(replay *self)
{
    const bench_problem *p = self->problem;

    if (factorize(self->H, self->d) != 0) {
        return -1;
    }
    for (int pass = 0; pass < 6; pass++) {
        for (int64_t k = 0; k < self->d; k++) {
            self->term[k] = 0.0L;
        }
        for (int64_t i = 0; i < p->n; i++) {
            if (self->active[i]) {
                real pull = p->c[i] * (p->y[i] - margin(self, i, self->w));
                for (int64_t k = 0; k < self->d; k++) {
                    self->term[k] += pull * p->X[i * self->d + k];
                }
            }
        }
        solve(self->H, self->d, self->term);
        for (int64_t k = 0; k < self->d; k++) {
            self->w[k] += self->term[k];
        }
    }
    return 0;
}

static int run(replay *self, const rf_event *events, int64_t count, double t_end)
{
    for (int64_t k = 0; k < count; k++) {
        if (meet(self, &events[k]) != 0) {
            return -1;
        }
    }
    if (isinf(t_end)) {
        if (go_to_limit(self) != 0) {
            return -1;
        }
    } else {
        go_to(self, t_end);
    }
    for (int64_t i = 0; i < self->problem->n; i++) {
        real z = margin(self, i, self->w);
        if (self->active[i] ? z < 0.0L : z > 0.0L) {
            return -1;
        }
    }
    return 0;
}

int bench_replay(const bench_problem *problem, const rf_event *events, int64_t count, double t_end,
                 double *w)
{
    const int64_t d = problem->d;
    replay self = {.problem = problem, .d = d};
    int status;

    self.H = zeroed(bytes(d * d));
    self.b = zeroed(bytes(d));
    self.w = zeroed(bytes(d));
    self.term = zeroed(bytes(d));
    self.next = zeroed(bytes(d));
    self.active = zeroed(problem->n);
    for (int64_t k = 0; k < d; k++) {
        self.w[k] = problem->w0[k];
    }
    for (int64_t i = 0; i < problem->n; i++) {
        if (margin(&self, i, self.w) > 0.0L) {
            self.active[i] = 1;
            update(&self, i, 1.0L);
        }
    }
    status = problem->m == 1 ? run(&self, events, count, t_end) : -1;
    for (int64_t k = 0; k < d; k++) {
        w[k] = (double)self.w[k];
    }
    free(self.H);
    free(self.b);
    free(self.w);
    free(self.term);
    free(self.next);
    free(self.active);
    return status;
}

int bench_replay_model(const bench_problem *problem, const rf_model *model, double t_end,
                       double *w)
{
    int64_t count = rf_model_event_count(model);
    rf_event *events = zeroed((count + 1) * (int64_t)sizeof *events);
    int status;

    bench_must(rf_model_events(model, 0, count, events), "events");
    status = bench_replay(problem, events, count, t_end, w);
    free(events);
    return status;
}
