/* test_alloc.c: blocks through an allocator that counts and can refuse.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

typedef struct {
    int64_t calls, live, refuse_from; /* refuse_from < 0: never */
} meter;

static void *metered(size_t size, void *user)
{
    meter *m = user;
    if (m->refuse_from >= 0 && m->calls >= m->refuse_from)
        return NULL;
    ++m->calls;
    ++m->live;
    return memset(malloc(size), 0xa5, size);
}

static void unmetered(void *block, void *user)
{
    --((meter *)user)->live;
    free(block);
}

static rf_allocator metering(meter *m)
{
    rf_allocator allocator = {metered, unmetered, NULL};
    m->calls = m->live = 0;
    m->refuse_from = -1;
    allocator.user = m;
    return allocator;
}

START_TEST(blocks_are_zeroed)
{
    meter m;
    const rf_allocator a = metering(&m);
    double *x = rfi_alloc(&a, 100, sizeof(double));
    int k;
    for (k = 0; k < 100; ++k)
        ck_assert_double_eq(x[k], 0);
    rfi_free(&a, x);
    rfi_free(&a, NULL);
    ck_assert_int_eq(m.live, 0);
}
END_TEST

/* Small blocks, and large ones that ask for huge pages, whole ones or not. */
START_TEST(the_default_serves_all_sizes)
{
    const rf_allocator a = rfi_allocator_default();
    const int64_t sizes[] = {1, 1000, (4 << 20) - 1, 4 << 20, (6 << 20) + 12345};
    size_t k;
    for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); ++k) {
        const int error = errno;
        uint8_t *block = rfi_alloc(&a, sizes[k], 1);
        ck_assert_ptr_nonnull(block);
        ck_assert_int_eq(errno, error);
        ck_assert_int_eq((int)((uintptr_t)block % 16), 0);
        ck_assert_int_eq(block[0] | block[sizes[k] - 1], 0);
        block[sizes[k] - 1] = 1;
        rfi_free(&a, block);
    }
}
END_TEST

START_TEST(empty_block_is_a_block)
{
    meter m;
    const rf_allocator a = metering(&m);
    void *block = rfi_alloc(&a, 0, 8);
    ck_assert_ptr_nonnull(block);
    rfi_free(&a, block);
    ck_assert_int_eq(m.live, 0);
}
END_TEST

/* A product of count and size beyond PTRDIFF_MAX never reaches the allocator. */
START_TEST(sizes_do_not_wrap)
{
    meter m;
    const rf_allocator a = metering(&m);
    ck_assert_ptr_null(rfi_alloc(&a, INT64_MAX, 2));
    ck_assert_ptr_null(rfi_alloc(&a, INT64_MAX / 8 + 1, 8));
    ck_assert_ptr_null(rfi_alloc(&a, INT64_C(1) << 61, 8)); /* 2^64, which wraps to 0 */
    ck_assert_ptr_null(rfi_alloc(&a, -1, 8));
    ck_assert_int_eq(m.calls, 0);
}
END_TEST

/* Growth by half: n pushes cost at most log_1.5(n / 16) + 1 blocks, for n = 10^5 that is 23. */
START_TEST(growth_keeps_and_is_geometric)
{
    meter m;
    const rf_allocator a = metering(&m);
    void *block = NULL;
    int64_t capacity = 0, k;
    for (k = 0; k < 100000; ++k) {
        ck_assert_int_eq(rfi_grow(&a, &block, k, &capacity, k + 1, sizeof(int64_t)), 0);
        ck_assert_int_gt(capacity, k);
        ((int64_t *)block)[k] = k * k;
    }
    for (k = 0; k < 100000; ++k)
        ck_assert_int_eq(((int64_t *)block)[k], k * k);
    ck_assert_int_le(m.calls, 23);
    ck_assert_int_eq(m.live, 1);
    rfi_free(&a, block);
}
END_TEST

START_TEST(growth_that_fails_changes_nothing)
{
    meter m;
    const rf_allocator a = metering(&m);
    void *block = NULL, *before;
    int64_t capacity = 0, had;
    ck_assert_int_eq(rfi_grow(&a, &block, 0, &capacity, 3, sizeof(int64_t)), 0);
    ((int64_t *)block)[2] = 7;
    before = block;
    had = capacity;
    m.refuse_from = m.calls;
    ck_assert_int_ne(rfi_grow(&a, &block, 3, &capacity, had + 1, sizeof(int64_t)), 0);
    ck_assert_ptr_eq(block, before);
    ck_assert_int_eq(capacity, had);
    ck_assert_int_eq(((int64_t *)block)[2], 7);
    rfi_free(&a, block);
    ck_assert_int_eq(m.live, 0);
}
END_TEST

START_TEST(default_allocator_works)
{
    const rf_allocator a = rfi_allocator_default();
    int64_t *x = rfi_alloc(&a, 1000, sizeof(*x));
    ck_assert_ptr_nonnull(x);
    ck_assert_int_eq(x[0] + x[999], 0);
    rfi_free(&a, x);
}
END_TEST

static const TTest *const *const tests[] = {
    &blocks_are_zeroed,
    &the_default_serves_all_sizes,
    &empty_block_is_a_block,
    &sizes_do_not_wrap,
    &growth_keeps_and_is_geometric,
    &growth_that_fails_changes_nothing,
    &default_allocator_works,
};
UNIT_MAIN("alloc", tests)
