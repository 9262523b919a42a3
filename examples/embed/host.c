/* host.c: runs the simulation and sees to it that everything was given back.
 * SPDX-License-Identifier: MIT
 *
 *     host [--cells N] [--steps N] [--threads N] [--report] [--memory]
 *
 * The output does not depend on the number of threads.  The status is 0 only if every cell reached its
 * certified limit, the pools are empty at the end, and the errors that are provoked are the expected.
 */
#include "simulation.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double dt = 0.25;

typedef struct options {
    long cells, steps, threads;
    int report, memory;
} options;

/* The value after a name, in a range; 0 if it is none. */
static int number(int argc, char **argv, int *i, const char *name, long most, long *out)
{
    char *end;
    if (strcmp(argv[*i], name) != 0 || *i + 1 >= argc) {
        return 0;
    }
    *out = strtol(argv[++*i], &end, 10);
    return *end == '\0' && *out >= 1 && *out <= most;
}

static int parse(int argc, char **argv, options *o)
{
    int i;
    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--report") == 0) {
            o->report = 1;
        } else if (strcmp(argv[i], "--memory") == 0) {
            o->memory = 1;
        } else if (!number(argc, argv, &i, "--cells", 1000000, &o->cells)
                   && !number(argc, argv, &i, "--steps", 1000000, &o->steps)
                   && !number(argc, argv, &i, "--threads", MOST_WORKERS, &o->threads)) {
            fprintf(stderr, "host: cannot make sense of %s\n", argv[i]);
            return 0;
        }
    }
    return 1;
}

static void print_memory(const simulation *s, long steps)
{
    size_t peak = 0, system = 0;
    int64_t blocks = 0;
    int k;
    for (k = 0; k < s->threads; k++) {
        peak += s->workers[k].memory.peak_bytes;
        system += s->workers[k].memory.system_bytes;
        blocks += s->workers[k].memory.given_blocks;
    }
    printf("memory: at most %zu bytes for each cell, %.0f blocks given for each cell and step, "
           "%zu KiB from the system\n", peak / (size_t)s->count, (double)blocks / ((double)s->count * (double)steps),
           system / 1024);
}

/* A thousand cells, step after step. */
static int simulate(const options *o)
{
    simulation s;
    summary sum = {0, 0, 0, 0, 0};
    int64_t leaked;
    rf_status status = simulation_open(&s, o->cells, (int)o->threads);
    s.report = o->report;
    if (status == RF_OK) {
        status = simulation_run(&s, (int)o->steps, dt, &sum);
    }
    if (status != RF_OK) {
        printf("WRONG: %s\n", simulation_error(&s));
    } else if (o->memory) {
        print_memory(&s, o->steps);
    }
    leaked = simulation_close(&s);
    printf("cells %ld, steps %ld: %" PRId64 " events in %" PRId64 " rounds, loss %.9g at %" PRId64
           " certified limits\n", o->cells, o->steps, sum.events, sum.rounds, sum.loss,
           sum.certified);
    printf("hash of all weights %016" PRIx64 ", blocks not given back %" PRId64 "\n", sum.hash,
           leaked);
    return status == RF_OK && leaked == 0 && sum.certified == o->cells;
}

/* A measurement that is no number: the host is told which, and no model comes of it. */
static int broken_data(void)
{
    cell_data data;
    rf_model *model = NULL;
    char text[TEXT];
    rf_status status;
    cell_measure(0, &data);
    data.X[4] = NAN;
    status = rf_model_create_ex(CELL_DATA, CELL_DIM, data.X, CELL_DIM, 1, data.y, RF_BORROW_DATA,
                                NULL, &model, text, TEXT);
    printf("a broken measurement: %s\n", text);
    return status == RF_ERROR_NOT_FINITE && model == NULL;
}

/* Memory runs out in the middle of a step: nothing is lost, and with memory the step is repeated. */
static int short_of_memory(void)
{
    const int steps = 12;
    simulation s;
    summary undisturbed = {0, 0, 0, 0, 0}, disturbed = {0, 0, 0, 0, 0};
    int64_t leaked, refusals = 0;
    int right = simulation_open(&s, 20, 1) == RF_OK
        && simulation_run(&s, steps, dt, &undisturbed) == RF_OK;
    leaked = simulation_close(&s);
    right = right && simulation_open(&s, 20, 1) == RF_OK;
    while (right && s.time < steps * dt) {
        rf_status status;
        s.workers[0].memory.drill = 20 * (refusals + 1);
        status = simulation_step(&s, dt);
        if (status == RF_ERROR_MEMORY) {
            refusals++;
            status = simulation_again(&s);
        }
        right = status == RF_OK;
    }
    s.workers[0].memory.drill = 0;
    right = right && simulation_run(&s, 0, dt, &disturbed) == RF_OK;
    leaked += simulation_close(&s);
    printf("short of memory in %" PRId64 " of %d steps: the same limits, %s\n", refusals, steps,
           right && disturbed.loss == undisturbed.loss ? "bit for bit" : "WRONG");
    return right && refusals > 0 && leaked == 0 && disturbed.loss == undisturbed.loss
        && disturbed.rounds == undisturbed.rounds;
}

int main(int argc, char **argv)
{
    options o = {1000, 40, 1, 0, 0};
    if (!parse(argc, argv, &o)) {
        return 2;
    }
    /* All three, whatever one of them says. */
    return simulate(&o) & broken_data() & short_of_memory() ? 0 : 1;
}
