/* tally: see tally.h.
 * SPDX-License-Identifier: MIT */
#include "analysis/tally.h"

#include <math.h>

#include "base/num.h"

/* sum_{k < K} (1 - (1 - x)^k) = K - (1 - (1 - x)^K)/x.  Where Kx is small the difference
 * cancels: then the binomial series C(K, 2) x - C(K, 3) x^2 + ..., whose terms alternate and
 * fall by more than Kx/3. */
static double lag(double x, double K, double geometric)
{
    double term = 0.5 * K * (K - 1.0) * x, sum = term;
    int i;
    if (K * x >= 0.5)
        return K - geometric;
    for (i = 3; i < 40 && fabs(term) > 0.25 * RFI_EPS * fabs(sum); ++i) {
        term *= -x * (K - (i - 1)) / i;
        sum += term;
    }
    return sum;
}

/* sum_{k < K} of start + sum_j p_j (1 - mu_j^k) = limit - sum_j p_j mu_j^k.  As in the integral
 * of the flow, modes that have decayed count from their limit and the others from their start. */
static double sum_of(const rfi_expsum *f, const rfi_factors *factors, int64_t steps)
{
    const double K = (double)steps;
    const int from_limit =
        f->modes > 0 && f->limit_noise == 0.0 && factors->part[0] * K >= 1.0 && !factors->growing;
    double level = from_limit ? f->limit : f->start, sum = 0.0;
    int64_t j;
    for (j = 0; j < f->modes; ++j) {
        const double x = factors->part[j];
        double rest, done;
        rfi_factors_power(factors, j, steps, &rest, &done);
        if (from_limit || K * x >= 1.0) {
            level += from_limit ? 0.0 : f->p[j];
            sum -= f->p[j] * (done / x);
        } else {
            sum += f->p[j] * lag(x, K, done / x);
        }
    }
    return (level == 0.0 ? 0.0 : level * K) + sum;
}

void rfi_tally_coefficients(const rfi_fastforward *forward, const rfi_problem *problem, double eta,
                            int64_t steps, double *line, double *alpha)
{
    const rfi_segment *seg = &forward->segment;
    const double zero = 0.0;
    int64_t k, j;
    for (k = 0; k < seg->rows; ++k) { /* sqrt(c_i) r_i */
        const int64_t i = seg->row[k];
        double change;
        rfi_expsum f = {seg->modes, seg->rate, line, seg->residual[k], 0.0, 0.0, 0.0, 0.0, 0.0};
        for (j = 0; j < seg->modes; ++j)
            line[j] = -seg->U[k * seg->most + j] * seg->pull[j];
        f.floor = 8.0 * RFI_EPS * sqrt(problem->c[i]) * fabs(problem->data->y[i])
                  + 4.0 * RFI_EPS * seg->terms[k];
        rfi_expsum_finish(&f, seg->done[k] ? &zero : NULL, 0.0);
        change = eta * seg->root[k] * sum_of(&f, &forward->factors, steps);
        for (j = 0; j < seg->neurons; ++j)
            if (rfi_pattern_slope(problem, &forward->pattern, j * seg->n + i) != 0.0)
                alpha[j * seg->n + i] -= problem->a[j] * change;
    }
}

/* The length of a step as a function of a real k: f = sqrt(g), g(t) = sum_j (eta s_j pull_j)^2
 * |mu_j|^2t, for the sign of mu_j^k does not matter. */
typedef struct {
    const rfi_fastforward *forward;
    double eta;
} stride;

static double length_at(const stride *s, double t)
{
    const rfi_segment *seg = &s->forward->segment;
    double sum = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j) {
        const double rate = s->forward->factors.rate[j];
        const double rest = t > 0.0 ? rfi_decay_at(rate * t).rest : 1.0;
        sum = hypot(sum, seg->s[j] * seg->pull[j] * rest);
    }
    return s->eta * sum;
}

/* f', f''' and f^(5) at t in slope[1], [3] and [5], from g^(n) = sum_i C(n, i) f^(i) f^(n-i). */
static void slopes_at(const stride *s, double t, double slope[6])
{
    static const double binomial[6][6] = {{1},          {1, 1},          {1, 2, 1},
                                          {1, 3, 3, 1}, {1, 4, 6, 4, 1}, {1, 5, 10, 10, 5, 1}};
    const rfi_segment *seg = &s->forward->segment;
    double g[6] = {0, 0, 0, 0, 0, 0}, unit = length_at(s, t) / s->eta;
    int64_t j;
    int n, i;
    for (n = 0; n < 6; ++n)
        slope[n] = 0.0;
    if (unit == 0.0)
        return;
    for (j = 0; j < seg->modes; ++j) {
        const double rate = s->forward->factors.rate[j];
        const double a = seg->s[j] * seg->pull[j] * rfi_decay_at(rate * t).rest / unit;
        double term = a * a;
        for (n = 0; n < 6 && term != 0.0; ++n, term *= -2.0 * rate)
            g[n] += term;
    }
    for (slope[0] = 1.0, n = 1; n < 6; ++n) {
        for (i = 1; i < n; ++i)
            g[n] -= binomial[n][i] * slope[i] * slope[n - i];
        slope[n] = 0.5 * g[n];
    }
    for (n = 0; n < 6; ++n)
        slope[n] *= s->eta * unit;
}

/* Gauss-Legendre with ten points. */
static double gauss(const stride *s, double a, double b)
{
    static const double node[5] = {
        0.148874338981631210884826001129720, 0.433395394129247190799265943165784,
        0.679409568299024406234327365114874, 0.865063366688984510732096688423493,
        0.973906528517171720077964012084452};
    static const double weight[5] = {
        0.295524224714752870173815619188769, 0.269266719309996355091226921569469,
        0.219086362515982043995534934228163, 0.149451349150580593145863396957694,
        0.066671344308688137593568809893332};
    const double center = 0.5 * (a + b), half = 0.5 * (b - a);
    double sum = 0.0;
    int k;
    for (k = 0; k < 5; ++k)
        sum += weight[k]
               * (length_at(s, center - half * node[k]) + length_at(s, center + half * node[k]));
    return sum * half;
}

static double adaptive(const stride *s, double a, double b, double whole, int depth)
{
    const double middle = 0.5 * (a + b);
    const double left = gauss(s, a, middle), right = gauss(s, middle, b);
    /* A sum that is not finite, or so small that its relative error means nothing, is not
     * refined. */
    if (!(fabs(left + right - whole) > 1e-11 * (left + right)) || left + right < 1e-290
        || depth == 0)
        return left + right;
    return adaptive(s, a, middle, left, depth - 1) + adaptive(s, middle, b, right, depth - 1);
}

/* Panels double in length, so that every mode is resolved on its own scale; beyond 45 time
 * constants of the slowest mode nothing is left. */
static double integral(const stride *s, double from, double to)
{
    const rfi_factors *factors = &s->forward->factors;
    const double slowest = factors->rate[factors->order[0]];
    const double end = slowest > 0.0 ? fmin(to, fmax(from, 45.0 / slowest)) : to;
    double a, b, sum = 0.0;
    for (a = from; a < end; a = b) {
        b = fmin(end, 2.0 * a);
        sum += adaptive(s, a, b, gauss(s, a, b), 20);
    }
    return sum;
}

/* The first steps are added up one by one, and the others by the midpoint form of Euler and
 * Maclaurin,
 *
 *     sum_{m=A}^{B-1} f(m) = integral of f from A - 1/2 to B - 1/2
 *                            + [-f'/24 + 7 f'''/5760 - 31 f^(5)/967680] + ...
 *
 * What is left out is about 8e-7 f^(7), and f^(n) is below n! (2 r/pi)^n f where modes whose
 * rates differ by r still share in the length.  They do so after A steps with e^{-rA} of the
 * r-th part of what they have had in all, so that the error relative to the whole path is at
 * most 8e-7 * 7! * (2/pi)^7 r^8 e^{-rA} < 1e-14 with A = 64.  Modes that grow do so by no more
 * than 2^40 in one form; those for which a thousand steps are not added up have r < 0.03. */
double rfi_tally_path(const rfi_fastforward *forward, double eta, int64_t steps)
{
    enum { FIRST = 64, MOST = 1024 };
    stride s;
    const int64_t one_by_one = steps <= MOST ? steps : FIRST;
    const double from = FIRST - 0.5, to = (double)steps - 0.5;
    double sum = 0.0, left[6], right[6];
    int64_t k;
    s.forward = forward;
    s.eta = eta;
    if (forward->segment.modes == 0)
        return 0.0;
    for (k = 0; k < one_by_one; ++k)
        sum += length_at(&s, (double)k);
    if (one_by_one == steps)
        return sum;
    slopes_at(&s, from, left);
    slopes_at(&s, to, right);
    sum += integral(&s, from, to);
    sum -= (right[1] - left[1]) / 24.0;
    sum += 7.0 * (right[3] - left[3]) / 5760.0;
    sum -= 31.0 * (right[5] - left[5]) / 967680.0;
    return sum;
}
