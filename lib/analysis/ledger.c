/* ledger: see ledger.h.
 * SPDX-License-Identifier: MIT */
#include "analysis/ledger.h"

#include <math.h>
#include <string.h>

#include "analysis/quadrature.h"
#include "base/num.h"

int rfi_ledger_create(rfi_ledger *l, const rfi_problem *problem, const double *aim, int wants_path)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t d = problem->data->d, ld = rfi_padded(d);
    memset(l, 0, sizeof(*l));
    l->problem = problem;
    l->aim = aim;
    l->wants_path = wants_path;
    l->sum = rfi_alloc(a, ld, sizeof(double));
    l->part = rfi_alloc(a, ld, sizeof(double));
    l->work = rfi_alloc(a, ld, sizeof(double));
    l->line = rfi_alloc(a, d, sizeof(*l->line));
    l->bound = rfi_alloc(a, d, sizeof(double));
    l->integral = rfi_alloc(a, d, sizeof(double));
    if (l->sum != NULL && l->part != NULL && l->work != NULL && l->line != NULL && l->bound != NULL
        && l->integral != NULL) {
        rfi_ledger_clear(l);
        return 0;
    }
    rfi_ledger_free(l);
    return -1;
}

void rfi_ledger_free(rfi_ledger *l)
{
    const rf_allocator *a;
    if (l->problem == NULL)
        return;
    a = &l->problem->data->allocator;
    rfi_free(a, l->sum);
    rfi_free(a, l->part);
    rfi_free(a, l->work);
    rfi_free(a, l->line);
    rfi_free(a, l->bound);
    rfi_free(a, l->integral);
    memset(l, 0, sizeof(*l));
}

void rfi_ledger_clear(rfi_ledger *l)
{
    memset(l->sum, 0, (size_t)l->problem->data->d * sizeof(double));
    l->time = l->path = 0.0;
    rfi_ledger_begin(l);
}

void rfi_ledger_begin(rfi_ledger *l)
{
    const size_t bytes = (size_t)l->problem->data->d * sizeof(double);
    memset(l->part, 0, bytes);
    memset(l->integral, 0, bytes);
    l->part_time = l->part_path = 0.0;
    l->slides = 0;
}

/* What |w'| is of, for the quadrature. */
typedef struct {
    const rfi_chain *chain;
    double *v;
} motion;

static double speed(const void *context, double tau)
{
    const motion *m = context;
    rfi_chain_velocity(m->chain, tau, m->v);
    return rfi_norm(m->v, m->chain->d);
}

/* integral of sum_k c_k tau^k from 0 to length, the c_k being `step` apart. */
static double polynomial(const double *c, int64_t step, int64_t order, double length)
{
    double sum = 0.0;
    int64_t k;
    for (k = order; k >= 0; --k)
        sum = sum * length + c[k * step] / (double)(k + 1);
    return sum * length;
}

void rfi_ledger_visit(void *context, const rfi_chain *chain, double length)
{
    rfi_ledger *l = context;
    int64_t k;
    for (k = 0; k < chain->d; ++k) {
        const double first = chain->T[k] - l->aim[k], *rest = chain->T + chain->ld + k;
        double sum = 0.0;
        int64_t j;
        for (j = chain->order; j >= 1; --j)
            sum = sum * length + rest[(j - 1) * chain->ld] / (double)(j + 1);
        l->part[k] += (first + sum * length) * length;
    }
    l->part_time += length;
    l->slides = chain->slides;
    for (k = 0; k < chain->slides; ++k) {
        l->line[k] = chain->slide[k];
        l->bound[k] = chain->bound[k];
        l->integral[k] += polynomial(chain->u + k * RFI_CHAIN_ROOM, 1, chain->order, length);
    }
    if (l->wants_path) { /* a polynomial but for the root; four halvings resolve a turn */
        const motion m = {chain, l->work};
        const rfi_integrand f = {speed, &m};
        l->part_path += rfi_integral(&f, 0.0, length, 4);
    }
}

/* alpha_i' = gamma_i (beta + (1 - beta) theta_i) of the data of a sliding line, theta = u/|Gamma| of the line. */
static void add_slide(const rfi_ledger *l, int64_t k, double *alpha)
{
    const rfi_problem *problem = l->problem;
    const rfi_kinks *kinks = &problem->data->kinks;
    const int64_t g = l->line[k];
    int64_t m;
    for (m = kinks->start[g]; m < kinks->start[g + 1]; ++m) {
        const int64_t i = kinks->member[m];
        const double pull = problem->c[i] * problem->data->y[i] * problem->a[0];
        const double along = l->integral[k] / l->bound[k];
        const double theta = kinks->factor[i] > 0.0 ? along : l->part_time - along;
        if (pull != 0.0)
            alpha[i] += pull * (problem->slope * l->part_time + (1.0 - problem->slope) * theta);
    }
}

void rfi_ledger_commit(rfi_ledger *l, double *alpha)
{
    int64_t k;
    for (k = 0; k < l->slides; ++k)
        add_slide(l, k, alpha);
    rfi_axpy(1.0, l->part, l->sum, l->problem->data->d);
    l->time += l->part_time;
    l->path += l->part_path;
    rfi_ledger_begin(l);
}

/* - c a s integral of (a s x.w - y) over all that is behind, were the slope s all the time. */
static double with_slope(const rfi_ledger *l, int64_t i, double slope)
{
    const rfi_problem *problem = l->problem;
    const rfi_view x = rfi_row(problem->data, i);
    const double pull = problem->a[0] * slope;
    double residual;
    if (pull == 0.0)
        return 0.0;
    residual = pull * rfi_view_dot(x, l->aim, problem->data->d) - problem->data->y[i];
    return -problem->c[i] * pull
           * (pull * rfi_view_dot(x, l->sum, problem->data->d) + residual * l->time);
}

void rfi_ledger_turn(const rfi_ledger *l, int64_t i, double before, double after, double *alpha)
{
    if (before != after)
        alpha[i] += with_slope(l, i, before) - with_slope(l, i, after);
}
