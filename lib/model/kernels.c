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
    return (count + LINE - 1) / LINE * LINE;
}

/* Rows go by fours. */
static int64_t block_count(int64_t n, int64_t d)
{
    int64_t blocks = (n * d + BLOCK_ELEMENTS - 1) / BLOCK_ELEMENTS;
    blocks = rfi_larger(1, rfi_smaller(blocks, MOST_BLOCKS));
    return rfi_smaller(blocks, (n + 3) / 4);
}

static int64_t block_begin(int64_t n, int64_t blocks, int64_t b)
{
    return b == 0 ? 0 : b == blocks ? n : (n + 3) / 4 * b / blocks * 4;
}

/* The weights, then for every block its part of the gradient, its loss and its scratch, each
 * from a cache line of its own on: a thread must not write to a line that another one uses. */
static int64_t block_stride(const rfi_problem *p)
{
    return whole_lines(rfi_weight_count(p)) + LINE + whole_lines(rfi_rows_scratch(p->neurons));
}

int64_t rfi_pass_work(const rfi_problem *problem)
{
    const int64_t weights = rfi_weight_count(problem);
    return LINE + whole_lines(weights)
           + block_count(problem->data->n, weights) * block_stride(problem);
}

typedef struct {
    const rfi_problem *problem;
    const rfi_pass *pass;
    const double *w;
    double *parts;
    int64_t blocks;
} blocked;

static double *part_of(const blocked *all, int64_t b)
{
    return all->parts + b * block_stride(all->problem);
}

static double *loss_of(const blocked *all, int64_t b)
{
    return part_of(all, b) + whole_lines(rfi_weight_count(all->problem));
}

static rf_status run_block(void *context, int32_t member, int64_t b)
{
    const blocked *all = context;
    const rfi_pass *pass = all->pass;
    const rfi_problem *p = all->problem;
    const rfi_data *data = p->data;
    const int64_t i = block_begin(data->n, all->blocks, b);
    const rfi_view x = rfi_row(data, i);
    double *part = part_of(all, b);
    rfi_rows rows = {0};
    (void)member;
    rows.X = x.single != NULL ? (const void *)x.single : (const void *)x.wide;
    rows.ld = data->X.ld;
    rows.count = block_begin(data->n, all->blocks, b + 1) - i;
    rows.d = data->d;
    rows.neurons = p->neurons;
    rows.pitch = data->n;
    rows.w = all->w;
    rows.a = p->a;
    rows.y = data->y + i;
    rows.c = p->uniform ? NULL : p->c + i;
    rows.weight = p->c[0];
    rows.slope = p->activation == RF_LINEAR ? 1.0 : p->slope;
    rows.state = pass->state != NULL ? pass->state + i : NULL;
    rows.on_kink = pass->on_kink != NULL ? pass->on_kink + i : NULL;
    rows.margins = pass->margins != NULL ? pass->margins + i : NULL;
    rows.residuals = pass->residuals != NULL ? pass->residuals + i : NULL;
    rows.pattern = pass->pattern != NULL ? pass->pattern + i : NULL;
    if (pass->gradient != NULL) {
        memset(part, 0, (size_t)rfi_weight_count(p) * sizeof(double));
        rows.gradient = part;
    }
    rows.stream = (data->n * data->d >= STREAM_ELEMENTS) + (data->n * data->d >= MEMORY_ELEMENTS);
    rows.scratch = loss_of(all, b) + LINE;
    *loss_of(all, b) = (x.single != NULL ? data->rows->of_float : data->rows->of_double)(&rows);
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
    if (threads > 1 && all->problem->data->n * rfi_weight_count(all->problem) >= THREAD_ELEMENTS
        && run_together(all, threads))
        return;
    for (b = 0; b < all->blocks; ++b)
        run_block(all, 0, b);
}

double rfi_pass_run(const rfi_problem *problem, const rfi_pass *pass)
{
    const int64_t weights = rfi_weight_count(problem);
    double *aligned = pass->work + (LINE - (uintptr_t)pass->work / sizeof(double) % LINE) % LINE;
    blocked all = {problem, pass, aligned, aligned + whole_lines(weights),
                   block_count(problem->data->n, weights)};
    double loss = 0.0;
    int64_t b;
    memcpy(aligned, pass->w, (size_t)weights * sizeof(double));
    run_blocks(&all, pass->threads);
    if (pass->gradient != NULL)
        memcpy(pass->gradient, part_of(&all, 0), (size_t)weights * sizeof(double));
    for (b = 0; b < all.blocks; ++b) {
        if (pass->gradient != NULL && b > 0)
            rfi_axpy(1.0, part_of(&all, b), pass->gradient, weights);
        loss += *loss_of(&all, b);
    }
    return 0.5 * loss;
}
