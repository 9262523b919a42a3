/* 03_reactivation: does a ReLU neuron switch an earlier active datum on again?
 * SPDX-License-Identifier: MIT
 *
 * Counted after the take-off, the first time at which |w| reaches 1/1000 of |w(inf)|: passages of a
 * datum to the active side that was active at some time before.  The linear neuron runs beside the
 * ReLU neuron on the same data from the same start.
 *
 * Where it never happens: let x_i . x_j <= 0 for all i /= j and z_i <= y_i on the active data at
 * the start (any tiny start, if the labels are positive).  With r = z - y on the active set, r' =
 * -G r and -G has no negative entry off its diagonal, so r <= 0 stays; for an inactive datum z_i' =
 * -sum_A r_j x_i . x_j <= 0.  No datum is ever switched on.  For the linear neuron r <= 0 holds as
 * well, but a negative margin is pulled up by its own residual: it comes back.
 */
#include "paper.h"

enum { RUNS = 100 };

typedef struct tally {
    int64_t runs;        /* live ones                                             */
    int64_t with;        /* runs with a reactivation after the take-off           */
    int64_t passages;    /* all of them                                           */
    int64_t activations; /* passages to the active side at any time, first or not */
} tally;

/* The first time of paper_times at which |w| is at least 1/1000 of its limit. */
static double take_off(const rf_model *model)
{
    int64_t count, k = 0;
    double *times = paper_times(model, 8, &count), *norms, when;
    norms = paper_memory(count, sizeof *norms);
    paper_check(rf_model_sample(model, count, times, RF_WEIGHT_NORM, norms, count), "sample");
    while (norms[k] < 1e-3 * norms[count - 1])
        k++;
    when = times[k];
    free(norms);
    free(times);
    return when;
}

/* Adds one trajectory that has reached its limit. */
static void count_run(const rf_model *model, int64_t n, tally *sum)
{
    const int64_t events = rf_model_event_count(model);
    rf_event *record = paper_memory(events + 1, sizeof *record);
    double *active = paper_memory(n, sizeof *active);
    const double when = take_off(model);
    int64_t passages = 0, i;
    paper_check(rf_model_query_at(model, 0, RF_PATTERN, active, n), "pattern");
    paper_check(rf_model_events(model, 0, events, record), "events");
    for (i = 0; i < events; i++) {
        if (record[i].kind != RF_EVENT_ACTIVATE)
            continue;
        sum->activations++;
        passages += active[record[i].datum] > 0 && record[i].time > when;
        active[record[i].datum] = 1;
    }
    sum->runs++;
    sum->with += passages > 0;
    sum->passages += passages;
    free(active);
    free(record);
}

/* One start, 1e-6 u, with one activation; dead ReLU runs are left out. */
static void run(const paper_problem *p, int32_t activation, tally *sum)
{
    rf_model *model;
    double norm, begin = 1e-6 * paper_norm(p->u, p->d);
    paper_check(rf_model_create(p->n, p->d, p->X, p->y, &model), "create");
    paper_check(rf_model_set_activation(model, activation, 0), "activation");
    paper_check(rf_model_init_direction(model, p->u, p->d, 1e-6), "init");
    paper_check(rf_model_integrate(model, INFINITY), "integrate");
    paper_check(rf_model_query(model, RF_WEIGHT_NORM, &norm, 1), "norm");
    if (norm > 10 * begin)
        count_run(model, p->n, sum);
    rf_model_free(model);
}

static double percent(const tally *sum)
{
    return sum->runs > 0 ? 100 * (double)sum->with / (double)sum->runs : 0;
}

static void table_row(const char *name, const tally *relu, const tally *linear)
{
    printf("%-16s %5d %8.1f %% %8.2f %12d %8.1f %% %8.2f\n", name, (int)relu->runs, percent(relu),
           (double)relu->passages / (double)relu->runs, (int)linear->runs, percent(linear),
           (double)linear->passages / (double)linear->runs);
}

/* One Gaussian size of the table; returns whether a ReLU neuron reactivates in some run. */
static int gaussian(int64_t n, int64_t d, uint64_t seed, const char *reported)
{
    tally relu = {0, 0, 0, 0}, linear = {0, 0, 0, 0};
    char name[80];
    int k;
    for (k = 0; k < RUNS; k++) {
        paper_problem p = paper_realizable(seed + (uint64_t)k, n, d);
        run(&p, RF_RELU, &relu);
        run(&p, RF_LINEAR, &linear);
        free(p.X);
    }
    snprintf(name, sizeof name, "(%d,%d)", (int)n, (int)d);
    table_row(name, &relu, &linear);
    snprintf(name, sizeof name, "(n,d) = (%d,%d): %% of ReLU runs with a reactivation", (int)n,
             (int)d);
    paper_statistic(name, percent(&relu), reported);
    snprintf(name, sizeof name, "(n,d) = (%d,%d): %% of linear runs", (int)n, (int)d);
    paper_statistic(name, percent(&linear), "not given");
    return relu.with > 0;
}

int main(void)
{
    static const int64_t sizes[][2] = {{10, 2}, {20, 5}, {40, 10}, {10, 20}, {30, 60}};
    tally relu = {0, 0, 0, 0}, linear = {0, 0, 0, 0};
    char text[160];
    int k, all = 1;
    paper_begin(
        3, "a ReLU neuron never reactivates a datum, a linear one does",
        "Lee, Sim & Ye, arXiv 2202.05510",
        "Gaussian X, y = max(X v, 0), start 1e-6 u, 100 runs for each (n,d); and 100 sets of"
        " 8 rows at obtuse angles in dimension 8, positive labels");
    printf("%-16s %5s %10s %8s %12s %10s %8s\n", "data", "ReLU", "with", "a run", "linear", "with",
           "a run");
    for (k = 0; k < 5; k++)
        all &= gaussian(sizes[k][0], sizes[k][1], 2000 + 1000 * (uint64_t)k, "17 to 90");
    paper_fact(all, "Gaussian data: a ReLU neuron reactivates in some run of every (n,d)");
    for (k = 0; k < RUNS; k++) {
        paper_problem p = paper_obtuse(9000 + (uint64_t)k, 8);
        run(&p, RF_RELU, &relu);
        run(&p, RF_LINEAR, &linear);
        free(p.X);
    }
    table_row("obtuse rows", &relu, &linear);
    snprintf(text, sizeof text, "obtuse rows: ReLU switches %d data on in %d runs",
             (int)relu.activations, (int)relu.runs);
    paper_fact(relu.activations == 0 && relu.runs > 0, text);
    snprintf(text, sizeof text, "obtuse rows: the linear neuron reactivates in %d of %d runs",
             (int)linear.with, (int)linear.runs);
    paper_fact(linear.with > 0, text);
    return paper_end("holds where no two rows form an acute angle; in general a ReLU neuron does"
                     " reactivate data");
}
