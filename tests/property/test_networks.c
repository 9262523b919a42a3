/* test_networks.c: what permuting, scaling, rotating, splitting and joining neurons does to a network is
 * known (docs/mathematics.md 7). SPDX-License-Identifier: MIT */
#include "algebra.h"
#include "random.h"
#include "run.h"

#include <math.h>
#include <reluflow/reluflow.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 20, MOST_ROWS = 16, MOST_DIM = 6, MOST_NEURONS = 8 };

typedef struct network {
    int64_t n, d, m;
    double X[MOST_ROWS * MOST_DIM], y[MOST_ROWS], c[MOST_ROWS];
    double a[MOST_NEURONS], w[MOST_NEURONS * MOST_DIM];
} network;

/* A network that ran to its limit. */
typedef struct finished {
    rf_model *model;
    int64_t events;
    rf_event *event;
    double w[MOST_NEURONS * MOST_DIM];
} finished;

static network random_network(uint64_t seed)
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

static rf_model *start(const network *t)
{
    rf_model *model = NULL;

    ck_assert_int_eq(rf_model_create(t->n, t->d, t->X, t->y, &model), RF_OK);
    ck_assert_int_eq(rf_model_set_data_weights(model, t->c, t->n), RF_OK);
    ck_assert_int_eq(rf_model_set_outer_weights(model, t->m, t->a, t->m), RF_OK);
    ck_assert_int_eq(rf_model_init(model, t->w, t->m * t->d), RF_OK);
    return model;
}

static finished finish(const network *t)
{
    finished f = {0};

    f.model = start(t);
    ck_assert_int_eq(rf_model_set_event_limit(f.model, 5000), RF_OK);
    ck_assert_int_eq(rf_model_integrate(f.model, INFINITY), RF_OK);
    f.events = rf_model_event_count(f.model);
    f.event = test_alloc(f.events, sizeof *f.event);
    ck_assert_int_eq(rf_model_events(f.model, 0, f.events, f.event), RF_OK);
    ck_assert_int_eq(rf_model_query(f.model, RF_WEIGHTS, f.w, t->m * t->d), RF_OK);
    return f;
}

static void discard(finished *f)
{
    rf_model_free(f->model);
    free(f->event);
}

/* Every event of f has its image among those of g, and there are no others: neuron j is neuron[j] there,
 * t is scale t.  The instants of a well conditioned flow agree to 1e-10. */
static void same_events(const finished *f, const finished *g, const int64_t *neuron, double scale)
{
    uint8_t *taken = test_alloc(g->events, 1);

    ck_assert_int_eq(f->events, g->events);
    for (int64_t k = 0; k < f->events; k++) {
        const rf_event *e = &f->event[k];
        int64_t found = -1;

        for (int64_t l = 0; l < g->events && found < 0; l++)
            if (!taken[l] && g->event[l].neuron == neuron[e->neuron]
                && g->event[l].datum == e->datum && g->event[l].kind == e->kind
                && fabs(g->event[l].time - scale * e->time) <= 1e-10 * scale * e->time)
                found = l;
        ck_assert_msg(found >= 0, "event %d of neuron %d, datum %d at %.17g has no image", (int)k,
                      (int)e->neuron, (int)e->datum, e->time);
        taken[found] = 1;
    }
    free(taken);
}

static const int64_t in_place[MOST_NEURONS] = {0, 1, 2, 3, 4, 5, 6, 7};

static void check_image(const network *t, const network *u, double weight, double time)
{
    finished f = finish(t), g = finish(u);
    double size = test_norm(f.w, t->m * t->d);

    same_events(&f, &g, in_place, time);
    for (int64_t k = 0; k < t->m * t->d; k++)
        ck_assert_double_le(fabs(g.w[k] - weight * f.w[k]), 1e-11 * weight * (1 + size));
    discard(&f);
    discard(&g);
}

START_TEST(permuted)
{
    network t = random_network((uint64_t)_i), u = t;
    int64_t at[MOST_NEURONS];
    finished f, g;

    for (int64_t j = 0; j < t.m; j++) {
        at[j] = (j + 1) % t.m;
        u.a[at[j]] = t.a[j];
        memcpy(u.w + at[j] * t.d, t.w + j * t.d, (size_t)t.d * sizeof(double));
    }
    f = finish(&t);
    g = finish(&u);
    same_events(&f, &g, at, 1);
    for (int64_t j = 0; j < t.m; j++)
        ck_assert_double_le(test_distance(f.w + j * t.d, g.w + at[j] * t.d, t.d),
                            1e-11 * (1 + test_norm(f.w, t.m * t.d)));
    discard(&f);
    discard(&g);
}
END_TEST

/* (w_j, a_j) -> (s w_j, a_j/s) is the same function; its flow is s times as large and s^2 times as slow. */
START_TEST(scaled)
{
    const double scales[] = {0.3, 2, 7};

    for (int k = 0; k < 3; k++) {
        network t = random_network((uint64_t)_i), u = t;

        for (int64_t j = 0; j < t.m; j++)
            u.a[j] /= scales[k];
        for (int64_t l = 0; l < t.m * t.d; l++)
            u.w[l] *= scales[k];
        check_image(&t, &u, scales[k], scales[k] * scales[k]);
    }
}
END_TEST

/* Data weights scale the time; rows with the inverse weights, and labels with weights, the flow. */
START_TEST(data_scaled)
{
    network t = random_network((uint64_t)_i), u = t;

    for (int64_t i = 0; i < t.n; i++)
        u.c[i] *= 3;
    check_image(&t, &u, 1, 1 / 3.0);
    u = t;
    for (int64_t i = 0; i < t.n; i++)
        u.y[i] *= 3;
    for (int64_t k = 0; k < t.m * t.d; k++)
        u.w[k] *= 3;
    check_image(&t, &u, 3, 1);
    u = t;
    for (int64_t k = 0; k < t.n * t.d; k++)
        u.X[k] *= 0x1p-200;
    for (int64_t k = 0; k < t.m * t.d; k++)
        u.w[k] *= 0x1p200;
    check_image(&t, &u, 0x1p200, 0x1p400);
}
END_TEST

START_TEST(rotated)
{
    network t = random_network((uint64_t)_i), u = t;
    random_source r = random_seed(77);
    double Q[MOST_DIM * MOST_DIM], turned[MOST_DIM];
    finished f, g;

    random_rotation(&r, t.d, Q);
    for (int64_t i = 0; i < t.n + t.m; i++) {
        const double *from = i < t.n ? t.X + i * t.d : t.w + (i - t.n) * t.d;
        double *to = i < t.n ? u.X + i * t.d : u.w + (i - t.n) * t.d;

        for (int64_t k = 0; k < t.d; k++)
            to[k] = test_dot(Q + k * t.d, from, t.d);
    }
    f = finish(&t);
    g = finish(&u);
    same_events(&f, &g, in_place, 1);
    for (int64_t j = 0; j < t.m; j++) {
        for (int64_t k = 0; k < t.d; k++)
            turned[k] = test_dot(Q + k * t.d, f.w + j * t.d, t.d);
        ck_assert_double_le(test_distance(turned, g.w + j * t.d, t.d),
                            1e-11 * (1 + test_norm(f.w, t.m * t.d)));
    }
    discard(&f);
    discard(&g);
}
END_TEST

/* A neuron is four with a/2 and w/2: they stay equal to the last bit, and together they are the one. */
START_TEST(split)
{
    network t = random_network((uint64_t)_i), u = t;
    double size;
    finished f, g;
    int64_t events = 0, d = t.d;

    u.m = t.m + 3;
    for (int64_t j = t.m; j < u.m; j++) {
        u.a[j] = t.a[0] / 2;
        for (int64_t k = 0; k < d; k++)
            u.w[j * d + k] = t.w[k] / 2;
    }
    u.a[0] = u.a[t.m];
    memcpy(u.w, u.w + t.m * d, (size_t)d * sizeof(double));
    f = finish(&t);
    g = finish(&u);
    size = 1 + test_norm(f.w, t.m * d);
    for (int64_t j = t.m; j < u.m; j++)
        ck_assert_mem_eq(g.w, g.w + j * d, (size_t)d * sizeof(double));
    for (int64_t k = 0; k < t.m * d; k++)
        ck_assert_double_le(fabs((k < d ? 2 : 1) * g.w[k] - f.w[k]), 1e-11 * size);
    for (int64_t k = 0; k < f.events; k++)
        events += f.event[k].neuron == 0 ? 4 : 1;
    ck_assert_int_eq(g.events, events);
    discard(&f);
    discard(&g);
}
END_TEST

/* One neuron with any a is one with a = 1, labels y/a and weights c a^2. */
START_TEST(one_neuron)
{
    const double outer[] = {-2.5, 0.3, -1};

    for (int k = 0; k < 3; k++) {
        network t = random_network((uint64_t)_i), u;

        t.m = 1;
        t.a[0] = outer[k];
        u = t;
        u.a[0] = 1;
        for (int64_t i = 0; i < t.n; i++) {
            u.y[i] = t.y[i] / outer[k];
            u.c[i] = t.c[i] * outer[k] * outer[k];
        }
        check_image(&t, &u, 1, 1);
    }
}
END_TEST

/* Two neurons on data of their own, in coordinates of their own: the rows of the other are at a margin of
 * exactly 0, and stay there. */
static network joined(const network *t)
{
    network u = {0};

    u.n = 2 * t->n;
    u.d = 2 * t->d;
    u.m = 2;
    for (int64_t i = 0; i < t->n; i++) {
        u.y[i] = u.y[t->n + i] = t->y[i];
        u.c[i] = u.c[t->n + i] = t->c[i];
        for (int64_t k = 0; k < t->d; k++) {
            u.X[i * u.d + k] = t->X[i * t->d + k];
            u.X[(t->n + i) * u.d + t->d + k] = t->X[i * t->d + k];
        }
    }
    for (int64_t k = 0; k < t->d; k++) {
        u.w[k] = t->w[k];
        u.w[u.d + t->d + k] = t->w[t->d + k];
    }
    memcpy(u.a, t->a, 2 * sizeof(double));
    return u;
}

/* Neuron j of t alone, w after as many steps of descent. */
static void descend_alone(const network *t, int64_t j, double eta, int64_t steps, double *w)
{
    network u = *t;
    rf_model *model;

    u.m = 1;
    u.a[0] = t->a[j];
    memcpy(u.w, t->w + j * t->d, (size_t)t->d * sizeof(double));
    model = start(&u);
    ck_assert_int_eq(rf_model_step(model, eta, steps), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, w, t->d), RF_OK);
    rf_model_free(model);
}

START_TEST(apart)
{
    const double eta = 1e-3;
    const int64_t steps = 4000;
    network t = random_network((uint64_t)_i), u = joined(&t);
    double w[2 * MOST_DIM], alone[MOST_DIM];
    rf_model *model = start(&u);

    ck_assert_int_eq(rf_model_step(model, eta, steps), RF_OK);
    ck_assert_int_eq(rf_model_query(model, RF_WEIGHTS, w, u.m * u.d), RF_OK);
    for (int64_t j = 0; j < 2; j++) {
        descend_alone(&t, j, eta, steps, alone);
        for (int64_t k = 0; k < t.d; k++) {
            ck_assert_double_le(fabs(w[j * u.d + j * t.d + k] - alone[k]), 1e-10);
            ck_assert_double_eq(w[j * u.d + (1 - j) * t.d + k], 0);
        }
    }
    rf_model_free(model);
}
END_TEST

/* d = 1: neuron 0 sees the rows -1 and -3/2, neuron 1 the rows 1 and 2, all on one line.  Neuron 0 has
 * H = 13/4, b = (-1)(-1/2) + (-3/2)(-1/2) = 5/4, so that w = 5/13 + (-1 - 5/13) e^{-13t/4} reaches 0 at
 * t = (4/13) ln(18/5).  It goes through, and both together fit the rows 1 and 2: w_0 + w_1 = (2 + 6)/5. */
START_TEST(both_sides_of_a_line)
{
    network t = {4, 1, 2, {1, -1, 2, -1.5}, {2, -0.5, 3, -0.5}, {1, 1, 1, 1}, {1, 1}, {-1, 1}};
    finished f = finish(&t);

    ck_assert_int_ge(f.events, 1);
    ck_assert_int_eq(f.event[0].neuron, 0);
    ck_assert_double_le(fabs(f.event[0].time - log(3.6) * 4 / 13), 1e-15);
    ck_assert_double_le(fabs(f.w[0] + f.w[1] - 1.6), 1e-14);
    discard(&f);
}
END_TEST

/* Neuron 1 follows a part of what neuron 0 does, and its multiplier of datum 3 tends to exactly 0 while the
 * loss does not: rounding must not take it off the kink. */
START_TEST(vanishing_multiplier)
{
    network t = {
        10,
        2,
        2,
        {-1.217124196664833,   0.13028966967630645, 0.40777734446031866, -1.8132890234777241,
         0.07222193239853408,  -0.28394490647624615, -0.08933278617031395, 0.654839207956117,
         -1.8487895900670857,  0.20116276361957708, 0.3139271546381273, -0.18422755301181204,
         -0.8591562759368417,  -0.29038515617375454, -1.7861891067479183, -1.158024355052306,
         -1.4092848243730554,  0.19951454729796458, 1.4264916842229256, -0.15348802982286205},
        {-1.1346470082677793, 0.11065762654455336, 0.0194537082134858, 0.6765411490536306,
         -0.2806588476417686, -0.7634997622037365, 0.8329819865737118, 0.03949976368103325,
         -1.292946089544186, -0.629761188605874},
        {0.5856452558066272, 1.0893734057326407, 1.2131488104894514, 1.1263046244137394,
         1.426469948021267, 0.9244632401372984, 1.1036033575112136, 1.420071584390086,
         1.7741568201629392, 1.6846849734282736},
        {0.8384997681322579, -1.2439147462657778},
        {-2.7014326549523053, -0.9612924942324349, -0.7673307454487491, 0.3182873881169918}};
    uint8_t state[20];

    for (int k = 0; k < 12; k++) {
        network u = t;
        const double scale = 0.3 + 0.1 * k;
        finished f;

        for (int64_t j = 0; j < 2; j++)
            u.a[j] /= scale;
        for (int64_t l = 0; l < 4; l++)
            u.w[l] *= scale;
        f = finish(&u);
        ck_assert_int_eq(rf_model_pattern(f.model, state, 20), RF_OK);
        ck_assert_int_eq(state[10 + 3], 2);
        ck_assert_int_eq(f.event[f.events - 1].datum, 2);
        discard(&f);
    }
}
END_TEST

static void ask(const finished *f, double time, int32_t quantity, double *out)
{
    int64_t size;

    ck_assert_int_eq(rf_model_query_size(f->model, quantity, &size), RF_OK);
    ck_assert_int_eq(rf_model_query_at(f->model, time, quantity, out, size), RF_OK);
}

/* What the model says at a time, and the size its rounding is measured against. */
typedef struct moment {
    double w[MOST_NEURONS * MOST_DIM], v[MOST_NEURONS * MOST_DIM], g[MOST_NEURONS * MOST_DIM];
    double z[MOST_NEURONS * MOST_ROWS], theta[MOST_NEURONS * MOST_ROWS];
    double alpha[MOST_NEURONS * MOST_ROWS], r[MOST_ROWS], f[MOST_ROWS];
    double loss, rate, size;
} moment;

static moment look(const network *t, const finished *f, double time)
{
    moment p;

    ask(f, time, RF_WEIGHTS, p.w);
    ask(f, time, RF_VELOCITY, p.v);
    ask(f, time, RF_GRADIENT, p.g);
    ask(f, time, RF_MARGINS, p.z);
    ask(f, time, RF_PATTERN, p.theta);
    ask(f, time, RF_COEFFICIENTS, p.alpha);
    ask(f, time, RF_RESIDUALS, p.r);
    ask(f, time, RF_OUTPUTS, p.f);
    ask(f, time, RF_LOSS, &p.loss);
    ask(f, time, RF_NORM_RATE, &p.rate);
    p.size = 100 * (1 + test_norm(t->X, t->n * t->d)) * (1 + test_norm(p.w, t->m * t->d));
    return p;
}

/* f = sum a sigma(z), r = f - y, L = sum c r^2/2, the gradient and the velocity sum gamma theta x: each a sum
 * of tens of products of numbers of order 1 to 100, to 1e-13 of the product of their sizes. */
static void check_moment(const network *t, const moment *p)
{
    double loss = 0, slack = 1e-13 * p->size;

    for (int64_t i = 0; i < t->n; i++) {
        double f = 0;

        for (int64_t j = 0; j < t->m; j++)
            f += t->a[j] * fmax(p->z[j * t->n + i], 0);
        ck_assert_double_le(fabs(f - p->f[i]), slack);
        ck_assert_double_le(fabs(f - t->y[i] - p->r[i]), slack);
        loss += t->c[i] * p->r[i] * p->r[i] / 2;
    }
    ck_assert_double_le(fabs(loss - p->loss), slack * (1 + loss));
    for (int64_t j = 0; j < t->m; j++) {
        double g[MOST_DIM] = {0}, v[MOST_DIM] = {0};

        for (int64_t i = 0; i < t->n; i++) {
            const double *x = t->X + i * t->d, theta = p->theta[j * t->n + i];
            double gamma = -t->a[j] * t->c[i] * p->r[i], z = test_dot(x, p->w + j * t->d, t->d);

            ck_assert_double_le(fabs(z - p->z[j * t->n + i]), slack);
            for (int64_t k = 0; k < t->d; k++) {
                g[k] -= theta == 1 ? gamma * x[k] : 0;
                v[k] += theta * gamma * x[k];
            }
        }
        ck_assert_double_le(test_distance(g, p->g + j * t->d, t->d), slack * p->size);
        ck_assert_double_le(test_distance(v, p->v + j * t->d, t->d), slack * p->size);
    }
    ck_assert_double_le(fabs(test_dot(p->w, p->v, t->m * t->d) - p->rate), slack * p->size);
}

/* w_j(t) = w_j(0) + sum_i alpha_ij x_i. */
static void check_coefficients(const network *t, const moment *p)
{
    double size = p->size * (1 + test_norm(p->alpha, t->m * t->n));

    for (int64_t j = 0; j < t->m; j++)
        for (int64_t k = 0; k < t->d; k++) {
            double w = t->w[j * t->d + k];

            for (int64_t i = 0; i < t->n; i++)
                w += p->alpha[j * t->n + i] * t->X[i * t->d + k];
            ck_assert_double_le(fabs(w - p->w[j * t->d + k]), 1e-13 * size);
        }
}

/* The weight of least norm has the same outputs on the active data, and w - it is orthogonal to it. */
static void check_least_norm(const network *t, const finished *f, const moment *p, double time)
{
    double v[MOST_NEURONS * MOST_DIM], rest[MOST_NEURONS * MOST_DIM];

    ask(f, time, RF_LEAST_NORM, v);
    for (int64_t k = 0; k < t->m * t->d; k++)
        rest[k] = p->w[k] - v[k];
    for (int64_t i = 0; i < t->n; i++) {
        double difference = 0;

        for (int64_t j = 0; j < t->m; j++)
            if (p->theta[j * t->n + i] == 1)
                difference += t->a[j] * test_dot(t->X + i * t->d, rest + j * t->d, t->d);
        ck_assert_double_le(fabs(difference), 1e-11 * p->size);
    }
    ck_assert_double_le(fabs(test_dot(rest, v, t->m * t->d)), 1e-9 * p->size * p->size);
}

/* The trace of H: sum of a_j^2 c_i |x_i|^2 over the active pairs, where nothing slides. */
static void check_rates(const network *t, const finished *f, const moment *p, double time)
{
    double rates[MOST_NEURONS * MOST_DIM], sum = 0, trace = 0;

    ask(f, time, RF_RATES, rates);
    for (int64_t k = 0; k < t->m * t->n; k++) {
        const double *x = t->X + k % t->n * t->d, a = t->a[k / t->n];

        if (p->theta[k] != 0 && p->theta[k] != 1)
            return;
        trace += p->theta[k] * a * a * t->c[k % t->n] * test_dot(x, x, t->d);
    }
    for (int64_t k = 0; k < t->m * t->d; k++) {
        sum += rates[k];
        ck_assert(k == 0 || rates[k] <= rates[k - 1]);
    }
    ck_assert_double_le(fabs(sum - trace), 1e-12 * (1 + trace));
}

/* Between events and before the last one, where theta of a slide is inside its box. */
START_TEST(answers)
{
    network t = random_network((uint64_t)_i);
    finished f = finish(&t);

    for (int64_t k = 0; k + 1 < f.events && f.event[k + 1].time < 1e3; k++) {
        double time = (f.event[k].time + f.event[k + 1].time) / 2;
        moment p = look(&t, &f, time);

        if (f.event[k].time == f.event[k + 1].time)
            continue;
        check_moment(&t, &p);
        check_coefficients(&t, &p);
        check_least_norm(&t, &f, &p, time);
        check_rates(&t, &f, &p, time);
    }
    discard(&f);
}
END_TEST

/* Neuron 2 leaves its origin when the residual of datum 1, all that acts on it between two rays, turns:
 * both rays are ways out then, and so is all between them.  It leaves along that on the kink of datum 2, at
 * once and without touching the other; in the same instant neuron 0 leaves the kink of datum 4. */
START_TEST(two_ways_out)
{
    network t = {
        7,
        2,
        3,
        {0.4796603676863439, 0.42412332754215504, -0.4762210990512088, 0.23768982836041472,
         -0.2965310800462528, 0.5402089103528331, 1.5697262197103308, 1.2142434103116815,
         0.7415245190052464, -0.8244267726779205, 1.130217773742589, -0.3676489447858343,
         1.9979610126199094, -0.17943518048381632},
        {-0.41660462023749933, -2.4583388500528978, -3.6813564326025485, -0.10609803575919019,
         -1.5056258782108638, -1.9582895356962244, -2.414424528322521},
        {1, 1, 1, 1, 1, 1, 1},
        {0.9170108367558761, -1.3301464533729364, 0.8150779323077865},
        {-0.9628232471130849, 0.4541335988271831, -0.016630993494785043, 0.23722433674581941,
         0.42434725093855913, 0.9105643650710338}};
    const struct {
        int64_t neuron, datum;
        int32_t kind;
    } expected[] = {{0, 4, RF_EVENT_SLIDE_EXIT_INACTIVE},
                    {2, -1, RF_EVENT_ORIGIN_EXIT},
                    {2, 1, RF_EVENT_ACTIVATE},
                    {2, 2, RF_EVENT_SLIDE_ENTER}};
    finished f = finish(&t);

    ck_assert_int_eq(f.events, 12);
    for (int k = 0; k < 4; k++) {
        ck_assert_double_le(fabs(f.event[5 + k].time - 2.204868996455206), 1e-14);
        ck_assert_int_eq(f.event[5 + k].neuron, expected[k].neuron);
        ck_assert_int_eq(f.event[5 + k].datum, expected[k].datum);
        ck_assert_int_eq(f.event[5 + k].kind, expected[k].kind);
    }
    discard(&f);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"permuted", permuted, SEEDS},
        {"scaled", scaled, SEEDS},
        {"data scaled", data_scaled, SEEDS},
        {"rotated", rotated, SEEDS},
        {"split", split, SEEDS},
        {"one neuron", one_neuron, SEEDS},
        {"apart", apart, SEEDS},
        {"answers", answers, SEEDS},
        {"both sides of a line", both_sides_of_a_line, 1},
        {"vanishing multiplier", vanishing_multiplier, 1},
        {"two ways out", two_ways_out, 1},
    };

    return run_tests("property networks", entries, sizeof entries / sizeof *entries);
}
