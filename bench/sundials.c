/* sundials.c: the flow to T = 10 beside event-exact integrators of SUNDIALS.
 * SPDX-License-Identifier: MIT
 *
 * For each shape and method: processor times from the data in memory to w(T), creating and freeing
 * included, the two taking turns; the ratio is formed within a turn, its median printed.  Errors
 * are relative to a replay of the events in extended precision (replay.h), which takes from the
 * library their order only; the largest over the problems is printed.  Where one side does not come
 * to T in the given seconds, both are measured to the time that it reached, and T says so. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "problems.h"
#include "replay.h"
#include "sundials_flow.h"

enum { MAX_PROBLEMS = 64, MAX_TURNS = 512 };

static const double horizon = 10.0;
static const double relative = 1e-10, absolute = 1e-12;

typedef struct plan {
    const char *name;
    int problems, turns;            /* turns for each problem                                    */
    double goal;                    /* the ratio that is asked for                               */
} plan;

static const plan plans[] = {
    {"tiny", 3, 3, NAN}, {"small", 31, 5, 8.0}, {"medium", 15, 3, 10.0}, {"large", 3, 3, 45.0},
    {"xl", 1, 1, 500.0},
};

typedef struct method {
    const char *name, *title;
    int code;
} method;

static const method methods[] = {
    {"dopri5", "ARKODE Dormand-Prince 5", PEER_DORMAND_PRINCE_5},
    {"cashkarp5", "ARKODE Cash-Karp 5", PEER_CASH_KARP_5},
    {"adams", "CVODE Adams", PEER_ADAMS},
    {"bdf", "CVODE BDF", PEER_BDF},
};

typedef struct options {
    const char *sizes, *methods;
    int problems;                   /* 0: as planned                                             */
    double seconds;                 /* for one run of one side                                   */
} options;

/* What the turns of all problems of a shape gave for one method. */
typedef struct tally {
    double ours[MAX_TURNS], theirs[MAX_TURNS], ratio[MAX_TURNS];
    double events[MAX_PROBLEMS], steps[MAX_PROBLEMS];
    double our_error, their_error;
    int turns, problems, same, lost;    /* lost: instants that the method does not resolve       */
} tally;

/* From the data to w(t); events and *reached may be NULL. */
static double run_ours(const bench_problem *p, double t_end, double seconds, double *w,
                       double *reached)
{
    double start = bench_processor_ms(), ms;
    rf_model *model = bench_model(p, 0, NULL);
    bench_outcome outcome;

    bench_start(p, model);
    outcome = bench_run(model, t_end, seconds);
    if (outcome.status < 0) {
        bench_must(outcome.status, "run");
    }
    if (reached != NULL) {
        *reached = outcome.time;
    }
    bench_must(rf_model_query(model, RF_WEIGHTS, w, p->d), "weights");
    rf_model_free(model);
    ms = bench_processor_ms() - start;
    return ms;
}

static int integrate(const bench_problem *p, double t_end, double seconds, const method *how,
                     peer_run *run)
{
    const peer_problem peer = {(int)p->n, (int)p->d, p->X, p->y, p->c, 0.0};
    const peer_options settings = {t_end, relative, absolute, 0.0, how->code, seconds};

    return peer_integrate(&peer, p->w0, &settings, run);
}

/* The time to which both sides come in the seconds allowed, at most the horizon. */
static double common_horizon(const bench_problem *p, const method *how, double seconds)
{
    double *w = bench_allocate((size_t)p->d), t = horizon;
    peer_run run;

    run_ours(p, horizon, seconds, w, &t);
    if (integrate(p, t, seconds, how, &run) == PEER_LATE) {
        t = run.end_time;
    }
    peer_run_free(&run);
    free(w);
    /* The last event of a run that was cut short is left out on both sides. */
    return t < horizon ? t * (1.0 - 1e-6) : horizon;
}

/* w(t) in extended precision; the number of events up to t. */
static int64_t reference(const bench_problem *p, double t_end, double *w)
{
    rf_model *model = bench_model(p, 0, NULL);
    int64_t count;

    bench_start(p, model);
    bench_must(rf_model_integrate(model, t_end), "run");
    count = rf_model_event_count(model);
    if (bench_replay_model(p, model, t_end, w) != 0) {
        fprintf(stderr, "the events do not stand the replay\n");
        exit(EXIT_FAILURE);
    }
    rf_model_free(model);
    return count;
}

/* One turn: both sides once.  Returns whether the method came to t_end. */
static int take_turn(const bench_problem *p, double t_end, const method *how, const double *exact,
                     int64_t count, tally *out)
{
    double *w = bench_allocate((size_t)p->d), start, ours, theirs;
    int status, fine;
    peer_run run;

    ours = run_ours(p, t_end, 0.0, w, NULL);
    out->our_error = fmax(out->our_error, bench_difference(p->d, w, exact));
    start = bench_processor_ms();
    status = integrate(p, t_end, 0.0, how, &run);
    theirs = bench_processor_ms() - start;
    fine = status == PEER_DONE;
    if (fine) {
        out->ours[out->turns] = ours;
        out->theirs[out->turns] = theirs;
        out->ratio[out->turns++] = theirs / ours;
        out->their_error = fmax(out->their_error, bench_difference(p->d, run.w, exact));
        out->steps[out->problems] = (double)run.steps;
        out->events[out->problems] = (double)count;
    } else if (status == PEER_FAILED) {
        fprintf(stderr, "%s failed at t = %g\n", how->title, run.end_time);
    }
    fine = fine ? 1 + (run.event_count == count) : 0;
    peer_run_free(&run);
    free(w);
    return fine;
}

static void measure(const bench_problem *p, double t_end, int turns, const method *how, tally *out)
{
    double *exact = bench_allocate((size_t)p->d);
    int64_t count = reference(p, t_end, exact);
    int fine = 1;

    for (int k = 0; k < turns && fine; k++) {
        fine = take_turn(p, t_end, how, exact, count, out);
    }
    out->same += fine == 2;
    out->lost += fine == 0;
    out->problems += fine != 0;
    free(exact);
}

static void print_row(const plan *size, const bench_shape *shape, const method *how, double t_end,
                      tally *t)
{
    char goal[32] = "";

    if (how->code == PEER_DORMAND_PRINCE_5 && !isnan(size->goal)) {
        snprintf(goal, sizeof goal, ">= %g", size->goal);
    }
    printf("| %-6s | %5d | %3d | %-23s | %3d | %6.3g | %6.0f | %10.3f | %10.3f | %6.0f | %8.2f | "
           "%6s | %2d/%-2d | %8.1e | %8.1e |\n",
           size->name, (int)shape->n, (int)shape->d, how->title, t->problems, t_end,
           bench_median(t->events, t->problems), bench_median(t->ours, t->turns),
           bench_median(t->theirs, t->turns), bench_median(t->steps, t->problems),
           bench_median(t->ratio, t->turns), goal, t->same, t->problems + t->lost, t->our_error,
           t->their_error);
    fflush(stdout);
}

static void run_row(const plan *size, const method *how, const options *wanted)
{
    const bench_shape *shape = bench_shape_named(size->name);
    int problems = wanted->problems > 0 ? wanted->problems : size->problems;
    double t_end = horizon;
    tally t = {0};

    for (int k = 0; k < problems; k++) {
        bench_problem p = bench_draw(shape, (uint64_t)k);
        if (k == 0) {
            t_end = common_horizon(&p, how, wanted->seconds);
        }
        measure(&p, t_end, size->turns, how, &t);
        bench_release(&p);
    }
    print_row(size, shape, how, t_end, &t);
}

static int usage(void)
{
    fprintf(stderr, "usage: bench_sundials [--sizes tiny,small,medium,large,xl] "
                    "[--methods dopri5,cashkarp5,adams,bdf]\n"
                    "                      [--problems count] [--seconds limit]\n");
    return EXIT_FAILURE;
}

static int parse(int argc, char **argv, options *out)
{
    for (int k = 1; k < argc; k += 2) {
        if (k + 1 == argc) {
            return -1;
        } else if (strcmp(argv[k], "--sizes") == 0) {
            out->sizes = argv[k + 1];
        } else if (strcmp(argv[k], "--methods") == 0) {
            out->methods = argv[k + 1];
        } else if (strcmp(argv[k], "--problems") == 0) {
            out->problems = atoi(argv[k + 1]);
        } else if (strcmp(argv[k], "--seconds") == 0) {
            out->seconds = atof(argv[k + 1]);
        } else {
            return -1;
        }
    }
    return out->problems >= 0 && out->problems <= MAX_PROBLEMS && out->seconds > 0.0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    options wanted = {"small,medium,large", "dopri5", 0, 60.0};

    if (parse(argc, argv, &wanted) != 0) {
        return usage();
    }
    printf("reluflow %s beside SUNDIALS; tolerances %g and %g; medians; processor times in ms; "
           "a run has %g s\n\n",
           rf_version_string(), relative, absolute, wanted.seconds);
    printf("| size   |     n |   d | method                  | prb |      T | events |   reluflow "
           "|   SUNDIALS |  steps |    ratio |   goal | same  | error    | its error |\n"
           "| ------ | ----- | --- | ----------------------- | --- | ------ | ------ | ---------- "
           "| ---------- | ------ | -------- | ------ | ----- | -------- | --------- |\n");
    for (size_t k = 0; k < sizeof plans / sizeof *plans; k++) {
        for (size_t j = 0; j < sizeof methods / sizeof *methods; j++) {
            if (bench_listed(wanted.sizes, plans[k].name)
                && bench_listed(wanted.methods, methods[j].name)) {
                run_row(&plans[k], &methods[j], &wanted);
            }
        }
    }
    return EXIT_SUCCESS;
}
