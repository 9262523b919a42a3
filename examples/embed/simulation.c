/* simulation.c: a host that steps in time, with a model of the library in each of its cells.
 * SPDX-License-Identifier: MIT
 *
 * What is to be seen here: memory from a pool of the thread's own, data used in place, events logged
 * through a callback, a limit of events so that no cell holds the step up, models used again, errors
 * passed up with their text, and results that do not depend on the number of threads.
 */
#include "simulation.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A cell is at rest when its gradient is this small, and starts anew. */
static const double rest = 1e-3;

/* No cell may take more events than this in one step; it goes on in the next. */
enum { EVENTS_PER_STEP = 8, REPORTED = 5 };

/* The library's words, under the name of what was tried.  Returns the status. */
static rf_status fail(worker *w, const char *what, int64_t number, rf_status status,
                      const char *text)
{
    if (w->status == RF_OK) {
        w->status = status;
        snprintf(w->error, sizeof(w->error), "cell %" PRId64 ": %s: %.200s (%s)", number, what,
                 text, rf_status_string(status));
    }
    return status;
}

/* The log.  Called by the library after every event, in the thread that runs the model. */
static int32_t log_event(const rf_model *model, const rf_event *event, void *user)
{
    const cell *c = user;
    worker *w = c->owner;
    (void)model;
    /* A later library may know more kinds. */
    w->kinds[event->kind > 0 && event->kind < KINDS ? event->kind : 0]++;
    if (w->simulation->report && w->lines < REPORTED) {
        w->lines++;
        printf("t = %.6f  cell %" PRId64 "  datum %" PRId64 "  kind %d\n",
               c->began + event->time, c->number, event->datum, (int)event->kind);
    }
    return 0;
}

static rf_status begin_round(cell *c, int64_t round, double now)
{
    double w0[CELL_DIM];
    rf_status status;
    cell_start(c->number, round, w0);
    status = rf_model_init(c->model, w0, CELL_DIM);
    if (status != RF_OK) {
        return fail(c->owner, "start", c->number, status, rf_model_error(c->model));
    }
    c->round = round;
    c->began = now;
    return RF_OK;
}

static rf_status create_cell(worker *w, int64_t number, cell *c)
{
    rf_allocator allocator;
    char text[TEXT];
    rf_status status;
    allocator.allocate = pool_allocate;
    allocator.release = pool_release;
    allocator.user = &w->memory;
    c->number = number;
    c->owner = w;
    cell_measure(number, &c->data);
    /* The data stay where they are until the model is freed. */
    status = rf_model_create_ex(CELL_DATA, CELL_DIM, c->data.X, CELL_DIM, 1, c->data.y,
                                RF_BORROW_DATA, &allocator, &c->model, text, TEXT);
    if (status != RF_OK) {
        return fail(w, "create", number, status, text);
    }
    /* What is past is not asked for: keep no history, and a round costs no more than its state. */
    status = rf_model_set_recording(c->model, 0);
    if (status == RF_OK) {
        status = rf_model_set_callback(c->model, log_event, c);
    }
    if (status == RF_OK) {
        status = rf_model_set_event_limit(c->model, EVENTS_PER_STEP);
    }
    if (status != RF_OK) {
        return fail(w, "settings", number, status, rf_model_error(c->model));
    }
    return begin_round(c, 0, 0);
}

rf_status simulation_open(simulation *s, int64_t count, int threads)
{
    int k;
    memset(s, 0, sizeof(*s));
    s->cells = count > 0 ? calloc((size_t)count, sizeof(cell)) : NULL;
    if (!s->cells) {
        return RF_ERROR_MEMORY;
    }
    s->count = count;
    s->threads = threads;
    for (k = 0; k < threads; k++) {
        worker *w = &s->workers[k];
        int64_t i;
        pool_open(&w->memory);
        w->simulation = s;
        w->first = count * k / threads;
        w->end = count * (k + 1) / threads;
        for (i = w->first; i < w->end; i++) {
            if (create_cell(w, i, &s->cells[i]) != RF_OK) {
                return w->status;
            }
        }
    }
    return RF_OK;
}

int64_t simulation_close(simulation *s)
{
    int64_t i, leaked = 0;
    int k;
    for (i = 0; i < s->count; i++) {
        rf_model_free(s->cells[i].model);
    }
    for (k = 0; k < s->threads; k++) {
        leaked += pool_close(&s->workers[k].memory);
    }
    free(s->cells);
    s->cells = NULL;
    s->count = 0;
    return leaked;
}

/* One cell to the end of the step.  Its own clock began with its round. */
static rf_status step_cell(cell *c, double end)
{
    double speed;
    rf_status status;
    if (c->reached == end) {
        return RF_OK;               /* served before an error elsewhere: the step is made again */
    }
    status = rf_model_integrate(c->model, end - c->began);
    if (status < 0) {
        /* The model stands at its last completed event, and goes on from there when called again. */
        return fail(c->owner, "step", c->number, status, rf_model_error(c->model));
    }
    if (status == RF_OK) {          /* else late: it catches up in the next step */
        status = rf_model_query(c->model, RF_GRADIENT_NORM, &speed, 1);
        if (status != RF_OK) {
            return fail(c->owner, "gradient", c->number, status, "query");
        }
        if (speed < rest && begin_round(c, c->round + 1, end) != RF_OK) {
            return c->owner->status;
        }
    }
    c->reached = end;
    return RF_OK;
}

static void *work(void *user)
{
    worker *w = user;
    int64_t i;
    for (i = w->first; i < w->end && w->status == RF_OK; i++) {
        step_cell(&w->simulation->cells[i], w->simulation->time);
    }
    return NULL;
}

rf_status simulation_step(simulation *s, double dt)
{
    s->time += dt;
    return simulation_again(s);
}

rf_status simulation_again(simulation *s)
{
    pthread_t threads[MOST_WORKERS];
    int started[MOST_WORKERS] = {0}, k;
    for (k = 0; k < s->threads; k++) {
        s->workers[k].status = RF_OK;
    }
    for (k = 1; k < s->threads; k++) {
        started[k] = pthread_create(&threads[k], NULL, work, &s->workers[k]) == 0;
    }
    work(&s->workers[0]);
    for (k = 1; k < s->threads; k++) {
        if (started[k]) {
            pthread_join(threads[k], NULL);
        } else {
            work(&s->workers[k]);   /* the system has no thread for it: its share is done here */
        }
    }
    for (k = 0; k < s->threads; k++) {
        if (s->workers[k].status != RF_OK) {
            return s->workers[k].status;
        }
    }
    return RF_OK;
}

const char *simulation_error(const simulation *s)
{
    int k;
    for (k = 0; k < s->threads; k++) {
        if (s->workers[k].status != RF_OK) {
            return s->workers[k].error;
        }
    }
    return "";
}

/* Adds the weights of all cells to the hash, in the order of the cells. */
static rf_status add_weights(const simulation *s, uint64_t *hash)
{
    int64_t i;
    for (i = 0; i < s->count; i++) {
        double w[CELL_DIM];
        int k;
        const rf_status status = rf_model_query(s->cells[i].model, RF_WEIGHTS, w, CELL_DIM);
        if (status != RF_OK) {
            return status;
        }
        for (k = 0; k < CELL_DIM; k++) {
            *hash = hash_number(*hash, w[k]);
        }
    }
    return RF_OK;
}

/* Every cell to its certified limit, however many events that takes. */
static rf_status finish(simulation *s, summary *out)
{
    int64_t i;
    for (i = 0; i < s->count; i++) {
        cell *c = &s->cells[i];
        double loss, certified;
        rf_status status;
        do {
            status = rf_model_integrate(c->model, INFINITY);
        } while (status == RF_EVENT_LIMIT);
        if (status != RF_OK) {
            return fail(c->owner, "limit", c->number, status, rf_model_error(c->model));
        }
        status = rf_model_query(c->model, RF_LOSS, &loss, 1);
        if (status == RF_OK) {
            status = rf_model_query(c->model, RF_CONVERGED, &certified, 1);
        }
        if (status != RF_OK) {
            return fail(c->owner, "limit", c->number, status, "query");
        }
        out->loss += loss;
        out->certified += certified == 1;
        out->rounds += c->round + 1;
    }
    return RF_OK;
}

rf_status simulation_run(simulation *s, int steps, double dt, summary *out)
{
    rf_status status = RF_OK;
    int k, kind;
    memset(out, 0, sizeof(*out));
    out->hash = 0xcbf29ce484222325u;
    for (k = 0; k < steps && status == RF_OK; k++) {
        status = simulation_step(s, dt);
        if (status == RF_OK) {
            status = add_weights(s, &out->hash);
        }
    }
    if (status == RF_OK) {
        status = finish(s, out);
    }
    if (status == RF_OK) {
        status = add_weights(s, &out->hash);
    }
    for (k = 0; k < s->threads; k++) {
        for (kind = 0; kind < KINDS; kind++) {
            out->events += s->workers[k].kinds[kind];
        }
    }
    return status;
}
