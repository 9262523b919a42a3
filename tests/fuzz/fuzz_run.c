/* fuzz_run.c: hard problems through all public functions.  Every status must be one that the header
 * lists, and what comes with RF_OK must be finite where the header promises a number.
 * SPDX-License-Identifier: MIT */
#include "exercise.h"
#include "hard.h"
#include "run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LOOPS = 30, SEEDS = 20 };

/* A model of the problem with its settings, or NULL if the data leave the range. */
static rf_model *create(const char *label, const problem *p)
{
    char message[200] = "x";
    rf_model *model = NULL;
    rf_status status = rf_model_create_ex(p->n, p->d, p->X, p->d, 1, p->y, 0, NULL, &model, message,
                                          sizeof message);

    exercise_allowed(label, "create", status, STATUS(RF_OK) | STATUS(RF_ERROR_NUMERICAL));
    ck_assert_msg((status == RF_OK) == (model != NULL), "%s", label);
    ck_assert_msg((status == RF_OK) == (message[0] == '\0'), "%s: %s", label, message);
    if (model == NULL)
        return NULL;
    exercise_allowed(label, "set_activation",
                     rf_model_set_activation(model, p->activation, p->beta), STATUS(RF_OK));
    exercise_allowed(label, "set_data_weights",
                     rf_model_set_data_weights(model, p->c, p->c ? p->n : 0), STATUS(RF_OK));
    return model;
}

/* A start at the given scale, then everything; ways: bit 0 descends, bit 1 keeps no history. */
static void run(const char *name, const problem *p, rf_model *model, double scale, int ways)
{
    char label[100];
    rf_model *copy;
    rf_status status;
    int zero = 1;

    snprintf(label, sizeof label, "%s, scale %g, ways %d", name, scale, ways);
    for (int64_t k = 0; k < p->d; k++)
        zero &= p->w0[k] == 0;
    exercise_allowed(label, "set_recording", rf_model_set_recording(model, !(ways & 2)),
                     STATUS(RF_OK));
    exercise_allowed(label, "set_event_limit", rf_model_set_event_limit(model, RUN_EVENTS),
                     STATUS(RF_OK));
    status = rf_model_init_direction(model, p->w0, p->d, scale);
    exercise_allowed(label, "init_direction", status,
                     scale == 0 && zero ? STATUS(RF_ERROR_ARGUMENT)
                                        : STATUS(RF_OK) | STATUS(RF_ERROR_NUMERICAL));
    if (status != RF_OK)
        return;
    if (ways & 1)
        exercise_allowed(label, "step", rf_model_step(model, 1e-3, 1),
                         STATUS(RF_OK) | STATUS(RF_EVENT_LIMIT) | STATUS(RF_ERROR_NUMERICAL)
                             | (scale == 0 ? STATUS(RF_ERROR_STATE) : 0));
    exercise_asking(label, model, EXERCISE_SOUND);
    copy = exercise_copy(label, model, EXERCISE_SOUND);
    exercise_running(label, model, EXERCISE_SOUND);
    exercise_running(label, copy, EXERCISE_SOUND);
    rf_model_free(copy);
    rf_model_free(exercise_copy(label, model, EXERCISE_SOUND));
}

START_TEST(hard)
{
    for (int k = 0; k < SEEDS; k++) {
        const uint64_t seed = (uint64_t)(_i * SEEDS + k);
        const double scales[] = {1, 1e-6, 0};
        problem *p = hard_problem(seed);
        char label[40];
        rf_model *model;

        snprintf(label, sizeof label, "hard problem %d", (int)seed);
        if ((model = create(label, p)) != NULL) {
            for (int s = 0; s < 3; s++)
                run(label, p, model, scales[s], (int)((seed >> 1) % 4));
            exercise_sweeping(label, model, p->w0);
            exercise_landscape(label, model);
        }
        rf_model_free(model);
        problem_free(p);
    }
}
END_TEST

int main(void)
{
    const test_entry entries[] = {{"hard", hard, LOOPS}};

    return run_tests("fuzz run", entries, sizeof entries / sizeof *entries);
}
