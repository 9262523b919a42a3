/* 09_spurious_limit: from vanishing starts the neuron ends in the regression line of all data.
 * SPDX-License-Identifier: MIT
 *
 * Three points on a line with a bias, x = -3/4, -1/2, 1/8 and y = 1.1, 0.1, 0.8.  A network of two
 * neurons fits them, max(-4x - 1.9, 0) + max(6.4x, 0), but from small weights all neurons of a
 * network align with one direction and end as one neuron, in a stationary point of positive loss:
 * the line with slope -4/65 and intercept 251/390, which is positive at all three points.  Its loss
 * is 256/975.  Here is the neuron itself: all starts of vanishing size end there but those with no
 * active datum.  For one neuron it is no bad end: its loss is the lowest of all stationary points.
 * The landscape has four more minima, and far starts end in some of these.
 */
#include "paper.h"

enum { DIRECTIONS = 3600 };

static const double X[] = {-0.75, 1, -0.5, 1, 0.125, 1}, y[] = {1.1, 0.1, 0.8};
static const double line[] = {-4.0 / 65, 251.0 / 390};

/* How many limits of which kind; the worst error among those of the regression line. */
typedef struct census {
    int dead, line, first_two, first, last, other;
    double error, loss_error;
} census;

/* The larger one, and NaN once there is one. */
static void raise_to(double *worst, double value)
{
    *worst = isnan(*worst) || value <= *worst ? *worst : value;
}

/* The limits are known by the data that are active in them. */
static void count_limit(const rf_model *model, census *c)
{
    double w[2], loss;
    uint8_t state[3];
    int bits;
    paper_check(rf_model_query(model, RF_WEIGHTS, w, 2), "weights");
    paper_check(rf_model_query(model, RF_LOSS, &loss, 1), "loss");
    paper_check(rf_model_pattern(model, state, 3), "pattern");
    bits = (state[0] == 1) | (state[1] == 1) << 1 | (state[2] == 1) << 2;
    c->dead += bits == 0;
    c->first += bits == 1;
    c->first_two += bits == 3;
    c->last += bits == 4;
    c->line += bits == 7;
    c->other += bits != 0 && bits != 1 && bits != 3 && bits != 4 && bits != 7;
    if (bits == 7) {
        raise_to(&c->error, paper_distance(w, line, 2));
        raise_to(&c->loss_error, fabs(loss - 256.0 / 975));
    }
}

/* From directions all around, at the given scale; 0 is the limit of vanishing ones. */
static census go_around(rf_model *model, double scale)
{
    census c = {0, 0, 0, 0, 0, 0, 0, 0};
    int k;
    for (k = 0; k < DIRECTIONS; k++) {
        const double angle = 6.283185307179586 * (k + 0.5) / DIRECTIONS;
        const double u[] = {cos(angle), sin(angle)};
        paper_check(rf_model_init_direction(model, u, 2, scale), "init");
        paper_check(rf_model_integrate(model, INFINITY), "integrate");
        count_limit(model, &c);
    }
    printf("scale %g: dead %d, line %d, fit of 0 and 1: %d, fit of 0: %d, fit of 2: %d, other %d\n",
           scale, c.dead, c.line, c.first_two, c.first, c.last, c.other);
    return c;
}

/* How many of the directions of go_around see no datum. */
static int blind_directions(void)
{
    int k, i, blind = 0;
    for (k = 0; k < DIRECTIONS; k++) {
        const double angle = 6.283185307179586 * (k + 0.5) / DIRECTIONS;
        int seen = 0;
        for (i = 0; i < 3; i++) {
            seen += X[2 * i] * cos(angle) + X[2 * i + 1] * sin(angle) > 0;
        }
        blind += seen == 0;
    }
    return blind;
}

/* The largest residual of the network of two neurons given above. */
static double network(const rf_model *model)
{
    const double a[] = {-4, -1.9}, b[] = {6.4, 0};
    double za[3], zb[3], worst = 0;
    int i;
    paper_check(rf_model_evaluate(model, a, 2, RF_MARGINS, za, 3), "margins");
    paper_check(rf_model_evaluate(model, b, 2, RF_MARGINS, zb, 3), "margins");
    for (i = 0; i < 3; i++) {
        raise_to(&worst, fabs(fmax(za[i], 0) + fmax(zb[i], 0) - y[i]));
    }
    return worst;
}

/* The number of minima of a neuron on these data; *lowest is the least loss of a stationary point.
 * */
static int minima(const rf_model *model, double *lowest)
{
    rf_landscape *landscape;
    rf_stationary_point point;
    int64_t i;
    int count = 0;
    paper_check(rf_landscape_create(model, &landscape), "landscape");
    *lowest = INFINITY;
    for (i = 0; i < rf_landscape_count(landscape); i++) {
        paper_check(rf_landscape_point(landscape, i, &point), "point");
        count += point.kind == RF_POINT_INTERIOR_MINIMUM || point.kind == RF_POINT_FLAT_MINIMUM;
        *lowest = fmin(*lowest, point.loss);
    }
    rf_landscape_free(landscape);
    return count;
}

/* The condition number of the three rows is 3.2 (singular values 1.87 and 0.59), the numbers are
 * below 2: 32 eps covers a regression by orthogonal transformations. */
int main(void)
{
    const double eps = 0x1p-52;
    const int blind = blind_directions();
    double lowest;
    rf_model *model;
    census zero, tiny, far;
    paper_begin(
        9, "small starts end in a spurious stationary point, the regression line of all data",
        "Boursier and Flammarion, arXiv 2401.10791 (the one neuron their networks become)",
        "x = -0.75, -0.5, 0.125 with bias, y = 1.1, 0.1, 0.8; 3600 directions, scales 0, 1e-3 "
        "and 10");
    paper_check(rf_model_create(3, 2, X, y, &model), "create");
    zero = go_around(model, 0);
    tiny = go_around(model, 1e-3);
    far = go_around(model, 10);
    paper_number("starts that see no datum and stay", zero.dead, blind, 0);
    paper_number("vanishing starts that end in the line", zero.line, DIRECTIONS - blind, 0);
    paper_number("starts of size 1e-3 that end in the line", tiny.line, DIRECTIONS - blind, 0);
    paper_number("distance of the limits from (-4/65, 251/390)",
                 fmax(zero.error, fmax(tiny.error, far.error)), 0, 32 * eps);
    paper_number("distance of their loss from 256/975 = 0.262564102564",
                 fmax(zero.loss_error, fmax(tiny.loss_error, far.loss_error)), 0, 32 * eps);
    paper_number("largest residual of the network of two neurons", network(model), 0, 8 * eps);
    paper_number("minima of one neuron", minima(model, &lowest), 5, 0);
    paper_number("least loss of one neuron", lowest, 256.0 / 975, 32 * eps);
    paper_fact(far.first_two > 0 && far.first > 0 && far.last > 0,
               "far starts end in the fits of data 0 and 1, of 0 and of 2 too");
    rf_model_free(model);
    return paper_end(
        "reproduced for small starts (a global minimum of the one neuron); far ones reach other "
        "minima too");
}
