/* rows_baseline: the kernels of rows.h in portable C.  With GCC and Clang two doubles at a time, which
 * are the registers of SSE2 and of AArch64 and plain doubles elsewhere; one with other compilers.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#define TARGET
#include "model/rows.h"

#if defined(__GNUC__)

typedef double vec __attribute__((vector_size(16)));
enum { LANES = 2 };

static inline vec v_set(double a)
{
    return (vec){a, a};
}

static inline vec v_load(const double *p)
{
    vec v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static inline void v_store(double *p, vec v)
{
    memcpy(p, &v, sizeof(v));
}

static inline vec v_part(const double *p, int count)
{
    return count == LANES ? v_load(p) : (vec){p[0], 0.0};
}

static inline void v_store_part(double *p, vec v, int count)
{
    p[0] = v[0];
    if (count == LANES)
        p[1] = v[1];
}

static inline vec v_positive(vec z, vec a, vec b)
{
    typedef int64_t mask __attribute__((vector_size(16)));
    const mask positive = (mask)(z > (vec){0.0, 0.0});
    return (vec)((positive & (mask)a) | (~positive & (mask)b));
}

static inline vec x_load_float(const float *p)
{
    return (vec){(double)p[0], (double)p[1]};
}

static inline vec x_part_float(const float *p, int count)
{
    return (vec){(double)p[0], count == LANES ? (double)p[1] : 0.0};
}

static inline void v_sums(vec a, vec b, vec c, vec d, double z[4])
{
    z[0] = a[0] + a[1];
    z[1] = b[0] + b[1];
    z[2] = c[0] + c[1];
    z[3] = d[0] + d[1];
}

#else

typedef double vec;
enum { LANES = 1 };

#define v_set(a) (a)
#define v_load(p) (*(p))
#define v_store(p, v) (*(p) = (v))
#define v_part(p, count) (*(p))
#define v_store_part(p, v, count) (*(p) = (v))
#define v_positive(z, a, b) ((z) > 0.0 ? (a) : (b))
#define x_load_float(p) ((double)*(p))
#define x_part_float(p, count) ((double)*(p))

static inline void v_sums(double a, double b, double c, double d, double z[4])
{
    z[0] = a;
    z[1] = b;
    z[2] = c;
    z[3] = d;
}

#endif

static inline int positive4(const double *z)
{
    return (z[0] > 0.0) | (z[1] > 0.0) << 1 | (z[2] > 0.0) << 2 | (z[3] > 0.0) << 3;
}

static inline int nonzero4(const double *z)
{
    return (z[0] != 0.0) | (z[1] != 0.0) << 1 | (z[2] != 0.0) << 2 | (z[3] != 0.0) << 3;
}

#define WIDEST 4
#define GROUP 4
#define GROUPS 0
#define VECTORS 0
#define SHORT 0
#define v_group_sums(s, z) v_sums((s)[0], (s)[1], (s)[2], (s)[3], z)
#define v_zero() v_set(0.0)
#define v_add(a, b) ((a) + (b))
#define v_sub(a, b) ((a) - (b))
#define v_mul(a, b) ((a) * (b))
#define v_fma(a, b, c) ((a) * (b) + (c))

/* Four flags as bytes. */
static const uint8_t flag_bytes[16][4] = {
    {0, 0, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}, {1, 1, 0, 0}, {0, 0, 1, 0}, {1, 0, 1, 0},
    {0, 1, 1, 0}, {1, 1, 1, 0}, {0, 0, 0, 1}, {1, 0, 0, 1}, {0, 1, 0, 1}, {1, 1, 0, 1},
    {0, 0, 1, 1}, {1, 0, 1, 1}, {0, 1, 1, 1}, {1, 1, 1, 1}};
#define v_store_flags(p, z) memcpy(p, flag_bytes[positive4(z)], 4)

#include "model/rows_finish.h"

#define REAL double
#define OF(name) name##_double
#define x_load_double v_load
#define x_part_double v_part
#include "model/rows_kernel.h"
#undef REAL
#undef OF

#define REAL float
#define OF(name) name##_float
#include "model/rows_kernel.h"

const rfi_rows_table rfi_rows_baseline = {"baseline", run_double, run_float};
