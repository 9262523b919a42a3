/* 05_initialization: how the limit depends on the norm of the initialization.
 * SPDX-License-Identifier: MIT
 *
 * w(0) = eps u on fixed directions u.  Where the sequence of events (which datum, what kind) does
 * not change with eps, w(inf) is an analytic function of it; the sequence changes at finitely many
 * eps, which are found here by bisection between the points of a grid.  As eps -> 0 the sequence
 * becomes that of the exact limit eps = 0+, inner events included, and w(t), w(inf) tend to its
 * values with an error O(eps): the slope of log error against log eps is 1.
 *
 * w(inf) itself keeps nothing of eps where the active rows span the space: it is piecewise constant
 * then, and the order is seen at a finite time.
 */
#include "paper.h"

enum { DECADE = 10, DECADES = 14, SCALES = DECADE * DECADES + 1, DIRECTIONS = 3, FITTED = 4 };

/* A change of the event sequence is located to this factor; w(inf) jumps there if it differs by
 * more than a hundredfold of it. */
static const double located = 1e-6;

/* Data, a direction, and what it shows on the way from eps = 1e2 to 1e-12. */
typedef struct line {
    const paper_problem *p;
    const double *u;
    int64_t changes, jumps; /* changes of the sequence; those at which w(inf) jumps            */
    double highest, lowest; /* the largest and the smallest eps of a change                    */
} line;

typedef struct tally {
    int64_t lines, changes, jumps, most, settled, smooth_points;
    double lowest;       /* the smallest eps of a change                                    */
    double coarse, fine; /* the largest errors of interpolation with steps 4 h and 2 h      */
    double slope_low, slope_high; /* of the error at t = 1                                   */
    double limit_low, limit_high; /* of the error of w(inf), where it depends on eps         */
    int64_t slopes, constant;     /* lines with such a slope, and with w(inf) constant       */
} tally;

/* The events of a run that has reached its limit, as one number (FNV-1a of data and kinds). */
static uint64_t sequence(const rf_model *model)
{
    const int64_t count = rf_model_event_count(model);
    rf_event *record = paper_memory(count + 1, sizeof *record);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    int64_t i;
    paper_check(rf_model_events(model, 0, count, record), "events");
    for (i = 0; i < count; i++)
        hash = (hash ^ (uint64_t)(8 * record[i].datum + record[i].kind)) * UINT64_C(0x100000001b3);
    free(record);
    return hash;
}

/* One run outside the grid. */
static uint64_t single(const line *l, double eps, double *w)
{
    uint64_t hash;
    rf_model *model;
    paper_check(rf_model_create(l->p->n, l->p->d, l->p->X, l->p->y, &model), "create");
    paper_check(rf_model_init_direction(model, l->u, l->p->d, eps), "init");
    paper_check(rf_model_integrate(model, INFINITY), "integrate");
    paper_check(rf_model_query(model, RF_WEIGHTS, w, l->p->d), "weights");
    hash = sequence(model);
    rf_model_free(model);
    return hash;
}

/* Finds the changes between two eps with different sequences. */
static void bisect(line *l, double high, uint64_t at_high, double low, uint64_t at_low)
{
    const int64_t d = l->p->d;
    double *above = paper_memory(2 * d, sizeof *above), *below = above + d;
    if (high / low > 1 + located) {
        const double middle = sqrt(high * low);
        const uint64_t between = single(l, middle, above);
        if (between != at_high)
            bisect(l, high, at_high, middle, between);
        if (between != at_low)
            bisect(l, middle, between, low, at_low);
    } else {
        single(l, high, above);
        single(l, low, below);
        l->changes++;
        l->jumps += paper_distance(above, below, d) > 1e-4 * fmax(paper_norm(above, d), 1e-12);
        l->highest = fmax(l->highest, high);
        l->lowest = fmin(l->lowest, low);
    }
    free(above);
}

/* The error of w at grid point k against the cubic through its neighbours at -3s, -s, s, 3s steps.
 * */
static double interpolation(const double *W, int64_t d, int64_t k, int64_t s)
{
    double error = 0, size = 0;
    int64_t j;
    for (j = 0; j < d; j++) {
        const double *at = W + k * d + j;
        const double cubic = (9 * (at[-s * d] + at[s * d]) - at[-3 * s * d] - at[3 * s * d]) / 16;
        error += (cubic - *at) * (cubic - *at);
        size += *at * *at;
    }
    return sqrt(error / size);
}

/* Where no change lies within six grid steps, the interpolation error falls like the fourth power.
 * */
static void measure_smoothness(const double *W, const uint64_t *hash, int64_t d, tally *sum)
{
    int64_t k, j;
    for (k = 6; k < SCALES - 6; k++) {
        int one_piece = 1;
        for (j = -6; j <= 6; j++)
            one_piece = one_piece && hash[k + j] == hash[k];
        if (!one_piece)
            continue;
        sum->smooth_points++;
        sum->coarse = fmax(sum->coarse, interpolation(W, d, k, 2));
        sum->fine = fmax(sum->fine, interpolation(W, d, k, 1));
    }
}

/* The slope of log |w(eps) - w(0+)| against log eps over the FITTED decades below `from` (which lie
 * above rounding); NaN if the difference is rounding alone. */
static double slope(const double *W, const double *eps, const double *zero, int64_t d, double from)
{
    double sx = 0, sy = 0, sxx = 0, sxy = 0, count = 0;
    int64_t k;
    for (k = 0; k < SCALES; k++) {
        const double error = paper_distance(W + k * d, zero, d);
        if (eps[k] > from || eps[k] < from * pow(10, -FITTED))
            continue;
        if (error < 1e-13 * fmax(paper_norm(zero, d), 1))
            return NAN;
        sx += log(eps[k]);
        sy += log(error);
        sxx += log(eps[k]) * log(eps[k]);
        sxy += log(eps[k]) * log(error);
        count++;
    }
    return (count * sxy - sx * sy) / (count * sxx - sx * sx);
}

/* Keeps a slope, if there is one; returns whether. */
static int keep(double value, double *low, double *high)
{
    if (isnan(value))
        return 0;
    *low = fmin(*low, value);
    *high = fmax(*high, value);
    return 1;
}

/* One direction of a sweep: early and late are w(1) and w(inf), first for eps = 0+, then for the
 * grid. */
static void judge(line *l, const double *eps, const double *early, const double *late,
                  const uint64_t *hash, tally *sum)
{
    const int64_t d = l->p->d;
    double from;
    int64_t k;
    for (k = 2; k <= SCALES; k++)
        if (hash[k] != hash[k - 1])
            bisect(l, eps[k - 1], hash[k - 1], eps[k], hash[k]);
    from = fmin(l->lowest, 1e-2) / 10;
    sum->lines++;
    sum->settled += hash[SCALES] == hash[0];
    sum->changes += l->changes;
    sum->jumps += l->jumps;
    sum->most = l->changes > sum->most ? l->changes : sum->most;
    sum->lowest = fmin(sum->lowest, l->lowest);
    measure_smoothness(late + d, hash + 1, d, sum);
    sum->slopes +=
        keep(slope(early + d, eps + 1, early, d, from), &sum->slope_low, &sum->slope_high);
    sum->constant +=
        !keep(slope(late + d, eps + 1, late, d, from), &sum->limit_low, &sum->limit_high);
    printf("(%d,%d): %3d changes, %3d jumps of w(inf), eps from %.3g to %.3g\n", (int)l->p->n,
           (int)d, (int)l->changes, (int)l->jumps, l->highest, l->lowest);
}

/* All directions and scales of one data set. */
static void sweep(const paper_problem *p, const double *eps, paper_random *random, tally *sum)
{
    const int64_t d = p->d, runs = DIRECTIONS * (SCALES + 1);
    double *U = paper_memory(DIRECTIONS * d + 2 * runs * d, sizeof *U);
    double *early = U + DIRECTIONS * d, *late = early + runs * d;
    uint64_t *hash = paper_memory(runs, sizeof *hash);
    rf_model *base;
    rf_sweep *sweep;
    int64_t k;
    for (k = 0; k < DIRECTIONS; k++)
        paper_direction(random, U + k * d, d);
    paper_check(rf_model_create(p->n, d, p->X, p->y, &base), "create");
    paper_check(rf_sweep_create(base, DIRECTIONS, U, DIRECTIONS * d, SCALES + 1, eps, &sweep),
                "sweep");
    paper_check(rf_sweep_run(sweep, 1), "run");
    paper_check(rf_sweep_query(sweep, RF_WEIGHTS, early, runs * d), "weights");
    paper_check(rf_sweep_run(sweep, INFINITY), "run");
    paper_check(rf_sweep_query(sweep, RF_WEIGHTS, late, runs * d), "weights");
    for (k = 0; k < runs; k++) {
        rf_model *model;
        paper_check(rf_sweep_model(sweep, k, &model), "model");
        hash[k] = sequence(model);
        rf_model_free(model);
    }
    for (k = 0; k < DIRECTIONS; k++) {
        line l = {p, NULL, 0, 0, 0, INFINITY};
        l.u = U + k * d;
        judge(&l, eps, early + k * (SCALES + 1) * d, late + k * (SCALES + 1) * d,
              hash + k * (SCALES + 1), sum);
    }
    rf_sweep_free(sweep);
    rf_model_free(base);
    free(hash);
    free(U);
}

static void report(const tally *sum)
{
    char text[200];
    snprintf(text, sizeof text, "%d lines: %d changes of the event sequence, at most %d on a line",
             (int)sum->lines, (int)sum->changes, (int)sum->most);
    paper_fact(sum->changes > 0 && sum->lowest > 1e-9, text);
    paper_statistic("of these, w(inf) jumps at", (double)sum->jumps, "not given");
    paper_statistic("the smallest eps of a change", sum->lowest, "not given");
    snprintf(text, sizeof text, "at 1e-12 the events are those of 0+ (inner ones first): %d of %d",
             (int)sum->settled, (int)sum->lines);
    paper_fact(sum->settled == sum->lines, text);
    snprintf(text, sizeof text, "smooth between: order of cubic interpolation, %d grid points",
             (int)sum->smooth_points);
    paper_number(text, log2(sum->coarse / sum->fine), 4, 0.05);
    snprintf(text, sizeof text, "slope of the error of w(1), %d lines, from %.4f to",
             (int)sum->slopes, sum->slope_low);
    paper_number(text, sum->slope_high, 1, 0.01);
    paper_fact(sum->slope_low > 0.99, "and none below 0.99");
    snprintf(text, sizeof text, "slope of the error of w(inf), %d lines, from %.4f to",
             (int)(sum->lines - sum->constant), sum->limit_low);
    paper_number(text, sum->limit_high, 1, 0.01);
    snprintf(text, sizeof text, "the other %d lines: w(inf) does not depend on a small eps",
             (int)sum->constant);
    paper_fact(sum->limit_low > 0.99, text);
}

int main(void)
{
    static const int64_t sizes[][2] = {{8, 12}, {20, 5}, {12, 6}};
    tally sum = {0, 0, 0, 0, 0, 0, INFINITY, 0, 0, INFINITY, 0, INFINITY, 0, 0, 0};
    double eps[SCALES + 1] = {0};
    int k;
    paper_begin(
        5, "the norm of the initialization", "Lee, Sim & Ye, arXiv 2202.05510",
        "w(0) = eps u, eps from 1e2 to 1e-12 (10 a decade) and 0+; three directions each on"
        " Gaussian X, (n,d) = (8,12) and (20,5) with labels of a teacher, (12,6) with random"
        " ones");
    for (k = 0; k < SCALES; k++)
        eps[k + 1] = pow(10, 2 - (double)k / DECADE);
    for (k = 0; k < 3; k++) {
        paper_problem p = paper_realizable(5000 + (uint64_t)k, sizes[k][0], sizes[k][1]);
        paper_random random = {5000 + (uint64_t)k};
        if (k == 2)
            paper_gaussian(&random, p.y, p.n);
        sweep(&p, eps, &random, &sum);
        free(p.X);
    }
    report(&sum);
    return paper_end("holds: piecewise smooth, finitely many changes, error O(eps)");
}
