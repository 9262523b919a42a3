/* landscape_text.c: the stationary points as a text for a person.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>

#include "landscape.h"
#include "names.h"
#include "text.h"

static void print_starts(const struct landscape *landscape)
{
    const struct options *options = &landscape->options;
    const struct runs *runs = &landscape->runs;

    if (runs->count == 0) {
        return;
    }
    printf("Starts       %lld random trajectories, ", (long long)runs->count);
    if (options->scale == 0) {
        printf("w(0) -> 0 along u");
    } else {
        printf("w(0) = %.6g u", options->scale);
    }
    printf(", seeds %llu to %llu\n", (unsigned long long)options->seed,
           (unsigned long long)(options->seed + (uint64_t)runs->count - 1));
    printf("Ends         at a point listed: %lld, elsewhere: %lld, at no certified limit: %lld\n",
           (long long)(runs->count - landscape->elsewhere - landscape->unfinished),
           (long long)landscape->elsewhere, (long long)landscape->unfinished);
}

static void print_extent(const rf_stationary_point *point)
{
    const double *u = point->direction;

    switch (point->kind) {
    case RF_POINT_FLAT_MINIMUM:
        printf("%6s a line: w + s (%.6g, %.6g), s from %.6g to %.6g%s\n", "", u[0], u[1],
               point->range[0], point->range[1],
               point->range[0] > 0 || point->range[1] < 0 ? "; w is not on it" : "");
        break;
    case RF_POINT_KINK_RAY:
        printf("%6s a ray: w + s (%.6g, %.6g), s from 0\n", "", u[0], u[1]);
        break;
    case RF_POINT_DEAD_CONE:
        printf("%6s a cone: counterclockwise from the ray (w1, w2) to the ray (%.6g, %.6g)\n", "",
               u[0], u[1]);
        break;
    default:
        break;
    }
}

static void print_remarks(const rf_stationary_point *point)
{
    if (point->kind == RF_POINT_ORIGIN) {
        fputs((point->flags & 1) != 0 ? "  stationary" : "  not stationary", stdout);
    }
    if ((point->flags & RF_FLAG_DOUBTFUL) != 0) {
        fputs("  doubtful", stdout);
    }
    putchar('\n');
}

static void print_point(const struct landscape *landscape, int64_t k)
{
    const rf_stationary_point *point = &landscape->point[k];

    printf("%6lld %-18s %13.6g %13.6g %13.6g", (long long)k + 1, name_of_point(point->kind),
           point->w[0], point->w[1], point->loss);
    if (landscape_has_row(point)) {
        printf(" %7lld", (long long)point->datum + 1);
    } else {
        printf(" %7s", "");
    }
    if (landscape_has_theta(point)) {
        printf(" %8.5g", point->theta);
    } else {
        printf(" %8s", "");
    }
    if (landscape->runs.count > 0) {
        printf(" %7lld", (long long)landscape->ends[k]);
    }
    print_remarks(point);
    print_extent(point);
}

void landscape_text(const struct landscape *landscape)
{
    const struct dataset *data = &landscape->data;
    const int64_t lowest = landscape_lowest(landscape);
    int64_t k;

    text_title("stationary points of the loss", &landscape->network);
    text_data(data);
    text_neuron(&landscape->options, &landscape->network);
    printf("Weights      w1: ");
    text_name(data->names[0], 0);
    printf(", w2: ");
    text_name(data->names[1], 0);
    printf("\nPoints       %lld; the loss is least, %.6g, at point %lld\n",
           (long long)landscape->count, landscape->point[lowest].loss, (long long)lowest + 1);
    print_starts(landscape);
    printf("\n%6s %-18s %13s %13s %13s %7s %8s%s\n", "point", "kind", "w1", "w2", "loss", "row",
           "theta", landscape->runs.count > 0 ? "    runs" : "");
    for (k = 0; k < landscape->count; k++) {
        print_point(landscape, k);
    }
}
