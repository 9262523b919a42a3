/* fixture.h: models for the tests of the public functions. SPDX-License-Identifier: MIT */
#ifndef API_FIXTURE_H
#define API_FIXTURE_H

#include "problem.h"
#include "run.h"
#include "snapshot.h"

#include <reluflow/reluflow.h>

#define expect(status, call) ck_assert_int_eq((call), (status))

/* The call must fail with the status and leave everything the model tells as it was. */
#define expect_unchanged(model, status, call)                                                      \
    do {                                                                                           \
        snapshot *before_ = snapshot_take(model), *after_;                                         \
        ck_assert_int_eq((call), (status));                                                        \
        after_ = snapshot_take(model);                                                             \
        ck_assert_msg(snapshot_same(before_, after_), "changed by a failing call: %s", #call);     \
        snapshot_free(before_);                                                                    \
        snapshot_free(after_);                                                                     \
    } while (0)

/* A buffer filled with a value no result has, to see whether a call wrote into it. */
#define GUARD (-7.25e300)
void guard_fill(double *buffer, int64_t count);
int guard_intact(const double *buffer, int64_t count);

/* Two data in the plane at right angles and one across: a single event, datum 2 deactivates at
 * t = ln(49)/3; the limit is (1, 1.1875).  Created, not initialized. */
rf_model *plane_model(void);
void plane_init(rf_model *model);
#define PLANE_EVENT_TIME (log(49) / 3)

/* A problem of mixed labels with several events, slides among them; initialized. */
rf_model *sliding_model(void);

/* The number of events of sliding_model to the limit. */
int64_t sliding_events(void);

double query_one(const rf_model *model, int32_t quantity);

#endif
