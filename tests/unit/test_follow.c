/* test_follow.c: the flow from event to event by the chain, and by segments alone: the same events.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "analysis/accumulate.h"
#include "analysis/growth.h"
#include "analysis/replay.h"
#include "base/blas.h"
#include "flow/flow.h"

enum { MOST_N = 500, MOST_D = 12, SEEDS = 12, MANY_SEEDS = 3 };

enum { POSITIVE, MIXED, ZERO, PARALLEL, LEAKY, WEIGHTED, NEGATED, ILL, FEW, CONVEX, SMALL, HEAVY, LONGER, MANY, KINDS };

typedef struct {
    rfi_problem p;
    rfi_flow flow;
    rfi_record record;
    double X[MOST_N * MOST_D], y[MOST_N], w0[MOST_D], end[MOST_D];
    int64_t n, d, by_chain;
    int64_t together; /* events by the chain at which several lines moved */
    int64_t centered; /* events in windows that bound H about its mean */
} run;

/* Every third row is a multiple of the one before, some by a negative factor; LONGER ones take from H on the + side. */
static void make_parallel(run *r, uint64_t *seed, double negative)
{
    int64_t i, k;
    for (i = 2; i < r->n; i += 3)
        for (k = 0; k < r->d; ++k)
            r->X[i * r->d + k] = r->X[(i - 1) * r->d + k] * (i % 2 == 0 ? negative : 2.0);
    (void)unit_random(seed);
}

static void make_data(run *r, int kind, uint64_t seed)
{
    int64_t i, k;
    r->n = kind == FEW ? 9 : 24 + (int64_t)(seed % 7) * 6;
    r->d = kind == FEW ? 8 : 3 + (int64_t)(seed % 4) * 3;
    if (kind == MANY) { /* several epochs are remembered */
        r->n = 300 + 100 * (int64_t)(seed % 3);
        r->d = 12;
    }
    unit_fill(&seed, r->X, r->n * r->d);
    unit_fill(&seed, r->w0, r->d);
    for (i = 0; i < r->n; ++i) {
        r->y[i] = unit_random(&seed);
        if (kind == POSITIVE || kind == ILL || (kind == ZERO && i % 2 == 0))
            r->y[i] = fabs(r->y[i]);
        else if (kind == ZERO)
            r->y[i] = 0.0;
        else if (kind == CONVEX)
            r->y[i] = -fabs(r->y[i]);
    }
    for (i = 0; i < r->n * r->d && kind == ILL; ++i)
        r->X[i] *= pow(0.1, 2.0 * (double)(i % r->d) / (double)(r->d - 1));
    for (k = 0; k < r->d; ++k)
        r->w0[k] *= kind == ZERO ? 1.0 : 0.05;
    for (i = 0; i < r->n * r->d && kind == SMALL; ++i)
        r->X[i] = ldexp(r->X[i], -33);
    for (k = 0; k < r->d && kind == SMALL; ++k)
        r->w0[k] = ldexp(r->w0[k], 33);
    if (kind == PARALLEL || kind == LONGER)
        make_parallel(r, &seed, kind == PARALLEL ? -0.5 : -3.0);
}

static void make_problem(run *r, int kind, uint64_t seed)
{
    const double minus = -0.75;
    int64_t i;
    unit_problem(&r->p, r->n, r->d, r->X, r->y);
    if (kind == NEGATED)
        ck_assert_int_eq(rfi_problem_set_neurons(&r->p, 1, &minus), RF_OK);
    for (i = 0; i < r->n && kind == WEIGHTED; ++i)
        r->p.c[i] = 1.5 + unit_random(&seed);
    /* Data of large weight leave H, and others must not move by what they leave behind. */
    for (i = 0; i < r->n && kind == HEAVY; ++i)
        r->p.c[i] = i % 4 == 0 ? 1e3 : 1e-3;
    if (kind == LEAKY) {
        r->p.activation = RF_LEAKY_RELU;
        r->p.slope = 0.2;
    }
    rfi_problem_refresh(&r->p);
}

/* Methods of the test besides those of the library: by windows, and by segments built from blocks of rows, which it
 * chooses for much larger problems. */
enum { BY_WINDOWS = 100, BY_BLOCKS = 101 };

/* What a window that is open takes for bounds of H and A = H - shift I, and for tr A^4. */
static int check_bounds(const rfi_follower *f)
{
    static double A[MOST_D * MOST_D], U[MOST_D * MOST_D], V[MOST_D * MOST_D],
        work[64 * MOST_D * MOST_D], s[MOST_D];
    int integers[8 * MOST_D + 8], shifted;
    const rfi_window *win = &f->window;
    const int64_t d = f->chain.d;
    double fourth = 0.0;
    int64_t j, k;
    ck_assert_int_le(rfi_svd_work(d, d), 64 * MOST_D * MOST_D);
    for (shifted = 0; shifted < 2; ++shifted) {
        for (j = 0; j < d; ++j)
            for (k = 0; k < d; ++k)
                A[j * d + k] = f->chain.H[j * f->chain.ld + k] - (j == k && shifted ? win->shift : 0.0);
        ck_assert_int_eq(rfi_svd(d, d, A, d, s, U, d, V, d, work, 64 * MOST_D * MOST_D, integers), 0);
        ck_assert_double_le(s[0], (shifted ? win->spread : win->norm) * (1.0 + 1e-12));
    }
    for (j = 0; j < d; ++j)
        fourth += s[j] * s[j] * s[j] * s[j];
    if (win->fourth > 0.0)
        ck_assert_double_le(fabs(fourth - win->fourth), win->lost + 1e-12 * s[0] * s[0] * s[0] * s[0]);
    return win->fourth > 0.0;
}

/* Runs a problem that was made to the limit. */
static void start(run *r, uint64_t seed, int32_t method)
{
    r->p.data->in_blocks = method == BY_BLOCKS;
    ck_assert_int_eq(rfi_flow_create(&r->flow, &r->p), 0);
    ck_assert_int_eq(rfi_record_create(&r->record, &r->p), 0);
    if (method == BY_WINDOWS)
        ck_assert_int_eq(rfi_follower_make_windows(&r->flow.follower, &r->p, NULL), 0);
    r->flow.follower.method = method == RFI_BY_CHOICE || method == BY_WINDOWS ? RFI_BY_CHOICE
                                                                             : RFI_BY_SEGMENTS;
    if (seed % 2 == 0) /* few lines go through epochs, too */
        r->flow.follower.scout.few = 0;
    ck_assert_int_eq(rfi_flow_init(&r->flow, &r->record, r->w0), RF_OK);
    rfi_flow_hurry(&r->flow, method == BY_WINDOWS);
    r->by_chain = r->together = r->centered = 0;
    while (rfi_flow_due(&r->flow, INFINITY)) {
        r->flow.follower.moves = 0;
        ck_assert_int_eq(rfi_flow_event(&r->flow, &r->record), RF_OK);
        r->by_chain += r->flow.by_chain;
        if (r->flow.follower.window.open)
            r->centered += check_bounds(&r->flow.follower);
        r->together += r->flow.follower.moves > 1;
    }
    ck_assert_int_eq(rfi_flow_rest(&r->flow, INFINITY), RF_OK);
    rfi_flow_land(&r->flow, &r->record);
    memcpy(r->end, r->flow.w, (size_t)r->d * sizeof(double));
}

static void set_up(run *r, int kind, uint64_t seed, int32_t method)
{
    make_data(r, kind, seed);
    make_problem(r, kind, seed);
    start(r, seed, method);
}

static void tear_down(run *r)
{
    rfi_record_free(&r->record);
    rfi_flow_free(&r->flow);
    rfi_problem_free(&r->p);
}

/* The weights of all stretches of a, found again where they were not kept, are those of b. */
static void check_weights(const run *a, const run *b, double bound)
{
    rfi_replay replay;
    int64_t k;
    ck_assert_int_eq(rfi_replay_create(&replay, &a->p, &a->record, 0, RFI_WALK), RF_OK);
    for (k = 0; k < a->record.stretches; ++k) {
        const double *w = rfi_record_weights(&b->record, k);
        ck_assert_int_eq(rfi_replay_seek(&replay, a->record.stretch[k].begin), RF_OK);
        if (replay.at != k) /* a stretch of no length */
            continue;
        ck_assert_ptr_nonnull(w);
        ck_assert_double_le(rfi_distance(replay.segment.w0, w, a->d), bound);
    }
    rfi_replay_free(&replay);
}

/* With positive labels nothing slides: what the chain goes through keeps one set of weights in d/2. */
static void check_kept(const run *a)
{
    const int64_t by_segment = a->record.stretches - a->by_chain;
    ck_assert_int_le(a->record.kept, 3 + 2 * by_segment + a->record.stretches / (a->d / 2));
}

/* Both methods take steps that are exact for data changed by some eps; times of these small problems
 * depend on the data with a condition below 1e4, those of ILL and HEAVY, whose rates are 1e4 and 1e6 apart,
 * below 1e7, and the last of MANY, where the flow is nearly at its limit, below 1e5. */
static void check_same(const run *a, const run *b, int kind, uint64_t seed)
{
    const double tolerance = kind == ILL    ? 1e-8
                             : kind == HEAVY ? 1e-9
                             : kind == MANY  ? 1e-10
                                             : 1e-11;
    const double size = rfi_norm(a->end, a->d) + rfi_norm(a->w0, a->d);
    int64_t k;
    ck_assert_msg(a->record.events == b->record.events, "kind %d, seed %d: %d and %d events", kind,
                  (int)seed, (int)a->record.events, (int)b->record.events);
    for (k = 0; k < a->record.events; ++k) {
        const rf_event *e = &a->record.event[k], *f = &b->record.event[k];
        ck_assert_msg(e->datum == f->datum && e->kind == f->kind
                          && fabs(e->time - f->time) <= tolerance * f->time,
                      "kind %d, seed %d, event %d: %d %d %.17g, %d %d %.17g", kind, (int)seed,
                      (int)k, (int)e->datum, (int)e->kind, e->time, (int)f->datum, (int)f->kind,
                      f->time);
    }
    check_weights(a, b, tolerance * size);
    ck_assert_double_le(rfi_distance(a->end, b->end, a->d), tolerance * size);
}

START_TEST(both_methods_agree)
{
    int64_t by_chain = 0, events = 0, together = 0;
    uint64_t seed;
    for (seed = 1; seed <= (_i == MANY ? MANY_SEEDS : SEEDS); ++seed) {
        static run a, b;
        set_up(&a, _i, seed, RFI_BY_CHOICE);
        set_up(&b, _i, seed, RFI_BY_SEGMENTS);
        ck_assert_int_eq(b.by_chain, 0);
        by_chain += a.by_chain;
        events += a.record.events;
        together += a.together;
        if (_i == POSITIVE)
            check_kept(&a);
        if (((a.flow.flags | b.flow.flags) & RF_FLAG_DOUBTFUL) == 0)
            check_same(&a, &b, _i, seed);
        tear_down(&a);
        tear_down(&b);
    }
    ck_assert_int_gt(by_chain, 0);
    ck_assert_int_gt(events, 0);
    if (_i == MIXED || _i == MANY) /* an arrival frees lines that slide */
        ck_assert_int_gt(together, 0);
}
END_TEST

/* The first root of (a - t)(b - t)(1 + t^2) t^stand is a; none is seen before it, and none is missed for signs. */
START_TEST(first_root)
{
    const double noise[3] = {1e-16, 1e-16, 1e-16};
    uint64_t seed = (uint64_t)_i + 1;
    int64_t k, stand;
    for (k = 0; k < 200; ++k) {
        const double a = 0.1 + 0.4 * fabs(unit_random(&seed)), b = a + 0.05 + fabs(unit_random(&seed));
        const double c[5] = {a * b, -a - b, 1.0 + a * b, -a - b, 1.0};
        double tau;
        for (stand = 0; stand < 3; ++stand) {
            ck_assert_int_eq(rfi_scout_root(c, 4, (int)stand, noise, 1.0, 1.0, &tau), RFI_SEES);
            ck_assert_double_le(fabs(tau - a), 1e-14 / (b - a));
            ck_assert_int_eq(rfi_scout_root(c, 4, (int)stand, noise, 1.0, 0.99 * a, &tau), RFI_TIRES);
        }
    }
}
END_TEST

/* So do windows, and segments of which the rows were taken in blocks; few data have no blocks. */
static void check_method(int kind, int32_t method)
{
    int64_t by_chain = 0, centered = 0, events = 0, certain = 0;
    uint64_t seed;
    for (seed = 1; seed <= SEEDS; ++seed) {
        static run a, b;
        set_up(&a, kind, seed, method);
        set_up(&b, kind, seed, RFI_BY_SEGMENTS);
        by_chain += a.by_chain;
        centered += a.centered;
        events += a.record.events;
        if (((a.flow.flags | b.flow.flags) & RF_FLAG_DOUBTFUL) == 0) {
            check_same(&a, &b, kind, seed);
            ++certain;
        }
        ck_assert_int_eq(a.flow.segment.U == NULL, method == BY_BLOCKS && a.n >= a.d);
        tear_down(&a);
        tear_down(&b);
    }
    ck_assert_int_eq(by_chain > 0, method == BY_WINDOWS);
    if (kind == MANY) /* the bound about the mean is used, too */
        ck_assert_int_eq(centered > 0, method == BY_WINDOWS);
    ck_assert_int_gt(events, 0);
    ck_assert_int_gt(certain, 0);
}

START_TEST(windows_agree)
{
    check_method(_i, BY_WINDOWS);
}
END_TEST

START_TEST(blocks_agree)
{
    check_method(_i, BY_BLOCKS);
}
END_TEST

/* A run by windows that is stopped at any event has the weights and the pattern of that event. */
START_TEST(windows_land)
{
    static run a, b;
    int64_t cut, k;
    set_up(&b, _i, 7, RFI_BY_SEGMENTS);
    set_up(&a, _i, 7, BY_WINDOWS);
    for (cut = 1; cut < 30 && ((a.flow.flags | b.flow.flags) & RF_FLAG_DOUBTFUL) == 0; cut += 4) {
        const double size = rfi_norm(a.end, a.d) + rfi_norm(a.w0, a.d);
        ck_assert_int_eq(rfi_flow_init(&a.flow, &a.record, a.w0), RF_OK);
        for (k = 0; k < cut && rfi_flow_due(&a.flow, INFINITY); ++k) {
            if (k % 3 == 0)
                rfi_flow_land(&a.flow, &a.record);
            if (rfi_flow_due(&a.flow, INFINITY))
                ck_assert_int_eq(rfi_flow_event(&a.flow, &a.record), RF_OK);
        }
        rfi_flow_land(&a.flow, &a.record);
        k = a.record.stretches - 1;
        ck_assert_double_le(
            rfi_distance(a.flow.segment.w0, rfi_record_weights(&b.record, k), a.d), 1e-8 * size);
        ck_assert_mem_eq(a.flow.segment.w0, rfi_record_weights(&a.record, k),
                         (size_t)a.d * sizeof(double));
    }
    tear_down(&a);
    tear_down(&b);
}
END_TEST

/* By the segment of every stretch: what alpha and the path length are where the last one begins. */
static double sums_by_segments(const run *a, double *alpha)
{
    rfi_replay replay;
    double path = 0.0;
    int64_t k;
    memset(alpha, 0, (size_t)a->n * sizeof(double));
    ck_assert_int_eq(rfi_replay_create(&replay, &a->p, &a->record, 0, RFI_WALK), RF_OK);
    for (k = 0; k + 1 < a->record.stretches; ++k) {
        const double gap = a->record.stretch[k + 1].begin - a->record.stretch[k].begin;
        ck_assert_int_eq(rfi_replay_seek(&replay, a->record.stretch[k].begin), RF_OK);
        if (replay.at != k) /* a stretch of no length */
            continue;
        rfi_accumulate_coefficients(&replay.segment, &a->p, &replay.pattern, 0.0, gap,
                                    replay.ws.line, alpha);
        path += rfi_accumulate_path(&replay.segment, 0.0, gap);
    }
    rfi_replay_free(&replay);
    return path;
}

/* The integrals along the chain are those of the segments: alpha_i errs by the error 1e-11 of w, times the
 * size of its force, over the time; HEAVY and ILL by that of their weights, as in check_same. */
START_TEST(sums_agree)
{
    uint64_t seed;
    for (seed = 1; seed <= SEEDS; ++seed) {
        static run a;
        const double tolerance = _i == ILL || _i == HEAVY ? 1e-9 : 1e-11;
        double by_segments[MOST_N], alpha[MOST_N], size, path, end;
        rfi_replay replay;
        int64_t i;
        set_up(&a, _i, seed, RFI_BY_CHOICE);
        size = 2.0 * (rfi_norm(a.end, a.d) + rfi_norm(a.w0, a.d));
        path = sums_by_segments(&a, by_segments);
        end = a.record.stretch[a.record.stretches - 1].begin;
        ck_assert_int_eq(rfi_replay_create(&replay, &a.p, &a.record, 0,
                                           RFI_WITH_COEFFICIENTS | RFI_WITH_PATH),
                         RF_OK);
        ck_assert_int_eq(rfi_replay_seek(&replay, end), RF_OK);
        rfi_replay_coefficients(&replay, end, alpha);
        for (i = 0; i < a.n; ++i) {
            const double force =
                a.p.c[i] * (fabs(a.y[i]) + rfi_norm(a.X + i * a.d, a.d) * size);
            ck_assert_msg(fabs(alpha[i] - by_segments[i]) <= tolerance * force * end,
                          "kind %d, seed %d, datum %d: %.17g, %.17g, force %g, time %g", _i,
                          (int)seed, (int)i, alpha[i], by_segments[i], force, end);
        }
        ck_assert_double_le(fabs(rfi_replay_path(&replay, end) - path), 2e-10 * path);
        rfi_replay_free(&replay);
        tear_down(&a);
    }
}
END_TEST

/* Where the chain certifies that the norm grows, it does so at many instants of the segment. */
START_TEST(growth_is_true)
{
    int64_t certified = 0;
    uint64_t seed;
    for (seed = 1; seed <= SEEDS; ++seed) {
        static run a;
        rfi_replay replay;
        rfi_growth growth;
        int64_t k, j;
        set_up(&a, _i, seed, RFI_BY_CHOICE);
        ck_assert_int_eq(rfi_growth_create(&growth, &a.p), 0);
        ck_assert_int_eq(rfi_replay_create(&replay, &a.p, &a.record, 0, RFI_WALK), RF_OK);
        for (k = 0; k + 1 < a.record.stretches; ++k) {
            const double begin = a.record.stretch[k].begin, end = a.record.stretch[k + 1].begin;
            ck_assert_int_eq(rfi_replay_seek(&replay, begin), RF_OK);
            growth.fails = 0;
            if (replay.at != k
                || rfi_replay_through(&replay, end, rfi_growth_visit, &growth) != 0
                || growth.fails)
                continue;
            ++certified;
            for (j = 0; j <= 20; ++j) {
                double w[MOST_D], v[MOST_D];
                const double tau = (end - begin) * (double)j / 20.0;
                rfi_segment_weights(&replay.segment, tau, w);
                rfi_segment_velocity(&replay.segment, tau, v);
                ck_assert_double_gt(rfi_dot(w, v, a.d), 0.0);
            }
        }
        rfi_replay_free(&replay);
        rfi_growth_free(&growth, &a.p.data->allocator);
        tear_down(&a);
    }
    ck_assert(certified > 0 || _i == CONVEX); /* negative labels: the norm shrinks */
}
END_TEST

/* A copy at any event goes on with the same bits. */
START_TEST(copies_go_on)
{
    static run a;
    rfi_flow copy;
    rfi_record record;
    int64_t cut, k;
    for (cut = 1; cut < 12; cut += 3) {
        set_up(&a, _i, (uint64_t)cut, RFI_BY_CHOICE);
        ck_assert_int_eq(rfi_flow_init(&a.flow, &a.record, a.w0), RF_OK);
        for (k = 0; k < cut && rfi_flow_due(&a.flow, INFINITY); ++k)
            ck_assert_int_eq(rfi_flow_event(&a.flow, &a.record), RF_OK);
        ck_assert_int_eq(rfi_flow_create(&copy, &a.p), 0);
        ck_assert_int_eq(rfi_record_create(&record, &a.p), 0);
        ck_assert_int_eq(rfi_record_copy(&record, &a.record), 0);
        ck_assert_int_eq(rfi_flow_copy(&copy, &a.flow), 0);
        while (rfi_flow_due(&a.flow, INFINITY)) {
            ck_assert_int_eq(rfi_flow_event(&a.flow, &a.record), RF_OK);
            ck_assert(rfi_flow_due(&copy, INFINITY));
            ck_assert_int_eq(rfi_flow_event(&copy, &record), RF_OK);
            ck_assert(copy.t == a.flow.t);
            ck_assert(memcmp(copy.segment.w0, a.flow.segment.w0, (size_t)a.d * sizeof(double))
                      == 0);
        }
        ck_assert(!rfi_flow_due(&copy, INFINITY));
        rfi_record_free(&record);
        rfi_flow_free(&copy);
        tear_down(&a);
    }
}
END_TEST

/* A search that stops on the way sees the same event afterwards. */
START_TEST(stops_change_nothing)
{
    static run a, b;
    int64_t k;
    set_up(&a, _i, 5, RFI_BY_CHOICE);
    set_up(&b, _i, 5, RFI_BY_CHOICE);
    ck_assert_int_eq(rfi_flow_init(&b.flow, &b.record, b.w0), RF_OK);
    for (k = 0; k < a.record.events; ++k) {
        const double t = a.record.event[k].time, now = b.flow.t;
        double stop;
        int part;
        for (part = 1; part < 4 && t > now; ++part) {
            stop = now + 0.25 * part * (t - now);
            ck_assert(!rfi_flow_due(&b.flow, stop));
            ck_assert_int_eq(rfi_flow_rest(&b.flow, stop), RF_OK);
        }
        if (t > now)
            ck_assert(rfi_flow_due(&b.flow, t));
        if (rfi_flow_due(&b.flow, t))
            ck_assert_int_eq(rfi_flow_event(&b.flow, &b.record), RF_OK);
        ck_assert(b.record.event[k].time == t);
        ck_assert_int_eq(b.record.event[k].datum, a.record.event[k].datum);
    }
    tear_down(&a);
    tear_down(&b);
}
END_TEST

/* Once all data of a ReLU neuron have turned off b is 0: what rounding has left of it is not kept. */
START_TEST(b_is_gathered_again)
{
    static run a;
    rfi_chain *chain = &a.flow.follower.chain;
    int64_t g;
    int64_t i;
    int residue, turned = 1; /* turned: no datum of a ReLU is active on the lower side of its line */
    set_up(&a, _i, 3, RFI_BY_CHOICE);
    for (i = 0; i < a.p.data->n; ++i)
        turned = turned && a.p.slope == 0.0 && a.p.data->kinks.factor[i] >= 0.0;
    memset(a.flow.fresh.side, RFI_PLUS, (size_t)a.flow.fresh.lines);
    rfi_chain_gather(chain, &a.p, &a.flow.fresh);
    for (g = 0; g < a.flow.fresh.lines; ++g) {
        ck_assert(2 * g > a.flow.fresh.lines || !rfi_chain_is_thin(chain)); /* half of them are left */
        rfi_chain_turn(chain, &a.p, g, -1);
    }
    residue = rfi_norm(chain->b, a.d) > 0.0;
    ck_assert_int_eq(rfi_chain_is_thin(chain), residue && turned);
    tear_down(&a);
}
END_TEST

/* The last active datum, with a negative label, stops on its kink where the velocity is 0, and what slid is free
 * in the same instant: an exact tie, which a velocity that is short of some eps |w|/tau decides wrongly. */
START_TEST(last_datum_stops)
{
    static const double X[4 * 9] = {
        -2.0579111214395116, -0.715758319239959, 0.11701945804143866, -0.24307391230443712, -1.7954409209556,
        -0.38425121158568426, -0.31794005750648147, 0.015940539596612013, -0.33666523528773834,
        -0.43796540713978244, 0.5662776133726479, -0.5486749158980788, -1.1619364776453918,
        0.07630024409709593, -1.6254958673274882, 0.10250460525372321, 1.8916497950101425,
        -0.12245763068423543, 0.907359741876348, -0.8767509322912421, 0.5147641306191857, -0.325186216750193,
        0.8267992766030388, -2.18102918395591, 0.11770257511129274, -0.810937188992603, 0.4468714563405025,
        0.4804082995055658, -0.4512886085310834, -0.944174867737801, -0.7157427971730072,
        -0.48408907880372753, 0.9184315877486938, -1.2181964135705563, 2.264255912037436,
        -0.1526987636961681};
    static const double y[4] = {
        -1.1195202874938008, -0.6576332830465097, -0.005139576324981743, -0.4172274485059382};
    static const double w0[9] = {
        0.3111082206330785, -0.265392905513965, 0.4497301024671935, -0.5996340819504726, 0.31358659623518675,
        -2.218378621594038, -0.8985431611619051, 0.5882582163386157, -0.4296799795491233};
    static const int32_t kinds[3] = {RF_EVENT_SLIDE_EXIT_INACTIVE, RF_EVENT_DEACTIVATE,
                                     RF_EVENT_SLIDE_EXIT_INACTIVE};
    static run a;
    int64_t k;
    (void)_i;
    memset(&a, 0, sizeof(a));
    a.n = 4;
    a.d = 9;
    memcpy(a.X, X, sizeof(X));
    memcpy(a.y, y, sizeof(y));
    memcpy(a.w0, w0, sizeof(w0));
    unit_problem(&a.p, a.n, a.d, a.X, a.y);
    rfi_problem_refresh(&a.p);
    start(&a, 1, RFI_BY_CHOICE);
    ck_assert_int_eq(a.record.events, 8);
    for (k = 0; k < 3; ++k) {
        ck_assert_int_eq(a.record.event[5 + k].datum, k == 0 ? 0 : k + 1);
        ck_assert_int_eq(a.record.event[5 + k].kind, kinds[k]);
        ck_assert_double_le(fabs(a.record.event[5 + k].time - 1.0386793608527998), 1e-13);
    }
    tear_down(&a);
}
END_TEST

/* The velocity of the sum is short of P(b - H w) by what is said, at most, and by rounding. */
START_TEST(velocity_is_bounded)
{
    static run a;
    rfi_chain *chain = &a.flow.follower.chain;
    double w[MOST_D + 4], v[MOST_D + 4], u[MOST_D + 4];
    uint64_t seed;
    for (seed = 1; seed <= SEEDS; ++seed) {
        const double shares[3] = {0.1, 0.5, 1.0};
        int64_t k;
        set_up(&a, _i, seed, RFI_BY_CHOICE);
        ck_assert_int_eq(rfi_flow_init(&a.flow, &a.record, a.w0), RF_OK);
        if (rfi_flow_due(&a.flow, INFINITY) && a.flow.by_chain)
            for (k = 0; k < 3; ++k) {
                const double tau = shares[k] * chain->valid;
                rfi_chain_weights(chain, tau, w);
                rfi_chain_velocity(chain, tau, v);
                rfi_chain_velocity_of(chain, w, u);
                ck_assert_double_le(rfi_distance(u, v, a.d), rfi_chain_rest(chain, tau) + 4.0 * chain->noise[1]
                                                                 + 4.0 * tau * chain->noise[2]);
            }
        tear_down(&a);
    }
}
END_TEST

static const TTest *const *const tests[] = {
    &both_methods_agree,
    &windows_agree,
    &blocks_agree,
    &windows_land,
    &sums_agree,
    &growth_is_true,
    &copies_go_on,
    &stops_change_nothing,
    &b_is_gathered_again,
    &first_root,
    &last_datum_stops,
    &velocity_is_bounded,
};

int main(void)
{
    Suite *suite = suite_create("follow");
    TCase *tcase = tcase_create("follow");
    SRunner *runner;
    size_t k;
    int failed;
    tcase_set_timeout(tcase, 120);
    for (k = 0; k < sizeof(tests) / sizeof(*tests); ++k)
        tcase_add_loop_test(tcase, *tests[k], 0, KINDS);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
