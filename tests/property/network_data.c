/* network_data.c: see network_data.h. SPDX-License-Identifier: MIT */
#include "network_data.h"

#include "random.h"
#include "run.h"

#include <math.h>
#include <stdlib.h>

network random_network(uint64_t seed)
{
    random_source r = random_seed(seed);
    network t = {0};

    t.n = random_integer(&r, 5, 8);
    t.d = random_integer(&r, 2, 3);
    t.m = random_integer(&r, 2, 4);
    for (int64_t k = 0; k < t.n * t.d; k++)
        t.X[k] = random_normal(&r);
    for (int64_t i = 0; i < t.n; i++) {
        t.y[i] = random_normal(&r);
        t.c[i] = 0.25 + 1.5 * random_uniform(&r);
    }
    for (int64_t j = 0; j < t.m; j++)
        t.a[j] = (0.5 + random_uniform(&r)) * (random_uniform(&r) < 0.5 ? -1 : 1);
    for (int64_t k = 0; k < t.m * t.d; k++)
        t.w[k] = random_normal(&r);
    return t;
}

rf_model *network_start(const network *t)
{
    rf_model *model = NULL;

    ck_assert_int_eq(rf_model_create(t->n, t->d, t->X, t->y, &model), RF_OK);
    ck_assert_int_eq(rf_model_set_data_weights(model, t->c, t->n), RF_OK);
    ck_assert_int_eq(rf_model_set_outer_weights(model, t->m, t->a, t->m), RF_OK);
    ck_assert_int_eq(rf_model_init(model, t->w, t->m * t->d), RF_OK);
    return model;
}

finished network_finish(const network *t)
{
    finished f = {0};

    f.model = network_start(t);
    ck_assert_int_eq(rf_model_set_event_limit(f.model, 5000), RF_OK);
    ck_assert_int_eq(rf_model_integrate(f.model, INFINITY), RF_OK);
    f.events = rf_model_event_count(f.model);
    f.event = test_alloc(f.events, sizeof *f.event);
    ck_assert_int_eq(rf_model_events(f.model, 0, f.events, f.event), RF_OK);
    ck_assert_int_eq(rf_model_query(f.model, RF_WEIGHTS, f.w, t->m * t->d), RF_OK);
    return f;
}

void finished_free(finished *f)
{
    rf_model_free(f->model);
    free(f->event);
}

void finished_ask(const finished *f, double time, int32_t quantity, double *out)
{
    int64_t size;

    ck_assert_int_eq(rf_model_query_size(f->model, quantity, &size), RF_OK);
    ck_assert_int_eq(rf_model_query_at(f->model, time, quantity, out, size), RF_OK);
}
