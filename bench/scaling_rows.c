/* scaling_rows.c: the rows of bench_scaling.  SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "replay.h"
#include "scaling.h"

enum { MAX_ROUNDS = 1001 };

static const char *sizes_of(const bench_shape *shape)
{
    static char text[48];

    if (shape->m > 1) {
        snprintf(text, sizeof text, "%lldx%lld, m=%lld", (long long)shape->n, (long long)shape->d,
                 (long long)shape->m);
    } else {
        snprintf(text, sizeof text, "%lldx%lld", (long long)shape->n, (long long)shape->d);
    }
    return text;
}

/* A run of a shape, the median of three where the time allows. */
static scaled_run run_shape(const settings *how, const bench_shape *shape)
{
    bench_problem p = bench_draw(shape, 0);
    scaled_run out = scaling_run(&p, how->seconds);
    double times[3] = {out.run_ms, 0.0, 0.0};

    if (out.done && out.run_ms < 300.0 * how->seconds) {
        for (int k = 1; k < 3; k++) {
            times[k] = scaling_run(&p, 0.0).run_ms;
        }
        out.run_ms = bench_median(times, 3);
    }
    bench_release(&p);
    return out;
}

void scaling_in_n(const settings *how)
{
    const int64_t counts[] = {1000, 4000, 16000, 64000};
    double cost[4];
    int done = 1;

    for (int k = 0; k < 4; k++) {
        bench_shape shape = scaling_gaussian(how, counts[k], 50);
        scaled_run run = run_shape(how, &shape);
        int judged = counts[k] >= 16000;
        cost[k] = scaling_us_per_event(&run);
        done = done && (run.done || !judged);
        scaling_report("time per event", sizes_of(&shape), judged ? "<= 6 us" : "",
                       judged ? scaling_met(how, run.done, cost[k], 6.0) : -1,
                       "%.2f us, %lld events, set-up %.1f ms%s", cost[k], (long long)run.events,
                       run.setup_ms, scaling_ending(&run));
    }
    scaling_report("its growth from n = 16000 to 64000", "d = 50", "<= 1.5",
                   scaling_met(how, done, cost[3] / cost[2], 1.5), "%.2f", cost[3] / cost[2]);
}

void scaling_in_d(const settings *how)
{
    const struct {
        int64_t n, d;
    } sizes[] = {{4000, 10}, {4000, 20}, {4000, 50}, {4000, 100}, {4000, 200}, {100, 500}, {200, 2000}};

    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        bench_shape shape = scaling_gaussian(how, sizes[k].n, sizes[k].d);
        scaled_run run = run_shape(how, &shape);
        scaling_report("time per event", sizes_of(&shape), "", -1,
                       "%.2f us, %lld events, set-up %.1f ms%s", scaling_us_per_event(&run),
                       (long long)run.events, run.setup_ms, scaling_ending(&run));
    }
}

/* From init to the certified limit, on a model that ran before. */
static double again_ms(const bench_problem *p, rf_model *model)
{
    double start = bench_processor_ms();

    bench_start(p, model);
    bench_must(rf_model_integrate(model, INFINITY), "run");
    return bench_processor_ms() - start;
}

void scaling_small(const settings *how)
{
    enum { PROBLEMS = 31, ROUNDS = 101 };
    bench_shape shape = scaling_shape(&(settings){how->seconds, 1}, "small");
    double medians[PROBLEMS], times[ROUNDS], events[PROBLEMS];
    int64_t allocations = 0;

    for (int k = 0; k < PROBLEMS; k++) {
        bench_problem p = bench_draw(&shape, (uint64_t)k);
        bench_counter counter;
        rf_allocator allocator = bench_counting(&counter);
        rf_model *model = bench_model(&p, 0, &allocator);
        again_ms(&p, model);
        int64_t before = counter.calls;
        again_ms(&p, model);
        if (counter.calls - before > allocations) {
            allocations = counter.calls - before;
        }
        for (int r = 0; r < ROUNDS; r++) {
            times[r] = again_ms(&p, model);
        }
        medians[k] = 1e3 * bench_median(times, ROUNDS);
        events[k] = (double)rf_model_event_count(model);
        rf_model_free(model);
        bench_release(&p);
    }
    double us = bench_median(medians, PROBLEMS);
    scaling_report("init to the certified limit", sizes_of(&shape), "<= 30 us",
                   scaling_met(how, 1, us, 30.0), "%.1f us, %.0f events (medians of %d problems)",
                   us, bench_median(events, PROBLEMS), PROBLEMS);
    scaling_report("allocations of a second run", sizes_of(&shape), "0",
                   scaling_met(how, 1, (double)allocations, 0.0), "%lld (most)",
                   (long long)allocations);
}

void scaling_recording(const settings *how)
{
    bench_shape shape = scaling_shape(how, "large");
    bench_problem p = bench_draw(&shape, 0);
    rf_model *on = bench_model(&p, 0, NULL), *off = bench_model(&p, 0, NULL);
    double ratios[MAX_ROUNDS], start;
    int rounds = 0;

    bench_must(rf_model_set_recording(off, 0), "recording");
    again_ms(&p, on);
    again_ms(&p, off);
    start = bench_now_ms();
    do {
        double with = again_ms(&p, on);
        ratios[rounds++] = with / again_ms(&p, off);
    } while (rounds < MAX_ROUNDS
             && (rounds < 3 || bench_now_ms() - start < 300.0 * how->seconds));
    double cost = 100.0 * (bench_median(ratios, rounds) - 1.0);
    scaling_report("cost of recording", sizes_of(&shape), "<= 5 %",
                   scaling_met(how, 1, cost, 5.0), "%.1f %% of the run (median of %d turns)", cost,
                   rounds);
    rf_model_free(on);
    rf_model_free(off);
    bench_release(&p);
}

/* What recording holds after so many events, in bytes. */
static double recorded_bytes(const settings *how, const bench_problem *p, int64_t *events)
{
    bench_counter counter[2];
    rf_allocator allocators[] = {bench_counting(&counter[0]), bench_counting(&counter[1])};
    rf_model *on = bench_model(p, 0, &allocators[0]), *off = bench_model(p, 0, &allocators[1]);
    double bytes;

    bench_must(rf_model_set_recording(off, 0), "recording");
    bench_start(p, on);
    bench_start(p, off);
    *events = bench_run(on, INFINITY, how->seconds).events;
    bench_must(rf_model_set_event_limit(off, *events), "event limit");
    rf_status status = rf_model_integrate(off, INFINITY);
    if (status < 0) {
        bench_must(status, "run");
    }
    bytes = (double)counter[0].live - (double)counter[1].live;
    rf_model_free(on);
    rf_model_free(off);
    return bytes;
}

void scaling_memory(const settings *how)
{
    const int64_t dimensions[] = {10, 50, 100};
    double each[3];

    for (int k = 0; k < 3; k++) {
        bench_shape shape = scaling_gaussian(how, 2000, dimensions[k]);
        bench_problem p = bench_draw(&shape, 0);
        int64_t events = 0;
        double bytes = recorded_bytes(how, &p, &events);
        each[k] = bytes / (double)(events > 0 ? events : 1);
        scaling_report("memory of the record per event", sizes_of(&shape), "O(1)", -1,
                       "%.0f bytes, %lld events", each[k], (long long)events);
        bench_release(&p);
    }
    scaling_report("its growth from d = 10 to 100", "n = 2000", "<= 1.5",
                   scaling_met(how, 1, each[2] / each[0], 1.5), "%.2f", each[2] / each[0]);
}

void scaling_signs(const settings *how)
{
    bench_shape shapes[] = {scaling_shape(how, "large"), scaling_shape(how, "signs")};
    bench_problem p[] = {bench_draw(&shapes[0], 0), bench_draw(&shapes[1], 0)};
    scaled_run runs[2] = {{0}};
    double ratios[5], cost = 0.0;
    int rounds = 0;

    do {
        for (int k = 0; k < 2; k++) {
            runs[k] = scaling_run(&p[k], how->seconds);
        }
        cost = scaling_us_per_event(&runs[1]);
        ratios[rounds++] = cost / scaling_us_per_event(&runs[0]);
    } while (rounds < 5 && runs[0].run_ms + runs[1].run_ms < 200.0 * how->seconds);
    double ratio = bench_median(ratios, rounds);
    int done = runs[0].done && runs[1].done;
    scaling_report("time per event, labels of random sign", sizes_of(&shapes[1]), "", -1,
                   "%.2f us, %lld events%s", cost, (long long)runs[1].events,
                   scaling_ending(&runs[1]));
    scaling_report("the same over that of positive labels", sizes_of(&shapes[1]), "<= 3",
                   scaling_met(how, done, ratio, 3.0), "%.2f%s", ratio,
                   done ? "" : " (of runs cut short)");
    bench_release(&p[0]);
    bench_release(&p[1]);
}

void scaling_ill(const settings *how)
{
    bench_shape shape = scaling_shape(how, "ill");
    bench_problem p = bench_draw(&shape, 0);
    rf_model *model = bench_model(&p, 0, NULL);
    double *w = bench_allocate((size_t)p.d), *exact = bench_allocate((size_t)p.d);
    scaled_run run = run_shape(how, &shape);
    double ms = run.setup_ms + run.run_ms;

    scaling_report("cond X 1e3: time to the limit", sizes_of(&shape), "<= 40 ms",
                   scaling_met(how, run.done, ms, 40.0), "%.1f ms, %lld events%s", ms,
                   (long long)run.events, scaling_ending(&run));
    bench_start(&p, model);
    if (run.done) {
        bench_must(rf_model_integrate(model, INFINITY), "run");
        bench_must(rf_model_query(model, RF_WEIGHTS, w, p.d), "weights");
        int stands = bench_replay_model(&p, model, INFINITY, exact) == 0;
        double error = bench_difference(p.d, w, exact);
        scaling_report("cond X 1e3: error of the limit", sizes_of(&shape), "<= 1e-11",
                       stands ? scaling_met(how, 1, error, 1e-11) : 0,
                       stands ? "%.1e (against extended precision)"
                              : "%.1e, and the order of the events is wrong", error);
    }
    rf_model_free(model);
    free(w);
    free(exact);
    bench_release(&p);
}

void scaling_network(const settings *how)
{
    bench_shape shape = scaling_shape(how, "network");
    scaled_run run = run_shape(how, &shape);
    double cost = scaling_us_per_event(&run);

    scaling_report("time per event, several neurons", sizes_of(&shape), "<= 60 us",
                   scaling_met(how, run.done, cost, 60.0), "%.1f us, %lld events, %s%s", cost,
                   (long long)run.events, run.done ? "limit certified" : "no limit",
                   scaling_ending(&run));
}

/* The median time of a pass over the data for the gradient at w0. */
static double gradient_ms(const bench_problem *p, const rf_model *model)
{
    double times[7], *g = bench_allocate((size_t)p->d);

    for (int k = 0; k < 7; k++) {
        double start = bench_processor_ms();
        bench_must(rf_model_evaluate(model, p->w0, p->d, RF_GRADIENT, g, p->d), "gradient");
        times[k] = bench_processor_ms() - start;
    }
    free(g);
    return bench_median(times, 7);
}

/* Memory is counted in a run of its own: where the allocator is the caller's the library asks for no huge pages. */
static void count_xxl(const settings *how, const bench_shape *shape, const bench_problem *p)
{
    const double size = (double)(p->n * p->d) * sizeof(double);
    bench_counter counter;
    rf_allocator allocator = bench_counting(&counter);
    rf_model *model = bench_model(p, RF_BORROW_DATA, &allocator);
    bench_outcome run;

    bench_must(rf_model_set_threads(model, 2), "threads");
    bench_start(p, model);
    run = bench_run(model, INFINITY, how->seconds);
    double share = (double)counter.peak / size;
    scaled_run ending = {0.0, run.ms, run.time, run.events, run.done};
    scaling_report("memory over the borrowed X", sizes_of(shape), "<= 0.25",
                   scaling_met(how, run.done, share, 0.25), "%.2f at most%s", share,
                   scaling_ending(&ending));
    rf_model_free(model);
}

/* From w0 to the limit on some threads, X borrowed, in passes of one thread: the shorter ones of those
 * before the run and those after it, as the speed of a machine may change meanwhile. */
static void run_xxl(const settings *how, const bench_shape *shape, const bench_problem *p,
                    int threads)
{
    rf_model *model = bench_model(p, RF_BORROW_DATA, NULL);
    char what[64], goal[16];
    double pass, start, limit = threads == 1 ? 250.0 : 150.0;
    double (*clock_ms)(void) = threads == 1 ? bench_processor_ms : bench_now_ms;
    bench_outcome run;

    pass = gradient_ms(p, model);
    bench_must(rf_model_set_threads(model, threads), "threads");
    start = clock_ms();
    bench_start(p, model);
    run = bench_run(model, INFINITY, how->seconds);
    double taken = clock_ms() - start;
    bench_must(rf_model_set_threads(model, 1), "threads");
    pass = fmin(pass, gradient_ms(p, model));
    double passes = taken / pass;
    scaled_run ending = {0.0, run.ms, run.time, run.events, run.done};
    snprintf(what, sizeof what, "limit, in gradients (%d thread%s)", threads,
             threads == 1 ? "" : "s");
    snprintf(goal, sizeof goal, "<= %g", limit);
    scaling_report(what, sizes_of(shape), goal, scaling_met(how, run.done, passes, limit),
                   "%.0f of %.3g ms, %lld events%s", passes, pass, (long long)run.events,
                   scaling_ending(&ending));
    rf_model_free(model);
}

void scaling_xxl(const settings *how)
{
    bench_shape shape = scaling_shape(how, "xxl");
    bench_problem p = bench_draw(&shape, 0);

    run_xxl(how, &shape, &p, 1);
    run_xxl(how, &shape, &p, 2);
    count_xxl(how, &shape, &p);
    bench_release(&p);
}
