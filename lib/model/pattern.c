/* pattern: see pattern.h.
 * SPDX-License-Identifier: MIT */
#include "model/pattern.h"

#include <string.h>

#include "model/kernels.h"

int rfi_pattern_create(rfi_pattern *pattern, int64_t lines, const rf_allocator *allocator)
{
    memset(pattern, 0, sizeof(*pattern));
    pattern->lines = lines;
    pattern->side = rfi_alloc(allocator, lines, sizeof(*pattern->side) + 2 * sizeof(*pattern->stand));
    if (pattern->side == NULL)
        return -1;
    pattern->stand = (uint8_t *)(pattern->side + lines);
    pattern->bound = pattern->stand + lines;
    return 0;
}

void rfi_pattern_copy(rfi_pattern *pattern, const rfi_pattern *from)
{
    const size_t bytes = (size_t)from->lines;
    if (bytes > 0) {
        memcpy(pattern->side, from->side, bytes);
        memcpy(pattern->stand, from->stand, bytes);
        memcpy(pattern->bound, from->bound, bytes);
    }
}

void rfi_pattern_free(rfi_pattern *pattern, const rf_allocator *allocator)
{
    rfi_free(allocator, pattern->side);
    memset(pattern, 0, sizeof(*pattern));
}

/* The datum of a pair; of one neuron without a division, which takes longer than all else. */
static int64_t datum_of(const rfi_problem *problem, int64_t i)
{
    return i < problem->data->n ? i : i % problem->data->n;
}

/* The line of a pair, -1 for a zero row. */
static int64_t line_of(const rfi_problem *problem, int64_t i)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const int64_t n = problem->data->n, line = kinks->line[datum_of(problem, i)];
    return line < 0 || i < n ? line : i / n * kinks->count + line;
}

/* 1 if a datum pulls on the side where its line g is, or rests. */
static int pulls(const rfi_problem *problem, const rfi_pattern *pattern, int64_t g, int64_t datum)
{
    return (pattern->side[g] > 0) == (problem->data->kinks.factor[datum] > 0.0);
}

/* 1 if a line at rest is held on its kink by a pull of its own data: theta_i gamma_i != 0 of one.  With
 * Gamma = 0 both sides pull alike and nothing is held.  In a network the pulls move: one that is 0 is
 * that only now. */
static int held_by_force(const rfi_problem *problem, const rfi_pattern *pattern, int64_t g)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    const int64_t line = g % kinks->count;
    const int moves = problem->neurons > 1;
    int64_t k;
    for (k = kinks->start[line]; k < kinks->start[line + 1] && (moves || problem->jump[line] != 0.0);
         ++k)
        if ((moves || problem->data->y[kinks->member[k]] != 0.0)
            && pulls(problem, pattern, g, kinks->member[k]))
            return 1;
    return 0;
}

uint8_t rfi_pattern_datum(const rfi_problem *problem, const rfi_pattern *pattern, int64_t i)
{
    const int64_t g = line_of(problem, i);
    if (g < 0 || rfi_at_origin(pattern->side[g]))
        return RFI_INACTIVE;
    if (pattern->side[g] == RFI_SLIDE)
        return RFI_SLIDING;
    if (rfi_held(pattern->side[g]) && problem->activation != RF_LINEAR)
        return held_by_force(problem, pattern, g) ? RFI_SLIDING : RFI_INACTIVE;
    return pulls(problem, pattern, g, datum_of(problem, i)) ? RFI_ACTIVE : RFI_INACTIVE;
}

void rfi_pattern_states(const rfi_problem *problem, const rfi_pattern *pattern, uint8_t *state)
{
    int64_t i;
    for (i = 0; i < rfi_pair_count(problem); ++i)
        state[i] = rfi_pattern_datum(problem, pattern, i);
}

double rfi_pattern_drive(const rfi_problem *problem, const rfi_pattern *pattern, int64_t i)
{
    const int64_t g = line_of(problem, i);
    return g >= 0 && rfi_at_origin(pattern->side[g]) ? 0.0 : rfi_pattern_slope(problem, pattern, i);
}

double rfi_pattern_slope(const rfi_problem *problem, const rfi_pattern *pattern, int64_t i)
{
    const int64_t g = line_of(problem, i);
    if (g < 0 || pattern->side[g] == RFI_SLIDE)
        return 0.0;
    if (rfi_at_origin(pattern->side[g]))
        return problem->slope;
    return pulls(problem, pattern, g, datum_of(problem, i)) ? 1.0 : problem->slope;
}
