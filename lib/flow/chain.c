/* chain: see chain.h.
 * SPDX-License-Identifier: MIT */
#include "flow/chain.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* The square of a length below this is a number that is not normal, or 0. */
#define LEAST_LENGTH 1.5e-154

/* An update leaves a rounding of eps times H and the terms of b as they were; these may fall to this part of
 * the largest they have been, so that the error is below 1024 eps for each update, some 1e-13. */
#define MOST_LOST 1024.0

int rfi_chain_create(rfi_chain *chain, int64_t d, const rfi_dense *dense, const rf_allocator *a)
{
    const int64_t ld = rfi_padded(d), rows = RFI_CHAIN_MOST + 2;
    memset(chain, 0, sizeof(*chain));
    chain->dense = dense;
    chain->d = d;
    chain->ld = ld;
    chain->product = rfi_tile_choose();
    chain->rows = rfi_alloc(a, d < RFI_CHAIN_WIDE ? 0 : 2 * RFI_CHAIN_ROWS * ld, sizeof(double));
    chain->H = rfi_alloc(a, d * ld, sizeof(double));
    chain->b = rfi_alloc(a, ld, sizeof(double));
    chain->T = rfi_alloc(a, rows * ld, sizeof(double));
    chain->kept_T = rfi_alloc(a, rows * ld, sizeof(double));
    chain->kept_u = rfi_alloc(a, d * (RFI_CHAIN_MOST + 2), sizeof(double));
    chain->x = rfi_alloc(a, ld, sizeof(double));
    chain->y = rfi_alloc(a, ld, sizeof(double));
    chain->pull = rfi_alloc(a, ld, sizeof(double));
    chain->peak = rfi_alloc(a, 2 * d, sizeof(double));
    chain->slide = rfi_alloc(a, d, sizeof(int64_t));
    chain->allocator = a;
    chain->room = d < RFI_CHAIN_WIDE ? d : 16;
    chain->Q = rfi_alloc(a, chain->room * ld, sizeof(double));
    chain->R = rfi_alloc(a, chain->room * d, sizeof(double));
    chain->bound = rfi_alloc(a, d, sizeof(double));
    chain->u = rfi_alloc(a, d * (RFI_CHAIN_MOST + 1), sizeof(double));
    chain->u_noise = rfi_alloc(a, d, sizeof(double));
    chain->inverse = rfi_alloc(a, d, sizeof(double));
    if (chain->H == NULL || chain->b == NULL || chain->T == NULL || chain->kept_T == NULL
        || chain->kept_u == NULL || chain->x == NULL || chain->y == NULL || chain->slide == NULL
        || chain->Q == NULL || chain->R == NULL || chain->bound == NULL || chain->u == NULL
        || chain->u_noise == NULL || chain->inverse == NULL || chain->pull == NULL
        || chain->peak == NULL || chain->rows == NULL) {
        rfi_chain_free(chain, a);
        return -1;
    }
    return 0;
}

void rfi_chain_free(rfi_chain *chain, const rf_allocator *a)
{
    void *blocks[] = {chain->H,     chain->b, chain->T,       chain->kept_T,  chain->kept_u,
                      chain->x,     chain->y, chain->slide,   chain->Q,       chain->R,
                      chain->bound, chain->u, chain->u_noise, chain->inverse, chain->pull,
                      chain->peak,  chain->rows};
    size_t k;
    for (k = 0; k < sizeof(blocks) / sizeof(*blocks); ++k)
        rfi_free(a, blocks[k]);
    memset(chain, 0, sizeof(*chain));
}

void rfi_chain_copy(rfi_chain *chain, const rfi_chain *from)
{
    memcpy(chain->H, from->H, (size_t)(from->d * from->ld) * sizeof(double));
    memcpy(chain->b, from->b, (size_t)from->ld * sizeof(double));
    memcpy(chain->pull, from->pull, (size_t)from->ld * sizeof(double));
    memcpy(chain->peak, from->peak, (size_t)(2 * from->d) * sizeof(double));
}

const double *rfi_chain_row(const rfi_chain *chain, rfi_view x)
{
    rfi_view_copy(x, chain->x, chain->d);
    return chain->x;
}

static void add_sizes(double factor, const double *x, int64_t ld, double *pull)
{
    int64_t k;
    for (k = 0; k < ld; ++k)
        pull[k] += factor * fabs(x[k]);
}

static void raise_peak(rfi_chain *chain)
{
    int64_t k;
    for (k = 0; k < chain->d; ++k) {
        chain->peak[k] = fmax(chain->peak[k], chain->H[k * chain->ld + k]);
        chain->peak[chain->d + k] = fmax(chain->peak[chain->d + k], chain->pull[k]);
    }
}

/* H += the rows that wait, eight at most, each times its weight. */
static void add_few(rfi_chain *chain, int64_t count, const double *weight, const double *rows)
{
    int64_t k;
    if (count == 8)
        chain->dense->update_eight(chain->d, chain->ld, weight, rows, chain->H);
    for (k = 0; k < count && count < 8; ++k)
        chain->dense->update(chain->d, chain->ld, weight[k], rows + k * chain->ld, chain->H);
}

/* Columns of H that are formed at once. */
enum { STRIP = 96 };

/* The same for many rows; what is left of the diagonal is not formed, but for a little. */
static void add_many(rfi_chain *chain, int64_t count, const double *weight, const double *rows)
{
    const int64_t ld = chain->ld;
    double *scaled = chain->rows + RFI_CHAIN_ROWS * ld;
    int64_t j, k;
    for (k = 0; k < count; ++k)
        for (j = 0; j < ld; ++j)
            scaled[k * ld + j] = weight[k] * rows[k * ld + j];
    for (j = 0; j < ld; j += STRIP) {
        const int64_t last = j + STRIP < ld ? j + STRIP : ld;
        const rfi_product product = {last < chain->d ? last : chain->d, last - j, count, scaled, 1, ld,
                                     rows + j, ld, chain->H + j, ld, RFI_TILE_ADD, NULL, 0};
        chain->product(&product);
    }
}

/* The half of H that add_many leaves is that of the other side. */
static void mirror(rfi_chain *chain)
{
    const int64_t ld = chain->ld;
    int64_t j, k;
    for (j = 0; j < chain->d; ++j)
        for (k = 0; k < j; ++k)
            chain->H[j * ld + k] = chain->H[k * ld + j];
}

void rfi_chain_gather(rfi_chain *chain, const rfi_problem *problem, const rfi_pattern *pattern)
{
    const rfi_data *data = problem->data;
    const int64_t d = chain->d, ld = chain->ld;
    const int64_t most = d < RFI_CHAIN_WIDE ? 8 : RFI_CHAIN_ROWS;
    void (*add)(rfi_chain *, int64_t, const double *, const double *) = most == 8 ? add_few : add_many;
    const double a = problem->a[0], beta = problem->slope;
    double weight[RFI_CHAIN_ROWS], *rows = most == 8 ? chain->kept_T : chain->rows;
    int64_t i, count = 0;
    memset(chain->pull, 0, (size_t)ld * sizeof(double));
    memset(chain->peak, 0, (size_t)(2 * d) * sizeof(double));
    memset(chain->H, 0, (size_t)(d * ld) * sizeof(double));
    memset(chain->b, 0, (size_t)ld * sizeof(double));
    memset(rows, 0, (size_t)(most * ld) * sizeof(double));
    for (i = 0; i < data->n; ++i) {
        const int64_t line = data->kinks.line[i];
        double slope;
        if (line < 0)
            continue;
        slope = rfi_chain_upper(pattern->side[line]) == (data->kinks.factor[i] > 0.0) ? 1.0 : beta;
        if (slope == 0.0)
            continue;
        rfi_view_copy(rfi_row(data, i), rows + count * ld, d);
        chain->dense->add(ld, problem->c[i] * data->y[i] * a * slope, rows + count * ld, chain->b);
        add_sizes(fabs(problem->c[i] * data->y[i] * a * slope), rows + count * ld, ld, chain->pull);
        weight[count++] = problem->c[i] * (a * slope) * (a * slope);
        if (count == most) {
            add(chain, count, weight, rows);
            count = 0;
        }
    }
    add(chain, count, weight, rows);
    if (add == add_many)
        mirror(chain);
    raise_peak(chain);
}

void rfi_chain_turn(rfi_chain *chain, const rfi_problem *problem, int64_t line, int sign)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const double a = problem->a[0], drop = 1.0 - problem->slope * problem->slope;
    double sum = 0.0, pull = 0.0;
    int64_t m;
    for (m = kinks->start[line]; m < kinks->start[line + 1]; ++m) {
        const int64_t i = kinks->member[m];
        sum += problem->c[i] * kinks->factor[i] * fabs(kinks->factor[i]);
        pull += fabs(problem->c[i] * problem->data->y[i]) * kinks->factor[i];
    }
    rfi_chain_row(chain, rfi_row(problem->data, kinks->row[line]));
    chain->dense->update(chain->d, chain->ld, sign * (a * a * drop * sum), chain->x, chain->H);
    chain->dense->add(chain->ld, sign * (a * problem->jump[line]), chain->x, chain->b);
    add_sizes(sign * fabs(a) * (1.0 - problem->slope) * pull, chain->x, chain->ld, chain->pull);
    raise_peak(chain);
}

void rfi_chain_turn_sums(rfi_chain *chain, double pull, double size, const double *x)
{
    chain->dense->add(chain->ld, pull, x, chain->b);
    add_sizes(size, x, chain->ld, chain->pull);
}

void rfi_chain_turned(rfi_chain *chain)
{
    raise_peak(chain);
}

int rfi_chain_is_thin(const rfi_chain *chain)
{
    const int64_t d = chain->d;
    int64_t k;
    for (k = 0; k < d; ++k) {
        const double left = chain->H[k * chain->ld + k];
        if (left != 0.0 && left < chain->peak[k] / MOST_LOST)
            return 1;
        if (chain->b[k] != 0.0 && chain->pull[k] < chain->peak[d + k] / MOST_LOST)
            return 1;
    }
    return 0;
}

/* Rows of R^{-T} from position `from` on: of u = R^{-T} q-coordinates. */
static void measure_inverse(rfi_chain *chain)
{
    const int64_t d = chain->d, s = chain->slides;
    double *column = chain->y;
    int64_t j, k, l;
    memset(chain->inverse, 0, (size_t)s * sizeof(double));
    for (j = 0; j < s; ++j) { /* column j of the inverse of the triangle u_k R[k j] = y_j */
        for (k = s - 1; k >= 0; --k) {
            double sum = k == j ? 1.0 : 0.0;
            for (l = k + 1; l < s; ++l)
                sum -= chain->R[l * d + k] * column[l];
            column[k] = sum / chain->R[k * d + k];
            chain->inverse[k] += fabs(column[k]);
        }
    }
    memset(column, 0, (size_t)chain->ld * sizeof(double));
}

/* Memory for so many slides; what is there stays.  Returns 0 on success. */
static int make_room(rfi_chain *chain, int64_t slides)
{
    const int64_t d = chain->d, ld = chain->ld;
    const int64_t room = rfi_smaller(d, rfi_larger(slides, 2 * chain->room));
    double *Q, *R;
    if (slides <= chain->room)
        return 0;
    Q = rfi_alloc(chain->allocator, room * ld, sizeof(double));
    R = rfi_alloc(chain->allocator, room * d, sizeof(double));
    if (Q == NULL || R == NULL) {
        rfi_free(chain->allocator, Q);
        rfi_free(chain->allocator, R);
        return -1;
    }
    memcpy(Q, chain->Q, (size_t)(chain->room * ld) * sizeof(double));
    memcpy(R, chain->R, (size_t)(chain->room * d) * sizeof(double));
    rfi_free(chain->allocator, chain->Q);
    rfi_free(chain->allocator, chain->R);
    chain->Q = Q;
    chain->R = R;
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
    chain->condition = 1.0;
    if (make_room(chain, chain->slides) != 0)
        return -1;
    for (k = from; k < chain->slides; ++k) {
        const int64_t row = data->kinks.row[chain->slide[k]];
        double *q = chain->Q + k * ld, *r = chain->R + k * d, norm, product;
        memset(q, 0, (size_t)ld * sizeof(double));
        rfi_view_copy(rfi_row(data, row), q, d);
        memset(r, 0, (size_t)d * sizeof(double));
        for (pass = 0; pass < 2; ++pass)
            for (j = 0; j < k; ++j) {
                chain->dense->dots(ld, 1, q, chain->Q + j * ld, &product);
                chain->dense->add(ld, -product, chain->Q + j * ld, q);
                r[j] += product;
            }
        norm = rfi_norm(q, d);
        if (norm <= 1e-6 * data->norm[row])
            return -1;
        r[k] = norm;
        for (j = 0; j < d; ++j)
            q[j] /= norm;
        chain->bound[k] = -problem->jump[chain->slide[k]] * problem->a[0];
    }
    for (k = 0; k < chain->slides; ++k)
        chain->condition = fmax(chain->condition,
                                data->norm[data->kinks.row[chain->slide[k]]] / chain->R[k * d + k]);
    measure_inverse(chain);
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

/* Takes the normal part out of c, the coefficient of tau^k of b - H w, and solves X_S^T u = normal. */
static void split(rfi_chain *chain, int64_t k, double *c)
{
    const int64_t d = chain->d, ld = chain->ld, s = chain->slides;
    double part;
    int64_t j, l;
    for (j = 0; j < s; ++j) {
        chain->dense->dots(ld, 1, c, chain->Q + j * ld, &part);
        chain->dense->add(ld, -part, chain->Q + j * ld, c);
        chain->u[j * (RFI_CHAIN_MOST + 1) + k] = part;
    }
    for (j = 0; j < s; ++j) { /* a second time, for what rounding has left */
        chain->dense->dots(ld, 1, c, chain->Q + j * ld, &part);
        chain->dense->add(ld, -part, chain->Q + j * ld, c);
    }
    for (j = s - 1; j >= 0; --j) {
        double sum = chain->u[j * (RFI_CHAIN_MOST + 1) + k];
        for (l = j + 1; l < s; ++l)
            sum -= chain->R[l * d + j] * chain->u[l * (RFI_CHAIN_MOST + 1) + k];
        chain->u[j * (RFI_CHAIN_MOST + 1) + k] = sum / chain->R[j * d + j];
    }
}

static double length(const rfi_chain *chain, const double *v)
{
    double sum;
    chain->dense->dots(chain->ld, 1, v, v, &sum);
    return sqrt(sum);
}

/* b - H w, and what it is rounded by: a sum of d products and one more, and the errors of H and b. */
static void first_coefficient(rfi_chain *chain)
{
    const int64_t ld = chain->ld;
    double *c = chain->T + ld, lost;
    int64_t j;
    chain->dense->apply(chain->d, ld, chain->H, chain->T, c);
    lost = length(chain, c) + length(chain, chain->b);
    for (j = 0; j < ld; ++j)
        c[j] = chain->b[j] - c[j];
    chain->noise[1] = 8.0 * RFI_EPS * lost;
    for (j = 0; j < chain->slides; ++j)
        chain->u_noise[j] =
            4.0 * chain->inverse[j] * chain->noise[1] + 4.0 * RFI_EPS * chain->bound[j];
}

/* The length of the coefficient of tau^k; one that rounds to 0, or whose square does, may be as large as
 * the least length whose square is a normal number. */
static double most_length(const rfi_chain *chain, int64_t k)
{
    return fmax(chain->size[k], LEAST_LENGTH);
}

int rfi_chain_anchor(rfi_chain *chain, double t, double want)
{
    const int64_t ld = chain->ld;
    double tolerance, power, most;
    int64_t j, k;
    chain->t = t;
    chain->want = want;
    first_coefficient(chain);
    split(chain, 0, chain->T + ld);
    chain->size[0] = length(chain, chain->T);
    chain->size[1] = length(chain, chain->T + ld);
    if (!isfinite(chain->size[0]) || !isfinite(chain->size[1]))
        return -1;
    tolerance = 0.5 * RFI_EPS * (chain->size[0] + chain->size[1] * want);
    power = want * want;
    for (k = 1;; ++k) {
        double *c = chain->T + (k + 1) * ld;
        chain->dense->apply(chain->d, ld, chain->H, chain->T + k * ld, c);
        for (j = 0; j < ld; ++j)
            c[j] = -c[j];
        split(chain, k, c);
        for (j = 0; j < ld; ++j)
            c[j] /= (double)(k + 1);
        chain->size[k + 1] = length(chain, c);
        if (k >= 3 && (k == RFI_CHAIN_MOST || most_length(chain, k + 1) * power <= tolerance))
            break;
        power *= want;
    }
    chain->order = k;
    chain->valid = want;
    most = most_length(chain, k + 1);
    for (j = 0; j < 3 && most * pow(chain->valid, (double)(k + 1)) > tolerance; ++j) {
        chain->valid = 0.99 * pow(tolerance / most, 1.0 / (double)(k + 1));
        tolerance = 0.5 * RFI_EPS * (chain->size[0] + chain->size[1] * chain->valid);
    }
    chain->noise[0] = (4.0 + (double)chain->d / 8.0) * RFI_EPS * chain->size[0];
    chain->noise[2] = 8.0 * RFI_EPS * chain->size[2];
    if (chain->size[1] > 0.0)
        chain->noise[2] += chain->noise[1] * chain->size[2] / chain->size[1];
    return isfinite(chain->size[k + 1]) ? 0 : -1;
}

void rfi_chain_weights(const rfi_chain *chain, double tau, double *w)
{
    int64_t j, k;
    memcpy(w, chain->T + chain->order * chain->ld, (size_t)chain->ld * sizeof(double));
    for (k = chain->order; k-- > 0;)
        for (j = 0; j < chain->ld; ++j)
            w[j] = w[j] * tau + chain->T[k * chain->ld + j];
}

void rfi_chain_velocity(const rfi_chain *chain, double tau, double *v)
{
    int64_t j, k;
    if (tau == 0.0) {
        memcpy(v, chain->T + chain->ld, (size_t)chain->ld * sizeof(double));
        return;
    }
    for (j = 0; j < chain->ld; ++j)
        v[j] = (double)chain->order * chain->T[chain->order * chain->ld + j];
    for (k = chain->order; k-- > 1;)
        for (j = 0; j < chain->ld; ++j)
            v[j] = v[j] * tau + (double)k * chain->T[k * chain->ld + j];
}

void rfi_chain_turning(const rfi_chain *chain, double tau, double *a)
{
    int64_t j, k;
    memset(a, 0, (size_t)chain->ld * sizeof(double));
    for (k = tau == 0.0 ? 3 : chain->order + 1; k-- > 2;)
        for (j = 0; j < chain->ld; ++j)
            a[j] = a[j] * tau + (double)(k * (k - 1)) * chain->T[k * chain->ld + j];
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
    const double *u = chain->u + at * (RFI_CHAIN_MOST + 1);
    double f = u[chain->order], s = 0.0;
    int64_t k;
    for (k = chain->order; k-- > 0;) {
        s = s * tau + f;
        f = f * tau + u[k];
    }
    *slope = s;
    return f;
}

void rfi_chain_keep(rfi_chain *chain)
{
    const int64_t u = chain->slides * (RFI_CHAIN_MOST + 1);
    rfi_anchor *kept = &chain->kept;
    kept->t = chain->t;
    kept->want = chain->want;
    kept->valid = chain->valid;
    kept->order = chain->order;
    kept->slides = chain->slides;
    memcpy(kept->noise, chain->noise, sizeof(kept->noise));
    memcpy(kept->size, chain->size, sizeof(kept->size));
    memcpy(chain->kept_T, chain->T, (size_t)((chain->order + 2) * chain->ld) * sizeof(double));
    memcpy(chain->kept_u, chain->u, (size_t)u * sizeof(double));
    memcpy(chain->kept_u + u, chain->u_noise, (size_t)chain->slides * sizeof(double));
}

void rfi_chain_return(rfi_chain *chain)
{
    const rfi_anchor *kept = &chain->kept;
    const int64_t u = kept->slides * (RFI_CHAIN_MOST + 1);
    chain->t = kept->t;
    chain->want = kept->want;
    chain->valid = kept->valid;
    chain->order = kept->order;
    memcpy(chain->noise, kept->noise, sizeof(kept->noise));
    memcpy(chain->size, kept->size, sizeof(kept->size));
    memcpy(chain->T, chain->kept_T, (size_t)((kept->order + 2) * chain->ld) * sizeof(double));
    memcpy(chain->u, chain->kept_u, (size_t)u * sizeof(double));
    memcpy(chain->u_noise, chain->kept_u + u, (size_t)kept->slides * sizeof(double));
}

double rfi_chain_tangent(const rfi_chain *chain, rfi_view x, double *px)
{
    double product;
    int64_t k;
    memcpy(px, rfi_chain_row(chain, x), (size_t)chain->ld * sizeof(double));
    for (k = 0; k < chain->slides; ++k) {
        chain->dense->dots(chain->ld, 1, px, chain->Q + k * chain->ld, &product);
        chain->dense->add(chain->ld, -product, chain->Q + k * chain->ld, px);
    }
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
    double product;
    int64_t k;
    rfi_chain_weights(chain, step, chain->y);
    memcpy(chain->T, chain->y, (size_t)chain->ld * sizeof(double));
    memset(chain->y, 0, (size_t)chain->ld * sizeof(double));
    for (k = 0; k < chain->slides; ++k) {
        chain->dense->dots(chain->ld, 1, chain->T, chain->Q + k * chain->ld, &product);
        chain->dense->add(chain->ld, -product, chain->Q + k * chain->ld, chain->T);
    }
    return rfi_chain_anchor(chain, chain->t + step, 2.0 * step);
}
