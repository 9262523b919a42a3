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

static void check_places(const rfi_heap *heap, const uint8_t *in)
{
    int64_t k, inside = 0;
    for (k = 0; k < heap->count; ++k)
        ck_assert_int_eq(heap->place[heap->entry[k].item], k);
    for (k = 0; k < ITEMS; ++k) {
        inside += in[k];
        ck_assert_int_eq(heap->place[k] >= 0, in[k]);
    }
    ck_assert_int_eq(heap->count, inside);
}

/* Keys change up and down, items enter and leave; twice with the same heap. */
START_TEST(top_is_least)
{
    const rf_allocator a = rfi_allocator_default();
    double keys[ITEMS];
    uint8_t in[ITEMS];
    uint64_t seed = 7;
    rfi_heap heap;
    int64_t k, step;
    int round;
    ck_assert_int_eq(rfi_heap_create(&heap, ITEMS, &a), 0);
    ck_assert_int_eq(heap.count, 0);
    for (round = 0; round < 2; ++round) {
        rfi_heap_clear(&heap);
        for (k = 0; k < ITEMS; ++k) {
            keys[k] = unit_random(&seed);
            in[k] = keys[k] < 0.25;
            if (in[k])
                rfi_heap_append(&heap, k, keys[k]);
        }
        rfi_heap_order(&heap);
        check_places(&heap, in);
        for (step = 0; step < 2000; ++step) {
            k = (int64_t)((unit_random(&seed) + 1.0) * 0.5 * ITEMS);
            keys[k] = step % 5 == 0 ? INFINITY : unit_random(&seed);
            in[k] = step % 3 != 0;
            if (in[k])
                rfi_heap_set(&heap, k, keys[k]);
            else
                rfi_heap_drop(&heap, k);
            check_places(&heap, in);
            if (heap.count > 0)
                ck_assert(rfi_heap_top(&heap)->key == least(keys, in));
        }
        while (heap.count > 0) {
            const rfi_entry top = *rfi_heap_top(&heap);
            ck_assert(top.key == least(keys, in));
            in[top.item] = 0;
            rfi_heap_drop(&heap, top.item);
            check_places(&heap, in);
        }
        rfi_heap_append(&heap, 3, 1.0);
    }
    rfi_heap_free(&heap, &a);
}
END_TEST

static const TTest *const *const tests[] = {&top_is_least};

UNIT_MAIN("heap", tests)
