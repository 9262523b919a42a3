/* netchain: memory, the numbers of the problem, and K as it follows the pattern.
 * SPDX-License-Identifier: MIT */
#include "flow/netchain.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/num.h"

/* The sizes within which no square of a derivative leaves the range of double, as in flow/follow.c. */
#define LEAST_SCALE 1e-36
#define MOST_SCALE 1e36

/* K is rounded by sum a^2/2^51 in every element for each neuron; where only the neuron of least weight is active
 * that is this times 2^-51 of it at most, some 2e-12. */
#define MOST_SPREAD 4096.0

int rfi_netchain_create(rfi_netchain *c, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    const rf_allocator *a = &data->allocator;
    const int64_t m = problem->neurons, n = data->kinks.count, d = data->d;
    const int64_t mld = rfi_padded(m), nld = rfi_padded(n), most = d - 1, s = m * most;
    struct {
        double **block;
        int64_t count;
    } reals[] = {{&c->X, n * d},       {&c->columns, d * nld},   {&c->norm, n},
                 {&c->weight, nld},    {&c->inverse_weight, nld}, {&c->label, nld},
                 {&c->G, n * nld},     {&c->a, m},               {&c->K, n * nld},
                 {&c->M, n * mld},     {&c->mask, m * nld},      {&c->W, d * mld},
                 {&c->V, d * mld},     {&c->shift, d * mld},     {&c->S, RFI_NET_POWERS * nld},
                 {&c->sum, nld},       {&c->lost, nld}, {&c->root, n},          {&c->speed, m},
                 {&c->length, m},      {&c->Q, s * d},           {&c->R, s * most},
                 {&c->Y, s * nld},     {&c->inverse, s},         {&c->B, d * RFI_NET_ROOM},
                 {&c->u, most * RFI_NET_ROOM},                   {&c->turned, n * RFI_NET_ROOM},
                 {&c->turning, m},     {&c->u0, s},              {&c->u1, s},
                 {&c->part, RFI_NET_ROOM}, {&c->decay, RFI_NET_LEAP}, {&c->row, 4 * d}};
    size_t k;
    int failed = 0;
    memset(c, 0, sizeof(*c));
    c->dense = data->dense;
    c->grid = rfi_grid_at(rfi_cpu_level());
    c->m = m;
    c->n = n;
    c->d = d;
    c->mld = mld;
    c->nld = nld;
    c->most = most;
    c->neuron = -1;
    for (k = 0; k < sizeof(reals) / sizeof(*reals); ++k)
        failed |= (*reals[k].block = rfi_alloc(a, reals[k].count, sizeof(double))) == NULL;
    failed |= (c->actives = rfi_alloc(a, m, sizeof(int64_t))) == NULL;
    failed |= (c->slides = rfi_alloc(a, m, sizeof(int64_t))) == NULL;
    failed |= (c->slide = rfi_alloc(a, s, sizeof(int64_t))) == NULL;
    if (failed) {
        rfi_netchain_free(c, a);
        return -1;
    }
    for (k = 0; k < RFI_NET_ROOM; ++k)
        c->part[k] = 1.0 / (double)(k + 1);
    return 0;
}

void rfi_netchain_free(rfi_netchain *c, const rf_allocator *allocator)
{
    void *blocks[] = {c->X,     c->columns, c->norm,   c->weight, c->inverse_weight, c->label, c->G,
                      c->a,     c->K,       c->M,      c->mask,   c->W,              c->V,     c->shift,
                      c->S,     c->sum,     c->lost,   c->speed,  c->length,         c->Q,     c->R,
                      c->Y,     c->inverse, c->B,      c->u,      c->turned,         c->row,   c->actives,
                      c->slides, c->slide,  c->turning, c->u0,    c->u1,     c->part,
                      c->decay, c->root};
    size_t k;
    for (k = 0; k < sizeof(blocks) / sizeof(*blocks); ++k)
        rfi_free(allocator, blocks[k]);
    memset(c, 0, sizeof(*c));
}

static int in_range(double size)
{
    return size >= LEAST_SCALE && size <= MOST_SCALE;
}

/* Row, weight and label of line i in its unit of length. */
static int set_line(rfi_netchain *c, const rfi_problem *problem, int64_t i)
{
    const rfi_data *data = problem->data;
    const int64_t row = data->kinks.row[i];
    double *x = c->X + i * c->d;
    int64_t k;
    int exponent;
    frexp(data->norm[row], &exponent);
    rfi_view_copy(rfi_row(data, row), x, c->d);
    for (k = 0; k < c->d; ++k) {
        x[k] = ldexp(x[k], -exponent);
        c->columns[k * c->nld + i] = x[k];
    }
    c->norm[i] = ldexp(data->norm[row], -exponent);
    c->weight[i] = ldexp(problem->c[row], 2 * exponent);
    c->inverse_weight[i] = 1.0 / c->weight[i];
    c->root[i] = sqrt(c->weight[i]);
    c->label[i] = ldexp(problem->c[row], exponent) * data->y[row];
    return in_range(data->norm[row]) && in_range(problem->c[row]) && in_range(c->weight[i])
                   && fabs(data->y[row]) <= MOST_SCALE && fabs(c->label[i]) <= MOST_SCALE
               ? 0
               : -1;
}

int rfi_netchain_set(rfi_netchain *c, const rfi_problem *problem)
{
    double total = 0.0, least = INFINITY, sum = 0.0;
    int64_t i, j, l;
    int exponent, failed = 0;
    for (i = 0; i < c->n; ++i)
        failed |= set_line(c, problem, i);
    for (j = 0; j < c->m; ++j) {
        c->a[j] = problem->a[j];
        total += c->a[j] * c->a[j];
        least = fmin(least, c->a[j] * c->a[j]);
    }
    if (failed || !in_range(total) || total > MOST_SPREAD * least)
        return -1;
    frexp(total, &exponent);
    c->big = ldexp(1.5, exponent + 1);
    for (i = 0; i < c->n; ++i)
        for (l = 0; l <= i; ++l) {
            const double g = rfi_dot(c->X + i * c->d, c->X + l * c->d, c->d);
            c->G[i * c->nld + l] = c->G[l * c->nld + i] = g;
            sum += (l < i ? 2.0 : 1.0) * (c->weight[i] * c->weight[l]) * (g * g);
        }
    c->reach = sqrt(sqrt(sum)) * (1.0 + 1e-9); /* |A|^2 is at most the Frobenius norm of A A^T */
    return 0;
}

/* The sums of sizes of the rows of R^{-T} of neuron j. */
static void measure_inverse(rfi_netchain *c, int64_t j)
{
    const int64_t first = j * c->most, s = c->slides[j], ld = c->most;
    const double *R = c->R + first * ld;
    double *column = c->u;
    int64_t k, l, e;
    memset(c->inverse + first, 0, (size_t)s * sizeof(double));
    for (e = 0; e < s; ++e)
        for (k = s - 1; k >= 0; --k) {
            double sum = k == e ? 1.0 : 0.0;
            for (l = k + 1; l < s; ++l)
                sum -= R[l * ld + k] * column[l];
            column[k] = sum / R[k * ld + k];
            c->inverse[first + k] += fabs(column[k]);
        }
}

/* Q, R and Y of neuron j from position `from` on; Gram and Schmidt, twice. */
static int orthogonalize(rfi_netchain *c, int64_t j, int64_t from)
{
    const int64_t first = j * c->most, d = c->d;
    int64_t k, l, e;
    int pass;
    for (k = from; k < c->slides[j]; ++k) {
        const int64_t i = c->slide[first + k];
        double *q = c->Q + (first + k) * d, *r = c->R + (first + k) * c->most;
        double *y = c->Y + (first + k) * c->nld, norm;
        memcpy(q, c->X + i * d, (size_t)d * sizeof(double));
        memset(r, 0, (size_t)c->most * sizeof(double));
        for (pass = 0; pass < 2; ++pass)
            for (l = 0; l < k; ++l) {
                const double product = rfi_dot(q, c->Q + (first + l) * d, d);
                rfi_axpy(-product, c->Q + (first + l) * d, q, d);
                r[l] += product;
            }
        norm = rfi_norm(q, d);
        if (norm <= 1e-6 * c->norm[i])
            return -1;
        r[k] = norm;
        for (l = 0; l < d; ++l)
            q[l] /= norm;
        memset(y, 0, (size_t)c->nld * sizeof(double));
        for (e = 0; e < d; ++e)
            c->dense->add(c->nld, q[e], c->columns + e * c->nld, y);
    }
    measure_inverse(c, j);
    return 0;
}

/* Adds what neuron j is to K, or takes it away. */
static void add_block(rfi_netchain *c, int64_t j, double sign)
{
    c->rate = -1.0;
    if (c->actives[j] > 0)
        c->grid->block(c->n, c->nld, c->G, c->mask + j * c->nld, c->slides[j],
                       c->Y + j * c->most * c->nld, c->a[j] * c->a[j], c->big, sign, c->K);
}

static void set_active(rfi_netchain *c, int64_t j, int64_t i, int on)
{
    double *mask = c->mask + j * c->nld + i;
    c->actives[j] += on - (*mask != 0.0);
    *mask = on ? 1.0 : 0.0;
    c->M[i * c->mld + j] = on ? c->a[j] : 0.0;
}

int rfi_netchain_gather(rfi_netchain *c, const rfi_pattern *pattern)
{
    int64_t i, j;
    c->neuron = -1;
    memset(c->K, 0, (size_t)(c->n * c->nld) * sizeof(double));
    for (j = 0; j < c->m; ++j) {
        const int8_t *side = pattern->side + j * c->n;
        c->slides[j] = 0;
        for (i = 0; i < c->n; ++i) {
            set_active(c, j, i, side[i] == RFI_PLUS);
            if (side[i] != RFI_SLIDE)
                continue;
            if (c->slides[j] == c->most)
                return -1;
            c->slide[j * c->most + c->slides[j]++] = i;
        }
        if (orthogonalize(c, j, 0) != 0)
            return -1;
        add_block(c, j, 1.0);
    }
    return 0;
}

int rfi_netchain_side(rfi_netchain *c, int64_t j, int64_t i, int to)
{
    int64_t *slide = c->slide + j * c->most, at = 0, k;
    int on = to == RFI_SLIDE, changed = 0;
    add_block(c, j, -1.0);
    while (at < c->slides[j] && slide[at] < i)
        ++at;
    if (at < c->slides[j] && slide[at] == i && !on) {
        for (k = at; k + 1 < c->slides[j]; ++k)
            slide[k] = slide[k + 1];
        --c->slides[j];
        changed = 1;
    } else if (on) {
        if (c->slides[j] == c->most)
            return -1;
        for (k = c->slides[j]++; k > at; --k)
            slide[k] = slide[k - 1];
        slide[at] = i;
        changed = 1;
    }
    set_active(c, j, i, to == RFI_PLUS);
    if (changed && orthogonalize(c, j, at) != 0)
        return -1;
    add_block(c, j, 1.0);
    c->neuron = -1;
    return 0;
}
