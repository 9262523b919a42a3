/* fixture.c: models for the tests of the public functions. SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <math.h>

void guard_fill(double *buffer, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        buffer[i] = GUARD;
}

int guard_intact(const double *buffer, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (buffer[i] != GUARD)
            return 0;
    return 1;
}

rf_model *plane_model(void)
{
    const double X[] = {1, 0, 0, 1, 1, -1}, y[] = {1, 1.1875, 0.0625};
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(3, 2, X, y, &model));
    return model;
}

void plane_init(rf_model *model)
{
    const double w0[] = {2, 1};

    expect(RF_OK, rf_model_init(model, w0, 2));
}

rf_model *sliding_model(void)
{
    vector_case *v = vector_read("slide_exits_0");
    problem *p = problem_of_vector(v);
    rf_model *model = problem_model(p);

    problem_free(p);
    vector_free(v);
    return model;
}

int64_t sliding_events(void)
{
    vector_case *v = vector_read("slide_exits_0");
    int64_t count = v->event_count;

    vector_free(v);
    return count;
}

double query_one(const rf_model *model, int32_t quantity)
{
    double value = NAN;

    expect(RF_OK, rf_model_query(model, quantity, &value, 1));
    return value;
}
