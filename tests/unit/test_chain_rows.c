/* test_chain_rows.c: the chain of few data, which goes without H: its sums, a function of the pattern.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "base/team.h"
#include "flow/chain.h"

enum { MOST_N = 120, MOST_D = 900, SHAPES = 5, MEMBERS = 3 };

static const int64_t shapes[SHAPES][2] = {{1, 65}, {32, 65}, {33, 70}, {61, 131}, {MOST_N, MOST_D}};

typedef struct {
    rfi_problem p;
    rfi_pattern pattern;
    double X[MOST_N * MOST_D], y[MOST_N], w[MOST_D + RFI_LANES];
    float single[MOST_N * MOST_D];
} sample;

/* Rows that single precision holds; every fourth one is a multiple of the one before, of either sign. */
static void set_up(sample *s, int64_t n, int64_t d, int leaky, int single)
{
    const rf_allocator allocator = rfi_allocator_default();
    const rfi_data_source of_single = {n, d, s->single, d, 1, s->y, 0, 1};
    const rfi_data_source of_double = {n, d, s->X, d, 1, s->y, 0, 0};
    rfi_data *data = NULL;
    uint64_t seed = (uint64_t)(7 * n + d);
    int64_t i, k;
    unit_fill(&seed, s->y, n);
    memset(s->w, 0, sizeof(s->w));
    unit_fill(&seed, s->w, d);
    for (i = 0; i < n; ++i)
        for (k = 0; k < d; ++k) {
            const double same = i % 8 == 3 ? -0.5 : 2.0;
            s->X[i * d + k] = i % 4 == 3 ? same * s->X[(i - 1) * d + k] : (double)(float)unit_random(&seed);
            s->single[i * d + k] = (float)s->X[i * d + k];
        }
    ck_assert_int_eq(rfi_data_create(single ? &of_single : &of_double, &allocator, &data, NULL), RF_OK);
    ck_assert_int_eq(rfi_problem_create(&s->p, data), RF_OK);
    rfi_data_release(data);
    if (leaky) {
        s->p.activation = RF_LEAKY_RELU;
        s->p.slope = 0.25;
    }
    for (i = 0; i < n; ++i)
        s->p.c[i] = 0.5 + 0.1 * (double)(i % 5);
    rfi_problem_refresh(&s->p);
    unit_pattern(&s->pattern, &s->p, s->w);
}

static void tear_down(sample *s)
{
    unit_pattern_free(&s->pattern, &s->p);
    rfi_problem_free(&s->p);
}

static void gathered(rfi_chain *chain, const sample *s)
{
    ck_assert_int_eq(rfi_chain_create(chain, s->p.data), 0);
    ck_assert_ptr_null(chain->H);
    rfi_chain_gather(chain, &s->p, &s->pattern);
}

/* Sums of n terms of sizes up to n d, in another order. */
static void check_sums(const sample *s, const rfi_chain *chain)
{
    const int64_t n = s->p.data->n, d = s->p.data->d;
    const double bound = RFI_EPS * (double)(n * d) * 16.0;
    double v[MOST_D + RFI_LANES], expected[MOST_D], unit[MOST_D + RFI_LANES] = {0.0}, trace = 0.0;
    int64_t k;
    unit_velocity(&s->p, &s->pattern, s->w, expected);
    rfi_chain_velocity_of(chain, s->w, v);
    for (k = 0; k < d; ++k)
        ck_assert_double_le(fabs(v[k] - expected[k]), bound);
    for (k = 0; k < d; ++k) {
        unit[k] = 1.0;
        rfi_chain_apply(chain, 1.0, unit, v);
        trace += v[k];
        unit[k] = 0.0;
    }
    ck_assert_double_le(fabs(trace - rfi_chain_trace(chain)), bound * trace);
}

static void check_same(const rfi_chain *a, const rfi_chain *b, const double *w)
{
    const size_t size = (size_t)a->ld * sizeof(double);
    double u[MOST_D + RFI_LANES], v[MOST_D + RFI_LANES];
    ck_assert(memcmp(a->b, b->b, size) == 0);
    ck_assert(rfi_chain_apply(a, -0.5, w, u) == rfi_chain_apply(b, -0.5, w, v));
    ck_assert(memcmp(u, v, size) == 0);
}

START_TEST(sums)
{
    static sample s;
    rfi_chain chain;
    int k;
    for (k = 0; k < 2 * SHAPES; ++k) {
        set_up(&s, shapes[k / 2][0], shapes[k / 2][1], k % 2, 0);
        gathered(&chain, &s);
        check_sums(&s, &chain);
        rfi_chain_free(&chain, &s.p.data->allocator);
        tear_down(&s);
    }
}
END_TEST

/* Whichever way the pattern was come to, and in a copy: the same bits. */
START_TEST(function_of_the_pattern)
{
    static sample s;
    rfi_chain chain, fresh;
    uint64_t seed = 5;
    int64_t turn;
    int k;
    for (k = 0; k < 2 * SHAPES; ++k) {
        set_up(&s, shapes[k / 2][0], shapes[k / 2][1], k % 2, 0);
        gathered(&chain, &s);
        gathered(&fresh, &s);
        for (turn = 0; turn < 3 * s.pattern.lines; ++turn) {
            const int64_t line = (int64_t)(0.5 * (unit_random(&seed) + 1.0) * (double)s.pattern.lines);
            const int8_t from = s.pattern.side[line];
            s.pattern.side[line] = (int8_t)-from;
            ck_assert_int_eq(rfi_chain_side(&chain, &s.p, line, from, -from), 0);
            ck_assert(!rfi_chain_is_thin(&chain));
        }
        rfi_chain_gather(&fresh, &s.p, &s.pattern);
        check_same(&chain, &fresh, s.w);
        rfi_chain_turn(&chain, &s.p, 0, s.pattern.side[0] > 0 ? -1 : 1);
        rfi_chain_copy(&fresh, &chain);
        check_same(&chain, &fresh, s.w);
        rfi_chain_free(&chain, &s.p.data->allocator);
        rfi_chain_free(&fresh, &s.p.data->allocator);
        tear_down(&s);
    }
}
END_TEST

static void nothing(void *context, int32_t member, int64_t index)
{
    (void)context;
    (void)member;
    (void)index;
}

/* Rows of single precision, and several threads: the same bits. */
START_TEST(same_bits)
{
    static sample s, t;
    static rfi_team team;
    rfi_chain a, b;
    int k;
    team.members = MEMBERS;
    rfi_team_run(&team, RFI_TEAM_STARTS, MEMBERS, nothing, NULL);
    for (k = 0; k < SHAPES; ++k) {
        set_up(&s, shapes[k][0], shapes[k][1], 1, 0);
        set_up(&t, shapes[k][0], shapes[k][1], 1, 1);
        gathered(&a, &s);
        gathered(&b, &t);
        b.team = &team;
        check_same(&a, &b, s.w);
        rfi_chain_free(&a, &s.p.data->allocator);
        rfi_chain_free(&b, &t.p.data->allocator);
        tear_down(&s);
        tear_down(&t);
    }
    rfi_team_dismiss(&team);
}
END_TEST

static const TTest *const *const tests[] = {&sums, &function_of_the_pattern, &same_bits};

UNIT_MAIN("chain_rows", tests)
