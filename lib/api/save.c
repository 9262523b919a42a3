/* save: a model as a buffer of bytes and back.  The format, docs/abi.md: "reluflow", version, size, the
 * problem, the state (api/archive), a checksum of all that.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "api/archive.h"
#include "base/num.h"

enum { FORMAT_VERSION = 7, HEAD_BYTES = 24, SUM_BYTES = 8 };

static const char magic[8] = {'r', 'e', 'l', 'u', 'f', 'l', 'o', 'w'};

void rfi_archive_problem(rfi_stream *s, const rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    int64_t n = data->n, d = data->d, neurons = problem->neurons, i, k;
    int32_t activation = problem->activation;
    double slope = problem->slope;
    rfi_stream_i64(s, &n);
    rfi_stream_i64(s, &d);
    rfi_stream_i32(s, &activation);
    rfi_stream_real(s, &slope);
    rfi_stream_i64(s, &neurons);
    for (k = 0; k < neurons; ++k) {
        double a = problem->a[k];
        rfi_stream_real(s, &a);
    }
    for (i = 0; i < n; ++i) {
        double label = data->y[i], weight = problem->c[i];
        for (k = 0; k < d; ++k) {
            double x = rfi_view_at(rfi_row(data, i), k);
            rfi_stream_real(s, &x);
        }
        rfi_stream_real(s, &label);
        rfi_stream_real(s, &weight);
    }
}

/* Writing does not change a model, though the format is described for both directions. */
static void write_model(rfi_stream *s, const rf_model *model, int64_t size)
{
    char name[sizeof(magic)];
    int64_t version = FORMAT_VERSION;
    memcpy(name, magic, sizeof(magic));
    rfi_stream_bytes(s, name, sizeof(name));
    rfi_stream_i64(s, &version);
    rfi_stream_i64(s, &size);
    rfi_archive_problem(s, &model->problem);
    rfi_archive_state(s, (rf_model *)model);
}

RF_API rf_status rf_model_save(const rf_model *model, void *buffer, int64_t capacity, int64_t *size)
{
    rfi_stream s = rfi_stream_counter();
    uint64_t sum;
    int64_t needed;
    if (model == NULL || size == NULL || capacity < 0 || (buffer == NULL && capacity > 0))
        return RF_ERROR_ARGUMENT;
    write_model(&s, model, 0);
    needed = s.at + SUM_BYTES;
    *size = needed;
    if (buffer == NULL)
        return RF_OK;
    if (capacity < needed)
        return RF_ERROR_CAPACITY;
    s = rfi_stream_writer(buffer, needed);
    write_model(&s, model, needed);
    sum = rfi_checksum(buffer, s.at);
    rfi_stream_u64(&s, &sum);
    return RF_OK;
}

/* What is read of the problem, before it becomes a model's. */
typedef struct {
    rfi_data_source source;
    int32_t activation;
    double slope;
    int64_t neurons;
    double *a, *X, *y, *c;
} problem_read;

static void release(problem_read *p, const rf_allocator *a)
{
    rfi_free(a, p->a);
    rfi_free(a, p->X);
    rfi_free(a, p->y);
    rfi_free(a, p->c);
}

static int slope_fits(int32_t activation, double slope)
{
    if (activation == RF_LEAKY_RELU)
        return slope >= 0.0 && slope < 1.0;
    return slope == (activation == RF_LINEAR ? 1.0 : 0.0);
}

static rf_status read_neurons(rfi_stream *s, problem_read *p, const rf_allocator *a)
{
    int64_t k;
    rfi_stream_i64(s, &p->neurons);
    rfi_stream_expect(s, p->neurons >= 1
                             && (p->neurons == 1 || p->activation == RF_RELU));
    if (!s->bad)
        rfi_stream_expect_room(s, p->neurons, 8);
    if (s->bad)
        return RF_ERROR_CORRUPT;
    if ((p->a = rfi_alloc(a, p->neurons, sizeof(double))) == NULL)
        return RF_ERROR_MEMORY;
    for (k = 0; k < p->neurons; ++k) {
        rfi_stream_real(s, &p->a[k]);
        rfi_stream_expect(s, p->a[k] != 0.0 && isfinite(p->a[k]));
    }
    return s->bad ? RF_ERROR_CORRUPT : RF_OK;
}

static rf_status read_problem(rfi_stream *s, problem_read *p, const rf_allocator *a)
{
    int64_t n = 0, d = 0, i;
    rf_status status;
    rfi_stream_i64(s, &n);
    rfi_stream_i64(s, &d);
    rfi_stream_i32(s, &p->activation);
    rfi_stream_real(s, &p->slope);
    rfi_stream_expect(s, n >= 1 && d >= 1 && d <= INT64_MAX / 16);
    rfi_stream_expect(s, p->activation >= RF_RELU && p->activation <= RF_LINEAR
                             && slope_fits(p->activation, p->slope));
    if ((status = read_neurons(s, p, a)) != RF_OK)
        return status;
    rfi_stream_expect(s, rfi_model_fits(n, d, p->neurons));
    if (!s->bad)
        rfi_stream_expect_room(s, n, 8 * d + 16);
    if (s->bad)
        return RF_ERROR_CORRUPT;
    p->X = rfi_alloc(a, n * d, sizeof(double));
    p->y = rfi_alloc(a, n, sizeof(double));
    p->c = rfi_alloc(a, n, sizeof(double));
    if (p->X == NULL || p->y == NULL || p->c == NULL)
        return RF_ERROR_MEMORY;
    for (i = 0; i < n; ++i) {
        rfi_stream_reals(s, p->X + i * d, d);
        rfi_stream_real(s, &p->y[i]);
        rfi_stream_real(s, &p->c[i]);
        rfi_stream_expect(s, p->c[i] > 0.0 && isfinite(p->c[i]));
    }
    p->source.n = n;
    p->source.d = p->source.row_stride = d;
    p->source.col_stride = 1;
    p->source.X = p->X;
    p->source.y = p->y;
    return s->bad ? RF_ERROR_CORRUPT : RF_OK;
}

static rf_status read_model(rfi_stream *s, const rf_allocator *a, rf_model **out)
{
    problem_read p = {{0, 0, NULL, 0, 0, NULL, 0, 0}, 0, 0.0, 0, NULL, NULL, NULL, NULL};
    rfi_data *data = NULL;
    rf_status status = read_problem(s, &p, a);
    if (status == RF_OK)
        status = rfi_data_create(&p.source, a, &data, NULL);
    if (status == RF_OK)
        status = rfi_model_of(data, p.neurons, p.a, out);
    rfi_data_release(data);
    if (status == RF_OK) {
        rfi_problem *problem = &(*out)->problem;
        problem->activation = p.activation;
        problem->slope = p.slope;
        memcpy(problem->c, p.c, (size_t)p.source.n * sizeof(double));
        rfi_problem_refresh(problem);
        status = rfi_archive_state(s, *out);
    }
    release(&p, a);
    if (status == RF_OK && s->at != s->size)
        status = RF_ERROR_CORRUPT;
    return status == RF_OK || status == RF_ERROR_MEMORY ? status : RF_ERROR_CORRUPT;
}

/* What can be told without reading the contents. */
static rf_status check_frame(const void *buffer, int64_t size, rfi_message *text)
{
    rfi_stream s = rfi_stream_reader(buffer, size);
    char name[sizeof(magic)];
    int64_t version = 0, told = 0;
    uint64_t sum = 0;
    rfi_stream_bytes(&s, name, sizeof(name));
    rfi_stream_i64(&s, &version);
    rfi_stream_i64(&s, &told);
    if (s.bad || memcmp(name, magic, sizeof(magic)) != 0)
        return rfi_fail(text, RF_ERROR_CORRUPT, "not a saved model");
    if (version != FORMAT_VERSION)
        return rfi_fail_integer(text, RF_ERROR_CORRUPT, "a format of another version:", version);
    if (told != size || size < HEAD_BYTES + SUM_BYTES)
        return rfi_fail_integer(text, RF_ERROR_CORRUPT, "truncated or altered: its size should be",
                                told);
    s.at = size - SUM_BYTES;
    rfi_stream_u64(&s, &sum);
    if (sum != rfi_checksum(buffer, size - SUM_BYTES))
        return rfi_fail(text, RF_ERROR_CORRUPT, "altered: the checksum does not match");
    return RF_OK;
}

static rf_status load(const void *buffer, int64_t size, const rf_allocator *a, rf_model **out,
                      rfi_message *text)
{
    rfi_stream s = rfi_stream_reader(buffer, size - SUM_BYTES);
    rf_model *model = NULL;
    rf_status status = check_frame(buffer, size, text);
    if (status != RF_OK)
        return status;
    s.at = HEAD_BYTES;
    if ((status = read_model(&s, a, &model)) == RF_OK) {
        *out = model;
        return RF_OK;
    }
    rf_model_free(model);
    return rfi_fail(text, status,
                    status == RF_ERROR_MEMORY ? "no memory for the model"
                                              : "its contents are not those of a model");
}

RF_API rf_status rf_model_load(const void *buffer, int64_t size, const rf_allocator *allocator,
                               rf_model **out, char *message, int64_t message_capacity)
{
    const rf_allocator standard = rfi_allocator_default();
    rfi_message text;
    rf_status status = RF_OK;
    rfi_message_clear(&text);
    if (out != NULL)
        *out = NULL;
    if (buffer == NULL || out == NULL)
        status = rfi_fail(&text, RF_ERROR_ARGUMENT, out == NULL ? "out is NULL" : "buffer is NULL");
    else if (size < 0 || (message != NULL && message_capacity < 0))
        status =
            rfi_fail_integer(&text, RF_ERROR_ARGUMENT, size < 0 ? "size is" : "message_capacity is",
                             size < 0 ? size : message_capacity);
    else if (allocator != NULL && (allocator->allocate == NULL || allocator->release == NULL))
        status = rfi_fail(&text, RF_ERROR_ARGUMENT, "a function of the allocator is NULL");
    if (status == RF_OK)
        status = load(buffer, size, allocator != NULL ? allocator : &standard, out, &text);
    rfi_message_copy(&text, message, message_capacity);
    return status;
}
