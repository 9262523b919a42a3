/* kernels: dot, residual and axpy while a row is in cache.
 * SPDX-License-Identifier: MIT */
#include "model/kernels.h"

#include <pthread.h>
#include <string.h>

#include "base/num.h"

enum { MOST_BLOCKS = 64 };

/* Elements of X per block, and the size from which threads pay: starting one costs some 20 us, in
 * which a core streams about 2^17 doubles. */
#define BLOCK_ELEMENTS ((int64_t)1 << 16)
#define THREAD_ELEMENTS ((int64_t)1 << 18)

static int64_t block_count(int64_t n, int64_t d)
{
    int64_t blocks = (n * d + BLOCK_ELEMENTS - 1) / BLOCK_ELEMENTS;
    blocks = blocks < 1 ? 1 : blocks;
    blocks = blocks > MOST_BLOCKS ? MOST_BLOCKS : blocks;
    return blocks < n ? blocks : n;
}

int64_t rfi_pass_work(const rfi_problem *problem)
{
    const int64_t weights = rfi_weight_count(problem);
    return block_count(problem->data->n, weights) * (weights + 1);
}

/* One contiguous share of the blocks. */
typedef struct {
    const rfi_problem *problem;
    const rfi_pass *pass;
    int64_t first_block, last_block, blocks;
} share;

/* The slope of sigma at a pair, and its margin. */
static double slope_at(const rfi_problem *p, const rfi_pass *pass, int64_t pair, double *z)
{
    const int64_t n = p->data->n, d = p->data->d;
    int active;
    *z = pass->on_kink != NULL && pass->on_kink[pair]
             ? 0.0
             : rfi_dot(rfi_row(p->data, pair % n), pass->w + pair / n * d, d);
    active = pass->state != NULL ? pass->state[pair] == RFI_ACTIVE : *z > 0.0;
    if (pass->margins != NULL)
        pass->margins[pair] = *z;
    return active || p->activation == RF_LINEAR ? 1.0 : p->slope;
}

static double one_row(const rfi_problem *p, const rfi_pass *pass, int64_t i, double *gradient)
{
    const rfi_data *data = p->data;
    const double *x = rfi_row(data, i);
    double slope = 0.0, z, sum = 0.0, r;
    int64_t j;
    for (j = 0; j < p->neurons; ++j) {
        slope = slope_at(p, pass, j * data->n + i, &z);
        sum = j == 0 ? p->a[j] * (slope * z) : sum + p->a[j] * (slope * z);
    }
    r = sum - data->y[i];
    for (j = 0; gradient != NULL && j < p->neurons; ++j) {
        if (p->neurons > 1)
            slope = slope_at(p, pass, j * data->n + i, &z);
        if (slope != 0.0)
            rfi_axpy(p->c[i] * slope * p->a[j] * r, x, gradient + j * data->d, data->d);
    }
    if (pass->residuals != NULL)
        pass->residuals[i] = r;
    return 0.5 * p->c[i] * r * r;
}

static void run_blocks(const share *s)
{
    const int64_t n = s->problem->data->n, d = rfi_weight_count(s->problem);
    int64_t b, i;
    for (b = s->first_block; b < s->last_block; ++b) {
        double *partial = s->pass->work + b * (d + 1), loss = 0.0;
        double *gradient = s->pass->gradient != NULL ? partial : NULL;
        const int64_t last = n * (b + 1) / s->blocks;
        if (gradient != NULL)
            memset(gradient, 0, (size_t)d * sizeof(double));
        for (i = n * b / s->blocks; i < last; ++i)
            loss += one_row(s->problem, s->pass, i, gradient);
        partial[d] = loss;
    }
}

static void *thread_main(void *argument)
{
    run_blocks(argument);
    return NULL;
}

/* Runs the blocks on several threads; a thread that does not start leaves its share to this one. */
static void run_threads(const share *all, int64_t threads)
{
    enum { MOST = MOST_BLOCKS };
    pthread_t thread[MOST];
    share part[MOST];
    int started[MOST];
    int64_t k;
    if (threads > all->blocks)
        threads = all->blocks;
    for (k = 0; k < threads; ++k) {
        part[k] = *all;
        part[k].first_block = all->blocks * k / threads;
        part[k].last_block = all->blocks * (k + 1) / threads;
        started[k] = k > 0 && pthread_create(&thread[k], NULL, thread_main, &part[k]) == 0;
    }
    for (k = 0; k < threads; ++k)
        if (!started[k])
            run_blocks(&part[k]);
    for (k = 1; k < threads; ++k)
        if (started[k])
            pthread_join(thread[k], NULL);
}

double rfi_pass_run(const rfi_problem *problem, const rfi_pass *pass)
{
    const int64_t n = problem->data->n, d = rfi_weight_count(problem);
    share all = {problem, pass, 0, block_count(n, d), block_count(n, d)};
    double loss = 0.0;
    int64_t b;
    if (pass->threads > 1 && n * d >= THREAD_ELEMENTS)
        run_threads(&all, pass->threads);
    else
        run_blocks(&all);
    if (pass->gradient != NULL)
        memset(pass->gradient, 0, (size_t)d * sizeof(double));
    for (b = 0; b < all.blocks; ++b) {
        if (pass->gradient != NULL)
            rfi_axpy(1.0, pass->work + b * (d + 1), pass->gradient, d);
        loss += pass->work[b * (d + 1) + d];
    }
    return loss;
}
