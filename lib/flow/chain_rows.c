/* chain_rows: products with H by the rows that it is made of, where these are few; see chain.h.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/num.h"
#include "flow/chain.h"

/* Rows that are gone through at once: they are still in a cache when they are read for the second time. */
enum { BATCH = 8 };

int64_t rfi_chain_rows_room(const rfi_data *data)
{
    if (data->X.first.single == NULL)
        return 0;
    return data->d < RFI_CHAIN_WIDE ? BATCH : BATCH * RFI_CHAIN_PARTS;
}

/* Rows first .. last - 1 of at most BATCH, of double; those of single precision into room for them. */
static void take_rows(const rfi_chain *chain, int64_t first, int64_t last, double *room, const double **rows)
{
    const rfi_data *data = chain->few.data;
    int64_t i;
    for (i = first; i < last; ++i, room += chain->ld) {
        const rfi_view x = rfi_row(data, rfi_kinks_row(&data->kinks, chain->few.line[i]));
        if (x.wide == NULL)
            rfi_view_copy(x, room, chain->d);
        rows[i - first] = x.wide != NULL ? x.wide : room;
    }
}

/* y += sum of the rows first .. last - 1, each times f rate (row . x) or, without x, its pull. */
static void add_rows(const rfi_chain *chain, int64_t first, int64_t last, double f, const double *x, double *room,
                     double *y)
{
    const rfi_chain_lines *few = &chain->few;
    const double *rows[BATCH];
    double weight[BATCH];
    int64_t i, k, count;
    for (i = first; i < last; i += count) {
        count = last - i < BATCH ? last - i : BATCH;
        take_rows(chain, i, i + count, room, rows);
        if (x != NULL)
            chain->dense->each(chain->d, count, rows, x, weight);
        for (k = 0; k < count; ++k)
            weight[k] = x != NULL ? f * (few->rate[few->line[i + k]] * weight[k]) : few->pull[few->line[i + k]];
        chain->dense->combine(chain->d, count, weight, rows, y);
    }
}

/* A product in parts, each of whole batches but the last. */
typedef struct {
    const rfi_chain *chain;
    double f;
    const double *x;
    int64_t parts, batches;
} application;

static void apply_part(void *context, int32_t member, int64_t index)
{
    const application *a = context;
    const rfi_chain *chain = a->chain;
    const int64_t ld = chain->ld, first = a->batches * index / a->parts * BATCH;
    const int64_t last = rfi_smaller(a->batches * (index + 1) / a->parts * BATCH, chain->few.count);
    double *sum = chain->parts + index * ld;
    (void)member;
    memset(sum, 0, (size_t)ld * sizeof(double));
    add_rows(chain, first, last, a->f, a->x, chain->rows + index * BATCH * ld, sum);
}

double rfi_chain_apply_rows(const rfi_chain *chain, double f, const double *x, double *y)
{
    const int64_t ld = chain->ld;
    const int64_t batches = (chain->few.count + BATCH - 1) / BATCH;
    application a = {chain, f, x, rfi_smaller(batches, RFI_CHAIN_PARTS), batches};
    double square;
    int64_t part;
    memset(y, 0, (size_t)ld * sizeof(double));
    if (chain->d < RFI_CHAIN_WIDE || a.parts < 2) {
        add_rows(chain, 0, chain->few.count, f, x, chain->rows, y);
    } else {
        rfi_team_run(chain->team, 2 * chain->few.count * ld, a.parts, apply_part, &a);
        for (part = 0; part < a.parts; ++part)
            chain->dense->add(ld, 1.0, chain->parts + part * ld, y);
    }
    chain->dense->dots(ld, 1, y, y, &square);
    return square;
}

/* What a line adds to H and b with its data of f > 0 (upper) or f < 0 active, and those of the other sign not. */
static void weigh(rfi_chain *chain, const rfi_problem *problem, int64_t line, int upper)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const double a = problem->a[0];
    double rate = 0.0, pull = 0.0;
    int64_t m;
    for (m = kinks->start[line]; m < kinks->start[line + 1]; ++m) {
        const int64_t i = kinks->member[m];
        const double slope = upper == (kinks->factor[i] > 0.0) ? 1.0 : problem->slope;
        const double share = a * slope * kinks->factor[i];
        rate += problem->c[i] * share * share;
        pull += problem->c[i] * problem->data->y[i] * share;
    }
    chain->few.rate[line] = rate;
    chain->few.pull[line] = pull;
}

/* The lines with a slope, and b, by what they add. */
static void list_lines(rfi_chain *chain)
{
    rfi_chain_lines *few = &chain->few;
    int64_t g;
    few->count = 0;
    for (g = 0; g < few->data->kinks.count; ++g)
        if (few->rate[g] != 0.0 || few->pull[g] != 0.0)
            few->line[few->count++] = g;
    memset(chain->b, 0, (size_t)chain->ld * sizeof(double));
    add_rows(chain, 0, few->count, 0.0, NULL, chain->rows, chain->b);
}

void rfi_chain_gather_rows(rfi_chain *chain, const rfi_problem *problem, const rfi_pattern *pattern)
{
    int64_t g;
    for (g = 0; g < pattern->lines; ++g)
        weigh(chain, problem, g, rfi_chain_upper(pattern->side[g]));
    list_lines(chain);
}

void rfi_chain_turn_row(rfi_chain *chain, const rfi_problem *problem, int64_t line, int upper)
{
    weigh(chain, problem, line, upper);
    list_lines(chain);
}

double rfi_chain_trace_rows(const rfi_chain *chain)
{
    const rfi_chain_lines *few = &chain->few;
    double sum = 0.0;
    int64_t i;
    for (i = 0; i < few->count; ++i) {
        const double norm = few->data->norm[rfi_kinks_row(&few->data->kinks, few->line[i])];
        sum += few->rate[few->line[i]] * norm * norm;
    }
    return sum;
}

void rfi_chain_copy_rows(rfi_chain *chain, const rfi_chain *from)
{
    const size_t lines = (size_t)from->few.data->kinks.count;
    memcpy(chain->few.rate, from->few.rate, lines * sizeof(double));
    memcpy(chain->few.pull, from->few.pull, lines * sizeof(double));
    list_lines(chain);
}
