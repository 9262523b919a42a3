/* call: what a call of the host begins and ends with; while it lasts, windows need not know w at every event.
 * SPDX-License-Identifier: MIT */
#include "flow/flow.h"

void rfi_flow_amend(rfi_flow *flow, rfi_record *record)
{
    if (!flow->follower.landed)
        return;
    rfi_record_amend(record, flow->segment.w0);
    rfi_record_pass(record, flow->segment.D / 2);
    flow->follower.landed = 0;
}

void rfi_flow_set_threads(rfi_flow *flow, int32_t threads)
{
    rfi_team *team = threads > 1 ? &flow->team : NULL;
    if (team == NULL)
        rfi_team_dismiss(&flow->team);
    flow->team.members = threads;
    flow->follower.chain.team = team;
    flow->ws.blocks.team = team;
}

void rfi_flow_hurry(rfi_flow *flow, int hurries)
{
    const rfi_follower *f = &flow->follower;
    if (f->window.tiles != NULL && (hurries || f->hurries))
        flow->next_known = 0;
    rfi_follow_hurry(&flow->follower, hurries);
}

void rfi_flow_land(rfi_flow *flow, rfi_record *record)
{
    if (flow->follower.window.open)
        flow->next_known = 0;
    rfi_follow_land(&flow->follower, flow->problem, flow->segment.w0);
    rfi_flow_amend(flow, record);
}
