/* window_pairs: the products of a window: rows of the candidates by powers of A = H - shift I, and by each other.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/num.h"
#include "flow/window_steps.h"

enum { LINES = RFI_WINDOW_LINES, ORDER = RFI_WINDOW_ORDER };

/* Columns of a panel. */
enum { PANEL = RFI_LANES };

/* Rows by rows: those of A, and of so many such blocks behind it, by those of B, and of as many. */
typedef struct {
    const rfi_window *win;
    const rfi_dense *dense;
    int64_t rows, others, ld;
    const double *A, *B;
    const float *A_single, *B_single; /* instead, if these are not NULL */
    int64_t ld_single;
    int64_t panels;
    double *G;
} pairing;

/* The products with one panel of others, up to what is left of the diagonal and mirrored below it, and zeros behind the
 * last; the longest panel comes first. */
static void multiply_panel(void *context, int32_t member, int64_t index)
{
    const pairing *p = context;
    const rfi_tiles *tiles = p->win->tiles;
    const int64_t j = (p->panels - 1 - index) * PANEL, left = rfi_smaller(PANEL, p->others - j);
    const int64_t rows = rfi_smaller(p->rows, j + PANEL);
    double *G = p->G + j;
    int64_t c, k;
    (void)member;
    if (p->A_single != NULL) {
        const int64_t ld = p->ld_single;
        const rfi_pairs_single pairs = {rows, left, ld, p->A_single, ld, p->B_single + j * ld, ld, G, LINES};
        tiles->pairs_single(&pairs);
    } else {
        const rfi_pairs pairs = {rows, left, p->ld, p->A, p->ld, p->B + j * p->ld, p->ld, G, LINES};
        tiles->pairs(&pairs);
    }
    for (c = 0; c < rows; ++c)
        for (k = left; k < PANEL; ++k)
            G[c * LINES + k] = 0.0;
    if (j < p->rows)
        p->dense->turn(j, LINES, G, p->G + j * LINES);
}

/* G is symmetric in the first rows and columns, so that half of these are formed. */
static void multiply_pairs(pairing p, rfi_team *team)
{
    p.panels = (p.others + PANEL - 1) / PANEL;
    rfi_team_run(team, p.rows * p.others * p.ld / 2, p.panels, multiply_panel, &p);
}

/* Where the rows of the candidates in their slots are, and their products: where their first powers will be. */
static double *rows_in_slots(const rfi_window *win, int64_t ld)
{
    return win->P + LINES * ld;
}

static double *pairs_in_slots(const rfi_window *win)
{
    return win->G + LINES * LINES;
}

/* Candidates of one job. */
enum { SOME = 8 };

typedef struct {
    const rfi_window *win;
    const rfi_problem *problem;
    int64_t ld;
} copying;

/* The rows of some candidates, into their slots. */
static void take_some(void *context, int32_t member, int64_t index)
{
    const copying *of = context;
    const rfi_data *data = of->problem->data;
    const int64_t ld = of->ld, last = rfi_smaller(of->win->count, (index + 1) * SOME);
    int64_t c;
    (void)member;
    for (c = index * SOME; c < last; ++c) {
        double *x = rows_in_slots(of->win, ld) + c * ld;
        rfi_view_copy(rfi_row(data, rfi_kinks_row(&data->kinks, of->win->candidate[c].line)), x, data->d);
        memset(x + data->d, 0, (size_t)(ld - data->d) * sizeof(double));
    }
}

/* Those of their slots, in the order of the candidates. */
static void arrange_some(void *context, int32_t member, int64_t index)
{
    const copying *of = context;
    const rfi_candidate *candidate = of->win->candidate;
    const int64_t ld = of->ld, last = rfi_smaller(of->win->count, (index + 1) * SOME);
    int64_t c, k;
    (void)member;
    for (c = index * SOME; c < last; ++c) {
        const double *row = rows_in_slots(of->win, ld) + candidate[c].slot * ld;
        const double *pairs = pairs_in_slots(of->win) + candidate[c].slot * LINES;
        double *to = of->win->G + c * LINES;
        memcpy(of->win->P + c * ld, row, (size_t)ld * sizeof(double));
        for (k = 0; k < of->win->count; ++k)
            to[k] = pairs[candidate[k].slot];
        memset(to + k, 0, (size_t)(LINES - k) * sizeof(double));
    }
}

static void copy_rows(const rfi_window *win, const rfi_chain *chain, const rfi_problem *problem, rfi_team_job some)
{
    copying of = {win, problem, chain->ld};
    rfi_team_run(chain->team, win->count * chain->ld, (win->count + SOME - 1) / SOME, some, &of);
}

const double *rfi_window_pair(rfi_window *win, const rfi_chain *chain, const rfi_problem *problem)
{
    const int64_t ld = chain->ld;
    const double *rows = rows_in_slots(win, ld);
    const pairing p = {win,  chain->dense, win->count, win->count, ld, rows, rows,
                       NULL, NULL,         0,          0,          pairs_in_slots(win)};
    copy_rows(win, chain, problem, take_some);
    multiply_pairs(p, chain->team);
    return pairs_in_slots(win);
}

void rfi_window_arrange(rfi_window *win, const rfi_chain *chain)
{
    double row[LINES];
    int64_t c, k;
    copy_rows(win, chain, NULL, arrange_some);
    for (k = 0; k <= chain->order; ++k) {
        memcpy(row, win->c + k * LINES, sizeof(row));
        memset(win->c + k * LINES, 0, sizeof(row));
        for (c = 0; c < win->count; ++c)
            win->c[k * LINES + c] = row[win->candidate[c].slot];
    }
}

/* A = H - shift I in the place of H; its diagonal was kept in chain->y. */
static void shift_diagonal(const rfi_chain *chain, double shift)
{
    int64_t k;
    for (k = 0; k < chain->d; ++k) {
        double *at = chain->H + k * (chain->ld + 1);
        chain->y[k] = *at;
        *at -= shift;
    }
}

static void restore_diagonal(const rfi_chain *chain)
{
    int64_t k;
    for (k = 0; k < chain->d; ++k)
        chain->H[k * (chain->ld + 1)] = chain->y[k];
}

void rfi_window_times(rfi_window *win, rfi_chain *chain, int64_t rows, const double *A, double *out)
{
    const int64_t ld = chain->ld;
    const rfi_product product = {rows, ld, chain->d, A, ld, 1, chain->H, ld, out, ld, RFI_TILE_SET,
                                 win->work, (int32_t)(2 * LINES / RFI_TILE_PACK), NULL};
    shift_diagonal(chain, win->shift);
    rfi_tile_run(win->tiles->product, &product, chain->team);
    restore_diagonal(chain);
    win->spent += (double)rows * (double)ld * (double)ld;
}

/* Rows in single precision: those of x A^power.  They are in the place of the powers from 2 on. */
static float *singles(const rfi_window *win, int64_t power, int64_t ld)
{
    return (float *)(void *)(win->P + 2 * LINES * ld) + power * LINES * rfi_padded_single(ld);
}

static void round_rows(int64_t rows, int64_t ld, const double *from, float *to)
{
    const int64_t wide = rfi_padded_single(ld);
    int64_t c, k;
    for (c = 0; c < rows; ++c) {
        for (k = 0; k < ld; ++k)
            to[c * wide + k] = (float)from[c * ld + k];
        for (; k < wide; ++k)
            to[c * wide + k] = 0.0f;
    }
}

/* The second power and its products in single precision. */
static void multiply_single(rfi_window *win, rfi_chain *chain)
{
    const int64_t ld = chain->ld, wide = rfi_padded_single(ld);
    float *S0 = singles(win, 0, ld), *S1 = singles(win, 1, ld), *S2 = singles(win, 2, ld);
    const rfi_product_single product = {win->hot, ld, chain->d, S1, wide, 1, chain->H, ld, S2, wide, RFI_TILE_SET,
                                        (float *)(void *)win->work, (int32_t)(4 * LINES / RFI_TILE_PACK_SINGLE)};
    pairing p = {win, chain->dense, win->hot, win->count, ld, NULL, NULL, S2, NULL, wide, 0, win->G + LINES * LINES};
    int64_t b;
    round_rows(win->count, ld, win->P, S0);
    round_rows(win->hot, ld, win->P + LINES * ld, S1);
    shift_diagonal(chain, win->shift);
    rfi_tile_run_single(win->tiles, &product, chain->team);
    restore_diagonal(chain);
    for (b = 0; b <= 2; ++b) {
        p.B_single = singles(win, b, ld);
        p.others = b == 0 ? win->count : win->hot;
        p.G += LINES * LINES;
        multiply_pairs(p, chain->team);
    }
}

void rfi_window_multiply(rfi_window *win, rfi_chain *chain)
{
    const int64_t ld = chain->ld, block = LINES * ld, last = win->single ? 1 : win->powers;
    pairing p = {win, chain->dense, win->hot, win->count, ld, NULL, win->P, NULL, NULL, 0, 0, win->G};
    int64_t b;
    for (b = 1; b <= last; ++b) {
        rfi_window_times(win, chain, win->hot, win->P + (b - 1) * block, win->P + b * block);
        p.A = win->P + b * block;
        p.G += LINES * LINES;
        multiply_pairs(p, chain->team);
    }
    p.others = win->hot;
    for (b = 1; b <= win->powers && !win->single; ++b) {
        p.B = win->P + b * block;
        p.G += LINES * LINES;
        multiply_pairs(p, chain->team);
    }
    if (win->single)
        multiply_single(win, chain);
    memset(win->D, 0, (size_t)((2 * win->powers + 2 + ORDER) * LINES) * sizeof(double));
}

void rfi_window_apply(const rfi_window *win, const rfi_chain *chain, const double *x, double *y)
{
    rfi_chain_apply(chain, 1.0, x, y);
    if (win->shift != 0.0)
        chain->dense->add(chain->ld, -win->shift, x, y);
}

static void swap(int64_t count, int64_t step, double *x, double *y)
{
    int64_t k;
    for (k = 0; k < count * step; k += step) {
        const double kept = x[k];
        x[k] = y[k];
        y[k] = kept;
    }
}

/* Two candidates that are not hot change places. */
static void exchange(rfi_window *win, const rfi_chain *chain, int64_t a, int64_t b)
{
    const int64_t ld = chain->ld;
    const rfi_candidate kept = win->candidate[a];
    int64_t k;
    if (a == b)
        return;
    win->candidate[a] = win->candidate[b];
    win->candidate[b] = kept;
    swap(ld, 1, win->P + a * ld, win->P + b * ld);
    swap(chain->order + 1, LINES, win->c + a, win->c + b);
    swap(LINES, 1, win->G + a * LINES, win->G + b * LINES);
    for (k = 0; k <= win->powers; ++k)
        swap(k == 0 ? win->count : win->hot, LINES, win->G + k * LINES * LINES + a, win->G + k * LINES * LINES + b);
}

/* The row x A^power of a candidate from the one before, into P or, of single precision, by way of win->work. */
static const double *raise_row(rfi_window *win, const rfi_chain *chain, int64_t at, int64_t power)
{
    const int64_t ld = chain->ld, block = LINES * ld;
    const int single = win->single && power == 2;
    double *to = single ? win->work : win->P + power * block + at * ld;
    rfi_window_apply(win, chain, win->P + (power - 1) * block + at * ld, to);
    if (single)
        round_rows(1, ld, to, singles(win, power, ld) + at * rfi_padded_single(ld));
    return to;
}

/* Its products x A^k x_j with the hot candidates, or for the first powers all of them. */
static void multiply_row(rfi_window *win, const rfi_chain *chain, int64_t at, const double *row, int64_t power,
                         int64_t other)
{
    const int64_t ld = chain->ld, wide = rfi_padded_single(ld), count = other == 0 ? win->count : win->hot;
    double *out = win->G + (power + other) * LINES * LINES + at * LINES;
    memset(out, 0, LINES * sizeof(double));
    if (win->single && other == 2) {
        const float *S = singles(win, 2, ld);
        const rfi_pairs_single pairs = {1, count, wide, S + at * wide, wide, S, wide, out, LINES};
        win->tiles->pairs_single(&pairs);
    } else {
        chain->dense->dots(ld, count, row, win->P + other * LINES * ld, out);
    }
}

void rfi_window_heat(rfi_window *win, const rfi_chain *chain, int64_t candidate)
{
    const int64_t at = win->hot;
    const double *row = NULL;
    int64_t k, c;
    exchange(win, chain, candidate, at);
    ++win->hot;
    for (k = 1; k <= 2 * win->powers; ++k) {
        const int64_t power = rfi_smaller(k, win->powers);
        double *G = win->G + k * LINES * LINES;
        if (k <= win->powers)
            row = raise_row(win, chain, at, k);
        multiply_row(win, chain, at, row, power, k - power);
        for (c = 0; c < at; ++c) {
            G[c * LINES + at] = G[at * LINES + c];
            if (k > win->powers)
                memset(G + c * LINES + win->hot, 0, (size_t)(LINES - win->hot) * sizeof(double));
        }
    }
}

void rfi_window_combine(const rfi_window *win, const rfi_chain *chain, const double *weight, int64_t power, double sign,
                        double *out)
{
    const int64_t ld = chain->ld, wide = rfi_padded_single(ld);
    const float *S = singles(win, power, ld);
    int64_t c, k;
    if (power < 2 || !win->single) {
        const rfi_product product = {1, ld, win->used, weight, LINES, 1, win->P + power * LINES * ld, ld, out, ld,
                                     sign > 0.0 ? RFI_TILE_ADD : RFI_TILE_SUBTRACT, NULL, 0, NULL};
        win->tiles->product(&product);
        return;
    }
    for (c = 0; c < win->used; ++c)
        for (k = 0; k < ld; ++k)
            out[k] += sign * weight[c] * (double)S[c * wide + k];
}
