/* heap: an indexed min-heap of some of the items 0 .. items - 1, each with a key that may change.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_HEAP_H
#define RFI_HEAP_H

#include "base/alloc.h"

typedef struct rfi_entry {
    double key;
    int64_t item;
} rfi_entry;

typedef struct rfi_heap {
    int64_t items, count; /* count: of those in the heap                          */
    rfi_entry *entry;     /* items: the heap, each over the four from 4 k + 1 on  */
    int64_t *place;       /* items: where an item is in the heap, -1: it is not   */
} rfi_heap;

/* An empty heap.  Returns 0 on success. */
int rfi_heap_create(rfi_heap *heap, int64_t items, const rf_allocator *allocator);
void rfi_heap_free(rfi_heap *heap, const rf_allocator *allocator);

/* Makes it empty. */
void rfi_heap_clear(rfi_heap *heap);
/* Puts in an item that is not there; after the last one, and before anything else, comes rfi_heap_order. */
static inline void rfi_heap_append(rfi_heap *heap, int64_t item, double key)
{
    heap->entry[heap->count].key = key;
    heap->entry[heap->count].item = item;
    heap->place[item] = heap->count++;
}
void rfi_heap_order(rfi_heap *heap);
/* Changes the key of one item, which enters the heap if it was not there. */
void rfi_heap_set(rfi_heap *heap, int64_t item, double key);
/* Takes an item out, if it is there. */
void rfi_heap_drop(rfi_heap *heap, int64_t item);
/* The item of least key, of equal keys any; the heap is not empty. */
static inline const rfi_entry *rfi_heap_top(const rfi_heap *heap)
{
    return heap->entry;
}

#endif
