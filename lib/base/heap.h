/* heap: an indexed min-heap of items 0 .. count - 1, each with a key that may change.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_HEAP_H
#define RFI_HEAP_H

#include "base/alloc.h"

typedef struct rfi_heap {
    int64_t count;
    double *key;    /* count: of an item                  */
    int64_t *item;  /* count: the heap                    */
    int64_t *place; /* count: where an item is in the heap */
} rfi_heap;

/* All keys 0.  Returns 0 on success. */
int rfi_heap_create(rfi_heap *heap, int64_t count, const rf_allocator *allocator);
void rfi_heap_free(rfi_heap *heap, const rf_allocator *allocator);

/* Brings the heap into order after its keys were written one and all. */
void rfi_heap_order(rfi_heap *heap);
/* Changes the key of one item. */
void rfi_heap_set(rfi_heap *heap, int64_t item, double key);
/* The item of least key; of equal keys any. */
static inline int64_t rfi_heap_top(const rfi_heap *heap)
{
    return heap->item[0];
}

#endif
