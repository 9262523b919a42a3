/* kernels: the rows in blocks, the blocks on threads; model/rows.h has what is done with a row.
 * SPDX-License-Identifier: MIT */
#include "model/kernels.h"

#include <string.h>

#include "base/cpu.h"
#include "base/crew.h"
#include "base/num.h"

/* Elements of X per block, and the size from which threads pay: starting one costs some 20 us, in
 * which a core streams about 2^17 doubles. */
#define BLOCK_ELEMENTS ((int64_t)1 << 16)
#define THREAD_ELEMENTS ((int64_t)1 << 18)

/* From these sizes on X does not stay in the second cache, nor in the third (32 MiB, as many processors have). */
#define STREAM_ELEMENTS ((int64_t)1 << 18)
#define MEMORY_ELEMENTS ((int64_t)1 << 22)

enum {
    MOST_BLOCKS = 64,
    LINE = 8 /* doubles of a cache line */
};

static int64_t whole_lines(int64_t count)
{
    return (count + LINE - 1) & -LINE;
}

/* Rows go by fours. */
static int64_t block_count(int64_t n, int64_t d)
{
    const int64_t blocks = (n * d + BLOCK_ELEMENTS - 1) / BLOCK_ELEMENTS;
    return blocks <= 1 ? 1 : rfi_smaller(rfi_smaller(blocks, MOST_BLOCKS), (n + 3) / 4);
}

static int64_t block_begin(int64_t n, int64_t blocks, int64_t b)
{
    return b == 0 ? 0 : b == blocks ? n : (n + 3) / 4 * b / blocks * 4;
}

/* The weights, then for every block its part of the gradient, its loss and its scratch, each
 * from a cache line of its own on: a thread must not write to a line that another one uses. */
static int64_t block_stride(const rfi_problem *p, int64_t weights)
{
    return whole_lines(weights) + LINE + whole_lines(rfi_rows_scratch(p->neurons));
}

int64_t rfi_pass_work(const rfi_problem *problem)
{
    const int64_t weights = rfi_weight_count(problem);
    return LINE + whole_lines(weights) + block_count(problem->data->n, weights) * block_stride(problem, weights);
}

typedef struct {
    const rfi_problem *problem;
    const rfi_pass *pass;
    const double *w;
    double *first, *parts, *losses; /* first: the gradient of the first block */
    int64_t blocks, stride, weights;
} blocked;

static double *part_of(const blocked *all, int64_t b)
{
    return b == 0 ? all->first : all->parts + b * all->stride;
}

static double *loss_of(const blocked *all, int64_t b)
{
    return all->losses + b * all->stride;
}

static const uint8_t *bytes_from(const uint8_t *p, int64_t i)
{
    return p != NULL ? p + i : NULL;
}

static double *doubles_from(double *p, int64_t i)
{
    return p != NULL ? p + i : NULL;
}

static rf_status run_block(void *context, int32_t member, int64_t b)
{
    const blocked *all = context;
    const rfi_pass *pass = all->pass;
    const rfi_problem *p = all->problem;
    const rfi_data *data = p->data;
    const int64_t n = data->n, i = block_begin(n, all->blocks, b);
    const rfi_view x = rfi_row(data, i);
    double *loss = loss_of(all, b);
    const rfi_rows rows = {
        .X = x.single != NULL ? (const void *)x.single : (const void *)x.wide,
        .ld = data->X.ld,
        .count = block_begin(n, all->blocks, b + 1) - i,
        .d = data->d,
        .neurons = p->neurons,
        .pitch = n,
        .w = all->w,
        .a = p->a,
        .y = data->y + i,
        .c = p->uniform ? NULL : p->c + i,
        .weight = p->c[0],
        .slope = p->activation == RF_LINEAR ? 1.0 : p->slope,
        .state = bytes_from(pass->state, i),
        .on_kink = bytes_from(pass->on_kink, i),
        .margins = doubles_from(pass->margins, i),
        .residuals = doubles_from(pass->residuals, i),
        .pattern = pass->pattern != NULL ? pass->pattern + i : NULL,
        .gradient = pass->gradient != NULL ? part_of(all, b) : NULL,
        .stream = (n * data->d >= STREAM_ELEMENTS) + (n * data->d >= MEMORY_ELEMENTS),
        .scratch = loss + LINE,
    };
    (void)member;
    if (rows.gradient != NULL)
        memset(rows.gradient, 0, (size_t)all->weights * sizeof(double));
    *loss = (x.single != NULL ? data->rows->of_float : data->rows->of_double)(&rows);
    return RF_OK;
}

/* Returns 0 if no thread can be started. */
NEVER_INLINE int run_together(blocked *all, int32_t threads)
{
    rfi_crew crew = {0};
    crew.total = all->blocks;
    crew.members = threads < RFI_CREW_MOST ? threads : RFI_CREW_MOST;
    crew.job = run_block;
    crew.context = all;
    return rfi_crew_run(&crew) == RF_OK;
}

/* A crew that cannot start leaves everything to this thread. */
static void run_blocks(blocked *all, int32_t threads)
{
    int64_t b;
    if (threads > 1 && all->problem->data->n * all->weights >= THREAD_ELEMENTS
        && run_together(all, threads))
        return;
    for (b = 0; b < all->blocks; ++b)
        run_block(all, 0, b);
}

static int on_a_line(const double *p)
{
    return (uintptr_t)p % (LINE * sizeof(double)) == 0;
}

/* Weights and gradient that begin with a cache line are used where they are. */
double rfi_pass_run(const rfi_problem *problem, const rfi_pass *pass)
{
    const int64_t weights = rfi_weight_count(problem), lines = whole_lines(weights);
    double *aligned = pass->work + (LINE - (uintptr_t)pass->work / sizeof(double) % LINE) % LINE;
    double *parts = aligned + lines, loss = 0.0;
    blocked all = {problem, pass, pass->w, pass->gradient, parts, parts + lines,
                   block_count(problem->data->n, weights), block_stride(problem, weights), weights};
    int64_t b;
    if (!on_a_line(pass->w))
        all.w = memcpy(aligned, pass->w, (size_t)weights * sizeof(double));
    if (!on_a_line(pass->gradient))
        all.first = parts;
    run_blocks(&all, pass->threads);
    if (pass->gradient != NULL && all.first != pass->gradient)
        memcpy(pass->gradient, all.first, (size_t)weights * sizeof(double));
    for (b = 0; b < all.blocks; ++b) {
        if (pass->gradient != NULL && b > 0)
            rfi_axpy(1.0, part_of(&all, b), pass->gradient, weights);
        loss += *loss_of(&all, b);
    }
    return 0.5 * loss;
}
