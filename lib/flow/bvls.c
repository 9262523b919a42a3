/* bvls: see bvls.h.
 * SPDX-License-Identifier: MIT */
#include "flow/bvls.h"

#include <math.h>
#include <string.h>

#include "base/blas.h"
#include "base/num.h"

/* Of so many dimensions there is memory for a few free columns only, until there are more. */
enum { MANY = 128, FEW = 16 };

/* Memory for so many free columns.  Returns 0 on success. */
static int make_room(rfi_bvls *ls, int64_t columns)
{
    double *QR;
    if (columns <= ls->room)
        return 0;
    if ((QR = rfi_alloc_raw(ls->allocator, columns * ls->d, sizeof(double))) == NULL)
        return -1;
    rfi_free(ls->allocator, ls->QR);
    ls->QR = QR;
    ls->room = columns;
    return 0;
}

int rfi_bvls_create(rfi_bvls *ls, int64_t d, const rf_allocator *allocator)
{
    memset(ls, 0, sizeof(*ls));
    ls->d = d;
    ls->work_size = rfi_qr_work(d, d);
    ls->allocator = allocator;
    ls->room = d < MANY ? d : FEW;
    ls->QR = rfi_alloc_raw(allocator, ls->room * d, sizeof(double));
    ls->tau = rfi_alloc(allocator, d, sizeof(double));
    ls->rhs = rfi_alloc(allocator, d, sizeof(double));
    ls->work = rfi_alloc_raw(allocator, ls->work_size, sizeof(double));
    ls->free = rfi_alloc(allocator, d, sizeof(int64_t));
    if (ls->QR == NULL || ls->tau == NULL || ls->rhs == NULL || ls->work == NULL
        || ls->free == NULL) {
        rfi_bvls_free(ls, allocator);
        return -1;
    }
    return 0;
}

void rfi_bvls_free(rfi_bvls *ls, const rf_allocator *allocator)
{
    rfi_free(allocator, ls->QR);
    rfi_free(allocator, ls->tau);
    rfi_free(allocator, ls->rhs);
    rfi_free(allocator, ls->work);
    rfi_free(allocator, ls->free);
    memset(ls, 0, sizeof(*ls));
}

/* Least squares over the free columns with the others at their bounds; rhs[0..free) becomes the
 * solution, residual what is left. */
static int solve_free(rfi_bvls *ls, const double *target, const rfi_box *box, int64_t count,
                      double *residual)
{
    const int64_t d = ls->d;
    int64_t k, j;
    memcpy(residual, target, (size_t)d * sizeof(double));
    ls->free_count = 0;
    ls->condition = 1.0;
    for (k = 0, j = 0; k < count; ++k)
        j += box[k].at == RFI_FREE;
    if (make_room(ls, rfi_smaller(j, d)) != 0)
        return -1;
    for (k = 0; k < count; ++k) {
        if (box[k].at != RFI_FREE) {
            if (box[k].u != 0.0)
                rfi_view_axpy(-box[k].u / box[k].norm, box[k].x, residual, d);
        } else if (ls->free_count < d) {
            double *column = ls->QR + ls->free_count * d;
            for (j = 0; j < d; ++j)
                column[j] = rfi_view_at(box[k].x, j) / box[k].norm;
            ls->free[ls->free_count++] = k;
        }
    }
    if (ls->free_count == 0)
        return 0;
    if (rfi_qr(d, ls->free_count, ls->QR, d, ls->tau, ls->work, ls->work_size) != 0
        || rfi_qr_apply(1, d, 1, ls->free_count, ls->QR, d, ls->tau, residual, d, ls->work,
                        ls->work_size)
               != 0)
        return -1;
    memcpy(ls->rhs, residual, (size_t)ls->free_count * sizeof(double));
    memset(residual, 0, (size_t)ls->free_count * sizeof(double));
    for (k = 0; k < ls->free_count; ++k)
        ls->condition = fmax(ls->condition, 1.0 / fabs(ls->QR[k * d + k]));
    rfi_solve_upper(ls->free_count, 1, ls->QR, d, ls->rhs, ls->free_count);
    return rfi_qr_apply(0, d, 1, ls->free_count, ls->QR, d, ls->tau, residual, d, ls->work,
                        ls->work_size);
}

/* Moves towards the free solution as far as the box allows.  Returns 1 if a variable hit its bound. */
static int step_inside(rfi_bvls *ls, rfi_box *box)
{
    double fraction = 1.0;
    int64_t j, hit = -1;
    for (j = 0; j < ls->free_count; ++j) {
        const rfi_box *b = &box[ls->free[j]];
        const double aim = ls->rhs[j], bound = aim < b->low ? b->low : b->high;
        if (aim >= b->low && aim <= b->high)
            continue;
        if ((bound - b->u) / (aim - b->u) < fraction || hit < 0) {
            fraction = fmin(1.0, (bound - b->u) / (aim - b->u));
            hit = j;
        }
    }
    for (j = 0; j < ls->free_count; ++j) {
        rfi_box *b = &box[ls->free[j]];
        b->u += hit < 0 ? ls->rhs[j] - b->u : fraction * (ls->rhs[j] - b->u);
        if (hit < 0)
            b->u = ls->rhs[j];
    }
    if (hit >= 0) {
        rfi_box *b = &box[ls->free[hit]];
        b->at = ls->rhs[hit] < b->low ? RFI_LOW : RFI_HIGH;
        b->u = b->at == RFI_LOW ? b->low : b->high;
    }
    return hit >= 0;
}

/* The bounded variable whose release lowers the residual most, or -1. */
static int64_t worst(const rfi_bvls *ls, const rfi_box *box, int64_t count, const double *residual,
                     double tolerance)
{
    double most = tolerance;
    int64_t k, found = -1;
    for (k = 0; k < count; ++k) {
        double slope;
        if (box[k].at == RFI_FREE || box[k].barred)
            continue;
        slope = rfi_view_dot(box[k].x, residual, ls->d) / box[k].norm * -(double)box[k].at;
        if (slope > most) {
            most = slope;
            found = k;
        }
    }
    return found;
}

static void start_box(rfi_box *box, int64_t count)
{
    int64_t k;
    for (k = 0; k < count; ++k) {
        box[k].barred = 0;
        if (box[k].at == RFI_FREE)
            box[k].u = fmin(fmax(box[k].u, box[k].low), box[k].high);
        else
            box[k].u = box[k].at == RFI_LOW ? box[k].low : box[k].high;
    }
}

int rfi_bvls_solve(rfi_bvls *ls, const double *target, rfi_box *box, int64_t count,
                   double tolerance, double *residual)
{
    int64_t k, enter = -1, round;
    double least = INFINITY, norm;
    int8_t from = RFI_LOW;
    start_box(box, count);
    for (round = 0; round < 100 + 20 * count; ++round) {
        if (solve_free(ls, target, box, count, residual) != 0)
            return -1;
        if (step_inside(ls, box)) {
            /* The variable that was just released came straight back: rounding, not descent. */
            if (enter >= 0 && box[enter].at == from)
                box[enter].barred = 1;
            continue;
        }
        /* Every release lowers the residual; if it does not, rounding has the last word. */
        norm = rfi_norm(residual, ls->d);
        if (enter >= 0 && box[enter].at == RFI_FREE && norm >= least)
            return 1;
        least = norm;
        if ((k = worst(ls, box, count, residual, tolerance)) < 0)
            return 0;
        enter = k;
        from = box[k].at;
        box[k].at = RFI_FREE;
    }
    return 1;
}
