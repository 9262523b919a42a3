/* 15_overparameterized: a second neuron slows the fit of one from exp(-t) to t^-3.
 * SPDX-License-Identifier: MIT
 *
 * Students of m neurons with outer weights 1 learn a teacher of one neuron on n Gaussian rows in the plane, from
 * Gaussian starts of standard deviation 0.3, with the mean loss.  The students' directions approach the teacher's
 * like 1/t, each neuron being held back by the rows between it and the teacher only, and the loss like the cube of
 * their angle.  n rows are a sample: of those between the directions there are about n/t, and when none is left the
 * network interpolates and the loss falls exponentially.  So the law holds between the first approach, t ~ 10, and
 * t ~ n; the slope is that of a line through (log t, log L) at 21 times of two decades, log L being the mean over
 * the runs.
 *
 *     15_overparameterized [N [RUNS [M [FROM]]]]     (default 2000 2 2 N/200; two decades from FROM on)
 *
 * Measured slopes for other n, m and windows: docs/reproduction.md.
 */
#include "paper.h"

enum { D = 2, POINTS = 21, MOST_NEURONS = 3 };

/* One student to the times asked; log L at each.  Returns the number of events. */
static int64_t follow(const paper_problem *p, int64_t m, const double *times, double *log_loss)
{
    const double a[MOST_NEURONS] = {1, 1, 1};
    double w[MOST_NEURONS * D], loss = 0;
    double *c = paper_memory(p->n, sizeof *c);
    paper_random random = {(uint64_t)m + (uint64_t)(1e6 * fabs(p->X[0]))};
    rf_model *model;
    int64_t i, events;
    for (i = 0; i < p->n; i++)
        c[i] = 1 / (double)p->n;
    paper_gaussian(&random, w, m * D);
    paper_check(rf_model_create(p->n, D, p->X, p->y, &model), "create");
    paper_check(rf_model_set_data_weights(model, c, p->n), "weights");
    paper_check(rf_model_set_outer_weights(model, m, a, m), "outer weights");
    paper_check(rf_model_set_recording(model, 0), "recording");
    paper_check(rf_model_init_direction(model, w, m * D, 0.3), "init");
    for (i = 0; i < POINTS; i++) {
        paper_check(rf_model_integrate(model, times[i]), "integrate");
        paper_check(rf_model_query(model, RF_LOSS, &loss, 1), "loss");
        log_loss[i] = log(loss);
    }
    events = rf_model_event_count(model);
    rf_model_free(model);
    free(c);
    return events;
}

/* Gaussian rows, the teacher being the first unit vector. */
static paper_problem teach(int64_t n, uint64_t seed)
{
    paper_problem p = paper_realizable(seed, n, D);
    p.v[0] = 1;
    p.v[1] = 0;
    paper_labels(n, D, p.X, p.v, p.y);
    return p;
}

/* Of a least-squares line. */
static double slope_of(const double *x, const double *y)
{
    double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
    int i;
    for (i = 0; i < POINTS; i++) {
        mean_x += x[i] / POINTS;
        mean_y += y[i] / POINTS;
    }
    for (i = 0; i < POINTS; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return xy / xx;
}

/* The slope of m neurons over two decades from t = from on. */
static double power_law(int64_t n, int64_t m, int runs, double from, double *events)
{
    double times[POINTS], x[POINTS], mean[POINTS] = {0}, one[POINTS];
    int i, run;
    *events = 0;
    for (i = 0; i < POINTS; i++) {
        times[i] = from * pow(10, 2.0 * i / (POINTS - 1));
        x[i] = log(times[i]);
    }
    for (run = 0; run < runs; run++) {
        paper_problem p = teach(n, 1 + (uint64_t)run);
        *events += (double)follow(&p, m, times, one) / runs;
        for (i = 0; i < POINTS; i++)
            mean[i] += one[i] / runs;
        free(p.X);
    }
    return slope_of(x, mean);
}

/* One neuron: the slope of log L in t itself, from 5 to 25, beside twice the slowest rate, which it tends
 * to. */
static void exponential(int64_t n, uint64_t seed)
{
    double times[POINTS], one[POINTS], rates[D];
    const paper_problem p = teach(n, seed);
    rf_model *model;
    int i;
    for (i = 0; i < POINTS; i++)
        times[i] = 5 + 20.0 * i / (POINTS - 1);
    follow(&p, 1, times, one);
    paper_check(rf_model_create(n, D, p.X, p.y, &model), "create");
    paper_check(rf_model_init(model, p.v, D), "init");
    paper_check(rf_model_query(model, RF_RATES, rates, D), "rates");
    paper_number("m = 1: d log L/dt from t = 5 to 25", slope_of(times, one),
                 -2 * rates[D - 1] / (double)n, 0.02);
    rf_model_free(model);
    free(p.X);
}

int main(int argc, char **argv)
{
    const int64_t n = argc > 1 ? atoll(argv[1]) : 2000;
    const int runs = argc > 2 ? atoi(argv[2]) : 2;
    const int64_t m = argc > 3 ? atoll(argv[3]) : 2;
    const double from = argc > 4 ? atof(argv[4]) : (double)n / 200;
    double events, slope;
    char name[128];
    if (n < 1000 || runs < 1 || m < 2 || m > MOST_NEURONS || !(from > 0)) {
        fprintf(stderr, "usage: 15_overparameterized [N >= 1000 [RUNS [M = 2, 3 [FROM]]]]\n");
        return 2;
    }
    paper_begin(15, "with a second neuron the loss falls like t^-3, not exponentially",
                "Xu and Du, arXiv 2302.10034",
                "one teacher neuron, students of m neurons, outer weights 1, n Gaussian rows, d = "
                "2, the mean loss; slopes over two decades of t up to n/2");
    exponential(n, 1);
    slope = power_law(n, m, runs, from, &events);
    snprintf(name, sizeof name, "n = %lld, m = %d, t from %g to %g: d log L/d log t", (long long)n,
             (int)m, from, 100 * from);
    /* Two rows are left between the directions at t = n/2, and the first times may still hold some of the approach:
     * a run scatters by 0.1. */
    paper_number(name, slope, -3, 0.05);
    paper_statistic("events of a run", events, "no number");
    return paper_end("reproduced on n rows for t up to about n/2; then the network interpolates");
}
