/* record: see record.h.
 * SPDX-License-Identifier: MIT */
#include "flow/record.h"

#include <string.h>

#include "model/kernels.h"

int rfi_record_create(rfi_record *record, const rfi_problem *problem)
{
    memset(record, 0, sizeof(*record));
    record->allocator = problem->data->allocator;
    record->d = rfi_weight_count(problem);
    record->on = 1;
    return rfi_pattern_create(&record->initial, rfi_kink_count(problem), &record->allocator);
}

void rfi_record_free(rfi_record *record)
{
    const rf_allocator allocator = record->allocator;
    rfi_pattern_free(&record->initial, &allocator);
    rfi_free(&allocator, record->stretch);
    rfi_free(&allocator, record->place);
    rfi_free(&allocator, record->weights);
    rfi_free(&allocator, record->event);
    rfi_free(&allocator, record->change);
    memset(record, 0, sizeof(*record));
}

int rfi_record_room(rfi_record *r, int64_t stretches, int64_t events, int64_t changes)
{
    const rf_allocator *a = &r->allocator;
    void *block = r->stretch;
    int failed;
    failed = rfi_grow(a, &block, r->stretches, &r->stretch_room, r->stretches + stretches,
                      sizeof(*r->stretch));
    r->stretch = block;
    block = r->place;
    failed = failed
             || rfi_grow(a, &block, r->stretches, &r->place_room, r->stretches + stretches,
                         sizeof(*r->place));
    r->place = block;
    block = r->weights;
    failed = failed
             || rfi_grow(a, &block, r->kept * r->d, &r->weight_room, (r->kept + stretches) * r->d,
                         sizeof(double));
    r->weights = block;
    block = r->event;
    failed =
        failed
        || rfi_grow(a, &block, r->events, &r->event_room, r->events + events, sizeof(*r->event));
    r->event = block;
    block = r->change;
    failed = failed
             || rfi_grow(a, &block, r->changes, &r->change_room, r->changes + changes,
                         sizeof(*r->change));
    r->change = block;
    return failed ? -1 : 0;
}

int rfi_record_copy(rfi_record *record, const rfi_record *from)
{
    if (rfi_record_room(record, from->stretches, from->events, from->changes) != 0)
        return -1;
    rfi_pattern_copy(&record->initial, &from->initial);
    if (from->stretches > 0) {
        memcpy(record->stretch, from->stretch, (size_t)from->stretches * sizeof(*from->stretch));
        memcpy(record->place, from->place, (size_t)from->stretches * sizeof(*from->place));
        memcpy(record->weights, from->weights, (size_t)(from->kept * from->d) * sizeof(double));
    }
    if (from->events > 0)
        memcpy(record->event, from->event, (size_t)from->events * sizeof(*from->event));
    if (from->changes > 0)
        memcpy(record->change, from->change, (size_t)from->changes * sizeof(*from->change));
    record->on = from->on;
    record->stretches = from->stretches;
    record->kept = from->kept;
    record->passing = from->passing;
    record->dropped = from->dropped;
    record->events = from->events;
    record->changes = from->changes;
    record->event_count = from->event_count;
    return 0;
}

void rfi_record_clear(rfi_record *record)
{
    record->stretches = record->events = record->changes = record->event_count = 0;
    record->kept = record->dropped = 0;
    record->passing = 0;
}

int rfi_record_reserve(rfi_record *record, int64_t events, int64_t changes)
{
    return rfi_record_room(record, 1, events, record->on ? changes : 0);
}

void rfi_record_forget(rfi_record *record, int64_t *delivered)
{
    if (record->on || *delivered == 0)
        return;
    memmove(record->event, record->event + *delivered,
            (size_t)(record->events - *delivered) * sizeof(*record->event));
    record->events -= *delivered;
    *delivered = 0;
}

void rfi_record_stretch(rfi_record *record, const rfi_stretch *stretch, const double *w)
{
    if (!record->on)
        record->stretches = record->kept = 0;
    if (record->on && record->passing) {
        record->place[record->stretches - 1] = -1;
        --record->kept;
        ++record->dropped;
    } else {
        record->dropped = 0;
    }
    record->passing = 0;
    record->stretch[record->stretches] = *stretch;
    record->place[record->stretches] = record->kept;
    memcpy(record->weights + record->kept * record->d, w, (size_t)record->d * sizeof(double));
    ++record->kept;
    ++record->stretches;
}

void rfi_record_pass(rfi_record *record, int64_t every)
{
    record->passing = record->stretches > 1 && record->dropped < every - 1;
}

void rfi_record_amend(rfi_record *record, const double *w)
{
    memcpy(record->weights + (record->kept - 1) * record->d, w, (size_t)record->d * sizeof(double));
}

void rfi_record_passes(rfi_record *record)
{
    record->passing = record->stretches > 1;
}

void rfi_record_event(rfi_record *record, const rf_event *event)
{
    record->event[record->events++] = *event;
    ++record->event_count;
}

void rfi_record_change(rfi_record *record, const rfi_change *change)
{
    if (record->on)
        record->change[record->changes++] = *change;
}

int64_t rfi_record_find(const rfi_record *record, double t)
{
    int64_t low = 0, high = record->stretches;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (record->stretch[middle].begin <= t)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int32_t rfi_record_kind(uint8_t before, uint8_t after)
{
    if (before == after)
        return 0;
    if (after == RFI_SLIDING)
        return RF_EVENT_SLIDE_ENTER;
    if (before == RFI_SLIDING)
        return after == RFI_ACTIVE ? RF_EVENT_SLIDE_EXIT_ACTIVE : RF_EVENT_SLIDE_EXIT_INACTIVE;
    return after == RFI_ACTIVE ? RF_EVENT_ACTIVATE : RF_EVENT_DEACTIVATE;
}
