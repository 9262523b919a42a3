/* resting: see resting.h.
 * SPDX-License-Identifier: MIT */
#include "flow/resting.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* -Gamma of a line of a neuron at rest, all of whose data are idle for it; *moves: others act on them. */
static rfi_expsum pull_of(const rfi_segment *seg, const rfi_problem *problem, int64_t g, double *p,
                          int *moves)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const double a = problem->a[g / seg->lines];
    const int64_t line = g % seg->lines;
    rfi_expsum f = {seg->modes, seg->rate, p, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    double size = 0.0;
    int64_t m, j;
    *moves = 0;
    memset(p, 0, (size_t)seg->modes * sizeof(double));
    for (m = kinks->start[line]; m < kinks->start[line + 1]; ++m) {
        const int64_t i = kinks->member[m], k = seg->row_at[i];
        const double root = a * sqrt(problem->c[i]) * fabs(kinks->factor[i]);
        const double label = sqrt(problem->c[i]) * problem->data->y[i];
        size += fabs(root) * (fabs(label) + (k >= 0 ? seg->terms[k] : 0.0));
        f.start += root * (k >= 0 ? seg->residual[k] : -label);
        *moves |= k >= 0;
        for (j = 0; k >= 0 && j < seg->modes; ++j)
            p[j] -= root * seg->U[k * seg->most + j] * seg->pull[j];
    }
    f.floor = 16.0 * RFI_EPS * size;
    rfi_expsum_finish(&f, NULL, 0.0);
    return f;
}

/* The sign that f begins with: that of its slope where it starts at 0 to rounding, as when another neuron
 * had its event just where the residual of the datum went through 0.  0: neither is told from rounding. */
static double first_sign(const rfi_expsum *f)
{
    rfi_value v;
    if (fabs(f->start) > f->floor)
        return f->start > 0.0 ? 1.0 : -1.0;
    v = rfi_expsum_at(f, 0.0);
    return fabs(v.slope) <= v.slope_noise ? 0.0 : v.slope > 0.0 ? 1.0 : -1.0;
}

int rfi_resting_may_leave(const rfi_segment *seg, const rfi_problem *problem,
                          const rfi_pattern *pattern, double until, double *line)
{
    int64_t g;
    for (g = 0; g < pattern->lines && seg->neurons > 1; ++g) {
        rfi_expsum f;
        rfi_exit exit;
        double side;
        int moves;
        if (pattern->side[g] != RFI_REST_MINUS)
            continue;
        f = pull_of(seg, problem, g, line, &moves);
        side = moves ? first_sign(&f) : 0.0;
        if (side < 0.0)
            return 1;
        if (side == 0.0)
            continue;
        exit = rfi_expsum_exit(&f, 1.0, f.start > f.floor ? RFI_ON_SIDE : RFI_CROSSED, 0.0, until,
                               line + seg->modes);
        if (exit.tau <= until && !isinf(exit.tau))
            return 1;
    }
    return 0;
}
