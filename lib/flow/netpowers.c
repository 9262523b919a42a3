/* netpowers: the anchors of flow/netchain.h, and what is formed about them.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/netchain.h"

/* As in flow/chain.c: the square of a length below this is not normal. */
#define LEAST_LENGTH 1.5e-154

/* Times the fastest rate: within a shorter step bounds of second derivatives serve as well as these. */
#define SHORT 0.02

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

/* S_1, S_2, .. up to the power that `want` needs, `least` at least and `most` at most, or the one after; returns
 * want to that power. */
static double expand(rfi_netchain *c, double want, int64_t least, int64_t most)
{
    const int64_t ld = c->nld;
    const double tolerance = 0.5 * c->noise;
    double power = want;
    int64_t k;
    for (k = 0; k < ld; ++k)
        c->sum[k] = c->S[k] * c->inverse_weight[k];
    c->dense->dots(ld, 1, c->S, c->sum, &c->size[0]);
    c->size[0] = sqrt(c->size[0]);
    c->fastest = 0.0;
    for (k = 0;; ++k) {
        double *next = c->S + (k + 1) * ld;
        c->dense->apply(c->n, ld, c->K, c->S + k * ld, next);
        c->size[k + 1] = sqrt(
            c->grid->weigh(ld, -c->part[k], c->weight, c->inverse_weight, next));
        if (c->size[k] > LEAST_LENGTH)
            c->fastest = fmax(c->fastest, (double)(k + 1) * c->size[k + 1] / c->size[k]);
        if (k >= least && (k == most || most_length(c, k + 1) * power <= tolerance))
            break;
        power *= want;
    }
    c->order = k;
    return power;
}

static void place(rfi_netchain *c, double t, double want)
{
    c->t = t;
    c->want = want;
    c->neuron = -1;
    c->has_turned = 0;
    c->used = 2;
    c->within = 0.0;
    start(c);
}

/* What S_0 is rounded by, with what is left out and the rounding of the powers. */
static void finish_noise(rfi_netchain *c)
{
    c->noise = 4.5 * c->noise + 4.0 * RFI_EPS * sum_of_sizes(c) + c->leapt;
    c->leapt = 0.0;
}

int rfi_netchain_anchor(rfi_netchain *c, double t, double want)
{
    double power, tolerance, most;
    int64_t k;
    place(c, t, want);
    tolerance = 0.5 * c->noise;
    power = expand(c, want, 2, RFI_NET_MOST);
    k = c->order + 1;
    if (!isfinite(c->size[0]) || !isfinite(c->size[k]) || !isfinite(c->noise))
        return -1;
    most = most_length(c, k);
    c->valid = want;
    if (most * power > tolerance)
        c->valid = 0.99 * pow(tolerance / most, 1.0 / (double)k);
    while (sum_of_sizes(c) > 16.0 * (c->noise / RFI_EPS + c->size[0])) /* or products round more */
        c->valid *= 0.8;
    c->left_out = tolerance;
    finish_noise(c);
    c->bends = c->valid * c->fastest > SHORT;
    if (c->bends)
        bend(c);
    return isfinite(c->noise) ? 0 : -1;
}

void rfi_netchain_use(rfi_netchain *c, double tau)
{
    double power = tau * tau * tau;
    int64_t k = 2;
    while (k < c->order && most_length(c, k + 1) * power > c->left_out) {
        ++k;
        power *= tau;
    }
    c->within = tau;
    if (k == c->used)
        return;
    c->used = k;
    c->neuron = -1;
    c->has_turned = 0;
}

int rfi_netchain_glance(rfi_netchain *c, double t)
{
    place(c, t, 0.0);
    expand(c, 0.0, 2, 2);
    c->valid = 0.0;
    finish_noise(c);
    c->bends = 1;
    bend(c);
    return isfinite(c->size[3]) && isfinite(c->noise) ? 0 : -1;
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
    const int64_t count = rfi_padded(c->used + 1);
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
        for (k = c->used + 1; k < rfi_padded(c->used + 1); ++k)
            c->turned[i * RFI_NET_ROOM + k] = 0.0;
    for (k = 0; k <= c->used; ++k)
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
        c->grid->gather(c->n, c->used + 1, RFI_NET_ROOM, -c->a[j], c->mask + j * c->nld,
                        c->columns + e * c->nld, c->turned, c->B + e * RFI_NET_ROOM);
    split(c, j);
}

void rfi_netchain_weight(const rfi_netchain *c, double tau, double *w, double *v)
{
    int64_t e, k;
    for (e = 0; e < c->d; ++e) {
        const double *B = c->B + e * RFI_NET_ROOM;
        double f = 0.0, slope = 0.0;
        for (k = c->used; k >= 0; --k) {
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
    return fabs(c->a[j]) * c->noise * (4.0 * c->inverse[at] * c->reach + c->root[c->slide[at]]);
}

/* That of s does not grow; the polynomial lacks the rest of its series. */
double rfi_netchain_derivative(const rfi_netchain *c, int64_t order)
{
    const int64_t k = c->used + 1;
    double first = c->size[order], rest = c->size[k] * pow(c->within, (double)(k - order));
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
