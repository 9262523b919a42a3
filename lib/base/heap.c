/* heap: see heap.h.
 * SPDX-License-Identifier: MIT */
#include "base/heap.h"

#include <string.h>

/* Each entry is above so many: few steps, over entries that lie side by side. */
enum { BELOW = 4 };

int rfi_heap_create(rfi_heap *heap, int64_t items, const rf_allocator *allocator)
{
    int64_t k;
    memset(heap, 0, sizeof(*heap));
    heap->items = items;
    heap->entry = rfi_alloc(allocator, items, sizeof(*heap->entry));
    heap->place = rfi_alloc(allocator, items, sizeof(*heap->place));
    if (heap->entry == NULL || heap->place == NULL) {
        rfi_heap_free(heap, allocator);
        return -1;
    }
    for (k = 0; k < items; ++k)
        heap->place[k] = -1;
    return 0;
}

void rfi_heap_free(rfi_heap *heap, const rf_allocator *allocator)
{
    rfi_free(allocator, heap->entry);
    rfi_free(allocator, heap->place);
    memset(heap, 0, sizeof(*heap));
}

static void put(rfi_heap *heap, int64_t at, rfi_entry entry)
{
    heap->entry[at] = entry;
    heap->place[entry.item] = at;
}

/* Brings an entry down, or up, from a place that is free. */
static void sink(rfi_heap *heap, int64_t at, rfi_entry entry)
{
    const rfi_entry *e = heap->entry;
    for (;;) {
        const int64_t first = BELOW * at + 1;
        const int64_t last = first + BELOW < heap->count ? first + BELOW : heap->count;
        int64_t least = first, k;
        if (first >= heap->count)
            break;
        for (k = first + 1; k < last; ++k)
            least = e[k].key < e[least].key ? k : least;
        if (!(e[least].key < entry.key))
            break;
        put(heap, at, e[least]);
        at = least;
    }
    put(heap, at, entry);
}

static void rise(rfi_heap *heap, int64_t at, rfi_entry entry)
{
    while (at > 0 && entry.key < heap->entry[(at - 1) / BELOW].key) {
        put(heap, at, heap->entry[(at - 1) / BELOW]);
        at = (at - 1) / BELOW;
    }
    put(heap, at, entry);
}

void rfi_heap_clear(rfi_heap *heap)
{
    int64_t at;
    for (at = 0; at < heap->count; ++at)
        heap->place[heap->entry[at].item] = -1;
    heap->count = 0;
}

void rfi_heap_order(rfi_heap *heap)
{
    int64_t at;
    for (at = (heap->count + BELOW - 2) / BELOW; at-- > 0;)
        sink(heap, at, heap->entry[at]);
}

void rfi_heap_set(rfi_heap *heap, int64_t item, double key)
{
    const rfi_entry entry = {key, item};
    const int64_t at = heap->place[item];
    if (at < 0)
        rise(heap, heap->count++, entry);
    else if (key < heap->entry[at].key)
        rise(heap, at, entry);
    else
        sink(heap, at, entry);
}

void rfi_heap_drop(rfi_heap *heap, int64_t item)
{
    const int64_t at = heap->place[item];
    rfi_entry last;
    if (at < 0)
        return;
    heap->place[item] = -1;
    last = heap->entry[--heap->count];
    if (at == heap->count)
        return;
    if (at > 0 && last.key < heap->entry[(at - 1) / BELOW].key)
        rise(heap, at, last);
    else
        sink(heap, at, last);
}
