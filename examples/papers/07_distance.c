/* 07_distance: the distance to an interpolator never increases.
 * SPDX-License-Identifier: MIT
 *
 * Let w* fit all data, y_i = sigma(x_i . w*).  For every non-decreasing sigma
 *
 *     1/2 d|w - w*|^2/dt = -sum_i c_i sigma'_i (sigma(z_i) - sigma(z*_i)) (z_i - z*_i) <= 0,
 *
 * while sliding too (a realizable ReLU neuron never slides: its labels are not negative).  From 0
 * it follows that |w(t) - w*| <= |w*|, so |w(t)| <= 2|w*|.  Seen here along whole trajectories: at
 * the times of paper_times and on both sides of every event, for several interpolators where the
 * data leave a choice.  Without an interpolator there is no such function: the distance to the
 * limit of the trajectory itself is watched on random labels.
 */
#include "paper.h"

enum { RUNS = 24, POINTS = 24, OTHERS = 4, CONTRASTS = 100 };

/* Distances are compared to this many units of |w*|: the bound of docs/accuracy.md on the error of
 * w, 1e-14 kappa |w|, for problems of condition kappa up to 100. */
static const double rounding = 1e-12;

typedef struct totals {
    int64_t runs, times, events, rises, interpolators, too_long;
    double largest_rise, largest_ratio;
} totals;

/* Takes from a vector its components along the rank orthonormal rows of basis (twice, for
 * rounding); returns the length of what is left. */
static double remove_rows(double *vector, const double *basis, int64_t rank, int64_t d)
{
    int64_t j, k;
    int pass;
    for (pass = 0; pass < 2; pass++)
        for (j = 0; j < rank; j++) {
            const double along = paper_dot(vector, basis + j * d, d);
            for (k = 0; k < d; k++)
                vector[k] -= along * basis[j * d + k];
        }
    return paper_norm(vector, d);
}

/* An orthonormal basis of the rows with positive labels; returns their number, or -1 if they leave
 * no vector that none of them sees.  (Gaussian rows: independent up to d of them.) */
static int64_t positive_rows(const paper_problem *p, double *basis)
{
    int64_t rank = 0, i, k;
    for (i = 0; i < p->n; i++) {
        double *row = basis + rank * p->d, size;
        if (p->y[i] <= 0)
            continue;
        if (rank + 1 == p->d)
            return -1;
        memcpy(row, p->X + i * p->d, (size_t)p->d * sizeof *row);
        size = remove_rows(row, basis, rank, p->d);
        for (k = 0; k < p->d; k++)
            row[k] /= size;
        rank++;
    }
    return rank;
}

/* Another interpolator: w* plus a vector that no datum with a positive label sees, scaled so that
 * the other data stay inactive.  The first removes that part of w* itself as far as they allow (a
 * shorter interpolator, with which |w(inf)| <= 2|w*| says more), the others go half of what is
 * allowed in a random direction. */
static void another(const paper_problem *p, paper_random *random, int64_t rank, int first,
                    const double *basis, double *other)
{
    double most = first ? 1 : 10;
    int64_t i, k;
    paper_gaussian(random, other, p->d);
    for (k = 0; first && k < p->d; k++)
        other[k] = -p->v[k];
    remove_rows(other, basis, rank, p->d);
    for (i = 0; i < p->n; i++) {
        const double rate = paper_dot(p->X + i * p->d, other, p->d);
        if (p->y[i] <= 0 && rate > 0)
            most = fmin(most, -paper_dot(p->X + i * p->d, p->v, p->d) / rate);
    }
    for (k = 0; k < p->d; k++)
        other[k] = p->v[k] + (first ? 1 : 0.5) * most * other[k];
}

/* The largest rise of |w - target| from one row of W to the next, in units of |target|. */
static double rise(const double *W, int64_t count, const double *target, int64_t d)
{
    double before = INFINITY, worst = 0;
    int64_t k;
    for (k = 0; k < count; k++) {
        const double now = paper_distance(W + k * d, target, d);
        worst = fmax(worst, now - before);
        before = now;
    }
    return worst / paper_norm(target, d);
}

/* The weights of the trajectory at the times of paper_times; to free. */
static double *trajectory(const rf_model *model, int64_t d, int64_t *count)
{
    double *times = paper_times(model, POINTS, count);
    double *W = paper_memory(*count * d, sizeof *W);
    paper_check(rf_model_sample(model, *count, times, RF_WEIGHTS, W, *count * d), "sample");
    free(times);
    return W;
}

static void watch(const rf_model *model, const paper_problem *p, paper_random *random,
                  int from_zero, int leaky, totals *sum)
{
    double *basis = paper_memory((p->d + 1) * p->d, sizeof *basis), *target = basis + p->d * p->d;
    const int64_t rank = positive_rows(p, basis);
    const int others = leaky || rank < 0 ? 0 : OTHERS;
    int64_t count;
    double *W = trajectory(model, p->d, &count);
    int other;
    sum->runs++;
    sum->times += count;
    sum->events += rf_model_event_count(model);
    memcpy(target, p->v, (size_t)p->d * sizeof *target);
    for (other = 0; other <= others; other++) {
        double worst, ratio;
        if (other > 0)
            another(p, random, rank, other == 1, basis, target);
        worst = rise(W, count, target, p->d);
        ratio = paper_norm(W + (count - 1) * p->d, p->d) / paper_norm(target, p->d);
        sum->interpolators++;
        sum->rises += worst > rounding;
        sum->largest_rise = fmax(sum->largest_rise, worst);
        if (from_zero) {
            sum->too_long += ratio > 2 + rounding;
            sum->largest_ratio = fmax(sum->largest_ratio, ratio);
        }
    }
    free(W);
    free(basis);
}

/* Realizable data of one size: half of the starts at 0, half at a random w(0) of length 3. */
static void realizable(int64_t n, int64_t d, int leaky, uint64_t seed, totals *sum)
{
    int run;
    for (run = 0; run < RUNS; run++) {
        paper_problem p = paper_realizable(seed + (uint64_t)run, n, d);
        paper_random random = {seed + (uint64_t)run};
        rf_model *model;
        int64_t i;
        for (i = 0; leaky && i < n; i++) {
            const double z = paper_dot(p.X + i * d, p.v, d);
            p.y[i] = z > 0 ? z : 0.25 * z;
        }
        paper_check(rf_model_create(n, d, p.X, p.y, &model), "create");
        if (leaky)
            paper_check(rf_model_set_activation(model, RF_LEAKY_RELU, 0.25), "activation");
        paper_check(rf_model_init_direction(model, p.u, d, run % 2 ? 3 : 0), "init");
        paper_check(rf_model_integrate(model, INFINITY), "integrate");
        watch(model, &p, &random, run % 2 == 0, leaky, sum);
        rf_model_free(model);
        free(p.X);
    }
}

/* The contrast: random labels, the distance to the limit of the trajectory itself; in how many runs
 * it rises at some time. */
static int64_t contrast(int64_t n, int64_t d, uint64_t seed)
{
    int64_t count, rises = 0;
    int run;
    for (run = 0; run < CONTRASTS; run++) {
        paper_problem p = paper_realizable(seed + (uint64_t)run, n, d);
        paper_random random = {seed + (uint64_t)run};
        rf_model *model;
        double *W;
        paper_gaussian(&random, p.y, n);
        paper_check(rf_model_create(n, d, p.X, p.y, &model), "create");
        paper_check(rf_model_init_direction(model, p.u, d, 3), "init");
        paper_check(rf_model_integrate(model, INFINITY), "integrate");
        W = trajectory(model, d, &count);
        if (paper_norm(W + (count - 1) * d, d) > 0)
            rises += rise(W, count, W + (count - 1) * d, d) > rounding;
        free(W);
        rf_model_free(model);
        free(p.X);
    }
    return rises;
}

static void report(const char *name, const totals *sum)
{
    char text[200];
    snprintf(text, sizeof text,
             "%s: %d rises above rounding in %d runs, %d interpolators, %d times, %d events", name,
             (int)sum->rises, (int)sum->runs, (int)sum->interpolators, (int)sum->times,
             (int)sum->events);
    paper_fact(sum->rises == 0 && sum->events > 0, text);
    snprintf(text, sizeof text, "%s: from 0, |w(inf)| exceeds 2|w*| %d times", name,
             (int)sum->too_long);
    paper_fact(sum->too_long == 0, text);
}

int main(void)
{
    static const int64_t sizes[][2] = {{10, 2}, {8, 4}, {20, 5}, {10, 20}};
    totals relu = {0, 0, 0, 0, 0, 0, 0, 0}, leaky = {0, 0, 0, 0, 0, 0, 0, 0};
    int64_t rises = 0;
    int k;
    paper_begin(
        7, "the distance to every interpolator never increases",
        "elementary; cf. Vardi & Shamir, arXiv 2012.05156, who characterize the limit "
        "approximately",
        "Gaussian X, y = max(X w*, 0), (n,d) = (10,2), (8,4), (20,5), (10,20), 24 runs each,"
        " half from 0 (scale 0), half from length 3; up to five interpolators of each");
    for (k = 0; k < 4; k++) {
        realizable(sizes[k][0], sizes[k][1], 0, 7000 + 100 * (uint64_t)k, &relu);
        realizable(sizes[k][0], sizes[k][1], 1, 7500 + 100 * (uint64_t)k, &leaky);
        rises += contrast(sizes[k][0], sizes[k][1], 8000 + 100 * (uint64_t)k);
    }
    report("ReLU", &relu);
    report("leaky ReLU (slope 1/4)", &leaky);
    paper_statistic("largest |w(inf)|/|w*| from 0", relu.largest_ratio, "at most 2");
    paper_statistic("random labels: runs of 400 where the distance to their own limit rises",
                    (double)rises, "nothing is claimed");
    return paper_end("holds for every realizable data set and every non-decreasing activation");
}
