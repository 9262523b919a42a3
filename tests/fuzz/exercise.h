/* exercise.h: goes through the public functions of a model that came out of a fuzzer, and checks
 * what they give against what the header promises of every model. SPDX-License-Identifier: MIT */
#ifndef FUZZ_EXERCISE_H
#define FUZZ_EXERCISE_H

#include <reluflow/reluflow.h>

/* EXERCISE_SOUND: the model was made by the library, its numbers must hold together.
 * EXERCISE_HOSTILE: it was loaded from a forged buffer, whose history need not belong to its data:
 * only statuses are checked, and that nothing breaks. */
enum { EXERCISE_SOUND, EXERCISE_HOSTILE };

/* Statuses as a set. */
#define STATUS(s) (1u << ((s) + 8))
enum { RUN_EVENTS = 64 };   /* the event limit of a run that a fuzzer makes */

/* Fails unless the status is in the set; label says which case it was. */
void exercise_allowed(const char *label, const char *call, rf_status status, unsigned set);

/* Every const function, on the model as it stands. */
void exercise_asking(const char *label, const rf_model *model, int kind);

/* Saves the model, loads it, and compares the two; the copy is the caller's.  NULL if kind is
 * EXERCISE_HOSTILE and the copy was refused. */
rf_model *exercise_copy(const char *label, const rf_model *model, int kind);

/* Takes the model on: event by event, to a time, towards the limit, or by steps, asking between. */
void exercise_running(const char *label, rf_model *model, int kind);

/* Sweeps over the data of the model, from starts of its size, and the landscape in the plane. */
void exercise_sweeping(const char *label, const rf_model *model, const double *w0);
void exercise_landscape(const char *label, const rf_model *model);

#endif
