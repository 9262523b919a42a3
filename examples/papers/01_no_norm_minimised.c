/* 01_no_norm_minimised: the limit from vanishing initialization minimizes no function of the
 * weight. SPDX-License-Identifier: MIT
 *
 * The data x = (3,-1,0), (4,2,0), (0,g,g), y = 16, 18, 0 are fitted by the weights (5,-1,s), s <=
 * 1, whatever g > 0 is: the first two data ask for w_1 = 5 and w_2 = -1, the third for g (s - 1) <=
 * 0. A function of w alone that the flow minimizes over this ray would take its minimum at one and
 * the same set of s for all g.  The limits differ, so it had to be constant on all of them.
 *
 * The expected numbers were computed in 50 digits.
 */
#include "paper.h"

enum { CASES = 5 };

static const double gamma_of[CASES] = {0, 1, 2, 5, 20};
static const double s_of[CASES] = {0, -0.04077291976667347, -0.1106964583596663,
                                   -0.2090488123054047, -0.2301149409887233};

/* w is known to a few roundings times the condition of the problem, below 100. */
static const double tolerance = 1e-13;

static rf_model *create(double g)
{
    const double X[] = {3, -1, 0, 4, 2, 0, 0, g, g}, y[] = {16, 18, 0};
    rf_model *model;
    paper_check(rf_model_create(3, 3, X, y, &model), "create");
    return model;
}

/* The zero-loss set is the ray: the loss is exactly 0 at some of its points; positive beside it. */
static void check_ray(const rf_model *model, double g)
{
    static const double on[] = {1, 0.5, 0, -0.25, -1, -7, -1000, 1.125};
    double loss[8];
    char text[120];
    int k, all = 1;
    for (k = 0; k < 8; k++) {
        const double w[] = {5, -1, on[k]};
        paper_check(rf_model_evaluate(model, w, 3, RF_LOSS, loss + k, 1), "loss");
        all = all && (loss[k] == 0 || k == 7);
    }
    snprintf(text, sizeof text, "g = %g: loss 0 at seven points of the ray, %g at s = 1.125", g,
             loss[7]);
    paper_fact(all && loss[7] > 0, text);
}

/* The limit from 0 along (1,1,1): returns its s; *off is its distance to (5,-1,s) at most. */
static double limit(rf_model *model, double g, double *off)
{
    static const double u[] = {1, 1, 1};
    double w[3];
    rf_event event;
    paper_check(rf_model_init_direction(model, u, 3, 0), "init");
    paper_check(rf_model_integrate(model, INFINITY), "integrate");
    paper_check(rf_model_query(model, RF_WEIGHTS, w, 3), "weights");
    *off = fmax(*off, hypot(w[0] - 5, w[1] + 1));
    if (g > 0)
        paper_fact(rf_model_event_count(model) == 1 && rf_model_events(model, 0, 1, &event) == RF_OK
                       && event.kind == RF_EVENT_DEACTIVATE && event.datum == 2,
                   "one event: the third datum deactivates");
    return w[2];
}

int main(void)
{
    double s[CASES], off = 0;
    char text[40];
    int k, distinct = 1;
    paper_begin(1, "no function of the weight is minimised", "Vardi & Shamir, arXiv 2012.05156",
                "x = (3,-1,0), (4,2,0), (0,g,g), y = 16, 18, 0; from 0 (scale 0) along (1,1,1); the"
                " zero-loss weights are (5,-1,s) with s <= 1 for every g > 0");
    for (k = 0; k < CASES; k++) {
        rf_model *model = create(gamma_of[k]);
        if (gamma_of[k] > 0)
            check_ray(model, gamma_of[k]);
        s[k] = limit(model, gamma_of[k], &off);
        snprintf(text, sizeof text, "g = %g: s", gamma_of[k]);
        paper_number(text, s[k], s_of[k], tolerance);
        rf_model_free(model);
        distinct = distinct && (k == 0 || fabs(s[k] - s[k - 1]) > 0.01);
    }
    paper_number("|(w_1, w_2) - (5, -1)|, most", off, 0, tolerance);
    paper_fact(distinct, "the limits differ although the zero-loss set does not");
    return paper_end("reproduced: the limit depends on more than the zero-loss set");
}
