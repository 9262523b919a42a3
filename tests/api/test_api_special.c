/* test_api_special.c: the smallest problems and the degenerate starts.
 * SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <math.h>

static rf_model *started(int64_t n, int64_t d, const double *X, const double *y, const double *w0)
{
    rf_model *model = NULL;

    expect(RF_OK, rf_model_create(n, d, X, y, &model));
    expect(RF_OK, rf_model_init(model, w0, d));
    return model;
}

/* w' = x (y - x w): w(t) = y/x + (w0 - y/x) e^(-x^2 t). */
START_TEST(one_datum)
{
    const double x = 2, y = 3, w0 = 0.5;
    rf_model *model = started(1, 1, &x, &y, &w0);

    expect(RF_OK, rf_model_integrate(model, 0.25));
    ck_assert_double_eq_tol(query_one(model, RF_WEIGHTS), 1.5 - exp(-1), 4e-16);
    ck_assert_double_eq_tol(query_one(model, RF_RATES), 4, 1e-15);
    /* alpha' = y - x w = 2 e^-4t */
    ck_assert_double_eq_tol(query_one(model, RF_COEFFICIENTS), 0.5 * (1 - exp(-1)), 2e-16);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_double_eq_tol(query_one(model, RF_WEIGHTS), 1.5, 4e-16);
    ck_assert_int_eq(rf_model_event_count(model), 0);
    rf_model_free(model);
}
END_TEST

/* A negative label: the datum is driven to its kink, where the neuron stops, dead and resting:
 * z(t) = -1 + 3 e^-t vanishes at t = ln 3. */
START_TEST(one_datum_dies)
{
    const double x = 1, y = -1, w0 = 2;
    rf_model *model = started(1, 1, &x, &y, &w0);
    rf_event event;
    int64_t index = -1, count = 0;

    expect(RF_OK, rf_model_integrate(model, INFINITY));
    ck_assert_int_eq(rf_model_event_count(model), 1);
    expect(RF_OK, rf_model_events(model, 0, 1, &event));
    ck_assert_double_eq_tol(event.time, log(3), 4e-16);
    ck_assert_int_eq(event.kind, RF_EVENT_DEACTIVATE);
    ck_assert_double_eq(query_one(model, RF_MARGINS), 0);
    ck_assert_double_eq(query_one(model, RF_CONVERGED), 1);
    ck_assert_double_eq(query_one(model, RF_PATTERN), 0);
    expect(RF_OK, rf_model_support(model, RF_SUPPORT_BOUNDARY, &index, 1, &count));
    ck_assert(count == 1 && index == 0);
    rf_model_free(model);
}
END_TEST

START_TEST(dead_start)
{
    const double X[] = {1, 0, 0, 1}, y[] = {1, 1}, w0[] = {-1, -2};
    double w[2], v[2], alpha[2], first[2];
    rf_model *model = started(2, 2, X, y, w0);

    expect(RF_OK, rf_model_integrate(model, 3));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    expect(RF_OK, rf_model_query_at(model, 1, RF_VELOCITY, v, 2));
    expect(RF_OK, rf_model_query(model, RF_COEFFICIENTS, alpha, 2));
    expect(RF_OK, rf_model_query(model, RF_FIRST_ACTIVE, first, 2));
    ck_assert(w[0] == -1 && w[1] == -2 && v[0] == 0 && v[1] == 0);
    ck_assert(alpha[0] == 0 && alpha[1] == 0 && isnan(first[0]) && isnan(first[1]));
    ck_assert_double_eq(query_one(model, RF_PATH_LENGTH), 0);
    ck_assert_double_eq(query_one(model, RF_CONVERGED), 1);
    ck_assert_double_eq(query_one(model, RF_LOSS), 1);
    ck_assert_int_eq((int)query_one(model, RF_FLAGS), 0);
    ck_assert_int_eq(rf_model_event_count(model), 0);
    rf_model_free(model);
}
END_TEST

/* w0 = 0 stays there, and says that another choice was possible. */
START_TEST(start_at_zero)
{
    const double w0[] = {0, 0};
    double w[2];
    rf_model *model = plane_model();

    expect(RF_OK, rf_model_init(model, w0, 2));
    ck_assert((int)query_one(model, RF_FLAGS) & RF_FLAG_AMBIGUOUS);
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    ck_assert(w[0] == 0 && w[1] == 0);
    ck_assert_int_eq(rf_model_event_count(model), 0);
    ck_assert_double_eq(query_one(model, RF_CONVERGED), 1);
    ck_assert((int)query_one(model, RF_FLAGS) & RF_FLAG_AMBIGUOUS);
    rf_model_free(model);
}
END_TEST

START_TEST(all_rows_zero)
{
    const double X[] = {0, 0, 0, 0}, y[] = {1, -2}, w0[] = {3, 4};
    double w[2];
    rf_model *model = started(2, 2, X, y, w0);

    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    ck_assert(w[0] == 3 && w[1] == 4);
    ck_assert_double_eq(query_one(model, RF_LOSS), 2.5);
    ck_assert_int_eq(rf_model_event_count(model), 0);
    rf_model_free(model);
}
END_TEST

/* A column so small that its direction counts as 0: the limit is not stationary along it, and says so. */
START_TEST(columns_of_different_scale)
{
    const double w0[] = {-1, 1}, size[] = {1e-10, 1e-15, 1e-16, 1e-18};
    int k;
    for (k = 0; k < 4; ++k) {
        const double e = size[k], X[] = {e, 1, 2 * e, 1, e, 0}, y[] = {1, 3, e};
        rf_model *model = started(3, 2, X, y, w0);
        double w[2];
        int doubtful;
        expect(RF_OK, rf_model_integrate(model, INFINITY));
        expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
        doubtful = ((int)query_one(model, RF_FLAGS) & RF_FLAG_DOUBTFUL) != 0;
        ck_assert_int_eq(doubtful, k >= 2);
        if (!doubtful) { /* the third datum turns on, far out: (2/3)/e minimizes the loss */
            ck_assert_int_eq(rf_model_event_count(model), 1);
            ck_assert_double_eq_tol(w[0] * e, 2.0 / 3.0, 1e-6);
        }
        rf_model_free(model);
    }
}
END_TEST

/* A direction between the columns whose singular value is 1e-14 of the largest is below the cut of 400 rows: the run
 * says so; dependent columns are none. */
START_TEST(direction_between_columns)
{
    enum { N = 400, D = 3 };
    static double X[N * D], y[N];
    const double w0[D] = {1, 0.5, -0.25}, small[] = {1e-14, 0};
    for (int l = 0; l < 2; l++) {
        rf_model *model = NULL;
        for (int i = 0; i < N; i++) { /* (z_1, z_2, small z_3) reflected, or the last column is the first */
            const double z[D] = {1.5 + sin(1.3 * i), cos(2.9 * i), small[l] * sin(0.7 * i * i)};
            const double mean = 2.0 / 3.0 * (z[0] + z[1] + z[2]);
            for (int k = 0; k < D; k++)
                X[D * i + k] = z[k] - mean;
            if (l == 1)
                X[D * i + 2] = X[D * i];
            y[i] = 1 + cos(1.0 + i);
        }
        expect(RF_OK, rf_model_create(N, D, X, y, &model));
        expect(RF_OK, rf_model_init(model, w0, D));
        expect(RF_OK, rf_model_integrate(model, INFINITY));
        ck_assert_int_eq(((int)query_one(model, RF_FLAGS) & RF_FLAG_DOUBTFUL) != 0, l == 0);
        rf_model_free(model);
    }
}
END_TEST

/* On the kink, pushed away on both sides: starts inactive and says so; pushed on: no doubt. */
START_TEST(start_on_a_kink)
{
    const double X[] = {1, 0, 0, 1}, y_away[] = {1, 1}, y_toward[] = {-1, 1}, w0[] = {0, 1};
    uint8_t state[2];
    rf_model *away = started(2, 2, X, y_away, w0), *toward = started(2, 2, X, y_toward, w0);

    expect(RF_OK, rf_model_pattern(away, state, 2));
    ck_assert(state[0] == 0 && state[1] == 1);
    ck_assert((int)query_one(away, RF_FLAGS) & RF_FLAG_AMBIGUOUS);
    expect(RF_OK, rf_model_integrate(away, INFINITY));
    ck_assert_int_eq(rf_model_event_count(away), 0);
    expect(RF_OK, rf_model_pattern(toward, state, 2));
    ck_assert(state[0] != 1 && state[1] == 1);
    ck_assert(!((int)query_one(toward, RF_FLAGS) & RF_FLAG_AMBIGUOUS));
    expect(RF_OK, rf_model_integrate(toward, INFINITY));
    ck_assert_int_eq(rf_model_event_count(toward), 0);
    rf_model_free(away);
    rf_model_free(toward);
}
END_TEST

/* A linear neuron records its crossings and is not changed by them. */
START_TEST(linear_crossing)
{
    const double X[] = {1, 0, 0, 1}, y[] = {-1, 1}, w0[] = {1, 2};
    double w[2], off[2];
    rf_model *model = started(2, 2, X, y, w0);
    rf_event event;

    expect(RF_OK, rf_model_set_activation(model, RF_LINEAR, 0));
    expect(RF_OK, rf_model_init(model, w0, 2));
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    expect(RF_OK, rf_model_query(model, RF_DEACTIVATIONS, off, 2));
    ck_assert_double_eq_tol(w[0], -1, 4e-16);
    ck_assert_double_eq_tol(w[1], 1, 4e-16);
    ck_assert_int_eq(rf_model_event_count(model), 1);
    expect(RF_OK, rf_model_events(model, 0, 1, &event));
    /* z_0 = -1 + 2 e^-t */
    ck_assert_double_eq_tol(event.time, log(2), 4e-16);
    ck_assert_int_eq(event.kind, RF_EVENT_DEACTIVATE);
    ck_assert(off[0] == 1 && off[1] == 0);
    rf_model_free(model);
}
END_TEST

/* The weight of least norm with the same margin: one row of two coordinates. */
START_TEST(least_norm)
{
    const double X[] = {1, 1}, y[] = {2}, w0[] = {3, 1};
    double w[2];
    rf_model *model = started(1, 2, X, y, w0);

    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    ck_assert_double_eq_tol(w[0], 2, 1e-15);
    ck_assert_double_eq_tol(w[1], 0, 1e-15);
    expect(RF_OK, rf_model_query(model, RF_LEAST_NORM, w, 2));
    ck_assert_double_eq_tol(w[0], 1, 1e-15);
    ck_assert_double_eq_tol(w[1], 1, 1e-15);
    rf_model_free(model);
}
END_TEST

/* Passing through the origin: ORIGIN first, then the data that changed, all at one time. */
START_TEST(through_the_origin)
{
    vector_case *v = vector_read("origin_through");
    problem *p = problem_of_vector(v);
    rf_model *model = problem_model(p);
    rf_event event;
    double w[2];

    do
        expect(RF_OK, rf_model_advance(model, INFINITY, &event));
    while (event.kind != RF_EVENT_ORIGIN);
    ck_assert_int_eq(event.datum, -1);
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    ck_assert(w[0] == 0 && w[1] == 0);
    for (int k = 0; k < 4; k++) {
        double t = event.time;

        expect(RF_OK, rf_model_advance(model, INFINITY, &event));
        ck_assert_double_eq(event.time, t);
        ck_assert_int_ge(event.datum, 0);
    }
    expect(RF_NO_EVENT, rf_model_advance(model, INFINITY, &event));
    rf_model_free(model);
    problem_free(p);
    vector_free(v);
}
END_TEST

/* A leaky neuron that rests at the origin has a slope there, yet w' = 0: w = w0 + X^T alpha still. */
START_TEST(rest_at_the_origin)
{
    const double X[] = {1, 0, 0, -1, -2, 2}, y[] = {-3, -1, -1}, w0[] = {-1, 3};
    double w[2], alpha[3], later[3];
    rf_model *model;

    expect(RF_OK, rf_model_create(3, 2, X, y, &model));
    expect(RF_OK, rf_model_set_activation(model, RF_LEAKY_RELU, 0.25));
    expect(RF_OK, rf_model_init(model, w0, 2));
    expect(RF_OK, rf_model_integrate(model, 1));
    expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, 2));
    ck_assert(w[0] == 0 && w[1] == 0);
    expect(RF_OK, rf_model_query(model, RF_COEFFICIENTS, alpha, 3));
    for (int k = 0; k < 2; k++) {
        double sum = w0[k];

        for (int i = 0; i < 3; i++)
            sum += alpha[i] * X[2 * i + k];
        ck_assert_double_eq_tol(sum, 0, 1e-14);
    }
    expect(RF_OK, rf_model_integrate(model, INFINITY));
    expect(RF_OK, rf_model_query(model, RF_COEFFICIENTS, later, 3));
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq(later[i], alpha[i]);
    rf_model_free(model);
}
END_TEST

enum { SCALED_ROWS = 6, SCALED_COLUMNS = 3, SCALED_NEURONS = 2, SCALED_EVENTS = 64 };

/* Data and labels times 2^power; returns the status of the start and the run, with w(infinity) and the events. */
static rf_status run_scaled(int power, int64_t neurons, double *w, rf_event *events, int64_t *count)
{
    double X[SCALED_ROWS * SCALED_COLUMNS], y[SCALED_ROWS], w0[SCALED_NEURONS * SCALED_COLUMNS];
    const double a[SCALED_NEURONS] = {1, -0.75};
    rf_model *model = NULL;
    rf_status status;

    for (int k = 0; k < SCALED_ROWS * SCALED_COLUMNS; k++)
        X[k] = ldexp(sin(1 + 2.3 * k), power);
    for (int k = 0; k < SCALED_ROWS; k++)
        y[k] = ldexp(cos(1.7 * k), power);
    for (int k = 0; k < SCALED_NEURONS * SCALED_COLUMNS; k++)
        w0[k] = cos(5.1 * k);
    expect(RF_OK, rf_model_create(SCALED_ROWS, SCALED_COLUMNS, X, y, &model));
    if (neurons > 1)
        expect(RF_OK, rf_model_set_outer_weights(model, neurons, a, neurons));
    status = rf_model_init(model, w0, neurons * SCALED_COLUMNS);
    *count = 0;
    if (status == RF_OK)
        status = rf_model_integrate(model, INFINITY);
    if (status == RF_OK) {
        expect(RF_OK, rf_model_query(model, RF_WEIGHTS, w, neurons * SCALED_COLUMNS));
        *count = rf_model_event_count(model);
        ck_assert_int_le(*count, SCALED_EVENTS);
        expect(RF_OK, rf_model_events(model, 0, *count, events));
    }
    rf_model_free(model);
    return status;
}

/* Powers of 2 change times alone, as long as the second derivative of w, of the size of the fourth power of the scale,
 * is in the range of double; where it is not the status says so.  (The chain follows scales near 1, so that the flow
 * is the same to rounding: a few hundred eps for some ten events.) */
START_TEST(scale_of_all_data)
{
    const int inside[] = {-250, -200, -60, 60, 200, 250}, outside[] = {-530, -400, -300, 300, 400, 498};
    double w[SCALED_NEURONS * SCALED_COLUMNS], v[SCALED_NEURONS * SCALED_COLUMNS];
    rf_event one[SCALED_EVENTS], other[SCALED_EVENTS];
    int64_t count, events, neurons = _i + 1;

    expect(RF_OK, run_scaled(0, neurons, w, one, &count));
    ck_assert_int_ge(count, 2);
    for (int l = 0; l < 6; l++) {
        expect(RF_OK, run_scaled(inside[l], neurons, v, other, &events));
        ck_assert_int_eq(events, count);
        for (int k = 0; k < count; k++) {
            ck_assert(one[k].datum == other[k].datum && one[k].kind == other[k].kind);
            ck_assert_double_eq_tol(ldexp(other[k].time, 2 * inside[l]), one[k].time, 1e-13 * one[k].time);
        }
        for (int k = 0; k < neurons * SCALED_COLUMNS; k++)
            ck_assert_double_eq_tol(v[k], w[k], 1e-13);
        expect(RF_ERROR_NUMERICAL, run_scaled(outside[l], neurons, v, other, &events));
    }
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"one datum", one_datum, 0},
        {"one datum dies", one_datum_dies, 0},
        {"dead start", dead_start, 0},
        {"start at zero", start_at_zero, 0},
        {"all rows zero", all_rows_zero, 0},
        {"columns of different scale", columns_of_different_scale, 0},
        {"direction between columns", direction_between_columns, 0},
        {"start on a kink", start_on_a_kink, 0},
        {"linear crossing", linear_crossing, 0},
        {"least norm", least_norm, 0},
        {"through the origin", through_the_origin, 0},
        {"rest at the origin", rest_at_the_origin, 0},
        {"scale of all data", scale_of_all_data, SCALED_NEURONS},
    };

    return run_tests("api special", entries, sizeof entries / sizeof *entries);
}
