/* net_case.c: the reference vectors of networks, read with Jansson. SPDX-License-Identifier: MIT */
#include "net_case.h"

#include "run.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct net_block {
    struct net_block *next;
    void *memory;
} net_block;

static void *take(net_case *c, int64_t count, size_t size)
{
    net_block *block = test_alloc(1, sizeof *block);

    block->memory = test_alloc(count, size);
    block->next = c->blocks;
    c->blocks = block;
    return block->memory;
}

static json_t *member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    if (!value) {
        fprintf(stderr, "malformed reference vector: %s\n", key);
        abort();
    }
    return value;
}

static double number(json_t *value)
{
    if (json_is_string(value))
        return strtod(json_string_value(value), NULL);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static double number_of(json_t *object, const char *key)
{
    return number(member(object, key));
}

static int64_t integer_of(json_t *object, const char *key)
{
    return json_integer_value(member(object, key));
}

/* Writes an array, or an array of arrays one after the other, and returns the end of it. */
static double *flatten(json_t *array, double *out)
{
    size_t k;
    json_t *value;

    json_array_foreach(array, k, value) {
        if (json_is_array(value))
            out = flatten(value, out);
        else
            *out++ = number(value);
    }
    return out;
}

static double *numbers(net_case *c, json_t *object, const char *key, int64_t count)
{
    double *out = take(c, count + 1, sizeof *out);

    if (flatten(member(object, key), out) != out + count) {
        fprintf(stderr, "malformed reference vector: length of %s\n", key);
        abort();
    }
    return out;
}

/* An object {"j,i": value} as a dense array. */
static double *sparse(net_case *c, json_t *object)
{
    double *out = take(c, c->m * c->n, sizeof *out);
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value) {
        char *rest;
        long j = strtol(key, &rest, 10);

        out[j * c->n + strtol(rest + 1, NULL, 10)] = number(value);
    }
    return out;
}

/* One list of data for each neuron. */
static uint8_t *states(net_case *c, json_t *active, json_t *sliding)
{
    uint8_t *out = take(c, c->m * c->n, sizeof *out);

    for (int64_t j = 0; j < c->m; j++) {
        size_t k;
        json_t *value;

        json_array_foreach(json_array_get(active, (size_t)j), k, value)
            out[j * c->n + json_integer_value(value)] = 1;
        json_array_foreach(json_array_get(sliding, (size_t)j), k, value)
            out[j * c->n + json_integer_value(value)] = 2;
    }
    return out;
}

static int32_t kind_of(const char *name)
{
    static const char *const kinds[] = {"deactivate",        "activate",
                                        "slide_enter",       "slide_exit_active",
                                        "slide_exit_inactive", "origin", "origin_exit"};

    for (int32_t k = 0; k < 7; k++)
        if (strcmp(name, kinds[k]) == 0)
            return k + RF_EVENT_DEACTIVATE;
    abort();
}

static rf_event event_of(json_t *value, const char *time, int64_t neuron)
{
    rf_event event = {0};

    event.time = number_of(value, time);
    event.neuron = neuron;
    event.datum = integer_of(value, "i");
    event.kind = kind_of(json_string_value(member(value, "kind")));
    return event;
}

static void read_input(net_case *c, json_t *input)
{
    c->n = integer_of(input, "n");
    c->d = integer_of(input, "d");
    c->m = integer_of(input, "m");
    c->X = numbers(c, input, "X", c->n * c->d);
    c->y = numbers(c, input, "y", c->n);
    c->c = numbers(c, input, "c", c->n);
    c->a = numbers(c, input, "a", c->m);
    c->start = numbers(c, input, c->vanishing ? "U" : "W0", c->m * c->d);
    c->T = number_of(input, "T");
}

static void read_points(net_case *c, json_t *points)
{
    net_flow *f = &c->flow;
    size_t k;
    json_t *value;

    f->point_count = (int64_t)json_array_size(points);
    f->points = take(c, f->point_count, sizeof *f->points);
    json_array_foreach(points, k, value) {
        net_point *p = &f->points[k];

        p->time = number_of(value, "t");
        p->loss = number_of(value, "loss");
        p->w = numbers(c, value, "w", c->m * c->d);
        p->alpha = numbers(c, value, "alpha", c->m * c->n);
        p->state = states(c, member(value, "active"), member(value, "sliding"));
    }
}

static void read_flow(net_case *c, json_t *e)
{
    net_flow *f = &c->flow;
    json_t *events = member(e, "events"), *value;
    size_t k;

    f->complete = json_is_true(member(e, "complete"));
    f->norm_monotone = json_is_true(member(e, "norm_monotone"));
    f->norm_fail_time = number_of(e, "norm_fail_time");
    f->w = numbers(c, e, "w_end", c->m * c->d);
    f->z = numbers(c, e, "z_end", c->m * c->n);
    f->f = numbers(c, e, "f_end", c->n);
    f->loss = number_of(e, "loss_end");
    f->deactivations = numbers(c, e, "deactivations", c->m * c->n);
    f->reactivations = numbers(c, e, "reactivations", c->m * c->n);
    f->initial = states(c, member(e, "initial_active"), member(e, "initial_sliding"));
    f->final = states(c, member(e, "final_active"), member(e, "final_sliding"));
    f->theta = sparse(c, member(e, "theta_end"));
    f->u = sparse(c, member(e, "u_end"));
    f->event_count = (int64_t)json_array_size(events);
    f->events = take(c, f->event_count, sizeof *f->events);
    json_array_foreach(events, k, value)
        f->events[k] = event_of(value, "t", integer_of(value, "j"));
    read_points(c, member(e, "at"));
}

static int by_time(const void *a, const void *b)
{
    const rf_event *x = a, *y = b;

    return x->time < y->time ? -1 : x->time > y->time;
}

static void read_inner(net_case *c, json_t *inner)
{
    size_t j, k;
    json_t *neuron, *value;

    json_array_foreach(inner, j, neuron)
        c->inner_count += (int64_t)json_array_size(member(neuron, "inner_events"));
    c->inner = take(c, c->inner_count, sizeof *c->inner);
    c->escape = take(c, c->m * c->d, sizeof *c->escape);
    c->inner_count = 0;
    json_array_foreach(inner, j, neuron) {
        flatten(member(neuron, "escape_velocity"), c->escape + (int64_t)j * c->d);
        json_array_foreach(member(neuron, "inner_events"), k, value)
            c->inner[c->inner_count++] = event_of(value, "s", (int64_t)j);
    }
    qsort(c->inner, (size_t)c->inner_count, sizeof *c->inner, by_time);
}

net_case *net_read(const char *name)
{
    net_case *c = test_alloc(1, sizeof *c);
    char path[1024];
    json_error_t error;
    json_t *root, *expect, *conditioning;

    snprintf(path, sizeof path, "%s/net/%s.json", VECTOR_DIR, name);
    root = json_load_file(path, 0, &error);
    if (!root) {
        fprintf(stderr, "%s: %s\n", path, error.text);
        abort();
    }
    c->name = name;
    c->vanishing = strcmp(json_string_value(member(root, "kind")), "small_init") == 0;
    read_input(c, member(root, "input"));
    expect = member(root, "expect");
    conditioning = member(root, "conditioning");
    c->kappa_w = number(json_object_get(conditioning, "kappa_w"));
    c->kappa_t = number(json_object_get(conditioning, "kappa_t"));
    if (c->vanishing)
        read_inner(c, member(expect, "inner"));
    read_flow(c, c->vanishing ? member(expect, "outer") : expect);
    json_decref(root);
    return c;
}

void net_free(net_case *c)
{
    net_block *block = c->blocks;

    while (block) {
        net_block *next = block->next;

        free(block->memory);
        free(block);
        block = next;
    }
    free(c);
}

rf_model *net_model(const net_case *c)
{
    rf_model *model = NULL;

    ck_assert_int_eq(rf_model_create(c->n, c->d, c->X, c->y, &model), RF_OK);
    ck_assert_int_eq(rf_model_set_outer_weights(model, c->m, c->a, c->m), RF_OK);
    ck_assert_int_eq(rf_model_set_data_weights(model, c->c, c->n), RF_OK);
    if (c->vanishing)
        ck_assert_int_eq(rf_model_init_direction(model, c->start, c->m * c->d, 0), RF_OK);
    else
        ck_assert_int_eq(rf_model_init(model, c->start, c->m * c->d), RF_OK);
    return model;
}
