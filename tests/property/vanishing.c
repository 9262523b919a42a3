/* vanishing.c: flows from vanishing initialization, taken apart. SPDX-License-Identifier: MIT */
#include "vanishing.h"

#include "algebra.h"

#include <math.h>

problem *vanishing_make(enum problem_kind kind, uint64_t seed)
{
    problem *p = problem_make(kind, seed);

    p->vanishing = 1;
    if (test_norm(p->w0, p->d) == 0)
        p->w0[0] = 1;
    return p;
}

void vanishing_each(enum problem_kind kind, uint64_t seeds, void (*check)(const flow_data *f))
{
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        problem *p = vanishing_make(kind, seed);
        flow_data *f = flow_run(p);

        check(f);
        flow_free(f);
        problem_free(p);
    }
}

int64_t vanishing_inner(const flow_data *f)
{
    int64_t count = 0;

    while (count < f->event_count && (f->events[count].flags & RF_FLAG_INNER))
        count++;
    return count;
}

int vanishing_leaves_by_event(const flow_data *f)
{
    int64_t inner = vanishing_inner(f);

    return inner < f->event_count && f->events[inner].time == 0;
}

int32_t vanishing_ending(const flow_data *f)
{
    return (int32_t)flow_value(f, INFINITY, RF_INNER_ENDING);
}

/* The next event of a datum (-1: the origin) from event k on, f->event_count if there is none. */
static int64_t next_of(const flow_data *f, int64_t datum, int64_t k)
{
    while (k < f->event_count && f->events[k].datum != datum)
        k++;
    return k;
}

static int64_t original_of(const vanishing_map *map, int64_t datum)
{
    return map->datum && datum >= 0 ? map->datum[datum] : datum;
}

/* The inner ones of f come first, so that the k-th event of a datum is inner in both or in none. */
static int same_sequence(const flow_data *f, const flow_data *g, const vanishing_map *map,
                         int64_t datum, int64_t split)
{
    int64_t j = next_of(f, original_of(map, datum), 0), k = next_of(g, datum, 0);

    while (j < f->event_count && k < g->event_count) {
        if (f->events[j].kind != g->events[k].kind || (j < split) != (k < split))
            return 0;
        j = next_of(f, original_of(map, datum), j + 1);
        k = next_of(g, datum, k + 1);
    }
    return j == f->event_count && k == g->event_count;
}

int vanishing_same_events(const flow_data *f, const flow_data *g, const vanishing_map *map)
{
    if (f->event_count != g->event_count)
        return 0;
    for (int64_t i = -1; i < g->p->n; i++)
        if (!same_sequence(f, g, map, i, vanishing_inner(f)))
            return 0;
    return 1;
}

/* The largest |time of g - factor time of f| / unit over the events of one part; unit 0 stands for
 * the time itself. */
static double largest_error(const flow_data *f, const flow_data *g, const vanishing_map *map,
                            int inner, double factor, double unit)
{
    int64_t split = vanishing_inner(f);
    double worst = 0;

    for (int64_t i = -1; i < g->p->n; i++) {
        int64_t j = next_of(f, original_of(map, i), 0), k = next_of(g, i, 0);

        for (; j < f->event_count; j = next_of(f, original_of(map, i), j + 1)) {
            double time = factor * f->events[j].time;

            if ((j < split) == inner && g->events[k].time != time)
                worst = fmax(worst, fabs(g->events[k].time - time) / (unit > 0 ? unit : time));
            k = next_of(g, i, k + 1);
        }
    }
    return worst;
}

double vanishing_inner_error(const flow_data *f, const flow_data *g, const vanishing_map *map)
{
    return largest_error(f, g, map, 1, map->inner_scale, 0);
}

double vanishing_outer_error(const flow_data *f, const flow_data *g, const vanishing_map *map)
{
    return largest_error(f, g, map, 0, 1, f->p->time);
}
