/* snapshot.h: everything a model tells, to compare two models or one model before and after.
 * SPDX-License-Identifier: MIT */
#ifndef TEST_SNAPSHOT_H
#define TEST_SNAPSHOT_H

#include <reluflow/reluflow.h>
#include <stddef.h>

typedef struct snapshot {
    unsigned char *bytes;
    size_t size, capacity;
} snapshot;

/* Every quantity now and at a few past times (values and statuses), pattern, supports, events. */
snapshot *snapshot_take(const rf_model *model);

/* The same without RF_STATUS, for runs that came to the same state by other calls. */
snapshot *snapshot_take_state(const rf_model *model);

int snapshot_same(const snapshot *a, const snapshot *b);
void snapshot_free(snapshot *s);

/* 1 if the two models tell the same, bit for bit. */
int models_same(const rf_model *a, const rf_model *b);
int models_same_state(const rf_model *a, const rf_model *b);

#endif
