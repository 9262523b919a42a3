/* calls.h: public functions as calls that can be repeated with failing allocations.
 * SPDX-License-Identifier: MIT */
#ifndef OOM_CALLS_H
#define OOM_CALLS_H

#include "vectors.h"

#include <reluflow/reluflow.h>

enum { CALL_OUT = 2048 };

/* An allocator that counts what is alive and fails on demand. */
typedef struct failing_memory {
    int64_t live;
    int64_t countdown;      /* the allocation that fails: 1 the next one; 0: none */
    int from;               /* all after it fail too */
    int64_t fired;
} failing_memory;

rf_allocator failing_allocator(failing_memory *memory);
void fail_from_now(failing_memory *memory, int64_t which, int from);
void fail_never(failing_memory *memory);

/* One call of a public function on a model; what it gives is written to out (CALL_OUT doubles). */
typedef struct public_call {
    const char *name;
    rf_status (*call)(rf_model *model, const vector_case *v, double *out);
    int finished;       /* the model has run to the limit before, else it is at its start */
    enum { CALL_CONST, CALL_SETS, CALL_RUNS } effect; /* a failing run may stop at a later event */
} public_call;

extern const public_call public_calls[];
extern const int public_call_count;

#endif
