/* sieve: see sieve.h.
 * SPDX-License-Identifier: MIT */
#include "flow/sieve.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* Fewer lines are searched as fast as sieved. */
enum { FEW_LINES = 64, AT_ONCE = 4, BEGIN = 4, VECTORS = 5 };

/* The part of the way to the limit from which on a line that is not certain is searched. */
#define LITTLE_LEFT 1e-3

/* Bounds are widened by this, many times the rounding of what they are made from. */
#define WIDER (1.0 + 1e-9)

int rfi_sieve_create(rfi_sieve *sieve, const rfi_problem *problem)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t lines = problem->data->kinks.count;
    memset(sieve, 0, sizeof(*sieve));
    sieve->ld = rfi_padded(problem->data->d);
    sieve->line = rfi_alloc(a, lines, sizeof(int64_t));
    sieve->hit = rfi_alloc(a, lines, sizeof(int64_t));
    sieve->z = rfi_alloc(a, lines, sizeof(double));
    sieve->met = rfi_alloc(a, lines, sizeof(double));
    sieve->w = rfi_alloc(a, VECTORS * sieve->ld, sizeof(double));
    sieve->x = rfi_alloc(a, sieve->ld, sizeof(double));
    sieve->all = rfi_alloc(a, rfi_weight_count(problem), sizeof(double));
    if (sieve->line == NULL || sieve->hit == NULL || sieve->z == NULL || sieve->w == NULL
        || sieve->x == NULL || sieve->all == NULL
        || sieve->met == NULL) {
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

void rfi_sieve_begin(rfi_sieve *sieve, const rfi_segment *seg, const rfi_problem *problem,
                     const rfi_pattern *pattern, int64_t neuron)
{
    const rfi_data *data = problem->data;
    const int64_t first = neuron * seg->lines;
    int64_t g;
    sieve->count = sieve->hits = 0;
    sieve->tau = sieve->way = 0.0;
    sieve->slack = slack_of(seg);
    for (g = first; g < first + seg->lines; ++g) {
        const double z = pattern->side[g] * seg->z[g];
        if (rfi_held(pattern->side[g]))
            continue;
        if (pattern->stand[g] != RFI_ON_SIDE || !(z > 0.0)) {
            sieve->hit[sieve->hits++] = g;
        } else if (!(z > data->norm[data->kinks.row[g - first]] * (seg->reach + sieve->slack) * WIDER)) {
            sieve->line[sieve->count] = g;
            sieve->met[sieve->count] = 0.0;
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
    double strays[AT_ONCE];
    double way;  /* through all of them               */
    double left; /* to the limit from the last of them */
    int last;    /* what does not end there is a hit   */
} mesh;

/* How far w strays from its chord between tau and tau + step, comes there, and is from its limit then. */
static double stray(const rfi_segment *seg, double tau, double step, mesh *m)
{
    double sum = 0.0, rest = 0.0, way = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j) {
        const double before = fabs(seg->shift[j]) * rfi_decay_at(seg->rate[j] * tau).rest;
        const double x = seg->rate[j] * step;
        const rfi_decay e = rfi_decay_at(x);
        const double bulge = before * below_chord(x, e.done), after = before * e.rest;
        sum += bulge * bulge;
        rest += after * after;
        way += before * e.done * (before * e.done);
    }
    m->way += sqrt(way) * WIDER;
    m->left = sqrt(rest) * WIDER;
    return sqrt(sum) * WIDER;
}

/* The step after tau: the times grow by half, from where the flow has begun to move on. */
static double step_from(const rfi_segment *seg, double tau)
{
    double step = 0.125 / seg->rate[0];
    if (tau > 0.0)
        return 0.5 * tau;
    while (rfi_segment_moved(seg, 2.0 * step) < 0.004 * seg->reach)
        step *= 2.0;
    return step;
}

/* z: at the instants, and at BEGIN. */
static int passes(const rfi_sieve *sieve, const mesh *m, const double *z, double norm)
{
    double before = z[BEGIN];
    int64_t k;
    for (k = 0; k < m->instants; ++k) {
        if (!(fmin(before, z[k]) > norm * (m->strays[k] + sieve->slack)))
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
    const double way = sieve->way + m->way;
    int64_t k, kept = 0;
    sieve->hits = 0;
    for (k = 0; k < sieve->count; ++k) {
        const int64_t g = sieve->line[k], row = data->kinks.row[g % data->kinks.count];
        const double norm = data->norm[row], since = way - sieve->met[k];
        double z[VECTORS], end = sieve->z[k], met = sieve->met[k];
        if (m->last || !(end > norm * (since * WIDER + sieve->slack))) {
            look(sieve, data, rfi_row(data, row), pattern->side[g], z);
            if (!passes(sieve, m, z, norm)) {
                sieve->hit[sieve->hits++] = g;
                continue;
            }
            end = z[m->instants - 1];
            met = way;
            if (end > norm * (m->left + sieve->slack) * WIDER)
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
    mesh m = {0, {0.0}, 0.0, 0.0, 0};
    memset(sieve->w, 0, (size_t)(VECTORS * sieve->ld) * sizeof(double));
    rfi_segment_weights(seg, sieve->tau, sieve->all);
    memcpy(sieve->w + BEGIN * sieve->ld, sieve->all + neuron * d, (size_t)d * sizeof(double));
    while (m.instants < AT_ONCE && !m.last) {
        const double step = step_from(seg, sieve->tau);
        m.strays[m.instants] = stray(seg, sieve->tau, step, &m);
        m.last = !(m.left > LITTLE_LEFT * seg->reach);
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
