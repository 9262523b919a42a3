/* test_crossing.c: the certified search over steps against looking at every step.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "flow/crossing.h"

enum { MODES = 6 };

typedef struct {
    double lambda[MODES], p[MODES], doubt[MODES], work[7 * MODES];
    double rate[MODES], bend[MODES], part[MODES];
    uint8_t turns[MODES], clear;
    int64_t order[MODES];
    rfi_factors factors;
    rfi_watch watch;
} fixture;

/* z(k) = limit - sum_j p_j (1 - lambda_j)^k with eta = 1. */
static void set_up(fixture *f, int64_t modes, const double *lambda, const double *p, double limit)
{
    double start = limit, size = fabs(limit);
    int64_t j;
    memset(f, 0, sizeof(*f));
    f->factors.rate = f->rate;
    f->factors.bend = f->bend;
    f->factors.part = f->part;
    f->factors.turns = f->turns;
    f->factors.order = f->order;
    for (j = 0; j < modes; ++j) {
        f->lambda[j] = lambda[j];
        f->p[j] = p[j];
        f->doubt[j] = 4.0 * RFI_EPS;
        start -= p[j];
        size += fabs(p[j]);
    }
    rfi_factors_set(&f->factors, 1.0, f->lambda, modes);
    f->watch.p = f->p;
    f->watch.start = start;
    f->watch.limit = limit;
    f->watch.start_noise = 4.0 * RFI_EPS * size;
    f->watch.limit_noise = limit == 0.0 ? 0.0 : 4.0 * RFI_EPS * size;
    f->watch.side = start > 0.0 ? 1.0 : -1.0;
}

static int64_t search(fixture *f, int64_t most)
{
    rfi_watch watch = f->watch;
    return rfi_crossing_first(&f->factors, f->doubt, &watch, 1, most, &f->clear, f->work);
}

/* The first of the steps 1 .. most at which the margin is not on its side; *least is the
 * smallest margin of the steps before it. */
static int64_t look_at_all(const fixture *f, int64_t most, double *least)
{
    long double power[MODES];
    int64_t k, j;
    *least = INFINITY;
    for (j = 0; j < f->factors.modes; ++j)
        power[j] = f->p[j];
    for (k = 1; k <= most; ++k) {
        long double z = f->watch.limit;
        for (j = 0; j < f->factors.modes; ++j) {
            power[j] *= 1.0L - (long double)f->lambda[j];
            z -= power[j];
        }
        if (!((double)z * f->watch.side > 0.0))
            return k;
        *least = fmin(*least, fabs((double)z));
    }
    return most + 1;
}

/* Signs may be given up only where rounding could change them: within 1e-12 of the sizes here (4
 * eps for each of k <= 1000 multiplications of a power is not reached before it has decayed). */
static void check(fixture *f, int64_t most, int64_t *crossings)
{
    double least;
    const int64_t right = look_at_all(f, most, &least), found = search(f, most);
    ck_assert_int_le(found, right);
    if (found < right) {
        double early;
        look_at_all(f, found, &early);
        ck_assert_double_le(early, 1e-12);
    }
    *crossings += right <= most;
}

static void random_search(uint64_t seed, double fastest, int64_t most, int zero_limit)
{
    double lambda[MODES], p[MODES];
    int64_t k, j, crossings = 0;
    fixture f;
    for (k = 0; k < 400; ++k) {
        const int64_t modes = 1 + k % MODES;
        double limit = zero_limit ? 0.0 : unit_random(&seed);
        for (j = 0; j < modes; ++j) {
            lambda[j] = fastest * pow(10.0, -4.0 * fabs(unit_random(&seed)));
            p[j] = unit_random(&seed) * pow(10.0, unit_random(&seed));
        }
        lambda[0] = fastest;
        set_up(&f, modes, lambda, p, limit);
        if (f.watch.start != 0.0)
            check(&f, most, &crossings);
    }
    ck_assert_int_gt(crossings, 50);
}

START_TEST(slow_modes)
{
    random_search(1, 0.01, 20000, 0);
    random_search(2, 0.5, 20000, 0);
    random_search(3, 0.9999, 2000, 0);
}
END_TEST

START_TEST(turning_modes)
{
    random_search(4, 1.5, 2000, 0);
    random_search(5, 1.999, 4000, 0);
    random_search(6, 2.0, 4000, 0);
}
END_TEST

START_TEST(growing_modes)
{
    random_search(7, 2.001, 4000, 0);
    random_search(8, 2.5, 60, 0);
    random_search(9, 7.0, 10, 0);
}
END_TEST

/* A margin that tends to its kink: the slowest mode decides, for ever. */
START_TEST(zero_limit)
{
    random_search(10, 0.5, 500, 1);
    random_search(11, 1.9, 500, 1);
}
END_TEST

/* With q = e^{-t}: z = (q - a)(q - b) = ab - (a + b) q + q^2, negative between t = -log a and
 * -log b only. In (1.05, 1.95) there is no step, in (1.5, 2.5) one. */
START_TEST(between_two_steps)
{
    const double lambda[2] = {-expm1(-2.0), -expm1(-1.0)};
    double p[2] = {-1.0, exp(-1.05) + exp(-1.95)};
    fixture f;
    set_up(&f, 2, lambda, p, exp(-3.0));
    ck_assert_double_gt(f.watch.start, 0.0);
    ck_assert_int_eq(search(&f, (int64_t)1 << 62), ((int64_t)1 << 62) + 1);
    p[1] = exp(-1.5) + exp(-2.5);
    set_up(&f, 2, lambda, p, exp(-4.0));
    ck_assert_int_eq(search(&f, (int64_t)1 << 62), 2);
}
END_TEST

/* Crossings far away: 1 - 2 (1 - lambda)^k changes side at log 2 / -log(1 - lambda). */
START_TEST(far_steps)
{
    int e;
    for (e = 2; e <= 15; ++e) {
        const double lambda = pow(10.0, -e), p = 2.0;
        const double right = log(2.0) / -log1p(-lambda);
        int64_t found;
        fixture f;
        set_up(&f, 1, &lambda, &p, 1.0);
        found = search(&f, (int64_t)1 << 62);
        /* The rate is known to eps relative, and near the zero the margin to some eps. */
        ck_assert_double_eq_tol((double)found, ceil(right), 1.0 + 64.0 * RFI_EPS * right);
        ck_assert(e > 8 || found == (int64_t)ceil(right));
    }
}
END_TEST

/* 1 + (-1)^k a stays where it is for a < 1, and does not for a > 1; (1 - lambda) = 0 is at rest
 * at once. */
START_TEST(edges)
{
    const double two = 2.0, one = 1.0;
    double p = -0.75;
    fixture f;
    set_up(&f, 1, &two, &p, 1.0);
    ck_assert_int_eq(search(&f, (int64_t)1 << 62), ((int64_t)1 << 62) + 1);
    p = -1.25;
    set_up(&f, 1, &two, &p, 1.0);
    ck_assert_int_eq(search(&f, (int64_t)1 << 62), 1);
    p = -4.0;
    set_up(&f, 1, &one, &p, 0.5);
    ck_assert_int_eq(search(&f, (int64_t)1 << 62), ((int64_t)1 << 62) + 1);
    set_up(&f, 1, &one, &p, -0.5);
    ck_assert_int_eq(search(&f, (int64_t)1 << 62), 1);
    set_up(&f, 0, NULL, NULL, 0.5);
    ck_assert_int_eq(search(&f, 10), 11);
}
END_TEST

/* Of many margins the first to cross counts, whatever their order. */
START_TEST(many_margins)
{
    enum { COUNT = 50 };
    const double lambda = 1e-3;
    double p[COUNT];
    uint8_t clear[COUNT];
    rfi_watch watch[COUNT];
    fixture f;
    int i;
    p[0] = 1.5;
    set_up(&f, 1, &lambda, p, 1.0);
    for (i = 0; i < COUNT; ++i) {
        p[i] = 1.5 + 0.25 * ((i * 17) % COUNT); /* crosses at log p / rate; the least p is first */
        watch[i] = f.watch;
        watch[i].p = &p[i];
        watch[i].start = 1.0 - p[i];
        watch[i].side = -1.0;
        watch[i].start_noise = watch[i].limit_noise = 1e-14;
    }
    ck_assert_int_eq(rfi_crossing_first(&f.factors, f.doubt, watch, COUNT, 1000000, clear, f.work),
                     (int64_t)ceil(log(1.5) / -log1p(-lambda)));
}
END_TEST

START_TEST(powers)
{
    const double lambda[] = {1e-12, 1e-3, 0.5, 1.0, 1.25, 2.0};
    fixture f;
    int64_t j, k;
    double rest, done;
    set_up(&f, 6, lambda, lambda, 0.0);
    for (j = 0; j < 6; ++j)
        for (k = 1; k < 300; k = 2 * k + 1 - k % 3) {
            const double right = (double)powl(1.0L - (long double)lambda[j], (long double)k);
            const double other = (double)-expm1l((long double)k * log1pl(-(long double)lambda[j]));
            rfi_factors_power(&f.factors, j, k, &rest, &done);
            ck_assert_double_eq_tol(rest, right, 1e-13 * fabs(right) + 5e-324);
            if (lambda[j] < 1.0) /* relative accuracy, and rates of a few roundings */
                ck_assert_double_eq_tol(done, other, 8.0 * RFI_EPS * other);
            else
                ck_assert_double_eq_tol(done, 1.0 - right, 4.0 * RFI_EPS * (1.0 + fabs(right)));
        }
    ck_assert(f.factors.turning && !f.factors.growing);
    for (j = 1; j < 6; ++j) /* in the order of the rates */
        ck_assert(f.rate[f.order[j - 1]] <= f.rate[f.order[j]]);
}
END_TEST

static const TTest *const *const tests[] = {
    &slow_modes, &turning_modes, &growing_modes, &zero_limit, &between_two_steps,
    &far_steps,  &edges,         &many_margins,  &powers,
};
UNIT_MAIN("crossing", tests)
