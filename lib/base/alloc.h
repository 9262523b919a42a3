/* alloc: the one door to memory.  Every block of the library comes through an rf_allocator.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_ALLOC_H
#define RFI_ALLOC_H

#include <reluflow/reluflow.h>

/* malloc and free as an rf_allocator. */
rf_allocator rfi_allocator_default(void);

/* count elements of the given size, zeroed; NULL when memory or the range of size_t runs out.
 * count 0 gives a block that may be freed. */
void *rfi_alloc(const rf_allocator *allocator, int64_t count, size_t size);

/* The same, not zeroed: for much memory that is written before it is read, or never touched. */
void *rfi_alloc_raw(const rf_allocator *allocator, int64_t count, size_t size);

/* Releases a block; NULL is fine. */
void rfi_free(const rf_allocator *allocator, void *block);

/* Makes room for at least `needed` elements in *block, of which the first `used` are kept;
 * what is new has any values; capacity grows geometrically.  Returns 0 on success; on failure nothing has changed. */
int rfi_grow(const rf_allocator *allocator, void **block, int64_t used, int64_t *capacity,
             int64_t needed, size_t size);

#endif
