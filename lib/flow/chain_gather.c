/* chain_gather: H and b of a pattern from the data and as it changes, and products with H; see chain.h.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "flow/chain.h"

/* An update leaves a rounding of eps times H and the terms of b as they were; these may fall to this part of
 * the largest they have been, so that the error is below 1024 eps for each update, some 1e-13. */
#define MOST_LOST 1024.0

static void add_sizes(double factor, const double *x, int64_t ld, double *pull)
{
    int64_t k;
    for (k = 0; k < ld; ++k)
        pull[k] += factor * fabs(x[k]);
}

void rfi_chain_raise_peak(rfi_chain *chain)
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
        rfi_chain_raise_peak(chain);
}

void rfi_chain_turn_sums(rfi_chain *chain, double pull, double size, const double *x)
{
    chain->dense->add(chain->ld, pull, x, chain->b);
    add_sizes(size, x, chain->ld, chain->pull);
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

/* One strip of columns, but for most of what is left of the diagonal; the longest comes first. */
static void add_strip(void *context, int32_t member, int64_t index)
{
    const addition *sum = context;
    const int64_t ld = sum->chain->ld, first = (sum->strips - 1 - index) * STRIP;
    const int64_t last = first + STRIP < ld ? first + STRIP : ld;
    const rfi_product product = {last < sum->chain->d ? last : sum->chain->d, last - first, sum->count, sum->scaled,
                                 1, ld, sum->rows + first, ld, sum->chain->H + first, ld, RFI_TILE_ADD, NULL, 0};
    (void)member;
    if (sum->count > 0)
        sum->chain->product(&product);
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

static void add_many(rfi_chain *chain, int64_t count, const double *weight, const double *rows)
{
    const int64_t ld = chain->ld;
    double *scaled = chain->rows + RFI_CHAIN_ROWS * ld;
    int64_t j, k;
    for (k = 0; k < count; ++k)
        for (j = 0; j < ld; ++j)
            scaled[k * ld + j] = weight[k] * rows[k * ld + j];
    add_upper(chain, count, rows, scaled, 0);
}

void rfi_chain_add(rfi_chain *chain, int64_t count, const double *rows, const double *scaled)
{
    if (count > 0)
        add_upper(chain, count, rows, scaled, 1);
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
    if (chain->few.data != NULL) {
        rfi_chain_gather_rows(chain, problem, pattern);
        return;
    }
    memset(chain->pull, 0, (size_t)ld * sizeof(double));
    memset(chain->peak, 0, (size_t)(2 * ld) * sizeof(double));
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
        add_upper(chain, 0, NULL, NULL, 1);
    chain->moved = INFINITY;
    rfi_chain_raise_peak(chain);
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
