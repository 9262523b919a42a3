/* alloc: the only file that calls malloc and free.
 * SPDX-License-Identifier: MIT */
#if defined(__linux__)
#define _DEFAULT_SOURCE
#include <sys/mman.h>
#endif

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef MADV_HUGEPAGE

/* Blocks of so many bytes begin at a huge page, which the system is advised to use for them, if it has any: matrices
 * that are read by columns have too many small pages, and each costs a fault when it is first touched. */
enum { MANY = 4 << 20, HUGE_PAGE = 2 << 20 };

static void *default_allocate(size_t size, void *user)
{
    const int error = errno;
    void *block;
    (void)user;
    if (size < MANY)
        return malloc(size);
    if (posix_memalign(&block, HUGE_PAGE, size) != 0)
        return NULL;
    if (madvise(block, size / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE) != 0)
        errno = error; /* advice that is not taken is no error */
    return block;
}

#else

static void *default_allocate(size_t size, void *user)
{
    (void)user;
    return malloc(size);
}

#endif

static void default_release(void *block, void *user)
{
    (void)user;
    free(block);
}

rf_allocator rfi_allocator_default(void)
{
    rf_allocator allocator = {default_allocate, default_release, NULL};
    return allocator;
}

/* The bytes of so many elements, at least 1; 0: out of range. */
static size_t bytes_of(int64_t count, size_t size)
{
    if (count < 0 || (uint64_t)count > (uint64_t)(PTRDIFF_MAX / (ptrdiff_t)size))
        return 0;
    return count > 0 ? (size_t)count * size : 1;
}

void *rfi_alloc_raw(const rf_allocator *allocator, int64_t count, size_t size)
{
    const size_t bytes = bytes_of(count, size);
    return bytes > 0 ? allocator->allocate(bytes, allocator->user) : NULL;
}

void *rfi_alloc(const rf_allocator *allocator, int64_t count, size_t size)
{
    void *block = rfi_alloc_raw(allocator, count, size);
    if (block != NULL)
        memset(block, 0, bytes_of(count, size));
    return block;
}

void rfi_free(const rf_allocator *allocator, void *block)
{
    if (block != NULL)
        allocator->release(block, allocator->user);
}

int rfi_grow(const rf_allocator *allocator, void **block, int64_t used, int64_t *capacity,
             int64_t needed, size_t size)
{
    int64_t larger;
    void *fresh;
    if (needed <= *capacity)
        return 0;
    larger = *capacity < INT64_MAX / 4 ? *capacity + *capacity / 2 : needed;
    if (larger < needed)
        larger = needed;
    if (larger < 16)
        larger = 16;
    fresh = rfi_alloc_raw(allocator, larger, size);
    if (fresh == NULL)
        return -1;
    if (used > 0)
        memcpy(fresh, *block, (size_t)used * size);
    rfi_free(allocator, *block);
    *block = fresh;
    *capacity = larger;
    return 0;
}
