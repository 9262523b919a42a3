/* test_heap.c: the indexed heap against a search of all keys.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>

#include "base/heap.h"

enum { ITEMS = 57 };

/* The least key of the items in the heap. */
static double least(const double *keys, const uint8_t *in)
{
    double best = INFINITY;
    int64_t k;
    for (k = 0; k < ITEMS; ++k)
        if (in[k] && keys[k] < best)
            best = keys[k];
    return best;
}

/* Keys change up and down, some of items that were beyond the limit. */
START_TEST(top_is_least)
{
    const rf_allocator a = rfi_allocator_default();
    double keys[ITEMS];
    uint8_t in[ITEMS];
    uint64_t seed = 7;
    rfi_heap heap;
    int64_t k, step, inside = 0;
    ck_assert_int_eq(rfi_heap_create(&heap, ITEMS, &a), 0);
    ck_assert_int_eq(heap.count, 0);
    for (k = 0; k < ITEMS; ++k) {
        heap.key[k] = keys[k] = unit_random(&seed);
        in[k] = keys[k] < 0.25;
        inside += in[k];
    }
    rfi_heap_order(&heap, 0.25);
    ck_assert_int_eq(heap.count, inside);
    for (step = 0; step < 2000; ++step) {
        k = (int64_t)((unit_random(&seed) + 1.0) * 0.5 * ITEMS);
        keys[k] = step % 5 == 0 ? INFINITY : unit_random(&seed);
        in[k] = 1;
        rfi_heap_set(&heap, k, keys[k]);
        ck_assert(heap.key[rfi_heap_top(&heap)] == least(keys, in));
    }
    for (k = 0; k < heap.count; ++k)
        ck_assert_int_eq(heap.place[heap.item[k]], k);
    rfi_heap_free(&heap, &a);
}
END_TEST

static const TTest *const *const tests[] = {&top_is_least};

UNIT_MAIN("heap", tests)
