/* library.c: setting up a model.
 * SPDX-License-Identifier: MIT */
#include "library.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

int library_fail(rf_status status)
{
    return status == RF_ERROR_MEMORY ? fail_memory()
                                     : fail(STATUS_FAILED, "%s", rf_status_string(status));
}

int library_fail_model(const rf_model *model, rf_status status)
{
    const char *what = rf_model_error(model);

    return status == RF_ERROR_MEMORY || *what == '\0' ? library_fail(status)
                                                      : fail(STATUS_FAILED, "%s", what);
}

/* The number of an input that is furthest from 1 by its logarithm. */
struct extreme {
    double size;        /* |log10(value)| */
    double value;
    const char *option; /* that gave it; NULL: a column of the data */
    const char *column;
    int64_t row;        /* -1: the largest of the column is small   */
};

/* The numbers whose fourth power leaves the range: squares of squares occur in the flow. */
static const double least_size = 77;

static void consider(struct extreme *worst, double value, const char *option, const char *column,
                     int64_t row)
{
    const double size = fabs(log10(value));

    if (value > 0 && size > worst->size) {
        *worst = (struct extreme){size, value, option, column, row};
    }
}

/* A column, of which p(i) = values[i stride] is row i: only its largest number counts. */
static void consider_column(struct extreme *worst, const double *values, int64_t n, int64_t stride,
                            const char *column)
{
    int64_t row = 0;
    int64_t i;

    for (i = 1; i < n; i++) {
        row = fabs(values[i * stride]) > fabs(values[row * stride]) ? i : row;
    }
    consider(worst, fabs(values[row * stride]), NULL, column,
             fabs(values[row * stride]) > 1 ? row : -1);
}

static struct extreme find_extreme(const struct library_input *input)
{
    const struct options *options = input->options;
    const struct dataset *data = input->data;
    const bool sweeps = strcmp(options->command, "sweep") == 0;
    struct extreme worst = {least_size, 0, NULL, NULL, 0};
    int64_t k;

    for (k = 0; k < data->d; k++) {
        consider_column(&worst, data->X + k, data->n, data->d, data->names[k]);
    }
    consider_column(&worst, data->y, data->n, 1, data->label);
    if (input->start > 1) { /* from a small start the flow leads away */
        consider(&worst, input->start,
                 options->start != NULL ? "--start"
                 : sweeps               ? "--scales"
                                        : "--scale",
                 NULL, 0);
    }
    if (strcmp(options->command, "gd") == 0 && options->eta > 1) {
        consider(&worst, options->eta, "--eta", NULL, 0);
    }
    return worst;
}

int library_fail_input(const rf_model *model, const struct library_input *input, rf_status status)
{
    static const char end[] = "that the range of double precision is left";
    const bool numerical = status == RF_ERROR_NUMERICAL;
    const char *source = input->data->source;
    const struct extreme worst = find_extreme(input);
    char name[EXCERPT_SIZE];

    if (status == RF_ERROR_MEMORY && input->network != NULL) {
        return network_fail_memory(input->network, input->data);
    }
    if (numerical && worst.value == 0 && model != NULL && input->options->eta > input->eta_limit) {
        return fail(STATUS_FAILED, "--eta: %.6g is beyond %.6g, below which descent is stable for these data: %s",
                    input->options->eta, input->eta_limit, rf_model_error(model));
    }
    if (!numerical || worst.value == 0) {
        return model != NULL ? library_fail_model(model, status) : library_fail(status);
    }
    if (worst.option != NULL) {
        return fail(STATUS_FAILED, "%s: %.6g is so large %s", worst.option, worst.value, end);
    }
    (void)excerpt(name, worst.column, strlen(worst.column));
    return worst.row >= 0 ? fail(STATUS_FAILED, "%s: row %lld, column \"%s\": %.6g is so large %s",
                                 source, (long long)worst.row + 1, name, worst.value, end)
                          : fail(STATUS_FAILED, "%s: column \"%s\": its largest number, %.6g, is so "
                                 "small %s", source, name, worst.value, end);
}

static rf_status set_mean_loss(rf_model *model, int64_t n)
{
    double *c = allocate_array((size_t)n, sizeof *c);
    rf_status status;
    int64_t i;

    if (c == NULL) {
        return RF_ERROR_MEMORY;
    }
    for (i = 0; i < n; i++) {
        c[i] = 1.0 / (double)n;
    }
    status = rf_model_set_data_weights(model, c, n);
    free(c);
    return status;
}

int library_create(const struct options *options, const struct dataset *data,
                   const struct network *network, rf_model **out)
{
    const struct library_input input = {options, data, network, 0, NAN};
    char message[256] = "";
    rf_status status =
        rf_model_create_ex(data->n, data->d, data->X, data->d, 1, data->y, RF_BORROW_DATA, NULL,
                           out, message, (int64_t)sizeof message);

    if (status != RF_OK) {
        return *message != '\0' && status != RF_ERROR_MEMORY && status != RF_ERROR_NUMERICAL
                   ? fail(STATUS_FAILED, "%s", message)
                   : library_fail_input(NULL, &input, status);
    }
    status = rf_model_set_activation(*out, options->activation.kind, options->activation.slope);
    if (status == RF_OK && network != NULL && network->asked) {
        status = rf_model_set_outer_weights(*out, network->count, network->a, network->count);
    }
    if (status == RF_OK && options->mean_loss) {
        status = set_mean_loss(*out, data->n);
    }
    if (status == RF_OK) {
        status = rf_model_set_event_limit(*out, options->max_events);
    }
    return status == RF_OK ? STATUS_OK : library_fail_input(*out, &input, status);
}

/* The flow of a linear neuron from 0 ends at the solution of least norm, in one segment. */
static rf_status fit_linearly(rf_model *model, double *w, double *linear, double *zero)
{
    const int64_t d = rf_model_dim(model);
    rf_status status = rf_model_set_recording(model, 0);

    if (status == RF_OK) {
        status = rf_model_init(model, w, d);
    }
    if (status == RF_OK) {
        status = rf_model_query(model, RF_LOSS, zero, 1);
    }
    if (status == RF_OK) {
        status = rf_model_integrate(model, INFINITY);
    }
    return status == RF_OK ? rf_model_query(model, RF_LOSS, linear, 1) : status;
}

int library_compare(const struct options *options, const struct dataset *data, double *linear,
                    double *zero)
{
    struct options plain = *options;
    rf_model *model = NULL;
    double *w = calloc((size_t)data->d, sizeof *w);
    int status = w == NULL ? fail_memory() : STATUS_OK;

    *linear = *zero = NAN;
    plain.activation.kind = RF_LINEAR;
    plain.max_events = 0;
    if (status == STATUS_OK) {
        status = library_create(&plain, data, NULL, &model);
    }
    if (status == STATUS_OK) {
        const rf_status fitted = fit_linearly(model, w, linear, zero);
        status = fitted == RF_OK || fitted == RF_ERROR_NUMERICAL ? STATUS_OK
                                                                 : library_fail(fitted);
    }
    rf_model_free(model);
    free(w);
    return status;
}
