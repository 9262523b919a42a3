/* test_bvls.c: the conditions of Karush, Kuhn and Tucker, which characterize the solution.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "flow/bvls.h"

enum { D = 5, MOST = 12 };

/* Gradients of normalized columns are compared with 0 up to this: the rounding of residuals below 20. */
#define TOLERANCE 1e-13
#define CHECKED 1e-12

static void solve(rfi_box *box, int64_t count, const double *target, double *residual)
{
    const rf_allocator a = rfi_allocator_default();
    rfi_bvls ls;
    ck_assert_int_eq(rfi_bvls_create(&ls, D, &a), 0);
    ck_assert_int_ge(rfi_bvls_solve(&ls, target, box, count, TOLERANCE, residual), 0);
    rfi_bvls_free(&ls, &a);
}

static void check_optimal(const rfi_box *box, int64_t count, const double *target,
                          const double *residual)
{
    double left[D];
    int64_t k;
    memcpy(left, target, sizeof(left));
    for (k = 0; k < count; ++k) {
        const double slope = rfi_view_dot(box[k].x, residual, D) / box[k].norm; /* -d(|r|^2/2)/du */
        ck_assert(box[k].u >= box[k].low && box[k].u <= box[k].high);
        rfi_view_axpy(-box[k].u / box[k].norm, box[k].x, left, D);
        if (box[k].u > box[k].low)
            ck_assert_double_ge(slope, -CHECKED);
        if (box[k].u < box[k].high)
            ck_assert_double_le(slope, CHECKED);
    }
    for (k = 0; k < D; ++k)
        ck_assert_double_eq_tol(left[k], residual[k], CHECKED);
}

static void fill(uint64_t *seed, rfi_box *box, int64_t count, double *X, double *target, int8_t at)
{
    int64_t k;
    unit_fill(seed, X, count * D);
    unit_fill(seed, target, D);
    memset(box, 0, (size_t)count * sizeof(*box));
    for (k = 0; k < count; ++k) {
        box[k].x = rfi_view_of(X + k * D);
        box[k].norm = rfi_norm(X + k * D, D);
        box[k].low = 0.3 * (unit_random(seed) - 1.0);
        box[k].high = box[k].low + 0.5 + 0.5 * unit_random(seed);
        box[k].at = at;
    }
}

/* Whatever it starts from; the residual is unique. */
START_TEST(random_boxes)
{
    const int8_t starts[] = {RFI_LOW, RFI_HIGH, RFI_FREE};
    uint64_t trial;
    int64_t s, k;
    for (trial = 0; trial < 300; ++trial) {
        const int64_t count = 1 + (int64_t)(trial % MOST);
        double first[D];
        for (s = 0; s < 3; ++s) {
            double X[MOST * D], target[D], residual[D];
            rfi_box box[MOST];
            uint64_t seed = trial;
            fill(&seed, box, count, X, target, count > D && s == 2 ? RFI_LOW : starts[s]);
            solve(box, count, target, residual);
            check_optimal(box, count, target, residual);
            if (s == 0)
                memcpy(first, residual, sizeof(first));
            for (k = 0; k < D; ++k)
                ck_assert_double_eq_tol(residual[k], first[k], 100 * CHECKED);
        }
    }
}
END_TEST

/* x, 2x, -x, and a sum of two others. */
START_TEST(dependent_columns)
{
    uint64_t seed;
    int64_t k;
    for (seed = 0; seed < 200; ++seed) {
        double X[6 * D], target[D], residual[D];
        rfi_box box[6];
        uint64_t state = seed;
        fill(&state, box, 6, X, target, seed % 2 == 0 ? RFI_LOW : RFI_HIGH);
        for (k = 0; k < D; ++k) {
            X[D + k] = 2.0 * X[k];
            X[2 * D + k] = -X[k];
            X[4 * D + k] = X[k] + X[3 * D + k];
        }
        for (k = 0; k < 6; ++k)
            box[k].norm = rfi_norm(X + k * D, D);
        solve(box, 6, target, residual);
        check_optimal(box, 6, target, residual);
    }
}
END_TEST

/* One-sided boxes: the cone of the columns.  Unit vectors leave the negative part of the target. */
START_TEST(unbounded_sides)
{
    const double target[D] = {1, -2, 3, -4, 0.5};
    double X[D * D] = {0}, residual[D];
    rfi_box box[D];
    int64_t k;
    memset(box, 0, sizeof(box));
    for (k = 0; k < D; ++k) {
        X[k * D + k] = 3.0; /* its length is of no matter */
        box[k].x = rfi_view_of(X + k * D);
        box[k].norm = 3.0;
        box[k].low = k == 3 ? -INFINITY : 0.0;
        box[k].high = k == 3 ? 0.0 : INFINITY;
        box[k].at = k == 3 ? RFI_HIGH : RFI_LOW;
    }
    solve(box, D, target, residual);
    for (k = 0; k < D; ++k) {
        ck_assert_double_eq_tol(residual[k], k == 1 ? -2.0 : 0.0, CHECKED);
        ck_assert_double_eq_tol(box[k].u, k == 1 ? 0.0 : target[k], CHECKED);
        ck_assert_int_eq(box[k].at, k == 1 ? RFI_LOW : RFI_FREE);
    }
}
END_TEST

START_TEST(empty_box)
{
    const double target[D] = {1, 2, 3, 4, 5};
    double residual[D];
    solve(NULL, 0, target, residual);
    ck_assert_mem_eq(target, residual, sizeof(target));
}
END_TEST

static const TTest *const *const tests[] = {
    &random_boxes,
    &dependent_columns,
    &unbounded_sides,
    &empty_box,
};
UNIT_MAIN("bvls", tests)
