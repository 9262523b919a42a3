/* saved.c: models in every state, and what rf_model_save writes of them.
 * SPDX-License-Identifier: MIT */
#include "saved.h"

#include "fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

saved save_model(const rf_model *model)
{
    saved s = {NULL, 0};
    int64_t again = 0;

    expect(RF_OK, rf_model_save(model, NULL, 0, &s.size));
    ck_assert_int_gt(s.size, 0);
    s.bytes = test_alloc(s.size, 1);
    expect(RF_OK, rf_model_save(model, s.bytes, s.size, &again));
    ck_assert_int_eq(again, s.size);
    return s;
}

rf_model *load_model(const saved *s)
{
    char message[128] = "x";
    rf_model *model = NULL;
    rf_status status = rf_model_load(s->bytes, s->size, NULL, &model, message, sizeof message);

    ck_assert_msg(status == RF_OK, "load: %d, %s", status, message);
    ck_assert_str_eq(message, "");
    ck_assert_ptr_nonnull(model);
    return model;
}

void saved_free(saved *s)
{
    free(s->bytes);
    s->bytes = NULL;
}

static rf_model *problem_at(enum problem_kind kind, uint64_t seed, double fraction)
{
    problem *p = problem_make(kind, seed);
    rf_model *model = problem_model(p);

    expect(RF_OK, rf_model_integrate(model, isinf(fraction) ? fraction : fraction * p->time));
    problem_free(p);
    return model;
}

static rf_model *before_init(void)
{
    return plane_model();
}

static rf_model *setting_changed(void)
{
    const double c[] = {2, 3, 4};
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 2));
    expect(RF_OK, rf_model_set_activation(model, RF_LEAKY_RELU, 0.25));
    expect(RF_OK, rf_model_set_data_weights(model, c, 3));
    return model;
}

static rf_model *mid_run(void)
{
    return problem_at(PROBLEM_MIXED, 5, 0.3);
}

static rf_model *at_an_event(void)
{
    rf_model *model = sliding_model();

    for (int k = 0; k < 3; k++)
        expect(RF_OK, rf_model_advance(model, INFINITY, NULL));
    return model;
}

static rf_model *looked_ahead(void)
{
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_NO_EVENT, rf_model_advance(model, 0.5, NULL));
    return model;
}

static rf_model *at_the_limit(void)
{
    rf_model *model = sliding_model();

    expect(RF_OK, rf_model_integrate(model, INFINITY));
    return model;
}

static rf_model *many_events(void)
{
    return problem_at(PROBLEM_MANY, 2, INFINITY);
}

static rf_model *stepping(void)
{
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_step(model, 0.0625, 7));
    expect(RF_OK, rf_model_step(model, 0.03125, 40));
    expect(RF_OK, rf_model_step(model, 0.0625, 3));
    return model;
}

static rf_model *stepping_far(void)
{
    rf_model *model = plane_model();

    plane_init(model);
    expect(RF_OK, rf_model_step(model, 0x1p-20, 1000003));
    return model;
}

static rf_model *stepping_unrecorded(void)
{
    rf_model *model = plane_model();

    expect(RF_OK, rf_model_set_recording(model, 0));
    plane_init(model);
    expect(RF_OK, rf_model_step(model, 0.0625, 30));
    return model;
}

static rf_model *unrecorded(double t)
{
    problem *p = problem_make(PROBLEM_MIXED, 6);
    rf_model *model = problem_model(p);

    expect(RF_OK, rf_model_set_recording(model, 0));
    expect(RF_OK, rf_model_init(model, p->w0, p->d));
    expect(RF_OK, rf_model_integrate(model, t * p->time));
    problem_free(p);
    return model;
}

static rf_model *unrecorded_mid_run(void)
{
    return unrecorded(0.5);
}

static rf_model *unrecorded_limit(void)
{
    return unrecorded(INFINITY);
}

static rf_model *borrowed(void)
{
    /* Rows of three, two used. */
    static const double X[] = {1, 0, NAN, 0, 1, NAN, 1, -1, NAN}, y[] = {1, 1.1875, 0.0625};
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create_ex(3, 2, X, 3, 1, y, RF_BORROW_DATA, NULL, &model, NULL, 0));
    plane_init(model);
    expect(RF_OK, rf_model_integrate(model, 1));
    return model;
}

static rf_model *leaky(void)
{
    return problem_at(PROBLEM_LEAKY, 3, 0.4);
}

static rf_model *linear(void)
{
    return problem_at(PROBLEM_LINEAR, 3, 0.4);
}

static rf_model *linear_limit(void)
{
    return problem_at(PROBLEM_LINEAR, 4, INFINITY);
}

static rf_model *weighted(void)
{
    return problem_at(PROBLEM_WEIGHTED, 3, 0.4);
}

static rf_model *parallel(void)
{
    return problem_at(PROBLEM_PARALLEL, 3, 0.4);
}

static rf_model *zero_rows(void)
{
    return problem_at(PROBLEM_ZERO_ROWS, 3, 0.4);
}

static rf_model *line(void)
{
    return problem_at(PROBLEM_LINE, 7, 0.4);
}

static int32_t stop(const rf_model *model, const rf_event *event, void *user)
{
    (void)model;
    (void)event;
    (void)user;
    return 1;
}

/* Two equal data: stopped after the first of two events of one instant. */
static rf_model *inside_an_instant(void)
{
    const double X[] = {1, 0, 0, 1, 1, -1, 1, -1}, y[] = {1, 1.1875, 0.03125, 0.03125};
    const double w0[] = {2, 1};
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(4, 2, X, y, &model));
    expect(RF_OK, rf_model_init(model, w0, 2));
    expect(RF_OK, rf_model_set_callback(model, stop, NULL));
    expect(RF_STOPPED, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_set_callback(model, NULL, NULL));
    return model;
}

static rf_model *inside_an_instant_unrecorded(void)
{
    rf_model *model = inside_an_instant();
    const double w0[] = {2, 1};

    expect(RF_OK, rf_model_set_recording(model, 0));
    expect(RF_OK, rf_model_init(model, w0, 2));
    expect(RF_OK, rf_model_advance(model, INFINITY, NULL));
    return model;
}

static rf_model *event_limit(void)
{
    rf_model *model = sliding_model();

    expect(RF_OK, rf_model_set_event_limit(model, 2));
    expect(RF_EVENT_LIMIT, rf_model_integrate(model, INFINITY));
    return model;
}

static rf_model *from_zero(int64_t seed, double t)
{
    problem *p = problem_make(PROBLEM_MIXED, (uint64_t)seed);
    rf_model *model = problem_model(p);

    expect(RF_OK, rf_model_init_direction(model, p->w0, p->d, 0));
    expect(RF_OK, rf_model_integrate(model, t * p->time));
    problem_free(p);
    return model;
}

/* Scale 0, with an inner event (test_api_vanishing.c). */
static rf_model *vanishing(void)
{
    const double u[] = {2, 1};
    rf_model *model = plane_model();

    expect(RF_OK, rf_model_init_direction(model, u, 2, 0));
    ck_assert_int_eq(rf_model_event_count(model), 1);
    return model;
}

static rf_model *vanishing_mid_run(void)
{
    return from_zero(9, 0.4);
}

static rf_model *vanishing_limit(void)
{
    return from_zero(11, INFINITY);
}

static rf_model *vanishing_dead(void)
{
    const double X[] = {1, 0, 0, 1}, y[] = {-1, -1}, u[] = {1, -1};
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(2, 2, X, y, &model));
    expect(RF_OK, rf_model_init_direction(model, u, 2, 0));
    return model;
}

static rf_model *at_zero(void)
{
    const double w0[] = {0, 0};
    rf_model *model = plane_model();

    expect(RF_OK, rf_model_init(model, w0, 2));
    expect(RF_OK, rf_model_integrate(model, 1));
    return model;
}

static rf_model *through_the_origin(void)
{
    vector_case *v = vector_read("origin_through");
    problem *p = problem_of_vector(v);
    rf_model *model = problem_model(p);
    rf_event event;

    do
        expect(RF_OK, rf_model_advance(model, INFINITY, &event));
    while (event.kind != RF_EVENT_ORIGIN);
    problem_free(p);
    vector_free(v);
    return model;
}

/* On its kink, pushed away on both sides: starts inactive, flagged. */
static rf_model *ambiguous(void)
{
    const double X[] = {1, 0, 0, 1}, y[] = {1, 1}, w0[] = {0, 1};
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(2, 2, X, y, &model));
    expect(RF_OK, rf_model_init(model, w0, 2));
    expect(RF_OK, rf_model_integrate(model, 0.5));
    return model;
}

static rf_model *huge(void)
{
    return problem_at(PROBLEM_HUGE, 1, 0.4);
}

static rf_model *tiny(void)
{
    return problem_at(PROBLEM_TINY, 1, 0.4);
}

const scene scenes[] = {
    {"before init", before_init},
    {"setting changed", setting_changed},
    {"fresh", sliding_model},
    {"mid run", mid_run},
    {"at an event", at_an_event},
    {"looked ahead", looked_ahead},
    {"at the limit", at_the_limit},
    {"many events", many_events},
    {"stepping", stepping},
    {"stepping far", stepping_far},
    {"stepping unrecorded", stepping_unrecorded},
    {"unrecorded mid run", unrecorded_mid_run},
    {"unrecorded limit", unrecorded_limit},
    {"borrowed", borrowed},
    {"leaky", leaky},
    {"linear", linear},
    {"linear limit", linear_limit},
    {"weighted", weighted},
    {"parallel", parallel},
    {"zero rows", zero_rows},
    {"line", line},
    {"inside an instant", inside_an_instant},
    {"inside an instant unrecorded", inside_an_instant_unrecorded},
    {"event limit", event_limit},
    {"vanishing", vanishing},
    {"vanishing mid run", vanishing_mid_run},
    {"vanishing limit", vanishing_limit},
    {"vanishing dead", vanishing_dead},
    {"at zero", at_zero},
    {"through the origin", through_the_origin},
    {"ambiguous", ambiguous},
    {"huge", huge},
    {"tiny", tiny},
};
const int scene_count = (int)(sizeof scenes / sizeof *scenes);

void scene_finish(rf_model *model)
{
    int64_t d = rf_model_dim(model);
    double t;
    rf_status status;

    if (rf_model_query(model, RF_TIME, &t, 1) == RF_ERROR_STATE) {
        double *w0 = test_doubles(d);

        for (int64_t k = 0; k < d; k++)
            w0[k] = 2 - (double)k;
        expect(RF_OK, rf_model_init(model, w0, d));
        free(w0);
    }
    do
        status = rf_model_integrate(model, INFINITY);
    while (status == RF_EVENT_LIMIT);
    if (status == RF_ERROR_STATE)
        status = rf_model_step(model, 0.0625, 25);
    expect(RF_OK, status);
}
