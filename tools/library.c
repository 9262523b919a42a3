/* library.c: setting up a model.
 * SPDX-License-Identifier: MIT */
#include "library.h"

#include <math.h>
#include <stdlib.h>

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

/* The first row whose squares overflow, or -1. */
static int64_t extreme_row(const struct dataset *data)
{
    int64_t i;
    int64_t k;

    for (i = 0; i < data->n; i++) {
        double sum = data->y[i] * data->y[i];
        for (k = 0; k < data->d; k++) {
            const double x = data->X[i * data->d + k];
            sum += x * x;
        }
        if (isinf(sum)) {
            return i;
        }
    }
    return -1;
}

int library_fail_data(const rf_model *model, const struct dataset *data, rf_status status)
{
    const int64_t row = status == RF_ERROR_NUMERICAL ? extreme_row(data) : -1;

    if (row >= 0) {
        return fail(STATUS_FAILED,
                    "%s: row %lld: the squares of its numbers leave the range of double",
                    data->source, (long long)row + 1);
    }
    return model != NULL ? library_fail_model(model, status) : library_fail(status);
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
    char message[256] = "";
    rf_status status =
        rf_model_create_ex(data->n, data->d, data->X, data->d, 1, data->y, RF_BORROW_DATA, NULL,
                           out, message, (int64_t)sizeof message);

    if (status != RF_OK) {
        return *message != '\0' && status != RF_ERROR_MEMORY && extreme_row(data) < 0
                   ? fail(STATUS_FAILED, "%s", message)
                   : library_fail_data(NULL, data, status);
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
    return status == RF_OK ? STATUS_OK : library_fail_data(*out, data, status);
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
