/* netchain: see netchain.h.
 * SPDX-License-Identifier: MIT */
#include "flow/netchain.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/num.h"

/* As in flow/chain.c: the square of a length below this is not normal. */
#define LEAST_LENGTH 1.5e-154

/* The sizes within which no square of a derivative leaves the range of double, as in flow/follow.c. */
#define LEAST_SCALE 1e-36
#define MOST_SCALE 1e36

/* K is rounded by sum a^2/2^51 in every element for each neuron; where only the neuron of least weight is active
 * that is this times 2^-51 of it at most, some 2e-12. */
#define MOST_SPREAD 4096.0

/* Times the fastest rate: within a shorter step bounds of second derivatives serve as well as these. */
#define SHORT 0.02

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
                 {&c->sum, nld},       {&c->lost, nld},          {&c->speed, m},
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
                      c->decay};
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

void rfi_netchain_put(rfi_netchain *c, const double *w)
{
    int64_t j, k;
    c->leapt = 0.0;
    for (j = 0; j < c->m; ++j)
        for (k = 0; k < c->d; ++k)
            c->W[k * c->mld + j] = w[j * c->d + k];
}

void rfi_netchain_get(const rfi_netchain *c, double *w)
{
    int64_t j, k;
    for (j = 0; j < c->m; ++j)
        for (k = 0; k < c->d; ++k)
            w[j * c->d + k] = c->W[k * c->mld + j];
}

/* Solves X_S^T u = sum_k part_k q_k for neuron j; u may be part. */
static void solve_slides(const rfi_netchain *c, int64_t j, double *u)
{
    const double *R = c->R + j * c->most * c->most;
    int64_t k, l;
    for (l = c->slides[j] - 1; l >= 0; --l) {
        for (k = l + 1; k < c->slides[j]; ++k)
            u[l] -= R[k * c->most + l] * u[k];
        u[l] /= R[l * c->most + l];
    }
}

/* Projects the vectors of all neurons, v_j to -P_j v_j; u: the multipliers of what is taken out, if not NULL. */
static void project(const rfi_netchain *c, double *V, double *u)
{
    const int64_t d = c->d, ld = c->mld;
    double *v = c->row;
    int64_t j, k, s;
    for (k = 0; k < d * ld; ++k)
        V[k] = -V[k];
    for (j = 0; j < c->m; ++j) {
        const int64_t first = j * c->most, slides = c->slides[j];
        if (slides == 0)
            continue;
        for (k = 0; k < d; ++k)
            v[k] = V[k * ld + j];
        for (s = 0; s < slides; ++s) {
            const double *q = c->Q + (first + s) * d;
            double product = 0.0;
            for (k = 0; k < d; ++k)
                product += q[k] * v[k];
            for (k = 0; k < d; ++k)
                v[k] -= product * q[k];
            if (u != NULL)
                u[first + s] = product;
        }
        for (k = 0; k < d; ++k)
            V[k * ld + j] = v[k];
        if (u != NULL)
            solve_slides(c, j, u + first);
    }
}

/* Lengths of the vectors of all neurons. */
static void lengths(const rfi_netchain *c, const double *V, double *length)
{
    int64_t j, k;
    memset(length, 0, (size_t)c->m * sizeof(double));
    for (k = 0; k < c->d; ++k)
        for (j = 0; j < c->m; ++j)
            length[j] += V[k * c->mld + j] * V[k * c->mld + j];
    for (j = 0; j < c->m; ++j)
        length[j] = sqrt(length[j]);
}

/* S_0 and what it is rounded by; lengths and velocities. */
static void start(rfi_netchain *c)
{
    int64_t i;
    double square;
    c->grid->forward(c->n, c->d, c->mld, c->X, c->M, c->W, c->sum, c->lost);
    for (i = 0; i < c->n; ++i) {
        c->S[i] = c->weight[i] * c->sum[i] - c->label[i];
        c->lost[i] += fabs(c->label[i]) * c->inverse_weight[i];
    }
    square = c->grid->weigh(c->nld, 1.0, c->weight, c->inverse_weight, c->lost);
    c->noise = RFI_EPS * sqrt(square);
    c->grid->backward(c->n, c->d, c->mld, c->X, c->M, c->S, c->V);
    project(c, c->V, c->u0);
    lengths(c, c->W, c->length);
    lengths(c, c->V, c->speed);
}

static double most_length(const rfi_netchain *c, int64_t k)
{
    return fmax(c->size[k], LEAST_LENGTH);
}

/* What the products that make S_{k+1} of S_k are rounded by is some eps of this. */
static double sum_of_sizes(const rfi_netchain *c)
{
    double sum = c->size[0], power = c->valid;
    int64_t k;
    for (k = 1; k <= c->order; ++k, power *= c->valid)
        sum += c->size[k] * power;
    return sum;
}

/* The second derivatives of the weights and the first of the multipliers at the anchor. */
static void bend(rfi_netchain *c)
{
    c->grid->backward(c->n, c->d, c->mld, c->X, c->M, c->S + c->nld, c->shift);
    project(c, c->shift, c->u1);
    lengths(c, c->shift, c->turning);
}

int rfi_netchain_anchor(rfi_netchain *c, double t, double want)
{
    const int64_t ld = c->nld;
    double power = want, tolerance, most;
    int64_t k;
    c->t = t;
    c->want = want;
    c->neuron = -1;
    c->has_turned = 0;
    start(c);
    for (k = 0; k < ld; ++k)
        c->sum[k] = c->S[k] * c->inverse_weight[k];
    c->dense->dots(ld, 1, c->S, c->sum, &c->size[0]);
    c->size[0] = sqrt(c->size[0]);
    tolerance = 0.5 * c->noise;
    c->fastest = 0.0;
    for (k = 0;; ++k) {
        double *next = c->S + (k + 1) * ld;
        c->dense->apply(c->n, ld, c->K, c->S + k * ld, next);
        c->size[k + 1] = sqrt(
            c->grid->weigh(ld, -1.0 / (double)(k + 1), c->weight, c->inverse_weight, next));
        if (c->size[k] > LEAST_LENGTH)
            c->fastest = fmax(c->fastest, (double)(k + 1) * c->size[k + 1] / c->size[k]);
        if (k >= 2 && (k == RFI_NET_MOST || most_length(c, k + 1) * power <= tolerance))
            break;
        power *= want;
    }
    c->order = k;
    if (!isfinite(c->size[0]) || !isfinite(c->size[k + 1]) || !isfinite(c->noise))
        return -1;
    most = most_length(c, k + 1);
    c->valid = want;
    if (most * power > tolerance)
        c->valid = 0.99 * pow(tolerance / most, 1.0 / (double)(k + 1));
    while (sum_of_sizes(c) > 16.0 * (c->noise / RFI_EPS + c->size[0])) /* or products round more */
        c->valid *= 0.8;
    c->noise = 4.0 * c->noise + tolerance + 4.0 * RFI_EPS * sum_of_sizes(c) + c->leapt;
    c->leapt = 0.0;
    c->bends = c->valid * c->fastest > SHORT;
    if (c->bends)
        bend(c);
    return isfinite(c->noise) ? 0 : -1;
}

void rfi_netchain_shift(rfi_netchain *c)
{
    int64_t k;
    c->grid->backward(c->n, c->d, c->mld, c->X, c->M, c->sum, c->shift);
    project(c, c->shift, NULL);
    for (k = 0; k < c->d * c->mld; ++k)
        c->W[k] += c->shift[k];
    c->neuron = -1;
}

void rfi_netchain_move(rfi_netchain *c, double tau)
{
    const int64_t ld = c->nld;
    int64_t j, k;
    memset(c->sum, 0, (size_t)ld * sizeof(double));
    for (k = c->order; k >= 0; --k)
        for (j = 0; j < ld; ++j)
            c->sum[j] = c->sum[j] * tau + c->S[k * ld + j] * c->part[k];
    for (j = 0; j < ld; ++j)
        c->sum[j] *= tau;
    rfi_netchain_shift(c);
}

/* Takes the normal parts out of the coefficients of neuron j, and solves X_S^T u = normal. */
static void split(rfi_netchain *c, int64_t j)
{
    const int64_t first = j * c->most, d = c->d, s = c->slides[j];
    const int64_t count = rfi_padded(c->order + 1);
    int64_t k, l, e;
    for (l = 0; l < s; ++l) {
        const double *q = c->Q + (first + l) * d;
        double *u = c->u + l * RFI_NET_ROOM;
        memset(u, 0, (size_t)count * sizeof(double));
        for (e = 0; e < d; ++e)
            c->dense->add(count, q[e], c->B + e * RFI_NET_ROOM, u);
        for (e = 0; e < d; ++e)
            c->dense->add(count, -q[e], u, c->B + e * RFI_NET_ROOM);
    }
    for (l = s - 1; l >= 0; --l) {
        const double *R = c->R + first * c->most;
        double *u = c->u + l * RFI_NET_ROOM;
        for (e = l + 1; e < s; ++e)
            c->dense->add(count, -R[e * c->most + l], c->u + e * RFI_NET_ROOM, u);
        for (k = 0; k < count; ++k)
            u[k] /= R[l * c->most + l];
    }
}

/* S by lines; up to a whole group of lanes. */
static void turn(rfi_netchain *c)
{
    int64_t i, k;
    for (i = 0; i < c->n; ++i)
        for (k = c->order + 1; k < rfi_padded(c->order + 1); ++k)
            c->turned[i * RFI_NET_ROOM + k] = 0.0;
    for (k = 0; k <= c->order; ++k)
        for (i = 0; i < c->n; ++i)
            c->turned[i * RFI_NET_ROOM + k] = c->S[k * c->nld + i];
    c->has_turned = 1;
}

void rfi_netchain_neuron(rfi_netchain *c, int64_t j)
{
    int64_t e;
    if (c->neuron == j)
        return;
    if (!c->has_turned)
        turn(c);
    c->neuron = j;
    for (e = 0; e < c->d; ++e)
        c->grid->gather(c->n, c->order + 1, RFI_NET_ROOM, -c->a[j], c->mask + j * c->nld,
                        c->columns + e * c->nld, c->turned, c->B + e * RFI_NET_ROOM);
    split(c, j);
}

void rfi_netchain_weight(const rfi_netchain *c, double tau, double *w, double *v)
{
    int64_t e, k;
    for (e = 0; e < c->d; ++e) {
        const double *B = c->B + e * RFI_NET_ROOM;
        double f = 0.0, slope = 0.0;
        for (k = c->order; k >= 0; --k) {
            slope = slope * tau + B[k];
            f = f * tau + B[k] * c->part[k];
        }
        w[e] = c->W[e * c->mld + c->neuron] + f * tau;
        v[e] = slope;
    }
}

double rfi_netchain_tangent(const rfi_netchain *c, int64_t j, const double *x, double *px)
{
    int64_t s;
    memcpy(px, x, (size_t)c->d * sizeof(double));
    for (s = 0; s < 2 * c->slides[j]; ++s) {
        const double *q = c->Q + (j * c->most + s % c->slides[j]) * c->d;
        rfi_axpy(-rfi_dot(q, px, c->d), q, px, c->d);
    }
    return rfi_dot(px, px, c->d);
}

void rfi_netchain_clean(rfi_netchain *c, int64_t j, int64_t i)
{
    double *w = c->row + 2 * c->d, *px = c->row + 3 * c->d, square, off;
    const double *x = c->X + i * c->d;
    int64_t k;
    for (k = 0; k < c->d; ++k)
        w[k] = c->W[k * c->mld + j];
    square = rfi_netchain_tangent(c, j, x, px);
    off = rfi_dot_accurate(x, w, c->d);
    for (k = 0; k < c->d; ++k)
        c->W[k * c->mld + j] = w[k] - off / square * px[k];
}

void rfi_netchain_noise(const rfi_netchain *c, int64_t j, double noise[3])
{
    const double pull = fabs(c->a[j]) * c->reach;
    noise[0] = (4.0 + (double)c->d / 8.0) * RFI_EPS * c->length[j];
    noise[1] = pull * c->noise;
    noise[2] = 0.5 * pull * c->noise * c->fastest;
}

double rfi_netchain_floor(const rfi_netchain *c, int64_t j, int64_t k)
{
    const int64_t at = j * c->most + k;
    const double root = sqrt(c->weight[c->slide[at]]);
    return fabs(c->a[j]) * c->noise * (4.0 * c->inverse[at] * c->reach + root);
}

/* That of s does not grow; the polynomial lacks the rest of its series. */
double rfi_netchain_derivative(const rfi_netchain *c, int64_t order)
{
    const int64_t k = c->order + 1;
    double first = c->size[order], rest = c->size[k] * pow(c->valid, (double)(k - order));
    int64_t l;
    for (l = 0; l < order; ++l) {
        first *= (double)(order - l);
        rest *= (double)(k - l);
    }
    return first + rest;
}

double rfi_netchain_residual(const rfi_netchain *c, int64_t i, double tau)
{
    double f = 0.0;
    int64_t k;
    for (k = c->order; k >= 0; --k)
        f = f * tau + c->S[k * c->nld + i];
    return f;
}
