/* names.c: names of the constants.
 * SPDX-License-Identifier: MIT */
#include "names.h"

const char *name_of_kind(int32_t kind)
{
    switch (kind) {
    case RF_EVENT_DEACTIVATE: return "deactivate";
    case RF_EVENT_ACTIVATE: return "activate";
    case RF_EVENT_SLIDE_ENTER: return "slide_enter";
    case RF_EVENT_SLIDE_EXIT_ACTIVE: return "slide_exit_active";
    case RF_EVENT_SLIDE_EXIT_INACTIVE: return "slide_exit_inactive";
    case RF_EVENT_ORIGIN: return "origin";
    case RF_EVENT_ORIGIN_EXIT: return "origin_exit";
    default: return "unknown";
    }
}

const char *name_of_activation(int32_t activation)
{
    switch (activation) {
    case RF_RELU: return "relu";
    case RF_LEAKY_RELU: return "leaky";
    default: return "linear";
    }
}

const char *name_of_state(uint8_t state)
{
    switch (state) {
    case 0: return "inactive";
    case 1: return "active";
    default: return "sliding";
    }
}

const char *name_of_ending(enum ending ending)
{
    switch (ending) {
    case ENDED_AT_LIMIT: return "limit";
    case ENDED_AT_TIME: return "time";
    case ENDED_AFTER_STEPS: return "steps";
    default: return "event_limit";
    }
}

const char *name_of_inner(int32_t ending)
{
    switch (ending) {
    case RF_INNER_ESCAPE: return "escape";
    case RF_INNER_DEAD: return "dead";
    case RF_INNER_COLLAPSE: return "collapse";
    case RF_INNER_FROZEN: return "frozen";
    default: return "none";
    }
}

const char *name_of_verdict(enum norm_verdict verdict)
{
    switch (verdict) {
    case NORM_PROVED: return "proved";
    case NORM_REFUTED: return "refuted";
    case NORM_NEITHER: return "neither";
    default: return "unknown";
    }
}

const char *name_of_run(const struct run *run)
{
    if (run->status < 0) {
        return "failed";
    }
    if (run->status == RF_EVENT_LIMIT) {
        return "event_limit";
    }
    return run->certified ? "limit" : "time";
}

const char *name_of_point(int32_t kind)
{
    switch (kind) {
    case RF_POINT_INTERIOR_MINIMUM: return "interior_minimum";
    case RF_POINT_FLAT_MINIMUM: return "flat_minimum";
    case RF_POINT_KINK_MINIMUM: return "kink_minimum";
    case RF_POINT_KINK_SADDLE: return "kink_saddle";
    case RF_POINT_ZERO_LABEL_MINIMUM: return "zero_label_minimum";
    case RF_POINT_KINK_RAY: return "kink_ray";
    case RF_POINT_DEAD_CONE: return "dead_cone";
    case RF_POINT_ORIGIN: return "origin";
    default: return "unknown";
    }
}
