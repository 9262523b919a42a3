/* chain: see chain.h.
 * SPDX-License-Identifier: MIT */
#include "flow/chain.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* Doubles of an array that begins on a cache line. */
static double *carve(double **at, int64_t count)
{
    double *out = *at;
    *at += rfi_padded(count);
    return out;
}

/* Rows of scratch: chain->rows. */
static int64_t scratch_rows(const rfi_data *data)
{
    if (rfi_chain_by_rows(data))
        return rfi_chain_rows_room(data);
    return data->d < RFI_CHAIN_WIDE ? 0 : 2 * RFI_CHAIN_ROWS;
}

/* Lines of chain->few. */
static int64_t few_lines(const rfi_data *data)
{
    return rfi_chain_by_rows(data) ? data->kinks.count : 0;
}

/* Doubles of all arrays, and of what comes before the first cache line; as in lay_out. */
static int64_t block_size(const rfi_data *data)
{
    const int64_t d = data->d, ld = rfi_padded(d), rows = RFI_CHAIN_MOST + 2;
    const int64_t squares = (d < RFI_CHAIN_WIDE ? 3 : 0) + !rfi_chain_by_rows(data);
    const int64_t more = scratch_rows(data) + (d < RFI_CHAIN_WIDE ? 0 : RFI_CHAIN_PARTS);
    return RFI_LANES + squares * d * ld + (2 * rows + 11 + more) * ld + RFI_CHAIN_ROOM
           + d * (2 * RFI_CHAIN_ROOM + RFI_LANES) + 2 * rfi_padded(few_lines(data));
}

static void lay_out(rfi_chain *chain, const rfi_data *data, double *at)
{
    const int64_t d = chain->d, ld = chain->ld, rows = RFI_CHAIN_MOST + 2;
    chain->H = chain->few.data != NULL ? NULL : carve(&at, d * ld);
    chain->few.rate = carve(&at, few_lines(data));
    chain->few.pull = carve(&at, few_lines(data));
    chain->b = carve(&at, ld);
    chain->T = carve(&at, rows * ld);
    chain->kept_T = carve(&at, rows * ld);
    chain->kept_u = carve(&at, d * (RFI_CHAIN_ROOM + 1));
    chain->x = carve(&at, ld);
    chain->y = carve(&at, ld);
    chain->pull = carve(&at, ld);
    chain->peak = carve(&at, 2 * ld);
    chain->room = d < RFI_CHAIN_WIDE ? d : 0;
    chain->Q = carve(&at, chain->room * ld);
    chain->R = carve(&at, chain->room * ld);
    chain->M = carve(&at, chain->room * ld);
    chain->rows = carve(&at, scratch_rows(data) * ld);
    chain->parts = carve(&at, d < RFI_CHAIN_WIDE ? 0 : RFI_CHAIN_PARTS * ld);
    chain->part = carve(&at, ld);
    chain->normal = carve(&at, ld + RFI_CHAIN_ROOM);
    chain->bound = carve(&at, d);
    chain->u = carve(&at, d * RFI_CHAIN_ROOM);
    chain->u_noise = carve(&at, d);
    chain->inverse = carve(&at, d);
}

int rfi_chain_create(rfi_chain *chain, const rfi_data *data)
{
    const rf_allocator *a = &data->allocator;
    memset(chain, 0, sizeof(*chain));
    chain->dense = data->dense;
    chain->product = rfi_tile_choose();
    chain->allocator = a;
    chain->d = data->d;
    chain->ld = rfi_padded(data->d);
    chain->few.data = rfi_chain_by_rows(data) ? data : NULL;
    chain->block = rfi_alloc(a, block_size(data), sizeof(double));
    chain->slide = rfi_alloc(a, data->d + few_lines(data), sizeof(int64_t));
    if (chain->block == NULL || chain->slide == NULL) {
        rfi_chain_free(chain, a);
        return -1;
    }
    chain->few.line = chain->slide + data->d;
    lay_out(chain, data, rfi_aligned(chain->block));
    return 0;
}

void rfi_chain_free(rfi_chain *chain, const rf_allocator *a)
{
    rfi_free(a, chain->block);
    rfi_free(a, chain->held);
    rfi_free(a, chain->slide);
    memset(chain, 0, sizeof(*chain));
}

const double *rfi_chain_row(const rfi_chain *chain, rfi_view x)
{
    rfi_view_copy(x, chain->x, chain->d);
    return chain->x;
}

/* Solves R U = Y for rows of ld, over Y in U; scratch: ld. */
static void solve(const rfi_chain *chain, int64_t ld, double *U, double *scratch)
{
    const int64_t s = chain->slides;
    int64_t j, l;
    for (j = s; j-- > 0;) {
        const double *r = chain->R + j * chain->ld;
        double *u = U + j * ld;
        if (j + 1 < s) {
            chain->dense->apply_scaled(s - 1 - j, ld, -1.0, u + ld, r + j + 1, scratch);
            chain->dense->add(ld, 1.0, scratch, u);
        }
        for (l = 0; l < ld; ++l)
            u[l] /= r[j];
    }
}

/* M, and of its rows the sums of sizes. */
static void invert(rfi_chain *chain)
{
    const int64_t s = chain->slides, room = rfi_padded(s);
    int64_t j, l;
    memset(chain->M, 0, (size_t)(s * room) * sizeof(double));
    for (j = 0; j < s; ++j)
        chain->M[j * room + j] = 1.0;
    solve(chain, room, chain->M, chain->normal);
    for (j = 0; j < s; ++j) {
        chain->inverse[j] = 0.0;
        for (l = j; l < s; ++l)
            chain->inverse[j] += fabs(chain->M[j * room + l]);
    }
}

/* Takes out of v what it has along the first count rows of Q, into part: Gram and Schmidt. */
static void take_out(const rfi_chain *chain, int64_t count, double *v, double *part)
{
    chain->dense->dots(chain->ld, count, v, chain->Q, part);
    chain->dense->apply_scaled(count, chain->ld, -1.0, chain->Q, part, chain->normal);
    chain->dense->add(chain->ld, 1.0, chain->normal, v);
}

int rfi_chain_reserve(rfi_chain *chain, int64_t slides)
{
    const int64_t d = chain->d, ld = chain->ld;
    const int64_t room = rfi_smaller(d, rfi_larger(slides, rfi_larger(16, 2 * chain->room)));
    double *held, *Q;
    if (rfi_smaller(slides, d) <= chain->room)
        return 0;
    if ((held = rfi_alloc(chain->allocator, 3 * room * ld + RFI_LANES, sizeof(double))) == NULL)
        return -1;
    Q = rfi_aligned(held);
    if (chain->room > 0) {
        memcpy(Q, chain->Q, (size_t)(chain->room * ld) * sizeof(double));
        memcpy(Q + room * ld, chain->R, (size_t)(chain->room * ld) * sizeof(double));
    }
    rfi_free(chain->allocator, chain->held);
    chain->held = held;
    chain->Q = Q;
    chain->R = Q + room * ld;
    chain->M = Q + 2 * room * ld;
    chain->room = room;
    return 0;
}

/* Q and R from position `from` on; Gram and Schmidt, twice. */
static int orthogonalize(rfi_chain *chain, const rfi_problem *problem, int64_t from)
{
    const rfi_data *data = problem->data;
    const int64_t d = chain->d, ld = chain->ld;
    int64_t j, k;
    int pass;
    if (rfi_chain_reserve(chain, chain->slides) != 0)
        return -1;
    chain->condition = 1.0;
    for (k = from; k < chain->slides; ++k) {
        const int64_t row = data->kinks.row[chain->slide[k]];
        double *q = chain->Q + k * ld, norm;
        memset(q, 0, (size_t)ld * sizeof(double));
        rfi_view_copy(rfi_row(data, row), q, d);
        for (j = 0; j < k; ++j)
            chain->R[j * ld + k] = 0.0;
        for (pass = 0; pass < 2 && k > 0; ++pass) {
            take_out(chain, k, q, chain->part);
            for (j = 0; j < k; ++j)
                chain->R[j * ld + k] += chain->part[j];
        }
        norm = rfi_norm(q, d);
        if (norm <= 1e-6 * data->norm[row])
            return -1;
        chain->R[k * ld + k] = norm;
        for (j = 0; j < d; ++j)
            q[j] /= norm;
        chain->bound[k] = -problem->jump[chain->slide[k]] * problem->a[0];
    }
    for (k = 0; k < chain->slides; ++k)
        chain->condition = fmax(chain->condition,
                                data->norm[data->kinks.row[chain->slide[k]]] / chain->R[k * ld + k]);
    invert(chain);
    return 0;
}

int rfi_chain_hold(rfi_chain *chain, const rfi_problem *problem, const rfi_pattern *pattern)
{
    int64_t g;
    chain->slides = 0;
    for (g = 0; g < pattern->lines; ++g) {
        if (pattern->side[g] != RFI_SLIDE)
            continue;
        if (chain->slides == chain->d - 2 || chain->d < 2)
            return -1;
        chain->slide[chain->slides++] = g;
    }
    return orthogonalize(chain, problem, 0);
}

int rfi_chain_hold_line(rfi_chain *chain, const rfi_problem *problem, int64_t line, int on)
{
    int64_t at = 0, k;
    while (at < chain->slides && chain->slide[at] < line)
        ++at;
    if (on && chain->slides >= chain->d - 2)
        return -1;
    if (on) {
        for (k = chain->slides++; k > at; --k) {
            chain->slide[k] = chain->slide[k - 1];
            chain->bound[k] = chain->bound[k - 1];
        }
        chain->slide[at] = line;
    } else if (at == chain->slides || chain->slide[at] != line) {
        return 0;
    } else {
        --chain->slides;
        for (k = at; k < chain->slides; ++k) {
            chain->slide[k] = chain->slide[k + 1];
            chain->bound[k] = chain->bound[k + 1];
        }
    }
    return orthogonalize(chain, problem, at);
}

/* 1 if what has been taken out of a vector, of which the square is given, was so much of it that the rounding of that
 * counts in what is left: what is left is less than 0.7 of it then, and once is not enough. */
static int is_much(const double *part, int64_t count, double square)
{
    double taken = 0.0;
    int64_t j;
    for (j = 0; j < count; ++j)
        taken += part[j] * part[j];
    return !(2.0 * taken < square);
}

/* Takes the normal part out of c, the coefficient of tau^k of b - H w; what it is along Q becomes that of u.
 * square: of c, or 0 for twice in any case. */
static void split(rfi_chain *chain, int64_t k, double *c, double square)
{
    int64_t j;
    int pass, more = 1;
    for (pass = 0; pass < 2 && more; ++pass) { /* a second time, for what rounding has left */
        take_out(chain, chain->slides, c, chain->part);
        for (j = 0; j < chain->slides; ++j)
            chain->u[j * RFI_CHAIN_ROOM + k] += chain->part[j];
        more = is_much(chain->part, chain->slides, square);
    }
}

static double length(const rfi_chain *chain, const double *v)
{
    double sum;
    chain->dense->dots(chain->ld, 1, v, v, &sum);
    return sqrt(sum);
}

/* b - H w, and what it is rounded by: a sum of d products and one more, the errors of H and b, and that of w,
 * which is most of it where w is far out along directions of small rates. */
static void first_coefficient(rfi_chain *chain)
{
    const int64_t ld = chain->ld;
    double *c = chain->T + ld, size[4]; /* of T_0, T_1, b and H T_0 */
    int64_t j;
    if (ld == RFI_LANES) {
        chain->dense->begin(chain->d, chain->H, chain->b, chain->T, size);
    } else {
        size[3] = sqrt(rfi_chain_apply(chain, -1.0, chain->T, c));
        chain->dense->add(ld, 1.0, chain->b, c);
        size[0] = length(chain, chain->T);
        size[1] = length(chain, c);
        size[2] = length(chain, chain->b);
    }
    chain->size[0] = size[0];
    chain->size[1] = size[1];
    chain->noise[1] = 8.0 * RFI_EPS * (size[3] + size[2] + chain->spread * size[0]);
    for (j = 0; j < chain->slides; ++j)
        chain->u_noise[j] =
            4.0 * chain->inverse[j] * chain->noise[1] + 4.0 * RFI_EPS * chain->bound[j];
}

/* The length of the coefficient of tau^k; one that rounds to 0, or whose square does, may be as large as
 * the least length whose square is a normal number. */
static double most_length(const rfi_chain *chain, int64_t k)
{
    return rfi_more(chain->size[k], RFI_LEAST_LENGTH);
}

/* T_k and |T_k| from T_2 on, up to the order at which want is reached with a tolerance. */
static int64_t powers(rfi_chain *chain, double want, double tolerance)
{
    const int64_t ld = chain->ld;
    double power = want * want;
    int64_t j, k;
    for (k = 1;; ++k) {
        double *c = chain->T + (k + 1) * ld;
        const double share = 1.0 / (double)(k + 1);
        const double square =
            rfi_chain_apply(chain, chain->slides > 0 ? -1.0 : -share, chain->T + k * ld, c);
        chain->size[k + 1] = sqrt(square);
        if (chain->slides > 0) {
            split(chain, k, c, square);
            for (j = 0; j < ld; ++j)
                c[j] *= share;
            chain->size[k + 1] = length(chain, c);
        }
        if (k >= 3 && (k == RFI_CHAIN_MOST || most_length(chain, k + 1) * power <= tolerance))
            return k;
        power *= want;
    }
}

/* T_{k+1} = sum_m V_m (-shift)^{k-m}/(k - m)!/(k + 1) over m <= most and k, V_m in the place of T_{m+1}. */
static void unshift(rfi_chain *chain, double shift, int64_t k, int64_t most)
{
    const int64_t ld = chain->ld;
    double *T = chain->T + (k + 1) * ld, factor = 1.0 / (double)(k + 1);
    int64_t m = k, j;
    for (j = 0; j < ld; ++j)
        T[j] = m <= most ? factor * T[j] : 0.0;
    while (m-- > 0) {
        factor *= -shift / (double)(k - m);
        if (m <= most)
            chain->dense->add(ld, factor, chain->T + (m + 1) * ld, T);
    }
    chain->size[k + 1] = length(chain, T);
}

/* The same by those of A = H - shift I, |A| <= radius, where nothing slides:
 * w'(tau) = e^{-shift tau} sum_m V_m tau^m, V_0 = T_1, V_{m+1} = -A V_m/(m + 1), of which fewer matter. */
static int64_t shifted_powers(rfi_chain *chain, double want, double tolerance, double shift, double radius)
{
    const int64_t ld = chain->ld;
    double power = want * want, size = chain->size[1], last;
    int64_t m, k;
    for (m = 0; m < RFI_CHAIN_MOST; ++m, power *= want) {
        const double *V = chain->T + (m + 1) * ld, share = 1.0 / (double)(m + 1);
        double *next = chain->T + (m + 2) * ld;
        if (size * radius * share * power / (double)(m + 2) <= tolerance)
            break;
        rfi_chain_apply(chain, -share, V, next);
        chain->dense->add(ld, shift * share, V, next);
        size = length(chain, next);
    }
    last = rfi_raised(want, m + 1);
    for (k = m; k < RFI_CHAIN_MOST;) { /* V_0 .. V_m are in the places of T_1 .. T_{m+1} until they are not needed */
        unshift(chain, shift, ++k, m);
        last *= want;
        if (k >= 3 && most_length(chain, k + 1) * last <= tolerance)
            break;
    }
    for (; m > 0; --m)
        unshift(chain, shift, m, m);
    return k;
}

/* The anchor, H being what spread was made of; radius > 0 bounds |H - shift I|. */
static int anchor(rfi_chain *chain, double t, double want, double shift, double radius)
{
    const int64_t ld = chain->ld;
    double tolerance, most;
    int64_t j, k;
    chain->t = t;
    chain->want = want;
    first_coefficient(chain);
    if (chain->slides > 0) {
        memset(chain->u, 0, (size_t)(chain->slides * RFI_CHAIN_ROOM) * sizeof(double));
        split(chain, 0, chain->T + ld, 0.0);
        chain->size[1] = length(chain, chain->T + ld);
    }
    if (!isfinite(chain->size[0]) || !isfinite(chain->size[1]))
        return -1;
    tolerance = 0.5 * RFI_EPS * (chain->size[0] + chain->size[1] * want);
    k = ld == RFI_LANES && chain->slides == 0
            ? chain->dense->powers(chain->d, chain->H, want, tolerance, RFI_CHAIN_MOST, chain->T, chain->size)
            : radius > 0.0 ? shifted_powers(chain, want, tolerance, shift, radius)
                           : powers(chain, want, tolerance);
    if (chain->slides > 0)
        solve(chain, RFI_CHAIN_ROOM, chain->u, chain->normal);
    chain->order = k;
    chain->valid = want;
    most = most_length(chain, k + 1);
    for (j = 0; j < 3 && most * rfi_raised(chain->valid, k + 1) > tolerance; ++j) {
        chain->valid = 0.99 * pow(tolerance / most, 1.0 / (double)(k + 1));
        tolerance = 0.5 * RFI_EPS * (chain->size[0] + chain->size[1] * chain->valid);
    }
    chain->noise[0] = (4.0 + (double)chain->d / 8.0) * RFI_EPS * chain->size[0];
    chain->noise[2] = 8.0 * RFI_EPS * chain->size[2];
    if (chain->size[1] > 0.0)
        chain->noise[2] +=
            chain->noise[1] * rfi_more(chain->size[2] / chain->size[1], 0.5 * chain->spread);
    return isfinite(chain->size[k + 1]) ? 0 : -1;
}

static void set_spread(rfi_chain *chain)
{
    chain->spread = rfi_chain_trace(chain) / sqrt((double)chain->d);
}

int rfi_chain_anchor(rfi_chain *chain, double t, double want)
{
    set_spread(chain);
    return anchor(chain, t, want, 0.0, 0.0);
}

int rfi_chain_anchor_near(rfi_chain *chain, double t, double want, double shift, double radius)
{
    set_spread(chain);
    return anchor(chain, t, want, shift, radius);
}

/* What tau^k becomes in the sum, its derivative and its second derivative: factors of tau^k, tau^{k-1} and
 * tau^{k-2}. */
static const double FACTOR[3][RFI_CHAIN_MOST + 1] = {
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18},
    {0, 0, 2, 6, 12, 20, 30, 42, 56, 72, 90, 110, 132, 156, 182, 210, 240, 272, 306}};

static void derivative(const rfi_chain *chain, int64_t of, double tau, double *out)
{
    chain->dense->horner(chain->ld, tau == 0.0 ? 0 : chain->order - of, FACTOR[of] + of, tau,
                         chain->T + of * chain->ld, out);
}

void rfi_chain_weights(const rfi_chain *chain, double tau, double *w)
{
    derivative(chain, 0, tau, w);
}

void rfi_chain_velocity(const rfi_chain *chain, double tau, double *v)
{
    derivative(chain, 1, tau, v);
}

void rfi_chain_turning(const rfi_chain *chain, double tau, double *a)
{
    derivative(chain, 2, tau, a);
}

void rfi_chain_velocity_of(const rfi_chain *chain, const double *w, double *v)
{
    int pass;
    rfi_chain_apply(chain, -1.0, w, v);
    chain->dense->add(chain->ld, 1.0, chain->b, v);
    for (pass = 0; pass < 2 && chain->slides > 0; ++pass)
        take_out(chain, chain->slides, v, chain->part);
}

/* (K + 1) |T_{K+1}| tau^K, as the derivative of order K + 1 does not grow. */
double rfi_chain_rest(const rfi_chain *chain, double tau)
{
    double rest = (double)(chain->order + 1) * most_length(chain, chain->order + 1);
    int64_t k;
    for (k = 0; k < chain->order; ++k)
        rest *= tau;
    return rest;
}

int64_t rfi_chain_slide_of(const rfi_chain *chain, int64_t line)
{
    int64_t k;
    for (k = 0; k < chain->slides; ++k)
        if (chain->slide[k] == line)
            return k;
    return -1;
}

double rfi_chain_multiplier(const rfi_chain *chain, int64_t at, double tau, double *slope)
{
    const double *u = chain->u + at * RFI_CHAIN_ROOM;
    double f = u[chain->order], s = 0.0;
    int64_t k;
    for (k = chain->order; k-- > 0;) {
        s = s * tau + f;
        f = f * tau + u[k];
    }
    *slope = s;
    return f;
}

static void exchange(rfi_chain *chain)
{
    double *T = chain->T;
    chain->T = chain->kept_T;
    chain->kept_T = T;
}

void rfi_chain_keep(rfi_chain *chain)
{
    const int64_t u = chain->slides * RFI_CHAIN_ROOM;
    rfi_anchor *kept = &chain->kept;
    kept->t = chain->t;
    kept->want = chain->want;
    kept->valid = chain->valid;
    kept->order = chain->order;
    kept->slides = chain->slides;
    memcpy(kept->noise, chain->noise, sizeof(kept->noise));
    memcpy(kept->size, chain->size, sizeof(kept->size));
    exchange(chain);
    memcpy(chain->kept_u, chain->u, (size_t)u * sizeof(double));
    memcpy(chain->kept_u + u, chain->u_noise, (size_t)chain->slides * sizeof(double));
}

void rfi_chain_return(rfi_chain *chain)
{
    const rfi_anchor *kept = &chain->kept;
    const int64_t u = kept->slides * RFI_CHAIN_ROOM;
    chain->t = kept->t;
    chain->want = kept->want;
    chain->valid = kept->valid;
    chain->order = kept->order;
    memcpy(chain->noise, kept->noise, sizeof(kept->noise));
    memcpy(chain->size, kept->size, sizeof(kept->size));
    exchange(chain);
    set_spread(chain);
    memcpy(chain->u, chain->kept_u, (size_t)u * sizeof(double));
    memcpy(chain->u_noise, chain->kept_u + u, (size_t)kept->slides * sizeof(double));
}

double rfi_chain_tangent(const rfi_chain *chain, rfi_view x, double *px)
{
    double product;
    memcpy(px, rfi_chain_row(chain, x), (size_t)chain->ld * sizeof(double));
    if (chain->slides > 0)
        take_out(chain, chain->slides, px, chain->part);
    chain->dense->dots(chain->ld, 1, px, px, &product);
    return product;
}

int rfi_chain_side(rfi_chain *chain, const rfi_problem *problem, int64_t line, int from, int to)
{
    const int step = rfi_chain_upper((int8_t)to) - rfi_chain_upper((int8_t)from);
    if (step != 0)
        rfi_chain_turn(chain, problem, line, step);
    if (from != RFI_SLIDE && to != RFI_SLIDE)
        return 0;
    return rfi_chain_hold_line(chain, problem, line, to == RFI_SLIDE);
}

int rfi_chain_move_on(rfi_chain *chain)
{
    const double step = chain->valid;
    rfi_chain_weights(chain, step, chain->y);
    memcpy(chain->T, chain->y, (size_t)chain->ld * sizeof(double));
    if (chain->slides > 0)
        take_out(chain, chain->slides, chain->T, chain->part);
    return anchor(chain, chain->t + step, 2.0 * step, 0.0, 0.0);
}
