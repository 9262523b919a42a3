/* 13_plateaus.c: are the plateaus of the loss the periods of constant activation pattern?
 * SPDX-License-Identifier: MIT
 *
 * While the pattern is constant, sliding data included, L = L(end) + sum of c_j exp(-2 lambda_j t)
 * with c_j >= 0, and -dL/dt = |w'|^2 can only fall.  A time is called slow here when |w'|^2 is
 * below a hundredth of its largest value in the run, and a plateau is a stretch of slow times that
 * ends.  So:
 *   - every plateau ends at an event, and within a constant pattern the loss never speeds up;
 *   - but events may happen inside a plateau, when they concern data of little weight (gentle);
 *   - and the loss may fall fast while the pattern is constant (fast);
 *   - on a logarithmic axis of time even the end of a flat stretch needs no event (two_rates).
 * Runs on random data list the slow stretches beside the segments.
 */
#include "paper.h"

enum { N = 12, D = 3, RUNS = 300, MOST = 400 };

/* The segments of a run: times of the distinct events after 0, and |w'|^2 at both ends. */
typedef struct segments {
    int64_t count;
    double start[MOST], first[MOST], last[MOST];
    double fastest;
} segments;

typedef struct tally {
    int64_t plateaus, with_events, segments, never_slow;
    double worst_rise, worst_recurrence;
} tally;

/* The larger one, and NaN once there is one. */
static void raise_to(double *worst, double value)
{
    *worst = isnan(*worst) || value <= *worst ? *worst : value;
}

static double speed(const rf_model *model, int64_t d, double t)
{
    double v[D], sum = 0;
    int64_t k;
    paper_check(rf_model_query_at(model, t, RF_VELOCITY, v, d), "velocity");
    for (k = 0; k < d; k++) {
        sum += v[k] * v[k];
    }
    return sum;
}

static double loss(const rf_model *model, double t)
{
    double value;
    paper_check(rf_model_query_at(model, t, RF_LOSS, &value, 1), "loss");
    return value;
}

static rf_model *run(int64_t n, int64_t d, const double *X, const double *y, const double *w0)
{
    rf_model *model;
    paper_check(rf_model_create(n, d, X, y, &model), "create");
    paper_check(rf_model_init(model, w0, d), "init");
    paper_check(rf_model_integrate(model, INFINITY), "integrate");
    return model;
}

static double end_of(const segments *s, int64_t k)
{
    return k + 1 < s->count ? s->start[k + 1] : INFINITY;
}

static void list_segments(const rf_model *model, int64_t d, segments *s)
{
    const int64_t events = rf_model_event_count(model);
    rf_event event;
    int64_t i;
    s->count = 1;
    s->start[0] = s->fastest = 0;
    for (i = 0; i < events; i++) {
        paper_check(rf_model_events(model, i, 1, &event), "events");
        if (event.time > s->start[s->count - 1]) {
            if (s->count == MOST) {
                paper_check(RF_ERROR_CAPACITY, "segments");
            }
            s->start[s->count++] = event.time;
        }
    }
    for (i = 0; i < s->count; i++) {
        s->first[i] = speed(model, d, s->start[i]);
        s->last[i] = i + 1 < s->count ? speed(model, d, nextafter(s->start[i + 1], 0)) : 0;
        s->fastest = fmax(s->fastest, s->first[i]);
    }
}

/* Where |w'|^2 falls below the limit in segment k: its start, a time inside, or its end. */
static double slow_from(const rf_model *model, int64_t d, const segments *s, int64_t k)
{
    const double limit = s->fastest / 100;
    double low = s->start[k], high = end_of(s, k);
    if (s->first[k] < limit) {
        return low;
    }
    if (s->last[k] >= limit) {
        return high;
    }
    while (isinf(high) || high - low > 1e-12 * high) {
        const double middle = isinf(high) ? 2 * low + 1 : low + (high - low) / 2;
        if (speed(model, d, middle) < limit) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high;
}

/* Counts the plateaus: slow times that begin in segment k, go on through whole segments and end
 * where one starts fast.  Prints each if asked. */
static void count_plateaus(const rf_model *model, int64_t d, const segments *s, int print, tally *t)
{
    int64_t k, inside;
    for (k = 0; k < s->count; k++) {
        const double from = slow_from(model, d, s, k);
        t->segments++;
        t->never_slow += from == end_of(s, k) && !isinf(from);
        if (from == end_of(s, k) || (k > 0 && from == s->start[k])) {
            continue;
        }
        inside = 0;
        while (k + inside + 1 < s->count && s->first[k + inside + 1] < s->fastest / 100) {
            inside++;
        }
        if (k + inside + 1 < s->count) {
            t->plateaus++;
            t->with_events += inside > 0;
            if (print) {
                printf("  plateau from %.6g to %.6g, events inside: %d\n", from,
                       s->start[k + inside + 1], (int)inside);
            }
        }
    }
}

/* |w'|^2 on a grid of 33 times of each segment: by how much does it rise, relative to the rounding
 * of the sums that give w', 64 eps of the largest speed of the segment?  Must stay below 1. */
static double worst_rise(const rf_model *model, int64_t d, const segments *s, int64_t k)
{
    const double noise = 64 * 0x1p-52 * s->first[k];
    const double length = isinf(end_of(s, k)) ? 4 : end_of(s, k) - s->start[k];
    double worst = 0, before = s->first[k];
    int i;
    for (i = 1; i <= 32 && noise > 0; i++) {
        const double now = speed(model, d, s->start[k] + length * i / 33.0);
        raise_to(&worst, (now - before) / noise);
        before = now;
    }
    return worst;
}

/* Equidistant values of a sum of exponentials with the rates 0 and 2 lambda_j obey the recurrence
 * with the polynomial (z - 1) prod (z - exp(-2 lambda_j h)).  Its value over 64 eps times the sum
 * of its absolute coefficients times the loss must stay below 1. */
static double recurrence(const rf_model *model, int64_t d, const segments *s, int64_t k)
{
    const double length = isinf(end_of(s, k)) ? 4 : end_of(s, k) - s->start[k];
    const double h = length / (double)(d + 2);
    double rates[D], p[D + 2] = {-1, 1, 0}, sum = 0, size = 0;
    int64_t i, j;
    paper_check(rf_model_query_at(model, s->start[k], RF_RATES, rates, d), "rates");
    for (j = 0; j < d; j++) {
        const double mu = exp(-2 * rates[j] * h);
        for (i = j + 2; i > 0; i--) {
            p[i] = p[i - 1] - mu * p[i];
        }
        p[0] *= -mu;
    }
    for (i = 0; i < d + 2; i++) {
        const double value = loss(model, s->start[k] + h * (double)i);
        sum += p[i] * value;
        size += fabs(p[i]) * value;
    }
    return size > 0 ? fabs(sum) / (64 * 0x1p-52 * size) : 0;
}

static void survey(const rf_model *model, int64_t d, int print, tally *t)
{
    segments s;
    int64_t k;
    list_segments(model, d, &s);
    for (k = 0; k < s.count; k++) {
        raise_to(&t->worst_rise, worst_rise(model, d, &s, k));
        raise_to(&t->worst_recurrence, recurrence(model, d, &s, k));
        if (print) {
            printf("  segment from %-10.6g |w'|^2 from %-12.6g to %-12.6g %s\n", s.start[k],
                   s.first[k], s.last[k],
                   s.first[k] < s.fastest / 100  ? "slow"
                   : s.last[k] < s.fastest / 100 ? "fast, then slow"
                                                 : "fast");
        }
    }
    count_plateaus(model, d, &s, print, t);
}

/* An event inside a plateau.  Datum 0 is fitted from the start, datum 1 moves w_2 = 16 -
 * 63/4 e^(-t/256) slowly; datum 2 activates at w_2 = 1/2, t = 256 log(63/62), and is too small to
 * matter; datum 3 activates near w_2 = 1, and then the loss falls at once.  A
 * time is good to the rounding of w_2, a few eps, over its speed 0.06: some 1e-14. */
static void gentle(void)
{
    const double X[] = {1, 0, 0, 0.0625, -0x1p-10, 0x1p-9, -1, 1}, y[] = {1, 1, 0, 4};
    const double w0[] = {1, 0.25};
    rf_model *model = run(4, 2, X, y, w0);
    rf_event event[2];
    tally t = {0, 0, 0, 0, 0, 0};
    printf("an event inside a plateau:\n");
    survey(model, 2, 1, &t);
    paper_check(rf_model_events(model, 0, 2, event), "events");
    paper_fact(event[0].datum == 2 && event[1].datum == 3, "datum 2 activates, then datum 3");
    paper_number("first event", event[0].time, 256 * log(63.0 / 62), 2e-14);
    paper_fact(100 * speed(model, 2, nextafter(event[1].time, 0)) < speed(model, 2, event[1].time)
                   && t.with_events == 1,
               "a plateau from 0 to the second event, with the first inside");
    paper_fact(loss(model, 0) - loss(model, event[1].time) < 0.01 * loss(model, 0)
                   && loss(model, event[1].time + 1) < 0.2 * loss(model, 0),
               "the loss falls by less than 1 % in 12 units of time, then by 80 % in one");
    rf_model_free(model);
}

/* No event at all, and no plateau: w = 1 + 3 e^-t, L = 9/2 e^-2t. */
static void fast(void)
{
    const double x = 1, y = 1, w0 = 4;
    rf_model *model = run(1, 1, &x, &y, &w0);
    tally t = {0, 0, 0, 0, 0, 0};
    printf("a constant pattern without a plateau:\n");
    survey(model, 1, 0, &t);
    paper_fact(rf_model_event_count(model) == 0 && t.plateaus == 0, "no event, no plateau");
    paper_number("L(1)/L(0)", loss(model, 1) / loss(model, 0), exp(-2), 1e-15);
    rf_model_free(model);
}

/* L = 1/2 (e^-2t + e^(-2t/10^6)) with a constant pattern: flat from 10 to 1000, half of it left.
 * The margins, at most 2, are good to some 4 eps, so is L for residuals up to 1, within a factor
 * 10. */
static void two_rates(void)
{
    const double X[] = {1, 0, 0, 0.001}, y[] = {2, 2}, w0[] = {1, 1000};
    rf_model *model = run(2, 2, X, y, w0);
    printf("on a logarithmic axis, a flat stretch that ends without an event:\n");
    paper_fact(rf_model_event_count(model) == 0, "no event");
    paper_number("L(10)", loss(model, 10), (exp(-20) + exp(-2e-5)) / 2, 1e-14);
    paper_number("L(1000)", loss(model, 1000), exp(-0.002) / 2, 1e-14);
    paper_number("L(10^7)", loss(model, 1e7), exp(-20) / 2, 1e-14);
    rf_model_free(model);
}

static void random_runs(void)
{
    paper_random random = {13};
    tally t = {0, 0, 0, 0, 0, 0};
    double X[N * D], y[N], w0[D];
    int i, repeat;
    for (repeat = 0; repeat < RUNS; repeat++) {
        rf_model *model;
        for (i = 0; i < N * D; i++) {
            X[i] = paper_normal(&random) * pow(10, -(double)(i / D % 3));
        }
        for (i = 0; i < N; i++) {
            y[i] = paper_normal(&random);
        }
        for (i = 0; i < D; i++) {
            w0[i] = paper_normal(&random);
        }
        model = run(N, D, X, y, w0);
        if (repeat < 2) {
            printf("random run %d:\n", repeat);
        }
        survey(model, D, repeat < 2, &t);
        rf_model_free(model);
    }
    printf("%d random runs:\n", RUNS);
    paper_fact(t.worst_rise < 1,
               "|w'|^2 never rises within a segment: every plateau ends at an event");
    paper_fact(t.worst_recurrence < 1, "the loss of a segment is a sum of exponentials");
    paper_statistic("plateaus", (double)t.plateaus, "no number");
    paper_statistic("plateaus with events inside", (double)t.with_events, "0 if the claim holds");
    paper_statistic("segments between events", (double)(t.segments - RUNS), "no number");
    paper_statistic("of these nowhere slow", (double)t.never_slow, "0 if the claim holds");
}

int main(void)
{
    paper_begin(
        13, "plateaus of the loss are the periods of constant activation pattern",
        "Ainsworth and Shin, arXiv 2007.07213",
        "slow: -dL/dt below 1/100 of its largest value; a plateau: slow times that end; rows "
        "of three sizes");
    gentle();
    fast();
    two_rates();
    random_runs();
    return paper_end("holds only for the end of a plateau, always an event; a plateau may contain "
                     "events, and the loss may fall fast while the pattern is constant");
}
