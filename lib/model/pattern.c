/* pattern: see pattern.h.
 * SPDX-License-Identifier: MIT */
#include "model/pattern.h"

#include <string.h>

#include "model/kernels.h"

int rfi_pattern_create(rfi_pattern *pattern, int64_t lines, const rf_allocator *allocator)
{
    memset(pattern, 0, sizeof(*pattern));
    pattern->lines = lines;
    pattern->side = rfi_alloc(allocator, lines, sizeof(*pattern->side));
    pattern->stand = rfi_alloc(allocator, lines, sizeof(*pattern->stand));
    pattern->bound = rfi_alloc(allocator, lines, sizeof(*pattern->bound));
    if (pattern->side == NULL || pattern->stand == NULL || pattern->bound == NULL) {
        rfi_pattern_free(pattern, allocator);
        return -1;
    }
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
    pattern->stopped = from->stopped;
}

void rfi_pattern_free(rfi_pattern *pattern, const rf_allocator *allocator)
{
    rfi_free(allocator, pattern->side);
    rfi_free(allocator, pattern->stand);
    rfi_free(allocator, pattern->bound);
    memset(pattern, 0, sizeof(*pattern));
}

/* 1 if a datum pulls on the side where its line is, or rests. */
static int pulls(const rfi_problem *problem, const rfi_pattern *pattern, int64_t i)
{
    const int64_t g = problem->data->kinks.line[i];
    return (pattern->side[g] > 0) == (problem->data->kinks.factor[i] > 0.0);
}

/* 1 if a line at rest is held on its kink by a pull of its own data: theta_i gamma_i != 0 of one.  With
 * Gamma = 0 both sides pull alike and nothing is held. */
static int held_by_force(const rfi_problem *problem, const rfi_pattern *pattern, int64_t g)
{
    const rfi_kinks *kinks = &problem->data->kinks;
    int64_t k;
    for (k = kinks->start[g]; k < kinks->start[g + 1] && problem->jump[g] != 0.0; ++k)
        if (problem->data->y[kinks->member[k]] != 0.0 && pulls(problem, pattern, kinks->member[k]))
            return 1;
    return 0;
}

uint8_t rfi_pattern_datum(const rfi_problem *problem, const rfi_pattern *pattern, int64_t i)
{
    const int64_t g = problem->data->kinks.line[i];
    if (g < 0 || pattern->stopped)
        return RFI_INACTIVE;
    if (pattern->side[g] == RFI_SLIDE)
        return RFI_SLIDING;
    if (rfi_held(pattern->side[g]) && problem->activation != RF_LINEAR)
        return held_by_force(problem, pattern, g) ? RFI_SLIDING : RFI_INACTIVE;
    return pulls(problem, pattern, i) ? RFI_ACTIVE : RFI_INACTIVE;
}

void rfi_pattern_states(const rfi_problem *problem, const rfi_pattern *pattern, uint8_t *state)
{
    int64_t i;
    for (i = 0; i < problem->data->n; ++i)
        state[i] = rfi_pattern_datum(problem, pattern, i);
}

double rfi_pattern_slope(const rfi_problem *problem, const rfi_pattern *pattern, int64_t i)
{
    const int64_t g = problem->data->kinks.line[i];
    if (g < 0 || (pattern->side[g] == RFI_SLIDE && !pattern->stopped))
        return 0.0;
    return !pattern->stopped && pulls(problem, pattern, i) ? 1.0 : problem->slope;
}
