/* problem: validation, copies, and the constants of the kinks.
 * SPDX-License-Identifier: MIT */
#include "model/problem.h"

#include <math.h>
#include <string.h>

#include "base/blas.h"
#include "base/cpu.h"
#include "base/num.h"

static rf_status check_size(const rfi_data_source *s, rfi_message *message)
{
    if (s->n < 1)
        return rfi_fail_integer(message, RF_ERROR_SIZE, "the number of data must be positive, not", s->n);
    if (s->d < 1)
        return rfi_fail_integer(message, RF_ERROR_SIZE, "the dimension must be positive, not", s->d);
    if (!rfi_blas_fits(s->n))
        return rfi_fail_integer(message, RF_ERROR_SIZE, "too many data:", s->n);
    if (!rfi_blas_fits(s->d))
        return rfi_fail_integer(message, RF_ERROR_SIZE, "the dimension is too large:", s->d);
    if (s->n > PTRDIFF_MAX / (ptrdiff_t)sizeof(double) / s->d)
        return rfi_fail_integer(message, RF_ERROR_SIZE, "n*d is too large; n is", s->n);
    return RF_OK;
}

static int in_place(const rfi_data_source *s)
{
    return s->borrow && s->col_stride == 1 && s->row_stride >= s->d && rfi_blas_fits(s->row_stride);
}

static rfi_view view_of(const void *X, int single)
{
    return single ? rfi_view_of_single(X) : rfi_view_of(X);
}

/* 1 if all values are finite. */
static int all_finite(const double *x, int64_t count)
{
    double s[8] = {0, 0, 0, 0, 0, 0, 0, 0}, all = 0.0;
    int64_t k = 0;
    int j;
    for (; k + 8 <= count; k += 8)
        for (j = 0; j < 8; ++j)
            s[j] += 0.0 * x[k + j];
    for (; k < count; ++k)
        all += 0.0 * x[k];
    for (j = 0; j < 8; ++j)
        all += s[j];
    return all == 0.0;
}

/* Reads X into own_X where a copy is wanted, and checks that everything is finite. */
static rf_status take_values(rfi_data *data, const rfi_data_source *s, rfi_message *message)
{
    const rfi_view all = view_of(s->X, s->single);
    int64_t i, k;
    for (i = 0; i < s->n; ++i) {
        const double *row = !s->single && s->col_stride == 1 ? (const double *)s->X + i * s->row_stride : NULL;
        const int whole = row != NULL && all_finite(row, s->d);
        if (whole && data->own_X != NULL)
            memcpy((double *)data->own_X + i * s->d, row, (size_t)s->d * sizeof(double));
        for (k = 0; k < s->d && !whole; ++k) {
            const double value
                = rfi_view_at(all, i * s->row_stride + k * s->col_stride);
            if (!isfinite(value))
                return rfi_fail_at2(message, RF_ERROR_NOT_FINITE, "X", i, k, value);
            if (data->own_X != NULL && s->single)
                ((float *)data->own_X)[i * s->d + k] = (float)value;
            else if (data->own_X != NULL)
                ((double *)data->own_X)[i * s->d + k] = value;
        }
        if (!isfinite(s->y[i]))
            return rfi_fail_at(message, RF_ERROR_NOT_FINITE, "y", i, s->y[i]);
        if (data->own_y != NULL)
            data->own_y[i] = s->y[i];
    }
    return RF_OK;
}

static rf_status fill(rfi_data *data, const rfi_data_source *s, rfi_message *message)
{
    const rf_allocator *a = &data->allocator;
    const size_t element = s->single ? sizeof(float) : sizeof(double);
    rf_status status;
    int64_t i;
    if (!in_place(s) && (data->own_X = rfi_alloc_raw(a, s->n * s->d, element)) == NULL)
        return rfi_fail(message, RF_ERROR_MEMORY, "no memory for a copy of X");
    if (!s->borrow && (data->own_y = rfi_alloc_raw(a, s->n, sizeof(double))) == NULL)
        return rfi_fail(message, RF_ERROR_MEMORY, "no memory for a copy of y");
    if ((data->norm = rfi_alloc(a, s->n, sizeof(double))) == NULL)
        return rfi_fail(message, RF_ERROR_MEMORY, "no memory for the row norms");
    if ((status = take_values(data, s, message)) != RF_OK)
        return status;
    data->X.first = view_of(data->own_X != NULL ? data->own_X : s->X, s->single);
    data->X.ld = data->own_X != NULL ? s->d : s->row_stride;
    data->y = data->own_y != NULL ? data->own_y : s->y;
    for (i = 0; i < s->n; ++i) {
        data->norm[i] = rfi_view_norm(rfi_row(data, i), s->d);
        if (!isfinite(data->norm[i]))
            return rfi_fail_integer(message, RF_ERROR_NUMERICAL, "the norm overflows in row", i);
    }
    if (rfi_kinks_find(&data->kinks, s->n, s->d, data->X, data->norm, a) != 0)
        return rfi_fail(message, RF_ERROR_MEMORY, "no memory for the kinks");
    return RF_OK;
}

rf_status rfi_data_create(const rfi_data_source *source, const rf_allocator *allocator,
                          rfi_data **out, rfi_message *message)
{
    rfi_data *data;
    rf_status status = check_size(source, message);
    int level;
    if (status != RF_OK)
        return status;
    data = rfi_alloc(allocator, 1, sizeof(*data));
    if (data == NULL)
        return rfi_fail(message, RF_ERROR_MEMORY, "no memory for the data");
    data->n = source->n;
    data->d = source->d;
    data->allocator = *allocator;
    level = rfi_cpu_level();
    data->rows = rfi_rows_at(level);
    data->dense = rfi_dense_at(level);
    data->turns = rfi_turns_at(level);
    data->references = 1;
    status = fill(data, source, message);
    if (status != RF_OK) {
        rfi_data_release(data);
        return status;
    }
    *out = data;
    return RF_OK;
}

void rfi_data_retain(rfi_data *data)
{
    __atomic_add_fetch(&data->references, 1, __ATOMIC_RELAXED);
}

void rfi_data_release(rfi_data *data)
{
    rf_allocator allocator;
    if (data == NULL || __atomic_sub_fetch(&data->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    allocator = data->allocator;
    rfi_kinks_free(&data->kinks, &allocator);
    rfi_free(&allocator, data->norm);
    rfi_free(&allocator, data->own_X);
    rfi_free(&allocator, data->own_y);
    rfi_free(&allocator, data);
}

rf_status rfi_problem_create(rfi_problem *problem, rfi_data *data)
{
    const rf_allocator *a = &data->allocator;
    int64_t i, lines = data->kinks.count;
    memset(problem, 0, sizeof(*problem));
    problem->data = data;
    rfi_data_retain(data);
    problem->neurons = 1;
    problem->a = rfi_alloc(a, 1, sizeof(double));
    problem->c = rfi_alloc(a, data->n, sizeof(double));
    problem->jump = rfi_alloc(a, 3 * lines, sizeof(double));
    if (problem->a == NULL || problem->c == NULL || problem->jump == NULL) {
        rfi_problem_free(problem);
        return RF_ERROR_MEMORY;
    }
    problem->base = problem->jump + lines;
    problem->width = problem->base + lines;
    problem->a[0] = 1.0;
    for (i = 0; i < data->n; ++i)
        problem->c[i] = 1.0;
    rfi_problem_refresh(problem);
    return RF_OK;
}

rf_status rfi_problem_set_neurons(rfi_problem *problem, int64_t neurons, const double *a)
{
    const rf_allocator *allocator = &problem->data->allocator;
    double *copy = rfi_alloc(allocator, neurons, sizeof(double));
    if (copy == NULL)
        return RF_ERROR_MEMORY;
    memcpy(copy, a, (size_t)neurons * sizeof(double));
    rfi_free(allocator, problem->a);
    problem->a = copy;
    problem->neurons = neurons;
    return RF_OK;
}

void rfi_problem_set(rfi_problem *problem, const rfi_problem *from)
{
    memcpy(problem->a, from->a, (size_t)from->neurons * sizeof(double));
    rfi_problem_set_values(problem, from);
}

void rfi_problem_set_values(rfi_problem *problem, const rfi_problem *from)
{
    problem->activation = from->activation;
    problem->slope = from->slope;
    memcpy(problem->c, from->c, (size_t)from->data->n * sizeof(double));
    rfi_problem_refresh(problem);
}

void rfi_problem_free(rfi_problem *problem)
{
    const rf_allocator *a;
    if (problem->data == NULL)
        return;
    a = &problem->data->allocator;
    rfi_free(a, problem->a);
    rfi_free(a, problem->c);
    rfi_free(a, problem->jump);
    rfi_data_release(problem->data);
    memset(problem, 0, sizeof(*problem));
}

/* docs/mathematics.md 3: on a kink the data of the line pull with (base + theta Gamma) x, where a
 * member with f > 0 has theta_i = theta and one with f < 0 has 1 - theta. */
void rfi_problem_refresh(rfi_problem *problem)
{
    const rfi_data *data = problem->data;
    const rfi_kinks *kinks = &data->kinks;
    int64_t g, k;
    for (k = 1; k < data->n && problem->c[k] == problem->c[0]; ++k)
        ;
    problem->uniform = k == data->n;
    for (g = 0; g < kinks->count; ++g) {
        double jump = 0.0, base = 0.0, width = 0.0;
        for (k = kinks->start[g]; k < kinks->start[g + 1]; ++k) {
            int64_t i = kinks->member[k];
            double f = kinks->factor[i], pull = problem->c[i] * data->y[i];
            jump += pull * fabs(f);
            base += pull * f * (f < 0.0 ? 1.0 : problem->slope);
            width += fabs(pull * f);
        }
        /* A sum that cancels to rounding is a zero net pull. */
        if (fabs(jump) <= 2.0 * RFI_EPS * width)
            jump = 0.0;
        problem->jump[g] = (1.0 - problem->slope) * jump;
        problem->base[g] = base;
        problem->width[g] = width;
    }
}

int rfi_problem_is_convex(const rfi_problem *problem)
{
    int64_t i;
    if (problem->activation == RF_LINEAR)
        return 1;
    if (problem->slope != 0.0 || problem->neurons > 1)
        return 0;
    for (i = 0; i < problem->data->n; ++i)
        if (problem->a[0] * problem->data->y[i] > 0.0)
            return 0;
    return 1;
}

/* Margins in blocks that are shared. */
typedef struct {
    const rfi_data *data;
    int64_t first, count;
    const double *w;
    double *z;
} margins;

enum { MARGINS = 512 };

static void some_margins(void *context, int32_t member, int64_t index)
{
    enum { ROWS = 16 };
    const margins *m = context;
    const int64_t *row = m->data->kinks.row + m->first, end = rfi_smaller(m->count, (index + 1) * MARGINS);
    const double *x[ROWS];
    int64_t k, r, rows;
    (void)member;
    for (k = index * MARGINS; k < end; k += rows) {
        rows = rfi_smaller(ROWS, end - k);
        for (r = 0; r < rows; ++r)
            x[r] = rfi_row(m->data, row[k + r]).wide;
        m->data->dense->each(m->data->d, rows, x, m->w, m->z + k);
    }
}

void rfi_line_margins(const rfi_data *data, int64_t first, int64_t count, const double *w, double *spare,
                      double *z, rfi_team *team)
{
    margins m = {data, first, count, w, z};
    int64_t k;
    if (data->X.first.wide != NULL) {
        rfi_team_run(team, count * data->d, (count + MARGINS - 1) / MARGINS, some_margins, &m);
        return;
    }
    for (k = 0; k < count; ++k) {
        rfi_view_copy(rfi_row(data, data->kinks.row[first + k]), spare, data->d);
        data->dense->dots(data->d, 1, spare, w, z + k);
    }
}
