/* calm: lines that rounding keeps acting are put to rest on their kinks, and leave them as soon as more than rounding
 * moves them (docs/mathematics.md 3).
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "flow/flow.h"

/* An attempt to leave that ends at rest counts as so many acts: it is given up after some. */
enum { FUTILE = 16 };

/* 1 if line g was at rest before the event. */
static int rested(const rfi_flow *flow, int64_t g)
{
    return rfi_held(flow->pattern.side[g]) && flow->pattern.side[g] != RFI_SLIDE;
}

static void count_acts(rfi_flow *flow, int64_t g, int acts)
{
    flow->acts[g] = (uint8_t)(flow->acts[g] + acts < RFI_SPARED ? flow->acts[g] + acts : RFI_SPARED);
}

/* Counts what acts.  A line that has acted too often rests on its kink, unless it is pushed away from there. */
static int wear_out(rfi_flow *flow)
{
    int64_t g, k;
    int calmed = 0;
    for (k = 0; k < flow->next.count; ++k) {
        g = flow->next.arrival[k].line;
        if (flow->next.arrival[k].what == RFI_LEAVES_ORIGIN)
            continue;
        if (rested(flow, g)) {
            count_acts(flow, g, rfi_held(flow->fresh.side[g]) && flow->fresh.side[g] != RFI_SLIDE ? FUTILE : 1);
            calmed = 1;
            continue;
        }
        count_acts(flow, g, 1);
        if (flow->acts[g] >= RFI_MOST_ACTS)
            calmed |= rfi_flow_rest_line(flow, &flow->next.arrival[k]);
    }
    return calmed;
}

int rfi_flow_calm_down(rfi_flow *flow, double t)
{
    enum { MOST_TURNS = 4 };
    int64_t g, k;
    int calmed = wear_out(flow);
    if (rfi_flow_passes(flow, t)) {
        flow->standing = 0;
        memset(flow->turns, 0, (size_t)flow->fresh.lines);
        return calmed;
    }
    ++flow->standing;
    for (k = 0; k < flow->next.count; ++k) {
        g = flow->next.arrival[k].line;
        if (flow->next.arrival[k].what == RFI_LEAVES_ORIGIN || rested(flow, g))
            continue;
        flow->turns[g] = (uint8_t)(flow->turns[g] + (flow->turns[g] < RFI_PINNED - 1));
        calmed |= flow->next.arrival[k].what == RFI_ARRIVES && flow->pattern.stand[g] != RFI_ON_SIDE;
        if (flow->turns[g] >= MOST_TURNS)
            calmed |= rfi_flow_rest_line(flow, &flow->next.arrival[k]);
    }
    return calmed;
}

void rfi_flow_watch_rests(rfi_flow *flow)
{
    const rfi_segment *seg = &flow->segment;
    rfi_next *next = &flow->next;
    rfi_push push;
    double tau;
    int64_t k;
    if (!rfi_push_begin(&push, seg, flow->problem, &flow->pattern, &flow->ws))
        return;
    tau = rfi_push_first(&push, next->tau, flow->acts);
    if (isinf(tau))
        return;
    next->tau = tau;
    next->count = 0;
    for (k = 0; k < seg->held[0]; ++k)
        if (push.q[k] != 0.0) {
            const int32_t what = push.q[k] > 0.0 ? RFI_LEAVES_HIGH : RFI_LEAVES_LOW;
            const rfi_arrival arrival = {seg->slide[k], -1, what, tau, 0.0};
            next->arrival[next->count++] = arrival;
        }
}

int rfi_flow_rests(rfi_flow *flow)
{
    rfi_push push;
    return !rfi_push_begin(&push, &flow->segment, flow->problem, &flow->pattern, &flow->ws)
           || rfi_push_at(&push, INFINITY, NULL) == 0;
}
