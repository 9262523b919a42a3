/* 04_support: the support vectors determine the limit.
 * SPDX-License-Identifier: MIT
 *
 * From the last event on the active set A and the sliding set S are constant, so the limit is that
 * of least squares: among the w with X_S w = 0 that minimize |X_A w - y_A|, the one closest to the
 * entry point w_e.  The first part computes it here, by one-sided Jacobi rotations and nothing of
 * the library: w_e + pinv(M) (y_A - X_A w_e), M being X_A projected onto the null space of X_S.
 *
 * The second part leaves data out.  A datum that was never active nor sliding changes nothing.  An
 * active one with a residual changes the limit: without it the old limit is not stationary.  An
 * active one that is fitted need not: all others are fitted there too, or balanced, without it.
 */
#include "paper.h"

enum { RUNS = 12, KINDS = 5 };

/* Singular values below this part of the largest are zero: Gaussian data have none between 1e-12
 * and their condition, some hundreds at these sizes. */
static const double zero = 1e-12;

/* A limit that moved by less than this part of its norm did not change: a hundredfold of the error
 * of the limits themselves. */
static const double same = 1e-10;

/* What became of a datum in a run that has reached its limit. */
enum { NEVER, PASSED, RESIDUAL, FITTED, SLIDING };
static const char *const names[KINDS] = {"never active", "active on the way only",
                                         "active, with a residual", "active, fitted", "sliding"};

typedef struct tally {
    int64_t runs, slides, total[KINDS], changed[KINDS];
    double least_squares; /* the largest |w(inf) - least squares| / max(|w(inf)|, 1) */
    double left_out;      /* the largest distance of leave_one_out from a run without the datum */
} tally;

/* Rotates the columns p and q of both matrices until those of M (rows x d) are orthogonal; returns
 * the cosine of the angle before. */
static double rotate(double *M, int64_t rows, double *V, int64_t d, int64_t p, int64_t q)
{
    double a = 0, b = 0, c = 0, t, cosine, sine, x;
    int64_t i;
    for (i = 0; i < rows; i++) {
        a += M[i * d + p] * M[i * d + p];
        b += M[i * d + q] * M[i * d + q];
        c += M[i * d + p] * M[i * d + q];
    }
    if (fabs(c) <= 1e-16 * sqrt(a * b) || a == 0 || b == 0)
        return 0;
    t = (b - a) / (2 * c);
    t = (t >= 0 ? 1 : -1) / (fabs(t) + sqrt(1 + t * t));
    cosine = 1 / sqrt(1 + t * t);
    sine = t * cosine;
    for (i = 0; i < rows + d; i++) {
        double *row = i < rows ? M + i * d : V + (i - rows) * d;
        x = row[p];
        row[p] = cosine * x - sine * row[q];
        row[q] = sine * x + cosine * row[q];
    }
    return fabs(c) / sqrt(a * b);
}

/* out = pinv(M) b for M rows x d, which is overwritten. */
static void least_squares(double *M, int64_t rows, int64_t d, const double *b, double *out)
{
    double *V = paper_memory(d * d, sizeof *V), largest = 0, worst;
    int64_t i, j, k;
    int sweep = 0;
    for (k = 0; k < d; k++) {
        V[k * d + k] = 1;
        out[k] = 0;
    }
    do {
        worst = 0;
        for (j = 0; j < d; j++)
            for (k = j + 1; k < d; k++)
                worst = fmax(worst, rotate(M, rows, V, d, j, k));
    } while (worst > 1e-15 && ++sweep < 40);
    for (j = 0; j < 2 * d; j++) {
        double size = 0, along = 0;
        for (i = 0; i < rows; i++) {
            size += M[i * d + j % d] * M[i * d + j % d];
            along += M[i * d + j % d] * b[i];
        }
        if (j < d)
            largest = fmax(largest, size);
        else if (size > zero * zero * largest)
            for (k = 0; k < d; k++)
                out[k] += V[k * d + j % d] * along / size;
    }
    free(V);
}

/* Takes the components along the rank orthonormal rows of B from a vector, twice for rounding. */
static void project(double *vector, const double *B, int64_t rank, int64_t d)
{
    int64_t j, k;
    int pass;
    for (pass = 0; pass < 2; pass++)
        for (j = 0; j < rank; j++) {
            const double along = paper_dot(vector, B + j * d, d);
            for (k = 0; k < d; k++)
                vector[k] -= along * B[j * d + k];
        }
}

/* The limit from the entry point w of the last segment by least squares; state as rf_model_pattern.
 * */
static void limit(const paper_problem *p, const uint8_t *state, double *w)
{
    const int64_t n = p->n, d = p->d;
    double *B = paper_memory(n * d, sizeof *B), *M = paper_memory(n * d, sizeof *M);
    double *b = paper_memory(n + d, sizeof *b), *step = b + n, size;
    int64_t rank = 0, rows = 0, i, k;
    for (i = 0; i < n; i++) {
        if (state[i] != 2)
            continue;
        memcpy(B + rank * d, p->X + i * d, (size_t)d * sizeof *B);
        project(B + rank * d, B, rank, d);
        size = paper_norm(B + rank * d, d);
        for (k = 0; k < d; k++)
            B[rank * d + k] /= size;
        rank++;
    }
    for (i = 0; i < n; i++) {
        if (state[i] != 1)
            continue;
        memcpy(M + rows * d, p->X + i * d, (size_t)d * sizeof *M);
        project(M + rows * d, B, rank, d);
        b[rows++] = p->y[i] - paper_dot(p->X + i * d, w, d);
    }
    least_squares(M, rows, d, b, step);
    for (k = 0; k < d; k++)
        w[k] += step[k];
    free(b);
    free(M);
    free(B);
}

/* The entry point of the last segment: the weight at the last event. */
static void entry(const rf_model *model, int64_t d, double *w)
{
    int64_t count;
    double *times = paper_event_times(model, &count);
    paper_check(rf_model_query_at(model, count > 0 ? times[count - 1] : 0, RF_WEIGHTS, w, d),
                "entry");
    free(times);
}

/* The kind of every datum at the limit. */
static void classify(const rf_model *model, const paper_problem *p, const uint8_t *state,
                     uint8_t *kind)
{
    double *r = paper_memory(p->n, sizeof *r);
    int64_t *ever = paper_memory(p->n, sizeof *ever), count, i;
    paper_check(rf_model_support(model, RF_SUPPORT_TRAJECTORY, ever, p->n, &count), "support");
    paper_check(rf_model_query(model, RF_RESIDUALS, r, p->n), "residuals");
    memset(kind, NEVER, (size_t)p->n);
    for (i = 0; i < count; i++)
        kind[ever[i]] = PASSED;
    for (i = 0; i < p->n; i++) {
        if (state[i] == 1)
            kind[i] = fabs(r[i]) > 1e-6 ? RESIDUAL : FITTED;
        if (state[i] == 2)
            kind[i] = SLIDING;
    }
    free(ever);
    free(r);
}

/* The limit of a run on the data without datum `without`, by a model of its own. */
static void run_without(const paper_problem *p, double scale, int64_t without, double *w)
{
    const int64_t n = p->n, d = p->d;
    double *X = paper_memory(n * d + n, sizeof *X), *y = X + n * d;
    rf_model *model;
    memcpy(X, p->X, (size_t)(without * d) * sizeof *X);
    memcpy(X + without * d, p->X + (without + 1) * d, (size_t)((n - 1 - without) * d) * sizeof *X);
    memcpy(y, p->y, (size_t)without * sizeof *y);
    memcpy(y + without, p->y + without + 1, (size_t)(n - 1 - without) * sizeof *y);
    paper_check(rf_model_create(n - 1, d, X, y, &model), "create");
    paper_check(rf_model_init_direction(model, p->u, d, scale), "init");
    paper_check(rf_model_integrate(model, INFINITY), "integrate");
    paper_check(rf_model_query(model, RF_WEIGHTS, w, d), "weights");
    rf_model_free(model);
    free(X);
}

/* Leaves every datum out. */
static void leave_out(const rf_model *model, const paper_problem *p, double scale,
                      const uint8_t *kind, const double *w, tally *sum)
{
    const int64_t n = p->n, d = p->d;
    const double size = fmax(paper_norm(w, d), 1);
    double *W = paper_memory((n + 1) * d, sizeof *W), *alone = W + n * d, error;
    int64_t *data = paper_memory(n, sizeof *data), i;
    for (i = 0; i < n; i++)
        data[i] = i;
    paper_check(rf_model_leave_one_out(model, n, data, W, n * d, NULL, NULL), "leave one out");
    for (i = 0; i < n; i++) {
        run_without(p, scale, i, alone);
        error = paper_distance(W + i * d, alone, d) / size;
        sum->left_out = fmax(sum->left_out, error);
        sum->total[kind[i]]++;
        sum->changed[kind[i]] += paper_distance(W + i * d, w, d) > same * size;
    }
    free(data);
    free(W);
}

/* One problem from the start scale u, to its limit and back. */
static void run(const paper_problem *p, double scale, tally *sum)
{
    const int64_t n = p->n, d = p->d;
    double *w = paper_memory(2 * d, sizeof *w), *computed = w + d;
    uint8_t *state = paper_memory(2 * n, 1), *kind = state + n;
    rf_model *model;
    paper_check(rf_model_create(n, d, p->X, p->y, &model), "create");
    paper_check(rf_model_init_direction(model, p->u, d, scale), "init");
    paper_check(rf_model_integrate(model, INFINITY), "integrate");
    paper_check(rf_model_query(model, RF_WEIGHTS, w, d), "weights");
    paper_check(rf_model_pattern(model, state, n), "pattern");
    entry(model, d, computed);
    limit(p, state, computed);
    sum->runs++;
    sum->slides += memchr(state, 2, (size_t)n) != NULL;
    sum->least_squares =
        fmax(sum->least_squares, paper_distance(w, computed, d) / fmax(paper_norm(w, d), 1));
    classify(model, p, state, kind);
    leave_out(model, p, scale, kind, w, sum);
    rf_model_free(model);
    free(state);
    free(w);
}

static void report(const tally *sum)
{
    char text[160];
    int k;
    printf("%-28s %8s %8s\n", "left out, having been", "data", "changed");
    for (k = 0; k < KINDS; k++)
        printf("%-28s %8d %8d\n", names[k], (int)sum->total[k], (int)sum->changed[k]);
    snprintf(text, sizeof text,
             "|w(inf) - least squares|/|w(inf)|, most of %d runs, %d ending in a slide",
             (int)sum->runs, (int)sum->slides);
    paper_number(text, sum->least_squares, 0, 1e-12);
    paper_number("leave_one_out against a run without the datum, most", sum->left_out, 0, 1e-12);
    for (k = 0; k < KINDS; k++) {
        if (k == NEVER || k == RESIDUAL) {
            snprintf(text, sizeof text, "left out, %s: %d of %d change the limit", names[k],
                     (int)sum->changed[k], (int)sum->total[k]);
            paper_fact(sum->total[k] > 0 && sum->changed[k] == (k == RESIDUAL ? sum->total[k] : 0),
                       text);
        } else {
            snprintf(text, sizeof text, "left out, %s: %% that change the limit, of %d", names[k],
                     (int)sum->total[k]);
            paper_statistic(text, 100 * (double)sum->changed[k] / (double)sum->total[k],
                            "not given");
        }
    }
}

int main(void)
{
    static const int64_t sizes[][2] = {{10, 2}, {20, 5}, {30, 10}, {10, 20}};
    tally sum = {0, 0, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, 0, 0};
    int k, i;
    paper_begin(
        4, "the support vectors determine the limit", "Lee, Sim & Ye, arXiv 2202.05510",
        "Gaussian X, (n,d) = (10,2), (20,5), (30,10), (10,20), 24 runs each from |w(0)| = 1: labels"
        " of a teacher in one half, random ones of both signs in the other; every datum left"
        " out of every run");
    for (k = 0; k < 4; k++)
        for (i = 0; i < 2 * RUNS; i++) {
            const uint64_t seed = 4000 + 100 * (uint64_t)k + (uint64_t)i;
            paper_problem p = paper_realizable(seed, sizes[k][0], sizes[k][1]);
            paper_random random = {seed};
            if (i % 2)
                paper_gaussian(&random, p.y, p.n);
            run(&p, 1, &sum);
            free(p.X);
        }
    report(&sum);
    return paper_end("holds; of the support, what is active with a residual always matters, what is"
                     " fitted need not");
}
