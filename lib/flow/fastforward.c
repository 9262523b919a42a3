/* fastforward: see fastforward.h.
 * SPDX-License-Identifier: MIT */
#include "flow/fastforward.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* Margins that are searched at a time.  What one chunk finds bounds how far the iterates go for
 * the next, which leaves most lines out of reach. */
enum { CHUNK = 64 };

/* A form with growing modes is trusted until one has grown by 2^40 and then built anew, so that the
 * modes beside it keep their digits. */
enum { MOST_GROWTH = 40 };

/* About as many passes over the data as the form and the search cost, 30 to 170 for min(n, d)
 * from 2 to 200: a stretch that ends soon is never charged more than twice its steps. */
int64_t rfi_fastforward_lead(const rfi_problem *problem)
{
    return 32 + rfi_most_modes(problem) / 2;
}

static int allocate(rfi_fastforward *f, const rfi_problem *problem)
{
    const rf_allocator *a = &problem->data->allocator;
    const int64_t m = rfi_most_modes(problem);
    int failed;
    memset(f, 0, sizeof(*f));
    failed = rfi_pattern_create(&f->pattern, rfi_kink_count(problem), a) != 0
             || rfi_segment_create_whole(&f->segment, problem) != 0
             || rfi_workspace_create_whole(&f->ws, problem) != 0;
    f->ws.factor.from = INT64_MAX; /* pulls change from run to run, and are formed from U */
    failed |= (f->factors.rate = rfi_alloc(a, m, sizeof(double))) == NULL;
    failed |= (f->factors.bend = rfi_alloc(a, m, sizeof(double))) == NULL;
    failed |= (f->factors.part = rfi_alloc(a, m, sizeof(double))) == NULL;
    failed |= (f->factors.turns = rfi_alloc(a, m, sizeof(uint8_t))) == NULL;
    failed |= (f->factors.order = rfi_alloc(a, m, sizeof(int64_t))) == NULL;
    failed |= (f->doubt = rfi_alloc(a, m, sizeof(double))) == NULL;
    failed |= (f->p = rfi_alloc(a, CHUNK * m, sizeof(double))) == NULL;
    failed |= (f->watch = rfi_alloc(a, CHUNK, sizeof(*f->watch))) == NULL;
    failed |= (f->clear = rfi_alloc(a, CHUNK, sizeof(uint8_t))) == NULL;
    failed |= (f->work = rfi_alloc(a, 7 * m, sizeof(double))) == NULL;
    f->allocated = 1;
    if (failed)
        rfi_fastforward_free(f, a);
    return failed ? -1 : 0;
}

void rfi_fastforward_free(rfi_fastforward *f, const rf_allocator *allocator)
{
    rfi_pattern_free(&f->pattern, allocator);
    rfi_segment_free(&f->segment, allocator);
    rfi_workspace_free(&f->ws, allocator);
    rfi_free(allocator, f->factors.rate);
    rfi_free(allocator, f->factors.bend);
    rfi_free(allocator, f->factors.part);
    rfi_free(allocator, f->factors.turns);
    rfi_free(allocator, f->factors.order);
    rfi_free(allocator, f->doubt);
    rfi_free(allocator, f->p);
    rfi_free(allocator, f->watch);
    rfi_free(allocator, f->clear);
    rfi_free(allocator, f->work);
    memset(f, 0, sizeof(*f));
}

/* The sides of the lines for the states of their data.  Returns 0 if a line has none: data on
 * both of its sides that are all inactive, on the kink, or that rounding has put on different
 * sides. */
static int find_sides(rfi_pattern *pattern, const rfi_data *data, const uint8_t *state)
{
    const rfi_kinks *kinks = &data->kinks;
    int64_t i, k;
    for (i = 0; i < pattern->lines; ++i) {
        const int64_t g = i % kinks->count;
        const uint8_t *own = state + i / kinks->count * data->n;
        int8_t side = RFI_MINUS;
        for (k = kinks->start[g]; k < kinks->start[g + 1]; ++k)
            if (own[kinks->member[k]] == RFI_ACTIVE)
                side = kinks->factor[kinks->member[k]] > 0.0 ? RFI_PLUS : RFI_MINUS;
        for (k = kinks->start[g]; k < kinks->start[g + 1]; ++k)
            if ((own[kinks->member[k]] == RFI_ACTIVE)
                != ((side > 0) == (kinks->factor[kinks->member[k]] > 0.0)))
                return 0;
        pattern->side[i] = side;
    }
    return 1;
}

/* A growing mode amplifies what is below rounding too, as the steps do: it keeps its pull. */
static void keep_growing(rfi_fastforward *f)
{
    rfi_segment *seg = &f->segment;
    int64_t j, k;
    for (j = 0; j < seg->modes; ++j) {
        if (f->factors.rate[j] >= 0.0 || seg->pull[j] != 0.0)
            continue;
        for (k = 0; k < seg->rows; ++k)
            seg->pull[j] += seg->U[k * seg->most + j] * seg->residual[k];
        seg->shift[j] = -seg->pull[j] / seg->s[j];
    }
}

/* 1 if no iterate of the form, nor its margins and gradient, leaves the range of double: for a
 * factor 2^70 > 2^MOST_GROWTH times any number of modes and data. */
static int in_range(const rfi_fastforward *f, const rfi_data *data)
{
    const rfi_segment *seg = &f->segment;
    const double room = ldexp(1.0, 70);
    double longest = 0.0;
    int64_t i;
    if (!f->factors.growing)
        return 1;
    for (i = 0; i < data->n; ++i)
        longest = fmax(longest, data->norm[i]);
    return isfinite(room * seg->s[0] * seg->residual_size)
           && isfinite(room * fmax(longest, 1.0)
                       * (seg->w_size + rfi_norm(seg->shift, seg->modes)));
}

rf_status rfi_fastforward_build(rfi_fastforward *f, const rfi_problem *problem,
                                const rfi_iterate *anchor, double eta)
{
    int64_t j;
    if (!f->allocated && allocate(f, problem) != 0)
        return RF_ERROR_MEMORY;
    f->status = RFI_REFUSED;
    /* From time 0, where a segment takes w to be exact, as an iterate is. */
    if (rfi_iterate_rests(anchor, rfi_weight_count(problem))
        || !find_sides(&f->pattern, problem->data, anchor->state)
        || rfi_segment_build(&f->segment, problem, &f->pattern, 0.0, anchor->w, &f->ws) != RF_OK)
        return RF_OK;
    rfi_factors_set(&f->factors, eta, f->segment.rate, f->segment.modes);
    keep_growing(f);
    for (j = 0; j < f->segment.modes; ++j) {
        if (isinf(f->factors.part[j]))
            return RF_OK;
        f->doubt[j] =
            f->segment.pull[j] != 0.0
                ? 4.0 * RFI_EPS * (1.0 + f->segment.residual_size / fabs(f->segment.pull[j]))
                : 0.0;
    }
    if (in_range(f, problem->data))
        f->status = RFI_FORM;
    return RF_OK;
}

void rfi_fastforward_weights(const rfi_fastforward *f, int64_t k, double *w)
{
    const rfi_segment *seg = &f->segment;
    double rest, done;
    int64_t j;
    if (seg->direct)
        memset(w, 0, (size_t)seg->D * sizeof(double));
    else
        memcpy(w, seg->w0, (size_t)seg->D * sizeof(double));
    for (j = 0; j < seg->modes; ++j) {
        rfi_factors_power(&f->factors, j, k, &rest, &done);
        rfi_axpy(seg->direct ? seg->level[j] * rest + seg->aim[j] * done : seg->shift[j] * done,
                 seg->Q + j * seg->D, w, seg->D);
    }
}

/* How far the iterates 1 .. k are from w(0) at most: 1 - mu^i is at most 1 - mu^k for mu >= 0,
 * at most 1 + |mu| for a mode that turns, and 1 + |mu|^k for one that grows. */
static double farthest(const rfi_fastforward *f, int64_t k)
{
    double sum = 0.0, rest, done;
    int64_t j;
    for (j = 0; j < f->segment.modes; ++j) {
        rfi_factors_power(&f->factors, j, k, &rest, &done);
        if (f->factors.turns[j])
            done = f->factors.rate[j] < 0.0 ? 1.0 + fabs(rest) : f->factors.part[j];
        sum = hypot(sum, f->segment.shift[j] * done);
    }
    return sum * (1.0 + 1e-12);
}

/* 1 if a margin does not move, or begins and stays within rounding of 0: a datum that has
 * settled on its kink.  The steps would show no more than the rounding of their w there, which
 * rfi_iterate_follow takes for no event. */
static int stays_put(const rfi_fastforward *f, const rfi_expsum *z, double band)
{
    double size = fabs(z->start), moves = 0.0;
    int64_t j;
    for (j = 0; j < z->modes; ++j) {
        moves += fabs(z->p[j]);
        size += fabs(z->p[j]) * (f->factors.rate[j] < 0.0 ? ldexp(1.0, MOST_GROWTH) : 1.0);
    }
    return moves == 0.0 || size <= 2.0 * (band + z->haze);
}

/* Makes the watch of a line.  Returns 0 if it needs none. */
static int watch_line(const rfi_fastforward *f, const rfi_problem *problem, int64_t g, double *p,
                      rfi_watch *watch)
{
    const rfi_data *data = problem->data;
    const rfi_expsum z = rfi_segment_margin(&f->segment, problem, g, p);
    const int64_t pair = g / data->kinks.count * data->n + data->kinks.row[g % data->kinks.count];
    int64_t j;
    int unit;
    if (stays_put(f, &z, rfi_margin_band(data, f->segment.w0, pair)))
        return 0;
    frexp(z.size, &unit); /* only signs matter: in units of the size nothing leaves the range */
    for (j = 0; j < z.modes; ++j)
        p[j] = ldexp(p[j], -unit);
    watch->p = p;
    watch->start = ldexp(z.start, -unit);
    watch->limit = ldexp(z.limit, -unit);
    watch->start_noise = 4.0 * RFI_EPS * fabs(watch->start) + ldexp(z.floor, -unit);
    watch->limit_noise = 4.0 * RFI_EPS * fabs(watch->limit) + ldexp(z.limit_noise, -unit);
    watch->side = f->pattern.side[g];
    return 1;
}

int64_t rfi_fastforward_end(rfi_fastforward *f, const rfi_problem *problem, int64_t most)
{
    const rfi_data *data = problem->data;
    const int64_t m = f->segment.modes;
    const double growth = f->factors.growing ? -f->factors.rate[f->factors.order[0]] : 0.0;
    int64_t g = 0, count;
    if (f->factors.growing)
        most = rfi_smaller(most, 1 + (int64_t)fmin(0x1p61, MOST_GROWTH * log(2.0) / growth));
    while (g < f->pattern.lines && most > 0) {
        const double far = farthest(f, most);
        for (count = 0; g < f->pattern.lines && count < CHUNK; ++g)
            if (!(fabs(f->segment.z[g])
                  > data->norm[data->kinks.row[g % data->kinks.count]] * far))
                count += watch_line(f, problem, g, f->p + count * m, &f->watch[count]);
        most =
            rfi_crossing_first(&f->factors, f->doubt, f->watch, count, most, f->clear, f->work) - 1;
    }
    return most + 1;
}
