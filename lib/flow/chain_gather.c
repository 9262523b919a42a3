/* chain_gather: H and b of a pattern from the data and as it changes, and products with H; see chain.h.
 * SPDX-License-Identifier: MIT */
#include "flow/chain.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* An update leaves a rounding of eps times H and the terms of b as they were; these may fall to this part of
 * the largest they have been, so that the error is below 1024 eps for each update, some 1e-13. */
#define MOST_LOST 1024.0

static void add_sizes(double factor, const double *x, int64_t ld, double *pull)
{
    int64_t k;
    for (k = 0; k < ld; ++k)
        pull[k] += factor * fabs(x[k]);
}

static void raise_peak(rfi_chain *chain)
{
    const int64_t ld = chain->ld;
    double *peak = chain->peak;
    int64_t k;
    for (k = 0; k < chain->d; ++k) {
        const double left = chain->H[k * ld + k], pull = chain->pull[k];
        peak[k] = left > peak[k] ? left : peak[k];
        peak[ld + k] = pull > peak[ld + k] ? pull : peak[ld + k];
    }
}

double rfi_chain_trace(const rfi_chain *chain)
{
    double sum = 0.0;
    int64_t k;
    if (chain->few.data != NULL)
        return rfi_chain_trace_rows(chain);
    for (k = 0; k < chain->d; ++k)
        sum += chain->H[k * chain->ld + k];
    return sum;
}

int rfi_chain_is_thin(const rfi_chain *chain)
{
    const int64_t d = chain->d, ld = chain->ld;
    const double *peak = chain->peak;
    int64_t k;
    int thin = 0;
    for (k = 0; k < d && chain->few.data == NULL; ++k) {
        const double left = chain->H[k * ld + k];
        thin |= (MOST_LOST * left < peak[k]) & (left != 0.0);
        thin |= (MOST_LOST * chain->pull[k] < peak[ld + k]) & (chain->b[k] != 0.0);
    }
    return thin;
}

void rfi_chain_copy(rfi_chain *chain, const rfi_chain *from)
{
    if (chain->few.data != NULL) {
        rfi_chain_copy_rows(chain, from);
        return;
    }
    memcpy(chain->H, from->H, (size_t)(from->d * from->ld) * sizeof(double));
    memcpy(chain->b, from->b, (size_t)from->ld * sizeof(double));
    memcpy(chain->pull, from->pull, (size_t)from->ld * sizeof(double));
    memcpy(chain->peak, from->peak, (size_t)(2 * from->ld) * sizeof(double));
    chain->moved = INFINITY;
}

void rfi_chain_turn(rfi_chain *chain, const rfi_problem *problem, int64_t line, int sign)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const double a = problem->a[0], drop = 1.0 - problem->slope * problem->slope;
    double sum = 0.0, pull = 0.0, norm;
    const int64_t row = rfi_kinks_row(kinks, line);
    int64_t m;
    if (chain->few.data != NULL) {
        rfi_chain_turn_row(chain, problem, line, sign > 0);
        return;
    }
    for (m = kinks->start[line]; m < kinks->start[line + 1]; ++m) {
        const int64_t i = kinks->member[m];
        sum += problem->c[i] * kinks->factor[i] * fabs(kinks->factor[i]);
        pull += fabs(problem->c[i] * problem->data->y[i]) * kinks->factor[i];
    }
    rfi_chain_row(chain, rfi_row(problem->data, row));
    chain->dense->update(chain->d, chain->ld, sign * (a * a * drop * sum), chain->x, chain->H);
    norm = problem->data->norm[row];
    chain->moved += a * a * drop * sum * norm * norm * (1.0 + 1e-9);
    chain->dense->add(chain->ld, sign * (a * problem->jump[line]), chain->x, chain->b);
    add_sizes(sign * fabs(a) * (1.0 - problem->slope) * pull, chain->x, chain->ld, chain->pull);
    if (sign > 0)
        raise_peak(chain);
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

/* Rows that are added to H, in columns that are shared. */
typedef struct {
    rfi_chain *chain;
    int64_t count, strips;
    const double *rows, *scaled;
    int mirrors; /* what is left of the diagonal becomes that of the other side */
} addition;

/* What is left of the diagonal in a strip of rows but for the blocks on it, eight rows at a time. */
static void mirror_strip(const rfi_chain *chain, int64_t first)
{
    const int64_t ld = chain->ld, d = chain->d;
    double *H = chain->H;
    int64_t j, k, i;
    for (j = first; j < d && j < first + STRIP; j += RFI_LANES) {
        if (d - j >= RFI_LANES)
            chain->dense->turn(j, ld, H + j, H + j * ld);
        for (i = 0; d - j < RFI_LANES && i < d - j; ++i)
            for (k = 0; k < j; ++k)
                H[(j + i) * ld + k] = H[k * ld + j + i];
    }
}

/* Some columns, down to the block on the diagonal; those that are formed next begin at `next`. */
static void add_columns(const addition *sum, int64_t first, int64_t count, const double *next)
{
    const int64_t ld = sum->chain->ld, rows = rfi_smaller(first + count, sum->chain->d);
    const rfi_product product = {rows,       count, sum->count,   sum->scaled,          1,  ld,  sum->rows + first, ld,
                                 sum->chain->H + first, ld, RFI_TILE_ADD, NULL, 0, next};
    sum->chain->product(&product);
}

/* One strip of columns, but for what is left of the blocks on the diagonal; the longest comes first. */
static void add_strip(void *context, int32_t member, int64_t index)
{
    const addition *sum = context;
    const int64_t first = (sum->strips - 1 - index) * STRIP, last = rfi_smaller(first + STRIP, sum->chain->ld);
    int64_t j;
    (void)member;
    for (j = first; j < last && sum->count > 0; j += RFI_TILE_PACK)
        add_columns(sum, j, rfi_smaller(RFI_TILE_PACK, last - j),
                    sum->chain->H + (j + RFI_TILE_PACK < last ? j + RFI_TILE_PACK : first));
    if (sum->mirrors)
        mirror_strip(sum->chain, first);
}

/* The same for many rows, which are given as they are and times their weights; what is left of the diagonal is not
 * formed, but for a little. */
static void add_upper(rfi_chain *chain, int64_t count, const double *rows, const double *scaled, int mirrors)
{
    const int64_t ld = chain->ld;
    addition sum = {chain, count, (ld + STRIP - 1) / STRIP, rows, scaled, mirrors};
    rfi_team_run(chain->team, (count / 2 + mirrors) * ld * ld, sum.strips, add_strip, &sum);
}

/* Rows that come to b and pull, and times their weights, in columns that are shared. */
typedef struct {
    rfi_chain *chain;
    const rfi_chain_lot *lot;
    double *rows, *scaled;
    int64_t parts;
} taking;

static void take_columns(void *context, int32_t member, int64_t index)
{
    const taking *of = context;
    const rfi_chain *chain = of->chain;
    const rfi_chain_lot *lot = of->lot;
    const int64_t ld = chain->ld, groups = ld / RFI_LANES, first = groups * index / of->parts * RFI_LANES;
    const int64_t count = groups * (index + 1) / of->parts * RFI_LANES - first;
    int64_t k, j;
    (void)member;
    for (k = 0; k < lot->count; ++k) {
        double *x = of->rows + k * ld + first, *scaled = of->scaled + k * ld + first;
        if (lot->from != NULL)
            rfi_view_copy(rfi_view_from(lot->from[k], first), x, rfi_smaller(count, chain->d - first));
        chain->dense->add(count, lot->pull[k], x, chain->b + first);
        add_sizes(lot->size[k], x, count, chain->pull + first);
        for (j = 0; j < count; ++j)
            scaled[j] = lot->weight[k] * x[j];
    }
}

/* What a lot brings to the sums, but for what is left of the diagonal in H and not mirrored yet. */
static void take_lot(rfi_chain *chain, const rfi_chain_lot *lot, double *rows, double *scaled, int mirrors)
{
    const int64_t work = 4 * lot->count * chain->ld; /* a row is read once: the parts are wide */
    taking of = {chain, lot, rows, scaled, rfi_team_pays(chain->team, work) ? 2 * chain->team->members : 1};
    rfi_team_run(chain->team, work, of.parts, take_columns, &of);
    add_upper(chain, lot->count, rows, scaled, mirrors);
}

void rfi_chain_add(rfi_chain *chain, const rfi_chain_lot *lot, double *rows, double *scaled)
{
    if (lot->count > 0)
        take_lot(chain, lot, rows, scaled, 1);
    raise_peak(chain);
}

/* A datum with a slope: what it brings. */
typedef struct {
    double weight, pull, size;
} share;

/* 1 if datum i has a slope. */
static int shares(const rfi_problem *problem, const rfi_pattern *pattern, int64_t i, share *of)
{
    const rfi_data *data = problem->data;
    const int64_t line = data->kinks.line[i];
    const double a = problem->a[0];
    double slope;
    if (line < 0)
        return 0;
    slope = rfi_chain_upper(pattern->side[line]) == (data->kinks.factor[i] > 0.0) ? 1.0 : problem->slope;
    of->weight = problem->c[i] * (a * slope) * (a * slope);
    of->pull = problem->c[i] * data->y[i] * a * slope;
    of->size = fabs(of->pull);
    return slope != 0.0;
}

/* The sums of few dimensions, eight rows at a time. */
static void gather_few(rfi_chain *chain, const rfi_problem *problem, const rfi_pattern *pattern)
{
    const int64_t ld = chain->ld;
    double weight[8], *rows = chain->kept_T;
    int64_t i, count = 0;
    share of;
    memset(rows, 0, (size_t)(8 * ld) * sizeof(double));
    for (i = 0; i < problem->data->n; ++i) {
        if (!shares(problem, pattern, i, &of))
            continue;
        rfi_view_copy(rfi_row(problem->data, i), rows + count * ld, chain->d);
        chain->dense->add(ld, of.pull, rows + count * ld, chain->b);
        add_sizes(of.size, rows + count * ld, ld, chain->pull);
        weight[count++] = of.weight;
        if (count == 8) {
            add_few(chain, count, weight, rows);
            count = 0;
        }
    }
    add_few(chain, count, weight, rows);
}

/* Those of many dimensions, RFI_CHAIN_ROWS at a time. */
static void gather_many(rfi_chain *chain, const rfi_problem *problem, const rfi_pattern *pattern)
{
    double weight[RFI_CHAIN_ROWS], pull[RFI_CHAIN_ROWS], size[RFI_CHAIN_ROWS];
    double *rows = chain->rows, *scaled = rows + RFI_CHAIN_ROWS * chain->ld;
    rfi_view from[RFI_CHAIN_ROWS];
    rfi_chain_lot lot = {0, weight, pull, size, from};
    int64_t i;
    share of;
    memset(rows, 0, (size_t)(RFI_CHAIN_ROWS * chain->ld) * sizeof(double));
    for (i = 0; i < problem->data->n; ++i) {
        if (!shares(problem, pattern, i, &of))
            continue;
        from[lot.count] = rfi_row(problem->data, i);
        weight[lot.count] = of.weight;
        pull[lot.count] = of.pull;
        size[lot.count++] = of.size;
        if (lot.count == RFI_CHAIN_ROWS) {
            take_lot(chain, &lot, rows, scaled, 0);
            lot.count = 0;
        }
    }
    take_lot(chain, &lot, rows, scaled, 1);
}

void rfi_chain_gather(rfi_chain *chain, const rfi_problem *problem, const rfi_pattern *pattern)
{
    const int64_t d = chain->d, ld = chain->ld;
    if (chain->few.data != NULL) {
        rfi_chain_gather_rows(chain, problem, pattern);
        return;
    }
    memset(chain->pull, 0, (size_t)ld * sizeof(double));
    memset(chain->peak, 0, (size_t)(2 * ld) * sizeof(double));
    memset(chain->H, 0, (size_t)(d * ld) * sizeof(double));
    memset(chain->b, 0, (size_t)ld * sizeof(double));
    if (d < RFI_CHAIN_WIDE)
        gather_few(chain, problem, pattern);
    else
        gather_many(chain, problem, pattern);
    chain->moved = INFINITY;
    raise_peak(chain);
}

typedef struct {
    const rfi_chain *chain;
    const double *x;
} application;

/* Where a part of the rows begins, of which all have about as much right of the diagonal. */
static int64_t begin_of(int64_t d, int64_t part)
{
    const double left = sqrt(1.0 - (double)part / (double)RFI_CHAIN_PARTS);
    return part == RFI_CHAIN_PARTS ? d : (int64_t)((1.0 - left) * (double)(d / RFI_LANES)) * RFI_LANES;
}

static void apply_part(void *context, int32_t member, int64_t index)
{
    const application *a = context;
    const rfi_chain *chain = a->chain;
    const int64_t ld = chain->ld;
    double *sum = chain->parts + index * ld;
    (void)member;
    memset(sum, 0, (size_t)ld * sizeof(double));
    chain->dense->apply_half(ld, begin_of(chain->d, index), begin_of(chain->d, index + 1), chain->H, a->x, sum);
}

double rfi_chain_apply(const rfi_chain *chain, double f, const double *x, double *y)
{
    const int64_t ld = chain->ld;
    application a = {chain, x};
    double square;
    int64_t part;
    if (chain->few.data != NULL)
        return rfi_chain_apply_rows(chain, f, x, y);
    if (chain->d < RFI_CHAIN_WIDE)
        return chain->dense->apply_scaled(chain->d, ld, f, chain->H, x, y);
    rfi_team_run(chain->team, ld * ld / 2, RFI_CHAIN_PARTS, apply_part, &a);
    memset(y, 0, (size_t)ld * sizeof(double));
    for (part = 0; part < RFI_CHAIN_PARTS; ++part)
        chain->dense->add(ld, f, chain->parts + part * ld, y);
    chain->dense->dots(ld, 1, y, y, &square);
    return square;
}
