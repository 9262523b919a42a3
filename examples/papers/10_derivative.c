/* 10_derivative: the derivative of a trajectory by its start jumps at an event.
 * SPDX-License-Identifier: MIT
 *
 * Rows 1, -1, 1 with the labels m, -m, c in one dimension, m = 1/min(1, r), c = (r - 1) m, start m
 * (1 - e^0.3).  The second datum alone is active, w = m - (m - w(0)) e^-t, until w = 0 at t = 0.3,
 * where all three change; then w' = r m - 2 w.  By hand
 *
 *     t1 = log((m - w(0))/m),     w(T) = (r m/2) (1 - e^(-2 (T - t1))),
 *     dw(T)/dw(0) = e^-t1 * r * e^(-2 (T - t1)) = r e^-1.3     at T = 0.8:
 *
 * the decay of the first segment, the ratio of the velocities after and before the event, the decay
 * of the second.  Differentiation along the segments without the event misses the factor r.
 */
#include "paper.h"

static const double T = 0.8, t1 = 0.3;

typedef struct problem {
    double r, m, start;
    rf_model *model;
} problem;

/* The largest errors over all r, in units of what is allowed: see try_ratio. */
typedef struct findings {
    int wrong_events;
    double time, weight, rate, chain, difference;
} findings;

static problem make(double r)
{
    const double X[] = {1, -1, 1}, m = 1 / fmin(1, r);
    const double y[] = {m, -m, (r - 1) * m};
    problem p = {r, m, -m * expm1(t1), NULL};
    paper_check(rf_model_create(3, 1, X, y, &p.model), "create");
    return p;
}

/* w(T) from w(0) = start. */
static double run(const problem *p, double start)
{
    double w;
    paper_check(rf_model_init(p->model, &start, 1), "init");
    paper_check(rf_model_integrate(p->model, T), "integrate");
    paper_check(rf_model_query(p->model, RF_WEIGHTS, &w, 1), "weights");
    return w;
}

static double ask(const problem *p, double t, int32_t quantity)
{
    double value;
    paper_check(rf_model_query_at(p->model, t, quantity, &value, 1), "query_at");
    return value;
}

/* The larger one, and NaN once there is one. */
static void raise_to(double *worst, double value)
{
    *worst = isnan(*worst) || value <= *worst ? *worst : value;
}

/* Three events of one instant, by which 0 and 2 become active and 1 inactive; its time. */
static double instant(const problem *p, findings *f)
{
    static const int32_t kinds[] = {RF_EVENT_ACTIVATE, RF_EVENT_DEACTIVATE, RF_EVENT_ACTIVATE};
    rf_event event[3];
    int i;
    if (rf_model_event_count(p->model) != 3) {
        f->wrong_events++;
        return t1;
    }
    paper_check(rf_model_events(p->model, 0, 3, event), "events");
    for (i = 0; i < 3; i++) {
        f->wrong_events += event[i].time != event[0].time || event[i].kind != kinds[event[i].datum];
    }
    return event[0].time;
}

/* The product of decays and of the jump in the velocity, from what the library says of the
 * segments: their rates, and the velocities around the event. */
static double chain(const problem *p, double event, findings *f)
{
    const double before = ask(p, nextafter(event, 0), RF_VELOCITY);
    const double after = ask(p, event, RF_VELOCITY);
    const double first = ask(p, 0, RF_RATES), second = ask(p, event, RF_RATES);
    raise_to(&f->rate, fmax(fabs(first - 1), fabs(second - 2)) / 0x1p-52);
    return exp(-first * event) * (after / before) * exp(-second * (T - event));
}

/* w(T) is a quadratic polynomial of the start while the event is before T, so that this one-sided
 * formula has no error but the rounding of its three terms. */
static double one_sided(const problem *p, double h)
{
    return (-3 * run(p, p->start) + 4 * run(p, p->start + h) - run(p, p->start + 2 * h)) / (2 * h);
}

/* What rounding may do.  The time: a few eps of the start over the speed m, |start| < 0.35 m.  w(T)
 * and the chain: a dozen operations, each good to eps or two of its result; only c = (r - 1) m
 * cancels, against m in r m, which costs a factor 1/min(1, r) = m: 32 eps m.  A difference: terms
 * below r m/2 with weights that sum to 8, each good to 4 eps: 8 r m eps/h. */
static void try_ratio(double r, findings *f)
{
    const problem p = make(r);
    const double eps = 0x1p-52, exact = r * exp(-1.3), h = p.m / 64;
    const double weight = run(&p, p.start) / (-r * p.m / 2 * expm1(-2 * (T - t1)));
    const double event = instant(&p, f);
    const double segments = chain(&p, event, f);
    const double right = one_sided(&p, h), left = one_sided(&p, -h);
    printf("r = %-5g t1 = %.15g, dw(T)/dw(0) = %.12g, right difference %.12g, left %.12g\n", r,
           event, segments, right, left);
    raise_to(&f->time, fabs(event - t1) / (4 * eps));
    raise_to(&f->weight, fabs(weight - 1) / (32 * eps * p.m));
    raise_to(&f->chain, fabs(segments / exact - 1) / (32 * eps * p.m));
    raise_to(&f->difference,
             fmax(fabs(right - exact), fabs(left - exact)) / (8 * r * p.m * eps / h));
    rf_model_free(p.model);
}

int main(void)
{
    static const double ratios[] = {1.0 / 40, 0.1, 0.5, 0.9, 1, 1.5, 4, 10, 40};
    findings f = {0, 0, 0, 0, 0, 0};
    size_t i;
    paper_begin(10,
                "the derivative by the start passes an event with the factor v(after)/v(before)",
                "Li and Zhou, 2026",
                "rows 1, -1, 1, labels m, -m, c, start m (1 - e^0.3), T = 0.8; r from 1/40 to 40");
    for (i = 0; i < sizeof ratios / sizeof *ratios; i++) {
        try_ratio(ratios[i], &f);
    }
    paper_number("events that are not the three of one instant", f.wrong_events, 0, 0);
    paper_number("error of t1 = 0.3 / (4 eps)", f.time, 0, 1);
    paper_number("error of w(0.8) / (32 eps max(1, 1/r))", f.weight, 0, 1);
    paper_number("error of the rates 1 and 2 / eps", f.rate, 0, 8);
    paper_number("error of r e^-1.3 from the segments / (32 eps max(1, 1/r))", f.chain, 0, 1);
    paper_number("error of r e^-1.3 from differences, both sides / rounding", f.difference, 0, 1);
    return paper_end("reproduced: dw(T)/dw(0) = r e^-1.3, three events at t = 0.3");
}
