/* 11_early_alignment: a vanishing start leaves the origin along an extremal direction, or not at
 * all.
 * SPDX-License-Identifier: MIT
 *
 * For w(0) = eps u and eps -> 0 the flow is the inner flow, piecewise constant: omega' = v(pattern
 * of omega), v(pattern) = sum of y_i x_i over the active data.  Where it leaves for good, the
 * neuron leaves w = 0 with the velocity v, and v is extremal: its own pattern gives it back,
 *
 *     v = sum over x_i . v > 0 of y_i x_i + sum over x_i . v = 0 of theta_i y_i x_i,
 *
 * with 0 <= theta_i <= 1.
 *
 * If it does not leave at once, no datum is active any more, or omega returned to 0 for good
 * (possible with labels of both signs only), or the active data pull with zero total (all have
 * label 0, say).  In the last case omega still turns, at times t of order 1, and may meet a kink
 * that sets it free: that escape too is along an extremal direction.  Each ending is checked for
 * every start here, and the extremal directions found are counted: that there are few of them is
 * the quantization of the source.  Argument --large: 10^6 directions.
 */
#include "paper.h"

enum { MOST = 4096, SETS = 20 };

enum labels { POSITIVE, NORMAL, SIGNS, REALIZABLE };

/* A kind of data: Gaussian rows, or the coordinate axes times Gaussian numbers. */
typedef struct kind {
    const char *name;
    int64_t n, d;
    enum labels labels;
    int orthogonal;
} kind;

typedef struct data_set {
    int64_t n, d;
    double *X, *y;
} data_set;

/* The endings of the starts of a data set, by RF_INNER_*, and the patterns of those that escaped.
 * */
typedef struct census {
    int64_t ending[5], late, wrong, patterns;
    uint64_t pattern[MOST];
    double worst;
} census;

/* The larger one, and NaN once there is one. */
static void raise_to(double *worst, double value)
{
    *worst = isnan(*worst) || value <= *worst ? *worst : value;
}

static data_set make(const kind *of, paper_random *random)
{
    data_set s = {of->n, of->d, NULL, NULL};
    int64_t i;
    s.X = paper_memory(s.n * s.d + s.n + s.d, sizeof(double));
    s.y = s.X + s.n * s.d;
    paper_gaussian(random, s.X, s.n * s.d);
    for (i = 0; of->orthogonal && i < s.n * s.d; i++) {
        s.X[i] = i % s.d == i / s.d ? s.X[i] : 0;
    }
    paper_gaussian(random, s.y, s.n + s.d);
    if (of->labels == REALIZABLE) {
        paper_labels(s.n, s.d, s.X, s.y + s.n, s.y);
    }
    for (i = 0; i < s.n; i++) {
        s.y[i] = of->labels == POSITIVE ? fabs(s.y[i])
                 : of->labels == SIGNS  ? copysign(1, s.y[i])
                                        : s.y[i];
    }
    return s;
}

/* How far v is from the velocity of its own pattern, relative to sum |y_i| |x_i|.  A margin x_i . v
 * within the allowed error of 0 counts as 0: there the share is the library's, which must be in [0,
 * 1]. INFINITY where a share contradicts the sign of x_i . v. */
static double off_extremal(const data_set *s, const double *v, const double *share, double allowed)
{
    double sum[16] = {0}, size = 0;
    int64_t i, k;
    for (i = 0; i < s->n; i++) {
        size += fabs(s->y[i]) * paper_norm(s->X + i * s->d, s->d);
    }
    for (i = 0; i < s->n; i++) {
        const double *x = s->X + i * s->d, z = paper_dot(x, v, s->d);
        const double near = allowed * size * paper_norm(x, s->d);
        if ((z > near && share[i] != 1) || (z < -near && share[i] != 0)
            || !(share[i] >= 0 && share[i] <= 1)) {
            return INFINITY;
        }
        for (k = 0; k < s->d; k++) {
            sum[k] += share[i] * s->y[i] * x[k];
        }
    }
    return paper_norm(v, s->d) > 0 ? paper_distance(sum, v, s->d) / size : INFINITY;
}

/* Adds a pattern to the list of those seen, two bits for a datum: 0 and 1, or 2 for a share
 * between. */
static void remember(census *c, const double *share, int64_t n)
{
    uint64_t code = 0;
    int64_t i;
    for (i = 0; i < n; i++) {
        code = code << 2 | (share[i] == 1 ? 1u : share[i] == 0 ? 0u : 2u);
    }
    for (i = 0; i < c->patterns; i++) {
        if (c->pattern[i] == code) {
            return;
        }
    }
    if (c->patterns == MOST) {
        paper_check(RF_ERROR_CAPACITY, "patterns");
    }
    c->pattern[c->patterns++] = code;
}

/* An escape with the velocity and the pattern of time t. */
static void judge_escape(const rf_model *model, const data_set *s, double t, double allowed,
                         census *c)
{
    double v[16], share[32], off;
    paper_check(rf_model_query_at(model, t, RF_VELOCITY, v, s->d), "velocity");
    paper_check(rf_model_query_at(model, t, RF_PATTERN, share, s->n), "pattern");
    off = off_extremal(s, v, share, allowed);
    raise_to(&c->worst, off / allowed);
    c->wrong += !(off <= allowed);
    remember(c, share, s->n);
}

/* A frozen start: if w leaves 0 later, it does so at an event, along an extremal direction. */
static void judge_frozen(rf_model *model, const data_set *s, double allowed, census *c)
{
    int64_t count, k;
    double *times, v[16], norm = 0, speed = 0;
    paper_check(rf_model_integrate(model, INFINITY), "integrate");
    times = paper_event_times(model, &count);
    for (k = 0; k < count && speed == 0; k++) {
        paper_check(rf_model_query_at(model, times[k], RF_VELOCITY, v, s->d), "velocity");
        paper_check(rf_model_query_at(model, times[k], RF_WEIGHT_NORM, &norm, 1), "norm");
        c->wrong += norm != 0;
        speed = paper_norm(v, s->d);
        if (speed != 0) {
            judge_escape(model, s, times[k], allowed, c);
            c->late++;
        }
    }
    if (speed == 0) {
        paper_check(rf_model_query(model, RF_WEIGHT_NORM, &norm, 1), "norm");
        c->wrong += norm != 0;
    }
    free(times);
}

/* One start that has been initialized: is its ending what it should be?  Only labels of both signs
 * can collapse, only labels 0 freeze here. */
static void judge(rf_model *model, const data_set *s, enum labels labels, double allowed, census *c)
{
    double v[16], ending;
    int64_t active;
    paper_check(rf_model_query(model, RF_INNER_ENDING, &ending, 1), "ending");
    paper_check(rf_model_query(model, RF_VELOCITY, v, s->d), "velocity");
    paper_check(rf_model_support(model, RF_SUPPORT_ACTIVE, NULL, 0, &active), "support");
    c->ending[(int)ending]++;
    if (ending == RF_INNER_ESCAPE) {
        judge_escape(model, s, 0, allowed, c);
        return;
    }
    c->wrong += paper_norm(v, s->d) != 0 || ending == RF_INNER_NONE;
    c->wrong += ending == RF_INNER_DEAD && active != 0;
    c->wrong += ending == RF_INNER_COLLAPSE && labels != NORMAL && labels != SIGNS;
    if (ending == RF_INNER_FROZEN) {
        c->wrong += labels != REALIZABLE;
        judge_frozen(model, s, allowed, c);
    }
}

/* All starts of one data set.  The sum of n terms that makes v, and the share theta of a sliding
 * datum from a least squares problem of condition up to 10^3 here: n 10^3 eps relative to the sum
 * of the absolute terms is allowed. */
static void try_data(const kind *of, int64_t directions, paper_random *random, census *c)
{
    data_set s = make(of, random);
    const double allowed = (double)s.n * 1e3 * 0x1p-52;
    double u[16];
    rf_model *model;
    paper_check(rf_model_create(s.n, s.d, s.X, s.y, &model), "create");
    while (directions-- > 0) {
        paper_direction(random, u, s.d);
        paper_check(rf_model_init_direction(model, u, s.d, 0), "init");
        judge(model, &s, of->labels, allowed, c);
    }
    rf_model_free(model);
    free(s.X);
}

static void try_kind(const kind *of, int64_t directions, paper_random *random, census *total)
{
    census c = {{0}, 0, 0, 0, {0}, 0};
    int64_t patterns = 0, i;
    int k;
    for (k = 0; k < SETS; k++) {
        c.patterns = 0;
        try_data(of, directions, random, &c);
        patterns += c.patterns;
    }
    printf("%-24s n = %2d, d = %2d: escape %6d, dead %5d, collapse %5d, frozen %5d "
           "(%d later free), escaping patterns per data set %.3g\n",
           of->name, (int)of->n, (int)of->d, (int)c.ending[1], (int)c.ending[2], (int)c.ending[3],
           (int)c.ending[4], (int)c.late, (double)patterns / SETS);
    for (i = 0; i < 5; i++) {
        total->ending[i] += c.ending[i];
    }
    total->wrong += c.wrong;
    total->late += c.late;
    total->patterns += patterns;
    raise_to(&total->worst, c.worst);
}

int main(int argc, char **argv)
{
    static const kind kinds[] = {{"positive labels", 16, 4, POSITIVE, 0},
                                 {"positive labels, plane", 32, 2, POSITIVE, 0},
                                 {"normal labels, plane", 24, 2, NORMAL, 0},
                                 {"normal labels", 16, 4, NORMAL, 0},
                                 {"normal labels, n = d", 16, 16, NORMAL, 0},
                                 {"labels 1 and -1", 32, 8, SIGNS, 0},
                                 {"labels of a neuron", 16, 4, REALIZABLE, 0},
                                 {"orthogonal rows", 8, 8, NORMAL, 1}};
    const int64_t directions = argc > 1 && strcmp(argv[1], "--large") == 0 ? 6250 : 200;
    paper_random random = {11};
    census total = {{0}, 0, 0, 0, {0}, 0};
    size_t k;
    paper_begin(
        11, "a vanishing start escapes along an extremal direction, or the neuron is dead",
        "Maennel, Bousquet and Gelly, arXiv 1803.08367",
        "scale 0; 20 random data sets of each of eight kinds, n = 8 to 32, d = 2 to 16; 32000 "
        "random directions (10^6 with --large)");
    for (k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        try_kind(&kinds[k], directions, &random, &total);
    }
    paper_number("exceptions", (double)total.wrong, 0, 0);
    paper_number("largest distance of v from v(pattern of v) / rounding", total.worst, 0, 1);
    paper_statistic("escaped", (double)total.ending[RF_INNER_ESCAPE], "no number");
    paper_statistic("extremal directions used per data set", (double)total.patterns / (8 * SETS),
                    "a small number");
    paper_statistic("dead", (double)total.ending[RF_INNER_DEAD], "no number");
    paper_statistic("collapsed", (double)total.ending[RF_INNER_COLLAPSE], "not mentioned");
    paper_statistic("frozen", (double)total.ending[RF_INNER_FROZEN], "not mentioned");
    paper_statistic("of these escaped at a time of order 1", (double)total.late, "not mentioned");
    return paper_end(
        "reproduced, with two more endings: collapse to w = 0 with labels of both signs, "
        "and frozen where all active labels are 0, for ever or until a later escape");
}
