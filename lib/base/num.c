/* num: see num.h.
 * SPDX-License-Identifier: MIT */
#include "base/num.h"

#include <math.h>

#include "base/cpu.h"

rfi_decay rfi_decay_at(double x)
{
    rfi_decay e = {1.0, 0.0};
    if (x == 0.0)
        return e;
    if (x > 750.0) { /* e^{-x} rounds to 0 */
        e.done = 1.0;
        e.rest = 0.0;
    } else if (x > 1.0) {
        e.rest = exp(-x);
        e.done = 1.0 - e.rest;
    } else {
        e.done = -expm1(-x);
        e.rest = 1.0 - e.done;
    }
    return e;
}

double rfi_decay_lag(double x)
{
    double term, sum;
    int k;
    if (x >= 0.5)
        return x + expm1(-x);
    /* x^2/2 - x^3/6 + ...: alternating, so the first omitted term bounds the error. */
    term = 0.5 * x * x;
    sum = term;
    for (k = 3; k < 20 && fabs(term) > 0.25 * RFI_EPS * sum; ++k) {
        term *= -x / k;
        sum += term;
    }
    return sum;
}

double rfi_dot(const double *x, const double *y, int64_t d)
{
    double s[8] = {0, 0, 0, 0, 0, 0, 0, 0}, tail = 0.0;
    int64_t k = 0;
    int j;
    for (; k + 8 <= d; k += 8)
        for (j = 0; j < 8; ++j)
            s[j] += x[k + j] * y[k + j];
    for (; k < d; ++k)
        tail += x[k] * y[k];
    return (((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))) + tail;
}

/* Ogita, Rump, Oishi: Accurate sum and dot product, SIAM J. Sci. Comput. 26 (2005), Dot2; fma is exact, so that
 * the bits are the same whether the processor has it or not. */
#define ACCURATE_ADD(total, x, y, count, fma)                                                      \
    do {                                                                                           \
        double sum = (total)->sum, lost = (total)->lost, size = (total)->size;                     \
        int64_t k;                                                                                 \
        for (k = 0; k < (count); ++k) {                                                            \
            const double product = (x)[k] * (y)[k];                                                \
            const double product_error = fma((x)[k], (y)[k], -product);                            \
            const double next = sum + product;                                                     \
            const double back = next - sum;                                                        \
            const double sum_error = (sum - (next - back)) + (product - back);                     \
            lost += sum_error + product_error;                                                     \
            sum = next;                                                                            \
            size += fabs(product);                                                                 \
        }                                                                                          \
        (total)->sum = sum;                                                                        \
        (total)->lost = lost;                                                                      \
        (total)->size = size;                                                                      \
    } while (0)

#if RFI_X86_VECTORS
/* With the instruction; without it the C library is called for each product. */
__attribute__((target("fma"))) static void accurate_add_fma(rfi_accurate *total, const double *x, const double *y,
                                                            int64_t count)
{
    ACCURATE_ADD(total, x, y, count, __builtin_fma);
}
#endif

void rfi_accurate_add(rfi_accurate *total, const double *x, const double *y, int64_t count)
{
#if RFI_X86_VECTORS
    if (rfi_cpu_level() >= RFI_CPU_AVX2) {
        accurate_add_fma(total, x, y, count);
        return;
    }
#endif
    ACCURATE_ADD(total, x, y, count, fma);
}

double rfi_accurate_value(const rfi_accurate *total, int64_t d)
{
    const double sum = total->sum + total->lost;
    /* What is left below the error bound of Dot2 cannot be told from an exact zero. */
    return fabs(sum) <= (double)d * (double)d * RFI_EPS * RFI_EPS * total->size ? 0.0 : sum;
}

double rfi_dot_accurate(const double *x, const double *y, int64_t d)
{
    rfi_accurate total = {0.0, 0.0, 0.0};
    rfi_accurate_add(&total, x, y, d);
    return rfi_accurate_value(&total, d);
}

double rfi_raised(double x, int64_t k)
{
    double power = 1.0;
    for (; k > 0; k /= 2, x *= x)
        power *= k % 2 != 0 ? x : 1.0;
    return power;
}

void rfi_axpy(double a, const double *x, double *y, int64_t d)
{
    int64_t k;
    for (k = 0; k < d; ++k)
        y[k] += a * x[k];
}

/* The square roots of these are far inside the range where no square of a coordinate is lost. */
#define LEAST_SQUARE 1e-200
#define MOST_SQUARE 1e200

double rfi_norm(const double *x, int64_t d)
{
    double size = 0.0, sum = rfi_dot(x, x, d);
    int64_t k;
    if (sum > LEAST_SQUARE && sum < MOST_SQUARE)
        return sqrt(sum);
    for (k = 0; k < d; ++k)
        size = fabs(x[k]) > size ? fabs(x[k]) : size;
    if (size == 0.0)
        return 0.0;
    if (size > 1e-140 && size < 1e140)
        return sqrt(sum);
    sum = 0.0;
    for (k = 0; k < d; ++k)
        sum += (x[k] / size) * (x[k] / size);
    return size * sqrt(sum);
}

double rfi_distance(const double *x, const double *y, int64_t d)
{
    double size = 0.0, sum = 0.0;
    int64_t k;
    for (k = 0; k < d; ++k)
        size = fmax(size, fabs(x[k] - y[k]));
    for (k = 0; k < d && size > 0.0; ++k)
        sum += (x[k] - y[k]) / size * ((x[k] - y[k]) / size);
    return size * sqrt(sum);
}

double rfi_unit_of(double size)
{
    int exponent = 0;
    if (size > 0.0)
        frexp(size, &exponent);
    return ldexp(1.0, (int)rfi_smaller(1023, rfi_larger(-1000, exponent)));
}

int rfi_extend_basis(double *basis, int64_t rank, rfi_view x, int64_t d)
{
    double *row = basis + rank * d, norm = rfi_view_norm(x, d);
    int64_t j;
    int pass;
    for (j = 0; j < d; ++j)
        row[j] = rfi_view_at(x, j) / norm;
    for (pass = 0; pass < 2; ++pass) /* modified Gram-Schmidt; twice is enough */
        for (j = 0; j < rank; ++j)
            rfi_axpy(-rfi_dot(basis + j * d, row, d), basis + j * d, row, d);
    norm = rfi_norm(row, d);
    if (norm <= 1e3 * RFI_EPS * (double)d)
        return 0;
    for (j = 0; j < d; ++j)
        row[j] /= norm;
    return 1;
}

int64_t rfi_first_not_finite(const double *x, int64_t count)
{
    int64_t i;
    for (i = 0; i < count; ++i)
        if (!isfinite(x[i]))
            return i;
    return -1;
}
