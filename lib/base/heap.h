/* heap: an indexed min-heap of some of the items 0 .. items - 1, each with a key that may change.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_HEAP_H
#define RFI_HEAP_H

#include "base/alloc.h"

typedef struct rfi_heap {
    int64_t items, count; /* count: of those in the heap                     */
    double *key;          /* items: of an item                               */
    int64_t *item;        /* items: the heap                                 */
    int64_t *place;       /* items: where an item is in the heap, -1: it is not */
} rfi_heap;

/* An empty heap.  Returns 0 on success. */
int rfi_heap_create(rfi_heap *heap, int64_t items, const rf_allocator *allocator);
void rfi_heap_free(rfi_heap *heap, const rf_allocator *allocator);

/* Makes the heap of the items whose keys, which were written one and all, are below the limit. */
void rfi_heap_order(rfi_heap *heap, double limit);
/* Changes the key of one item, which enters the heap if it was not there. */
void rfi_heap_set(rfi_heap *heap, int64_t item, double key);
/* The item of least key; of equal keys any. */
static inline int64_t rfi_heap_top(const rfi_heap *heap)
{
    return heap->item[0];
}

#endif
