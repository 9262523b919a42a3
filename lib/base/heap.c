/* heap: see heap.h.
 * SPDX-License-Identifier: MIT */
#include "base/heap.h"

#include <string.h>

int rfi_heap_create(rfi_heap *heap, int64_t items, const rf_allocator *allocator)
{
    int64_t k;
    memset(heap, 0, sizeof(*heap));
    heap->items = items;
    heap->key = rfi_alloc(allocator, items, sizeof(*heap->key));
    heap->item = rfi_alloc(allocator, items, sizeof(*heap->item));
    heap->place = rfi_alloc(allocator, items, sizeof(*heap->place));
    if (heap->key == NULL || heap->item == NULL || heap->place == NULL) {
        rfi_heap_free(heap, allocator);
        return -1;
    }
    for (k = 0; k < items; ++k)
        heap->place[k] = -1;
    return 0;
}

void rfi_heap_free(rfi_heap *heap, const rf_allocator *allocator)
{
    rfi_free(allocator, heap->key);
    rfi_free(allocator, heap->item);
    rfi_free(allocator, heap->place);
    memset(heap, 0, sizeof(*heap));
}

static void put(rfi_heap *heap, int64_t at, int64_t item)
{
    heap->item[at] = item;
    heap->place[item] = at;
}

static void sink(rfi_heap *heap, int64_t at)
{
    const int64_t item = heap->item[at];
    const double key = heap->key[item];
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count
            && heap->key[heap->item[child + 1]] < heap->key[heap->item[child]])
            ++child;
        if (!(heap->key[heap->item[child]] < key))
            break;
        put(heap, at, heap->item[child]);
        at = child;
    }
    put(heap, at, item);
}

static void rise(rfi_heap *heap, int64_t at)
{
    const int64_t item = heap->item[at];
    const double key = heap->key[item];
    while (at > 0 && key < heap->key[heap->item[(at - 1) / 2]]) {
        put(heap, at, heap->item[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(heap, at, item);
}

void rfi_heap_order(rfi_heap *heap, double limit)
{
    int64_t at, k;
    heap->count = 0;
    for (k = 0; k < heap->items; ++k) {
        heap->place[k] = -1;
        if (heap->key[k] < limit)
            put(heap, heap->count++, k);
    }
    for (at = heap->count / 2; at-- > 0;)
        sink(heap, at);
}

void rfi_heap_set(rfi_heap *heap, int64_t item, double key)
{
    const double before = heap->key[item];
    heap->key[item] = key;
    if (heap->place[item] < 0) {
        put(heap, heap->count++, item);
        rise(heap, heap->count - 1);
    } else if (key < before) {
        rise(heap, heap->place[item]);
    } else if (key > before) {
        sink(heap, heap->place[item]);
    }
}
