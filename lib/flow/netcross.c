/* netcross: an event of several neurons, found and decided by the follower, becomes part of flow and record.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "flow/flow.h"

rf_status rfi_flow_cross_net(rfi_flow *flow, rfi_record *record)
{
    const rfi_kinks *kinks = &flow->problem->data->kinks;
    rfi_netfollower *net = &flow->follower.net;
    const rfi_stretch stretch = {net->time, net->time, 0.0, 0, record->events, record->changes};
    rfi_pattern *pattern = &flow->pattern;
    int64_t k;
    if (rfi_record_reserve(record, net->hits, net->hits) != 0)
        return RF_ERROR_MEMORY;
    memset(pattern->stand, RFI_ON_SIDE, (size_t)pattern->lines);
    memset(pattern->bound, RFI_INSIDE, (size_t)pattern->lines);
    for (k = 0; k < net->hits; ++k) {
        const rfi_hit *hit = &net->hit[k];
        const int64_t datum = kinks->row[hit->i], line = hit->j * kinks->count + hit->i;
        const int64_t pair = hit->j * flow->problem->data->n + datum;
        const rfi_change change = {line, hit->to, hit->stand, RFI_INSIDE};
        const uint8_t before = rfi_pattern_datum(flow->problem, pattern, pair);
        rf_event event = {net->time, datum, hit->j, 0, 0};
        pattern->side[line] = hit->to;
        pattern->stand[line] = hit->stand;
        event.kind =
            rfi_record_kind(before, rfi_pattern_datum(flow->problem, pattern, pair));
        rfi_record_event(record, &event);
        rfi_record_change(record, &change);
    }
    flow->segment.t0 = flow->t = net->time;
    rfi_netchain_get(&net->chain, flow->segment.w0);
    rfi_record_stretch(record, &stretch, flow->segment.w0);
    flow->built = flow->next_known = 0;
    flow->from = 0.0;
    if (flow->standing > 0)
        memset(flow->turns, 0, (size_t)pattern->lines);
    flow->standing = flow->idle = 0;
    flow->follower.want = net->chain.want;
    flow->follower.tired = 0;
    return RF_OK;
}
