/* vectors.c: the reference vectors of tests/vectors, read with Jansson.
 * SPDX-License-Identifier: MIT */
#include "vectors.h"

#include "run.h"

#include <jansson.h>
#include <math.h>
#include <reluflow/reluflow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct vector_block {
    struct vector_block *next;
    void *memory;
} vector_block;

static void *take(vector_case *v, int64_t count, size_t size)
{
    vector_block *block = test_alloc(1, sizeof *block);

    block->memory = test_alloc(count, size);
    block->next = v->blocks;
    v->blocks = block;
    return block->memory;
}

static void malformed(const char *what)
{
    fprintf(stderr, "malformed reference vector: %s\n", what);
    abort();
}

static json_t *member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    if (!value)
        malformed(key);
    return value;
}

/* Numbers are strings ("inf" included); counts are plain integers; null is NaN. */
static double number(json_t *value)
{
    if (json_is_string(value))
        return strtod(json_string_value(value), NULL);
    if (json_is_number(value))
        return json_number_value(value);
    return NAN;
}

static double *numbers(vector_case *v, json_t *array, int64_t count)
{
    double *out = take(v, count, sizeof *out);

    if ((int64_t)json_array_size(array) != count)
        malformed("length of an array");
    for (int64_t i = 0; i < count; i++)
        out[i] = number(json_array_get(array, (size_t)i));
    return out;
}

/* An object {"index": value} as a dense array. */
static double *sparse(vector_case *v, json_t *object)
{
    double *out = take(v, v->n, sizeof *out);
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
        out[strtol(key, NULL, 10)] = number(value);
    return out;
}

static uint8_t *states(vector_case *v, json_t *active, json_t *sliding)
{
    uint8_t *out = take(v, v->n, sizeof *out);
    size_t k;
    json_t *value;

    json_array_foreach(active, k, value)
        out[json_integer_value(value)] = STATE_ACTIVE;
    json_array_foreach(sliding, k, value)
        out[json_integer_value(value)] = STATE_SLIDING;
    return out;
}

static int32_t activation_of(const char *name)
{
    if (strcmp(name, "relu") == 0)
        return RF_RELU;
    if (strcmp(name, "leaky") == 0)
        return RF_LEAKY_RELU;
    if (strcmp(name, "linear") != 0)
        malformed("act");
    return RF_LINEAR;
}

static int32_t kind_of(const char *name)
{
    static const char *const kinds[] = {"deactivate", "activate", "slide_enter",
                                        "slide_exit_active", "slide_exit_inactive", "origin"};

    for (int32_t k = 0; k < 6; k++)
        if (strcmp(name, kinds[k]) == 0)
            return k + RF_EVENT_DEACTIVATE;
    malformed("kind of an event");
    return 0;
}

static int32_t ending_of(const char *name)
{
    static const char *const endings[] = {"escape", "dead", "collapse", "frozen"};

    for (int32_t k = 0; k < 4; k++)
        if (strcmp(name, endings[k]) == 0)
            return k + RF_INNER_ESCAPE;
    malformed("inner_status");
    return 0;
}

static void read_input(vector_case *v, json_t *input)
{
    json_t *rows = member(input, "X");

    v->n = json_integer_value(member(input, "n"));
    v->d = json_integer_value(member(input, "d"));
    v->X = take(v, v->n * v->d, sizeof *v->X);
    for (int64_t i = 0; i < v->n; i++) {
        double *row = numbers(v, json_array_get(rows, (size_t)i), v->d);

        memcpy(v->X + i * v->d, row, (size_t)v->d * sizeof *row);
    }
    v->y = numbers(v, member(input, "y"), v->n);
    v->c = numbers(v, member(input, "c"), v->n);
    if (json_object_get(input, "u")) {
        v->u = numbers(v, member(input, "u"), v->d);
        v->w0 = take(v, v->d, sizeof *v->w0);
    } else {
        v->w0 = numbers(v, member(input, "w0"), v->d);
    }
    v->activation = activation_of(json_string_value(member(input, "act")));
    v->beta = number(member(input, "beta"));
    v->T = number(member(input, "T"));
}

static void read_conditioning(vector_case *v, json_t *conditioning)
{
    v->kappa_w = number(json_object_get(conditioning, "kappa_w"));
    v->kappa_t = number(json_object_get(conditioning, "kappa_t"));
}

/* time is the key of the time: "t", or "s" for inner events. */
static vector_event *read_events(vector_case *v, json_t *array, const char *time, int64_t *count)
{
    vector_event *events;
    size_t k;
    json_t *value;

    *count = (int64_t)json_array_size(array);
    events = take(v, *count, sizeof *events);
    json_array_foreach(array, k, value) {
        events[k].time = number(member(value, time));
        events[k].datum = json_integer_value(member(value, "i"));
        events[k].kind = kind_of(json_string_value(member(value, "kind")));
    }
    return events;
}

static void read_points(vector_case *v, json_t *points)
{
    size_t k;
    json_t *value;

    v->point_count = (int64_t)json_array_size(points);
    v->points = take(v, v->point_count, sizeof *v->points);
    json_array_foreach(points, k, value) {
        vector_point *point = &v->points[k];

        point->time = number(member(value, "t"));
        point->loss = number(member(value, "loss"));
        point->w = numbers(v, member(value, "w"), v->d);
        point->alpha = numbers(v, member(value, "alpha"), v->n);
        point->state = states(v, member(value, "active"), member(value, "sliding"));
    }
}

static void read_expect(vector_case *v, json_t *e)
{
    size_t k;
    json_t *flag;

    v->complete = json_is_true(member(e, "complete"));
    json_array_foreach(member(e, "flags"), k, flag)
        v->repelling |= strcmp(json_string_value(flag), "repelling") == 0;
    v->w_end = numbers(v, member(e, "w_end"), v->d);
    v->z_end = numbers(v, member(e, "z_end"), v->n);
    v->loss_end = number(member(e, "loss_end"));
    if (json_object_get(e, "alpha_end"))
        v->alpha_end = numbers(v, member(e, "alpha_end"), v->n);
    v->initial = states(v, member(e, "initial_active"), member(e, "initial_sliding"));
    v->final = states(v, member(e, "final_active"), member(e, "final_sliding"));
    v->theta_end = sparse(v, member(e, "theta_end"));
    v->u_end = sparse(v, member(e, "u_end"));
    v->deactivations = numbers(v, member(e, "deactivations"), v->n);
    v->reactivations = numbers(v, member(e, "reactivations"), v->n);
    v->norm_monotone = json_is_true(member(e, "norm_monotone"));
    v->norm_fail_time = number(member(e, "norm_fail_time"));
    v->events = read_events(v, member(e, "events"), "t", &v->event_count);
    read_points(v, member(e, "at"));
}

/* The inner flow; then the outer one, which must be there: the cases kept are escapes. */
static void read_small_init(vector_case *v, json_t *e)
{
    v->inner_ending = ending_of(json_string_value(member(e, "inner_status")));
    v->inner = read_events(v, member(e, "inner_events"), "s", &v->inner_count);
    v->escape_velocity = numbers(v, member(e, "escape_velocity"), v->d);
    read_expect(v, member(e, "outer"));
}

static json_t *load(const char *name)
{
    char path[1024];
    json_error_t error;
    json_t *root;

    snprintf(path, sizeof path, "%s/%s.json", VECTOR_DIR, name);
    root = json_load_file(path, 0, &error);
    if (!root) {
        fprintf(stderr, "%s: %s\n", path, error.text);
        abort();
    }
    return root;
}

vector_case *vector_read(const char *name)
{
    vector_case *v = test_alloc(1, sizeof *v);
    json_t *root = load(name);

    snprintf(v->name, sizeof v->name, "%s", name);
    read_input(v, member(root, "input"));
    read_conditioning(v, member(root, "conditioning"));
    if (v->u)
        read_small_init(v, member(root, "expect"));
    else
        read_expect(v, member(root, "expect"));
    json_decref(root);
    return v;
}

void vector_free(vector_case *v)
{
    vector_block *block = v->blocks;

    while (block) {
        vector_block *next = block->next;

        free(block->memory);
        free(block);
        block = next;
    }
    free(v);
}
