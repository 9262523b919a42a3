/* 08_decoupled_signs: on the rows +-e_i a neuron keeps the signs of its start, and misses the rest
 * of the target.
 * SPDX-License-Identifier: MIT
 *
 * The mechanism of the failure of stochastic gradient descent on symmetric data: rows +-e_i with
 * the labels of a neuron w*, max(+-w*_i, 0).  The coordinates are decoupled and each keeps its
 * sign:
 *
 *     w_i(t) = w*_i + (w_i(0) - w*_i) exp(-t)     if w_i(0) and w*_i have the same sign,
 *     w_i(t) = w_i(0) exp(-t)                     if not (the active row has label 0),
 *
 * so the loss ends at 1/2 sum of w*_i^2 over the mismatches.  Descent with a step eta <= 1 has (1 -
 * eta)^k in the place of exp(-t) and ends there too; a step between 1 and 2 throws a mismatched
 * coordinate across its kink, and then it is fitted.  Argument --large: d = 2000 as well.
 */
#include "paper.h"

/* One problem: w* and the start, magnitudes in [1/2, 3/2] and [1/10, 1], signs at random. */
typedef struct decoupled {
    int64_t d, mismatches;
    double *X, *y, *target, *start, *w;
    double lost; /* 1/2 sum of w*_i^2 over the mismatches                         */
} decoupled;

/* Errors over all dimensions: of a coordinate and of a loss relative to its value at the start,
 * both in units of d eps. */
typedef struct findings {
    int64_t events, uncertified, mismatches, coordinates;
    double coordinate, loss, slow_descent, long_step;
} findings;

static double signed_between(paper_random *random, double low, double high)
{
    const double size = low + (high - low) * paper_uniform(random);
    return paper_uniform(random) < 0.5 ? size : -size;
}

static decoupled make(int64_t d, paper_random *random)
{
    decoupled p = {d, 0, NULL, NULL, NULL, NULL, NULL, 0};
    int64_t i;
    p.X = paper_memory(2 * d * d + 5 * d, sizeof(double));
    p.y = p.X + 2 * d * d;
    p.target = p.y + 2 * d;
    p.start = p.target + d;
    p.w = p.start + d;
    for (i = 0; i < d; i++) {
        p.target[i] = signed_between(random, 0.5, 1.5);
        p.start[i] = signed_between(random, 0.1, 1);
        p.X[2 * i * d + i] = 1;
        p.X[(2 * i + 1) * d + i] = -1;
        p.y[2 * i] = fmax(p.target[i], 0);
        p.y[2 * i + 1] = fmax(-p.target[i], 0);
        if (p.target[i] * p.start[i] < 0) {
            p.mismatches++;
            p.lost += p.target[i] * p.target[i] / 2;
        }
    }
    return p;
}

/* The larger one, and NaN once there is one. */
static void raise_to(double *worst, double value)
{
    *worst = isnan(*worst) || value <= *worst ? *worst : value;
}

/* The largest error of the coordinates in w, exp(-t) being the given factor. */
static double worst_coordinate(const decoupled *p, double factor)
{
    double worst = 0;
    int64_t i;
    for (i = 0; i < p->d; i++) {
        const double limit = p->target[i] * p->start[i] > 0 ? p->target[i] : 0;
        raise_to(&worst, fabs(p->w[i] - (limit + (p->start[i] - limit) * factor)));
    }
    return worst;
}

static double number(const rf_model *model, int32_t quantity)
{
    double value = NAN;
    paper_check(rf_model_query(model, quantity, &value, 1), "query");
    return value;
}

/* The exact flow, at three times and in the limit. */
static void flow(rf_model *model, const decoupled *p, double unit, double scale, findings *f)
{
    static const double times[] = {0.5, 1, 3};
    int k;
    paper_check(rf_model_init(model, p->start, p->d), "init");
    paper_check(rf_model_integrate(model, INFINITY), "integrate");
    for (k = 0; k < 3; k++) {
        paper_check(rf_model_query_at(model, times[k], RF_WEIGHTS, p->w, p->d), "weights");
        raise_to(&f->coordinate, worst_coordinate(p, exp(-times[k])) / unit);
    }
    paper_check(rf_model_query(model, RF_WEIGHTS, p->w, p->d), "weights");
    raise_to(&f->coordinate, worst_coordinate(p, 0) / unit);
    raise_to(&f->loss, fabs(number(model, RF_LOSS) - p->lost) / (unit * scale));
    f->events += rf_model_event_count(model);
    f->uncertified += number(model, RF_CONVERGED) != 1;
}

/* 100 steps of descent; the distance of the loss from what is expected. */
static double descend(rf_model *model, const decoupled *p, double eta, double expected)
{
    paper_check(rf_model_init(model, p->start, p->d), "init");
    paper_check(rf_model_step(model, eta, 100), "step");
    return fabs(number(model, RF_LOSS) - expected);
}

static void try_dimension(int64_t d, paper_random *random, findings *f)
{
    decoupled p = make(d, random);
    const double unit = (double)d * 0x1p-52;
    double scale;
    rf_model *model;
    paper_check(rf_model_create(2 * d, d, p.X, p.y, &model), "create");
    paper_check(rf_model_evaluate(model, p.start, d, RF_LOSS, &scale, 1), "evaluate");
    flow(model, &p, unit, scale, f);
    printf("d = %d: %d coordinates of the wrong sign, loss(infinity) = %.15g, expected %.15g\n",
           (int)d, (int)p.mismatches, number(model, RF_LOSS), p.lost);
    if (d <= 200) {
        raise_to(&f->slow_descent, descend(model, &p, 0.5, p.lost) / (unit * scale));
        raise_to(&f->long_step, descend(model, &p, 1.5, 0) / (unit * scale));
    }
    f->mismatches += p.mismatches;
    f->coordinates += d;
    rf_model_free(model);
    free(p.X);
}

/* The basis of a segment is orthogonal to a small multiple of d eps; w goes into it and back by two
 * sums of d products: an error of a few d eps |w_i|, |w_i| < 3/2.  16 is allowed. */
int main(int argc, char **argv)
{
    const double allowed = 16;
    paper_random random = {8};
    findings f = {0, 0, 0, 0, 0, 0, 0, 0};
    paper_begin(8, "on the rows +-e_i each coordinate keeps the sign of its start",
                "Wu, Zou, Chen, Braverman, Gu and Kakade, arXiv 2303.02255",
                "labels of a neuron w*, random signs, d = 8, 40, 200 (and 2000 with --large)");
    try_dimension(8, &random, &f);
    try_dimension(40, &random, &f);
    try_dimension(200, &random, &f);
    if (argc > 1 && strcmp(argv[1], "--large") == 0) {
        try_dimension(2000, &random, &f);
    }
    paper_number("events", (double)f.events, 0, 0);
    paper_number("limits without certificate", (double)f.uncertified, 0, 0);
    paper_number("largest error of a coordinate / (d eps)", f.coordinate, 0, allowed);
    paper_number("error of loss(infinity) / (d eps loss(0))", f.loss, 0, allowed);
    paper_number("the same after descent, eta = 1/2", f.slow_descent, 0, allowed);
    paper_number("after descent, eta = 3/2, from loss 0", f.long_step, 0, allowed);
    paper_statistic("fraction of mismatches", (double)f.mismatches / (double)f.coordinates,
                    "1/2 for random signs");
    return paper_end(
        "reproduced, for descent with steps up to 1 too; a step of 3/2 crosses the kinks "
        "and fits all");
}
