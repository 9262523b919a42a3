/* segment: memory, propagation, and the functions of time that are read off a segment.
 * SPDX-License-Identifier: MIT */
#include "flow/segment.h"

#include <math.h>
#include <string.h>

#include "base/blas.h"
#include "base/num.h"
#include "flow/segment_steps.h"

/* Where the rows are decomposed in blocks. */
static int create_blocks(rfi_workspace *ws, const rfi_problem *problem)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t n = problem->data->n, d = problem->data->d;
    int64_t block;
    memset(ws, 0, sizeof(*ws));
    if (rfi_blocks_create(&ws->blocks, problem) != 0)
        return -1;
    block = ws->blocks.rows * ws->blocks.ld;
    ws->work_size =
        rfi_larger(rfi_svd_work(d, d), rfi_qr_work(d, rfi_larger(ws->blocks.rows, d)) + block);
    ws->work_size = rfi_larger(rfi_eigen_work(d), ws->work_size);
    ws->matrix = rfi_alloc_raw(a, d * d, sizeof(double));
    ws->work = rfi_alloc_raw(a, ws->work_size, sizeof(double));
    ws->integers = rfi_alloc(a, rfi_larger(rfi_svd_integers(d, d), rfi_eigen_integers(d)), sizeof(int));
    ws->vector = rfi_alloc(a, n + 4 * d, sizeof(double));
    ws->line = rfi_alloc(a, 6 * d + 6, sizeof(double));
    if (ws->matrix == NULL || ws->work == NULL || ws->integers == NULL || ws->vector == NULL
        || ws->line == NULL) {
        rfi_workspace_free(ws, a);
        return -1;
    }
    ws->blocks.B = ws->work + ws->work_size - block; /* behind what the QR of the held lines uses */
    ws->blocks.left = ws->matrix;
    return 0;
}

int rfi_workspace_create(rfi_workspace *ws, const rfi_problem *problem)
{
    return rfi_blocks_pay(problem) ? create_blocks(ws, problem)
                                   : rfi_workspace_create_whole(ws, problem);
}

int rfi_workspace_create_whole(rfi_workspace *ws, const rfi_problem *problem)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t n = problem->data->n, d = problem->data->d, D = rfi_weight_count(problem);
    const int several = problem->neurons > 1;
    const int64_t qr = rfi_qr_work(d, rfi_larger(n, D));
    memset(ws, 0, sizeof(*ws));
    ws->work_size = rfi_larger(rfi_svd_work(D, n), qr);
    ws->matrix = rfi_alloc_raw(a, rfi_larger(n * D, d * (d + 1)), sizeof(double)); /* n rows, or a basis and one more */
    ws->work = rfi_alloc_raw(a, ws->work_size, sizeof(double));
    ws->integers = rfi_alloc(a, rfi_svd_integers(D, n), sizeof(int));
    ws->vector = rfi_alloc(a, 4 * rfi_larger(n, D), sizeof(double));
    ws->part = rfi_alloc(a, several ? n * D : 1, sizeof(double));
    ws->left = rfi_alloc(a, several ? rfi_most_modes(problem) * D : 1, sizeof(double));
    ws->right = rfi_alloc(a, several ? n * rfi_most_modes(problem) : 1, sizeof(double));
    ws->line = rfi_alloc(a, 6 * rfi_smaller(n, D) + 6, sizeof(double));
    if (rfi_factor_create(&ws->factor, problem) != 0 || ws->matrix == NULL || ws->work == NULL
        || ws->integers == NULL || ws->vector == NULL || ws->part == NULL || ws->left == NULL
        || ws->right == NULL || ws->line == NULL) {
        rfi_workspace_free(ws, a);
        return -1;
    }
    return 0;
}

void rfi_workspace_free(rfi_workspace *ws, const rf_allocator *allocator)
{
    rfi_free(allocator, ws->matrix);
    rfi_free(allocator, ws->work);
    rfi_free(allocator, ws->integers);
    rfi_free(allocator, ws->vector);
    rfi_free(allocator, ws->part);
    rfi_free(allocator, ws->left);
    rfi_free(allocator, ws->right);
    rfi_free(allocator, ws->line);
    rfi_blocks_free(&ws->blocks, allocator);
    rfi_factor_free(&ws->factor, allocator);
    memset(ws, 0, sizeof(*ws));
}

int64_t rfi_segment_most_held(const rfi_segment *s)
{
    return s->neurons > 1 ? s->D : rfi_larger(1, rfi_smaller(s->d, s->lines));
}

static int create_reals(rfi_segment *s, int whole, const rf_allocator *a)
{
    const int64_t n = s->n, m = s->neurons, most = s->most, D = s->D;
    struct {
        double **array;
        int64_t count;
    } reals[] = {{&s->z, m * s->lines},
                 {&s->root, n},
                 {&s->residual, n},
                 {&s->terms, n},
                 {&s->height, n},
                 {&s->s, most},
                 {&s->rate, most},
                 {&s->pull, most},
                 {&s->cut, most},
                 {&s->error, most},
                 {&s->shift, most},
                 {&s->level, most},
                 {&s->label, most},
                 {&s->aim, most},
                 {&s->Q, most * D + RFI_LANES}, /* whole vectors are read from the last row */
                 {&s->spare, 2 * rfi_padded(s->d)},
                 {&s->total, m},
                 {&s->share, m},
                 {&s->tau, D},
                 {&s->hold, D},
                 {&s->hold_floor, D},
                 {&s->hold_p, D * most},
                 {&s->bound, D},
                 {&s->bound_p, m > 1 ? D * most : 1}};
    const size_t arrays = sizeof(reals) / sizeof(*reals);
    int64_t total = 0;
    size_t k;
    double *at;
    for (k = 0; k < arrays; ++k)
        total += rfi_padded(reals[k].count);
    s->reals = at = rfi_alloc(a, total, sizeof(double));
    for (k = 0; k < arrays && s->reals != NULL; at += rfi_padded(reals[k++].count))
        *reals[k].array = at;
    s->w0 = rfi_alloc(a, D, sizeof(double));
    s->U = whole ? rfi_alloc_raw(a, n * most, sizeof(double)) : NULL;
    s->QR = whole ? rfi_alloc(a, rfi_segment_most_held(s) * s->d, sizeof(double)) : NULL;
    return s->reals == NULL || s->w0 == NULL || (whole && (s->U == NULL || s->QR == NULL));
}

static int create_indices(rfi_segment *s, const rf_allocator *a)
{
    const int64_t n = s->n, m = s->neurons, kinks = m * s->lines;
    struct {
        int64_t **array;
        int64_t count;
    } indices[] = {
        {&s->lead, m},         {&s->normal, m},  {&s->tangent, m},  {&s->size, m},
        {&s->row, n},          {&s->owner, n},   {&s->class_of, n}, {&s->row_of, kinks},
        {&s->row_at, n},       {&s->held, m},    {&s->slides, m},   {&s->slide, s->D},
        {&s->slide_of, kinks}, {&s->part_of, m}, {&s->row_part, n}, {&s->mode_part, s->most},
        {&s->list, s->D}};
    const size_t arrays = sizeof(indices) / sizeof(*indices);
    int64_t total = 0, *at;
    size_t k;
    for (k = 0; k < arrays; ++k)
        total += indices[k].count;
    s->indices = at = rfi_alloc(a, total, sizeof(int64_t));
    for (k = 0; k < arrays && s->indices != NULL; at += indices[k++].count)
        *indices[k].array = at;
    return s->indices == NULL;
}

static int create(rfi_segment *segment, const rfi_problem *problem, int whole)
{
    const rf_allocator *a = &problem->data->allocator;
    int failed;
    memset(segment, 0, sizeof(*segment));
    segment->n = problem->data->n;
    segment->d = problem->data->d;
    segment->neurons = problem->neurons;
    segment->lines = problem->data->kinks.count;
    segment->D = rfi_weight_count(problem);
    segment->most = rfi_most_modes(problem);
    failed = create_reals(segment, whole, a);
    failed |= create_indices(segment, a);
    failed |= (segment->still = rfi_alloc(a, 3 * segment->n + 2 * segment->D, sizeof(uint8_t))) == NULL;
    if (failed) {
        rfi_segment_free(segment, a);
        return -1;
    }
    segment->done = segment->still + segment->n;
    segment->balanced = segment->done + segment->n;
    segment->moves = segment->balanced + segment->n;
    segment->settles = segment->moves + segment->D;
    return 0;
}

/* What a single neuron's is made of is asked for when it is first needed: most of the stretches are never built. */
int rfi_segment_create(rfi_segment *segment, const rfi_problem *problem)
{
    if (problem->neurons > 1)
        return create(segment, problem, 1);
    memset(segment, 0, sizeof(*segment));
    segment->n = problem->data->n;
    segment->d = segment->D = problem->data->d;
    segment->lines = problem->data->kinks.count;
    segment->neurons = 1;
    segment->most = rfi_most_modes(problem);
    segment->w0 = rfi_alloc(&problem->data->allocator, segment->D, sizeof(double));
    return segment->w0 != NULL ? 0 : -1;
}

int rfi_segment_reserve(rfi_segment *segment, const rfi_problem *problem)
{
    rfi_segment whole;
    if (segment->Q != NULL)
        return 0;
    if (create(&whole, problem, !rfi_blocks_pay(problem)) != 0)
        return -1;
    rfi_free(&problem->data->allocator, whole.w0);
    whole.w0 = segment->w0; /* stays where it is */
    whole.t0 = segment->t0;
    *segment = whole;
    return 0;
}

void rfi_segment_take(rfi_segment *segment, rfi_segment *from)
{
    rfi_segment kept;
    if (segment->Q != NULL || from->Q == NULL)
        return;
    kept = *segment;
    *segment = *from;
    *from = kept;
    from->w0 = segment->w0;
    from->t0 = segment->t0;
    segment->w0 = kept.w0;
    segment->t0 = kept.t0;
}

int rfi_segment_create_whole(rfi_segment *segment, const rfi_problem *problem)
{
    return create(segment, problem, 1);
}

void rfi_segment_free(rfi_segment *s, const rf_allocator *allocator)
{
    rfi_free(allocator, s->w0);
    rfi_free(allocator, s->U);
    rfi_free(allocator, s->QR);
    rfi_free(allocator, s->reals);
    rfi_free(allocator, s->indices);
    rfi_free(allocator, s->still);
    memset(s, 0, sizeof(*s));
}

void rfi_segment_weights(const rfi_segment *seg, double tau, double *w)
{
    int64_t j;
    if (seg->direct && tau > 0.0) {
        memset(w, 0, (size_t)seg->D * sizeof(double));
        for (j = 0; j < seg->modes; ++j) {
            const rfi_decay e = rfi_decay_at(seg->rate[j] * tau);
            rfi_axpy(seg->level[j] * e.rest + seg->aim[j] * e.done, seg->Q + j * seg->D, w, seg->D);
        }
        return;
    }
    memcpy(w, seg->w0, (size_t)seg->D * sizeof(double));
    for (j = 0; j < seg->modes; ++j)
        rfi_axpy(seg->shift[j] * rfi_decay_at(seg->rate[j] * tau).done, seg->Q + j * seg->D, w,
                 seg->D);
}

void rfi_segment_velocity(const rfi_segment *seg, double tau, double *v)
{
    int64_t j;
    memset(v, 0, (size_t)seg->D * sizeof(double));
    for (j = 0; j < seg->modes; ++j)
        rfi_axpy(-seg->s[j] * seg->pull[j] * rfi_decay_at(seg->rate[j] * tau).rest,
                 seg->Q + j * seg->D, v, seg->D);
}

void rfi_segment_acceleration(const rfi_segment *seg, double tau, double *a)
{
    int64_t j;
    memset(a, 0, (size_t)seg->D * sizeof(double));
    for (j = 0; j < seg->modes; ++j)
        rfi_axpy(seg->rate[j] * seg->s[j] * seg->pull[j] * rfi_decay_at(seg->rate[j] * tau).rest,
                 seg->Q + j * seg->D, a, seg->D);
}

/* The part of mode k that is that of neuron j: 1 for one neuron. */
static double part_of(const rfi_segment *seg, int64_t j, int64_t k)
{
    return seg->neurons == 1 ? 1.0 : rfi_norm(seg->Q + k * seg->D + j * seg->d, seg->d);
}

double rfi_segment_speed_scale(const rfi_segment *seg, int64_t neuron, double tau)
{
    double scale = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j)
        scale += part_of(seg, neuron, j) * seg->s[j] * (seg->residual_size + fabs(seg->pull[j]))
                 * rfi_decay_at(seg->rate[j] * tau).rest;
    return scale;
}

double rfi_segment_turn_scale(const rfi_segment *seg, int64_t neuron, double tau)
{
    double scale = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j)
        scale += part_of(seg, neuron, j) * seg->rate[j] * seg->s[j] * fabs(seg->pull[j])
                 * rfi_decay_at(seg->rate[j] * tau).rest;
    return scale;
}

double rfi_segment_moved(const rfi_segment *seg, double tau)
{
    double sum = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j)
        sum = hypot(sum, seg->shift[j] * rfi_decay_at(seg->rate[j] * tau).done);
    return sum;
}

/* x . q_j of a line, *size: what it is rounded against, below which it is 0.  From the left singular
 * vectors where its datum has active neurons of one pattern only, which is more accurate for the small
 * s_j, unless a tiny slope has spoiled them. */
static double along_mode(const rfi_segment *seg, const rfi_data *data, int64_t line, int64_t j,
                         double *size)
{
    const int64_t neuron = line / seg->lines, row = data->kinks.row[line % seg->lines];
    const int64_t k = seg->row_of[line];
    const int alone = k >= 0 && seg->class_of[k] >= 0;
    double along;
    *size = INFINITY;
    if (alone)
        *size = seg->s[j]
                / (seg->root[k] * data->kinks.factor[seg->row[k]] * seg->total[seg->class_of[k]]);
    if (alone && fabs(*size) <= 64.0 * data->norm[row]) {
        *size *= seg->share[neuron];
        along = seg->U[k * seg->most + j] * *size;
    } else {
        *size = 2.0 * data->norm[row] * fabs(seg->share[neuron]);
        along = rfi_view_dot(rfi_row(data, row), seg->Q + j * seg->D + neuron * seg->d, seg->d);
    }
    return fabs(along) <= 4.0 * RFI_EPS * fabs(*size) ? 0.0 : along;
}

const double *rfi_segment_left(const rfi_segment *seg, const rfi_problem *problem, int64_t k,
                               double *row)
{
    const rfi_view x = rfi_row(problem->data, seg->row[k]);
    int64_t j;
    if (!seg->lean)
        return seg->U + k * seg->most;
    for (j = 0; j < seg->modes; ++j)
        row[j] = seg->still[k] ? 0.0
                               : seg->root[k] * seg->total[0] * seg->share[0]
                                     * rfi_view_dot(x, seg->Q + j * seg->D, seg->d) / seg->s[j];
    return row;
}

/* The margin of a line at which its pulls cancel; no other neuron acts on its data. */
static double balance(const rfi_segment *seg, const rfi_problem *problem, int64_t line)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const double a = problem->a[line / seg->lines];
    double pull = 0.0, size = 0.0, weight = 0.0;
    int64_t k;
    for (k = seg->row_of[line]; k < seg->rows; ++k) {
        const int64_t i = seg->row[k];
        const double slope = seg->root[k] * kinks->factor[i] * a;
        const double label = sqrt(problem->c[i]) * problem->data->y[i];
        if (kinks->line[i] != line % seg->lines || seg->owner[k] != line / seg->lines)
            continue;
        pull += slope * label;
        size += fabs(slope * label);
        weight += slope * slope;
    }
    return fabs(pull) <= 4.0 * RFI_EPS * size ? 0.0 : pull / weight;
}

/* Where U is not formed: 1 if the residual of row k vanishes at infinity though not all do.  u: scratch. */
static int settles(const rfi_segment *seg, const rfi_problem *problem, int64_t k, double *u)
{
    double sum = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j) {
        u[j] = seg->root[k] * problem->a[0] / seg->s[j]
               * rfi_view_dot(rfi_row(problem->data, seg->row[k]), seg->Q + j * seg->D, seg->d);
        sum += u[j] * u[j];
    }
    return sum >= 1.0 - 1e-6 && rfi_factor_settles(seg, problem, k, u);
}

/* The margin of a line at which the residual of its row is 0. */
static double vanishing_limit(const rfi_segment *seg, const rfi_problem *problem, int64_t line)
{
    const int64_t k = seg->row_of[line], i = seg->row[k];
    return problem->data->y[i] * sqrt(problem->c[i])
           / (seg->root[k] * problem->data->kinks.factor[i] * problem->a[line / seg->lines]);
}

/* x . q_j of a line for all j, of one neuron: as along_mode without U, up to rounding. */
static void along_modes(const rfi_segment *seg, const rfi_data *data, rfi_view x, double size,
                        double *along)
{
    const int64_t d = seg->d, threes = seg->modes - seg->modes % 3;
    const double *elements = x.wide;
    int64_t j;
    if (elements == NULL) {
        rfi_view_copy(x, seg->spare, d);
        elements = seg->spare;
    }
    for (j = 0; j < threes; j += 3)
        data->dense->triple(d, d, elements, seg->Q + j * d, along + j);
    for (; j < seg->modes; ++j)
        along[j] = rfi_dot(elements, seg->Q + j * d, d);
    for (j = 0; j < seg->modes; ++j)
        if (fabs(along[j]) <= 4.0 * RFI_EPS * size)
            along[j] = 0.0;
}

/* What was cut of the pulls is rounding of w: it is no part of the margin of an active line either, which then is
 * known to what rounding there is across those modes. */
static void cut_margin(const rfi_segment *seg, const rfi_problem *problem, int64_t line, rfi_expsum *f)
{
    const rfi_data *data = problem->data;
    const int64_t k = seg->row_of[line];
    const double *u = seg->U + k * seg->most;
    const double unit = seg->root[k] * data->kinks.factor[seg->row[k]] * problem->a[line / seg->lines];
    double sum = 0.0, floor = 0.0;
    int64_t j, l, cuts = 0;
    for (j = 0; j < seg->modes; ++j)
        if (seg->pull[j] == 0.0 && seg->cut[j] != 0.0) {
            sum += u[j] * seg->cut[j];
            ++cuts;
        }
    for (l = 0; l < seg->rows && cuts > 0; ++l) {
        double left = l == k;
        for (j = 0; j < seg->modes; ++j)
            if (seg->pull[j] == 0.0 && seg->cut[j] != 0.0)
                left -= u[j] * seg->U[l * seg->most + j];
        floor += fabs(left) * fabs(seg->root[l]) * data->norm[seg->row[l]] * seg->height[l];
    }
    if (cuts == 0)
        return;
    f->start -= sum / unit;
    f->floor = 2.0 * RFI_EPS * (seg->w_size * floor / fabs(unit) + fabs(f->start));
}

rfi_expsum rfi_segment_margin(const rfi_segment *seg, const rfi_problem *problem, int64_t line,
                              double *p)
{
    const rfi_data *data = problem->data;
    const int64_t neuron = line / seg->lines, row = data->kinks.row[line % seg->lines];
    const int64_t k = seg->row_of[line];
    rfi_expsum f = {seg->modes, seg->rate, p, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    double limit = 0.0, limit_noise = 0.0;
    int64_t j;
    f.start = seg->z[line];
    if (f.start != 0.0 && seg->t0 > 0.0) /* x . w for a rounded w */
        f.floor = 2.0 * RFI_EPS * data->norm[row]
                  * (seg->neurons == 1 ? seg->w_size : rfi_norm(seg->w0 + neuron * seg->d, seg->d));
    if (f.start != 0.0 && seg->far && k >= 0 && seg->owner[k] >= 0 && !seg->still[k] && !seg->lean)
        cut_margin(seg, problem, line, &f);
    if (seg->lean)
        along_modes(seg, data, rfi_row(data, row), 2.0 * data->norm[row], p);
    for (j = 0; j < seg->modes; ++j) {
        double size = 2.0 * data->norm[row];
        const double along = seg->lean ? p[j] : along_mode(seg, data, line, j, &size);
        p[j] = along * seg->shift[j];
        if (seg->direct) {
            limit += along * seg->aim[j];
            limit_noise += 4.0 * RFI_EPS
                           * (fabs(size * seg->aim[j]) + fabs(along) * seg->label_size / seg->s[j]);
        }
        f.haze += 4.0 * RFI_EPS
                  * (fabs(size * seg->shift[j]) + fabs(along) * seg->residual_size / seg->s[j]);
    }
    if (k >= 0 && seg->done[k] && seg->owner[k] >= 0) {
        limit = vanishing_limit(seg, problem, line);
        rfi_expsum_finish(&f, &limit, 0.0);
    } else if (k >= 0 && seg->balanced[k] && seg->owner[k] >= 0 && !seg->still[k]) {
        limit = balance(seg, problem, line);
        rfi_expsum_finish(&f, &limit, 0.0);
    } else {
        rfi_expsum_finish(&f, seg->direct ? &limit : NULL, limit_noise);
        if (seg->lean && k >= 0 && fabs(f.limit) <= 256.0 * RFI_EPS * f.size + 64.0 * (f.floor + f.haze)
            && settles(seg, problem, k, seg->spare + seg->d)) {
            limit = vanishing_limit(seg, problem, line);
            rfi_expsum_finish(&f, &limit, 0.0);
        }
    }
    return f;
}

/* |Gamma| and base of a line while its data act for no other neuron; of the others alone, at infinity
 * with all residuals gone. */
static void constants_of(const rfi_segment *seg, const rfi_problem *problem, int64_t k,
                         double *bound, double *base)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const int64_t line = seg->slide[k] % seg->lines;
    const double a = problem->a[seg->slide[k] / seg->lines];
    int64_t m;
    *bound = -problem->jump[line] * a;
    *base = problem->base[line] * a;
    if (!seg->moves[k])
        return;
    *bound = *base = 0.0;
    for (m = kinks->start[line]; m < kinks->start[line + 1]; ++m) {
        const int64_t i = kinks->member[m];
        const double pull = a * problem->c[i] * problem->data->y[i];
        if (seg->row_at[i] >= 0)
            continue;
        *bound -= pull * fabs(kinks->factor[i]);
        *base += kinks->factor[i] < 0.0 ? pull * kinks->factor[i] : 0.0;
    }
}

rfi_expsum rfi_segment_multiplier(const rfi_segment *seg, const rfi_problem *problem, int64_t k,
                                  int top, double *p)
{
    const double *from = seg->hold_p + k * seg->most, *edge = seg->bound_p + k * seg->most;
    rfi_expsum f = {seg->modes, seg->rate, p, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    double bound, limit;
    int64_t j;
    f.start = top ? seg->bound[k] - seg->hold[k] : seg->hold[k];
    f.floor = seg->hold_floor[k] + (top ? 4.0 * RFI_EPS * fabs(seg->bound[k]) : 0.0);
    for (j = 0; j < seg->modes; ++j) {
        p[j] = top ? -from[j] : from[j];
        if (top && seg->moves[k])
            p[j] = edge[j] - from[j];
    }
    constants_of(seg, problem, k, &bound, &limit);
    if (top)
        limit = bound - limit;
    /* If the pulls of all that moves vanish at infinity, what is left to hold is the pull of the line. */
    rfi_expsum_finish(
        &f, (seg->settles[k] & (top ? RFI_TOP_SETTLES : RFI_LOW_SETTLES)) != 0 ? &limit : NULL, 0.0);
    return f;
}

rfi_expsum rfi_segment_bound(const rfi_segment *seg, const rfi_problem *problem, int64_t k,
                             double *p)
{
    rfi_expsum f = {seg->modes, seg->rate, p, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    double bound, base;
    f.start = seg->bound[k];
    f.floor = seg->moves[k] ? seg->hold_floor[k] : 0.0;
    memset(p, 0, (size_t)seg->modes * sizeof(double));
    if (seg->moves[k])
        memcpy(p, seg->bound_p + k * seg->most, (size_t)seg->modes * sizeof(double));
    constants_of(seg, problem, k, &bound, &base);
    rfi_expsum_finish(&f, (seg->settles[k] & RFI_BOUND_SETTLES) != 0 ? &bound : NULL, 0.0);
    return f;
}

/* -u_kj pull_j, of one neuron, from q_j. */
static double change_along(const rfi_segment *seg, const rfi_problem *problem, int64_t k, int64_t j)
{
    return seg->root[k] * problem->a[0] * seg->shift[j]
           * rfi_view_dot(rfi_row(problem->data, seg->row[k]), seg->Q + j * seg->D, seg->d);
}

rfi_expsum rfi_segment_residual(const rfi_segment *seg, const rfi_problem *problem, int64_t k,
                                double *p)
{
    rfi_expsum f = {seg->modes, seg->rate, p, seg->residual[k], 0.0, 0.0, 0.0, 0.0, 0.0};
    const double size = 2.0 * sqrt(problem->c[seg->row[k]]) * fabs(problem->data->y[seg->row[k]]);
    const double zero = 0.0;
    int64_t j;
    for (j = 0; j < seg->modes; ++j)
        p[j] = seg->lean ? change_along(seg, problem, k, j)
                         : -seg->U[k * seg->most + j] * seg->pull[j];
    f.floor = 4.0 * RFI_EPS * (size + seg->terms[k]);
    rfi_expsum_finish(&f, seg->done[k] && !seg->still[k] ? &zero : NULL, 0.0);
    return f;
}

int rfi_segment_shared(const rfi_segment *seg, int64_t j, int64_t i)
{
    const int64_t k = seg->row_at[i];
    return k >= 0 && seg->owner[k] != j;
}
