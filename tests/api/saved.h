/* saved.h: models in every state, and what rf_model_save writes of them.
 * SPDX-License-Identifier: MIT */
#ifndef API_SAVED_H
#define API_SAVED_H

#include <reluflow/reluflow.h>
#include <stddef.h>

/* A saved model, in a block of exactly its size. */
typedef struct saved {
    unsigned char *bytes;
    int64_t size;
} saved;

saved save_model(const rf_model *model);
rf_model *load_model(const saved *s);
void saved_free(saved *s);

/* Models in each state that a model can be in, without callbacks. */
typedef struct scene {
    const char *name;
    rf_model *(*make)(void);
} scene;

extern const scene scenes[];
extern const int scene_count;

/* Takes a model on, to the limit, or some steps further if it steps; starts it if need be. */
void scene_finish(rf_model *model);

#endif
