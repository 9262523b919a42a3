/* 02_norm: does the norm of the weight strictly increase?
 * SPDX-License-Identifier: MIT
 *
 * w . w' = -sum_A c_i r_i z_i, so the norm increases while 0 < z_i < y_i on the active set.  In
 * general it need not: the certificate of the library says for every trajectory whether w . w' > 0
 * throughout, and if not from which time on it fails.  It is compared with w . w' at many times of
 * the same trajectory, chosen without knowledge of the certificate.
 *
 * Two kinds of failure are told apart.  A start at which all active labels are 0 shrinks before it
 * meets a datum with a positive label; after the take-off (|w| at 1/1000 of its limit) the norm may
 * fall again, because data that are switched on or off change the pull.
 *
 * Where it holds: labels > 0, a tiny start and rows at obtuse angles (03_reactivation.c: residuals
 * on the active set stay negative, and no datum is switched on).
 *
 * The counterexample in whole numbers was computed in 60 digits: from 0 the second and third datum
 * pull, the first is switched on at t = 3.13..., and from t = 3.54... on the norm falls to 3.
 */
#include <float.h>

#include "paper.h"

enum { RUNS = 60, POINTS = 10 };

/* |w . w'| below this part of |w| |w'| has no certain sign: some hundred roundings of products.
 * (Nor has a subnormal number, long after the last event.) */
static const double rounding = 1e-13;

typedef struct tally {
    int64_t runs;     /* live ones                                                  */
    int64_t at_start; /* refuted from t = 0 on, with no positive label active there */
    int64_t later;    /* refuted otherwise                                          */
    int64_t falls;    /* with a fall of the norm seen after the take-off            */
    int64_t agree;    /* certificate and samples agree                              */
    int64_t times, sufficient, contradicted;
    double drop; /* the largest relative fall after the take-off               */
} tally;

/* What a trajectory shows at the times of paper_times. */
typedef struct witness {
    double first_negative;     /* the first time with w . w' < 0 for certain; INFINITY if none  */
    double drop;               /* the largest relative fall of the norm after the take-off      */
    int64_t times, sufficient; /* times; times with 0 < z < y on the active set                 */
    int64_t contradicted;      /* of these, with w . w' < 0 for certain                         */
} witness;

/* 1 if some datum is active and 0 < z_i < y_i for all of them, with room for rounding. */
static int is_sufficient(const double *z, const double *y, int64_t n)
{
    int64_t i, active = 0;
    for (i = 0; i < n; i++) {
        if (z[i] <= 0)
            continue;
        active++;
        if (z[i] >= y[i] * (1 - 1e-12))
            return 0;
    }
    return active > 0;
}

static double *sampled(const rf_model *model, int64_t count, const double *times, int32_t quantity,
                       int64_t size)
{
    double *out = paper_memory(count * size, sizeof *out);
    paper_check(rf_model_sample(model, count, times, quantity, out, count * size), "sample");
    return out;
}

/* first: the failing time of the certificate, where the norm has a peak between the samples (NaN:
 * none). */
static witness look(const rf_model *model, const paper_problem *p, double first)
{
    witness seen = {INFINITY, 0, 0, 0, 0};
    double *times = paper_times(model, POINTS, &seen.times), highest = 0;
    double *rate = sampled(model, seen.times, times, RF_NORM_RATE, 1);
    double *norm = sampled(model, seen.times, times, RF_WEIGHT_NORM, 1);
    double *speed = sampled(model, seen.times, times, RF_VELOCITY, p->d);
    double *z = sampled(model, seen.times, times, RF_MARGINS, p->n), peak = 0;
    int64_t k;
    if (!isnan(first))
        paper_check(rf_model_query_at(model, first, RF_WEIGHT_NORM, &peak, 1), "norm");
    for (k = 0; k < seen.times; k++) {
        const double noise = rounding * norm[k] * paper_norm(speed + k * p->d, p->d) + DBL_MIN;
        const int falls = rate[k] < -noise;
        const int sufficient = is_sufficient(z + k * p->n, p->y, p->n);
        if (falls && times[k] < seen.first_negative)
            seen.first_negative = times[k];
        seen.sufficient += sufficient;
        seen.contradicted += sufficient && falls;
        if (norm[k] >= 1e-3 * norm[seen.times - 1])
            highest = fmax(highest, times[k] > first ? fmax(norm[k], peak) : norm[k]);
        if (highest > 0)
            seen.drop = fmax(seen.drop, 1 - norm[k] / highest);
    }
    free(z);
    free(speed);
    free(norm);
    free(rate);
    free(times);
    return seen;
}

/* The sum of the labels that are active at t = 0+. */
static double first_pull(const rf_model *model, const paper_problem *p)
{
    double *active = paper_memory(p->n, sizeof *active), sum;
    paper_check(rf_model_query_at(model, 0, RF_PATTERN, active, p->n), "pattern");
    sum = paper_dot(active, p->y, p->n);
    free(active);
    return sum;
}

/* One run that has reached its limit. */
static void judge(const rf_model *model, const paper_problem *p, tally *sum)
{
    witness seen;
    int32_t increasing;
    double first;
    paper_check(rf_model_norm_certificate(model, &increasing, &first), "certificate");
    seen = look(model, p, first);
    sum->runs++;
    sum->times += seen.times;
    sum->sufficient += seen.sufficient;
    sum->contradicted += seen.contradicted;
    sum->falls += seen.drop > rounding;
    sum->drop = fmax(sum->drop, seen.drop);
    if (increasing) {
        sum->agree += isnan(first) && isinf(seen.first_negative);
    } else {
        const int at_start = first == 0 && first_pull(model, p) == 0;
        sum->at_start += at_start;
        sum->later += !at_start;
        sum->agree += first <= seen.first_negative;
    }
}

/* One start, scale u; a neuron that does not grow tenfold is dead and left out. */
static void run(const paper_problem *p, double scale, tally *sum)
{
    rf_model *model;
    double norm;
    paper_check(rf_model_create(p->n, p->d, p->X, p->y, &model), "create");
    paper_check(rf_model_init_direction(model, p->u, p->d, scale), "init");
    paper_check(rf_model_integrate(model, INFINITY), "integrate");
    paper_check(rf_model_query(model, RF_WEIGHT_NORM, &norm, 1), "norm");
    if (norm > 10 * scale)
        judge(model, p, sum);
    rf_model_free(model);
}

/* The smallest counterexample found, from vanishing initialization. */
static void counterexample(void)
{
    static double X[] = {-3, 1, 3, 3, 4, -3, 3, 2, -2}, y[] = {3, 12, 6}, u[] = {0, 1, -1};
    const paper_problem p = {3, 3, X, y, NULL, u};
    tally sum = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    double first, norm;
    int32_t increasing;
    rf_model *model;
    run(&p, 0, &sum);
    paper_check(rf_model_create(3, 3, X, y, &model), "create");
    paper_check(rf_model_init_direction(model, u, 3, 0), "init");
    paper_check(rf_model_integrate(model, INFINITY), "integrate");
    paper_check(rf_model_norm_certificate(model, &increasing, &first), "certificate");
    paper_fact(!increasing && sum.later == 1 && sum.agree == 1,
               "X = (-3,1,3), (3,4,-3), (3,2,-2), y = 3, 12, 6, u = (0,1,-1): refuted");
    paper_number("its first failing time", first, 3.542722858095939, 1e-12);
    paper_check(rf_model_query_at(model, first, RF_WEIGHT_NORM, &norm, 1), "norm");
    paper_number("its |w| there", norm, 3.135344877377529, 1e-12);
    paper_check(rf_model_query(model, RF_WEIGHT_NORM, &norm, 1), "norm");
    paper_number("its |w(inf)|", norm, 3, 1e-12);
    rf_model_free(model);
}

static void table_row(const char *name, const tally *sum)
{
    printf("%-12s %5d %9d %9d %9d %12.2e\n", name, (int)sum->runs, (int)sum->at_start,
           (int)sum->later, (int)sum->falls, sum->drop);
}

/* Adds b to a. */
static void add(tally *a, const tally *b)
{
    a->runs += b->runs;
    a->at_start += b->at_start;
    a->later += b->later;
    a->falls += b->falls;
    a->agree += b->agree;
    a->times += b->times;
    a->sufficient += b->sufficient;
    a->contradicted += b->contradicted;
    a->drop = fmax(a->drop, b->drop);
}

/* All Gaussian runs, with a row of the table for each size. */
static tally gaussian(void)
{
    static const int64_t sizes[][2] = {{10, 2}, {20, 5}, {40, 10}, {10, 20}, {30, 60}};
    tally all = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    char name[40];
    int k, i;
    for (k = 0; k < 5; k++) {
        tally sum = {0, 0, 0, 0, 0, 0, 0, 0, 0};
        for (i = 0; i < RUNS; i++) {
            paper_problem p =
                paper_realizable(2000 + 1000 * (uint64_t)k + (uint64_t)i, sizes[k][0], sizes[k][1]);
            run(&p, 1e-6, &sum);
            free(p.X);
        }
        snprintf(name, sizeof name, "(%d,%d)", (int)sizes[k][0], (int)sizes[k][1]);
        table_row(name, &sum);
        add(&all, &sum);
    }
    return all;
}

static void report(const tally *all, const tally *sharp)
{
    char text[200];
    snprintf(text, sizeof text, "certificate and samples agree in %d of %d runs", (int)all->agree,
             (int)all->runs);
    paper_fact(all->agree == all->runs, text);
    snprintf(text, sizeof text,
             "0 < z < y on the active set at %d of %d times: w.w' < 0 at %d of them",
             (int)all->sufficient, (int)all->times, (int)all->contradicted);
    paper_fact(all->sufficient > 0 && all->contradicted == 0, text);
    snprintf(text, sizeof text, "rows at obtuse angles: certified in %d of %d runs",
             (int)(sharp->runs - sharp->at_start - sharp->later), (int)sharp->runs);
    paper_fact(sharp->at_start + sharp->later == 0 && sharp->agree == sharp->runs, text);
    snprintf(text, sizeof text, "Gaussian data: refuted in some runs (%d of %d)",
             (int)(all->at_start + all->later), (int)all->runs);
    paper_fact(all->falls > 0, text);
    paper_statistic("runs with a fall after the take-off", (double)all->falls, "8 of 298");
    paper_statistic("refuted at t = 0, only zero labels active", (double)all->at_start,
                    "not given");
    paper_statistic("live runs", (double)all->runs, "298");
    paper_statistic("largest fall after the take-off, %", 100 * all->drop, "0.35");
}

int main(void)
{
    tally all, sharp = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    int i;
    paper_begin(
        2, "the norm of the weight strictly increases",
        "Lee, Sim & Ye, arXiv 2202.05510, under conditions",
        "Gaussian X, y = max(X v, 0), start 1e-6 u, 60 runs each for (n,d) = (10,2), (20,5),"
        " (40,10), (10,20), (30,60); 60 sets of 8 rows at obtuse angles, y > 0; one"
        " counterexample from 0");
    printf("%-12s %5s %9s %9s %9s %12s\n", "data", "live", "at start", "later", "falls",
           "largest fall");
    all = gaussian();
    for (i = 0; i < RUNS; i++) {
        paper_problem p = paper_obtuse(9000 + (uint64_t)i, 8);
        run(&p, 1e-6, &sharp);
        free(p.X);
    }
    table_row("obtuse", &sharp);
    report(&all, &sharp);
    counterexample();
    return paper_end("holds while 0 < z_i < y_i on the active data; false in general, also from 0");
}
