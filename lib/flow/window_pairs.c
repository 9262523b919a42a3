/* window_pairs: the products of a window: rows of the candidates by powers of A = H - shift I, and by each other.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/num.h"
#include "flow/window_steps.h"

enum { LINES = RFI_WINDOW_LINES, ORDER = RFI_WINDOW_ORDER };

/* Columns of a panel of win->turn. */
enum { PANEL = 24, CHUNK = 64 };

/* The rows of P that are to be multiplied by those in panels. */
typedef struct {
    const rfi_window *win;
    const double *P;
    int64_t ld, rows, panels;
    double *G;
} pairing;

static int64_t panels_of(int64_t rows)
{
    return (rows + PANEL - 1) / PANEL;
}

/* Some elements of the rows as columns of panels, and zeros in what is left of the last one. */
static void transpose_chunk(void *context, int32_t member, int64_t index)
{
    const pairing *p = context;
    const int64_t ld = p->ld, end = rfi_smaller(ld, (index + 1) * CHUNK);
    int64_t k, c, i, j;
    (void)member;
    for (k = index * CHUNK; k < end; k += RFI_LANES)
        for (c = 0; c < p->panels * PANEL; c += RFI_LANES) {
            double *out = p->win->turn + c / PANEL * PANEL * ld + k * PANEL + c % PANEL;
            double block[RFI_LANES * RFI_LANES];
            for (j = 0; j < RFI_LANES; ++j)
                for (i = 0; i < RFI_LANES; ++i)
                    block[i * RFI_LANES + j] = c + j < p->rows ? p->P[(c + j) * ld + k + i] : 0.0;
            for (i = 0; i < RFI_LANES; ++i)
                memcpy(out + i * PANEL, block + i * RFI_LANES, sizeof(block) / RFI_LANES);
        }
}

static void transpose(const rfi_window *win, rfi_team *team, const double *P, int64_t rows, int64_t ld)
{
    pairing p = {win, P, ld, rows, panels_of(rows), NULL};
    rfi_team_run(team, 8 * rows * ld, (ld + CHUNK - 1) / CHUNK, transpose_chunk, &p);
}

/* The products with one panel: of a symmetric matrix up to what is left of the diagonal.  The longest panel comes
 * first, those of the second matrix after those of the first. */
static void multiply_panel(void *context, int32_t member, int64_t index)
{
    const pairing *p = context;
    const int64_t ld = p->ld, j = (p->panels - 1 - index % p->panels) * PANEL;
    const int64_t of = index / p->panels;
    const rfi_product product = {rfi_smaller(p->rows, j + PANEL), PANEL, ld, p->P + of * LINES * ld, ld, 1,
                                 p->win->turn + j * ld, PANEL, p->G + of * LINES * LINES + j, LINES,
                                 RFI_TILE_SET, NULL, 0};
    (void)member;
    p->win->product(&product);
}

/* The products of the first rows of P, and of so many such blocks after it, with the columns in win->turn, into as many
 * blocks of G: symmetric in the first rows and columns, so that half of these are formed. */
static void multiply_pairs(const rfi_window *win, rfi_team *team, const double *P, int64_t rows, int64_t columns,
                           int64_t blocks, int64_t ld, double *G)
{
    pairing p = {win, P, ld, rows, panels_of(columns), G};
    int64_t c, k, of;
    rfi_team_run(team, blocks * rows * columns * ld / 2, blocks * p.panels, multiply_panel, &p);
    for (of = 0; of < blocks; ++of, G += LINES * LINES)
        for (c = PANEL; c < rows; ++c)
            for (k = 0; k < c / PANEL * PANEL; ++k)
                G[c * LINES + k] = G[k * LINES + c];
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

double *rfi_window_slot(const rfi_window *win, int64_t slot, int64_t ld)
{
    return rows_in_slots(win, ld) + slot * ld;
}

const double *rfi_window_pair(rfi_window *win, const rfi_chain *chain)
{
    const int64_t ld = chain->ld;
    transpose(win, chain->team, rows_in_slots(win, ld), win->count, ld);
    multiply_pairs(win, chain->team, rows_in_slots(win, ld), win->count, win->count, 1, ld, pairs_in_slots(win));
    return pairs_in_slots(win);
}

void rfi_window_arrange(rfi_window *win, const rfi_chain *chain)
{
    const int64_t ld = chain->ld;
    const double *pairs = pairs_in_slots(win);
    double row[LINES];
    int64_t c, k;
    for (c = 0; c < win->count; ++c) {
        const double *from = pairs + win->candidate[c].slot * LINES;
        double *to = win->G + c * LINES;
        memcpy(win->P + c * ld, rfi_window_slot(win, win->candidate[c].slot, ld), (size_t)ld * sizeof(double));
        memset(to, 0, LINES * sizeof(double));
        for (k = 0; k < win->count; ++k)
            to[k] = from[win->candidate[k].slot];
    }
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
                                 win->work, (int32_t)(2 * LINES / RFI_TILE_PACK)};
    shift_diagonal(chain, win->shift);
    rfi_tile_run(win->product, &product, chain->team);
    restore_diagonal(chain);
    win->spent += (double)rows * (double)ld * (double)ld;
}

void rfi_window_multiply(rfi_window *win, rfi_chain *chain)
{
    const int64_t ld = chain->ld, block = LINES * ld;
    int64_t b;
    for (b = 1; b <= win->powers; ++b)
        rfi_window_times(win, chain, win->hot, win->P + (b - 1) * block, win->P + b * block);
    transpose(win, chain->team, win->P, win->count, ld);
    multiply_pairs(win, chain->team, win->P + block, win->hot, win->count, win->powers, ld,
                   win->G + LINES * LINES);
    for (b = 1; b <= win->powers; ++b) {
        transpose(win, chain->team, win->P + b * block, win->hot, ld);
        multiply_pairs(win, chain->team, win->P + win->powers * block, win->hot, win->hot, 1, ld,
                       win->G + (win->powers + b) * LINES * LINES);
    }
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

void rfi_window_heat(rfi_window *win, const rfi_chain *chain, int64_t candidate)
{
    const int64_t ld = chain->ld, block = LINES * ld, at = win->hot;
    int64_t k, c;
    exchange(win, chain, candidate, at);
    ++win->hot;
    for (k = 1; k <= win->powers; ++k)
        rfi_window_apply(win, chain, win->P + (k - 1) * block + at * ld, win->P + k * block + at * ld);
    for (k = 1; k <= 2 * win->powers; ++k) {
        const int64_t a = rfi_smaller(k, win->powers), count = k <= win->powers ? win->count : win->hot;
        double *G = win->G + k * LINES * LINES, *row = G + at * LINES;
        memset(row, 0, LINES * sizeof(double));
        chain->dense->dots(ld, count, win->P + a * block + at * ld, win->P + (k - a) * block, row);
        for (c = 0; c < at; ++c) {
            G[c * LINES + at] = row[c];
            if (k > win->powers)
                memset(G + c * LINES + win->hot, 0, (size_t)(LINES - win->hot) * sizeof(double));
        }
    }
}
