/* netleap: a step of the flow of several neurons that is long compared with the fastest rate, where nothing
 * happens (docs/mathematics.md 7).  With B = sqrt(D) K sqrt(D), whose rates are at most lambda, A = 1 - 2B/lambda
 * and x = lambda tau/2,
 *
 *     int_0^tau e^{-Bs} ds = (2/lambda) sum_k' 2 J_k(x) T_k(A),   J_k(x) = int_0^x e^{-y} I_k(y) dy,
 *
 * T_k the polynomials of Chebyshev, I_k the modified functions of Bessel, the first term halved.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/netchain.h"

/* Terms beyond this are below 1e-20: e^{-x} I_k(x) falls like e^{-k^2/2x}, or faster. */
static int64_t most_terms(double x)
{
    return 40 + (int64_t)sqrt(100.0 * x);
}

/* The norm of Frobenius of B. */
static double rate_of(rfi_netchain *c)
{
    int64_t i, l;
    if (c->rate >= 0.0)
        return c->rate;
    c->rate = 0.0;
    for (i = 0; i < c->n; ++i) {
        const double *row = c->K + i * c->nld;
        double sum = 0.0;
        for (l = 0; l < c->n; ++l)
            sum += row[l] * row[l] * c->weight[l];
        c->rate += sum * c->weight[i];
    }
    c->rate = sqrt(c->rate) * (1.0 + 1e-9);
    return c->rate;
}

/* The integral of a leap is rounded by some eps tau |s|, and s behind it by lambda times that at most, which is to
 * be no more than twice what s is rounded by. */
double rfi_netchain_reach(rfi_netchain *c)
{
    const double most = 0.01 * (double)(RFI_NET_LEAP - 64) * (double)(RFI_NET_LEAP - 64); /* of x */
    const double rate = rate_of(c);
    return rate > 0.0 ? fmin(2.0 * most / rate, 2.0 * c->noise / (RFI_EPS * rate * c->size[0])) : 0.0;
}

/* 2 J_k(x), k < count, the first halved, into c->decay.  e^{-x} I_k by Miller's recurrence downwards, whose sum
 * 1 = e^{-x} (I_0 + 2 sum I_k) sets the scale; from (e^{-x} I_k)' = e^{-x} (I_{k-1} - 2 I_k + I_{k+1})/2 follows
 * J_{k-1} = 2 J_k - J_{k+1} + 2 e^{-x} I_k: twice a sum of positive terms. */
static void set_decay(rfi_netchain *c, double x, int64_t count)
{
    double *J = c->decay, next = 0.0, now = 1e-290, sum = 0.0, slope = 0.0, j = 0.0;
    int64_t k;
    for (k = count - 1; k >= 0; --k) {
        const double before = next + 2.0 * (double)(k + 1) / x * now;
        next = now;
        now = before;
        J[k] = now; /* proportional to I_k */
        if (now > 1e250) {
            int64_t l;
            for (l = k; l < count; ++l)
                J[l] *= 1e-290;
            now *= 1e-290;
            next *= 1e-290;
        }
    }
    for (k = count - 1; k > 0; --k)
        sum += 2.0 * J[k];
    sum += J[0];
    for (k = count - 1; k >= 0; --k) { /* J_k = J_{k+1} + slope, slope grows by 2 e^{-x} I_{k+1} */
        const double term = J[k] / sum;
        J[k] = k > 0 ? 2.0 * j : j;
        slope += 2.0 * term;
        j += slope;
    }
}

void rfi_netchain_leap(rfi_netchain *c, double tau)
{
    const int64_t ld = c->nld;
    const double rate = rate_of(c), x = 0.5 * rate * tau, f = 2.0 / rate;
    int64_t count = rfi_smaller(most_terms(x), RFI_NET_LEAP), k, j;
    double *old = c->S + ld, *now = c->S + 2 * ld, *next = c->S + 3 * ld, *swap;
    set_decay(c, x, count);
    while (count > 2 && c->decay[count - 1] < 1e-3 * RFI_EPS)
        --count;
    memcpy(old, c->S, (size_t)ld * sizeof(double));
    c->dense->apply(c->n, ld, c->K, old, now);
    for (j = 0; j < ld; ++j) {
        now[j] = old[j] - f * c->weight[j] * now[j];
        c->sum[j] = c->decay[0] * old[j] + c->decay[1] * now[j];
    }
    for (k = 2; k < count; ++k) {
        c->dense->apply(c->n, ld, c->K, now, next);
        c->grid->recur(ld, f, c->weight, now, old, c->decay[k], next, c->sum);
        swap = old;
        old = now;
        now = next;
        next = swap;
    }
    for (j = 0; j < ld; ++j)
        c->sum[j] *= f;
    c->leapt = RFI_EPS * rate * tau * c->size[0];
    rfi_netchain_shift(c);
}
