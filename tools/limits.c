/* limits.c: telling limits apart.
 * SPDX-License-Identifier: MIT
 *
 * Two limits are the same when they are no further apart than the larger of their rounding errors
 * (accuracy.c).  The runs are sorted by the product of their limit with one random unit vector,
 * which cannot differ by more than the limits do; each is compared with the first run of the limits
 * found in that neighbourhood only. */
#include "limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "random.h"

struct item {
    double product;
    int64_t run;
};

struct search {
    struct runs *runs;
    struct item *item; /* certified runs, sorted          */
    int64_t items;
    int64_t *first;    /* items that begin a limit        */
    int64_t firsts;
    double tolerance;  /* the largest                     */
};

double limits_distance(const double *v, const double *w, int64_t d)
{
    double distance = 0;
    int64_t k;

    for (k = 0; k < d; k++) {
        distance = hypot(distance, v[k] - w[k]);
    }
    return distance;
}

static int compare_items(const void *left, const void *right)
{
    const struct item *a = left;
    const struct item *b = right;

    if (a->product != b->product) {
        return a->product < b->product ? -1 : 1;
    }
    return (a->run > b->run) - (a->run < b->run);
}

static int sort_items(struct search *search)
{
    const struct runs *runs = search->runs;
    const int64_t d = runs->size;
    double *u = allocate_array((size_t)d, sizeof *u);
    const int status = u == NULL ? fail_memory() : random_direction(0, d, u);
    int64_t i;
    int64_t k;

    for (i = 0; status == STATUS_OK && i < runs->count; i++) {
        if (runs->run[i].certified) {
            struct item *item = &search->item[search->items++];
            item->run = i;
            item->product = 0;
            for (k = 0; k < d; k++) {
                item->product += u[k] * runs->weights[i * d + k];
            }
            search->tolerance = fmax(search->tolerance, runs->run[i].accuracy);
        }
    }
    free(u);
    if (search->items > 0) {
        qsort(search->item, (size_t)search->items, sizeof *search->item, compare_items);
    }
    return status;
}

static bool same_limit(const struct runs *runs, int64_t one, int64_t other)
{
    const int64_t d = runs->size;

    return limits_distance(runs->weights + one * d, runs->weights + other * d, d)
           <= fmax(runs->run[one].accuracy, runs->run[other].accuracy);
}

/* The limit of an item, a new one where there is none near. */
static int64_t find_limit(struct search *search, const struct item *item)
{
    int64_t k;

    for (k = search->firsts - 1; k >= 0; k--) {
        const struct item *other = &search->item[search->first[k]];
        if (item->product - other->product > search->tolerance) {
            break;
        }
        if (same_limit(search->runs, item->run, other->run)) {
            return k;
        }
    }
    search->first[search->firsts] = item - search->item;
    return search->firsts++;
}

static void count_run(struct limit *limit, const struct runs *runs, int64_t run)
{
    const double scale = runs->scale[runs->run[run].scale];

    if (limit->runs++ == 0) {
        limit->run = run;
        limit->smallest = limit->largest = scale;
    }
    limit->run = run < limit->run ? run : limit->run;
    limit->smallest = fmin(limit->smallest, scale);
    limit->largest = fmax(limit->largest, scale);
}

struct rank {
    struct limit limit;
    double loss;
    int64_t found; /* its number as found */
};

static int compare_ranks(const void *left, const void *right)
{
    const struct rank *a = left;
    const struct rank *b = right;

    if (a->limit.runs != b->limit.runs) {
        return a->limit.runs > b->limit.runs ? -1 : 1;
    }
    if (a->loss != b->loss) {
        return a->loss < b->loss ? -1 : 1;
    }
    return (a->limit.run > b->limit.run) - (a->limit.run < b->limit.run);
}

/* Renumbers the limits as found. */
static int sort_limits(struct runs *runs, struct limits *out)
{
    const size_t count = (size_t)out->count;
    struct rank *rank = allocate_array(count, sizeof *rank);
    int64_t *number = allocate_array(count, sizeof *number);
    const bool room = rank != NULL && number != NULL;
    int64_t k;

    for (k = 0; room && k < out->count; k++) {
        rank[k].limit = out->limit[k];
        rank[k].loss = runs->run[out->limit[k].run].loss;
        rank[k].found = k;
    }
    if (room && count > 0) {
        qsort(rank, count, sizeof *rank, compare_ranks);
    }
    for (k = 0; room && k < out->count; k++) {
        out->limit[k] = rank[k].limit;
        number[rank[k].found] = k + 1;
    }
    for (k = 0; room && k < runs->count; k++) {
        if (runs->run[k].limit > 0) {
            runs->run[k].limit = number[runs->run[k].limit - 1];
        }
    }
    free(rank);
    free(number);
    return room ? STATUS_OK : fail_memory();
}

static int number_limits(struct search *search, struct limits *out)
{
    struct runs *runs = search->runs;
    int64_t k;

    for (k = 0; k < search->items; k++) {
        const struct item *item = &search->item[k];
        runs->run[item->run].limit = find_limit(search, item) + 1;
    }
    out->limit = calloc((size_t)search->firsts + 1, sizeof *out->limit);
    if (out->limit == NULL) {
        return fail_memory();
    }
    out->count = search->firsts;
    out->tolerance = search->tolerance;
    for (k = 0; k < search->items; k++) {
        const int64_t run = search->item[k].run;
        count_run(&out->limit[runs->run[run].limit - 1], runs, run);
    }
    return sort_limits(runs, out);
}

int limits_find(struct runs *runs, struct limits *out)
{
    struct search search = {runs, NULL, 0, NULL, 0, 0};
    int status = STATUS_OK;

    memset(out, 0, sizeof *out);
    search.item = allocate_array((size_t)runs->count, sizeof *search.item);
    search.first = allocate_array((size_t)runs->count, sizeof *search.first);
    if (search.item == NULL || search.first == NULL) {
        status = fail_memory();
    }
    if (status == STATUS_OK) {
        status = sort_items(&search);
    }
    if (status == STATUS_OK) {
        status = number_limits(&search, out);
    }
    free(search.item);
    free(search.first);
    return status;
}

void limits_free(struct limits *limits)
{
    free(limits->limit);
    memset(limits, 0, sizeof *limits);
}
