/* event: every margin and multiplier in turn, each only up to the best instant found so far.
 * SPDX-License-Identifier: MIT */
#include "flow/event.h"

#include <math.h>

#include "base/num.h"

typedef struct {
    const rfi_segment *segment;
    const rfi_problem *problem;
    const rfi_pattern *pattern;
    rfi_next *next;
    double unit;            /* the power of two that brings the rates near 1:      */
    double *pace;           /* rates / unit; the times below are in units of 1/unit, */
    double *line, *scratch; /* so that no product of rates leaves the range        */
    double from;
    double best, slack; /* first exit so far and its uncertainty        */
    double reach;       /* how far the flow moves up to best            */
    double touch;       /* first doubtful touch                         */
} search_state;

/* Exits that are equal in exact arithmetic differ by the rounding of the coefficients too, which is some
 * ten times that of the sum. */
#define TIE 16.0

/* The instant up to which an exit still matters. */
static double horizon(const search_state *s)
{
    return isinf(s->best) ? s->best : s->best * (1.0 + 64.0 * RFI_EPS) + 2.0 * TIE * s->slack;
}

static void keep(search_state *s, int64_t line, int32_t what, int64_t ray, const rfi_exit *exit)
{
    rfi_arrival *arrival;
    s->touch = fmin(s->touch, exit->touch);
    if (isinf(exit->tau) || exit->tau > s->best + TIE * (s->slack + exit->uncertainty))
        return;
    arrival = &s->next->arrival[s->next->count++];
    arrival->line = line;
    arrival->what = what;
    arrival->ray = ray;
    arrival->tau = exit->tau;
    arrival->uncertainty = exit->uncertainty;
    if (exit->tau < s->best) {
        s->best = exit->tau;
        s->slack = exit->uncertainty;
        s->reach = rfi_segment_moved(s->segment, horizon(s) / s->unit) * (1.0 + 1e-12);
    }
}

/* A line whose kink the flow cannot reach by the best instant is out: |z(tau) - z(0)| is at most
 * |x| |w(tau) - w(0)|. */
static int out_of_reach(const search_state *s, int64_t line)
{
    const rfi_data *data = s->problem->data;
    const double z = fabs(s->segment->z[line]);
    return z > 0.0
           && z > data->norm[data->kinks.row[line % s->segment->lines]] * s->reach * (1.0 + 1e-12);
}

static void watch_margin(search_state *s, int64_t line)
{
    const int8_t side = s->pattern->side[line];
    int stand = s->pattern->stand[line];
    rfi_expsum f;
    rfi_exit exit;
    if (rfi_held(side) || out_of_reach(s, line))
        return;
    f = rfi_segment_margin(s->segment, s->problem, line, s->line);
    f.rate = s->pace;
    if (stand == RFI_ON_SIDE && s->segment->z[line] == 0.0 && s->from == 0.0)
        stand = RFI_CROSSED;
    exit = rfi_expsum_exit(&f, side, stand, s->from, horizon(s), s->scratch);
    keep(s, line, RFI_ARRIVES, -1, &exit);
}

static void watch_multiplier(search_state *s, int64_t k, int top)
{
    const uint8_t bound = s->pattern->bound[s->segment->slide[k]];
    rfi_expsum f = rfi_segment_multiplier(s->segment, s->problem, k, top, s->line);
    const int at_bound = bound == (top ? RFI_AT_HIGH : RFI_AT_LOW);
    rfi_exit exit;
    int stand = RFI_ON_SIDE;
    f.rate = s->pace;
    if (at_bound || f.start <= 0.0) {
        f.start = 0.0;
        stand = at_bound ? s->pattern->stand[s->segment->slide[k]] : RFI_CROSSED;
    }
    exit = rfi_expsum_exit(&f, 1.0, stand, s->from, horizon(s), s->scratch);
    keep(s, s->segment->slide[k], top ? RFI_LEAVES_HIGH : RFI_LEAVES_LOW, -1, &exit);
}

/* The line off its kink whose margin will have changed most. */
static int64_t fastest_line(search_state *s, int64_t neuron)
{
    const rfi_data *data = s->problem->data;
    const int64_t lines = s->segment->lines;
    double fastest = 0.0;
    int64_t g, line = -1;
    for (g = neuron * lines; g < (neuron + 1) * lines; ++g) {
        double size;
        if (rfi_held(s->pattern->side[g]))
            continue;
        size = rfi_segment_margin(s->segment, s->problem, g, s->line).size
               / data->norm[data->kinks.row[g % lines]];
        if (size > fastest) {
            fastest = size;
            line = g;
        }
    }
    return line;
}

/* With one direction left, w_j = rho q: every margin off its kink vanishes where rho does, and the one with
 * the steepest margin tells it best. */
static void watch_origin(search_state *s, int64_t neuron)
{
    const rfi_data *data = s->problem->data;
    const int64_t lines = s->segment->lines;
    double steepest = 0.0;
    int64_t g, line = -1;
    for (g = neuron * lines; g < (neuron + 1) * lines; ++g) {
        const double slope = fabs(s->segment->z[g]) / data->norm[data->kinks.row[g % lines]];
        if (!rfi_held(s->pattern->side[g]) && slope > steepest) {
            steepest = slope;
            line = g;
        }
    }
    if (line < 0 && s->segment->neurons > 1)
        line = fastest_line(s, neuron);
    if (line >= 0)
        watch_margin(s, line);
}

/* The first zero of the first-order loss on a ray that is positive now. */
static void watch_rays(search_state *s, int64_t neuron)
{
    const rfi_rays *rays = s->next->rays;
    rfi_exit first = {INFINITY, 0.0, INFINITY};
    int64_t k, ray = -1;
    for (k = 0; k < 2 * rays->count; ++k) {
        rfi_expsum f = rfi_rays_loss(rays, s->segment, s->problem, neuron, k, s->line);
        rfi_exit exit;
        f.rate = s->pace;
        if (!(rfi_expsum_at(&f, s->from).f > 0.0))
            continue;
        exit = rfi_expsum_exit(&f, 1.0, RFI_ON_SIDE, s->from, fmin(horizon(s), first.tau),
                               s->scratch);
        s->touch = fmin(s->touch, exit.touch);
        if (exit.tau < first.tau
            && rfi_rays_slides(rays, s->segment, s->problem, neuron, k, exit.tau / s->unit, s->line)) {
            first = exit;
            ray = k;
        }
    }
    keep(s, neuron * s->segment->lines, RFI_LEAVES_ORIGIN, ray, &first);
}

/* The arrivals of a neuron from position `first` on, ascending by line. */
static void sort_arrivals(rfi_next *next, int64_t first)
{
    int64_t k, l;
    for (k = first + 1; k < next->count; ++k) {
        const rfi_arrival kept = next->arrival[k];
        for (l = k; l > first && next->arrival[l - 1].line > kept.line; --l)
            next->arrival[l] = next->arrival[l - 1];
        next->arrival[l] = kept;
    }
}

/* Those lines only that a sieve does not exclude up to the first exit. */
static void sieve_lines(search_state *s, int64_t neuron)
{
    rfi_sieve *sieve = s->next->sieve;
    const int64_t first = s->next->count;
    int64_t k;
    rfi_sieve_begin(sieve, s->segment, s->problem, s->pattern, neuron);
    for (;;) {
        for (k = 0; k < sieve->hits; ++k)
            watch_margin(s, sieve->hit[k]);
        if (sieve->count == 0 || sieve->tau * s->unit > horizon(s))
            break;
        rfi_sieve_next(sieve, s->segment, s->problem, s->pattern, neuron);
    }
    sort_arrivals(s->next, first);
}

static void watch_neuron(search_state *s, int64_t neuron)
{
    const rfi_segment *seg = s->segment;
    int64_t g;
    if (seg->lines > 0 && s->pattern->side[neuron * seg->lines] == RFI_AT_ORIGIN) {
        if (seg->neurons > 1 && seg->modes > 0 && s->next->rays != NULL)
            watch_rays(s, neuron);
        return;
    }
    if (seg->held[neuron] == seg->d - 1 && seg->d > 1 && seg->modes > 0
        && s->problem->activation != RF_LINEAR)
        watch_origin(s, neuron);
    else if (s->next->sieve != NULL && s->from == 0.0 && rfi_sieve_serves(seg))
        sieve_lines(s, neuron);
    else
        for (g = neuron * seg->lines; g < (neuron + 1) * seg->lines; ++g)
            watch_margin(s, g);
}

/* 1 if what a line does happens at the first instant to within its own rounding: an exit whose time is
 * uncertain is not for that at hand. */
static int is_there(search_state *s, const rfi_arrival *arrival)
{
    rfi_expsum f;
    rfi_value v;
    if (arrival->tau == s->best)
        return 1;
    if (arrival->what == RFI_LEAVES_ORIGIN)
        f = rfi_rays_loss(s->next->rays, s->segment, s->problem,
                          arrival->line / s->segment->lines, arrival->ray, s->line);
    else if (arrival->what == RFI_ARRIVES)
        f = rfi_segment_margin(s->segment, s->problem, arrival->line, s->line);
    else
        f = rfi_segment_multiplier(s->segment, s->problem, s->segment->slide_of[arrival->line],
                                   arrival->what == RFI_LEAVES_HIGH, s->line);
    f.rate = s->pace;
    v = rfi_expsum_at(&f, s->best);
    return fabs(v.f) <= TIE * (v.noise + 2.0 * RFI_EPS * s->best * fabs(v.slope));
}

/* Keeps what happens at the first instant: of every neuron its slides and then its arrivals, each
 * ascending by line because they were found so. */
static void keep_first(search_state *s)
{
    rfi_next *next = s->next;
    int64_t k, kept = 0;
    for (k = 0; k < next->count; ++k) {
        rfi_arrival arrival = next->arrival[k];
        if (arrival.tau > s->best + TIE * (s->slack + arrival.uncertainty)
            || !is_there(s, &arrival))
            continue;
        arrival.tau /= s->unit;
        arrival.uncertainty /= s->unit;
        next->arrival[kept++] = arrival;
    }
    next->count = kept;
    next->tau = s->best / s->unit;
    next->touch = s->touch / s->unit;
}

void rfi_event_find(const rfi_segment *segment, const rfi_problem *problem,
                    const rfi_pattern *pattern, double from, rfi_next *next, double *line)
{
    const int64_t m = segment->modes;
    search_state s = {segment, problem,        pattern,      next, 1.0,
                      line,    line + m,       line + 2 * m, 0.0,  INFINITY,
                      0.0,     segment->reach, INFINITY};
    int64_t j, k;
    int exponent;
    if (m > 0) {
        frexp(segment->rate[0], &exponent);
        s.unit = ldexp(1.0, exponent < 1024 ? exponent : 1023);
    }
    for (k = 0; k < m; ++k)
        s.pace[k] = segment->rate[k] / s.unit;
    s.from = from * s.unit;
    next->count = 0;
    for (j = 0; j < segment->neurons; ++j)
        for (k = 0; k < segment->slides[j]; ++k) {
            watch_multiplier(&s, j * segment->d + k, 0);
            watch_multiplier(&s, j * segment->d + k, 1);
        }
    for (j = 0; j < segment->neurons; ++j)
        watch_neuron(&s, j);
    keep_first(&s);
}
