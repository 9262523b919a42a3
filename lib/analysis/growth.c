/* growth: see growth.h.
 * SPDX-License-Identifier: MIT
 *
 * F = w . w' has F' = |w'|^2 + w . w'' and F'' = 3 w' . w'' + w . w'''.  With M_k the sum of the sizes of the terms
 * of the k-th derivative of the Taylor sum at the end of the part, |F''| <= B = 3 M_1 M_2 + M_0 M_3 on all of it, so
 *
 *     F(tau + h) >= F(tau) + h F'(tau) - h^2 B/2:
 *
 * the step to the root of the right-hand side is certain (docs/mathematics.md 2). */
#include "analysis/growth.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* Steps on one part; more, and its segment is the better judge. */
enum { MOST_STEPS = 64 };

int rfi_growth_create(rfi_growth *g, const rfi_problem *problem)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t ld = rfi_padded(problem->data->d);
    memset(g, 0, sizeof(*g));
    g->w = rfi_alloc(a, ld, sizeof(double));
    g->v = rfi_alloc(a, ld, sizeof(double));
    g->a = rfi_alloc(a, ld, sizeof(double));
    if (g->w != NULL && g->v != NULL && g->a != NULL)
        return 0;
    rfi_growth_free(g, a);
    return -1;
}

void rfi_growth_free(rfi_growth *g, const rf_allocator *allocator)
{
    rfi_free(allocator, g->w);
    rfi_free(allocator, g->v);
    rfi_free(allocator, g->a);
    memset(g, 0, sizeof(*g));
}

/* M_0 .. M_3. */
static void sizes_at(const rfi_chain *chain, double length, double M[4])
{
    int64_t n, k, j;
    for (n = 0; n < 4; ++n) {
        M[n] = 0.0;
        for (k = chain->order; k >= n; --k) {
            double factor = 1.0;
            for (j = 0; j < n; ++j)
                factor *= (double)(k - j);
            M[n] = M[n] * length + factor * chain->size[k];
        }
    }
}

void rfi_growth_visit(void *context, const rfi_chain *chain, double length)
{
    rfi_growth *g = context;
    double M[4], tau = 0.0, bound;
    int step;
    if (g->fails)
        return;
    sizes_at(chain, length, M);
    bound = 3.0 * M[1] * M[2] + M[0] * M[3];
    for (step = 0; step < MOST_STEPS; ++step) {
        const double rest = length - tau;
        double f, slope, speed, size, noise;
        rfi_chain_weights(chain, tau, g->w);
        rfi_chain_velocity(chain, tau, g->v);
        rfi_chain_turning(chain, tau, g->a);
        size = rfi_norm(g->w, chain->d);
        speed = rfi_norm(g->v, chain->d);
        /* what w and w' are rounded by, and the d products of their sum */
        noise = 2.0 * (size * (chain->noise[1] + chain->noise[2] * tau) + speed * chain->noise[0])
                + (double)chain->d * RFI_EPS * size * speed;
        f = rfi_dot(g->w, g->v, chain->d) - noise;
        slope = speed * speed + rfi_dot(g->w, g->a, chain->d);
        if (!(f > 0.0))
            break;
        if (f + rest * slope - 0.5 * bound * rest * rest > 0.0)
            return;
        tau += 0.99 * (slope + sqrt(slope * slope + 2.0 * bound * f)) / bound;
    }
    g->fails = 1;
}
