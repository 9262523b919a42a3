/* snapshot.c: everything a model tells. SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include "run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add(snapshot *s, const void *bytes, size_t size)
{
    if (s->size + size > s->capacity) {
        unsigned char *grown;

        s->capacity = 2 * (s->size + size);
        grown = test_alloc((int64_t)s->capacity, 1);
        if (s->bytes)
            memcpy(grown, s->bytes, s->size);
        free(s->bytes);
        s->bytes = grown;
    }
    if (size)
        memcpy(s->bytes + s->size, bytes, size);
    s->size += size;
}

static void add_quantity(snapshot *s, const rf_model *model, int32_t quantity, double t)
{
    int64_t len = 0;
    double *out;
    rf_status status;

    ck_assert_int_eq(rf_model_query_size(model, quantity, &len), RF_OK);
    out = test_doubles(len);
    status = isnan(t) ? rf_model_query(model, quantity, out, len)
                      : rf_model_query_at(model, t, quantity, out, len);
    add(s, &status, sizeof status);
    add(s, out, (size_t)len * sizeof *out);
    free(out);
}

static void add_sets(snapshot *s, const rf_model *model)
{
    int64_t n = rf_model_count(model), *indices = test_alloc(n, sizeof *indices);
    uint8_t *state = test_alloc(n, 1);
    rf_status status = rf_model_pattern(model, state, n);

    add(s, &status, sizeof status);
    add(s, state, (size_t)n);
    for (int32_t kind = RF_SUPPORT_ACTIVE; kind <= RF_SUPPORT_BOUNDARY; kind++) {
        int64_t count = 0;

        status = rf_model_support(model, kind, indices, n, &count);
        add(s, &status, sizeof status);
        add(s, &count, sizeof count);
        add(s, indices, (size_t)count * sizeof *indices);
    }
    free(indices);
    free(state);
}

static void add_events(snapshot *s, const rf_model *model)
{
    int64_t count = rf_model_event_count(model);
    rf_event *events = test_alloc(count, sizeof *events);
    rf_status status = rf_model_events(model, 0, count, events);

    add(s, &count, sizeof count);
    add(s, &status, sizeof status);
    add(s, events, (size_t)count * sizeof *events);
    free(events);
}

static snapshot *take(const rf_model *model, int with_status)
{
    static const double fractions[] = {0, 0.25, 0.7};
    snapshot *s = test_alloc(1, sizeof *s);
    double now = 0;

    for (int32_t q = RF_TIME; q <= RF_RATES; q++)
        if (q != RF_STATUS || with_status)
            add_quantity(s, model, q, NAN);
    if (rf_model_query(model, RF_TIME, &now, 1) == RF_OK)
        for (int k = 0; k < 3; k++)
            for (int32_t q = RF_TIME; q <= RF_RATES; q++)
                if (q != RF_STATUS)
                    add_quantity(s, model, q, isinf(now) ? 2 * fractions[k] : now * fractions[k]);
    add_sets(s, model);
    add_events(s, model);
    return s;
}

snapshot *snapshot_take(const rf_model *model)
{
    return take(model, 1);
}

snapshot *snapshot_take_state(const rf_model *model)
{
    return take(model, 0);
}

int snapshot_same(const snapshot *a, const snapshot *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

void snapshot_free(snapshot *s)
{
    free(s->bytes);
    free(s);
}

static int same(const rf_model *a, const rf_model *b, int with_status)
{
    snapshot *sa = take(a, with_status), *sb = take(b, with_status);
    int equal = snapshot_same(sa, sb);

    snapshot_free(sa);
    snapshot_free(sb);
    return equal;
}

int models_same(const rf_model *a, const rf_model *b)
{
    return same(a, b, 1);
}

int models_same_state(const rf_model *a, const rf_model *b)
{
    return same(a, b, 0);
}
