/* window_norm: what bounds H and A = H - shift I in a window (docs/mathematics.md 6).
 *
 * The largest sum of sizes in a row of H bounds |H|, at the cost of one look at H.  Where windows have cost as much as
 * some products of matrices, A = H - (tr H/d) I is squared: |A|^4 <= tr A^4.  From then on tr A^4 follows the
 * windows, E = sum g x x^T over the lines that have turned:
 *
 *     tr (A + E)^4 = tr A^4 + 4 tr A^3 E + 4 tr A^2 E^2 + 2 tr A E A E + 4 tr A E^3 + tr E^4,
 *
 * of which the products x A^k x at hand know all.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "flow/window_steps.h"

enum { LINES = RFI_WINDOW_LINES };

/* Products of matrices that windows have cost before A is squared, which is one. */
#define SOME 2.0

/* The largest sum of sizes in a row of H. */
static double row_norm(const rfi_chain *chain)
{
    double most = 0.0;
    int64_t j, k;
    int i;
    for (j = 0; j < chain->d; ++j) {
        const double *row = chain->H + j * chain->ld;
        double part[RFI_LANES] = {0.0}, sum = 0.0;
        for (k = 0; k < chain->ld; k += RFI_LANES)
            for (i = 0; i < RFI_LANES; ++i)
                part[i] += fabs(row[k + i]);
        for (i = 0; i < RFI_LANES; ++i)
            sum += part[i];
        most = fmax(most, sum);
    }
    return most * (1.0 + 1e-9);
}

double rfi_window_stiffness(const rfi_window *win, const double *G, int64_t count, int turned_only)
{
    double root[LINES], most = 0.0;
    int64_t c, j;
    for (c = 0; c < count; ++c) { /* opposite rows share a line, and h may have either sign */
        const double h = win->candidate[c].h;
        root[c] = !turned_only || win->candidate[c].turned * h > 0.0 ? sqrt(fabs(h)) : 0.0;
    }
    for (c = 0; c < count; ++c) {
        double sum = 0.0;
        for (j = 0; j < count && root[c] > 0.0; ++j)
            sum += root[j] * fabs(G[c * LINES + j]);
        most = fmax(most, root[c] * sum);
    }
    return most * (1.0 + 1e-9);
}

/* What tr A^4 says, with what it may have lost. */
static void take_fourth(rfi_window *win)
{
    win->spread = sqrt(sqrt(win->fourth + win->lost)) * (1.0 + 1e-9);
    win->norm = win->shift + win->spread;
}

/* tr A^4: the sum of the squares of A^2, some rows at a time. */
static void square(rfi_window *win, rfi_chain *chain)
{
    const int64_t d = chain->d, ld = chain->ld;
    double *rows = win->P, *out = win->P + LINES * ld, sum = 0.0;
    int64_t j, k;
    win->shift = rfi_chain_trace(chain) / (double)d;
    for (j = 0; j < d; j += LINES) {
        const int64_t count = rfi_smaller(LINES, d - j);
        memcpy(rows, chain->H + j * ld, (size_t)(count * ld) * sizeof(double));
        for (k = 0; k < count; ++k)
            rows[k * ld + j + k] -= win->shift;
        rfi_window_times(win, chain, count, rows, out);
        for (k = 0; k < count; ++k) {
            double part;
            chain->dense->dots(ld, 1, out + k * ld, out + k * ld, &part);
            sum += part;
        }
    }
    win->fourth = sum;
    win->lost = 1e-9 * sum;
    win->spent = 0.0;
    take_fourth(win);
}

/* H has changed otherwise than by windows. */
static void follow_moves(rfi_window *win, rfi_chain *chain)
{
    const double moved = chain->moved;
    chain->moved = 0.0;
    if (!(moved > 0.0))
        return;
    if (!(moved < win->norm)) {
        win->norm = win->fourth = 0.0;
        return;
    }
    win->norm += moved;
    win->spread += moved;
    if (win->fourth > 0.0) /* (tr A^4)^{1/4} is a norm: it moves by no more than |E| */
        win->lost = rfi_raised(win->spread, 4) - win->fourth;
}

void rfi_window_bound(rfi_window *win, rfi_chain *chain)
{
    const double d = (double)chain->d;
    follow_moves(win, chain);
    if (win->fourth > 0.0) {
        const double off = rfi_chain_trace(chain) / d - win->shift;
        if (win->lost <= 0.5 * win->fourth && fabs(off) <= 0.25 * win->spread)
            return;
        win->norm = win->fourth = 0.0;
    }
    if (win->spent >= SOME * d * d * d) {
        square(win, chain);
        return;
    }
    if (!(win->norm > 0.0) || win->norm > 1.1 * win->known) {
        win->norm = win->known = win->spread = row_norm(chain);
        win->shift = 0.0;
    }
}

/* The terms of tr (A + E)^4 beyond tr A^4, and the sum of their sizes in *size; E by g. */
static double terms(const rfi_window *win, const double *g, double *size)
{
    const int64_t n = win->used, block = LINES * LINES;
    const double *G0 = win->G, *G1 = G0 + block, *G2 = G1 + block, *G3 = G2 + block;
    double sum = 0.0;
    int64_t c, j;
    *size = 0.0;
    for (c = 0; c < n; ++c) {
        double scaled[LINES] = {0.0}, M[LINES], row = 4.0 * G3[c * LINES + c];
        const rfi_product product = {1,     rfi_padded(n), n, scaled,       LINES, 1, G0,
                                     LINES, M,             LINES, RFI_TILE_SET, NULL,  0, NULL};
        double sizes = fabs(row);
        if (g[c] == 0.0)
            continue;
        for (j = 0; j < n; ++j)
            scaled[j] = g[j] * G0[c * LINES + j];
        win->tiles->product(&product);
        for (j = 0; j < n; ++j) {
            const int64_t at = c * LINES + j;
            const double first = 4.0 * G2[at] * G0[at], second = 2.0 * G1[at] * G1[at],
                         third = 4.0 * G1[at] * M[j], fourth = M[j] * M[j];
            row += g[j] * (first + second + third + fourth);
            sizes += fabs(g[j]) * (fabs(first) + second + fabs(third) + fourth);
        }
        sum += g[c] * row;
        *size += fabs(g[c]) * sizes;
    }
    return sum;
}

void rfi_window_follow(rfi_window *win)
{
    double g[LINES] = {0.0}, sum, size;
    int64_t c;
    if (!(win->fourth > 0.0)) {
        win->norm += rfi_window_stiffness(win, win->G, win->used, 1);
        win->spread = win->norm;
        return;
    }
    for (c = 0; c < win->used; ++c)
        g[c] = win->candidate[c].turned * win->candidate[c].h;
    sum = terms(win, g, &size);
    win->fourth += sum;
    win->lost += win->rounding * size;
    if (win->fourth > 0.0)
        take_fourth(win);
    else
        win->norm = win->fourth = 0.0;
}
