/* sieve: see sieve.h.
 * SPDX-License-Identifier: MIT */
#include "flow/sieve.h"

#include <math.h>
#include <string.h>

#include "base/jacobi.h"
#include "base/num.h"

/* Fewer lines are searched as fast as sieved. */
enum { FEW_LINES = 64, AT_ONCE = 4, BEGIN = 4, VECTORS = 5 };

/* Rows that are folded into the triangle at a time, and dimensions up to which there is one. */
enum { BLOCK = 64, MOST_DIMENSIONS = 128 };

/* The triangle is that of rows changed by some 8 d eps of |X|, its inverse by as much: up to this condition, below
 * 1e-4 of any length, and bounds that come from it are widened by more. */
#define MOST_CONDITION 1e8
#define MUCH_WIDER (1.0 + 1e-3)

/* The part of the way to the limit from which on a line that is not certain is searched. */
#define LITTLE_LEFT 1e-3

/* Bounds are widened by this, many times the rounding of what they are made from. */
#define WIDER (1.0 + 1e-9)

int rfi_sieve_create(rfi_sieve *sieve, const rfi_problem *problem)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t lines = problem->data->kinks.count, d = problem->data->d;
    const int one = problem->neurons == 1 && d <= MOST_DIMENSIONS && lines > FEW_LINES;
    memset(sieve, 0, sizeof(*sieve));
    sieve->ld = rfi_padded(problem->data->d);
    sieve->line = rfi_alloc(a, lines, sizeof(int64_t));
    sieve->hit = rfi_alloc(a, lines, sizeof(int64_t));
    sieve->z = rfi_alloc(a, lines, sizeof(double));
    sieve->met = rfi_alloc(a, lines, sizeof(*sieve->met));
    sieve->w = rfi_alloc(a, VECTORS * sieve->ld, sizeof(double));
    sieve->x = rfi_alloc(a, sieve->ld, sizeof(double));
    sieve->all = rfi_alloc(a, rfi_weight_count(problem), sizeof(double));
    sieve->R = rfi_alloc(a, one ? 2 * d * sieve->ld + BLOCK * d + RFI_LANES : 0, sizeof(double));
    sieve->spread = rfi_alloc(a, one ? lines : 0, sizeof(double));
    sieve->spreads = one ? 0 : -1;
    if (sieve->line == NULL || sieve->hit == NULL || sieve->z == NULL || sieve->w == NULL
        || sieve->x == NULL || sieve->all == NULL || sieve->met == NULL || sieve->R == NULL
        || sieve->spread == NULL) {
        rfi_sieve_free(sieve, a);
        return -1;
    }
    return 0;
}

void rfi_sieve_free(rfi_sieve *sieve, const rf_allocator *allocator)
{
    rfi_free(allocator, sieve->line);
    rfi_free(allocator, sieve->hit);
    rfi_free(allocator, sieve->z);
    rfi_free(allocator, sieve->met);
    rfi_free(allocator, sieve->w);
    rfi_free(allocator, sieve->x);
    rfi_free(allocator, sieve->all);
    rfi_free(allocator, sieve->R);
    rfi_free(allocator, sieve->spread);
    memset(sieve, 0, sizeof(*sieve));
}

int rfi_sieve_serves(const rfi_segment *segment)
{
    return segment->lines > FEW_LINES && segment->modes > 0;
}

/* Margins come from w(0), and from shifts that are known to eps themselves and to eps |residual|/s_j by
 * their pulls: all of it as in rfi_segment_margin, with |x| for |x . q_j|, and once more as much. */
static double slack_of(const rfi_segment *seg)
{
    double sum = seg->w_size;
    int64_t j;
    for (j = 0; j < seg->modes; ++j) {
        sum += 4.0 * fabs(seg->shift[j]) + 2.0 * seg->residual_size / seg->s[j];
        if (seg->direct)
            sum += 4.0 * fabs(seg->aim[j]) + 2.0 * seg->label_size / seg->s[j];
    }
    return (16.0 + (double)seg->d) * RFI_EPS * sum;
}

/* R^T y = e_k, so that y is row k of the inverse of R. */
static void solve_for(rfi_sieve *sieve, int64_t d, const rfi_dense *dense, int64_t k, double *y)
{
    const int64_t ld = sieve->ld;
    int64_t j;
    memset(sieve->x, 0, (size_t)ld * sizeof(double));
    memset(y, 0, (size_t)ld * sizeof(double));
    sieve->x[k] = 1.0;
    for (j = k; j < d; ++j) {
        y[j] = sieve->x[j] / sieve->R[j * ld + j];
        dense->add(ld, -y[j], sieve->R + j * ld, sieve->x);
    }
    memset(sieve->x, 0, (size_t)ld * sizeof(double));
}

/* The triangle of all rows; X^T X = R^T R. */
static void find_triangle(rfi_sieve *sieve, const rfi_data *data)
{
    const int64_t d = data->d, ld = sieve->ld;
    double *R = sieve->R, *B = rfi_aligned(R + 2 * d * ld);
    int64_t first, i, j;
    memset(R, 0, (size_t)(d * ld) * sizeof(double));
    for (first = 0; first < data->n; first += BLOCK) {
        memset(B, 0, (size_t)(BLOCK * d) * sizeof(double));
        for (i = first; i < data->n && i < first + BLOCK; ++i)
            for (j = 0; j < d; ++j)
                B[j * BLOCK + i - first] = rfi_view_at(rfi_row(data, i), j);
        data->turns->fold(d, ld, ld, 0, BLOCK, R, B);
    }
}

/* R^{-T} behind R: whether both are known well enough. */
static int invert(rfi_sieve *sieve, int64_t d, const rfi_dense *dense)
{
    const int64_t ld = sieve->ld;
    const double *R = sieve->R;
    double *inverse = sieve->R + d * ld, whole = 0.0, back = 0.0;
    int64_t j;
    for (j = 0; j < d * ld; ++j)
        whole += R[j] * R[j];
    if (!(whole > 1e-200 && whole < 1e200))
        return 0;
    for (j = 0; j < d; ++j)
        if (!(MOST_CONDITION * fabs(R[j * ld + j]) > sqrt(whole)))
            return 0;
    for (j = 0; j < d; ++j)
        solve_for(sieve, d, dense, j, inverse + j * ld);
    for (j = 0; j < d * ld; ++j)
        back += inverse[j] * inverse[j];
    return sqrt(whole) * sqrt(back) < MOST_CONDITION;
}

/* The spread of all lines. */
static void find_spreads(rfi_sieve *sieve, const rfi_data *data)
{
    const int64_t d = data->d, ld = sieve->ld;
    int64_t i;
    find_triangle(sieve, data);
    sieve->spreads = invert(sieve, d, data->dense) ? 1 : -1;
    for (i = 0; i < data->kinks.count && sieve->spreads > 0; ++i) {
        rfi_view_copy(rfi_row(data, data->kinks.row[i]), sieve->x, d);
        sieve->spread[i] =
            sqrt(data->dense->apply_scaled(d, ld, 1.0, sieve->R + d * ld, sieve->x, sieve->w)) * MUCH_WIDER;
    }
}

/* Of T = R (q_j/s_j)_j the norm is at most the root of the largest sum of sizes in a row of T^T T. */
static double factor_of(const rfi_sieve *sieve, const rfi_segment *seg, const rfi_data *data)
{
    const int64_t d = seg->d, ld = sieve->ld;
    double *T = sieve->R + d * ld, *sums = sieve->w, most = 0.0;
    int64_t j, k;
    memset(sums, 0, (size_t)ld * sizeof(double));
    for (j = 0; j < seg->modes; ++j) {
        double *t = T + j * ld;
        memset(sieve->x, 0, (size_t)ld * sizeof(double));
        memcpy(sieve->x, seg->Q + j * seg->D, (size_t)d * sizeof(double));
        memset(t, 0, (size_t)ld * sizeof(double));
        data->dense->dots(ld, d, sieve->x, sieve->R, t);
        for (k = 0; k < d; ++k)
            t[k] /= seg->s[j];
    }
    for (j = 0; j < seg->modes; ++j) {
        data->dense->dots(ld, seg->modes - j, T + j * ld, T + j * ld, sieve->x + j);
        for (k = j; k < seg->modes; ++k)
            sums[k] += fabs(sieve->x[k]);
        for (k = j + 1; k < seg->modes; ++k)
            sums[j] += fabs(sieve->x[k]);
    }
    for (j = 0; j < seg->modes; ++j)
        most = fmax(most, sums[j]);
    most = sqrt(most) * MUCH_WIDER;
    return isfinite(most) ? most : 0.0;
}

/* A bound of |x . v|. */
static double bound(const rfi_sieve *sieve, int64_t line, double norm, const rfi_length *v)
{
    double plain = norm * v->plain;
    if (sieve->factor > 0.0 && sieve->spread[line] * v->spread < plain)
        plain = sieve->spread[line] * v->spread;
    return plain;
}

void rfi_sieve_begin(rfi_sieve *sieve, const rfi_segment *seg, const rfi_problem *problem,
                     const rfi_pattern *pattern, int64_t neuron)
{
    const rfi_data *data = problem->data;
    const int64_t first = neuron * seg->lines;
    rfi_length reach = {seg->reach, 0.0};
    int64_t g;
    sieve->count = sieve->hits = 0;
    sieve->tau = sieve->way.plain = sieve->way.spread = sieve->factor = 0.0;
    sieve->slack = slack_of(seg);
    if (sieve->wanted && sieve->spreads == 0)
        find_spreads(sieve, data);
    if (sieve->wanted && sieve->spreads > 0)
        sieve->factor = factor_of(sieve, seg, data);
    for (g = 0; g < seg->modes; ++g)
        reach.spread += seg->rate[g] * seg->shift[g] * seg->shift[g];
    reach.spread = sqrt(reach.spread) * sieve->factor;
    for (g = first; g < first + seg->lines; ++g) {
        const double z = pattern->side[g] * seg->z[g];
        double norm;
        if (rfi_held(pattern->side[g]))
            continue;
        if (pattern->stand[g] != RFI_ON_SIDE || !(z > 0.0)) {
            sieve->hit[sieve->hits++] = g;
            continue;
        }
        norm = data->norm[data->kinks.row[g - first]];
        if (!(z > (bound(sieve, g - first, norm, &reach) + norm * sieve->slack) * WIDER)) {
            sieve->line[sieve->count] = g;
            sieve->met[sieve->count] = sieve->way;
            sieve->z[sieve->count++] = z;
        }
    }
    if (sieve->count == 0)
        sieve->tau = INFINITY;
}

/* e^{-x s}, 0 <= s <= 1, lies below its chord by at most 1 - m + m log m, m = (1 - e^{-x})/x; that is at most
 * x^2/8. */
static double below_chord(double x, double done)
{
    const double m = done / x;
    if (x < 0.5)
        return 0.125 * x * x;
    return m > 0.0 ? 1.0 - m + m * log(m) : 1.0;
}

/* What is asked of a line: the margins at some instants, against how far w strays before each. */
typedef struct {
    int64_t instants;
    rfi_length strays[AT_ONCE];
    rfi_length way;  /* through all of them               */
    rfi_length left; /* to the limit from the last of them */
    int last;    /* what does not end there is a hit   */
} mesh;

/* Adds the square of what a mode contributes. */
static void add_square(rfi_length *sum, double x, double rate)
{
    sum->plain += x * x;
    sum->spread += rate * (x * x);
}

static rfi_length root_of(const rfi_sieve *sieve, const rfi_length *sum)
{
    const rfi_length out = {sqrt(sum->plain) * WIDER, sqrt(sum->spread) * sieve->factor};
    return out;
}

/* How far w strays from its chord between tau and tau + step, comes there, and is from its limit then. */
static rfi_length stray(const rfi_sieve *sieve, const rfi_segment *seg, double step, mesh *m)
{
    rfi_length sum = {0.0, 0.0}, rest = {0.0, 0.0}, way = {0.0, 0.0};
    int64_t j;
    for (j = 0; j < seg->modes; ++j) {
        const double before = fabs(seg->shift[j]) * rfi_decay_at(seg->rate[j] * sieve->tau).rest;
        const double x = seg->rate[j] * step;
        const rfi_decay e = rfi_decay_at(x);
        add_square(&sum, before * below_chord(x, e.done), seg->rate[j]);
        add_square(&rest, before * e.rest, seg->rate[j]);
        add_square(&way, before * e.done, seg->rate[j]);
    }
    way = root_of(sieve, &way);
    m->way.plain += way.plain;
    m->way.spread += way.spread;
    m->left = root_of(sieve, &rest);
    return root_of(sieve, &sum);
}

/* 1 if the way of w up to tau is more than some part of that to the limit, at most: 1 - e^{-x} <= min(1, x). */
static int may_have_moved(const rfi_segment *seg, double tau, double part)
{
    double sum = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j) {
        const double x = seg->rate[j] * tau, way = seg->shift[j] / seg->reach * (x < 1.0 ? x : 1.0);
        sum += way * way;
    }
    return !(sum < part * part);
}

/* The step after tau: the times grow by half, from where the flow has begun to move on. */
static double step_from(const rfi_segment *seg, double tau)
{
    double step = 0.125 / seg->rate[0];
    if (tau > 0.0)
        return 0.5 * tau;
    while (!may_have_moved(seg, 2.0 * step, 0.004))
        step *= 2.0;
    return step;
}

/* z: at the instants, and at BEGIN. */
static int passes(const rfi_sieve *sieve, const mesh *m, const double *z, int64_t line, double norm)
{
    double before = z[BEGIN];
    int64_t k;
    for (k = 0; k < m->instants; ++k) {
        const double most = bound(sieve, line, norm, &m->strays[k]) + norm * sieve->slack;
        if (!(before > most && z[k] > most))
            return 0;
        before = z[k];
    }
    return 1;
}

/* The margins of a line on its side, at the instants of the mesh and at its begin. */
static void look(rfi_sieve *sieve, const rfi_data *data, rfi_view x, double side, double *z)
{
    const double *elements = x.wide;
    int64_t k;
    if (elements == NULL) {
        rfi_view_copy(x, sieve->x, data->d);
        elements = sieve->x;
    }
    data->dense->five(data->d, sieve->ld, elements, sieve->w, sieve->w + 3 * sieve->ld, z);
    for (k = 0; k < VECTORS; ++k)
        z[k] *= side;
}

/* Looks at all lines that are left and near enough to their kinks. */
static void sift(rfi_sieve *sieve, const rfi_problem *problem, const rfi_pattern *pattern,
                 const mesh *m)
{
    const rfi_data *data = problem->data;
    const rfi_length way = {sieve->way.plain + m->way.plain, sieve->way.spread + m->way.spread};
    int64_t k, kept = 0;
    sieve->hits = 0;
    for (k = 0; k < sieve->count; ++k) {
        const int64_t g = sieve->line[k], line = g % data->kinks.count, row = data->kinks.row[line];
        rfi_length met = sieve->met[k];
        const rfi_length since = {(way.plain - met.plain) * WIDER, (way.spread - met.spread) * WIDER};
        const double norm = data->norm[row];
        double z[VECTORS], end = sieve->z[k];
        if (m->last || !(end > bound(sieve, line, norm, &since) + norm * sieve->slack)) {
            look(sieve, data, rfi_row(data, row), pattern->side[g], z);
            if (!passes(sieve, m, z, line, norm)) {
                sieve->hit[sieve->hits++] = g;
                continue;
            }
            end = z[m->instants - 1];
            met = way;
            if (end > (bound(sieve, line, norm, &m->left) + norm * sieve->slack) * WIDER)
                continue;
            if (m->last)
                sieve->hit[sieve->hits++] = g;
        }
        sieve->line[kept] = g;
        sieve->met[kept] = met;
        sieve->z[kept++] = end;
    }
    sieve->way = way;
    sieve->count = m->last ? 0 : kept;
}

void rfi_sieve_next(rfi_sieve *sieve, const rfi_segment *seg, const rfi_problem *problem,
                    const rfi_pattern *pattern, int64_t neuron)
{
    const int64_t d = seg->d;
    mesh m = {0, {{0.0, 0.0}}, {0.0, 0.0}, {0.0, 0.0}, 0};
    memset(sieve->w, 0, (size_t)(VECTORS * sieve->ld) * sizeof(double));
    rfi_segment_weights(seg, sieve->tau, sieve->all);
    memcpy(sieve->w + BEGIN * sieve->ld, sieve->all + neuron * d, (size_t)d * sizeof(double));
    while (m.instants < AT_ONCE && !m.last) {
        const double step = step_from(seg, sieve->tau);
        m.strays[m.instants] = stray(sieve, seg, step, &m);
        m.last = !(m.left.plain > LITTLE_LEFT * seg->reach);
        sieve->tau += step;
        rfi_segment_weights(seg, sieve->tau, sieve->all);
        memcpy(sieve->w + m.instants * sieve->ld, sieve->all + neuron * d,
               (size_t)d * sizeof(double));
        ++m.instants;
    }
    sift(sieve, problem, pattern, &m);
    if (sieve->count == 0)
        sieve->tau = INFINITY;
}
