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
